// SPDX-License-Identifier: Apache-2.0
// The store as those in the world see it: SQLite, with a clock that stands, calls that fail, calls
// at which others act, and an observer behind every commit.
#include "db/sqlite/sqlite.h"
#include "tests/sim/law.h"

// A handle is a struct db and nothing else is told to a backend: the world that it belongs to.
static struct sim *here;

static enum err enter(struct db *db, struct why *why)
{
    struct sim *sim = here;
    enum err e = sim_point(sim, true);
    db->clock_s = sim->now;
    if (e != ERR_OK) {
        return why_set(why, e, "killed");
    }
    if (sim->acting != NULL && sim_troubled(sim) && dice_chance(&sim->dice, sim->p_store)) {
        static const enum err errors[] = {ERR_BUSY, ERR_IO, ERR_FULL, ERR_UNAVAILABLE};
        e = errors[dice_between(&sim->dice, 0, (int64_t)COUNT_OF(errors) - 1)];
        sim_disturb(sim, sim->now);
        return why_set(why, e, "the store fails");
    }
    return ERR_OK;
}

static void forget_writes(struct sim *sim)
{
    for (size_t i = 0; i < sim->zone_count; i++) {
        sim->zones[i].dirty = false;
        sim->zones[i].zone_dirty = false;
    }
}

// After a write that succeeded.
static void written(struct sim *sim)
{
    if (!sim->spanning) {
        law_committed(sim);
    }
}

static void nest(int by)
{
    if (here->acting != NULL) {
        here->acting->nested += by;
    }
}

// -- transactions --------------------------------------------------------------------------------

static enum err door_now(struct db *db, int64_t *out, struct why *why)
{
    enum err e = enter(db, why);
    return e != ERR_OK ? e : sqlite_backend.now(db, out, why);
}

static enum err door_begin(struct db *db, struct why *why)
{
    enum err e = enter(db, why);
    e = e != ERR_OK ? e : sqlite_backend.begin(db, why);
    here->spanning = e == ERR_OK;
    return e;
}

static void door_rollback(struct db *db)
{
    sqlite_backend.rollback(db);
    here->spanning = false;
    forget_writes(here);
}

static enum err door_commit(struct db *db, struct why *why)
{
    enum err e = enter(db, why);
    if (e != ERR_OK) {
        door_rollback(db);
        return e;
    }
    e = sqlite_backend.commit(db, why);
    here->spanning = false;
    if (e == ERR_OK) {
        law_committed(here);
    } else {
        forget_writes(here);
    }
    return e;
}

// -- zones and scans -----------------------------------------------------------------------------

static enum err door_zone_insert(struct db *db, const struct zone *zone, struct why *why)
{
    enum err e = enter(db, why);
    return e != ERR_OK ? e : sqlite_backend.zone_insert(db, zone, why);
}

static enum err door_zone_update(struct db *db, const struct zone *zone, struct why *why)
{
    enum err e = enter(db, why);
    struct zone changed = *zone; // its strings and hosts are lent
    if (here->plant == PLANT_STORE_BELOW && here->acting != NULL &&
        here->acting->role == ROLE_CONTROLLER && changed.mode > MODE_FLEXIBLE) {
        changed.mode = MODE_FLEXIBLE;
    }
    e = e != ERR_OK ? e : sqlite_backend.zone_update(db, &changed, why);
    if (e == ERR_OK) {
        sim_zone_of(here, zone->id)->zone_dirty = true;
        written(here);
    }
    return e;
}

static enum err door_zone_get(struct db *db, struct zone **out, const char *name, struct why *why)
{
    enum err e = enter(db, why);
    return e != ERR_OK ? e : sqlite_backend.zone_get(db, out, name, why);
}

static enum err door_zone_each(struct db *db, const struct db_filter *filter,
                               enum err (*each)(void *ctx, const struct zone *zone), void *ctx,
                               struct why *why)
{
    enum err e = enter(db, why);
    nest(1);
    e = e != ERR_OK ? e : sqlite_backend.zone_each(db, filter, each, ctx, why);
    nest(-1);
    return e;
}

static enum err door_scan_request(struct db *db, const char *id, int64_t *changed, struct why *why)
{
    enum err e = enter(db, why);
    return e != ERR_OK ? e : sqlite_backend.scan_request(db, id, changed, why);
}

static enum err door_claim(struct db *db, const char *owner, int64_t lease_s, size_t max,
                           struct db_lease *out, size_t *count, struct why *why)
{
    enum err e = enter(db, why);
    return e != ERR_OK ? e : sqlite_backend.claim(db, owner, lease_s, max, out, count, why);
}

static enum err door_scan_commit(struct db *db, const struct db_scan *scan, int64_t epoch,
                                 struct why *why)
{
    enum err e = enter(db, why);
    return e != ERR_OK ? e : sqlite_backend.scan_commit(db, scan, epoch, why);
}

static enum err door_scan_current(struct db *db, const char *zone_id, struct db_scan *out,
                                  struct why *why)
{
    enum err e = enter(db, why);
    return e != ERR_OK ? e : sqlite_backend.scan_current(db, zone_id, out, why);
}

static enum err door_scan_history(struct db *db, const char *zone_id, size_t limit,
                                  enum err (*each)(void *ctx, const struct db_scan *scan),
                                  void *ctx, struct why *why)
{
    enum err e = enter(db, why);
    nest(1);
    e = e != ERR_OK ? e : sqlite_backend.scan_history(db, zone_id, limit, each, ctx, why);
    nest(-1);
    return e;
}

static enum err door_event_add(struct db *db, const struct db_event *event, struct why *why)
{
    enum err e = enter(db, why);
    return e != ERR_OK ? e : sqlite_backend.event_add(db, event, why);
}

// -- rollouts ------------------------------------------------------------------------------------

static enum err door_rollout_insert(struct db *db, struct rollout *rollout,
                                    const struct rollout_event *event, struct why *why)
{
    enum err e = enter(db, why);
    e = e != ERR_OK ? e : sqlite_backend.rollout_insert(db, rollout, event, why);
    if (e == ERR_OK) {
        sim_zone_of(here, rollout->zone_id)->dirty = true;
        written(here);
    }
    return e;
}

// What planted bugs make of a write.
static void spoil(struct rollout *rollout, const struct rollout_event **event,
                  struct rollout_event *made)
{
    const struct rollout *stored = &sim_zone_of(here, rollout->zone_id)->shadow.row;
    if (here->plant == PLANT_LOST && rollout_active(rollout) && rollout->step == 1) {
        rollout->tick_at = 0;
    } else if (here->plant == PLANT_FORCED && stored->generation == rollout->generation) {
        rollout->version = stored->version;
    } else if (here->plant == PLANT_TALK && *event == NULL && rollout->step == 1) {
        *made = (struct rollout_event){.actor = "controller",
                                       .state = rollout->state,
                                       .reason = rollout->reason,
                                       .share_bp = rollout->share_bp,
                                       .detail = "nothing"};
        *event = made;
    }
}

// What the store itself refuses has to be helped. Everything is of one version of a rollout.
static void spoil_stored(struct db *db, const struct rollout *rollout, const char *change)
{
    char sql[256];
    (void)snprintf(sql, sizeof sql,
                   "%s WHERE zone_id = '%s' AND generation = %lld AND version = %lld", change,
                   rollout->zone_id, (long long)rollout->generation, (long long)rollout->version);
    (void)sqlite3_exec(sqlite_of(db)->handle, sql, NULL, NULL, NULL);
}

static void begin_second(struct db *db, const struct rollout *rollout)
{
    struct why why = {0};
    struct rollout second;
    const struct rollout_event event = {.actor = "controller", .detail = "another one"};
    rollout_begin(&second, rollout->zone_id, rollout->from, rollout->to, rollout, false,
                  &here->policy.rollout, here->now);
    spoil_stored(db, rollout, "UPDATE rollouts SET state = 'done', tick_at = NULL");
    (void)sqlite_backend.rollout_insert(db, &second, &event, &why);
}

// What planted bugs make of a write that was stored.
static void spoil_after(struct db *db, const struct rollout *rollout)
{
    if (here->plant == PLANT_MUTE && rollout->state == ROLLOUT_HOLDING) {
        spoil_stored(db, rollout, "DELETE FROM rollout_events");
    } else if (here->plant == PLANT_LEAP && rollout->step == 1) {
        spoil_stored(db, rollout, "UPDATE rollouts SET version = version + 1");
    } else if (here->plant == PLANT_NEGATIVE && rollout->step == 1) {
        spoil_stored(db, rollout, "UPDATE rollouts SET paused = 1 - paused");
    } else if (here->plant == PLANT_SECOND && rollout->state == ROLLOUT_HOLDING) {
        begin_second(db, rollout);
    }
}

static enum err door_rollout_update(struct db *db, struct rollout *rollout,
                                    const struct rollout_event *event, struct why *why)
{
    struct rollout_event made;
    enum err e = enter(db, why);
    spoil(rollout, &event, &made);
    e = e != ERR_OK ? e : sqlite_backend.rollout_update(db, rollout, event, why);
    if (e == ERR_OK) {
        spoil_after(db, rollout);
        sim_zone_of(here, rollout->zone_id)->dirty = true;
        written(here);
    }
    return e;
}

static enum err door_rollout_get(struct db *db, const char *zone_id, struct rollout *out,
                                 struct why *why)
{
    enum err e = enter(db, why);
    return e != ERR_OK ? e : sqlite_backend.rollout_get(db, zone_id, out, why);
}

static enum err door_rollout_claim(struct db *db, const char *owner, int64_t claim_s, size_t max,
                                   struct rollout *out, size_t *count, struct why *why)
{
    enum err e = enter(db, why);
    return e != ERR_OK ? e : sqlite_backend.rollout_claim(db, owner, claim_s, max, out, count, why);
}

static enum err door_rollout_next(struct db *db, int64_t *at, struct why *why)
{
    enum err e = enter(db, why);
    return e != ERR_OK ? e : sqlite_backend.rollout_next(db, at, why);
}

static enum err door_rollout_each(struct db *db, const struct db_rollout_filter *filter,
                                  enum err (*each)(void *ctx, const struct zone *zone,
                                                   const struct rollout *rollout),
                                  void *ctx, struct why *why)
{
    enum err e = enter(db, why);
    nest(1);
    e = e != ERR_OK ? e : sqlite_backend.rollout_each(db, filter, each, ctx, why);
    nest(-1);
    return e;
}

static enum err door_rollout_count(struct db *db, const struct db_rollout_filter *filter,
                                   int64_t *out, struct why *why)
{
    enum err e = enter(db, why);
    return e != ERR_OK ? e : sqlite_backend.rollout_count(db, filter, out, why);
}

static enum err door_stop_set(struct db *db, bool stop, const char *actor, const char *detail,
                              struct why *why)
{
    enum err e = enter(db, why);
    e = e != ERR_OK ? e : sqlite_backend.stop_set(db, stop, actor, detail, why);
    here->stopped = e == ERR_OK ? stop : here->stopped;
    return e;
}

static enum err door_stop_get(struct db *db, bool *stopped, struct why *why)
{
    enum err e = enter(db, why);
    e = e != ERR_OK ? e : sqlite_backend.stop_get(db, stopped, why);
    if (e == ERR_OK && here->plant == PLANT_DEAF) {
        *stopped = false;
    }
    return e;
}

static void door_close(struct db *db)
{
    sqlite_backend.close(db);
}

static const struct db_backend door = {
    .scheme = "sim",
    .close = door_close,
    .now = door_now,
    .begin = door_begin,
    .commit = door_commit,
    .rollback = door_rollback,
    .zone_insert = door_zone_insert,
    .zone_update = door_zone_update,
    .zone_get = door_zone_get,
    .zone_each = door_zone_each,
    .scan_request = door_scan_request,
    .claim = door_claim,
    .scan_commit = door_scan_commit,
    .scan_current = door_scan_current,
    .scan_history = door_scan_history,
    .event_add = door_event_add,
    .rollout_insert = door_rollout_insert,
    .rollout_update = door_rollout_update,
    .rollout_get = door_rollout_get,
    .rollout_claim = door_rollout_claim,
    .rollout_next = door_rollout_next,
    .rollout_each = door_rollout_each,
    .rollout_count = door_rollout_count,
    .stop_set = door_stop_set,
    .stop_get = door_stop_get,
};

enum err door_open(struct db **out, struct sim *sim, struct why *why)
{
    here = sim;
    enum err e = db_open_memory(out, sim->store, why);
    if (e == ERR_OK) {
        (*out)->calls = &door;
        db_clock_set(*out, sim->now);
    }
    return e;
}
