// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "db/sqlite/sqlite.h"

// SQLite result codes: https://www.sqlite.org/rescode.html
static const struct {
    int code; // primary, or extended where it says more
    enum err class;
    const char *remedy;
} rows[] = {
    {SQLITE_NOMEM, ERR_NOMEM, "free memory"},
    {SQLITE_IOERR_NOMEM, ERR_NOMEM, "free memory"},
    {SQLITE_FULL, ERR_FULL, "free space on its file system; nothing stored before is lost"},
    {SQLITE_READONLY, ERR_READ_ONLY,
     "make the file and its directory writable for this user, or use another store"},
    {SQLITE_CORRUPT, ERR_CORRUPT,
     "it is damaged: keep a copy of it, then restore one made with `sslauto db backup`"},
    {SQLITE_NOTADB, ERR_CORRUPT,
     "it is no sslauto store, or damaged: restore a copy made with `sslauto db backup`"},
    {SQLITE_BUSY, ERR_BUSY, "another process writes to it; try again"},
    {SQLITE_PROTOCOL, ERR_BUSY, "another process writes to it; try again"},
    {SQLITE_LOCKED, ERR_BUSY, "another process writes to it; try again"},
    {SQLITE_PERM, ERR_DENIED, "check the permissions of the file and its directory"},
    {SQLITE_AUTH, ERR_DENIED, "check the permissions of the file and its directory"},
    {SQLITE_TOOBIG, ERR_LIMIT, "it is too long for the store"},
    {SQLITE_CONSTRAINT, ERR_INVALID, "the store refuses the value"},
    {SQLITE_MISMATCH, ERR_INVALID, "the store refuses the value"},
    {SQLITE_INTERRUPT, ERR_INTERRUPTED, "run it again"},
    {SQLITE_ERROR, ERR_CORRUPT,
     "the schema is not what it should be: restore a copy made with `sslauto db backup`"},
    {SQLITE_IOERR, ERR_IO, "look at the system log for errors of the disk"},
};

static size_t row_of(int rc)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (rows[i].code == rc) {
            return i;
        }
    }
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (rows[i].code == (rc & 0xff)) {
            return i;
        }
    }
    return COUNT_OF(rows);
}

enum err sqlite_class(int rc)
{
    size_t i = row_of(rc);
    return i < COUNT_OF(rows) ? rows[i].class : ERR_IO;
}

enum err sqlite_fail_at(const char *path, sqlite3 *handle, int rc, struct why *why,
                        const char *doing)
{
    int errnum = handle == NULL ? 0 : sqlite3_system_errno(handle);
    const char *says = handle == NULL ? sqlite3_errstr(rc) : sqlite3_errmsg(handle);
    if (((rc & 0xff) == SQLITE_CANTOPEN || (rc & 0xff) == SQLITE_IOERR) && errnum != 0 &&
        rc != SQLITE_IOERR_NOMEM) {
        char words[128] = "";
        enum err e = err_from_errno(errnum);
        return why_set(why, e, "%s: %s: %s: %s; check the file, its directory and its disk", path,
                       doing, says, strerror_r(errnum, words, sizeof words));
    }
    size_t i = row_of(rc);
    if (i == COUNT_OF(rows)) {
        return why_set(why, ERR_IO, "%s: %s: %s", path, doing, says);
    }
    return why_set(why, rows[i].class, "%s: %s: %s; %s", path, doing, says, rows[i].remedy);
}

enum err sqlite_fail(struct sqlite_db *db, int rc, struct why *why, const char *doing)
{
    enum err e = sqlite_fail_at(db->path, db->handle, rc, why, doing);
    if (db->spanning && sqlite3_get_autocommit(db->handle)) {
        db->lost = e;
    }
    return e;
}
