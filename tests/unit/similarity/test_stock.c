// SPDX-License-Identifier: Apache-2.0
#include "similarity/stock.h"

#include "core/buf.h"
#include "core/limits.h"
#include "tests/support/check.h"

struct row {
    const char *body;
    int kind; // enum stock_kind, -1 = none
};

#define TITLED(title) "<html><head><title>" title "</title></head><body><p>words</p></body></html>"

static const struct row rows[] = {
    {TITLED("Welcome to nginx!"), STOCK_DEFAULT},
    {TITLED("Apache2 Ubuntu Default Page: It works"), STOCK_DEFAULT},
    {"<html><body><h1>It works!</h1></body></html>", STOCK_DEFAULT},
    {TITLED("IIS Windows Server"), STOCK_DEFAULT},
    {TITLED("Account Suspended"), STOCK_SUSPENDED},
    {TITLED("example.com is for sale"), STOCK_PARKED},
    {"<html><body>This domain may be for sale</body></html>", STOCK_PARKED},
    {TITLED("Just a moment..."), STOCK_CHALLENGE},
    {TITLED("Attention Required! | Cloudflare"), STOCK_CHALLENGE},
    {TITLED("cPanel Login"), STOCK_PANEL},
    {TITLED("404 Not Found"), STOCK_ERROR},
    {TITLED("HTTP Status 500 \xe2\x80\x93 Internal Server Error"), STOCK_ERROR},
    {TITLED("example.com | 525: SSL handshake failed"), STOCK_ERROR},
    {"404 page not found\n", STOCK_ERROR},
    {TITLED("Database Error"), STOCK_DATABASE},
    {TITLED("Wartungsmodus"), STOCK_MAINTENANCE},
    {TITLED("Index of /pub"), STOCK_DIRECTORY},
    // Sites of their own that use the same words.
    {TITLED("500 Startups invests in founders"), -1},
    {TITLED("Welcome to our bakery"), -1},
    {TITLED("How we build domain models"), -1},
    {TITLED("Central Park guide: where to park"), -1},
    {TITLED("Lift maintenance and repair in Hamburg"), -1},
    {TITLED("Security consulting for banks"), -1},
    {TITLED("Tomcat, a cat of character"), -1},
    {TITLED(""), -1},
    {"", -1},
};

static void check_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct lexicon_entry *entry = stock_find(span_of(rows[i].body), NULL);
        int kind = entry == NULL ? -1 : (int)entry->kind;
        if (kind != rows[i].kind) {
            fail_msg("%s: %d, %s", rows[i].body, kind, entry == NULL ? "none" : entry->name);
        }
    }
}

static void large_bodies_are_no_stock_pages(void **state)
{
    (void)state;
    struct buf body;
    buf_init(&body, LIMIT_STOCK_SCAN * 2);
    assert_ok(buf_add_str(&body, "<title>Welcome to nginx!</title>"), NULL);
    while (body.len <= LIMIT_STOCK_SCAN) {
        assert_ok(buf_add_str(&body, "<p>a manual of many chapters</p>"), NULL);
    }
    assert_null(stock_find(buf_span(&body), NULL));
    buf_done(&body);
}

// Every pattern compiles: one that does not would make all of them unusable.
static void patterns_compile(void **state)
{
    (void)state;
    assert_ok(pattern_ready(), NULL);
    assert_non_null(
        pattern_find(PATTERN_SOFT_ERROR, span_of("お探しのページは見つかりませんでした")));
    assert_non_null(pattern_find(PATTERN_SOFT_LOGIN, span_of("Войти в кабинет")));
    assert_string_equal(pattern_find(PATTERN_SCRIPT_MOVE, span_of("location='http://a.example'")),
                        "http");
    assert_null(pattern_find(PATTERN_SOFT_ERROR, span_of("fresh bread every morning")));
    assert_null(pattern_find(PATTERN_VOLATILE, span_of("mother-in-law's")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_rows),
        cmocka_unit_test(large_bodies_are_no_stock_pages),
        cmocka_unit_test(patterns_compile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
