// SPDX-License-Identifier: Apache-2.0
// A multiset of 64-bit hashes. Past its limit (LIMIT_SHINGLES when it is ordered, LIMIT_FEATURES
// when it is not: a page has four bags) it keeps only hashes whose lowest `level` bits
// are zero: containment between two bags brought to the same level stays unbiased.
#ifndef SSLAUTO_SIMILARITY_BAG_H
#define SSLAUTO_SIMILARITY_BAG_H

#include <stdint.h>

#include "core/err.h"
#include "core/span.h"

struct bag_slot {
    uint64_t hash; // 0 = free
    uint64_t count;
};

// One shingle in the order of the page, with its place in the visible text.
struct bag_step {
    uint64_t hash;
    uint32_t from, to; // bytes of the visible text; from == to when that was not kept
};

struct bag {
    struct bag_slot *slots; // owned; open addressing by the highest bits
    unsigned bits;          // 2^bits slots, 0 = none yet
    size_t used;
    unsigned level;
    bool ordered;
    struct bag_step *steps; // owned; only when ordered
    size_t step_count, step_cap;
};

void bag_init(struct bag *bag, bool ordered);
void bag_done(struct bag *bag);
enum err bag_add(struct bag *bag, uint64_t hash, uint32_t from, uint32_t to);
uint64_t bag_count(const struct bag *bag, uint64_t hash);

static inline bool bag_keeps(uint64_t hash, unsigned level)
{
    return (hash & (((uint64_t)1 << level) - 1)) == 0;
}

// How much of `bag` is in `other` or `other_again`, counting of `bag` only what is in `control`
// too. `other_again` and `control` may be NULL. All brought to the coarsest level among them.
struct containment {
    uint64_t stable; // size of bag, as far as it is in control
    uint64_t found;  // of those, in other
    uint64_t all;    // size of bag
};
struct containment bag_containment(const struct bag *bag, const struct bag *control,
                                   const struct bag *other, const struct bag *other_again);

// found / stable; `empty` when there is nothing to find.
double containment_ratio(struct containment c, double empty);

#endif
