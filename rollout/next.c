// SPDX-License-Identifier: Apache-2.0
// What to do now.
#include "rollout/judge.h"
#include "rollout/machine.h"

enum {
    PROBES_AT_ONCE = 5
}; // pairs per tick: gentle to the origin, and a step's 30 in a minute

// -- actions -------------------------------------------------------------------------------------

struct rollout_action machine_stay(const struct rollout *rollout,
                                   const struct rollout_policy *policy, int64_t now)
{
    int64_t pause = rollout->state == ROLLOUT_ELIGIBLE ? policy->idle_tick_s : policy->tick_s;
    bool cooling = rollout->state == ROLLOUT_COOLDOWN && rollout->cooldown_until > now;
    bool rests = rollout->state == ROLLOUT_DONE || rollout->state == ROLLOUT_COOLDOWN;
    return (struct rollout_action){
        .deed = DEED_WAIT,
        .state = rollout->state,
        .reason = rollout->reason,
        .step = rollout->step,
        .share_bp = rollout->share_bp,
        .ask_at = cooling ? rollout->cooldown_until
                  : rests ? 0
                          : now + pause,
    };
}

static struct rollout_action move(const struct rollout *rollout, enum rollout_state state,
                                  enum rollout_reason reason, const struct rollout_policy *policy,
                                  int64_t now)
{
    struct rollout_action action = machine_stay(rollout, policy, now);
    action.deed = DEED_MOVE;
    action.state = state;
    action.reason = reason;
    action.ask_at = now + policy->tick_s;
    return action;
}

struct rollout_action machine_advance(const struct rollout *rollout,
                                      const struct rollout_policy *policy, int64_t now)
{
    size_t next = rollout->state == ROLLOUT_PREFLIGHT ? 0 : rollout->step + 1;
    if (next == rollout->step_count) {
        return move(rollout, ROLLOUT_FINALISING, ROLLOUT_REASON_DWELL, policy, now);
    }
    struct rollout_action action =
        move(rollout, ROLLOUT_RAMPING, ROLLOUT_REASON_DWELL, policy, now);
    action.step = next;
    action.share_bp = rollout->steps_bp[next];
    return action;
}

struct rollout_action rollout_back(const struct rollout *rollout, enum rollout_reason reason,
                                   const struct rollout_policy *policy, int64_t now)
{
    if (rollout->state == ROLLOUT_ELIGIBLE) {
        return move(rollout, ROLLOUT_COOLDOWN, reason, policy, now);
    }
    struct rollout_action action = machine_stay(rollout, policy, now);
    if (machine_runs(rollout->state)) {
        action.state = ROLLOUT_ROLLED_BACK;
        action.reason = reason;
        action.share_bp = 0;
    }
    if (action.state == ROLLOUT_ROLLED_BACK) {
        action.deed = DEED_BACK;
    }
    return action;
}

// Stays at its share, and says why. What ramps or warms is held; other states wait as they are.
static struct rollout_action hold(const struct rollout *rollout, enum rollout_reason reason,
                                  const struct rollout_policy *policy, int64_t now)
{
    struct rollout_action action = machine_stay(rollout, policy, now);
    action.reason = reason;
    if (rollout->state == ROLLOUT_RAMPING || rollout->state == ROLLOUT_WARMING) {
        action.state = ROLLOUT_HOLDING;
    }
    return action;
}

static struct rollout_action probe(struct rollout_action action, uint64_t pairs)
{
    action.deed = DEED_PROBE;
    action.probes = pairs < 1 ? 1 : pairs < PROBES_AT_ONCE ? (int)pairs : PROBES_AT_ONCE;
    return action;
}

// -- why it must not go on -----------------------------------------------------------------------

// The ground it stands on: holds for what waits, too.
static enum rollout_reason lost_ground(const struct rollout *rollout,
                                       const struct rollout_world *world)
{
    bool finished = rollout->state == ROLLOUT_FINALISING && world->mode == rollout->to;
    if (world->edge_foreign) {
        return ROLLOUT_REASON_EDGE_FOREIGN;
    }
    if (world->mode != rollout->from && !finished) {
        return ROLLOUT_REASON_MODE_CHANGED;
    }
    if (!world->automatic) {
        return ROLLOUT_REASON_CUSTOM;
    }
    if (world->recommended != MODE_NONE && world->recommended < rollout->to) {
        return ROLLOUT_REASON_WITHDRAWN;
    }
    return world->certificate_short ? ROLLOUT_REASON_CERTIFICATE : ROLLOUT_REASON_NONE;
}

static bool too_long(const struct rollout *rollout, const struct rollout_world *world,
                     const struct rollout_policy *policy, int64_t now)
{
    if (rollout->paused || world->frozen) {
        return false;
    }
    int64_t stood = machine_stands(rollout->reason) ? now - rollout->state_at : 0;
    // What finalises may begin its time anew again and again: this one ends it.
    int64_t begun = rollout->state == ROLLOUT_FINALISING ? rollout->state_at : rollout->step_at;
    return now - stood - rollout->started_at > policy->rollout_deadline_s ||
           now - stood - begun > policy->step_deadline_s;
}

static enum rollout_reason go_back(const struct rollout *rollout,
                                   const struct rollout_verdict *verdict,
                                   const struct rollout_world *world,
                                   const struct rollout_policy *policy, int64_t now)
{
    if (verdict->answer == ANSWER_BAD) {
        return verdict->reason;
    }
    if (world->stopped) {
        return ROLLOUT_REASON_STOP_ALL;
    }
    enum rollout_reason ground = lost_ground(rollout, world);
    if (ground != ROLLOUT_REASON_NONE) {
        return ground;
    }
    if (verdict->answer == ANSWER_TELEMETRY_LOST) {
        return ROLLOUT_REASON_TELEMETRY_LOST;
    }
    return too_long(rollout, world, policy, now) ? ROLLOUT_REASON_TOO_LONG : ROLLOUT_REASON_NONE;
}

// -- state by state ------------------------------------------------------------------------------

static enum rollout_reason waits_for(const struct rollout *rollout,
                                     const struct rollout_world *world,
                                     const struct rollout_policy *policy, int64_t now)
{
    if (rollout->paused) {
        return ROLLOUT_REASON_PAUSED;
    }
    if (world->frozen || world->stopped) {
        return ROLLOUT_REASON_FROZEN;
    }
    if (world->recommended < rollout->to || !world->confirmed) {
        return ROLLOUT_REASON_UNCONFIRMED;
    }
    if (now - world->recommended_at > policy->fresh_s) {
        return ROLLOUT_REASON_STALE;
    }
    return world->capped ? ROLLOUT_REASON_CAPPED : ROLLOUT_REASON_NONE;
}

static struct rollout_action next_eligible(const struct rollout *rollout,
                                           const struct rollout_world *world,
                                           const struct rollout_policy *policy, int64_t now)
{
    enum rollout_reason lost = lost_ground(rollout, world);
    if (lost != ROLLOUT_REASON_NONE) {
        return rollout_back(rollout, lost, policy, now);
    }
    enum rollout_reason waits = waits_for(rollout, world, policy, now);
    return waits != ROLLOUT_REASON_NONE
               ? hold(rollout, waits, policy, now)
               : move(rollout, ROLLOUT_PREFLIGHT, ROLLOUT_REASON_NONE, policy, now);
}

static bool cold_cache(const struct rollout *rollout, const struct rollout_policy *policy,
                       int64_t now)
{
    const struct cohort_counts *o = &rollout->step_counts.of[COHORT_OLD];
    const struct cohort_counts *n = &rollout->step_counts.of[COHORT_NEW];
    uint64_t least = (uint64_t)policy->min_cache_requests;
    if (!rollout_slow(rollout->from, rollout->to) || rollout->share_bp == SHARE_ALL_BP ||
        o->requests < least || n->requests < least || now - rollout->step_at >= policy->warm_up_s) {
        return false;
    }
    return (double)n->cache_hits / (double)n->requests <
           (double)o->cache_hits / (double)o->requests - policy->cache_gap;
}

static struct rollout_action good(const struct rollout *rollout,
                                  const struct rollout_policy *policy, int64_t now)
{
    if (rollout->state == ROLLOUT_FINALISING) {
        struct rollout_action action =
            move(rollout, ROLLOUT_DONE, ROLLOUT_REASON_NONE, policy, now);
        action.deed = DEED_FINISH;
        action.ask_at = 0;
        return action;
    }
    if (machine_moves(rollout->state) && cold_cache(rollout, policy, now)) {
        struct rollout_action action = machine_stay(rollout, policy, now);
        action.state = ROLLOUT_WARMING;
        action.reason = ROLLOUT_REASON_COLD_CACHE;
        return action;
    }
    return machine_advance(rollout, policy, now);
}

// Visitors are few, or their failures leave a doubt that only the old mode can settle.
static uint64_t probes_wanted(const struct rollout *rollout, const struct rollout_policy *policy)
{
    struct pairs pairs = judge_pairs(&rollout->step_counts);
    bool preflight = rollout->state == ROLLOUT_PREFLIGHT;
    int64_t needed = preflight ? policy->min_probes : policy->probe_requests;
    if (judge_in_doubt(rollout, policy)) {
        return PROBES_AT_ONCE;
    }
    bool few = cohort_origin_requests(&rollout->step_counts.of[COHORT_NEW]) <
               (uint64_t)policy->min_requests;
    uint64_t all = (uint64_t)needed * (1 + pairs.new_bad);
    return (preflight || few) && pairs.good < all ? all - pairs.good : 0;
}

static struct rollout_action insufficient(const struct rollout *rollout,
                                          const struct rollout_verdict *verdict,
                                          const struct rollout_world *world,
                                          const struct rollout_policy *policy, int64_t now)
{
    struct rollout_action action = hold(rollout, verdict->reason, policy, now);
    if (verdict->reason == ROLLOUT_REASON_DWELL) {
        action.state = rollout->state == ROLLOUT_PREFLIGHT || rollout->state == ROLLOUT_FINALISING
                           ? rollout->state
                           : ROLLOUT_RAMPING;
        return action;
    }
    if (!world->probes_possible) {
        return action;
    }
    if (verdict->reason == ROLLOUT_REASON_BOTH_FAIL) {
        return probe(action, 1); // the old mode's answer tells the end of an outage
    }
    uint64_t wanted =
        verdict->reason == ROLLOUT_REASON_FEW_REQUESTS ? probes_wanted(rollout, policy) : 0;
    return wanted > 0 ? probe(action, wanted) : action;
}

static struct rollout_action next_running(const struct rollout *rollout,
                                          const struct rollout_verdict *verdict,
                                          const struct rollout_world *world,
                                          const struct rollout_policy *policy, int64_t now)
{
    enum rollout_reason back = go_back(rollout, verdict, world, policy, now);
    if (back != ROLLOUT_REASON_NONE) {
        return rollout_back(rollout, back, policy, now);
    }
    if (rollout->paused) {
        return hold(rollout, ROLLOUT_REASON_PAUSED, policy, now);
    }
    if (world->frozen) {
        return hold(rollout, ROLLOUT_REASON_FROZEN, policy, now);
    }
    if (!world->telemetry) {
        return hold(rollout, ROLLOUT_REASON_NO_TELEMETRY, policy, now);
    }
    if (!world->edge_agrees) {
        return hold(rollout, ROLLOUT_REASON_EDGE_BUSY, policy, now);
    }
    return verdict->answer == ANSWER_OK ? good(rollout, policy, now)
                                        : insufficient(rollout, verdict, world, policy, now);
}

// Another one's value stands at the edge: ours is gone, or ends with its lease.
static struct rollout_action next_rolled_back(const struct rollout *rollout,
                                              const struct rollout_world *world,
                                              const struct rollout_policy *policy, int64_t now)
{
    bool gone = world->edge_foreign && now - rollout->state_at > 2 * policy->lease_s;
    return world->edge_agrees || gone
               ? move(rollout, ROLLOUT_COOLDOWN, rollout->reason, policy, now)
               : rollout_back(rollout, rollout->reason, policy, now);
}

struct rollout_action rollout_next(const struct rollout *rollout,
                                   const struct rollout_verdict *verdict,
                                   const struct rollout_world *world,
                                   const struct rollout_policy *policy, int64_t now)
{
    if (machine_runs(rollout->state)) {
        return next_running(rollout, verdict, world, policy, now);
    }
    if (rollout->state == ROLLOUT_ELIGIBLE) {
        return next_eligible(rollout, world, policy, now);
    }
    return rollout->state == ROLLOUT_ROLLED_BACK ? next_rolled_back(rollout, world, policy, now)
                                                 : machine_stay(rollout, policy, now);
}
