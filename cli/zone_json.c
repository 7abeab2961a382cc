// SPDX-License-Identifier: Apache-2.0
// Zones from and to JSON objects; the members bear the names of struct zone.
#include <stdlib.h>

#include "cli/origin_text.h"
#include "cli/zone_record.h"
#include "core/time.h"

// A member as the text that the table of fields takes: lists joined by ';'.
static enum err member_text(struct buf *out, const char *key, const json_t *value, struct why *why)
{
    buf_clear(out);
    if (json_is_string(value)) {
        return buf_add_str(out, json_string_value(value));
    }
    if (json_is_boolean(value)) {
        return buf_add_str(out, json_is_true(value) ? "yes" : "no");
    }
    if (json_is_integer(value)) {
        return buf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    }
    if (json_is_real(value)) {
        return buf_printf(out, "%.17g", json_real_value(value));
    }
    enum err e = json_is_array(value) ? ERR_OK : ERR_INVALID;
    for (size_t i = 0; e == ERR_OK && i < json_array_size(value); i++) {
        const char *item = json_string_value(json_array_get(value, i));
        e = item == NULL ? ERR_INVALID : buf_printf(out, "%s;", item);
    }
    return e == ERR_INVALID ? why_set(why, e, "\"%.60s\": not a text, number or list of texts", key)
                            : e;
}

static enum err origin_port(uint16_t *port, const json_t *object, const char *key, struct why *why)
{
    const json_t *value = json_object_get(object, key);
    if (value == NULL) {
        return ERR_OK;
    }
    char text[32];
    (void)snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT,
                   json_is_integer(value) ? json_integer_value(value) : -1);
    return port_text_parse(port, span_of(text), key, why);
}

static enum err take_origin(struct host *host, const json_t *json, struct why *why)
{
    static const char *const known[] = {"address", "http_port", "https_port"};
    uint16_t http = 80;
    uint16_t https = 443;
    if (json_is_string(json)) {
        return origin_text_add(host, span_of(json_string_value(json)), http, https, why);
    }
    const char *address = json_string_value(json_object_get(json, "address"));
    if (address == NULL) {
        return why_set(why, ERR_INVALID, "an origin is neither a text nor has an \"address\"");
    }
    size_t members = 0;
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        members += json_object_get(json, known[i]) != NULL;
    }
    if (members != json_object_size(json)) {
        return why_set(why, ERR_INVALID,
                       "an origin has \"address\", \"http_port\", \"https_port\", nothing else");
    }
    enum err e = origin_port(&http, json, "http_port", why);
    e = e == ERR_OK ? origin_port(&https, json, "https_port", why) : e;
    return e == ERR_OK ? host_add_origin(host, span_of(address), http, https, why) : e;
}

static enum err take_origins(struct host *host, const json_t *list, struct why *why)
{
    if (json_is_string(list)) {
        return take_origin(host, list, why);
    }
    enum err e =
        json_is_array(list) ? ERR_OK : why_set(why, ERR_INVALID, "\"origins\" is not a list");
    for (size_t i = 0; e == ERR_OK && i < json_array_size(list); i++) {
        e = take_origin(host, json_array_get(list, i), why);
    }
    return e;
}

// A zone on its way from an object.
struct taking {
    struct zone *zone;
    struct buf text; // of a member
    struct named_hosts named;
};

static enum err take_host(struct taking *taking, json_t *json, struct why *why)
{
    const char *name = json_string_value(json_object_get(json, "name"));
    if (name == NULL) {
        return why_set(why, ERR_INVALID, "a host has no \"name\"");
    }
    struct host *host = NULL;
    bool again = false;
    enum err e = named_host(&taking->named, &host, &again, taking->zone, span_of(name), why);
    if (e == ERR_OK && again) {
        return why_set(why, ERR_INVALID, "host %s is there twice", host->name);
    }
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(json, key, value)
    {
        if (e != ERR_OK || strcmp(key, "name") == 0 || json_is_null(value)) {
            continue;
        }
        if (strcmp(key, "origins") == 0) {
            named_origins(&taking->named, taking->zone, host);
            e = take_origins(host, value, why);
            continue;
        }
        e = member_text(&taking->text, key, value, why);
        e = e == ERR_OK ? host_set_field(host, key, buf_span(&taking->text), why) : e;
    }
    return e;
}

static enum err take_hosts(struct taking *taking, const json_t *list, struct why *why)
{
    enum err e =
        json_is_array(list) ? ERR_OK : why_set(why, ERR_INVALID, "\"hosts\" is not a list");
    for (size_t i = 0; e == ERR_OK && i < json_array_size(list); i++) {
        e = take_host(taking, json_array_get(list, i), why);
    }
    return e;
}

// Members that the store sets and an export shows.
static bool is_of_the_store(const char *key)
{
    static const char *const keys[] = {"id", "created_at", "version", "opt_out_until"};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        if (strcmp(keys[i], key) == 0) {
            return true;
        }
    }
    return false;
}

static enum err take_member(struct taking *taking, const char *key, json_t *value, struct why *why)
{
    struct zone *zone = taking->zone;
    if (strcmp(key, "name") == 0 || is_of_the_store(key) || json_is_null(value)) {
        return ERR_OK;
    }
    if (strcmp(key, "hosts") == 0) {
        return take_hosts(taking, value, why);
    }
    if (strcmp(key, "origins") == 0 || strcmp(key, "origin") == 0) {
        struct host *host = NULL;
        bool again = false;
        enum err e = named_host(&taking->named, &host, &again, zone, span_of(zone->name), why);
        if (e != ERR_OK) {
            return e;
        }
        named_origins(&taking->named, zone, host);
        return take_origins(host, value, why);
    }
    enum err e = member_text(&taking->text, key, value, why);
    return e == ERR_OK ? zone_set_field(zone, key, buf_span(&taking->text), why) : e;
}

enum err zone_take_json(struct zone *zone, const json_t *json, struct why *why)
{
    struct taking taking = {.zone = zone};
    enum err e = ERR_OK;
    buf_init(&taking.text, LIMIT_IMPORT_LINE);
    void *it = json_object_iter((json_t *)(uintptr_t)json);
    while (e == ERR_OK && it != NULL) {
        e = take_member(&taking, json_object_iter_key(it), json_object_iter_value(it), why);
        it = json_object_iter_next((json_t *)(uintptr_t)json, it);
    }
    buf_done(&taking.text);
    if (e == ERR_OK && json_is_array(json_object_get(json, "hosts"))) {
        named_only(&taking.named, zone);
    }
    return e;
}

enum err zone_from_json(struct zone **out, const json_t *json, struct why *why)
{
    const char *name = json_string_value(json_object_get(json, "name"));
    if (!json_is_object(json) || name == NULL) {
        return why_set(why, ERR_INVALID, "a zone is an object with a \"name\"");
    }
    OWN(zone_own) struct zone *zone = zone_new();
    enum err e = zone == NULL ? ERR_NOMEM : zone_set_name(zone, span_of(name), why);
    e = e == ERR_OK ? zone_take_json(zone, json, why) : e;
    if (e == ERR_OK) {
        *out = zone;
        zone = NULL;
    }
    return e;
}

// -- writing -----------------------------------------------------------------------------------
static bool put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

static json_t *list_of(char *const *items, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        if (json_array_append_new(list, json_string(items[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *host_to_json(const struct host *host)
{
    json_t *object = json_object();
    json_t *origins = json_array();
    bool ok = put(object, "name", json_string(host->name)) &&
              put(object, "weight", json_real(host->weight));
    if (ok && host->host_header != NULL) {
        ok = put(object, "host_header", json_string(host->host_header));
    }
    if (ok && host->sni != NULL) {
        ok = put(object, "sni", json_string(host->sni));
    }
    for (size_t i = 0; ok && i < host->origin_count; i++) {
        const struct origin *origin = &host->origins[i];
        ok = json_array_append_new(origins, json_pack("{s:s, s:i, s:i}", "address", origin->address,
                                                      "http_port", (int)origin->http_port,
                                                      "https_port", (int)origin->https_port)) == 0;
    }
    ok = put(object, "origins", origins) && ok;
    ok = ok && put(object, "extra_names", list_of(host->extra_names, host->extra_name_count)) &&
         put(object, "probe_paths", list_of(host->probe_paths, host->probe_path_count));
    if (!ok) {
        json_decref(object);
        return NULL;
    }
    return object;
}

json_t *zone_to_json(const struct zone *zone)
{
    char until[TIME_TEXT_SIZE];
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s?, s:b, s:b, s:b}", "id", zone->id, "name",
        zone->name, "account", zone->account, "plan", zone->plan, "edge", zone->edge, "mode",
        mode_str(zone->mode), "automatic", automatic_str(zone->automatic), "opt_out_until",
        zone->opt_out_until == 0 ? NULL : time_print(until, zone->opt_out_until),
        "allow_origin_pull", (int)zone->allow_origin_pull, "authenticated_pulls",
        (int)zone->authenticated_pulls, "replace_roots", (int)zone->replace_roots);
    json_t *hosts = json_array();
    bool ok = put(object, "trust_sets", list_of(zone->trust_sets, zone->trust_set_count));
    for (size_t i = 0; ok && i < zone->host_count; i++) {
        ok = json_array_append_new(hosts, host_to_json(&zone->hosts[i])) == 0;
    }
    ok = put(object, "hosts", hosts) && ok;
    if (!ok) {
        json_decref(object);
        return NULL;
    }
    return object;
}
