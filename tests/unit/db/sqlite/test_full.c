// SPDX-License-Identifier: Apache-2.0
// No space left: the message says so, what was stored before stays, and it goes on afterwards.
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/sqlite/sqlite.h"
#include "tests/unit/db/sqlite/folder.h"

static void no_complaint(void *ctx, const char *complaint)
{
    (void)ctx;
    fail_msg("%s", complaint);
}

// Where a file system is mounted that a failed assertion would leave behind.
static void ignore(void *ctx, const char *complaint)
{
    (void)ctx;
    (void)complaint;
}

static int64_t count_zones(struct db *db)
{
    int64_t count = -1;
    assert_ok(db_zone_count(db, NULL, &count, NULL), NULL);
    return count;
}

// Adds zones, each in its own transaction, until it fails; *stored counts.
static enum err fill_up(struct db *db, size_t *stored, struct why *why)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < 100000; i++) {
        OWN(zone_own) struct zone *zone = folder_zone(1000 + i);
        e = db_zone_insert(db, zone, why);
        *stored += e == ERR_OK;
    }
    return e;
}

// SQLite's own bound on the size of a file stands in for the disk's.
static void set_pages(struct db *db, int pages)
{
    char sql[64];
    (void)snprintf(sql, sizeof sql, "PRAGMA max_page_count = %d", pages);
    assert_ok(sqlite_run(sqlite_of(db), sql, NULL, "test"), NULL);
}

static void what_was_stored_stays(void **state)
{
    struct folder *folder = *state;
    OWN(db_own) struct db *db = NULL;
    assert_ok(db_open(&db, folder->store, DB_CREATE, &folder->why), &folder->why);
    set_pages(db, 60);
    size_t stored = 0;
    assert_err(fill_up(db, &stored, &folder->why), ERR_FULL);
    assert_non_null(strstr(folder->why.text, folder->store));
    assert_non_null(strstr(folder->why.text, "free space"));
    assert_true(stored > 10);
    assert_int_equal(count_zones(db), stored);
    assert_ok(db_check(db, no_complaint, NULL, &folder->why), &folder->why);
    set_pages(db, 1000000);
    OWN(zone_own) struct zone *zone = folder_zone(0);
    assert_ok(db_zone_insert(db, zone, &folder->why), &folder->why);
}

static void an_open_transaction_can_be_left(void **state)
{
    struct folder *folder = *state;
    folder_fill(folder, 3);
    OWN(db_own) struct db *db = NULL;
    assert_ok(db_open(&db, folder->store, DB_WRITE, &folder->why), &folder->why);
    set_pages(db, 60);
    assert_ok(db_begin(db, &folder->why), &folder->why);
    size_t stored = 0;
    assert_err(fill_up(db, &stored, &folder->why), ERR_FULL);
    assert_true(stored > 10);
    db_rollback(db);
    set_pages(db, 1000000);
    assert_int_equal(count_zones(db), 3);
    OWN(zone_own) struct zone *zone = folder_zone(50);
    assert_ok(db_zone_insert(db, zone, &folder->why), &folder->why);
    assert_int_equal(count_zones(db), 4);
}

// SQLite may undo a whole transaction by itself (a full disk, no memory). What is added to it
// afterwards must not be stored alone, as if the first part were there.
static void an_undone_transaction_takes_nothing_more(void **state)
{
    struct folder *folder = *state;
    folder_fill(folder, 3);
    OWN(db_own) struct db *db = NULL;
    assert_ok(db_open(&db, folder->store, DB_WRITE, &folder->why), &folder->why);
    OWN(zone_own) struct zone *first = folder_zone(50);
    OWN(zone_own) struct zone *second = folder_zone(51);
    assert_ok(db_begin(db, &folder->why), &folder->why);
    assert_ok(db_zone_insert(db, first, &folder->why), &folder->why);
    assert_int_equal(sqlite3_exec(sqlite_of(db)->handle, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    assert_err(db_zone_insert(db, second, &folder->why), ERR_IO);
    assert_non_null(strstr(folder->why.text, "nothing of this transaction"));
    assert_err(db_commit(db, &folder->why), ERR_IO);
    assert_int_equal(count_zones(db), 3);
    assert_ok(db_zone_insert(db, second, &folder->why), &folder->why);
}

static size_t files_in(const char *path)
{
    DIR *dir = opendir(path);
    assert_non_null(dir);
    size_t count = 0;
    const struct dirent *entry = NULL;
    while ((entry = readdir(dir)) != NULL) {
        count += entry->d_name[0] != '.';
    }
    (void)closedir(dir);
    return count;
}

static void a_backup_without_space_leaves_nothing(void **state)
{
    struct folder *folder = *state;
    folder_fill(folder, 20000);
    OWN(db_own) struct db *db = NULL;
    assert_ok(db_open(&db, folder->store, DB_READ, &folder->why), &folder->why);
    char disk[96];
    char copy[128];
    (void)snprintf(disk, sizeof disk, "%s/disk", folder->path);
    (void)snprintf(copy, sizeof copy, "%s/copy.db", disk);
    assert_int_equal(mkdir(disk, 0700), 0);
    if (mount("none", disk, "tmpfs", 0, "size=1m") != 0) {
        print_message("no right to mount a small file system: skipped\n");
        skip();
    }
    enum err e = db_backup(db, copy, &folder->why);
    size_t left = files_in(disk);
    assert_int_equal(umount(disk), 0);
    assert_err(e, ERR_FULL);
    assert_non_null(strstr(folder->why.text, copy));
    assert_int_equal(left, 0);
}

static void a_full_disk(void **state)
{
    struct folder *folder = *state;
    if (mount("none", folder->path, "tmpfs", 0, "size=2m") != 0) {
        print_message("no right to mount a small file system: skipped\n");
        skip();
    }
    struct db *db = NULL;
    enum err e = db_open(&db, folder->store, DB_CREATE, &folder->why);
    size_t stored = 0;
    e = e != ERR_OK ? e : fill_up(db, &stored, &folder->why);
    struct why why = folder->why;
    int64_t count = db == NULL ? -1 : count_zones(db);
    db_close(db);
    db = NULL;
    // Another process finds all of it, on the disk that is still full.
    enum err again = db_open(&db, folder->store, DB_READ, &folder->why);
    int64_t count_again = again == ERR_OK ? count_zones(db) : -1;
    enum err checked = again == ERR_OK ? db_check(db, ignore, NULL, &folder->why) : again;
    db_close(db);
    assert_int_equal(umount(folder->path), 0);
    assert_err(e, ERR_FULL);
    assert_non_null(strstr(why.text, folder->store));
    assert_true(stored > 10);
    assert_int_equal(count, stored);
    assert_ok(again, &folder->why);
    assert_int_equal(count_again, stored);
    assert_ok(checked, &folder->why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(what_was_stored_stays),
        folder_test(an_open_transaction_can_be_left),
        folder_test(an_undone_transaction_takes_nothing_more),
        folder_test(a_backup_without_space_leaves_nothing),
        folder_test(a_full_disk),
    };
    return cmocka_run_group_tests_name("sqlite full", tests, NULL, NULL);
}
