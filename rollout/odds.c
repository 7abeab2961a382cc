// SPDX-License-Identifier: Apache-2.0
// The odds of a failure in the new mode, against those of the old mode at the same time.
#include <math.h>

#include "core/attr.h"
#include "rollout/judge.h"

// From a mode that fails twice as often to one that fails always.
const double odds_tried[ODDS_COUNT] = {2, 4, 16, 64, 256};

void odds_advance(double sums[ODDS_COUNT], const struct stratum *s, double ratio)
{
    if (s->new_n <= 0 || s->old_n <= 0) {
        return;
    }
    double share = s->new_n * ratio / (s->new_n * ratio + s->old_n);
    for (size_t i = 0; i < ODDS_COUNT; i++) {
        double mean = share * odds_tried[i] + 1 - share;
        sums[i] += s->new_x * log(odds_tried[i] / mean) - s->old_x * log(mean);
    }
}

double odds_log_e(const double sums[ODDS_COUNT])
{
    double sum = -INFINITY;
    for (size_t i = 0; i < ODDS_COUNT; i++) {
        sum = judge_log_add(sum, sums[i]);
    }
    return sum - log(ODDS_COUNT);
}

void odds_renew(double sums[ODDS_COUNT], double before, double after)
{
    double stake = log(judge_released(before, after, JUDGE_RENEW_FAILURES));
    for (size_t i = 0; i < ODDS_COUNT; i++) {
        sums[i] = judge_log_add(sums[i], stake);
    }
}
