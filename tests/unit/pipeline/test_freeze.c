// SPDX-License-Identifier: Apache-2.0
#include "core/time.h"
#include "pipeline/pipeline.h"
#include "tests/support/check.h"

static bool holds(const char *window, const char *at)
{
    struct freeze_window made = {0};
    struct why why = {0};
    int64_t now = 0;
    assert_ok(freeze_parse(&made, span_of(window), &why), &why);
    assert_ok(time_parse(&now, span_of(at)), NULL);
    return freeze_holds(&made, 1, now);
}

// 2026-11-20 is a Friday.
static void weeks_wrap(void **state)
{
    (void)state;
    static const char weekend[] = "fri 16:00-mon 08:00";
    assert_false(holds(weekend, "2026-11-20T15:59:59Z"));
    assert_true(holds(weekend, "2026-11-20T16:00:00Z"));
    assert_true(holds(weekend, "2026-11-22T12:00:00Z"));
    assert_true(holds(weekend, "2026-11-23T07:59:59Z"));
    assert_false(holds(weekend, "2026-11-23T08:00:00Z"));
    assert_true(holds(weekend, "1970-01-03T00:00:00Z")); // a Saturday
}

static void weekly_windows_within_a_week(void **state)
{
    (void)state;
    assert_true(holds(" MON 00:00 - tue 23:59 ", "2026-11-23T00:00:00Z"));
    assert_true(holds("mon 00:00-tue 23:59", "2026-11-24T23:58:59Z"));
    assert_false(holds("mon 00:00-tue 23:59", "2026-11-24T23:59:00Z"));
    assert_true(holds("wed 22:00-wed 04:00", "2026-11-24T00:00:00Z")); // all but 18 hours
    assert_false(holds("wed 22:00-wed 04:00", "2026-11-25T04:00:00Z"));
}

static void both_days_are_included(void **state)
{
    (void)state;
    static const char year[] = "2026-12-20..2027-01-03";
    assert_false(holds(year, "2026-12-19T23:59:59Z"));
    assert_true(holds(year, "2026-12-20T00:00:00Z"));
    assert_true(holds(year, "2027-01-03T23:59:59Z"));
    assert_false(holds(year, "2027-01-04T00:00:00Z"));
    assert_true(holds("2026-12-24 .. 2026-12-24", "2026-12-24T12:00:00Z"));
}

static void any_of_several_holds(void **state)
{
    (void)state;
    struct freeze_window two[2];
    assert_ok(freeze_parse(&two[0], span_of("2026-12-24..2026-12-24"), NULL), NULL);
    assert_ok(freeze_parse(&two[1], span_of("sat 00:00-sun 00:00"), NULL), NULL);
    int64_t saturday = 0;
    assert_ok(time_parse(&saturday, span_of("2026-11-21")), NULL);
    assert_true(freeze_holds(two, 2, saturday));
    assert_false(freeze_holds(two, 1, saturday));
    assert_false(freeze_holds(two, 0, saturday));
}

static void what_is_none_is_refused_with_what_is_one(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "fri",
        "fri 16:00",
        "fri 16:00-",
        "fri 16-mon 8",
        "fri 24:00-mon 08:00",
        "fri 16:60-mon 08:00",
        "freitag 16:00-mon 08:00",
        "fri 16:00-mon 08:00 UTC",
        "fri 16:00-fri 16:00",
        "fri +6:00-mon 08:00",
        "2026-12-20",
        "2026-12-20..",
        "2026-12-20..2026-12-19",
        "2026-02-28..2026-02-31",
        "2026-13-01..2027-01-03",
        "2026-12-20...2027-01-03",
        "2026-12-20T00:00:00Z..2027-01-03",
        "fri 16:00\xff-mon 08:00",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct freeze_window window = {.from = 7};
        struct why why = {0};
        assert_err(freeze_parse(&window, span_of(bad[i]), &why), ERR_INVALID);
        assert_int_equal(window.from, 7);
        assert_non_null(strstr(why.text, "fri 16:00-mon 08:00"));
        assert_non_null(strstr(why.text, "2026-12-20..2027-01-03"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weeks_wrap),
        cmocka_unit_test(weekly_windows_within_a_week),
        cmocka_unit_test(both_days_are_included),
        cmocka_unit_test(any_of_several_holds),
        cmocka_unit_test(what_is_none_is_refused_with_what_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
