// SPDX-License-Identifier: Apache-2.0
// Prometheus text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/).
// Names and labels are a promise: docs/controller.md lists them.
#include <inttypes.h>
#include <stdio.h>

#include "pipeline/pipeline.h"

enum kind {
    GAUGE,
    COUNTER,
    HISTOGRAM
};

// Lines are added until the first failure, which sticks.
struct page {
    struct buf *out;
    enum err e;
};

static void head(struct page *page, const char *name, enum kind kind, const char *help)
{
    static const char *const words[] = {"gauge", "counter", "histogram"};
    if (page->e == ERR_OK) {
        page->e =
            buf_printf(page->out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, words[kind]);
    }
}

static void row(struct page *page, const char *name, const char *label, const char *word,
                int64_t value)
{
    if (page->e == ERR_OK) {
        page->e = buf_printf(page->out, "%s{%s=\"%s\"} %" PRId64 "\n", name, label, word, value);
    }
}

static void single(struct page *page, const char *name, enum kind kind, const char *help,
                   int64_t value)
{
    head(page, name, kind, help);
    if (page->e == ERR_OK) {
        page->e = buf_printf(page->out, "%s %" PRId64 "\n", name, value);
    }
}

static enum err zones(struct page *page, struct db *db, struct why *why)
{
    static const char name[] = "sslauto_zones";
    head(page, name, GAUGE, "Zones by their current encryption mode.");
    for (int mode = MODE_OFF; mode < MODE_COUNT; mode++) {
        const struct db_filter filter = {.mode = (enum mode)mode, .recommended = MODE_NONE};
        int64_t count = 0;
        enum err e = db_zone_count(db, &filter, &count, why);
        if (e != ERR_OK) {
            return e;
        }
        row(page, name, "mode", mode_str((enum mode)mode), count);
    }
    return page->e;
}

static enum err rollouts(struct page *page, struct db *db, struct why *why)
{
    static const char states[] = "sslauto_rollouts";
    static const char aborts[] = "sslauto_rollout_aborts_total";
    int64_t by_state[ROLLOUT_STATE_COUNT] = {0};
    int64_t by_reason[ROLLOUT_REASON_COUNT] = {0};
    enum err e = db_rollout_states(db, by_state, why);
    if (e == ERR_OK) {
        e = db_rollout_aborts(db, by_reason, why);
    }
    if (e != ERR_OK) {
        return e;
    }
    head(page, states, GAUGE, "Newest rollout of each zone, by state.");
    for (int i = 0; i < ROLLOUT_STATE_COUNT; i++) {
        row(page, states, "state", rollout_state_str((enum rollout_state)i), by_state[i]);
    }
    head(page, aborts, COUNTER, "Rollouts that went back, by reason.");
    for (int i = ROLLOUT_REASON_TLS; i < ROLLOUT_REASON_COUNT; i++) {
        row(page, aborts, "reason", rollout_reason_str((enum rollout_reason)i), by_reason[i]);
    }
    return page->e;
}

static enum err keep_oldest(void *ctx, const struct zone *zone, const struct rollout *rollout)
{
    int64_t *seen_at = ctx;
    (void)zone;
    if (rollout_moves_traffic(rollout) && rollout->seen_at < *seen_at) {
        *seen_at = rollout->seen_at;
    }
    return ERR_OK;
}

// By the rows: it grows between two looks, whoever looks, and while nobody does.
static enum err telemetry(struct page *page, struct db *db, struct why *why)
{
    const struct db_rollout_filter running = {.running = true};
    int64_t now = 0;
    enum err e = db_now(db, &now, why);
    int64_t seen_at = now;
    if (e == ERR_OK) {
        e = db_rollout_each(db, &running, keep_oldest, &seen_at, why);
    }
    if (e != ERR_OK) {
        return e;
    }
    single(page, "sslauto_telemetry_age_seconds_max", GAUGE,
           "Age of the oldest telemetry of a rollout that moves visitors.", now - seen_at);
    return page->e;
}

static enum err store(struct page *page, struct db *db, struct why *why)
{
    int64_t due = 0;
    int64_t leased = 0;
    bool stopped = false;
    enum err e = db_due_count(db, &due, &leased, why);
    if (e == ERR_OK) {
        e = db_stop_get(db, &stopped, why);
    }
    if (e != ERR_OK) {
        return e;
    }
    single(page, "sslauto_scans_due", GAUGE, "Zones that are due for a scan.", due);
    single(page, "sslauto_scans_leased", GAUGE, "Zones that are being scanned.", leased);
    single(page, "sslauto_stopped", GAUGE, "1 while every rollout is stopped.", stopped);
    return page->e;
}

// name ends in "_seconds".
static void histogram(struct page *page, const char *name, const char *help,
                      const struct latencies *took)
{
    head(page, name, HISTOGRAM, help);
    for (size_t i = 0; page->e == ERR_OK && i < LATENCY_BUCKETS; i++) {
        int64_t bound = latency_bounds_ms[i];
        page->e = buf_printf(page->out, "%s_bucket{le=\"%g\"} %" PRId64 "\n", name,
                             (double)bound / 1000, took->up_to[i]);
    }
    if (page->e == ERR_OK) {
        page->e = buf_printf(page->out,
                             "%s_bucket{le=\"+Inf\"} %" PRId64 "\n%s_sum %" PRId64 ".%03" PRId64
                             "\n%s_count %" PRId64 "\n",
                             name, took->count, name, took->sum_ms / 1000, took->sum_ms % 1000,
                             name, took->count);
    }
}

static void scan_rows(struct page *page, const struct scan_sums *sums)
{
    static const char name[] = "sslauto_scans_total";
    head(page, name, COUNTER, "Zones scanned, by what the scan found.");
    for (int i = 0; i < VERDICT_COUNT; i++) {
        row(page, name, "verdict", verdict_str((enum verdict)i), sums->by_verdict[i]);
    }
    histogram(page, "sslauto_scan_seconds",
              "Time from a zone's first request to its record, second looks included.",
              &sums->took);
}

static void controller_rows(struct page *page, const struct controller_sums *sums)
{
    single(page, "sslauto_controller_ticks_total", COUNTER, "Passes over what was due.",
           sums->ticks);
    single(page, "sslauto_controller_looked_total", COUNTER, "Rollouts looked at.", sums->looked);
    single(page, "sslauto_controller_transitions_total", COUNTER, "Transitions recorded.",
           sums->moved);
    single(page, "sslauto_controller_finished_total", COUNTER, "Rollouts that are done.",
           sums->finished);
    single(page, "sslauto_controller_rolled_back_total", COUNTER, "Rollouts that went back.",
           sums->gone_back);
    single(page, "sslauto_controller_troubles_total", COUNTER,
           "Times that an edge or the store did not do as asked.", sums->troubles);
    histogram(page, "sslauto_edge_apply_seconds", "Time an edge took to put a change.",
              &sums->apply);
    single(page, "sslauto_controller_next_timestamp_seconds", GAUGE,
           "When the next rollout is due; 0 = none.", sums->next_at);
}

enum err metrics_print(struct db *db, const struct controller_sums *controller,
                       const struct scan_sums *scans, struct buf *out, struct why *why)
{
    struct page page = {.out = out};
    enum err e = zones(&page, db, why);
    if (e == ERR_OK) {
        e = rollouts(&page, db, why);
    }
    if (e == ERR_OK) {
        e = store(&page, db, why);
    }
    if (e == ERR_OK) {
        e = telemetry(&page, db, why);
    }
    if (e == ERR_OK && controller != NULL) {
        controller_rows(&page, controller);
    }
    if (e == ERR_OK && scans != NULL) {
        scan_rows(&page, scans);
    }
    return e == ERR_OK ? page.e : e;
}
