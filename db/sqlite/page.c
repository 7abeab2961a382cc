// SPDX-License-Identifier: Apache-2.0
// Zones as the API lists them: a page of what matches, and how much there is in all.
#include "db/sqlite/sqlite.h"

struct page_query {
    struct buf where;
    unsigned parameters;
    enum err e; // the first failure sticks
};

static void add(struct page_query *query, const char *sql)
{
    if (query->e == ERR_OK) {
        query->e = buf_add_str(&query->where, sql);
    }
}

// The next parameter.
static void parameter(struct page_query *query)
{
    if (query->e == ERR_OK) {
        query->e = buf_printf(&query->where, "$%u", ++query->parameters);
    }
}

static void add_text_match(struct page_query *query, const struct db_match *match)
{
    // Names are kept in lower case; accounts are as the operator wrote them.
    const char *column = match->field == DB_MATCH_NAME ? "z.name" : "z.account";
    char left[32];
    char right[32];
    unsigned number = ++query->parameters;
    bool fold = !match->case_sensitive;
    bool fold_column = fold && match->field != DB_MATCH_NAME;
    (void)snprintf(left, sizeof left, fold_column ? "lower(%s)" : "%s", column);
    (void)snprintf(right, sizeof right, fold ? "lower($%u)" : "$%u", number);
    if (query->e != ERR_OK) {
        return;
    }
    switch (match->how) {
    case DB_EQUAL:
        query->e = buf_printf(&query->where, "%s = %s", left, right);
        break;
    case DB_NOT_EQUAL:
        query->e = buf_printf(&query->where, "%s <> %s", left, right);
        break;
    case DB_STARTS_WITH:
        query->e = buf_printf(&query->where, "substr(%s, 1, length(%s)) = %s", left, right, right);
        break;
    case DB_ENDS_WITH:
        query->e = buf_printf(&query->where,
                              "(length(%s) >= length(%s) AND"
                              " substr(%s, length(%s) - length(%s) + 1) = %s)",
                              left, right, left, left, right, right);
        break;
    case DB_CONTAINS:
        query->e = buf_printf(&query->where, "instr(%s, %s) > 0", left, right);
        break;
    case DB_MATCH_HOW_COUNT:
        break;
    }
}

static void add_match(struct page_query *query, const struct db_match *match)
{
    switch (match->field) {
    case DB_MATCH_NAME:
    case DB_MATCH_ACCOUNT:
        add_text_match(query, match);
        break;
    case DB_MATCH_ACCOUNT_ID: // hashed once per account, not once per zone
        add(query, "z.account IN (SELECT a.account FROM (SELECT DISTINCT account FROM zones) a"
                   " WHERE account_id(a.account) = ");
        parameter(query);
        add(query, ")");
        break;
    case DB_MATCH_NOTHING:
        add(query, "1 = 0");
        break;
    case DB_MATCH_ALL:
        add(query, "1 = 1");
        break;
    case DB_MATCH_FIELD_COUNT:
        break;
    }
}

static void add_list(struct page_query *query, const char *column, size_t count)
{
    add(query, column);
    add(query, " IN (");
    for (size_t i = 0; i < count; i++) {
        add(query, i == 0 ? "" : ", ");
        parameter(query);
    }
    add(query, ")");
}

static void build_where(struct page_query *query, const struct db_page *page)
{
    const struct token *within = page->within;
    add(query, " WHERE 1 = 1");
    if (within != NULL && within->account_count + within->zone_count > 0) {
        add(query, " AND (");
        add_list(query, "z.account", within->account_count);
        add(query, " OR ");
        add_list(query, "z.id", within->zone_count);
        add(query, ")");
    }
    for (size_t i = 0; i < page->match_count; i++) {
        add(query, i == 0 ? " AND (" : page->any ? " OR " : " AND ");
        add_match(query, &page->matches[i]);
    }
    add(query, page->match_count > 0 ? ")" : "");
}

static void bind_where(struct sqlite_call *call, const struct db_page *page)
{
    const struct token *within = page->within;
    for (size_t i = 0; within != NULL && i < within->account_count; i++) {
        sqlite_bind(call, within->accounts[i]);
    }
    for (size_t i = 0; within != NULL && i < within->zone_count; i++) {
        sqlite_bind(call, within->zones[i]);
    }
    for (size_t i = 0; i < page->match_count; i++) {
        const struct db_match *match = &page->matches[i];
        if (match->field != DB_MATCH_NOTHING && match->field != DB_MATCH_ALL) {
            sqlite_bind(call, match->value);
        }
    }
}

static void add_order(struct page_query *query, const struct db_page *page)
{
    static const char *const columns[DB_PAGE_ORDER_COUNT] = {
        [DB_BY_NAME] = "z.name",
        [DB_BY_ACCOUNT] = "z.account",
        [DB_BY_ACCOUNT_ID] = "account_id(z.account)",
        [DB_BY_PLAN] = "z.plan",
        [DB_BY_ID] = "z.id",
    };
    const char *way = page->descending ? " DESC" : "";
    add(query, " ORDER BY ");
    add(query, columns[page->order]);
    add(query, way);
    add(query, ", z.id");
    add(query, way);
    add(query, " LIMIT ");
    parameter(query);
    add(query, " OFFSET ");
    parameter(query);
}

static struct db_zone_state state_read(const struct sqlite_call *call, int first)
{
    return (struct db_zone_state){.modified_at = sqlite_int(call, first),
                                  .mode_modified_at = sqlite_int(call, first + 1),
                                  .automatic_modified_at = sqlite_int(call, first + 2),
                                  .next_scan_at = sqlite_int(call, first + 3),
                                  .recommender = sqlite_int(call, first + 4) != 0};
}

static enum err count_all(struct sqlite_db *db, const struct db_page *page,
                          const struct page_query *query, int64_t *total, struct why *why)
{
    OWN(buf_done) struct buf text = {.max = SQLITE_TEXT_MAX};
    enum err e = buf_printf(&text, "SELECT count(*) FROM zones z%s", buf_str(&query->where));
    if (e != ERR_OK) {
        return e;
    }
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_text(db, buf_str(&text));
    bind_where(&call, page);
    bool row = false;
    e = sqlite_step(&call, &row, why, "counting zones");
    *total = e == ERR_OK ? sqlite_int(&call, 0) : 0;
    return e;
}

static enum err
walk(struct sqlite_db *db, const struct db_page *page, const struct page_query *query,
     enum err (*each)(void *ctx, const struct zone *zone, const struct db_zone_state *zone_state),
     void *ctx, struct why *why)
{
    OWN(buf_done) struct buf text = {.max = SQLITE_TEXT_MAX};
    enum err e =
        buf_printf(&text, "SELECT " SQL_ZONE_COLUMNS ", " SQL_ZONE_STATE_COLUMNS " FROM zones z%s",
                   buf_str(&query->where));
    if (e != ERR_OK) {
        return e;
    }
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_text(db, buf_str(&text));
    bind_where(&call, page);
    sqlite_bind_int(&call, page->limit);
    sqlite_bind_int(&call, page->offset);
    while (true) {
        bool row = false;
        OWN(zone_own) struct zone *zone = NULL;
        e = sqlite_step(&call, &row, why, "listing zones");
        if (e == ERR_OK && row) {
            e = sqlite_zone_read(&zone, &call, why);
        }
        if (e == ERR_OK && row) {
            struct db_zone_state zone_state = state_read(&call, SQL_ZONE_COLUMN_COUNT);
            e = each(ctx, zone, &zone_state);
        }
        if (e != ERR_OK || !row) {
            return e;
        }
    }
}

static void query_done(struct page_query *query)
{
    buf_done(&query->where);
}

enum err sqlite_page_zones(struct db *base, const struct db_page *page,
                           enum err (*each)(void *ctx, const struct zone *zone,
                                            const struct db_zone_state *zone_state),
                           void *ctx, int64_t *total, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    OWN(query_done) struct page_query query = {.where.max = SQLITE_TEXT_MAX};
    build_where(&query, page);
    enum err e = query.e != ERR_OK ? query.e : count_all(db, page, &query, total, why);
    add_order(&query, page);
    e = e == ERR_OK ? query.e : e;
    return e != ERR_OK ? e : walk(db, page, &query, each, ctx, why);
}

enum err sqlite_page_state(struct db *base, const char *id, struct db_zone_state *out,
                           struct why *why)
{
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_open(sqlite_of(base), SQL_ZONE_API_STATE);
    sqlite_bind(&call, id);
    bool row = false;
    enum err e = sqlite_step(&call, &row, why, "reading a zone");
    if (e == ERR_OK && !row) {
        return why_set(why, ERR_NOT_FOUND, "no zone %s", id);
    }
    if (e == ERR_OK) {
        *out = state_read(&call, 0);
    }
    return e;
}

enum err sqlite_page_set_recommender(struct db *base, const char *id, bool on, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    int64_t changed = 0;
    enum err e = sqlite_scope_check(db, why);
    if (e != ERR_OK) {
        return e;
    }
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_ZONE_RECOMMENDER);
    sqlite_bind_int(&call, on);
    sqlite_bind(&call, id);
    e = sqlite_finish(&call, &changed, why, "storing a zone");
    return e == ERR_OK && changed == 0 ? why_set(why, ERR_NOT_FOUND, "no zone %s", id) : e;
}
