// SPDX-License-Identifier: Apache-2.0
// Several processes at one store, and processes that die in the middle of a write.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/contract/contract.h"

#define WORKERS 4
#define ZONES   2000

struct tally {
    int claims[ZONES];
};

// The number in "site00042.example".
static size_t number_of(const struct zone *zone)
{
    return (size_t)strtoul(zone->name + 4, NULL, 10);
}

// In a child: cmocka's assertions would jump into the parent's stack, so exit codes speak.
static int claim_all(const char *where, int worker, struct tally *tally)
{
    OWN(db_own) struct db *db = NULL;
    char owner[16];
    (void)snprintf(owner, sizeof owner, "worker %d", worker);
    if (db_open(&db, where, DB_WRITE, NULL) != ERR_OK) {
        return 2;
    }
    while (true) {
        struct db_lease leases[17];
        size_t count = 0;
        if (db_claim(db, owner, 600, COUNT_OF(leases), leases, &count, NULL) != ERR_OK) {
            return 3;
        }
        if (count == 0) {
            return 0;
        }
        for (size_t i = 0; i < count; i++) {
            (void)__atomic_fetch_add(&tally->claims[number_of(leases[i].zone)], 1,
                                     __ATOMIC_SEQ_CST);
            struct db_scan scan = scan_of(leases[i].zone->id);
            scan.next_scan_at = 4000000000;
            if (db_scan_commit(db, &scan, leases[i].epoch, NULL) != ERR_OK) {
                return 4;
            }
            zone_free(leases[i].zone);
        }
    }
}

static void no_complaint(void *ctx, const char *complaint)
{
    (void)ctx;
    fail_msg("%s", complaint);
}

static void each_zone_is_claimed_exactly_once(void **state)
{
    struct store *store = *state;
    insert_zones(store, ZONES);
    db_close(store->db); // no handle may cross a fork
    store->db = NULL;
    struct tally *tally =
        mmap(NULL, sizeof *tally, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(tally != MAP_FAILED);
    pid_t workers[WORKERS];
    for (int i = 0; i < WORKERS; i++) {
        workers[i] = fork();
        assert_true(workers[i] >= 0);
        if (workers[i] == 0) {
            _exit(claim_all(store->where, i, tally));
        }
    }
    for (int i = 0; i < WORKERS; i++) {
        int status = -1;
        assert_int_equal(waitpid(workers[i], &status, 0), workers[i]);
        assert_int_equal(status, 0);
    }
    for (size_t i = 0; i < ZONES; i++) {
        assert_int_equal(tally->claims[i], 1);
    }
    assert_int_equal(munmap(tally, sizeof *tally), 0);
    store->db = store_open(store, DB_WRITE);
    assert_ok(db_check(store->db, no_complaint, NULL, &store->why), &store->why);
}

// Writes of every kind until somebody kills it; tells on fd what it believes to be stored.
static int write_until_killed(const char *where, int round, int fd)
{
    OWN(db_own) struct db *db = NULL;
    if (db_open(&db, where, DB_WRITE, NULL) != ERR_OK) {
        return 2;
    }
    for (int n = 0;; n++) {
        char name[40];
        (void)snprintf(name, sizeof name, "round%02d-%05d.example", round, n);
        OWN(zone_own) struct zone *zone = zone_of(name, "killed");
        struct db_lease lease = {0};
        struct db_scan scan = scan_of(zone->id);
        scan.next_scan_at = 4000000000;
        struct db_event event = {
            .zone_id = zone->id, .actor = "test", .kind = "scanned", .detail = name};
        if (db_zone_insert(db, zone, NULL) != ERR_OK ||
            db_claim_zone(db, "killed", 60, zone->id, &lease, NULL) != ERR_OK ||
            db_scan_commit(db, &scan, lease.epoch, NULL) != ERR_OK ||
            db_event_add(db, &event, NULL) != ERR_OK) {
            return 3;
        }
        zone_free(lease.zone);
        if (write(fd, zone->id, 32) != 32) {
            return 4;
        }
    }
}

// Every zone that the writer told us of is there, with its scan.
static size_t assert_told_is_stored(struct store *store, int fd)
{
    size_t count = 0;
    char id[33] = "";
    while (read(fd, id, 32) == 32) {
        OWN(db_scan_done) struct db_scan scan = {0};
        assert_ok(db_scan_current(store->db, id, &scan, &store->why), &store->why);
        count++;
    }
    return count;
}

static void a_killed_writer_leaves_a_sound_store(void **state)
{
    struct store *store = *state;
    size_t told = 0;
    srandom(20261121);
    for (int round = 0; round < 20; round++) {
        db_close(store->db);
        store->db = NULL;
        int pipe_fds[2];
        assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
        pid_t writer = fork();
        assert_true(writer >= 0);
        if (writer == 0) {
            _exit(write_until_killed(store->where, round, pipe_fds[1]));
        }
        (void)close(pipe_fds[1]);
        (void)usleep(20000 + (unsigned)(random() % 60000));
        assert_int_equal(kill(writer, SIGKILL), 0);
        int status = 0;
        assert_int_equal(waitpid(writer, &status, 0), writer);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        store->db = store_open(store, DB_WRITE);
        assert_ok(db_check(store->db, no_complaint, NULL, &store->why), &store->why);
        told += assert_told_is_stored(store, pipe_fds[0]);
        (void)close(pipe_fds[0]);
    }
    assert_true(told > 20); // the test killed writers at work
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_zone_is_claimed_exactly_once),
        cmocka_unit_test(a_killed_writer_leaves_a_sound_store),
    };
    return contract_run("processes", tests, COUNT_OF(tests));
}
