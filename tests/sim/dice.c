// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/dice.h"

#include <math.h>

#define FEW 24.0 // events: above this the normal approximation is good enough for a world

static uint64_t rotate(uint64_t x, unsigned by)
{
    return (x << by) | (x >> (64 - by));
}

void dice_seed(struct dice *dice, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        uint64_t z = seed += 0x9e3779b97f4a7c15U;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        dice->state[i] = z ^ (z >> 31);
    }
}

static uint64_t next(struct dice *dice)
{
    uint64_t *s = dice->state;
    uint64_t result = rotate(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

int64_t dice_between(struct dice *dice, int64_t low, int64_t high)
{
    return low + (int64_t)(next(dice) % (uint64_t)(high - low + 1));
}

double dice_unit(struct dice *dice)
{
    return (double)(next(dice) >> 11) * 0x1p-53;
}

bool dice_chance(struct dice *dice, double p)
{
    return dice_unit(dice) < p;
}

// Irwin-Hall: nearly normal, without a library whose last digit differs.
static double normal(struct dice *dice)
{
    double sum = -6;
    for (int i = 0; i < 12; i++) {
        sum += dice_unit(dice);
    }
    return sum;
}

static uint64_t rounded(double x, double most)
{
    double whole = floor(x + 0.5);
    return whole <= 0 ? 0 : (uint64_t)(whole > most ? most : whole);
}

uint64_t dice_poisson(struct dice *dice, double mean)
{
    if (mean <= 0) {
        return 0;
    }
    if (mean > FEW) {
        return rounded(mean + sqrt(mean) * normal(dice), 1e15);
    }
    uint64_t n = 0;
    for (double left = exp(-mean), p = dice_unit(dice); p > left; p *= dice_unit(dice)) {
        n++;
    }
    return n;
}

uint64_t dice_binomial(struct dice *dice, uint64_t n, double p)
{
    if (n == 0 || p <= 0) {
        return 0;
    }
    if (p >= 1) {
        return n;
    }
    if (p > 0.5) {
        return n - dice_binomial(dice, n, 1 - p);
    }
    double mean = (double)n * p;
    if (mean > FEW) {
        return rounded(mean + sqrt(mean * (1 - p)) * normal(dice), (double)n);
    }
    if (n > 64) {
        uint64_t few = dice_poisson(dice, mean);
        return few > n ? n : few;
    }
    uint64_t hits = 0;
    for (uint64_t i = 0; i < n; i++) {
        hits += dice_chance(dice, p);
    }
    return hits;
}
