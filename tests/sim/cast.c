// SPDX-License-Identifier: Apache-2.0
// The seed's world: who is in it, and what will befall them.
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/law.h"

static double often(struct dice *dice, double p, double low, double high)
{
    return dice_chance(dice, p) ? low + (high - low) * dice_unit(dice) : 0;
}

static size_t some_steps(struct dice *dice, int steps[LIMIT_ROLLOUT_STEPS])
{
    size_t count = (size_t)dice_between(dice, 1, 4);
    int at = 0;
    for (size_t i = 0; i < count; i++) {
        at += (int)dice_between(dice, 1, (SHARE_ALL_BP - at) / (int)(count - i + 1));
        steps[i] = at;
    }
    steps[count] = SHARE_ALL_BP;
    return count + 1;
}

// The default times are days; those of a world are minutes, in the same proportions.
static void cast_policy(struct sim *sim)
{
    struct dice *dice = &sim->dice;
    sim->policy = controller_policy_default();
    struct rollout_policy *p = &sim->policy.rollout;
    if (!dice_chance(dice, 0.05)) {
        p->step_count = some_steps(dice, p->steps_bp);
        p->slow_step_count = some_steps(dice, p->slow_steps_bp);
    }
    p->dwell_s = dice_between(dice, 0, 30);
    p->slow_dwell_s = dice_between(dice, 0, 60);
    p->final_dwell_s = dice_between(dice, 0, 150);
    p->step_deadline_s = dice_between(dice, 200, 600);
    p->rollout_deadline_s = p->step_deadline_s + dice_between(dice, 300, 1200);
    p->idle_tick_s = dice_between(dice, 20, 120);
    p->tick_s = dice_between(dice, 5, 14);
    p->lease_s = 2 * p->tick_s + dice_between(dice, 1, 20);
    p->probe_requests = dice_between(dice, 3, 15);
    p->probes_carry_bp = dice_chance(dice, 0.3) ? (int)dice_between(dice, 0, 5000) : SHARE_ALL_BP;
    p->warm_up_s = dice_between(dice, 20, 120);
    p->fresh_s = dice_between(dice, 2000, 20000);
    if (dice_chance(dice, 0.5)) {
        p->excess = 0.2;
        p->min_requests = 30;
    }
    sim->policy.claim_s = dice_between(dice, 15, 25);
    sim->policy.max_per_network = dice_chance(dice, 0.3) ? 1 : 8;
    sim->policy.max_running = dice_chance(dice, 0.2) ? 2 : 200;
    sim->policy.max_per_account = dice_chance(dice, 0.2) ? 1 : 50;
    sim->policy.confirm = dice_chance(dice, 0.3);
    sim->policy.certificate_margin_s = 600;
    sim->policy.claim_max = dice_chance(dice, 0.2) ? 1 : 16;
    if (dice_chance(dice, 0.15)) {
        int64_t from = SIM_EPOCH + dice_between(dice, 0, 800);
        sim->policy.freezes[sim->policy.freeze_count++] =
            (struct freeze_window){true, from, from + dice_between(dice, 20, 300)};
    }
}

static void cast_origin(struct sim *sim, struct origin_life *life)
{
    struct dice *dice = &sim->dice;
    *life = (struct origin_life){.ill_from = SIM_EPOCH,
                                 .noise = often(dice, 0.3, 0, 0.02),
                                 .hits = often(dice, 0.5, 0, 0.9),
                                 .expires_at = SIM_EPOCH + 86400 * 365};
    if (dice_chance(dice, 0.5)) {
        life->ill = (enum ill)dice_between(dice, ILL_NONE + 1, ILL_COUNT - 1);
        life->part = dice_chance(dice, 0.6) ? 1 : 0.03 + 0.5 * dice_unit(dice);
        life->ill_from += dice_chance(dice, 0.5) ? dice_between(dice, 0, 700) : 0;
        life->share_from = dice_chance(dice, 0.3) ? (int)dice_between(dice, 1, 9000) : 0;
    }
    if (life->ill == ILL_EXPIRED) {
        life->expires_at = SIM_EPOCH + dice_between(dice, -100, 1500);
    }
    for (size_t i = 0; i < COUNT_OF(life->out_from); i++) {
        if (dice_chance(dice, 0.2)) {
            life->out_from[i] = SIM_EPOCH + dice_between(dice, 0, 900);
            life->out_until[i] = life->out_from[i] + dice_between(dice, 5, 200);
            life->out_by_errors = dice_chance(dice, 0.5);
        }
    }
}

static void cast_fleet(struct sim *sim, size_t at)
{
    struct dice *dice = &sim->dice;
    struct fake_edge *fake = &sim->fleets[at];
    unsigned can = EDGE_COUNTS | EDGE_LEASES | EDGE_FALLBACK | EDGE_PROBES | EDGE_STICKY;
    static const unsigned lacks[] = {EDGE_PROBES, EDGE_FALLBACK, EDGE_LEASES, EDGE_COUNTS};
    for (size_t i = 0; i < COUNT_OF(lacks); i++) {
        can &= dice_chance(dice, i == 3 ? 0.05 : 0.12) ? ~lacks[i] : ~0U;
    }
    can = dice_chance(dice, 0.04) ? (unsigned)EDGE_DRY : can;
    *fake = (struct fake_edge){.edge = {.driver = &fake_driver, .capabilities = can},
                               .sim = sim,
                               .count = (size_t)dice_between(dice, 1, PROCESSES_MAX)};
    (void)snprintf(fake->edge.name, sizeof fake->edge.name, "fleet%zu", at);
    fake->p_lost = often(dice, 0.3, 0, 0.2);
    fake->p_late = often(dice, 0.3, 0, 0.2);
    fake->p_twice = often(dice, 0.3, 0, 0.2);
    fake->p_part = often(dice, 0.3, 0, 0.1);
    fake->p_refused = often(dice, 0.3, 0, 0.2);
    for (size_t p = 0; p < fake->count; p++) {
        fake->processes[p].epoch = 1;
        fake->processes[p].skew_s = dice_between(dice, -2, 2);
    }
    sim->edges[at] = &fake->edge;
}

static void cast_zone(struct sim *sim, size_t at)
{
    struct dice *dice = &sim->dice;
    struct sim_zone *zone = &sim->zones[at];
    *zone = (struct sim_zone){.fleet = (size_t)dice_between(dice, 0, (int64_t)sim->fleet_count - 1),
                              .start = (enum mode)dice_between(dice, MODE_OFF, MODE_FULL)};
    static const double rates[] = {0, 0.05, 1, 10, 100, 10000};
    zone->rate =
        rates[dice_between(dice, 0, (int64_t)COUNT_OF(rates) - 1)] * (0.5 + dice_unit(dice) / 2);
    zone->best = (enum mode)dice_between(dice, zone->start + 1, MODE_STRICT);
    zone->best = dice_chance(dice, 0.7) ? MODE_STRICT : zone->best;
    (void)snprintf(zone->id, sizeof zone->id, "%032zx", at);
    (void)snprintf(zone->name, sizeof zone->name, "zone%zu.example", at);
    cast_origin(sim, &zone->origin);
    zone->shadow.mode = zone->start;
    zone->shadow.floor = zone->start;
    struct fake_edge *fake = &sim->fleets[zone->fleet];
    for (size_t p = 0; p < fake->count; p++) {
        fake->processes[p].slots[at].known = !dice_chance(dice, 0.1);
        fake->processes[p].slots[at].steady = zone->start;
    }
}

static enum err store_zone(struct db *db, const struct sim *sim, const struct sim_zone *known,
                           struct why *why)
{
    OWN(zone_own) struct zone *zone = zone_new();
    struct host *host = NULL;
    char address[32];
    if (zone == NULL) {
        return ERR_NOMEM;
    }
    (void)snprintf(address, sizeof address, "192.0.2.%d", (int)(known - sim->zones) + 1);
    memcpy(zone->id, known->id, sizeof zone->id);
    zone->name = strdup(known->name);
    free(zone->edge);
    zone->edge = strdup(sim->fleets[known->fleet].edge.name);
    zone->mode = known->start;
    enum err e = zone_add_host(&host, zone, span_of(known->name), why);
    e = e != ERR_OK ? e : host_add_origin(host, span_of(address), 80, 443, why);
    return e != ERR_OK ? e : db_zone_insert(db, zone, why);
}

static bool cast_store(struct sim *sim)
{
    struct why why = {0};
    (void)snprintf(sim->store, sizeof sim->store, "sim-%llu", (unsigned long long)sim->seed);
    enum err e = db_open_memory(&sim->observer, sim->store, &why);
    if (e == ERR_OK) {
        db_clock_set(sim->observer, sim->now);
    }
    for (size_t i = 0; e == ERR_OK && i < sim->zone_count; i++) {
        e = store_zone(sim->observer, sim, &sim->zones[i], &why);
    }
    if (e != ERR_OK) {
        law_break(sim, "store", "%s", why.text);
    }
    return e == ERR_OK;
}

static void cast_actor(struct sim *sim, enum role role, const char *name)
{
    struct actor *actor = &sim->actors[sim->actor_count++];
    struct fiber fiber = {.stack = actor->fiber.stack}; // kept from world to world
    *actor = (struct actor){.role = role, .sim = sim, .fiber = fiber, .kill_in = -1};
    actor->wake_at = sim->now + dice_between(&sim->dice, 0, 5);
    (void)snprintf(actor->name, sizeof actor->name, "%s", name);
}

bool cast_world(struct sim *sim)
{
    struct dice *dice = &sim->dice;
    struct why why = {0};
    cast_policy(sim);
    if (rollout_policy_check(&sim->policy.rollout, &why) != ERR_OK) {
        law_break(sim, "policy", "%s", why.text);
        return false;
    }
    sim->fleet_count = (size_t)(dice_chance(dice, 0.6) ? 1 : dice_between(dice, 2, FLEETS_MAX));
    sim->zone_count = (size_t)(dice_chance(dice, 0.8) ? dice_between(dice, 1, 3)
                                                      : dice_between(dice, 4, ZONES_MAX));
    for (size_t i = 0; i < sim->fleet_count; i++) {
        cast_fleet(sim, i);
    }
    for (size_t i = 0; i < sim->zone_count; i++) {
        cast_zone(sim, i);
    }
    sim->p_yield = often(dice, 0.7, 0, 0.3);
    sim->p_pause = often(dice, 0.4, 0, 0.003);
    sim->p_store = often(dice, 0.4, 0, 0.02);
    sim->p_kill = often(dice, 0.6, 0, 0.1);
    sim->p_accident = often(dice, 0.5, 0, 0.02);
    cast_actor(sim, ROLE_CONTROLLER, "one");
    if (dice_chance(dice, 0.5)) {
        cast_actor(sim, ROLE_CONTROLLER, "two");
    }
    cast_actor(sim, ROLE_OPERATOR, "operator");
    sim->meddles = dice_chance(dice, 0.6);
    cast_actor(sim, ROLE_SCANNER, "scanner");
    sim->quiet_at = sim->now + dice_between(dice, 100, 1200);
    sim->end_at = sim->quiet_at + 3600 +
                  (int64_t)sim->zone_count * 4 * (sim->policy.rollout.rollout_deadline_s + 600);
    return cast_store(sim);
}
