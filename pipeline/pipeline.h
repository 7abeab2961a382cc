// SPDX-License-Identifier: Apache-2.0
// The only room that knows the whole flow: claim, look, distil, decide, record, reschedule.
#ifndef SSLAUTO_PIPELINE_PIPELINE_H
#define SSLAUTO_PIPELINE_PIPELINE_H

#include <signal.h>

#include "crawler/crawler.h"
#include "db/db.h"
#include "model/evidence.h"
#include "recommend/recommend.h"

// When a zone is looked at again. Keys of [schedule].
struct schedule_policy {
    int64_t interval_s;          // between two scans of a zone: 30 days
    int64_t retry_s;             // after a scan that could say nothing; doubles up to interval_s
    int64_t certificate_watch_s; // for zones at strict and above: 7 days; 0 = such zones rest
    int64_t confirm_s;           // after a scan that proposed an upgrade for the first time: 1 hour
    int64_t confirm_gap_s;       // two scans closer than this do not confirm each other: 5 minutes
    int jitter_percent;          // every span is moved by up to so much, either way
};

struct pipeline_policy {
    struct crawler_policy crawler;
    struct recommend_policy recommend;
    struct schedule_policy schedule;
    int64_t second_look_ms; // pause before a finding is looked at again: [scan] second_look, 60 s
    unsigned analysts;      // threads that compare pages: [scan] analysts, 1
    int64_t lease_s;        // [scan] lease, 300 s
};

struct pipeline_policy pipeline_policy_default(void);

// One zone, looked at and decided. Lent to the callback.
struct pipeline_result {
    const struct zone *zone;
    const struct evidence *evidence;
    const struct recommendation *recommendation;
    int64_t next_scan_at; // 0 = none, or a one-off check
};

struct pipeline_progress {
    int64_t total; // zones that this scan will look at, as known now
    int64_t done;
    int64_t waiting;                   // for their second look
    int64_t by_verdict[VERDICT_COUNT]; // zones
    int64_t by_outcome[OUTCOME_COUNT]; // origins, by how HTTPS (else HTTP) ended
    int64_t started_at_ms, now_ms;     // monotonic
};

// Called on the thread that called pipeline_scan or pipeline_check. Either may be NULL.
struct pipeline_watch {
    void (*progress)(void *ctx, const struct pipeline_progress *progress); // about 5 times a second
    enum err (*result)(void *ctx, const struct pipeline_result *result);   // an error ends the scan
    void *ctx;
    const volatile sig_atomic_t *stop; // becomes non-zero: finish what is cheap, give leases back
};

enum scan_which {
    SCAN_DUE,   // what is due, and nothing else: also how an interrupted scan is resumed
    SCAN_ALL,   // every zone on `auto`, due or not
    SCAN_NAMED, // these zones
};

struct scan_request {
    enum scan_which which;
    const char *const *zones; // ids or names, for SCAN_NAMED
    size_t zone_count;
};

// Scans and records. ERR_INTERRUPTED when *stop ended it: every finished zone is recorded, the rest
// is due as before. Each scanned zone is committed with its lease's epoch; zones leased by a live
// process are left to it, leases of dead processes of this machine are taken over.
enum err pipeline_scan(struct db *db, const struct pipeline_policy *policy,
                       const struct scan_request *request, const struct pipeline_watch *watch,
                       struct pipeline_progress *end, struct why *why);

// The same without a store: calls watch->result for each zone. Takes the zones: those it took are
// NULL after it.
enum err pipeline_check(struct zone **zones, size_t zone_count,
                        const struct pipeline_policy *policy, const struct pipeline_watch *watch,
                        struct why *why);

// Decides again from what is stored, with the policy, the zone's settings and the time of then.
enum err pipeline_replay(struct recommendation **out, const struct db_scan *scan, struct why *why);

#endif
