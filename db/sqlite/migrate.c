// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite/sqlite.h"

// application_id and user_version are fields of the file's header that SQLite leaves to programs:
// https://www.sqlite.org/fileformat2.html#database_header
enum err sqlite_version(struct sqlite_db *db, int newest, int *out, struct why *why)
{
    // In one statement, hence of one moment: another process may be making the store just now.
    int64_t marks[3] = {0};
    enum err e = sqlite_numbers(db,
                                "SELECT count(*), (SELECT application_id FROM "
                                "pragma_application_id), (SELECT user_version FROM "
                                "pragma_user_version) FROM sqlite_schema",
                                marks, COUNT_OF(marks), why);
    if (e != ERR_OK) {
        return e;
    }
    int64_t objects = marks[0];
    int64_t id = marks[1];
    int64_t version = marks[2];
    bool empty = id == 0 && version == 0 && objects == 0;
    if (!empty && id != SQLITE_STORE_ID) {
        return why_set(why, ERR_INVALID,
                       "%s: a database of another program, not an sslauto store; name another "
                       "file",
                       db->path);
    }
    if (version > newest) {
        return why_set(why, ERR_NEWER,
                       "%s: has schema %lld, this program knows %d at most; use the newer sslauto "
                       "that wrote it, or restore a copy made with `sslauto db backup`",
                       db->path, (long long)version, newest);
    }
    if (version < 0 || (!empty && version == 0)) {
        return why_set(why, ERR_CORRUPT,
                       "%s: schema version %lld cannot be; restore a copy made with `sslauto db "
                       "backup`",
                       db->path, (long long)version);
    }
    *out = (int)version;
    return ERR_OK;
}

static enum err run_step(struct sqlite_db *db, const struct schema_step *step, struct why *why)
{
    char marks[96];
    (void)snprintf(marks, sizeof marks, "PRAGMA user_version = %d; PRAGMA application_id = %d",
                   step->version, SQLITE_STORE_ID);
    enum err e = sqlite_run(db, step->sql, why, step->name);
    return e != ERR_OK ? e : sqlite_run(db, marks, why, step->name);
}

static enum err run_steps(struct sqlite_db *db, struct schema schema, int *from, struct why *why)
{
    // Read again under the lock: another process may have been faster.
    enum err e = sqlite_version(db, (int)schema.step_count, from, why);
    for (size_t i = 0; e == ERR_OK && i < schema.step_count; i++) {
        if (schema.steps[i].version > *from) {
            e = run_step(db, &schema.steps[i], why);
        }
    }
    if (e != ERR_OK) {
        return e;
    }
    int64_t broken = 0;
    e = sqlite_number(db, "SELECT count(*) FROM pragma_foreign_key_check", &broken, why);
    if (e == ERR_OK && broken > 0) {
        e = why_set(why, ERR_CORRUPT,
                    "%s: %lld rows point nowhere; run `sslauto db check`, restore a copy made "
                    "with `sslauto db backup`",
                    db->path, (long long)broken);
    }
    return e;
}

enum err sqlite_upgrade(struct sqlite_db *db, struct schema schema, int *from, int *to,
                        struct why *why)
{
    // Off while tables are rebuilt (https://www.sqlite.org/lang_altertable.html#otheralter);
    // run_steps looks at the result as a whole.
    enum err e = sqlite_run(db, "PRAGMA foreign_keys = OFF", why, "migrating");
    if (e != ERR_OK) {
        return e;
    }
    OWN(sqlite_scope_done) struct sqlite_scope scope = {0};
    int had = 0;
    e = sqlite_scope_begin(&scope, db, why);
    if (e == ERR_OK) {
        e = run_steps(db, schema, &had, why);
    }
    if (e == ERR_OK) {
        e = sqlite_scope_commit(&scope, why);
    }
    sqlite_scope_done(&scope);
    enum err on = sqlite_run(db, "PRAGMA foreign_keys = ON", NULL, "migrating");
    e = e != ERR_OK ? e : on;
    if (e == ERR_OK && from != NULL && to != NULL) {
        *from = had;
        *to = (int)schema.step_count;
    }
    return e;
}

enum err sqlite_migrate(const char *path, int *from, int *to, struct why *why)
{
    struct sqlite_db *db = NULL;
    enum err e = sqlite_open_raw(&db, path, DB_WRITE, why);
    if (e != ERR_OK) {
        return e;
    }
    OWN(sqlite_db_own) struct db *owned = &db->base;
    (void)owned;
    return sqlite_upgrade(db, schema_sqlite(), from, to, why);
}
