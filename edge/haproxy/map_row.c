// SPDX-License-Identifier: Apache-2.0
#include "edge/haproxy/map_row.h"

#include <stdlib.h>

#include "edge/haproxy/map_value.h"

const char *map_file_name(enum map map)
{
    static const char *const names[MAP_COUNT] = {"zone.map", "origin.map", "ramp.map"};
    return names[map];
}

void map_rows_done(struct map_rows *rows)
{
    for (size_t i = 0; i < rows->text_count; i++) {
        free(rows->texts[i]);
    }
    free(rows->texts);
    free(rows->at);
    *rows = (struct map_rows){0};
}

bool map_row_safe(const char *text)
{
    size_t len = strlen(text);
    return len > 0 && len <= LIMIT_HOST_NAME && text[0] != '-' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-_:") == len;
}

static enum err keep(struct map_rows *rows, const char **out, const char *text)
{
    if (rows->text_count == rows->text_room) {
        size_t room = rows->text_room == 0 ? 16 : rows->text_room * 2;
        char **texts = reallocarray(rows->texts, room, sizeof(*texts));
        if (texts == NULL) {
            return ERR_NOMEM;
        }
        rows->texts = texts;
        rows->text_room = room;
    }
    char *copy = strdup(text);
    if (copy == NULL) {
        return ERR_NOMEM;
    }
    rows->texts[rows->text_count++] = copy;
    *out = copy;
    return ERR_OK;
}

static enum err add(struct map_rows *rows, enum map map, const char *key, const char *value)
{
    if (rows->count == rows->room) {
        size_t room = rows->room == 0 ? 16 : rows->room * 2; // bounded by hosts and origins
        struct map_row *at = reallocarray(rows->at, room, sizeof(*at));
        if (at == NULL) {
            return ERR_NOMEM;
        }
        rows->at = at;
        rows->room = room;
    }
    struct map_row row = {.map = map};
    enum err e = keep(rows, &row.key, key);
    if (e == ERR_OK && value != NULL) {
        e = keep(rows, &row.value, value);
    }
    if (e == ERR_OK) {
        rows->at[rows->count++] = row;
    }
    return e;
}

// HOST/what
static enum err add_below(struct map_rows *rows, const struct host *host, const char *what,
                          const char *value)
{
    char key[LIMIT_HOST_NAME + 32];
    (void)snprintf(key, sizeof(key), "%s/%s", host->name, what);
    return add(rows, MAP_ORIGIN, key, value);
}

static enum err check_origin(const struct host *host, const struct origin *origin,
                             const struct edge_settings *settings, struct why *why)
{
    if (origin->http_port != settings->http_port || origin->https_port != settings->https_port) {
        return why_set(why, ERR_INVALID,
                       "%s: its origin %.100s listens on the ports %u and %u, but edge %s connects "
                       "to %u and %u, which are fixed in its configuration: give such zones an "
                       "edge of their own, or change the ports of this one",
                       host->name, origin->address, origin->http_port, origin->https_port,
                       settings->name, settings->http_port, settings->https_port);
    }
    if (!map_row_safe(origin->address)) {
        return why_set(why, ERR_INVALID, "%s: its origin's address cannot be written into a map",
                       host->name);
    }
    return ERR_OK;
}

static enum err check_host(const struct host *host, const struct edge_settings *settings,
                           struct why *why)
{
    const char *const names[] = {host->name, host->host_header, host->sni};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (names[i] != NULL && (!map_row_safe(names[i]) || strchr(names[i], ':') != NULL)) {
            return why_set(why, ERR_INVALID,
                           "%.100s: the name \"%.100s\" cannot be written into a map of edge %s: "
                           "letters, digits, '.', '-' and '_' only",
                           host->name, names[i], settings->name);
        }
    }
    if (host->origin_count == 0) {
        return why_set(why, ERR_INVALID, "%s: it has no origin to connect to", host->name);
    }
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < host->origin_count; i++) {
        e = check_origin(host, &host->origins[i], settings, why);
    }
    return e;
}

static enum err add_host(struct map_rows *rows, const struct host *host, enum mode mode)
{
    char text[MAP_VALUE_SIZE];
    struct map_value steady = map_value_steady(mode);
    const char *sni = host->sni != NULL ? host->sni : host->host_header;
    enum err e = add(rows, MAP_ZONE, host->name, map_value_print(text, &steady));
    (void)snprintf(text, sizeof(text), "%zu", host->origin_count);
    e = e == ERR_OK ? add(rows, MAP_ORIGIN, host->name, text) : e;
    for (size_t i = 0; e == ERR_OK && i < host->origin_count; i++) {
        (void)snprintf(text, sizeof(text), "%zu", i);
        e = add_below(rows, host, text, host->origins[i].address);
    }
    e = e == ERR_OK ? add_below(rows, host, "host", host->host_header) : e;
    return e == ERR_OK ? add_below(rows, host, "sni", sni) : e;
}

enum err map_rows_of_zone(struct map_rows *out, const struct zone *zone, enum mode mode,
                          const struct edge_settings *settings, struct why *why)
{
    struct map_rows rows = {0};
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < zone->host_count; i++) {
        e = check_host(&zone->hosts[i], settings, why);
        e = e == ERR_OK ? add_host(&rows, &zone->hosts[i], mode) : e;
    }
    if (e != ERR_OK) {
        map_rows_done(&rows);
        return e;
    }
    *out = rows;
    return ERR_OK;
}

enum err map_rows_of_names(struct map_rows *out, const struct zone *zone, enum mode mode,
                           struct why *why)
{
    struct map_rows rows = {0};
    char text[MAP_VALUE_SIZE];
    struct map_value steady = map_value_steady(mode);
    enum err e = ERR_OK;
    (void)map_value_print(text, &steady);
    for (size_t i = 0; e == ERR_OK && i < zone->host_count; i++) {
        e = map_row_safe(zone->hosts[i].name)
                ? add(&rows, MAP_ZONE, zone->hosts[i].name, text)
                : why_set(why, ERR_INVALID, "%.100s: the name cannot be written into a map",
                          zone->hosts[i].name);
    }
    if (e != ERR_OK) {
        map_rows_done(&rows);
        return e;
    }
    *out = rows;
    return ERR_OK;
}
