// SPDX-License-Identifier: Apache-2.0
// A fleet of edge processes that does what the driver of a real one does, and what real ones do
// wrong.
#include "tests/sim/law.h"

static struct fake_edge *fake_of(struct edge *edge)
{
    return (struct fake_edge *)edge;
}

static bool leases(const struct fake_edge *fake)
{
    return (fake->edge.capabilities & EDGE_LEASES) != 0;
}

static int64_t clock_of(const struct fake_edge *fake, const struct process *process)
{
    return fake->sim->now + process->skew_s;
}

int fake_share(const struct fake_edge *fake, const struct process *process, const struct slot *slot)
{
    const struct ramp *ramp = &slot->ramp;
    bool none =
        !ramp->there || slot->foreign || (leases(fake) && ramp->until <= clock_of(fake, process));
    return none ? 0 : ramp->share_bp;
}

void fake_restart(struct fake_edge *fake, size_t at)
{
    struct process *process = &fake->processes[at];
    process->epoch++;
    for (size_t z = 0; z < ZONES_MAX; z++) {
        struct slot *slot = &process->slots[z];
        slot->ramp = (struct ramp){0};
        slot->twin_at = 0;
        memset(slot->counted, 0, sizeof slot->counted);
    }
}

// -- every call ----------------------------------------------------------------------------------

static void disturbed(struct fake_edge *fake)
{
    fake->disturbed = fake->sim->moment;
    sim_disturb(fake->sim, fake->sim->now);
}

static enum err gone(struct fake_edge *fake, struct why *why, const char *words)
{
    disturbed(fake);
    return why_set(why, ERR_UNAVAILABLE, "edge %s: %s", fake->edge.name, words);
}

static enum err reach(struct fake_edge *fake, struct why *why)
{
    enum err e = sim_point(fake->sim, true);
    if (e != ERR_OK) {
        return why_set(why, e, "killed");
    }
    return fake->away_until > fake->sim->now ? gone(fake, why, "away") : ERR_OK;
}

// -- apply ---------------------------------------------------------------------------------------

static void land(struct fake_edge *fake, size_t at, struct sim_zone *zone,
                 const struct edge_want *want, const struct ramp *ramp)
{
    struct sim *sim = fake->sim;
    struct slot *slot = &fake->processes[at].slots[zone - sim->zones];
    law_landing(sim, zone, ramp);
    slot->known = true;
    slot->steady = want->old_mode;
    slot->ramp = *ramp;
    slot->twin_at = 0;
    zone->landed = ++sim->moment;
    zone->whose = sim->acting;
    trace_add(&sim->trace, sim->now - SIM_EPOCH, "edge %s.%zu %s: %s, %s %d of %lld until %lld",
              fake->edge.name, at, zone->name, mode_str(slot->steady), mode_str(ramp->new_mode),
              ramp->share_bp, (long long)ramp->generation,
              (long long)(ramp->until == 0 ? 0 : ramp->until - SIM_EPOCH));
}

static struct ramp ramp_of(const struct fake_edge *fake, size_t at, const struct edge_want *want)
{
    int64_t now = fake->sim->now;
    if (want->generation == 0) {
        return (struct ramp){.new_mode = MODE_NONE};
    }
    return (struct ramp){
        .there = true,
        .old_mode = want->old_mode,
        .new_mode = want->new_mode,
        .share_bp = want->share_bp,
        .generation = want->generation,
        .until = want->lease_s > 0 ? now + fake->processes[at].skew_s + want->lease_s : 0,
        .landed_at = now,
    };
}

// A write that goes wrong. True when it did; *e is what the caller hears.
static bool misfortune(enum err *e, struct fake_edge *fake, size_t at, struct sim_zone *zone,
                       const struct edge_want *want, const struct ramp *ramp, struct why *why)
{
    struct sim *sim = fake->sim;
    struct slot *slot = &fake->processes[at].slots[zone - sim->zones];
    double luck = sim_troubled(sim) ? dice_unit(&sim->dice) : 1;
    if ((luck -= fake->p_refused) < 0) {
        *e = gone(fake, why, "no answer");
    } else if ((luck -= fake->p_lost) < 0) {
        trace_add(&sim->trace, sim->now - SIM_EPOCH, "edge %s.%zu %s: lost", fake->edge.name, at,
                  zone->name);
        disturbed(fake);
        *e = ERR_OK;
    } else if ((luck -= fake->p_late) < 0) {
        land(fake, at, zone, want, ramp);
        *e = gone(fake, why, "answered too late");
    } else if ((luck -= fake->p_part) < 0) {
        slot->steady = want->old_mode;
        slot->known = true;
        *e = gone(fake, why, "cut off");
    } else if ((luck -= fake->p_twice) < 0) {
        land(fake, at, zone, want, ramp);
        slot->twin = *ramp;
        slot->twin_at = sim->now + dice_between(&sim->dice, 1, 4);
        disturbed(fake);
        *e = ERR_OK;
    } else {
        return false;
    }
    return true;
}

static enum err write_one(struct fake_edge *fake, size_t at, struct sim_zone *zone,
                          const struct edge_want *want, struct why *why)
{
    struct process *process = &fake->processes[at];
    struct ramp ramp = ramp_of(fake, at, want);
    enum err e = reach(fake, why);
    if (e != ERR_OK) {
        return e;
    }
    if (process->away_until > fake->sim->now) {
        return gone(fake, why, "a process is away");
    }
    if (process->slots[zone - fake->sim->zones].foreign) {
        disturbed(fake);
        return why_set(why, ERR_INVALID, "edge %s: somebody else's value", fake->edge.name);
    }
    if (!misfortune(&e, fake, at, zone, want, &ramp, why)) {
        land(fake, at, zone, want, &ramp);
    }
    return e;
}

static enum err fake_apply(struct edge *edge, const struct edge_want *want, struct why *why)
{
    struct fake_edge *fake = fake_of(edge);
    struct sim_zone *zone = sim_zone_of(fake->sim, want->zone->id);
    enum err e = reach(fake, why);
    bool away = e != ERR_OK;
    bool dry = (edge->capabilities & EDGE_DRY) != 0;
    for (size_t i = 0; i < fake->count && !dry && !away; i++) {
        enum err one = write_one(fake, i, zone, want, why);
        e = e == ERR_OK ? one : e;
    }
    return e;
}

// -- the other calls -----------------------------------------------------------------------------

static struct edge_seen see(const struct fake_edge *fake, size_t at, size_t z)
{
    const struct process *process = &fake->processes[at];
    const struct slot *slot = &process->slots[z];
    const struct ramp *ramp = &slot->ramp;
    struct edge_seen seen = {.epoch = process->epoch,
                             .foreign = slot->foreign,
                             .known = slot->known && !slot->foreign,
                             .old_mode = MODE_NONE,
                             .new_mode = MODE_NONE};
    (void)snprintf(seen.process, sizeof seen.process, "p%zu", at);
    if (ramp->there && !slot->foreign) {
        seen.old_mode = ramp->old_mode;
        seen.new_mode = ramp->new_mode;
        seen.share_bp = ramp->share_bp;
        seen.generation = ramp->generation;
        seen.lease_left_s = ramp->until > 0 ? ramp->until - clock_of(fake, process) : 0;
    } else if (seen.known) {
        seen.old_mode = slot->steady;
    }
    return seen;
}

static enum err all_there(struct fake_edge *fake, struct why *why)
{
    enum err e = reach(fake, why);
    for (size_t i = 0; e == ERR_OK && i < fake->count; i++) {
        if (fake->processes[i].away_until > fake->sim->now) {
            e = gone(fake, why, "a process is away");
        }
    }
    return e;
}

static enum err fake_read(struct edge *edge, const struct zone *zone, struct edge_seen *out,
                          size_t *count, struct why *why)
{
    struct fake_edge *fake = fake_of(edge);
    size_t z = (size_t)(sim_zone_of(fake->sim, zone->id) - fake->sim->zones);
    enum err e = all_there(fake, why);
    for (size_t i = 0; e == ERR_OK && i < fake->count; i++) {
        out[i] = see(fake, i, z);
    }
    *count = e == ERR_OK ? fake->count : *count;
    return e;
}

static enum err fake_counters(struct edge *edge, const struct zone *zone, int64_t generation,
                              struct edge_counted *out, size_t *count, struct why *why)
{
    struct fake_edge *fake = fake_of(edge);
    size_t z = (size_t)(sim_zone_of(fake->sim, zone->id) - fake->sim->zones);
    enum err e = all_there(fake, why);
    for (size_t i = 0; e == ERR_OK && i < fake->count; i++) {
        const struct process *process = &fake->processes[i];
        out[i] = (struct edge_counted){.epoch = process->epoch};
        (void)snprintf(out[i].process, sizeof out[i].process, "p%zu", i);
        for (size_t k = 0; k < COUNTED_MAX; k++) {
            if (process->slots[z].counted[k].generation == generation) {
                out[i].counts = process->slots[z].counted[k].counts;
            }
        }
    }
    *count = e == ERR_OK ? fake->count : *count;
    return e;
}

// An answer of the origin, as the edge counts it.
static void probe_one(struct edge_probe *out, struct cohort_counts *counts,
                      const struct origin_odds *odds, struct dice *dice)
{
    counts->requests++;
    if (dice_chance(dice, odds->connect)) {
        counts->connect_failures++;
        out->answered = false;
    } else if (dice_chance(dice, odds->tls)) {
        counts->tls_failures++;
        out->status = 525;
    } else if (dice_chance(dice, odds->errors)) {
        counts->server_errors++;
        out->status = 500;
    } else if (dice_chance(dice, odds->redirects)) {
        counts->redirects++;
        out->status = 301;
    }
}

static enum err fake_probe(struct edge *edge, const struct zone *zone, enum cohort cohort,
                           struct edge_probe *out, struct why *why)
{
    struct fake_edge *fake = fake_of(edge);
    struct sim *sim = fake->sim;
    struct sim_zone *known = sim_zone_of(sim, zone->id);
    enum err e = all_there(fake, why);
    if (e != ERR_OK) {
        return e;
    }
    struct slot *slot = &fake->processes[dice_between(&sim->dice, 0, (int64_t)fake->count - 1)]
                             .slots[known - sim->zones];
    const struct ramp *ramp = &slot->ramp;
    enum mode mode = ramp->there && cohort == COHORT_PROBE_NEW ? ramp->new_mode : slot->steady;
    struct rollout_counts nowhere = {0};
    struct rollout_counts *counts = &nowhere;
    for (size_t k = 0; ramp->there && k < COUNTED_MAX; k++) {
        if (slot->counted[k].generation == ramp->generation) {
            counts = &slot->counted[k].counts;
        }
    }
    struct origin_odds odds;
    origin_odds(&odds, known, mode, slot->steady, ramp->share_bp, UINT64_MAX, sim->now);
    *out = (struct edge_probe){.answered = true, .status = 200, .mode = mode};
    probe_one(out, &counts->of[cohort], &odds, &sim->dice);
    known->shadow.actual[cohort]++;
    return ERR_OK;
}

static enum err fake_stop_all(struct edge *edge, size_t *count, struct why *why)
{
    struct fake_edge *fake = fake_of(edge);
    size_t most = 0;
    enum err e = reach(fake, why);
    for (size_t i = 0; e == ERR_OK && i < fake->count; i++) {
        struct process *process = &fake->processes[i];
        size_t ended = 0;
        if (process->away_until > fake->sim->now) {
            e = gone(fake, why, "a process is away");
            continue;
        }
        for (size_t z = 0; z < ZONES_MAX; z++) {
            struct ramp *ramp = &process->slots[z].ramp;
            process->slots[z].twin_at = 0;
            ended += ramp->there && ramp->share_bp > 0;
            ramp->share_bp = 0;
            ramp->until = 0;
        }
        most = ended > most ? ended : most;
    }
    trace_add(&fake->sim->trace, fake->sim->now - SIM_EPOCH, "edge %s: stopped %zu", edge->name,
              most);
    *count = most;
    return e;
}

static enum err fake_forget(struct edge *edge, const struct zone *zone, int64_t generation,
                            struct why *why)
{
    struct fake_edge *fake = fake_of(edge);
    size_t z = (size_t)(sim_zone_of(fake->sim, zone->id) - fake->sim->zones);
    enum err e = all_there(fake, why);
    for (size_t i = 0; e == ERR_OK && i < fake->count; i++) {
        for (size_t k = 0; k < COUNTED_MAX; k++) {
            struct counted *counted = &fake->processes[i].slots[z].counted[k];
            if (counted->generation == generation) {
                *counted = (struct counted){0};
            }
        }
    }
    return e;
}

static enum err fake_resync(struct edge *edge, const struct zone *(*next)(void *ctx), void *ctx,
                            bool overwrite, struct why *why)
{
    struct fake_edge *fake = fake_of(edge);
    struct sim *sim = fake->sim;
    enum mode modes[ZONES_MAX] = {0};
    bool named[ZONES_MAX] = {false};
    const struct zone *zone;
    while ((zone = next(ctx)) != NULL) {
        const struct sim_zone *known = sim_zone_of(sim, zone->id);
        modes[known - sim->zones] = zone->mode;
        named[known - sim->zones] = true;
    }
    enum err e = all_there(fake, why);
    for (size_t i = 0; e == ERR_OK && i < fake->count; i++) {
        for (size_t z = 0; z < sim->zone_count; z++) {
            struct slot *slot = &fake->processes[i].slots[z];
            bool stronger = slot->known && named[z] && slot->steady > modes[z];
            if (!slot->foreign && (!stronger || overwrite)) {
                slot->known = named[z];
                slot->steady = modes[z];
                sim->zones[z].landed = ++sim->moment;
                sim->zones[z].whose = sim->acting;
            }
        }
    }
    trace_add(&sim->trace, sim->now - SIM_EPOCH, "edge %s: resync %s", edge->name, err_str(e));
    return e;
}

static void fake_close(struct edge *edge)
{
    (void)edge;
}

const struct edge_driver fake_driver = {
    .name = "fake",
    .close = fake_close,
    .apply = fake_apply,
    .read = fake_read,
    .counters = fake_counters,
    .probe = fake_probe,
    .stop_all = fake_stop_all,
    .forget = fake_forget,
    .resync = fake_resync,
};
