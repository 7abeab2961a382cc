// SPDX-License-Identifier: Apache-2.0
#include "core/num.h"
#include "tests/support/check.h"

static void whole_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t min, max;
        enum err e;
        int64_t value;
    } rows[] = {
        {"0", 0, 9, ERR_OK, 0},
        {"-9223372036854775808", INT64_MIN, INT64_MAX, ERR_OK, INT64_MIN},
        {"9223372036854775807", 0, INT64_MAX, ERR_OK, INT64_MAX},
        {"9223372036854775808", 0, INT64_MAX, ERR_LIMIT, 0},
        {"-9223372036854775809", INT64_MIN, INT64_MAX, ERR_LIMIT, 0},
        {"99999999999999999999999", 0, INT64_MAX, ERR_LIMIT, 0},
        {"10", 0, 9, ERR_LIMIT, 0},
        {"-1", 0, 9, ERR_INVALID, 0},
        {"-1", -5, 9, ERR_OK, -1},
        {"", 0, 9, ERR_INVALID, 0},
        {"-", -9, 9, ERR_INVALID, 0},
        {"+1", 0, 9, ERR_INVALID, 0},
        {" 1", 0, 9, ERR_INVALID, 0},
        {"1 ", 0, 9, ERR_INVALID, 0},
        {"0x1", 0, 9, ERR_INVALID, 0},
        {"1e3", 0, 9999, ERR_INVALID, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t value = 4711;
        assert_err(num_parse(&value, span_of(rows[i].text), rows[i].min, rows[i].max), rows[i].e);
        assert_true(value == (rows[i].e == ERR_OK ? rows[i].value : 4711));
    }
}

static void ports(void **state)
{
    (void)state;
    uint16_t port = 1;
    assert_ok(num_parse_port(&port, span_of("65535")), NULL);
    assert_int_equal(port, 65535);
    assert_err(num_parse_port(&port, span_of("0")), ERR_LIMIT);
    assert_err(num_parse_port(&port, span_of("70000")), ERR_LIMIT);
    assert_err(num_parse_port(&port, span_of("http")), ERR_INVALID);
    assert_int_equal(port, 65535);
}

static void fractions(void **state)
{
    (void)state;
    double value = 0;
    assert_ok(num_parse_double(&value, span_of("0.25"), 0, 1), NULL);
    assert_true(value > 0.2499 && value < 0.2501);
    assert_ok(num_parse_double(&value, span_of("1e-3"), 0, 1), NULL);
    assert_err(num_parse_double(&value, span_of("1.5"), 0, 1), ERR_LIMIT);
    static const char *const bad[] = {"", " 1", "1 ", "nan", "inf", "one", "1,5"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_err(num_parse_double(&value, span_of(bad[i]), 0, 1), ERR_INVALID);
    }
}

static void durations(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {{"250ms", 250},      {"20s", 20000}, {"5m", 300000}, {"12h", 43200000},
                {"30d", 2592000000}, {"0", 0},       {"0s", 0}};
    int64_t ms = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ms = -1;
        assert_ok(num_parse_duration_ms(&ms, span_of(rows[i].text)), NULL);
        assert_true(ms == rows[i].ms);
    }
    static const char *const bad[] = {"", "20", "s", "20 s", "20S", "-1s", "1.5s", "1w"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_err(num_parse_duration_ms(&ms, span_of(bad[i])), ERR_INVALID);
    }
    assert_err(num_parse_duration_ms(&ms, span_of("9223372036854775807d")), ERR_LIMIT);
}

static void sizes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t bytes;
    } rows[] = {
        {"64", 64}, {"64B", 64}, {"500KiB", 512000}, {"8MiB", 8388608}, {"1GiB", 1073741824}};
    int64_t bytes = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_ok(num_parse_size(&bytes, span_of(rows[i].text)), NULL);
        assert_true(bytes == rows[i].bytes);
    }
    assert_err(num_parse_size(&bytes, span_of("1KB")), ERR_INVALID);
    assert_err(num_parse_size(&bytes, span_of("")), ERR_INVALID);
    assert_err(num_parse_size(&bytes, span_of("9223372036854775807GiB")), ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers), cmocka_unit_test(ports), cmocka_unit_test(fractions),
        cmocka_unit_test(durations),     cmocka_unit_test(sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
