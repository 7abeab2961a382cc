// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include "tests/support/check.h"

static void test_line(void **state)
{
    (void)state;
    struct buf line;
    struct pipeline_progress progress = {
        .total = 1000,
        .done = 250,
        .waiting = 3,
        .started_at_ms = 1000,
        .now_ms = 11000,
        .by_outcome = {
            [OUTCOME_OK] = 200, [OUTCOME_CONNECT_TIMEOUT] = 7, [OUTCOME_TLS_FAILED] = 43}};
    buf_init(&line, 1000);
    assert_ok(progress_print(&line, &progress), NULL);
    assert_string_equal(buf_str(&line), "250/1000 zones  25 %  25.0/s  about 31 seconds left  "
                                        "3 wait for a second look  "
                                        "failed: 43 tls_failed, 7 connect_timeout");
    buf_done(&line);
}

static void test_nothing_known_yet(void **state)
{
    (void)state;
    struct buf line;
    struct pipeline_progress progress = {0};
    buf_init(&line, 1000);
    assert_ok(progress_print(&line, &progress), NULL);
    assert_string_equal(buf_str(&line), "0/0 zones  0 %  0.0/s");
    buf_clear(&line);
    assert_ok(progress_summary(&line, &progress), NULL);
    assert_string_equal(buf_str(&line), "Scanned 0 of 0 zones in 0.0 s: nothing to do");
    buf_done(&line);
}

static void test_summary(void **state)
{
    (void)state;
    struct buf line;
    struct pipeline_progress progress = {
        .total = 3,
        .done = 3,
        .now_ms = 1500,
        .by_verdict = {[VERDICT_UPGRADE] = 2, [VERDICT_UNKNOWN] = 1},
        .by_outcome = {[OUTCOME_DNS_FAILED] = 1}};
    buf_init(&line, 1000);
    assert_ok(progress_summary(&line, &progress), NULL);
    assert_string_equal(buf_str(&line), "Scanned 3 of 3 zones in 1.5 s: 2 upgrade, 1 unknown  "
                                        "failed: 1 dns_failed");
    buf_done(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_nothing_known_yet),
        cmocka_unit_test(test_summary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
