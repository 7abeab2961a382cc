// SPDX-License-Identifier: Apache-2.0
// The page over HTTPS is compared with that over HTTP while it comes in. Whatever it turns out to
// be, the bytes that are kept are those that came.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/check.h"
#include "tests/unit/crawler/crawl.h"
#include "tests/unit/crawler/origin_server.h"

enum {
    SIZE = 100000, // several records and reads
    LATE = 70000
};

// What a host serves over HTTPS, by its name.
static const char *const hosts[] = {"same.test", "shorter.test", "longer.test",
                                    "late.test", "first.test",   "empty.test"};

static void write_page(char page[SIZE + 64], const char *host, bool tls)
{
    for (size_t i = 0; i < SIZE; i++) {
        page[i] = (char)('a' + i * i % 23);
    }
    memcpy(page, "<html>", 6);
    page[SIZE] = '\0';
    if (!tls || strcmp(host, "same.test") == 0) {
        return;
    }
    if (strcmp(host, "shorter.test") == 0) {
        page[LATE] = '\0';
    } else if (strcmp(host, "longer.test") == 0) {
        (void)snprintf(page + SIZE, 64, "<p>and more</p>");
    } else if (strcmp(host, "late.test") == 0) {
        page[LATE] = '!';
    } else if (strcmp(host, "first.test") == 0) {
        page[0] = ' ';
    } else {
        page[0] = '\0';
    }
}

static bool serve(void *ctx, const struct asked *asked, struct buf *out)
{
    (void)ctx;
    static _Thread_local char page[SIZE + 64]; // both servers may be at it
    if (strcmp(asked->path, "/robots.txt") == 0) {
        return origin_answer(out, 404, "", "");
    }
    write_page(page, asked->host, asked->tls);
    return origin_answer(out, 200, "Content-Type: text/html\r\n", page);
}

static void check_body(const struct fetch *fetch, const char *host)
{
    static char page[SIZE + 64];
    write_page(page, host, fetch->scheme == SCHEME_HTTPS);
    assert_int_equal(fetch->outcome, OUTCOME_OK);
    assert_int_equal(fetch->body.len, strlen(page));
    assert_int_equal(fetch->body_size, strlen(page));
    assert_string_equal(buf_str(&fetch->body), page);
}

static void crawl_all(size_t body_bytes, void (*check)(const struct visit *, const char *))
{
    struct crawl crawl;
    crawl_init(&crawl);
    crawl.policy.pages = 0;
    crawl.policy.body_bytes = body_bytes;
    char pem[64];
    (void)snprintf(pem, sizeof pem, "/tmp/sslauto-twins-%d.pem", (int)getpid());
    struct origin_server *http = origin_server_start("127.0.0.1", NULL, serve, NULL);
    struct origin_server *https =
        origin_server_start("127.0.0.1", origin_tls("same.test", pem), serve, NULL);
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        (void)crawl_add(&crawl, hosts[i], "127.0.0.1", origin_server_port(http),
                        origin_server_port(https));
    }
    crawl_run(&crawl);
    for (size_t i = 0; i < crawl.count; i++) {
        check(crawl.targets[i].visit, hosts[i]);
    }
    crawl_done(&crawl);
    origin_server_stop(http);
    origin_server_stop(https);
    (void)unlink(pem);
}

static void check_whole(const struct visit *visit, const char *host)
{
    const struct page_fetches *home = &visit->pages[0];
    bool same = strcmp(host, "same.test") == 0;
    check_body(home->http, host);
    check_body(home->https, host);
    assert_int_equal(home->https->body.at == home->http->body.at, same);
    assert_int_equal(home->http_again == NULL, same);
    if (home->http_again != NULL) {
        check_body(home->http_again, host);
    }
}

static void every_page_is_what_came(void **state)
{
    (void)state;
    crawl_all((size_t)1 << 20, check_whole);
}

static void check_cut(const struct visit *visit, const char *host)
{
    static char page[SIZE + 64];
    const struct fetch *https = visit->pages[0].https;
    write_page(page, host, true);
    page[LATE / 2] = '\0';
    assert_int_equal(https->body.len, strlen(page));
    assert_string_equal(buf_str(&https->body), page);
}

static void a_cut_page_is_what_came(void **state)
{
    (void)state;
    crawl_all(LATE / 2, check_cut);
}

static struct fetch *with_body(const char *text)
{
    struct fetch *fetch = calloc(1, sizeof *fetch);
    assert_non_null(fetch);
    buf_init(&fetch->body, 100);
    assert_int_equal(buf_add_str(&fetch->body, text), ERR_OK);
    return fetch;
}

static void a_shared_body_lives_as_long_as_anybody_has_it(void **state)
{
    (void)state;
    struct fetch *a = with_body("one");
    struct fetch *b = with_body("two");
    struct fetch *c = with_body("three");
    assert_int_equal(fetch_share_body(b, a), ERR_OK);
    assert_int_equal(fetch_share_body(c, b), ERR_OK);
    fetch_free(a);
    assert_string_equal(buf_str(&b->body), "one");
    fetch_drop_body(b);
    assert_int_equal(b->body.len, 0);
    assert_int_equal(buf_add_str(&b->body, "mine"), ERR_OK);
    assert_string_equal(buf_str(&c->body), "one");
    fetch_free(c);
    assert_string_equal(buf_str(&b->body), "mine");
    fetch_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_page_is_what_came),
        cmocka_unit_test(a_cut_page_is_what_came),
        cmocka_unit_test(a_shared_body_lives_as_long_as_anybody_has_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
