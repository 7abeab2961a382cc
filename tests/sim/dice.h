// SPDX-License-Identifier: Apache-2.0
// Chance from a seed: xoshiro256** (D. Blackman, S. Vigna, "Scrambled linear pseudorandom number
// generators", ACM TOMS 47, 2021), seeded by splitmix64. The same seed gives the same world.
#ifndef SSLAUTO_TESTS_SIM_DICE_H
#define SSLAUTO_TESTS_SIM_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
    uint64_t state[4];
};

void dice_seed(struct dice *dice, uint64_t seed);
int64_t dice_between(struct dice *dice, int64_t low, int64_t high); // both included
double dice_unit(struct dice *dice);                                // [0, 1)
bool dice_chance(struct dice *dice, double p);
// How many of n happen, each with p; and how many events of a mean number. Exact for few, a normal
// approximation for many.
uint64_t dice_binomial(struct dice *dice, uint64_t n, double p);
uint64_t dice_poisson(struct dice *dice, double mean);

#endif
