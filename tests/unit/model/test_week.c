// SPDX-License-Identifier: Apache-2.0
#include "model/week.h"

#include "core/time.h"
#include "tests/support/check.h"

static const struct {
    const char *day, *week; // as date(1) says it: date -u -d DAY +%G-W%V
} rows[] = {
    {"1969-12-28", "1969-W52"}, {"1969-12-29", "1970-W01"}, {"1970-01-01", "1970-W01"},
    {"1970-01-04", "1970-W01"}, {"1970-01-05", "1970-W02"}, {"2016-12-31", "2016-W52"},
    {"2017-01-01", "2016-W52"}, {"2017-01-02", "2017-W01"}, {"2020-12-31", "2020-W53"},
    {"2021-01-03", "2020-W53"}, {"2021-01-04", "2021-W01"}, {"2024-12-29", "2024-W52"},
    {"2024-12-30", "2025-W01"}, {"2026-11-21", "2026-W47"}, {"2026-12-28", "2026-W53"},
    {"2027-01-03", "2026-W53"}, {"2027-01-04", "2027-W01"}, {"9999-12-31", "9999-W52"},
};

static void names_are_those_of_the_standard(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[WEEK_TEXT_SIZE];
        int64_t at = 0;
        int64_t back = 0;
        assert_ok(time_parse(&at, span_of(rows[i].day)), NULL);
        for (int second = 0; second < 86400; second += 86399) {
            assert_string_equal(week_print(text, week_of(at + second)), rows[i].week);
        }
        if (at >= 0) {
            assert_ok(week_parse(&back, span_of(text)), NULL);
            assert_int_equal(back, week_of(at));
        }
    }
}

static void weeks_follow_each_other(void **state)
{
    (void)state;
    char before[WEEK_TEXT_SIZE] = "";
    for (int64_t week = week_of(0); week < INT64_C(4102444800); week += WEEK_S) {
        char text[WEEK_TEXT_SIZE];
        assert_int_equal(week_of(week), week);
        assert_int_equal(week_of(week + WEEK_S - 1), week);
        assert_true(strcmp(before, week_print(text, week)) < 0);
        (void)snprintf(before, sizeof before, "%s", text);
    }
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",         "2026-47",  "2026W47",   "2026-W00", "2026-W54",
                                      "2025-W53", "1969-W52", "2026-W4",   "2026-w47", "2026-W47 ",
                                      "x026-W47", "2026-W4x", "02026-W47", "2026-W+7"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        int64_t out = 7;
        assert_err(week_parse(&out, span_of(bad[i])), ERR_INVALID);
        assert_int_equal(out, 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_those_of_the_standard),
        cmocka_unit_test(weeks_follow_each_other),
        cmocka_unit_test(nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
