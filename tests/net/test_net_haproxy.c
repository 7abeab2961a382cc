// SPDX-License-Identifier: Apache-2.0
// The haproxy driver against real HAProxy processes, real origins and visitors with many addresses.
#include <math.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "core/time.h"
#include "tests/net/edge_lab.h"
#include "tests/support/check.h"

#define CLIENTS 800
#define Z_999   3.2905 // two-sided 99.9 % of the normal distribution

static const char *const names[] = {"a.test", "b.test", "c.test", "www.a.test", "other.test"};
static const char *const good[] = {"127.0.20.1"};
static const char *const three[] = {"127.0.20.1", "127.0.20.2", "127.0.20.3"};
static const char *const expired[] = {"127.0.20.4"};
static const char *const closed[] = {"127.0.20.5"};
static const char *const turning[] = {"127.0.20.6"};
static const char *const misnamed[] = {"127.0.20.7"};
static const char *const failing[] = {"127.0.20.8"};

static int setup(void **state)
{
    static const struct server says = NGINX(
        NULL, "keepalive_requests 100000; location / { return 200 \"$scheme $server_addr\"; }");
    static const struct server fails = NGINX(NULL, "location / { return 500 \"$scheme x\"; }");
    static const struct server none = NOTHING;
    struct edge_lab *lab = calloc(1, sizeof(*lab));
    if (lab == NULL) {
        return -1;
    }
    struct lab *l = &lab->lab;
    char turn[400];
    *state = lab;
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    lab_open(l, names, COUNT_OF(names));
    (void)snprintf(turn, sizeof(turn), "cd %s/pki && cp good.pem turn.pem && cp good.key turn.key",
                   l->dir);
    assert_int_equal(lab_run(l, NULL, (const char *const[]){"sh", "-c", turn, NULL}), 0);
    for (size_t i = 0; i < COUNT_OF(three); i++) {
        lab_add(l, three[i], "a.test", &says, &says, "good");
    }
    lab_add(l, expired[0], "a.test", &says, &says, "expired");
    lab_add(l, closed[0], "a.test", &says, &none, NULL);
    lab_add(l, turning[0], "a.test", &says, &says, "turn");
    lab_add(l, misnamed[0], "a.test", &says, &says, "wrong-name");
    lab_add(l, failing[0], "a.test", &says, &fails, "good");
    lab_add(l, "127.0.30.1", "a.test", &says, &says, "good");
    if (l->ipv6) {
        lab_add(l, "::1", "a.test", &says, &says, "good");
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

// -- shares -------------------------------------------------------------------------------------
static void test_shares_are_exact_sticky_and_nested(void **state)
{
    static const int steps_bp[] = {0, 100, 1000, 5000, 10000};
    struct edge_lab *lab = *state;
    OWN(zone_own) struct zone *zone = edge_zone(lab, "a.test", MODE_FLEXIBLE, good, 1);
    static bool was_new[CLIENTS];
    memset(was_new, 0, sizeof(was_new));
    for (size_t s = 0; s < COUNT_OF(steps_bp); s++) {
        struct edge_want want = edge_ramp(zone, MODE_STRICT, steps_bp[s], 1);
        unsigned on_new = 0;
        edge_lab_apply(lab, &want);
        for (unsigned c = 0; c < CLIENTS; c++) {
            struct visited visit;
            visit_once(&visit, lab, c % 2, c, "a.test", true);
            assert_int_equal(visit.status, 200);
            assert_false(was_new[c] && !visit.https); // who is in stays in
            was_new[c] = visit.https;
            on_new += visit.https;
            if (c % 8 == 0) { // and once more, through the other process: the same
                visit_once(&visit, lab, (c + 1) % 2, c, "a.test", true);
                assert_int_equal(visit.https, was_new[c]);
            }
        }
        double p = steps_bp[s] / 10000.0;
        double spread = Z_999 * sqrt(CLIENTS * p * (1 - p)) + (p > 0 && p < 1 ? 0.5 : 0);
        print_message("%d bp: %u of %d clients, %.0f +- %.0f\n", steps_bp[s], on_new, CLIENTS,
                      CLIENTS * p, spread);
        assert_true(fabs(on_new - CLIENTS * p) <= spread);
    }
    // Another attempt begins with other clients.
    unsigned same = 0;
    for (int64_t generation = 2; generation <= 3; generation++) {
        struct edge_want want = edge_ramp(zone, MODE_STRICT, 5000, generation);
        edge_lab_apply(lab, &want);
        for (unsigned c = 0; c < 100; c++) {
            struct visited visit;
            visit_once(&visit, lab, 0, c, "a.test", true);
            same += generation == 3 && visit.https == was_new[c];
            was_new[c] = visit.https;
        }
    }
    assert_true(same > 25 && same < 75);
    edge_lab_settle(lab, zone, MODE_FLEXIBLE);
}

static void test_going_back_reaches_the_next_request_of_a_connection(void **state)
{
    struct edge_lab *lab = *state;
    OWN(zone_own) struct zone *zone = edge_zone(lab, "a.test", MODE_FLEXIBLE, good, 1);
    struct edge_want want = edge_ramp(zone, MODE_STRICT, 5000, 4);
    struct visitor visitor;
    struct visited visit;
    unsigned client = 0;
    edge_lab_apply(lab, &want);
    do { // somebody who is in
        visit_once(&visit, lab, 0, client++, "a.test", true);
    } while (!visit.https);
    visitor_init(&visitor, lab, 0, client - 1);
    visitor_get(&visitor, &visit, "a.test", true);
    assert_true(visit.https);
    want.share_bp = 0;
    want.lease_s = 0;
    edge_lab_apply(lab, &want);
    visitor_get(&visitor, &visit, "a.test", true);
    assert_true(visit.reused);
    assert_int_equal(visit.status, 200);
    assert_false(visit.https);
    visitor_done(&visitor);
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    edge_lab_see(lab, zone, seen);
    assert_true(seen[0].known && seen[0].generation == 4 && seen[0].share_bp == 0);
    assert_true(seen[0].lease_left_s <= 0);
    edge_lab_settle(lab, zone, MODE_FLEXIBLE);
    edge_lab_see(lab, zone, seen);
    assert_true(seen[1].known && seen[1].generation == 0 && seen[1].old_mode == MODE_FLEXIBLE);
}

static void test_lease_that_ends_sends_everybody_back(void **state)
{
    struct edge_lab *lab = *state;
    OWN(zone_own) struct zone *zone = edge_zone(lab, "a.test", MODE_FLEXIBLE, good, 1);
    struct edge_want want = edge_ramp(zone, MODE_STRICT, SHARE_ALL_BP, 5);
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    struct visited visit;
    want.lease_s = 3; // in whole seconds: it may end up to one early
    edge_lab_apply(lab, &want);
    visit_once(&visit, lab, 0, 1, "a.test", true);
    assert_true(visit.https);
    lab_sleep_ms(1000);
    edge_lab_apply(lab, &want); // renewed
    lab_sleep_ms(1500);
    visit_once(&visit, lab, 0, 1, "a.test", true);
    assert_true(visit.https);
    lab_sleep_ms(2000);
    for (size_t p = 0; p < EDGE_PROCESSES; p++) {
        visit_once(&visit, lab, p, 1, "a.test", true);
        assert_int_equal(visit.status, 200);
        assert_false(visit.https);
    }
    edge_lab_see(lab, zone, seen);
    assert_true(seen[0].known && seen[0].share_bp == SHARE_ALL_BP && seen[0].lease_left_s <= 0);
    edge_lab_settle(lab, zone, MODE_FLEXIBLE);
}

// -- failures of the new mode -------------------------------------------------------------------
struct failure {
    const char *what;
    const char *const *origin;
    enum mode from, to;
    int status_below;                          // of a visitor in the new cohort, below 100 %
    int status_all;                            // at 100 %
    uint64_t fallbacks, tls, connects, errors; // counted below 100 %, per visitor
};

static void check_failure(struct edge_lab *lab, const struct failure *f, int64_t generation)
{
    OWN(zone_own) struct zone *zone = edge_zone(lab, "a.test", f->from, f->origin, 1);
    struct edge_want want = edge_ramp(zone, f->to, 9999, generation);
    struct edge_counted counted[LIMIT_EDGE_PROCESSES];
    struct visited visit;
    print_message("%s\n", f->what);
    edge_lab_apply(lab, &want);
    for (unsigned c = 0; c < 4; c++) {
        visit_once(&visit, lab, 0, c, "a.test", true);
        assert_int_equal(visit.status, f->status_below);
    }
    edge_lab_count(lab, zone, generation, counted);
    const struct cohort_counts *n = &counted[0].counts.of[COHORT_NEW];
    assert_int_equal(n->requests, 4);
    assert_int_equal(n->fallbacks, 4 * f->fallbacks);
    assert_int_equal(n->tls_failures, 4 * f->tls);
    assert_int_equal(n->connect_failures, 4 * f->connects);
    assert_int_equal(n->server_errors, 4 * f->errors);
    assert_int_equal(counted[0].counts.of[COHORT_OLD].requests, 0);
    want.share_bp = SHARE_ALL_BP;
    edge_lab_apply(lab, &want);
    visit_once(&visit, lab, 0, 1, "a.test", true);
    assert_int_equal(visit.status, f->status_all);
    edge_lab_count(lab, zone, generation, counted);
    assert_int_equal(n->fallbacks, 4 * f->fallbacks); // none at 100 %
    edge_lab_settle(lab, zone, f->from);
}

static void test_failures_fall_back_and_are_counted(void **state)
{
    static const struct failure failures[] = {
        {"healthy", good, MODE_FLEXIBLE, MODE_STRICT, 200, 200, 0, 0, 0, 0},
        {"expired", expired, MODE_FLEXIBLE, MODE_STRICT, 200, 503, 1, 0, 0, 0},
        {"expired, from full", expired, MODE_FULL, MODE_STRICT, 200, 503, 1, 0, 0, 0},
        {"expired, from full to origin_pull", expired, MODE_FULL, MODE_ORIGIN_PULL, 200, 503, 1, 0,
         0, 0},
        {"closed, to full", closed, MODE_FLEXIBLE, MODE_FULL, 200, 503, 1, 0, 0, 0},
        {"closed, from off", closed, MODE_OFF, MODE_STRICT, 200, 503, 1, 0, 0, 0},
        // HAProxy does not try again after another name than the expected one.
        {"wrong name", misnamed, MODE_FULL, MODE_STRICT, 503, 503, 0, 1, 0, 0},
        {"answers 500", failing, MODE_FLEXIBLE, MODE_STRICT, 500, 500, 0, 0, 0, 1},
    };
    for (size_t i = 0; i < COUNT_OF(failures); i++) {
        check_failure(*state, &failures[i], 100 + (int64_t)i);
    }
}

static void turn_certificate(struct edge_lab *lab, const char *kind)
{
    char command[700];
    (void)snprintf(command, sizeof(command),
                   "cd %s && cp pki/%s.pem pki/turn.pem && cp pki/%s.key pki/turn.key && "
                   "kill -HUP $(cat nginx.pid)",
                   lab->lab.dir, kind, kind);
    assert_int_equal(lab_run(&lab->lab, NULL, (const char *const[]){"sh", "-c", command, NULL}), 0);
    lab_sleep_ms(300);
}

static void test_expired_certificate_is_seen_behind_resumption(void **state)
{
    static const int shares[] = {5000, SHARE_ALL_BP};
    struct edge_lab *lab = *state;
    OWN(zone_own) struct zone *zone = edge_zone(lab, "a.test", MODE_FLEXIBLE, turning, 1);
    for (size_t s = 0; s < COUNT_OF(shares); s++) {
        struct edge_want want = edge_ramp(zone, MODE_STRICT, shares[s], 20 + (int64_t)s);
        struct visited visit;
        unsigned client = 0;
        edge_lab_apply(lab, &want);
        do {
            visit_once(&visit, lab, 0, client++, "a.test", true);
            assert_int_equal(visit.status, 200);
        } while (!visit.https);
        for (int i = 0; i < 3; i++) { // sessions to resume, if it resumed
            visit_once(&visit, lab, 0, client - 1, "a.test", true);
            assert_true(visit.https);
        }
        turn_certificate(lab, "expired");
        visit_once(&visit, lab, 0, client - 1, "a.test", true);
        assert_false(visit.https);
        assert_int_equal(visit.status, shares[s] == SHARE_ALL_BP ? 503 : 200);
        turn_certificate(lab, "good");
    }
    edge_lab_settle(lab, zone, MODE_FLEXIBLE);
}

// -- several processes, reload, restart ---------------------------------------------------------
static void visit_many(struct edge_lab *lab, size_t process, unsigned visits)
{
    for (unsigned c = 0; c < visits; c++) {
        struct visited visit;
        visit_once(&visit, lab, process, c, "a.test", true);
        assert_int_equal(visit.status, 200);
    }
}

static uint64_t requests_of(const struct edge_counted *counted)
{
    return counted->counts.of[COHORT_OLD].requests + counted->counts.of[COHORT_NEW].requests;
}

static void test_processes_count_each_for_itself(void **state)
{
    struct edge_lab *lab = *state;
    OWN(zone_own) struct zone *zone = edge_zone(lab, "a.test", MODE_FLEXIBLE, good, 1);
    struct edge_want want = edge_ramp(zone, MODE_STRICT, 5000, 30);
    struct edge_counted counted[LIMIT_EDGE_PROCESSES];
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    edge_lab_apply(lab, &want);
    visit_many(lab, 0, 30);
    visit_many(lab, 1, 20);
    edge_lab_count(lab, zone, 30, counted);
    assert_int_equal(requests_of(&counted[0]), 30);
    assert_int_equal(requests_of(&counted[1]), 20);
    assert_true(counted[0].counts.of[COHORT_NEW].requests > 5);
    assert_string_not_equal(counted[0].process, counted[1].process);
    edge_lab_see(lab, zone, seen);
    assert_string_equal(seen[1].process, counted[1].process);
    struct why why = {""};
    assert_ok(edge_forget(lab->edge, zone, 30, &why), &why);
    edge_lab_count(lab, zone, 30, counted);
    assert_int_equal(requests_of(&counted[0]), 0);
    edge_lab_settle(lab, zone, MODE_FLEXIBLE);
}

static void test_reload_in_mid_ramp(void **state)
{
    struct edge_lab *lab = *state;
    OWN(zone_own) struct zone *zone = edge_zone(lab, "a.test", MODE_FLEXIBLE, good, 1);
    struct edge_want want = edge_ramp(zone, MODE_STRICT, 9999, 40);
    struct edge_counted before[LIMIT_EDGE_PROCESSES];
    struct edge_counted after[LIMIT_EDGE_PROCESSES];
    struct edge_seen first[LIMIT_EDGE_PROCESSES];
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    struct visited visit;
    edge_lab_apply(lab, &want);
    visit_many(lab, 0, 20);
    edge_lab_count(lab, zone, 40, before);
    edge_lab_see(lab, zone, first);
    edge_process_reload(lab, 0);
    edge_lab_see(lab, zone, seen);
    assert_true(seen[0].epoch != first[0].epoch);
    assert_true(seen[1].epoch == first[1].epoch);
    assert_true(seen[0].known && seen[0].generation == 0); // the ramp is gone, the rest is there
    assert_int_equal(seen[0].old_mode, MODE_FLEXIBLE);
    visit_once(&visit, lab, 0, 1, "a.test", true);
    assert_true(visit.status == 200 && !visit.https);
    edge_lab_apply(lab, &want); // the controller's next tick
    visit_many(lab, 0, 10);
    edge_lab_count(lab, zone, 40, after);
    assert_int_equal(requests_of(&before[0]), 20);
    // The counters began anew, and say so; those of the other process did not.
    assert_int_equal(requests_of(&after[0]), 10);
    assert_true(after[0].epoch != before[0].epoch);
    assert_int_equal(after[1].epoch, before[1].epoch);
    edge_lab_settle(lab, zone, MODE_FLEXIBLE);
}

// Visitors without end: connections that are kept, and new ones.
static pid_t start_visitors(struct edge_lab *lab)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct visitor kept[8];
        struct visited visit;
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (unsigned c = 0; c < COUNT_OF(kept); c++) {
            visitor_init(&kept[c], lab, 0, c);
        }
        for (unsigned i = 0;; i++) {
            visitor_get(&kept[i % COUNT_OF(kept)], &visit, "a.test", true);
            if (i % 4 == 0) {
                visit_once(&visit, lab, 0, 100 + i % 200, "a.test", true);
            }
        }
    }
    return pid;
}

// Totals that fall within an epoch would be taken for counters that began anew, and totals that go
// on in a new one would be counted twice.
static void test_epochs_are_those_of_counters_when_reloaded_under_load(void **state)
{
    struct edge_lab *lab = *state;
    OWN(zone_own) struct zone *zone = edge_zone(lab, "a.test", MODE_FLEXIBLE, good, 1);
    struct edge_want want = edge_ramp(zone, MODE_STRICT, 5000, 45);
    struct edge_counted last[LIMIT_EDGE_PROCESSES];
    edge_lab_apply(lab, &want);
    pid_t visitors = start_visitors(lab);
    lab_sleep_ms(2000);
    edge_lab_count(lab, zone, 45, last);
    assert_true(requests_of(last) > 100);
    for (int reload = 0; reload < 3; reload++) {
        edge_process_reload(lab, 0);
        edge_lab_apply(lab, &want);
        for (int i = 0; i < 10; i++) {
            struct edge_counted now[LIMIT_EDGE_PROCESSES];
            edge_lab_count(lab, zone, 45, now);
            if (i == 0) {
                assert_true(now[0].epoch != last[0].epoch);
                assert_true(requests_of(now) < requests_of(last));
            } else {
                assert_int_equal(now[0].epoch, last[0].epoch);
                for (int c = COHORT_OLD; c <= COHORT_NEW; c++) {
                    assert_true(now[0].counts.of[c].requests >= last[0].counts.of[c].requests);
                }
            }
            last[0] = now[0];
            lab_sleep_ms(100);
        }
    }
    assert_int_equal(kill(visitors, SIGKILL), 0);
    (void)lab_wait(visitors);
    edge_lab_settle(lab, zone, MODE_FLEXIBLE);
}

static void test_restart_in_mid_ramp(void **state)
{
    struct edge_lab *lab = *state;
    OWN(zone_own) struct zone *zone = edge_zone(lab, "a.test", MODE_FULL, good, 1);
    struct edge_want want = edge_ramp(zone, MODE_STRICT, 9999, 50);
    struct edge_counted before[LIMIT_EDGE_PROCESSES];
    struct edge_counted after[LIMIT_EDGE_PROCESSES];
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    struct why why = {""};
    size_t processes = 0;
    edge_lab_apply(lab, &want);
    visit_many(lab, 0, 20);
    edge_lab_count(lab, zone, 50, before);
    edge_process_stop(lab, 0);
    assert_err(edge_apply(lab->edge, &want, &why), ERR_UNAVAILABLE);
    assert_non_null(strstr(why.text, "is it running"));
    assert_err(edge_read(lab->edge, zone, seen, &processes, &why), ERR_UNAVAILABLE);
    // The other process goes back all the same.
    want.share_bp = 0;
    want.lease_s = 0;
    assert_err(edge_apply(lab->edge, &want, &why), ERR_UNAVAILABLE);
    edge_process_start(lab, 0);
    edge_lab_see(lab, zone, seen);
    assert_int_equal(seen[1].share_bp, 0);
    assert_int_equal(seen[0].generation, 0);
    assert_true(seen[0].known && seen[0].old_mode == MODE_FULL); // from its file
    want = edge_ramp(zone, MODE_STRICT, 9999, 50);
    edge_lab_apply(lab, &want);
    visit_many(lab, 0, 5);
    edge_lab_count(lab, zone, 50, after);
    assert_true(after[0].epoch != before[0].epoch);
    assert_int_equal(requests_of(&after[0]), 5);
    edge_lab_settle(lab, zone, MODE_STRICT); // finished: what a restart comes back with
    edge_process_stop(lab, 0);
    edge_process_start(lab, 0);
    edge_lab_see(lab, zone, seen);
    assert_true(seen[0].known && seen[0].old_mode == MODE_STRICT && seen[0].generation == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares_are_exact_sticky_and_nested),
        cmocka_unit_test(test_going_back_reaches_the_next_request_of_a_connection),
        cmocka_unit_test(test_lease_that_ends_sends_everybody_back),
        cmocka_unit_test(test_failures_fall_back_and_are_counted),
        cmocka_unit_test(test_expired_certificate_is_seen_behind_resumption),
        cmocka_unit_test(test_processes_count_each_for_itself),
        cmocka_unit_test(test_reload_in_mid_ramp),
        cmocka_unit_test(test_epochs_are_those_of_counters_when_reloaded_under_load),
        cmocka_unit_test(test_restart_in_mid_ramp),
    };
    if (!edge_lab_possible()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, setup, teardown);
}
