// SPDX-License-Identifier: Apache-2.0
// The exec driver with programs of every kind of behaviour.
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/num.h"
#include "core/time.h"
#include "tests/support/check.h"
#include "tests/unit/edge/fixture.h"

#define ABLE                                                                                       \
    "#!/bin/sh\n"                                                                                  \
    "if [ \"$SSLAUTO_CALL\" = capabilities ]; then\n"                                              \
    "    echo '{\"capabilities\":[\"counts\",\"probes\",\"sticky\"]}'; exit 0\n"                   \
    "fi\n"

static struct edge *open_it(const struct fixture *fixture)
{
    struct edge *edge = NULL;
    struct why why = {""};
    assert_ok(edge_open(&edge, &fixture->settings, &why), &why);
    return edge;
}

static enum err apply(struct edge *edge, struct why *why)
{
    OWN(zone_own) struct zone *zone = fixture_zone(7);
    const struct edge_want want = {.zone = zone,
                                   .old_mode = MODE_FLEXIBLE,
                                   .new_mode = MODE_STRICT,
                                   .share_bp = 100,
                                   .generation = 3,
                                   .lease_s = 30};
    return edge_apply(edge, &want, why);
}

// Opens the program of this text and lets it apply. The words are those of the failure.
static enum err run_apply(const char *text, int64_t timeout_ms, struct why *why)
{
    struct fixture fixture;
    fixture_program(&fixture, text);
    fixture.settings.timeout_ms = timeout_ms;
    struct edge *edge = open_it(&fixture);
    enum err e = apply(edge, why);
    edge_close(edge);
    fixture_done(&fixture);
    return e;
}

static void test_tells_what_it_wants(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_program(&fixture, ABLE "cat >\"$1/in\"; env | sort >\"$1/environment\"\n"
                                   "ls /proc/self/fd >\"$1/fds\"\n");
    int leak = open("/dev/null", 0); // without O_CLOEXEC: must not reach the program
    assert_true(leak > 2);
    struct edge *edge = open_it(&fixture);
    assert_int_equal(edge_capabilities(edge), EDGE_COUNTS | EDGE_PROBES | EDGE_STICKY);
    struct why why = {""};
    assert_ok(apply(edge, &why), &why);
    assert_int_equal(close(leak), 0);

    char *in = fixture_file(&fixture, "in");
    json_t *json = json_loads(in, 0, NULL);
    json_t *expected = json_loads(
        "{\"version\":1,\"call\":\"apply\",\"edge\":\"lab\",\"zone\":{"
        "\"id\":\"00000000000000000000000000000007\",\"name\":\"shop.example\","
        "\"authenticated_pulls\":false,\"replace_roots\":false,\"trust_sets\":[],\"hosts\":["
        "{\"name\":\"shop.example\",\"host_header\":null,\"sni\":null,\"extra_names\":[],"
        "\"origins\":["
        "{\"address\":\"192.0.2.1\",\"http_port\":8080,\"https_port\":8443},"
        "{\"address\":\"2001:db8::1\",\"http_port\":8080,\"https_port\":8443}]},"
        "{\"name\":\"www.shop.example\",\"host_header\":null,\"sni\":null,\"extra_names\":[],"
        "\"origins\":["
        "{\"address\":\"origin.example\",\"http_port\":8080,\"https_port\":8443}]}]},"
        "\"want\":{\"old_mode\":\"flexible\",\"new_mode\":\"strict\",\"share_bp\":100,"
        "\"generation\":3,\"lease_s\":30}}",
        0, NULL);
    assert_non_null(expected);
    assert_true(json_equal(json, expected));
    json_decref(json);
    json_decref(expected);
    free(in);

    char *environment = fixture_file(&fixture, "environment");
    assert_string_equal(environment,
                        "LC_ALL=C\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:"
                        "/bin\nPWD=/\nSSLAUTO_CALL=apply\nSSLAUTO_EDGE=lab\n");
    free(environment);
    char *fds = fixture_file(&fixture, "fds");
    assert_string_equal(fds, "0\n1\n2\n3\n"); // 3 is ls's own
    free(fds);
    edge_close(edge);
    fixture_done(&fixture);
}

static void test_understands_its_answers(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_program(
        &fixture,
        ABLE "cat >\"$1/in\"\n"
             "case $SSLAUTO_CALL in\n"
             "read) echo '{\"processes\":[{\"process\":\"a\",\"epoch\":5,\"known\":true,"
             "\"old_mode\":\"flexible\",\"new_mode\":\"full\",\"share_bp\":250,\"generation\":3,"
             "\"lease_left_s\":-4},{\"process\":\"b\",\"epoch\":6,\"known\":false}]}' ;;\n"
             "counters) echo '{\"processes\":[{\"process\":\"a\",\"epoch\":5,\"counts\":{"
             "\"old\":{\"requests\":1000,\"cache_hits\":10},\"new\":{\"requests\":9,"
             "\"server_errors\":1,\"redirects\":2,\"connect_failures\":3,\"tls_failures\":4,"
             "\"fallbacks\":5,\"cache_hits\":6}}}]}' ;;\n"
             "probe) echo '{\"answered\":true,\"status\":200,\"mode\":\"strict\"}' ;;\n"
             "stop_all) echo '{\"count\":17}' ;;\n"
             "esac\n");
    OWN(edge_own) struct edge *edge = open_it(&fixture);
    OWN(zone_own) struct zone *zone = fixture_zone(1);
    struct why why = {""};
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    size_t count = 0;
    assert_ok(edge_read(edge, zone, seen, &count, &why), &why);
    assert_int_equal(count, 2);
    assert_string_equal(seen[0].process, "a");
    assert_int_equal(seen[0].epoch, 5);
    assert_true(seen[0].known);
    assert_int_equal(seen[0].old_mode, MODE_FLEXIBLE);
    assert_int_equal(seen[0].new_mode, MODE_FULL);
    assert_int_equal(seen[0].share_bp, 250);
    assert_int_equal(seen[0].generation, 3);
    assert_int_equal(seen[0].lease_left_s, -4);
    assert_false(seen[1].known);

    struct edge_counted counted[LIMIT_EDGE_PROCESSES];
    assert_ok(edge_counters(edge, zone, 3, counted, &count, &why), &why);
    assert_int_equal(count, 1);
    assert_int_equal(counted[0].counts.of[COHORT_OLD].requests, 1000);
    assert_int_equal(counted[0].counts.of[COHORT_OLD].cache_hits, 10);
    const struct cohort_counts *fresh = &counted[0].counts.of[COHORT_NEW];
    assert_int_equal(fresh->requests, 9);
    assert_int_equal(fresh->server_errors, 1);
    assert_int_equal(fresh->redirects, 2);
    assert_int_equal(fresh->connect_failures, 3);
    assert_int_equal(fresh->tls_failures, 4);
    assert_int_equal(fresh->fallbacks, 5);
    assert_int_equal(fresh->cache_hits, 6);
    char *in = fixture_file(&fixture, "in");
    assert_non_null(strstr(in, "\"generation\":3"));
    free(in);

    struct edge_probe probe = {0};
    assert_ok(edge_probe(edge, zone, COHORT_PROBE_NEW, &probe, &why), &why);
    assert_true(probe.answered);
    assert_int_equal(probe.status, 200);
    assert_int_equal(probe.mode, MODE_STRICT);
    in = fixture_file(&fixture, "in");
    assert_non_null(strstr(in, "\"cohort\":\"probe_new\""));
    free(in);

    assert_ok(edge_stop_all(edge, &count, &why), &why);
    assert_int_equal(count, 17);
    assert_ok(edge_forget(edge, zone, 3, &why), &why);
    fixture_done(&fixture);
}

static void test_a_call_it_has_not_is_not_made(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_program(&fixture, "#!/bin/sh\n[ $SSLAUTO_CALL = capabilities ] || touch \"$1/in\"\n"
                              "echo '{\"capabilities\":[]}'\n");
    OWN(edge_own) struct edge *edge = open_it(&fixture);
    OWN(zone_own) struct zone *zone = fixture_zone(1);
    struct edge_counted counted[LIMIT_EDGE_PROCESSES];
    struct why why = {""};
    size_t count = 0;
    assert_int_equal(edge_capabilities(edge), 0);
    assert_err(edge_counters(edge, zone, 3, counted, &count, &why), ERR_INVALID);
    assert_string_equal(why.text, "edge lab (exec) cannot count requests");
    char path[128];
    (void)snprintf(path, sizeof path, "%s/in", fixture.dir);
    assert_int_not_equal(access(path, F_OK), 0);
    fixture_done(&fixture);
}

// -- programs that misbehave ---------------------------------------------------------------------
static void test_fails_with_words(void **state)
{
    (void)state;
    struct why why = {""};
    assert_err(run_apply(ABLE "printf 'first line\\nnginx: \\033[31m\"x\" failed\\n' >&2; exit 7\n",
                         5000, &why),
               ERR_UNAVAILABLE);
    assert_non_null(strstr(why.text, "edge lab: /tmp/sslauto-edge-"));
    assert_non_null(strstr(why.text, "/edge apply: exit code 7: first line nginx: \\x1b[31m\"x\" "
                                     "failed"));
    assert_err(run_apply(ABLE "echo 'no origin_pull here' >&2; exit 3\n", 5000, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "does not serve this zone: no origin_pull here"));
    assert_err(run_apply(ABLE "kill -SEGV $$\n", 5000, &why), ERR_UNAVAILABLE);
    assert_non_null(strstr(why.text, "was ended by signal 11"));
}

static void test_keeps_the_end_of_many_words(void **state)
{
    (void)state;
    struct why why = {""};
    assert_err(run_apply(ABLE
                         "i=0; while [ $i -lt 9000 ]; do echo \"line $i\"; i=$((i+1)); done >&2\n"
                         "echo the last word >&2; exit 1\n",
                         20000, &why),
               ERR_UNAVAILABLE);
    assert_non_null(strstr(why.text, "line 8999 the last word"));
    assert_null(strstr(why.text, "line 100 "));
}

static void test_hangs(void **state)
{
    (void)state;
    struct why why = {""};
    int64_t before = time_monotonic_ms();
    assert_err(run_apply(ABLE "echo 'waiting for it' >&2; exec sleep 60\n", 300, &why),
               ERR_UNAVAILABLE);
    assert_true(time_monotonic_ms() - before < 10000);
    assert_non_null(strstr(why.text, "took longer than 300 ms and was ended: waiting for it"));
}

static pid_t pid_in(const struct fixture *fixture)
{
    int64_t pid = 0;
    char *text = fixture_file(fixture, "pid");
    assert_ok(num_parse(&pid, span_trim(span_of(text)), 2, INT32_MAX), NULL);
    free(text);
    return (pid_t)pid;
}

// Its death is the system's to finish: looked at for a while.
static void assert_gone(pid_t pid)
{
    for (int i = 0; i < 200; i++) {
        char path[64];
        char state = 'Z';
        (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
        FILE *file = fopen(path, "re");
        if (file == NULL) {
            return;
        }
        char line[256] = "";
        if (fgets(line, sizeof line, file) != NULL && strrchr(line, ')') != NULL) {
            state = strrchr(line, ')')[2];
        }
        (void)fclose(file);
        if (state == 'Z') {
            return; // nobody is left to wait for it, but it runs no more
        }
        (void)usleep(10000);
    }
    fail_msg("process %d is still there", (int)pid);
}

// It does not listen to SIGTERM, and neither does its child.
static void test_hangs_and_will_not_go(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_program(&fixture,
                    ABLE "trap 'touch \"$1/ended\"' TERM\n"
                         "(trap '' TERM; while :; do sleep 1; done) & echo $! >\"$1/pid\"\n"
                         "while :; do sleep 1; done\n");
    fixture.settings.timeout_ms = 500;
    OWN(edge_own) struct edge *edge = open_it(&fixture);
    struct why why = {""};
    int64_t before = time_monotonic_ms();
    assert_err(apply(edge, &why), ERR_UNAVAILABLE);
    int64_t took = time_monotonic_ms() - before;
    assert_true(took >= 1000 && took < 10000);
    assert_non_null(strstr(why.text, "took longer than 500 ms"));
    char path[128];
    (void)snprintf(path, sizeof path, "%s/ended", fixture.dir);
    assert_int_equal(access(path, F_OK), 0); // it was asked first
    assert_gone(pid_in(&fixture));
    fixture_done(&fixture);
}

// The child that it leaves behind holds its output open: nobody waits for that.
static void test_leaves_a_child_behind(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_program(&fixture, ABLE "sleep 60 & echo $! >\"$1/pid\"; exit 0\n");
    OWN(edge_own) struct edge *edge = open_it(&fixture);
    struct why why = {""};
    int64_t before = time_monotonic_ms();
    assert_ok(apply(edge, &why), &why);
    assert_true(time_monotonic_ms() - before < 4000);
    assert_gone(pid_in(&fixture));
    fixture_done(&fixture);
}

static void test_says_too_much(void **state)
{
    (void)state;
    struct why why = {""};
    assert_err(run_apply(ABLE "exec cat /dev/zero\n", 20000, &why), ERR_CORRUPT);
    assert_non_null(strstr(why.text, "answered more than 1048576 bytes"));
    assert_err(run_apply(ABLE "cat /dev/zero >&2\n", 300, &why), ERR_UNAVAILABLE);
    assert_non_null(strstr(why.text, "took longer than 300 ms"));
}

static void test_does_not_read(void **state)
{
    (void)state;
    struct why why = {""};
    void (*before)(int) = signal(SIGPIPE, SIG_DFL); // would end this program
    assert_ok(run_apply(ABLE "exec <&-; sleep 0.2; exit 0\n", 5000, &why), &why);
    assert_true(signal(SIGPIPE, before) == SIG_DFL);
}

static void test_prints_garbage(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"", "no JSON: line 1"},
        {"nonsense\\033", "no JSON: line 1"},
        {"[]", "processes must be a list of 1 to 16"},
        {"{\"processes\":[]}", "processes must be a list of 1 to 16"},
        {"{\"processes\":[{}]}", "processes[0].process must be 1 to 31 letters"},
        {"{\"processes\":[{\"process\":\"a\",\"epoch\":-1,\"known\":true}]}",
         "processes[0].epoch must be a whole number from 0"},
        {"{\"processes\":[{\"process\":\"a\",\"epoch\":1}]}", "processes[0].known must be true or"},
        {"{\"processes\":[{\"process\":\"a\",\"epoch\":1,\"known\":true,\"generation\":0}]}",
         "processes[0].old_mode must be off, flexible"},
        {"{\"processes\":[{\"process\":\"a\",\"epoch\":1,\"known\":true,\"generation\":2,"
         "\"old_mode\":\"off\",\"new_mode\":\"full\",\"share_bp\":10001}]}",
         "processes[0].share_bp must be a whole number from 0 to 10000"},
        {"{\"processes\":[{\"process\":\"a\",\"epoch\":1,\"known\":false},"
         "{\"process\":\"a\",\"epoch\":1,\"known\":false}]}",
         "processes[1].process must be another one"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fixture fixture;
        char text[1024];
        struct why why = {""};
        (void)snprintf(text, sizeof text, "%sprintf '%s'\n", ABLE, rows[i][0]);
        fixture_program(&fixture, text);
        struct edge *edge = open_it(&fixture);
        OWN(zone_own) struct zone *zone = fixture_zone(1);
        struct edge_seen seen[LIMIT_EDGE_PROCESSES];
        size_t count = 99;
        assert_err(edge_read(edge, zone, seen, &count, &why), ERR_CORRUPT);
        assert_int_equal(count, 99);
        assert_non_null(strstr(why.text, "/edge read: the answer"));
        assert_non_null(strstr(why.text, rows[i][1]));
        edge_close(edge);
        fixture_done(&fixture);
    }
}

static void test_is_not_a_program(void **state)
{
    (void)state;
    struct fixture fixture;
    struct edge *edge = NULL;
    struct why why = {""};
    fixture_program(&fixture, "echo a script without an interpreter\n");
    assert_err(edge_open(&edge, &fixture.settings, &why), ERR_UNAVAILABLE);
    assert_non_null(strstr(why.text, "edge lab"));
    assert_non_null(strstr(why.text, "names its interpreter in its first line"));
    assert_int_equal(chmod(fixture.program, 0644), 0);
    assert_err(edge_open(&edge, &fixture.settings, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "cannot be run: Permission denied"));
    fixture.places[0] = "/nonexistent/edge";
    assert_err(edge_open(&edge, &fixture.settings, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "/nonexistent/edge cannot be run: No such file"));
    assert_null(edge);
    fixture_done(&fixture);
}

static void test_has_strange_capabilities(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "#!/bin/sh\necho '{\"capabilities\":[\"fly\"]}'\n",
        "#!/bin/sh\necho '{\"capabilities\":[1]}'\n",
        "#!/bin/sh\necho '{}'\n",
        "#!/bin/sh\necho '{\"capabilities\":[\"dry\"]}'\n",
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fixture fixture;
        struct edge *edge = NULL;
        struct why why = {""};
        fixture_program(&fixture, rows[i]);
        assert_err(edge_open(&edge, &fixture.settings, &why), ERR_CORRUPT);
        assert_non_null(strstr(why.text, "/edge capabilities: the answer makes no sense"));
        assert_null(edge);
        fixture_done(&fixture);
    }
}

// -- resync --------------------------------------------------------------------------------------
struct many {
    struct zone *zone;
    unsigned given, all;
};

static const struct zone *next_zone(void *ctx)
{
    struct many *many = ctx;
    if (many->given == many->all) {
        return NULL;
    }
    many->given++;
    return many->zone;
}

static void test_resync_streams_all_zones(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_program(&fixture, ABLE "head -n 2 >\"$1/in\"; wc -l >>\"$1/in\"\n");
    OWN(edge_own) struct edge *edge = open_it(&fixture);
    OWN(zone_own) struct zone *zone = fixture_zone(1);
    struct many many = {zone, 0, 20000};
    struct why why = {""};
    zone->mode = MODE_FULL;
    // head may take more than two lines from the pipe: the rest is counted only roughly
    assert_ok(edge_resync(edge, next_zone, &many, false, &why), &why);
    assert_int_equal(many.given, 20000);
    char *in = fixture_file(&fixture, "in");
    const char *second = strchr(in, '\n') + 1;
    int64_t rest = 0;
    assert_non_null(
        strstr(in, "{\"version\":1,\"call\":\"resync\",\"edge\":\"lab\",\"overwrite\":false}\n"));
    assert_int_equal(strncmp(second, "{\"mode\":\"full\",\"zone\":{\"id\":\"0000", 33), 0);
    const char *third = strchr(second, '\n') + 1;
    assert_ok(num_parse(&rest, span_trim(span_of(third)), 0, 20000), NULL);
    assert_true(rest > 19000);
    free(in);
    fixture_done(&fixture);
}

static void test_resync_read_in_part_is_no_success(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_program(&fixture, ABLE "head -n 1 >/dev/null; exit 0\n");
    OWN(edge_own) struct edge *edge = open_it(&fixture);
    OWN(zone_own) struct zone *zone = fixture_zone(1);
    struct many many = {zone, 0, 20000};
    struct why why = {""};
    assert_err(edge_resync(edge, next_zone, &many, false, &why), ERR_UNAVAILABLE);
    assert_non_null(strstr(why.text, "resync: ended before it had read all zones"));
    fixture_done(&fixture);
}

static void test_resync_tells_what_was_left(void **state)
{
    static const struct {
        const char *answer;
        enum err e;
        const char *words;
    } rows[] = {
        {"", ERR_OK, ""},
        {"{\\\"left\\\":0}", ERR_OK, ""},
        {"{\\\"left\\\":2,\\\"words\\\":\\\"a.test is at strict\\\"}", ERR_INVALID,
         "2 zones were each left as it was; the first: a.test is at strict."},
        {"{}", ERR_CORRUPT, "left must be a whole number"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fixture fixture;
        char script[400];
        (void)snprintf(script, sizeof(script), ABLE "cat >/dev/null; printf '%%s' \"%s\"\n",
                       rows[i].answer);
        fixture_program(&fixture, script);
        OWN(edge_own) struct edge *edge = open_it(&fixture);
        OWN(zone_own) struct zone *zone = fixture_zone(1);
        struct many many = {zone, 0, 1};
        struct why why = {""};
        enum err e = edge_resync(edge, next_zone, &many, false, &why);
        if (e != rows[i].e || strstr(why.text, rows[i].words) == NULL) {
            fail_msg("%s: %s, %s", rows[i].answer, err_str(e), why.text);
        }
        fixture_done(&fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tells_what_it_wants),
        cmocka_unit_test(test_understands_its_answers),
        cmocka_unit_test(test_a_call_it_has_not_is_not_made),
        cmocka_unit_test(test_fails_with_words),
        cmocka_unit_test(test_keeps_the_end_of_many_words),
        cmocka_unit_test(test_hangs),
        cmocka_unit_test(test_hangs_and_will_not_go),
        cmocka_unit_test(test_leaves_a_child_behind),
        cmocka_unit_test(test_says_too_much),
        cmocka_unit_test(test_does_not_read),
        cmocka_unit_test(test_prints_garbage),
        cmocka_unit_test(test_is_not_a_program),
        cmocka_unit_test(test_has_strange_capabilities),
        cmocka_unit_test(test_resync_streams_all_zones),
        cmocka_unit_test(test_resync_read_in_part_is_no_success),
        cmocka_unit_test(test_resync_tells_what_was_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
