// SPDX-License-Identifier: Apache-2.0
#include <assert.h>
#include <limits.h>
#include <string.h>

#include "db/sqlite/sqlite.h"

struct sqlite_call sqlite_call_open(struct sqlite_db *db, enum db_statement statement)
{
    struct sqlite_call call = {.db = db, .kept = true};
    if (db->kept[statement] == NULL) {
        call.rc = sqlite3_prepare_v3(db->handle, db_statement_sql(statement), -1,
                                     SQLITE_PREPARE_PERSISTENT, &db->kept[statement], NULL);
    }
    call.stmt = db->kept[statement];
    // A kept statement serves one call at a time; a second run inside would cut the first short.
    assert(call.stmt == NULL || !sqlite3_stmt_busy(call.stmt));
    return call;
}

struct sqlite_call sqlite_call_list(struct sqlite_db *db, enum db_statement statement)
{
    sqlite3_stmt *kept = db->kept[statement];
    bool runs = kept != NULL && sqlite3_stmt_busy(kept) != 0;
    return runs ? sqlite_call_text(db, db_statement_sql(statement))
                : sqlite_call_open(db, statement);
}

struct sqlite_call sqlite_call_text(struct sqlite_db *db, const char *sql)
{
    struct sqlite_call call = {.db = db};
    call.rc = sqlite3_prepare_v3(db->handle, sql, -1, 0, &call.stmt, NULL);
    return call;
}

void sqlite_call_close(struct sqlite_call *call)
{
    if (!call->kept) {
        (void)sqlite3_finalize(call->stmt);
    } else if (call->stmt != NULL) {
        (void)sqlite3_reset(call->stmt);
        (void)sqlite3_clear_bindings(call->stmt);
    }
    call->stmt = NULL;
}

void sqlite_bind(struct sqlite_call *call, const char *text)
{
    sqlite_bind_span(call, span_of(text));
}

void sqlite_bind_span(struct sqlite_call *call, struct span text)
{
    call->bound++;
    if (call->rc != SQLITE_OK) {
        return;
    }
    if (text.len > INT_MAX) {
        call->rc = SQLITE_TOOBIG;
    } else if (text.at == NULL) {
        call->rc = sqlite3_bind_null(call->stmt, call->bound);
    } else {
        call->rc =
            sqlite3_bind_text(call->stmt, call->bound, text.at, (int)text.len, SQLITE_STATIC);
    }
}

void sqlite_bind_int(struct sqlite_call *call, int64_t number)
{
    sqlite_bind_int_or_null(call, number, false);
}

void sqlite_bind_int_or_null(struct sqlite_call *call, int64_t number, bool null)
{
    call->bound++;
    if (call->rc == SQLITE_OK) {
        call->rc = null ? sqlite3_bind_null(call->stmt, call->bound)
                        : sqlite3_bind_int64(call->stmt, call->bound, number);
    }
}

void sqlite_bind_real(struct sqlite_call *call, double number)
{
    call->bound++;
    if (call->rc == SQLITE_OK) {
        call->rc = sqlite3_bind_double(call->stmt, call->bound, number);
    }
}

enum err sqlite_step(struct sqlite_call *call, bool *row, struct why *why, const char *doing)
{
    if (call->rc == SQLITE_OK || call->rc == SQLITE_ROW) {
        call->rc = sqlite3_step(call->stmt);
    }
    if (call->rc == SQLITE_ROW || call->rc == SQLITE_DONE) {
        *row = call->rc == SQLITE_ROW;
        return ERR_OK;
    }
    return sqlite_fail(call->db, call->rc, why, doing);
}

enum err sqlite_finish(struct sqlite_call *call, int64_t *changed, struct why *why,
                       const char *doing)
{
    bool row = false;
    do {
        enum err e = sqlite_step(call, &row, why, doing);
        if (e != ERR_OK) {
            return e;
        }
    } while (row);
    if (changed != NULL) {
        *changed = sqlite3_changes64(call->db->handle);
    }
    return ERR_OK;
}

int64_t sqlite_int(const struct sqlite_call *call, int column)
{
    return sqlite3_column_int64(call->stmt, column);
}

const char *sqlite_str(const struct sqlite_call *call, int column)
{
    return (const char *)sqlite3_column_text(call->stmt, column);
}

enum err sqlite_copy(char **out, const struct sqlite_call *call, int column)
{
    const char *text = sqlite_str(call, column);
    if (text == NULL) {
        *out = NULL;
        return sqlite3_column_type(call->stmt, column) == SQLITE_NULL ? ERR_OK : ERR_NOMEM;
    }
    *out = strdup(text);
    return *out == NULL ? ERR_NOMEM : ERR_OK;
}
