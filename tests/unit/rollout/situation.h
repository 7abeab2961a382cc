// SPDX-License-Identifier: Apache-2.0
// A rollout in a state of one's choice, a world that wants it to go on, and ticks with counters.
#ifndef SSLAUTO_TESTS_UNIT_ROLLOUT_SITUATION_H
#define SSLAUTO_TESTS_UNIT_ROLLOUT_SITUATION_H

#include "rollout/rollout.h"

#define NOW 1800000000

struct situation {
    struct rollout_policy policy;
    struct rollout rollout;
    struct rollout_world world;
    struct rollout_verdict verdict; // of the last tick
    struct rollout_action action;
    int64_t now;
};

// full -> strict in ELIGIBLE; confirmed, fresh, every wish of the machine fulfilled.
void situation_begin(struct situation *s);
void situation_modes(struct situation *s, enum mode from, enum mode to);
// The same in a state at a step, applied at the edge, entered just now.
void situation_at(struct situation *s, enum rollout_state state, size_t step);

// Requests and failures of one cohort, of a kind.
struct cohort_counts requests(uint64_t count);
struct cohort_counts refused(uint64_t count, uint64_t failures);
struct cohort_counts handshakes(uint64_t count, uint64_t failures);
struct cohort_counts fell_back(uint64_t count, uint64_t failures);
struct cohort_counts errors(uint64_t count, uint64_t failures);
struct cohort_counts redirected(uint64_t count, uint64_t failures);

// One tick of the flow of rollout.h that brings these counters, without carrying the action out.
void tick(struct situation *s, const struct rollout_counts *fresh);
void tick_visitors(struct situation *s, struct cohort_counts old_mode,
                   struct cohort_counts new_mode);
void tick_probes(struct situation *s, struct cohort_counts old_mode, struct cohort_counts new_mode);
// Decides without new counters.
void decide(struct situation *s);
// Carries the last action out; the edge takes it at once.
void enter(struct situation *s);

#endif
