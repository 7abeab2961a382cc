// SPDX-License-Identifier: Apache-2.0
#include "similarity/bag.h"

#include "core/limits.h"
#include "tests/support/check.h"

// Spreads small numbers over all bits (splitmix64).
static uint64_t mixed(uint64_t n)
{
    uint64_t z = (n + 1) * 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

static void fill(struct bag *bag, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i < to; i++) {
        assert_ok(bag_add(bag, mixed(i), 0, 0), NULL);
    }
}

static void counts_and_contains(void **state)
{
    (void)state;
    struct bag a, b, again;
    bag_init(&a, true);
    bag_init(&b, false);
    bag_init(&again, false);
    fill(&a, 0, 100);
    fill(&a, 0, 10);
    fill(&b, 0, 50);
    fill(&again, 0, 80);
    assert_int_equal(bag_count(&a, mixed(3)), 2);
    assert_int_equal(bag_count(&a, mixed(30)), 1);
    assert_int_equal(bag_count(&a, mixed(300)), 0);
    struct containment c = bag_containment(&a, NULL, &b, NULL);
    assert_int_equal(c.all, 110);
    assert_int_equal(c.stable, 110);
    assert_int_equal(c.found, 50); // the second copies of ten are not there
    c = bag_containment(&a, &again, &b, NULL);
    assert_int_equal(c.stable, 80);
    assert_int_equal(c.found, 50);
    c = bag_containment(&a, NULL, &b, &again);
    assert_int_equal(c.found, 80);
    bag_done(&a);
    bag_done(&b);
    bag_done(&again);
}

// A million shingles: memory stays bounded and the estimate within a percent.
static void large_bags_are_sampled(void **state)
{
    (void)state;
    struct bag a, b;
    bag_init(&a, true);
    bag_init(&b, true);
    fill(&a, 0, 1000000);
    fill(&b, 200000, 260000);
    assert_true(a.level > 0 && a.used <= LIMIT_SHINGLES && a.step_count <= LIMIT_SHINGLES);
    assert_int_equal(b.level, 0);
    double ratio = containment_ratio(bag_containment(&b, NULL, &a, NULL), 0);
    assert_true(ratio > .999);
    struct bag half;
    bag_init(&half, false);
    fill(&half, 500000, 1500000);
    ratio = containment_ratio(bag_containment(&a, NULL, &half, NULL), 0);
    assert_true(half.level > 0 && half.used <= LIMIT_FEATURES);
    assert_true(ratio > .48 && ratio < .52);
    bag_done(&a);
    bag_done(&b);
    bag_done(&half);
}

static void one_phrase_a_million_times(void **state)
{
    (void)state;
    struct bag bag;
    bag_init(&bag, true);
    for (int i = 0; i < 1000000; i++) {
        assert_ok(bag_add(&bag, 0, 0, 0), NULL);
    }
    assert_int_equal(bag.used, 1);
    assert_true(bag.step_count <= 64);
    bag_done(&bag);
}

static void empty_bags_contain_nothing(void **state)
{
    (void)state;
    struct bag bag;
    bag_init(&bag, false);
    struct containment c = bag_containment(&bag, NULL, &bag, &bag);
    assert_true(containment_ratio(c, .25) == .25);
    bag_done(&bag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_and_contains),
        cmocka_unit_test(large_bags_are_sampled),
        cmocka_unit_test(one_phrase_a_million_times),
        cmocka_unit_test(empty_bags_contain_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
