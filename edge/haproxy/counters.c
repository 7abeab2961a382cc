// SPDX-License-Identifier: Apache-2.0
// The rows of the table of cohorts: one per host, generation and cohort, kept by the edge's own
// rules. Its counters are in the order of the generated configuration.
#include <assert.h>

#include "core/num.h"
#include "edge/haproxy/haproxy.h"

static void add_keys(struct talk *talk, size_t i, const char *command, const struct zone *zone,
                     int64_t generation)
{
    for (size_t h = 0; h < zone->host_count; h++) {
        for (int c = 0; c < COHORT_COUNT; c++) {
            runtime_add(&talk->at[i], "%s table " HAPROXY_TABLE " key %s|%lld|%s", command,
                        zone->hosts[h].name, (long long)generation, cohort_str((enum cohort)c));
        }
    }
}

static enum err check_names(const struct zone *zone, const struct edge_settings *settings,
                            struct why *why)
{
    OWN(map_rows_done) struct map_rows rows = {0};
    return map_rows_of_zone(&rows, zone, zone->mode, settings, why);
}

struct entry {
    enum cohort cohort;
    struct cohort_counts counts;
};

static bool parse_cohort(enum cohort *out, struct span key)
{
    struct span word = key;
    while (word.len > 0) {
        struct span part = span_cut(&word, '|');
        for (int c = 0; word.at == NULL && c < COHORT_COUNT; c++) {
            if (span_equal(part, span_of(cohort_str((enum cohort)c)))) {
                *out = (enum cohort)c;
                return true;
            }
        }
    }
    return false;
}

// As in: 0x55d: key=a.example|7|new use=0 exp=691197 gpc0=3 gpc1=0 ... gpc6=0
static bool parse_entry(struct entry *out, struct span line)
{
    struct entry entry = {0};
    uint64_t *const counters[] = {&entry.counts.requests,     &entry.counts.server_errors,
                                  &entry.counts.redirects,    &entry.counts.connect_failures,
                                  &entry.counts.tls_failures, &entry.counts.fallbacks,
                                  &entry.counts.cache_hits};
    size_t seen = 0;
    bool keyed = false;
    while (line.len > 0) {
        struct span value = span_cut(&line, ' ');
        struct span name = span_cut(&value, '=');
        int64_t number = 0;
        int64_t index = 0;
        if (span_equal(name, span_of("key"))) {
            keyed = parse_cohort(&entry.cohort, value);
        } else if (num_parse(&number, value, 0, UINT32_MAX) != ERR_OK) {
            continue;
        } else if (name.len == 4 && span_starts_nocase(name, span_of("gpc")) &&
                   num_parse(&index, (struct span){name.at + 3, 1}, 0,
                             (int64_t)COUNT_OF(counters) - 1) == ERR_OK) {
            *counters[index] = (uint64_t)number;
            seen++;
        }
    }
    *out = entry;
    return keyed && seen == COUNT_OF(counters);
}

static void parse_table(struct edge_counted *counted, struct runtime *runtime)
{
    struct span rest = buf_span(&runtime->answer);
    struct span line;
    while (runtime->err == ERR_OK && runtime_next_line(&line, &rest) &&
           !span_starts_nocase(line, span_of("Name: "))) { // of `show info`
        struct entry entry;
        if (span_starts_nocase(line, span_of("# table:"))) {
            continue;
        }
        if (!span_starts_nocase(line, span_of("0x"))) {
            runtime_refuse(runtime, line);
        } else if (!parse_entry(&entry, line)) {
            runtime_fail(runtime, ERR_UNAVAILABLE,
                         "its table " HAPROXY_TABLE " does not have the counters of `sslauto edge "
                         "show`; install that configuration and reload it");
        } else {
            struct rollout_counts more = {0};
            more.of[entry.cohort] = entry.counts;
            rollout_counts_add(&counted->counts, &more);
        }
    }
}

enum err haproxy_counters(struct edge *edge, const struct zone *zone, int64_t generation,
                          struct edge_counted *out, size_t *count, struct why *why)
{
    const struct haproxy *haproxy = haproxy_of(edge);
    OWN(talk_done) struct talk talk = {0};
    struct edge_counted counted[LIMIT_EDGE_PROCESSES] = {0};
    enum err e = check_names(zone, haproxy->settings, why);
    if (e != ERR_OK) {
        return e;
    }
    talk_init(&talk, haproxy);
    for (size_t i = 0; i < talk.count; i++) {
        add_keys(&talk, i, "show", zone, generation);
        process_ask(&talk.at[i]);
    }
    talk_exchange(&talk);
    for (size_t i = 0; i < talk.count; i++) {
        struct process process = {0};
        (void)snprintf(counted[i].process, sizeof(counted[i].process), "%s",
                       talk.at[i].place->process);
        parse_table(&counted[i], &talk.at[i]);
        process_parse(&process, &talk.at[i]);
        counted[i].epoch = process_epoch(&process); // the table lives and dies with the process
    }
    e = talk_result(&talk, why);
    if (e == ERR_OK) {
        memcpy(out, counted, talk.count * sizeof(counted[0]));
        *count = talk.count;
    }
    return e;
}

enum err haproxy_forget(struct edge *edge, const struct zone *zone, int64_t generation,
                        struct why *why)
{
    const struct haproxy *haproxy = haproxy_of(edge);
    OWN(talk_done) struct talk talk = {0};
    enum err e = check_names(zone, haproxy->settings, why);
    if (e != ERR_OK) {
        return e;
    }
    talk_init(&talk, haproxy);
    for (size_t i = 0; i < talk.count; i++) {
        add_keys(&talk, i, "clear", zone, generation);
    }
    // A row that a request is using now is not cleared; it expires.
    talk_exchange(&talk);
    return talk_result(&talk, why);
}
