// SPDX-License-Identifier: Apache-2.0
// The machine: drawing, states (model/rollout.h), allowed moves, invariant.
#include "rollout/machine.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/attr.h"

// -- drawing -------------------------------------------------------------------------------------

static const char *const drawing[] = {
    "eligible -----------------------------------------------+",
    "    |                                                   |",
    "    v                                                   |",
    "preflight --------------------+                         |",
    "    |                         |                         |",
    "    |  visitors use the new mode from here              |",
    "    v                         |                         |",
    "ramping <------> warming -----+                         |",
    "  |   ^             ^         |                         |",
    "  |   |             v         |     share 0             v",
    "  |   +--------> holding -----+--> rolled_back -----> cooldown",
    "  |                 |         |",
    "  v                 |         |",
    "finalising <--------+         |",
    "  |   |                       |",
    "  |   +-----------------------+",
    "  v",
    "done",
};

// -- moves ---------------------------------------------------------------------------------------

struct move {
    enum rollout_state from;
    enum rollout_state to;
    const char *when;
};

static const struct move moves[] = {
    {ROLLOUT_ELIGIBLE, ROLLOUT_PREFLIGHT,
     "its turn: confirmed and fresh recommendation, no freeze, room under the caps"},
    {ROLLOUT_ELIGIBLE, ROLLOUT_COOLDOWN, "it lost its ground, or the operator gave it up"},
    {ROLLOUT_PREFLIGHT, ROLLOUT_RAMPING, "probe pairs are good: the first step"},
    {ROLLOUT_PREFLIGHT, ROLLOUT_HOLDING, "the first step, by an operator who keeps it paused"},
    {ROLLOUT_PREFLIGHT, ROLLOUT_ROLLED_BACK, "probes fail in the new mode, or it must not go on"},
    {ROLLOUT_RAMPING, ROLLOUT_WARMING, "good, but the cache of the new scheme is cold"},
    {ROLLOUT_RAMPING, ROLLOUT_HOLDING,
     "too little is known, a pause, a freeze, an outage, an edge that is late"},
    {ROLLOUT_RAMPING, ROLLOUT_FINALISING, "the last step is good"},
    {ROLLOUT_RAMPING, ROLLOUT_ROLLED_BACK, "the new mode fails, or it must not go on"},
    {ROLLOUT_WARMING, ROLLOUT_RAMPING, "the cache is warm, or was waited for long enough"},
    {ROLLOUT_WARMING, ROLLOUT_HOLDING, "as from ramping"},
    {ROLLOUT_WARMING, ROLLOUT_ROLLED_BACK, "as from ramping"},
    {ROLLOUT_HOLDING, ROLLOUT_RAMPING, "what it waited for is there"},
    {ROLLOUT_HOLDING, ROLLOUT_WARMING, "what it waited for is there, the cache is cold"},
    {ROLLOUT_HOLDING, ROLLOUT_FINALISING, "the last step is good"},
    {ROLLOUT_HOLDING, ROLLOUT_ROLLED_BACK, "as from ramping"},
    {ROLLOUT_FINALISING, ROLLOUT_DONE, "100 % held for its time, without a TLS failure"},
    {ROLLOUT_FINALISING, ROLLOUT_ROLLED_BACK, "as from ramping"},
    {ROLLOUT_ROLLED_BACK, ROLLOUT_COOLDOWN, "the edge was seen with share 0"},
};

bool rollout_may(enum rollout_state from, enum rollout_state to)
{
    if (from == to) {
        return true; // another step, another reason, or nothing new
    }
    for (size_t i = 0; i < COUNT_OF(moves); i++) {
        if (moves[i].from == from && moves[i].to == to) {
            return true;
        }
    }
    return false;
}

bool machine_moves(enum rollout_state state)
{
    return state == ROLLOUT_RAMPING || state == ROLLOUT_WARMING || state == ROLLOUT_HOLDING ||
           state == ROLLOUT_FINALISING;
}

bool machine_runs(enum rollout_state state)
{
    return state == ROLLOUT_PREFLIGHT || machine_moves(state);
}

bool machine_stands(enum rollout_reason reason)
{
    return reason == ROLLOUT_REASON_PAUSED || reason == ROLLOUT_REASON_FROZEN;
}

bool machine_interrupts(enum rollout_state state, enum rollout_reason reason)
{
    bool hold = machine_stands(reason) || reason == ROLLOUT_REASON_NO_TELEMETRY ||
                reason == ROLLOUT_REASON_EDGE_BUSY;
    return reason == ROLLOUT_REASON_BOTH_FAIL || (state == ROLLOUT_FINALISING && hold);
}

bool machine_goes_back(enum rollout_reason reason)
{
    return reason >= ROLLOUT_REASON_TLS && reason < ROLLOUT_REASON_COUNT;
}

// -- invariant -----------------------------------------------------------------------------------

static bool plan_rises(const struct rollout *r)
{
    int before = 0;
    for (size_t i = 0; i < r->step_count; i++) {
        if (r->steps_bp[i] <= before) {
            return false;
        }
        before = r->steps_bp[i];
    }
    return before == SHARE_ALL_BP;
}

static bool sums_are_numbers(const struct rollout_tests *t)
{
    double sum = t->hard_llr + t->hard_doubt + t->failing_old + t->failing_new;
    for (size_t i = 0; i < ODDS_COUNT; i++) {
        sum += t->server_errors[i] + t->redirects[i];
    }
    return isfinite(sum);
}

static bool share_fits(const struct rollout *r)
{
    if (machine_moves(r->state)) {
        return r->share_bp == r->steps_bp[r->step];
    }
    return r->share_bp == (r->state == ROLLOUT_DONE ? SHARE_ALL_BP : 0);
}

static bool reason_fits(const struct rollout *r)
{
    if (r->state == ROLLOUT_ROLLED_BACK || r->state == ROLLOUT_COOLDOWN) {
        return machine_goes_back(r->reason);
    }
    return r->state == ROLLOUT_DONE ? r->reason == ROLLOUT_REASON_NONE
                                    : !machine_goes_back(r->reason);
}

static bool modes_rise(const struct rollout *r)
{
    return r->from >= MODE_OFF && r->from < r->to && r->to < MODE_COUNT;
}

static bool has_steps(const struct rollout *r)
{
    return r->step_count > 0 && r->step_count <= LIMIT_ROLLOUT_STEPS && r->step < r->step_count;
}

static bool finalising_fits(const struct rollout *r)
{
    return r->state != ROLLOUT_FINALISING || r->share_bp == SHARE_ALL_BP;
}

static bool pause_fits(const struct rollout *r)
{
    return r->paused == (r->reason == ROLLOUT_REASON_PAUSED);
}

static bool cooldown_fits(const struct rollout *r)
{
    return (r->state == ROLLOUT_COOLDOWN) == (r->cooldown_until != 0);
}

static bool counts_attempts(const struct rollout *r)
{
    return r->generation > 0 && r->failed_before >= 0 && r->lost_ticks >= 0;
}

static bool cursors_fit(const struct rollout *r)
{
    return r->cursor_count <= LIMIT_EDGE_PROCESSES;
}

static bool tests_are_numbers(const struct rollout *r)
{
    return sums_are_numbers(&r->tests);
}

static const struct {
    bool (*holds)(const struct rollout *);
    const char *sentence;
} invariant[] = {
    {modes_rise, "The new mode is stronger than the old one, and both are modes."},
    {has_steps, "There are steps, and the step in work is one of them."},
    {plan_rises, "Steps rise, and the last one is 100 %."},
    {share_fits, "The share is the step's in ramping, warming, holding and finalising, 100 % when "
                 "done, 0 in every other state."},
    {finalising_fits, "Only 100 % is finalised."},
    {reason_fits, "rolled_back and cooldown have a reason to go back, and no other state has one."},
    {pause_fits, "What is paused says so, and what says so is paused."},
    {cooldown_fits, "A cool-down has an end, and nothing else has."},
    {counts_attempts, "Generations count from 1, failures and lost ticks from 0."},
    {cursors_fit, "There are no more edge processes than can be watched."},
    {tests_are_numbers, "The sums of the tests are numbers."},
};

const char *rollout_broken(const struct rollout *rollout)
{
    for (size_t i = 0; i < COUNT_OF(invariant); i++) {
        if (!invariant[i].holds(rollout)) {
            return invariant[i].sentence;
        }
    }
    return NULL;
}

// -- entering ------------------------------------------------------------------------------------

bool rollout_changes(const struct rollout *rollout, const struct rollout_action *action)
{
    return action->state != rollout->state || action->reason != rollout->reason ||
           action->step != rollout->step || action->share_bp != rollout->share_bp;
}

void machine_begin_step(struct rollout *r, int64_t now)
{
    r->step_at = now;
    r->step_counts = (struct rollout_counts){0};
}

// Times that do not count: those of a pause and of a freeze towards the deadlines, those of an
// outage, and at the end of any hold, towards the step, which begins anew with fresh counters.
static void leave_reason(struct rollout *r, enum rollout_reason next, bool rises, int64_t now)
{
    if (r->reason == next && !rises) {
        return;
    }
    if (machine_stands(r->reason)) {
        int64_t stood = now - r->state_at;
        r->step_at = r->step_at + stood < now ? r->step_at + stood : now;
        r->started_at += stood;
    }
    if (machine_interrupts(r->state, r->reason)) {
        machine_begin_step(r, now);
    }
    if (machine_stands(r->reason) || machine_stands(next) ||
        r->reason == ROLLOUT_REASON_BOTH_FAIL) {
        r->state_at = now;
    }
}

static void enter_cooldown(struct rollout *r, enum rollout_state was, enum rollout_reason reason,
                           const struct rollout_policy *policy, int64_t now)
{
    int64_t cooldown = 0; // retried, or nothing was begun
    if (was == ROLLOUT_ROLLED_BACK) {
        cooldown = machine_cooldown_s(policy, reason, r->failed_before);
    } else if (was == ROLLOUT_ELIGIBLE && reason == ROLLOUT_REASON_OPERATOR) {
        cooldown = policy->cooldown_s[0]; // else the next scan would begin it again
    }
    r->cooldown_until = now + cooldown;
    r->tick_at = cooldown > 0 ? r->cooldown_until : 0;
    r->applied_bp = r->applied_bp > 0 ? -1 : r->applied_bp;
}

static void enter_state(struct rollout *r, const struct rollout_action *action, int64_t now)
{
    r->state_at = now;
    if (action->state == ROLLOUT_PREFLIGHT) {
        r->started_at = now;
        r->lost_ticks = 0;
        r->tests = (struct rollout_tests){0};
        r->counts = (struct rollout_counts){0};
        machine_begin_step(r, now);
    } else if (action->state == ROLLOUT_ROLLED_BACK) {
        r->failed_before += machine_blames(action->reason) ? 1 : 0;
    } else if (action->state == ROLLOUT_DONE) {
        r->failed_before = 0;
    }
}

void rollout_enter(struct rollout *rollout, const struct rollout_action *action,
                   const struct rollout_policy *policy, int64_t now)
{
    assert(rollout_may(rollout->state, action->state));
    assert(action->step <= rollout->step + 1);
    enum rollout_state was = rollout->state;
    bool retried = was == ROLLOUT_COOLDOWN && action->deed == DEED_MOVE;
    bool rises = action->share_bp > rollout->share_bp;
    leave_reason(rollout, action->reason, rises, now);
    if (rises) {
        machine_begin_step(rollout, now);
    }
    if (action->state != was) {
        enter_state(rollout, action, now);
    }
    rollout->state = action->state;
    rollout->reason = action->reason;
    rollout->step = action->step;
    rollout->share_bp = action->share_bp;
    rollout->paused = action->reason == ROLLOUT_REASON_PAUSED;
    rollout->tick_at = action->ask_at;
    if (action->state == ROLLOUT_COOLDOWN && (was != ROLLOUT_COOLDOWN || retried)) {
        enter_cooldown(rollout, was, action->reason, policy, now);
    }
    assert(rollout_broken(rollout) == NULL);
}

// -- printing ------------------------------------------------------------------------------------

static void put_moves(void (*put)(void *ctx, const char *line), void *ctx)
{
    for (size_t i = 0; i < COUNT_OF(moves); i++) {
        char line[256];
        (void)snprintf(line, sizeof line, "| %s | %s | %s |", rollout_state_str(moves[i].from),
                       rollout_state_str(moves[i].to), moves[i].when);
        put(ctx, line);
    }
}

void rollout_machine_print(void (*put)(void *ctx, const char *line), void *ctx)
{
    put(ctx, "# States of a rollout");
    put(ctx, "");
    put(ctx, "This page is printed from the tables in `rollout/machine.c` by the program");
    put(ctx,
        "`print_machine`, and a test keeps the two equal. [rollout.md](rollout.md) tells how a");
    put(ctx, "rollout goes.");
    put(ctx, "");
    put(ctx, "```");
    for (size_t i = 0; i < COUNT_OF(drawing); i++) {
        put(ctx, drawing[i]);
    }
    put(ctx, "```");
    put(ctx, "");
    put(ctx, "## Moves");
    put(ctx, "");
    put(ctx, "No other move is possible. A state may also follow itself: the next step, another");
    put(ctx,
        "reason, or the retry that ends a cool-down. `done` and `cooldown` end an attempt; the");
    put(ctx, "next one is a new generation.");
    put(ctx, "");
    put(ctx, "| from | to | when |");
    put(ctx, "|---|---|---|");
    put_moves(put, ctx);
    put(ctx, "");
    put(ctx, "## What is always true");
    put(ctx, "");
    for (size_t i = 0; i < COUNT_OF(invariant); i++) {
        char line[256];
        (void)snprintf(line, sizeof line, "* %s", invariant[i].sentence);
        put(ctx, line);
    }
}
