// SPDX-License-Identifier: Apache-2.0
#include "tests/support/check.h"
#include "tests/unit/rollout/situation.h"

static struct rollout_counts visitors(uint64_t count, uint64_t failures)
{
    return (struct rollout_counts){.of = {[COHORT_NEW] = handshakes(count, failures)}};
}

static uint64_t seen(struct rollout *r, const char *process, int64_t epoch, uint64_t count,
                     uint64_t failures)
{
    struct rollout_counts total = visitors(count, failures);
    struct rollout_counts fresh = {0};
    assert_err(rollout_observe(r, process, epoch, &total, &fresh), ERR_OK);
    return fresh.of[COHORT_NEW].requests;
}

static void counts_what_is_new(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    struct rollout *r = &s.rollout;
    assert_int_equal(seen(r, "a", 7, 100, 1), 100);
    assert_int_equal(seen(r, "a", 7, 130, 3), 30);
    assert_int_equal(seen(r, "a", 7, 130, 3), 0);
    assert_int_equal(r->counts.of[COHORT_NEW].requests, 130);
    assert_int_equal(r->step_counts.of[COHORT_NEW].tls_failures, 3);
}

static void sums_processes(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    struct rollout_counts fresh = {0};
    struct rollout_counts a = visitors(10, 1);
    struct rollout_counts b = visitors(20, 2);
    assert_err(rollout_observe(&s.rollout, "a", 1, &a, &fresh), ERR_OK);
    assert_err(rollout_observe(&s.rollout, "b", 1, &b, &fresh), ERR_OK);
    assert_int_equal(fresh.of[COHORT_NEW].requests, 30);
    assert_int_equal(fresh.of[COHORT_NEW].tls_failures, 3);
    assert_int_equal(s.rollout.cursor_count, 2);
    for (int i = 2; i < (int)LIMIT_EDGE_PROCESSES; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "p%d", i);
        (void)seen(&s.rollout, name, 1, 1, 0);
    }
    assert_err(rollout_observe(&s.rollout, "one more", 1, &a, &fresh), ERR_LIMIT);
    assert_int_equal(seen(&s.rollout, "a", 1, 11, 1), 1);
}

static void begins_anew_with_the_process(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    (void)seen(&s.rollout, "a", 1, 100, 2);
    assert_int_equal(seen(&s.rollout, "a", 2, 60, 1), 60);
    assert_int_equal(s.rollout.counts.of[COHORT_NEW].requests, 160);
    assert_int_equal(s.rollout.counts.of[COHORT_NEW].tls_failures, 3);
}

static void knows_counters_that_were_handed_on(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    (void)seen(&s.rollout, "a", 1, 100, 2);
    assert_int_equal(seen(&s.rollout, "a", 2, 104, 2), 4);
    assert_int_equal(s.rollout.counts.of[COHORT_NEW].tls_failures, 2);
}

// One counter that fell tells it of all: 7 failures now are 7 new ones, not 2.
static void sees_counters_set_back(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    (void)seen(&s.rollout, "a", 1, 100, 5);
    assert_int_equal(seen(&s.rollout, "a", 1, 50, 7), 50);
    assert_int_equal(s.rollout.counts.of[COHORT_NEW].tls_failures, 12);
}

static void sees_a_wrap(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    (void)seen(&s.rollout, "a", 1, UINT32_MAX - 9, 5);
    assert_int_equal(seen(&s.rollout, "a", 1, 20, 6), 30);
    assert_int_equal(s.rollout.counts.of[COHORT_NEW].tls_failures, 6);
    // Far from the end of 32 bits it is no wrap.
    struct situation t;
    situation_begin(&t);
    (void)seen(&t.rollout, "a", 1, 3000000000, 0);
    assert_int_equal(seen(&t.rollout, "a", 1, 20, 0), 20);
    // Counters of 64 bits do not wrap there.
    struct situation u;
    situation_begin(&u);
    (void)seen(&u.rollout, "a", 1, (uint64_t)UINT32_MAX + 5, 0);
    assert_int_equal(seen(&u.rollout, "a", 1, 20, 0), 20);
}

static void keeps_track_of_telemetry(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    rollout_heard(&s.rollout, false, NOW + 10);
    rollout_heard(&s.rollout, false, NOW + 20);
    assert_int_equal(s.rollout.lost_ticks, 2);
    assert_int_equal(s.rollout.seen_at, NOW);
    rollout_heard(&s.rollout, true, NOW + 30);
    assert_int_equal(s.rollout.lost_ticks, 0);
    assert_int_equal(s.rollout.seen_at, NOW + 30);
}

static void times_a_step_from_when_the_edge_has_it(void **state)
{
    (void)state;
    struct situation s;
    situation_begin(&s);
    situation_at(&s, ROLLOUT_RAMPING, 1);
    s.rollout.applied_bp = 100;
    rollout_applied(&s.rollout, 100, NOW + 10);
    assert_int_equal(s.rollout.step_at, NOW);
    rollout_applied(&s.rollout, 1000, NOW + 20);
    assert_int_equal(s.rollout.step_at, NOW + 20);
    rollout_applied(&s.rollout, 1000, NOW + 30);
    assert_int_equal(s.rollout.step_at, NOW + 20);
    assert_int_equal(s.rollout.applied_bp, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_what_is_new),
        cmocka_unit_test(sums_processes),
        cmocka_unit_test(begins_anew_with_the_process),
        cmocka_unit_test(knows_counters_that_were_handed_on),
        cmocka_unit_test(sees_counters_set_back),
        cmocka_unit_test(sees_a_wrap),
        cmocka_unit_test(keeps_track_of_telemetry),
        cmocka_unit_test(times_a_step_from_when_the_edge_has_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
