// SPDX-License-Identifier: Apache-2.0
// Zones whose edge is to be told.
#include "db/sqlite/sqlite.h"

enum err sqlite_order_add(struct db *base, const char *zone_id, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    enum err e = sqlite_scope_check(db, why);
    if (e != ERR_OK) {
        return e;
    }
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_ORDER_ADD);
    sqlite_bind(&call, zone_id);
    return sqlite_finish(&call, NULL, why, "storing an order");
}

enum err sqlite_order_each(struct db *base,
                           enum err (*each)(void *ctx, const char *zone_id, int64_t version),
                           void *ctx, struct why *why)
{
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_list(sqlite_of(base), SQL_ORDERS);
    while (true) {
        bool row = false;
        enum err e = sqlite_step(&call, &row, why, "reading orders");
        if (e == ERR_OK && row) {
            const char *id = sqlite_str(&call, 0);
            e = id == NULL ? ERR_NOMEM : each(ctx, id, sqlite_int(&call, 1));
        }
        if (e != ERR_OK || !row) {
            return e;
        }
    }
}

enum err sqlite_order_done(struct db *base, const char *zone_id, int64_t version, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    enum err e = sqlite_scope_check(db, why);
    if (e != ERR_OK) {
        return e;
    }
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_ORDER_DONE);
    sqlite_bind(&call, zone_id);
    sqlite_bind_int(&call, version);
    return sqlite_finish(&call, NULL, why, "storing an order");
}
