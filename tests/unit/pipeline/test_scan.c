// SPDX-License-Identifier: Apache-2.0
// Scans of a store. Origins are documentation addresses, which the guard refuses before anything is
// sent.
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/limits.h"
#include "pipeline/pipeline.h"
#include "tests/support/check.h"

enum {
    ZONES = 5
};

struct lab {
    char dir[64];
    struct db *db;
    char ids[ZONES][33];
    struct pipeline_policy policy;
    struct pipeline_watch watch;
    struct pipeline_progress end;
    volatile sig_atomic_t stop;
    size_t results;
    char trouble[512]; // name, then words
    struct why why;
};

static enum err see(void *ctx, const struct pipeline_result *result)
{
    struct lab *lab = ctx;
    lab->results++;
    assert_non_null(result->recommendation);
    return ERR_OK;
}

static void hear(void *ctx, const struct zone *zone, const char *words)
{
    struct lab *lab = ctx;
    assert_string_equal(lab->trouble, "");
    (void)snprintf(lab->trouble, sizeof lab->trouble, "%s: %s", zone->name, words);
}

static void add_zone(struct lab *lab, const char *name, size_t hosts, size_t origins, char id[33])
{
    struct zone *zone = zone_new();
    assert_non_null(zone);
    free(zone->name);
    zone->name = strdup(name);
    for (size_t h = 0; h < hosts; h++) {
        char text[64];
        struct host *host = NULL;
        (void)snprintf(text, sizeof text, "h%zu.%s", h, name);
        assert_ok(zone_add_host(&host, zone, span_of(text), NULL), NULL);
        for (size_t k = 0; k < origins; k++) {
            (void)snprintf(text, sizeof text, "192.0.2.%zu", k + 1);
            assert_ok(host_add_origin(host, span_of(text), 80, 443, NULL), NULL);
        }
    }
    assert_ok(db_zone_insert(lab->db, zone, &lab->why), &lab->why);
    memcpy(id, zone->id, 33);
    zone_free(zone);
}

static int set_up(void **state)
{
    static const struct trust_file roots[] = {{"public", "/etc/ssl/certs/ca-certificates.crt"}};
    struct lab *lab = calloc(1, sizeof *lab);
    char where[128];
    assert_non_null(lab);
    *state = lab;
    (void)snprintf(lab->dir, sizeof lab->dir, "/tmp/sslauto-scan-XXXXXX");
    assert_non_null(mkdtemp(lab->dir));
    (void)snprintf(where, sizeof where, "sqlite://%s/store.db", lab->dir);
    assert_ok(db_open(&lab->db, where, DB_CREATE, &lab->why), &lab->why);
    for (size_t i = 0; i < ZONES; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "z%zu.example", i);
        add_zone(lab, name, 1, 1, lab->ids[i]);
    }
    lab->policy = pipeline_policy_default();
    lab->policy.crawler.trust = roots;
    lab->policy.crawler.trust_count = COUNT_OF(roots);
    lab->policy.second_look_ms = 0;
    lab->watch =
        (struct pipeline_watch){.result = see, .trouble = hear, .ctx = lab, .stop = &lab->stop};
    return 0;
}

static int tear_down(void **state)
{
    struct lab *lab = *state;
    static const char *const endings[] = {"", "-wal", "-shm"};
    db_close(lab->db);
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/store.db%s", lab->dir, endings[i]);
        (void)unlink(path);
    }
    (void)rmdir(lab->dir);
    free(lab);
    return 0;
}

static enum err scan(struct lab *lab, enum scan_which which, const char *const *names, size_t count)
{
    const struct scan_request request = {.which = which, .zones = names, .zone_count = count};
    lab->results = 0;
    lab->end = (struct pipeline_progress){0};
    return pipeline_scan(lab->db, &lab->policy, &request, &lab->watch, &lab->end, &lab->why);
}

static bool is_scanned(struct lab *lab, size_t i)
{
    struct db_scan found = {0};
    enum err e = db_scan_current(lab->db, lab->ids[i], &found, &lab->why);
    db_scan_done(&found);
    return e == ERR_OK;
}

static void assert_due(struct lab *lab, int64_t due, int64_t leased)
{
    int64_t is_due = -1;
    int64_t is_leased = -1;
    assert_ok(db_due_count(lab->db, &is_due, &is_leased, &lab->why), &lab->why);
    assert_int_equal(is_due, due);
    assert_int_equal(is_leased, leased);
}

static void one_zone_that_cannot_be_kept_holds_no_other(void **state)
{
    struct lab *lab = *state;
    char id[33];
    int64_t now = 0;
    int64_t next = 0;
    add_zone(lab, "huge.example", LIMIT_ZONE_HOSTS, 30, id);
    assert_ok(scan(lab, SCAN_DUE, NULL, 0), &lab->why);
    assert_int_equal(lab->end.total, ZONES + 1);
    assert_int_equal(lab->end.done, ZONES);
    assert_int_equal(lab->end.failed, 1);
    assert_int_equal(lab->results, ZONES);
    assert_non_null(strstr(lab->trouble, "huge.example: what was found is more than 4 MiB"));
    for (size_t i = 0; i < ZONES; i++) {
        assert_true(is_scanned(lab, i));
    }
    // It is not the first of each scan from now on.
    assert_ok(db_now(lab->db, &now, &lab->why), &lab->why);
    assert_ok(db_next_scan(lab->db, id, &next, &lab->why), &lab->why);
    assert_true(next > now + 3600);
    assert_due(lab, 0, 0);
}

static void zones_named_twice_are_one(void **state)
{
    struct lab *lab = *state;
    const char *const names[] = {"z1.example", "z0.example", "z1.example", lab->ids[0]};
    assert_ok(scan(lab, SCAN_NAMED, names, COUNT_OF(names)), &lab->why);
    assert_int_equal(lab->end.total, 2);
    assert_int_equal(lab->end.done, 2);
    assert_int_equal(lab->end.elsewhere, 0);
    assert_true(is_scanned(lab, 0) && is_scanned(lab, 1));
    assert_due(lab, ZONES - 2, 0);
}

static void a_zone_in_work_elsewhere_is_left_there(void **state)
{
    struct lab *lab = *state;
    const char *const names[] = {"z0.example", "z1.example", "z2.example"};
    struct db_lease lease = {0};
    assert_ok(db_claim_zone(lab->db, "another", 60, lab->ids[1], &lease, &lab->why), &lab->why);
    assert_ok(scan(lab, SCAN_NAMED, names, COUNT_OF(names)), &lab->why);
    assert_int_equal(lab->end.total, 3);
    assert_int_equal(lab->end.done, 2);
    assert_int_equal(lab->end.elsewhere, 1);
    assert_true(is_scanned(lab, 0) && !is_scanned(lab, 1) && is_scanned(lab, 2));
    // Its lease is as it was, and nobody asked it to do its work twice.
    assert_due(lab, ZONES - 3, 1);
    assert_ok(db_lease_release(lab->db, lab->ids[1], lease.epoch, 1, &lab->why), &lab->why);
    int64_t next = 0;
    assert_ok(db_next_scan(lab->db, lab->ids[1], &next, &lab->why), &lab->why);
    assert_int_equal(next, 1);
    zone_free(lease.zone);
}

static void an_unknown_name_is_refused_before_any_work(void **state)
{
    struct lab *lab = *state;
    const char *const first[] = {"z0.example"};
    const char *const names[] = {"z1.example", "nowhere.example", "z0.example"};
    assert_ok(scan(lab, SCAN_NAMED, first, 1), &lab->why);
    assert_err(scan(lab, SCAN_NAMED, names, COUNT_OF(names)), ERR_NOT_FOUND);
    assert_non_null(strstr(lab->why.text, "nowhere.example"));
    assert_int_equal(lab->results, 0);
    assert_false(is_scanned(lab, 1));
    assert_due(lab, ZONES - 1, 0); // z0 is not asked for either
}

static void a_named_scan_that_is_stopped_goes_on_with_what_is_due(void **state)
{
    struct lab *lab = *state;
    const char *const names[] = {"z3.example", "z4.example"};
    assert_ok(scan(lab, SCAN_DUE, NULL, 0), &lab->why);
    struct zone *zone = NULL;
    assert_ok(db_zone_get(lab->db, &zone, lab->ids[4], &lab->why), &lab->why);
    zone->automatic = AUTOMATIC_CUSTOM; // those too: they were asked for by name
    assert_ok(db_zone_update(lab->db, zone, &lab->why), &lab->why);
    zone_free(zone);
    assert_due(lab, 0, 0);
    lab->stop = 1;
    assert_err(scan(lab, SCAN_NAMED, names, COUNT_OF(names)), ERR_INTERRUPTED);
    assert_due(lab, 2, 0);
    lab->stop = 0;
    assert_ok(scan(lab, SCAN_DUE, NULL, 0), &lab->why);
    assert_int_equal(lab->end.done, 2);
    assert_due(lab, 0, 0);
    int64_t next = -1;
    assert_ok(db_next_scan(lab->db, lab->ids[4], &next, &lab->why), &lab->why);
    assert_int_equal(next, 0);
}

// Accepts nothing, answers nothing.
static uint16_t tarpit(int *fd)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    *fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(*fd >= 0);
    assert_int_equal(bind(*fd, (const struct sockaddr *)&at, size), 0);
    assert_int_equal(listen(*fd, 128), 0);
    assert_int_equal(getsockname(*fd, (struct sockaddr *)&at, &size), 0);
    return ntohs(at.sin_port);
}

static enum err stop_when_all_are_seen(void *ctx, const struct pipeline_result *result)
{
    struct lab *lab = ctx;
    enum err e = see(ctx, result);
    lab->stop = lab->results == ZONES;
    return e;
}

static void give_up_after_a_while(void *ctx, const struct pipeline_progress *progress)
{
    struct lab *lab = ctx;
    lab->stop = lab->stop || progress->now_ms - progress->started_at_ms > 30000;
}

static void a_slow_address_with_many_zones_holds_no_other(void **state)
{
    enum {
        SLOW = 100
    };
    static const char *const open_nets[] = {"127.0.0.0/8"};
    struct lab *lab = *state;
    int fd = -1;
    uint16_t port = tarpit(&fd);
    for (size_t i = 0; i < SLOW; i++) {
        char name[32];
        struct host *host = NULL;
        struct zone *zone = zone_new();
        assert_non_null(zone);
        (void)snprintf(name, sizeof name, "slow%zu.example", i);
        free(zone->name);
        zone->name = strdup(name);
        assert_ok(zone_add_host(&host, zone, span_of(name), NULL), NULL);
        assert_ok(host_add_origin(host, span_of("127.0.0.1"), port, port, NULL), NULL);
        assert_ok(db_zone_insert(lab->db, zone, &lab->why), &lab->why);
        zone_free(zone);
    }
    // They have been due for longer than the others.
    for (size_t i = 0; i < ZONES; i++) {
        struct db_lease lease = {0};
        int64_t now = 0;
        assert_ok(db_now(lab->db, &now, &lab->why), &lab->why);
        assert_ok(db_claim_zone(lab->db, "test", 60, lab->ids[i], &lease, &lab->why), &lab->why);
        assert_ok(db_lease_release(lab->db, lab->ids[i], lease.epoch, now + 1, &lab->why),
                  &lab->why);
        zone_free(lease.zone);
    }
    assert_int_equal(sleep(2), 0);
    lab->policy.crawler.slots = 10;
    lab->policy.crawler.allow_nets = open_nets;
    lab->policy.crawler.allow_net_count = 1;
    lab->watch.result = stop_when_all_are_seen;
    lab->watch.progress = give_up_after_a_while;
    assert_err(scan(lab, SCAN_DUE, NULL, 0), ERR_INTERRUPTED);
    for (size_t i = 0; i < ZONES; i++) {
        assert_true(is_scanned(lab, i));
    }
    assert_due(lab, SLOW, 0);
    assert_int_equal(close(fd), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_zone_that_cannot_be_kept_holds_no_other),
        TEST(zones_named_twice_are_one),
        TEST(a_zone_in_work_elsewhere_is_left_there),
        TEST(an_unknown_name_is_refused_before_any_work),
        TEST(a_named_scan_that_is_stopped_goes_on_with_what_is_due),
        TEST(a_slow_address_with_many_zones_holds_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
