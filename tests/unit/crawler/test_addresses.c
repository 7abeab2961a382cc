// SPDX-License-Identifier: Apache-2.0
// Names with several addresses: each is looked at, and their visits come back together, once.
#include <unistd.h>

#include "crawler/family.h"
#include "crawler/plan.h"
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

static bool hangs(void *ctx, const struct asked *asked, struct buf *out)
{
    (void)ctx;
    (void)asked;
    (void)out;
    return true;
}

static void write_hosts(char file[64], const char *text)
{
    (void)snprintf(file, 64, "/tmp/sslauto-addresses-%d", (int)getpid());
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    (void)fputs(text, out);
    (void)fclose(out);
}

static size_t length_of(const struct visit *visit)
{
    size_t length = 0;
    for (; visit != NULL; visit = visit->next) {
        assert_non_null(visit->pages[0].http);
        assert_non_null(visit->pages[0].https);
        length++;
    }
    return length;
}

static void looks_at_every_allowed_address(void **state)
{
    (void)state;
    char file[64];
    write_hosts(file, "127.0.0.9 two.test # nobody listens\n10.0.0.1 two.test\n127.0.0.1 two.test\n"
                      "127.0.0.1 two.test # again\n"
                      "127.1.0.1 many.test\n127.2.0.1 many.test\n127.3.0.1 many.test\n"
                      "127.4.0.1 many.test\n127.5.0.1 many.test\n127.6.0.1 many.test\n"
                      "127.7.0.1 many.test\n127.8.0.1 many.test\n127.1.0.1 many.test # again\n"
                      "127.1.0.1 more.test\n127.2.0.1 more.test\n127.3.0.1 more.test\n"
                      "127.4.0.1 more.test\n127.5.0.1 more.test\n127.6.0.1 more.test\n"
                      "127.7.0.1 more.test\n127.8.0.1 more.test\n127.9.0.1 more.test\n"
                      "127.0.0.1 one.test\n");
    struct crawl crawl;
    crawl_init(&crawl);
    crawl.policy.hosts_file = file;
    crawl.policy.threads = 3; // the networks of many.test belong to different workers
    struct origin_server *http = origin_server_start("127.0.0.1", NULL, plain, NULL);
    uint16_t port = origin_server_port(http);
    const struct crawl_target *two = crawl_add(&crawl, "two.test", "two.test", port, port);
    const struct crawl_target *many = crawl_add(&crawl, "many.test", "many.test", port, port);
    const struct crawl_target *more = crawl_add(&crawl, "more.test", "more.test", port, port);
    const struct crawl_target *one = crawl_add(&crawl, "one.test", "one.test", port, port);
    crawl_run(&crawl);
    assert_int_equal(length_of(two->visit), 2);
    assert_int_equal(two->visit->pages[0].http->outcome, OUTCOME_CONNECT_REFUSED);
    assert_string_equal(two->visit->pages[0].http->address, "127.0.0.9");
    assert_int_equal(two->visit->next->pages[0].http->outcome, OUTCOME_OK);
    assert_string_equal(two->visit->next->pages[0].http->address, "127.0.0.1");
    assert_int_equal(length_of(many->visit), LIMIT_ADDRESSES);
    const struct visit *visit = many->visit;
    for (int i = 1; visit != NULL; visit = visit->next, i++) {
        char address[32];
        (void)snprintf(address, sizeof address, "127.%d.0.1", i);
        assert_string_equal(visit->pages[0].http->address, address);
        assert_false(visit->more_addresses);
    }
    assert_int_equal(length_of(more->visit), LIMIT_ADDRESSES);
    for (visit = more->visit; visit != NULL; visit = visit->next) {
        assert_true(visit->more_addresses);
    }
    assert_int_equal(length_of(one->visit), 1);
    crawl_done(&crawl);
    origin_server_stop(http);
    (void)unlink(file);
}

// TCP to a group address has no route anywhere, and no packet leaves.
static void an_address_without_a_route_is_no_origin(void **state)
{
    (void)state;
    char file[64];
    write_hosts(file, "224.0.0.9 half.test\n127.0.0.1 half.test\n"
                      "224.0.0.9 none.test\n224.0.0.10 none.test\n");
    struct crawl crawl;
    crawl_init(&crawl);
    crawl.policy.hosts_file = file;
    crawl.policy.breaker_failures = 1; // our missing route does not make an address rest
    crawl.nets[2] = "224.0.0.0/4";
    crawl.policy.allow_net_count = 3;
    struct origin_server *http = origin_server_start("127.0.0.1", NULL, plain, NULL);
    uint16_t port = origin_server_port(http);
    for (int i = 0; i < 3; i++) {
        (void)crawl_add(&crawl, "half.test", "half.test", port, port);
    }
    const struct crawl_target *none = crawl_add(&crawl, "none.test", "none.test", port, port);
    crawl_run(&crawl);
    for (size_t i = 0; i < 3; i++) {
        const struct visit *half = crawl.targets[i].visit;
        assert_int_equal(length_of(half), 1);
        assert_string_equal(half->pages[0].http->address, "127.0.0.1");
        assert_int_equal(half->pages[0].http->outcome, OUTCOME_OK);
    }
    assert_int_equal(length_of(none->visit), 2);
    assert_int_equal(none->visit->pages[0].http->outcome, OUTCOME_UNREACHABLE);
    crawl_done(&crawl);
    origin_server_stop(http);
    (void)unlink(file);
}

static struct visit *visit_of(enum outcome http, enum outcome https)
{
    struct visit *visit = plan_new_visit();
    assert_non_null(visit);
    assert_int_equal(plan_never(visit, http, PHASE_CONNECT, ""), ERR_OK);
    visit->pages[0].https->outcome = https;
    return visit;
}

static void the_chain_keeps_its_order(void **state)
{
    (void)state;
    const enum outcome far = OUTCOME_UNREACHABLE;
    static const struct {
        enum outcome outcomes[3][2];
        size_t length;
        enum outcome first;
    } rows[] = {
        {{{OUTCOME_OK, OUTCOME_OK}, {far, far}, {OUTCOME_RESET, OUTCOME_OK}}, 2, OUTCOME_OK},
        {{{far, far}, {OUTCOME_RESET, OUTCOME_OK}, {far, far}}, 1, OUTCOME_RESET},
        {{{far, far}, {far, OUTCOME_TRUNCATED}, {OUTCOME_SKIPPED, far}}, 2, far},
        {{{far, far}, {OUTCOME_CONNECT_REFUSED, OUTCOME_CONNECT_REFUSED}, {far, far}}, 3, far},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct visit *visits[3];
        for (size_t j = 0; j < 3; j++) {
            visits[j] = visit_of(rows[i].outcomes[j][0], rows[i].outcomes[j][1]);
        }
        struct visit *chain = family_chain(visits, 3);
        assert_int_equal(length_of(chain), rows[i].length);
        assert_int_equal(chain->pages[0].http->outcome, rows[i].first);
        visit_free(chain);
    }
}

// Some addresses answer, some hang, some wait for their turn, some never left.
static void a_stopped_crawler_brings_every_family_back_once(void **state)
{
    (void)state;
    char file[64];
    write_hosts(file, "127.0.0.1 name.test\n127.1.0.1 name.test\n127.2.0.1 name.test\n"
                      "127.3.0.1 name.test\n");
    for (unsigned round = 0; round < 8; round++) {
        struct crawl crawl;
        crawl_init(&crawl);
        crawl.policy.hosts_file = file;
        crawl.policy.threads = 1 + round % 4;
        crawl.policy.slots = 40;
        crawl.policy.per_address = 10;
        crawl.policy.gap_ms = 3;
        crawl.policy.total_ms = 20000;
        struct origin_server *quick = origin_server_start("127.0.0.1", NULL, plain, NULL);
        struct origin_server *mute = origin_server_start("127.1.0.1", NULL, hangs, NULL);
        for (int i = 0; i < 60; i++) {
            const struct origin_server *server = i % 2 == 0 ? quick : mute;
            (void)crawl_add(&crawl, "stop.test", "name.test", origin_server_port(server), 1);
        }
        crawl_begin(&crawl);
        crawl_submit_all(&crawl);
        struct timespec pause = {.tv_nsec = (long)round * 10000000};
        (void)nanosleep(&pause, NULL);
        crawler_stop(crawl.crawler);
        crawl_wait(&crawl, 60);
        crawler_free(crawl.crawler);
        crawl.crawler = NULL;
        assert_int_equal(crawl.done, 60);
        for (size_t i = 0; i < crawl.count; i++) {
            assert_int_equal(crawl.targets[i].came_back, 1);
            size_t length = length_of(crawl.targets[i].visit);
            assert_true(length == 1 || length == 4); // 1: stopped before it had a name
        }
        crawl_done(&crawl);
        origin_server_stop(quick);
        origin_server_stop(mute);
    }
    (void)unlink(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looks_at_every_allowed_address),
        cmocka_unit_test(an_address_without_a_route_is_no_origin),
        cmocka_unit_test(the_chain_keeps_its_order),
        cmocka_unit_test(a_stopped_crawler_brings_every_family_back_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
