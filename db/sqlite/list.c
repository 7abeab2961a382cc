// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite/sqlite.h"

// A list over zones: its statement has only the conditions that the filter asks for, so that the
// right index is used, and is prepared for the call alone, so that lists may be nested.
struct list {
    struct buf text;
    unsigned parameters;
    enum err e; // the first failure sticks
};

static void list_done(struct list *list)
{
    buf_done(&list->text);
}

static void list_add(struct list *list, const char *sql)
{
    if (list->e == ERR_OK) {
        list->e = buf_add_str(&list->text, sql);
    }
}

// " AND <condition>" with the next parameter behind it.
static void list_and(struct list *list, bool wanted, const char *condition)
{
    if (wanted && list->e == ERR_OK) {
        list->e = buf_printf(&list->text, " AND %s$%u", condition, ++list->parameters);
    }
}

static void list_build(struct list *list, const char *columns, const struct db_filter *filter,
                       bool in_order)
{
    *list = (struct list){.text.max = SQLITE_TEXT_MAX};
    list_add(list, "SELECT ");
    list_add(list, columns);
    list_add(list, " FROM zones z LEFT JOIN scans s ON s.scan_id = z.current_scan_id WHERE 1 = 1");
    list_and(list, filter->account != NULL, "z.account = ");
    list_and(list, filter->name != NULL, "z.name = ");
    list_and(list, filter->mode != MODE_NONE, "z.mode = ");
    list_and(list, filter->recommended != MODE_NONE, "s.mode_recommended = ");
    list_and(list, filter->after_name != NULL, "(z.name, z.id) > (");
    if (filter->after_name != NULL && list->e == ERR_OK) {
        list->e = buf_printf(&list->text, ", $%u)", ++list->parameters);
    }
    if (filter->blocked) {
        list_add(list, " AND s.blocker_count > 0");
    }
    if (in_order) {
        list_add(list, " ORDER BY z.name, z.id");
    }
    if (filter->limit > 0 && list->e == ERR_OK) {
        list->e = buf_printf(&list->text, " LIMIT %zu", filter->limit);
    }
}

// Behind every id: "after a name" alone means after all zones of that name.
#define AFTER_ALL_IDS "~"

static void list_bind(struct sqlite_call *call, const struct db_filter *filter)
{
    if (filter->account != NULL) {
        sqlite_bind(call, filter->account);
    }
    if (filter->name != NULL) {
        sqlite_bind(call, filter->name);
    }
    if (filter->mode != MODE_NONE) {
        sqlite_bind(call, mode_str(filter->mode));
    }
    if (filter->recommended != MODE_NONE) {
        sqlite_bind(call, mode_str(filter->recommended));
    }
    if (filter->after_name != NULL) {
        sqlite_bind(call, filter->after_name);
        sqlite_bind(call, filter->after_id != NULL ? filter->after_id : AFTER_ALL_IDS);
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
    OWN(list_done) struct list list = {0};
    list_build(&list, columns, filter, true);
    if (list.e != ERR_OK) {
        return list.e;
    }
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_text(db, buf_str(&list.text));
    list_bind(&call, filter);
    while (true) {
        bool row = false;
        enum err e = sqlite_step(&call, &row, why, "listing zones");
        if (e == ERR_OK && row) {
            e = visit(visitor, &call, why);
        }
        if (e != ERR_OK || !row) {
            return e;
        }
    }
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
    struct sqlite_db *db = sqlite_of(base);
    struct db_filter all = *filter;
    all.limit = 0;
    OWN(list_done) struct list list = {0};
    list_build(&list, "count(*)", &all, false);
    if (list.e != ERR_OK) {
        return list.e;
    }
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_text(db, buf_str(&list.text));
    list_bind(&call, &all);
    bool row = false;
    enum err e = sqlite_step(&call, &row, why, "counting zones");
    if (e == ERR_OK) {
        *out = sqlite_int(&call, 0);
    }
    return e;
}
