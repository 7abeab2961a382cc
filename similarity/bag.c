// SPDX-License-Identifier: Apache-2.0
#include "similarity/bag.h"

#include <stdlib.h>

#include "core/limits.h"

enum {
    FIRST_BITS = 10,
    // A phrase repeated more often than this adds nothing to the order of the page.
    STEPS_PER_HASH = 64,
    LEVEL_MAX = 40,
};

void bag_init(struct bag *bag, bool ordered)
{
    *bag = (struct bag){.ordered = ordered};
}

void bag_done(struct bag *bag)
{
    free(bag->slots);
    free(bag->steps);
    bag_init(bag, bag->ordered);
}

static size_t limit_of(const struct bag *bag)
{
    return bag->ordered ? LIMIT_SHINGLES : LIMIT_FEATURES;
}

static struct bag_slot *slot_of(const struct bag *bag, uint64_t hash)
{
    size_t mask = ((size_t)1 << bag->bits) - 1;
    size_t i = (size_t)(hash >> (64 - bag->bits));
    while (bag->slots[i].hash != 0 && bag->slots[i].hash != hash) {
        i = (i + 1) & mask;
    }
    return &bag->slots[i];
}

// Moves what passes the bag's level into a fresh table of 2^bits slots.
static enum err rehash(struct bag *bag, unsigned bits)
{
    struct bag_slot *old = bag->slots;
    size_t old_cap = bag->bits == 0 ? 0 : (size_t)1 << bag->bits;
    struct bag_slot *fresh = calloc((size_t)1 << bits, sizeof *fresh);
    if (fresh == NULL) {
        return ERR_NOMEM;
    }
    bag->slots = fresh;
    bag->bits = bits;
    bag->used = 0;
    for (size_t i = 0; i < old_cap; i++) {
        if (old[i].hash != 0 && bag_keeps(old[i].hash, bag->level)) {
            *slot_of(bag, old[i].hash) = old[i];
            bag->used++;
        }
    }
    free(old);
    return ERR_OK;
}

static void thin_steps(struct bag *bag)
{
    size_t kept = 0;
    for (size_t i = 0; i < bag->step_count; i++) {
        if (bag_keeps(bag->steps[i].hash, bag->level)) {
            bag->steps[kept++] = bag->steps[i];
        }
    }
    bag->step_count = kept;
}

// Half of the hashes go, until both the table and the order have room again.
static enum err raise_level(struct bag *bag)
{
    enum err e = ERR_OK;
    do {
        bag->level++;
        thin_steps(bag);
        e = rehash(bag, bag->bits);
    } while (e == ERR_OK && bag->level < LEVEL_MAX &&
             (bag->used > limit_of(bag) / 2 || bag->step_count > limit_of(bag) / 2));
    return e;
}

static enum err step_add(struct bag *bag, struct bag_step step)
{
    if (bag->step_count == bag->step_cap) {
        if (bag->step_cap >= limit_of(bag)) {
            return raise_level(bag);
        }
        size_t cap = bag->step_cap == 0 ? 256 : bag->step_cap * 2;
        struct bag_step *steps = realloc(bag->steps, cap * sizeof *steps);
        if (steps == NULL) {
            return ERR_NOMEM;
        }
        bag->steps = steps;
        bag->step_cap = cap;
    }
    bag->steps[bag->step_count++] = step;
    return ERR_OK;
}

static enum err make_room(struct bag *bag)
{
    if (bag->bits == 0) {
        return rehash(bag, FIRST_BITS);
    }
    if (bag->used < ((size_t)1 << bag->bits) / 2) {
        return ERR_OK;
    }
    if (bag->used >= limit_of(bag)) {
        return raise_level(bag);
    }
    return rehash(bag, bag->bits + 1);
}

enum err bag_add(struct bag *bag, uint64_t hash, uint32_t from, uint32_t to)
{
    hash = hash == 0 ? (uint64_t)1 << 63 : hash;
    if (!bag_keeps(hash, bag->level)) {
        return ERR_OK;
    }
    enum err e = make_room(bag);
    if (e != ERR_OK) {
        return e;
    }
    struct bag_slot *slot = slot_of(bag, hash);
    bag->used += slot->hash == 0;
    slot->hash = hash;
    slot->count++;
    if (bag->ordered && slot->count <= STEPS_PER_HASH) {
        return step_add(bag, (struct bag_step){hash, from, to});
    }
    return ERR_OK;
}

uint64_t bag_count(const struct bag *bag, uint64_t hash)
{
    return bag == NULL || bag->bits == 0 ? 0 : slot_of(bag, hash)->count;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

struct containment bag_containment(const struct bag *bag, const struct bag *control,
                                   const struct bag *other, const struct bag *other_again)
{
    struct containment c = {0};
    unsigned level = bag->level;
    level = control != NULL && control->level > level ? control->level : level;
    level = other->level > level ? other->level : level;
    level = other_again != NULL && other_again->level > level ? other_again->level : level;
    size_t cap = bag->bits == 0 ? 0 : (size_t)1 << bag->bits;
    for (size_t i = 0; i < cap; i++) {
        uint64_t hash = bag->slots[i].hash;
        if (hash == 0 || !bag_keeps(hash, level)) {
            continue;
        }
        uint64_t count = bag->slots[i].count;
        c.all += count;
        count = control == NULL ? count : least(count, bag_count(control, hash));
        c.stable += count;
        c.found += least(count, most(bag_count(other, hash), bag_count(other_again, hash)));
    }
    return c;
}

double containment_ratio(struct containment c, double empty)
{
    return c.stable == 0 ? empty : (double)c.found / (double)c.stable;
}
