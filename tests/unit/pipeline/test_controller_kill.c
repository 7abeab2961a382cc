// SPDX-License-Identifier: Apache-2.0
// The controller killed before each call of store and edge, each call failing once, and a second
// controller in the middle of the first one's tick. Whatever happens: never more visitors than
// committed, one event per transition (lab_close has db_check count them), and the same end.
#include <stdio.h>

#include "tests/unit/pipeline/lab.h"

#define FULL_EDGE (EDGE_COUNTS | EDGE_LEASES | EDGE_PROBES)

enum {
    HOUR = 3600,
};

static struct lab lab;

// The moments that are broken, each the first tick that does something there.
struct moment {
    const char *name;
    enum rollout_state state; // the last state before
    int share_bp;
    double tls_fails_from_bp;
    enum rollout_state end;
};

static const struct moment moments[] = {
    {"begins", ROLLOUT_ELIGIBLE, 0, 1e9, ROLLOUT_DONE},
    {"first visitors", ROLLOUT_PREFLIGHT, 0, 1e9, ROLLOUT_DONE},
    {"a step", ROLLOUT_RAMPING, 1000, 1e9, ROLLOUT_DONE},
    {"goes back", ROLLOUT_RAMPING, 2000, 2000, ROLLOUT_COOLDOWN},
    {"has gone back", ROLLOUT_ROLLED_BACK, 0, 2000, ROLLOUT_COOLDOWN},
    {"finishes", ROLLOUT_FINALISING, 10000, 1e9, ROLLOUT_DONE},
};

static bool reached(const struct moment *moment, const struct rollout *r)
{
    return r->state == moment->state && r->share_bp == moment->share_bp &&
           (r->share_bp == 0 || r->applied_bp == r->share_bp);
}

static void run_to_moment(const struct moment *moment)
{
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab.tls_fails_from_bp = moment->tls_fails_from_bp;
    for (int i = 0; i < 2000; i++) {
        struct rollout r = lab_rollout(&lab);
        if (reached(moment, &r)) {
            return;
        }
        lab_run(&lab, LAB_STEP_S);
    }
    fail_msg("never came to: %s", moment->name);
}

// Ticks from the moment to the one that changes something. The lab does the same each time.
static int ticks_until_change(const struct moment *moment)
{
    run_to_moment(moment);
    struct rollout before = lab_rollout(&lab);
    int ticks = 0;
    for (; ticks < 1000; ticks++) {
        lab_run(&lab, LAB_STEP_S);
        struct rollout after = lab_rollout(&lab);
        if (after.share_bp != before.share_bp ||
            (after.state != before.state && after.state != ROLLOUT_HOLDING)) {
            break;
        }
    }
    lab_close(&lab);
    return ticks;
}

// Breaks call number `call` of that tick. False: so many calls were not made.
static bool broken_run(const struct moment *moment, int ticks, int64_t call, enum lab_break how)
{
    run_to_moment(moment);
    lab_run(&lab, (int64_t)ticks * LAB_STEP_S);
    lab_pass_time(&lab, LAB_STEP_S);
    lab_break_at(&lab, call, how);
    (void)lab_tick(&lab);
    bool broken = lab.broken;
    lab_mend(&lab);
    db_rollback(lab.db); // the killed process' transaction is gone with it
    lab_run_to(&lab, moment->end, 4 * HOUR);
    assert_int_equal(lab_mode(&lab), moment->end == ROLLOUT_DONE ? MODE_STRICT : MODE_FULL);
    assert_int_equal(lab_rollout(&lab).generation, 1);
    assert_int_equal(lab_events(&lab, ROLLOUT_DONE), moment->end == ROLLOUT_DONE);
    lab_close(&lab);
    return broken;
}

static void break_each_call(enum lab_break how)
{
    for (size_t i = 0; i < COUNT_OF(moments); i++) {
        int ticks = ticks_until_change(&moments[i]);
        int64_t call = 0;
        while (broken_run(&moments[i], ticks, call, how)) {
            call++;
        }
        print_message("%s: %d calls\n", moments[i].name, (int)call);
        assert_true(call > 10);
    }
}

static void killed_before_each_call(void **state)
{
    (void)state;
    break_each_call(LAB_KILL);
}

static void each_call_fails_once(void **state)
{
    (void)state;
    break_each_call(LAB_FAIL);
}

// A decision to go back that the store did not take is not undone when it is back.
static void bad_stays_bad_without_the_store(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab_run_to_share(&lab, 2000, HOUR);
    lab.tls_fails_from_bp = 0;
    lab_break_at(&lab, 0, LAB_DEAF);
    bool seen = false;
    for (int i = 0; i < 30; i++) {
        lab_pass_time(&lab, LAB_STEP_S);
        (void)lab_tick(&lab);
        bool zero = lab_share(&lab, 0) + lab_share(&lab, 1) == 0;
        assert_true(zero || !seen); // once taken back it stays
        seen = seen || zero;
    }
    assert_true(seen);
    assert_int_equal(lab_rollout(&lab).share_bp, 2000);
    lab.tls_fails_from_bp = 1e9; // the origin is well again: that is too late
    lab_mend(&lab);
    lab_run_to(&lab, ROLLOUT_ROLLED_BACK, 60);
    assert_int_equal(lab_rollout(&lab).reason, ROLLOUT_REASON_TLS);
    lab_close(&lab);
}

// -- two controllers -----------------------------------------------------------------------------

static struct db *other;

static void tick_other(struct lab *of)
{
    struct why why = {0};
    struct controller_sums sums = {0};
    db_clock_set(other, of->now);
    assert_ok(controller_tick(other, of->edges, 1, &of->policy, &of->watch, &sums, &why), &why);
}

static void two_share_a_store(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    other = lab_handle(&lab);
    for (int i = 0; i < 2000 && lab_rollout(&lab).state != ROLLOUT_DONE; i++) {
        lab_run(&lab, LAB_STEP_S);
        tick_other(&lab);
    }
    assert_int_equal(lab_mode(&lab), MODE_STRICT);
    assert_int_equal(lab_events(&lab, ROLLOUT_DONE), 1);
    db_close(other);
    lab_close(&lab);
}

// The first one sleeps inside its call of the edge until its claim is over; the second one finds
// that the new mode fails, goes back and records it. The first one wakes and finishes its call.
static void overtake(struct lab *of)
{
    of->tls_fails_from_bp = 0;
    lab_pass_time(of, 25);
    tick_other(of);
    lab_pass_time(of, LAB_STEP_S);
    tick_other(of);
}

static void a_sleeper_is_overtaken(void **state)
{
    (void)state;
    for (int at = 0; at < 40; at++) {
        lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
        other = lab_handle(&lab);
        lab_run_to_share(&lab, 1000, HOUR);
        lab_run(&lab, at * LAB_STEP_S);
        lab.edge.before_apply = overtake;
        lab.tampered = true; // until the next look, or the lease's end
        lab_run(&lab, 4 * LAB_STEP_S);
        lab_run_to(&lab, ROLLOUT_COOLDOWN, 120);
        lab.tampered = false;
        lab_run(&lab, 40);
        assert_int_equal(lab_share(&lab, 0), 0);
        db_close(other);
        lab_close(&lab);
    }
}

static void abort_it(struct lab *of)
{
    struct why why = {0};
    db_clock_set(other, of->now);
    assert_ok(controller_wish(other, of->edges, 1, "a.example", WISH_ABORT, "cli:test", "no",
                              &of->policy, &why),
              &why);
}

// The operator takes it back between its look and its renewal of the lease.
static void what_was_taken_back_is_not_renewed(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    other = lab_handle(&lab);
    lab_run_to_share(&lab, 1000, HOUR);
    lab.edge.before_counters = abort_it;
    for (int i = 0; i < 4 && lab.edge.before_counters != NULL; i++) {
        lab_run(&lab, LAB_STEP_S);
    }
    assert_null(lab.edge.before_counters);
    assert_int_equal(lab_share(&lab, 0) + lab_share(&lab, 1), 0);
    assert_int_equal(lab_rollout(&lab).reason, ROLLOUT_REASON_OPERATOR);
    db_close(other);
    lab_close(&lab);
}

int main(void)
{
    lab_short_plan = true;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_before_each_call),
        cmocka_unit_test(each_call_fails_once),
        cmocka_unit_test(bad_stays_bad_without_the_store),
        cmocka_unit_test(two_share_a_store),
        cmocka_unit_test(a_sleeper_is_overtaken),
        cmocka_unit_test(what_was_taken_back_is_not_renewed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
