// SPDX-License-Identifier: Apache-2.0
// Evidence by the dice, the same for the same seed, and a comparison of every field that shares
// no code with the reader and the writer.
#ifndef SSLAUTO_TESTS_UNIT_MODEL_RANDOM_EVIDENCE_H
#define SSLAUTO_TESTS_UNIT_MODEL_RANDOM_EVIDENCE_H

#include "model/evidence.h"

struct dice {
    uint64_t state; // not 0
};

uint64_t dice_roll(struct dice *dice, uint64_t sides); // 0..sides-1
// True `percent` times of a hundred.
bool dice_says(struct dice *dice, unsigned percent);

// Anything the types allow: wild numbers, hostile text.
struct evidence *evidence_wild(struct dice *dice);
// What scans could bring home around the time `now`: each field is its good value but for `percent`
// of the time.
struct evidence *evidence_likely(struct dice *dice, unsigned percent, int64_t now);
bool evidence_equal(const struct evidence *a, const struct evidence *b);

#endif
