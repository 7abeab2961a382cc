// SPDX-License-Identifier: Apache-2.0
// kill -9 in mid-scan, 20 times at random moments: the store stays sound, and `scan --due` ends
// with exactly one scan of every zone, none lost and none recorded twice. So it does for zones that
// were named, and not due.
#include <signal.h>
#include <sqlite3.h>
#include <sys/random.h>
#include <unistd.h>

#include "core/time.h"
#include "tests/net/answer.h"
#include "tests/support/check.h"

#define ZONES     300
#define ADDRESSES 30
#define ROUNDS    20
#define NAMED     5 // rounds

struct counts {
    int64_t zones, scanned, scans, leased;
};

static void store_path(const struct lab *lab, char path[300])
{
    (void)snprintf(path, 300, "%s/sslauto.db", lab->dir);
}

static int64_t query(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    return value;
}

static struct counts count_store(const struct lab *lab)
{
    char path[300];
    sqlite3 *db = NULL;
    store_path(lab, path);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    (void)sqlite3_busy_timeout(db, 5000);
    struct counts counts = {
        .zones = query(db, "SELECT count(*) FROM zones"),
        .scanned = query(db, "SELECT count(*) FROM zones WHERE current_scan_id IS NOT NULL"),
        .scans = query(db, "SELECT count(*) FROM scans"),
        .leased = query(db, "SELECT count(*) FROM zones WHERE lease_owner IS NOT NULL"),
    };
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return counts;
}

static int set_up(void **state)
{
    static struct lab lab;
    static const char *const names[] = {"z.kill.test", "*.kill.test"};
    static const struct server site = SITE("boatyard");
    char text[2048];
    struct buf zones;
    *state = &lab;
    lab_open(&lab, names, COUNT_OF(names));
    buf_init(&zones, LAB_OUTPUT);
    for (unsigned i = 0; i < ADDRESSES; i++) {
        char address[32];
        (void)snprintf(address, sizeof(address), "127.22.%u.1", i);
        lab_add(&lab, address, "_", &site, &site, "good");
    }
    lab_start(&lab);
    for (unsigned i = 0; i < ZONES; i++) {
        assert_ok(buf_printf(&zones,
                             "{\"name\":\"z%u.kill.test\",\"mode\":\"flexible\",\"hosts\":["
                             "{\"name\":\"z%u.kill.test\",\"origins\":[{\"address\":"
                             "\"127.22.%u.1\",\"http_port\":%u,\"https_port\":%u}]}]}\n",
                             i, i, i % ADDRESSES, lab.http_port, lab.https_port),
                  NULL);
    }
    lab_write(&lab, "zones.jsonl", buf_str(&zones));
    buf_done(&zones);
    (void)snprintf(text, sizeof(text),
                   "[store]\nurl = sqlite://%s/sslauto.db\n"
                   "[crawl]\nallow_nets = 127.0.0.0/8\ngap = 0\npages = 1\nslots = 40\n"
                   "[scan]\nsecond_look = 100ms\n"
                   "[trust]\npublic = %s/pki/public.pem\n",
                   lab.dir, lab.dir);
    lab_write(&lab, "sslauto.conf", text);
    return 0;
}

static int tear_down(void **state)
{
    lab_close(*state);
    return 0;
}

static void fresh_store(const struct lab *lab)
{
    char path[320];
    char zones[320];
    static const char *const endings[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        (void)snprintf(path, sizeof(path), "%s/sslauto.db%s", lab->dir, endings[i]);
        (void)unlink(path);
    }
    (void)snprintf(zones, sizeof(zones), "%s/zones.jsonl", lab->dir);
    answer_expect_status(lab, lab_sslauto(lab, NULL, "zone", "import", zones, NULL), "zone import");
}

static void check_store(const struct lab *lab)
{
    struct buf out;
    buf_init(&out, LAB_OUTPUT);
    if (lab_sslauto(lab, &out, "db", "check", NULL) != 0) {
        lab_show_errors(lab);
        fail_msg("db check: %s", buf_str(&out));
    }
    buf_done(&out);
}

// So many scans each: none was lost, none recorded twice.
static void expect_complete(const struct lab *lab, int64_t each)
{
    struct counts end = count_store(lab);
    assert_int_equal(end.zones, ZONES);
    assert_int_equal(end.scanned, ZONES);
    assert_int_equal(end.scans, ZONES * each);
    assert_int_equal(end.leased, 0);
}

static int64_t random_below(int64_t limit)
{
    uint32_t value = 0;
    assert_int_equal(getrandom(&value, sizeof(value), 0), sizeof(value));
    return value % (limit < 1 ? 1 : limit);
}

// Starts a scan of all zones, by --all or by their names, kills it after that time, and says how
// many scans there are then.
static int64_t killed_scan(const struct lab *lab, bool by_name, int64_t after_ms)
{
    static char names[ZONES][32];
    const char *words[ZONES + 5] = {LAB_SSLAUTO, "--config", NULL, "scan", "--all"};
    char config[300];
    (void)snprintf(config, sizeof(config), "%s/sslauto.conf", lab->dir);
    words[2] = config;
    for (size_t i = 0; by_name && i < ZONES; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "z%zu.kill.test", i);
        words[4 + i] = names[i];
    }
    pid_t pid = lab_spawn(lab, words);
    lab_sleep_ms((long)after_ms);
    (void)kill(pid, SIGKILL);
    (void)lab_wait(pid);
    return count_store(lab).scans;
}

static void test_killed_scans_resume(void **state)
{
    const struct lab *lab = *state;
    int in_the_middle = 0;
    fresh_store(lab);
    int64_t began = time_monotonic_ms();
    answer_expect_status(lab, lab_sslauto(lab, NULL, "scan", "--all", NULL), "scan --all");
    int64_t whole_ms = time_monotonic_ms() - began;
    expect_complete(lab, 1);
    for (int i = 0; i < ROUNDS; i++) {
        fresh_store(lab);
        int64_t after_ms = whole_ms / 10 + random_below(whole_ms * 8 / 10);
        int64_t scanned = killed_scan(lab, false, after_ms);
        in_the_middle += scanned > 0 && scanned < ZONES;
        check_store(lab);
        answer_expect_status(lab, lab_sslauto(lab, NULL, "scan", "--due", NULL), "scan --due");
        check_store(lab);
        print_message("round %d: killed after %lld of %lld ms with %lld of %d zones done\n", i + 1,
                      (long long)after_ms, (long long)whole_ms, (long long)scanned, ZONES);
        expect_complete(lab, 1);
    }
    // Otherwise this test would prove nothing about the middle of a scan.
    assert_true(in_the_middle >= 3);
}

static void test_killed_scans_of_named_zones_resume(void **state)
{
    const struct lab *lab = *state;
    int in_the_middle = 0;
    for (int i = 0; i < NAMED; i++) {
        fresh_store(lab);
        int64_t began = time_monotonic_ms();
        answer_expect_status(lab, lab_sslauto(lab, NULL, "scan", "--all", NULL), "scan --all");
        int64_t whole_ms = time_monotonic_ms() - began;
        int64_t after_ms = whole_ms / 4 + random_below(whole_ms / 2);
        int64_t scans = killed_scan(lab, true, after_ms) - ZONES;
        in_the_middle += scans > 0 && scans < ZONES;
        answer_expect_status(lab, lab_sslauto(lab, NULL, "scan", "--due", NULL), "scan --due");
        check_store(lab);
        print_message("round %d: killed after %lld of %lld ms with %lld of %d zones done\n", i + 1,
                      (long long)after_ms, (long long)whole_ms, (long long)scans, ZONES);
        expect_complete(lab, 2);
    }
    assert_true(in_the_middle >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_killed_scans_resume),
        cmocka_unit_test(test_killed_scans_of_named_zones_resume),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
