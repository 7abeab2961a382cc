// SPDX-License-Identifier: Apache-2.0
// What begins, steers and ends rollouts from outside a tick: finished scans, and the operator.
#include <stdio.h>
#include <stdlib.h>

#include "core/str.h"
#include "core/time.h"
#include "pipeline/controller.h"
#include "pipeline/world.h"

enum {
    TRIES = 5
}; // a controller that writes the same row at the same time wins at most so often

static bool is_over(enum rollout_state state)
{
    return state == ROLLOUT_DONE || state == ROLLOUT_COOLDOWN;
}

// The zone's newest attempt; *out is false where there was none.
static enum err newest(bool *out, struct rollout *rollout, struct db *db, const char *zone_id,
                       struct why *why)
{
    struct why ignored = {0};
    enum err e = db_rollout_get(db, zone_id, rollout, &ignored);
    *out = e == ERR_OK;
    return e == ERR_OK || e == ERR_NOT_FOUND ? ERR_OK : why_set(why, e, "%s", ignored.text);
}

// -- after a scan --------------------------------------------------------------------------------

// A claim that this takes from a controller in work costs it a conflict, and a look at the new
// scan.
static enum err look_now(struct db *db, struct rollout *rollout, int64_t now, struct why *why)
{
    rollout->tick_at = now;
    enum err e = db_rollout_update(db, rollout, NULL, why);
    return e == ERR_CONFLICT ? ERR_OK : e;
}

static enum err may_begin(bool *out, struct db *db, const struct zone *zone,
                          const struct rollout *before, int64_t now, struct why *why)
{
    *out = true;
    if (before == NULL || before->state != ROLLOUT_COOLDOWN || before->cooldown_until <= now) {
        return ERR_OK;
    }
    return world_origin_changed(out, db, zone, before, why);
}

enum err controller_scanned(struct db *db, const struct zone *zone, const struct db_scan *scan,
                            const struct controller_policy *policy, struct why *why)
{
    struct rollout before;
    OWN(zone_own) struct zone *fresh = NULL;
    bool there = false;
    bool may = false;
    int64_t now = 0;
    enum err e = newest(&there, &before, db, zone->id, why);
    if (e == ERR_OK) {
        e = db_now(db, &now, why);
    }
    if (e != ERR_OK || (there && !is_over(before.state))) {
        return e != ERR_OK ? e : look_now(db, &before, now, why);
    }
    e = db_zone_get(db, &fresh, zone->id, why);
    if (e != ERR_OK || fresh->automatic != AUTOMATIC_AUTO || scan->verdict != VERDICT_UPGRADE ||
        scan->mode_recommended <= fresh->mode) {
        return e;
    }
    e = may_begin(&may, db, fresh, there ? &before : NULL, now, why);
    if (e == ERR_OK && may) {
        e = controller_begin(db, fresh, scan->mode_recommended, there ? &before : NULL,
                             CONTROLLER_ACTOR, "a scan recommends it", policy, now, why);
    }
    return e == ERR_EXISTS ? ERR_OK : e;
}

// -- start ---------------------------------------------------------------------------------------

static enum err refuse_active(const struct rollout *rollout, struct why *why)
{
    return why_set(why, ERR_EXISTS, "a rollout from %s to %s is under way (%s)",
                   mode_str(rollout->from), mode_str(rollout->to),
                   rollout_state_str(rollout->state));
}

static enum err refuse_cooling(const struct rollout *rollout, struct why *why)
{
    char until[TIME_TEXT_SIZE];
    return why_set(why, ERR_DENIED,
                   "the last rollout went back (%s) and rests until %s; `sslauto rollout retry` "
                   "ends that",
                   rollout_reason_str(rollout->reason), time_print(until, rollout->cooldown_until));
}

static enum err check_target(enum mode *to, const struct zone *zone,
                             const struct rollout_world *world, struct why *why)
{
    enum mode wanted = *to == MODE_NONE ? world->recommended : *to;
    if (zone->automatic != AUTOMATIC_AUTO) {
        return why_set(why, ERR_DENIED, "zone %s is set to custom: its mode is the operator's own",
                       zone->name);
    }
    if (world->recommended == MODE_NONE) {
        return why_set(why, ERR_DENIED,
                       "nothing is known about zone %s yet; `sslauto scan %s` looks", zone->name,
                       zone->name);
    }
    if (wanted <= zone->mode) {
        return why_set(why, ERR_INVALID, "zone %s has %s, which is not below %s", zone->name,
                       mode_str(zone->mode), mode_str(wanted));
    }
    if (wanted > world->recommended) {
        return why_set(why, ERR_DENIED,
                       "%s is recommended for zone %s, not %s; `sslauto explain %s` says why",
                       mode_str(world->recommended), zone->name, mode_str(wanted), zone->name);
    }
    *to = wanted;
    return ERR_OK;
}

static enum err start(struct db *db, const char *name, enum mode to, const char *actor,
                      const char *words, const struct controller_policy *policy, struct why *why)
{
    OWN(zone_own) struct zone *zone = NULL;
    struct rollout before;
    struct rollout_world world = {0};
    bool there = false;
    int64_t now = 0;
    enum err e = db_zone_get(db, &zone, name, why);
    if (e == ERR_OK) {
        e = db_now(db, &now, why);
    }
    if (e == ERR_OK) {
        e = newest(&there, &before, db, zone->id, why);
    }
    if (e == ERR_OK && there && !is_over(before.state)) {
        e = refuse_active(&before, why);
    }
    if (e == ERR_OK && there && before.state == ROLLOUT_COOLDOWN && before.cooldown_until > now) {
        e = refuse_cooling(&before, why);
    }
    if (e == ERR_OK) {
        e = world_read(&world, db, zone, to, policy->confirm, now, why);
    }
    if (e == ERR_OK) {
        e = check_target(&to, zone, &world, why);
    }
    return e != ERR_OK ? e
                       : controller_begin(db, zone, to, there ? &before : NULL, actor, words,
                                          policy, now, why);
}

enum err controller_start(struct db *db, const char *zone, enum mode to, const char *actor,
                          const char *words, const struct controller_policy *policy,
                          struct why *why)
{
    char told[DETAIL_SIZE];
    bool said = words != NULL && words[0] != '\0';
    (void)str_printable(told, sizeof told, span_of(said ? words : "started by the operator"));
    enum err e = db_begin(db, why);
    if (e != ERR_OK) {
        return e;
    }
    e = start(db, zone, to, actor, told, policy, why);
    if (e != ERR_OK) {
        db_rollback(db);
        return e;
    }
    return db_commit(db, why);
}

// -- wishes --------------------------------------------------------------------------------------

struct wishing {
    struct db *db;
    struct edge *const *edges;
    size_t edge_count;
    enum rollout_wish wish;
    const char *actor;
    char words[DETAIL_SIZE];
    const struct controller_policy *policy;
};

// The rest ends: the old attempt is never looked at again, the new one at once.
static enum err retry(const struct wishing *w, const struct zone *zone, struct rollout *rollout,
                      const struct rollout_action *action, int64_t now, struct why *why)
{
    struct rollout_world world = {0};
    enum mode to = MODE_NONE;
    enum err e = world_read(&world, w->db, zone, rollout->to, w->policy->confirm, now, why);
    if (e == ERR_OK) {
        e = check_target(&to, zone, &world, why);
    }
    if (e == ERR_OK) {
        rollout_enter(rollout, action, &w->policy->rollout, now);
        rollout->tick_at = 0;
        const struct rollout_event event = {.actor = w->actor,
                                            .state = rollout->state,
                                            .reason = rollout->reason,
                                            .share_bp = rollout->share_bp,
                                            .detail = w->words};
        e = db_rollout_update(w->db, rollout, &event, why);
    }
    return e != ERR_OK ? e
                       : controller_begin(w->db, zone, to, rollout, w->actor, w->words, w->policy,
                                          now, why);
}

static enum err retry_together(const struct wishing *w, const struct zone *zone,
                               struct rollout *rollout, const struct rollout_action *action,
                               int64_t now, struct why *why)
{
    enum err e = db_begin(w->db, why);
    if (e != ERR_OK) {
        return e;
    }
    e = retry(w, zone, rollout, action, now, why);
    if (e != ERR_OK) {
        db_rollback(w->db);
        return e;
    }
    return db_commit(w->db, why);
}

struct heard {
    struct why words; // of the first trouble
};

static void hear(void *ctx, const struct zone *zone, const char *words)
{
    struct heard *heard = ctx;
    (void)zone;
    if (heard->words.text[0] == '\0') {
        (void)why_set(&heard->words, ERR_IO, "%s", words);
    }
}

// What was wished, was it done?
static enum err answer(const struct work *work, const struct heard *heard,
                       const struct rollout_action *action, struct why *why)
{
    if (!work->recorded) {
        return work->failed == ERR_OK
                   ? ERR_CONFLICT
                   : why_set(why, work->failed, "%s", why_text(&heard->words, work->failed));
    }
    if (action->deed == DEED_FINISH && work->rollout.state != ROLLOUT_DONE) {
        return why_set(why, ERR_UNAVAILABLE, "the edge has not taken the mode yet: %s",
                       heard->words.text);
    }
    bool edge = action->deed == DEED_BACK || action->deed == DEED_MOVE;
    return edge && heard->words.text[0] != '\0'
               ? why_set(why, ERR_UNAVAILABLE,
                         "recorded, and tried again until the edge does it: %s", heard->words.text)
               : ERR_OK;
}

// One pass for one rollout, with the operator's action.
static enum err steer(const struct wishing *w, struct work *work, int64_t now, struct why *why)
{
    struct heard heard = {0};
    struct controller_sums sums = {0};
    const struct controller_watch watch = {.trouble = hear, .ctx = &heard};
    const struct rollout_action action = work->action;
    struct pass pass = {.db = w->db,
                        .policy = w->policy,
                        .dry = w->policy->rollout,
                        .watch = &watch,
                        .sums = &sums,
                        .fleet_count = w->edge_count,
                        .claimed_at = now};
    enum err e = pass_begin(&pass, w->edges, why);
    if (e == ERR_OK) {
        controller_carry(&pass, work, now);
        controller_record(&pass, work, 1);
        bool recorded = work->recorded;
        if (recorded && work->todo == TODO_RAISE && controller_raise(&pass, work)) {
            work->todo = TODO_KEEP;
            controller_record(&pass, work, 1);
            work->recorded = recorded;
        }
        e = answer(work, &heard, &action, why);
    }
    pass_end(&pass);
    return e;
}

static enum err wish_once(const struct wishing *w, const char *name, struct why *why)
{
    struct work work = {.actor = w->actor};
    OWN(zone_own) struct zone *zone = NULL;
    int64_t now = 0;
    enum err e = db_zone_get(w->db, &zone, name, why);
    if (e == ERR_OK) {
        e = db_rollout_get(w->db, zone->id, &work.rollout, why);
        e = e != ERR_NOT_FOUND ? e : why_set(why, e, "%s has had no rollout yet", zone->name);
    }
    if (e == ERR_OK) {
        e = db_now(w->db, &now, why);
    }
    if (e == ERR_OK) {
        e = rollout_wish(&work.action, &work.rollout, w->wish, &w->policy->rollout, now, why);
    }
    if (e != ERR_OK) {
        return e;
    }
    if (w->wish == WISH_RETRY) {
        return retry_together(w, zone, &work.rollout, &work.action, now, why);
    }
    work.zone = zone; // stays ours
    memcpy(work.detail, w->words, sizeof work.detail);
    return steer(w, &work, now, why);
}

enum err controller_wish(struct db *db, struct edge *const *edges, size_t edge_count,
                         const char *zone, enum rollout_wish wish, const char *actor,
                         const char *words, const struct controller_policy *policy, struct why *why)
{
    struct wishing w = {.db = db,
                        .edges = edges,
                        .edge_count = edge_count,
                        .wish = wish,
                        .actor = actor,
                        .policy = policy};
    bool told = words != NULL && words[0] != '\0';
    (void)str_printable(w.words, sizeof w.words, span_of(told ? words : rollout_wish_str(wish)));
    enum err e = ERR_CONFLICT;
    for (int i = 0; i < TRIES && e == ERR_CONFLICT; i++) {
        e = wish_once(&w, zone, why);
    }
    return e;
}
