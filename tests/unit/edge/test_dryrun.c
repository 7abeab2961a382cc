// SPDX-License-Identifier: Apache-2.0
#include "tests/support/check.h"
#include "tests/unit/edge/fixture.h"

static struct edge *open_dry(void)
{
    struct edge *edge = NULL;
    const struct edge_settings settings = {.name = "dryrun", .driver = "dryrun"};
    assert_ok(edge_open(&edge, &settings, NULL), NULL);
    return edge;
}

static struct edge_seen read_one(struct edge *edge, const struct zone *zone)
{
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    size_t count = 0;
    assert_ok(edge_read(edge, zone, seen, &count, NULL), NULL);
    assert_int_equal(count, 1);
    assert_string_equal(seen[0].process, "dryrun");
    return seen[0];
}

static struct edge_want ramp_of(const struct zone *zone, int share_bp)
{
    return (struct edge_want){.zone = zone,
                              .old_mode = MODE_FLEXIBLE,
                              .new_mode = MODE_STRICT,
                              .share_bp = share_bp,
                              .generation = 3,
                              .lease_s = 30};
}

static void test_is_dry_and_nothing_else(void **state)
{
    (void)state;
    OWN(edge_own) struct edge *edge = open_dry();
    assert_int_equal(edge_capabilities(edge), EDGE_DRY);
}

static void test_says_what_it_was_told(void **state)
{
    (void)state;
    OWN(edge_own) struct edge *edge = open_dry();
    OWN(zone_own) struct zone *zone = fixture_zone(1);
    OWN(zone_own) struct zone *other = fixture_zone(2);
    assert_false(read_one(edge, zone).known);

    struct edge_want want = ramp_of(zone, 1000);
    assert_ok(edge_apply(edge, &want, NULL), NULL);
    assert_ok(edge_apply(edge, &want, NULL), NULL);
    struct edge_seen seen = read_one(edge, zone);
    assert_true(seen.known);
    assert_false(seen.foreign);
    assert_int_equal(seen.old_mode, MODE_FLEXIBLE);
    assert_int_equal(seen.new_mode, MODE_STRICT);
    assert_int_equal(seen.share_bp, 1000);
    assert_int_equal(seen.generation, 3);
    assert_int_equal(seen.lease_left_s, 30);
    assert_false(read_one(edge, other).known);

    want = (struct edge_want){.zone = zone, .old_mode = MODE_STRICT};
    assert_ok(edge_apply(edge, &want, NULL), NULL);
    seen = read_one(edge, zone);
    assert_true(seen.known);
    assert_int_equal(seen.old_mode, MODE_STRICT);
    assert_int_equal(seen.generation, 0);
    assert_int_equal(seen.share_bp, 0);
}

static void test_forgets_with_its_handle(void **state)
{
    (void)state;
    OWN(zone_own) struct zone *zone = fixture_zone(1);
    struct edge *edge = open_dry();
    const struct edge_want want = ramp_of(zone, 1000);
    assert_ok(edge_apply(edge, &want, NULL), NULL);
    edge_close(edge);
    edge = open_dry();
    assert_false(read_one(edge, zone).known);
    edge_close(edge);
}

static void test_keeps_many_zones_apart(void **state)
{
    (void)state;
    enum {
        ZONES = 5000
    };
    OWN(edge_own) struct edge *edge = open_dry();
    OWN(zone_own) struct zone *zone = fixture_zone(0);
    for (unsigned i = 0; i < ZONES; i++) {
        (void)snprintf(zone->id, sizeof zone->id, "%032x", i);
        const struct edge_want want = ramp_of(zone, (int)i % 10000);
        assert_ok(edge_apply(edge, &want, NULL), NULL);
    }
    for (unsigned i = 0; i < ZONES; i++) {
        (void)snprintf(zone->id, sizeof zone->id, "%032x", i);
        assert_int_equal(read_one(edge, zone).share_bp, (int)i % 10000);
    }
    size_t count = 0;
    assert_ok(edge_stop_all(edge, &count, NULL), NULL);
    assert_int_equal(count, ZONES - 1); // one of them had no share
    assert_int_equal(read_one(edge, zone).share_bp, 0);
    assert_int_equal(read_one(edge, zone).generation, 3);
    assert_ok(edge_stop_all(edge, &count, NULL), NULL);
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_dry_and_nothing_else),
        cmocka_unit_test(test_says_what_it_was_told),
        cmocka_unit_test(test_forgets_with_its_handle),
        cmocka_unit_test(test_keeps_many_zones_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
