// SPDX-License-Identifier: Apache-2.0
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"
#include "db/sqlite/sqlite.h"

DEFINE_OWN(json_own, json_t, json_decref)

enum column {
    ZONE_KEY,
    ZONE_ID,
    ZONE_ACCOUNT,
    ZONE_NAME,
    ZONE_PLAN,
    ZONE_EDGE,
    ZONE_MODE,
    ZONE_AUTOMATIC,
    ZONE_OPT_OUT_UNTIL,
    ZONE_ALLOW_ORIGIN_PULL,
    ZONE_AUTHENTICATED_PULLS,
    ZONE_REPLACE_ROOTS,
    ZONE_TRUST_SETS,
    ZONE_CREATED_AT,
    ZONE_VERSION,
    ZONE_COLUMN_COUNT
};
_Static_assert(ZONE_COLUMN_COUNT == SQL_ZONE_COLUMN_COUNT, "SQL_ZONE_COLUMNS in order");

enum host_column {
    HOST_POSITION,
    HOST_NAME,
    HOST_HEADER,
    HOST_SNI,
    HOST_WEIGHT,
    HOST_EXTRA_NAMES,
    HOST_PROBE_PATHS,
    ORIGIN_ADDRESS,
    ORIGIN_HTTP_PORT,
    ORIGIN_HTTPS_PORT
};

static enum err damaged(const struct sqlite_call *call, const char *zone_id, const char *what,
                        struct why *why)
{
    return why_set(why, ERR_CORRUPT,
                   "%s: zone %s: %s cannot be read; run `sslauto db check`, restore a copy made "
                   "with `sslauto db backup`",
                   call->db->path, zone_id, what);
}

enum err sqlite_list_print(const char **out, struct buf *b, char *const *list, size_t count)
{
    if (count == 0) {
        *out = "[]";
        return ERR_OK;
    }
    OWN(json_own) json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        if (array == NULL || json_array_append_new(array, json_string(list[i])) != 0) {
            return ERR_INVALID;
        }
    }
    char *text = json_dumps(array, JSON_COMPACT);
    if (text == NULL) {
        return ERR_NOMEM;
    }
    enum err e = buf_add_str(b, text);
    free(text);
    *out = buf_str(b);
    return e;
}

enum err sqlite_list_read(char ***out, size_t *count, size_t limit, const struct sqlite_call *call,
                          int column)
{
    const char *text = sqlite_str(call, column);
    if (text == NULL) {
        return ERR_NOMEM;
    }
    if (strcmp(text, "[]") == 0) {
        return ERR_OK;
    }
    OWN(json_own) json_t *array = json_loads(text, 0, NULL);
    if (!json_is_array(array)) {
        return ERR_CORRUPT;
    }
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *item = json_string_value(json_array_get(array, i));
        enum err e = item == NULL ? ERR_CORRUPT : strings_add(out, count, span_of(item), limit);
        if (e != ERR_OK) {
            return e;
        }
    }
    return ERR_OK;
}

static enum err origin_read(struct host *host, const struct sqlite_call *call)
{
    if (sqlite_str(call, ORIGIN_ADDRESS) == NULL) {
        return ERR_OK; // a host without origins
    }
    // Powers of two: an array that is full at its count doubles.
    size_t n = host->origin_count;
    if ((n & (n - 1)) == 0) {
        struct origin *more =
            reallocarray(host->origins, n == 0 ? 1 : n * 2, sizeof *host->origins);
        if (more == NULL) {
            return ERR_NOMEM;
        }
        host->origins = more;
    }
    host->origins[n] = (struct origin){
        .http_port = (uint16_t)sqlite_int(call, ORIGIN_HTTP_PORT),
        .https_port = (uint16_t)sqlite_int(call, ORIGIN_HTTPS_PORT),
    };
    enum err e = sqlite_copy(&host->origins[n].address, call, ORIGIN_ADDRESS);
    host->origin_count += e == ERR_OK;
    return e;
}

static enum err host_read(struct zone *zone, const struct sqlite_call *call)
{
    size_t n = zone->host_count;
    if ((n & (n - 1)) == 0) {
        struct host *more = reallocarray(zone->hosts, n == 0 ? 1 : n * 2, sizeof *zone->hosts);
        if (more == NULL) {
            return ERR_NOMEM;
        }
        zone->hosts = more;
    }
    struct host *host = &zone->hosts[n];
    *host = (struct host){.weight = sqlite3_column_double(call->stmt, HOST_WEIGHT)};
    zone->host_count++; // from here zone_free frees it
    enum err e = sqlite_copy(&host->name, call, HOST_NAME);
    if (e == ERR_OK) {
        e = sqlite_copy(&host->host_header, call, HOST_HEADER);
    }
    if (e == ERR_OK) {
        e = sqlite_copy(&host->sni, call, HOST_SNI);
    }
    if (e == ERR_OK) {
        e = sqlite_list_read(&host->extra_names, &host->extra_name_count, LIMIT_EXTRA_NAMES, call,
                             HOST_EXTRA_NAMES);
    }
    if (e == ERR_OK) {
        e = sqlite_list_read(&host->probe_paths, &host->probe_path_count, LIMIT_PROBE_PATHS, call,
                             HOST_PROBE_PATHS);
    }
    return e;
}

static enum err hosts_read(struct zone *zone, struct sqlite_db *db, int64_t key, struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_HOSTS_OF_ZONE);
    sqlite_bind_int(&call, key);
    int64_t position = -1;
    while (true) {
        bool row = false;
        enum err e = sqlite_step(&call, &row, why, "reading hosts");
        if (e != ERR_OK || !row) {
            return e;
        }
        if (sqlite_int(&call, HOST_POSITION) != position) {
            position = sqlite_int(&call, HOST_POSITION);
            e = host_read(zone, &call);
        }
        if (e == ERR_OK) {
            e = origin_read(&zone->hosts[zone->host_count - 1], &call);
        }
        if (e == ERR_NOMEM) {
            return e;
        }
        if (e != ERR_OK) {
            return damaged(&call, zone->id, "a host", why);
        }
    }
}

static enum err texts_read(struct zone *zone, const struct sqlite_call *call)
{
    const struct {
        char **out;
        int column;
    } texts[] = {{&zone->account, ZONE_ACCOUNT},
                 {&zone->name, ZONE_NAME},
                 {&zone->plan, ZONE_PLAN},
                 {&zone->edge, ZONE_EDGE}};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        enum err e = sqlite_copy(texts[i].out, call, texts[i].column);
        if (e != ERR_OK) {
            return e;
        }
    }
    enum err e = mode_parse(&zone->mode, span_of(sqlite_str(call, ZONE_MODE)));
    if (e == ERR_OK) {
        e = automatic_parse(&zone->automatic, span_of(sqlite_str(call, ZONE_AUTOMATIC)));
    }
    if (e == ERR_OK) {
        e = sqlite_list_read(&zone->trust_sets, &zone->trust_set_count, LIMIT_TRUST_SETS, call,
                             ZONE_TRUST_SETS);
    }
    return e;
}

enum err sqlite_zone_read(struct zone **out, const struct sqlite_call *call, struct why *why)
{
    OWN(zone_own) struct zone *zone = calloc(1, sizeof *zone);
    if (zone == NULL) {
        return ERR_NOMEM;
    }
    const char *id = sqlite_str(call, ZONE_ID);
    if (id == NULL || !zone_id_valid(span_of(id))) {
        return damaged(call, "?", "its id", why);
    }
    memcpy(zone->id, id, sizeof zone->id);
    zone->opt_out_until = sqlite_int(call, ZONE_OPT_OUT_UNTIL);
    zone->allow_origin_pull = sqlite_int(call, ZONE_ALLOW_ORIGIN_PULL) != 0;
    zone->authenticated_pulls = sqlite_int(call, ZONE_AUTHENTICATED_PULLS) != 0;
    zone->replace_roots = sqlite_int(call, ZONE_REPLACE_ROOTS) != 0;
    zone->created_at = sqlite_int(call, ZONE_CREATED_AT);
    zone->version = sqlite_int(call, ZONE_VERSION);
    enum err e = texts_read(zone, call);
    if (e != ERR_OK) {
        return e == ERR_NOMEM ? e : damaged(call, zone->id, "its row", why);
    }
    e = hosts_read(zone, call->db, sqlite_int(call, ZONE_KEY), why);
    if (e == ERR_OK) {
        *out = zone;
        zone = NULL;
    }
    return e;
}

enum err sqlite_zone_by_key(struct zone **out, struct sqlite_db *db, int64_t key, struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_ZONE_BY_KEY);
    sqlite_bind_int(&call, key);
    bool row = false;
    enum err e = sqlite_step(&call, &row, why, "reading a zone");
    if (e == ERR_OK && !row) {
        e = why_set(why, ERR_NOT_FOUND, "%s: a zone has gone away", db->path);
    }
    return e != ERR_OK ? e : sqlite_zone_read(out, &call, why);
}

static enum err origins_insert(struct sqlite_db *db, const struct host *host, int64_t key,
                               size_t position, struct why *why)
{
    for (size_t i = 0; i < host->origin_count; i++) {
        OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_ORIGIN_INSERT);
        sqlite_bind_int(&call, key);
        sqlite_bind_int(&call, (int64_t)position);
        sqlite_bind_int(&call, (int64_t)i);
        sqlite_bind(&call, host->origins[i].address);
        sqlite_bind_int(&call, host->origins[i].http_port);
        sqlite_bind_int(&call, host->origins[i].https_port);
        enum err e = sqlite_finish(&call, NULL, why, "storing an origin");
        if (e != ERR_OK) {
            return e;
        }
    }
    return ERR_OK;
}

static enum err host_insert(struct sqlite_db *db, const struct host *host, int64_t key,
                            size_t position, struct why *why)
{
    OWN(buf_done) struct buf names = {.max = SQLITE_TEXT_MAX};
    OWN(buf_done) struct buf paths = {.max = SQLITE_TEXT_MAX};
    const char *extra_names = NULL;
    const char *probe_paths = NULL;
    enum err e = sqlite_list_print(&extra_names, &names, host->extra_names, host->extra_name_count);
    if (e == ERR_OK) {
        e = sqlite_list_print(&probe_paths, &paths, host->probe_paths, host->probe_path_count);
    }
    if (e != ERR_OK) {
        return why_set(why, e, "host %s: its names or paths cannot be stored", host->name);
    }
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_HOST_INSERT);
    sqlite_bind_int(&call, key);
    sqlite_bind_int(&call, (int64_t)position);
    sqlite_bind(&call, host->name);
    sqlite_bind(&call, host->host_header);
    sqlite_bind(&call, host->sni);
    sqlite_bind_real(&call, host->weight);
    sqlite_bind(&call, extra_names);
    sqlite_bind(&call, probe_paths);
    e = sqlite_finish(&call, NULL, why, "storing a host");
    return e != ERR_OK ? e : origins_insert(db, host, key, position, why);
}

enum err sqlite_hosts_insert(struct sqlite_db *db, const struct zone *zone, int64_t key,
                             struct why *why)
{
    for (size_t i = 0; i < zone->host_count; i++) {
        enum err e = host_insert(db, &zone->hosts[i], key, i, why);
        if (e != ERR_OK) {
            return e;
        }
    }
    return ERR_OK;
}
