// SPDX-License-Identifier: Apache-2.0
// The defaults, and how an attempt begins.
#include "rollout/machine.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define MINUTE_S 60
#define HOUR_S   3600
#define DAY_S    86400

struct rollout_policy rollout_policy_default(void)
{
    return (struct rollout_policy){
        .steps_bp = {100, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, SHARE_ALL_BP},
        .step_count = 11,
        .slow_steps_bp = {100, 200, 500, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000,
                          SHARE_ALL_BP},
        .slow_step_count = 13,
        .dwell_s = 10 * MINUTE_S,
        .slow_dwell_s = 30 * MINUTE_S,
        .final_dwell_s = HOUR_S,
        .step_deadline_s = 2 * DAY_S,
        .rollout_deadline_s = 7 * DAY_S,
        .tick_s = 10,
        .idle_tick_s = 5 * MINUTE_S,
        .lease_s = 30,
        .telemetry_ticks = 3,
        .min_requests = 149,
        .min_probes = 3,
        .probe_requests = 30,
        .probes_carry_bp = SHARE_ALL_BP,
        .min_cache_requests = 200,
        .cache_gap = 0.10,
        .warm_up_s = 6 * HOUR_S,
        .hard_p0 = 0.001,
        .hard_p1 = 0.02,
        .hard_alpha = 0.001,
        .hard_beta = 0.05,
        .hard_floor = 3,
        .odds_alpha = 0.001,
        .odds_ratio = 1.5,
        .excess = 0.02,
        .cooldown_s = {DAY_S, 3 * DAY_S, 7 * DAY_S, 30 * DAY_S},
        .fresh_s = 7 * DAY_S,
    };
}

bool rollout_slow(enum mode from, enum mode to)
{
    return from <= MODE_FLEXIBLE && to >= MODE_FULL;
}

void rollout_begin(struct rollout *out, const char *zone_id, enum mode from, enum mode to,
                   const struct rollout *before, bool origin_changed,
                   const struct rollout_policy *policy, int64_t now)
{
    assert(to > from && from >= MODE_OFF);
    bool slow = rollout_slow(from, to);
    *out = (struct rollout){
        .generation = before != NULL ? before->generation + 1 : 1,
        .from = from,
        .to = to,
        .step_count = slow ? policy->slow_step_count : policy->step_count,
        .applied_bp = -1,
        .state = ROLLOUT_ELIGIBLE,
        .failed_before = before != NULL && !origin_changed ? before->failed_before : 0,
        .started_at = now,
        .state_at = now,
        .step_at = now,
        .tick_at = now,
        .seen_at = now,
    };
    memcpy(out->steps_bp, slow ? policy->slow_steps_bp : policy->steps_bp, sizeof out->steps_bp);
    (void)snprintf(out->zone_id, sizeof out->zone_id, "%s", zone_id);
}

// -- cool-down -----------------------------------------------------------------------------------

bool machine_blames(enum rollout_reason reason)
{
    switch (reason) {
    case ROLLOUT_REASON_TLS:
    case ROLLOUT_REASON_CONNECT:
    case ROLLOUT_REASON_FALLBACK:
    case ROLLOUT_REASON_SERVER_ERRORS:
    case ROLLOUT_REASON_REDIRECTS:
    case ROLLOUT_REASON_PREFLIGHT:
    case ROLLOUT_REASON_TOO_LONG:
        return true;
    case ROLLOUT_REASON_NONE:
    case ROLLOUT_REASON_UNCONFIRMED:
    case ROLLOUT_REASON_STALE:
    case ROLLOUT_REASON_CAPPED:
    case ROLLOUT_REASON_FROZEN:
    case ROLLOUT_REASON_PAUSED:
    case ROLLOUT_REASON_FEW_REQUESTS:
    case ROLLOUT_REASON_COLD_CACHE:
    case ROLLOUT_REASON_NO_TELEMETRY:
    case ROLLOUT_REASON_BOTH_FAIL:
    case ROLLOUT_REASON_EDGE_BUSY:
    case ROLLOUT_REASON_DWELL:
    case ROLLOUT_REASON_TELEMETRY_LOST:
    case ROLLOUT_REASON_MODE_CHANGED:
    case ROLLOUT_REASON_CUSTOM:
    case ROLLOUT_REASON_WITHDRAWN:
    case ROLLOUT_REASON_CERTIFICATE:
    case ROLLOUT_REASON_OPERATOR:
    case ROLLOUT_REASON_STOP_ALL:
    case ROLLOUT_REASON_EDGE_FOREIGN:
    case ROLLOUT_REASON_COUNT:
        return false;
    }
    return false;
}

int64_t machine_cooldown_s(const struct rollout_policy *policy, enum rollout_reason reason,
                           int failed_before)
{
    int last = (int)COUNT_OF(policy->cooldown_s) - 1;
    int at = machine_blames(reason) ? failed_before - 1 : 0;
    return policy->cooldown_s[at < 0 ? 0 : at > last ? last : at];
}
