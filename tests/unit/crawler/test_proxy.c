// SPDX-License-Identifier: Apache-2.0
// crawl.proxy: everything goes through it, pinned to the origin's address, and the guard holds.
#include <unistd.h>

#include "tests/support/check.h"
#include "tests/unit/crawler/connect_proxy.h"
#include "tests/unit/crawler/crawl.h"
#include "tests/unit/crawler/origin_server.h"

struct lab {
    struct origin_server *http, *https;
    struct connect_proxy *proxy;
    struct crawl crawl;
    char url[64], pem[64];
};

static bool plain(void *ctx, const struct asked *asked, struct buf *out)
{
    (void)ctx;
    bool robots = strcmp(asked->path, "/robots.txt") == 0;
    return robots ? origin_answer(out, 404, "", "")
                  : origin_answer(out, 200, "Content-Type: text/html\r\n", "<p>hello</p>");
}

static void open_lab(struct lab *lab)
{
    crawl_init(&lab->crawl);
    (void)snprintf(lab->pem, sizeof lab->pem, "/tmp/sslauto-test-proxy-%d.pem", (int)getpid());
    lab->http = origin_server_start("127.0.0.1", NULL, plain, NULL);
    lab->https = origin_server_start("127.0.0.1", origin_tls("site.test", lab->pem), plain, NULL);
    lab->proxy = connect_proxy_start();
    (void)snprintf(lab->url, sizeof lab->url, "http://127.0.0.1:%u",
                   connect_proxy_port(lab->proxy));
    lab->crawl.policy.proxy = lab->url;
}

static void close_lab(struct lab *lab)
{
    crawl_done(&lab->crawl);
    connect_proxy_stop(lab->proxy);
    origin_server_stop(lab->http);
    origin_server_stop(lab->https);
    (void)unlink(lab->pem);
}

static void both_schemes_go_through_the_proxy(void **state)
{
    (void)state;
    struct lab lab;
    open_lab(&lab);
    const struct crawl_target *t =
        crawl_add(&lab.crawl, "site.test", "127.0.0.1", origin_server_port(lab.http),
                  origin_server_port(lab.https));
    crawl_run(&lab.crawl);
    const struct page_fetches *home = &t->visit->pages[0];
    assert_int_equal(home->http->outcome, OUTCOME_OK);
    assert_int_equal(home->https->outcome, OUTCOME_OK);
    assert_non_null(home->https->tls);
    assert_true(home->https->tls->certificate->name_ok);
    char line[128];
    char wanted[128];
    size_t asked = connect_proxy_asked(lab.proxy, line);
    (void)snprintf(wanted, sizeof wanted, "CONNECT 127.0.0.1:%u HTTP/1.1",
                   origin_server_port(lab.https));
    assert_string_equal(line, wanted);
    assert_int_equal(asked,
                     origin_server_connections(lab.http) + origin_server_connections(lab.https));
    close_lab(&lab);
}

static void the_guard_holds_before_the_proxy(void **state)
{
    (void)state;
    struct lab lab;
    open_lab(&lab);
    const struct crawl_target *t = crawl_add(&lab.crawl, "site.test", "10.0.0.1", 80, 443);
    crawl_run(&lab.crawl);
    assert_int_equal(t->visit->pages[0].https->outcome, OUTCOME_ADDRESS_REFUSED);
    char line[128];
    assert_int_equal(connect_proxy_asked(lab.proxy, line), 0);
    close_lab(&lab);
}

// A proxy that says no, or is not there, is not the origin's failure to speak TLS.
static void a_proxy_that_fails_gives_no_answer(void **state)
{
    (void)state;
    struct lab lab;
    open_lab(&lab);
    (void)snprintf(lab.url, sizeof lab.url, "http://127.0.0.1:%u", origin_closed_port("127.0.0.1"));
    const struct crawl_target *t =
        crawl_add(&lab.crawl, "site.test", "127.0.0.1", origin_server_port(lab.http),
                  origin_server_port(lab.https));
    crawl_run(&lab.crawl);
    const struct page_fetches *home = &t->visit->pages[0];
    assert_false(outcome_is_answer(home->http->outcome));
    assert_false(outcome_is_answer(home->https->outcome));
    assert_int_equal(origin_server_connections(lab.http), 0);
    close_lab(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_schemes_go_through_the_proxy),
        cmocka_unit_test(the_guard_holds_before_the_proxy),
        cmocka_unit_test(a_proxy_that_fails_gives_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
