// SPDX-License-Identifier: Apache-2.0
// The list of drivers, and the calls of edge.h handed to them.
#include <stdlib.h>

#include "edge/driver.h"

static const struct edge_driver *const drivers[] = {&edge_dryrun, &edge_haproxy, &edge_exec};

const char *edge_driver_name(size_t index)
{
    return index < COUNT_OF(drivers) ? drivers[index]->name : NULL;
}

static enum err find_driver(const struct edge_driver **out, const struct edge_settings *settings,
                            struct why *why)
{
    for (size_t i = 0; i < COUNT_OF(drivers); i++) {
        if (strcmp(drivers[i]->name, settings->driver) == 0) {
            *out = drivers[i];
            return ERR_OK;
        }
    }
    return why_set(why, ERR_INVALID,
                   "edge %.31s: there is no driver \"%.40s\"; there are dryrun, haproxy, exec",
                   settings->name, settings->driver);
}

enum err edge_check(const struct edge_settings *settings, struct why *why)
{
    const struct edge_driver *driver = NULL;
    if (settings->name[0] == '\0' || strlen(settings->name) > LIMIT_EDGE_NAME) {
        return why_set(why, ERR_INVALID, "edge %.60s: a name has 1 to %zu characters",
                       settings->name, LIMIT_EDGE_NAME);
    }
    enum err e = find_driver(&driver, settings, why);
    if (e == ERR_OK && settings->place_count > LIMIT_EDGE_PROCESSES) {
        e = why_set(why, ERR_INVALID, "edge %s: more than %zu places", settings->name,
                    LIMIT_EDGE_PROCESSES);
    }
    if (e == ERR_OK && driver->check != NULL) {
        e = driver->check(settings, why);
    }
    return e;
}

// -- a copy of settings --------------------------------------------------------------------------
static void settings_free(struct edge_settings *settings)
{
    if (settings == NULL) {
        return;
    }
    free((void *)(uintptr_t)settings->name);
    free((void *)(uintptr_t)settings->driver);
    for (size_t i = 0; settings->places != NULL && i < settings->place_count; i++) {
        free((void *)(uintptr_t)settings->places[i]);
    }
    free((void *)(uintptr_t)settings->places);
    free((void *)(uintptr_t)settings->maps_dir);
    free((void *)(uintptr_t)settings->probe_url);
    free((void *)(uintptr_t)settings->probe_secret);
    free((void *)(uintptr_t)settings->probe_ca_file);
    free((void *)(uintptr_t)settings->ca_file);
    free(settings);
}
DEFINE_OWN(settings_own, struct edge_settings, settings_free)

static enum err copy_text(const char **out, const char *text)
{
    *out = text == NULL ? NULL : strdup(text);
    return text != NULL && *out == NULL ? ERR_NOMEM : ERR_OK;
}

static enum err copy_places(struct edge_settings *copy, const struct edge_settings *from)
{
    const char **places = calloc(from->place_count + 1, sizeof *places);
    if (places == NULL) {
        return ERR_NOMEM;
    }
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < from->place_count; i++) {
        e = copy_text(&places[i], from->places[i]);
    }
    copy->places = places;
    copy->place_count = from->place_count;
    return e;
}

static enum err settings_copy(struct edge_settings **out, const struct edge_settings *from)
{
    OWN(settings_own) struct edge_settings *copy = calloc(1, sizeof *copy);
    if (copy == NULL) {
        return ERR_NOMEM;
    }
    copy->http_port = from->http_port;
    copy->https_port = from->https_port;
    copy->timeout_ms = from->timeout_ms;
    copy->skew_max_s = from->skew_max_s;
    const char **texts[] = {&copy->name,      &copy->driver,       &copy->maps_dir,
                            &copy->probe_url, &copy->probe_secret, &copy->probe_ca_file,
                            &copy->ca_file};
    const char *const given[] = {from->name,      from->driver,       from->maps_dir,
                                 from->probe_url, from->probe_secret, from->probe_ca_file,
                                 from->ca_file};
    enum err e = copy_places(copy, from);
    for (size_t i = 0; e == ERR_OK && i < COUNT_OF(texts); i++) {
        e = copy_text(texts[i], given[i]);
    }
    if (e == ERR_OK) {
        *out = copy;
        copy = NULL;
    }
    return e;
}

// -- the calls -----------------------------------------------------------------------------------
enum err edge_open(struct edge **out, const struct edge_settings *settings, struct why *why)
{
    const struct edge_driver *driver = NULL;
    OWN(settings_own) struct edge_settings *copy = NULL;
    struct edge *edge = NULL;
    enum err e = edge_check(settings, why);
    e = e == ERR_OK ? find_driver(&driver, settings, why) : e;
    e = e == ERR_OK ? settings_copy(&copy, settings) : e;
    e = e == ERR_OK ? driver->open(&edge, copy, why) : e;
    if (e != ERR_OK) {
        return e;
    }
    edge->driver = driver;
    (void)snprintf(edge->name, sizeof edge->name, "%s", copy->name);
    if (edge->capabilities == 0) {
        edge->capabilities = driver->capabilities;
    }
    edge->settings = copy;
    copy = NULL;
    *out = edge;
    return ERR_OK;
}

void edge_close(struct edge *edge)
{
    if (edge != NULL) {
        struct edge_settings *settings = edge->settings;
        edge->driver->close(edge);
        settings_free(settings);
    }
}

unsigned edge_capabilities(const struct edge *edge)
{
    return edge->capabilities;
}

const char *edge_name(const struct edge *edge)
{
    return edge->name;
}

const char *edge_driver_of(const struct edge *edge)
{
    return edge->driver->name;
}

static enum err cannot(const struct edge *edge, const char *what, struct why *why)
{
    return why_set(why, ERR_INVALID, "edge %s (%s) cannot %s", edge->name, edge->driver->name,
                   what);
}

enum err edge_apply(struct edge *edge, const struct edge_want *want, struct why *why)
{
    return edge->driver->apply == NULL ? cannot(edge, "be changed", why)
                                       : edge->driver->apply(edge, want, why);
}

enum err edge_read(struct edge *edge, const struct zone *zone, struct edge_seen *out, size_t *count,
                   struct why *why)
{
    return edge->driver->read == NULL ? cannot(edge, "be read", why)
                                      : edge->driver->read(edge, zone, out, count, why);
}

enum err edge_counters(struct edge *edge, const struct zone *zone, int64_t generation,
                       struct edge_counted *out, size_t *count, struct why *why)
{
    return edge->driver->counters == NULL || (edge->capabilities & EDGE_COUNTS) == 0
               ? cannot(edge, "count requests", why)
               : edge->driver->counters(edge, zone, generation, out, count, why);
}

enum err edge_probe(struct edge *edge, const struct zone *zone, enum cohort cohort,
                    struct edge_probe *out, struct why *why)
{
    return edge->driver->probe == NULL || (edge->capabilities & EDGE_PROBES) == 0
               ? cannot(edge, "take probes", why)
               : edge->driver->probe(edge, zone, cohort, out, why);
}

enum err edge_stop_all(struct edge *edge, size_t *count, struct why *why)
{
    return edge->driver->stop_all == NULL ? cannot(edge, "stop all at once", why)
                                          : edge->driver->stop_all(edge, count, why);
}

enum err edge_forget(struct edge *edge, const struct zone *zone, int64_t generation,
                     struct why *why)
{
    return edge->driver->forget == NULL ? ERR_OK
                                        : edge->driver->forget(edge, zone, generation, why);
}

enum err edge_resync(struct edge *edge, const struct zone *(*next)(void *ctx), void *ctx,
                     bool overwrite, struct why *why)
{
    return edge->driver->resync == NULL ? ERR_OK
                                        : edge->driver->resync(edge, next, ctx, overwrite, why);
}

enum err edge_print(const struct edge_settings *settings, FILE *out, struct why *why)
{
    const struct edge_driver *driver = NULL;
    enum err e = find_driver(&driver, settings, why);
    if (e == ERR_OK && driver->print == NULL) {
        e = why_set(why, ERR_INVALID, "edge %.31s: the driver %s has no configuration to print",
                    settings->name, driver->name);
    }
    return e == ERR_OK ? driver->print(settings, out, why) : e;
}
