// SPDX-License-Identifier: Apache-2.0
#include "rollout/judge.h"

#include "tests/support/check.h"
#include "tests/unit/rollout/situation.h"

static void says(const struct situation *s, enum rollout_answer answer, enum rollout_reason reason)
{
    if (s->verdict.answer != answer || s->verdict.reason != reason) {
        fail_msg("answer %d with %s, not %d with %s", (int)s->verdict.answer,
                 rollout_reason_str(s->verdict.reason), (int)answer, rollout_reason_str(reason));
    }
}

static void ramping(struct situation *s, size_t step)
{
    situation_begin(s);
    situation_at(s, ROLLOUT_RAMPING, step);
}

static void wants_time_and_requests(void **state)
{
    (void)state;
    struct situation s;
    ramping(&s, 0);
    tick_visitors(&s, requests(14751), requests(149));
    says(&s, ANSWER_INSUFFICIENT, ROLLOUT_REASON_DWELL);
    s.now += s.policy.dwell_s;
    decide(&s);
    says(&s, ANSWER_OK, ROLLOUT_REASON_NONE);
    ramping(&s, 0);
    s.now += s.policy.dwell_s;
    tick_visitors(&s, requests(14652), requests(148));
    says(&s, ANSWER_INSUFFICIENT, ROLLOUT_REASON_FEW_REQUESTS);
    assert_int_equal(s.verdict.missing, 1);
}

static void counts_requests_to_the_origin_only(void **state)
{
    (void)state;
    struct situation s;
    ramping(&s, 0);
    s.now += s.policy.dwell_s;
    tick_visitors(&s, requests(10000), (struct cohort_counts){.requests = 1000, .cache_hits = 900});
    says(&s, ANSWER_INSUFFICIENT, ROLLOUT_REASON_FEW_REQUESTS);
    assert_int_equal(s.verdict.missing, 49);
}

static void wants_more_after_a_failure(void **state)
{
    (void)state;
    struct situation s;
    ramping(&s, 0);
    s.now += s.policy.dwell_s;
    tick_visitors(&s, requests(14751), errors(149, 1));
    says(&s, ANSWER_INSUFFICIENT, ROLLOUT_REASON_FEW_REQUESTS);
    tick_visitors(&s, requests(10000), requests(100));
    says(&s, ANSWER_OK, ROLLOUT_REASON_NONE);
}

static void tells_hard_failures_apart(void **state)
{
    (void)state;
    const struct {
        struct cohort_counts bad;
        enum rollout_reason reason;
    } rows[] = {
        {handshakes(5, 4), ROLLOUT_REASON_TLS},
        {refused(5, 4), ROLLOUT_REASON_CONNECT},
        {fell_back(5, 4), ROLLOUT_REASON_FALLBACK},
        {{.requests = 8, .tls_failures = 4, .fallbacks = 4}, ROLLOUT_REASON_TLS},
        {{.requests = 50, .connect_failures = 1, .fallbacks = 40}, ROLLOUT_REASON_FALLBACK},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct situation s;
        ramping(&s, 0);
        tick_visitors(&s, requests(500), rows[i].bad);
        says(&s, ANSWER_BAD, rows[i].reason);
    }
}

static void bears_two_lost_packets(void **state)
{
    (void)state;
    struct situation s;
    ramping(&s, 0);
    tick_visitors(&s, requests(200), handshakes(2, 2));
    says(&s, ANSWER_INSUFFICIENT, ROLLOUT_REASON_DWELL);
    tick_visitors(&s, requests(100), handshakes(1, 1));
    says(&s, ANSWER_BAD, ROLLOUT_REASON_TLS);
}

static void compares_errors_and_redirects(void **state)
{
    (void)state;
    struct situation s;
    ramping(&s, 0);
    tick_visitors(&s, requests(300), errors(3, 3));
    says(&s, ANSWER_BAD, ROLLOUT_REASON_SERVER_ERRORS);
    ramping(&s, 0);
    tick_visitors(&s, requests(300), redirected(3, 3));
    says(&s, ANSWER_BAD, ROLLOUT_REASON_REDIRECTS);
    // As many as ever, in both.
    ramping(&s, 5);
    for (int i = 0; i < 500; i++) {
        tick_visitors(&s, redirected(100, 40), redirected(100, 40));
        says(&s, ANSWER_INSUFFICIENT, ROLLOUT_REASON_DWELL);
    }
}

// The origin is down for both: hold, and go on with a fresh step when it is back.
static void outage(size_t step, struct cohort_counts old_mode, struct cohort_counts new_mode)
{
    struct situation s;
    ramping(&s, step);
    for (int i = 0; i < 100; i++) {
        s.now += s.policy.tick_s;
        tick_visitors(&s, old_mode, new_mode);
        says(&s, ANSWER_INSUFFICIENT, ROLLOUT_REASON_BOTH_FAIL);
        assert_int_equal(s.action.state, ROLLOUT_HOLDING);
        enter(&s);
    }
    for (int i = 0; i < 50 && s.verdict.reason == ROLLOUT_REASON_BOTH_FAIL; i++) {
        s.now += s.policy.tick_s;
        tick_visitors(&s, requests(old_mode.requests), requests(new_mode.requests));
        enter(&s);
    }
    assert_int_equal(s.rollout.state, ROLLOUT_RAMPING);
    assert_int_equal(s.rollout.step_at, s.now);
    assert_int_equal(cohort_hard_failures(&s.rollout.step_counts.of[COHORT_NEW]), 0);
    s.now += s.policy.dwell_s;
    tick_visitors(&s, requests(20000), requests(200));
    says(&s, ANSWER_OK, ROLLOUT_REASON_NONE);
}

static void holds_while_both_fail(void **state)
{
    (void)state;
    outage(0, refused(990, 990), refused(10, 10));
    outage(0, refused(990, 300), refused(10, 3));
    outage(5, refused(50, 50), refused(50, 50));
    outage(9, refused(100, 100), refused(900, 900));
    outage(0, errors(990, 990), errors(10, 10));
    outage(5, errors(500, 200), errors(500, 200));
    // HTTP refused, HTTPS answers 503 from a balancer in front.
    outage(3, refused(700, 700), errors(300, 300));
}

static void holds_when_nobody_used_the_new_mode_in_an_outage(void **state)
{
    (void)state;
    struct situation s;
    ramping(&s, 0);
    s.now += s.policy.dwell_s;
    tick_visitors(&s, requests(20000), requests(200));
    tick_visitors(&s, refused(90, 90), requests(0));
    says(&s, ANSWER_INSUFFICIENT, ROLLOUT_REASON_BOTH_FAIL);
}

static void goes_on_when_only_the_old_mode_fails(void **state)
{
    (void)state;
    struct situation s;
    ramping(&s, 0);
    s.now += s.policy.dwell_s;
    tick_visitors(&s, refused(20000, 20000), requests(200));
    says(&s, ANSWER_OK, ROLLOUT_REASON_NONE);
}

static void asks_the_old_mode_at_all(void **state)
{
    (void)state;
    struct situation s;
    ramping(&s, 10);
    tick_visitors(&s, requests(0), handshakes(1000, 1000));
    says(&s, ANSWER_INSUFFICIENT, ROLLOUT_REASON_FEW_REQUESTS);
    assert_int_equal(s.action.deed, DEED_PROBE);
    // The old mode answers, the new one does not.
    struct situation bad = s;
    const struct rollout_counts guilty = {.of = {[COHORT_NEW] = handshakes(1000, 1000),
                                                 [COHORT_PROBE_OLD] = requests(5),
                                                 [COHORT_PROBE_NEW] = handshakes(5, 5)}};
    tick(&bad, &guilty);
    if (bad.verdict.answer != ANSWER_BAD) {
        tick(&bad, &guilty);
    }
    says(&bad, ANSWER_BAD, ROLLOUT_REASON_TLS);
    // Neither answers.
    const struct rollout_counts down = {.of = {[COHORT_NEW] = refused(1000, 1000),
                                               [COHORT_PROBE_OLD] = refused(5, 5),
                                               [COHORT_PROBE_NEW] = refused(5, 5)}};
    for (int i = 0; i < 100; i++) {
        tick(&s, &down);
        says(&s, ANSWER_INSUFFICIENT, ROLLOUT_REASON_BOTH_FAIL);
        assert_int_equal(s.action.deed, DEED_PROBE);
    }
    // Nobody can ask: visitors come first.
    ramping(&s, 10);
    s.world.probes_possible = false;
    tick_visitors(&s, requests(0), handshakes(3, 3));
    says(&s, ANSWER_BAD, ROLLOUT_REASON_TLS);
}

// One request in a tick, hardly ever one of the old mode beside it.
static void settles_a_doubt_with_few_visitors(void **state)
{
    (void)state;
    struct situation s;
    ramping(&s, 9);
    for (int i = 0; i < 3; i++) {
        tick_visitors(&s, requests(0), fell_back(1, 1));
    }
    says(&s, ANSWER_INSUFFICIENT, ROLLOUT_REASON_FEW_REQUESTS);
    assert_int_equal(s.action.deed, DEED_PROBE);
    assert_int_equal(s.action.probes, 5);
    tick_probes(&s, requests(5), handshakes(5, 5));
    if (s.verdict.answer != ANSWER_BAD) {
        tick_probes(&s, requests(5), handshakes(5, 5));
    }
    assert_int_equal(s.verdict.answer, ANSWER_BAD);
    // Where nobody can ask, a doubt is enough unless the old mode was seen to fail.
    ramping(&s, 9);
    s.world.probes_possible = false;
    for (int i = 0; i < 3; i++) {
        tick_visitors(&s, requests(0), fell_back(1, 1));
    }
    says(&s, ANSWER_BAD, ROLLOUT_REASON_FALLBACK);
}

static void waits_for_telemetry(void **state)
{
    (void)state;
    struct situation s;
    ramping(&s, 0);
    s.world.telemetry = false;
    const struct rollout_counts none = {0};
    tick(&s, &none);
    says(&s, ANSWER_INSUFFICIENT, ROLLOUT_REASON_NO_TELEMETRY);
    tick(&s, &none);
    says(&s, ANSWER_INSUFFICIENT, ROLLOUT_REASON_NO_TELEMETRY);
    tick(&s, &none);
    says(&s, ANSWER_TELEMETRY_LOST, ROLLOUT_REASON_TELEMETRY_LOST);
}

static void judges_pairs_before_visitors(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    situation_at(&s, ROLLOUT_PREFLIGHT, 0);
    tick_probes(&s, requests(2), requests(2));
    says(&s, ANSWER_INSUFFICIENT, ROLLOUT_REASON_FEW_REQUESTS);
    assert_int_equal(s.verdict.missing, 1);
    tick_probes(&s, requests(1), requests(1));
    says(&s, ANSWER_OK, ROLLOUT_REASON_NONE);
    // One lost packet asks for as many again.
    situation_at(&s, ROLLOUT_PREFLIGHT, 0);
    tick_probes(&s, requests(4), refused(4, 1));
    says(&s, ANSWER_INSUFFICIENT, ROLLOUT_REASON_FEW_REQUESTS);
    tick_probes(&s, requests(3), requests(3));
    says(&s, ANSWER_OK, ROLLOUT_REASON_NONE);
    // Two do not.
    situation_at(&s, ROLLOUT_PREFLIGHT, 0);
    tick_probes(&s, requests(4), handshakes(4, 2));
    says(&s, ANSWER_BAD, ROLLOUT_REASON_PREFLIGHT);
    situation_at(&s, ROLLOUT_PREFLIGHT, 0);
    tick_probes(&s, requests(2), redirected(2, 2));
    says(&s, ANSWER_BAD, ROLLOUT_REASON_PREFLIGHT);
    // Down in both modes.
    situation_at(&s, ROLLOUT_PREFLIGHT, 0);
    tick_probes(&s, refused(5, 5), refused(5, 5));
    says(&s, ANSWER_INSUFFICIENT, ROLLOUT_REASON_BOTH_FAIL);
    tick_probes(&s, requests(3), requests(3));
    says(&s, ANSWER_OK, ROLLOUT_REASON_NONE);
}

static void goes_without_probes_where_there_are_none(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    situation_at(&s, ROLLOUT_PREFLIGHT, 0);
    s.world.probes_possible = false;
    decide(&s);
    says(&s, ANSWER_INSUFFICIENT, ROLLOUT_REASON_DWELL);
    s.now += s.policy.dwell_s;
    decide(&s);
    says(&s, ANSWER_OK, ROLLOUT_REASON_NONE);
}

static void lets_probes_stand_for_visitors(void **state)
{
    (void)state;
    struct situation s;
    ramping(&s, 3);
    s.now += s.policy.dwell_s;
    tick_probes(&s, requests(29), requests(29));
    says(&s, ANSWER_INSUFFICIENT, ROLLOUT_REASON_FEW_REQUESTS);
    tick_probes(&s, requests(1), requests(1));
    says(&s, ANSWER_OK, ROLLOUT_REASON_NONE);
    s.policy.probes_carry_bp = s.rollout.share_bp - 1;
    decide(&s);
    says(&s, ANSWER_INSUFFICIENT, ROLLOUT_REASON_FEW_REQUESTS);
    // Probes that fail in the new mode alone go back.
    ramping(&s, 3);
    for (int i = 0; i < 6 && s.verdict.answer != ANSWER_BAD; i++) {
        tick_probes(&s, requests(5), errors(5, 5));
    }
    says(&s, ANSWER_BAD, ROLLOUT_REASON_SERVER_ERRORS);
}

// 3 % of errors, as always: 100 % is measured by what the old mode did before.
static void remembers_the_old_mode_at_the_end(void **state)
{
    (void)state;
    struct situation s;
    ramping(&s, 9);
    tick_visitors(&s, errors(1000, 30), errors(1000, 30));
    struct rollout_counts before = s.rollout.counts;
    situation_at(&s, ROLLOUT_RAMPING, 10);
    s.rollout.counts = before;
    s.now += s.policy.dwell_s;
    tick_visitors(&s, requests(0), errors(2000, 60));
    says(&s, ANSWER_OK, ROLLOUT_REASON_NONE);
}

static void takes_longer_to_finish(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    situation_at(&s, ROLLOUT_FINALISING, 10);
    s.now += s.policy.final_dwell_s - 1;
    s.rollout.seen_at = s.now;
    tick_visitors(&s, requests(0), requests(1000));
    says(&s, ANSWER_INSUFFICIENT, ROLLOUT_REASON_DWELL);
    s.now += 1;
    decide(&s);
    says(&s, ANSWER_OK, ROLLOUT_REASON_NONE);
}

// A final dwell that is almost over.
static void nearly_final(struct situation *s)
{
    situation_begin(s);
    situation_at(s, ROLLOUT_FINALISING, 10);
    tick_visitors(s, requests(0), requests(1000));
    enter(s);
    s->now += s->policy.final_dwell_s;
    s->rollout.seen_at = s->now - s->policy.tick_s;
}

// From here the whole time and the whole count are wanted once more.
static void begins_final_dwell_anew(struct situation *s)
{
    says(s, ANSWER_INSUFFICIENT, ROLLOUT_REASON_DWELL);
    enter(s);
    s->now += s->policy.final_dwell_s - 1;
    s->rollout.seen_at = s->now;
    tick_visitors(s, requests(0), requests(100));
    says(s, ANSWER_INSUFFICIENT, ROLLOUT_REASON_DWELL);
    s->now += 1;
    decide(s);
    says(s, ANSWER_INSUFFICIENT, ROLLOUT_REASON_FEW_REQUESTS);
    tick_visitors(s, requests(0), requests(49));
    says(s, ANSWER_OK, ROLLOUT_REASON_NONE);
}

// The lease ended while nobody looked, and the share was put again.
static void counts_no_time_without_the_share(void **state)
{
    (void)state;
    struct situation s;
    nearly_final(&s);
    rollout_applied(&s.rollout, 0, s.now);
    rollout_applied(&s.rollout, SHARE_ALL_BP, s.now);
    decide(&s);
    begins_final_dwell_anew(&s);
}

static void begins_final_dwell_anew_after_a_hold(void **state)
{
    (void)state;
    struct situation s;
    nearly_final(&s);
    s.world.edge_agrees = false;
    decide(&s);
    assert_int_equal(s.action.reason, ROLLOUT_REASON_EDGE_BUSY);
    enter(&s);
    s.world.edge_agrees = true;
    decide(&s);
    begins_final_dwell_anew(&s);
    nearly_final(&s);
    s.world.telemetry = false;
    tick_visitors(&s, requests(0), requests(0));
    assert_int_equal(s.action.reason, ROLLOUT_REASON_NO_TELEMETRY);
    enter(&s);
    s.world.telemetry = true;
    decide(&s);
    begins_final_dwell_anew(&s);
}

// Too few for the tests: 100 % is made permanent after a time without any.
// Whoever put the share again meanwhile may have died before telling.
static void counts_no_time_that_nobody_saw(void **state)
{
    (void)state;
    struct situation s;
    nearly_final(&s);
    s.rollout.seen_at = s.now - s.policy.lease_s - 1;
    tick_visitors(&s, requests(0), requests(1000));
    begins_final_dwell_anew(&s);
}

static void begins_final_dwell_anew_after_a_handshake(void **state)
{
    (void)state;
    struct situation s;
    nearly_final(&s);
    tick_visitors(&s, requests(0), handshakes(1000, 1));
    begins_final_dwell_anew(&s);
    nearly_final(&s);
    tick_visitors(&s, requests(0), errors(1000, 1));
    says(&s, ANSWER_OK, ROLLOUT_REASON_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wants_time_and_requests),
        cmocka_unit_test(counts_requests_to_the_origin_only),
        cmocka_unit_test(wants_more_after_a_failure),
        cmocka_unit_test(tells_hard_failures_apart),
        cmocka_unit_test(bears_two_lost_packets),
        cmocka_unit_test(compares_errors_and_redirects),
        cmocka_unit_test(holds_while_both_fail),
        cmocka_unit_test(holds_when_nobody_used_the_new_mode_in_an_outage),
        cmocka_unit_test(goes_on_when_only_the_old_mode_fails),
        cmocka_unit_test(asks_the_old_mode_at_all),
        cmocka_unit_test(settles_a_doubt_with_few_visitors),
        cmocka_unit_test(waits_for_telemetry),
        cmocka_unit_test(judges_pairs_before_visitors),
        cmocka_unit_test(goes_without_probes_where_there_are_none),
        cmocka_unit_test(lets_probes_stand_for_visitors),
        cmocka_unit_test(remembers_the_old_mode_at_the_end),
        cmocka_unit_test(takes_longer_to_finish),
        cmocka_unit_test(counts_no_time_without_the_share),
        cmocka_unit_test(counts_no_time_that_nobody_saw),
        cmocka_unit_test(begins_final_dwell_anew_after_a_hold),
        cmocka_unit_test(begins_final_dwell_anew_after_a_handshake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
