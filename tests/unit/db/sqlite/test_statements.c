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

// These are about everything, or about a table of one row.
static bool may_scan(enum db_statement statement)
{
    return statement == SQL_REQUEST_ALL || statement == SQL_EVENTS ||
           statement == SQL_ROLLOUT_EVENTS || statement == SQL_STOP_SET ||
           statement == SQL_STOP_GET || statement == SQL_MEMBERS || statement == SQL_ACCOUNTS ||
           statement == SQL_DISPATCHES || statement == SQL_TOKENS || statement == SQL_ORDERS;
}

// Small, or read without its table, or only its first row.
static bool good_walk(const char *plan)
{
    static const char *const words[] = {"CONSTANT", "zones_leased", "COVERING INDEX",
                                        "INDEX rollouts_due"};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (strstr(plan, words[i]) != NULL) {
            return true;
        }
    }
    return false;
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
            bool walk = strncmp(plan, "SCAN", 4) == 0 && !good_walk(plan);
            bool sorts = strstr(plan, "TEMP B-TREE FOR ORDER BY") != NULL;
            if ((walk || sorts) && !may_scan(statement)) {
                fail_msg("%s: %s", plan, sql);
            }
        }
    }
}

// Keeps the first statement that a call runs.
static int keep_sql(unsigned type, void *ctx, void *stmt, void *unused)
{
    (void)type;
    (void)unused;
    struct buf *sql = ctx;
    if (sql->len == 0) {
        assert_ok(buf_printf(sql, "EXPLAIN QUERY PLAN %s", sqlite3_sql(stmt)), NULL);
    }
    return 0;
}

static enum err nothing(void *ctx, const struct zone *zone, const struct db_scan *scan)
{
    (void)ctx;
    (void)zone;
    (void)scan;
    return ERR_OK;
}

static enum err no_rollout(void *ctx, const struct zone *zone, const struct rollout *rollout)
{
    (void)ctx;
    (void)zone;
    (void)rollout;
    return ERR_OK;
}

static void lists_stream(void **state)
{
    struct folder *folder = *state;
    folder_fill(folder, 1);
    OWN(db_own) struct db *db = NULL;
    assert_ok(db_open(&db, folder->store, DB_READ, &folder->why), &folder->why);
    static const struct db_filter filters[] = {
        {.mode = MODE_NONE, .recommended = MODE_NONE},
        {.mode = MODE_NONE, .recommended = MODE_NONE, .account = "a"},
        {.mode = MODE_NONE, .recommended = MODE_NONE, .name = "a"},
        {.mode = MODE_NONE, .recommended = MODE_NONE, .after_name = "a", .after_id = "b"},
        {.mode = MODE_NONE, .recommended = MODE_NONE, .account = "a", .after_name = "a"},
        {.mode = MODE_FULL, .recommended = MODE_NONE, .limit = 10},
        {.mode = MODE_NONE, .recommended = MODE_FULL},
        {.mode = MODE_NONE, .recommended = MODE_NONE, .blocked = true, .without_evidence = true},
    };
    for (size_t i = 0; i < COUNT_OF(filters); i++) {
        OWN(buf_done) struct buf sql = {.max = SQLITE_TEXT_MAX};
        assert_int_equal(sqlite3_trace_v2(sqlite_of(db)->handle, SQLITE_TRACE_STMT, keep_sql, &sql),
                         SQLITE_OK);
        assert_ok(db_recommendation_each(db, &filters[i], nothing, NULL, &folder->why),
                  &folder->why);
        assert_int_equal(sqlite3_trace_v2(sqlite_of(db)->handle, 0, NULL, NULL), SQLITE_OK);
        OWN(sqlite_call_close)
        struct sqlite_call call = sqlite_call_text(sqlite_of(db), buf_str(&sql));
        size_t rows = 0;
        for (bool row = true; row; rows++) {
            assert_ok(sqlite_step(&call, &row, &folder->why, "plan"), &folder->why);
            const char *plan = row ? sqlite_str(&call, 3) : "";
            if (strstr(plan, "TEMP B-TREE") != NULL || strstr(plan, "AUTOMATIC") != NULL ||
                (strncmp(plan, "SCAN", 4) == 0 && strstr(plan, "zones_by_name") == NULL)) {
                fail_msg("%s: %s", plan, buf_str(&sql));
            }
        }
        assert_true(rows > 2);
    }
}

// The plan of the first statement that the call runs, its rows in lines.
static void plan_of(struct folder *folder, struct db *db, const struct db_rollout_filter *filter,
                    bool count, struct buf *plan)
{
    OWN(buf_done) struct buf sql = {.max = SQLITE_TEXT_MAX};
    int64_t n = 0;
    assert_int_equal(sqlite3_trace_v2(sqlite_of(db)->handle, SQLITE_TRACE_STMT, keep_sql, &sql),
                     SQLITE_OK);
    assert_ok(count ? db_rollout_count(db, filter, &n, &folder->why)
                    : db_rollout_each(db, filter, no_rollout, NULL, &folder->why),
              &folder->why);
    assert_int_equal(sqlite3_trace_v2(sqlite_of(db)->handle, 0, NULL, NULL), SQLITE_OK);
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_text(sqlite_of(db), buf_str(&sql));
    bool row = true;
    while (true) {
        assert_ok(sqlite_step(&call, &row, &folder->why, "plan"), &folder->why);
        if (!row) {
            return;
        }
        assert_ok(buf_printf(plan, "%s\n", sqlite_str(&call, 3)), NULL);
    }
}

static void lists_of_rollouts_use_their_indexes(void **state)
{
    struct folder *folder = *state;
    folder_fill(folder, 1);
    OWN(db_own) struct db *db = NULL;
    assert_ok(db_open(&db, folder->store, DB_READ, &folder->why), &folder->why);
    static const struct {
        struct db_rollout_filter filter;
        bool count;
        const char *first; // how the plan begins
    } rows[] = {
        {{.running = true, .account = "a"},
         true,
         "SEARCH r USING COVERING INDEX rollouts_running_a"},
        {{.running = true, .origin_net = "a"},
         true,
         "SEARCH r USING COVERING INDEX rollouts_running_n"},
        {{.running = true}, true, "SCAN r USING COVERING INDEX rollouts_running_"},
        {{.active = true}, true, "SCAN r USING INDEX rollouts_active"},
        {{0}, true, "SCAN r USING COVERING INDEX"},
        {{.active = true}, false, "SCAN r USING INDEX rollouts_active"},
        {{.active = true, .edge = "e"}, false, "SCAN r USING INDEX rollouts_active"},
        {{.running = true, .account = "a"}, false, "SEARCH r USING INDEX rollouts_running_a"},
        {{.running = true, .origin_net = "a"}, false, "SEARCH r USING INDEX rollouts_running_n"},
        {{0},
         false,
         "SCAN z USING COVERING INDEX zones_by_name\nSEARCH r USING INDEX rollouts_newest"},
        {{.account = "a"}, false, "SEARCH z USING INDEX sqlite_autoindex_zones_2 (account=?)\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        OWN(buf_done) struct buf plan = {.max = SQLITE_TEXT_MAX};
        plan_of(folder, db, &rows[i].filter, rows[i].count, &plan);
        bool by_zone = !rows[i].filter.active && !rows[i].filter.running;
        if (strncmp(buf_str(&plan), rows[i].first, strlen(rows[i].first)) != 0 ||
            (by_zone && strstr(buf_str(&plan), "TEMP B-TREE") != NULL)) {
            fail_msg("row %zu: %s", i, buf_str(&plan));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(parameters_are_in_order),
        folder_test(no_walk_over_a_table),
        folder_test(lists_stream),
        folder_test(lists_of_rollouts_use_their_indexes),
    };
    return cmocka_run_group_tests_name("sqlite statements", tests, NULL, NULL);
}
