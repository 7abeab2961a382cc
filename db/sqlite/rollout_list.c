// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "db/sqlite/query.h"

// What is active is the newest generation too, and few: such lists begin at the rollouts, all
// others walk the zones by name.
static void add_conditions(struct query *query, const struct db_rollout_filter *filter,
                           bool by_zone)
{
    query_add(query, "%s",
              filter->running  ? SQL_ROLLOUT_RUNNING
              : filter->active ? SQL_ROLLOUT_ACTIVE
                               : "r.newest = 1");
    query_and(query, by_zone ? "z.account = " : "r.account = ", filter->account);
    query_and(query, "r.origin_net = ", filter->origin_net);
    query_and(query, "z.edge = ", filter->edge);
}

// The row's keys are read in order, the rest of it by key: sorting carries no long texts.
static enum err visit(struct sqlite_db *db, const struct sqlite_call *call,
                      enum err (*each)(void *ctx, const struct zone *zone,
                                       const struct rollout *rollout),
                      void *ctx, struct why *why)
{
    OWN(zone_own) struct zone *zone = NULL;
    struct rollout rollout;
    enum err e = sqlite_zone_by_key(&zone, db, sqlite_int(call, 0), why);
    if (e == ERR_OK) {
        e = sqlite_rollout_by_key(&rollout, db, sqlite_int(call, 1), why);
    }
    return e != ERR_OK ? e : each(ctx, zone, &rollout);
}

enum err sqlite_rollout_each(struct db *base, const struct db_rollout_filter *filter,
                             enum err (*each)(void *ctx, const struct zone *zone,
                                              const struct rollout *rollout),
                             void *ctx, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    bool by_zone = !filter->active && !filter->running;
    OWN(query_done) struct query query;
    OWN(sqlite_call_close) struct sqlite_call call = {0};
    query_begin(&query);
    // CROSS JOIN keeps the order of the tables (https://www.sqlite.org/lang_select.html).
    query_add(&query, "SELECT z.zone_key, r.rollout_key FROM %s WHERE r.zone_id = z.id AND ",
              by_zone ? "zones z CROSS JOIN rollouts r" : "rollouts r CROSS JOIN zones z");
    add_conditions(&query, filter, by_zone);
    query_add(&query, " ORDER BY z.name, z.id");
    enum err e = query_open(&call, &query, db);
    while (e == ERR_OK) {
        bool row = false;
        e = sqlite_step(&call, &row, why, "listing rollouts");
        if (e == ERR_OK && row) {
            e = visit(db, &call, each, ctx, why);
        }
        if (!row) {
            break;
        }
    }
    return e;
}

enum err sqlite_rollout_count(struct db *base, const struct db_rollout_filter *filter, int64_t *out,
                              struct why *why)
{
    OWN(query_done) struct query query;
    OWN(sqlite_call_close) struct sqlite_call call = {0};
    bool row = false;
    query_begin(&query);
    query_add(&query, "SELECT count(*) FROM rollouts r %s",
              filter->edge != NULL ? "CROSS JOIN zones z WHERE z.id = r.zone_id AND " : "WHERE ");
    add_conditions(&query, filter, false);
    enum err e = query_open(&call, &query, sqlite_of(base));
    e = e == ERR_OK ? sqlite_step(&call, &row, why, "counting rollouts") : e;
    if (e == ERR_OK) {
        *out = sqlite_int(&call, 0);
    }
    return e;
}

static enum err parse_state(size_t *out, struct span word)
{
    enum rollout_state state = ROLLOUT_ELIGIBLE;
    enum err e = rollout_state_parse(&state, word);
    *out = (size_t)state;
    return e;
}

static enum err parse_reason(size_t *out, struct span word)
{
    enum rollout_reason reason = ROLLOUT_REASON_NONE;
    enum err e = rollout_reason_parse(&reason, word);
    *out = (size_t)reason;
    return e;
}

// Rows of (word, count) into out[what the word stands for].
static enum err count_words(struct sqlite_db *db, enum db_statement statement,
                            enum err (*parse)(size_t *out, struct span word), int64_t *out,
                            struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, statement);
    while (true) {
        bool row = false;
        enum err e = sqlite_step(&call, &row, why, "counting rollouts");
        if (e != ERR_OK || !row) {
            return e;
        }
        const char *word = sqlite_str(&call, 0);
        size_t at = 0;
        if (word == NULL || parse(&at, span_of(word)) != ERR_OK) {
            return why_set(why, ERR_CORRUPT,
                           "%s: a rollout's state or reason cannot be read; run `sslauto db "
                           "check`, restore a copy made with `sslauto db backup`",
                           db->path);
        }
        out[at] = sqlite_int(&call, 1);
    }
}

enum err sqlite_rollout_states(struct db *base, int64_t out[ROLLOUT_STATE_COUNT], struct why *why)
{
    int64_t counts[ROLLOUT_STATE_COUNT] = {0};
    enum err e = count_words(sqlite_of(base), SQL_ROLLOUT_STATES, parse_state, counts, why);
    if (e == ERR_OK) {
        memcpy(out, counts, sizeof counts);
    }
    return e;
}

enum err sqlite_rollout_aborts(struct db *base, int64_t out[ROLLOUT_REASON_COUNT], struct why *why)
{
    int64_t counts[ROLLOUT_REASON_COUNT] = {0};
    enum err e = count_words(sqlite_of(base), SQL_ROLLOUT_ABORTS, parse_reason, counts, why);
    if (e == ERR_OK) {
        memcpy(out, counts, sizeof counts);
    }
    return e;
}

static enum err event_read(struct rollout_event *out, const struct sqlite_call *call,
                           struct why *why)
{
    const char *id = sqlite_str(call, 0);
    const char *state = sqlite_str(call, 5);
    const char *reason = sqlite_str(call, 6);
    *out = (struct rollout_event){.generation = sqlite_int(call, 1),
                                  .version = sqlite_int(call, 2),
                                  .at = sqlite_int(call, 3),
                                  .actor = sqlite_str(call, 4),
                                  .share_bp = (int)sqlite_int(call, 7),
                                  .detail = sqlite_str(call, 8)};
    if (id == NULL || state == NULL || reason == NULL || out->actor == NULL ||
        out->detail == NULL) {
        return ERR_NOMEM;
    }
    (void)snprintf(out->zone_id, sizeof out->zone_id, "%s", id);
    if (rollout_state_parse(&out->state, span_of(state)) != ERR_OK ||
        rollout_reason_parse(&out->reason, span_of(reason)) != ERR_OK) {
        return why_set(why, ERR_CORRUPT,
                       "%s: zone %s: the history of its rollouts cannot be read; run `sslauto db "
                       "check`, restore a copy made with `sslauto db backup`",
                       call->db->path, out->zone_id);
    }
    return ERR_OK;
}

enum err sqlite_rollout_events(struct db *base, const char *zone_id, int64_t generation,
                               size_t limit,
                               enum err (*each)(void *ctx, const struct rollout_event *event),
                               void *ctx, struct why *why)
{
    enum db_statement statement = zone_id != NULL ? SQL_ROLLOUT_EVENTS_OF_ZONE : SQL_ROLLOUT_EVENTS;
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_list(sqlite_of(base), statement);
    if (zone_id != NULL) {
        sqlite_bind(&call, zone_id);
    }
    sqlite_bind_int(&call, generation);
    sqlite_bind_int(&call, limit == 0 ? INT64_MAX : (int64_t)limit);
    while (true) {
        bool row = false;
        enum err e = sqlite_step(&call, &row, why, "reading the history of rollouts");
        struct rollout_event event;
        if (e == ERR_OK && row) {
            e = event_read(&event, &call, why);
        }
        if (e == ERR_OK && row) {
            e = each(ctx, &event);
        }
        if (e != ERR_OK || !row) {
            return e;
        }
    }
}
