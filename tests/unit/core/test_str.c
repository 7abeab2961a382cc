// SPDX-License-Identifier: Apache-2.0
#include "core/str.h"
#include "tests/support/check.h"

static void ascii_stays_and_the_rest_is_escaped(void **state)
{
    (void)state;
    static const struct {
        struct span text;
        const char *shown;
    } rows[] = {
        {{"plain ~", 7}, "plain ~"},
        {{"\x1b[31mred", 8}, "\\x1b[31mred"},
        {{"a\r\n\tb", 5}, "a\\r\\n\\tb"},
        {{"back\\slash", 10}, "back\\\\slash"},
        {{"\0\x7f\xff", 3}, "\\x00\\x7f\\xff"},
        {{"caf\xc3\xa9", 5}, "caf\\xc3\\xa9"},
        {{NULL, 0}, ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char out[64];
        assert_string_equal(str_printable(out, sizeof out, rows[i].text), rows[i].shown);
    }
}

static void long_text_is_cut_between_escapes(void **state)
{
    (void)state;
    char out[8];
    assert_string_equal(str_printable(out, sizeof out, span_of("1234567")), "1234567");
    assert_string_equal(str_printable(out, sizeof out, span_of("12345678")), "1234...");
    assert_string_equal(str_printable(out, sizeof out,
                                      span_of("123\x01"
                                              "5678")),
                        "123...");
    assert_string_equal(str_printable(out, 4, span_of("\x01\x02")), "...");
    char guard[6] = "#####";
    assert_string_equal(str_printable(guard, 4, span_of("abcdefgh")), "...");
    assert_int_equal(guard[4], '#');
}

static void check_terminal(struct span text, const char *shown)
{
    OWN(buf_done) struct buf b;
    buf_init(&b, 1000);
    assert_ok(str_add_terminal(&b, text), NULL);
    assert_string_equal(buf_str(&b), shown);
}

static void terminals_get_other_scripts_but_no_tricks(void **state)
{
    (void)state;
    check_terminal(span_of("stra\xc3\x9f"
                           "e \xe6\x97\xa5 \xf0\x9f\x98\x80"),
                   "stra\xc3\x9f"
                   "e \xe6\x97\xa5 \xf0\x9f\x98\x80");
    // Escape, C1 control, right-to-left override, zero width space, broken and overlong bytes.
    check_terminal(span_of("\x1b]0;x\x07"), "\xef\xbf\xbd]0;x\xef\xbf\xbd");
    check_terminal(span_of("a\xc2\x9b"
                           "b"),
                   "a\xef\xbf\xbd"
                   "b");
    check_terminal(span_of("\xe2\x80\xae"
                           "exe"),
                   "\xef\xbf\xbd"
                   "exe");
    check_terminal(span_of("x\xe2\x80\x8b"), "x\xef\xbf\xbd");
    check_terminal(span_of("\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd");
    check_terminal(span_of("\xe2\x82"), "\xef\xbf\xbd\xef\xbf\xbd");
    check_terminal(span_of("a\nb"), "a\xef\xbf\xbd"
                                    "b");
}

static void html_is_escaped(void **state)
{
    (void)state;
    OWN(buf_done) struct buf b;
    buf_init(&b, 1000);
    assert_ok(str_add_html(&b, span_of("<a href=\"x\" title='y'>&amp;</a>\n\x01")), NULL);
    assert_string_equal(buf_str(&b), "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;"
                                     "&lt;/a&gt;\n\xef\xbf\xbd");
    OWN(buf_done) struct buf small;
    buf_init(&small, 3);
    assert_err(str_add_html(&small, span_of("<")), ERR_LIMIT);
}

static void utf8_is_well_formed_or_not(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool valid;
    } rows[] = {
        {"", true},
        {"abc", true},
        {"\xc3\xa4", true},
        {"\xf4\x8f\xbf\xbf", true},
        {"\xf4\x90\x80\x80", false},
        {"\xed\xa0\x80", false},
        {"\xc1\xbf", false},
        {"\xe0\x80\x80", false},
        {"\xf0\x80\x80\x80", false},
        {"\x80", false},
        {"\xc3", false},
        {"\xff", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(str_is_utf8(span_of(rows[i].text)), rows[i].valid);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ascii_stays_and_the_rest_is_escaped),
        cmocka_unit_test(long_text_is_cut_between_escapes),
        cmocka_unit_test(terminals_get_other_scripts_but_no_tricks),
        cmocka_unit_test(html_is_escaped),
        cmocka_unit_test(utf8_is_well_formed_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
