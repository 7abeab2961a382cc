// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/sqlite/sqlite.h"

// A copy under a name of its own, which gets its real name when it is whole and on the disk.
struct copy {
    struct buf path;
    bool made;
    sqlite3 *handle;
};

static void copy_done(struct copy *copy)
{
    (void)sqlite3_close(copy->handle);
    if (copy->made) {
        (void)unlink(buf_str(&copy->path));
        if (buf_add_str(&copy->path, "-journal") == ERR_OK) {
            (void)unlink(buf_str(&copy->path));
        }
    }
    buf_done(&copy->path);
}

static enum err fail_errno(const char *path, int errnum, struct why *why)
{
    char words[128] = "";
    return why_set(why, err_from_errno(errnum), "%s: %s; name another place for the backup", path,
                   strerror_r(errnum, words, sizeof words));
}

static enum err there_is_one(const char *path, struct why *why)
{
    return why_set(why, ERR_EXISTS, "%s: exists already; name a new file, or remove it first",
                   path);
}

static enum err copy_make(struct copy *copy, const char *path, struct why *why)
{
    *copy = (struct copy){.path.max = SQLITE_TEXT_MAX};
    struct stat st = {0};
    if (lstat(path, &st) == 0) {
        return there_is_one(path, why);
    }
    // "./" before a bare name: SQLite gives a meaning to names such as ":memory:".
    enum err e = buf_printf(&copy->path, "%s%s.XXXXXX", path[0] == '/' ? "" : "./", path);
    if (e != ERR_OK) {
        return why_set(why, e, "%s: %s", path, err_str(e));
    }
    int fd = mkostemp(copy->path.at, O_CLOEXEC);
    if (fd < 0) {
        return fail_errno(path, errno, why);
    }
    (void)close(fd);
    copy->made = true;
    int rc =
        sqlite3_open_v2(buf_str(&copy->path), &copy->handle,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    return rc == SQLITE_OK ? ERR_OK : sqlite_fail_at(path, copy->handle, rc, why, "backing up");
}

// All pages in one step: one read transaction, hence one moment, while writers go on in the log.
// Smaller steps would start again whenever another process writes
// (https://www.sqlite.org/backup.html).
static enum err copy_pages(struct copy *copy, struct sqlite_db *db, const char *path,
                           struct why *why)
{
    int rc = sqlite3_exec(copy->handle, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
    if (rc != SQLITE_OK) {
        return sqlite_fail_at(path, copy->handle, rc, why, "backing up");
    }
    sqlite3_backup *backup = sqlite3_backup_init(copy->handle, "main", db->handle, "main");
    if (backup == NULL) {
        return sqlite_fail_at(path, copy->handle, sqlite3_errcode(copy->handle), why, "backing up");
    }
    rc = sqlite3_backup_step(backup, -1);
    int finished = sqlite3_backup_finish(backup);
    rc = rc == SQLITE_DONE ? finished : rc;
    if (rc == SQLITE_OK) {
        // One plain file that needs no log beside it.
        rc = sqlite3_exec(copy->handle, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    }
    if (rc != SQLITE_OK) {
        return sqlite_fail_at(path, copy->handle, rc, why, "backing up");
    }
    rc = sqlite3_close(copy->handle);
    copy->handle = NULL;
    return rc == SQLITE_OK ? ERR_OK : sqlite_fail_at(path, NULL, rc, why, "backing up");
}

static enum err copy_name(struct copy *copy, const char *path, struct why *why)
{
    int rc = renameat2(AT_FDCWD, buf_str(&copy->path), AT_FDCWD, path, RENAME_NOREPLACE);
    if (rc != 0 && errno == EINVAL) { // a file system that cannot promise it
        if (access(path, F_OK) == 0) {
            return there_is_one(path, why);
        }
        rc = rename(buf_str(&copy->path), path);
    }
    if (rc != 0) {
        return errno == EEXIST ? there_is_one(path, why) : fail_errno(path, errno, why);
    }
    copy->made = false;
    return sqlite_sync_dir(path, why);
}

enum err sqlite_backup(struct db *base, const char *path, struct why *why)
{
    OWN(copy_done) struct copy copy = {0};
    enum err e = copy_make(&copy, path, why);
    if (e == ERR_OK) {
        e = copy_pages(&copy, sqlite_of(base), path, why);
    }
    return e != ERR_OK ? e : copy_name(&copy, path, why);
}
