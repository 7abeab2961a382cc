// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>

#include "pipeline/controller.h"

struct controller_policy controller_policy_default(void)
{
    return (struct controller_policy){
        .rollout = rollout_policy_default(),
        .max_running = 200,
        .max_per_account = 50,
        .max_per_network = 1,
        .claim_s = 20,
        .claim_max = 256,
        .confirm = true,
        .certificate_margin_s = recommend_policy_default().certificate_margin_s,
    };
}

struct rollout_policy controller_policy_dry(const struct rollout_policy *policy)
{
    struct rollout_policy dry = *policy;
    dry.min_requests = 0;
    dry.min_probes = 0;
    dry.excess = 2; // more than all: what cannot be known does not hold it
    return dry;
}

// -- the pass ------------------------------------------------------------------------------------

void pass_trouble(struct pass *pass, const struct work *work, const struct why *why, enum err e)
{
    pass->sums->troubles++;
    if (pass->watch->trouble != NULL) {
        pass->watch->trouble(pass->watch->ctx, work->zone, why_text(why, e));
    }
}

const struct rollout_policy *pass_rules(const struct pass *pass, const struct work *work)
{
    bool dry = work->fleet != NULL && (work->fleet->can & EDGE_DRY) != 0;
    return dry ? &pass->dry : &pass->policy->rollout;
}

bool pass_claim_holds(const struct pass *pass)
{
    int64_t now = 0;
    struct why why = {0};
    return db_now(pass->db, &now, &why) == ERR_OK && now < pass->claimed_at + pass->policy->claim_s;
}

static bool pass_stopped(const struct pass *pass)
{
    return pass->watch->stop != NULL && *pass->watch->stop != 0;
}

enum err pass_begin(struct pass *pass, struct edge *const *edges, struct why *why)
{
    enum err e = owner_name(pass->owner, why);
    if (e == ERR_OK) {
        e = db_now(pass->db, &pass->began_at, why);
    }
    if (e == ERR_OK) {
        e = db_stop_get(pass->db, &pass->stopped, why);
    }
    if (e != ERR_OK) {
        return e;
    }
    pass->frozen = freeze_holds(pass->policy->freezes, pass->policy->freeze_count, pass->began_at);
    pass->fleets = calloc(pass->fleet_count + 1, sizeof *pass->fleets);
    if (pass->fleets == NULL) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < pass->fleet_count; i++) {
        pass->fleets[i] = (struct fleet){.edge = edges[i], .can = edge_capabilities(edges[i])};
    }
    return ERR_OK;
}

void pass_end(struct pass *pass)
{
    free(pass->fleets);
    pass->fleets = NULL;
}

// -- a batch -------------------------------------------------------------------------------------

static void tell(struct pass *pass, const struct work *work)
{
    bool transition =
        work->todo == TODO_MOVE || work->todo == TODO_RAISE || work->todo == TODO_FINISH;
    if (!work->recorded || !transition) {
        return;
    }
    pass->sums->moved++;
    pass->sums->finished += work->rollout.state == ROLLOUT_DONE;
    pass->sums->gone_back += work->rollout.state == ROLLOUT_ROLLED_BACK;
    if (pass->watch->step != NULL) {
        const struct controller_step step = {.zone = work->zone,
                                             .rollout = &work->rollout,
                                             .action = &work->action,
                                             .verdict = &work->verdict,
                                             .detail = work->detail};
        pass->watch->step(pass->watch->ctx, &step);
    }
}

// Nobody has visitors of that generation any more.
static void forget(const struct work *work)
{
    struct why why = {0};
    bool over = work->rollout.state == ROLLOUT_COOLDOWN || work->rollout.state == ROLLOUT_DONE;
    if (work->recorded && over && work->fleet != NULL && !work->fleet->away &&
        (work->todo == TODO_MOVE || work->todo == TODO_FINISH)) {
        (void)edge_forget(work->fleet->edge, work->zone, work->rollout.generation, &why);
    }
}

// 0 when the store does not tell.
static int64_t clock_of(const struct pass *pass)
{
    int64_t now = 0;
    struct why why = {0};
    return db_now(pass->db, &now, &why) == ERR_OK ? now : 0;
}

static bool time_for_probes(const struct pass *pass)
{
    int64_t now = 0;
    struct why why = {0};
    return !pass_stopped(pass) && db_now(pass->db, &now, &why) == ERR_OK &&
           now - pass->probing_at <= pass->policy->rollout.tick_s / 2;
}

// Probes wait for origins, so they come when everything else is done, and not for long: an origin
// that does not answer must not keep the others from their leases. What the edge does not count
// itself is to be kept.
static void probe(struct pass *pass, struct work *work)
{
    bool wanted = work->recorded && work->action.deed == DEED_PROBE && work->world.probes_possible;
    int pairs = wanted ? work->action.probes : 0;
    work->todo = TODO_LEAVE;
    work->action.probes = 1;
    for (int i = 0; i < pairs && !work->fleet->away && time_for_probes(pass); i++) {
        int64_t began = clock_of(pass);
        controller_probe(pass, work);
        pass->probing_at += work->fleet->away ? clock_of(pass) - began : 0;
        work->todo = (work->fleet->can & EDGE_COUNTS) == 0 ? TODO_KEEP : TODO_LEAVE;
    }
}

// A fleet that hangs takes its own time, not that of the others: they have their half of the claim
// besides, as long as it holds.
static bool too_late(const struct pass *pass, int64_t now)
{
    int64_t passed = now - pass->claimed_at;
    return passed - pass->hung_s > pass->policy->claim_s / 2 || passed >= pass->policy->claim_s;
}

// Its rollouts come behind those that waited for it: none of them waited for longer than a claim.
static void note_wait(struct pass *pass, struct work *work, int64_t began)
{
    int64_t now = clock_of(pass);
    if (work->fleet == NULL || !work->fleet->away || now <= began) {
        return;
    }
    work->fleet->waited_s += now - began;
    pass->hung_s += now - began;
    if (rollout_active(&work->rollout) && work->rollout.tick_at > 0) {
        int64_t claim_s = pass->policy->claim_s;
        work->rollout.tick_at += now - began < claim_s ? now - began : claim_s;
    }
}

static void attend(struct pass *pass, struct work *works, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int64_t now = 0;
        struct why why = {0};
        enum err e = db_now(pass->db, &now, &why);
        if (e == ERR_OK && (too_late(pass, now) || pass_stopped(pass))) {
            return; // due again when the claims have run out
        }
        pass->sums->looked++;
        e = e != ERR_OK ? e : controller_attend(pass, &works[i], &why);
        if (e != ERR_OK) {
            works[i].todo = TODO_LEAVE;
            pass_trouble(pass, &works[i], &why, e);
        }
        note_wait(pass, &works[i], now);
    }
}

static void batch(struct pass *pass, struct work *works, size_t count)
{
    attend(pass, works, count);
    controller_record(pass, works, count);
    for (size_t i = 0; i < count; i++) {
        bool raise = works[i].recorded && works[i].todo == TODO_RAISE;
        tell(pass, &works[i]);
        forget(&works[i]);
        works[i].todo = raise ? TODO_KEEP : TODO_LEAVE;
        if (raise && !controller_raise(pass, &works[i])) {
            works[i].todo = TODO_LEAVE; // the next pass carries it out
        }
    }
    controller_record(pass, works, count);
    // Counted from here: an edge that hangs must not cost the zones of others their probes.
    struct why why = {0};
    if (db_now(pass->db, &pass->probing_at, &why) == ERR_OK) {
        for (size_t i = 0; i < count; i++) {
            probe(pass, &works[i]);
        }
    }
    controller_record(pass, works, count);
}

// Those whose edge was silent the last time come last: it may hang again, and leases do not wait.
static void queue(struct work *works, const struct rollout *claimed, size_t count)
{
    size_t at = 0;
    for (int silent = 0; silent <= 1; silent++) {
        for (size_t i = 0; i < count; i++) {
            if ((claimed[i].lost_ticks > 0) == (silent == 1)) {
                works[at++] = (struct work){.rollout = claimed[i], .actor = CONTROLLER_ACTOR};
            }
        }
    }
}

// One claim. *more: there may be others that are due.
static enum err claim(struct pass *pass, struct rollout *claimed, struct work *works, bool *more,
                      struct why *why)
{
    size_t count = 0;
    enum err e = db_now(pass->db, &pass->claimed_at, why);
    if (e == ERR_OK) {
        e = db_rollout_claim(pass->db, pass->owner, pass->policy->claim_s, pass->policy->claim_max,
                             claimed, &count, why);
    }
    if (e != ERR_OK) {
        return e;
    }
    *more = count > 0 && !pass_stopped(pass) &&
            pass->claimed_at - pass->began_at < pass->policy->rollout.tick_s;
    pass->hung_s = 0;
    queue(works, claimed, count);
    batch(pass, works, count);
    for (size_t i = 0; i < count; i++) {
        zone_free(works[i].zone);
    }
    return ERR_OK;
}

static enum err run(struct pass *pass, struct why *why)
{
    struct rollout *claimed = calloc(pass->policy->claim_max, sizeof *claimed);
    struct work *works = calloc(pass->policy->claim_max, sizeof *works);
    enum err e = claimed == NULL || works == NULL ? ERR_NOMEM : ERR_OK;
    bool more = true;
    while (e == ERR_OK && more && !pass_stopped(pass)) {
        e = claim(pass, claimed, works, &more, why);
    }
    free(claimed);
    free(works);
    return e == ERR_OK ? db_rollout_next(pass->db, &pass->sums->next_at, why) : e;
}

enum err controller_tick(struct db *db, struct edge *const *edges, size_t edge_count,
                         const struct controller_policy *policy,
                         const struct controller_watch *watch, struct controller_sums *sums,
                         struct why *why)
{
    static const struct controller_watch nobody = {0};
    struct controller_sums ignored = {0};
    struct pass pass = {.db = db,
                        .policy = policy,
                        .dry = controller_policy_dry(&policy->rollout),
                        .watch = watch == NULL ? &nobody : watch,
                        .sums = sums == NULL ? &ignored : sums,
                        .fleet_count = edge_count};
    pass.sums->ticks++;
    enum err e = pass_begin(&pass, edges, why);
    if (e == ERR_OK) {
        e = run(&pass, why);
    }
    pass_end(&pass);
    return e;
}
