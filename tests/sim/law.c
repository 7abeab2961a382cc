// SPDX-License-Identifier: Apache-2.0
// Laws of the store.
#include "tests/sim/law.h"

#include <stdarg.h>
#include <stdio.h>

#include "rollout/judge.h"

enum {
    LATE_S = 40, // beyond a claim and two ticks: restarts and pauses between calls
};

void law_break(struct sim *sim, const char *law, const char *form, ...)
{
    if (sim->failed) {
        return;
    }
    va_list args;
    va_start(args, form);
    (void)vsnprintf(sim->words, sizeof sim->words, form, args);
    va_end(args);
    (void)snprintf(sim->law, sizeof sim->law, "%s", law);
    sim->failed = true;
    trace_add(&sim->trace, sim->now - SIM_EPOCH, "BROKEN %s: %s", sim->law, sim->words);
}

static bool moves(enum rollout_state state)
{
    return state >= ROLLOUT_RAMPING && state <= ROLLOUT_FINALISING;
}

static bool is_dry(const struct sim *sim, const struct sim_zone *zone)
{
    return (sim->fleets[zone->fleet].edge.capabilities & EDGE_DRY) != 0;
}

// -- events --------------------------------------------------------------------------------------

struct newest_event {
    bool there;
    int64_t version;
    enum rollout_state state;
    enum rollout_reason reason;
    int share_bp;
};

static enum err take_event(void *ctx, const struct rollout_event *event)
{
    struct newest_event *newest = ctx;
    *newest = (struct newest_event){.there = true,
                                    .version = event->version,
                                    .state = event->state,
                                    .reason = event->reason,
                                    .share_bp = event->share_bp};
    return ERR_OK;
}

static enum err count_event(void *ctx, const struct rollout_event *event)
{
    (void)event;
    ++*(int64_t *)ctx;
    return ERR_OK;
}

// needed: a transition. A retry is told though nothing changes in a row that cools down.
static void event_law(struct sim *sim, struct sim_zone *zone, const struct rollout *row,
                      bool needed)
{
    struct newest_event newest = {0};
    struct why why = {0};
    enum err e = sqlite_backend.rollout_events(sim->observer, zone->id, row->generation, 1,
                                               take_event, &newest, &why);
    bool same = e == ERR_OK && newest.there && newest.version == row->version &&
                newest.state == row->state && newest.reason == row->reason &&
                newest.share_bp == row->share_bp;
    zone->shadow.events += needed || same;
    if (needed && !same) {
        law_break(sim, "one event", "%s: version %lld of generation %lld has no event of its own",
                  zone->name, (long long)row->version, (long long)row->generation);
    }
}

// unseen: an operator's retry ends one attempt and begins the next in one transaction.
static void history_law(struct sim *sim, const struct sim_zone *zone, bool unseen)
{
    struct why why = {0};
    int64_t count = 0;
    if (!zone->shadow.there) {
        return;
    }
    (void)sqlite_backend.rollout_events(sim->observer, zone->id, zone->shadow.row.generation, 0,
                                        count_event, &count, &why);
    if (count != zone->shadow.events && !(unseen && count == zone->shadow.events + 1)) {
        law_break(sim, "one event", "%s: %lld transitions of generation %lld and %lld events",
                  zone->name, (long long)zone->shadow.events,
                  (long long)zone->shadow.row.generation, (long long)count);
    }
}

void law_histories(struct sim *sim)
{
    for (size_t i = 0; i < sim->zone_count && !sim->failed; i++) {
        history_law(sim, &sim->zones[i], false);
    }
}

// -- one row -------------------------------------------------------------------------------------

static void state_laws(struct sim *sim, struct sim_zone *zone, const struct rollout *row)
{
    const char *broken = rollout_broken(row);
    if (broken != NULL) {
        law_break(sim, "invariant", "%s: not so: %s", zone->name, broken);
    }
    const struct rollout_policy *policy = &sim->policy.rollout;
    int64_t longest = policy->idle_tick_s > policy->tick_s ? policy->idle_tick_s : policy->tick_s;
    longest = sim->policy.claim_s > longest ? sim->policy.claim_s : longest;
    bool opted = row->state == ROLLOUT_ELIGIBLE; // may wait for the end of an opt-out
    if (rollout_active(row) &&
        (row->tick_at == 0 || (!opted && row->tick_at > sim->now + longest + LATE_S))) {
        law_break(sim, "lost", "%s: %s and never looked at again", zone->name,
                  rollout_state_str(row->state));
    }
    for (int c = 0; c < COHORT_COUNT; c++) {
        if (row->counts.of[c].requests > zone->shadow.actual[c]) {
            law_break(sim, "counts", "%s: %llu requests of %s counted, %llu were there", zone->name,
                      (unsigned long long)row->counts.of[c].requests, cohort_str((enum cohort)c),
                      (unsigned long long)zone->shadow.actual[c]);
        }
    }
}

// A controller that knows that the new mode fails leaves nobody there. Where it counts its own
// probes, it knows it when they are counted and acts at its next look.
static void bad_law(struct sim *sim, struct sim_zone *zone, const struct rollout *row)
{
    bool fails = moves(row->state) && judge_fails(row, &sim->policy.rollout);
    bool counts = (sim->fleets[zone->fleet].edge.capabilities & EDGE_COUNTS) != 0;
    if (!fails) {
        zone->shadow.strikes = 0;
    } else if (sim->acting != NULL && sim->acting->role == ROLE_CONTROLLER) {
        zone->shadow.strikes++;
    }
    if (zone->shadow.strikes > (counts ? 0 : 1)) {
        law_break(sim, "bad", "%s: the new mode fails and has %d basis points", zone->name,
                  row->share_bp);
    }
}

static void step_law(struct sim *sim, const struct sim_zone *zone, const struct rollout *was,
                     const struct rollout *row)
{
    bool first = was->state == ROLLOUT_PREFLIGHT && row->step == 0;
    bool next = moves(was->state) && row->step == was->step + 1;
    if (row->share_bp > was->share_bp && !first && !next) {
        law_break(sim, "steps", "%s: from step %zu (%d) to step %zu (%d)", zone->name, was->step,
                  was->share_bp, row->step, row->share_bp);
    }
    if (moves(row->state) && row->step < was->step) {
        law_break(sim, "steps", "%s: step %zu again after %zu", zone->name, row->step, was->step);
    }
    if (!rollout_may(was->state, row->state)) {
        law_break(sim, "steps", "%s: %s after %s", zone->name, rollout_state_str(row->state),
                  rollout_state_str(was->state));
    }
}

static void entered(struct sim *sim, struct sim_zone *zone, const struct rollout *was,
                    const struct rollout *row)
{
    if (row->state == was->state) {
        return;
    }
    if (row->state == ROLLOUT_ROLLED_BACK) {
        law_taken_back(sim, zone);
    } else if (row->state == ROLLOUT_DONE) {
        law_finished(sim, zone);
    } else if (row->state == ROLLOUT_COOLDOWN && was->state == ROLLOUT_ROLLED_BACK) {
        law_restored(sim, zone);
    }
}

static bool runs(const struct rollout *row)
{
    return rollout_active(row) && row->state != ROLLOUT_ELIGIBLE;
}

// What lets in more visitors, or the first of them.
static void entry_laws(struct sim *sim, const struct sim_zone *zone, const struct rollout *was,
                       const struct rollout *row)
{
    bool begins = was->state == ROLLOUT_ELIGIBLE && row->state == ROLLOUT_PREFLIGHT;
    const struct controller_policy *policy = &sim->policy;
    int64_t running = 0; // all zones are of one account, in one network
    for (size_t i = 0; i < sim->zone_count; i++) {
        running += sim->zones[i].shadow.there && runs(&sim->zones[i].shadow.row);
    }
    if (begins && (running > policy->max_running || running > policy->max_per_account ||
                   running > policy->max_per_network)) {
        law_break(sim, "caps", "%s: begins as one of %lld", zone->name, (long long)running);
    }
    if (sim->stopped && (begins || row->share_bp > was->share_bp)) {
        law_break(sim, "stopped", "%s: %s at %d basis points, after a stop of everything",
                  zone->name, rollout_state_str(row->state), row->share_bp);
    }
}

static void next_version(struct sim *sim, struct sim_zone *zone, const struct rollout *row)
{
    struct shadow *shadow = &zone->shadow;
    const struct rollout was = shadow->row;
    bool retry =
        was.state == ROLLOUT_COOLDOWN && sim->acting != NULL && sim->acting->role == ROLE_OPERATOR;
    bool changed = row->state != was.state || row->reason != was.reason || row->step != was.step ||
                   row->share_bp != was.share_bp;
    shadow->row = *row;
    shadow->top_bp = row->share_bp > shadow->top_bp ? row->share_bp : shadow->top_bp;
    if (row->share_bp < was.share_bp || (row->state == ROLLOUT_DONE && was.state != row->state)) {
        shadow->lowered_at = sim->now;
        shadow->lowered = ++sim->moment;
    }
    if (row->version != was.version + 1 || row->from != was.from || row->to != was.to) {
        law_break(sim, "versions", "%s: version %lld after %lld", zone->name,
                  (long long)row->version, (long long)was.version);
    }
    step_law(sim, zone, &was, row);
    entry_laws(sim, zone, &was, row);
    if (changed || retry) {
        event_law(sim, zone, row, changed);
    }
    bad_law(sim, zone, row);
    entered(sim, zone, &was, row);
}

static void new_generation(struct sim *sim, struct sim_zone *zone, const struct rollout *row)
{
    struct shadow *shadow = &zone->shadow;
    if (shadow->there && rollout_active(&shadow->row)) {
        law_break(sim, "one at a time", "%s: generation %lld begins while %lld is %s", zone->name,
                  (long long)row->generation, (long long)shadow->row.generation,
                  rollout_state_str(shadow->row.state));
    }
    if (!shadow->by_hand && (row->from != shadow->mode || row->to <= row->from)) {
        law_break(sim, "starting mode", "%s: from %s, and the zone has %s", zone->name,
                  mode_str(row->from), mode_str(shadow->mode));
    }
    history_law(sim, zone, sim->acting != NULL && sim->acting->role == ROLE_OPERATOR);
    shadow->there = true;
    shadow->row = *row;
    shadow->top_bp = row->share_bp;
    shadow->lowered_at = sim->now;
    shadow->lowered = ++sim->moment;
    shadow->strikes = 0;
    shadow->events = 0;
    memset(shadow->actual, 0, sizeof shadow->actual);
    if (!shadow->by_hand || row->from < shadow->floor) {
        shadow->floor = row->from;
    }
    event_law(sim, zone, row, true);
}

static void row_laws(struct sim *sim, struct sim_zone *zone)
{
    struct rollout row;
    struct why why = {0};
    if (sqlite_backend.rollout_get(sim->observer, zone->id, &row, &why) != ERR_OK) {
        law_break(sim, "store", "%s", why.text);
        return;
    }
    trace_add(&sim->trace, sim->now - SIM_EPOCH,
              "%s %s: %lld.%lld %s (%s) step %zu share %d applied %d again %lld",
              sim->acting == NULL ? "-" : sim->acting->name, zone->name, (long long)row.generation,
              (long long)row.version, rollout_state_str(row.state), rollout_reason_str(row.reason),
              row.step, row.share_bp, row.applied_bp,
              (long long)(row.tick_at == 0 ? 0 : row.tick_at - SIM_EPOCH));
    if (!zone->shadow.there || row.generation != zone->shadow.row.generation) {
        new_generation(sim, zone, &row);
    } else {
        next_version(sim, zone, &row);
    }
    state_laws(sim, zone, &row);
}

// -- one zone ------------------------------------------------------------------------------------

static void mode_law(struct sim *sim, struct sim_zone *zone)
{
    struct why why = {0};
    OWN(zone_own) struct zone *stored = NULL;
    struct shadow *shadow = &zone->shadow;
    if (sqlite_backend.zone_get(sim->observer, &stored, zone->id, &why) != ERR_OK) {
        law_break(sim, "store", "%s", why.text);
        return;
    }
    if (sim->acting != NULL && sim->acting->role == ROLE_OPERATOR) {
        shadow->by_hand = shadow->by_hand || stored->mode != shadow->mode;
        shadow->floor = stored->mode < shadow->floor ? stored->mode : shadow->floor;
    } else if (stored->mode < shadow->mode || is_dry(sim, zone) || stored->mode != shadow->row.to) {
        law_break(sim, "stored mode", "%s: %s after %s", zone->name, mode_str(stored->mode),
                  mode_str(shadow->mode));
    }
    shadow->mode = stored->mode;
    trace_add(&sim->trace, sim->now - SIM_EPOCH, "%s %s: mode %s, %s",
              sim->acting == NULL ? "-" : sim->acting->name, zone->name, mode_str(stored->mode),
              automatic_str(stored->automatic));
}

void law_committed(struct sim *sim)
{
    for (size_t i = 0; i < sim->zone_count; i++) {
        struct sim_zone *zone = &sim->zones[i];
        if (zone->zone_dirty) {
            zone->zone_dirty = false;
            mode_law(sim, zone);
        }
        if (zone->dirty) {
            zone->dirty = false;
            row_laws(sim, zone);
        }
    }
}

// -- slowly --------------------------------------------------------------------------------------

void law_slow(struct sim *sim)
{
    int64_t next = 0;
    struct why why = {0};
    int64_t patience = sim->policy.claim_s + 2 * sim->policy.rollout.tick_s + LATE_S;
    sim->observer->clock_s = sim->now;
    if (sqlite_backend.rollout_next(sim->observer, &next, &why) == ERR_OK && next != 0 &&
        sim->now - (next > sim->calm_from ? next : sim->calm_from) > patience) {
        law_break(sim, "lost", "something was due at %lld and nobody looks",
                  (long long)(next - SIM_EPOCH));
    }
}

static bool edge_rests(const struct sim *sim, const struct sim_zone *zone)
{
    const struct fake_edge *fake = &sim->fleets[zone->fleet];
    const struct shadow *shadow = &zone->shadow;
    for (size_t p = 0; p < fake->count; p++) {
        const struct slot *slot = &fake->processes[p].slots[zone - sim->zones];
        bool right = shadow->by_hand ? slot->steady >= shadow->floor : slot->steady == shadow->mode;
        bool ramps = fake_share(fake, &fake->processes[p], slot) > 0 ||
                     (slot->ramp.there && slot->ramp.old_mode != slot->steady);
        if (slot->known && (!right || ramps)) {
            return false;
        }
    }
    return true;
}

bool law_rests(struct sim *sim, char words[256])
{
    for (size_t i = 0; i < sim->zone_count; i++) {
        const struct sim_zone *zone = &sim->zones[i];
        const struct rollout *row = &zone->shadow.row;
        if (is_dry(sim, zone)) {
            continue; // each scan begins it anew
        }
        if (zone->shadow.there && rollout_active(row)) {
            (void)snprintf(words, 256, "%s: %s (%s) at step %zu", zone->name,
                           rollout_state_str(row->state), rollout_reason_str(row->reason),
                           row->step);
            return false;
        }
        if (!edge_rests(sim, zone)) {
            (void)snprintf(words, 256, "%s: the edge has not what the store says, %s", zone->name,
                           mode_str(zone->shadow.mode));
            return false;
        }
    }
    return true;
}
