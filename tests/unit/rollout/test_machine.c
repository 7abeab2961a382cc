// SPDX-License-Identifier: Apache-2.0
#include <math.h>

#include "tests/support/check.h"
#include "tests/support/page.h"
#include "tests/unit/rollout/machine_text.h"
#include "tests/unit/rollout/situation.h"

static void reaches_every_state(void **state)
{
    (void)state;
    bool reached[ROLLOUT_STATE_COUNT] = {[ROLLOUT_ELIGIBLE] = true};
    for (int round = 0; round < ROLLOUT_STATE_COUNT; round++) {
        for (int from = 0; from < ROLLOUT_STATE_COUNT; from++) {
            for (int to = 0; reached[from] && to < ROLLOUT_STATE_COUNT; to++) {
                reached[to] =
                    reached[to] || rollout_may((enum rollout_state)from, (enum rollout_state)to);
            }
        }
    }
    for (int s = 0; s < ROLLOUT_STATE_COUNT; s++) {
        assert_true(reached[s]);
    }
}

static void goes_back_from_wherever_visitors_are(void **state)
{
    (void)state;
    for (int s = 0; s < ROLLOUT_STATE_COUNT; s++) {
        struct rollout r = {.state = (enum rollout_state)s};
        bool runs = s != ROLLOUT_ELIGIBLE && rollout_active(&r);
        assert_int_equal(rollout_may(r.state, ROLLOUT_ROLLED_BACK), runs);
    }
}

static void ends_where_it_ends(void **state)
{
    (void)state;
    for (int s = 0; s < ROLLOUT_STATE_COUNT; s++) {
        enum rollout_state to = (enum rollout_state)s;
        assert_int_equal(rollout_may(ROLLOUT_DONE, to), to == ROLLOUT_DONE);
        assert_int_equal(rollout_may(ROLLOUT_COOLDOWN, to), to == ROLLOUT_COOLDOWN);
        assert_int_equal(rollout_may(to, ROLLOUT_DONE),
                         to == ROLLOUT_FINALISING || to == ROLLOUT_DONE);
        // No visitor is moved but after preflight, and nothing follows preflight but the first
        // step.
        assert_int_equal(rollout_may(ROLLOUT_ELIGIBLE, to), to == ROLLOUT_ELIGIBLE ||
                                                                to == ROLLOUT_PREFLIGHT ||
                                                                to == ROLLOUT_COOLDOWN);
    }
}

static struct rollout at(enum rollout_state state, size_t step)
{
    struct situation s;
    situation_begin(&s);
    situation_at(&s, state, step);
    return s.rollout;
}

static void sees_each_broken_rule(void **state)
{
    (void)state;
    struct rollout broken[16];
    size_t n = 0;
    for (; n < COUNT_OF(broken); n++) {
        broken[n] = at(ROLLOUT_RAMPING, 3);
    }
    n = 0;
    broken[n++].to = MODE_FULL;
    broken[n++].from = MODE_NONE;
    broken[n++].step = 11;
    broken[n++].step_count = 0;
    broken[n++].steps_bp[5] = 4000;
    broken[n++].steps_bp[10] = 9999;
    broken[n++].share_bp = 3001;
    broken[n++].share_bp = 0;
    broken[n++].reason = ROLLOUT_REASON_TLS;
    broken[n++].paused = true;
    broken[n++].cooldown_until = NOW;
    broken[n++].generation = 0;
    broken[n++].lost_ticks = -1;
    broken[n++].cursor_count = LIMIT_EDGE_PROCESSES + 1;
    broken[n++].tests.hard_llr = NAN;
    broken[n++].state = ROLLOUT_FINALISING;
    assert_int_equal(n, COUNT_OF(broken));
    for (size_t i = 0; i < n; i++) {
        if (rollout_broken(&broken[i]) == NULL) {
            fail_msg("number %zu is not seen", i);
        }
    }
    const enum rollout_state without[] = {ROLLOUT_ELIGIBLE, ROLLOUT_PREFLIGHT, ROLLOUT_ROLLED_BACK,
                                          ROLLOUT_COOLDOWN};
    for (size_t i = 0; i < COUNT_OF(without); i++) {
        struct rollout r = at(without[i], 0);
        r.share_bp = 100;
        assert_non_null(rollout_broken(&r));
        r.share_bp = 0;
        assert_null(rollout_broken(&r));
    }
    struct rollout back = at(ROLLOUT_ROLLED_BACK, 3);
    back.reason = ROLLOUT_REASON_DWELL;
    assert_non_null(rollout_broken(&back));
}

static void begins_a_generation_with_fresh_counters(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    s.rollout.counts.of[COHORT_NEW].requests = 5;
    s.rollout.tests.hard_llr = 3;
    s.now += 1000;
    decide(&s);
    assert_int_equal(s.action.state, ROLLOUT_PREFLIGHT);
    enter(&s);
    assert_int_equal(s.rollout.started_at, s.now);
    assert_int_equal(s.rollout.counts.of[COHORT_NEW].requests, 0);
    assert_true(s.rollout.tests.hard_llr == 0);
}

static void counts_each_step_by_itself(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    situation_at(&s, ROLLOUT_RAMPING, 0);
    s.now += s.policy.dwell_s;
    tick_visitors(&s, requests(20000), requests(200));
    assert_int_equal(s.action.deed, DEED_MOVE);
    enter(&s);
    assert_int_equal(s.rollout.share_bp, 1000);
    assert_int_equal(s.rollout.step_at, s.now);
    assert_int_equal(s.rollout.step_counts.of[COHORT_NEW].requests, 0);
    assert_int_equal(s.rollout.counts.of[COHORT_NEW].requests, 200);
}

static void waits_longer_after_each_failure(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    const int64_t days[] = {1, 3, 7, 30, 30};
    for (int i = 0; i < (int)COUNT_OF(days); i++) {
        situation_at(&s, ROLLOUT_RAMPING, 0);
        s.action = rollout_back(&s.rollout, ROLLOUT_REASON_TLS, &s.policy, s.now);
        assert_int_equal(s.action.deed, DEED_BACK);
        enter(&s);
        assert_int_equal(s.rollout.failed_before, i + 1);
        decide(&s);
        assert_int_equal(s.action.state, ROLLOUT_COOLDOWN);
        enter(&s);
        assert_int_equal(s.rollout.cooldown_until, s.now + days[i] * 86400);
        assert_int_equal(s.rollout.tick_at, s.rollout.cooldown_until);
        struct rollout before = s.rollout;
        rollout_begin(&s.rollout, before.zone_id, MODE_FULL, MODE_STRICT, &before, false, &s.policy,
                      s.now);
        assert_int_equal(s.rollout.generation, before.generation + 1);
    }
    // A change at the origin forgives.
    struct rollout before = s.rollout;
    rollout_begin(&s.rollout, before.zone_id, MODE_FULL, MODE_STRICT, &before, true, &s.policy,
                  s.now);
    assert_int_equal(s.rollout.failed_before, 0);
}

static void blames_nobody_for_the_operator(void **state)
{
    (void)state;
    const enum rollout_reason free_of_blame[] = {
        ROLLOUT_REASON_TELEMETRY_LOST, ROLLOUT_REASON_MODE_CHANGED, ROLLOUT_REASON_CUSTOM,
        ROLLOUT_REASON_WITHDRAWN,      ROLLOUT_REASON_CERTIFICATE,  ROLLOUT_REASON_OPERATOR,
        ROLLOUT_REASON_STOP_ALL,       ROLLOUT_REASON_EDGE_FOREIGN};
    for (size_t i = 0; i < COUNT_OF(free_of_blame); i++) {
        struct situation s;
        situation_begin(&s);
        s.rollout.failed_before = 2;
        situation_at(&s, ROLLOUT_HOLDING, 0);
        s.action = rollout_back(&s.rollout, free_of_blame[i], &s.policy, s.now);
        enter(&s);
        assert_int_equal(s.rollout.failed_before, 2);
        decide(&s);
        enter(&s);
        assert_int_equal(s.rollout.cooldown_until, s.now + 86400);
    }
}

// A freeze of three days neither ends a step by its deadline nor counts for it.
static void does_not_count_a_freeze(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    situation_at(&s, ROLLOUT_RAMPING, 2);
    s.now += 100;
    s.world.frozen = true;
    decide(&s);
    assert_int_equal(s.action.reason, ROLLOUT_REASON_FROZEN);
    enter(&s);
    s.now += (int64_t)8 * 86400;
    decide(&s);
    assert_int_equal(s.action.state, ROLLOUT_HOLDING);
    enter(&s);
    s.world.frozen = false;
    decide(&s);
    assert_int_not_equal(s.action.deed, DEED_BACK);
    enter(&s);
    assert_int_equal(s.rollout.step_at, s.now - 100);
    assert_int_equal(s.rollout.started_at, s.now - 100);
}

static void keeps_the_page_equal_to_the_table(void **state)
{
    (void)state;
    struct buf want;
    buf_init(&want, (size_t)1 << 20);
    assert_err(machine_text(&want), ERR_OK);
    assert_page("docs/state-machine.md", &want, "print_machine");
    buf_done(&want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reaches_every_state),
        cmocka_unit_test(goes_back_from_wherever_visitors_are),
        cmocka_unit_test(ends_where_it_ends),
        cmocka_unit_test(sees_each_broken_rule),
        cmocka_unit_test(begins_a_generation_with_fresh_counters),
        cmocka_unit_test(counts_each_step_by_itself),
        cmocka_unit_test(waits_longer_after_each_failure),
        cmocka_unit_test(blames_nobody_for_the_operator),
        cmocka_unit_test(does_not_count_a_freeze),
        cmocka_unit_test(keeps_the_page_equal_to_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
