// SPDX-License-Identifier: Apache-2.0
#include <assert.h>

#include "db/sqlite/sqlite.h"

// IMMEDIATE takes the write lock first: two writers queue up (busy timeout) instead of both
// reading and then failing to write.
#define BEGIN_WRITE "BEGIN IMMEDIATE"

// A failure such as a full disk makes SQLite undo the whole transaction at once. What follows in
// it must not be stored as if nothing had happened.
enum err sqlite_scope_check(struct sqlite_db *db, struct why *why)
{
    if (!db->spanning || !sqlite3_get_autocommit(db->handle)) {
        return ERR_OK;
    }
    enum err e = db->lost == ERR_OK ? ERR_IO : db->lost;
    return why_set(why, e, "%s: nothing of this transaction is stored: %s", db->path, err_str(e));
}

enum err sqlite_scope_begin(struct sqlite_scope *scope, struct sqlite_db *db, struct why *why)
{
    enum err e = sqlite_scope_check(db, why);
    if (e != ERR_OK) {
        return e;
    }
    e = sqlite_run(db, db->spanning ? "SAVEPOINT part" : BEGIN_WRITE, why, "writing");
    if (e == ERR_OK) {
        *scope = (struct sqlite_scope){db, db->spanning};
    }
    return e;
}

enum err sqlite_scope_commit(struct sqlite_scope *scope, struct why *why)
{
    enum err e = sqlite_run(scope->db, scope->nested ? "RELEASE part" : "COMMIT", why, "storing");
    if (e == ERR_OK) {
        scope->db = NULL;
    }
    return e;
}

void sqlite_scope_done(struct sqlite_scope *scope)
{
    if (scope->db == NULL || sqlite3_get_autocommit(scope->db->handle)) {
        return;
    }
    if (scope->nested) {
        (void)sqlite_run(scope->db, "ROLLBACK TO part", NULL, "undoing");
        (void)sqlite_run(scope->db, "RELEASE part", NULL, "undoing");
    } else {
        (void)sqlite_run(scope->db, "ROLLBACK", NULL, "undoing");
    }
    scope->db = NULL;
}

enum err sqlite_begin(struct db *base, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    assert(!db->spanning);
    enum err e = sqlite_run(db, BEGIN_WRITE, why, "writing");
    db->spanning = e == ERR_OK;
    db->lost = ERR_OK;
    return e;
}

enum err sqlite_commit(struct db *base, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    assert(db->spanning);
    enum err e = sqlite_scope_check(db, why);
    if (e == ERR_OK) {
        e = sqlite_run(db, "COMMIT", why, "storing");
    }
    if (e != ERR_OK) {
        sqlite_rollback(base);
    }
    db->spanning = false;
    return e;
}

void sqlite_rollback(struct db *base)
{
    struct sqlite_db *db = sqlite_of(base);
    if (db->spanning && !sqlite3_get_autocommit(db->handle)) {
        (void)sqlite_run(db, "ROLLBACK", NULL, "undoing");
    }
    db->spanning = false;
}
