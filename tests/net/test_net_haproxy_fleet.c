// SPDX-License-Identifier: Apache-2.0
// The haproxy driver and many zones: the steady state of all, the big red button, probes, ways to
// the origin, and edges that are not as they should be.
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/time.h"
#include "tests/net/edge_lab.h"
#include "tests/support/check.h"

#define RAMPS 1000
#define ZONES 100000

static const char *const names[] = {"a.test", "b.test", "c.test", "www.a.test", "inside.test"};
static const char *const good[] = {"127.0.20.1"};
static const char *const three[] = {"127.0.20.1", "127.0.20.2", "127.0.20.3"};
static const char *const expired[] = {"127.0.20.4"};
static const char *const v6[] = {"::1"};

static int setup(void **state)
{
    static const struct server says =
        NGINX(NULL, "location / { return 200 \"$scheme $server_addr $host\"; }");
    struct edge_lab *lab = calloc(1, sizeof(*lab));
    if (lab == NULL) {
        return -1;
    }
    *state = lab;
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    lab_open(&lab->lab, names, COUNT_OF(names));
    for (size_t i = 0; i < COUNT_OF(three); i++) {
        lab_add(&lab->lab, three[i], "a.test", &says, &says, "good");
    }
    lab_add(&lab->lab, expired[0], "a.test", &says, &says, "expired");
    lab_add(&lab->lab, "127.0.30.1", "a.test", &says, &says, "good");
    if (lab->lab.ipv6) {
        lab_add(&lab->lab, "::1", "a.test", &says, &says, "good");
    }
    edge_lab_start(lab);
    return 0;
}

static int teardown(void **state)
{
    struct edge_lab *lab = *state;
    edge_lab_close(lab);
    free(lab);
    return 0;
}

// -- ways to the origin -------------------------------------------------------------------------
static void visit(struct edge_lab *lab, struct visited *out, unsigned client, bool secure)
{
    visit_once(out, lab, 0, client, "a.test", secure);
}

static void test_modes_go_their_ways(void **state)
{
    static const struct {
        enum mode mode;
        int status_secure;
        bool secure_https, plain_https;
    } ways[] = {{MODE_OFF, 301, false, false},
                {MODE_FLEXIBLE, 200, false, false},
                {MODE_FULL, 200, true, false},
                {MODE_STRICT, 200, true, false},
                {MODE_ORIGIN_PULL, 200, true, true}};
    struct edge_lab *lab = *state;
    struct visited got;
    OWN(zone_own) struct zone *zone = edge_zone(lab, "a.test", MODE_OFF, good, 1);
    OWN(zone_own) struct zone *bad = edge_zone(lab, "a.test", MODE_OFF, expired, 1);
    visit_once(&got, lab, 0, 1, "nobody.test", true);
    assert_int_equal(got.status, 421);
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        edge_lab_settle(lab, zone, ways[i].mode);
        visit(lab, &got, 1, true);
        assert_int_equal(got.status, ways[i].status_secure);
        assert_int_equal(got.https, ways[i].secure_https);
        visit(lab, &got, 1, false);
        assert_int_equal(got.status, 200);
        assert_int_equal(got.https, ways[i].plain_https);
    }
    edge_lab_settle(lab, zone, MODE_OFF);
    visit(lab, &got, 1, true);
    assert_string_equal(got.location, "http://a.test/");
    // What the certificate is worth.
    edge_lab_settle(lab, bad, MODE_FULL);
    visit(lab, &got, 1, true);
    assert_int_equal(got.status, 200);
    edge_lab_settle(lab, bad, MODE_STRICT);
    visit(lab, &got, 1, true);
    assert_int_equal(got.status, 503);
    edge_lab_settle(lab, bad, MODE_ORIGIN_PULL);
    visit(lab, &got, 1, false);
    assert_int_equal(got.status, 503);
}

// Visitors without TLS are part of the experiment where the new mode is origin_pull alone.
static void test_plain_visitors_count_for_origin_pull_alone(void **state)
{
    static const struct {
        enum mode to;
        uint64_t counted;
    } cases[] = {{MODE_STRICT, 0}, {MODE_ORIGIN_PULL, 10}};
    struct edge_lab *lab = *state;
    OWN(zone_own) struct zone *zone = edge_zone(lab, "a.test", MODE_FULL, good, 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct edge_want want = edge_ramp(zone, cases[i].to, 5000, 70 + (int64_t)i);
        struct edge_counted counted[LIMIT_EDGE_PROCESSES];
        unsigned on_new = 0;
        edge_lab_apply(lab, &want);
        for (unsigned c = 0; c < 10; c++) {
            struct visited got;
            visit(lab, &got, c, false);
            assert_int_equal(got.status, 200);
            on_new += got.https;
        }
        edge_lab_count(lab, zone, want.generation, counted);
        assert_int_equal(counted[0].counts.of[COHORT_NEW].requests, on_new);
        assert_int_equal(counted[0].counts.of[COHORT_NEW].requests +
                             counted[0].counts.of[COHORT_OLD].requests,
                         cases[i].counted);
        assert_int_equal(on_new > 0, cases[i].counted > 0);
    }
    edge_lab_settle(lab, zone, MODE_FULL);
}

static void test_origins_are_spread_and_kept(void **state)
{
    struct edge_lab *lab = *state;
    OWN(zone_own) struct zone *zone = edge_zone(lab, "a.test", MODE_FLEXIBLE, three, 3);
    OWN(zone_own) struct zone *fewer = edge_zone(lab, "a.test", MODE_FLEXIBLE, three, 2);
    unsigned seen[4] = {0};
    edge_lab_settle(lab, zone, MODE_FLEXIBLE);
    for (unsigned c = 0; c < 90; c++) {
        struct visited first;
        struct visited second;
        visit(lab, &first, c, true);
        visit(lab, &second, c, false);
        assert_string_equal(first.origin, second.origin);
        seen[first.origin[strlen(first.origin) - 1] - '0']++;
    }
    print_message("origins: %u %u %u of 90\n", seen[1], seen[2], seen[3]);
    assert_true(seen[1] > 12 && seen[2] > 12 && seen[3] > 12);
    struct edge_seen other[LIMIT_EDGE_PROCESSES];
    edge_lab_see(lab, fewer, other); // other origins than the edge has: it must be told
    assert_false(other[0].known);
    edge_lab_settle(lab, fewer, MODE_FLEXIBLE);
    edge_lab_see(lab, fewer, other);
    assert_true(other[0].known);
    for (unsigned c = 0; c < 30; c++) {
        struct visited got;
        visit(lab, &got, c, true);
        assert_string_not_equal(got.origin, three[2]);
    }
}

static void test_origins_by_name_and_by_ipv6(void **state)
{
    static const char *const named[] = {"origin.lab.test"};
    struct edge_lab *lab = *state;
    struct visited got;
    OWN(zone_own) struct zone *zone = edge_zone(lab, "a.test", MODE_STRICT, named, 1);
    edge_lab_settle(lab, zone, MODE_STRICT);
    visit(lab, &got, 1, true);
    assert_int_equal(got.status, 530); // the name leads to loopback
    edge_process_edit(lab, 0, " 127.0.0.0/8 169.254", " 169.254");
    edge_process_reload(lab, 0);
    visit(lab, &got, 1, true);
    assert_int_equal(got.status, 200);
    assert_true(got.https);
    assert_string_equal(got.origin, "127.0.30.1");
    if (lab->lab.ipv6) {
        OWN(zone_own) struct zone *six = edge_zone(lab, "a.test", MODE_STRICT, v6, 1);
        edge_lab_settle(lab, six, MODE_STRICT);
        visit(lab, &got, 1, true);
        assert_int_equal(got.status, 200);
        assert_string_equal(got.origin, "::1");
    }
}

static void test_own_host_and_sni_are_sent(void **state)
{
    struct edge_lab *lab = *state;
    struct visited got;
    OWN(zone_own) struct zone *zone = edge_zone(lab, "inside.test", MODE_STRICT, good, 1);
    zone->hosts[0].host_header = strdup("b.test");
    edge_lab_settle(lab, zone, MODE_STRICT);
    visit_once(&got, lab, 0, 1, "inside.test", true);
    assert_int_equal(got.status, 200);
    assert_non_null(strstr(got.words, " b.test"));
    zone->hosts[0].sni = strdup("elsewhere.example"); // not in the certificate
    edge_lab_settle(lab, zone, MODE_STRICT);
    visit_once(&got, lab, 0, 1, "inside.test", true);
    assert_int_equal(got.status, 503);
    free(zone->hosts[0].sni);
    free(zone->hosts[0].host_header);
    zone->hosts[0].sni = NULL;
    zone->hosts[0].host_header = NULL;
    edge_lab_settle(lab, zone, MODE_STRICT);
    visit_once(&got, lab, 0, 1, "inside.test", true);
    assert_non_null(strstr(got.words, " inside.test"));
}

// -- probes -------------------------------------------------------------------------------------
static void probe(struct edge_lab *lab, const struct zone *zone, enum cohort cohort,
                  struct edge_probe *out)
{
    struct why why = {""};
    assert_ok(edge_probe(lab->edge, zone, cohort, out, &why), &why);
}

static void test_probes_reach_either_mode_before_any_visitor(void **state)
{
    struct edge_lab *lab = *state;
    struct edge_probe got;
    struct visited plain;
    struct edge_counted counted[LIMIT_EDGE_PROCESSES];
    OWN(zone_own) struct zone *zone = edge_zone(lab, "a.test", MODE_FLEXIBLE, expired, 1);
    struct edge_want want = edge_ramp(zone, MODE_STRICT, 0, 80);
    edge_lab_apply(lab, &want);
    probe(lab, zone, COHORT_PROBE_OLD, &got);
    assert_true(got.answered && got.status == 200 && got.mode == MODE_FLEXIBLE);
    assert_string_equal(got.words, "");
    probe(lab, zone, COHORT_PROBE_NEW, &got);
    assert_true(got.answered && got.status == 503 && got.mode == MODE_STRICT); // no way back
    visit(lab, &plain, 1, true);
    assert_true(plain.status == 200 && !plain.https);
    edge_lab_count(lab, zone, 80, counted);
    assert_int_equal(counted[0].counts.of[COHORT_PROBE_NEW].requests, 1);
    assert_int_equal(counted[0].counts.of[COHORT_PROBE_NEW].tls_failures, 1);
    assert_int_equal(counted[0].counts.of[COHORT_PROBE_OLD].requests, 1);
    assert_int_equal(counted[0].counts.of[COHORT_NEW].requests, 0);
    want.lease_s = 0; // no lease: not even probes
    edge_lab_apply(lab, &want);
    probe(lab, zone, COHORT_PROBE_NEW, &got);
    assert_true(got.answered && got.status == 200 && got.mode == MODE_FLEXIBLE);
    assert_non_null(strstr(got.words, "lease"));
    edge_lab_settle(lab, zone, MODE_FLEXIBLE);
    // A zone that is not there, and an edge that is not there.
    OWN(zone_own) struct zone *unknown = edge_zone(lab, "c.test", MODE_FLEXIBLE, good, 1);
    probe(lab, unknown, COHORT_PROBE_OLD, &got);
    assert_true(got.answered && got.status == 421 && got.mode == MODE_NONE);
    edge_process_stop(lab, 0);
    probe(lab, zone, COHORT_PROBE_OLD, &got);
    assert_true(!got.answered && got.words[0] != '\0');
    edge_process_start(lab, 0);
}

static void test_probe_with_another_secret_is_a_visitor(void **state)
{
    struct edge_lab *lab = *state;
    struct edge_settings settings = lab->settings;
    struct edge_probe got;
    struct why why = {""};
    OWN(zone_own) struct zone *zone = edge_zone(lab, "a.test", MODE_FLEXIBLE, good, 1);
    OWN(edge_own) struct edge *edge = NULL;
    settings.probe_secret = "another-secret-01234";
    assert_ok(edge_open(&edge, &settings, &why), &why);
    edge_lab_settle(lab, zone, MODE_FLEXIBLE);
    assert_ok(edge_probe(edge, zone, COHORT_PROBE_NEW, &got, &why), &why);
    assert_true(got.answered && got.status == 200 && got.mode == MODE_NONE);
    assert_non_null(strstr(got.words, "secret"));
}

// -- many zones ---------------------------------------------------------------------------------
struct many {
    struct zone *zone; // its name and mode are changed for each
    size_t next, count;
    enum mode mode;
};

static struct zone *rename_zone(struct many *many, size_t number)
{
    // As long as the longest of them, so that one allocation does.
    (void)snprintf(many->zone->hosts[0].name, 20, "n%06u.many.test", (unsigned)(number % 1000000));
    many->zone->mode = many->mode;
    return many->zone;
}

static const struct zone *next_zone(void *ctx)
{
    struct many *many = ctx;
    return many->next < many->count ? rename_zone(many, many->next++) : NULL;
}

static void resync(struct edge_lab *lab, struct many *many, size_t count)
{
    struct why why = {""};
    many->next = 0;
    many->count = count;
    int64_t begin = time_monotonic_ms();
    assert_ok(edge_resync(lab->edge, next_zone, many, false, &why), &why);
    print_message("resync of %zu zones at %d processes: %lld ms\n", count, EDGE_PROCESSES,
                  (long long)(time_monotonic_ms() - begin));
}

static void check_resynced(struct edge_lab *lab, struct many *many, size_t number, bool known)
{
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    edge_lab_see(lab, rename_zone(many, number), seen);
    for (size_t i = 0; i < EDGE_PROCESSES; i++) {
        assert_int_equal(seen[i].known, known);
        assert_int_equal(seen[i].old_mode, known ? many->mode : MODE_NONE);
    }
}

static void test_stop_all_ends_a_thousand_ramps_within_a_second(void **state)
{
    struct edge_lab *lab = *state;
    struct many many = {.zone = edge_zone(lab, "n000000.many.test", MODE_FLEXIBLE, good, 1),
                        .mode = MODE_FLEXIBLE};
    struct why why = {""};
    size_t count = 0;
    resync(lab, &many, RAMPS);
    check_resynced(lab, &many, 0, true);
    check_resynced(lab, &many, RAMPS - 1, true);
    check_resynced(lab, &many, RAMPS, false);
    int64_t begin = time_monotonic_ms();
    for (size_t i = 0; i < RAMPS; i++) {
        struct edge_want want = edge_ramp(rename_zone(&many, i), MODE_STRICT, 5000, 90);
        edge_lab_apply(lab, &want);
    }
    int64_t applied = time_monotonic_ms();
    assert_ok(edge_stop_all(lab->edge, &count, &why), &why);
    int64_t stopped = time_monotonic_ms();
    print_message("%d ramps begun in %lld ms, all stopped in %lld ms\n", RAMPS,
                  (long long)(applied - begin), (long long)(stopped - applied));
    assert_int_equal(count, RAMPS);
    assert_true(stopped - applied <= 1000);
    for (size_t i = 0; i < RAMPS; i += 111) {
        struct edge_seen seen[LIMIT_EDGE_PROCESSES];
        edge_lab_see(lab, rename_zone(&many, i), seen);
        for (size_t p = 0; p < EDGE_PROCESSES; p++) {
            assert_true(seen[p].known && seen[p].generation == 90 && seen[p].share_bp == 0);
            assert_true(seen[p].lease_left_s <= 0);
        }
    }
    assert_ok(edge_stop_all(lab->edge, &count, &why), &why);
    assert_int_equal(count, 0);
    for (size_t i = 0; i < RAMPS; i++) {
        edge_lab_settle(lab, rename_zone(&many, i), MODE_FLEXIBLE);
    }
    zone_free(many.zone);
}

static double ms_of(struct edge_lab *lab, const struct edge_want *want, int times)
{
    struct timespec a;
    struct timespec b;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &a), 0);
    for (int i = 0; i < times; i++) {
        struct edge_want changed = *want;
        changed.share_bp += want->generation > 0 ? i : 0;
        edge_lab_apply(lab, &changed);
    }
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &b), 0);
    return ((double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6) / times;
}

static void test_a_step_is_cheap_beside_many_zones(void **state)
{
    struct edge_lab *lab = *state;
    struct many many = {.zone = edge_zone(lab, "n000000.many.test", MODE_FLEXIBLE, good, 1),
                        .mode = MODE_FLEXIBLE};
    resync(lab, &many, ZONES);
    check_resynced(lab, &many, ZONES - 1, true);
    struct edge_want want = edge_ramp(rename_zone(&many, ZONES / 2), MODE_STRICT, 100, 91);
    double first = ms_of(lab, &want, 1);
    double step = ms_of(lab, &want, 100);
    struct edge_want done = {.zone = want.zone, .old_mode = MODE_STRICT};
    double finish = ms_of(lab, &done, 1);
    double again = ms_of(lab, &done, 20);
    print_message("beside %d zones, %d processes: first step %.2f ms, further steps %.3f ms, "
                  "finish %.1f ms, nothing to do %.3f ms\n",
                  ZONES, EDGE_PROCESSES, first, step, finish, again);
    assert_true(step < 20 && finish < 2000); // bounds for a busy machine, with sanitizers
    // The steady state is what a restart comes back with.
    edge_process_stop(lab, 0);
    edge_process_start(lab, 0);
    many.mode = MODE_STRICT;
    check_resynced(lab, &many, ZONES / 2, true);
    many.mode = MODE_FLEXIBLE;
    check_resynced(lab, &many, ZONES / 2 + 1, true);
    resync(lab, &many, 1);
    check_resynced(lab, &many, 1, false);
    zone_free(many.zone);
}

// -- edges that are not as they should be -------------------------------------------------------
// A process with a configuration of its own, and an edge of it.
static pid_t start_small(struct edge_lab *lab, struct edge **edge, const char *level,
                         const char *rules)
{
    char path[320];
    char place[330];
    char conf[320];
    char text[2000];
    const char *program = getenv("SSLAUTO_HAPROXY");
    const char *places[] = {place};
    struct edge_settings settings = lab->settings;
    struct why why = {""};
    (void)snprintf(path, sizeof(path), "%s/small.sock", lab->lab.dir);
    (void)snprintf(place, sizeof(place), "unix:%s/small.sock", lab->lab.dir);
    (void)snprintf(conf, sizeof(conf), "%s/small.cfg", lab->lab.dir);
    (void)snprintf(text, sizeof(text),
                   "global\n stats socket %s mode 600 level %s\n"
                   "defaults\n mode http\n timeout client 1s\n timeout connect 1s\n"
                   " timeout server 1s\n"
                   "backend sslauto\n stick-table type string len 300 size 1k store gpc(7)\n"
                   "frontend f\n bind 127.0.0.1:%u\n%s http-request return status 200\n",
                   path, level, lab->spare_port, rules);
    lab_write(&lab->lab, "small.cfg", text);
    pid_t pid = lab_spawn(&lab->lab, (const char *const[]){program ? program : "/usr/sbin/haproxy",
                                                           "-f", conf, NULL});
    for (int waited = 0; access(path, F_OK) != 0; waited += 10) {
        assert_true(waited < 10000);
        lab_sleep_ms(10);
    }
    lab_sleep_ms(200);
    settings.places = places;
    settings.place_count = 1;
    assert_ok(edge_open(edge, &settings, &why), &why);
    return pid;
}

static void stop_small(struct edge_lab *lab, pid_t pid)
{
    char path[320];
    assert_int_equal(kill(pid, SIGTERM), 0);
    (void)lab_wait(pid);
    (void)snprintf(path, sizeof(path), "%s/small.sock", lab->lab.dir);
    (void)unlink(path);
}

static void test_edge_without_the_maps_says_so(void **state)
{
    struct edge_lab *lab = *state;
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    struct why why = {""};
    size_t count = 0;
    OWN(edge_own) struct edge *edge = NULL;
    OWN(zone_own) struct zone *zone = edge_zone(lab, "a.test", MODE_FLEXIBLE, good, 1);
    struct edge_want want = edge_ramp(zone, MODE_STRICT, 100, 1);
    pid_t pid = start_small(lab, &edge, "admin", "");
    assert_err(edge_apply(edge, &want, &why), ERR_UNAVAILABLE);
    print_message("%s\n", why.text);
    assert_non_null(strstr(why.text, "does not use the map"));
    assert_err(edge_read(edge, zone, seen, &count, &why), ERR_UNAVAILABLE);
    assert_err(edge_stop_all(edge, &count, &why), ERR_UNAVAILABLE);
    stop_small(lab, pid);
}

// HAProxy lets any socket change maps, but `level user` may not read tables.
static void test_socket_without_permission_says_so(void **state)
{
    struct edge_lab *lab = *state;
    struct edge_counted counted[LIMIT_EDGE_PROCESSES];
    struct why why = {""};
    char rules[1300];
    size_t count = 0;
    OWN(edge_own) struct edge *edge = NULL;
    OWN(zone_own) struct zone *zone = edge_zone(lab, "a.test", MODE_FLEXIBLE, good, 1);
    (void)snprintf(rules, sizeof(rules),
                   " http-request set-var(txn.a) str(a),map_str(%s/zone.map)\n"
                   " http-request set-var(txn.a) str(a),map_str(%s/ramp.map)\n"
                   " http-request set-var(txn.a) str(a),map_str(%s/origin.map)\n",
                   lab->maps, lab->maps, lab->maps);
    pid_t pid = start_small(lab, &edge, "user", rules);
    assert_err(edge_counters(edge, zone, 1, counted, &count, &why), ERR_UNAVAILABLE);
    print_message("%s\n", why.text);
    assert_non_null(strstr(why.text, "level admin"));
    stop_small(lab, pid);
}

static void test_values_of_others_are_left_alone(void **state)
{
    struct edge_lab *lab = *state;
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    struct why why = {""};
    size_t count = 0;
    OWN(zone_own) struct zone *zone = edge_zone(lab, "a.test", MODE_FLEXIBLE, good, 1);
    struct edge_want want = edge_ramp(zone, MODE_STRICT, 100, 60);
    edge_lab_settle(lab, zone, MODE_FLEXIBLE);
    lab_write(&lab->lab, "maps/ramp.map", "a.test canary-by-somebody-else\n");
    edge_process_reload(lab, 0);
    edge_lab_see(lab, zone, seen);
    assert_true(seen[0].foreign && !seen[1].foreign);
    assert_err(edge_apply(lab->edge, &want, &why), ERR_INVALID);
    print_message("%s\n", why.text);
    assert_non_null(strstr(why.text, "canary-by-somebody-else"));
    assert_non_null(strstr(why.text, "del map"));
    assert_ok(edge_stop_all(lab->edge, &count, &why), &why);
    edge_lab_see(lab, zone, seen);
    assert_true(seen[0].foreign);
    lab_write(&lab->lab, "maps/ramp.map", "");
    edge_process_reload(lab, 0);
    edge_lab_apply(lab, &want);
    edge_lab_settle(lab, zone, MODE_FLEXIBLE);
}

struct some {
    struct zone *zones[2];
    size_t next;
};

static const struct zone *next_of_some(void *ctx)
{
    struct some *some = ctx;
    return some->next < COUNT_OF(some->zones) ? some->zones[some->next++] : NULL;
}

static bool file_has(const struct edge_lab *lab, const char *name, const char *line)
{
    char path[400];
    char text[65536] = "";
    (void)snprintf(path, sizeof(path), "%s/%s", lab->maps, name);
    FILE *in = fopen(path, "re");
    assert_non_null(in);
    size_t len = fread(text, 1, sizeof(text) - 1, in);
    assert_int_equal(fclose(in), 0);
    text[len] = '\0';
    return strstr(text, line) != NULL;
}

static void check_left(struct edge_lab *lab, const struct some *some)
{
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    edge_lab_see(lab, some->zones[0], seen);
    assert_int_equal(seen[0].old_mode, MODE_STRICT); // the store says flexible
    assert_int_equal(seen[1].old_mode, MODE_STRICT);
    edge_lab_see(lab, some->zones[1], seen);
    assert_true(seen[0].foreign && !seen[1].foreign);
    assert_int_equal(seen[1].old_mode, MODE_FULL);
    assert_true(file_has(lab, "zone.map", "a.test strict:strict:0:0:0\n"));
    assert_true(file_has(lab, "zone.map", "b.test canary-by-somebody-else\n"));
    assert_true(file_has(lab, "zone.map", "theirs.test pool7\n"));
    assert_true(file_has(lab, "origin.map", "b.test/0 192.0.2.99\n"));
    assert_true(file_has(lab, "origin.map", "theirs.test/pool x y\n"));
}

static void test_resync_leaves_what_is_not_its_own(void **state)
{
    struct edge_lab *lab = *state;
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    struct why why = {""};
    char text[512];
    OWN(zone_own) struct zone *a = edge_zone(lab, "a.test", MODE_STRICT, good, 1);
    OWN(zone_own) struct zone *b = edge_zone(lab, "b.test", MODE_FLEXIBLE, good, 1);
    struct some some = {.zones = {a, b}};
    assert_ok(edge_resync(lab->edge, next_of_some, &some, true, &why), &why);
    lab_write(&lab->lab, "maps/zone.map",
              "# by hand\na.test strict:strict:0:0:0\nb.test canary-by-somebody-else\n"
              "theirs.test pool7\nold.test full:full:0:0:0\n");
    (void)snprintf(text, sizeof(text),
                   "a.test 1\na.test/0 %s\nb.test 1\nb.test/0 192.0.2.99\ntheirs.test/pool x y\n",
                   good[0]);
    lab_write(&lab->lab, "maps/origin.map", text);
    edge_process_reload(lab, 0);
    a->mode = MODE_FLEXIBLE; // a backup from before the rollout was restored
    b->mode = MODE_FULL;
    some.next = 0;
    assert_err(edge_resync(lab->edge, next_of_some, &some, false, &why), ERR_INVALID);
    print_message("%s\n", why.text);
    assert_non_null(strstr(why.text, "2 hosts were each left as it was"));
    assert_non_null(strstr(why.text, "b.test has the value \"canary-by-somebody-else\""));
    assert_non_null(strstr(why.text, "edge resync lab --overwrite"));
    check_left(lab, &some);
    assert_true(file_has(lab, "zone.map", "# by hand\n"));
    assert_false(file_has(lab, "zone.map", "old.test"));
    edge_process_reload(lab, 0); // and so it comes back
    check_left(lab, &some);
    some.next = 0;
    assert_ok(edge_resync(lab->edge, next_of_some, &some, true, &why), &why);
    edge_lab_see(lab, a, seen);
    assert_true(seen[0].old_mode == MODE_FLEXIBLE && seen[1].old_mode == MODE_FLEXIBLE);
    edge_lab_see(lab, b, seen);
    assert_true(!seen[0].foreign && seen[0].old_mode == MODE_FULL);
    assert_false(file_has(lab, "zone.map", "theirs.test"));
}

static void test_clocks_far_apart_give_no_lease(void **state)
{
    struct edge_lab *lab = *state;
    struct edge_settings settings = lab->settings;
    struct why why = {""};
    OWN(edge_own) struct edge *edge = NULL;
    OWN(zone_own) struct zone *zone = edge_zone(lab, "a.test", MODE_FLEXIBLE, good, 1);
    struct edge_want want = edge_ramp(zone, MODE_STRICT, 100, 61);
    settings.skew_max_s = -1; // clocks of one machine are not further apart than this
    assert_ok(edge_open(&edge, &settings, &why), &why);
    assert_err(edge_apply(edge, &want, &why), ERR_UNAVAILABLE);
    assert_non_null(strstr(why.text, "its clock says"));
    want.lease_s = 0; // going back needs no clock
    want.share_bp = 0;
    assert_ok(edge_apply(edge, &want, &why), &why);
    edge_lab_settle(lab, zone, MODE_FLEXIBLE);
}

static void test_other_ports_are_refused_by_a_sentence(void **state)
{
    struct edge_lab *lab = *state;
    struct why why = {""};
    OWN(zone_own) struct zone *zone = edge_zone(lab, "a.test", MODE_FLEXIBLE, good, 1);
    struct edge_want want = edge_ramp(zone, MODE_STRICT, 100, 62);
    zone->hosts[0].origins[0].https_port++;
    assert_err(edge_apply(lab->edge, &want, &why), ERR_INVALID);
    print_message("%s\n", why.text);
    assert_non_null(strstr(why.text, "fixed in its configuration"));
}

static void test_generated_configuration_has_no_warning(void **state)
{
    struct edge_lab *lab = *state;
    const char *program = getenv("SSLAUTO_HAPROXY");
    for (int i = 0; i < 2; i++) {
        const char *const check[] = {
            program ? program : "/usr/sbin/haproxy", "-dW", "-c", "-f", lab->at[1].conf, NULL};
        if (lab_run(&lab->lab, NULL, check) != 0) {
            lab_show_errors(&lab->lab);
            fail_msg("the configuration is not valid");
        }
        // And with the statuses that are offered.
        while (i == 0 && strstr(lab->at[1].text, "# http-after-response") != NULL) {
            edge_process_edit(lab, 1, "# http-after-response", "http-after-response");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_modes_go_their_ways),
        cmocka_unit_test(test_plain_visitors_count_for_origin_pull_alone),
        cmocka_unit_test(test_origins_are_spread_and_kept),
        cmocka_unit_test(test_origins_by_name_and_by_ipv6),
        cmocka_unit_test(test_own_host_and_sni_are_sent),
        cmocka_unit_test(test_probes_reach_either_mode_before_any_visitor),
        cmocka_unit_test(test_probe_with_another_secret_is_a_visitor),
        cmocka_unit_test(test_stop_all_ends_a_thousand_ramps_within_a_second),
        cmocka_unit_test(test_a_step_is_cheap_beside_many_zones),
        cmocka_unit_test(test_edge_without_the_maps_says_so),
        cmocka_unit_test(test_socket_without_permission_says_so),
        cmocka_unit_test(test_values_of_others_are_left_alone),
        cmocka_unit_test(test_resync_leaves_what_is_not_its_own),
        cmocka_unit_test(test_clocks_far_apart_give_no_lease),
        cmocka_unit_test(test_other_ports_are_refused_by_a_sentence),
        cmocka_unit_test(test_generated_configuration_has_no_warning),
    };
    if (!edge_lab_possible()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, setup, teardown);
}
