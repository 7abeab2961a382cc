// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "tests/support/check.h"

static void grows_to_its_maximum_and_not_past_it(void **state)
{
    (void)state;
    OWN(buf_done) struct buf b;
    buf_init(&b, 1000);
    for (int i = 0; i < 1000; i++) {
        assert_ok(buf_add_char(&b, (char)('a' + i % 26)), NULL);
    }
    assert_err(buf_add_char(&b, 'x'), ERR_LIMIT);
    assert_err(buf_add_str(&b, "xx"), ERR_LIMIT);
    assert_err(buf_printf(&b, "%d", 7), ERR_LIMIT);
    assert_int_equal(b.len, 1000);
    assert_true(b.cap <= 1001);
    assert_int_equal(strlen(buf_str(&b)), 1000);
}

static void failed_growth_changes_nothing(void **state)
{
    (void)state;
    OWN(buf_done) struct buf b;
    buf_init(&b, 5);
    assert_ok(buf_add_str(&b, "abc"), NULL);
    assert_err(buf_add_str(&b, "def"), ERR_LIMIT);
    assert_string_equal(buf_str(&b), "abc");
    assert_err(buf_add(&b, "x", SIZE_MAX), ERR_LIMIT);
    assert_ok(buf_add_str(&b, "de"), NULL);
    assert_string_equal(buf_str(&b), "abcde");
}

static void is_a_string_at_any_time(void **state)
{
    (void)state;
    OWN(buf_done) struct buf b;
    buf_init(&b, 100);
    assert_string_equal(buf_str(&b), "");
    assert_int_equal(buf_span(&b).len, 0);
    assert_ok(buf_add_span(&b, span_of("one")), NULL);
    assert_ok(buf_printf(&b, " %s %d", "two", 3), NULL);
    assert_string_equal(buf_str(&b), "one two 3");
    buf_clear(&b);
    assert_string_equal(buf_str(&b), "");
    assert_ok(buf_add(&b, "a\0b", 3), NULL);
    assert_int_equal(buf_span(&b).len, 3);
}

static void hands_its_string_over(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    char *empty = buf_take(&b);
    assert_string_equal(empty, "");
    free(empty);
    assert_ok(buf_add_str(&b, "mine"), NULL);
    char *taken = buf_take(&b);
    assert_null(b.at);
    assert_int_equal(b.max, 100);
    buf_done(&b);
    assert_string_equal(taken, "mine");
    free(taken);
}

static void reads_a_stream_to_its_end(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 16383, 16384, 16385, 100000};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct buf b;
        FILE *file = tmpfile();
        assert_non_null(file);
        for (size_t k = 0; k < sizes[i]; k++) {
            assert_true(fputc('a' + (int)(k % 26), file) != EOF);
        }
        rewind(file);
        buf_init(&b, 100000);
        assert_ok(buf_read(&b, file), NULL);
        assert_int_equal(b.len, sizes[i]);
        assert_true(b.len == 0 || b.at[b.len - 1] == (char)('a' + (int)((b.len - 1) % 26)));
        rewind(file);
        b.max = b.len;
        assert_err(buf_read(&b, file), sizes[i] == 0 ? ERR_OK : ERR_LIMIT);
        buf_done(&b);
        (void)fclose(file);
    }
    struct buf b;
    buf_init(&b, 10);
    FILE *folder = fopen("/", "re");
    assert_non_null(folder);
    assert_err(buf_read(&b, folder), ERR_IO);
    (void)fclose(folder);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_to_its_maximum_and_not_past_it),
        cmocka_unit_test(failed_growth_changes_nothing),
        cmocka_unit_test(is_a_string_at_any_time),
        cmocka_unit_test(hands_its_string_over),
        cmocka_unit_test(reads_a_stream_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
