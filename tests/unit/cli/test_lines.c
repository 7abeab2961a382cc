// SPDX-License-Identifier: Apache-2.0
#include "cli/lines.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/support/check.h"

static void open_text(struct lines *lines, const char *text, size_t len, size_t max)
{
    char path[] = "/tmp/sslauto-lines-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), (ssize_t)len);
    assert_int_equal(close(fd), 0);
    assert_ok(lines_open(lines, path, max, NULL), NULL);
    lines->name = "f";
    assert_int_equal(unlink(path), 0);
}

static void test_ends_and_byte_order_mark(void **state)
{
    (void)state;
    struct lines lines;
    struct span line;
    open_text(&lines,
              "\xef\xbb\xbf"
              "a,b\r\n\nlast",
              13, 100);
    assert_ok(lines_read(&lines, &line, NULL), NULL);
    assert_string_equal(line.at, "a,b");
    assert_ok(lines_read(&lines, &line, NULL), NULL);
    assert_int_equal(line.len, 0);
    assert_ok(lines_read(&lines, &line, NULL), NULL);
    assert_string_equal(line.at, "last");
    assert_int_equal(lines.number, 3);
    assert_err(lines_read(&lines, &line, NULL), ERR_NOT_FOUND);
    lines_close(&lines);
}

static void test_reading_goes_on_behind_a_bad_line(void **state)
{
    (void)state;
    struct lines lines;
    struct span line;
    struct why why = {""};
    open_text(&lines, "0123456789\na\0b\nok\n", 18, 8);
    assert_err(lines_read(&lines, &line, &why), ERR_LIMIT);
    assert_non_null(strstr(why.text, "8 bytes"));
    assert_err(lines_read(&lines, &line, &why), ERR_INVALID);
    assert_ok(lines_read(&lines, &line, &why), &why);
    assert_string_equal(line.at, "ok");
    assert_int_equal(lines.number, 3);
    lines_close(&lines);
}

static void test_missing_file_and_folder(void **state)
{
    (void)state;
    struct lines lines;
    struct why why = {""};
    assert_err(lines_open(&lines, "/nonexistent/z.csv", 10, &why), ERR_NOT_FOUND);
    assert_non_null(strstr(why.text, "/nonexistent/z.csv"));
    assert_err(lines_open(&lines, "/tmp", 10, &why), ERR_INVALID);
}

static void expect_fields(const char *text, const char *const *want, size_t want_count)
{
    char line[200];
    struct span fields[CSV_MAX_FIELDS] = {0};
    size_t count = 0;
    (void)snprintf(line, sizeof line, "%s", text);
    assert_ok(csv_split(fields, &count, line, strlen(line), NULL), NULL);
    assert_int_equal(count, want_count);
    for (size_t i = 0; i < want_count; i++) {
        assert_true(span_equal(fields[i], span_of(want[i])));
    }
}

static void test_csv_fields(void **state)
{
    (void)state;
    expect_fields("a,b,c", (const char *[]){"a", "b", "c"}, 3);
    expect_fields("", (const char *[]){""}, 1);
    expect_fields(",", (const char *[]){"", ""}, 2);
    expect_fields("\"a,b\",\"say \"\"x\"\"\",", (const char *[]){"a,b", "say \"x\"", ""}, 3);
    expect_fields("\"\",x", (const char *[]){"", "x"}, 2);
    expect_fields("'@team,\"'=1\",=1,'x,'", (const char *[]){"@team", "=1", "=1", "'x", "'"}, 5);
}

static void test_csv_bad_lines(void **state)
{
    (void)state;
    static const char *const bad[] = {"\"open", "\"a\"b,c", "a\"b", "\"a\" ,b"};
    struct span fields[CSV_MAX_FIELDS];
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        char line[50];
        (void)snprintf(line, sizeof line, "%s", bad[i]);
        assert_err(csv_split(fields, &count, line, strlen(line), NULL), ERR_INVALID);
    }
    char many[200];
    memset(many, ',', sizeof many);
    assert_err(csv_split(fields, &count, many, sizeof many, NULL), ERR_INVALID);
}

static void test_csv_written_reads_back(void **state)
{
    (void)state;
    static const char *const fields[] = {"plain", "a,b",   "a \"quote\"", "",   " lead",
                                         "x",     "@team", "=1+1",        "-1", "+1",
                                         "'@",    "''=",   "'x",          "'"};
    struct buf line;
    buf_init(&line, 1000);
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        assert_ok(csv_add(&line, fields[i]), NULL);
    }
    expect_fields(buf_str(&line), fields, COUNT_OF(fields));
    buf_done(&line);
}

static void test_csv_runs_no_formula(void **state)
{
    (void)state;
    struct buf line;
    buf_init(&line, 1000);
    assert_ok(csv_add(&line, "=cmd|' /C calc'!A0"), NULL);
    assert_ok(csv_add(&line, "@x"), NULL);
    assert_string_equal(buf_str(&line), "\"'=cmd|' /C calc'!A0\",\"'@x\"");
    buf_done(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends_and_byte_order_mark),
        cmocka_unit_test(test_reading_goes_on_behind_a_bad_line),
        cmocka_unit_test(test_missing_file_and_folder),
        cmocka_unit_test(test_csv_fields),
        cmocka_unit_test(test_csv_bad_lines),
        cmocka_unit_test(test_csv_written_reads_back),
        cmocka_unit_test(test_csv_runs_no_formula),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
