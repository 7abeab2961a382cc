// SPDX-License-Identifier: Apache-2.0
// The steady state of a whole edge, from the store.
#include <stdlib.h>

#include "pipeline/pipeline.h"

// The zones of one fleet. All of them are read before the edge hears of the first: what it is not
// told it would forget.
struct all {
    struct db *db;
    const char *edge;
    struct zone **zones; // owned
    size_t count, room;
    size_t at; // next to tell
    struct why *why;
};

static void all_done(struct all *all)
{
    for (size_t i = 0; i < all->count; i++) {
        zone_free(all->zones[i]);
    }
    free((void *)all->zones);
}

static enum err all_add(struct all *all, struct zone *zone)
{
    if (all->count == all->room) {
        size_t room = all->room == 0 ? 256 : all->room * 2;
        struct zone **more = realloc((void *)all->zones, room * sizeof(struct zone *));
        if (more == NULL) {
            zone_free(zone);
            return ERR_NOMEM;
        }
        all->zones = more;
        all->room = room;
    }
    all->zones[all->count++] = zone;
    return ERR_OK;
}

static enum err take(void *ctx, const struct zone *lent)
{
    struct all *all = ctx;
    struct zone *zone = NULL;
    if (strcmp(lent->edge, all->edge) != 0) {
        return ERR_OK;
    }
    enum err e = db_zone_get(all->db, &zone, lent->id, all->why);
    return e == ERR_OK ? all_add(all, zone) : e;
}

static const struct zone *tell(void *ctx)
{
    struct all *all = ctx;
    return all->at < all->count ? all->zones[all->at++] : NULL;
}

// What tells that a process was started anew: all epochs in one number; 0 = not known.
static int64_t epochs_of(struct edge *edge, const struct zone *zone)
{
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    struct why ignored = {""};
    size_t count = 0;
    uint64_t sum = 0;
    if (edge_read(edge, zone, seen, &count, &ignored) != ERR_OK) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        sum = sum * 1000003 + (uint64_t)seen[i].epoch;
    }
    return (int64_t)(sum & INT64_MAX);
}

struct resynced {
    enum err edge_err; // of the edge; what is returned is the store's
    struct why edge_why;
    char zone_id[33]; // one of its zones; "" = it has none
    int64_t epochs;   // before it was told
};

// A zone whose mode was changed while the edge was told the old one: a rollout that was finished.
static enum err catch_up(struct all *all, struct edge *edge, struct resynced *out)
{
    for (size_t i = 0; i < all->count; i++) {
        OWN(zone_own) struct zone *now = NULL;
        struct why words = {""};
        enum err e = db_zone_get(all->db, &now, all->zones[i]->id, all->why);
        if (e == ERR_OK && now->mode != all->zones[i]->mode) {
            const struct edge_want want = {
                .zone = now, .old_mode = now->mode, .new_mode = now->mode};
            enum err put = edge_apply(edge, &want, &words);
            if (put != ERR_OK && out->edge_err == ERR_OK) {
                out->edge_err = put;
                out->edge_why = words;
            }
        }
        if (e != ERR_OK && e != ERR_NOT_FOUND) {
            return e;
        }
    }
    return ERR_OK;
}

static enum err resync(struct resynced *out, struct db *db, struct edge *edge, bool overwrite,
                       struct why *why)
{
    OWN(all_done)
    struct all all = {.db = db, .edge = edge_name(edge), .why = why};
    *out = (struct resynced){0};
    enum err e = db_zone_each(db, NULL, take, &all, why);
    if (e != ERR_OK) {
        return e;
    }
    if (all.count > 0) {
        (void)snprintf(out->zone_id, sizeof out->zone_id, "%s", all.zones[0]->id);
        out->epochs = epochs_of(edge, all.zones[0]);
    }
    out->edge_err = edge_resync(edge, tell, &all, overwrite, &out->edge_why);
    return out->edge_err == ERR_OK || out->edge_err == ERR_INVALID ? catch_up(&all, edge, out)
                                                                   : ERR_OK;
}

enum err controller_resync(struct db *db, struct edge *const *edges, size_t edge_count,
                           bool overwrite, struct why *why)
{
    enum err first = ERR_OK;
    for (size_t i = 0; i < edge_count; i++) {
        struct resynced done;
        enum err e = resync(&done, db, edges[i], overwrite, why);
        if (e != ERR_OK) {
            return e;
        }
        if (done.edge_err != ERR_OK && first == ERR_OK) {
            first = why_set(why, done.edge_err, "%s", why_text(&done.edge_why, done.edge_err));
        }
    }
    return first;
}

// -- as long as the controller lives -------------------------------------------------------------

// Whether a process was started anew since the fleet was told.
static enum err look(struct controller_fleet *fleet, struct db *db, struct edge *edge,
                     struct why *why)
{
    OWN(zone_own) struct zone *zone = NULL;
    if (!fleet->done || fleet->zone_id[0] == '\0') {
        return ERR_OK;
    }
    enum err e = db_zone_get(db, &zone, fleet->zone_id, why);
    if (e == ERR_NOT_FOUND || (e == ERR_OK && strcmp(zone->edge, edge_name(edge)) != 0)) {
        fleet->done = false; // another one is to be looked at
        return ERR_OK;
    }
    if (e == ERR_OK) {
        int64_t epochs = epochs_of(edge, zone);
        fleet->done = epochs == 0 || epochs == fleet->epochs;
    }
    return e;
}

enum err controller_keep_synced(struct db *db, struct edge *const *edges, size_t edge_count,
                                struct controller_synced *state,
                                void (*trouble)(void *ctx, const char *words), void *ctx,
                                struct why *why)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < edge_count; i++) {
        struct controller_fleet *fleet = &state->fleets[i];
        struct resynced told;
        if ((edge_capabilities(edges[i]) & EDGE_DRY) != 0) {
            continue;
        }
        e = look(fleet, db, edges[i], why);
        if (e != ERR_OK || fleet->done) {
            continue;
        }
        e = resync(&told, db, edges[i], false, why);
        if (e != ERR_OK) {
            continue;
        }
        char words[sizeof fleet->words] = "";
        fleet->done = told.edge_err == ERR_OK || told.edge_err == ERR_INVALID;
        fleet->epochs = told.epochs;
        memcpy(fleet->zone_id, told.zone_id, sizeof fleet->zone_id);
        if (told.edge_err != ERR_OK) {
            (void)snprintf(words, sizeof words, "%s: %.480s%s", edge_name(edges[i]),
                           why_text(&told.edge_why, told.edge_err),
                           fleet->done ? "" : "; tried again");
        }
        if (words[0] != '\0' && strcmp(words, fleet->words) != 0) {
            trouble(ctx, words);
        }
        memcpy(fleet->words, words, sizeof fleet->words);
    }
    return e;
}
