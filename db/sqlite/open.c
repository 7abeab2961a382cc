// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/limits.h"
#include "core/time.h"
#include "db/sqlite/sqlite.h"

// Stores hold the addresses of origins that hide behind an edge: not for everybody to read.
#define FILE_MODE     0640
#define DIR_MODE      0750
#define BUSY_PAUSE_US 20000 // between two tries where SQLite does not wait by itself

#define MEMORY_NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

static void close_fd(const int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
    }
}

static enum err fail_errno(const char *path, int errnum, struct why *why, const char *remedy)
{
    char words[128] = "";
    return why_set(why, err_from_errno(errnum), "%s: %s; %s", path,
                   strerror_r(errnum, words, sizeof words), remedy);
}

// The directory of path; owned. NULL without memory.
static char *dir_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return strdup(".");
    }
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

enum err sqlite_sync_dir(const char *path, struct why *why)
{
    char *dir = dir_of(path);
    if (dir == NULL) {
        return ERR_NOMEM;
    }
    OWN(close_fd) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum err e = ERR_OK;
    // EINVAL: a file system that has nothing to sync.
    if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL)) {
        e = fail_errno(dir, errno, why, "check the directory and its disk");
    }
    free(dir);
    return e;
}

// Makes path's directory when only that one is missing. *out: a descriptor of it, -1 where the
// directory cannot be read.
static enum err make_dir(int *out, const char *path, struct why *why)
{
    char *dir = dir_of(path);
    if (dir == NULL) {
        return ERR_NOMEM;
    }
    enum err e = ERR_OK;
    if (mkdir(dir, DIR_MODE) != 0 && errno != EEXIST) {
        e = fail_errno(dir, errno, why, "make the directory, or name another store with --db");
    }
    *out = e == ERR_OK ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    free(dir);
    return e;
}

static enum err make_file(const char *path, struct why *why)
{
    OWN(close_fd) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
    if (fd < 0) {
        return fail_errno(path, errno, why, "choose a place that this user can write");
    }
    return sqlite_sync_dir(path, why);
}

// What can be said of the file before SQLite looks into it.
static enum err check_file(const char *path, enum db_access access_kind, struct why *why)
{
    struct stat st = {0};
    bool missing = stat(path, &st) != 0;
    if (missing && errno != ENOENT) {
        return fail_errno(path, errno, why, "check the path and its permissions");
    }
    if (!missing && !S_ISREG(st.st_mode)) {
        return why_set(why, ERR_INVALID, "%s: is not a file; name the file of the store", path);
    }
    if (access_kind == DB_CREATE) {
        return missing ? make_file(path, why) : ERR_OK;
    }
    if (missing || st.st_size == 0) {
        return why_set(why, ERR_NOT_FOUND, "%s: no store there; make one with `sslauto db init`",
                       path);
    }
    if (access(path, R_OK) != 0) {
        return fail_errno(path, errno, why, "run it as the user that owns the store");
    }
    return ERR_OK;
}

static enum err check_writable(const char *path, struct why *why)
{
    if (access(path, W_OK) == 0 || errno == ENOENT) {
        return ERR_OK;
    }
    char words[128] = "";
    return why_set(why, ERR_READ_ONLY,
                   "%s: cannot be written: %s; make the file and its directory writable for this "
                   "user",
                   path, strerror_r(errno, words, sizeof words));
}

static void db_now_function(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    (void)values;
    const struct db *base = sqlite3_user_data(context);
    sqlite3_result_int64(context, db_clock(base));
}

static void account_id_function(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    char id[33];
    const char *name = (const char *)sqlite3_value_text(values[0]);
    if (name == NULL || account_id(id, name) != ERR_OK) {
        sqlite3_result_error_nomem(context);
        return;
    }
    sqlite3_result_text(context, id, -1, SQLITE_TRANSIENT);
}

enum err sqlite_run(struct sqlite_db *db, const char *sql, struct why *why, const char *doing)
{
    int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? ERR_OK : sqlite_fail(db, rc, why, doing);
}

static void finalize(sqlite3_stmt **stmt)
{
    (void)sqlite3_finalize(*stmt);
}

enum err sqlite_numbers(struct sqlite_db *db, const char *sql, int64_t *out, size_t count,
                        struct why *why)
{
    OWN(finalize) sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL);
    rc = rc == SQLITE_OK ? sqlite3_step(stmt) : rc;
    if (rc != SQLITE_ROW) {
        return sqlite_fail(db, rc, why, "reading");
    }
    for (size_t i = 0; i < count; i++) {
        out[i] = sqlite3_column_int64(stmt, (int)i);
    }
    return ERR_OK;
}

enum err sqlite_number(struct sqlite_db *db, const char *sql, int64_t *out, struct why *why)
{
    return sqlite_numbers(db, sql, out, 1, why);
}

static struct sqlite_db *handle_new(const char *path, enum db_access access_kind)
{
    struct sqlite_db *db = calloc(1, sizeof *db);
    if (db != NULL) {
        *db = (struct sqlite_db){.base.calls = &sqlite_backend, .access = access_kind};
        db->path = strdup(path);
    }
    if (db != NULL && db->path == NULL) {
        free(db);
        return NULL;
    }
    return db;
}

void sqlite_close(struct db *base)
{
    if (base == NULL) {
        return;
    }
    struct sqlite_db *db = sqlite_of(base);
    sqlite_rollback(base);
    for (size_t i = 0; i < SQL_STATEMENT_COUNT; i++) {
        (void)sqlite3_finalize(db->kept[i]);
    }
    (void)sqlite3_close(db->handle);
    free(db->path);
    free(db);
}

// path as a file: URI with immutable=1: SQLite then needs neither locks nor files beside it.
static enum err immutable_uri(struct buf *uri, const char *path)
{
    char *real = realpath(path, NULL);
    if (real == NULL) {
        return err_from_errno(errno);
    }
    enum err e = buf_add_str(uri, "file:");
    for (const char *p = real; e == ERR_OK && *p != '\0'; p++) {
        bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                     (*p >= '0' && *p <= '9') || strchr("/._-", *p) != NULL;
        e = plain ? buf_add_char(uri, *p) : buf_printf(uri, "%%%02x", (unsigned char)*p);
    }
    free(real);
    return e != ERR_OK ? e : buf_add_str(uri, "?immutable=1");
}

static enum err connect_handle(struct sqlite_db *db, const char *name, int flags, struct why *why)
{
    int rc = sqlite3_open_v2(name, &db->handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                             NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_busy_timeout(db->handle, SQLITE_BUSY_MS);
    }
    if (rc == SQLITE_OK) {
        rc = sqlite3_create_function_v2(db->handle, "db_now", 0, SQLITE_UTF8, &db->base,
                                        db_now_function, NULL, NULL, NULL);
    }
    if (rc == SQLITE_OK) {
        rc = sqlite3_create_function_v2(db->handle, "account_id", 1,
                                        SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
                                        account_id_function, NULL, NULL, NULL);
    }
    if (rc != SQLITE_OK) {
        return sqlite_fail(db, rc, why, "opening");
    }
    // No trust in the file: views and triggers planted in it run no dangerous function.
    return sqlite_run(db, "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;", why, "opening");
}

// A WAL store needs its -shm file to be made beside it. Where nothing can be written, it is read
// as it lies there, which is right only when nobody has it open and no log is left to apply.
static enum err reopen_immutable(struct sqlite_db *db, struct why *why)
{
    OWN(buf_done) struct buf text = {.max = SQLITE_TEXT_MAX};
    struct stat st = {0};
    enum err e = buf_printf(&text, "%s-wal", db->path);
    if (e == ERR_OK && stat(buf_str(&text), &st) == 0 && st.st_size > 0) {
        return why_set(why, ERR_READ_ONLY,
                       "%s: its log %s holds changes that cannot be read from here; copy both to "
                       "a place that this user can write, or read it as its owner",
                       db->path, buf_str(&text));
    }
    buf_clear(&text);
    if (e == ERR_OK) {
        e = immutable_uri(&text, db->path);
    }
    if (e != ERR_OK) {
        return why_set(why, e, "%s: %s", db->path, err_str(e));
    }
    (void)sqlite3_close(db->handle);
    db->handle = NULL;
    return connect_handle(db, buf_str(&text), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, why);
}

static enum err open_reading(struct sqlite_db *db, const char *name, struct why *why)
{
    enum err e = connect_handle(db, name, SQLITE_OPEN_READONLY, why);
    if (e != ERR_OK) {
        return e;
    }
    int rc = sqlite3_exec(db->handle, "SELECT 1 FROM sqlite_schema", NULL, NULL, NULL);
    if (rc == SQLITE_OK) {
        return ERR_OK;
    }
    if ((rc & 0xff) == SQLITE_CANTOPEN || (rc & 0xff) == SQLITE_READONLY) {
        return reopen_immutable(db, why);
    }
    return sqlite_fail(db, rc, why, "opening");
}

// Switching to WAL wants the file for itself and does not wait by itself.
static enum err use_wal(struct sqlite_db *db, struct why *why)
{
    int rc = SQLITE_OK;
    int64_t until = time_monotonic_ms() + SQLITE_BUSY_MS;
    do {
        rc = sqlite3_exec(db->handle, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
        if ((rc & 0xff) != SQLITE_BUSY) {
            break;
        }
        (void)usleep(BUSY_PAUSE_US);
    } while (time_monotonic_ms() < until);
    return rc == SQLITE_OK ? ERR_OK : sqlite_fail(db, rc, why, "opening");
}

static enum err open_writing(struct sqlite_db *db, const char *name, struct why *why)
{
    enum err e = check_writable(db->path, why);
    if (e == ERR_OK) {
        e = connect_handle(db, name, SQLITE_OPEN_READWRITE, why);
    }
    if (e == ERR_OK) {
        // NORMAL: after a power failure the last transactions may be missing, never halves of
        // them (https://www.sqlite.org/pragma.html#pragma_synchronous). A lost scan is done again.
        // temp_store: each zone of an import is a savepoint, whose journal belongs in memory.
        e = sqlite_run(db,
                       "PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 67108864;"
                       "PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY;",
                       why, "opening");
    }
    return e;
}

enum err sqlite_open_raw(struct sqlite_db **out, const char *path, enum db_access access_kind,
                         struct why *why)
{
    enum err e = check_file(path, access_kind, why);
    if (e != ERR_OK) {
        return e;
    }
    struct sqlite_db *db = handle_new(path, access_kind);
    if (db == NULL) {
        return ERR_NOMEM;
    }
    OWN(sqlite_db_own) struct db *owned = &db->base;
    // SQLite gives a meaning to names such as ":memory:".
    OWN(buf_done) struct buf name = {.max = SQLITE_TEXT_MAX};
    e = buf_printf(&name, "%s%s", path[0] == '/' ? "" : "./", path);
    if (e != ERR_OK) {
        return why_set(why, e, "%s: %s", path, err_str(e));
    }
    bool reading = access_kind == DB_READ || access_kind == DB_COPY;
    e = reading ? open_reading(db, buf_str(&name), why) : open_writing(db, buf_str(&name), why);
    if (e == ERR_OK) {
        owned = NULL;
        *out = db;
    }
    return e;
}

// The store must have the schema of this program. An empty one gets it; an older one is never
// changed in passing, because there is no way back but a backup.
static enum err settle_schema(struct sqlite_db *db, struct why *why)
{
    struct schema schema = schema_sqlite();
    int newest = (int)schema.step_count;
    int version = 0;
    enum err e = sqlite_version(db, newest, &version, why);
    if (e != ERR_OK) {
        return e;
    }
    if (version == 0 && db->access == DB_CREATE) {
        e = use_wal(db, why);
        return e == ERR_OK ? sqlite_upgrade(db, schema, NULL, NULL, why) : e;
    }
    if (version == 0) {
        return why_set(why, ERR_NOT_FOUND,
                       "%s: an empty database; make a store of it with `sslauto db init`",
                       db->path);
    }
    if (version < newest && db->access != DB_COPY) {
        return why_set(why, ERR_INVALID,
                       "%s: has schema %d, this program uses %d; run `sslauto db migrate`",
                       db->path, version, newest);
    }
    return db->access == DB_READ || db->access == DB_COPY ? ERR_OK : use_wal(db, why);
}

// One process at a time makes a store of a file that is missing or empty: SQLite itself fails with
// SQLITE_IOERR_DELETE_NOENT when two connections turn an empty file to WAL. The lock is on the
// directory, for closing a descriptor of the file would drop SQLite's own locks on it. *out stays
// -1 where there is nothing to make, or the file system knows no such lock.
static enum err lock_making(int *out, const char *path, struct why *why)
{
    struct stat st = {0};
    if (stat(path, &st) == 0 && st.st_size > 0) {
        return ERR_OK;
    }
    enum err e = make_dir(out, path, why);
    int64_t until = time_monotonic_ms() + SQLITE_BUSY_MS;
    while (e == ERR_OK && *out >= 0 && flock(*out, LOCK_EX | LOCK_NB) != 0 &&
           errno == EWOULDBLOCK) {
        if (time_monotonic_ms() >= until) {
            return why_set(why, ERR_BUSY,
                           "%s: another process is making a store in its directory; try again",
                           path);
        }
        (void)usleep(BUSY_PAUSE_US);
    }
    return e;
}

enum err sqlite_open(struct db **out, const char *path, enum db_access access_kind, struct why *why)
{
    OWN(close_fd) int making = -1;
    enum err locked = access_kind == DB_CREATE ? lock_making(&making, path, why) : ERR_OK;
    if (locked != ERR_OK) {
        return locked;
    }
    struct sqlite_db *db = NULL;
    enum err e = sqlite_open_raw(&db, path, access_kind, why);
    if (e != ERR_OK) {
        return e;
    }
    OWN(sqlite_db_own) struct db *owned = &db->base;
    e = settle_schema(db, why);
    if (e == ERR_OK) {
        owned = NULL;
        *out = &db->base;
    }
    return e;
}

// SQLite's "memdb" file system: a name with a slash before it is one database for all connections
// of the process, with the locks of a file (https://www.sqlite.org/src/file/src/memdb.c).
enum err sqlite_open_memory(struct db **out, const char *name, struct why *why)
{
    if (name[0] == '\0' || strspn(name, MEMORY_NAME_LETTERS) != strlen(name)) {
        return why_set(why, ERR_INVALID, "%s: letters, digits, '_' and '-' name a store in memory",
                       name);
    }
    OWN(buf_done) struct buf uri = {.max = SQLITE_TEXT_MAX};
    struct sqlite_db *db = handle_new(name, DB_CREATE);
    enum err e = db == NULL ? ERR_NOMEM : buf_printf(&uri, "file:/%s?vfs=memdb", name);
    OWN(sqlite_db_own) struct db *owned = db == NULL ? NULL : &db->base;
    if (e == ERR_OK) {
        e = connect_handle(db, buf_str(&uri),
                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, why);
    }
    if (e == ERR_OK) { // whom a test would wait for is stopped in the same thread
        (void)sqlite3_busy_timeout(db->handle, 0);
    }
    struct schema schema = schema_sqlite();
    int version = 0;
    if (e == ERR_OK) {
        e = sqlite_version(db, (int)schema.step_count, &version, why);
    }
    if (e == ERR_OK && version == 0) {
        e = sqlite_upgrade(db, schema, NULL, NULL, why);
    }
    if (e == ERR_OK) {
        *out = owned;
        owned = NULL;
    }
    return e;
}
