// SPDX-License-Identifier: Apache-2.0
// edge_call PROGRAM CONFIG ID NAME ADDRESS HTTP_PORT HTTPS_PORT CALL [ARGUMENT...]: one call of an
// edge behind the driver exec, for one zone with one host and one origin. Prints what came back.
//   apply OLD NEW SHARE_BP GENERATION (GENERATION 0: OLD alone)   read   counters GENERATION
//   probe old|new   stop_all   forget GENERATION   resync MODE [overwrite]
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/num.h"
#include "edge/edge.h"

static int64_t number(const char *text)
{
    int64_t value = 0;
    if (text == NULL || num_parse(&value, span_of(text), 0, INT32_MAX) != ERR_OK) {
        (void)fprintf(stderr, "edge_call: not a number: %s\n", text == NULL ? "" : text);
        exit(2);
    }
    return value;
}

static enum mode mode(const char *text)
{
    enum mode value = MODE_NONE;
    if (text == NULL || mode_parse(&value, span_of(text)) != ERR_OK) {
        (void)fprintf(stderr, "edge_call: not a mode: %s\n", text == NULL ? "" : text);
        exit(2);
    }
    return value;
}

static struct zone *make_zone(char **words)
{
    struct zone *zone = zone_new();
    struct host *host = NULL;
    if (zone == NULL || !zone_id_valid(span_of(words[0]))) {
        exit(2);
    }
    (void)snprintf(zone->id, sizeof zone->id, "%s", words[0]);
    zone->name = strdup(words[1]);
    if (zone->name == NULL || zone_add_host(&host, zone, span_of(words[1]), NULL) != ERR_OK ||
        host_add_origin(host, span_of(words[2]), (uint16_t)number(words[3]),
                        (uint16_t)number(words[4]), NULL) != ERR_OK) {
        exit(2);
    }
    return zone;
}

static enum err call_apply(struct edge *edge, const struct zone *zone, char **words,
                           struct why *why)
{
    const struct edge_want want = {.zone = zone,
                                   .old_mode = mode(words[0]),
                                   .new_mode = mode(words[1]),
                                   .share_bp = (int)number(words[2]),
                                   .generation = number(words[3]),
                                   .lease_s = 30};
    return edge_apply(edge, &want, why);
}

static enum err call_read(struct edge *edge, const struct zone *zone, struct why *why)
{
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    size_t count = 0;
    enum err e = edge_read(edge, zone, seen, &count, why);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        (void)printf("%s %s %s %s %d %" PRId64 "\n", seen[i].process,
                     seen[i].known ? "known" : "unknown", mode_str(seen[i].old_mode),
                     mode_str(seen[i].new_mode), seen[i].share_bp, seen[i].generation);
    }
    return e;
}

static enum err call_counters(struct edge *edge, const struct zone *zone, int64_t generation,
                              struct why *why)
{
    struct edge_counted counted[LIMIT_EDGE_PROCESSES];
    size_t count = 0;
    enum err e = edge_counters(edge, zone, generation, counted, &count, why);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        for (int j = 0; j < COHORT_COUNT; j++) {
            const struct cohort_counts *c = &counted[i].counts.of[j];
            (void)printf("%s requests=%" PRIu64 " server_errors=%" PRIu64 " redirects=%" PRIu64
                         " connect=%" PRIu64 " tls=%" PRIu64 " fallbacks=%" PRIu64 " cache=%" PRIu64
                         "\n",
                         cohort_str((enum cohort)j), c->requests, c->server_errors, c->redirects,
                         c->connect_failures, c->tls_failures, c->fallbacks, c->cache_hits);
        }
    }
    return e;
}

static enum err call_probe(struct edge *edge, const struct zone *zone, const char *side,
                           struct why *why)
{
    struct edge_probe probe = {0};
    bool fresh = side != NULL && strcmp(side, "new") == 0;
    enum err e = edge_probe(edge, zone, fresh ? COHORT_PROBE_NEW : COHORT_PROBE_OLD, &probe, why);
    if (e == ERR_OK) {
        (void)printf("%s %d %s %s\n", probe.answered ? "answered" : "silent", probe.status,
                     mode_str(probe.mode), probe.words);
    }
    return e;
}

static const struct zone *next_once(void *ctx)
{
    const struct zone **zone = ctx;
    const struct zone *now = *zone;
    *zone = NULL;
    return now;
}

static enum err call(struct edge *edge, struct zone *zone, char **words, struct why *why)
{
    size_t count = 0;
    enum err e = ERR_OK;
    if (strcmp(words[0], "apply") == 0) {
        return call_apply(edge, zone, words + 1, why);
    }
    if (strcmp(words[0], "read") == 0) {
        return call_read(edge, zone, why);
    }
    if (strcmp(words[0], "counters") == 0) {
        return call_counters(edge, zone, number(words[1]), why);
    }
    if (strcmp(words[0], "probe") == 0) {
        return call_probe(edge, zone, words[1], why);
    }
    if (strcmp(words[0], "forget") == 0) {
        return edge_forget(edge, zone, number(words[1]), why);
    }
    if (strcmp(words[0], "resync") == 0) {
        const struct zone *only = zone;
        zone->mode = mode(words[1]);
        return edge_resync(edge, next_once, &only, words[2] != NULL, why);
    }
    if (strcmp(words[0], "stop_all") == 0) {
        e = edge_stop_all(edge, &count, why);
        (void)printf("%zu\n", count);
        return e;
    }
    return why_set(why, ERR_INVALID, "no such call: %s", words[0]);
}

int main(int argc, char **argv)
{
    if (argc < 9) {
        return 2;
    }
    char *words[6] = {NULL};
    for (int i = 8; i < argc && i - 8 < 5; i++) {
        words[i - 8] = argv[i];
    }
    OWN(zone_own) struct zone *zone = make_zone(argv + 3);
    OWN(edge_own) struct edge *edge = NULL;
    const char *const places[] = {argv[1], argv[2]};
    const struct edge_settings settings = {.name = "lab",
                                           .driver = "exec",
                                           .places = places,
                                           .place_count = COUNT_OF(places),
                                           .timeout_ms = 20000};
    struct why why = {""};
    enum err e = edge_open(&edge, &settings, &why);
    e = e == ERR_OK ? call(edge, zone, words, &why) : e;
    if (e != ERR_OK) {
        (void)fprintf(stderr, "%s: %s\n", err_str(e), why_text(&why, e));
    }
    return e == ERR_OK ? 0 : 1;
}
