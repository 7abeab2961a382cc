// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "db/sqlite/sqlite.h"

enum err sqlite_write_one(struct sqlite_call *call, int64_t *changed, struct why *why,
                          const char *doing)
{
    OWN(sqlite_scope_done) struct sqlite_scope scope = {0};
    enum err e = sqlite_scope_begin(&scope, call->db, why);
    if (e == ERR_OK) {
        e = sqlite_finish(call, changed, why, doing);
    }
    return e != ERR_OK ? e : sqlite_scope_commit(&scope, why);
}

static bool channel_parse(enum db_channel *out, const char *word)
{
    for (unsigned i = 0; i < CHANNEL_COUNT; i++) {
        if (strcmp(word, db_channel_str((enum db_channel)i)) == 0) {
            *out = (enum db_channel)i;
            return true;
        }
    }
    return false;
}

static bool state_parse(enum db_dispatch_state *out, const char *word)
{
    for (unsigned i = 0; i < DISPATCH_STATE_COUNT; i++) {
        if (strcmp(word, db_dispatch_state_str((enum db_dispatch_state)i)) == 0) {
            *out = (enum db_dispatch_state)i;
            return true;
        }
    }
    return false;
}

static enum err words_read(struct db_dispatch *out, const struct sqlite_call *call, struct why *why)
{
    enum err e = sqlite_copy(&out->letter, call, 1);
    e = e == ERR_OK ? sqlite_copy(&out->recipient, call, 3) : e;
    const char *channel = sqlite_str(call, 2);
    const char *state = sqlite_str(call, 4);
    const char *words = sqlite_str(call, 9);
    if (e != ERR_OK || channel == NULL || state == NULL || words == NULL) {
        return ERR_NOMEM;
    }
    (void)snprintf(out->words, sizeof out->words, "%s", words);
    return channel_parse(&out->channel, channel) && state_parse(&out->state, state)
               ? ERR_OK
               : why_set(why, ERR_CORRUPT, "%s: the dispatch of %s cannot be read", call->db->path,
                         out->letter);
}

// SQL_DISPATCH_COLUMNS
static enum err dispatch_read(struct db_dispatch *out, const struct sqlite_call *call,
                              struct why *why)
{
    struct db_dispatch one = {.id = sqlite_int(call, 0),
                              .attempts = sqlite_int(call, 5),
                              .created_at = sqlite_int(call, 6),
                              .due_at = sqlite_int(call, 7),
                              .ended_at = sqlite_int(call, 8)};
    enum err e = words_read(&one, call, why);
    if (e != ERR_OK) {
        db_dispatch_done(&one);
        return e;
    }
    *out = one;
    return ERR_OK;
}

enum err sqlite_dispatch_add(struct db *base, const char *letter, enum db_channel channel,
                             const char *recipient, struct why *why)
{
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_open(sqlite_of(base), SQL_DISPATCH_INSERT);
    sqlite_bind(&call, letter);
    sqlite_bind(&call, db_channel_str(channel));
    sqlite_bind(&call, recipient);
    return sqlite_write_one(&call, NULL, why, "storing a dispatch");
}

enum err sqlite_dispatch_claim(struct db *base, const char *owner, int64_t claim_s,
                               struct db_dispatch *out, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    OWN(db_dispatch_done) struct db_dispatch one = {0};
    OWN(sqlite_scope_done) struct sqlite_scope scope = {0};
    enum err e = sqlite_scope_begin(&scope, db, why);
    bool row = false;
    if (e == ERR_OK) {
        OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_DISPATCH_CLAIM);
        sqlite_bind(&call, owner);
        sqlite_bind_int(&call, claim_s);
        e = sqlite_step(&call, &row, why, "taking up a dispatch");
        if (e == ERR_OK && row) {
            e = dispatch_read(&one, &call, why);
        }
        if (e == ERR_OK && row) { // behind its last row a statement would begin anew
            e = sqlite_finish(&call, NULL, why, "taking up a dispatch");
        }
    }
    if (e == ERR_OK && !row) {
        return ERR_NOT_FOUND;
    }
    e = e == ERR_OK ? sqlite_scope_commit(&scope, why) : e;
    if (e == ERR_OK) {
        *out = one;
        one = (struct db_dispatch){0};
    }
    return e;
}

enum err sqlite_dispatch_end(struct db *base, const struct db_dispatch *dispatch, struct why *why)
{
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_open(sqlite_of(base), SQL_DISPATCH_END);
    sqlite_bind(&call, db_dispatch_state_str(dispatch->state));
    sqlite_bind_int_or_null(&call, dispatch->due_at, dispatch->state != DISPATCH_WAITING);
    sqlite_bind(&call, dispatch->words);
    sqlite_bind_int(&call, dispatch->id);
    sqlite_bind_int(&call, dispatch->attempts);
    int64_t changed = 0;
    enum err e = sqlite_write_one(&call, &changed, why, "storing how a dispatch went");
    return e == ERR_OK && changed == 0
               ? why_set(why, ERR_CONFLICT, "%s to %s: somebody else has taken it up",
                         dispatch->letter, dispatch->recipient)
               : e;
}

enum err sqlite_dispatch_hurry(struct db *base, const char *letter, struct why *why)
{
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_open(sqlite_of(base), SQL_DISPATCH_HURRY);
    sqlite_bind(&call, letter);
    return sqlite_write_one(&call, NULL, why, "hurrying a dispatch");
}

enum err sqlite_dispatch_drop_owner(struct db *base, const char *owner, struct why *why)
{
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_open(sqlite_of(base), SQL_DISPATCH_DROP_OWNER);
    sqlite_bind(&call, owner);
    return sqlite_write_one(&call, NULL, why, "taking over dispatches");
}

enum err sqlite_dispatch_each(struct db *base, const struct db_dispatch_filter *filter,
                              enum err (*each)(void *ctx, const struct db_dispatch *dispatch),
                              void *ctx, struct why *why)
{
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_list(sqlite_of(base), SQL_DISPATCHES);
    sqlite_bind(&call, filter->account);
    sqlite_bind_int(&call, filter->week);
    sqlite_bind_int(&call, filter->open ? 1 : 0);
    sqlite_bind_int(&call, filter->limit == 0 ? INT64_MAX : (int64_t)filter->limit);
    while (true) {
        bool row = false;
        OWN(db_dispatch_done) struct db_dispatch dispatch = {0};
        enum err e = sqlite_step(&call, &row, why, "listing dispatches");
        if (e == ERR_OK && row) {
            e = dispatch_read(&dispatch, &call, why);
        }
        if (e == ERR_OK && row) {
            e = each(ctx, &dispatch);
        }
        if (e != ERR_OK || !row) {
            return e;
        }
    }
}
