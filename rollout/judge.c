// SPDX-License-Identifier: Apache-2.0
// Counters to a verdict.
#include "rollout/judge.h"
#include "rollout/machine.h"

#include <math.h>

static uint64_t all_failures(const struct cohort_counts *counts)
{
    return cohort_hard_failures(counts) + counts->server_errors;
}

static uint64_t redirects(const struct cohort_counts *counts)
{
    return counts->redirects;
}

// Counters of one edge are not read at one instant: a failure may be seen before its request.
static double at_least(uint64_t requests, uint64_t failures)
{
    return (double)(requests > failures ? requests : failures);
}

static struct stratum stratum_of(const struct rollout_counts *counts, enum cohort old_one,
                                 enum cohort new_one,
                                 uint64_t (*failures)(const struct cohort_counts *))
{
    const struct cohort_counts *o = &counts->of[old_one];
    const struct cohort_counts *n = &counts->of[new_one];
    uint64_t old_x = failures(o);
    uint64_t new_x = failures(n);
    return (struct stratum){
        .new_n = at_least(cohort_origin_requests(n), new_x),
        .new_x = (double)new_x,
        .old_n = at_least(cohort_origin_requests(o), old_x),
        .old_x = (double)old_x,
    };
}

// -- the tests -----------------------------------------------------------------------------------

static void test_hard(struct rollout *rollout, const struct rollout_counts *fresh,
                      const struct rollout_policy *policy)
{
    const struct stratum strata[] = {
        stratum_of(fresh, COHORT_OLD, COHORT_NEW, cohort_hard_failures),
        stratum_of(fresh, COHORT_PROBE_OLD, COHORT_PROBE_NEW, cohort_hard_failures),
    };
    double after = (double)cohort_origin_requests(&rollout->counts.of[COHORT_NEW]) +
                   (double)cohort_origin_requests(&rollout->counts.of[COHORT_PROBE_NEW]);
    double before = fmax(after - strata[0].new_n - strata[1].new_n, 0);
    hard_advance(&rollout->tests, strata, COUNT_OF(strata), before, policy);
}

static double failures_of(const struct rollout_counts *counts,
                          uint64_t (*failures)(const struct cohort_counts *))
{
    uint64_t sum = 0;
    for (int i = 0; i < COHORT_COUNT; i++) {
        sum += failures(&counts->of[i]);
    }
    return (double)sum;
}

static void test_odds(double sums[ODDS_COUNT], const struct rollout *rollout,
                      const struct rollout_counts *fresh,
                      uint64_t (*failures)(const struct cohort_counts *), double ratio)
{
    double after = failures_of(&rollout->counts, failures);
    odds_renew(sums, fmax(after - failures_of(fresh, failures), 0), after);
    const struct stratum visitors = stratum_of(fresh, COHORT_OLD, COHORT_NEW, failures);
    const struct stratum probes = stratum_of(fresh, COHORT_PROBE_OLD, COHORT_PROBE_NEW, failures);
    odds_advance(sums, &visitors, ratio);
    odds_advance(sums, &probes, ratio);
}

static void note_lately(double *share, double n, double x)
{
    if (n > 0) {
        *share += n / (n + JUDGE_LATELY) * (x / n - *share);
    }
}

// A tick in which nobody used the new mode says of it what it says of the old one: where nothing is
// known, an outage is nobody's fault.
static void test_lately(struct rollout_tests *tests, const struct rollout_counts *fresh)
{
    struct stratum a = stratum_of(fresh, COHORT_OLD, COHORT_NEW, all_failures);
    struct stratum b = stratum_of(fresh, COHORT_PROBE_OLD, COHORT_PROBE_NEW, all_failures);
    double old_n = a.old_n + b.old_n;
    double old_x = a.old_x + b.old_x;
    bool used = a.new_n + b.new_n > 0;
    note_lately(&tests->failing_old, old_n, old_x);
    note_lately(&tests->failing_new, used ? a.new_n + b.new_n : old_n,
                used ? a.new_x + b.new_x : old_x);
}

void rollout_test(struct rollout *rollout, const struct rollout_counts *fresh,
                  const struct rollout_policy *policy)
{
    if (rollout->share_bp == 0) {
        return; // no visitor uses the new mode; preflight counts its pairs
    }
    test_hard(rollout, fresh, policy);
    test_odds(rollout->tests.server_errors, rollout, fresh, all_failures, policy->odds_ratio);
    test_odds(rollout->tests.redirects, rollout, fresh, redirects, policy->odds_ratio);
    test_lately(&rollout->tests, fresh);
}

// -- probes --------------------------------------------------------------------------------------

static uint64_t bad_probes(const struct cohort_counts *counts)
{
    return all_failures(counts) + counts->redirects;
}

static uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

struct pairs judge_pairs(const struct rollout_counts *counts)
{
    const struct cohort_counts *o = &counts->of[COHORT_PROBE_OLD];
    const struct cohort_counts *n = &counts->of[COHORT_PROBE_NEW];
    uint64_t good_old = less(o->requests, all_failures(o));
    uint64_t good_new = less(n->requests, all_failures(n));
    return (struct pairs){
        .good = good_old < good_new ? good_old : good_new,
        .new_bad = less(bad_probes(n), bad_probes(o)),
        .both_bad = all_failures(o) > 0 && all_failures(n) > 0,
    };
}

bool judge_pairs_enough(const struct pairs *pairs, int64_t needed)
{
    return pairs->good >= (uint64_t)needed * (1 + pairs->new_bad);
}

// -- the verdict ---------------------------------------------------------------------------------

static struct rollout_verdict say(enum rollout_answer answer, enum rollout_reason reason,
                                  uint64_t missing)
{
    return (struct rollout_verdict){.answer = answer, .reason = reason, .missing = missing};
}

static struct rollout_verdict lost(const struct rollout *rollout, const struct rollout_world *world,
                                   const struct rollout_policy *policy)
{
    return world->refused || rollout->lost_ticks >= policy->telemetry_ticks
               ? say(ANSWER_TELEMETRY_LOST, ROLLOUT_REASON_TELEMETRY_LOST, 0)
               : say(ANSWER_INSUFFICIENT, ROLLOUT_REASON_NO_TELEMETRY, 0);
}

// What is counted of the new mode's failures with more than one word, is told by the specific one:
// a driver may count a handshake and the fallback that it led to.
static enum rollout_reason hard_reason(const struct rollout *rollout)
{
    const struct rollout_counts *counts = &rollout->step_counts;
    struct cohort_counts sum = counts->of[COHORT_NEW];
    if (cohort_hard_failures(&sum) + cohort_hard_failures(&counts->of[COHORT_PROBE_NEW]) == 0) {
        counts = &rollout->counts;
        sum = counts->of[COHORT_NEW];
    }
    sum.tls_failures += counts->of[COHORT_PROBE_NEW].tls_failures;
    sum.connect_failures += counts->of[COHORT_PROBE_NEW].connect_failures;
    sum.fallbacks += counts->of[COHORT_PROBE_NEW].fallbacks;
    if (sum.fallbacks > 2 * (sum.tls_failures + sum.connect_failures)) {
        return ROLLOUT_REASON_FALLBACK;
    }
    return sum.tls_failures >= sum.connect_failures ? ROLLOUT_REASON_TLS : ROLLOUT_REASON_CONNECT;
}

static enum rollout_reason error_reason(const struct rollout *rollout)
{
    const struct rollout_counts *counts = &rollout->counts;
    uint64_t errors = counts->of[COHORT_NEW].server_errors;
    errors += counts->of[COHORT_PROBE_NEW].server_errors;
    uint64_t hard = cohort_hard_failures(&counts->of[COHORT_NEW]);
    hard += cohort_hard_failures(&counts->of[COHORT_PROBE_NEW]);
    return errors >= hard ? ROLLOUT_REASON_SERVER_ERRORS : hard_reason(rollout);
}

bool judge_in_doubt(const struct rollout *rollout, const struct rollout_policy *policy)
{
    return rollout->tests.hard_doubt >= hard_bound(policy) &&
           rollout->tests.hard_failures >= (uint64_t)policy->hard_floor;
}

// At 100 % there are no visitors in the old mode; probes stand for them.
static bool has_control(const struct rollout *rollout, const struct rollout_world *world)
{
    return rollout->share_bp < SHARE_ALL_BP || world->probes_possible;
}

// Without probes the old mode cannot be asked. Then the doubt decides, unless the old mode was seen
// to fail: to go back for nothing costs time, to stay costs visitors.
static bool doubt_decides(const struct rollout *rollout, const struct rollout_world *world,
                          const struct rollout_policy *policy)
{
    bool old_fails = has_control(rollout, world) && rollout->tests.failing_old >= policy->hard_p1;
    return world->telemetry && !world->probes_possible && !old_fails &&
           judge_in_doubt(rollout, policy);
}

// By the tests alone; NONE = they do not say so.
static enum rollout_reason tested_reason(const struct rollout *rollout,
                                         const struct rollout_policy *policy)
{
    const struct rollout_tests *tests = &rollout->tests;
    if (tests->hard_failures >= (uint64_t)policy->hard_floor &&
        tests->hard_llr >= hard_bound(policy)) {
        return hard_reason(rollout);
    }
    double bound = -log(policy->odds_alpha);
    if (odds_log_e(tests->server_errors) >= bound) {
        return error_reason(rollout);
    }
    return odds_log_e(tests->redirects) >= bound ? ROLLOUT_REASON_REDIRECTS : ROLLOUT_REASON_NONE;
}

static bool preflight_fails(const struct pairs *pairs)
{
    return pairs->new_bad >= 2; // one is a lost packet
}

bool judge_fails(const struct rollout *rollout, const struct rollout_policy *policy)
{
    if (rollout->state == ROLLOUT_PREFLIGHT) {
        struct pairs pairs = judge_pairs(&rollout->step_counts);
        return preflight_fails(&pairs);
    }
    return tested_reason(rollout, policy) != ROLLOUT_REASON_NONE;
}

static bool both_fail(const struct rollout *rollout, const struct rollout_world *world)
{
    const struct rollout_tests *tests = &rollout->tests;
    return has_control(rollout, world) && tests->failing_old >= JUDGE_OUTAGE &&
           tests->failing_new >= JUDGE_OUTAGE / 2;
}

// What finalises counts from there, or from where its step began anew.
int64_t rollout_dwell_until(const struct rollout *rollout, const struct rollout_policy *policy)
{
    if (rollout->state == ROLLOUT_FINALISING) {
        bool anew = rollout->step_at > rollout->state_at;
        return (anew ? rollout->step_at : rollout->state_at) + policy->final_dwell_s;
    }
    bool slow = rollout_slow(rollout->from, rollout->to);
    return rollout->step_at + (slow ? policy->slow_dwell_s : policy->dwell_s);
}

// At 100 %, or nearly, the old mode's usual share is that of the whole attempt.
static struct stratum step_failures(const struct rollout *rollout,
                                    const struct rollout_policy *policy)
{
    struct stratum step = stratum_of(&rollout->step_counts, COHORT_OLD, COHORT_NEW, all_failures);
    if (step.old_n < (double)policy->min_requests) {
        struct stratum all = stratum_of(&rollout->counts, COHORT_OLD, COHORT_NEW, all_failures);
        step.old_n = all.old_n;
        step.old_x = all.old_x;
    }
    return step;
}

static struct rollout_verdict judge_step(const struct rollout *rollout,
                                         const struct rollout_world *world,
                                         const struct rollout_policy *policy)
{
    struct stratum step = step_failures(rollout, policy);
    double missing = (double)policy->min_requests - step.new_n;
    if (missing > 0) {
        struct pairs pairs = judge_pairs(&rollout->step_counts);
        bool carried = world->probes_possible && rollout->share_bp <= policy->probes_carry_bp &&
                       judge_pairs_enough(&pairs, policy->probe_requests);
        return carried ? say(ANSWER_OK, ROLLOUT_REASON_NONE, 0)
                       : say(ANSWER_INSUFFICIENT, ROLLOUT_REASON_FEW_REQUESTS, (uint64_t)missing);
    }
    return excess_upper(&step, JUDGE_Z) < policy->excess
               ? say(ANSWER_OK, ROLLOUT_REASON_NONE, 0)
               : say(ANSWER_INSUFFICIENT, ROLLOUT_REASON_FEW_REQUESTS, 1);
}

static struct rollout_verdict judge_preflight(const struct rollout *rollout,
                                              const struct rollout_world *world,
                                              const struct rollout_policy *policy, int64_t now)
{
    if (!world->telemetry || world->refused) {
        return lost(rollout, world, policy);
    }
    if (!world->probes_possible) {
        return rollout->state_at + policy->dwell_s <= now
                   ? say(ANSWER_OK, ROLLOUT_REASON_NONE, 0)
                   : say(ANSWER_INSUFFICIENT, ROLLOUT_REASON_DWELL, 0);
    }
    struct pairs pairs = judge_pairs(&rollout->step_counts);
    if (preflight_fails(&pairs)) {
        return say(ANSWER_BAD, ROLLOUT_REASON_PREFLIGHT, 0);
    }
    if (judge_pairs_enough(&pairs, policy->min_probes)) {
        return say(ANSWER_OK, ROLLOUT_REASON_NONE, 0);
    }
    uint64_t needed = (uint64_t)policy->min_probes * (1 + pairs.new_bad);
    return say(ANSWER_INSUFFICIENT,
               pairs.both_bad ? ROLLOUT_REASON_BOTH_FAIL : ROLLOUT_REASON_FEW_REQUESTS,
               needed - pairs.good);
}

struct rollout_verdict rollout_judge(const struct rollout *rollout,
                                     const struct rollout_world *world,
                                     const struct rollout_policy *policy, int64_t now)
{
    if (rollout->state == ROLLOUT_PREFLIGHT) {
        return judge_preflight(rollout, world, policy, now);
    }
    if (rollout->share_bp == 0 || rollout->state == ROLLOUT_DONE) {
        return say(ANSWER_OK, ROLLOUT_REASON_NONE, 0);
    }
    enum rollout_reason bad = tested_reason(rollout, policy);
    if (bad != ROLLOUT_REASON_NONE) {
        return say(ANSWER_BAD, bad, 0);
    }
    if (doubt_decides(rollout, world, policy)) {
        return say(ANSWER_BAD, hard_reason(rollout), 0);
    }
    if (!world->telemetry || world->refused) {
        return lost(rollout, world, policy);
    }
    if (both_fail(rollout, world)) {
        return say(ANSWER_INSUFFICIENT, ROLLOUT_REASON_BOTH_FAIL, 0);
    }
    if (judge_in_doubt(rollout, policy)) {
        bool old_too = rollout->tests.failing_old >= policy->hard_p1;
        return say(ANSWER_INSUFFICIENT,
                   old_too ? ROLLOUT_REASON_BOTH_FAIL : ROLLOUT_REASON_FEW_REQUESTS, 1);
    }
    // The step begins anew after that.
    if (machine_interrupts(rollout->state, rollout->reason) ||
        rollout_dwell_until(rollout, policy) > now) {
        return say(ANSWER_INSUFFICIENT, ROLLOUT_REASON_DWELL, 0);
    }
    return judge_step(rollout, world, policy);
}
