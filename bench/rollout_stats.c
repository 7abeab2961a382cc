// SPDX-License-Identifier: Apache-2.0
// How often the judge sends back a healthy canary, and how soon a failing one, beside the tests
// that people use instead. Exit 1 when a bar of docs/rollout.md breaks.
//   bench_rollout_stats [RUNS [SEED]]
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/attr.h"
#include "tests/unit/rollout/canary.h"

#define BAR_FALSE  0.002 // false aborts per rollout, at a look each tick
#define BAR_MEDIAN 5     // requests until a canary that always fails is back, at 1 %

static const struct canary_rule rules[] = {
    {"judge r=1.5", 1.5, NULL},          {"judge r=1", 1, NULL},
    {"Fisher p<.01", 0, canary_fisher},  {"Wilson 99 %", 0, canary_disjoint},
    {"5 % of 20+", 0, canary_threshold},
};
enum {
    JUDGES = 2
};

static const struct canary failing[] = {
    {"100 % vs 0, share 1 %", 100, 1, 0, 0, false, 400, 100},
    {"100 % vs .2 %, share 1 %", 100, 1, 0.002, 0, false, 400, 100},
    {"hard 100 % vs 0, share 1 %", 100, 1, 0, 0, true, 400, 100},
    {"hard 100 % vs .1 %, share 1 %", 100, 1, 0.001, 0, true, 400, 100},
    {"20 % vs .2 %, share 1 %", 100, 0.2, 0.002, 0, false, 400, 100},
    {"5 % vs .2 %, share 1 %", 100, 0.05, 0.002, 0, false, 400, 300},
    {"5 % vs 1 %, share 1 %", 100, 0.05, 0.01, 0, false, 400, 600},
    {"2 % vs 1 %, share 10 %", 1000, 0.02, 0.01, 0, false, 400, 300},
    {"hard 5 % vs 0, share 50 %", 5000, 0.05, 0, 0, true, 400, 100},
};
enum {
    TOTAL = 4
}; // of them fail always

static void print_cell(const struct canary_result *result)
{
    char text[32];
    double share = (double)result->aborted / result->runs;
    if (result->aborted > 0) {
        (void)snprintf(text, sizeof text, "%.4f / %.0f", share, result->median);
    } else {
        (void)snprintf(text, sizeof text, "%.4f", share);
    }
    printf(" %14s", text);
}

// Returns how many bars broke in the row.
static int print_row(const struct canary *canary, int judge_runs, int other_runs, uint64_t seed,
                     bool healthy, bool total)
{
    int broken = 0;
    printf("%-37s", canary->name);
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        struct canary_result result =
            canary_run(canary, &rules[i], i < JUDGES ? judge_runs : other_runs, seed + i);
        print_cell(&result);
        // As shipped: shown to be below the bar. Without its margin: not seen above it.
        double share = i == 0 ? canary_upper(&result) : (double)result.aborted / result.runs;
        if (i < JUDGES && healthy && share > BAR_FALSE) {
            broken++;
        }
        if (i < JUDGES && total && (result.aborted < result.runs || result.median > BAR_MEDIAN)) {
            broken++;
        }
    }
    printf("%s\n", broken > 0 ? "  BROKEN" : "");
    (void)fflush(stdout);
    return broken;
}

static bool number(const char *text, long long least, long long most, long long *out)
{
    char *end = NULL;
    errno = 0;
    *out = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *out >= least && *out <= most;
}

int main(int argc, char **argv)
{
    long long runs = 2500;
    long long seed = 1;
    if (argc > 3 || (argc > 1 && !number(argv[1], 100, 65536, &runs)) ||
        (argc > 2 && !number(argv[2], 1, 1000000000, &seed))) {
        (void)fputs("usage: bench_rollout_stats [RUNS [SEED]]\n", stderr);
        return 2;
    }
    printf(
        "share of canaries sent back / median of their requests by then; %lld runs (judge), %lld "
        "(others)\n%-37s",
        runs, runs / 10, "");
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        printf(" %14s", rules[i].name);
    }
    printf("\n");
    int broken = 0;
    for (size_t i = 0; i < canary_healthy_count; i++) {
        broken += print_row(&canary_healthy[i], (int)runs, (int)runs / 10,
                            (uint64_t)seed * 1000 + i, true, false);
    }
    for (size_t i = 0; i < COUNT_OF(failing); i++) {
        broken += print_row(&failing[i], (int)runs / 10, (int)runs / 10, (uint64_t)seed * 2000 + i,
                            false, i < TOTAL);
    }
    printf(
        "bars: false aborts <= %g per rollout (upper bound, 95 %%), a canary that always fails is "
        "back after <= %d requests (median): %s\n",
        BAR_FALSE, BAR_MEDIAN, broken == 0 ? "kept" : "BROKEN");
    return broken == 0 && fflush(stdout) == 0 ? 0 : 1;
}
