// SPDX-License-Identifier: Apache-2.0
// Those who act: controllers that die and come back, an operator with many wishes, a scanner.
#include <stdlib.h>

#include "tests/sim/law.h"

static void note(struct sim *sim, const char *what, const char *zone, enum err e)
{
    trace_add(&sim->trace, sim->now - SIM_EPOCH, "%s %s %s: %s",
              sim->acting == NULL ? "-" : sim->acting->name, what, zone, err_str(e));
}

static bool here_still(const struct actor *actor)
{
    return !actor->sim->over && !actor->killed;
}

static void begin(struct actor *actor, double p_kill, int64_t calls)
{
    struct sim *sim = actor->sim;
    actor->busy = true;
    actor->began = ++sim->moment;
    actor->kill_in = sim_troubled(sim) && dice_chance(&sim->dice, p_kill)
                         ? dice_between(&sim->dice, 0, calls)
                         : -1;
}

static void end(struct actor *actor)
{
    actor->busy = false;
    if (!actor->killed) {
        actor->kill_in = -1;
    }
}

// -- controllers ---------------------------------------------------------------------------------

static void one_pass(struct actor *actor, struct controller_sums *sums)
{
    struct sim *sim = actor->sim;
    struct why why = {0};
    begin(actor, sim->p_kill, 120);
    enum err e =
        controller_tick(actor->db, sim->edges, sim->fleet_count, &sim->policy, NULL, sums, &why);
    end(actor);
    if (e != ERR_OK && !actor->killed) {
        note(sim, "tick", "", e);
    }
}

static int64_t nap_of(struct sim *sim, const struct controller_sums *sums)
{
    int64_t nap = sums->next_at == 0 ? 20 : sums->next_at - sim->now;
    nap = nap > 20 ? 20 : nap < 1 ? 1 : nap;
    return nap + (dice_chance(&sim->dice, 0.1) ? 1 : 0);
}

static void controller_life(struct actor *actor)
{
    struct sim *sim = actor->sim;
    struct why why = {0};
    struct controller_sums sums = {0};
    begin(actor, sim->p_kill, 60);
    enum err e = controller_resync(actor->db, sim->edges, sim->fleet_count, false, &why);
    note(sim, "resync", "", e);
    end(actor);
    while (here_still(actor)) {
        one_pass(actor, &sums);
        if (here_still(actor)) {
            sim_sleep(sim, nap_of(sim, &sums));
        }
    }
}

// -- the operator --------------------------------------------------------------------------------

static struct sim_zone *some_zone(struct sim *sim)
{
    return &sim->zones[dice_between(&sim->dice, 0, (int64_t)sim->zone_count - 1)];
}

static void wish(struct actor *actor, struct sim_zone *zone, enum rollout_wish wish)
{
    struct sim *sim = actor->sim;
    struct why why = {0};
    enum err e = controller_wish(actor->db, sim->edges, sim->fleet_count, zone->id, wish, "cli:sim",
                                 "", &sim->policy, &why);
    note(sim, rollout_wish_str(wish), zone->name, e);
}

static enum err edit(struct actor *actor, const struct sim_zone *zone, struct why *why)
{
    struct sim *sim = actor->sim;
    OWN(zone_own) struct zone *stored = NULL;
    enum err e = db_zone_get(actor->db, &stored, zone->id, why);
    if (e != ERR_OK) {
        return e;
    }
    switch (dice_between(&sim->dice, 0, 4)) {
    case 0:
        stored->mode = (enum mode)dice_between(&sim->dice, MODE_OFF, MODE_STRICT);
        break;
    case 1:
        stored->automatic = AUTOMATIC_CUSTOM;
        break;
    case 2:
        stored->opt_out_until = sim->now + dice_between(&sim->dice, 1, 200);
        break;
    default:
        stored->automatic = AUTOMATIC_AUTO;
        break;
    }
    return db_zone_update(actor->db, stored, why);
}

static void stop(struct actor *actor)
{
    struct sim *sim = actor->sim;
    struct why why = {0};
    int64_t count = 0;
    enum err e = controller_stop_all(actor->db, sim->edges, sim->fleet_count, "cli:sim", "stop",
                                     &count, &sim->policy, &why);
    note(sim, "stop-all", "", e);
}

static void lift(struct actor *actor)
{
    struct why why = {0};
    note(actor->sim, "allow", "", db_stop_set(actor->db, false, "cli:sim", "go on", &why));
}

static void some_wish(struct actor *actor)
{
    static const enum rollout_wish wishes[] = {
        WISH_PAUSE, WISH_RESUME, WISH_RESUME,  WISH_PROMOTE, WISH_PROMOTE,
        WISH_RETRY, WISH_RETRY,  WISH_PROMOTE, WISH_ABORT,
    };
    struct sim *sim = actor->sim;
    struct sim_zone *zone = some_zone(sim);
    struct why why = {0};
    int64_t luck = dice_between(&sim->dice, 0, 99);
    if (luck < 60) {
        wish(actor, zone, wishes[dice_between(&sim->dice, 0, (int64_t)COUNT_OF(wishes) - 1)]);
    } else if (luck < 75) {
        note(sim, "start", zone->name,
             controller_start(actor->db, zone->id, MODE_NONE, "cli:sim", "", &sim->policy, &why));
    } else if (luck < 88) {
        note(sim, "edit", zone->name, edit(actor, zone, &why));
    } else if (luck < 93) {
        stop(actor);
    } else {
        lift(actor);
    }
}

// When failures have ended: what only a person can end, ends.
static void tidy(struct actor *actor)
{
    struct sim *sim = actor->sim;
    struct why why = {0};
    bool stopped = false;
    if (sim->foreigners) {
        enum err e = controller_resync(actor->db, sim->edges, sim->fleet_count, true, &why);
        note(sim, "resync", "", e);
        sim->foreigners = e != ERR_OK;
    }
    if (db_stop_get(actor->db, &stopped, &why) == ERR_OK && stopped) {
        lift(actor);
    }
    for (size_t i = 0; i < sim->zone_count && here_still(actor); i++) {
        if (sim->zones[i].shadow.row.paused) {
            wish(actor, &sim->zones[i], WISH_RESUME);
        }
    }
}

static void operator_life(struct actor *actor)
{
    struct sim *sim = actor->sim;
    while (here_still(actor)) {
        sim_sleep(sim, sim_troubled(sim) ? dice_between(&sim->dice, 5, 200) : 30);
        if (!here_still(actor)) {
            return;
        }
        if (sim_troubled(sim) && sim->meddles) {
            begin(actor, sim->p_kill * 3, 30);
            some_wish(actor);
            sim_disturb(sim, sim->now);
        } else if (!sim_troubled(sim)) {
            begin(actor, 0, 0);
            tidy(actor);
        }
        end(actor);
    }
}

// -- scans ---------------------------------------------------------------------------------------

static char *evidence_text(const struct sim_zone *zone, int64_t now)
{
    char address[] = "192.0.2.1";
    char host_name[] = "host";
    char subject[] = "CN=host";
    struct certificate certificate = {.subject = subject,
                                      .issuer = subject,
                                      .not_before = SIM_EPOCH - 86400,
                                      .not_after = zone->origin.expires_at,
                                      .strict_ok = true};
    struct origin_evidence origin = {
        .address = address, .certificate = &certificate, .http_port = 80, .https_port = 443};
    (void)snprintf(origin.resolved, sizeof origin.resolved, "192.0.2.1");
    struct host_evidence host = {
        .name = host_name, .weight = 1, .origins = &origin, .origin_count = 1};
    struct evidence evidence = {.scanned_at = now, .hosts = &host, .host_count = 1};
    memcpy(evidence.zone_id, zone->id, sizeof evidence.zone_id);
    json_t *json = evidence_to_json(&evidence);
    char *text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return text;
}

static void find(struct db_scan *scan, struct sim *sim, const struct sim_zone *known,
                 const struct zone *zone)
{
    int64_t luck = sim_troubled(sim) ? dice_between(&sim->dice, 0, 29) : 29;
    bool up = zone->mode < known->best && !origin_scan_fails(known, sim->now);
    *scan = (struct db_scan){.scanned_at = sim->now,
                             .mode_current = zone->mode,
                             .mode_recommended = up ? known->best : zone->mode,
                             .verdict = up ? VERDICT_UPGRADE : VERDICT_KEEP};
    if (luck == 0) { // nothing could be said
        scan->mode_recommended = MODE_NONE;
        scan->verdict = VERDICT_UNKNOWN;
    } else if (luck == 1) { // worse than it is
        scan->mode_recommended = zone->mode;
        scan->verdict = VERDICT_AT_RISK;
    } else if (luck == 2 && known->best == MODE_STRICT && zone->mode < MODE_FULL) {
        scan->mode_recommended = MODE_FULL; // one less than before
        scan->verdict = VERDICT_UPGRADE;
    }
    memcpy(scan->zone_id, zone->id, sizeof scan->zone_id);
    scan->next_scan_at = sim->now + dice_between(&sim->dice, 200, 4000);
}

static enum err record(struct actor *actor, const struct db_scan *scan,
                       const struct db_lease *lease, struct why *why)
{
    enum err e = db_begin(actor->db, why);
    if (e != ERR_OK) {
        return e;
    }
    e = db_scan_commit(actor->db, scan, lease->epoch, why);
    bool lost = e == ERR_CONFLICT; // its lease: whoever has it now records its own
    if (e == ERR_OK) {
        e = controller_scanned(actor->db, lease->zone, scan, &actor->sim->policy, why);
    }
    if (e != ERR_OK) {
        db_rollback(actor->db);
        return lost ? ERR_OK : e;
    }
    return db_commit(actor->db, why);
}

static void scan_one(struct actor *actor, const struct db_lease *lease)
{
    struct sim *sim = actor->sim;
    struct why why = {0};
    OWN(db_scan_done) struct db_scan scan = {0};
    const struct sim_zone *zone = sim_zone_of(sim, lease->zone->id);
    find(&scan, sim, zone, lease->zone);
    scan.evidence = evidence_text(zone, sim->now);
    scan.recommendation = strdup("{}");
    scan.policy = strdup("{}");
    if (scan.evidence != NULL && scan.recommendation != NULL && scan.policy != NULL) {
        enum err e = record(actor, &scan, lease, &why);
        trace_add(&sim->trace, sim->now - SIM_EPOCH, "%s %s: has %s, recommended %s: %s",
                  actor->name, zone->name, mode_str(scan.mode_current),
                  mode_str(scan.mode_recommended), err_str(e));
    }
}

static void scanner_life(struct actor *actor)
{
    struct sim *sim = actor->sim;
    while (here_still(actor)) {
        struct db_lease leases[ZONES_MAX];
        struct why why = {0};
        size_t count = 0;
        begin(actor, sim->p_kill, 40);
        (void)db_claim(actor->db, "scanner", 60, ZONES_MAX, leases, &count, &why);
        for (size_t i = 0; i < count; i++) {
            scan_one(actor, &leases[i]);
            zone_free(leases[i].zone);
        }
        end(actor);
        if (here_still(actor)) {
            sim_sleep(sim, dice_between(&sim->dice, 10, 40));
        }
    }
}

// -- a life after the other ----------------------------------------------------------------------

void actor_run(void *ctx)
{
    struct actor *actor = ctx;
    struct sim *sim = actor->sim;
    while (!sim->over) {
        struct why why = {0};
        if (door_open(&actor->db, sim, &why) != ERR_OK) {
            law_break(sim, "store", "%s", why.text);
            return;
        }
        switch (actor->role) {
        case ROLE_CONTROLLER:
            controller_life(actor);
            break;
        case ROLE_OPERATOR:
            operator_life(actor);
            break;
        case ROLE_SCANNER:
            scanner_life(actor);
            break;
        }
        db_close(actor->db);
        actor->db = NULL;
        actor->busy = false;
        if (sim->over) {
            return;
        }
        trace_add(&sim->trace, sim->now - SIM_EPOCH, "%s died", actor->name);
        actor->killed = false;
        actor->kill_in = -1;
        int64_t rest = dice_between(&sim->dice, 0, 3) == 0 ? dice_between(&sim->dice, 30, 200)
                                                           : dice_between(&sim->dice, 0, 8);
        sim_disturb(sim, sim->now + rest);
        sim_sleep(sim, rest);
    }
}

// -- accidents -----------------------------------------------------------------------------------

void actor_accident(struct sim *sim)
{
    struct fake_edge *fake =
        &sim->fleets[dice_between(&sim->dice, 0, (int64_t)sim->fleet_count - 1)];
    size_t at = (size_t)dice_between(&sim->dice, 0, (int64_t)fake->count - 1);
    struct process *process = &fake->processes[at];
    size_t z = (size_t)dice_between(&sim->dice, 0, (int64_t)sim->zone_count - 1);
    struct slot *slot = &process->slots[z];
    const char *what = "";
    switch (dice_between(&sim->dice, 0, 7)) {
    case 0:
        fake->away_until = sim->now + dice_between(&sim->dice, 2, 90);
        what = "away";
        break;
    case 1:
    case 2:
        process->away_until = sim->now + dice_between(&sim->dice, 2, 90);
        what = "process away";
        break;
    case 3:
        slot->foreign = !slot->foreign;
        sim->foreigners = true;
        slot->ramp = (struct ramp){0};
        slot->twin_at = 0;
        what = slot->foreign ? "foreign" : "foreign no more";
        break;
    default:
        fake_restart(fake, at);
        what = "restarted";
        break;
    }
    fake->disturbed = ++sim->moment;
    sim_disturb(sim, sim->now);
    trace_add(&sim->trace, sim->now - SIM_EPOCH, "edge %s.%zu: %s", fake->edge.name, at, what);
}
