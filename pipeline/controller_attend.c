// SPDX-License-Identifier: Apache-2.0
// One claimed rollout: what is, what that means, what goes before the record.
#include <stdio.h>

#include "pipeline/controller.h"
#include "pipeline/world.h"

static bool on_the_way(enum rollout_state state)
{
    return state >= ROLLOUT_PREFLIGHT && state <= ROLLOUT_FINALISING;
}

static bool fleet_can(const struct work *work, unsigned capability)
{
    return work->fleet != NULL && (work->fleet->can & capability) != 0;
}

// -- what the edge has ---------------------------------------------------------------------------

static struct fleet *fleet_of(struct pass *pass, const struct zone *zone)
{
    for (size_t i = 0; i < pass->fleet_count; i++) {
        if (strcmp(edge_name(pass->fleets[i].edge), zone->edge) == 0) {
            return &pass->fleets[i];
        }
    }
    return NULL;
}

static void look(struct pass *pass, struct work *work)
{
    struct why why = {0};
    work->view = (struct hand_view){.lease_left_s = INT64_MAX};
    if (work->fleet == NULL) {
        pass_trouble(pass, work, &why,
                     why_set(&why, ERR_NOT_FOUND,
                             "edge \"%.31s\" is not configured, or could not be opened",
                             work->zone->edge));
        return;
    }
    if (fleet_can(work, EDGE_DRY)) { // nothing there can differ
        work->view.answered = true;
        work->view.agrees = true;
        work->view.share_bp = work->rollout.share_bp;
        work->view.settled = true;
        return;
    }
    if (work->fleet->away) {
        return;
    }
    enum err e = hand_look(&work->view, work->fleet, work->zone, &work->rollout, &why);
    if (e != ERR_OK) {
        pass_trouble(pass, work, &why, e);
    }
}

// Nobody has written the row since. Another controller, or the operator, may have taken it back.
static bool unchanged(struct pass *pass, const struct work *work)
{
    struct rollout stored;
    struct why why = {0};
    enum err e = db_rollout_get(pass->db, work->rollout.zone_id, &stored, &why);
    return e == ERR_OK && stored.generation == work->rollout.generation &&
           stored.version == work->rollout.version;
}

// An edge that answers and takes no change is as good as one that is silent.
static void note_refused(struct work *work)
{
    work->rollout.lost_ticks = work->lost_before + 1;
}

// Puts what the row says. A raise needs eyes: without telemetry nothing is raised, also not again.
static void put_committed(struct pass *pass, struct work *work)
{
    struct why why = {0};
    struct edge_want want = hand_want(&work->rollout, work->zone, pass->policy->rollout.lease_s);
    if (want.share_bp > 0 &&
        (work->view.foreign || !unchanged(pass, work) || !pass_claim_holds(pass))) {
        return;
    }
    enum err e = hand_put(work->fleet, &want, &pass->sums->apply, &why);
    if (e != ERR_OK) {
        pass_trouble(pass, work, &why, e);
        note_refused(work);
    }
    controller_mend(pass, work, want.share_bp > 0);
}

// After going back the edge shall have the old mode for good before the rollout rests. Another
// one's value stops the process that has it, and no other.
static void settle_back(struct pass *pass, struct work *work)
{
    if (work->rollout.state == ROLLOUT_ROLLED_BACK && work->view.answered && !work->view.agrees) {
        put_committed(pass, work);
        look(pass, work);
    }
}

// What it counted, in the rollout and its tests. False: not known this time.
static bool count(struct pass *pass, struct work *work, int64_t now)
{
    struct why why = {0};
    struct rollout_counts fresh = {0};
    enum err e = ERR_OK;
    if (!work->view.answered || !on_the_way(work->rollout.state)) {
        return work->view.answered;
    }
    if (fleet_can(work, EDGE_COUNTS)) {
        e = hand_count(&work->rollout, work->fleet, work->zone, &fresh, &why);
        rollout_test(&work->rollout, &fresh, pass_rules(pass, work));
    }
    if (e != ERR_OK) {
        pass_trouble(pass, work, &why, e);
    }
    bool leases = fleet_can(work, EDGE_LEASES);
    rollout_held(&work->rollout, &fresh, leases ? pass->policy->rollout.lease_s : INT64_MAX, now);
    return e == ERR_OK;
}

static void note_applied(struct work *work, int64_t now)
{
    if (work->view.answered && !work->view.foreign && on_the_way(work->rollout.state)) {
        rollout_applied(&work->rollout, work->view.share_bp, now);
    }
}

static enum err survey(struct pass *pass, struct work *work, int64_t now, struct why *why)
{
    work->lost_before = work->rollout.lost_ticks;
    look(pass, work);
    settle_back(pass, work);
    bool telemetry = count(pass, work, now);
    rollout_heard(&work->rollout, telemetry, now);
    note_applied(work, now);
    work->world = (struct rollout_world){
        .frozen = pass->frozen,
        .stopped = pass->stopped,
        .telemetry = telemetry,
        .refused = on_the_way(work->rollout.state) &&
                   work->lost_before >= pass->policy->rollout.telemetry_ticks,
        .edge_agrees = work->view.answered && work->view.agrees,
        .edge_foreign = work->view.foreign,
        .probes_possible = fleet_can(work, EDGE_PROBES) && !work->fleet->away,
        .fallback = fleet_can(work, EDGE_FALLBACK),
    };
    return world_read(&work->world, pass->db, work->zone, work->rollout.to, pass->policy->confirm,
                      now, why);
}

// -- deciding ------------------------------------------------------------------------------------

static void decide(struct pass *pass, struct work *work, int64_t now)
{
    const struct rollout_policy *rules = pass_rules(pass, work);
    const struct rollout *rollout = &work->rollout;
    work->verdict = rollout_judge(rollout, &work->world, rules, now);
    work->action = rollout_next(rollout, &work->verdict, &work->world, rules, now);
    if (work->view.zeroed && work->action.deed != DEED_BACK) {
        // Somebody decided that and could not store it, or stopped the edge by hand.
        work->action = rollout_back(rollout, ROLLOUT_REASON_STOP_ALL, rules, now);
    }
}

static bool begins(const struct work *work)
{
    return work->action.deed == DEED_MOVE && work->rollout.state == ROLLOUT_ELIGIBLE &&
           on_the_way(work->action.state);
}

static bool raises(const struct work *work)
{
    return begins(work) || work->action.deed == DEED_FINISH ||
           (work->action.deed == DEED_MOVE && work->action.share_bp > work->rollout.share_bp);
}

// What costs more to know is asked only before more visitors come.
static enum err think(struct pass *pass, struct work *work, int64_t now, struct why *why)
{
    decide(pass, work, now);
    if (!raises(work)) {
        return ERR_OK;
    }
    enum err e = ERR_OK;
    bool confirmed = true;
    if (begins(work)) {
        e = world_capped(&work->world.capped, pass->db, work->zone, &work->rollout, pass->policy,
                         why);
    }
    if (e == ERR_OK && begins(work) && pass->policy->confirm) {
        e = world_confirmed(&confirmed, pass->db, work->zone->id, why);
        work->world.confirmed = confirmed;
    }
    if (e == ERR_OK && work->rollout.to >= MODE_STRICT) {
        e = world_certificate_short(&work->world.certificate_short, pass->db, work->zone->id,
                                    pass->policy->certificate_margin_s, now, why);
    }
    if (e == ERR_OK && (!confirmed || work->world.capped || work->world.certificate_short)) {
        decide(pass, work, now);
    }
    work->capped_matters = e == ERR_OK && begins(work);
    return e;
}

// -- doing ---------------------------------------------------------------------------------------

// The edge differs from the row, or its lease wants to be renewed.
static void tend(struct pass *pass, struct work *work)
{
    const struct hand_view *view = &work->view;
    if (!view->answered || view->foreign || work->rollout.state == ROLLOUT_ROLLED_BACK ||
        fleet_can(work, EDGE_DRY)) {
        return;
    }
    bool may_raise = work->world.telemetry;
    int64_t lease_s = pass->policy->rollout.lease_s;
    bool renew =
        view->agrees && fleet_can(work, EDGE_LEASES) && view->lease_left_s <= lease_s - lease_s / 3;
    bool repair = !view->agrees && (view->over || !view->below || may_raise);
    if (repair || renew) {
        put_committed(pass, work);
    }
}

// A fleet that is away is tried all the same, as long as others need not wait for that: some of its
// processes may hear it. One that hangs has used that time up. began: when this look did. The
// store's clock has whole seconds: one may be the end of the second.
static bool may_try(const struct pass *pass, const struct fleet *fleet, int64_t began)
{
    int64_t now = 0;
    struct why why = {0};
    return !fleet->away || (db_now(pass->db, &now, &why) == ERR_OK &&
                            fleet->waited_s + now - began <= pass->policy->rollout.tick_s / 2 + 1);
}

// Visitors first: the record comes after it.
static void go_back(struct pass *pass, struct work *work, int64_t now)
{
    struct why why = {0};
    bool going = on_the_way(work->rollout.state);
    bool in_time = work->fleet != NULL && may_try(pass, work->fleet, now);
    bool known = !going && work->view.answered; // settle_back has done what can be done
    if (!in_time || known || work->rollout.state == ROLLOUT_ELIGIBLE) {
        return;
    }
    struct edge_want want = hand_want(&work->rollout, work->zone, 0);
    want.share_bp = 0;
    bool again = !work->fleet->away; // one lost packet shall not cost visitors a whole tick
    enum err e = hand_put(work->fleet, &want, &pass->sums->apply, &why);
    if (e != ERR_OK && again && may_try(pass, work->fleet, now)) {
        e = hand_put(work->fleet, &want, &pass->sums->apply, &why);
    }
    if (e != ERR_OK) {
        pass_trouble(pass, work, &why, e);
    }
    rollout_applied(&work->rollout, e == ERR_OK ? 0 : -1, now);
    controller_mend(pass, work, false);
}

// The new mode for good, at the edge. True when every process has been seen with it.
static bool finish(struct pass *pass, struct work *work)
{
    if (work->view.settled || !work->view.answered) {
        return work->view.settled;
    }
    struct why why = {0};
    if (work->view.foreign || !unchanged(pass, work) || !pass_claim_holds(pass)) {
        return false;
    }
    const struct edge_want want = {
        .zone = work->zone, .old_mode = work->rollout.to, .new_mode = work->rollout.to};
    enum err e = hand_put(work->fleet, &want, &pass->sums->apply, &why);
    controller_mend(pass, work, true);
    if (e != ERR_OK) {
        pass_trouble(pass, work, &why, e);
        note_refused(work);
        return false;
    }
    look(pass, work);
    return work->view.settled;
}

static void keep(struct work *work, int64_t at)
{
    work->todo = TODO_KEEP;
    work->rollout.tick_at = at;
}

// 0 = not by itself.
static int64_t later(int64_t ask_at, int64_t now)
{
    return ask_at == 0 || ask_at > now ? ask_at : now + 1;
}

static bool edge_shall_change(const struct work *work)
{
    return work->action.share_bp != work->rollout.share_bp || begins(work);
}

static void enter(struct pass *pass, struct work *work, enum todo todo, int64_t now)
{
    work->todo = todo;
    if (work->detail[0] == '\0') {
        controller_words(work->detail, work);
    }
    rollout_enter(&work->rollout, &work->action, pass_rules(pass, work), now);
}

// What gave way under an attempt that had not begun may carry another one at once.
static bool begins_anew(const struct rollout *rollout)
{
    return rollout->reason == ROLLOUT_REASON_WITHDRAWN ||
           rollout->reason == ROLLOUT_REASON_MODE_CHANGED;
}

// The share and the modes stay: only words, counters and times may change.
static void stay(struct pass *pass, struct work *work, int64_t ask_at, int64_t now)
{
    struct rollout *rollout = &work->rollout;
    bool gone_back = rollout->state == ROLLOUT_ROLLED_BACK;
    work->todo = TODO_KEEP;
    if (rollout_changes(rollout, &work->action)) {
        enter(pass, work, TODO_MOVE, now);
    }
    if (rollout->state != ROLLOUT_COOLDOWN) {
        rollout->tick_at = ask_at;
    } else if (gone_back && rollout->tick_at > now + pass->policy->claim_s) {
        rollout->tick_at = now + pass->policy->claim_s;
    } else if (rollout->tick_at == 0 && begins_anew(rollout)) {
        rollout->tick_at = now + 1;
    }
}

static void act(struct pass *pass, struct work *work, int64_t now)
{
    int64_t ask_at = later(work->action.ask_at, now);
    switch (work->action.deed) {
    case DEED_WAIT:
    case DEED_PROBE:
        tend(pass, work);
        stay(pass, work, ask_at, now);
        return;
    case DEED_MOVE:
        if (!edge_shall_change(work)) {
            tend(pass, work);
            stay(pass, work, ask_at, now);
            return;
        }
        // The claim is given back with the record: nobody looks at it before it was carried out.
        enter(pass, work, TODO_RAISE, now);
        work->rollout.tick_at = now + pass->policy->claim_s;
        return;
    case DEED_BACK:
        go_back(pass, work, now);
        stay(pass, work, ask_at, now);
        return;
    case DEED_FINISH:
        if (!finish(pass, work)) {
            keep(work, now + pass->policy->rollout.tick_s);
            return;
        }
        enter(pass, work, TODO_FINISH, now);
        work->rollout.tick_at = fleet_can(work, EDGE_DRY) ? 0 : now + pass->policy->claim_s;
        return;
    case DEED_COUNT:
        break;
    }
}

// -- attempts that rest, or have not begun -------------------------------------------------------

// Every process has the zone's mode for good.
static bool edge_rests(struct pass *pass, struct work *work)
{
    struct why why = {0};
    struct rollout as_gone_back = work->rollout;
    as_gone_back.state = ROLLOUT_ROLLED_BACK;
    as_gone_back.from = work->zone->mode;
    if (work->fleet->away) {
        return false;
    }
    enum err e = hand_look(&work->view, work->fleet, work->zone, &as_gone_back, &why);
    if (e != ERR_OK) {
        pass_trouble(pass, work, &why, e);
    }
    return e == ERR_OK && work->view.agrees;
}

// Once more after a rollout is over, when no claim from before holds any longer: what was under way
// while it ended - a renewal, a resync, a write that the edge did late - may have been done after
// it.
static void attend_over(struct pass *pass, struct work *work, int64_t then, int64_t now)
{
    const struct rollout_policy *rules = &pass->policy->rollout;
    bool none = work->fleet == NULL || fleet_can(work, EDGE_DRY);
    if (none || edge_rests(pass, work)) {
        keep(work, then);
        return;
    }
    if (work->view.answered && unchanged(pass, work)) {
        struct why why = {0};
        const struct edge_want want = {
            .zone = work->zone, .old_mode = work->zone->mode, .new_mode = work->zone->mode};
        enum err e = hand_put(work->fleet, &want, &pass->sums->apply, &why);
        if (e != ERR_OK) {
            pass_trouble(pass, work, &why, e);
        }
        controller_mend(pass, work, false);
    }
    int64_t again = now + (work->view.answered ? rules->tick_s : rules->idle_tick_s);
    keep(work, then != 0 && then < again ? then : again);
}

static enum err attend_rest(struct pass *pass, struct work *work, int64_t now, struct why *why)
{
    const struct rollout *rollout = &work->rollout;
    bool over = now >= rollout->cooldown_until;
    if (!over && rollout->tick_at < rollout->cooldown_until) {
        attend_over(pass, work, rollout->cooldown_until, now);
        return ERR_OK;
    }
    enum err e = over ? ERR_OK : world_origin_changed(&over, pass->db, work->zone, rollout, why);
    if (e == ERR_OK) {
        e = world_read(&work->world, pass->db, work->zone, rollout->to, pass->policy->confirm, now,
                       why);
    }
    if (e != ERR_OK) {
        return e;
    }
    const struct zone *zone = work->zone;
    if (!over) {
        keep(work, rollout->cooldown_until);
    } else if (zone->automatic == AUTOMATIC_AUTO && work->world.recommended > zone->mode) {
        work->todo = TODO_AGAIN;
        work->rollout.tick_at = 0;
    } else {
        keep(work, 0); // the next scan begins a new one
    }
    return ERR_OK;
}

// A recommendation that lacks its second scan, or is old, gets one.
static enum err ask_for_scan(struct pass *pass, struct work *work, int64_t now, struct why *why)
{
    bool lacks = work->rollout.state == ROLLOUT_ELIGIBLE &&
                 (work->action.reason == ROLLOUT_REASON_UNCONFIRMED ||
                  work->action.reason == ROLLOUT_REASON_STALE);
    int64_t at = 0;
    int64_t changed = 0;
    if (!lacks) {
        return ERR_OK;
    }
    enum err e = world_ask_again_at(&at, pass->db, &work->rollout, why);
    if (e == ERR_OK && now >= at) {
        e = db_scan_request(pass->db, work->zone->id, &changed, why);
    }
    return e;
}

enum err controller_attend(struct pass *pass, struct work *work, struct why *why)
{
    int64_t now = 0;
    enum err e = db_now(pass->db, &now, why);
    if (e == ERR_OK) {
        e = db_zone_get(pass->db, &work->zone, work->rollout.zone_id, why);
    }
    if (e != ERR_OK) {
        return e;
    }
    work->fleet = fleet_of(pass, work->zone);
    const struct zone *zone = work->zone;
    switch (work->rollout.state) {
    case ROLLOUT_COOLDOWN:
        return attend_rest(pass, work, now, why);
    case ROLLOUT_DONE:
        attend_over(pass, work, 0, now);
        return ERR_OK;
    case ROLLOUT_ELIGIBLE:
        if (zone->automatic == AUTOMATIC_AUTO && zone->opt_out_until > now) {
            keep(work, zone->opt_out_until);
            return ERR_OK;
        }
        break;
    case ROLLOUT_PREFLIGHT:
    case ROLLOUT_RAMPING:
    case ROLLOUT_WARMING:
    case ROLLOUT_HOLDING:
    case ROLLOUT_FINALISING:
    case ROLLOUT_ROLLED_BACK:
    case ROLLOUT_STATE_COUNT:
        break;
    }
    e = survey(pass, work, now, why);
    if (e == ERR_OK) {
        e = think(pass, work, now, why);
    }
    if (e == ERR_OK) {
        e = ask_for_scan(pass, work, now, why);
    }
    if (e == ERR_OK) {
        act(pass, work, now);
    }
    return e;
}

void controller_carry(struct pass *pass, struct work *work, int64_t now)
{
    work->fleet = fleet_of(pass, work->zone);
    look(pass, work);
    work->world = (struct rollout_world){.telemetry = work->view.answered};
    act(pass, work, now);
}

// -- after the record ----------------------------------------------------------------------------

bool controller_raise(struct pass *pass, struct work *work)
{
    struct why why = {0};
    int64_t now = 0;
    struct rollout *rollout = &work->rollout;
    bool in_time =
        unchanged(pass, work) && db_now(pass->db, &now, &why) == ERR_OK && now < rollout->tick_at;
    if (!in_time || work->fleet == NULL || work->fleet->away) {
        return false;
    }
    struct edge_want want = hand_want(rollout, work->zone, pass->policy->rollout.lease_s);
    enum err e = hand_put(work->fleet, &want, &pass->sums->apply, &why);
    controller_mend(pass, work, true);
    if (e != ERR_OK) {
        pass_trouble(pass, work, &why, e);
        note_refused(work);
        rollout->tick_at = now + pass->policy->rollout.tick_s;
        return true;
    }
    look(pass, work);
    note_applied(work, now);
    rollout->tick_at = later(work->action.ask_at, now);
    return true;
}

void controller_probe(struct pass *pass, struct work *work)
{
    struct rollout_counts fresh = {0};
    for (int i = 0; i < work->action.probes && !work->fleet->away; i++) {
        struct why why = {0};
        enum err e = hand_probe(&work->rollout, work->fleet, work->zone, &fresh, &why);
        if (e != ERR_OK) {
            pass_trouble(pass, work, &why, e);
            break;
        }
    }
    if (!fleet_can(work, EDGE_COUNTS)) {
        rollout_test(&work->rollout, &fresh, pass_rules(pass, work));
    }
}
