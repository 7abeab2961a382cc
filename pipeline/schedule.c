// SPDX-License-Identifier: Apache-2.0
#include "pipeline/schedule.h"

#include <stdlib.h>

// The same zone and time always give the same jitter, so a decision can be replayed.
static int64_t jittered(int64_t span_s, int percent, const char *zone_id, int64_t now)
{
    uint64_t hash = 14695981039346656037u ^ (uint64_t)now; // FNV-1a
    for (const char *c = zone_id; *c != '\0'; c++) {
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    }
    hash ^= hash >> 33;
    int64_t room = span_s / 100 * percent;
    return room <= 0 ? span_s : span_s - room + (int64_t)(hash % (uint64_t)(2 * room + 1));
}

int64_t schedule_next(const struct schedule_policy *policy, const struct zone *zone,
                      const struct recommendation *said, int64_t previous_gap_s, int64_t wait_s,
                      int64_t now)
{
    if (zone->automatic == AUTOMATIC_CUSTOM) {
        return 0;
    }
    int64_t span = policy->interval_s;
    if (said->verdict == VERDICT_UNKNOWN) {
        span = policy->retry_s;
        while (previous_gap_s > 0 && span <= previous_gap_s && span < policy->interval_s) {
            span *= 2;
        }
        span = span > policy->interval_s ? policy->interval_s : span;
    } else if (said->verdict == VERDICT_UPGRADE && !said->confirmed) {
        span = policy->confirm_s;
    } else if (zone->mode >= MODE_STRICT) {
        span = policy->certificate_watch_s;
        if (span == 0) {
            return 0;
        }
    }
    int64_t after = jittered(span, policy->jitter_percent, zone->id, now);
    return now + (after > wait_s ? after : wait_s);
}
