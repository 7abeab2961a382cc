// SPDX-License-Identifier: Apache-2.0
#include "similarity/charset.h"

#include "core/buf.h"
#include "tests/support/check.h"

static enum err collect(void *arg, struct span utf8)
{
    return buf_add_span((struct buf *)arg, utf8);
}

struct row {
    const char *name;
    struct span body;
    const char *content_type, *utf8;
};

#define BYTES(text) {text, sizeof(text) - 1}

static const struct row rows[] = {
    {"valid UTF-8 without a word", BYTES("caf\xc3\xa9"), NULL, "caf\xc3\xa9"},
    {"invalid UTF-8 is windows-1252", BYTES("caf\xe9 \x80"), NULL, "caf\xc3\xa9 \xe2\x82\xac"},
    {"iso-8859-1 is windows-1252", BYTES("\x80"), "text/html; charset=ISO-8859-1", "\xe2\x82\xac"},
    {"header before meta", BYTES("<meta charset=windows-1252>\xc3\xa9"), "text/html;charset=utf-8",
     "<meta charset=windows-1252>\xc3\xa9"},
    {"meta", BYTES("<meta charset=\"windows-1252\">\xe9"), "text/html",
     "<meta charset=\"windows-1252\">\xc3\xa9"},
    {"mark before header", BYTES("\xef\xbb\xbf\xc3\xa9"), "text/html; charset=iso-8859-1",
     "\xc3\xa9"},
    {"UTF-16 by its mark", BYTES("\xff\xfe\xe9\x00x\x00"), NULL, "\xc3\xa9x"},
    {"declared UTF-8 with broken bytes",
     BYTES("a\xff"
           "b\xc3"),
     "text/html; charset=utf-8",
     "a\xef\xbf\xbd"
     "b\xef\xbf\xbd"},
    {"surrogates and overlong forms are broken", BYTES("\xed\xa0\x80\xc0\xaf"),
     "text/html; charset=utf-8", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"NUL is a space", BYTES("a\0b"), "text/html; charset=utf-8", "a b"},
    {"unknown label", BYTES("caf\xe9"), "text/html; charset=klingon", "caf\xc3\xa9"},
};

static void check_row(void **state)
{
    const struct row *row = *state;
    struct buf out;
    buf_init(&out, 1 << 16);
    assert_ok(charset_decode(row->body, row->content_type, collect, &out), NULL);
    assert_string_equal(buf_str(&out), row->utf8);
    buf_done(&out);
}

int main(void)
{
    struct CMUnitTest tests[COUNT_OF(rows)];
    for (size_t n = 0; n < COUNT_OF(rows); n++) {
        struct row *row = (struct row *)(uintptr_t)&rows[n];
        tests[n] = (struct CMUnitTest){rows[n].name, check_row, NULL, NULL, row};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
