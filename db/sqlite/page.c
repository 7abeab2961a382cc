// SPDX-License-Identifier: Apache-2.0
// Zones as the API lists them: a page of what matches, and how much there is in all.
#include "db/sqlite/query.h"

static void add_text_match(struct query *query, const struct db_match *match)
{
    // Names are kept in lower case; accounts are as the operator wrote them.
    const char *column = match->field == DB_MATCH_NAME ? "z.name" : "z.account";
    char left[32];
    char right[32];
    unsigned number = query_keep(query, match->value);
    bool fold = !match->case_sensitive;
    bool fold_column = fold && match->field != DB_MATCH_NAME;
    (void)snprintf(left, sizeof left, fold_column ? "lower(%s)" : "%s", column);
    (void)snprintf(right, sizeof right, fold ? "lower($%u)" : "$%u", number);
    switch (match->how) {
    case DB_EQUAL:
        query_add(query, "%s = %s", left, right);
        break;
    case DB_NOT_EQUAL:
        query_add(query, "%s <> %s", left, right);
        break;
    case DB_STARTS_WITH:
        query_add(query, "substr(%s, 1, length(%s)) = %s", left, right, right);
        break;
    case DB_ENDS_WITH:
        query_add(query,
                  "(length(%s) >= length(%s) AND substr(%s, length(%s) - length(%s) + 1) = %s)",
                  left, right, left, left, right, right);
        break;
    case DB_CONTAINS:
        query_add(query, "instr(%s, %s) > 0", left, right);
        break;
    case DB_MATCH_HOW_COUNT:
        break;
    }
}

static void add_match(struct query *query, const struct db_match *match)
{
    switch (match->field) {
    case DB_MATCH_NAME:
    case DB_MATCH_ACCOUNT:
        add_text_match(query, match);
        break;
    case DB_MATCH_ACCOUNT_ID: // hashed once per account, not once per zone
        query_add(query,
                  "z.account IN (SELECT a.account FROM (SELECT DISTINCT account FROM zones) a"
                  " WHERE account_id(a.account) = $%u)",
                  query_keep(query, match->value));
        break;
    case DB_MATCH_NOTHING:
        query_add(query, "1 = 0");
        break;
    case DB_MATCH_ALL:
        query_add(query, "1 = 1");
        break;
    case DB_MATCH_FIELD_COUNT:
        break;
    }
}

static void add_list(struct query *query, const char *column, char *const *values, size_t count)
{
    query_add(query, "%s IN (", column);
    for (size_t i = 0; i < count; i++) {
        query_add(query, i == 0 ? "$%u" : ", $%u", query_keep(query, values[i]));
    }
    query_add(query, ")");
}

static void build(struct query *query, const char *columns, const struct db_page *page)
{
    const struct token *within = page->within;
    query_begin(query);
    query_add(query, "SELECT %s FROM zones z WHERE 1 = 1", columns);
    if (within != NULL && within->owner != NULL) {
        query_add(query, " AND z.account = $%u", query_keep(query, within->owner));
    }
    if (within != NULL && within->account_count + within->zone_count > 0) {
        query_add(query, " AND (");
        add_list(query, "z.account", within->accounts, within->account_count);
        query_add(query, " OR ");
        add_list(query, "z.id", within->zones, within->zone_count);
        query_add(query, ")");
    }
    for (size_t i = 0; i < page->match_count; i++) {
        query_add(query, i == 0 ? " AND (" : page->any ? " OR " : " AND ");
        add_match(query, &page->matches[i]);
    }
    query_add(query, page->match_count > 0 ? ")" : "");
}

static void add_order(struct query *query, const struct db_page *page)
{
    static const char *const columns[DB_PAGE_ORDER_COUNT] = {
        [DB_BY_NAME] = "z.name",
        [DB_BY_ACCOUNT] = "z.account",
        [DB_BY_ACCOUNT_ID] = "account_id(z.account)",
        [DB_BY_PLAN] = "z.plan",
        [DB_BY_ID] = "z.id",
    };
    const char *way = page->descending ? " DESC" : "";
    query_add(query, " ORDER BY %s%s, z.id%s LIMIT %lld OFFSET %lld", columns[page->order], way,
              way, (long long)page->limit, (long long)page->offset);
}

static struct db_zone_state state_read(const struct sqlite_call *call, int first)
{
    return (struct db_zone_state){.modified_at = sqlite_int(call, first),
                                  .mode_modified_at = sqlite_int(call, first + 1),
                                  .automatic_modified_at = sqlite_int(call, first + 2),
                                  .next_scan_at = sqlite_int(call, first + 3),
                                  .recommender = sqlite_int(call, first + 4) != 0};
}

static enum err count_all(struct sqlite_db *db, const struct db_page *page, int64_t *total,
                          struct why *why)
{
    OWN(query_done) struct query query;
    OWN(sqlite_call_close) struct sqlite_call call = {0};
    bool row = false;
    build(&query, "count(*)", page);
    enum err e = query_open(&call, &query, db);
    e = e == ERR_OK ? sqlite_step(&call, &row, why, "counting zones") : e;
    *total = e == ERR_OK ? sqlite_int(&call, 0) : 0;
    return e;
}

enum err sqlite_page_zones(struct db *base, const struct db_page *page,
                           enum err (*each)(void *ctx, const struct zone *zone,
                                            const struct db_zone_state *zone_state),
                           void *ctx, int64_t *total, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    OWN(query_done) struct query query;
    OWN(sqlite_call_close) struct sqlite_call call = {0};
    build(&query, SQL_ZONE_COLUMNS ", " SQL_ZONE_STATE_COLUMNS, page);
    add_order(&query, page);
    enum err e = count_all(db, page, total, why);
    e = e == ERR_OK ? query_open(&call, &query, db) : e;
    while (e == ERR_OK) {
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
        if (!row) {
            break;
        }
    }
    return e;
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
