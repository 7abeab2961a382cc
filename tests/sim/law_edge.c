// SPDX-License-Identifier: Apache-2.0
// Laws of the edge: what visitors get.
#include "tests/sim/law.h"

enum {
    SLACK_S = 3, // seconds that a write may be on its way
};

static bool moves(enum rollout_state state)
{
    return state >= ROLLOUT_RAMPING && state <= ROLLOUT_FINALISING;
}

// What may be at the edge now of a generation.
static int committed_bp(const struct shadow *shadow, int64_t generation)
{
    return shadow->row.generation == generation && moves(shadow->row.state) ? shadow->row.share_bp
                                                                            : 0;
}

// A write raises to what was committed, or what was so when its writer began: another one may take
// back what a slow writer still puts there, for as long as the lease lasts.
void law_landing(struct sim *sim, const struct sim_zone *zone, const struct ramp *ramp)
{
    const struct shadow *shadow = &zone->shadow;
    const struct actor *actor = sim->acting;
    if (!ramp->there || ramp->share_bp == 0 || actor == NULL) {
        return;
    }
    bool known = shadow->there && ramp->generation <= shadow->row.generation;
    bool this_one = known && ramp->generation == shadow->row.generation;
    bool may =
        known &&
        (ramp->share_bp <= committed_bp(shadow, ramp->generation) ||
         (actor->began < shadow->lowered && (!this_one || ramp->share_bp <= shadow->top_bp)));
    if (!may) {
        law_break(sim, "committed share", "%s: %d basis points are put, %d are committed",
                  zone->name, ramp->share_bp, committed_bp(shadow, ramp->generation));
    }
}

static void mode_law(struct sim *sim, const struct sim_zone *zone, const struct slot *slot,
                     int share)
{
    enum mode least = slot->ramp.there ? slot->ramp.old_mode : slot->steady;
    if (slot->ramp.there && share > 0 && slot->ramp.new_mode < least) {
        least = slot->ramp.new_mode;
    }
    if (slot->known && least < zone->shadow.floor) {
        law_break(sim, "starting mode", "%s: visitors get %s, below %s", zone->name,
                  mode_str(least), mode_str(zone->shadow.floor));
    }
}

// How long more than the committed share may last: by the lease where there is one; where somebody
// watches and nothing fails, until they look again.
static void over_law(struct sim *sim, const struct fake_edge *fake, const struct sim_zone *zone,
                     const struct ramp *ramp, int share)
{
    const struct rollout_policy *policy = &sim->policy.rollout;
    bool this_one = ramp->generation == zone->shadow.row.generation;
    int64_t since = ramp->landed_at;
    if (this_one && zone->shadow.lowered_at > since) {
        since = zone->shadow.lowered_at;
    }
    if ((fake->edge.capabilities & EDGE_LEASES) != 0 &&
        sim->now - since > policy->lease_s + SLACK_S) {
        law_break(sim, "lease", "%s: %d basis points for %lld s after they were taken back",
                  zone->name, share, (long long)(sim->now - since));
    }
    int64_t calm = sim->calm_from > since ? sim->calm_from : since;
    if (sim->now - calm > sim->policy.claim_s + 2 * policy->tick_s + SLACK_S) {
        law_break(sim, "taken back", "%s: %d basis points though nothing keeps them", zone->name,
                  share);
    }
}

void law_visitors(struct sim *sim, const struct fake_edge *fake, const struct process *process,
                  const struct sim_zone *zone, const struct slot *slot)
{
    if (slot->foreign || (fake->edge.capabilities & EDGE_DRY) != 0) {
        return;
    }
    int share = fake_share(fake, process, slot);
    mode_law(sim, zone, slot, share);
    if (share > 0 && share > committed_bp(&zone->shadow, slot->ramp.generation)) {
        over_law(sim, fake, zone, &slot->ramp, share);
    }
}

// -- when a row says that something was done -----------------------------------------------------

// Nothing failed here since the actor began, and nobody else was at work.
static bool undisturbed(const struct sim *sim, const struct sim_zone *zone)
{
    const struct actor *actor = sim->acting;
    const struct fake_edge *fake = &sim->fleets[zone->fleet];
    if (actor == NULL || (fake->edge.capabilities & EDGE_DRY) != 0 ||
        fake->disturbed >= actor->began) {
        return false;
    }
    for (size_t i = 0; i < sim->actor_count; i++) {
        const struct actor *other = &sim->actors[i];
        if (other != actor && other->busy && other->role != ROLE_SCANNER) {
            return false;
        }
    }
    return !(zone->whose != actor && zone->landed > actor->began);
}

// Beside somebody else's value ours is not made permanent: a share of 0 does as well there.
static bool all_steady(const struct sim *sim, const struct sim_zone *zone, enum mode mode)
{
    const struct fake_edge *fake = &sim->fleets[zone->fleet];
    bool steady = true;
    for (size_t p = 0; p < fake->count; p++) {
        const struct slot *slot = &fake->processes[p].slots[zone - sim->zones];
        if (slot->foreign) {
            return true;
        }
        steady = steady && !slot->ramp.there && slot->steady == mode;
    }
    return steady;
}

void law_taken_back(struct sim *sim, const struct sim_zone *zone)
{
    const struct fake_edge *fake = &sim->fleets[zone->fleet];
    if (!undisturbed(sim, zone)) {
        return;
    }
    for (size_t p = 0; p < fake->count; p++) {
        const struct slot *slot = &fake->processes[p].slots[zone - sim->zones];
        if (fake_share(fake, &fake->processes[p], slot) > 0) {
            law_break(sim, "visitors first", "%s: recorded as gone back, visitors are still there",
                      zone->name);
        }
    }
}

// -- the time at 100 % ----------------------------------------------------------------------------

void law_not_held(struct sim *sim, struct sim_zone *zone)
{
    zone->shadow.unheld_at = sim->now;
    zone->shadow.unheld = sim->moment;
}

// What was put again within one look, or between two by a controller that died before it told, may
// not have been noticed.
void law_watch_full(struct sim *sim, const struct fake_edge *fake, struct sim_zone *zone)
{
    struct shadow *shadow = &zone->shadow;
    bool full = true;
    for (size_t p = 0; p < fake->count; p++) {
        const struct slot *slot = &fake->processes[p].slots[zone - sim->zones];
        bool steady = !slot->ramp.there && slot->known && slot->steady == shadow->row.to;
        full = full && (steady || fake_share(fake, &fake->processes[p], slot) == SHARE_ALL_BP);
    }
    if (full) {
        shadow->lacking_at = 0;
        return;
    }
    shadow->lacking_at = shadow->lacking_at == 0 ? sim->now : shadow->lacking_at;
    const struct controller_policy *policy = &sim->policy;
    int64_t longer =
        policy->claim_s > policy->rollout.lease_s ? policy->claim_s : policy->rollout.lease_s;
    if (sim->now - shadow->lacking_at > longer + SLACK_S) {
        law_not_held(sim, zone);
    }
}

// What came after the last look is the next one's.
static void held_law(struct sim *sim, const struct sim_zone *zone)
{
    const struct shadow *shadow = &zone->shadow;
    const struct actor *actor = sim->acting;
    if (actor == NULL || actor->role == ROLE_OPERATOR || shadow->unheld >= actor->began ||
        sim->now - shadow->unheld_at >= sim->policy.rollout.final_dwell_s) {
        return;
    }
    law_break(sim, "held", "%s: done, and 100 %% without a failure for %lld s of %lld", zone->name,
              (long long)(sim->now - shadow->unheld_at),
              (long long)sim->policy.rollout.final_dwell_s);
}

void law_finished(struct sim *sim, const struct sim_zone *zone)
{
    const struct rollout *row = &zone->shadow.row;
    bool dry = (sim->fleets[zone->fleet].edge.capabilities & EDGE_DRY) != 0;
    if (zone->shadow.mode != (dry ? zone->shadow.mode : row->to)) {
        law_break(sim, "finished", "%s: done, and the store has %s instead of %s", zone->name,
                  mode_str(zone->shadow.mode), mode_str(row->to));
    }
    if (!dry) {
        held_law(sim, zone);
    }
    if (undisturbed(sim, zone) && !all_steady(sim, zone, row->to)) {
        law_break(sim, "finished", "%s: done, and the edge has not %s for good", zone->name,
                  mode_str(row->to));
    }
}

void law_restored(struct sim *sim, const struct sim_zone *zone)
{
    if (undisturbed(sim, zone) && !all_steady(sim, zone, zone->shadow.row.from)) {
        law_break(sim, "restored", "%s: gone back, and the edge has not %s", zone->name,
                  mode_str(zone->shadow.row.from));
    }
}
