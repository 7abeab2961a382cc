// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite/query.h"

// Behind every id: "after a name" alone means after all zones of that name.
#define AFTER_ALL_IDS "~"

static const char *mode_or_null(enum mode mode)
{
    return mode == MODE_NONE ? NULL : mode_str(mode);
}

static void build(struct query *query, const char *columns, const struct db_filter *filter)
{
    query_begin(query);
    query_add(query,
              "SELECT %s FROM zones z LEFT JOIN scans s ON s.scan_id = z.current_scan_id"
              " WHERE 1 = 1",
              columns);
    query_and(query, "z.account = ", filter->account);
    query_and(query, "z.name = ", filter->name);
    query_and(query, "z.mode = ", mode_or_null(filter->mode));
    query_and(query, "s.mode_recommended = ", mode_or_null(filter->recommended));
    if (filter->after_name != NULL) {
        const char *after_id = filter->after_id != NULL ? filter->after_id : AFTER_ALL_IDS;
        unsigned name = query_keep(query, filter->after_name);
        query_add(query, " AND (z.name, z.id) > ($%u, $%u)", name, query_keep(query, after_id));
    }
    if (filter->blocked) {
        query_add(query, " AND s.blocker_count > 0");
    }
}

// What is called for each row, and what it reads of it.
struct visitor {
    enum err (*zone)(void *ctx, const struct zone *zone);
    enum err (*both)(void *ctx, const struct zone *zone, const struct db_scan *scan);
    bool texts;
    void *ctx;
};

static enum err visit(const struct visitor *visitor, const struct sqlite_call *call,
                      struct why *why)
{
    OWN(zone_own) struct zone *zone = NULL;
    OWN(db_scan_done) struct db_scan scan = {0};
    enum err e = sqlite_zone_read(&zone, call, why);
    if (e != ERR_OK) {
        return e;
    }
    if (visitor->zone != NULL) {
        return visitor->zone(visitor->ctx, zone);
    }
    bool scanned = sqlite3_column_type(call->stmt, SQL_ZONE_COLUMN_COUNT) != SQLITE_NULL;
    if (scanned) {
        e = sqlite_scan_read(&scan, call, SQL_ZONE_COLUMN_COUNT, visitor->texts, why);
    }
    return e != ERR_OK ? e : visitor->both(visitor->ctx, zone, scanned ? &scan : NULL);
}

static enum err walk(struct sqlite_db *db, const char *columns, const struct db_filter *filter,
                     const struct visitor *visitor, struct why *why)
{
    OWN(query_done) struct query query;
    OWN(sqlite_call_close) struct sqlite_call call = {0};
    build(&query, columns, filter);
    query_add(&query, " ORDER BY z.name, z.id");
    if (filter->limit > 0) {
        query_add(&query, " LIMIT %zu", filter->limit);
    }
    enum err e = query_open(&call, &query, db);
    while (e == ERR_OK) {
        bool row = false;
        e = sqlite_step(&call, &row, why, "listing zones");
        if (e == ERR_OK && row) {
            e = visit(visitor, &call, why);
        }
        if (!row) {
            break;
        }
    }
    return e;
}

enum err sqlite_list_zones(struct db *base, const struct db_filter *filter,
                           enum err (*each)(void *ctx, const struct zone *zone), void *ctx,
                           struct why *why)
{
    struct visitor visitor = {.zone = each, .ctx = ctx};
    return walk(sqlite_of(base), SQL_ZONE_COLUMNS, filter, &visitor, why);
}

enum err sqlite_list_recommendations(struct db *base, const struct db_filter *filter,
                                     enum err (*each)(void *ctx, const struct zone *zone,
                                                      const struct db_scan *scan),
                                     void *ctx, struct why *why)
{
    struct visitor visitor = {.both = each, .texts = true, .ctx = ctx};
    const char *columns = filter->without_evidence ? SQL_ZONE_COLUMNS
                              ", " SQL_SCAN_COLUMNS ", s.recommendation, s.policy, NULL"
                                                   : SQL_ZONE_COLUMNS ", " SQL_SCAN_COLUMNS
                                                                      ", " SQL_SCAN_TEXTS;
    return walk(sqlite_of(base), columns, filter, &visitor, why);
}

enum err sqlite_list_count(struct db *base, const struct db_filter *filter, int64_t *out,
                           struct why *why)
{
    OWN(query_done) struct query query;
    OWN(sqlite_call_close) struct sqlite_call call = {0};
    bool row = false;
    build(&query, "count(*)", filter);
    enum err e = query_open(&call, &query, sqlite_of(base));
    e = e == ERR_OK ? sqlite_step(&call, &row, why, "counting zones") : e;
    if (e == ERR_OK) {
        *out = sqlite_int(&call, 0);
    }
    return e;
}
