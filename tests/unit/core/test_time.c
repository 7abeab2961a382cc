// SPDX-License-Identifier: Apache-2.0
#include "core/time.h"
#include "tests/support/check.h"

static void prints_and_reads_back(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t at;
    } rows[] = {{"1970-01-01T00:00:00Z", 0},
                {"2026-11-21T05:59:23Z", 1795240763},
                {"2000-02-29T23:59:59Z", 951868799},
                {"1969-12-31T23:59:59Z", -1},
                {"9999-12-31T23:59:59Z", 253402300799}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[TIME_TEXT_SIZE];
        int64_t at = 1;
        assert_string_equal(time_print(text, rows[i].at), rows[i].text);
        assert_ok(time_parse(&at, span_of(rows[i].text)), NULL);
        assert_true(at == rows[i].at);
    }
    char text[TIME_TEXT_SIZE];
    assert_string_equal(time_print(text, 253402300800), "-");
    assert_string_equal(time_print(text, INT64_MAX), "-");
}

static void a_date_is_its_midnight(void **state)
{
    (void)state;
    int64_t at = 0;
    assert_ok(time_parse(&at, span_of("2026-11-21")), NULL);
    assert_true(at == 1795219200);
    static const char *const bad[] = {
        "",           "2026",       "2026-13-01", "2026-11-21T25:00:00Z", "2026-11-21T05:59:23",
        "21.11.2026", "2026-11-21 "};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_err(time_parse(&at, span_of(bad[i])), ERR_INVALID);
    }
    assert_true(at == 1795219200);
}

static void spans_are_for_people(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *text;
    } rows[] = {{0, "0 seconds"},  {1, "1 second"},  {59, "59 seconds"}, {60, "1 minute"},
                {7200, "2 hours"}, {86400, "1 day"}, {259200, "3 days"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[32];
        assert_string_equal(time_print_span(text, rows[i].seconds), rows[i].text);
    }
}

static void clocks_agree(void **state)
{
    (void)state;
    int64_t s = time_now_s();
    int64_t ms = time_now_ms();
    assert_true(ms / 1000 - s >= 0 && ms / 1000 - s <= 1);
    int64_t before = time_monotonic_ms();
    assert_true(time_monotonic_ms() >= before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_and_reads_back),
        cmocka_unit_test(a_date_is_its_midnight),
        cmocka_unit_test(spans_are_for_people),
        cmocka_unit_test(clocks_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
