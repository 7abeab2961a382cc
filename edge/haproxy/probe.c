// SPDX-License-Identifier: Apache-2.0
// A visitor of our own: a GET of the zone's home page through the edge, in the mode we ask for.
#include <curl/curl.h>

#include "core/str.h"
#include "core/url.h"
#include "edge/haproxy/haproxy.h"

struct probe {
    const char *cohort; // as the edge calls it
    struct edge_probe *out;
    char asked[LIMIT_EDGE_NAME]; // cohort that the edge says it was
    size_t body_bytes;
};

static void url_own(struct url *url)
{
    url_done(url);
}

static void curl_own(CURL **curl)
{
    curl_easy_cleanup(*curl);
}

static void list_own(struct curl_slist **list)
{
    curl_slist_free_all(*list);
}

// "X-Sslauto-Mode: probe_new strict"
// NOLINTNEXTLINE(readability-non-const-parameter): libcurl's type
static size_t on_header(char *bytes, size_t size, size_t count, void *ctx)
{
    struct probe *probe = ctx;
    struct span value = {bytes, size * count};
    struct span name = span_cut(&value, ':');
    if (span_equal_nocase(name, span_of(HAPROXY_MODE_HEADER))) {
        struct span mode = span_trim(value);
        struct span cohort = span_cut(&mode, ' ');
        (void)str_printable(probe->asked, sizeof(probe->asked), cohort);
        if (mode_parse(&probe->out->mode, span_trim(mode)) != ERR_OK) {
            probe->out->mode = MODE_NONE;
        }
    }
    return size * count;
}

// NOLINTNEXTLINE(readability-non-const-parameter): libcurl's type
static size_t on_body(char *bytes, size_t size, size_t count, void *ctx)
{
    struct probe *probe = ctx;
    (void)bytes;
    probe->body_bytes += size * count;
    return probe->body_bytes > LIMIT_BODY ? 0 : size * count; // 0 ends it: enough was seen
}

static const struct host *home_of(const struct zone *zone)
{
    for (size_t i = 0; i < zone->host_count; i++) {
        if (strcmp(zone->hosts[i].name, zone->name) == 0) {
            return &zone->hosts[i];
        }
    }
    return &zone->hosts[0];
}

static struct curl_slist *add_field(struct curl_slist *list, const char *name, const char *value,
                                    const char *more, bool *ok)
{
    char field[LIMIT_HOST_NAME + 256];
    int len = snprintf(field, sizeof(field), "%s: %s%s", name, value, more);
    struct curl_slist *longer =
        len > 0 && (size_t)len < sizeof(field) ? curl_slist_append(list, field) : NULL;
    *ok = *ok && longer != NULL;
    return longer != NULL ? longer : list;
}

#define SET(option, value) (ok = ok && curl_easy_setopt(curl, option, value) == CURLE_OK)

static bool set_where(CURL *curl, const struct edge_settings *settings, const struct url *edge,
                      const char *host, struct curl_slist *connect_to)
{
    char url[LIMIT_HOST_NAME + 32];
    bool ok = true;
    // The edge is reached at its address; name, certificate and SNI are the zone's.
    (void)snprintf(url, sizeof(url), "%s://%s:%u/", edge->https ? "https" : "http", host,
                   edge->port);
    SET(CURLOPT_URL, url);
    SET(CURLOPT_CONNECT_TO, connect_to);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    if (settings->probe_ca_file != NULL) {
        SET(CURLOPT_CAINFO, settings->probe_ca_file);
    }
    return ok;
}

static bool set_how(CURL *curl, const struct edge_settings *settings, struct probe *probe,
                    struct curl_slist *fields, char *error)
{
    bool ok = true;
    SET(CURLOPT_HTTPHEADER, fields);
    SET(CURLOPT_USERAGENT, "sslauto-probe");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_TIMEOUT_MS, (long)settings->timeout_ms);
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_ERRORBUFFER, error);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, probe);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, probe);
    return ok;
}

static void say(struct probe *probe, CURLcode code, const char *error)
{
    struct edge_probe *out = probe->out;
    size_t size = sizeof(out->words);
    if (!out->answered) {
        char words[200];
        str_printable(words, sizeof(words),
                      span_of(error[0] != '\0' ? error : curl_easy_strerror(code)));
        (void)snprintf(out->words, size, "the edge did not answer: %s", words);
    } else if (out->mode == MODE_NONE) {
        (void)snprintf(out->words, size,
                       "status %d, and the edge does not say its mode: does its configuration have "
                       "the same probe secret, and the zone?",
                       out->status);
    } else if (strcmp(probe->asked, probe->cohort) != 0) {
        (void)snprintf(out->words, size, "the edge used %s instead of %s: is the lease over?",
                       probe->asked, probe->cohort);
    } else if (out->status >= 500) {
        (void)snprintf(out->words, size, "status %d in the mode %s", out->status,
                       mode_str(out->mode));
    }
}

static enum err send_probe(const struct edge_settings *settings, const struct url *edge,
                           const char *host, struct probe *probe, struct why *why)
{
    OWN(curl_own) CURL *curl = curl_easy_init();
    OWN(list_own) struct curl_slist *fields = NULL;
    OWN(list_own) struct curl_slist *connect_to = NULL;
    char error[CURL_ERROR_SIZE] = "";
    char where[LIMIT_URL + 16];
    bool ok = curl != NULL;
    (void)snprintf(where, sizeof(where), "::%s:%u", edge->host, edge->port);
    connect_to = curl_slist_append(NULL, where);
    fields = add_field(fields, "Host", host, "", &ok);
    fields =
        add_field(fields, HAPROXY_PROBE_HEADER, settings->probe_secret,
                  strcmp(probe->cohort, cohort_str(COHORT_PROBE_NEW)) == 0 ? ":new" : ":old", &ok);
    ok = ok && connect_to != NULL && set_where(curl, settings, edge, host, connect_to) &&
         set_how(curl, settings, probe, fields, error);
    if (!ok) {
        return why_set(why, ERR_NOMEM, "no memory for a probe");
    }
    CURLcode code = curl_easy_perform(curl);
    long status = 0;
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    probe->out->status = (int)status;
    probe->out->answered = status > 0;
    say(probe, code, error);
    return ERR_OK;
}

enum err haproxy_probe(struct edge *edge, const struct zone *zone, enum cohort cohort,
                       struct edge_probe *out, struct why *why)
{
    const struct edge_settings *settings = haproxy_of(edge)->settings;
    OWN(url_own) struct url url = {0};
    OWN(map_rows_done) struct map_rows rows = {0};
    struct edge_probe seen = {.mode = MODE_NONE};
    struct probe probe = {.cohort = cohort_str(cohort), .out = &seen};
    if (settings->probe_url == NULL || settings->probe_secret == NULL) {
        return why_set(why, ERR_INVALID, "edge %s: probes need its probe URL and its probe secret",
                       settings->name);
    }
    if (cohort != COHORT_PROBE_OLD && cohort != COHORT_PROBE_NEW) {
        return why_set(why, ERR_INVALID, "a probe is not in the cohort %s", probe.cohort);
    }
    enum err e = map_rows_of_zone(&rows, zone, zone->mode, settings, why);
    e = e == ERR_OK ? url_parse(&url, span_of(settings->probe_url)) : e;
    e = e == ERR_OK ? send_probe(settings, &url, home_of(zone)->name, &probe, why) : e;
    if (e == ERR_OK) {
        *out = seen;
    }
    return e;
}
