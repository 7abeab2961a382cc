// SPDX-License-Identifier: Apache-2.0
// Runs `zone import`, `scan --all` and `explain --json` over the situation matrix.
//
// test_net_situations --serve brings the servers up, says where they are, and waits for Ctrl-C: to
// look at a situation by hand.
#include <signal.h>
#include <unistd.h>

#include "tests/net/answer.h"
#include "tests/net/situations.h"
#include "tests/support/check.h"

#define ROWS_MAX 250

struct matrix {
    struct lab lab;
    const struct situation *rows;
    size_t count;
    char address[ROWS_MAX][64]; // as the zone names it
    char host[ROWS_MAX][128];
    json_t *got[ROWS_MAX]; // what `explain --json` said; NULL = row not run
};

static size_t row_index(const struct matrix *m, const char *name)
{
    for (size_t i = 0; i < m->count; i++) {
        if (strcmp(m->rows[i].name, name) == 0) {
            return i;
        }
    }
    fail_msg("the matrix has no row %s", name);
    return 0;
}

static bool row_runs(const struct matrix *m, size_t i)
{
    return m->lab.ipv6 || !m->rows[i].address || strcmp(m->rows[i].address, "::1") != 0;
}

static bool is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

static void plan_row(struct matrix *m, size_t i)
{
    const struct situation *row = &m->rows[i];
    size_t source = row->like ? row_index(m, row->like) : i;
    const struct situation *from = &m->rows[source];
    (void)snprintf(m->host[i], sizeof(m->host[i]), from->host ? "%s" : "%s.test",
                   from->host ? from->host : from->name);
    if (from->address) {
        (void)snprintf(m->address[i], sizeof(m->address[i]), "%s", from->address);
    } else {
        (void)snprintf(m->address[i], sizeof(m->address[i]), "127.20.%zu.1", source + 1);
    }
}

static void build_row(struct matrix *m, size_t i)
{
    const struct situation *row = &m->rows[i];
    const char *where = row->resolve ? row->resolve : m->address[i];
    if (row->resolve) {
        lab_resolve(&m->lab, row->address, row->resolve);
    }
    if (row->second_address) {
        lab_resolve(&m->lab, row->address, m->address[row_index(m, row->second_address)]);
    }
    if (!row->like && is_loopback(where) && row_runs(m, i)) {
        lab_add(&m->lab, where, m->host[i], &row->http, &row->https, row->cert);
    }
}

static void add_origin(const struct matrix *m, struct buf *out, const char *before, size_t i)
{
    assert_ok(buf_printf(out, "%s{\"address\":\"%s\",\"http_port\":%u,\"https_port\":%u}", before,
                         m->address[i], m->lab.http_port, m->lab.https_port),
              NULL);
}

static void add_zone(const struct matrix *m, struct buf *out, size_t i)
{
    const struct situation *row = &m->rows[i];
    assert_ok(buf_printf(out,
                         "{\"name\":\"%s.zone.test\",\"mode\":\"%s\",\"hosts\":[{\"name\":\"%s\","
                         "\"origins\":[",
                         row->name, mode_str(row->mode), m->host[i]),
              NULL);
    add_origin(m, out, "", i);
    if (row->second_origin) {
        add_origin(m, out, ",", row_index(m, row->second_origin));
    }
    assert_ok(buf_printf(out, "]%s}", row->in_host ? row->in_host : ""), NULL);
    if (row->second_host) {
        size_t other = row_index(m, row->second_host);
        assert_ok(buf_printf(out, ",{\"name\":\"%s\",\"origins\":[", m->host[other]), NULL);
        add_origin(m, out, "", other);
        assert_ok(buf_add_str(out, "]}"), NULL);
    }
    if (row->same_origin_host) {
        assert_ok(buf_printf(out, ",{\"name\":\"%s\",\"origins\":[", row->same_origin_host), NULL);
        add_origin(m, out, "", i);
        assert_ok(buf_add_str(out, "]}"), NULL);
    }
    assert_ok(buf_printf(out, "]%s}\n", row->more ? row->more : ""), NULL);
}

static void write_config(const struct matrix *m)
{
    char text[4096];
    (void)snprintf(text, sizeof(text),
                   "[store]\nurl = sqlite://%s/sslauto.db\n"
                   "[crawl]\nallow_nets = 127.0.0.0/8, ::1\nhosts_file = %s/hosts\n"
                   "dns_servers = 127.0.0.1:9\ndns_timeout = 200ms\n"
                   "connect_timeout = 2s\nrequest_timeout = 4s\nlow_speed_time = 2s\n"
                   "slots = 64\ngap = 2ms\nper_network = 64\nbreaker_failures = 1000\n"
                   "[scan]\nsecond_look = 300ms\n[schedule]\nconfirm_gap = 0\n"
                   "[trust]\npublic = %s/pki/public.pem\ncorp = %s/pki/private-ca.pem\n",
                   m->lab.dir, m->lab.dir, m->lab.dir, m->lab.dir);
    lab_write(&m->lab, "sslauto.conf", text);
}

static void matrix_open(struct matrix *m)
{
    const char *names[ROWS_MAX];
    size_t count = 0;
    m->rows = situations(&m->count);
    assert_true(m->count <= ROWS_MAX);
    for (size_t i = 0; i < m->count; i++) {
        plan_row(m, i);
    }
    // The first name is also the common name of every leaf.
    names[count++] = m->host[row_index(m, "name-only-in-cn")];
    for (size_t i = 0; i < m->count; i++) {
        if (!m->rows[i].host && !m->rows[i].like && strcmp(m->host[i], names[0]) != 0) {
            names[count++] = m->host[i];
        }
        if (m->rows[i].same_origin_host) {
            names[count++] = m->rows[i].same_origin_host;
        }
    }
    lab_open(&m->lab, names, count);
    write_config(m);
    for (size_t i = 0; i < m->count; i++) {
        build_row(m, i);
    }
    lab_start(&m->lab);
    struct buf zones;
    buf_init(&zones, LAB_OUTPUT);
    for (size_t i = 0; i < m->count; i++) {
        if (row_runs(m, i)) {
            add_zone(m, &zones, i);
        }
    }
    lab_write(&m->lab, "zones.jsonl", buf_str(&zones));
    buf_done(&zones);
}

static void zone_name(const struct matrix *m, size_t i, char name[128])
{
    (void)snprintf(name, 128, "%s.zone.test", m->rows[i].name);
}

// On a busy machine sslauto says that its own overload may have spoiled what it saw, and asks to
// scan again: so do we.
static void explain_row(struct matrix *m, size_t i)
{
    char zone[128];
    zone_name(m, i, zone);
    m->got[i] = answer_explain(&m->lab, zone, NULL);
    for (int tries = 0; tries < 5; tries++) {
        if (!answer_has_codes(json_object_get(m->got[i], "blockers"), "scanner_overload")) {
            return;
        }
        json_decref(m->got[i]);
        answer_expect_status(&m->lab, lab_sslauto(&m->lab, NULL, "scan", zone, NULL), zone);
        m->got[i] = answer_explain(&m->lab, zone, NULL);
    }
}

static void matrix_scan(struct matrix *m)
{
    char zones[300];
    (void)snprintf(zones, sizeof(zones), "%s/zones.jsonl", m->lab.dir);
    answer_expect_status(&m->lab, lab_sslauto(&m->lab, NULL, "zone", "import", zones, NULL),
                         "zone import");
    answer_expect_status(&m->lab, lab_sslauto(&m->lab, NULL, "scan", "--all", NULL), "scan --all");
    for (size_t i = 0; i < m->count; i++) {
        if (row_runs(m, i)) {
            explain_row(m, i);
        } else {
            print_message("%s: not run, there is no ::1 here\n", m->rows[i].name);
        }
    }
}

static int set_up(void **state)
{
    static struct matrix matrix;
    *state = &matrix;
    matrix_open(&matrix);
    matrix_scan(&matrix);
    return 0;
}

static int tear_down(void **state)
{
    struct matrix *m = *state;
    for (size_t i = 0; i < m->count; i++) {
        json_decref(m->got[i]);
    }
    lab_close(&m->lab);
    return 0;
}

// -- what is compared --------------------------------------------------------------------------

static void print_codes(const char *label, const json_t *findings)
{
    size_t i;
    const json_t *finding;
    print_message("    %s", label);
    json_array_foreach(findings, i, finding)
    {
        print_message(" %s", json_string_value(json_object_get(finding, "code")));
    }
    print_message("\n");
}

static bool row_holds(const struct situation *row, const json_t *got)
{
    const char *verdict = json_string_value(json_object_get(got, "verdict"));
    const json_t *reasons = json_object_get(got, "reasons");
    const json_t *blockers = json_object_get(got, "blockers");
    if (verdict && strcmp(verdict, verdict_str(row->verdict)) == 0 &&
        answer_mode(got, "mode_current") == row->mode &&
        answer_mode(got, "mode_recommended") == row->want &&
        answer_has_codes(reasons, row->reasons ? row->reasons : "") &&
        answer_has_codes(blockers, row->blockers ? row->blockers : "")) {
        return true;
    }
    print_message("row %s\n    expected %s, %s -> %s; reasons %s; blockers %s\n    got      %s, "
                  "%s -> %s\n",
                  row->name, verdict_str(row->verdict), mode_str(row->mode), mode_str(row->want),
                  row->reasons ? row->reasons : "-", row->blockers ? row->blockers : "-",
                  verdict ? verdict : "nothing", mode_str(answer_mode(got, "mode_current")),
                  mode_str(answer_mode(got, "mode_recommended")));
    print_codes("reasons ", reasons);
    print_codes("blockers", blockers);
    char *text = json_dumps(got, JSON_COMPACT);
    (void)puts(text); // print_message() would cut it
    free(text);
    return false;
}

static void test_every_row(void **state)
{
    const struct matrix *m = *state;
    size_t failed = 0;
    size_t run = 0;
    for (size_t i = 0; i < m->count; i++) {
        if (m->got[i]) {
            run++;
            failed += !row_holds(&m->rows[i], m->got[i]);
        }
    }
    print_message("%zu situations, %zu failed\n", run, failed);
    assert_int_equal(failed, 0);
    assert_true(run >= 100);
}

static void test_no_wrong_safe(void **state)
{
    const struct matrix *m = *state;
    for (size_t i = 0; i < m->count; i++) {
        if (!m->got[i]) {
            continue;
        }
        enum mode mode = answer_mode(m->got[i], "mode_recommended");
        if (mode > m->rows[i].mode && (m->rows[i].breaks & 1U << mode) != 0) {
            fail_msg("%s: %s is recommended and breaks the site", m->rows[i].name, mode_str(mode));
        }
    }
}

// The operator must be told something about every row: why it may rise, or what stands in its way.
static void test_every_answer_is_explained(void **state)
{
    const struct matrix *m = *state;
    for (size_t i = 0; i < m->count; i++) {
        if (!m->got[i]) {
            continue;
        }
        size_t said = json_array_size(json_object_get(m->got[i], "reasons")) +
                      json_array_size(json_object_get(m->got[i], "blockers"));
        if (said == 0) {
            fail_msg("%s: neither a reason nor a blocker", m->rows[i].name);
        }
    }
}

static void test_replay_agrees(void **state)
{
    const struct matrix *m = *state;
    for (size_t i = 0; i < m->count; i++) {
        char zone[128];
        if (!m->got[i]) {
            continue;
        }
        zone_name(m, i, zone);
        json_t *again = answer_explain(&m->lab, zone, "--replay");
        static const char *const members[] = {"mode_recommended", "verdict", "reasons", "blockers"};
        for (size_t k = 0; k < COUNT_OF(members); k++) {
            if (!json_equal(json_object_get(again, members[k]),
                            json_object_get(m->got[i], members[k]))) {
                fail_msg("%s: a replay gives another %s", m->rows[i].name, members[k]);
            }
        }
        json_decref(again);
    }
}

// A changed second look ends in `upgrade`, and the first look is not forgotten.
static void test_second_look_is_told(void **state)
{
    const struct matrix *m = *state;
    const json_t *got = m->got[row_index(m, "503-once-then-fine")];
    const json_t *origins = json_object_get(got, "origins");
    const json_t *origin = json_array_get(origins, 0);
    assert_string_equal(json_string_value(json_object_get(origin, "second_look")), "changed");
}

// Nothing is acted on that one scan saw: the next one has to say the same.
static void test_second_scan_confirms(void **state)
{
    struct matrix *m = *state;
    char zone[128];
    size_t i = row_index(m, "good");
    zone_name(m, i, zone);
    assert_false(json_is_true(json_object_get(m->got[i], "confirmed")));
    assert_true(answer_has_codes(json_object_get(m->got[i], "reasons"), "seen_once"));
    json_decref(m->got[i]);
    answer_expect_status(&m->lab, lab_sslauto(&m->lab, NULL, "scan", zone, NULL), zone);
    explain_row(m, i);
    assert_true(json_is_true(json_object_get(m->got[i], "confirmed")));
    assert_false(answer_has_codes(json_object_get(m->got[i], "reasons"), "seen_once"));
    json_t *again = answer_explain(&m->lab, zone, "--replay");
    assert_true(json_is_true(json_object_get(
        json_object_get(json_object_get(again, "replay"), "recommendation"), "confirmed")));
    json_decref(again);
}

static void serve(void)
{
    static struct matrix matrix;
    sigset_t wait_for;
    int signal_number = 0;
    (void)sigemptyset(&wait_for);
    (void)sigaddset(&wait_for, SIGINT);
    (void)sigaddset(&wait_for, SIGTERM);
    matrix_open(&matrix);
    for (size_t i = 0; i < matrix.count; i++) {
        (void)printf("%s\t%s\t%s\t%u\t%u\n", matrix.rows[i].name, matrix.host[i], matrix.address[i],
                     matrix.lab.http_port, matrix.lab.https_port);
    }
    (void)printf("%s\n", matrix.lab.dir);
    (void)fflush(stdout);
    (void)sigprocmask(SIG_BLOCK, &wait_for, NULL);
    (void)sigwait(&wait_for, &signal_number);
    lab_close(&matrix.lab);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--serve") == 0) {
        serve();
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row),
        cmocka_unit_test(test_no_wrong_safe),
        cmocka_unit_test(test_every_answer_is_explained),
        cmocka_unit_test(test_replay_agrees),
        cmocka_unit_test(test_second_look_is_told),
        cmocka_unit_test(test_second_scan_confirms),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
