// SPDX-License-Identifier: Apache-2.0
// Private to rollout/: what the machine, the decision and the operator's door share.
#ifndef SSLAUTO_ROLLOUT_MACHINE_H
#define SSLAUTO_ROLLOUT_MACHINE_H

#include "rollout/rollout.h"

// RAMPING, WARMING, HOLDING, FINALISING: visitors use the new mode.
bool machine_moves(enum rollout_state state);
// 100 % was not held, or nobody saw that it was: what finalises begins its time anew after it.
bool machine_interrupts(enum rollout_state state, enum rollout_reason reason);
// The time and the counters of a step from here.
void machine_begin_step(struct rollout *rollout, int64_t now);
// As machine_moves, and PREFLIGHT.
bool machine_runs(enum rollout_state state);
// PAUSED and FROZEN: the time does not count towards a deadline.
bool machine_stands(enum rollout_reason reason);
// One of the reasons to go back.
bool machine_goes_back(enum rollout_reason reason);
// The new mode, or the origin, is to blame: the next cool-down is longer.
bool machine_blames(enum rollout_reason reason);
// Of an attempt that went back for `reason`, the failed_before-th that failed.
int64_t machine_cooldown_s(const struct rollout_policy *policy, enum rollout_reason reason,
                           int failed_before);
// The action that keeps everything as it is.
struct rollout_action machine_stay(const struct rollout *rollout,
                                   const struct rollout_policy *policy, int64_t now);
// The action that enters the step after this one, or FINALISING after the last; from PREFLIGHT the
// first.
struct rollout_action machine_advance(const struct rollout *rollout,
                                      const struct rollout_policy *policy, int64_t now);

#endif
