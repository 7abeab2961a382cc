// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "core/err.h"
#include "tests/support/check.h"

static void every_class_has_words(void **state)
{
    (void)state;
    for (int i = 0; i < ERR_COUNT; i++) {
        const char *words = err_str((enum err)i);
        assert_non_null(words);
        for (int other = 0; other < i; other++) {
            assert_string_not_equal(words, err_str((enum err)other));
        }
    }
    assert_string_equal(err_str((enum err)99), "unknown error");
}

static void system_errors_find_their_class(void **state)
{
    (void)state;
    static const struct {
        int errnum;
        enum err e;
    } rows[] = {{0, ERR_OK},         {ENOENT, ERR_NOT_FOUND}, {EACCES, ERR_DENIED},
                {ENOSPC, ERR_FULL},  {EROFS, ERR_READ_ONLY},  {EAGAIN, ERR_BUSY},
                {ENOMEM, ERR_NOMEM}, {EEXIST, ERR_EXISTS},    {EINTR, ERR_INTERRUPTED},
                {EPIPE, ERR_IO}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_err(err_from_errno(rows[i].errnum), rows[i].e);
    }
    assert_true(err_is_retryable(ERR_BUSY));
    assert_false(err_is_retryable(ERR_CORRUPT));
}

static void words_name_place_and_remedy(void **state)
{
    (void)state;
    struct why why = {0};
    assert_string_equal(why_text(&why, ERR_IO), "input/output error");
    assert_string_equal(why_text(NULL, ERR_IO), "input/output error");
    assert_err(why_set(&why, ERR_INVALID, "line %d: no", 3), ERR_INVALID);
    why_prefix(&why, "%s", "zones.csv");
    assert_string_equal(why_text(&why, ERR_INVALID), "zones.csv: line 3: no");
    assert_err(why_set(NULL, ERR_FULL, "nobody reads this"), ERR_FULL);
    why_prefix(NULL, "nobody");
}

static void long_words_are_cut(void **state)
{
    (void)state;
    char text[1000];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    struct why why = {0};
    assert_err(why_set(&why, ERR_INVALID, "%s", text), ERR_INVALID);
    assert_int_equal(strlen(why.text), sizeof why.text - 1);
    why_prefix(&why, "place");
    assert_int_equal(strlen(why.text), sizeof why.text - 1);
    assert_memory_equal(why.text, "place: xxx", 10);
    why_prefix(&why, "%s", text);
    assert_int_equal(strlen(why.text), sizeof why.text - 1);
}

static void test_remedies_for_files(void **state)
{
    (void)state;
    assert_string_equal(err_file_remedy(ENOENT), "check its name");
    assert_non_null(strstr(err_file_remedy(EACCES), "let this user read it"));
    assert_non_null(strstr(err_file_remedy(ENOSPC), "free space"));
    assert_non_null(strstr(err_file_remedy(EIO), "disk"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_class_has_words),
        cmocka_unit_test(system_errors_find_their_class),
        cmocka_unit_test(words_name_place_and_remedy),
        cmocka_unit_test(long_words_are_cut),
        cmocka_unit_test(test_remedies_for_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
