// SPDX-License-Identifier: Apache-2.0
// The shared statements as SQLite sees them: parameters numbered as written, and no walk over a
// whole table where a million zones may be.
#include <stdio.h>
#include <string.h>

#include "db/sqlite/sqlite.h"
#include "tests/unit/db/sqlite/folder.h"

static void parameters_are_in_order(void **state)
{
    struct folder *folder = *state;
    OWN(db_own) struct db *db = NULL;
    assert_ok(db_open(&db, folder->store, DB_CREATE, &folder->why), &folder->why);
    for (int i = 0; i < SQL_STATEMENT_COUNT; i++) {
        OWN(sqlite_call_close)
        struct sqlite_call call = sqlite_call_open(sqlite_of(db), (enum db_statement)i);
        if (call.rc != SQLITE_OK) {
            fail_msg("%s", db_statement_sql((enum db_statement)i));
        }
        for (int p = 1; p <= sqlite3_bind_parameter_count(call.stmt); p++) {
            char name[16];
            (void)snprintf(name, sizeof name, "$%d", p);
            assert_string_equal(sqlite3_bind_parameter_name(call.stmt, p), name);
        }
    }
}

// Two are about everything. A new parent row has SQLite look through its children only while there
// are rows without a parent (OP_FkIfZero), and there are none.
static bool may_scan(enum db_statement statement)
{
    return statement == SQL_REQUEST_ALL || statement == SQL_EVENTS ||
           statement == SQL_POLICY_INSERT;
}

static void no_walk_over_a_table(void **state)
{
    struct folder *folder = *state;
    OWN(db_own) struct db *db = NULL;
    assert_ok(db_open(&db, folder->store, DB_CREATE, &folder->why), &folder->why);
    for (int i = 0; i < SQL_STATEMENT_COUNT; i++) {
        enum db_statement statement = (enum db_statement)i;
        char sql[4096];
        (void)snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN %s", db_statement_sql(statement));
        OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_text(sqlite_of(db), sql);
        bool row = true;
        while (true) {
            assert_ok(sqlite_step(&call, &row, &folder->why, "plan"), &folder->why);
            if (!row) {
                break;
            }
            const char *plan = sqlite_str(&call, 3);
            // An index over the leased zones alone is small.
            bool walk = strncmp(plan, "SCAN", 4) == 0 && strstr(plan, "CONSTANT") == NULL &&
                        strstr(plan, "zones_leased") == NULL;
            bool sorts = strstr(plan, "TEMP B-TREE FOR ORDER BY") != NULL;
            if ((walk || sorts) && !may_scan(statement)) {
                fail_msg("%s: %s", plan, sql);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(parameters_are_in_order),
        folder_test(no_walk_over_a_table),
    };
    return cmocka_run_group_tests_name("sqlite statements", tests, NULL, NULL);
}
