// SPDX-License-Identifier: Apache-2.0
// What was decided, in the store. Many rollouts share a transaction; when that fails each gets its
// own, so that one row's trouble never holds the others.
#include <stdio.h>

#include "pipeline/controller.h"
#include "pipeline/world.h"

static struct rollout_event event_of(const struct work *work)
{
    return (struct rollout_event){.actor = work->actor,
                                  .state = work->rollout.state,
                                  .reason = work->rollout.reason,
                                  .share_bp = work->rollout.share_bp,
                                  .detail = work->detail};
}

enum err controller_begin(struct db *db, const struct zone *zone, enum mode to,
                          const struct rollout *before, const char *actor, const char *detail,
                          const struct controller_policy *policy, int64_t now, struct why *why)
{
    struct rollout made;
    bool changed = false;
    enum err e = before == NULL ? ERR_OK : world_origin_changed(&changed, db, zone, before, why);
    if (e != ERR_OK) {
        return e;
    }
    rollout_begin(&made, zone->id, zone->mode, to, before, changed, &policy->rollout, now);
    e = world_network(made.origin_net, db, zone, why);
    if (e != ERR_OK) {
        return e;
    }
    if (zone->opt_out_until > now) {
        made.tick_at = zone->opt_out_until;
    }
    const struct rollout_event event = {.actor = actor,
                                        .state = made.state,
                                        .reason = made.reason,
                                        .share_bp = made.share_bp,
                                        .detail = detail};
    return db_rollout_insert(db, &made, &event, why);
}

// -- records of their own transaction ------------------------------------------------------------

// The zone's mode is the new one, unless somebody set it, or the zone to custom, meanwhile.
static enum err record_mode(struct pass *pass, struct work *work, struct why *why)
{
    OWN(zone_own) struct zone *zone = NULL;
    enum err e = db_zone_get(pass->db, &zone, work->rollout.zone_id, why);
    if (e != ERR_OK) {
        return e;
    }
    bool there = zone->mode == work->rollout.to;
    if (zone->automatic != AUTOMATIC_AUTO || (!there && zone->mode != work->rollout.from)) {
        return why_set(why, ERR_CONFLICT, "the zone was changed meanwhile");
    }
    zone->mode = work->rollout.to;
    e = there ? ERR_OK : db_zone_update(pass->db, zone, why);
    if (e != ERR_OK) {
        return e;
    }
    char words[DETAIL_SIZE];
    (void)snprintf(words, sizeof words, "%s, was %s: rollout %lld is done",
                   mode_str(work->rollout.to), mode_str(work->rollout.from),
                   (long long)work->rollout.generation);
    const struct db_event event = {
        .zone_id = zone->id, .actor = CONTROLLER_ACTOR, .kind = "mode_changed", .detail = words};
    return there ? ERR_OK : db_event_add(pass->db, &event, why);
}

static enum err record_finish(struct pass *pass, struct work *work, struct why *why)
{
    bool dry = (work->fleet->can & EDGE_DRY) != 0;
    const struct rollout_event event = event_of(work);
    int64_t changed = 0;
    enum err e = dry ? ERR_OK : record_mode(pass, work, why);
    if (e == ERR_OK) {
        e = db_rollout_update(pass->db, &work->rollout, &event, why);
    }
    if (e == ERR_OK && !dry) {
        e = db_scan_request(pass->db, work->rollout.zone_id, &changed, why); // confirms it
    }
    return e;
}

static enum err record_again(struct pass *pass, struct work *work, struct why *why)
{
    int64_t now = 0;
    enum err e = db_now(pass->db, &now, why);
    if (e == ERR_OK) {
        e = db_rollout_update(pass->db, &work->rollout, NULL, why);
    }
    return e != ERR_OK ? e
                       : controller_begin(pass->db, work->zone, work->world.recommended,
                                          &work->rollout, CONTROLLER_ACTOR,
                                          "the cool-down is over and the recommendation stands",
                                          pass->policy, now, why);
}

// -- those that share ----------------------------------------------------------------------------

// The last look before more visitors come: the caps and the stop, within the transaction.
static enum err may_still(bool *out, struct pass *pass, struct work *work, bool stopped,
                          struct why *why)
{
    bool capped = false;
    enum err e = ERR_OK;
    if (work->capped_matters) {
        e = world_capped(&capped, pass->db, work->zone, &work->rollout, pass->policy, why);
    }
    *out = !capped && !stopped;
    return e;
}

static enum err record_one(struct pass *pass, struct work *work, bool stopped, struct why *why)
{
    const struct rollout_event event = event_of(work);
    bool may = true;
    enum err e = ERR_OK;
    switch (work->todo) {
    case TODO_LEAVE:
        return ERR_OK;
    case TODO_KEEP:
        e = db_rollout_update(pass->db, &work->rollout, NULL, why);
        break;
    case TODO_RAISE:
        e = may_still(&may, pass, work, stopped, why);
        if (e == ERR_OK && !may) {
            return why_set(why, ERR_CONFLICT, "stopped, or a cap was reached meanwhile");
        }
        e = e != ERR_OK ? e : db_rollout_update(pass->db, &work->rollout, &event, why);
        break;
    case TODO_MOVE:
        e = db_rollout_update(pass->db, &work->rollout, &event, why);
        break;
    case TODO_FINISH:
        e = stopped ? why_set(why, ERR_CONFLICT, "stopped meanwhile")
                    : record_finish(pass, work, why);
        break;
    case TODO_AGAIN:
        e = record_again(pass, work, why);
        break;
    }
    work->recorded = e == ERR_OK;
    return e;
}

// Records works[0..count) in one transaction. A conflict means that somebody else did it: it is
// left to the next pass, and only a work that writes once may be in company.
static enum err record_together(struct pass *pass, struct work *works, size_t count,
                                struct why *why)
{
    bool stopped = false;
    enum err e = db_begin(pass->db, why);
    if (e != ERR_OK) {
        return e;
    }
    e = db_stop_get(pass->db, &stopped, why);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        e = record_one(pass, &works[i], stopped, why);
        works[i].failed = e;
        if (count > 1 && e == ERR_CONFLICT) {
            e = ERR_OK;
        }
    }
    if (e != ERR_OK) {
        db_rollback(pass->db);
        return e;
    }
    return db_commit(pass->db, why);
}

static void take_back(struct work *works, const int64_t *versions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        works[i].recorded = false;
        works[i].rollout.version = versions[i];
    }
}

static void record_alone(struct pass *pass, struct work *work)
{
    struct why why = {0};
    int64_t version = work->rollout.version;
    enum err e = record_together(pass, work, 1, &why);
    work->failed = e;
    if (e != ERR_OK) {
        take_back(work, &version, 1);
    }
    if (e != ERR_OK && e != ERR_CONFLICT) {
        pass_trouble(pass, work, &why, e);
    }
}

static bool writes_once(const struct work *work)
{
    return work->todo != TODO_FINISH && work->todo != TODO_AGAIN;
}

enum {
    TOGETHER_MAX = 64
}; // others wait for the store meanwhile

void controller_record(struct pass *pass, struct work *works, size_t count)
{
    size_t at = 0;
    while (at < count) {
        size_t n = 0;
        int64_t versions[TOGETHER_MAX];
        while (at + n < count && n < TOGETHER_MAX && writes_once(&works[at + n])) {
            versions[n] = works[at + n].rollout.version;
            n++;
        }
        if (n == 0) {
            record_alone(pass, &works[at++]);
            continue;
        }
        struct why why = {0};
        if (record_together(pass, &works[at], n, &why) != ERR_OK) {
            take_back(&works[at], versions, n);
            for (size_t i = 0; i < n; i++) {
                record_alone(pass, &works[at + i]);
            }
        }
        at += n;
    }
}
