// SPDX-License-Identifier: Apache-2.0
// One attempt to move a zone's live traffic from one mode to a stronger one.
//
// Shares are basis points: 100 = 1 %. Times are seconds since the epoch.
#ifndef SSLAUTO_MODEL_ROLLOUT_H
#define SSLAUTO_MODEL_ROLLOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/limits.h"
#include "core/span.h"
#include "model/mode.h"

#define SHARE_ALL_BP 10000

// Drawn, with the allowed moves, in rollout/machine.c.
enum rollout_state {
    ROLLOUT_ELIGIBLE,    // waits for its turn: confirmed recommendation, caps, freeze
    ROLLOUT_PREFLIGHT,   // no visitor yet: probe pairs go through the edge in both modes
    ROLLOUT_RAMPING,     // the step's share of visitors uses the new mode
    ROLLOUT_WARMING,     // as ramping; the step waits for the cache of the new origin scheme
    ROLLOUT_HOLDING,     // as ramping; the step waits for requests, telemetry, or the operator
    ROLLOUT_FINALISING,  // all visitors use it; it becomes permanent when that held
    ROLLOUT_DONE,        // the new mode is the zone's mode, at the edge and in the store
    ROLLOUT_ROLLED_BACK, // no visitor any more; until the edge has confirmed it
    ROLLOUT_COOLDOWN,    // gone back; no new attempt before cooldown_until
    ROLLOUT_STATE_COUNT
};

// Why a rollout is where it is. Words and sentences: rollout/reasons.c.
enum rollout_reason {
    ROLLOUT_REASON_NONE,
    // why it waits
    ROLLOUT_REASON_UNCONFIRMED,  // a second scan must confirm the recommendation
    ROLLOUT_REASON_STALE,        // the recommendation is too old
    ROLLOUT_REASON_CAPPED,       // enough rollouts at once: in all, of the account, of the origin
    ROLLOUT_REASON_FROZEN,       // a freeze window, or stop-all
    ROLLOUT_REASON_PAUSED,       // by the operator
    ROLLOUT_REASON_FEW_REQUESTS, // not enough requests to the origin yet
    ROLLOUT_REASON_COLD_CACHE,   // hit ratio of the new scheme far below the old one's
    ROLLOUT_REASON_NO_TELEMETRY, // the edge does not answer; not yet for too long
    ROLLOUT_REASON_BOTH_FAIL,    // the origin fails in both modes: nobody's fault but its own
    ROLLOUT_REASON_EDGE_BUSY,    // the edge did not take the last step yet
    ROLLOUT_REASON_DWELL,        // the step is young
    // why it went back
    ROLLOUT_REASON_TLS,            // handshakes or certificates fail in the new mode
    ROLLOUT_REASON_CONNECT,        // connections fail in the new mode
    ROLLOUT_REASON_FALLBACK,       // visitors had to be served by the old mode
    ROLLOUT_REASON_SERVER_ERRORS,  // more 5xx than the old mode at the same time
    ROLLOUT_REASON_REDIRECTS,      // more redirects than the old mode at the same time
    ROLLOUT_REASON_PREFLIGHT,      // probes failed before any visitor was moved
    ROLLOUT_REASON_TELEMETRY_LOST, // nothing known of the edge for too long
    ROLLOUT_REASON_TOO_LONG,       // the rollout, or its step, took longer than allowed
    ROLLOUT_REASON_MODE_CHANGED,   // somebody else changed the zone's mode
    ROLLOUT_REASON_CUSTOM,         // the zone was set to custom
    ROLLOUT_REASON_WITHDRAWN,      // a new scan no longer recommends the mode
    ROLLOUT_REASON_CERTIFICATE,    // the certificate ends within the margin
    ROLLOUT_REASON_OPERATOR,       // aborted by the operator
    ROLLOUT_REASON_STOP_ALL,       // every rollout was stopped
    ROLLOUT_REASON_EDGE_FOREIGN,   // the edge holds a value for the zone that is not ours
    ROLLOUT_REASON_COUNT
};

// Requests of visitors in the old and in the new mode, and of our own probes in both.
enum cohort {
    COHORT_OLD,
    COHORT_NEW,
    COHORT_PROBE_OLD,
    COHORT_PROBE_NEW,
    COHORT_COUNT
};

// What the edge counted for one cohort. Requests to the origin are requests - cache_hits.
struct cohort_counts {
    uint64_t requests;         // that the edge took
    uint64_t server_errors;    // answers 5xx of the origin
    uint64_t redirects;        // answers 3xx of the origin with a Location
    uint64_t connect_failures; // no answer of the origin: refused, timeout, closed
    uint64_t tls_failures;     // handshake or certificate
    uint64_t fallbacks;        // served by the old mode after the new one failed
    uint64_t cache_hits;       // answered without the origin
};

struct rollout_counts {
    struct cohort_counts of[COHORT_COUNT];
};

// State of the sequential tests; what the numbers mean is told in rollout/judge.h.
#define ODDS_COUNT 5
struct rollout_tests {
    double hard_llr;    // log likelihood ratio of the new mode's hard failures, beside the old mode
    double hard_doubt;  // the same of the new mode alone; stops at the bound that ends a test
    double failing_old; // share of requests that failed lately, hard or 5xx
    double failing_new;
    double server_errors[ODDS_COUNT]; // log of the e-values, one per odds tried
    double redirects[ODDS_COUNT];
    uint64_t hard_failures; // of the new mode, in this generation
};

// Where the counters of one edge process stood when they were last read.
struct edge_cursor {
    char process[LIMIT_EDGE_NAME + 1]; // name of the process in its fleet
    int64_t epoch;                     // changes when its counters began anew
    struct rollout_counts seen;
};

struct rollout {
    char zone_id[33];
    char origin_net[48]; // network of the zone's first origin, "192.0.2.0/24": counted by a cap
    int64_t generation;  // attempt, counted per zone from 1; part of the value at the edge
    enum mode from;      // what is restored, whatever happens
    enum mode to;
    int steps_bp[LIMIT_ROLLOUT_STEPS]; // rising, the last one is SHARE_ALL_BP
    size_t step_count;
    size_t step;    // index of the step in work; 0 before the first
    int share_bp;   // what was decided and recorded; the edge never has more
    int applied_bp; // what the edge was last seen to have; -1 = not known
    enum rollout_state state;
    enum rollout_reason reason;
    bool paused;       // by the operator: holds at its share, still goes back when it fails
    int failed_before; // attempts of this zone that went back, without a change at its origin since
    int64_t started_at;     // when it left ELIGIBLE; until then, when it was begun
    int64_t state_at;       // when the state was entered
    int64_t step_at;        // when the step's share was applied at the edge, or it began anew
    int64_t tick_at;        // when it is looked at again; 0 = not by itself
    int64_t seen_at;        // last telemetry
    int64_t cooldown_until; // 0 = none
    int lost_ticks;         // in a row, without telemetry or with a change that failed
    struct rollout_counts step_counts; // since the step began
    struct rollout_counts counts;      // in this generation
    struct rollout_tests tests;
    struct edge_cursor cursors[LIMIT_EDGE_PROCESSES];
    size_t cursor_count;
    int64_t version; // counts changes; set by the store
};

// One transition: the row of the history. Never changed.
struct rollout_event {
    char zone_id[33];
    int64_t generation;
    int64_t version;          // of the rollout after it; set by the store
    int64_t at;               // set by the store
    const char *actor;        // "controller", "cli:root", ...
    enum rollout_state state; // entered
    enum rollout_reason reason;
    int share_bp;
    const char *detail; // a sentence with the numbers that decided
};

// "eligible" "preflight" "ramping" "warming" "holding" "finalising" "done" "rolled_back" "cooldown"
const char *rollout_state_str(enum rollout_state state);
enum err rollout_state_parse(enum rollout_state *out, struct span word);
// "few_requests", "tls", ...: stable words.
const char *rollout_reason_str(enum rollout_reason reason);
enum err rollout_reason_parse(enum rollout_reason *out, struct span word);
const char *cohort_str(enum cohort cohort); // "old" "new" "probe_old" "probe_new"
// Work is left: not done, and not at rest in its cool-down.
bool rollout_active(const struct rollout *rollout);
// Visitors may be using the new mode.
bool rollout_moves_traffic(const struct rollout *rollout);

uint64_t cohort_origin_requests(const struct cohort_counts *counts);
// connect_failures + tls_failures + fallbacks.
uint64_t cohort_hard_failures(const struct cohort_counts *counts);
void rollout_counts_add(struct rollout_counts *sum, const struct rollout_counts *more);

#endif
