// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite/sqlite.h"

enum err sqlite_event_insert(struct sqlite_db *db, const struct db_event *event, struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_EVENT_INSERT);
    sqlite_bind(&call, event->zone_id);
    sqlite_bind(&call, event->actor);
    sqlite_bind(&call, event->kind);
    sqlite_bind(&call, event->detail);
    return sqlite_finish(&call, NULL, why, "storing an event");
}

enum err sqlite_event_add(struct db *base, const struct db_event *event, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    OWN(sqlite_scope_done) struct sqlite_scope scope = {0};
    enum err e = sqlite_scope_begin(&scope, db, why);
    if (e == ERR_OK) {
        e = sqlite_event_insert(db, event, why);
    }
    return e != ERR_OK ? e : sqlite_scope_commit(&scope, why);
}

static struct db_event event_read(const struct sqlite_call *call)
{
    return (struct db_event){.id = sqlite_int(call, 0),
                             .at = sqlite_int(call, 1),
                             .zone_id = sqlite_str(call, 2),
                             .actor = sqlite_str(call, 3),
                             .kind = sqlite_str(call, 4),
                             .detail = sqlite_str(call, 5)};
}

enum err sqlite_event_each(struct db *base, const char *zone_id, size_t limit,
                           enum err (*each)(void *ctx, const struct db_event *event), void *ctx,
                           struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    enum db_statement statement = zone_id != NULL ? SQL_EVENTS_OF_ZONE : SQL_EVENTS;
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_list(db, statement);
    if (zone_id != NULL) {
        sqlite_bind(&call, zone_id);
    }
    sqlite_bind_int(&call, limit == 0 ? INT64_MAX : (int64_t)limit);
    while (true) {
        bool row = false;
        enum err e = sqlite_step(&call, &row, why, "reading events");
        if (e == ERR_OK && row) {
            struct db_event event = event_read(&call);
            e = event.actor == NULL || event.kind == NULL || event.detail == NULL
                    ? ERR_NOMEM
                    : each(ctx, &event);
        }
        if (e != ERR_OK || !row) {
            return e;
        }
    }
}
