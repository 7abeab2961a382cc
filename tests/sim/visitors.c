// SPDX-License-Identifier: Apache-2.0
// Visitors: how many came, which mode served them, what became of it.
#include "tests/sim/law.h"

struct coming {
    struct sim *sim;
    struct fake_edge *fake;
    const struct sim_zone *zone;
    const struct ramp *ramp;
    int share_bp;
};

static struct counted *counted_of(struct slot *slot, int64_t generation)
{
    struct counted *oldest = &slot->counted[0];
    for (size_t i = 0; i < COUNTED_MAX; i++) {
        if (slot->counted[i].generation == generation) {
            return &slot->counted[i];
        }
        if (slot->counted[i].generation < oldest->generation) {
            oldest = &slot->counted[i];
        }
    }
    *oldest = (struct counted){.generation = generation};
    return oldest;
}

// True: a handshake failed that the edge tells.
static bool come(const struct coming *visit, struct cohort_counts *counts, enum mode mode,
                 uint64_t requests)
{
    struct origin_odds odds;
    struct dice *dice = &visit->sim->dice;
    origin_odds(&odds, visit->zone, mode, visit->ramp->old_mode, visit->share_bp, counts->requests,
                visit->sim->now);
    uint64_t hits = dice_binomial(dice, requests, odds.hits);
    uint64_t asked = requests - hits;
    uint64_t connect = dice_binomial(dice, asked, odds.connect);
    uint64_t tls = dice_binomial(dice, asked - connect, odds.tls);
    uint64_t answered = asked - connect - tls;
    bool saved = mode != visit->ramp->old_mode && visit->share_bp < SHARE_ALL_BP &&
                 (visit->fake->edge.capabilities & EDGE_FALLBACK) != 0;
    counts->requests += requests;
    counts->cache_hits += hits;
    counts->fallbacks += saved ? connect + tls : 0;
    counts->connect_failures += saved ? 0 : connect;
    counts->tls_failures += saved ? 0 : tls;
    counts->server_errors += dice_binomial(dice, answered, odds.errors);
    counts->redirects += dice_binomial(dice, answered, odds.redirects);
    return tls > 0 && !saved && (visit->fake->edge.capabilities & EDGE_COUNTS) != 0;
}

static void visit_slot(struct sim *sim, struct fake_edge *fake, struct process *process, size_t z,
                       double seconds)
{
    struct sim_zone *zone = &sim->zones[z];
    struct slot *slot = &process->slots[z];
    law_visitors(sim, fake, process, zone, slot);
    if (!slot->ramp.there) {
        return; // nobody counts them
    }
    const struct coming visit = {sim, fake, zone, &slot->ramp, fake_share(fake, process, slot)};
    struct counted *counted = counted_of(slot, slot->ramp.generation);
    uint64_t all = dice_poisson(&sim->dice, zone->rate * seconds / (double)fake->count);
    uint64_t moved = dice_binomial(&sim->dice, all, (double)visit.share_bp / (double)SHARE_ALL_BP);
    (void)come(&visit, &counted->counts.of[COHORT_OLD], slot->ramp.old_mode, all - moved);
    bool failed = come(&visit, &counted->counts.of[COHORT_NEW], slot->ramp.new_mode, moved);
    if (slot->ramp.generation == zone->shadow.row.generation) {
        if (failed) {
            law_not_held(sim, zone);
        }
        zone->shadow.actual[COHORT_OLD] += all - moved;
        zone->shadow.actual[COHORT_NEW] += moved;
    }
}

void visitors_come(struct sim *sim, int64_t from)
{
    double seconds = (double)(sim->now - from);
    int64_t until = sim->now;
    sim->now = from; // what stands at the beginning serves them
    for (size_t z = 0; z < sim->zone_count; z++) {
        struct fake_edge *fake = &sim->fleets[sim->zones[z].fleet];
        for (size_t p = 0; p < fake->count; p++) {
            visit_slot(sim, fake, &fake->processes[p], z, seconds);
        }
        law_watch_full(sim, fake, &sim->zones[z]);
    }
    sim->now = until;
}
