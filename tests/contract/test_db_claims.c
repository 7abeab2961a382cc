// SPDX-License-Identifier: Apache-2.0
// Due rollouts are claimed oldest first, by one controller at a time, and come back by themselves.
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/limits.h"
#include "tests/contract/rollouts.h"

#define CLAIM_S 20

// Zones z0.example, ... whose rollouts are due at T0 + ticks[i].
static void start_all(struct store *store, const int *ticks, size_t count, char ids[][33])
{
    for (size_t i = 0; i < count; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "z%zu.example", i);
        insert_zone(store, name, ids[i]);
        start_rollout(store, ids[i], ROLLOUT_RAMPING, T0 + ticks[i]);
    }
}

static size_t claim(struct db *db, const char *owner, size_t max, struct rollout *out)
{
    size_t count = 99;
    struct why why = {0};
    assert_ok(db_rollout_claim(db, owner, CLAIM_S, max, out, &count, &why), &why);
    return count;
}

static void oldest_first_and_none_twice(void **state)
{
    struct store *store = *state;
    static const int ticks[] = {30, 10, 20, 50, 40, 60};
    char ids[COUNT_OF(ticks)][33];
    struct rollout got[8];
    db_clock_set(store->db, T0);
    assert_int_equal(claim(store->db, "a", 8, got), 0);
    start_all(store, ticks, COUNT_OF(ticks), ids);
    db_clock_set(store->db, T0 + 9);
    assert_int_equal(claim(store->db, "a", 8, got), 0);
    db_clock_set(store->db, T0 + 50);
    struct db *other = store_open(store, DB_WRITE);
    db_clock_set(other, T0 + 50);
    assert_int_equal(claim(store->db, "a", 2, got), 2);
    assert_string_equal(got[0].zone_id, ids[1]);
    assert_string_equal(got[1].zone_id, ids[2]);
    assert_int_equal(got[0].version, 1); // a claim is no change
    assert_int_equal(got[0].tick_at, T0 + 10);
    assert_int_equal(claim(other, "b", 8, got), 3);
    assert_string_equal(got[0].zone_id, ids[0]);
    assert_string_equal(got[1].zone_id, ids[4]);
    assert_string_equal(got[2].zone_id, ids[3]);
    assert_int_equal(claim(store->db, "a", 8, got), 0);
    assert_int_equal(claim(store->db, "a", 0, got), 0);
    db_close(other);
}

static void a_claim_runs_out(void **state)
{
    struct store *store = *state;
    static const int ticks[] = {0, 0};
    char ids[2][33];
    struct rollout got[4];
    start_all(store, ticks, 2, ids);
    db_clock_set(store->db, T0);
    assert_int_equal(claim(store->db, "gone", 4, got), 2);
    struct rollout mine = got[0];
    int64_t at = 0;
    assert_ok(db_rollout_next(store->db, &at, &store->why), &store->why);
    assert_int_equal(at, T0 + CLAIM_S);
    db_clock_set(store->db, T0 + CLAIM_S - 1);
    assert_int_equal(claim(store->db, "heir", 4, got), 0);
    db_clock_set(store->db, T0 + CLAIM_S);
    assert_int_equal(claim(store->db, "heir", 4, got), 2);
    // The slow one may still write, for nobody has meanwhile; then the heir may not.
    mine.tick_at = T0 + 100;
    assert_ok(db_rollout_update(store->db, &mine, NULL, &store->why), &store->why);
    struct rollout *stale = strcmp(got[0].zone_id, mine.zone_id) == 0 ? &got[0] : &got[1];
    assert_err(db_rollout_update(store->db, stale, NULL, &store->why), ERR_CONFLICT);
}

static void nobody_starves(void **state)
{
    struct store *store = *state;
    static const int ticks[] = {0, 1, 2, 3, 4};
    char ids[5][33];
    size_t served[5] = {0};
    start_all(store, ticks, 5, ids);
    // Two places per second, five rollouts that are all due again at once.
    for (int now = 10; now < 60; now++) {
        struct rollout got[2];
        db_clock_set(store->db, T0 + now);
        size_t count = claim(store->db, "a", 2, got);
        assert_int_equal(count, 2);
        for (size_t i = 0; i < count; i++) {
            for (size_t z = 0; z < 5; z++) {
                served[z] += strcmp(ids[z], got[i].zone_id) == 0;
            }
            got[i].tick_at = T0 + now;
            assert_ok(db_rollout_update(store->db, &got[i], NULL, &store->why), &store->why);
        }
    }
    for (size_t z = 0; z < 5; z++) {
        assert_in_range(served[z], 15, 25); // 20 each, but for those of one second
    }
}

static void a_write_gives_the_claim_back(void **state)
{
    struct store *store = *state;
    static const int ticks[] = {0};
    char ids[1][33];
    struct rollout got;
    start_all(store, ticks, 1, ids);
    db_clock_set(store->db, T0);
    assert_int_equal(claim(store->db, "a", 1, &got), 1);
    got.tick_at = T0 + 5;
    assert_ok(db_rollout_update(store->db, &got, NULL, &store->why), &store->why);
    int64_t at = 0;
    assert_ok(db_rollout_next(store->db, &at, &store->why), &store->why);
    assert_int_equal(at, T0 + 5);
    db_clock_set(store->db, T0 + 5);
    assert_int_equal(claim(store->db, "b", 1, &got), 1);
}

static void what_rests_is_never_due(void **state)
{
    struct store *store = *state;
    static const int ticks[] = {0, 7};
    char ids[2][33];
    struct rollout got[2];
    int64_t at = -1;
    assert_ok(db_rollout_next(store->db, &at, &store->why), &store->why);
    assert_int_equal(at, 0);
    start_all(store, ticks, 2, ids);
    assert_ok(db_rollout_next(store->db, &at, &store->why), &store->why);
    assert_int_equal(at, T0);
    for (size_t i = 0; i < 2; i++) {
        struct rollout rollout;
        assert_ok(db_rollout_get(store->db, ids[i], &rollout, &store->why), &store->why);
        struct rollout_event event = event_of(ROLLOUT_DONE, ROLLOUT_REASON_NONE);
        rollout.state = ROLLOUT_DONE;
        rollout.tick_at = 0;
        assert_ok(db_rollout_update(store->db, &rollout, &event, &store->why), &store->why);
    }
    assert_ok(db_rollout_next(store->db, &at, &store->why), &store->why);
    assert_int_equal(at, 0);
    assert_int_equal(claim(store->db, "a", 2, got), 0);
}

// An attempt that another one follows is over, whenever it was due itself.
static void what_is_followed_is_never_due(void **state)
{
    struct store *store = *state;
    static const int ticks[] = {0};
    char ids[1][33];
    struct rollout got[4];
    db_clock_set(store->db, T0);
    start_all(store, ticks, 1, ids);
    struct rollout first;
    struct rollout_event event = event_of(ROLLOUT_COOLDOWN, ROLLOUT_REASON_TLS);
    assert_ok(db_rollout_get(store->db, ids[0], &first, &store->why), &store->why);
    first.state = ROLLOUT_COOLDOWN;
    first.reason = ROLLOUT_REASON_TLS;
    first.share_bp = 0;
    first.cooldown_until = T0 + 100;
    first.tick_at = T0 + 100;
    assert_ok(db_rollout_update(store->db, &first, &event, &store->why), &store->why);
    struct rollout next = rollout_of(ids[0], 2);
    next.tick_at = 0;
    assert_ok(db_rollout_insert(store->db, &next, NULL, &store->why), &store->why);
    int64_t at = 99;
    assert_ok(db_rollout_next(store->db, &at, &store->why), &store->why);
    assert_int_equal(at, 0);
    db_clock_set(store->db, T0 + 1000);
    assert_int_equal(claim(store->db, "a", 4, got), 0);
}

static void what_no_claim_is(void **state)
{
    struct store *store = *state;
    struct rollout got;
    size_t count = 0;
    assert_err(db_rollout_claim(store->db, "", 20, 1, &got, &count, &store->why), ERR_INVALID);
    assert_err(db_rollout_claim(store->db, "a", 0, 1, &got, &count, &store->why), ERR_LIMIT);
    assert_err(db_rollout_claim(store->db, "a", LIMIT_LEASE_S + 1, 1, &got, &count, &store->why),
               ERR_LIMIT);
}

#define CONTROLLERS 20
#define ROLLOUTS    2000

struct tally {
    int claims[ROLLOUTS];
};

// In a child: cmocka's assertions would jump into the parent's stack, so exit codes speak.
static int claim_all(const char *where, int controller, struct tally *tally)
{
    OWN(db_own) struct db *db = NULL;
    char owner[32];
    (void)snprintf(owner, sizeof owner, "controller %d", controller);
    if (db_open(&db, where, DB_WRITE, NULL) != ERR_OK) {
        return 2;
    }
    while (true) {
        struct rollout got[7];
        size_t count = 0;
        if (db_rollout_claim(db, owner, 600, COUNT_OF(got), got, &count, NULL) != ERR_OK) {
            return 3;
        }
        if (count == 0) {
            return 0;
        }
        for (size_t i = 0; i < count; i++) {
            (void)__atomic_fetch_add(&tally->claims[got[i].failed_before], 1, __ATOMIC_SEQ_CST);
            struct rollout_event event = event_of(ROLLOUT_RAMPING, ROLLOUT_REASON_NONE);
            got[i].tick_at = 4000000000;
            if (db_rollout_update(db, &got[i], &event, NULL) != ERR_OK) {
                return 4;
            }
        }
    }
}

static void many_controllers_claim_each_once(void **state)
{
    struct store *store = *state;
    assert_ok(db_begin(store->db, &store->why), &store->why);
    for (int i = 0; i < ROLLOUTS; i++) {
        char name[40];
        char id[33];
        (void)snprintf(name, sizeof name, "z%d.example", i);
        insert_zone(store, name, id);
        struct rollout rollout = rollout_of(id, 1);
        rollout.failed_before = i; // its number
        rollout.tick_at = 1 + i / 3;
        assert_ok(db_rollout_insert(store->db, &rollout, NULL, &store->why), &store->why);
    }
    assert_ok(db_commit(store->db, &store->why), &store->why);
    db_close(store->db); // no handle may cross a fork
    store->db = NULL;
    struct tally *tally =
        mmap(NULL, sizeof *tally, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(tally != MAP_FAILED);
    pid_t controllers[CONTROLLERS];
    for (int i = 0; i < CONTROLLERS; i++) {
        controllers[i] = fork();
        assert_true(controllers[i] >= 0);
        if (controllers[i] == 0) {
            _exit(claim_all(store->where, i, tally));
        }
    }
    for (int i = 0; i < CONTROLLERS; i++) {
        int status = -1;
        assert_int_equal(waitpid(controllers[i], &status, 0), controllers[i]);
        assert_int_equal(status, 0);
    }
    for (size_t i = 0; i < ROLLOUTS; i++) {
        assert_int_equal(tally->claims[i], 1);
    }
    assert_int_equal(munmap(tally, sizeof *tally), 0);
    store->db = store_open(store, DB_WRITE);
    assert_int_equal(count_events(store, NULL, 0), ROLLOUTS);
    assert_ok(db_check(store->db, no_complaint, NULL, &store->why), &store->why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(oldest_first_and_none_twice),
        cmocka_unit_test(a_claim_runs_out),
        cmocka_unit_test(nobody_starves),
        cmocka_unit_test(a_write_gives_the_claim_back),
        cmocka_unit_test(what_rests_is_never_due),
        cmocka_unit_test(what_is_followed_is_never_due),
        cmocka_unit_test(what_no_claim_is),
        cmocka_unit_test(many_controllers_claim_each_once),
    };
    return contract_run("claims", tests, COUNT_OF(tests));
}
