// SPDX-License-Identifier: Apache-2.0
// recommendation -> rollout. A pure state machine and a pure judge: no I/O, no clock, so that any
// history can be replayed and every one simulated. Each tick the pipeline
//   1. adds what the edge counted since the last tick        rollout_observe
//   2. asks what that says about the new mode                rollout_judge
//   3. asks what to do now, and when to ask again            rollout_next
//   4. records that, does it at the edge, and records that it was done.
#ifndef SSLAUTO_ROLLOUT_ROLLOUT_H
#define SSLAUTO_ROLLOUT_ROLLOUT_H

#include "model/rollout.h"

// Keys of [rollout]. Times in seconds.
struct rollout_policy {
    int steps_bp[LIMIT_ROLLOUT_STEPS]; // "Automatic SSL/TLS": 1 %, then steps of 10 % to 100 %
    size_t step_count;
    int slow_steps_bp[LIMIT_ROLLOUT_STEPS]; // where the origin's scheme changes from HTTP to HTTPS
    size_t slow_step_count;
    int64_t dwell_s;            // least time of a step: 10 min
    int64_t slow_dwell_s;       // the same on the slow plan: 30 min
    int64_t final_dwell_s;      // least time at 100 % before the mode is made permanent: 1 h
    int64_t step_deadline_s;    // longest time of a step: 2 days
    int64_t rollout_deadline_s; // longest time of all: 7 days
    int64_t tick_s;             // between two looks at a rollout that moves traffic: 10 s
    int64_t idle_tick_s;        // the same at one that waits for its turn: 5 min
    int64_t lease_s;            // the edge goes back by itself when nobody renews for so long: 30 s
    int64_t telemetry_ticks;    // ticks without telemetry until it goes back: 3
    int64_t min_requests;       // of visitors to the origin, per step, in the new mode: 149
    int64_t min_probes;         // probe pairs of the preflight, all of them good: 3
    int64_t probe_requests; // probe pairs that stand for min_requests where visitors are few: 30
    int probes_carry_bp;    // share up to which probes alone may carry a rollout: 10000
    int64_t min_cache_requests; // per cohort, before hit ratios are compared: 200
    double cache_gap;           // hit ratio of the new scheme may be so far below: 0.10
    int64_t warm_up_s;          // longest wait for the cache at one step: 6 h
    double hard_p0;             // share of hard failures that is healthy: 0.001
    double hard_p1;             // share that is not: 0.02
    double hard_alpha;          // chance to go back by mistake: 0.001
    double hard_beta;           // chance to take a bad step for a good one: 0.05
    int64_t hard_floor;         // fewer hard failures never count: 3
    double odds_alpha;          // of each test against the old cohort: 0.001
    double odds_ratio;          // failures of the new mode per one of the old that are borne: 1.5
    double excess;              // share of failures above the old mode's that is borne: 0.02
    int64_t cooldown_s[4]; // after the first, second, third, and every further attempt: 1 3 7 30 d
    int64_t fresh_s;       // a recommendation older than this must be confirmed again: 7 days
};

struct rollout_policy rollout_policy_default(void);
// ERR_INVALID with a sentence for a policy that makes no sense: steps that do not rise to 100 %,
// probabilities outside (0, 1), a lease shorter than two ticks...
enum err rollout_policy_check(const struct rollout_policy *policy, struct why *why);

// What the pipeline knows besides the counters.
struct rollout_world {
    enum mode mode;         // of the zone now
    bool automatic;         // the zone is on `auto`, its opt-out deadline is past
    enum mode recommended;  // by the newest scan; MODE_NONE = nothing could be said
    bool confirmed;         // by a second scan
    int64_t recommended_at; // when the newest scan was made
    bool certificate_short; // strict, and the certificate ends within the margin
    bool capped;            // no room for one more rollout
    bool frozen;            // a freeze window: nothing begins, nothing advances
    bool stopped;           // stop-all holds: nothing begins, what moves visitors goes back
    bool telemetry;         // the counters of this tick are known, of every process
    bool refused;           // telemetry_ticks looks in a row nothing was heard, or a change failed
    bool edge_agrees;       // the edge was seen with share_bp of this generation
    bool edge_foreign;      // the edge holds a value for the zone that another one wrote
    bool probes_possible;   // the edge takes probes
    bool fallback;          // the edge serves a visitor by the old mode when the new one fails
};

enum rollout_answer {
    ANSWER_OK,           // enough is known, and it is good
    ANSWER_BAD,          // the new mode fails
    ANSWER_INSUFFICIENT, // too little is known yet
    ANSWER_TELEMETRY_LOST,
    ANSWER_COUNT
};

struct rollout_verdict {
    enum rollout_answer answer;
    enum rollout_reason reason; // what decided, or what is missing
    uint64_t missing;           // INSUFFICIENT: requests to the origin that the step still needs
};

// Each may change state and reason. What changes state, reason, step or share is a transition and
// writes one event (rollout_changes); without one only counters and times are stored.
enum rollout_deed {
    DEED_WAIT,   // the share stays; the lease at the edge is renewed
    DEED_PROBE,  // as wait, and send probe pairs
    DEED_MOVE,   // enter `state` with `step` and `share_bp`: record, apply, verify. Into COOLDOWN:
                 // the edge needs no ramp for the zone any more
    DEED_FINISH, // make the new mode permanent at the edge and in the store, then DONE
    DEED_BACK,   // share 0 at the edge at once, then record ROLLED_BACK; asked for again, without a
                 // transition, until the edge agrees
    DEED_COUNT
};

// What to do now. `state`, `reason`, `step` and `share_bp` are those of the rollout afterwards.
struct rollout_action {
    enum rollout_deed deed;
    enum rollout_state state;
    enum rollout_reason reason;
    size_t step;
    int share_bp;
    int probes;     // DEED_PROBE: pairs
    int64_t ask_at; // when to ask again; 0 = never by itself
};

// A fresh attempt in ELIGIBLE, with the plan of the two modes. before: the zone's last attempt, or
// NULL; origin_changed: something at its origin changed since, which forgives failures.
void rollout_begin(struct rollout *out, const char *zone_id, enum mode from, enum mode to,
                   const struct rollout *before, bool origin_changed,
                   const struct rollout_policy *policy, int64_t now);
// off and flexible reach the origin over HTTP, the stronger modes over HTTPS.
bool rollout_slow(enum mode from, enum mode to);

// Adds what one edge process counted. total: its counters now, of this generation; epoch: of the
// process. Counters that began anew, or wrapped at 32 bits, are understood. ERR_LIMIT past
// LIMIT_EDGE_PROCESSES. Sums over processes come by calling it once for each.
enum err rollout_observe(struct rollout *rollout, const char *process, int64_t epoch,
                         const struct rollout_counts *total, struct rollout_counts *fresh);
// Each tick, before it is judged: whether the counters could be read. Keeps seen_at and lost_ticks.
void rollout_heard(struct rollout *rollout, bool telemetry, int64_t now);
// After each read-back: the share that every process has, -1 = not known. The step's time begins
// when that is the step's share for the first time, or again; where 100 % had to be put again while
// it was to be held, its counters begin anew as well.
void rollout_applied(struct rollout *rollout, int share_bp, int64_t now);
// Before that, with what the tick brought. The time of one that finalises begins anew when a
// handshake or certificate of the new mode failed, and when the last look is longer ago than its
// lease (INT64_MAX = the edge has none): then nobody knows whether 100 % was held.
void rollout_held(struct rollout *rollout, const struct rollout_counts *fresh, int64_t lease_s,
                  int64_t now);
// When the least time of the step in work is over; of one that finalises, that of 100 %.
int64_t rollout_dwell_until(const struct rollout *rollout, const struct rollout_policy *policy);
// Advances the tests by what this tick brought, of all processes together.
void rollout_test(struct rollout *rollout, const struct rollout_counts *fresh,
                  const struct rollout_policy *policy);
struct rollout_verdict rollout_judge(const struct rollout *rollout,
                                     const struct rollout_world *world,
                                     const struct rollout_policy *policy, int64_t now);
struct rollout_action rollout_next(const struct rollout *rollout,
                                   const struct rollout_verdict *verdict,
                                   const struct rollout_world *world,
                                   const struct rollout_policy *policy, int64_t now);
// The action that ends an attempt wherever it is, with one of the reasons to go back: DEED_BACK
// where visitors or the edge may know of it, DEED_MOVE into COOLDOWN from ELIGIBLE. Not in DONE.
struct rollout_action rollout_back(const struct rollout *rollout, enum rollout_reason reason,
                                   const struct rollout_policy *policy, int64_t now);
// A transition: state, reason, step or share would change.
bool rollout_changes(const struct rollout *rollout, const struct rollout_action *action);
// Carries the action into the rollout. The move must be one of the machine's (asserted), and the
// result keeps its invariant.
void rollout_enter(struct rollout *rollout, const struct rollout_action *action,
                   const struct rollout_policy *policy, int64_t now);

// What the operator may ask for. ERR_INVALID with a sentence where the state does not allow it.
enum rollout_wish {
    WISH_PAUSE,
    WISH_RESUME,
    WISH_PROMOTE, // the step counts as passed, whatever requests and dwell say; never over a
                  // failure
    WISH_ABORT,
    WISH_RETRY, // ends the cool-down: a new generation may begin now
    WISH_COUNT
};
enum err rollout_wish(struct rollout_action *out, const struct rollout *rollout,
                      enum rollout_wish wish, const struct rollout_policy *policy, int64_t now,
                      struct why *why);
const char *rollout_wish_str(enum rollout_wish wish); // "pause" ...

// -- the machine, for its drawing and its tests --------------------------------------------------
bool rollout_may(enum rollout_state from, enum rollout_state to);
// What is always true of a rollout; the first broken sentence, or NULL.
const char *rollout_broken(const struct rollout *rollout);
// docs/state-machine.md, from the table. Streamed by lines to put().
void rollout_machine_print(void (*put)(void *ctx, const char *line), void *ctx);

struct rollout_reason_row {
    enum rollout_reason reason;
    const char *sentence; // for people
    const char *remedy;   // "" = nothing to do
};
const struct rollout_reason_row *rollout_reason_row(enum rollout_reason reason);

#endif
