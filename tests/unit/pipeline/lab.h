// SPDX-License-Identifier: Apache-2.0
// A store in memory, an edge made of numbers, a clock that stands: what a controller meets, with
// every call countable and breakable.
#ifndef SSLAUTO_TESTS_UNIT_PIPELINE_LAB_H
#define SSLAUTO_TESTS_UNIT_PIPELINE_LAB_H

#include "db/backend.h"
#include "edge/driver.h"
#include "pipeline/pipeline.h"
#include "tests/support/check.h"

enum {
    LAB_BEGIN = 1795000000,
    LAB_DAY = 86400,
    LAB_STEP_S = 5, // between two ticks
    LAB_PROCESSES = 2,
};

struct lab_process {
    int64_t epoch;
    bool down, foreign;
    enum mode steady; // MODE_NONE = the zone is not known
    enum mode old_mode, new_mode;
    int64_t generation; // 0 = no ramp
    int share_bp;
    int64_t lease_until;
    int64_t counted; // generation
    struct rollout_counts counts;
    double rest[2]; // fractions of requests
};

struct lab_edge {
    struct edge edge; // first
    struct lab *lab;
    struct lab_process at[LAB_PROCESSES];
    enum err apply_fails, counters_fail, resync_fails;
    int64_t hangs_s; // every call takes so long and comes to nothing; 0 = it answers
    bool unfit;      // it cannot serve the zone as it is now
    size_t applies, reads, counts, probes, forgotten, resyncs;
    void (*before_apply)(struct lab *lab);    // once, inside the next edge_apply, before its effect
    void (*before_counters)(struct lab *lab); // once
};

enum lab_break {
    LAB_SOUND,
    LAB_FAIL, // the call fails, those after it do not
    LAB_KILL, // nothing works from this call on
    LAB_DEAF, // the store commits nothing
};

struct lab {
    struct db *db;
    struct lab_edge edge;
    struct edge *edges[1];
    struct controller_policy policy;
    struct controller_watch watch;
    struct controller_sums sums;
    struct zone *zone;
    int64_t now;
    double visitors_per_s;
    double tls_fails_from_bp; // the new mode fails its handshakes at this share and above
    double server_errors;     // share of answers, in both modes
    int64_t probe_takes_s, read_takes_s;
    const char *probe_words; // what goes wrong with probes in the old mode; NULL = nothing
    int64_t calls;           // of store and edge, while counting
    int64_t break_at;
    enum lab_break how;
    bool broken;                // it has happened
    size_t steps;               // transitions told to the watch
    bool tampered;              // a test changed the edge behind the controller's back
    const char *recommendation; // JSON that scans store
    char trouble[512];
    struct why why;
};

// Plans of three steps, 10, 20 and 100 %, for what is run many times.
extern bool lab_short_plan;

// A zone on `auto` with mode `from`, two scans that recommend `to`, an attempt that waits.
void lab_open(struct lab *lab, enum mode from, enum mode to, unsigned capabilities);
void lab_close(struct lab *lab);
// Another handle of the same store.
struct db *lab_handle(struct lab *lab);
struct rollout lab_rollout(struct lab *lab);
enum mode lab_mode(struct lab *lab);
void lab_scan(struct lab *lab, enum mode recommended);
void lab_scan_until(struct lab *lab, enum mode recommended, int64_t certificate_until);
// Lets visitors come for some seconds.
void lab_pass_time(struct lab *lab, int64_t seconds);
// One tick, and what is always true checked after it.
enum err lab_tick(struct lab *lab);
void lab_check(struct lab *lab);
// Ticks every LAB_STEP_S until the newest rollout is in the state; fails after max_s.
void lab_run_to(struct lab *lab, enum rollout_state state, int64_t max_s);
void lab_run_to_share(struct lab *lab, int share_bp, int64_t max_s);
void lab_run(struct lab *lab, int64_t seconds);
// What visitors of the process get now.
int lab_share(const struct lab *lab, size_t process);
void lab_restart(struct lab *lab, size_t process);
void lab_break_at(struct lab *lab, int64_t call, enum lab_break how);
void lab_mend(struct lab *lab);
// Events of the newest generation with that state; ROLLOUT_STATE_COUNT = all.
size_t lab_events(struct lab *lab, enum rollout_state state);

#endif
