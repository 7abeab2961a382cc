// SPDX-License-Identifier: Apache-2.0
#include "cli/zone_record.h"

#include <stdlib.h>

#include "core/num.h"

typedef enum err set_zone(struct zone *zone, struct span value, struct why *why);
typedef enum err set_host(struct host *host, struct span value, struct why *why);

struct field_row {
    const char *name;
    enum field_of of;
    set_zone *zone;
    set_host *host;
};

#define SHOWN(span) (int)((span).len < 60 ? (span).len : 60), (span).at

static enum err give_text(char **slot, struct span value)
{
    char *copy = strndup(value.len == 0 ? "" : value.at, value.len);
    if (copy == NULL) {
        return ERR_NOMEM;
    }
    free(*slot);
    *slot = copy;
    return ERR_OK;
}

// A word for account and edge: it ends up in file names, queries and mails.
static enum err give_word(char **slot, struct span value, const char *what, struct why *why)
{
    bool good = value.len > 0 && value.len <= LIMIT_LABEL;
    for (size_t i = 0; good && i < value.len; i++) {
        good = value.at[i] > ' ' && value.at[i] <= '~';
    }
    return good ? give_text(slot, value)
                : why_set(why, ERR_INVALID,
                          "%s \"%.*s\": 1 to %zu printable ASCII characters without blanks", what,
                          SHOWN(value), LIMIT_LABEL);
}

static enum err give_bool(bool *slot, struct span value, const char *what, struct why *why)
{
    static const char *const yes[] = {"yes", "true", "1", "on"};
    static const char *const no[] = {"no", "false", "0", "off"};
    for (size_t i = 0; i < COUNT_OF(yes); i++) {
        bool is_yes = span_equal_nocase(value, span_of(yes[i]));
        if (is_yes || span_equal_nocase(value, span_of(no[i]))) {
            *slot = is_yes;
            return ERR_OK;
        }
    }
    return why_set(why, ERR_INVALID, "%s \"%.*s\": write yes or no", what, SHOWN(value));
}

typedef enum err give_item(char ***list, size_t *count, struct span item, struct why *why);

// Replaces a list by the items of value, each checked by add().
static enum err give_list(char ***list, size_t *count, struct span value, give_item *add,
                          struct why *why)
{
    char **items = NULL;
    size_t item_count = 0;
    enum err e = ERR_OK;
    while (e == ERR_OK && value.len > 0) {
        size_t end = 0;
        while (end < value.len && strchr("; \t", value.at[end]) == NULL) {
            end++;
        }
        e = end == 0 ? ERR_OK : add(&items, &item_count, (struct span){value.at, end}, why);
        size_t used = end < value.len ? end + 1 : end;
        value = (struct span){value.at + used, value.len - used};
    }
    char **old = e == ERR_OK ? *list : items;
    size_t old_count = e == ERR_OK ? *count : item_count;
    for (size_t i = 0; i < old_count; i++) {
        free(old[i]);
    }
    free(old);
    if (e == ERR_OK) {
        *list = items;
        *count = item_count;
    }
    return e;
}

static enum err add_limited(char ***list, size_t *count, struct span item, size_t limit,
                            const char *what, struct why *why)
{
    enum err e = strings_add(list, count, item, limit);
    return e == ERR_LIMIT ? why_set(why, e, "more than %zu %s", limit, what) : e;
}

static enum err add_trust(char ***list, size_t *count, struct span item, struct why *why)
{
    return add_limited(list, count, item, LIMIT_TRUST_SETS, "trust sets", why);
}

static enum err add_name(char ***list, size_t *count, struct span item, struct why *why)
{
    char *name = NULL;
    enum err e = host_name_canonical(&name, item, false, why);
    if (e == ERR_OK) {
        e = add_limited(list, count, span_of(name), LIMIT_EXTRA_NAMES, "extra names", why);
    }
    free(name);
    return e;
}

static enum err add_path(char ***list, size_t *count, struct span item, struct why *why)
{
    bool good = item.at[0] == '/' && item.len <= LIMIT_URL;
    for (size_t i = 0; good && i < item.len; i++) {
        good = item.at[i] > ' ' && item.at[i] <= '~' && item.at[i] != '#';
    }
    if (!good) {
        return why_set(why, ERR_INVALID,
                       "probe path \"%.*s\": begin with '/', percent-encode other than ASCII",
                       SHOWN(item));
    }
    return add_limited(list, count, item, LIMIT_PROBE_PATHS, "probe paths", why);
}

static enum err set_account(struct zone *zone, struct span value, struct why *why)
{
    return give_word(&zone->account, value, "account", why);
}

static enum err set_edge(struct zone *zone, struct span value, struct why *why)
{
    return give_word(&zone->edge, value, "edge", why);
}

static enum err set_plan(struct zone *zone, struct span value, struct why *why)
{
    static const char *const plans[] = {"free", "pro", "business", "enterprise"};
    for (size_t i = 0; i < COUNT_OF(plans); i++) {
        if (span_equal(value, span_of(plans[i]))) {
            return give_text(&zone->plan, value);
        }
    }
    return why_set(why, ERR_INVALID, "plan \"%.*s\": allowed: free, pro, business, enterprise",
                   SHOWN(value));
}

static enum err set_mode(struct zone *zone, struct span value, struct why *why)
{
    if (mode_parse(&zone->mode, value) == ERR_OK) {
        return ERR_OK;
    }
    return why_set(why, ERR_INVALID,
                   "mode \"%.*s\": allowed: off, flexible, full, strict, origin_pull",
                   SHOWN(value));
}

static enum err set_automatic(struct zone *zone, struct span value, struct why *why)
{
    if (automatic_parse(&zone->automatic, value) == ERR_OK) {
        return ERR_OK;
    }
    return why_set(why, ERR_INVALID, "automatic \"%.*s\": allowed: auto, custom", SHOWN(value));
}

static enum err set_allow_pull(struct zone *zone, struct span value, struct why *why)
{
    return give_bool(&zone->allow_origin_pull, value, "allow_origin_pull", why);
}

static enum err set_pulls(struct zone *zone, struct span value, struct why *why)
{
    return give_bool(&zone->authenticated_pulls, value, "authenticated_pulls", why);
}

static enum err set_replace_roots(struct zone *zone, struct span value, struct why *why)
{
    return give_bool(&zone->replace_roots, value, "replace_roots", why);
}

static enum err set_trust(struct zone *zone, struct span value, struct why *why)
{
    return give_list(&zone->trust_sets, &zone->trust_set_count, value, add_trust, why);
}

static enum err give_host_name(char **slot, struct span value, struct why *why)
{
    char *name = NULL;
    enum err e = value.len == 0 ? ERR_OK : host_name_canonical(&name, value, true, why);
    if (e == ERR_OK) {
        free(*slot);
        *slot = name;
    }
    return e;
}

static enum err set_host_header(struct host *host, struct span value, struct why *why)
{
    return give_host_name(&host->host_header, value, why);
}

static enum err set_sni(struct host *host, struct span value, struct why *why)
{
    return give_host_name(&host->sni, value, why);
}

static enum err set_weight(struct host *host, struct span value, struct why *why)
{
    double weight = 0;
    if (num_parse_double(&weight, value, 0, 1e12) != ERR_OK || !(weight > 0)) {
        return why_set(why, ERR_INVALID, "weight \"%.*s\": a number above 0", SHOWN(value));
    }
    host->weight = weight;
    return ERR_OK;
}

static enum err set_extra_names(struct host *host, struct span value, struct why *why)
{
    return give_list(&host->extra_names, &host->extra_name_count, value, add_name, why);
}

static enum err set_probe_paths(struct host *host, struct span value, struct why *why)
{
    return give_list(&host->probe_paths, &host->probe_path_count, value, add_path, why);
}

static const struct field_row rows[] = {
    {"name", FIELD_OF_NONE, NULL, NULL},
    {"account", FIELD_OF_ZONE, set_account, NULL},
    {"plan", FIELD_OF_ZONE, set_plan, NULL},
    {"edge", FIELD_OF_ZONE, set_edge, NULL},
    {"mode", FIELD_OF_ZONE, set_mode, NULL},
    {"automatic", FIELD_OF_ZONE, set_automatic, NULL},
    {"allow_origin_pull", FIELD_OF_ZONE, set_allow_pull, NULL},
    {"authenticated_pulls", FIELD_OF_ZONE, set_pulls, NULL},
    {"replace_roots", FIELD_OF_ZONE, set_replace_roots, NULL},
    {"trust", FIELD_OF_ZONE, set_trust, NULL},
    {"trust_sets", FIELD_OF_ZONE, set_trust, NULL},
    {"host", FIELD_OF_HOST, NULL, NULL},
    {"host_header", FIELD_OF_HOST, NULL, set_host_header},
    {"sni", FIELD_OF_HOST, NULL, set_sni},
    {"weight", FIELD_OF_HOST, NULL, set_weight},
    {"extra_names", FIELD_OF_HOST, NULL, set_extra_names},
    {"probe_paths", FIELD_OF_HOST, NULL, set_probe_paths},
    {"origin", FIELD_OF_ORIGIN, NULL, NULL},
    {"http_port", FIELD_OF_ORIGIN, NULL, NULL},
    {"https_port", FIELD_OF_ORIGIN, NULL, NULL},
};

static const struct field_row *row_of(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

const char *zone_field_name(size_t index)
{
    return index < COUNT_OF(rows) ? rows[index].name : NULL;
}

enum field_of zone_field_of(const char *name)
{
    const struct field_row *row = row_of(name);
    return row == NULL ? FIELD_OF_NONE : row->of;
}

enum err zone_set_name(struct zone *zone, struct span name, struct why *why)
{
    char *canonical = NULL;
    enum err e = host_name_canonical(&canonical, name, false, why);
    if (e == ERR_OK) {
        free(zone->name);
        zone->name = canonical;
    }
    return e;
}

enum err zone_set_field(struct zone *zone, const char *field, struct span value, struct why *why)
{
    const struct field_row *row = row_of(field);
    return row == NULL || row->zone == NULL
               ? why_set(why, ERR_INVALID, "\"%.60s\" is no field of a zone", field)
               : row->zone(zone, span_trim(value), why);
}

enum err host_set_field(struct host *host, const char *field, struct span value, struct why *why)
{
    const struct field_row *row = row_of(field);
    return row == NULL || row->host == NULL
               ? why_set(why, ERR_INVALID, "\"%.60s\" is no field of a host", field)
               : row->host(host, span_trim(value), why);
}

enum err named_host(struct named_hosts *named, struct host **out, bool *again, struct zone *zone,
                    struct span name, struct why *why)
{
    struct host *host = NULL;
    enum err e = zone_add_host(&host, zone, name, why);
    if (e == ERR_OK) {
        bool *mark = &named->host[host - zone->hosts];
        *again = *mark;
        *mark = true;
        *out = host;
    }
    return e;
}

void named_origins(struct named_hosts *named, const struct zone *zone, struct host *host)
{
    bool *mark = &named->origins[host - zone->hosts];
    if (!*mark) {
        host_drop_origins(host);
    }
    *mark = true;
}

void named_only(const struct named_hosts *named, struct zone *zone)
{
    for (size_t i = zone->host_count; i-- > 0;) {
        if (!named->host[i]) {
            zone_drop_host(zone, i);
        }
    }
}

enum err zone_complete(const struct zone *zone, const struct settings *settings, struct why *why)
{
    if (zone->host_count == 0) {
        return why_set(why, ERR_INVALID, "zone %s has no hosts; give it an origin", zone->name);
    }
    for (size_t i = 0; i < zone->host_count; i++) {
        if (zone->hosts[i].origin_count == 0) {
            return why_set(why, ERR_INVALID,
                           "host %s has no origin; give the address of its server",
                           zone->hosts[i].name);
        }
    }
    for (size_t i = 0; i < zone->trust_set_count; i++) {
        if (settings != NULL && !settings_has_trust(settings, zone->trust_sets[i])) {
            return why_set(why, ERR_NOT_FOUND,
                           "trust set \"%.60s\" is not in the configuration; add \"%.60s = FILE\" "
                           "to its [trust] section",
                           zone->trust_sets[i], zone->trust_sets[i]);
        }
    }
    if (zone->replace_roots && zone->trust_set_count == 0) {
        return why_set(why, ERR_INVALID,
                       "replace_roots without a trust set would accept no certificate at all");
    }
    return ERR_OK;
}
