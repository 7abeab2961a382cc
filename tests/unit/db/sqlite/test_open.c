// SPDX-License-Identifier: Apache-2.0
// What can lie in the place of a store, and who may do what with it. Every message names the
// place and the remedy.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/sqlite/sqlite.h"
#include "tests/unit/db/sqlite/folder.h"

static void assert_refused(struct folder *folder, const char *where, enum db_access access_kind,
                           enum err expected, const char *remedy)
{
    struct db *db = NULL;
    enum err e = db_open(&db, where, access_kind, &folder->why);
    if (e != expected || strstr(folder->why.text, where) == NULL ||
        strstr(folder->why.text, remedy) == NULL) {
        fail_msg("%s: %s, not %s: %s", where, err_str(e), err_str(expected), folder->why.text);
    }
    assert_null(db);
}

static void nothing_there(void **state)
{
    struct folder *folder = *state;
    assert_refused(folder, folder->store, DB_READ, ERR_NOT_FOUND, "sslauto db init");
    assert_refused(folder, folder->store, DB_WRITE, ERR_NOT_FOUND, "sslauto db init");
    folder_write(folder, "");
    assert_refused(folder, folder->store, DB_READ, ERR_NOT_FOUND, "sslauto db init");
    assert_refused(folder, folder->store, DB_WRITE, ERR_NOT_FOUND, "sslauto db init");
    folder_sql(folder, "CREATE TABLE t (a); DROP TABLE t");
    assert_refused(folder, folder->store, DB_READ, ERR_NOT_FOUND, "sslauto db init");
    folder_fill(folder, 1); // but it can be made there
    int from = 0;
    int to = 0;
    assert_err(db_migrate("/tmp/sslauto-none/none.db", &from, &to, &folder->why), ERR_NOT_FOUND);
}

static void forms_of_the_place(void **state)
{
    struct folder *folder = *state;
    char url[128];
    (void)snprintf(url, sizeof url, "sqlite://%s", folder->store);
    OWN(db_own) struct db *db = NULL;
    assert_ok(db_open(&db, url, DB_CREATE, &folder->why), &folder->why);
    OWN(db_own) struct db *same = NULL;
    assert_ok(db_open(&same, folder->store, DB_READ, &folder->why), &folder->why);
    assert_refused(folder, "sqlite://relative.db", DB_CREATE, ERR_INVALID, "three slashes");
    assert_refused(folder, "mysql://host/db", DB_READ, ERR_INVALID, "sqlite:///");
    assert_refused(folder, "file:store.db", DB_READ, ERR_NOT_FOUND, "init");
    assert_refused(folder, ":memory:", DB_READ, ERR_NOT_FOUND, "init");
}

static void only_the_last_folder_is_made(void **state)
{
    struct folder *folder = *state;
    char where[128];
    struct stat st = {0};
    (void)snprintf(where, sizeof where, "%s/new/store.db", folder->path);
    OWN(db_own) struct db *db = NULL;
    assert_ok(db_open(&db, where, DB_CREATE, &folder->why), &folder->why);
    assert_int_equal(stat(where, &st), 0);
    assert_int_equal(st.st_mode & 07, 0); // not for everybody
    (void)snprintf(where, sizeof where, "%s/typo/deep/store.db", folder->path);
    struct db *none = NULL;
    assert_err(db_open(&none, where, DB_CREATE, &folder->why), ERR_NOT_FOUND);
    assert_non_null(strstr(folder->why.text, "typo/deep"));
    assert_refused(folder, folder->path, DB_CREATE, ERR_INVALID, "is not a file");
}

static void files_that_are_no_store(void **state)
{
    struct folder *folder = *state;
    folder_write(folder, "Dear diary, this is not a database, but it is long enough for one. "
                         "It goes on and on, for more than a hundred bytes.\n");
    for (int access_kind = DB_READ; access_kind <= DB_CREATE; access_kind++) {
        assert_refused(folder, folder->store, (enum db_access)access_kind, ERR_CORRUPT,
                       "sslauto db backup");
    }
    assert_int_equal(unlink(folder->store), 0);
    folder_sql(folder, "CREATE TABLE bookmarks (url TEXT)");
    for (int access_kind = DB_READ; access_kind <= DB_CREATE; access_kind++) {
        assert_refused(folder, folder->store, (enum db_access)access_kind, ERR_INVALID,
                       "not an sslauto store");
    }
}

static void a_damaged_store(void **state)
{
    struct folder *folder = *state;
    folder_fill(folder, 200);
    int fd = open(folder->store, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    char noise[4096];
    memset(noise, 0xa5, sizeof noise);
    struct stat st = {0};
    assert_int_equal(fstat(fd, &st), 0);
    for (off_t at = 4096; at < st.st_size; at += 8192) {
        assert_int_equal(pwrite(fd, noise, sizeof noise, at), sizeof noise);
    }
    (void)close(fd);
    OWN(db_own) struct db *db = NULL;
    enum err e = db_open(&db, folder->store, DB_WRITE, &folder->why);
    int64_t count = 0;
    OWN(zone_own) struct zone *zone = NULL;
    if (e == ERR_OK) {
        e = db_zone_get(db, &zone, "site7.example", &folder->why);
    }
    if (e == ERR_OK) {
        e = db_zone_count(db, NULL, &count, &folder->why);
    }
    assert_err(e, ERR_CORRUPT);
    assert_non_null(strstr(folder->why.text, folder->store));
    assert_non_null(strstr(folder->why.text, "sslauto db backup"));
}

static void a_newer_store(void **state)
{
    struct folder *folder = *state;
    folder_fill(folder, 1);
    folder_sql(folder, "PRAGMA user_version = 4711");
    for (int access_kind = DB_READ; access_kind <= DB_CREATE; access_kind++) {
        assert_refused(folder, folder->store, (enum db_access)access_kind, ERR_NEWER, "4711");
        char knows[32];
        (void)snprintf(knows, sizeof knows, "knows %zu at most", schema_sqlite().step_count);
        assert_non_null(strstr(folder->why.text, knows));
    }
    int from = 0;
    int to = 0;
    assert_err(db_migrate(folder->store, &from, &to, &folder->why), ERR_NEWER);
}

static int read_ten_zones(struct folder *folder)
{
    OWN(db_own) struct db *db = NULL;
    int64_t count = 0;
    enum err e = db_open(&db, folder->store, DB_READ, &folder->why);
    if (e == ERR_OK) {
        e = db_zone_count(db, NULL, &count, &folder->why);
    }
    return e != ERR_OK || count != 10;
}

static int write_is_refused(struct folder *folder)
{
    struct db *db = NULL;
    enum err e = db_open(&db, folder->store, DB_WRITE, &folder->why);
    return e != ERR_READ_ONLY || strstr(folder->why.text, folder->store) == NULL ||
           strstr(folder->why.text, "writable") == NULL;
}

static void without_write_permission(void **state)
{
    struct folder *folder = *state;
    folder_fill(folder, 10);
    assert_int_equal(chmod(folder->store, 0444), 0);
    assert_int_equal(chmod(folder->path, 0555), 0);
    folder_as_nobody(folder, read_ten_zones);
    folder_as_nobody(folder, write_is_refused);
}

static int reading_is_refused(struct folder *folder)
{
    struct db *db = NULL;
    enum err e = db_open(&db, folder->store, DB_READ, &folder->why);
    return e != ERR_DENIED || strstr(folder->why.text, folder->store) == NULL;
}

static void without_read_permission(void **state)
{
    struct folder *folder = *state;
    folder_fill(folder, 10);
    assert_int_equal(chmod(folder->store, 0), 0);
    assert_int_equal(chmod(folder->path, 0555), 0);
    folder_as_nobody(folder, reading_is_refused);
}

static int log_is_named(struct folder *folder)
{
    struct db *db = NULL;
    enum err e = db_open(&db, folder->store, DB_READ, &folder->why);
    db_close(db);
    return e != ERR_READ_ONLY || strstr(folder->why.text, "-wal") == NULL;
}

// A log that cannot be applied is not ignored: what is in it was stored.
static void without_write_permission_beside_a_log(void **state)
{
    struct folder *folder = *state;
    folder_fill(folder, 10);
    assert_int_equal(chmod(folder->store, 0444), 0);
    char wal[128];
    (void)snprintf(wal, sizeof wal, "%s-wal", folder->store);
    FILE *file = fopen(wal, "we");
    assert_non_null(file);
    assert_true(fputs("something", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(wal, 0444), 0);
    assert_int_equal(chmod(folder->path, 0555), 0);
    folder_as_nobody(folder, log_is_named);
}

static void on_read_only_media(void **state)
{
    struct folder *folder = *state;
    if (mount("none", folder->path, "tmpfs", 0, "size=2m") != 0) {
        print_message("no right to mount a small file system: skipped\n");
        skip();
    }
    folder_fill(folder, 10);
    int remounted = mount("none", folder->path, "tmpfs", MS_REMOUNT | MS_RDONLY, "size=2m");
    int reads = read_ten_zones(folder);
    int refuses = write_is_refused(folder);
    assert_int_equal(umount(folder->path), 0);
    assert_int_equal(remounted, 0);
    assert_int_equal(reads, 0);
    assert_int_equal(refuses, 0);
}

static void a_writer_that_does_not_end(void **state)
{
    struct folder *folder = *state;
    folder_fill(folder, 1);
    OWN(db_own) struct db *first = NULL;
    OWN(db_own) struct db *second = NULL;
    assert_ok(db_open(&first, folder->store, DB_WRITE, &folder->why), &folder->why);
    assert_ok(db_open(&second, folder->store, DB_WRITE, &folder->why), &folder->why);
    assert_int_equal(sqlite3_busy_timeout(sqlite_of(second)->handle, 50), SQLITE_OK);
    assert_ok(db_begin(first, &folder->why), &folder->why);
    OWN(zone_own) struct zone *zone = folder_zone(77);
    assert_err(db_zone_insert(second, zone, &folder->why), ERR_BUSY);
    assert_non_null(strstr(folder->why.text, folder->store));
    db_rollback(first);
    assert_ok(db_zone_insert(second, zone, &folder->why), &folder->why);
}

static void a_reader_never_writes(void **state)
{
    struct folder *folder = *state;
    folder_fill(folder, 10);
    OWN(db_own) struct db *db = NULL;
    assert_ok(db_open(&db, folder->store, DB_READ, &folder->why), &folder->why);
    OWN(zone_own) struct zone *zone = folder_zone(77);
    assert_err(db_zone_insert(db, zone, &folder->why), ERR_READ_ONLY);
    assert_non_null(strstr(folder->why.text, folder->store));
    int64_t count = 0;
    assert_ok(db_zone_count(db, NULL, &count, &folder->why), &folder->why);
    assert_int_equal(count, 10);
}

static void a_reader_sees_what_a_writer_stores(void **state)
{
    struct folder *folder = *state;
    folder_fill(folder, 1);
    OWN(db_own) struct db *writer = NULL;
    OWN(db_own) struct db *reader = NULL;
    assert_ok(db_open(&writer, folder->store, DB_WRITE, &folder->why), &folder->why);
    assert_ok(db_open(&reader, folder->store, DB_READ, &folder->why), &folder->why);
    OWN(zone_own) struct zone *zone = folder_zone(77);
    assert_ok(db_begin(writer, NULL), NULL);
    assert_ok(db_zone_insert(writer, zone, &folder->why), &folder->why);
    int64_t count = 0;
    assert_ok(db_zone_count(reader, NULL, &count, &folder->why), &folder->why);
    assert_int_equal(count, 1);
    assert_ok(db_commit(writer, NULL), NULL);
    assert_ok(db_zone_count(reader, NULL, &count, &folder->why), &folder->why);
    assert_int_equal(count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(nothing_there),
        folder_test(forms_of_the_place),
        folder_test(only_the_last_folder_is_made),
        folder_test(files_that_are_no_store),
        folder_test(a_damaged_store),
        folder_test(a_newer_store),
        folder_test(without_write_permission),
        folder_test(without_read_permission),
        folder_test(without_write_permission_beside_a_log),
        folder_test(on_read_only_media),
        folder_test(a_writer_that_does_not_end),
        folder_test(a_reader_never_writes),
        folder_test(a_reader_sees_what_a_writer_stores),
    };
    return cmocka_run_group_tests_name("sqlite open", tests, NULL, NULL);
}
