// SPDX-License-Identifier: Apache-2.0
// The engine against origins on loopback: what it asks for, in which order, and what it makes of
// the answers. test_crawler_hostile.c has the origins that misbehave.
#include <unistd.h>

#include "core/time.h"
#include "tests/support/check.h"
#include "tests/unit/crawler/crawl.h"
#include "tests/unit/crawler/origin_server.h"

#define PAGE "<html><body><p>hello</p><a href=/one/a>a</a> <a href=/two/b>b</a></body></html>"

struct site {
    struct origin_server *http, *https;
    struct crawl crawl;
    struct crawl_target *t;
    char pem[64];
};

static void open_site(struct site *site, origin_script *http, origin_script *https)
{
    crawl_init(&site->crawl);
    (void)snprintf(site->pem, sizeof site->pem, "/tmp/sslauto-test-%d.pem", (int)getpid());
    site->http = origin_server_start("127.0.0.1", NULL, http, site);
    site->https = origin_server_start("127.0.0.1", origin_tls("site.test", site->pem), https, site);
    site->t = crawl_add(&site->crawl, "site.test", "127.0.0.1", origin_server_port(site->http),
                        origin_server_port(site->https));
}

static void close_site(struct site *site)
{
    crawl_done(&site->crawl);
    origin_server_stop(site->http);
    origin_server_stop(site->https);
    (void)unlink(site->pem);
}

static bool is_robots(const struct asked *asked)
{
    return strcmp(asked->path, "/robots.txt") == 0;
}

static bool plain(void *ctx, const struct asked *asked, struct buf *out)
{
    (void)ctx;
    if (is_robots(asked)) {
        return origin_answer(out, 404, "", "");
    }
    return origin_answer(out, 200, "Content-Type: text/html\r\nServer: here\r\n", PAGE);
}

static void fetches_both_schemes_on_few_connections(void **state)
{
    (void)state;
    struct site site;
    open_site(&site, plain, plain);
    crawl_run(&site.crawl);
    const struct visit *visit = site.t->visit;
    const struct page_fetches *home = &visit->pages[0];
    assert_int_equal(visit->robots, ROBOTS_NONE);
    assert_int_equal(home->http->outcome, OUTCOME_OK);
    assert_int_equal(home->https->outcome, OUTCOME_OK);
    assert_int_equal(home->https->phase, PHASE_DONE);
    assert_string_equal(buf_str(&home->https->body), PAGE);
    assert_string_equal(home->http->final_url, "http://site.test/");
    assert_string_equal(home->https->final_url, "https://site.test/");
    assert_string_equal(home->https->server, "here");
    assert_string_equal(home->https->address, "127.0.0.1");
    assert_int_equal(home->http->facts.internal_links, 2);
    // Equal bytes: no control; the budget of 6 pays for one further page over both.
    assert_null(home->http_again);
    assert_int_equal(visit->page_count, 2);
    assert_string_equal(visit->pages[1].path, "/one/a");
    assert_int_equal(visit->pages[1].https->outcome, OUTCOME_OK);
    assert_int_equal(visit->pages[1].http->outcome, OUTCOME_OK);
    assert_int_equal(visit->requests, 5);
    assert_int_equal(origin_server_connections(site.http), 2);
    assert_int_equal(origin_server_connections(site.https), 1);
    assert_int_equal(origin_server_most_at_once(site.http), 1);
    struct asked *asked = NULL;
    assert_int_equal(origin_server_asked(site.https, &asked), 2);
    assert_string_equal(asked[0].host, "site.test");
    assert_string_equal(asked[0].agent, "Cloudflare-SSLDetector");
    free(asked);
    close_site(&site);
}

static void one_handshake_gives_both_verdicts(void **state)
{
    (void)state;
    for (int trusted = 0; trusted < 2; trusted++) {
        struct site site;
        open_site(&site, plain, plain);
        struct trust_file file = {.name = "public", .file = site.pem};
        site.crawl.policy.trust = &file;
        site.crawl.policy.trust_count = (size_t)trusted;
        site.crawl.policy.pages = 0;
        crawl_run(&site.crawl);
        const struct fetch *https = site.t->visit->pages[0].https;
        assert_int_equal(https->outcome, OUTCOME_OK);
        assert_non_null(https->tls);
        assert_string_equal(https->tls->version, "TLSv1.3");
        assert_non_null(https->tls->certificate);
        assert_true(https->tls->certificate->name_ok);
        assert_int_equal(https->tls->certificate->strict_ok, trusted);
        assert_false(https->tls->client_certificate_requested);
        assert_int_equal(origin_server_connections(site.https), 1);
        close_site(&site);
    }
}

static bool noisy(void *ctx, const struct asked *asked, struct buf *out)
{
    (void)ctx;
    char body[64];
    (void)snprintf(body, sizeof body, "<html>%lld %d</html>", (long long)asked->at_ms, asked->tls);
    return is_robots(asked) ? origin_answer(out, 404, "", "")
                            : origin_answer(out, 200, "Content-Type: text/html\r\n", body);
}

static void differing_bytes_get_a_control(void **state)
{
    (void)state;
    struct site site;
    open_site(&site, noisy, noisy);
    crawl_run(&site.crawl);
    const struct page_fetches *home = &site.t->visit->pages[0];
    assert_non_null(home->http_again);
    assert_int_equal(home->http_again->outcome, OUTCOME_OK);
    assert_int_equal(site.t->visit->requests, 4);
    close_site(&site);
}

static bool forbids(void *ctx, const struct asked *asked, struct buf *out)
{
    return is_robots(asked)
               ? origin_answer(out, 200, "", "User-agent: cloudflare-ssldetector\nDisallow: /\n")
               : plain(ctx, asked, out);
}

static void obeys_robots_that_name_us(void **state)
{
    (void)state;
    struct site site;
    open_site(&site, forbids, plain);
    crawl_run(&site.crawl);
    const struct visit *visit = site.t->visit;
    assert_int_equal(visit->robots, ROBOTS_DISALLOWED);
    assert_string_equal(visit->robots_fetch->words, "Disallow: /");
    assert_int_equal(visit->requests, 1);
    assert_int_equal(visit->pages[0].http->outcome, OUTCOME_SKIPPED);
    assert_int_equal(visit->pages[0].https->outcome, OUTCOME_SKIPPED);
    assert_int_equal(origin_server_connections(site.https), 0);
    close_site(&site);
}

static bool robots_503(void *ctx, const struct asked *asked, struct buf *out)
{
    return is_robots(asked) ? origin_answer(out, 503, "", "") : plain(ctx, asked, out);
}

static void unavailable_robots_end_the_visit(void **state)
{
    (void)state;
    struct site site;
    open_site(&site, robots_503, plain);
    crawl_run(&site.crawl);
    assert_int_equal(site.t->visit->robots, ROBOTS_UNAVAILABLE);
    assert_int_equal(site.t->visit->requests, 1);
    assert_int_equal(site.t->visit->pages[0].http->outcome, OUTCOME_SKIPPED);
    close_site(&site);
}

static bool asks_to_wait(void *ctx, const struct asked *asked, struct buf *out)
{
    return is_robots(asked) ? plain(ctx, asked, out)
                            : origin_answer(out, 503, "Retry-After: 120\r\n", "later");
}

static void retry_after_ends_the_visit(void **state)
{
    (void)state;
    struct site site;
    open_site(&site, asks_to_wait, plain);
    site.t->target.control = true;
    crawl_run(&site.crawl);
    const struct page_fetches *home = &site.t->visit->pages[0];
    assert_int_equal(home->http->status, 503);
    assert_int_equal(home->http->retry_after_s, 120);
    assert_int_equal(home->https->outcome, OUTCOME_SKIPPED);
    assert_string_equal(home->https->words, "asked to wait 120 s");
    assert_null(home->http_again);
    assert_int_equal(site.t->visit->requests, 2);
    close_site(&site);
}

static bool to_https(void *ctx, const struct asked *asked, struct buf *out)
{
    (void)ctx;
    char header[400];
    (void)snprintf(header, sizeof header, "Location: https://site.test%s\r\n", asked->path);
    return origin_answer(out, 301, header, "moved");
}

static void an_upgrade_of_the_same_page_is_not_followed(void **state)
{
    (void)state;
    struct site site;
    open_site(&site, to_https, plain);
    crawl_run(&site.crawl);
    const struct visit *visit = site.t->visit;
    const struct fetch *http = visit->pages[0].http;
    assert_int_equal(visit->robots, ROBOTS_NONE); // read over HTTPS, where robots.txt was sent to
    assert_int_equal(http->outcome, OUTCOME_OK);
    assert_int_equal(http->status, 301);
    assert_false(http->forwarded_proto);
    assert_int_equal(http->final_scheme, SCHEME_HTTPS);
    assert_string_equal(http->final_url, "https://site.test/");
    assert_int_equal(http->hop_count, 1);
    assert_true(http->hops[0].followed);
    assert_string_equal(http->hops[0].to, "https://site.test/");
    assert_null(http->tls);
    assert_null(visit->pages[0].http_again);
    assert_non_null(visit->pages[0].https->tls->certificate);
    assert_int_equal(visit->page_count, 2); // chosen from the HTTPS page
    close_site(&site);
}

static bool minds_the_edge(void *ctx, const struct asked *asked, struct buf *out)
{
    bool https = strcmp(asked->forwarded_proto, "https") == 0;
    return is_robots(asked) || https ? plain(ctx, asked, out) : to_https(ctx, asked, out);
}

static void an_upgrade_is_asked_for_as_an_edge_in_flexible_asks(void **state)
{
    (void)state;
    struct site site;
    open_site(&site, minds_the_edge, plain);
    struct host *host = &site.t->zone->hosts[0];
    host->host_header = strdup("inner.test"); // three fields of our own in one request
    site.crawl.policy.from = "abuse@operator.test";
    crawl_run(&site.crawl);
    const struct visit *visit = site.t->visit;
    const struct page_fetches *home = &visit->pages[0];
    assert_int_equal(home->http->status, 200);
    assert_true(home->http->forwarded_proto);
    assert_int_equal(home->http->hop_count, 0);
    assert_int_equal(home->http->final_scheme, SCHEME_HTTP);
    assert_string_equal(buf_str(&home->http->body), PAGE);
    assert_false(home->https->forwarded_proto);
    assert_int_equal(visit->page_count, 2);
    assert_int_equal(visit->pages[1].http->status, 200);
    assert_int_equal(visit->requests, 6); // one more than without the redirect
    struct asked *asked = NULL;
    size_t count = origin_server_asked(site.http, &asked);
    assert_int_equal(count, 4);
    assert_string_equal(asked[1].forwarded_proto, "");
    assert_string_equal(asked[2].forwarded_proto, "https");
    assert_string_equal(asked[2].host, "inner.test");
    assert_string_equal(asked[2].from, "abuse@operator.test");
    assert_string_equal(asked[3].forwarded_proto, "https");
    free(asked);
    count = origin_server_asked(site.https, &asked);
    assert_true(count > 0);
    assert_string_equal(asked[0].forwarded_proto, "");
    free(asked);
    close_site(&site);
}

static bool wanders(void *ctx, const struct asked *asked, struct buf *out)
{
    (void)ctx;
    if (is_robots(asked)) {
        return origin_answer(out, 404, "", "");
    }
    if (asked->tls) { // loops
        bool home = strcmp(asked->path, "/") == 0;
        return origin_answer(out, 302, home ? "Location: /b\r\n" : "Location: /\r\n", "");
    }
    if (strcmp(asked->path, "/") == 0) {
        return origin_answer(out, 302, "Location: http://www.site.test/a\r\n", "");
    }
    if (strcmp(asked->path, "/a") == 0) {
        return origin_answer(out, 200, "Content-Type: text/html\r\n",
                             "<meta http-equiv=refresh content='0;url=/b'>");
    }
    return origin_answer(out, 307, "Location: http://10.0.0.1/secret\r\n", "");
}

static void follows_within_the_zone_and_stops_at_its_border(void **state)
{
    (void)state;
    struct site site;
    open_site(&site, wanders, wanders);
    crawl_run(&site.crawl);
    const struct fetch *http = site.t->visit->pages[0].http;
    assert_int_equal(http->outcome, OUTCOME_OK);
    assert_int_equal(http->status, 307);
    assert_int_equal(http->hop_count, 3);
    assert_int_equal(http->hops[0].kind, HOP_STATUS);
    assert_int_equal(http->hops[1].kind, HOP_META_REFRESH);
    assert_string_equal(http->hops[1].from, "http://www.site.test/a");
    assert_true(http->hops[1].followed);
    assert_false(http->hops[2].followed);
    assert_string_equal(http->location, "http://10.0.0.1/secret");
    assert_string_equal(http->address, "127.0.0.1");
    struct asked *asked = NULL;
    size_t count = origin_server_asked(site.http, &asked);
    assert_true(count >= 3);
    assert_string_equal(asked[2].host, "www.site.test");
    free(asked);
    const struct fetch *https = site.t->visit->pages[0].https;
    assert_int_equal(https->outcome, OUTCOME_REDIRECT_LOOP);
    assert_int_equal(https->hop_count, 2);
    close_site(&site);
}

static void leaves_denied_hosts_alone(void **state)
{
    (void)state;
    static const char *const above[] = {"other.example", ".TEST"};
    struct site site;
    open_site(&site, wanders, wanders);
    site.crawl.policy.deny_hosts = above;
    site.crawl.policy.deny_host_count = 2;
    crawl_run(&site.crawl);
    const struct page_fetches *home = &site.t->visit->pages[0];
    assert_int_equal(home->http->outcome, OUTCOME_SKIPPED);
    assert_int_equal(home->https->outcome, OUTCOME_SKIPPED);
    assert_string_equal(home->https->words, "crawl.deny_hosts names .TEST");
    assert_int_equal(site.t->visit->requests, 0);
    assert_int_equal(origin_server_connections(site.http), 0);
    assert_int_equal(origin_server_connections(site.https), 0);
    close_site(&site);
}

// Nor are they visited by way of another host of their zone.
static void is_not_redirected_to_a_denied_host(void **state)
{
    (void)state;
    static const char *const www[] = {"www.site.test", "e.test"};
    struct site site;
    open_site(&site, wanders, wanders);
    site.crawl.policy.deny_hosts = www;
    site.crawl.policy.deny_host_count = 2;
    crawl_run(&site.crawl);
    const struct fetch *http = site.t->visit->pages[0].http;
    assert_int_equal(http->outcome, OUTCOME_OK);
    assert_int_equal(http->hop_count, 1);
    assert_string_equal(http->location, "http://www.site.test/a");
    close_site(&site);
}

static bool refreshes(void *ctx, const struct asked *asked, struct buf *out)
{
    if (is_robots(asked)) { // that of robots.txt is nobody's page
        return origin_answer(out, 200, "Refresh: 0; url=/lost\r\n", "");
    }
    return strcmp(asked->path, "/") == 0
               ? origin_answer(out, 200, "Refresh: 3; url=/start\r\n", "one moment")
               : plain(ctx, asked, out);
}

static void follows_a_refresh_in_the_header(void **state)
{
    (void)state;
    struct site site;
    open_site(&site, refreshes, plain);
    site.crawl.policy.pages = 0;
    crawl_run(&site.crawl);
    const struct visit *visit = site.t->visit;
    const struct fetch *http = visit->pages[0].http;
    assert_int_equal(visit->robots_fetch->hop_count, 0);
    assert_int_equal(http->hop_count, 1);
    assert_int_equal(http->hops[0].kind, HOP_META_REFRESH);
    assert_true(http->hops[0].followed);
    assert_string_equal(http->final_url, "http://site.test/start");
    assert_string_equal(buf_str(&http->body), PAGE);
    close_site(&site);
}

static void a_closed_port_is_tried_once(void **state)
{
    (void)state;
    struct site site;
    open_site(&site, plain, plain);
    site.t->zone->hosts[0].origins[0].http_port = origin_closed_port("127.0.0.1");
    crawl_run(&site.crawl);
    const struct page_fetches *home = &site.t->visit->pages[0];
    assert_int_equal(home->http->outcome, OUTCOME_CONNECT_REFUSED);
    assert_int_equal(home->http->phase, PHASE_CONNECT);
    assert_string_equal(home->http->words, "Connection refused");
    assert_int_equal(home->https->outcome, OUTCOME_OK);
    assert_non_null(home->https->tls);
    assert_int_equal(site.t->visit->robots, ROBOTS_NONE);
    close_site(&site);
}

static void overrides_of_host_and_sni_are_sent(void **state)
{
    (void)state;
    struct site site;
    open_site(&site, plain, plain);
    struct host *host = &site.t->zone->hosts[0];
    host->host_header = strdup("inner.test");
    host->sni = strdup("site.test");
    crawl_run(&site.crawl);
    struct asked *asked = NULL;
    size_t count = origin_server_asked(site.https, &asked);
    assert_true(count > 0);
    assert_string_equal(asked[0].host, "inner.test");
    free(asked);
    assert_true(site.t->visit->pages[0].https->tls->certificate->name_ok);
    close_site(&site);
}

static void keeps_the_gap_between_requests_of_all_hosts_of_an_address(void **state)
{
    (void)state;
    struct site site;
    open_site(&site, plain, plain);
    site.crawl.policy.gap_ms = 60;
    site.crawl.policy.per_address = 2;
    site.crawl.policy.pages = 0;
    for (int i = 0; i < 3; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "more%d.test", i);
        (void)crawl_add(&site.crawl, name, "127.0.0.1", origin_server_port(site.http),
                        origin_server_port(site.https));
    }
    int64_t began = time_monotonic_ms();
    crawl_run(&site.crawl);
    // 4 targets of 3 requests: 11 gaps at least.
    assert_true(time_monotonic_ms() - began >= 11 * 60);
    assert_true(origin_server_most_at_once(site.http) <= 2);
    close_site(&site);
}

static void probe_paths_come_on_top(void **state)
{
    (void)state;
    struct site site;
    open_site(&site, plain, plain);
    struct host *host = &site.t->zone->hosts[0];
    assert_int_equal(
        strings_add(&host->probe_paths, &host->probe_path_count, span_of("/shop?x=1"), 8), ERR_OK);
    crawl_run(&site.crawl);
    const struct visit *visit = site.t->visit;
    assert_int_equal(visit->page_count, 3);
    assert_int_equal(visit->pages[1].role, ROLE_PROBE);
    assert_string_equal(visit->pages[1].path, "/shop?x=1");
    assert_int_equal(visit->pages[1].http->outcome, OUTCOME_OK);
    assert_int_equal(visit->requests, 7);
    close_site(&site);
}

static void works_over_ipv6_and_with_many_threads(void **state)
{
    (void)state;
    struct crawl crawl;
    crawl_init(&crawl);
    crawl.policy.threads = 3;
    struct origin_server *six = origin_server_start("::1", NULL, plain, NULL);
    struct origin_server *four = origin_server_start("127.0.0.1", NULL, plain, NULL);
    for (int i = 0; i < 60; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "host%d.test", i);
        struct origin_server *server = i % 2 == 0 ? six : four;
        (void)crawl_add(&crawl, name, i % 2 == 0 ? "::1" : "127.0.0.1", origin_server_port(server),
                        origin_server_port(server));
    }
    crawl_run(&crawl);
    for (size_t i = 0; i < crawl.count; i++) {
        const struct page_fetches *home = &crawl.targets[i].visit->pages[0];
        assert_int_equal(home->http->outcome, OUTCOME_OK);
        assert_int_equal(home->https->outcome, OUTCOME_TLS_FAILED);
    }
    crawl_done(&crawl);
    origin_server_stop(six);
    origin_server_stop(four);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fetches_both_schemes_on_few_connections),
        cmocka_unit_test(one_handshake_gives_both_verdicts),
        cmocka_unit_test(differing_bytes_get_a_control),
        cmocka_unit_test(obeys_robots_that_name_us),
        cmocka_unit_test(unavailable_robots_end_the_visit),
        cmocka_unit_test(retry_after_ends_the_visit),
        cmocka_unit_test(an_upgrade_of_the_same_page_is_not_followed),
        cmocka_unit_test(an_upgrade_is_asked_for_as_an_edge_in_flexible_asks),
        cmocka_unit_test(follows_within_the_zone_and_stops_at_its_border),
        cmocka_unit_test(leaves_denied_hosts_alone),
        cmocka_unit_test(is_not_redirected_to_a_denied_host),
        cmocka_unit_test(follows_a_refresh_in_the_header),
        cmocka_unit_test(a_closed_port_is_tried_once),
        cmocka_unit_test(overrides_of_host_and_sni_are_sent),
        cmocka_unit_test(keeps_the_gap_between_requests_of_all_hosts_of_an_address),
        cmocka_unit_test(probe_paths_come_on_top),
        cmocka_unit_test(works_over_ipv6_and_with_many_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
