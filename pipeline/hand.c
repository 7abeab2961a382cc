// SPDX-License-Identifier: Apache-2.0
#include "pipeline/hand.h"

#include <stdio.h>

#include "core/time.h"

static bool ramps(enum rollout_state state)
{
    return state >= ROLLOUT_PREFLIGHT && state <= ROLLOUT_FINALISING;
}

struct edge_want hand_want(const struct rollout *rollout, const struct zone *zone, int64_t lease_s)
{
    if (ramps(rollout->state)) {
        return (struct edge_want){.zone = zone,
                                  .old_mode = rollout->from,
                                  .new_mode = rollout->to,
                                  .share_bp = rollout->share_bp,
                                  .generation = rollout->generation,
                                  .lease_s = lease_s};
    }
    enum mode steady = rollout->state == ROLLOUT_DONE ? rollout->to : rollout->from;
    return (struct edge_want){.zone = zone, .old_mode = steady, .new_mode = steady};
}

// -- looking -------------------------------------------------------------------------------------

static bool steady_at(const struct edge_seen *seen, enum mode mode)
{
    return seen->known && seen->generation == 0 && seen->old_mode == mode;
}

static bool ours(const struct edge_seen *seen, const struct rollout *rollout)
{
    return seen->known && seen->generation == rollout->generation &&
           seen->old_mode == rollout->from && seen->new_mode == rollout->to;
}

// What visitors get now: a share whose lease ran out is none.
static int share_in_use(const struct edge_seen *seen, bool leases)
{
    bool none = !seen->known || seen->generation == 0 || (leases && seen->lease_left_s <= 0);
    return none ? 0 : seen->share_bp;
}

static bool started_anew(const struct edge_seen *seen, const struct rollout *rollout)
{
    for (size_t i = 0; i < rollout->cursor_count; i++) {
        if (strcmp(rollout->cursors[i].process, seen->process) == 0) {
            return rollout->cursors[i].epoch != seen->epoch;
        }
    }
    return false;
}

static bool fits(const struct edge_seen *seen, const struct rollout *rollout, bool leases)
{
    switch (rollout->state) {
    case ROLLOUT_ELIGIBLE:
        return !seen->known || steady_at(seen, rollout->from);
    case ROLLOUT_PREFLIGHT:
    case ROLLOUT_RAMPING:
    case ROLLOUT_WARMING:
    case ROLLOUT_HOLDING:
    case ROLLOUT_FINALISING:
        return (rollout->state == ROLLOUT_FINALISING && steady_at(seen, rollout->to)) ||
               (ours(seen, rollout) && seen->share_bp == rollout->share_bp &&
                share_in_use(seen, leases) == rollout->share_bp);
    case ROLLOUT_ROLLED_BACK:
        return steady_at(seen, rollout->from);
    case ROLLOUT_DONE:
    case ROLLOUT_COOLDOWN:
    case ROLLOUT_STATE_COUNT:
        break;
    }
    return true;
}

// A value of ours in the steady map is the store's to decide, unless that would make visitors less
// safe than they are.
static bool is_foreign(const struct edge_seen *seen, const struct rollout *rollout)
{
    bool stronger = rollout->state == ROLLOUT_ELIGIBLE && seen->known && seen->generation == 0 &&
                    seen->old_mode > rollout->from;
    return seen->foreign || stronger;
}

static void look_at(struct hand_view *view, const struct edge_seen *seen,
                    const struct rollout *rollout, bool leases)
{
    int share = share_in_use(seen, leases);
    bool settled = steady_at(seen, rollout->to);
    bool mine = ours(seen, rollout);
    int counted = settled && rollout->state == ROLLOUT_FINALISING ? SHARE_ALL_BP : mine ? share : 0;
    view->settled = view->settled && settled;
    if (is_foreign(seen, rollout)) {
        // Nothing is touched there: gone back is what has no visitors of ours.
        bool gone = rollout->state == ROLLOUT_ROLLED_BACK && share == 0;
        view->foreign = true;
        view->agrees = view->agrees && gone;
        return;
    }
    bool fit = fits(seen, rollout, leases);
    view->agrees = view->agrees && fit;
    view->over = view->over || (!fit && share > (mine ? rollout->share_bp : 0)) ||
                 (!fit && settled && ramps(rollout->state));
    view->below = view->below || (!fit && counted < rollout->share_bp);
    view->zeroed =
        view->zeroed || (mine && seen->share_bp == 0 && rollout->share_bp > 0 &&
                         rollout->applied_bp == rollout->share_bp && !started_anew(seen, rollout));
    view->share_bp = counted < view->share_bp ? counted : view->share_bp;
    if (share > 0 && seen->lease_left_s < view->lease_left_s) {
        view->lease_left_s = seen->lease_left_s;
    }
}

enum err hand_look(struct hand_view *out, struct fleet *fleet, const struct zone *zone,
                   const struct rollout *rollout, struct why *why)
{
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    size_t count = 0;
    enum err e = edge_read(fleet->edge, zone, seen, &count, why);
    fleet->away = fleet->away || e == ERR_UNAVAILABLE;
    // What is left of a zone that the edge cannot serve any more is enough to know that it went
    // back.
    bool left = e == ERR_INVALID && count > 0 && rollout->state == ROLLOUT_ROLLED_BACK;
    if (e != ERR_OK && !left) {
        return e;
    }
    struct hand_view view = {.answered = true,
                             .agrees = true,
                             .settled = count > 0,
                             .share_bp = count > 0 ? SHARE_ALL_BP : 0,
                             .lease_left_s = INT64_MAX};
    for (size_t i = 0; i < count; i++) {
        look_at(&view, &seen[i], rollout, (fleet->can & EDGE_LEASES) != 0);
    }
    *out = view;
    return ERR_OK;
}

// -- putting -------------------------------------------------------------------------------------

enum err hand_put(struct fleet *fleet, const struct edge_want *want, struct latencies *took,
                  struct why *why)
{
    int64_t began_ms = time_monotonic_ms();
    enum err e = edge_apply(fleet->edge, want, why);
    latencies_add(took, time_monotonic_ms() - began_ms);
    fleet->away = fleet->away || e == ERR_UNAVAILABLE;
    return e;
}

// -- counting ------------------------------------------------------------------------------------

enum err hand_count(struct rollout *rollout, struct fleet *fleet, const struct zone *zone,
                    struct rollout_counts *fresh, struct why *why)
{
    struct edge_counted counted[LIMIT_EDGE_PROCESSES];
    size_t count = 0;
    enum err e = edge_counters(fleet->edge, zone, rollout->generation, counted, &count, why);
    fleet->away = fleet->away || e == ERR_UNAVAILABLE;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        e = rollout_observe(rollout, counted[i].process, counted[i].epoch, &counted[i].counts,
                            fresh);
    }
    return e != ERR_LIMIT
               ? e
               : why_set(why, e, "edge %s: more than %zu processes have counted for one rollout",
                         edge_name(fleet->edge), LIMIT_EDGE_PROCESSES);
}

static void take_answer(struct cohort_counts *counts, const struct edge_probe *probe,
                        enum mode asked)
{
    counts->requests++;
    if (!probe->answered) {
        counts->connect_failures++;
    } else if (probe->mode != MODE_NONE && probe->mode != asked) {
        counts->fallbacks++;
    } else if (probe->status >= 500) {
        counts->server_errors++;
    } else if (probe->status >= 300 && probe->status < 400) {
        counts->redirects++;
    }
}

// Probes that the edge does not count are counted as if a process of that name did.
static enum err keep_count(struct rollout *rollout, const struct rollout_counts *pair,
                           struct rollout_counts *fresh)
{
    static const char process[] = "(probes)";
    struct rollout_counts total = *pair;
    for (size_t i = 0; i < rollout->cursor_count; i++) {
        if (strcmp(rollout->cursors[i].process, process) == 0) {
            rollout_counts_add(&total, &rollout->cursors[i].seen);
        }
    }
    return rollout_observe(rollout, process, rollout->generation, &total, fresh);
}

enum err hand_probe(struct rollout *rollout, struct fleet *fleet, const struct zone *zone,
                    struct rollout_counts *fresh, struct why *why)
{
    struct rollout_counts pair = {0};
    struct edge_probe probes[] = {{.mode = MODE_NONE}, {.mode = MODE_NONE}};
    const enum cohort cohorts[] = {COHORT_PROBE_OLD, COHORT_PROBE_NEW};
    for (size_t i = 0; i < COUNT_OF(cohorts); i++) {
        enum err e = edge_probe(fleet->edge, zone, cohorts[i], &probes[i], why);
        fleet->away = fleet->away || e == ERR_UNAVAILABLE;
        if (e != ERR_OK) {
            return e;
        }
        take_answer(&pair.of[cohorts[i]], &probes[i],
                    cohorts[i] == COHORT_PROBE_OLD ? rollout->from : rollout->to);
    }
    enum err e = (fleet->can & EDGE_COUNTS) != 0 ? ERR_OK : keep_count(rollout, &pair, fresh);
    // The old mode serves visitors: what fails there is the way of the probes, or the origin.
    return e == ERR_OK && probes[0].words[0] != '\0'
               ? why_set(why, ERR_UNAVAILABLE, "a probe in the old mode: %.255s", probes[0].words)
               : e;
}
