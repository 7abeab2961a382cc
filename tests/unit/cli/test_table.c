// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <locale.h>
#include <unistd.h>

#include "tests/support/check.h"

static const struct column columns[] = {{"NAME", 8, false}, {"N", 0, true}, {"WORDS", 0, false}};

struct capture {
    int stdout_fd;
    FILE *file;
};

static void begin(struct capture *capture)
{
    (void)fflush(stdout);
    capture->file = tmpfile();
    assert_non_null(capture->file);
    capture->stdout_fd = dup(STDOUT_FILENO);
    assert_true(dup2(fileno(capture->file), STDOUT_FILENO) >= 0);
}

static size_t end(struct capture *capture, char *text, size_t size)
{
    (void)fflush(stdout);
    assert_true(dup2(capture->stdout_fd, STDOUT_FILENO) >= 0);
    (void)close(capture->stdout_fd);
    rewind(capture->file);
    size_t len = fread(text, 1, size - 1, capture->file);
    text[len] = '\0';
    (void)fclose(capture->file);
    return len;
}

static void test_aligned_and_safe(void **state)
{
    (void)state;
    struct output out = {.color = false};
    struct capture capture;
    char text[1024];
    OWN(table_own) struct table *table = table_new(&out, columns, COUNT_OF(columns));
    begin(&capture);
    enum err e = table_row(table, (struct cell[]){{"a", 0}, {"1", 0}, {"x\033[31my", 0}});
    e = e == ERR_OK
            ? table_row(table, (struct cell[]){{"\xe6\x97\xa5\xe6\x9c\xac", 0}, {"10", 0}, {"", 0}})
            : e;
    e = e == ERR_OK ? table_row(table, (struct cell[]){{"far-too-long", 0}, {"2", 0}, {NULL, 0}})
                    : e;
    e = e == ERR_OK ? table_finish(table, NULL) : e;
    (void)end(&capture, text, sizeof text);
    assert_ok(e, NULL);
    assert_null(strchr(text, '\033'));
    assert_non_null(strstr(text, "NAME       N  WORDS\n"));
    assert_non_null(strstr(text, "a          1  x"));
    assert_non_null(strstr(text, "\xe6\x97\xa5\xe6\x9c\xac      10  \n")); // two wide characters
    assert_non_null(strstr(text, "far-t...   2  \n"));
}

static void test_rows_behind_the_held_ones_flow(void **state)
{
    (void)state;
    struct output out = {.color = false};
    struct capture capture;
    static char text[64 << 10];
    size_t rows = 0;
    OWN(table_own) struct table *table = table_new(&out, columns, COUNT_OF(columns));
    begin(&capture);
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < TABLE_HELD_ROWS + 50; i++) {
        e = table_row(table, (struct cell[]){{"a", 0}, {"1", 0}, {"w", 0}});
    }
    e = e == ERR_OK ? table_finish(table, &rows) : e;
    size_t len = end(&capture, text, sizeof text);
    assert_ok(e, NULL);
    assert_int_equal(rows, TABLE_HELD_ROWS + 50);
    size_t lines = 0;
    for (size_t i = 0; i < len; i++) {
        lines += text[i] == '\n';
    }
    assert_int_equal(lines, TABLE_HELD_ROWS + 51);
}

int main(void)
{
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_aligned_and_safe),
        cmocka_unit_test(test_rows_behind_the_held_ones_flow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
