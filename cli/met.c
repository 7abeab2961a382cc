// SPDX-License-Identifier: Apache-2.0
#include "cli/met.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/random.h>

#define LINE_MAX_NOTED 0x7fffffffU // what 31 bits hold; this also bounds the table
#define SLOTS_AT_FIRST 1024U

struct met_zone {
    uint32_t key_high;
    uint32_t key_low;
    uint32_t line : 31; // 0 = free
    uint32_t again : 1;
};
static_assert(sizeof(struct met_zone) == 12, "a million zones must stay small");

void met_init(struct met *met)
{
    *met = (struct met){0};
    // Who chooses names must not be able to choose keys. Without it the keys still work.
    if (getrandom(&met->seed, sizeof met->seed, GRND_NONBLOCK) != (ssize_t)sizeof met->seed) {
        met->seed = 0;
    }
}

void met_done(struct met *met)
{
    free(met->slots);
    *met = (struct met){0};
}

// FNV-1a, its NUL included, so that name and account cannot flow into each other.
static uint64_t add_text(uint64_t hash, const char *text)
{
    do {
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3U;
    } while (*text++ != '\0');
    return hash;
}

uint64_t met_key(const struct met *met, const char *name, const char *account)
{
    uint64_t hash = add_text(add_text(0xcbf29ce484222325U ^ met->seed, name), account);
    hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdU; // MurmurHash3's last steps
    hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53U;
    return hash ^ hash >> 33;
}

static uint64_t key_of(const struct met_zone *zone)
{
    return (uint64_t)zone->key_high << 32 | zone->key_low;
}

// The slot of that key, or the free one where it belongs. The table is never full.
static struct met_zone *slot_of(const struct met *met, uint64_t key)
{
    size_t at = (size_t)key & (met->slot_count - 1);
    while (met->slots[at].line != 0 && key_of(&met->slots[at]) != key) {
        at = (at + 1) & (met->slot_count - 1);
    }
    return &met->slots[at];
}

static enum err grow(struct met *met)
{
    struct met more = *met;
    more.slot_count = met->slot_count == 0 ? SLOTS_AT_FIRST : 2 * met->slot_count;
    more.slots = calloc(more.slot_count, sizeof *more.slots);
    if (more.slots == NULL) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < met->slot_count; i++) {
        if (met->slots[i].line != 0) {
            *slot_of(&more, key_of(&met->slots[i])) = met->slots[i];
        }
    }
    free(met->slots);
    *met = more;
    return ERR_OK;
}

enum err met_add(struct met *met, uint64_t key, size_t line)
{
    if (line == 0 || line > LINE_MAX_NOTED) {
        return ERR_LIMIT;
    }
    if (met->used >= met->slot_count / 4 * 3) {
        enum err e = grow(met);
        if (e != ERR_OK) {
            return e;
        }
    }
    struct met_zone *zone = slot_of(met, key);
    if (zone->line != 0) {
        zone->again = 1;
        return ERR_OK;
    }
    *zone = (struct met_zone){.key_high = (uint32_t)(key >> 32),
                              .key_low = (uint32_t)key,
                              .line = (uint32_t)line & LINE_MAX_NOTED};
    met->used++;
    return ERR_OK;
}

size_t met_first_line(const struct met *met, uint64_t key)
{
    const struct met_zone *zone = met->slot_count == 0 ? NULL : slot_of(met, key);
    return zone != NULL && zone->again ? zone->line : 0;
}
