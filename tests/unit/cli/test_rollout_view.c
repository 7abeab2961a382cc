// SPDX-License-Identifier: Apache-2.0
// What `rollout status` says of a row is what the controller would say of it.
#include "cli/rollout_view.h"

#include "core/time.h"
#include "tests/support/check.h"

#define NOW 1800000000

static struct rollout_policy policy;

static struct rollout at(enum rollout_state state, size_t step)
{
    struct rollout r;
    policy = rollout_policy_default();
    rollout_begin(&r, "0123456789abcdef0123456789abcdef", MODE_FULL, MODE_STRICT, NULL, false,
                  &policy, NOW);
    r.state = state;
    r.step = step;
    r.share_bp = state == ROLLOUT_PREFLIGHT ? 0 : r.steps_bp[step];
    r.applied_bp = r.share_bp;
    return r;
}

static void says(const struct rollout *rollout, int64_t now, const char *words)
{
    struct buf out;
    OWN(zone_own) struct zone *zone = zone_new();
    buf_init(&out, 1000);
    struct rollout_verdict verdict = rollout_view_verdict(rollout, &policy, now);
    assert_ok(rollout_view_said(&out, zone, rollout, &policy, &verdict), NULL);
    if (strstr(buf_str(&out), words) == NULL) {
        fail_msg("%s, not %s", buf_str(&out), words);
    }
    buf_done(&out);
}

static void preflight_tells_what_it_waits_for(void **state)
{
    (void)state;
    struct rollout r = at(ROLLOUT_PREFLIGHT, 0);
    says(&r, NOW + 10, "3 more good pairs of probes");
    r.reason = ROLLOUT_REASON_BOTH_FAIL; // an outage, for longer than a dwell
    r.counts.of[COHORT_PROBE_OLD] = (struct cohort_counts){.requests = 50, .connect_failures = 50};
    r.counts.of[COHORT_PROBE_NEW] = r.counts.of[COHORT_PROBE_OLD];
    r.step_counts = r.counts;
    says(&r, NOW + 3600, "fails in the old mode too");
    r = at(ROLLOUT_PREFLIGHT, 0);
    r.reason = ROLLOUT_REASON_DWELL; // an edge that takes no probes
    says(&r, NOW + 10, "not known yet: The step is young");
    says(&r, NOW + policy.dwell_s, "good: nothing speaks against");
}

static void probes_carry_a_step(void **state)
{
    (void)state;
    struct rollout r = at(ROLLOUT_RAMPING, 3);
    says(&r, NOW + policy.dwell_s, "149 more requests to the origin are needed");
    r.counts.of[COHORT_PROBE_OLD].requests = 3;
    says(&r, NOW + policy.dwell_s, "are needed, or good probes in their place");
    r.counts.of[COHORT_PROBE_OLD].requests = (uint64_t)policy.probe_requests;
    r.counts.of[COHORT_PROBE_NEW].requests = (uint64_t)policy.probe_requests;
    r.step_counts = r.counts;
    says(&r, NOW + policy.dwell_s, "good: nothing speaks against");
    r.reason = ROLLOUT_REASON_PAUSED;
    says(&r, NOW + policy.dwell_s, "good, but: The operator paused it.");
}

// Failures at 100 %: probes are asked first, so it is no verdict yet.
static void a_doubt_is_no_verdict(void **state)
{
    (void)state;
    struct rollout r = at(ROLLOUT_RAMPING, 10);
    r.counts.of[COHORT_PROBE_OLD].requests = 3;
    r.tests.hard_doubt = 100;
    r.tests.hard_failures = 50;
    says(&r, NOW + policy.dwell_s, "good so far");
    r.counts.of[COHORT_PROBE_OLD].requests = 0;
    says(&r, NOW + policy.dwell_s, "bad: ");
}

static void finalising_tells_when_it_ends(void **state)
{
    (void)state;
    char at_text[TIME_TEXT_SIZE];
    struct buf out;
    struct rollout r = at(ROLLOUT_FINALISING, 10);
    r.step_at = NOW - 86400;
    buf_init(&out, 1000);
    assert_ok(rollout_view_next(&out, &r, &policy), NULL);
    assert_non_null(strstr(buf_str(&out), time_print(at_text, NOW + policy.final_dwell_s)));
    r.step_at = NOW + 500; // begun anew
    buf_clear(&out);
    assert_ok(rollout_view_next(&out, &r, &policy), NULL);
    assert_non_null(strstr(buf_str(&out), time_print(at_text, NOW + 500 + policy.final_dwell_s)));
    buf_done(&out);
}

static void a_silent_edge_is_told(void **state)
{
    (void)state;
    struct rollout r = at(ROLLOUT_RAMPING, 3);
    r.lost_ticks = 1;
    says(&r, NOW + 10, "counters could not be read");
    r.lost_ticks = (int)policy.telemetry_ticks;
    says(&r, NOW + 10, "tells no counters, or takes no change");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(preflight_tells_what_it_waits_for),
        cmocka_unit_test(probes_carry_a_step),
        cmocka_unit_test(a_doubt_is_no_verdict),
        cmocka_unit_test(finalising_tells_when_it_ends),
        cmocka_unit_test(a_silent_edge_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
