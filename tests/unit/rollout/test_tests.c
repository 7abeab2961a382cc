// SPDX-License-Identifier: Apache-2.0
// The statistics, by numbers that were worked out elsewhere.
#include <math.h>

#include "rollout/judge.h"
#include "tests/support/check.h"

static void near(double have, double want, double within)
{
    if (!(fabs(have - want) <= within)) {
        fail_msg("%.6g, not %.6g", have, want);
    }
}

static void gains_three_per_failure(void **state)
{
    (void)state;
    struct rollout_policy p = rollout_policy_default();
    near(hard_gain(&p, 1, 1), 3.00, 0.005);
    near(hard_gain(&p, 1, 0), -0.0192, 0.00005);
    near(hard_bound(&p), 6.86, 0.005);
    near(hard_accept(&p), -3.0, 0.01);
    near(ceil(hard_clean_run(&p)), 156, 0);
    // Two failures are never enough, three within some hundred clean ones are.
    assert_true(hard_gain(&p, 2, 2) < hard_bound(&p));
    assert_true(hard_gain(&p, 3 + 100, 3) >= hard_bound(&p));
    assert_true(hard_gain(&p, 3 + 120, 3) < hard_bound(&p));
}

// One stratum, in ticks of one request of the new mode.
static void advance(struct rollout_tests *t, struct stratum s, double *seen)
{
    struct rollout_policy p = rollout_policy_default();
    hard_advance(t, &s, 1, *seen, &p);
    *seen += s.new_n;
}

static void is_walds_test_until_it_accepts(void **state)
{
    (void)state;
    struct rollout_tests t = {0};
    double seen = 0;
    for (int i = 0; i < 156; i++) {
        advance(&t, (struct stratum){.new_n = 1, .old_n = 99}, &seen);
    }
    near(t.hard_llr, -3.0, 0.01);
    near(t.hard_doubt, -3.0, 0.01);
}

static void wakes_up_after_many_good_requests(void **state)
{
    (void)state;
    struct rollout_policy p = rollout_policy_default();
    struct rollout_tests t = {0};
    double seen = 0;
    for (int i = 0; i < 10000; i++) {
        advance(&t, (struct stratum){.new_n = 100, .old_n = 9900}, &seen);
    }
    int failures = 0;
    while (t.hard_llr < hard_bound(&p)) {
        advance(&t, (struct stratum){.new_n = 1, .new_x = 1, .old_n = 99}, &seen);
        failures++;
    }
    // Without the reserve a million good requests would hide 6400 failures.
    assert_in_range(failures, 5, 12);
}

static void goes_back_after_three_at_one_percent(void **state)
{
    (void)state;
    struct rollout_policy p = rollout_policy_default();
    struct rollout_tests t = {0};
    double seen = 0;
    for (int i = 0; i < 3; i++) {
        assert_true(t.hard_llr < hard_bound(&p));
        advance(&t, (struct stratum){.new_n = 1, .new_x = 1, .old_n = 99}, &seen);
    }
    assert_true(t.hard_llr >= hard_bound(&p));
    assert_int_equal(t.hard_failures, 3);
}

static void never_blames_an_outage(void **state)
{
    (void)state;
    struct rollout_policy p = rollout_policy_default();
    const double shares[] = {0.01, 0.1, 0.5, 0.9, 0.99};
    const double failing[] = {0.05, 0.3, 1};
    for (size_t i = 0; i < COUNT_OF(shares); i++) {
        for (size_t k = 0; k < COUNT_OF(failing); k++) {
            struct rollout_tests t = {0};
            double seen = 0;
            for (int tick = 0; tick < 200; tick++) {
                double n = 1000 * shares[i];
                struct stratum s = {n, round(n * failing[k]), 1000 - n,
                                    round((1000 - n) * failing[k])};
                advance(&t, s, &seen);
                assert_true(t.hard_llr < hard_bound(&p));
            }
            assert_true(t.hard_doubt > 0); // alone it looks bad
        }
    }
}

// All of the new mode's fail and none of the old one's: at once, at every share with a control.
static void sees_a_total_failure_in_one_tick(void **state)
{
    (void)state;
    struct rollout_policy p = rollout_policy_default();
    const double shares[] = {0.01, 0.1, 0.5, 0.9, 0.99};
    for (size_t i = 0; i < COUNT_OF(shares); i++) {
        struct rollout_tests t = {0};
        double n = 400 * shares[i];
        double seen = 0;
        advance(&t, (struct stratum){n, n, 400 - n, 0}, &seen);
        assert_true(t.hard_llr >= hard_bound(&p));
    }
    // At 100 % only probes can tell: ten pairs do.
    struct stratum both[] = {{1000, 1000, 0, 0}, {5, 5, 5, 0}};
    struct rollout_tests t = {0};
    hard_advance(&t, both, 1, 0, &p);
    assert_true(t.hard_llr < 1);
    hard_advance(&t, both, 2, 1000, &p);
    hard_advance(&t, both, 2, 2000, &p);
    assert_true(t.hard_llr >= hard_bound(&p));
}

// With Z by its definition: new 2 of 3, old 1 of 4, so m = 3 and j = 0..3.
static void weighs_odds_exactly(void **state)
{
    (void)state;
    struct rollout_policy p = rollout_policy_default();
    struct stratum s = {3, 2, 4, 1};
    double mean = 0;
    for (size_t i = 0; i < ODDS_COUNT; i++) {
        double r = p.odds_ratio;
        double w = r * odds_tried[i];
        double z0 = 4 + 3 * 6 * r + 3 * 4 * r * r + r * r * r;
        double z1 = 4 + 3 * 6 * w + 3 * 4 * w * w + w * w * w;
        mean += odds_tried[i] * odds_tried[i] * z0 / z1 / ODDS_COUNT;
    }
    near(exp(hard_control(&p, &s, 1)), JUDGE_KEPT + (1 - JUDGE_KEPT) * mean, 1e-9);
}

static void bounds_large_sums_by_the_binomial_test(void **state)
{
    (void)state;
    struct rollout_policy p = rollout_policy_default();
    struct stratum exact = {5000, JUDGE_TERMS_MAX - 1, 5000, 0};
    struct stratum bounded = {5000, JUDGE_TERMS_MAX, 5000, 0};
    double first = hard_control(&p, &exact, 1);
    double second = hard_control(&p, &bounded, 1);
    assert_true(first > 100 && second > 0.9 * first && second < first);
}

static double two_failures_at_one_percent(double ratio)
{
    double sums[ODDS_COUNT] = {0};
    for (int i = 0; i < 2; i++) {
        odds_advance(sums, &(struct stratum){.new_n = 1, .new_x = 1, .old_n = 99}, ratio);
    }
    return exp(odds_log_e(sums));
}

static void weighs_two_errors_at_one_percent(void **state)
{
    (void)state;
    near(two_failures_at_one_percent(1), 1400, 20);
    near(two_failures_at_one_percent(1.5), 820, 5);
}

static void needs_more_errors_at_half(void **state)
{
    (void)state;
    double sums[ODDS_COUNT] = {0};
    int failures = 0;
    while (odds_log_e(sums) < log(1000)) {
        odds_advance(sums, &(struct stratum){.new_n = 1, .new_x = 1, .old_n = 1}, 1);
        failures++;
    }
    assert_in_range(failures, 11, 13);
}

static void learns_nothing_from_one_cohort(void **state)
{
    (void)state;
    double sums[ODDS_COUNT] = {0};
    odds_advance(sums, &(struct stratum){.new_n = 10, .new_x = 10}, 1.5);
    odds_advance(sums, &(struct stratum){.old_n = 10, .old_x = 10}, 1.5);
    for (size_t i = 0; i < ODDS_COUNT; i++) {
        near(sums[i], 0, 0);
    }
}

static void tries_the_odds_anew(void **state)
{
    (void)state;
    double sums[ODDS_COUNT] = {-1000, -1000, -1000, -1000, -1000};
    odds_renew(sums, 50, 100);
    near(sums[0], -1000, 1e-9); // nothing before the hundredth failure
    odds_renew(sums, 100, 200);
    near(sums[0], log(0.25), 1e-9);
    double all = 0;
    for (int i = 0; i < 100000; i++) {
        all += judge_released(i, i + 1, 100);
    }
    assert_true(all < JUDGE_RESERVE && all > 0.99 * JUDGE_RESERVE);
}

// Wilson's interval of 10 of 100 at z = 1.96: 0.0552 .. 0.1744 (Newcombe 1998, table I).
static void bounds_a_share(void **state)
{
    (void)state;
    near(wilson_lower(10, 100, 1.959964), 0.0552, 0.0001);
    near(wilson_upper(10, 100, 1.959964), 0.1744, 0.0001);
    near(wilson_upper(0, 149, JUDGE_Z), 0.0178, 0.0001);
    near(wilson_upper(0, 0, JUDGE_Z), 1, 0);
    near(wilson_lower(0, 20, JUDGE_Z), 0, 0);
}

// Newcombe 1998, table II, method 10: 56/70 - 48/80 lies in 0.0524 .. 0.3339 at 95 %.
static void bounds_an_excess(void **state)
{
    (void)state;
    near(excess_upper(&(struct stratum){70, 56, 80, 48}, 1.959964), 0.3339, 0.0001);
    near(excess_upper(&(struct stratum){149, 0, 0, 0}, JUDGE_Z), 0.0178, 0.0001);
    assert_true(excess_upper(&(struct stratum){149, 1, 14900, 0}, JUDGE_Z) > 0.02);
    assert_true(excess_upper(&(struct stratum){1000, 50, 99000, 4950}, JUDGE_Z) < 0.02);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gains_three_per_failure),
        cmocka_unit_test(is_walds_test_until_it_accepts),
        cmocka_unit_test(wakes_up_after_many_good_requests),
        cmocka_unit_test(goes_back_after_three_at_one_percent),
        cmocka_unit_test(never_blames_an_outage),
        cmocka_unit_test(sees_a_total_failure_in_one_tick),
        cmocka_unit_test(weighs_odds_exactly),
        cmocka_unit_test(bounds_large_sums_by_the_binomial_test),
        cmocka_unit_test(weighs_two_errors_at_one_percent),
        cmocka_unit_test(needs_more_errors_at_half),
        cmocka_unit_test(learns_nothing_from_one_cohort),
        cmocka_unit_test(tries_the_odds_anew),
        cmocka_unit_test(bounds_a_share),
        cmocka_unit_test(bounds_an_excess),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
