// SPDX-License-Identifier: Apache-2.0
// The two bars of the judge, in small; bench_rollout_stats shows them with more runs.
#include <math.h>

#include "tests/support/check.h"
#include "tests/unit/rollout/canary.h"

enum {
    RUNS = 300
};

static struct canary_rule judge(void)
{
    return (struct canary_rule){.name = "judge", .ratio = rollout_policy_default().odds_ratio};
}

static void leaves_healthy_canaries_alone(void **state)
{
    (void)state;
    const struct canary_rule rule = judge();
    int runs = 0;
    int aborted = 0;
    for (size_t i = 0; i < canary_healthy_count; i++) {
        struct canary_result result = canary_run(&canary_healthy[i], &rule, RUNS, i + 1);
        runs += result.runs;
        aborted += result.aborted;
    }
    struct canary_result all = {.runs = runs, .aborted = aborted};
    if (aborted > 1) {
        fail_msg("%d of %d: up to %g", aborted, runs, canary_upper(&all));
    }
}

static void sends_failing_canaries_back(void **state)
{
    (void)state;
    const struct canary_rule rule = judge();
    const struct canary failing[] = {
        {"5xx", 100, 1, 0.002, 0, false, 100, 100},
        {"5xx, old clean", 100, 1, 0, 0, false, 100, 100},
        {"handshakes", 100, 1, 0, 0, true, 100, 100},
        {"handshakes, old at .1 %", 100, 1, 0.001, 0, true, 100, 100},
    };
    for (size_t i = 0; i < COUNT_OF(failing); i++) {
        struct canary_result result = canary_run(&failing[i], &rule, RUNS, 7);
        assert_int_equal(result.aborted, RUNS);
        assert_true(result.median <= 5);
    }
}

// The tests can tell: what peeks without paying for it, fails them.
static void sees_what_peeking_does(void **state)
{
    (void)state;
    const struct canary_rule fisher = {.name = "Fisher", .fails = canary_fisher};
    struct canary_result result = canary_run(&canary_healthy[0], &fisher, RUNS, 3);
    assert_true(result.aborted > RUNS / 50);
}

static void repeats_itself(void **state)
{
    (void)state;
    const struct canary_rule rule = judge();
    const struct canary bad = {"some", 1000, 0.05, 0.002, 0, false, 100, 300};
    struct canary_result a = canary_run(&bad, &rule, 50, 11);
    struct canary_result b = canary_run(&bad, &rule, 50, 11);
    assert_int_equal(a.aborted, b.aborted);
    assert_true(a.median == b.median);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_healthy_canaries_alone),
        cmocka_unit_test(sends_failing_canaries_back),
        cmocka_unit_test(sees_what_peeking_does),
        cmocka_unit_test(repeats_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
