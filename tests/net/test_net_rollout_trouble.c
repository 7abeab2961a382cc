// SPDX-License-Identifier: Apache-2.0
// Edges that are not there, say nothing, or say something else, below `sslauto run`: each is told
// in the log, and no visitor is moved; what was moving goes back.
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/time.h"
#include "tests/net/rollout_lab.h"
#include "tests/support/check.h"

#define SOON_MS  40000 // on a busy machine, with sanitizers
#define FIRST_BP 1000
#define STEP_BP  3000

static const char *const names[] = {"lost.test", "foreign.test", "*.away.test"};

// An edge as a program: keeps what it was told in a file, and breaks as the file "how" says.
static const char program[] =
    "#!/bin/sh\n"
    "folder=$1\n"
    "how=$(cat \"$folder/how\" 2>/dev/null)\n"
    "if [ \"$how\" = mute ]; then\n"
    "    sleep 60\n"
    "fi\n"
    "if [ \"$SSLAUTO_CALL\" = capabilities ]; then\n"
    "    echo '{\"capabilities\":[\"leases\"]}'\n"
    "    exit 0\n"
    "fi\n"
    "case $how in\n"
    "hangs) sleep 60 ;;\n"
    "garbage) echo '{\"processes\":[{\"process\":'; exit 0 ;;\n"
    "fails) echo 'the disk is full' >&2; exit 5 ;;\n"
    "esac\n"
    "text=$(cat)\n"
    "field() { echo \"$text\" | sed -n \"s/.*\\\"$1\\\":\\\"\\{0,1\\}\\([a-z0-9_]*\\).*/\\1/p\"; "
    "}\n"
    "case $SSLAUTO_CALL in\n"
    "apply)\n"
    "    rest='\"known\":true,\"foreign\":false,\"old_mode\":\"'$(field old_mode)'\"'\n"
    "    if [ \"$(field generation)\" != 0 ]; then\n"
    "        rest=$rest',\"new_mode\":\"'$(field new_mode)'\",\"share_bp\":'$(field share_bp)\n"
    "        rest=$rest',\"lease_left_s\":'$(field lease_s)\n"
    "    fi\n"
    "    rest=$rest',\"generation\":'$(field generation)\n"
    "    echo \"$rest\" >\"$folder/t\" && mv \"$folder/t\" \"$folder/state\"\n"
    "    ;;\n"
    "read)\n"
    "    rest=$(cat \"$folder/state\" 2>/dev/null) || rest='\"known\":false,\"foreign\":false'\n"
    "    echo '{\"processes\":[{\"process\":\"a\",\"epoch\":1,'\"$rest\"'}]}'\n"
    "    ;;\n"
    "stop_all) echo '{\"count\":0}' ;;\n"
    "esac\n";

struct edge_row {
    const char *fleet;
    const char *how;   // of the program; NULL = an edge of HAProxy
    const char *words; // of the log
};

// What never gets as far as a visitor.
static const struct edge_row rows[] = {
    {"gone", NULL, "gone.sock: there is no such socket"},
    {"user", NULL, "level admin"},
    {"bare", NULL, "does not use the map"},
    {"hangs", "hangs", "took longer than"},
    {"garbage", "garbage", "the answer is no JSON"},
    {"fails", "fails", "the disk is full"},
};

static struct rollout_lab lab;
static pid_t small[2];

// -- the lab -------------------------------------------------------------------------------------
static void add_program(struct buf *rest, const char *fleet, const char *how)
{
    char path[400];
    const char *dir = lab.edge.lab.dir;
    (void)snprintf(path, sizeof(path), "%s/%s", dir, fleet);
    assert_int_equal(mkdir(path, 0755), 0);
    (void)snprintf(path, sizeof(path), "%s/how", fleet);
    lab_write(&lab.edge.lab, path, how);
    assert_ok(buf_printf(rest, "%s = exec %s/edge.sh %s/%s\n", fleet, dir, dir, fleet), NULL);
}

// A HAProxy with less than it needs.
static pid_t start_small(const char *name, const char *level, const char *rules)
{
    char conf[320];
    char path[320];
    char text[2400];
    const char *haproxy = getenv("SSLAUTO_HAPROXY");
    const char *dir = lab.edge.lab.dir;
    (void)snprintf(text, sizeof(text),
                   "global\n stats socket %s/%s.sock mode 600 level %s\n"
                   "defaults\n mode http\n timeout client 1s\n timeout connect 1s\n"
                   " timeout server 1s\n"
                   "backend sslauto\n stick-table type string len 300 size 1k store gpc(7)\n"
                   "frontend f\n bind unix@%s/%s.visit\n%s http-request return status 200\n",
                   dir, name, level, dir, name, rules);
    (void)snprintf(conf, sizeof(conf), "%s.cfg", name);
    lab_write(&lab.edge.lab, conf, text);
    (void)snprintf(conf, sizeof(conf), "%s/%s.cfg", dir, name);
    (void)snprintf(path, sizeof(path), "%s/%s.sock", dir, name);
    pid_t pid =
        lab_spawn(&lab.edge.lab,
                  (const char *const[]){haproxy ? haproxy : "/usr/sbin/haproxy", "-f", conf, NULL});
    for (int waited = 0; access(path, F_OK) != 0; waited += 10) {
        assert_true(waited < SOON_MS);
        lab_sleep_ms(10);
    }
    return pid;
}

static void start_smalls(void)
{
    char rules[1400];
    const char *maps = lab.edge.maps;
    (void)snprintf(rules, sizeof(rules),
                   " http-request set-var(txn.a) str(a),map_str(%s/zone.map)\n"
                   " http-request set-var(txn.a) str(a),map_str(%s/ramp.map)\n"
                   " http-request set-var(txn.a) str(a),map_str(%s/origin.map)\n",
                   maps, maps, maps);
    small[0] = start_small("user", "user", rules);
    small[1] = start_small("bare", "admin", "");
}

static int setup(void **state)
{
    struct buf rest;
    char path[400];
    const char *dir = lab.edge.lab.dir;
    (void)state;
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    rollout_lab_open(&lab, names, COUNT_OF(names), COUNT_OF(names), "");
    start_smalls();
    lab_write(&lab.edge.lab, "edge.sh", program);
    (void)snprintf(path, sizeof(path), "%s/edge.sh", dir);
    assert_int_equal(chmod(path, 0755), 0);
    buf_init(&rest, (size_t)1 << 16);
    assert_ok(buf_printf(&rest,
                         "timeout = 1s\n[exec]\ntimeout = 1s\n[rollout]\ndwell = 2s\n"
                         "slow_dwell = 2s\nfinal_dwell = 2s\ntick = 1s\nidle_tick = 1s\n"
                         "lease = 6s\nclaim = 3s\ntelemetry_ticks = 3\nmin_requests = 5\n"
                         "excess = 0.5\nmin_probes = 1\nprobe_requests = 3\nmax_running = 100\n"
                         "max_per_network = 100\n[edge]\n"
                         "gone = haproxy unix:%s/gone.sock\nuser = haproxy unix:%s/user.sock\n"
                         "bare = haproxy unix:%s/bare.sock\n",
                         dir, dir, dir),
              NULL);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (rows[i].how != NULL) {
            add_program(&rest, rows[i].fleet, rows[i].how);
        }
    }
    add_program(&rest, "later", "works");
    rollout_lab_configure(&lab, buf_str(&rest));
    buf_done(&rest);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(small); i++) {
        (void)kill(small[i], SIGTERM);
        (void)lab_wait(small[i]);
    }
    rollout_lab_close(&lab);
    return 0;
}

static void end_controller(void)
{
    int status = rollout_lab_end(&lab, SIGTERM);
    if (status != 0) {
        rollout_lab_show_log(&lab);
    }
    assert_int_equal(status, 0);
}

// -- nobody is moved -----------------------------------------------------------------------------
static enum err check_event(void *ctx, const struct rollout_event *event)
{
    size_t *lost = ctx;
    assert_int_equal(event->share_bp, 0);
    *lost += event->reason == ROLLOUT_REASON_TELEMETRY_LOST;
    return ERR_OK;
}

static void check_never_moved(const char *id, const char *fleet)
{
    size_t lost = 0;
    struct why why = {""};
    struct rollout rollout = rollout_lab_get(&lab, id);
    assert_ok(db_rollout_events(lab.db, id, 0, 0, check_event, &lost, &why), &why);
    print_message("%-8s %s, %s\n", fleet, rollout_state_str(rollout.state),
                  rollout_reason_str(rollout.reason));
    assert_true(lost > 0);
    assert_int_equal(rollout_lab_mode(&lab, id), MODE_FLEXIBLE);
}

static void test_bad_edges_are_told_and_move_nobody(void **state)
{
    char ids[COUNT_OF(rows)][33];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char name[64];
        (void)snprintf(name, sizeof(name), "%s.away.test", rows[i].fleet);
        rollout_lab_zone(&lab, ids[i], name, 2, rows[i].fleet, MODE_FLEXIBLE, MODE_STRICT);
    }
    rollout_lab_run(&lab, NULL, NULL);
    int64_t until = time_monotonic_ms() + SOON_MS;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        rollout_lab_await_log(&lab, rows[i].words, SOON_MS);
        struct rollout rollout = rollout_lab_get(&lab, ids[i]);
        while (rollout.reason != ROLLOUT_REASON_TELEMETRY_LOST) {
            if (time_monotonic_ms() > until) {
                rollout_lab_show_log(&lab);
                fail_msg("%s: %s, %s", rows[i].fleet, rollout_state_str(rollout.state),
                         rollout_reason_str(rollout.reason));
            }
            lab_sleep_ms(50);
            rollout = rollout_lab_get(&lab, ids[i]);
        }
        check_never_moved(ids[i], rows[i].fleet);
    }
    end_controller();
}

// -- it was moving -------------------------------------------------------------------------------
static void test_program_that_hangs_later_is_lost(void **state)
{
    char id[33];
    struct buf text;
    (void)state;
    rollout_lab_zone(&lab, id, "later.away.test", 2, "later", MODE_FLEXIBLE, MODE_STRICT);
    rollout_lab_run(&lab, NULL, NULL);
    rollout_lab_await_share(&lab, id, FIRST_BP, SOON_MS);
    lab_write(&lab.edge.lab, "later/how", "hangs");
    rollout_lab_await_state(&lab, id, ROLLOUT_ROLLED_BACK, SOON_MS);
    assert_int_equal(rollout_lab_get(&lab, id).reason, ROLLOUT_REASON_TELEMETRY_LOST);
    lab_write(&lab.edge.lab, "later/how", "works");
    rollout_lab_await_state(&lab, id, ROLLOUT_COOLDOWN, SOON_MS);
    end_controller();
    buf_init(&text, LAB_OUTPUT);
    char path[400];
    (void)snprintf(path, sizeof(path), "%s/later/state", lab.edge.lab.dir);
    assert_int_equal(lab_run(&lab.edge.lab, &text, (const char *const[]){"cat", path, NULL}), 0);
    assert_non_null(strstr(buf_str(&text), "\"old_mode\":\"flexible\",\"generation\":0"));
    buf_done(&text);
}

static void test_edge_that_ends_is_lost(void **state)
{
    char id[33];
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    struct why why = {""};
    OWN(zone_own) struct zone *zone = NULL;
    (void)state;
    rollout_lab_zone(&lab, id, "lost.test", 0, "lab", MODE_FLEXIBLE, MODE_STRICT);
    rollout_lab_run(&lab, NULL, NULL);
    rollout_lab_visit(&lab, 0, "lost.test");
    rollout_lab_await_share(&lab, id, STEP_BP, SOON_MS);
    edge_process_stop(&lab.edge, 1);
    rollout_lab_await_state(&lab, id, ROLLOUT_ROLLED_BACK, SOON_MS);
    assert_int_equal(rollout_lab_get(&lab, id).reason, ROLLOUT_REASON_TELEMETRY_LOST);
    rollout_lab_await_log(&lab, "is it running", SOON_MS);
    rollout_lab_await_log(&lab, ": telemetry_lost; new mode", SOON_MS);
    for (unsigned client = 0; client < 100; client++) { // the other process went back all the same
        struct visited visit;
        visit_once(&visit, &lab.edge, 0, client, "lost.test", true);
        assert_true(visit.status == 200 && !visit.https);
    }
    edge_process_start(&lab.edge, 1);
    rollout_lab_await_state(&lab, id, ROLLOUT_COOLDOWN, SOON_MS);
    assert_ok(db_zone_get(lab.db, &zone, id, &why), &why);
    edge_lab_see(&lab.edge, zone, seen);
    for (size_t p = 0; p < EDGE_PROCESSES; p++) {
        assert_true(seen[p].generation == 0 && seen[p].old_mode == MODE_FLEXIBLE);
    }
    atomic_store(&lab.crowds[0].leave, true);
    end_controller();
}

// -- somebody else's value -----------------------------------------------------------------------
static void test_foreign_value_is_left_alone(void **state)
{
    char id[33];
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    struct why why = {""};
    OWN(zone_own) struct zone *zone = NULL;
    (void)state;
    lab_write(&lab.edge.lab, "maps/ramp.map", "foreign.test canary-by-somebody-else\n");
    edge_process_reload(&lab.edge, 0);
    rollout_lab_zone(&lab, id, "foreign.test", 1, "lab", MODE_FLEXIBLE, MODE_STRICT);
    rollout_lab_run(&lab, NULL, NULL);
    rollout_lab_await_state(&lab, id, ROLLOUT_COOLDOWN, SOON_MS);
    assert_int_equal(rollout_lab_get(&lab, id).reason, ROLLOUT_REASON_EDGE_FOREIGN);
    assert_ok(db_zone_get(lab.db, &zone, id, &why), &why);
    edge_lab_see(&lab.edge, zone, seen);
    assert_true(seen[0].foreign && !seen[1].foreign);
    assert_int_equal(seen[1].generation, 0);
    end_controller();
}

// -- the stop ------------------------------------------------------------------------------------
// Programs that hang do not delay it for those that hear, and nobody is told that all went back.
static void test_stop_tells_who_did_not_hear_it(void **state)
{
    static const char *const told[] = {
        "edges were not stopped; the first: edge gone was not stopped",
        "edge later was not stopped, its visitors may keep their share",
        "edge hangs was not stopped",
        "but not everything went back",
    };
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    struct buf text;
    char errors[400];
    char path[400];
    OWN(zone_own)
    struct zone *zone =
        edge_zone(&lab.edge, "lost.test", MODE_FLEXIBLE, (const char *const[]){"127.9.0.9"}, 1);
    struct edge_want want = edge_ramp(zone, MODE_STRICT, 5000, 900);
    (void)state;
    want.lease_s = 600;
    (void)snprintf(errors, sizeof(errors), "%s/stderr.log", lab.edge.lab.dir);
    (void)snprintf(path, sizeof(path), "%s/stopped", lab.edge.lab.dir);
    lab_write(&lab.edge.lab, "later/how", "mute");
    edge_lab_apply(&lab.edge, &want);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        int code = lab_sslauto(&lab.edge.lab, NULL, "rollout", "stop-all", NULL);
        _exit(rename(errors, path) == 0 ? code : 99);
    }
    int64_t began = time_monotonic_ms();
    do {
        edge_lab_see(&lab.edge, zone, seen);
    } while (seen[0].share_bp != 0 && time_monotonic_ms() - began < SOON_MS);
    assert_int_equal(seen[0].share_bp, 0);
    assert_int_equal(waitpid(pid, NULL, WNOHANG), 0); // it still waits for the programs
    assert_int_equal(lab_wait(pid), 1);
    buf_init(&text, LAB_OUTPUT);
    assert_int_equal(lab_run(&lab.edge.lab, &text, (const char *const[]){"cat", path, NULL}), 0);
    print_message("%s", buf_str(&text));
    for (size_t i = 0; i < COUNT_OF(told); i++) {
        assert_non_null(strstr(buf_str(&text), told[i]));
    }
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_edges_are_told_and_move_nobody),
        cmocka_unit_test(test_program_that_hangs_later_is_lost),
        cmocka_unit_test(test_edge_that_ends_is_lost),
        cmocka_unit_test(test_foreign_value_is_left_alone),
        cmocka_unit_test(test_stop_tells_who_did_not_hear_it),
    };
    if (!edge_lab_possible()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, setup, teardown);
}
