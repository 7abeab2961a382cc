// SPDX-License-Identifier: Apache-2.0
// Rollouts to put into a store.
#ifndef SSLAUTO_TESTS_CONTRACT_ROLLOUTS_H
#define SSLAUTO_TESTS_CONTRACT_ROLLOUTS_H

#include "tests/contract/contract.h"

#define T0 1800000000

// From flexible to strict over 1 %, 10 % and all; in RAMPING at 1 %, due at T0.
struct rollout rollout_of(const char *zone_id, int64_t generation);
// By the controller, at 1 %.
struct rollout_event event_of(enum rollout_state state, enum rollout_reason reason);
// Inserts the zone's first attempt in `state` (share 0 where it must be), due at tick_at, with its
// event.
void start_rollout(struct store *store, const char *zone_id, enum rollout_state state,
                   int64_t tick_at);
// One transition of the zone's newest attempt.
void move(struct store *store, const char *zone_id, enum rollout_state state,
          enum rollout_reason reason);
size_t count_events(struct store *store, const char *zone_id, int64_t generation);
void no_complaint(void *ctx, const char *complaint); // for db_check

#endif
