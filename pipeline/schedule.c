// SPDX-License-Identifier: Apache-2.0
#include "pipeline/schedule.h"

#include <stdlib.h>

// The same zone and number always give the same, so a decision can be replayed.
static uint64_t mix(const char *zone_id, int64_t number)
{
    uint64_t hash = 14695981039346656037u ^ (uint64_t)number; // FNV-1a
    for (const char *c = zone_id; *c != '\0'; c++) {
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    }
    return hash ^ hash >> 33;
}

// -room..room
static int64_t jitter(int64_t span_s, int percent, const char *zone_id, int64_t number)
{
    int64_t room = span_s / 100 * percent;
    return room <= 0 ? 0 : (int64_t)(mix(zone_id, number) % (uint64_t)(2 * room + 1)) - room;
}

// A zone has its own days: every span_s from a moment that its id names, each moved by jitter. So
// zones that were added together are spread over the span, jitter does not add up, and a year has
// as many scans as it has spans. The next one is at least half a span away.
static int64_t next_on_grid(int64_t span_s, int percent, const char *zone_id, int64_t now)
{
    int64_t phase = (int64_t)(mix(zone_id, 0) % (uint64_t)span_s);
    int64_t number = (now - phase) / span_s;
    int64_t at = 0;
    do {
        number++;
        at = phase + number * span_s + jitter(span_s, percent, zone_id, number);
    } while (at < now + span_s / 2);
    return at;
}

// After a scan that leaves a question: counted from now, since a day of its own may be far away.
static int64_t soon(int64_t span_s, const struct schedule_policy *policy, const char *zone_id,
                    int64_t now)
{
    return now + span_s + jitter(span_s, policy->jitter_percent, zone_id, now);
}

int64_t schedule_next(const struct schedule_policy *policy, const struct zone *zone,
                      const struct recommendation *said, int64_t previous_gap_s, int64_t wait_s,
                      int64_t now)
{
    if (zone->automatic == AUTOMATIC_CUSTOM) {
        return 0;
    }
    int64_t at = 0;
    if (said->verdict == VERDICT_UNKNOWN) {
        int64_t span = policy->retry_s;
        while (previous_gap_s > 0 && span <= previous_gap_s && span < policy->interval_s) {
            span *= 2;
        }
        at = soon(span > policy->interval_s ? policy->interval_s : span, policy, zone->id, now);
    } else if (said->verdict == VERDICT_UPGRADE && !said->confirmed) {
        at = soon(policy->confirm_s, policy, zone->id, now);
    } else {
        bool watch = zone->mode >= MODE_STRICT;
        int64_t span = watch ? policy->certificate_watch_s : policy->interval_s;
        if (span == 0) {
            return 0;
        }
        at = next_on_grid(span, policy->jitter_percent, zone->id, now);
    }
    return at > now + wait_s ? at : now + wait_s;
}
