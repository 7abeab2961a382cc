// SPDX-License-Identifier: Apache-2.0
// The list of drivers, and what edge.h promises whatever the driver.
#include "edge/driver.h"

#include <stdlib.h>

#include "tests/support/check.h"
#include "tests/unit/edge/fixture.h"

static void test_lists_its_drivers(void **state)
{
    (void)state;
    assert_string_equal(edge_driver_name(0), "dryrun");
    assert_string_equal(edge_driver_name(1), "haproxy");
    assert_string_equal(edge_driver_name(2), "exec");
    assert_null(edge_driver_name(3));
}

static void test_refuses_settings_that_cannot_be(void **state)
{
    (void)state;
    static const char *const places[LIMIT_EDGE_PROCESSES + 1] = {"relative"};
    const struct {
        struct edge_settings settings;
        const char *words;
    } rows[] = {
        {{.name = "a", .driver = "varnish"}, "edge a: there is no driver \"varnish\"; there are"},
        {{.name = "", .driver = "dryrun"}, "a name has 1 to 31"},
        {{.name = "abcdefghijklmnopqrstuvwxyz0123456789", .driver = "dryrun"}, "1 to 31"},
        {{.name = "a", .driver = "dryrun", .places = places, .place_count = 1},
         "dryrun takes no place; leave \"relative\" out"},
        {{.name = "a", .driver = "exec", .timeout_ms = 1}, "exec needs a program"},
        {{.name = "a", .driver = "exec", .places = places, .place_count = 1, .timeout_ms = 1},
         "absolute path"},
        {{.name = "a", .driver = "exec", .places = places, .place_count = LIMIT_EDGE_PROCESSES + 1},
         "more than 16 places"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct why why = {""};
        struct edge *edge = NULL;
        assert_err(edge_check(&rows[i].settings, &why), ERR_INVALID);
        assert_non_null(strstr(why.text, rows[i].words));
        assert_err(edge_open(&edge, &rows[i].settings, NULL), ERR_INVALID);
        assert_null(edge);
    }
}

static void test_settings_are_copied(void **state)
{
    (void)state;
    OWN(edge_own) struct edge *edge = NULL;
    char name[] = "lab";
    char secret[] = "secret";
    struct edge_settings settings = {.name = name,
                                     .driver = "dryrun",
                                     .probe_secret = secret,
                                     .http_port = 81,
                                     .https_port = 444,
                                     .timeout_ms = 12,
                                     .skew_max_s = 7};
    assert_ok(edge_open(&edge, &settings, NULL), NULL);
    memset(name, 'x', sizeof name - 1);
    memset(secret, 'x', sizeof secret - 1);
    assert_string_equal(edge_name(edge), "lab");
    assert_string_equal(edge_driver_of(edge), "dryrun");
    assert_string_equal(edge->settings->name, "lab");
    assert_string_equal(edge->settings->probe_secret, "secret");
    assert_null(edge->settings->ca_file);
    assert_int_equal(edge->settings->http_port, 81);
    assert_int_equal(edge->settings->https_port, 444);
    assert_int_equal(edge->settings->timeout_ms, 12);
    assert_int_equal(edge->settings->skew_max_s, 7);
}

static void test_what_a_driver_cannot_is_said(void **state)
{
    (void)state;
    OWN(edge_own) struct edge *edge = NULL;
    OWN(zone_own) struct zone *zone = fixture_zone(1);
    const struct edge_settings settings = {.name = "dry", .driver = "dryrun"};
    struct edge_counted counted[LIMIT_EDGE_PROCESSES];
    struct edge_probe probe;
    struct why why = {""};
    size_t count = 99;
    assert_ok(edge_open(&edge, &settings, NULL), NULL);
    assert_err(edge_counters(edge, zone, 1, counted, &count, &why), ERR_INVALID);
    assert_string_equal(why.text, "edge dry (dryrun) cannot count requests");
    assert_int_equal(count, 99);
    assert_err(edge_probe(edge, zone, COHORT_PROBE_NEW, &probe, &why), ERR_INVALID);
    assert_string_equal(why.text, "edge dry (dryrun) cannot take probes");
    assert_err(edge_print(&settings, stderr, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "no configuration to print"));
    assert_ok(edge_forget(edge, zone, 1, NULL), NULL);
    assert_ok(edge_resync(edge, NULL, NULL, false, NULL), NULL);
    edge_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists_its_drivers),
        cmocka_unit_test(test_refuses_settings_that_cannot_be),
        cmocka_unit_test(test_settings_are_copied),
        cmocka_unit_test(test_what_a_driver_cannot_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
