// SPDX-License-Identifier: Apache-2.0
// What db/backend.h has for tests: stores in memory, clocks that stand, calls that fail.
#include <stdio.h>
#include <string.h>

#include "db/backend.h"
#include "tests/unit/db/sqlite/folder.h"

static int64_t count_zones(struct db *db)
{
    int64_t count = -1;
    assert_ok(db_zone_count(db, NULL, &count, NULL), NULL);
    return count;
}

static void insert(struct db *db, size_t number)
{
    OWN(zone_own) struct zone *zone = folder_zone(number);
    struct why why = {0};
    assert_ok(db_zone_insert(db, zone, &why), &why);
}

static void handles_of_a_name_share_a_store(void **state)
{
    (void)state;
    struct why why = {0};
    struct db *first = NULL;
    struct db *second = NULL;
    struct db *other = NULL;
    assert_ok(db_open_memory(&first, "shared-1", &why), &why);
    assert_ok(db_open_memory(&second, "shared-1", &why), &why);
    assert_ok(db_open_memory(&other, "other", &why), &why);
    insert(first, 1);
    assert_int_equal(count_zones(second), 1);
    insert(second, 2);
    assert_int_equal(count_zones(first), 2);
    assert_int_equal(count_zones(other), 0);
    // During a transaction of one the other waits for nothing.
    assert_ok(db_begin(first, &why), &why);
    insert(first, 3);
    OWN(zone_own) struct zone *late = folder_zone(4);
    assert_err(db_zone_insert(second, late, &why), ERR_BUSY);
    db_rollback(first);
    assert_int_equal(count_zones(second), 2);
    db_close(first);
    assert_int_equal(count_zones(second), 2);
    db_close(second);
    assert_ok(db_open_memory(&first, "shared-1", &why), &why);
    assert_int_equal(count_zones(first), 0); // gone with its last handle
    db_close(first);
    db_close(other);
}

static void a_name_is_plain(void **state)
{
    (void)state;
    struct db *db = NULL;
    static const char *const names[] = {"", "a/b", "a?mode=ro", "a%41", "a b"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_err(db_open_memory(&db, names[i], NULL), ERR_INVALID);
    }
    assert_null(db);
}

static void a_clock_that_stands(void **state)
{
    (void)state;
    struct why why = {0};
    struct db *db = NULL;
    struct db *twin = NULL;
    int64_t now = 0;
    assert_ok(db_open_memory(&db, "clock", &why), &why);
    assert_ok(db_open_memory(&twin, "clock", &why), &why);
    db_clock_set(db, 1000);
    assert_ok(db_now(db, &now, &why), &why);
    assert_int_equal(now, 1000);
    db_clock_shift(db, 5);
    assert_ok(db_now(db, &now, &why), &why);
    assert_int_equal(now, 1005);
    assert_ok(db_now(twin, &now, &why), &why);
    assert_true(now > 1700000000);
    db_clock_set(db, 0);
    assert_ok(db_now(db, &now, &why), &why);
    assert_true(now > 1700000000);
    db_close(db);
    db_close(twin);
}

static void the_call_that_was_named_fails(void **state)
{
    (void)state;
    struct why why = {0};
    struct db *db = NULL;
    assert_ok(db_open_memory(&db, "fail", &why), &why);
    OWN(zone_own) struct zone *zone = folder_zone(7);
    int64_t now = 0;
    db_fail_after(db, 2, ERR_FULL);
    assert_ok(db_now(db, &now, &why), &why);
    assert_ok(db_now(db, &now, &why), &why);
    assert_err(db_zone_insert(db, zone, &why), ERR_FULL);
    assert_non_null(strstr(why.text, "test"));
    assert_int_equal(count_zones(db), 0); // it never reached the store, and this one did
    db_fail_after(db, 0, ERR_BUSY);
    db_fail_after(db, 0, ERR_OK);
    assert_int_equal(count_zones(db), 0);
    db_close(db);
}

static void a_commit_that_fails_leaves_nothing(void **state)
{
    (void)state;
    struct why why = {0};
    struct db *db = NULL;
    assert_ok(db_open_memory(&db, "commit", &why), &why);
    assert_ok(db_begin(db, &why), &why);
    insert(db, 1);
    db_fail_after(db, 0, ERR_IO);
    assert_err(db_commit(db, &why), ERR_IO);
    assert_int_equal(count_zones(db), 0);
    insert(db, 2); // and it goes on
    assert_int_equal(count_zones(db), 1);
    db_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handles_of_a_name_share_a_store),
        cmocka_unit_test(a_name_is_plain),
        cmocka_unit_test(a_clock_that_stands),
        cmocka_unit_test(the_call_that_was_named_fails),
        cmocka_unit_test(a_commit_that_fails_leaves_nothing),
    };
    return cmocka_run_group_tests_name("doors for tests", tests, NULL, NULL);
}
