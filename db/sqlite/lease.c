// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "db/sqlite/sqlite.h"

static enum err no_zone(const char *id, struct why *why)
{
    return why_set(why, ERR_NOT_FOUND, "no zone %s; `sslauto zone list` shows them", id);
}

// Where a zone stands, for decisions within one transaction.
struct state {
    int64_t key;
    bool leased;
    char owner[128];
    int64_t expires_at;
    int64_t next_scan_at;
};

static enum err state_read(struct state *out, struct sqlite_db *db, const char *id, struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_ZONE_STATE);
    sqlite_bind(&call, id);
    bool row = false;
    enum err e = sqlite_step(&call, &row, why, "reading a zone");
    if (e != ERR_OK) {
        return e;
    }
    if (!row) {
        return no_zone(id, why);
    }
    const char *owner = sqlite_str(&call, 2);
    *out = (struct state){.key = sqlite_int(&call, 0),
                          .next_scan_at = sqlite_int(&call, 1),
                          .expires_at = sqlite_int(&call, 3),
                          .leased = sqlite_int(&call, 4) != 0};
    (void)snprintf(out->owner, sizeof out->owner, "%s", owner == NULL ? "" : owner);
    return ERR_OK;
}

// Due now; what is in work is due again after it.
static enum err request_zone(struct sqlite_db *db, const char *id, int64_t *changed,
                             struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_REQUEST_ZONE);
    sqlite_bind(&call, id);
    return sqlite_finish(&call, changed, why, "asking for a scan");
}

static enum err request_all(struct sqlite_db *db, int64_t *changed, struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_REQUEST_ALL);
    return sqlite_finish(&call, changed, why, "asking for a scan");
}

enum err sqlite_lease_request(struct db *base, const char *id, int64_t *changed, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    OWN(sqlite_scope_done) struct sqlite_scope scope = {0};
    enum err e = sqlite_scope_begin(&scope, db, why);
    if (e == ERR_OK && id != NULL) {
        struct state state = {0};
        e = state_read(&state, db, id, why);
    }
    if (e != ERR_OK) {
        return e;
    }
    int64_t count = 0;
    e = id != NULL ? request_zone(db, id, &count, why) : request_all(db, &count, why);
    if (e == ERR_OK) {
        e = sqlite_scope_commit(&scope, why);
    }
    if (e == ERR_OK && changed != NULL) {
        *changed = count;
    }
    return e;
}

static enum err claimable(struct sqlite_db *db, int64_t *keys, size_t max, size_t *count,
                          struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_CLAIMABLE);
    sqlite_bind_int(&call, (int64_t)max);
    size_t n = 0;
    bool row = true;
    while (n < max) {
        enum err e = sqlite_step(&call, &row, why, "looking for due zones");
        if (e != ERR_OK) {
            return e;
        }
        if (!row) {
            break;
        }
        keys[n++] = sqlite_int(&call, 0);
    }
    *count = n;
    return ERR_OK;
}

static enum err take(struct sqlite_db *db, const char *owner, int64_t lease_s, int64_t key,
                     struct db_lease *out, struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_LEASE_TAKE);
    sqlite_bind(&call, owner);
    sqlite_bind_int(&call, lease_s);
    sqlite_bind_int(&call, key);
    bool row = false;
    enum err e = sqlite_step(&call, &row, why, "leasing a zone");
    if (e != ERR_OK) {
        return e;
    }
    int64_t epoch = sqlite_int(&call, 0);
    struct zone *zone = NULL;
    e = sqlite_finish(&call, NULL, why, "leasing a zone");
    if (e == ERR_OK) {
        e = sqlite_zone_by_key(&zone, db, key, why);
    }
    if (e == ERR_OK) {
        *out = (struct db_lease){zone, epoch};
    }
    return e;
}

static void give_back(struct db_lease *leases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        zone_free(leases[i].zone);
        leases[i] = (struct db_lease){0};
    }
}

static enum err take_keys(struct sqlite_db *db, const char *owner, int64_t lease_s,
                          const int64_t *keys, size_t count, struct db_lease *out, struct why *why)
{
    for (size_t i = 0; i < count; i++) {
        enum err e = take(db, owner, lease_s, keys[i], &out[i], why);
        if (e != ERR_OK) {
            give_back(out, i);
            return e;
        }
    }
    return ERR_OK;
}

static void free_keys(int64_t **keys)
{
    free(*keys);
}

enum err sqlite_lease_claim(struct db *base, const char *owner, int64_t lease_s, size_t max,
                            struct db_lease *out, size_t *count, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    *count = 0;
    if (max == 0) {
        return ERR_OK;
    }
    OWN(free_keys) int64_t *keys = calloc(max, sizeof *keys);
    if (keys == NULL) {
        return ERR_NOMEM;
    }
    OWN(sqlite_scope_done) struct sqlite_scope scope = {0};
    size_t n = 0;
    enum err e = sqlite_scope_begin(&scope, db, why);
    if (e == ERR_OK) {
        e = claimable(db, keys, max, &n, why);
    }
    if (e == ERR_OK) {
        e = take_keys(db, owner, lease_s, keys, n, out, why);
    }
    if (e != ERR_OK) {
        return e;
    }
    e = sqlite_scope_commit(&scope, why);
    if (e != ERR_OK) {
        give_back(out, n);
        return e;
    }
    *count = n;
    return ERR_OK;
}

enum err sqlite_lease_claim_zone(struct db *base, const char *owner, int64_t lease_s,
                                 const char *id, struct db_lease *out, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    OWN(sqlite_scope_done) struct sqlite_scope scope = {0};
    struct state state = {0};
    enum err e = sqlite_scope_begin(&scope, db, why);
    if (e == ERR_OK) {
        e = state_read(&state, db, id, why);
    }
    if (e == ERR_OK && state.leased) {
        e = why_set(why, ERR_BUSY, "zone %s is in work by %s; try again when it is done", id,
                    state.owner);
    }
    if (e == ERR_OK) {
        e = request_zone(db, id, NULL, why);
    }
    struct db_lease lease = {0};
    if (e == ERR_OK) {
        e = take(db, owner, lease_s, state.key, &lease, why);
    }
    if (e == ERR_OK) {
        e = sqlite_scope_commit(&scope, why);
    }
    if (e != ERR_OK) {
        give_back(&lease, 1);
        return e;
    }
    *out = lease;
    return ERR_OK;
}

// One statement that changes leases, in a transaction of its own.
static enum err change(struct sqlite_call *call, int64_t *changed, struct why *why)
{
    OWN(sqlite_scope_done) struct sqlite_scope scope = {0};
    enum err e = sqlite_scope_begin(&scope, call->db, why);
    if (e == ERR_OK) {
        e = sqlite_finish(call, changed, why, "changing a lease");
    }
    return e != ERR_OK ? e : sqlite_scope_commit(&scope, why);
}

enum err sqlite_lease_renew(struct db *base, const char *owner, int64_t lease_s, struct why *why)
{
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_open(sqlite_of(base), SQL_LEASE_RENEW);
    sqlite_bind_int(&call, lease_s);
    sqlite_bind(&call, owner);
    return change(&call, NULL, why);
}

enum err sqlite_lease_release(struct db *base, const char *zone_id, int64_t epoch,
                              int64_t next_scan_at, struct why *why)
{
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_open(sqlite_of(base), SQL_LEASE_RELEASE);
    sqlite_bind_int(&call, next_scan_at);
    sqlite_bind(&call, zone_id);
    sqlite_bind_int(&call, epoch);
    int64_t changed = 0;
    enum err e = change(&call, &changed, why);
    if (e == ERR_OK && changed == 0) {
        return why_set(why, ERR_CONFLICT, "zone %s: the lease was lost to somebody else", zone_id);
    }
    return e;
}

enum err sqlite_lease_drop_owner(struct db *base, const char *owner, int64_t *count,
                                 struct why *why)
{
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_open(sqlite_of(base), SQL_LEASE_DROP_OWNER);
    sqlite_bind(&call, owner);
    int64_t changed = 0;
    enum err e = change(&call, &changed, why);
    if (e == ERR_OK && count != NULL) {
        *count = changed;
    }
    return e;
}

enum err sqlite_lease_owners(struct db *base, enum err (*each)(void *ctx, const char *owner),
                             void *ctx, struct why *why)
{
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_list(sqlite_of(base), SQL_LEASE_OWNERS);
    while (true) {
        bool row = false;
        enum err e = sqlite_step(&call, &row, why, "listing lease owners");
        if (e == ERR_OK && row) {
            e = each(ctx, sqlite_str(&call, 0));
        }
        if (e != ERR_OK || !row) {
            return e;
        }
    }
}

static enum err count_rows(struct sqlite_db *db, enum db_statement statement, int64_t *out,
                           struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, statement);
    bool row = false;
    enum err e = sqlite_step(&call, &row, why, "counting zones");
    if (e == ERR_OK) {
        *out = sqlite_int(&call, 0);
    }
    return e;
}

enum err sqlite_lease_due(struct db *base, int64_t *due, int64_t *leased, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    int64_t due_now = 0;
    int64_t leased_now = 0;
    enum err e = count_rows(db, SQL_DUE_COUNT, &due_now, why);
    if (e == ERR_OK) {
        e = count_rows(db, SQL_LEASED_COUNT, &leased_now, why);
    }
    if (e == ERR_OK) {
        *due = due_now;
        *leased = leased_now;
    }
    return e;
}
