// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "db/sqlite/sqlite.h"

static void bind_settings(struct sqlite_call *call, const struct zone *zone, const char *trust_sets)
{
    sqlite_bind(call, zone->account);
    sqlite_bind(call, zone->name);
    sqlite_bind(call, zone->plan);
    sqlite_bind(call, zone->edge);
    sqlite_bind(call, mode_str(zone->mode));
    sqlite_bind(call, automatic_str(zone->automatic));
    sqlite_bind_int(call, zone->opt_out_until);
    sqlite_bind_int(call, zone->allow_origin_pull);
    sqlite_bind_int(call, zone->authenticated_pulls);
    sqlite_bind_int(call, zone->replace_roots);
    sqlite_bind(call, trust_sets);
}

static enum err zone_fail(enum err e, const struct sqlite_call *call, const struct zone *zone,
                          struct why *why)
{
    if (call->rc == SQLITE_CONSTRAINT_UNIQUE) {
        return why_set(why, ERR_EXISTS,
                       "zone %s of account %s exists already; change it with `sslauto zone set`",
                       zone->name, zone->account);
    }
    return e;
}

static enum err insert_row(struct sqlite_db *db, const struct zone *zone, int64_t *key,
                           struct why *why)
{
    OWN(buf_done) struct buf text = {.max = SQLITE_TEXT_MAX};
    const char *trust_sets = NULL;
    enum err e = sqlite_list_print(&trust_sets, &text, zone->trust_sets, zone->trust_set_count);
    if (e != ERR_OK) {
        return why_set(why, e, "zone %s: its trust sets cannot be stored", zone->name);
    }
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_ZONE_INSERT);
    sqlite_bind(&call, zone->id);
    bind_settings(&call, zone, trust_sets);
    sqlite_bind_int(&call, zone->automatic == AUTOMATIC_AUTO);
    bool row = false;
    e = sqlite_step(&call, &row, why, "storing a zone");
    if (e != ERR_OK) {
        return zone_fail(e, &call, zone, why);
    }
    *key = sqlite_int(&call, 0);
    return sqlite_finish(&call, NULL, why, "storing a zone");
}

enum err sqlite_zone_insert(struct db *base, const struct zone *zone, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    OWN(sqlite_scope_done) struct sqlite_scope scope = {0};
    enum err e = sqlite_scope_begin(&scope, db, why);
    int64_t key = 0;
    if (e == ERR_OK) {
        e = insert_row(db, zone, &key, why);
    }
    if (e == ERR_OK) {
        e = sqlite_hosts_insert(db, zone, key, why);
    }
    return e != ERR_OK ? e : sqlite_scope_commit(&scope, why);
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_list(char *const *a, size_t a_count, char *const *b, size_t b_count)
{
    if (a_count != b_count) {
        return false;
    }
    for (size_t i = 0; i < a_count; i++) {
        if (!same_text(a[i], b[i])) {
            return false;
        }
    }
    return true;
}

static bool same_host(const struct host *a, const struct host *b)
{
    if (!same_text(a->name, b->name) || !same_text(a->host_header, b->host_header) ||
        !same_text(a->sni, b->sni) || a->weight < b->weight || a->weight > b->weight ||
        !same_list(a->extra_names, a->extra_name_count, b->extra_names, b->extra_name_count) ||
        !same_list(a->probe_paths, a->probe_path_count, b->probe_paths, b->probe_path_count) ||
        a->origin_count != b->origin_count) {
        return false;
    }
    for (size_t i = 0; i < a->origin_count; i++) {
        const struct origin *x = &a->origins[i];
        const struct origin *y = &b->origins[i];
        if (!same_text(x->address, y->address) || x->http_port != y->http_port ||
            x->https_port != y->https_port) {
            return false;
        }
    }
    return true;
}

static bool same_hosts(const struct zone *a, const struct zone *b)
{
    bool same = a->host_count == b->host_count;
    for (size_t i = 0; same && i < a->host_count; i++) {
        same = same_host(&a->hosts[i], &b->hosts[i]);
    }
    return same;
}

// Whether a scan of the one says as much about the other: who answers, who is trusted, what the
// edge does, shows and may be told. The mode also says how often is looked: at strict, weekly.
static bool same_scan(const struct zone *a, const struct zone *b)
{
    return same_hosts(a, b) && a->mode == b->mode && same_text(a->plan, b->plan) &&
           a->replace_roots == b->replace_roots &&
           a->authenticated_pulls == b->authenticated_pulls &&
           a->allow_origin_pull == b->allow_origin_pull && a->automatic == b->automatic &&
           same_list(a->trust_sets, a->trust_set_count, b->trust_sets, b->trust_set_count);
}

static enum err update_row(struct sqlite_db *db, const struct zone *zone, int64_t key,
                           struct why *why)
{
    OWN(buf_done) struct buf text = {.max = SQLITE_TEXT_MAX};
    const char *trust_sets = NULL;
    enum err e = sqlite_list_print(&trust_sets, &text, zone->trust_sets, zone->trust_set_count);
    if (e != ERR_OK) {
        return why_set(why, e, "zone %s: its trust sets cannot be stored", zone->name);
    }
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_ZONE_UPDATE);
    bind_settings(&call, zone, trust_sets);
    sqlite_bind_int(&call, key);
    e = sqlite_finish(&call, NULL, why, "storing a zone");
    return e == ERR_OK ? e : zone_fail(e, &call, zone, why);
}

static enum err run_on_key(struct sqlite_db *db, enum db_statement statement, int64_t key,
                           struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, statement);
    sqlite_bind_int(&call, key);
    return sqlite_finish(&call, NULL, why, "storing a zone");
}

static enum err touch(struct sqlite_db *db, const struct zone *zone, int64_t key, struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_ZONE_TOUCHED);
    sqlite_bind_int(&call, zone->automatic == AUTOMATIC_AUTO);
    sqlite_bind_int(&call, key);
    return sqlite_finish(&call, NULL, why, "storing a zone");
}

// The zone of that id and its key.
static enum err find(struct zone **out, int64_t *key, struct sqlite_db *db, const char *id,
                     struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_ZONE_BY_ID);
    sqlite_bind(&call, id);
    bool row = false;
    enum err e = sqlite_step(&call, &row, why, "reading a zone");
    if (e != ERR_OK) {
        return e;
    }
    if (!row) {
        return why_set(why, ERR_NOT_FOUND, "no zone %s; `sslauto zone list` shows them", id);
    }
    *key = sqlite_int(&call, 0);
    return sqlite_zone_read(out, &call, why);
}

// The account of its rollouts, which the cap's index has.
static enum err move_rollouts(struct sqlite_db *db, const struct zone *zone, struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_ROLLOUT_ACCOUNT);
    sqlite_bind(&call, zone->account);
    sqlite_bind(&call, zone->id);
    return sqlite_finish(&call, NULL, why, "storing a zone");
}

static enum err replace(struct sqlite_db *db, const struct zone *zone, const struct zone *old,
                        int64_t key, struct why *why)
{
    enum err e = update_row(db, zone, key, why);
    if (e == ERR_OK && !same_text(zone->account, old->account)) {
        e = move_rollouts(db, zone, why);
    }
    if (e == ERR_OK && !same_hosts(zone, old)) {
        e = run_on_key(db, SQL_HOSTS_DELETE, key, why);
        if (e == ERR_OK) {
            e = sqlite_hosts_insert(db, zone, key, why);
        }
    }
    if (e == ERR_OK && !same_scan(zone, old)) {
        e = touch(db, zone, key, why);
    }
    return e;
}

enum err sqlite_zone_update(struct db *base, const struct zone *zone, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    OWN(sqlite_scope_done) struct sqlite_scope scope = {0};
    OWN(zone_own) struct zone *old = NULL;
    int64_t key = 0;
    enum err e = sqlite_scope_begin(&scope, db, why);
    if (e == ERR_OK) {
        e = find(&old, &key, db, zone->id, why);
    }
    if (e == ERR_OK && old->version != zone->version) {
        e = why_set(why, ERR_CONFLICT,
                    "zone %s was changed by somebody else meanwhile; look at it and try again",
                    old->name);
    }
    if (e == ERR_OK) {
        e = replace(db, zone, old, key, why);
    }
    return e != ERR_OK ? e : sqlite_scope_commit(&scope, why);
}

enum err sqlite_zone_remove(struct db *base, const char *id, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    OWN(sqlite_scope_done) struct sqlite_scope scope = {0};
    enum err e = sqlite_scope_begin(&scope, db, why);
    if (e != ERR_OK) {
        return e;
    }
    int64_t changed = 0;
    {
        OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_ZONE_DELETE);
        sqlite_bind(&call, id);
        e = sqlite_finish(&call, &changed, why, "removing a zone");
    }
    if (e == ERR_OK && changed == 0) {
        e = why_set(why, ERR_NOT_FOUND, "no zone %s; `sslauto zone list` shows them", id);
    }
    return e != ERR_OK ? e : sqlite_scope_commit(&scope, why);
}

// The one id of that name.
static enum err id_of_name(char id[33], struct sqlite_db *db, const char *name, struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_ZONE_IDS_BY_NAME);
    sqlite_bind(&call, name);
    OWN(buf_done) struct buf ids = {.max = SQLITE_TEXT_MAX};
    size_t count = 0;
    bool row = true;
    while (true) {
        enum err e = sqlite_step(&call, &row, why, "reading a zone");
        if (e != ERR_OK) {
            return e;
        }
        if (!row) {
            break;
        }
        (void)snprintf(id, 33, "%s", sqlite_str(&call, 0));
        e = buf_printf(&ids, "%s%s (%s)", count == 0 ? "" : ", ", id, sqlite_str(&call, 1));
        if (e != ERR_OK) {
            return e;
        }
        count++;
    }
    if (count == 0) {
        return why_set(why, ERR_NOT_FOUND, "no zone %s; `sslauto zone list` shows them", name);
    }
    if (count > 1) {
        return why_set(why, ERR_CONFLICT, "several accounts have a zone %s; name one by its id: %s",
                       name, buf_str(&ids));
    }
    return ERR_OK;
}

enum err sqlite_zone_get(struct db *base, struct zone **out, const char *id_or_name,
                         struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    int64_t key = 0;
    if (zone_id_valid(span_of(id_or_name))) {
        enum err e = find(out, &key, db, id_or_name, why);
        if (e != ERR_NOT_FOUND) {
            return e;
        }
    }
    char id[33] = "";
    enum err e = id_of_name(id, db, id_or_name, why);
    return e != ERR_OK ? e : find(out, &key, db, id, why);
}
