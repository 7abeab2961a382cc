// SPDX-License-Identifier: Apache-2.0
// HAProxy 2.6 and newer, as configured by `sslauto edge show`.
#include "edge/haproxy/haproxy.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "core/url.h"

#define SECRET_MIN 16
#define SECRET_MAX 128

static const char word_letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

static bool path_fits(const char *path)
{
    // Nothing that HAProxy's configuration or its command line would take for something else.
    size_t len = strlen(path);
    return path[0] == '/' && len > 1 && len < 200 &&
           strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+") ==
               len;
}

static enum err check_path(const char *path, const char *what, const char *name, struct why *why)
{
    if (path == NULL || path_fits(path)) {
        return ERR_OK;
    }
    return why_set(why, ERR_INVALID,
                   "edge %.31s: %s \"%.150s\" must be a path from the root, with fewer than 200 "
                   "letters, digits and _-./+ only",
                   name, what, path);
}

static enum err check_probe(const struct edge_settings *settings, struct why *why)
{
    const char *secret = settings->probe_secret;
    size_t len = secret == NULL ? 0 : strlen(secret);
    if (secret != NULL &&
        (len < SECRET_MIN || len > SECRET_MAX || strspn(secret, word_letters) != len)) {
        return why_set(why, ERR_INVALID,
                       "edge %.31s: the probe secret must have %d to %d letters, digits, '-' and "
                       "'_'; `openssl rand -hex 16` makes one",
                       settings->name, SECRET_MIN, SECRET_MAX);
    }
    if (settings->probe_url != NULL) {
        struct url url = {0};
        enum err e = url_parse(&url, span_of(settings->probe_url));
        bool root = e == ERR_OK && strcmp(url.path, "/") == 0;
        url_done(&url);
        if (!root) {
            return why_set(why, ERR_INVALID,
                           "edge %.31s: the probe URL \"%.150s\" must be http://HOST:PORT or "
                           "https://HOST:PORT",
                           settings->name, settings->probe_url);
        }
    }
    return ERR_OK;
}

enum err haproxy_check(const struct edge_settings *settings, struct why *why)
{
    if (settings->place_count == 0 || settings->maps_dir == NULL) {
        return why_set(why, ERR_INVALID,
                       "edge %.31s: haproxy needs a place for each process, as in "
                       "unix:/run/haproxy/sslauto.sock, and maps_dir",
                       settings->name);
    }
    enum err e = check_path(settings->maps_dir, "maps_dir", settings->name, why);
    e = e == ERR_OK ? check_path(settings->ca_file, "ca_file", settings->name, why) : e;
    e = e == ERR_OK ? check_probe(settings, why) : e;
    for (size_t i = 0; e == ERR_OK && i < settings->place_count; i++) {
        struct place place;
        e = place_parse(&place, settings->places[i], why);
        if (e == ERR_OK && place_is_unix(&place)) {
            e = check_path(settings->places[i] + strlen("unix:"), "the socket", settings->name,
                           why);
        }
    }
    return e;
}

bool haproxy_has_files(const struct haproxy *haproxy)
{
    struct stat st;
    if (stat(haproxy->settings->maps_dir, &st) == 0) {
        return true;
    }
    for (size_t i = 0; i < haproxy->place_count; i++) {
        if (place_is_unix(&haproxy->places[i])) {
            return true; // on this machine, so that not finding the folder is an error
        }
    }
    return false;
}

static enum err haproxy_open(struct edge **out, const struct edge_settings *settings,
                             struct why *why)
{
    struct haproxy *haproxy = calloc(1, sizeof(*haproxy));
    if (haproxy == NULL) {
        return ERR_NOMEM;
    }
    haproxy->settings = settings;
    haproxy->place_count = settings->place_count;
    enum err e = haproxy_check(settings, why);
    for (size_t i = 0; e == ERR_OK && i < settings->place_count; i++) {
        e = place_parse(&haproxy->places[i], settings->places[i], why);
    }
    if (e != ERR_OK) {
        free(haproxy);
        return e;
    }
    haproxy->edge.capabilities = EDGE_COUNTS | EDGE_LEASES | EDGE_FALLBACK | EDGE_STICKY;
    if (settings->probe_url != NULL && settings->probe_secret != NULL) {
        haproxy->edge.capabilities |= EDGE_PROBES;
    }
    *out = &haproxy->edge;
    return ERR_OK;
}

static void haproxy_close(struct edge *edge)
{
    free(haproxy_of(edge));
}

const struct edge_driver edge_haproxy = {
    .name = "haproxy",
    .capabilities = EDGE_COUNTS | EDGE_LEASES | EDGE_FALLBACK | EDGE_PROBES | EDGE_STICKY,
    .check = haproxy_check,
    .open = haproxy_open,
    .close = haproxy_close,
    .apply = haproxy_apply,
    .read = haproxy_read,
    .counters = haproxy_counters,
    .probe = haproxy_probe,
    .stop_all = haproxy_stop_all,
    .forget = haproxy_forget,
    .resync = haproxy_resync,
    .print = haproxy_print,
};
