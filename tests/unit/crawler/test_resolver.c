// SPDX-License-Identifier: Apache-2.0
// Names through a hosts file and through a DNS server of our own on loopback.
#include "crawler/resolver.h"

#include <ares.h>
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/time.h"
#include "tests/support/check.h"
#include "tests/unit/crawler/crawl.h"

// Answers A queries: a.test 10.0.0.1, two.test 127.0.0.1 and 127.0.0.2; ten.test ten of them;
// many*.test after a while; lost.test never; everything else NXDOMAIN.
struct dns_stub {
    int fd;
    uint16_t port;
    pthread_t thread;
    atomic_uint queries;
    char name[256];
};

static void read_name(char *out, size_t size, const unsigned char *query, ssize_t len)
{
    size_t at = 12;
    size_t n = 0;
    while (at < (size_t)len && query[at] != 0 && n + query[at] + 2 < size) {
        memcpy(out + n, query + at + 1, query[at]);
        n += query[at];
        out[n++] = '.';
        at += query[at] + 1U;
    }
    out[n > 0 ? n - 1 : 0] = '\0';
}

static size_t add_address(unsigned char *reply, size_t len, unsigned last, unsigned first)
{
    const unsigned char record[16] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 0, 0, 0, 0};
    memcpy(reply + len, record, sizeof record);
    reply[len + 12] = (unsigned char)first;
    reply[len + 15] = (unsigned char)last;
    reply[7]++; // ANCOUNT
    return len + 16;
}

static size_t reply_to(unsigned char *reply, size_t len, const char *name, bool a)
{
    reply[2] = 0x84 | (reply[2] & 1); // an authoritative answer
    reply[3] = 0x80;
    reply[10] = reply[11] = 0; // without the query's EDNS record
    size_t question = 12;
    while (reply[question] != 0) {
        question += reply[question] + 1U;
    }
    len = question + 5;
    if (strcmp(name, "a.test") == 0) {
        return a ? add_address(reply, len, 1, 10) : len;
    }
    if (strcmp(name, "two.test") == 0) {
        return a ? add_address(reply, add_address(reply, len, 1, 127), 2, 127) : len;
    }
    if (strcmp(name, "ten.test") == 0) {
        for (unsigned i = 0; a && i < 10; i++) {
            len = add_address(reply, len, 1 + i, 127);
        }
        return len;
    }
    if (strncmp(name, "many", 4) == 0) {
        return a ? add_address(reply, len, 3, 127) : len;
    }
    reply[3] = 0x83; // NXDOMAIN
    return len;
}

static void *run_dns(void *data)
{
    struct dns_stub *stub = data;
    unsigned char packet[1024];
    for (;;) {
        struct sockaddr_storage from;
        socklen_t from_len = sizeof from;
        ssize_t len = recvfrom(stub->fd, packet, 512, 0, (struct sockaddr *)&from, &from_len);
        if (len < 17) {
            return NULL; // the test's own short packet, or a closed socket
        }
        char name[256];
        read_name(name, sizeof name, packet, len);
        atomic_fetch_add(&stub->queries, 1);
        if (strcmp(name, "lost.test") == 0) {
            continue;
        }
        size_t question = 12;
        while (packet[question] != 0) {
            question += packet[question] + 1U;
        }
        bool a = packet[question + 2] == 1;
        size_t size = reply_to(packet, (size_t)len, name, a);
        (void)sendto(stub->fd, packet, size, 0, (struct sockaddr *)&from, from_len);
    }
}

static void stub_start(struct dns_stub *stub)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    stub->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    atomic_store(&stub->queries, 0);
    assert_int_equal(bind(stub->fd, (struct sockaddr *)&at, len), 0);
    assert_int_equal(getsockname(stub->fd, (struct sockaddr *)&at, &len), 0);
    stub->port = ntohs(at.sin_port);
    (void)snprintf(stub->name, sizeof stub->name, "127.0.0.1:%u", (unsigned)stub->port);
    assert_int_equal(pthread_create(&stub->thread, NULL, run_dns, stub), 0);
}

static void stub_stop(struct dns_stub *stub)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons(stub->port)};
    (void)sendto(stub->fd, "end", 3, 0, (struct sockaddr *)&at, sizeof at);
    (void)pthread_join(stub->thread, NULL);
    (void)close(stub->fd);
}

// One resolver in a poll loop of its own.
struct loop {
    struct resolver *resolver;
    struct pollfd fds[256];
    nfds_t count;
    unsigned done, most_out;
};

static void watch(void *ctx, int fd, bool readable, bool writable)
{
    struct loop *loop = ctx;
    nfds_t i = 0;
    while (i < loop->count && loop->fds[i].fd != fd) {
        i++;
    }
    if (!readable && !writable) {
        if (i < loop->count) {
            loop->fds[i] = loop->fds[--loop->count];
        }
        return;
    }
    assert_true(i < COUNT_OF(loop->fds));
    loop->count += i == loop->count;
    loop->fds[i] = (struct pollfd){
        .fd = fd, .events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0))};
}

static void came(void *ctx, struct lookup *lookup)
{
    (void)lookup;
    ((struct loop *)ctx)->done++;
}

static void open_loop(struct loop *loop, const struct hosts *hosts, const char *servers,
                      unsigned in_flight)
{
    struct resolver_settings settings = {.hosts = hosts,
                                         .servers = servers,
                                         .in_flight = in_flight,
                                         .timeout_ms = 100,
                                         .watch = watch,
                                         .done = came,
                                         .ctx = loop};
    struct why why = {0};
    *loop = (struct loop){0};
    assert_ok(resolver_new(&loop->resolver, &settings, &why), &why);
}

static void turn_until(struct loop *loop, unsigned done)
{
    int64_t until = time_monotonic_ms() + 10000;
    while (loop->done < done && time_monotonic_ms() < until) {
        struct pollfd fds[COUNT_OF(loop->fds)];
        nfds_t count = loop->count;
        memcpy(fds, loop->fds, count * sizeof *fds);
        int ms = resolver_timeout_ms(loop->resolver);
        (void)poll(fds, count, ms < 0 || ms > 50 ? 50 : ms);
        for (nfds_t i = 0; i < count; i++) {
            if (fds[i].revents != 0) {
                resolver_process(loop->resolver, fds[i].fd, (fds[i].revents & POLLIN) != 0,
                                 (fds[i].revents & POLLOUT) != 0);
            }
        }
        resolver_process(loop->resolver, -1, false, false);
    }
    assert_int_equal(loop->done, done);
}

static void reads_hosts_files(void **state)
{
    (void)state;
    struct hosts *hosts = NULL;
    assert_int_equal(hosts_parse(&hosts, span_of("# comment\n127.0.0.1\tLocalhost one.test.\r\n"
                                                 "not-an-address x.test\n::1 one.test #two.test\n"
                                                 "300.1.1.1 bad.test\n10.0.0.9 zz.test")),
                     ERR_OK);
    struct addr found[4];
    assert_int_equal(hosts_find(hosts, "one.test", found, 4), 2);
    assert_int_equal(found[0].version, 4);
    assert_int_equal(found[1].version, 6);
    assert_int_equal(hosts_find(hosts, "one.test", found, 1), 1);
    assert_int_equal(hosts_find(hosts, "localhost", found, 4), 1);
    assert_int_equal(hosts_find(hosts, "zz.test", found, 4), 1);
    assert_int_equal(hosts_find(hosts, "two.test", found, 4), 0);
    assert_int_equal(hosts_find(hosts, "x.test", found, 4), 0);
    assert_int_equal(hosts_find(hosts, "bad.test", found, 4), 0);
    assert_int_equal(hosts_find(hosts, "", found, 4), 0);
    hosts_free(hosts);
    assert_int_equal(hosts_parse(&hosts, (struct span){NULL, 0}), ERR_OK);
    assert_int_equal(hosts_find(hosts, "one.test", found, 4), 0);
    hosts_free(hosts);
}

static void asks_dns_and_keeps_all_addresses(void **state)
{
    (void)state;
    struct dns_stub stub;
    struct loop loop;
    struct hosts *hosts = NULL;
    stub_start(&stub);
    assert_int_equal(hosts_parse(&hosts, span_of("127.0.0.7 a.test\n")), ERR_OK);
    open_loop(&loop, hosts, stub.name, 8);
    struct lookup from_file = {.name = "a.test"};
    struct lookup two = {.name = "two.test"};
    struct lookup unknown = {.name = "unknown.test"};
    struct lookup lost = {.name = "lost.test"};
    struct lookup ten = {.name = "ten.test"};
    resolver_ask(loop.resolver, &from_file);
    assert_int_equal(loop.done, 1); // at once, without DNS
    resolver_ask(loop.resolver, &two);
    resolver_ask(loop.resolver, &unknown);
    resolver_ask(loop.resolver, &lost);
    resolver_ask(loop.resolver, &ten);
    turn_until(&loop, 5);
    assert_int_equal(from_file.count, 1);
    assert_int_equal(from_file.addresses[0].bytes[3], 7);
    assert_int_equal(two.count, 2);
    assert_false(two.more);
    assert_int_equal(ten.count, LIMIT_ADDRESSES);
    assert_true(ten.more);
    assert_int_equal(unknown.count, 0);
    assert_non_null(strstr(unknown.words, "unknown.test: "));
    assert_int_equal(lost.count, 0);
    assert_true(lost.words[0] != '\0');
    assert_true(lost.took_ms >= 100);
    resolver_free(loop.resolver);
    hosts_free(hosts);
    stub_stop(&stub);
}

static void bounds_what_is_in_flight(void **state)
{
    (void)state;
    struct dns_stub stub;
    struct loop loop;
    static struct lookup lookups[200];
    static char names[200][32];
    stub_start(&stub);
    open_loop(&loop, NULL, stub.name, 4);
    for (unsigned i = 0; i < 200; i++) {
        (void)snprintf(names[i], sizeof names[i], "many%u.test", i);
        lookups[i] = (struct lookup){.name = names[i]};
        resolver_ask(loop.resolver, &lookups[i]);
    }
    // Four names, an A and an AAAA query each, however often they are repeated at first.
    struct timespec pause = {.tv_nsec = 20000000};
    (void)nanosleep(&pause, NULL);
    assert_true(atomic_load(&stub.queries) <= 8);
    turn_until(&loop, 200);
    for (unsigned i = 0; i < 200; i++) {
        assert_int_equal(lookups[i].count, 1);
    }
    resolver_free(loop.resolver);
    stub_stop(&stub);
}

static void cancelling_brings_all_back(void **state)
{
    (void)state;
    struct dns_stub stub;
    struct loop loop;
    struct lookup lookups[10];
    stub_start(&stub);
    open_loop(&loop, NULL, stub.name, 3);
    for (int i = 0; i < 10; i++) {
        lookups[i] = (struct lookup){.name = "lost.test"};
        resolver_ask(loop.resolver, &lookups[i]);
    }
    resolver_cancel(loop.resolver);
    assert_int_equal(loop.done, 10);
    assert_int_equal(resolver_timeout_ms(loop.resolver), -1);
    resolver_free(loop.resolver);
    stub_stop(&stub);
}

// Through the crawler: what DNS says passes the guard like everything else.
static void the_guard_looks_at_what_dns_says(void **state)
{
    (void)state;
    struct dns_stub stub;
    struct crawl crawl;
    stub_start(&stub);
    crawl_init(&crawl);
    crawl.policy.dns_servers = stub.name;
    crawl.policy.dns_timeout_ms = 500;
    struct crawl_target *private = crawl_add(&crawl, "site.test", "a.test", 80, 443);
    struct crawl_target *open = crawl_add(&crawl, "site.test", "many.test", 1, 1);
    crawl_run(&crawl);
    assert_int_equal(private->visit->pages[0].http->outcome, OUTCOME_ADDRESS_REFUSED);
    assert_non_null(strstr(private->visit->pages[0].http->words, "10.0.0.1"));
    assert_int_equal(private->visit->requests, 0);
    assert_int_equal(open->visit->pages[0].http->outcome, OUTCOME_CONNECT_REFUSED);
    assert_string_equal(open->visit->pages[0].http->address, "127.0.0.3");
    crawl_done(&crawl);
    stub_stop(&stub);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_hosts_files),
        cmocka_unit_test(asks_dns_and_keeps_all_addresses),
        cmocka_unit_test(bounds_what_is_in_flight),
        cmocka_unit_test(cancelling_brings_all_back),
        cmocka_unit_test(the_guard_looks_at_what_dns_says),
    };
    (void)ares_library_init(ARES_LIB_INIT_ALL);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ares_library_cleanup();
    return failed;
}
