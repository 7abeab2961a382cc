// SPDX-License-Identifier: Apache-2.0
// One world, from its beginning to its rest.
#include <stdlib.h>

#include "tests/sim/law.h"

enum {
    STRIDE_S = 30,  // longest time in which visitors come at once
    RESTED_S = 150, // so long nothing changes before a world is over
    SLOW_S = 60,
};

bool sim_troubled(const struct sim *sim)
{
    return sim->now < sim->quiet_at;
}

void sim_disturb(struct sim *sim, int64_t until)
{
    sim->calm_from = until > sim->calm_from ? until : sim->calm_from;
}

struct sim_zone *sim_zone_of(struct sim *sim, const char *zone_id)
{
    return &sim->zones[strtoul(zone_id + 16, NULL, 16)];
}

// -- time ----------------------------------------------------------------------------------------

static int64_t sooner(int64_t a, int64_t b, int64_t now)
{
    return b > now && b < a ? b : a;
}

// Until then nothing at the edge changes by itself.
static int64_t next_change(const struct sim *sim, int64_t until)
{
    int64_t next = sooner(until, sim->now + STRIDE_S, sim->now);
    for (size_t z = 0; z < sim->zone_count; z++) {
        const struct fake_edge *fake = &sim->fleets[sim->zones[z].fleet];
        for (size_t p = 0; p < fake->count; p++) {
            const struct process *process = &fake->processes[p];
            const struct slot *slot = &process->slots[z];
            next = sooner(next, slot->ramp.until - process->skew_s, sim->now);
            next = sooner(next, slot->twin_at, sim->now);
        }
    }
    return next;
}

static void land_twins(struct sim *sim)
{
    for (size_t z = 0; z < sim->zone_count; z++) {
        struct fake_edge *fake = &sim->fleets[sim->zones[z].fleet];
        for (size_t p = 0; p < fake->count; p++) {
            struct slot *slot = &fake->processes[p].slots[z];
            if (slot->twin_at != 0 && slot->twin_at <= sim->now && !slot->foreign) {
                slot->ramp = slot->twin;
                slot->twin_at = 0;
            }
        }
    }
}

static void advance(struct sim *sim, int64_t until)
{
    while (sim->now < until && !sim->failed) {
        int64_t from = sim->now;
        sim->now = next_change(sim, until);
        visitors_come(sim, from);
        land_twins(sim);
        double p = sim->p_accident * (double)(sim->now - from);
        if (sim_troubled(sim) && dice_chance(&sim->dice, p)) {
            actor_accident(sim);
        }
    }
}

// -- taking turns --------------------------------------------------------------------------------

void sim_sleep(struct sim *sim, int64_t seconds)
{
    struct actor *actor = sim->acting;
    if (sim->over || actor == NULL) {
        return;
    }
    actor->wake_at = sim->now + seconds;
    fiber_yield(&actor->fiber);
}

static void let_others_act(struct sim *sim)
{
    struct dice *dice = &sim->dice;
    if (sim_troubled(sim) && dice_chance(dice, sim->p_pause)) {
        int64_t pause = dice_between(dice, 15, 150);
        trace_add(&sim->trace, sim->now - SIM_EPOCH, "%s stands still for %lld s",
                  sim->acting->name, (long long)pause);
        sim_disturb(sim, sim->now + pause);
        sim_sleep(sim, pause);
    } else if (dice_chance(dice, sim->p_yield)) {
        if (dice_chance(dice, 0.1)) { // somebody else, now
            struct actor *other =
                &sim->actors[dice_between(dice, 0, (int64_t)sim->actor_count - 1)];
            other->wake_at = sim_troubled(sim) && !other->killed ? sim->now : other->wake_at;
        }
        sim_sleep(sim, dice_chance(dice, 0.2) ? dice_between(dice, 1, 2) : 0);
    }
}

enum err sim_point(struct sim *sim, bool may_yield)
{
    struct actor *actor = sim->acting;
    sim->moment++;
    if (actor == NULL) {
        return ERR_OK;
    }
    if (actor->kill_in > 0) {
        actor->kill_in--;
    } else if (actor->kill_in == 0 && !actor->killed) {
        actor->killed = true;
        sim_disturb(sim, sim->now);
        trace_add(&sim->trace, sim->now - SIM_EPOCH, "%s is killed", actor->name);
    }
    if (may_yield && !actor->killed && !sim->spanning && actor->nested == 0) {
        let_others_act(sim);
    }
    return sim->over || actor->killed ? ERR_UNAVAILABLE : ERR_OK;
}

static struct actor *whose_turn(struct sim *sim)
{
    struct actor *turn = NULL;
    size_t first = (size_t)dice_between(&sim->dice, 0, (int64_t)sim->actor_count - 1);
    for (size_t i = 0; i < sim->actor_count; i++) {
        struct actor *actor = &sim->actors[(first + i) % sim->actor_count];
        if (!actor->fiber.over && (turn == NULL || actor->wake_at < turn->wake_at)) {
            turn = actor;
        }
    }
    return turn;
}

static void resume(struct sim *sim, struct actor *actor)
{
    sim->acting = actor;
    fiber_resume(&actor->fiber);
    sim->acting = NULL;
}

// -- the end -------------------------------------------------------------------------------------

static void become_quiet(struct sim *sim)
{
    for (size_t f = 0; f < sim->fleet_count; f++) {
        struct fake_edge *fake = &sim->fleets[f];
        fake->away_until = 0;
        for (size_t p = 0; p < fake->count; p++) {
            fake->processes[p].away_until = 0;
            for (size_t z = 0; z < sim->zone_count; z++) {
                fake->processes[p].slots[z].foreign = false;
                fake->processes[p].slots[z].twin_at = 0;
            }
        }
        fake->disturbed = ++sim->moment;
    }
    sim_disturb(sim, sim->now);
    trace_add(&sim->trace, sim->now - SIM_EPOCH, "quiet");
}

static void go_home(struct sim *sim)
{
    sim->over = true;
    for (size_t i = 0; i < sim->actor_count; i++) {
        while (sim->actors[i].fiber.ctx != NULL && !sim->actors[i].fiber.over) {
            resume(sim, &sim->actors[i]);
        }
    }
    db_close(sim->observer);
    sim->observer = NULL;
}

// True when it is over: at rest, or late.
static bool settled(struct sim *sim, int64_t *rests_since)
{
    char words[256] = "";
    if (sim_troubled(sim)) {
        return false;
    }
    if (!law_rests(sim, words)) {
        *rests_since = sim->now;
    }
    if (sim->now > sim->end_at) {
        law_break(sim, "converges", "%s", words);
    }
    return sim->now - *rests_since > RESTED_S;
}

static void live(struct sim *sim)
{
    bool quiet = false;
    int64_t rests_since = sim->quiet_at;
    while (!sim->failed) {
        struct actor *actor = whose_turn(sim);
        advance(sim, actor->wake_at);
        if (!quiet && !sim_troubled(sim)) {
            quiet = true;
            become_quiet(sim);
        }
        if (sim->now - sim->watched_at >= SLOW_S) {
            sim->watched_at = sim->now;
            law_slow(sim);
        }
        if (sim->failed || settled(sim, &rests_since)) {
            return;
        }
        resume(sim, actor);
    }
}

bool sim_play(struct sim *sim, uint64_t seed, enum plant plant, FILE *trace)
{
    void *stacks[ACTORS_MAX];
    for (size_t i = 0; i < ACTORS_MAX; i++) {
        stacks[i] = sim->actors[i].fiber.stack;
    }
    *sim = (struct sim){.seed = seed, .plant = plant, .now = SIM_EPOCH, .calm_from = SIM_EPOCH};
    for (size_t i = 0; i < ACTORS_MAX; i++) {
        sim->actors[i].fiber.stack = stacks[i];
    }
    dice_seed(&sim->dice, seed);
    trace_begin(&sim->trace, trace);
    plant_enter(sim);
    bool ready = cast_world(sim);
    for (size_t i = 0; ready && i < sim->actor_count; i++) {
        ready = fiber_start(&sim->actors[i].fiber, actor_run, &sim->actors[i]);
    }
    if (ready) {
        live(sim);
    }
    if (!sim->failed) {
        law_histories(sim);
    }
    go_home(sim);
    return !sim->failed;
}
