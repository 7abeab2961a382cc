// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "db/sqlite/sqlite.h"

enum column {
    SCAN_ID,
    SCAN_ZONE_ID,
    SCAN_AT,
    SCAN_MODE_CURRENT,
    SCAN_MODE_RECOMMENDED,
    SCAN_VERDICT,
    SCAN_BLOCKER_COUNT,
    SCAN_NEXT_AT,
    SCAN_RECOMMENDATION,
    SCAN_POLICY,
    SCAN_EVIDENCE
};

static enum err words_read(struct db_scan *scan, const struct sqlite_call *call, int first)
{
    enum err e =
        mode_parse(&scan->mode_current, span_of(sqlite_str(call, first + SCAN_MODE_CURRENT)));
    const char *recommended = sqlite_str(call, first + SCAN_MODE_RECOMMENDED);
    scan->mode_recommended = MODE_NONE;
    if (e == ERR_OK && recommended != NULL) {
        e = mode_parse(&scan->mode_recommended, span_of(recommended));
    }
    if (e == ERR_OK) {
        e = verdict_parse(&scan->verdict, span_of(sqlite_str(call, first + SCAN_VERDICT)));
    }
    return e;
}

static enum err texts_read(struct db_scan *scan, const struct sqlite_call *call, int first)
{
    enum err e = sqlite_copy(&scan->recommendation, call, first + SCAN_RECOMMENDATION);
    if (e == ERR_OK) {
        e = sqlite_copy(&scan->policy, call, first + SCAN_POLICY);
    }
    if (e == ERR_OK) {
        e = sqlite_copy(&scan->evidence, call, first + SCAN_EVIDENCE);
    }
    return e;
}

enum err sqlite_scan_read(struct db_scan *out, const struct sqlite_call *call, int first,
                          bool texts, struct why *why)
{
    OWN(db_scan_done)
    struct db_scan scan = {
        .id = sqlite_int(call, first + SCAN_ID),
        .scanned_at = sqlite_int(call, first + SCAN_AT),
        .blocker_count = (size_t)sqlite_int(call, first + SCAN_BLOCKER_COUNT),
        .next_scan_at = sqlite_int(call, first + SCAN_NEXT_AT), // NULL reads as 0
    };
    const char *zone_id = sqlite_str(call, first + SCAN_ZONE_ID);
    (void)snprintf(scan.zone_id, sizeof scan.zone_id, "%s", zone_id == NULL ? "" : zone_id);
    enum err e = words_read(&scan, call, first);
    if (e == ERR_OK && texts) {
        e = texts_read(&scan, call, first);
    }
    if (e == ERR_NOMEM) {
        return e;
    }
    if (e != ERR_OK) {
        return why_set(why, ERR_CORRUPT,
                       "%s: a scan of zone %s cannot be read; run `sslauto db check`, restore a "
                       "copy made with `sslauto db backup`",
                       call->db->path, scan.zone_id);
    }
    *out = scan;
    scan = (struct db_scan){0};
    return ERR_OK;
}

// The first column of the one row, or 0 when there is none.
static enum err one_number(struct sqlite_call *call, int64_t *out, struct why *why)
{
    bool row = false;
    enum err e = sqlite_step(call, &row, why, "storing a scan");
    if (e == ERR_OK) {
        *out = row ? sqlite_int(call, 0) : 0;
    }
    // To its end: constraints of INSERT ... RETURNING are checked there.
    return e != ERR_OK || !row ? e : sqlite_finish(call, NULL, why, "storing a scan");
}

static enum err lease_key(int64_t *key, struct sqlite_db *db, const char *zone_id, int64_t epoch,
                          struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_LEASE_KEY);
    sqlite_bind(&call, zone_id);
    sqlite_bind_int(&call, epoch);
    enum err e = one_number(&call, key, why);
    if (e == ERR_OK && *key == 0) {
        e = why_set(why, ERR_CONFLICT,
                    "zone %s: the lease was lost: the zone was changed, removed, or taken by "
                    "somebody else",
                    zone_id);
    }
    return e;
}

static enum err insert(int64_t *id, struct sqlite_db *db, const struct db_scan *scan, int64_t key,
                       struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_SCAN_INSERT);
    sqlite_bind_int(&call, key);
    sqlite_bind_int(&call, scan->scanned_at);
    sqlite_bind(&call, mode_str(scan->mode_current));
    sqlite_bind(&call,
                scan->mode_recommended == MODE_NONE ? NULL : mode_str(scan->mode_recommended));
    sqlite_bind(&call, verdict_str(scan->verdict));
    sqlite_bind_int(&call, (int64_t)scan->blocker_count);
    sqlite_bind_int_or_null(&call, scan->next_scan_at, scan->next_scan_at == 0);
    sqlite_bind(&call, scan->policy);
    sqlite_bind(&call, scan->recommendation);
    sqlite_bind(&call, scan->evidence);
    return one_number(&call, id, why);
}

static enum err make_current(struct sqlite_db *db, const struct db_scan *scan, int64_t key,
                             int64_t id, struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_SCAN_MAKE_CURRENT);
    sqlite_bind_int(&call, id);
    sqlite_bind_int_or_null(&call, scan->next_scan_at, scan->next_scan_at == 0);
    sqlite_bind_int(&call, key);
    return sqlite_finish(&call, NULL, why, "storing a scan");
}

enum err sqlite_scan_commit(struct db *base, const struct db_scan *scan, int64_t epoch,
                            struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    OWN(sqlite_scope_done) struct sqlite_scope scope = {0};
    int64_t key = 0;
    int64_t id = 0;
    enum err e = sqlite_scope_begin(&scope, db, why);
    if (e == ERR_OK) {
        e = lease_key(&key, db, scan->zone_id, epoch, why);
    }
    if (e == ERR_OK) {
        e = insert(&id, db, scan, key, why);
    }
    if (e == ERR_OK) {
        e = make_current(db, scan, key, id, why);
    }
    return e != ERR_OK ? e : sqlite_scope_commit(&scope, why);
}

static enum err no_such(struct sqlite_db *db, const char *zone_id, bool scans, struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_ZONE_STATE);
    sqlite_bind(&call, zone_id);
    bool row = false;
    enum err e = sqlite_step(&call, &row, why, "reading a zone");
    if (e != ERR_OK) {
        return e;
    }
    if (!row) {
        return why_set(why, ERR_NOT_FOUND, "no zone %s; `sslauto zone list` shows them", zone_id);
    }
    return scans ? why_set(why, ERR_NOT_FOUND,
                           "zone %s was never scanned; scan it with `sslauto scan %s`", zone_id,
                           zone_id)
                 : ERR_OK;
}

enum err sqlite_scan_current(struct db *base, const char *zone_id, struct db_scan *out,
                             struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_SCAN_CURRENT);
    sqlite_bind(&call, zone_id);
    bool row = false;
    enum err e = sqlite_step(&call, &row, why, "reading a scan");
    if (e != ERR_OK) {
        return e;
    }
    return row ? sqlite_scan_read(out, &call, 0, true, why) : no_such(db, zone_id, true, why);
}

enum err sqlite_scan_history(struct db *base, const char *zone_id, size_t limit,
                             enum err (*each)(void *ctx, const struct db_scan *scan), void *ctx,
                             struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    enum err e = no_such(db, zone_id, false, why);
    if (e != ERR_OK) {
        return e;
    }
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_list(db, SQL_SCAN_HISTORY);
    sqlite_bind(&call, zone_id);
    sqlite_bind_int(&call, limit == 0 ? INT64_MAX : (int64_t)limit);
    while (true) {
        bool row = false;
        e = sqlite_step(&call, &row, why, "reading scans");
        OWN(db_scan_done) struct db_scan scan = {0};
        if (e == ERR_OK && row) {
            e = sqlite_scan_read(&scan, &call, 0, false, why);
        }
        if (e == ERR_OK && row) {
            e = each(ctx, &scan);
        }
        if (e != ERR_OK || !row) {
            return e;
        }
    }
}

enum err sqlite_scan_next(struct db *base, const char *zone_id, int64_t *at, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_ZONE_STATE);
    sqlite_bind(&call, zone_id);
    bool row = false;
    enum err e = sqlite_step(&call, &row, why, "reading a zone");
    if (e == ERR_OK && !row) {
        e = why_set(why, ERR_NOT_FOUND, "no zone %s; `sslauto zone list` shows them", zone_id);
    }
    if (e == ERR_OK) {
        *at = sqlite_int(&call, 1);
    }
    return e;
}
