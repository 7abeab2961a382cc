// SPDX-License-Identifier: Apache-2.0
// `sslauto run` as a service: metrics, readiness, signals; and `sslauto tick` in its place.
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/time.h"
#include "tests/net/rollout_lab.h"
#include "tests/support/check.h"

#define SOON_MS  40000 // on a busy machine, with sanitizers
#define FIRST_BP 1000

#define ROLLOUT                                                                                    \
    "[rollout]\ndwell = 2s\nslow_dwell = 2s\nfinal_dwell = 1s\ntick = 1s\nidle_tick = 1s\n"        \
    "lease = 10s\nclaim = 3s\nmin_requests = 5\nexcess = 0.5\nmin_probes = 1\n"                    \
    "probe_requests = 1\nmax_per_network = 100\n"

static const char *const names[] = {"tick.test", "metrics.test", "late.test"};

static struct rollout_lab lab;
static uint16_t port;

static int setup(void **state)
{
    (void)state;
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    rollout_lab_open(&lab, names, COUNT_OF(names), COUNT_OF(names), ROLLOUT);
    port = lab.edge.spare_port;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rollout_lab_close(&lab);
    return 0;
}

// -- cron ----------------------------------------------------------------------------------------
static void test_ticks_carry_a_rollout(void **state)
{
    char id[33];
    (void)state;
    rollout_lab_zone(&lab, id, "tick.test", 0, "lab", MODE_FLEXIBLE, MODE_STRICT);
    assert_int_equal(lab_sslauto(&lab.edge.lab, NULL, "edge", "resync", "lab", NULL), 0);
    int64_t until = time_monotonic_ms() + 2 * SOON_MS;
    int ticks = 0;
    while (rollout_lab_get(&lab, id).state != ROLLOUT_DONE) {
        assert_true(time_monotonic_ms() < until);
        if (lab_sslauto(&lab.edge.lab, NULL, "tick", "--no-scans", NULL) != 0) {
            lab_show_errors(&lab.edge.lab);
            fail_msg("a tick failed");
        }
        ticks++;
        lab_sleep_ms(300);
    }
    print_message("done after %d ticks of cron\n", ticks);
    assert_int_equal(rollout_lab_mode(&lab, id), MODE_STRICT);
    assert_int_equal(rollout_lab_get(&lab, id).generation, 1);
}

// -- edge verify ---------------------------------------------------------------------------------
static void verify(int code, const char *const *words, size_t count)
{
    struct buf text;
    buf_init(&text, LAB_OUTPUT);
    int left = lab_sslauto(&lab.edge.lab, &text, "edge", "verify", "lab", "tick.test", NULL);
    print_message("%s", buf_str(&text));
    assert_int_equal(left, code);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(strstr(buf_str(&text), words[i]));
    }
    buf_done(&text);
}

// Both processes have the ramp; then one was started anew and has none: that one is told, and the
// mode of the probe is still that of the ramp.
static void test_verify_looks_at_every_process(void **state)
{
    static const char *const steady[] = {"edge0.sock: strict, 0 % to nothing else",
                                         "edge1.sock: strict, 0 % to nothing else",
                                         "probe_old through https://127.0.0.1:"};
    static const char *const moving[] = {"edge0.sock: strict, 50 % to full",
                                         "edge1.sock: strict, 50 % to full", "mode strict",
                                         "probe_new through", "mode full"};
    static const char *const lost[] = {
        "edge1.sock: strict, 0 % to nothing else; another process has another share"};
    struct why why = {""};
    OWN(zone_own) struct zone *zone = NULL;
    (void)state;
    assert_ok(db_zone_get(lab.db, &zone, "tick.test", &why), &why);
    struct edge_want want = edge_ramp(zone, MODE_FULL, 5000, 700);
    want.old_mode = MODE_STRICT;
    want.lease_s = 600;
    verify(0, steady, COUNT_OF(steady));
    edge_lab_apply(&lab.edge, &want);
    verify(0, moving, COUNT_OF(moving));
    edge_process_stop(&lab.edge, 1);
    edge_process_start(&lab.edge, 1);
    verify(3, lost, COUNT_OF(lost));
    edge_lab_settle(&lab.edge, zone, MODE_STRICT);
}

// -- readiness -----------------------------------------------------------------------------------
static int listen_for_news(char place[300])
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    (void)snprintf(place, 300, "%s/notify", lab.edge.lab.dir);
    assert_true(strlen(place) < sizeof(un.sun_path));
    memcpy(un.sun_path, place, strlen(place));
    assert_true(fd >= 0 && bind(fd, (const struct sockaddr *)&un, sizeof(un)) == 0);
    return fd;
}

static bool has_line(const char *text, const char *line)
{
    size_t len = strlen(line);
    for (const char *at = strstr(text, line); at != NULL; at = strstr(at + 1, line)) {
        if ((at == text || at[-1] == '\n') && (at[len] == '\n' || at[len] == '\0')) {
            return true;
        }
    }
    return false;
}

static void await_news(int fd, const char *line)
{
    char text[1024];
    int64_t until = time_monotonic_ms() + SOON_MS;
    for (;;) {
        ssize_t n = recv(fd, text, sizeof(text) - 1, 0);
        text[n > 0 ? n : 0] = '\0';
        if (n > 0 && has_line(text, line)) {
            return;
        }
        if (time_monotonic_ms() > until) {
            rollout_lab_show_log(&lab);
            fail_msg("nothing was said of %s", line);
        }
        if (n <= 0) {
            lab_sleep_ms(10);
        }
    }
}

#ifdef SSLAUTO_SYSTEMD
static const bool notifies = true;
#else
static const bool notifies = false;
#endif

static void run_with_metrics(void)
{
    char where[16];
    (void)snprintf(where, sizeof(where), "%u", port);
    rollout_lab_run(&lab, "--metrics", where);
}

static void end_controller(void)
{
    int status = rollout_lab_end(&lab, SIGTERM);
    if (status != 0) {
        rollout_lab_show_log(&lab);
    }
    assert_int_equal(status, 0);
}

static void test_readiness_is_told(void **state)
{
    char place[300];
    (void)state;
    if (!notifies) {
        skip();
    }
    int fd = listen_for_news(place);
    assert_int_equal(setenv("NOTIFY_SOCKET", place, 1), 0);
    assert_int_equal(setenv("WATCHDOG_USEC", "400000", 1), 0);
    rollout_lab_run(&lab, NULL, NULL);
    assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
    assert_int_equal(unsetenv("WATCHDOG_USEC"), 0);
    await_news(fd, "READY=1");
    await_news(fd, "WATCHDOG=1");
    await_news(fd, "WATCHDOG=1");
    assert_int_equal(kill(lab.controller, SIGHUP), 0);
    await_news(fd, "RELOADING=1");
    await_news(fd, "READY=1");
    assert_int_equal(kill(lab.controller, SIGTERM), 0);
    await_news(fd, "STOPPING=1");
    assert_int_equal(lab_wait(lab.controller), 0);
    lab.controller = 0;
    (void)close(fd);
}

// -- metrics -------------------------------------------------------------------------------------
static int scrape(struct buf *out)
{
    char url[64];
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/metrics", port);
    return lab_run(&lab.edge.lab, out,
                   (const char *const[]){"curl", "-q", "-s", "-f", "--noproxy", "*", url, NULL});
}

static void await_metrics(struct buf *out)
{
    int64_t until = time_monotonic_ms() + SOON_MS;
    while (scrape(out) != 0) {
        assert_true(time_monotonic_ms() < until);
        lab_sleep_ms(50);
    }
}

static bool is_name(const char *at, size_t len)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz_0123456789";
    return len > 0 && strspn(at, letters) >= len && !(*at >= '0' && *at <= '9');
}

// NAME[{LABEL="WORD"}] NUMBER, of the family that # HELP and # TYPE named just before; in that
// order, once each (text format 0.0.4).
static void check_line(const char *line, char family[128], char type[16], int *step)
{
    static const char *const series[] = {"_bucket", "_sum", "_count"}; // of a histogram
    char word[128] = "";
    if (sscanf(line, "# HELP %127s", word) == 1) {
        assert_true(*step != 1 && is_name(word, strlen(word)));
        assert_string_not_equal(word, family);
        (void)snprintf(family, 128, "%s", word);
        *step = 1;
        return;
    }
    if (sscanf(line, "# TYPE %127s %15s", word, type) == 2) {
        assert_true(*step == 1 && strcmp(word, family) == 0);
        bool total = strlen(word) > 6 && strcmp(word + strlen(word) - 6, "_total") == 0;
        bool seconds = strlen(word) > 8 && strcmp(word + strlen(word) - 8, "_seconds") == 0;
        bool histogram = seconds && strstr(word, "timestamp") == NULL;
        assert_string_equal(type, total ? "counter" : histogram ? "histogram" : "gauge");
        *step = 2;
        return;
    }
    size_t len = strlen(family);
    char *end = NULL;
    assert_true(*step >= 2 && strncmp(line, family, len) == 0);
    const char *at = line + len;
    for (size_t i = 0; strcmp(type, "histogram") == 0 && i < COUNT_OF(series); i++) {
        at += strncmp(at, series[i], strlen(series[i])) == 0 ? strlen(series[i]) : 0;
    }
    assert_true(*at == '{' || *at == ' ');
    if (*at == '{') {
        size_t label = strcspn(at + 1, "=");
        assert_true(is_name(at + 1, label) && strncmp(at + 1 + label, "=\"", 2) == 0);
        const char *value = at + 3 + label;
        bool bound = strncmp(at, "{le=", 4) == 0;
        assert_true(bound || is_name(value, strcspn(value, "\"")));
        at = value + strcspn(value, "\"");
        assert_true(strncmp(at, "\"}", 2) == 0);
        at += 2;
    }
    assert_true(*at == ' ' && at[1] != ' ');
    assert_true(strtod(at + 1, &end) >= 0 && *end == '\0');
    *step = 3;
}

static void check_format(const char *text)
{
    char family[128] = "";
    char type[16] = "";
    char line[256];
    int step = 0;
    size_t lines = 0;
    assert_true(text[0] != '\0' && text[strlen(text) - 1] == '\n');
    for (; *text != '\0'; text += strcspn(text, "\n") + 1, lines++) {
        (void)snprintf(line, sizeof(line), "%.*s", (int)strcspn(text, "\n"), text);
        check_line(line, family, type, &step);
    }
    assert_int_equal(step, 3);
    assert_true(lines > 60);
}

static double value_of(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    while (at != NULL && ((at != text && at[-1] != '\n') || at[strlen(name)] != ' ')) {
        at = strstr(at + 1, name);
    }
    if (at == NULL) {
        fail_msg("no %s in:\n%s", name, text);
    }
    return strtod(at + strlen(name), NULL);
}

// docs/controller.md promises these.
static void check_names(const char *text)
{
    static const char *const promised[] = {
        "sslauto_zones{mode=\"strict\"}",
        "sslauto_rollouts{state=\"ramping\"}",
        "sslauto_rollout_aborts_total{reason=\"tls\"}",
        "sslauto_scans_due",
        "sslauto_scans_leased",
        "sslauto_stopped",
        "sslauto_controller_ticks_total",
        "sslauto_controller_looked_total",
        "sslauto_controller_transitions_total",
        "sslauto_controller_finished_total",
        "sslauto_controller_rolled_back_total",
        "sslauto_controller_troubles_total",
        "sslauto_edge_apply_seconds_bucket{le=\"0.005\"}",
        "sslauto_edge_apply_seconds_sum",
        "sslauto_edge_apply_seconds_count",
        "sslauto_scans_total{verdict=\"upgrade\"}",
        "sslauto_scan_seconds_bucket{le=\"60\"}",
        "sslauto_scan_seconds_sum",
        "sslauto_scan_seconds_count",
        "sslauto_telemetry_age_seconds_max",
        "sslauto_controller_next_timestamp_seconds",
    };
    for (size_t i = 0; i < COUNT_OF(promised); i++) {
        (void)value_of(text, promised[i]);
    }
}

static void test_metrics_are_scraped(void **state)
{
    char id[33];
    struct buf text;
    (void)state;
    buf_init(&text, LAB_OUTPUT);
    rollout_lab_zone(&lab, id, "metrics.test", 1, "lab", MODE_FLEXIBLE, MODE_STRICT);
    assert_int_equal(lab_sslauto(&lab.edge.lab, NULL, "edge", "resync", "lab", NULL), 0);
    run_with_metrics();
    rollout_lab_visit(&lab, 1, "metrics.test");
    rollout_lab_await_share(&lab, id, FIRST_BP, SOON_MS);
    await_metrics(&text);
    check_format(buf_str(&text));
    check_names(buf_str(&text));
    assert_true(value_of(buf_str(&text), "sslauto_controller_ticks_total") >= 1);
    rollout_lab_await_state(&lab, id, ROLLOUT_DONE, SOON_MS);
    int64_t until = time_monotonic_ms() + SOON_MS;
    do {
        assert_true(time_monotonic_ms() < until);
        await_metrics(&text);
    } while (value_of(buf_str(&text), "sslauto_controller_finished_total") < 1);
    assert_true(value_of(buf_str(&text), "sslauto_zones{mode=\"strict\"}") == 2);
    assert_true(value_of(buf_str(&text), "sslauto_rollouts{state=\"done\"}") == 2);
    assert_int_equal(atomic_load(&lab.crowds[1].failed), 0);
    atomic_store(&lab.crowds[1].leave, true);
    end_controller();
    buf_done(&text);
}

static void test_port_that_is_taken_is_told(void **state)
{
    (void)state;
    run_with_metrics();
    struct buf text;
    buf_init(&text, LAB_OUTPUT);
    await_metrics(&text);
    buf_done(&text);
    pid_t first = lab.controller;
    run_with_metrics();
    assert_int_equal(lab_wait(lab.controller), 1);
    rollout_lab_await_log(&lab, "is the port taken", SOON_MS);
    lab.controller = first;
    end_controller();
}

// -- SIGHUP --------------------------------------------------------------------------------------
static void test_configuration_is_taken_whole_or_not(void **state)
{
    char id[33];
    (void)state;
    // A stop before the first step: nothing is due for so long that nobody would see a change.
    rollout_lab_configure(&lab, ROLLOUT "freeze = 2020-01-01..2099-01-01\n");
    rollout_lab_run(&lab, NULL, NULL);
    rollout_lab_zone(&lab, id, "late.test", 2, "lab", MODE_FLEXIBLE, MODE_STRICT);
    int64_t until = time_monotonic_ms() + SOON_MS;
    while (rollout_lab_get(&lab, id).reason != ROLLOUT_REASON_FROZEN) {
        assert_true(time_monotonic_ms() < until);
        lab_sleep_ms(20);
    }
    rollout_lab_configure(&lab, ROLLOUT "steps = 50 20 100\n");
    assert_int_equal(kill(lab.controller, SIGHUP), 0);
    rollout_lab_await_log(&lab, "the configuration is not taken, the one before stays", SOON_MS);
    rollout_lab_await_log(&lab, "does not rise", SOON_MS);
    int64_t seen = rollout_lab_get(&lab, id).tick_at;
    while (rollout_lab_get(&lab, id).tick_at <= seen + 1) { // it goes on, and is still frozen
        assert_true(time_monotonic_ms() < until);
        lab_sleep_ms(20);
    }
    assert_int_equal(rollout_lab_get(&lab, id).state, ROLLOUT_ELIGIBLE);
    rollout_lab_configure(&lab, ROLLOUT);
    assert_int_equal(kill(lab.controller, SIGHUP), 0);
    rollout_lab_await_share(&lab, id, FIRST_BP, SOON_MS);
    end_controller();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ticks_carry_a_rollout),
        cmocka_unit_test(test_verify_looks_at_every_process),
        cmocka_unit_test(test_readiness_is_told),
        cmocka_unit_test(test_metrics_are_scraped),
        cmocka_unit_test(test_port_that_is_taken_is_told),
        cmocka_unit_test(test_configuration_is_taken_whole_or_not),
    };
    if (!edge_lab_possible()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, setup, teardown);
}
