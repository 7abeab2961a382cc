// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/rollout/canary.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "core/attr.h"
#include "rollout/judge.h"

#define Z_99 2.5758293035489004

const struct canary canary_healthy[] = {
    {"healthy 1 %, share 1 %", 100, 0.01, 0.01, 0, false, 300, 300},
    {"healthy 5 %, share 10 %", 1000, 0.05, 0.05, 0, false, 300, 300},
    {"healthy .2 %, share 1 %", 100, 0.002, 0.002, 0, false, 300, 300},
    {"healthy 1 %, share 50 %", 5000, 0.01, 0.01, 0, false, 300, 300},
    {"outage of both 30 %, share 10 %", 1000, 0.002, 0.002, 0.3, false, 300, 300},
    {"hard .1 % in both, share 1 %", 100, 0.001, 0.001, 0, true, 300, 300},
    {"hard outage of both 30 %, share 50 %", 5000, 0.0005, 0.0005, 0.3, true, 300, 300},
};
const size_t canary_healthy_count = COUNT_OF(canary_healthy);

// -- chance --------------------------------------------------------------------------------------

// splitmix64 (S. Vigna, public domain).
static uint64_t random_bits(uint64_t *seed)
{
    uint64_t z = (*seed += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

static double random_unit(uint64_t *seed)
{
    return ((double)(random_bits(seed) >> 11) + 0.5) / 9007199254740992.0;
}

// Of n, each with chance p: by the gaps between them, which are geometric.
static uint64_t random_count(uint64_t *seed, uint64_t n, double p)
{
    if (p <= 0 || p >= 1) {
        return p >= 1 ? n : 0;
    }
    uint64_t count = 0;
    double per_gap = log1p(-p);
    double at = floor(log(random_unit(seed)) / per_gap);
    while (at < (double)n) {
        count++;
        at += 1 + floor(log(random_unit(seed)) / per_gap);
    }
    return count;
}

// -- what people use instead ---------------------------------------------------------------------

bool canary_fisher(double new_x, double new_n, double old_x, double old_n)
{
    if (new_n <= 0 || old_n <= 0 || new_x * old_n <= old_x * new_n) {
        return false;
    }
    double m = new_x + old_x;
    double all = new_n + old_n;
    double term = lgamma(new_n + 1) - lgamma(new_x + 1) - lgamma(new_n - new_x + 1) +
                  lgamma(old_n + 1) - lgamma(old_x + 1) - lgamma(old_n - old_x + 1) -
                  lgamma(all + 1) + lgamma(m + 1) + lgamma(all - m + 1);
    double chance = exp(term);
    double tail = chance;
    for (double j = new_x; j < fmin(m, new_n) && chance > tail * 1e-9 && tail < 0.01; j++) {
        chance *= (new_n - j) * (m - j) / ((j + 1) * (old_n - m + j + 1));
        tail += chance;
    }
    return tail < 0.01;
}

bool canary_disjoint(double new_x, double new_n, double old_x, double old_n)
{
    return new_n > 0 && old_n > 0 &&
           wilson_lower(new_x, new_n, Z_99) > wilson_upper(old_x, old_n, Z_99);
}

bool canary_threshold(double new_x, double new_n, double old_x, double old_n)
{
    (void)old_x;
    (void)old_n;
    return new_n >= 20 && new_x >= 0.05 * new_n;
}

// -- one canary ----------------------------------------------------------------------------------

static void start(struct rollout *out, const struct canary *canary,
                  const struct rollout_policy *policy)
{
    rollout_begin(out, "0123456789abcdef0123456789abcdef", MODE_FULL, MODE_STRICT, NULL, false,
                  policy, 1);
    out->steps_bp[0] = canary->share_bp;
    out->share_bp = canary->share_bp;
    out->state = ROLLOUT_RAMPING;
}

static struct cohort_counts draw(uint64_t *seed, const struct canary *canary, uint64_t n, double p)
{
    uint64_t x = random_count(seed, n, p);
    return (struct cohort_counts){
        .requests = n, .tls_failures = canary->hard ? x : 0, .server_errors = canary->hard ? 0 : x};
}

static bool in_outage(const struct canary *canary, int look)
{
    return canary->outage > 0 && look >= canary->looks / 2 &&
           look < canary->looks / 2 + canary->looks / 4;
}

static struct rollout_counts one_look(uint64_t *seed, const struct canary *canary, int look)
{
    uint64_t all = (uint64_t)canary->requests;
    uint64_t mine = random_count(seed, all, canary->share_bp / (double)SHARE_ALL_BP);
    bool out = in_outage(canary, look);
    struct rollout_counts fresh = {0};
    fresh.of[COHORT_NEW] = draw(seed, canary, mine, out ? canary->outage : canary->fails_new);
    fresh.of[COHORT_OLD] = draw(seed, canary, all - mine, out ? canary->outage : canary->fails_old);
    return fresh;
}

static double failures(const struct cohort_counts *counts)
{
    return (double)(cohort_hard_failures(counts) + counts->server_errors);
}

static bool ask(const struct rollout *rollout, const struct canary_rule *rule,
                const struct rollout_policy *policy)
{
    if (rule->ratio > 0) {
        const struct rollout_world world = {.telemetry = true, .probes_possible = true};
        return rollout_judge(rollout, &world, policy, 2).answer == ANSWER_BAD;
    }
    const struct cohort_counts *o = &rollout->counts.of[COHORT_OLD];
    const struct cohort_counts *n = &rollout->counts.of[COHORT_NEW];
    return rule->fails(failures(n), (double)n->requests, failures(o), (double)o->requests);
}

// Requests of the new mode when it was sent back; -1 = it never was.
static double run_one(const struct canary *canary, const struct canary_rule *rule, uint64_t *seed)
{
    struct rollout_policy policy = rollout_policy_default();
    policy.odds_ratio = rule->ratio > 0 ? rule->ratio : policy.odds_ratio;
    struct rollout rollout;
    start(&rollout, canary, &policy);
    for (int look = 0; look < canary->looks; look++) {
        struct rollout_counts fresh = one_look(seed, canary, look);
        rollout_counts_add(&rollout.step_counts, &fresh);
        rollout_counts_add(&rollout.counts, &fresh);
        if (rule->ratio > 0) {
            rollout_test(&rollout, &fresh, &policy);
        }
        if (failures(&fresh.of[COHORT_NEW]) > 0 && ask(&rollout, rule, &policy)) {
            return (double)rollout.counts.of[COHORT_NEW].requests;
        }
    }
    return -1;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

struct canary_result canary_run(const struct canary *canary, const struct canary_rule *rule,
                                int runs, uint64_t seed)
{
    static _Thread_local double at[65536];
    assert(runs <= (int)COUNT_OF(at));
    struct canary_result result = {.runs = runs, .median = (double)NAN};
    for (int i = 0; i < runs; i++) {
        double requests = run_one(canary, rule, &seed);
        if (requests >= 0) {
            at[result.aborted++] = requests;
        }
    }
    if (result.aborted > 0) {
        qsort(at, (size_t)result.aborted, sizeof at[0], compare);
        result.median = at[result.aborted / 2];
    }
    return result;
}

double canary_upper(const struct canary_result *result)
{
    return wilson_upper(result->aborted, result->runs, JUDGE_Z);
}
