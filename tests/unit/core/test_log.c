// SPDX-License-Identifier: Apache-2.0
#include "core/log.h"

#include "tests/support/check.h"

static void expect(const struct log *log, const char *want)
{
    char text[4096];
    rewind(log->to);
    size_t len = fread(text, 1, sizeof text - 1, log->to);
    text[len] = '\0';
    assert_string_equal(text, want);
}

static void test_remote_words_cannot_forge_lines(void **state)
{
    (void)state;
    struct log log = {.to = tmpfile(), .level = LOG_LEVEL_INFO, .priority = false};
    assert_non_null(log.to);
    log_line(&log, LOG_LEVEL_WARNING, "zone %s", "a\nsslauto: error: b\033[2J\xc3\xa4");
    expect(&log, "sslauto: warning: zone a\\x0asslauto: error: b\\x1b[2J\\xc3\\xa4\n");
    (void)fclose(log.to);
}

static void test_levels_and_priorities(void **state)
{
    (void)state;
    struct log log = {.to = tmpfile(), .level = LOG_LEVEL_WARNING, .priority = true};
    assert_non_null(log.to);
    log_line(&log, LOG_LEVEL_INFO, "not written");
    log_line(&log, LOG_LEVEL_ERROR, "written");
    expect(&log, "<3>sslauto: error: written\n");
    (void)fclose(log.to);
}

static void test_long_words_are_cut(void **state)
{
    (void)state;
    struct log log = {.to = tmpfile(), .level = LOG_LEVEL_INFO, .priority = false};
    char words[3000];
    char text[8192];
    assert_non_null(log.to);
    memset(words, '\xff', sizeof words);
    words[sizeof words - 1] = '\0';
    log_line(&log, LOG_LEVEL_INFO, "%s", words);
    rewind(log.to);
    size_t len = fread(text, 1, sizeof text, log.to);
    assert_int_equal(len, strlen("sslauto: info: ") + 4 * 1023 + 1);
    (void)fclose(log.to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_remote_words_cannot_forge_lines),
        cmocka_unit_test(test_levels_and_priorities),
        cmocka_unit_test(test_long_words_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
