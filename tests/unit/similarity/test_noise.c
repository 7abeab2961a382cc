// SPDX-License-Identifier: Apache-2.0
#include "similarity/noise.h"

#include "core/buf.h"
#include "tests/support/check.h"

struct row {
    const char *name, *a, *b;
    bool noise;
};

static const struct row rows[] = {
    {"equal", "<p>bread</p>", "<p>bread</p>", true},
    {"numbers", "page made in 12 ms at 09:15:02", "page made in 7 ms at 11:02:44", true},
    {"nonce", "<script nonce=\"r4nd0mAbCdEf12\">", "<script nonce=\"zzTop9Zz00AAbb77\">", true},
    {"scheme", "<a href=\"http://a.example/x\">", "<a href=\"https://a.example/x\">", true},
    {"word", "open on Monday", "open on Friday", false},
    {"word with a number behind", "room A1", "room B1", false},
    {"number against word", "item 5 left", "item five left", false},
    {"short token", "sku ab12", "sku cd34", false},
    {"long token", "id=abcdef123456", "id=fedcba654321xyz", true},
    {"added text", "<p>bread</p>", "<p>bread</p><p>cake</p>", false},
    {"removed text", "<p>bread</p> 12", "<p>bread</p>", false},
    {"a word beside a token", "token abcdef123456 ok", "token abcdef654321 no", false},
    {"path segment", "/blog/one/a", "/blog/two/a", false},
    {"scheme of another kind", "ftp://a.example", "http://a.example", false},
    {"http as a word", "speaks http today", "speaks https today", false},
    {"empty", "", "", true},
    {"one empty", "1", "", false},
};

static void check_row(void **state)
{
    const struct row *row = *state;
    struct noise found;
    assert_int_equal(noise_find(&found, span_of(row->a), span_of(row->b)), row->noise);
    assert_int_equal(noise_find(&found, span_of(row->b), span_of(row->a)), row->noise);
}

// A table in which every number differs is other content.
static void much_noise_is_content(void **state)
{
    (void)state;
    struct buf a;
    struct buf b;
    buf_init(&a, 1 << 20);
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 500; i++) {
        assert_ok(buf_printf(&a, "<td>%d</td>", i), NULL);
        assert_ok(buf_printf(&b, "<td>%d</td>", i + 1), NULL);
    }
    struct noise found;
    assert_false(noise_find(&found, buf_span(&a), buf_span(&b)));
    buf_done(&a);
    buf_done(&b);
}

struct control_row {
    const char *name, *http, *https, *again; // again NULL = no control
    bool explained;
};

static const struct control_row control_rows[] = {
    {"other customer, quiet page", "Customer 4711", "Customer 12", "Customer 4711", false},
    {"a counter", "visitor 4711 today", "visitor 4712 today", "visitor 4713 today", true},
    {"a counter without control", "visitor 4711 today", "visitor 4712 today", NULL, false},
    {"a clock without control", "at 09:15:02", "at 09:15:03", NULL, true},
    {"a nonce without control", "nonce=\"r4nd0mAbCdEf1234\"", "nonce=\"zzTop9Zz00AAbb77\"", NULL,
     true},
    {"other bundle, quiet page", "main.0123456789abcdef.js", "main.fedcba9876543210.js",
     "main.0123456789abcdef.js", false},
    {"noise and another number", "n=0123456789abcdef price 12", "n=fedcba9876543210 price 13",
     "n=1111222233334aaa price 12", false},
    {"scheme alone", "http://a.example/", "https://a.example/", "http://a.example/", true},
};

static void check_control(void **state)
{
    const struct control_row *row = *state;
    struct noise found;
    struct noise control;
    assert_true(noise_find(&found, span_of(row->http), span_of(row->https)));
    if (row->again != NULL) {
        assert_true(noise_find(&control, span_of(row->http), span_of(row->again)));
    }
    assert_int_equal(noise_explained(&found, row->again == NULL ? NULL : &control), row->explained);
}

int main(void)
{
    struct CMUnitTest tests[COUNT_OF(rows) + COUNT_OF(control_rows) + 1];
    size_t n = 0;
    for (; n < COUNT_OF(rows); n++) {
        struct row *row = (struct row *)(uintptr_t)&rows[n];
        tests[n] = (struct CMUnitTest){rows[n].name, check_row, NULL, NULL, row};
    }
    for (size_t i = 0; i < COUNT_OF(control_rows); i++) {
        struct control_row *row = (struct control_row *)(uintptr_t)&control_rows[i];
        tests[n++] = (struct CMUnitTest){row->name, check_control, NULL, NULL, row};
    }
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(much_noise_is_content);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
