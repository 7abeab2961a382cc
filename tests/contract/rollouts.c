// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/rollouts.h"

#include <stdio.h>

struct rollout rollout_of(const char *zone_id, int64_t generation)
{
    struct rollout rollout = {
        .origin_net = "192.0.2.0/24",
        .generation = generation,
        .from = MODE_FLEXIBLE,
        .to = MODE_STRICT,
        .steps_bp = {100, 1000, SHARE_ALL_BP},
        .step_count = 3,
        .share_bp = 100,
        .applied_bp = -1,
        .state = ROLLOUT_RAMPING,
        .started_at = T0,
        .state_at = T0,
        .tick_at = T0,
        .seen_at = T0,
    };
    (void)snprintf(rollout.zone_id, sizeof rollout.zone_id, "%s", zone_id);
    return rollout;
}

struct rollout_event event_of(enum rollout_state state, enum rollout_reason reason)
{
    return (struct rollout_event){
        .actor = "controller", .state = state, .reason = reason, .share_bp = 100, .detail = "test"};
}

static void enter(struct rollout *rollout, enum rollout_state state)
{
    static const int shares_bp[ROLLOUT_STATE_COUNT] = {
        [ROLLOUT_RAMPING] = 100,
        [ROLLOUT_WARMING] = 100,
        [ROLLOUT_HOLDING] = 100,
        [ROLLOUT_FINALISING] = SHARE_ALL_BP,
    };
    rollout->state = state;
    rollout->share_bp = shares_bp[state];
}

void start_rollout(struct store *store, const char *zone_id, enum rollout_state state,
                   int64_t tick_at)
{
    struct rollout rollout = rollout_of(zone_id, 1);
    enter(&rollout, state);
    rollout.tick_at = tick_at;
    struct rollout_event event = event_of(state, ROLLOUT_REASON_NONE);
    assert_ok(db_rollout_insert(store->db, &rollout, &event, &store->why), &store->why);
}

void move(struct store *store, const char *zone_id, enum rollout_state state,
          enum rollout_reason reason)
{
    struct rollout rollout;
    assert_ok(db_rollout_get(store->db, zone_id, &rollout, &store->why), &store->why);
    enter(&rollout, state);
    rollout.reason = reason;
    struct rollout_event event = event_of(state, reason);
    assert_ok(db_rollout_update(store->db, &rollout, &event, &store->why), &store->why);
}

static enum err count(void *ctx, const struct rollout_event *event)
{
    (void)event;
    size_t *n = ctx;
    ++*n;
    return ERR_OK;
}

size_t count_events(struct store *store, const char *zone_id, int64_t generation)
{
    size_t n = 0;
    assert_ok(db_rollout_events(store->db, zone_id, generation, 0, count, &n, &store->why),
              &store->why);
    return n;
}

void no_complaint(void *ctx, const char *complaint)
{
    (void)ctx;
    fail_msg("%s", complaint);
}
