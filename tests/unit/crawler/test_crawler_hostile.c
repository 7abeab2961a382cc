// SPDX-License-Identifier: Apache-2.0
// Origins that misbehave over HTTPS while HTTP is fine, origins that may not be asked, and a
// crawler that is stopped: every target comes back exactly once, with the right word.
#include <arpa/inet.h>
#include <unistd.h>

#include "core/limits.h"
#include "core/time.h"
#include "tests/support/check.h"
#include "tests/unit/crawler/crawl.h"
#include "tests/unit/crawler/origin_server.h"

static bool plain(void *ctx, const struct asked *asked, struct buf *out)
{
    (void)ctx;
    bool robots = strcmp(asked->path, "/robots.txt") == 0;
    return robots ? origin_answer(out, 404, "", "")
                  : origin_answer(out, 200, "Content-Type: text/html\r\n", "<p>fine</p>");
}

static void say(struct buf *out, const char *text)
{
    assert_int_equal(buf_add_str(out, text), ERR_OK);
}

static void endless_body(struct buf *out)
{
    say(out, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n");
    for (int i = 0; i < 3000; i++) {
        for (int j = 0; j < 16; j++) {
            say(out, "<p>0123456789abcdef0123456789abcdef0123456789abcdef0123456789");
        }
    }
}

static void endless_headers(struct buf *out)
{
    say(out, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 8000; i++) {
        say(out, "X-More: 0123456789abcdef0123456789abcdef0123456789abcdef\r\n");
    }
}

static void long_header_line(struct buf *out)
{
    say(out, "HTTP/1.1 200 OK\r\nX-Long: ");
    for (int i = 0; i < 20000; i++) {
        say(out, "0123456789abcdef");
    }
}

static void endless_interim(struct buf *out)
{
    for (int i = 0; i < 20000; i++) {
        say(out, "HTTP/1.1 100 Continue\r\n\r\n");
    }
}

struct bits {
    struct buf *out;
    unsigned held, count;
};

// Huffman codes go in with their highest bit first (RFC 1951 section 3.1.1).
static void put_code(struct bits *bits, unsigned code, unsigned len)
{
    while (len-- > 0) {
        bits->held |= ((code >> len) & 1U) << bits->count++;
        if (bits->count == 8) {
            assert_int_equal(buf_add_char(bits->out, (char)bits->held), ERR_OK);
            bits->held = bits->count = 0;
        }
    }
}

// One letter, then "258 bytes back from distance 1" in 13 bits each: 32 MiB in 210 KB.
static void gzip_bomb(struct buf *out)
{
    static const unsigned char head[10] = {0x1f, 0x8b, 8};
    say(out, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n");
    assert_int_equal(buf_add(out, head, sizeof head), ERR_OK);
    struct bits bits = {.out = out};
    put_code(&bits, 1, 1); // the last block,
    put_code(&bits, 2, 2); // of fixed codes
    put_code(&bits, 0x91, 8);
    for (int i = 0; i < (32 << 20) / 258; i++) {
        put_code(&bits, 0xc5, 8);
        put_code(&bits, 0, 5);
    }
}

static void two_lengths(struct buf *out)
{
    say(out, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!");
}

static void same_length_twice(struct buf *out)
{
    say(out, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello");
}

static void many_codings(struct buf *out)
{
    say(out, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip, gzip\r\n\r\nxx");
}

static void unknown_coding(struct buf *out)
{
    say(out, "HTTP/1.1 200 OK\r\nContent-Encoding: nonsense\r\nContent-Length: 2\r\n\r\nxx");
}

static void says_gzip(struct buf *out)
{
    say(out, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\n"
             "<p>hello</p>");
}

static void breaks_off_gzip(struct buf *out)
{
    static const unsigned char head[12] = {0x1f, 0x8b, 8, [10] = 0xff, 0xff};
    say(out, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\n");
    assert_int_equal(buf_add(out, head, sizeof head), ERR_OK);
}

static void http09(struct buf *out)
{
    say(out, "<html>hello</html>");
}

static void nothing(struct buf *out)
{
    (void)out;
}

static void short_body(struct buf *out)
{
    say(out, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello");
}

static void bad_chunk(struct buf *out)
{
    say(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n");
}

static void no_length(struct buf *out)
{
    say(out, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>until the end</p>");
}

static void empty_body(struct buf *out)
{
    say(out, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

static void login(struct buf *out)
{
    say(out, "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n");
}

static void challenge(struct buf *out)
{
    say(out, "HTTP/1.1 403 No\r\nCF-Mitigated: challenge\r\nContent-Length: 0\r\n\r\n");
}

static void ssh_banner(struct buf *out)
{
    say(out, "SSH-2.0-OpenSSH_9.2\r\n");
}

static void hops(struct buf *out)
{
    static int n; // each answer leads to another path
    assert_int_equal(
        buf_printf(out, "HTTP/1.1 302 Go\r\nLocation: /%d\r\nContent-Length: 0\r\n\r\n", n++),
        ERR_OK);
}

static void file_url(struct buf *out)
{
    say(out, "HTTP/1.1 302 Go\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n");
}

struct misdeed {
    void (*raw)(struct buf *out);
    enum outcome outcome;
    int status;
    const char *words; // NULL = any
};

static const struct misdeed misdeeds[] = {
    {endless_body, OUTCOME_TRUNCATED, 200, NULL},
    {endless_headers, OUTCOME_HEADERS_TOO_LARGE, 200, NULL},
    {long_header_line, OUTCOME_HEADERS_TOO_LARGE, 200, NULL},
    {endless_interim, OUTCOME_HEADERS_TOO_LARGE, 100, NULL},
    {gzip_bomb, OUTCOME_TRUNCATED, 200, NULL},
    {two_lengths, OUTCOME_INVALID_RESPONSE, 200, NULL},
    {same_length_twice, OUTCOME_OK, 200, NULL},
    {many_codings, OUTCOME_INVALID_RESPONSE, 200, NULL},
    {unknown_coding, OUTCOME_INVALID_RESPONSE, 200, "the body cannot be decoded as nonsense"},
    {says_gzip, OUTCOME_INVALID_RESPONSE, 200, "the body cannot be decoded as gzip"},
    {breaks_off_gzip, OUTCOME_INVALID_RESPONSE, 200, "the body cannot be decoded as gzip"},
    {http09, OUTCOME_INVALID_RESPONSE, 0, NULL},
    {nothing, OUTCOME_EMPTY_REPLY, 0, NULL},
    {short_body, OUTCOME_INVALID_RESPONSE, 200, NULL},
    {bad_chunk, OUTCOME_INVALID_RESPONSE, 200, NULL},
    {no_length, OUTCOME_OK, 200, NULL},
    {empty_body, OUTCOME_OK, 200, NULL},
    {login, OUTCOME_OK, 401, NULL},
    {challenge, OUTCOME_OK, 403, NULL},
    {ssh_banner, OUTCOME_INVALID_RESPONSE, 0, NULL},
    {hops, OUTCOME_REDIRECT_LIMIT, 302, NULL},
    {file_url, OUTCOME_OK, 302, NULL},
};

static bool misbehave(void *ctx, const struct asked *asked, struct buf *out)
{
    const struct misdeed *misdeed = ctx;
    (void)asked;
    misdeed->raw(out);
    return false;
}

static void names_every_misdeed(void **state)
{
    (void)state;
    struct crawl crawl;
    struct origin_server *https[COUNT_OF(misdeeds)];
    crawl_init(&crawl);
    struct origin_server *http = origin_server_start("127.0.0.1", NULL, plain, NULL);
    for (size_t i = 0; i < COUNT_OF(misdeeds); i++) {
        // The script only reads its row.
        https[i] = origin_server_start("127.0.0.1", origin_tls("bad.test", NULL), misbehave,
                                       (void *)(uintptr_t)&misdeeds[i]);
        (void)crawl_add(&crawl, "bad.test", "127.0.0.1", origin_server_port(http),
                        origin_server_port(https[i]));
    }
    crawl_run(&crawl);
    for (size_t i = 0; i < COUNT_OF(misdeeds); i++) {
        const struct page_fetches *home = &crawl.targets[i].visit->pages[0];
        const struct fetch *fetch = home->https;
        if (fetch->outcome != misdeeds[i].outcome || fetch->status != misdeeds[i].status) {
            fail_msg("misdeed %zu: %s (%s) status %d", i, outcome_str(fetch->outcome), fetch->words,
                     fetch->status);
        }
        if (misdeeds[i].words != NULL) {
            assert_string_equal(fetch->words, misdeeds[i].words);
        }
        assert_int_equal(home->http->outcome, OUTCOME_OK);
        assert_non_null(fetch->tls); // full would have its handshake
        assert_true(fetch->body.len <= crawl.policy.body_bytes);
        assert_int_equal(fetch->login, misdeeds[i].raw == login);
        assert_int_equal(fetch->challenge, misdeeds[i].raw == challenge);
        assert_true(outcome_is_answer(fetch->outcome) == (fetch->words[0] == '\0'));
        assert_false(crawl.targets[i].visit->overload);
    }
    crawl_done(&crawl);
    origin_server_stop(http);
    for (size_t i = 0; i < COUNT_OF(misdeeds); i++) {
        origin_server_stop(https[i]);
    }
}

// Over TLS: no server behind the port, one that speaks plain text, and one that accepts and says
// nothing at all.
static void names_what_stands_in_the_way_of_tls(void **state)
{
    (void)state;
    struct crawl crawl;
    crawl_init(&crawl);
    crawl.policy.connect_ms = 300;
    struct origin_server *http = origin_server_start("127.0.0.1", NULL, plain, NULL);
    int mute = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    assert_int_equal(bind(mute, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(mute, 8), 0);
    assert_int_equal(getsockname(mute, (struct sockaddr *)&at, &len), 0);
    uint16_t port = origin_server_port(http);
    const struct fetch *closed = NULL;
    (void)crawl_add(&crawl, "a.test", "127.0.0.1", port, origin_closed_port("127.0.0.1"));
    (void)crawl_add(&crawl, "b.test", "127.0.0.1", port, port);
    (void)crawl_add(&crawl, "c.test", "127.0.0.1", port, ntohs(at.sin_port));
    (void)crawl_add(&crawl, "d.test", "127.0.0.1", ntohs(at.sin_port), port);
    crawl_run(&crawl);
    closed = crawl.targets[0].visit->pages[0].https;
    assert_int_equal(closed->outcome, OUTCOME_CONNECT_REFUSED);
    const struct fetch *text = crawl.targets[1].visit->pages[0].https;
    assert_int_equal(text->outcome, OUTCOME_TLS_FAILED);
    assert_int_equal(text->phase, PHASE_TLS);
    assert_non_null(strstr(text->words, "plain HTTP"));
    const struct fetch *silent = crawl.targets[2].visit->pages[0].https;
    assert_int_equal(silent->outcome, OUTCOME_TLS_TIMEOUT);
    // HTTP that accepts and says nothing: robots.txt cannot be had although the origin is there.
    assert_int_equal(crawl.targets[3].visit->robots, ROBOTS_UNAVAILABLE);
    assert_int_equal(crawl.targets[3].visit->robots_fetch->outcome, OUTCOME_TIMEOUT);
    crawl_done(&crawl);
    origin_server_stop(http);
    (void)close(mute);
}

static int accept_any(int ok, X509_STORE_CTX *ctx)
{
    (void)ok;
    (void)ctx;
    return 1;
}

static bool nginx_400(void *ctx, const struct asked *asked, struct buf *out)
{
    (void)ctx;
    (void)asked;
    return origin_answer(out, 400, "", "<center>No required SSL certificate was sent</center>");
}

static void sees_that_a_client_certificate_is_demanded(void **state)
{
    (void)state;
    struct crawl crawl;
    crawl_init(&crawl);
    struct origin_server *http = origin_server_start("127.0.0.1", NULL, plain, NULL);
    struct origin_server *https[4];
    for (int i = 0; i < 4; i++) {
        SSL_CTX *tls = origin_tls("bad.test", NULL);
        int need = i < 2 ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
        SSL_CTX_set_verify(tls, SSL_VERIFY_PEER | need, accept_any);
        (void)SSL_CTX_set_max_proto_version(tls, i == 0 ? TLS1_2_VERSION : TLS1_3_VERSION);
        https[i] = origin_server_start("127.0.0.1", tls, i == 2 ? nginx_400 : plain, NULL);
        (void)crawl_add(&crawl, "bad.test", "127.0.0.1", origin_server_port(http),
                        origin_server_port(https[i]));
    }
    crawl_run(&crawl);
    for (int i = 0; i < 3; i++) {
        const struct fetch *fetch = crawl.targets[i].visit->pages[0].https;
        if (fetch->outcome != OUTCOME_CLIENT_CERTIFICATE || fetch->words[0] == '\0') {
            fail_msg("origin %d: %s (%s)", i, outcome_str(fetch->outcome), fetch->words);
        }
    }
    const struct fetch *optional = crawl.targets[3].visit->pages[0].https;
    assert_int_equal(optional->outcome, OUTCOME_OK);
    assert_true(optional->tls->client_certificate_requested);
    crawl_done(&crawl);
    origin_server_stop(http);
    for (int i = 0; i < 4; i++) {
        origin_server_stop(https[i]);
    }
}

static void speaks_old_tls_as_an_edge_does(void **state)
{
    (void)state;
    struct crawl crawl;
    crawl_init(&crawl);
    struct origin_server *http = origin_server_start("127.0.0.1", NULL, plain, NULL);
    SSL_CTX *tls = origin_tls("bad.test", NULL);
    (void)SSL_CTX_set_min_proto_version(tls, TLS1_VERSION);
    (void)SSL_CTX_set_max_proto_version(tls, TLS1_VERSION);
    (void)SSL_CTX_set_cipher_list(tls, "DEFAULT@SECLEVEL=0");
    struct origin_server *https = origin_server_start("127.0.0.1", tls, plain, NULL);
    struct crawl_target *t = crawl_add(&crawl, "bad.test", "127.0.0.1", origin_server_port(http),
                                       origin_server_port(https));
    crawl_run(&crawl);
    const struct fetch *fetch = t->visit->pages[0].https;
    assert_int_equal(fetch->outcome, OUTCOME_OK);
    assert_string_equal(fetch->tls->version, "TLSv1");
    crawl_done(&crawl);
    origin_server_stop(http);
    origin_server_stop(https);
}

static struct crawl_target *refused(struct crawl *crawl, const char *origin)
{
    return crawl_add(crawl, "site.test", origin, 80, 443);
}

// A resolver stub: what the names resolve to must never be connected to.
static void the_guard_refuses_before_any_packet(void **state)
{
    (void)state;
    char file[64];
    (void)snprintf(file, sizeof file, "/tmp/sslauto-hosts-%d", (int)getpid());
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    (void)fputs("10.0.0.1 private.test\n169.254.169.254 meta.test\n::ffff:10.0.0.1 mapped.test\n"
                "fe80::1 link.test\n0.0.0.0 zero.test\n192.168.1.1 two.test\n172.16.0.1 two.test\n",
                out);
    (void)fclose(out);
    struct crawl crawl;
    crawl_init(&crawl);
    crawl.policy.hosts_file = file;
    crawl.policy.allow_net_count = 0; // nor loopback
    static const char *const origins[] = {"private.test", "meta.test", "mapped.test", "link.test",
                                          "zero.test",    "two.test",  "127.0.0.1",   "::1",
                                          "10.1.2.3",     "100.64.0.1"};
    for (size_t i = 0; i < COUNT_OF(origins); i++) {
        (void)refused(&crawl, origins[i]);
    }
    int64_t began = time_monotonic_ms();
    crawl_run(&crawl);
    assert_true(time_monotonic_ms() - began < 1000);
    for (size_t i = 0; i < COUNT_OF(origins); i++) {
        const struct visit *visit = crawl.targets[i].visit;
        assert_int_equal(visit->pages[0].http->outcome, OUTCOME_ADDRESS_REFUSED);
        assert_int_equal(visit->pages[0].https->outcome, OUTCOME_ADDRESS_REFUSED);
        assert_int_equal(visit->pages[0].http->phase, PHASE_DNS);
        assert_true(visit->pages[0].http->words[0] != '\0');
        assert_int_equal(visit->requests, 0);
    }
    crawl_done(&crawl);
    (void)unlink(file);
}

static void an_unknown_name_is_a_finding(void **state)
{
    (void)state;
    struct crawl crawl;
    crawl_init(&crawl); // its DNS server is a closed port of loopback
    struct crawl_target *t = crawl_add(&crawl, "site.test", "nowhere.test", 80, 443);
    crawl_run(&crawl);
    assert_int_equal(t->visit->pages[0].http->outcome, OUTCOME_DNS_FAILED);
    assert_int_equal(t->visit->pages[0].https->phase, PHASE_DNS);
    assert_non_null(strstr(t->visit->pages[0].https->words, "nowhere.test"));
    crawl_done(&crawl);
}

static bool drips(void *ctx, const struct asked *asked, struct buf *out)
{
    (void)ctx;
    if (strcmp(asked->path, "/robots.txt") == 0) {
        return origin_answer(out, 404, "", "");
    }
    say(out, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nfirst bytes and then no more");
    return true;
}

static void a_dripping_answer_is_given_up(void **state)
{
    (void)state;
    struct crawl crawl;
    crawl_init(&crawl);
    crawl.policy.total_ms = 10000;
    crawl.policy.low_speed_s = 1;
    struct origin_server *http = origin_server_start("127.0.0.1", NULL, drips, NULL);
    struct crawl_target *t = crawl_add(&crawl, "slow.test", "127.0.0.1", origin_server_port(http),
                                       origin_closed_port("127.0.0.1"));
    int64_t began = time_monotonic_ms();
    crawl_run(&crawl);
    assert_true(time_monotonic_ms() - began < 5000);
    assert_int_equal(t->visit->pages[0].http->outcome, OUTCOME_TIMEOUT);
    assert_non_null(strstr(t->visit->pages[0].http->words, "slower than 64 bytes"));
    crawl_done(&crawl);
    origin_server_stop(http);
}

static void an_address_that_does_not_answer_rests(void **state)
{
    (void)state;
    struct crawl crawl;
    crawl_init(&crawl);
    crawl.policy.per_address = 1;
    crawl.policy.breaker_failures = 4;
    uint16_t port = origin_closed_port("127.0.0.1");
    for (int i = 0; i < 5; i++) {
        (void)crawl_add(&crawl, "down.test", "127.0.0.1", port, port);
    }
    crawl_run(&crawl);
    unsigned rested = 0;
    for (size_t i = 0; i < crawl.count; i++) {
        const struct fetch *fetch = crawl.targets[i].visit->pages[0].http;
        if (fetch->outcome == OUTCOME_SKIPPED) {
            assert_string_equal(fetch->words, "origin address rests after 4 failed connections");
            rested++;
        }
    }
    assert_int_equal(rested, 3); // two targets of two ports each failed
    crawl_done(&crawl);
}

static bool hangs(void *ctx, const struct asked *asked, struct buf *out)
{
    (void)ctx;
    (void)asked;
    (void)out;
    return true;
}

// Some look for their name, some wait for their turn, some are in the air, some never left.
static void a_stopped_crawler_brings_everything_back_once(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 8; round++) {
        struct crawl crawl;
        crawl_init(&crawl);
        crawl.policy.threads = 1 + round % 3;
        crawl.policy.slots = 30;
        crawl.policy.per_address = 10;
        crawl.policy.gap_ms = 5;
        crawl.policy.total_ms = 20000;
        struct origin_server *http = origin_server_start("127.0.0.1", NULL, hangs, NULL);
        for (int i = 0; i < 120; i++) {
            char ip[32];
            (void)snprintf(ip, sizeof ip, i % 3 == 0 ? "n%d.test" : "127.0.%d.1",
                           i % 3 == 1 ? 0 : i);
            (void)crawl_add(&crawl, "stop.test", ip, origin_server_port(http), 1);
        }
        crawl_begin(&crawl);
        crawl_submit_all(&crawl);
        struct timespec pause = {.tv_nsec = (long)round * 15000000};
        (void)nanosleep(&pause, NULL);
        crawler_stop(crawl.crawler);
        crawl_wait(&crawl, 120);
        assert_int_equal(crawler_submit(crawl.crawler, &crawl.targets[0].target), ERR_INTERRUPTED);
        crawler_free(crawl.crawler);
        crawl.crawler = NULL;
        assert_int_equal(crawl.done, 120);
        for (size_t i = 0; i < crawl.count; i++) {
            const struct crawl_target *t = &crawl.targets[i];
            assert_int_equal(t->came_back, 1);
            assert_non_null(t->visit->pages[0].http);
            assert_non_null(t->visit->pages[0].https);
        }
        crawl_done(&crawl);
        origin_server_stop(http);
    }
}

// done() that sleeps makes the loop lag: the silent origin's timeout is then no finding.
static void our_own_overload_is_not_the_origins_failure(void **state)
{
    (void)state;
    struct crawl crawl;
    crawl_init(&crawl);
    crawl.policy.loop_lag_ms = 20;
    crawl.policy.total_ms = 400;
    crawl.policy.per_address = 8;
    crawl.done_sleep_ms = 40;
    uint16_t closed = origin_closed_port("127.0.0.1");
    struct origin_server *http = origin_server_start("127.0.0.1", NULL, hangs, NULL);
    struct crawl_target *silent =
        crawl_add(&crawl, "silent.test", "127.0.0.1", origin_server_port(http), closed);
    for (int i = 0; i < 40; i++) {
        (void)crawl_add(&crawl, "quick.test", "127.0.0.2", closed, closed);
    }
    crawl_run(&crawl);
    assert_true(silent->visit->overload);
    assert_int_equal(silent->visit->robots_fetch->outcome, OUTCOME_OVERLOAD);
    assert_int_equal(silent->visit->requests, 3); // with its one more try, then HTTPS
    crawl_done(&crawl);
    origin_server_stop(http);
}

static void a_bad_policy_is_named(void **state)
{
    (void)state;
    struct crawler_policy policy = crawler_policy_default();
    struct crawler *crawler = NULL;
    struct why why = {0};
    policy.slots = 0;
    assert_err(crawler_start(&crawler, &policy, NULL, NULL, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "slots"));
    policy = crawler_policy_default();
    policy.hosts_file = "/nonexistent/hosts";
    assert_err(crawler_start(&crawler, &policy, NULL, NULL, &why), ERR_NOT_FOUND);
    assert_non_null(strstr(why.text, "/nonexistent/hosts"));
    policy = crawler_policy_default();
    policy.dns_servers = "not an address";
    assert_err(crawler_start(&crawler, &policy, NULL, NULL, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "not an address"));
    assert_null(crawler);
    assert_non_null(strstr(crawler_libraries(), "libcurl/"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_every_misdeed),
        cmocka_unit_test(names_what_stands_in_the_way_of_tls),
        cmocka_unit_test(sees_that_a_client_certificate_is_demanded),
        cmocka_unit_test(speaks_old_tls_as_an_edge_does),
        cmocka_unit_test(the_guard_refuses_before_any_packet),
        cmocka_unit_test(an_unknown_name_is_a_finding),
        cmocka_unit_test(a_dripping_answer_is_given_up),
        cmocka_unit_test(an_address_that_does_not_answer_rests),
        cmocka_unit_test(a_stopped_crawler_brings_everything_back_once),
        cmocka_unit_test(our_own_overload_is_not_the_origins_failure),
        cmocka_unit_test(a_bad_policy_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
