// SPDX-License-Identifier: Apache-2.0
// From nothing, from an older schema, and back out of a migration that fails.
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/sqlite/sqlite.h"
#include "tests/unit/db/sqlite/folder.h"

static void from_nothing(void **state)
{
    struct folder *folder = *state;
    folder_sql(folder, "CREATE TABLE t (a); DROP TABLE t");
    int from = -1;
    int to = -1;
    assert_ok(db_migrate(folder->store, &from, &to, &folder->why), &folder->why);
    assert_int_equal(from, 0);
    assert_int_equal(to, (int)schema_sqlite().step_count);
    assert_ok(db_migrate(folder->store, &from, &to, &folder->why), &folder->why);
    assert_int_equal(from, to);
    OWN(db_own) struct db *db = NULL;
    assert_ok(db_open(&db, folder->store, DB_WRITE, &folder->why), &folder->why);
}

static enum err upgrade(struct folder *folder, struct schema schema, int *from, int *to)
{
    struct sqlite_db *db = NULL;
    enum err e = sqlite_open_raw(&db, folder->store, DB_WRITE, &folder->why);
    if (e == ERR_OK) {
        e = sqlite_upgrade(db, schema, from, to, &folder->why);
        sqlite_close(&db->base);
    }
    return e;
}

static int64_t number(struct folder *folder, const char *sql)
{
    struct sqlite_db *db = NULL;
    int64_t n = -1;
    assert_ok(sqlite_open_raw(&db, folder->store, DB_WRITE, &folder->why), &folder->why);
    assert_ok(sqlite_number(db, sql, &n, &folder->why), &folder->why);
    sqlite_close(&db->base);
    return n;
}

// This program's schema and up to two steps of a later one.
struct later {
    struct schema_step steps[16];
    size_t count;
};

static void later_add(struct later *later, const char *name, const char *sql)
{
    if (later->count == 0) {
        struct schema ours = schema_sqlite();
        assert_true(ours.step_count + 2 <= COUNT_OF(later->steps));
        memcpy(later->steps, ours.steps, ours.step_count * sizeof *ours.steps);
        later->count = ours.step_count;
    }
    later->steps[later->count] = (struct schema_step){(int)later->count + 1, name, sql};
    later->count++;
}

// A later sslauto, as this one will be to its stores: its schema rebuilds a table.
static void an_older_store_with_its_rows(void **state)
{
    struct folder *folder = *state;
    folder_fill(folder, 5);
    struct later later = {0};
    later_add(&later, "regions",
              "CREATE TABLE regions (name TEXT) STRICT;"
              "CREATE TABLE hosts_new (zone_key INTEGER, host_position INTEGER, name TEXT,"
              " PRIMARY KEY (zone_key, host_position)) STRICT, WITHOUT ROWID;"
              "INSERT INTO hosts_new SELECT zone_key, host_position, name FROM hosts;"
              "DROP TABLE hosts;"
              "ALTER TABLE hosts_new RENAME TO hosts;");
    later_add(&later, "more", "INSERT INTO regions VALUES ('east')");
    int newest = (int)schema_sqlite().step_count;
    int from = 0;
    int to = 0;
    assert_ok(upgrade(folder, (struct schema){later.steps, later.count}, &from, &to), &folder->why);
    assert_int_equal(from, newest);
    assert_int_equal(to, newest + 2);
    assert_int_equal(number(folder, "PRAGMA user_version"), newest + 2);
    assert_int_equal(number(folder, "SELECT count(*) FROM hosts"), 5);
    assert_int_equal(number(folder, "SELECT count(*) FROM origins"), 5);
    // This program is older than that store now.
    struct db *db = NULL;
    assert_err(db_open(&db, folder->store, DB_WRITE, &folder->why), ERR_NEWER);
    char words[32];
    (void)snprintf(words, sizeof words, "schema %d", newest + 2);
    assert_non_null(strstr(folder->why.text, words));
    (void)snprintf(words, sizeof words, "knows %d", newest);
    assert_non_null(strstr(folder->why.text, words));
}

static void a_step_that_fails_changes_nothing(void **state)
{
    struct folder *folder = *state;
    folder_fill(folder, 5);
    struct later later = {0};
    later_add(&later, "good", "CREATE TABLE regions (name TEXT) STRICT; DELETE FROM origins");
    later_add(&later, "bad_step", "INSERT INTO nowhere VALUES (1)");
    int from = -1;
    int to = -1;
    enum err e = upgrade(folder, (struct schema){later.steps, later.count}, &from, &to);
    assert_int_not_equal(e, ERR_OK);
    assert_non_null(strstr(folder->why.text, "bad_step"));
    assert_int_equal(from, -1);
    assert_int_equal(number(folder, "PRAGMA user_version"), schema_sqlite().step_count);
    assert_int_equal(number(folder, "SELECT count(*) FROM origins"), 5);
    assert_int_equal(number(folder, "SELECT count(*) FROM sqlite_schema WHERE name = 'regions'"),
                     0);
}

static void a_step_that_breaks_references_is_undone(void **state)
{
    struct folder *folder = *state;
    folder_fill(folder, 5);
    struct later later = {0};
    later_add(&later, "orphans", "DELETE FROM zones WHERE name = 'site3.example'");
    int from = 0;
    int to = 0;
    assert_err(upgrade(folder, (struct schema){later.steps, later.count}, &from, &to), ERR_CORRUPT);
    assert_int_equal(number(folder, "SELECT count(*) FROM zones"), 5);
    assert_int_equal(number(folder, "PRAGMA user_version"), schema_sqlite().step_count);
}

static void no_complaint(void *ctx, const char *complaint)
{
    (void)ctx;
    fail_msg("%s", complaint);
}

// The store of the first sslauto, which knew no rollouts.
static void a_store_of_the_first_schema(void **state)
{
    struct folder *folder = *state;
    folder_sql(folder, schema_sqlite().steps[0].sql);
    folder_sql(folder,
               "PRAGMA user_version = 1; PRAGMA application_id = 1397967937;"
               "INSERT INTO zones (id, account, name, plan, edge, mode, automatic, opt_out_until,"
               " allow_origin_pull, authenticated_pulls, replace_roots, trust_sets, created_at,"
               " version, next_scan_at) VALUES ('0123456789abcdef0123456789abcdef', 'default',"
               " 'old.example', '', 'dryrun', 'flexible', 'auto', 0, 0, 0, 0, '[]', 1, 1, 1);"
               "INSERT INTO hosts VALUES (1, 0, 'old.example', NULL, NULL, 1.0, '[]', '[]');");
    // Whoever opens it changes nothing: there is no way back but a backup.
    struct db *db = NULL;
    static const enum db_access accesses[] = {DB_READ, DB_WRITE, DB_CREATE};
    for (size_t i = 0; i < COUNT_OF(accesses); i++) {
        assert_err(db_open(&db, folder->store, accesses[i], &folder->why), ERR_INVALID);
        assert_non_null(strstr(folder->why.text, "sslauto db migrate"));
    }
    // The backup before the migration, made by the program that will migrate.
    char copy[128];
    (void)snprintf(copy, sizeof copy, "%s/copy.db", folder->path);
    assert_ok(db_open(&db, folder->store, DB_COPY, &folder->why), &folder->why);
    assert_ok(db_backup(db, copy, &folder->why), &folder->why);
    db_close(db);
    db = NULL;
    assert_err(db_open(&db, copy, DB_READ, &folder->why), ERR_INVALID); // as old as it was
    int from = 0;
    int to = 0;
    assert_ok(db_migrate(folder->store, &from, &to, &folder->why), &folder->why);
    assert_int_equal(from, 1);
    assert_int_equal(to, (int)schema_sqlite().step_count);
    assert_ok(db_open(&db, folder->store, DB_WRITE, &folder->why), &folder->why);
    OWN(db_own) struct db *owned = db;
    (void)owned;
    OWN(zone_own) struct zone *zone = NULL;
    assert_ok(db_zone_get(db, &zone, "old.example", &folder->why), &folder->why);
    struct rollout rollout;
    assert_err(db_rollout_get(db, zone->id, &rollout, &folder->why), ERR_NOT_FOUND);
    bool stopped = true;
    assert_ok(db_stop_get(db, &stopped, &folder->why), &folder->why);
    assert_false(stopped);
    assert_ok(db_check(db, no_complaint, NULL, &folder->why), &folder->why);
}

static void a_store_without_a_version_is_damaged(void **state)
{
    struct folder *folder = *state;
    folder_fill(folder, 1);
    // A marked file without a version is no state that sslauto leaves behind.
    folder_sql(folder, "PRAGMA user_version = 0");
    struct db *db = NULL;
    assert_err(db_open(&db, folder->store, DB_READ, &folder->why), ERR_CORRUPT);
    assert_non_null(strstr(folder->why.text, folder->store));
}

// Several programs that start at the same time on a new machine.
static void all_make_it_at_once(void **state)
{
    struct folder *folder = *state;
    pid_t children[8];
    for (size_t i = 0; i < COUNT_OF(children); i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            OWN(db_own) struct db *db = NULL;
            OWN(zone_own) struct zone *zone = folder_zone(i);
            enum err e = db_open(&db, folder->store, DB_CREATE, &folder->why);
            e = e != ERR_OK ? e : db_zone_insert(db, zone, &folder->why);
            if (e != ERR_OK) {
                (void)fprintf(stderr, "%s\n", folder->why.text);
            }
            _exit((int)e);
        }
    }
    for (size_t i = 0; i < COUNT_OF(children); i++) {
        int status = -1;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(number(folder, "SELECT count(*) FROM zones"), COUNT_OF(children));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(from_nothing),
        folder_test(an_older_store_with_its_rows),
        folder_test(a_step_that_fails_changes_nothing),
        folder_test(a_step_that_breaks_references_is_undone),
        folder_test(a_store_of_the_first_schema),
        folder_test(all_make_it_at_once),
        folder_test(a_store_without_a_version_is_damaged),
    };
    return cmocka_run_group_tests_name("sqlite migrate", tests, NULL, NULL);
}
