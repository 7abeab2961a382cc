// SPDX-License-Identifier: Apache-2.0
// The edge that is none: it touches nothing, and says what it was last told, through this handle.
// Why so: edge/dryrun/README.md.
#include <assert.h>
#include <stdlib.h>

#include "core/time.h"
#include "edge/driver.h"

struct told {
    char zone_id[33]; // "" = free
    signed char old_mode, new_mode;
    int share_bp;
    int64_t generation;
    int64_t lease_s;
};

struct dryrun {
    struct edge edge;
    int64_t epoch;
    struct told *table; // owned; open addressing, a power of two, at most half full
    size_t size;
    size_t used;
};

#define DRYRUN_FIRST_SIZE ((size_t)64)

// FNV-1a (RFC 9923 section 2).
static size_t slot_of(const char *zone_id, size_t size)
{
    uint64_t hash = 14695981039346656037U;
    for (; *zone_id != '\0'; zone_id++) {
        hash = (hash ^ (unsigned char)*zone_id) * 1099511628211U;
    }
    return (size_t)(hash & (size - 1));
}

// The zone's place, or the free one where it belongs.
static struct told *find(struct told *table, size_t size, const char *zone_id)
{
    size_t at = slot_of(zone_id, size);
    while (table[at].zone_id[0] != '\0' && strcmp(table[at].zone_id, zone_id) != 0) {
        at = (at + 1) & (size - 1);
    }
    return &table[at];
}

static enum err grow(struct dryrun *dryrun)
{
    size_t size = dryrun->size == 0 ? DRYRUN_FIRST_SIZE : dryrun->size * 2;
    struct told *table = calloc(size, sizeof *table);
    if (table == NULL) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < dryrun->size; i++) {
        if (dryrun->table[i].zone_id[0] != '\0') {
            *find(table, size, dryrun->table[i].zone_id) = dryrun->table[i];
        }
    }
    free(dryrun->table);
    dryrun->table = table;
    dryrun->size = size;
    return ERR_OK;
}

// Forgetting is no harm: what is not known is told again.
static void forget_all(struct dryrun *dryrun)
{
    free(dryrun->table);
    dryrun->table = NULL;
    dryrun->size = 0;
    dryrun->used = 0;
}

static enum err dryrun_check(const struct edge_settings *settings, struct why *why)
{
    return settings->place_count == 0
               ? ERR_OK
               : why_set(why, ERR_INVALID, "edge %s: dryrun takes no place; leave \"%.80s\" out",
                         settings->name, settings->places[0]);
}

static enum err dryrun_open(struct edge **out, const struct edge_settings *settings,
                            struct why *why)
{
    (void)settings;
    (void)why;
    struct dryrun *dryrun = calloc(1, sizeof *dryrun);
    if (dryrun == NULL) {
        return ERR_NOMEM;
    }
    dryrun->epoch = time_now_s();
    *out = &dryrun->edge;
    return ERR_OK;
}

static void dryrun_close(struct edge *edge)
{
    struct dryrun *dryrun = (struct dryrun *)edge;
    free(dryrun->table);
    free(dryrun);
}

static enum err dryrun_apply(struct edge *edge, const struct edge_want *want, struct why *why)
{
    (void)why;
    struct dryrun *dryrun = (struct dryrun *)edge;
    assert(want->zone->id[0] != '\0');
    if (dryrun->used == LIMIT_DRYRUN_ZONES) {
        forget_all(dryrun);
    }
    if (dryrun->used * 2 >= dryrun->size) {
        enum err e = grow(dryrun);
        if (e != ERR_OK) {
            return e;
        }
    }
    struct told *told = find(dryrun->table, dryrun->size, want->zone->id);
    dryrun->used += told->zone_id[0] == '\0';
    bool ramp = want->generation != 0;
    *told = (struct told){
        .old_mode = (signed char)want->old_mode,
        .new_mode = (signed char)(ramp ? want->new_mode : MODE_NONE),
        .share_bp = ramp ? want->share_bp : 0,
        .generation = want->generation,
        .lease_s = want->lease_s,
    };
    memcpy(told->zone_id, want->zone->id, sizeof told->zone_id);
    return ERR_OK;
}

static enum err dryrun_read(struct edge *edge, const struct zone *zone, struct edge_seen *out,
                            size_t *count, struct why *why)
{
    (void)why;
    struct dryrun *dryrun = (struct dryrun *)edge;
    struct edge_seen seen = {
        .process = "dryrun",
        .epoch = dryrun->epoch,
        .old_mode = MODE_NONE,
        .new_mode = MODE_NONE,
    };
    const struct told *told =
        dryrun->size == 0 ? NULL : find(dryrun->table, dryrun->size, zone->id);
    if (told != NULL && told->zone_id[0] != '\0') {
        seen.known = true;
        seen.old_mode = (enum mode)told->old_mode;
        seen.new_mode = (enum mode)told->new_mode;
        seen.share_bp = told->share_bp;
        seen.generation = told->generation;
        seen.lease_left_s = told->lease_s; // its clock stands still
    }
    out[0] = seen;
    *count = 1;
    return ERR_OK;
}

static enum err dryrun_stop_all(struct edge *edge, size_t *count, struct why *why)
{
    (void)why;
    struct dryrun *dryrun = (struct dryrun *)edge;
    size_t ended = 0;
    for (size_t i = 0; i < dryrun->size; i++) {
        ended += dryrun->table[i].share_bp > 0;
        dryrun->table[i].share_bp = 0;
    }
    *count = ended;
    return ERR_OK;
}

const struct edge_driver edge_dryrun = {
    .name = "dryrun",
    .capabilities = EDGE_DRY,
    .check = dryrun_check,
    .open = dryrun_open,
    .close = dryrun_close,
    .apply = dryrun_apply,
    .read = dryrun_read,
    .stop_all = dryrun_stop_all,
};
