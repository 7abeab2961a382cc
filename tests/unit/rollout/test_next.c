// SPDX-License-Identifier: Apache-2.0
#include "tests/support/check.h"
#include "tests/unit/rollout/situation.h"

static void does(const struct situation *s, enum rollout_deed deed, enum rollout_state state,
                 enum rollout_reason reason)
{
    const struct rollout_action *a = &s->action;
    if (a->deed != deed || a->state != state || a->reason != reason) {
        fail_msg("deed %d, %s, %s; not %d, %s, %s", (int)a->deed, rollout_state_str(a->state),
                 rollout_reason_str(a->reason), (int)deed, rollout_state_str(state),
                 rollout_reason_str(reason));
    }
}

static void waits_for_its_turn(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    decide(&s);
    does(&s, DEED_MOVE, ROLLOUT_PREFLIGHT, ROLLOUT_REASON_NONE);
    const struct {
        enum rollout_reason reason;
        struct rollout_world change;
    } rows[] = {
        {ROLLOUT_REASON_CAPPED, {.capped = true}},
        {ROLLOUT_REASON_FROZEN, {.frozen = true}},
        {ROLLOUT_REASON_FROZEN, {.stopped = true}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        situation_begin(&s);
        s.world.capped = rows[i].change.capped;
        s.world.frozen = rows[i].change.frozen;
        s.world.stopped = rows[i].change.stopped;
        decide(&s);
        does(&s, DEED_WAIT, ROLLOUT_ELIGIBLE, rows[i].reason);
        assert_int_equal(s.action.ask_at, s.now + s.policy.idle_tick_s);
    }
    situation_begin(&s);
    s.world.confirmed = false;
    decide(&s);
    does(&s, DEED_WAIT, ROLLOUT_ELIGIBLE, ROLLOUT_REASON_UNCONFIRMED);
    situation_begin(&s);
    s.world.recommended = MODE_NONE;
    decide(&s);
    does(&s, DEED_WAIT, ROLLOUT_ELIGIBLE, ROLLOUT_REASON_UNCONFIRMED);
    situation_begin(&s);
    s.now += s.policy.fresh_s + 1;
    decide(&s);
    does(&s, DEED_WAIT, ROLLOUT_ELIGIBLE, ROLLOUT_REASON_STALE);
}

// Each way to lose its ground, as a change of the world.
static enum rollout_reason lose(struct situation *s, int way)
{
    switch (way) {
    case 0:
        s->world.mode = MODE_OFF;
        return ROLLOUT_REASON_MODE_CHANGED;
    case 1:
        s->world.automatic = false;
        return ROLLOUT_REASON_CUSTOM;
    case 2:
        s->world.recommended = MODE_FULL;
        return ROLLOUT_REASON_WITHDRAWN;
    case 3:
        s->world.certificate_short = true;
        return ROLLOUT_REASON_CERTIFICATE;
    case 4:
        s->world.edge_foreign = true;
        return ROLLOUT_REASON_EDGE_FOREIGN;
    default:
        return ROLLOUT_REASON_NONE;
    }
}

static void gives_up_without_its_ground(void **state)
{
    (void)state;
    for (int way = 0; way < 5; way++) {
        struct situation s;
        situation_begin(&s);
        enum rollout_reason reason = lose(&s, way);
        decide(&s);
        does(&s, DEED_MOVE, ROLLOUT_COOLDOWN, reason);
        enter(&s);
        assert_int_equal(s.rollout.cooldown_until, s.now);
        assert_int_equal(s.rollout.tick_at, 0);
    }
}

static void goes_back_without_its_ground(void **state)
{
    (void)state;
    const enum rollout_state running[] = {ROLLOUT_PREFLIGHT, ROLLOUT_RAMPING, ROLLOUT_WARMING,
                                          ROLLOUT_HOLDING, ROLLOUT_FINALISING};
    for (size_t i = 0; i < COUNT_OF(running); i++) {
        for (int way = 0; way < 5; way++) {
            struct situation s;
            situation_begin(&s);
            situation_at(&s, running[i], running[i] == ROLLOUT_FINALISING ? 10 : 0);
            enum rollout_reason reason = lose(&s, way);
            decide(&s);
            does(&s, DEED_BACK, ROLLOUT_ROLLED_BACK, reason);
            assert_int_equal(s.action.share_bp, 0);
        }
        struct situation s;
        situation_begin(&s);
        situation_at(&s, running[i], running[i] == ROLLOUT_FINALISING ? 10 : 0);
        s.world.stopped = true;
        decide(&s);
        does(&s, DEED_BACK, ROLLOUT_ROLLED_BACK, ROLLOUT_REASON_STOP_ALL);
    }
    // A scan that could say nothing is no reason.
    struct situation s;
    situation_begin(&s);
    situation_at(&s, ROLLOUT_RAMPING, 0);
    s.world.recommended = MODE_NONE;
    decide(&s);
    does(&s, DEED_WAIT, ROLLOUT_RAMPING, ROLLOUT_REASON_DWELL);
}

static void goes_back_without_telemetry(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    situation_at(&s, ROLLOUT_RAMPING, 0);
    s.world.telemetry = false;
    const struct rollout_counts none = {0};
    tick(&s, &none);
    does(&s, DEED_WAIT, ROLLOUT_HOLDING, ROLLOUT_REASON_NO_TELEMETRY);
    enter(&s);
    tick(&s, &none);
    tick(&s, &none);
    does(&s, DEED_BACK, ROLLOUT_ROLLED_BACK, ROLLOUT_REASON_TELEMETRY_LOST);
}

static void goes_back_after_too_long(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    situation_at(&s, ROLLOUT_HOLDING, 4);
    s.now += s.policy.step_deadline_s + 1;
    decide(&s);
    does(&s, DEED_BACK, ROLLOUT_ROLLED_BACK, ROLLOUT_REASON_TOO_LONG);
    situation_begin(&s);
    situation_at(&s, ROLLOUT_HOLDING, 4);
    s.rollout.started_at = s.now - s.policy.rollout_deadline_s - 1;
    decide(&s);
    does(&s, DEED_BACK, ROLLOUT_ROLLED_BACK, ROLLOUT_REASON_TOO_LONG);
}

// In seconds from the first probe to the last deed, with as many visitors as one likes.
static int64_t carry_through(struct situation *s)
{
    int64_t began = s->now;
    size_t step = 0;
    for (int i = 0; i < 100000 && s->rollout.state != ROLLOUT_DONE; i++) {
        int share = s->rollout.share_bp;
        struct rollout_counts fresh = {0};
        if (s->rollout.state == ROLLOUT_PREFLIGHT && s->action.deed == DEED_PROBE) {
            fresh.of[COHORT_PROBE_OLD] = fresh.of[COHORT_PROBE_NEW] = requests(1);
        }
        fresh.of[COHORT_NEW] = requests((uint64_t)share);
        fresh.of[COHORT_OLD] = requests(10000 - (uint64_t)share);
        tick(s, &fresh);
        assert_in_range(s->action.step, step, step + 1);
        assert_true(s->action.share_bp >= share);
        step = s->action.step;
        enter(s);
        assert_null(rollout_broken(&s->rollout));
        s->now = s->rollout.tick_at > s->now ? s->rollout.tick_at : s->now + 1;
    }
    assert_int_equal(s->rollout.state, ROLLOUT_DONE);
    assert_int_equal(s->rollout.share_bp, SHARE_ALL_BP);
    return s->now - began;
}

static void carries_a_healthy_zone_through(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    int64_t took = carry_through(&s);
    assert_in_range(took, 11 * 600 + 3600, 11 * 620 + 3700);
    situation_begin(&s);
    situation_modes(&s, MODE_FLEXIBLE, MODE_STRICT);
    assert_int_equal(s.rollout.step_count, 13);
    took = carry_through(&s);
    assert_in_range(took, 13 * 1800 + 3600, 13 * 1820 + 3700);
}

static void never_steps_before_the_edge_agrees(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    situation_at(&s, ROLLOUT_RAMPING, 0);
    s.now += s.policy.dwell_s;
    s.world.edge_agrees = false;
    tick_visitors(&s, requests(20000), requests(200));
    does(&s, DEED_WAIT, ROLLOUT_HOLDING, ROLLOUT_REASON_EDGE_BUSY);
    enter(&s);
    s.world.edge_agrees = true;
    decide(&s);
    does(&s, DEED_MOVE, ROLLOUT_RAMPING, ROLLOUT_REASON_DWELL);
    assert_int_equal(s.action.step, 1);
    assert_int_equal(s.action.share_bp, 1000);
}

static void waits_for_a_cold_cache(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    situation_modes(&s, MODE_FLEXIBLE, MODE_FULL);
    situation_at(&s, ROLLOUT_RAMPING, 2);
    s.now += s.policy.slow_dwell_s;
    struct cohort_counts warm = {.requests = 10000, .cache_hits = 8000};
    tick_visitors(&s, warm, (struct cohort_counts){.requests = 500, .cache_hits = 300});
    does(&s, DEED_WAIT, ROLLOUT_WARMING, ROLLOUT_REASON_COLD_CACHE);
    enter(&s);
    tick_visitors(&s, warm, (struct cohort_counts){.requests = 1000, .cache_hits = 820});
    does(&s, DEED_MOVE, ROLLOUT_RAMPING, ROLLOUT_REASON_DWELL);
    // Not for ever, and not where the scheme stays.
    situation_at(&s, ROLLOUT_RAMPING, 2);
    s.now += s.policy.warm_up_s;
    tick_visitors(&s, warm, (struct cohort_counts){.requests = 500, .cache_hits = 300});
    does(&s, DEED_MOVE, ROLLOUT_RAMPING, ROLLOUT_REASON_DWELL);
    situation_begin(&s);
    situation_at(&s, ROLLOUT_RAMPING, 2);
    s.now += s.policy.dwell_s;
    tick_visitors(&s, warm, (struct cohort_counts){.requests = 500, .cache_hits = 300});
    does(&s, DEED_MOVE, ROLLOUT_RAMPING, ROLLOUT_REASON_DWELL);
}

static void probes_where_visitors_are_few(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    situation_at(&s, ROLLOUT_RAMPING, 0);
    tick_visitors(&s, requests(300), requests(3));
    does(&s, DEED_WAIT, ROLLOUT_RAMPING, ROLLOUT_REASON_DWELL);
    s.now += s.policy.dwell_s;
    decide(&s);
    does(&s, DEED_PROBE, ROLLOUT_HOLDING, ROLLOUT_REASON_FEW_REQUESTS);
    assert_int_equal(s.action.probes, 5);
    enter(&s);
    tick_probes(&s, requests(28), requests(28));
    does(&s, DEED_PROBE, ROLLOUT_HOLDING, ROLLOUT_REASON_FEW_REQUESTS);
    assert_int_equal(s.action.probes, 2);
    assert_false(rollout_changes(&s.rollout, &s.action));
    tick_probes(&s, requests(2), requests(2));
    does(&s, DEED_MOVE, ROLLOUT_RAMPING, ROLLOUT_REASON_DWELL);
    situation_at(&s, ROLLOUT_RAMPING, 0);
    s.world.probes_possible = false;
    s.now += s.policy.dwell_s;
    decide(&s);
    does(&s, DEED_WAIT, ROLLOUT_HOLDING, ROLLOUT_REASON_FEW_REQUESTS);
}

static void holds_what_is_paused_and_still_goes_back(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    situation_at(&s, ROLLOUT_RAMPING, 0);
    assert_err(rollout_wish(&s.action, &s.rollout, WISH_PAUSE, &s.policy, s.now, NULL), ERR_OK);
    enter(&s);
    s.now += s.policy.dwell_s;
    tick_visitors(&s, requests(20000), requests(200));
    does(&s, DEED_WAIT, ROLLOUT_HOLDING, ROLLOUT_REASON_PAUSED);
    tick_visitors(&s, requests(300), handshakes(3, 3));
    does(&s, DEED_BACK, ROLLOUT_ROLLED_BACK, ROLLOUT_REASON_TLS);
    enter(&s);
    assert_false(s.rollout.paused);
}

static void finishes_once(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    situation_at(&s, ROLLOUT_FINALISING, 10);
    s.now += s.policy.final_dwell_s;
    s.rollout.seen_at = s.now;
    tick_visitors(&s, requests(0), requests(1000));
    does(&s, DEED_FINISH, ROLLOUT_DONE, ROLLOUT_REASON_NONE);
    // Killed after the zone was stored: it is finished, not changed by somebody else.
    s.world.mode = MODE_STRICT;
    decide(&s);
    does(&s, DEED_FINISH, ROLLOUT_DONE, ROLLOUT_REASON_NONE);
    s.rollout.failed_before = 2;
    enter(&s);
    assert_int_equal(s.rollout.failed_before, 0);
    decide(&s);
    does(&s, DEED_WAIT, ROLLOUT_DONE, ROLLOUT_REASON_NONE);
    assert_int_equal(s.action.ask_at, 0);
}

static void rests_when_the_edge_has_confirmed(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    situation_at(&s, ROLLOUT_ROLLED_BACK, 4);
    s.world.edge_agrees = false;
    decide(&s);
    does(&s, DEED_BACK, ROLLOUT_ROLLED_BACK, ROLLOUT_REASON_TLS);
    assert_false(rollout_changes(&s.rollout, &s.action));
    s.world.edge_foreign = true;
    decide(&s);
    does(&s, DEED_BACK, ROLLOUT_ROLLED_BACK, ROLLOUT_REASON_TLS);
    s.now += 2 * s.policy.lease_s + 1; // by then ours has run out
    decide(&s);
    does(&s, DEED_MOVE, ROLLOUT_COOLDOWN, ROLLOUT_REASON_TLS);
    s.world.edge_foreign = false;
    s.world.edge_agrees = true;
    decide(&s);
    does(&s, DEED_MOVE, ROLLOUT_COOLDOWN, ROLLOUT_REASON_TLS);
    enter(&s);
    decide(&s);
    does(&s, DEED_WAIT, ROLLOUT_COOLDOWN, ROLLOUT_REASON_TLS);
    assert_int_equal(s.action.ask_at, s.rollout.cooldown_until);
    s.now = s.rollout.cooldown_until;
    decide(&s);
    assert_int_equal(s.action.ask_at, 0);
}

// -- the operator --------------------------------------------------------------------------------

static void wish(struct situation *s, enum rollout_wish what)
{
    struct why why = {0};
    assert_ok(rollout_wish(&s->action, &s->rollout, what, &s->policy, s->now, &why), &why);
    enter(s);
}

static void refuses(struct situation *s, enum rollout_wish what)
{
    struct why why = {0};
    struct rollout_action out = {.probes = 77};
    assert_err(rollout_wish(&out, &s->rollout, what, &s->policy, s->now, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, rollout_state_str(s->rollout.state)));
    assert_int_equal(out.probes, 77);
}

static void pauses_and_resumes(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    wish(&s, WISH_PAUSE);
    assert_true(s.rollout.paused);
    decide(&s);
    does(&s, DEED_WAIT, ROLLOUT_ELIGIBLE, ROLLOUT_REASON_PAUSED);
    refuses(&s, WISH_PAUSE);
    wish(&s, WISH_RESUME);
    refuses(&s, WISH_RESUME);
    decide(&s);
    does(&s, DEED_MOVE, ROLLOUT_PREFLIGHT, ROLLOUT_REASON_NONE);
    situation_at(&s, ROLLOUT_WARMING, 2);
    wish(&s, WISH_PAUSE);
    assert_int_equal(s.rollout.state, ROLLOUT_HOLDING);
    s.now += 5000;
    wish(&s, WISH_RESUME);
    assert_int_equal(s.rollout.state, ROLLOUT_RAMPING);
    assert_int_equal(s.rollout.step_at, s.now);
    situation_at(&s, ROLLOUT_FINALISING, 10);
    wish(&s, WISH_PAUSE);
    assert_int_equal(s.rollout.state, ROLLOUT_FINALISING);
}

static void promotes_a_step_at_a_time(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    refuses(&s, WISH_PROMOTE);
    situation_at(&s, ROLLOUT_PREFLIGHT, 0);
    wish(&s, WISH_PROMOTE);
    assert_int_equal(s.rollout.share_bp, 100);
    s.rollout.applied_bp = 0;
    refuses(&s, WISH_PROMOTE);
    s.rollout.applied_bp = 100;
    for (size_t step = 1; step < s.rollout.step_count; step++) {
        wish(&s, WISH_PROMOTE);
        assert_int_equal(s.rollout.step, step);
    }
    wish(&s, WISH_PROMOTE);
    assert_int_equal(s.rollout.state, ROLLOUT_FINALISING);
    wish(&s, WISH_PROMOTE);
    assert_int_equal(s.action.deed, DEED_FINISH);
    assert_int_equal(s.rollout.state, ROLLOUT_DONE);
    refuses(&s, WISH_PROMOTE);
}

static void promotes_what_stays_paused(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    situation_at(&s, ROLLOUT_PREFLIGHT, 0);
    wish(&s, WISH_PAUSE);
    s.now += 100;
    wish(&s, WISH_PROMOTE);
    assert_true(s.rollout.paused);
    assert_int_equal(s.rollout.state, ROLLOUT_HOLDING);
    s.now += 100;
    wish(&s, WISH_PROMOTE);
    assert_int_equal(s.rollout.share_bp, 1000);
    s.now += 100;
    wish(&s, WISH_RESUME);
    assert_int_equal(s.rollout.step_at, s.now);
    assert_int_equal(s.rollout.started_at, s.now);
}

static void never_promotes_a_failure(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    situation_at(&s, ROLLOUT_RAMPING, 0);
    tick_visitors(&s, requests(300), handshakes(3, 3));
    refuses(&s, WISH_PROMOTE);
    situation_at(&s, ROLLOUT_PREFLIGHT, 0);
    tick_probes(&s, requests(2), handshakes(2, 2));
    refuses(&s, WISH_PROMOTE);
}

static void aborts_and_retries(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    wish(&s, WISH_ABORT);
    assert_int_equal(s.rollout.state, ROLLOUT_COOLDOWN);
    assert_int_equal(s.rollout.cooldown_until, s.now + 86400);
    situation_begin(&s);
    situation_at(&s, ROLLOUT_WARMING, 3);
    refuses(&s, WISH_RETRY);
    wish(&s, WISH_ABORT);
    assert_int_equal(s.action.deed, DEED_BACK);
    assert_int_equal(s.rollout.share_bp, 0);
    refuses(&s, WISH_ABORT);
    decide(&s);
    enter(&s);
    refuses(&s, WISH_ABORT);
    s.now += 10;
    wish(&s, WISH_RETRY);
    assert_int_equal(s.rollout.cooldown_until, s.now);
    assert_int_equal(s.rollout.tick_at, 0);
    for (int i = 0; i < WISH_COUNT; i++) {
        assert_non_null(rollout_wish_str((enum rollout_wish)i));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_for_its_turn),
        cmocka_unit_test(gives_up_without_its_ground),
        cmocka_unit_test(goes_back_without_its_ground),
        cmocka_unit_test(goes_back_without_telemetry),
        cmocka_unit_test(goes_back_after_too_long),
        cmocka_unit_test(carries_a_healthy_zone_through),
        cmocka_unit_test(never_steps_before_the_edge_agrees),
        cmocka_unit_test(waits_for_a_cold_cache),
        cmocka_unit_test(probes_where_visitors_are_few),
        cmocka_unit_test(holds_what_is_paused_and_still_goes_back),
        cmocka_unit_test(finishes_once),
        cmocka_unit_test(rests_when_the_edge_has_confirmed),
        cmocka_unit_test(pauses_and_resumes),
        cmocka_unit_test(promotes_a_step_at_a_time),
        cmocka_unit_test(promotes_what_stays_paused),
        cmocka_unit_test(never_promotes_a_failure),
        cmocka_unit_test(aborts_and_retries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
