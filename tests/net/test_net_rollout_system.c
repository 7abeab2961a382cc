// SPDX-License-Identifier: Apache-2.0
// `sslauto run` with real edges and visitors: edges that are reloaded and started anew, a
// controller that is killed, the operator's commands, and the stop for everything.
#include <signal.h>
#include <unistd.h>

#include "core/time.h"
#include "tests/net/rollout_lab.h"
#include "tests/support/check.h"

#define LEASE_S  6
#define FIRST_BP 1000 // steps of every attempt here: rollout_lab_open
#define STEP_BP  3000
#define NEXT_BP  6000
#define SOON_MS  40000 // on a busy machine, with sanitizers
#define RAMPS    1000
#define CLIENTS  60
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STOP_MS 5000
#else
#define STOP_MS 1000
#endif
#define RAMP_NAME "n%04u.many.test"

// The judge as it is, with few requests and short times.
#define QUICK                                                                                      \
    "[rollout]\ndwell = 2s\nslow_dwell = 2s\n"                                                     \
    "final_dwell = 2s\ntick = 1s\nidle_tick = 1s\nlease = 6s\nclaim = 3s\ntelemetry_ticks = 15\n"  \
    "min_requests = 5\nexcess = 0.5\nmin_probes = 1\nprobe_requests = 3\nmax_running = 10000\n"    \
    "max_per_account = 10000\nmax_per_network = 10000\n"

// Ramps that stay at their first step, because nobody comes.
#define MANY                                                                                       \
    "[rollout]\ndwell = 1s\nslow_dwell = 1s\ntick = 5s\nidle_tick = 1s\nlease = 60s\n"             \
    "max_running = 10000\nmax_per_account = 10000\nmax_per_network = 10000\n"

static const char *const names[] = {"sum.test",    "reload.test", "kill.test",  "hand.test",
                                    "custom.test", "abort.test",  "*.many.test"};

static struct rollout_lab lab;

static int setup(void **state)
{
    (void)state;
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    rollout_lab_open(&lab, names, COUNT_OF(names), COUNT_OF(names), QUICK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rollout_lab_close(&lab);
    return 0;
}

static void must(const char *verb, const char *noun, const char *zone, const char *option,
                 const char *value)
{
    if (lab_sslauto(&lab.edge.lab, NULL, verb, noun, zone, option, value, NULL) != 0) {
        lab_show_errors(&lab.edge.lab);
        fail_msg("sslauto %s %s %s failed", verb, noun, zone);
    }
}

// A zone that holds at its first step because the operator paused it there.
static void hold_at_step(char id[33], size_t line, const char *name)
{
    rollout_lab_zone(&lab, id, name, line, "lab", MODE_FLEXIBLE, MODE_STRICT);
    must("edge", "resync", "lab", NULL, NULL);
    rollout_lab_visit(&lab, line, name);
    rollout_lab_await_share(&lab, id, STEP_BP, SOON_MS);
    must("rollout", "pause", name, "--reason", "look closer");
    struct rollout rollout = rollout_lab_get(&lab, id);
    assert_true(rollout.paused);
    assert_true(rollout_moves_traffic(&rollout));
}

static void run_controller(void)
{
    rollout_lab_run(&lab, NULL, NULL);
}

static void end_controller(void)
{
    int status = rollout_lab_end(&lab, SIGTERM);
    if (status != 0) {
        rollout_lab_show_log(&lab);
    }
    assert_int_equal(status, 0);
}

static void tell_visitors_to_leave(size_t line)
{
    atomic_store(&lab.crowds[line].leave, true);
}

// One of those who use the new mode now.
static unsigned client_in_new_mode(size_t process, const char *name)
{
    struct visited visit;
    for (unsigned client = 1000; client < 1000 + 10 * CLIENTS; client++) {
        visit_once(&visit, &lab.edge, process, client, name, true);
        if (visit.https) {
            return client;
        }
    }
    fail_msg("nobody uses the new mode");
    return 0;
}

static bool uses_new_mode(size_t process, const char *name, unsigned client)
{
    struct visited visit;
    visit_once(&visit, &lab.edge, process, client, name, true);
    assert_int_equal(visit.status, 200);
    return visit.https;
}

// -- several processes ---------------------------------------------------------------------------
static uint64_t requests_of_visitors(const char *id)
{
    struct rollout rollout = rollout_lab_get(&lab, id);
    return rollout.counts.of[COHORT_OLD].requests + rollout.counts.of[COHORT_NEW].requests;
}

static void test_processes_are_summed(void **state)
{
    char id[33];
    struct visited visit;
    (void)state;
    run_controller();
    hold_at_step(id, 0, "sum.test");
    tell_visitors_to_leave(0);
    uint64_t before = requests_of_visitors(id);
    for (int64_t quiet_at = time_monotonic_ms(); time_monotonic_ms() - quiet_at < 3000;) {
        uint64_t now = requests_of_visitors(id);
        quiet_at = now == before ? quiet_at : time_monotonic_ms();
        before = now;
        lab_sleep_ms(20);
    }
    for (unsigned i = 0; i < 50; i++) {
        visit_once(&visit, &lab.edge, i < 30 ? 0 : 1, i, "sum.test", true);
        assert_int_equal(visit.status, 200);
    }
    int64_t until = time_monotonic_ms() + SOON_MS;
    while (requests_of_visitors(id) < before + 50 && time_monotonic_ms() < until) {
        lab_sleep_ms(20);
    }
    assert_int_equal(requests_of_visitors(id), before + 50);
    must("rollout", "abort", "sum.test", "--reason", "enough");
}

// -- edges that come anew ------------------------------------------------------------------------
// Committed first when it rises, put first when it falls: what an edge has is never above both
// looks at the store around the look at the edge. True when both processes have the share.
static bool look_at_edge(const struct zone *zone, const char *id)
{
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    struct why why = {""};
    size_t count = 0;
    struct rollout before = rollout_lab_get(&lab, id);
    if (edge_read(lab.edge.edge, zone, seen, &count, &why) != ERR_OK) {
        return false; // one is away
    }
    struct rollout after = rollout_lab_get(&lab, id);
    int most = before.share_bp > after.share_bp ? before.share_bp : after.share_bp;
    bool all = true;
    for (size_t i = 0; i < count; i++) {
        int share = seen[i].lease_left_s > 0 ? seen[i].share_bp : 0;
        assert_true(share <= most);
        all = all && share == after.share_bp;
    }
    return all;
}

static int64_t ms_until_back_at_share(const struct zone *zone, const char *id)
{
    int64_t begun = time_monotonic_ms();
    while (!look_at_edge(zone, id)) {
        assert_true(time_monotonic_ms() - begun < SOON_MS);
        lab_sleep_ms(10);
    }
    return time_monotonic_ms() - begun;
}

static void test_edges_are_reloaded_and_started_anew(void **state)
{
    char id[33];
    struct why why = {""};
    OWN(zone_own) struct zone *zone = NULL;
    (void)state;
    hold_at_step(id, 1, "reload.test");
    assert_ok(db_zone_get(lab.db, &zone, id, &why), &why);
    long failed = atomic_load(&lab.crowds[1].failed);
    edge_process_reload(&lab.edge, 0);
    int64_t reloaded_ms = ms_until_back_at_share(zone, id);
    long failed_by_reload = atomic_load(&lab.crowds[1].failed) - failed;
    edge_process_stop(&lab.edge, 1);
    edge_process_start(&lab.edge, 1);
    int64_t restarted_ms = ms_until_back_at_share(zone, id);
    print_message("back at its share %lld ms after a reload (%ld visits failed), %lld ms after a "
                  "restart\n",
                  (long long)reloaded_ms, failed_by_reload, (long long)restarted_ms);
    assert_int_equal(failed_by_reload, 0);
    must("rollout", "resume", "reload.test", NULL, NULL);
    struct rollout rollout = rollout_lab_get(&lab, id);
    int64_t until = time_monotonic_ms() + SOON_MS;
    while (rollout.state != ROLLOUT_DONE && time_monotonic_ms() < until) {
        if (rollout.state < ROLLOUT_DONE) {
            (void)look_at_edge(zone, id);
        }
        rollout = rollout_lab_get(&lab, id);
    }
    assert_int_equal(rollout.state, ROLLOUT_DONE);
    assert_int_equal(rollout.generation, 1);
    assert_int_equal(rollout_lab_mode(&lab, id), MODE_STRICT);
    assert_true(uses_new_mode(0, "reload.test", 1) && uses_new_mode(1, "reload.test", 1));
    tell_visitors_to_leave(1);
}

// -- a controller that is killed -----------------------------------------------------------------
static void test_controller_is_killed(void **state)
{
    char id[33];
    (void)state;
    hold_at_step(id, 2, "kill.test");
    unsigned client[EDGE_PROCESSES];
    for (size_t p = 0; p < EDGE_PROCESSES; p++) {
        client[p] = client_in_new_mode(p, "kill.test");
    }
    long failed = atomic_load(&lab.crowds[2].failed);
    assert_int_equal(rollout_lab_end(&lab, SIGKILL), 128 + SIGKILL);
    int64_t killed = time_monotonic_ms();
    for (size_t p = 0; p < EDGE_PROCESSES; p++) {
        while (uses_new_mode(p, "kill.test", client[p])) {
            assert_true(time_monotonic_ms() - killed < (LEASE_S + 2) * 1000);
            lab_sleep_ms(20);
        }
    }
    int64_t back = time_monotonic_ms();
    assert_int_equal(rollout_lab_get(&lab, id).share_bp, STEP_BP);
    run_controller();
    for (size_t p = 0; p < EDGE_PROCESSES; p++) {
        while (!uses_new_mode(p, "kill.test", client[p])) {
            assert_true(time_monotonic_ms() - back < SOON_MS);
            lab_sleep_ms(20);
        }
    }
    print_message("visitors are on the old mode %lld ms after the kill (lease %d s), on the new "
                  "one %lld ms after the start\n",
                  (long long)(back - killed), LEASE_S, (long long)(time_monotonic_ms() - back));
    must("rollout", "resume", "kill.test", NULL, NULL);
    rollout_lab_await_state(&lab, id, ROLLOUT_DONE, SOON_MS);
    assert_int_equal(rollout_lab_get(&lab, id).generation, 1);
    assert_int_equal(atomic_load(&lab.crowds[2].failed), failed);
    tell_visitors_to_leave(2);
}

// -- what the operator does ----------------------------------------------------------------------
static void await_reason(const char *id, enum rollout_reason reason)
{
    rollout_lab_await_state(&lab, id, ROLLOUT_COOLDOWN, SOON_MS);
    assert_int_equal(rollout_lab_get(&lab, id).reason, reason);
}

static void check_history(const char *name, const char *words)
{
    struct buf text;
    buf_init(&text, LAB_OUTPUT);
    assert_int_equal(lab_sslauto(&lab.edge.lab, &text, "rollout", "history", name, "--json", NULL),
                     0);
    if (strstr(buf_str(&text), words) == NULL || strstr(buf_str(&text), "\"cli:") == NULL) {
        fail_msg("%s is not in: %s", words, buf_str(&text));
    }
    buf_done(&text);
}

static void test_operator_changes_the_mode(void **state)
{
    char id[33];
    char id_custom[33];
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    struct why why = {""};
    OWN(zone_own) struct zone *zone = NULL;
    (void)state;
    hold_at_step(id, 3, "hand.test");
    hold_at_step(id_custom, 4, "custom.test");
    must("zone", "set", "hand.test", "--mode", "full");
    must("zone", "set", "custom.test", "--custom", NULL);
    await_reason(id, ROLLOUT_REASON_MODE_CHANGED);
    await_reason(id_custom, ROLLOUT_REASON_CUSTOM);
    assert_int_equal(rollout_lab_mode(&lab, id), MODE_FULL);
    assert_int_equal(rollout_lab_mode(&lab, id_custom), MODE_FLEXIBLE);
    assert_ok(db_zone_get(lab.db, &zone, id_custom, &why), &why);
    edge_lab_see(&lab.edge, zone, seen);
    assert_true(seen[0].generation == 0 && seen[0].old_mode == MODE_FLEXIBLE);
    assert_int_equal(atomic_load(&lab.crowds[3].failed), 0);
    assert_int_equal(atomic_load(&lab.crowds[4].failed), 0);
    tell_visitors_to_leave(3);
    tell_visitors_to_leave(4);
}

static void test_operator_steers(void **state)
{
    char id[33];
    (void)state;
    hold_at_step(id, 5, "abort.test");
    must("rollout", "promote", "abort.test", "--reason", "seen enough");
    rollout_lab_await_share(&lab, id, NEXT_BP, SOON_MS);
    struct rollout rollout = rollout_lab_get(&lab, id);
    assert_true(rollout.paused); // one step, and no more
    unsigned client[EDGE_PROCESSES];
    for (size_t p = 0; p < EDGE_PROCESSES; p++) {
        client[p] = client_in_new_mode(p, "abort.test");
    }
    must("rollout", "abort", "abort.test", "--reason", "a visitor complained");
    for (size_t p = 0; p < EDGE_PROCESSES; p++) { // when the command is done, it is done
        assert_false(uses_new_mode(p, "abort.test", client[p]));
    }
    await_reason(id, ROLLOUT_REASON_OPERATOR);
    check_history("abort.test", "a visitor complained");
    check_history("abort.test", "seen enough");
    must("rollout", "retry", "abort.test", "--reason", "it was another thing");
    int64_t until = time_monotonic_ms() + SOON_MS;
    while (rollout_lab_get(&lab, id).generation < 2) {
        assert_true(time_monotonic_ms() < until);
        lab_sleep_ms(20);
    }
    rollout_lab_await_state(&lab, id, ROLLOUT_DONE, SOON_MS);
    assert_int_equal(atomic_load(&lab.crowds[5].failed), 0);
    tell_visitors_to_leave(5);
}

// -- the stop for everything ---------------------------------------------------------------------
static size_t ramps_at_edge(struct zone *const *zones)
{
    size_t count = 0;
    for (size_t i = 0; i < RAMPS; i += 37) { // each look asks both processes
        struct edge_seen seen[LIMIT_EDGE_PROCESSES];
        edge_lab_see(&lab.edge, zones[i], seen);
        for (size_t p = 0; p < EDGE_PROCESSES; p++) {
            count += seen[p].share_bp > 0 && seen[p].lease_left_s > 0;
        }
    }
    return count;
}

static int64_t count_running(void)
{
    static const struct db_rollout_filter all = {.running = true};
    int64_t count = 0;
    struct why why = {""};
    assert_ok(db_rollout_count(lab.db, &all, &count, &why), &why);
    return count;
}

static enum err count_moved(void *ctx, const struct zone *zone, const struct rollout *rollout)
{
    size_t *count = ctx;
    (void)zone;
    *count += rollout->share_bp == FIRST_BP && rollout->applied_bp == FIRST_BP;
    return ERR_OK;
}

static void begin_ramps(struct zone **zones)
{
    char id[33];
    char name[32];
    struct why why = {""};
    for (unsigned i = 0; i < RAMPS; i++) {
        (void)snprintf(name, sizeof(name), RAMP_NAME, i);
        rollout_lab_zone(&lab, id, name, 6, "lab", MODE_FLEXIBLE, MODE_STRICT);
        assert_ok(db_zone_get(lab.db, &zones[i], id, &why), &why);
    }
    lab.no_probes = true;
    rollout_lab_configure(&lab, MANY);
    run_controller();
    int64_t begun = time_monotonic_ms();
    for (size_t moved = 0; moved < RAMPS;) {
        static const struct db_rollout_filter running = {.running = true};
        if (time_monotonic_ms() - begun > 2 * SOON_MS) {
            rollout_lab_show_log(&lab);
            fail_msg("only %zu of %d rollouts move visitors", moved, RAMPS);
        }
        lab_sleep_ms(100);
        moved = 0;
        assert_ok(db_rollout_each(lab.db, &running, count_moved, &moved, &why), &why);
    }
    print_message("%d rollouts at %d bp in %lld ms\n", RAMPS, FIRST_BP,
                  (long long)(time_monotonic_ms() - begun));
}

static void test_everything_is_stopped(void **state)
{
    static struct zone *zones[RAMPS];
    char command[700];
    (void)state;
    if (lab.controller > 0) {
        end_controller();
    }
    begin_ramps(zones);
    assert_int_equal(ramps_at_edge(zones), EDGE_PROCESSES * ((RAMPS + 36) / 37));
    (void)snprintf(command, sizeof(command),
                   "exec '%s' --config %s/sslauto.conf rollout stop-all --reason fire", LAB_SSLAUTO,
                   lab.edge.lab.dir);
    int64_t begun = time_monotonic_ms();
    pid_t pid = lab_spawn(&lab.edge.lab, (const char *const[]){"sh", "-c", command, NULL});
    while (ramps_at_edge(zones) > 0) {
        assert_true(time_monotonic_ms() - begun < SOON_MS);
    }
    int64_t stopped_ms = time_monotonic_ms() - begun;
    assert_int_equal(lab_wait(pid), 0);
    print_message("%d ramps: nobody in a new mode after %lld ms, all recorded after %lld ms\n",
                  RAMPS, (long long)stopped_ms, (long long)(time_monotonic_ms() - begun));
    assert_true(stopped_ms <= STOP_MS);
    int64_t until = time_monotonic_ms() + SOON_MS; // the rows rest when the edge was read
    while (count_running() > 0) {
        assert_true(time_monotonic_ms() < until);
        assert_int_equal(ramps_at_edge(zones), 0);
    }
    for (size_t i = 0; i < RAMPS; i++) {
        struct rollout rollout = rollout_lab_get(&lab, zones[i]->id);
        assert_int_equal(rollout.state, ROLLOUT_COOLDOWN);
        assert_int_equal(rollout.reason, ROLLOUT_REASON_STOP_ALL);
        zone_free(zones[i]);
    }
    end_controller();
    must("rollout", "stop-all", "--lift", NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_processes_are_summed),
        cmocka_unit_test(test_edges_are_reloaded_and_started_anew),
        cmocka_unit_test(test_controller_is_killed),
        cmocka_unit_test(test_operator_changes_the_mode),
        cmocka_unit_test(test_operator_steers),
        cmocka_unit_test(test_everything_is_stopped),
    };
    if (!edge_lab_possible()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, setup, teardown);
}
