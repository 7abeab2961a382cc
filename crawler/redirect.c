// SPDX-License-Identifier: Apache-2.0
#include "crawler/redirect.h"

#include "core/limits.h"
#include "crawler/deny.h"
#include "crawler/outcome.h"

bool redirect_status(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static bool same_host(const char *host_name, const char *url_host)
{
    struct span host = span_of(url_host);
    if (host.len > 2 && host.at[0] == '[') { // zones keep IPv6 literals without brackets
        host = (struct span){host.at + 1, host.len - 2};
    }
    return span_equal_nocase(span_of(host_name), host);
}

const struct host *redirect_host(const struct redirect_rules *rules, const struct url *url)
{
    if (same_host(rules->host->name, url->host)) {
        return rules->host;
    }
    for (size_t i = 0; rules->zone != NULL && i < rules->zone->host_count; i++) {
        if (same_host(rules->zone->hosts[i].name, url->host)) {
            return &rules->zone->hosts[i];
        }
    }
    return NULL;
}

// Whether the origin that is asked serves that host too.
static bool serves(const struct redirect_rules *rules, const struct host *host)
{
    const struct origin *asked = rules->origin;
    bool found = host == rules->host || asked == NULL || host->origin_count == 0;
    for (size_t i = 0; !found && i < host->origin_count; i++) {
        const struct origin *origin = &host->origins[i];
        found = strcmp(origin->address, asked->address) == 0 &&
                origin->http_port == asked->http_port && origin->https_port == asked->https_port;
    }
    return found;
}

static bool same_page(const struct url *a, const struct url *b)
{
    return strcmp(a->host, b->host) == 0 && a->port == b->port && strcmp(a->path, b->path) == 0;
}

static bool same_url(const struct url *a, const struct url *b)
{
    return a->https == b->https && same_page(a, b);
}

static bool seen(const struct fetch *fetch, const struct url *at, const struct url *target)
{
    if (same_url(at, target)) {
        return true;
    }
    char *text = NULL;
    if (url_print(&text, target) != ERR_OK) {
        return false;
    }
    bool found = false;
    for (size_t i = 0; i < fetch->hop_count && !found; i++) {
        found = strcmp(fetch->hops[i].from, text) == 0;
    }
    free(text);
    return found;
}

static bool upgrades(const struct url *at, const struct url *target)
{
    return !at->https && target->https && strcmp(at->host, target->host) == 0 &&
           strcmp(at->path, target->path) == 0;
}

// A fetch that came by https before has left it: going back to https is a hop as any other.
static bool only_http(const struct fetch *fetch)
{
    for (size_t i = 0; i < fetch->hop_count; i++) {
        if (fetch->hops[i].scheme == SCHEME_HTTPS) {
            return false;
        }
    }
    return fetch->scheme == SCHEME_HTTP;
}

enum next redirect_judge(struct url *out, const struct redirect_rules *rules,
                         const struct fetch *fetch, const struct url *at, enum hop_kind kind,
                         struct span target)
{
    struct url url = {0};
    if (url_resolve(&url, at, target) != ERR_OK) {
        // A refresh without a usable URL only reloads its page.
        *out = (struct url){0};
        return kind == HOP_META_REFRESH ? NEXT_NONE : NEXT_OFF_ZONE;
    }
    if (kind == HOP_META_REFRESH && same_url(at, &url)) {
        url_done(&url);
        return NEXT_NONE;
    }
    *out = url;
    const struct host *host = url_default_port(&url) ? redirect_host(rules, &url) : NULL;
    bool denied =
        host != NULL && rules->policy != NULL && deny_find(rules->policy, host->name) != NULL;
    if (host == NULL || denied) {
        return NEXT_OFF_ZONE;
    }
    if (!serves(rules, host)) {
        return NEXT_OTHER_ORIGIN;
    }
    if (seen(fetch, at, &url)) {
        return NEXT_LOOP;
    }
    if (!rules->follow_upgrade && upgrades(at, &url) && only_http(fetch)) {
        return NEXT_UPGRADE;
    }
    return fetch->hop_count >= rules->limit ? NEXT_LIMIT : NEXT_FOLLOW;
}

enum err redirect_record(struct fetch *fetch, const struct url *from, const struct url *to,
                         struct span raw, enum hop_kind kind, bool followed)
{
    struct hop *hops =
        reallocarray(fetch->hops, fetch->hop_count + 1, sizeof *hops); // at most limit + 1
    if (hops == NULL) {
        return ERR_NOMEM;
    }
    fetch->hops = hops;
    struct hop hop = {.scheme = from->https ? SCHEME_HTTPS : SCHEME_HTTP,
                      .kind = kind,
                      .status = fetch->status,
                      .followed = followed};
    enum err e = url_print(&hop.from, from);
    if (e == ERR_OK) {
        e = to != NULL ? url_print(&hop.to, to) : outcome_clean(&hop.to, raw, LIMIT_URL);
    }
    if (e != ERR_OK) {
        free(hop.from);
        return e;
    }
    hops[fetch->hop_count++] = hop;
    return ERR_OK;
}
