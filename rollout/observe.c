// SPDX-License-Identifier: Apache-2.0
// Where counters enter: totals of each edge process become what is new since the last look.
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/attr.h"
#include "rollout/machine.h"

// Counters of 32 bits begin again at 0 past their last value. A tick counts far fewer than this, so
// what would need more did not wrap: it was set back.
#define WRAP_AT   ((uint64_t)1 << 32)
#define WRAP_STEP ((uint64_t)1 << 28)

enum {
    FIELDS = sizeof(struct cohort_counts) / sizeof(uint64_t)
};
static_assert(sizeof(struct cohort_counts) == FIELDS * sizeof(uint64_t), "counters and no gaps");

static bool wrapped(uint64_t seen, uint64_t total)
{
    return total < seen && seen < WRAP_AT && total + (WRAP_AT - seen) < WRAP_STEP;
}

// One counter that fell without a wrap tells that all of its cohort began anew: an edge forgets
// them together.
static void subtract(struct cohort_counts *out, const struct cohort_counts *total,
                     const struct cohort_counts *seen)
{
    uint64_t now[FIELDS];
    uint64_t then[FIELDS];
    memcpy(now, total, sizeof now);
    memcpy(then, seen, sizeof then);
    bool anew = false;
    for (size_t i = 0; i < FIELDS; i++) {
        anew = anew || (now[i] < then[i] && !wrapped(then[i], now[i]));
    }
    for (size_t i = 0; i < FIELDS && !anew; i++) {
        now[i] = now[i] >= then[i] ? now[i] - then[i] : now[i] + (WRAP_AT - then[i]);
    }
    memcpy(out, now, sizeof now);
}

// Some edges hand their counters on to the process that follows (HAProxy by a peers section). Then
// none is below what was seen, and adding them all would count every failure twice.
static bool handed_on(const struct rollout_counts *total, const struct rollout_counts *seen)
{
    bool any = false;
    for (size_t c = 0; c < COHORT_COUNT; c++) {
        uint64_t now[FIELDS];
        uint64_t then[FIELDS];
        memcpy(now, &total->of[c], sizeof now);
        memcpy(then, &seen->of[c], sizeof then);
        for (size_t i = 0; i < FIELDS; i++) {
            if (now[i] < then[i]) {
                return false;
            }
            any = any || then[i] > 0;
        }
    }
    return any;
}

static struct edge_cursor *cursor_of(struct rollout *rollout, const char *process)
{
    for (size_t i = 0; i < rollout->cursor_count; i++) {
        if (strcmp(rollout->cursors[i].process, process) == 0) {
            return &rollout->cursors[i];
        }
    }
    if (rollout->cursor_count == LIMIT_EDGE_PROCESSES) {
        return NULL;
    }
    struct edge_cursor *cursor = &rollout->cursors[rollout->cursor_count++];
    *cursor = (struct edge_cursor){0};
    (void)snprintf(cursor->process, sizeof cursor->process, "%s", process);
    return cursor;
}

enum err rollout_observe(struct rollout *rollout, const char *process, int64_t epoch,
                         const struct rollout_counts *total, struct rollout_counts *fresh)
{
    struct edge_cursor *cursor = cursor_of(rollout, process);
    if (cursor == NULL) {
        return ERR_LIMIT;
    }
    if (cursor->epoch != epoch && !handed_on(total, &cursor->seen)) {
        cursor->seen = (struct rollout_counts){0};
    }
    struct rollout_counts more;
    for (size_t c = 0; c < COHORT_COUNT; c++) {
        subtract(&more.of[c], &total->of[c], &cursor->seen.of[c]);
    }
    cursor->epoch = epoch;
    cursor->seen = *total;
    rollout_counts_add(&rollout->step_counts, &more);
    rollout_counts_add(&rollout->counts, &more);
    rollout_counts_add(fresh, &more);
    return ERR_OK;
}

void rollout_heard(struct rollout *rollout, bool telemetry, int64_t now)
{
    rollout->lost_ticks = telemetry ? 0 : rollout->lost_ticks + 1;
    if (telemetry) {
        rollout->seen_at = now;
    }
}

void rollout_applied(struct rollout *rollout, int share_bp, int64_t now)
{
    if (share_bp > 0 && share_bp == rollout->share_bp && rollout->applied_bp != share_bp) {
        rollout->step_at = now;
        if (rollout->state == ROLLOUT_FINALISING) { // it had been lost meanwhile
            machine_begin_step(rollout, now);
        }
    }
    rollout->applied_bp = share_bp;
}

void rollout_held(struct rollout *rollout, const struct rollout_counts *fresh, int64_t lease_s,
                  int64_t now)
{
    bool failed = fresh->of[COHORT_NEW].tls_failures + fresh->of[COHORT_PROBE_NEW].tls_failures > 0;
    bool unseen = now - rollout->seen_at > lease_s;
    if ((failed || unseen) && rollout->state == ROLLOUT_FINALISING) {
        machine_begin_step(rollout, now);
    }
}
