// SPDX-License-Identifier: Apache-2.0
// Seeded canaries: two cohorts that fail by chance, looked at again and again by the judge and by
// the tests that people use instead.
#ifndef SSLAUTO_TESTS_UNIT_ROLLOUT_CANARY_H
#define SSLAUTO_TESTS_UNIT_ROLLOUT_CANARY_H

#include "rollout/rollout.h"

struct canary {
    const char *name;
    int share_bp;
    double fails_new; // share of requests
    double fails_old;
    double outage; // of both, for looks / 4 looks in the middle
    bool hard;     // failures are handshakes, not 5xx
    int looks;
    int requests; // per look, of both cohorts
};

struct canary_rule {
    const char *name;
    // The judge where ratio > 0; else sums of both cohorts to an answer: go back.
    double ratio;
    bool (*fails)(double new_x, double new_n, double old_x, double old_n);
};

struct canary_result {
    int runs;
    int aborted;
    double median; // requests of the new mode at the abort; NAN without one
};

// Fisher's exact test with p < 0.01, one-sided.
bool canary_fisher(double new_x, double new_n, double old_x, double old_n);
// Wilson's intervals of 99 % do not meet.
bool canary_disjoint(double new_x, double new_n, double old_x, double old_n);
// 5 % of at least 20 requests.
bool canary_threshold(double new_x, double new_n, double old_x, double old_n);

// The same seed gives the same result. runs <= 65536.
struct canary_result canary_run(const struct canary *canary, const struct canary_rule *rule,
                                int runs, uint64_t seed);
// Upper bound, one-sided 95 %, of the chance that a run aborts.
double canary_upper(const struct canary_result *result);

// Healthy canaries, by the rows of docs/rollout.md.
extern const struct canary canary_healthy[];
extern const size_t canary_healthy_count;

#endif
