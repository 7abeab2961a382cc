// SPDX-License-Identifier: Apache-2.0
// The names below are the linker's: --wrap=name gives every call of name() to __wrap_name(), and
// __real_name() is the function itself.
#include "tests/sim/plant.h"

#include <stdio.h>

#include "pipeline/controller.h"
#include "pipeline/hand.h"
#include "pipeline/owner.h"
#include "pipeline/world.h"
#include "tests/sim/sim.h"

static struct sim *here;

static const struct {
    const char *name;
    const char *law;
} plants[PLANT_COUNT] = {
    [PLANT_NONE] = {"none", ""},
    [PLANT_BELOW] = {"below", "starting mode"},
    [PLANT_STORE_BELOW] = {"store-below", "stored mode"},
    [PLANT_EARLY] = {"early", "committed share"},
    [PLANT_ENDLESS] = {"endless", "lease"},
    [PLANT_BLIND] = {"blind", "bad"},
    [PLANT_RECORD_FIRST] = {"record-first", "visitors first"},
    [PLANT_LOST] = {"lost", "lost"},
    [PLANT_TWICE] = {"twice", "steps"},
    [PLANT_FORCED] = {"forced", "one event"},
    [PLANT_MUTE] = {"mute", "one event"},
    [PLANT_TALK] = {"talk", "one event"},
    [PLANT_UNFINISHED] = {"unfinished", "finished"},
    [PLANT_OTHER_MODE] = {"other-mode", "restored"},
    [PLANT_DOUBLE] = {"double", "counts"},
    [PLANT_STUCK] = {"stuck", "converges"},
    [PLANT_CROWD] = {"crowd", "caps"},
    [PLANT_DEAF] = {"deaf", "stopped"},
    [PLANT_HASTY] = {"hasty", "held"},
    [PLANT_LEFT] = {"left", "taken back"},
    [PLANT_LEAP] = {"leap", "versions"},
    [PLANT_SECOND] = {"second", "one at a time"},
    [PLANT_NEGATIVE] = {"negative", "invariant"},
};

const char *plant_name(enum plant plant)
{
    return plants[plant].name;
}

const char *plant_law(enum plant plant)
{
    return plants[plant].law;
}

void plant_enter(struct sim *sim)
{
    here = sim;
}

// NOLINTBEGIN(bugprone-reserved-identifier)

struct rollout_verdict __real_rollout_judge(const struct rollout *rollout,
                                            const struct rollout_world *world,
                                            const struct rollout_policy *policy, int64_t now);
struct rollout_verdict __wrap_rollout_judge(const struct rollout *rollout,
                                            const struct rollout_world *world,
                                            const struct rollout_policy *policy, int64_t now);
struct rollout_verdict __wrap_rollout_judge(const struct rollout *rollout,
                                            const struct rollout_world *world,
                                            const struct rollout_policy *policy, int64_t now)
{
    struct rollout_verdict verdict = __real_rollout_judge(rollout, world, policy, now);
    if (here->plant == PLANT_BLIND && verdict.answer == ANSWER_BAD) {
        verdict.answer = ANSWER_OK;
    }
    if (here->plant == PLANT_HASTY && verdict.reason == ROLLOUT_REASON_DWELL &&
        now >= rollout->state_at + policy->final_dwell_s) {
        verdict.answer = rollout->state == ROLLOUT_FINALISING ? ANSWER_OK : verdict.answer;
    }
    return verdict;
}

struct rollout_action __real_rollout_next(const struct rollout *rollout,
                                          const struct rollout_verdict *verdict,
                                          const struct rollout_world *world,
                                          const struct rollout_policy *policy, int64_t now);
struct rollout_action __wrap_rollout_next(const struct rollout *rollout,
                                          const struct rollout_verdict *verdict,
                                          const struct rollout_world *world,
                                          const struct rollout_policy *policy, int64_t now);
struct rollout_action __wrap_rollout_next(const struct rollout *rollout,
                                          const struct rollout_verdict *verdict,
                                          const struct rollout_world *world,
                                          const struct rollout_policy *policy, int64_t now)
{
    struct rollout_action action = __real_rollout_next(rollout, verdict, world, policy, now);
    if (here->plant == PLANT_TWICE && action.share_bp > rollout->share_bp &&
        action.step + 1 < rollout->step_count) {
        action.step++;
        action.share_bp = rollout->steps_bp[action.step];
    }
    if (here->plant == PLANT_STUCK && rollout->state == ROLLOUT_PREFLIGHT) {
        action = (struct rollout_action){.deed = DEED_WAIT,
                                         .state = rollout->state,
                                         .reason = rollout->reason,
                                         .step = rollout->step,
                                         .ask_at = now + policy->tick_s};
    }
    return action;
}

struct edge_want __real_hand_want(const struct rollout *rollout, const struct zone *zone,
                                  int64_t lease_s);
struct edge_want __wrap_hand_want(const struct rollout *rollout, const struct zone *zone,
                                  int64_t lease_s);
struct edge_want __wrap_hand_want(const struct rollout *rollout, const struct zone *zone,
                                  int64_t lease_s)
{
    struct edge_want want = __real_hand_want(rollout, zone, lease_s);
    if (here->plant == PLANT_BELOW && want.generation == 0 && want.old_mode > MODE_OFF) {
        want.old_mode = (enum mode)(want.old_mode - 1);
    } else if (here->plant == PLANT_OTHER_MODE && rollout->state == ROLLOUT_ROLLED_BACK) {
        want.old_mode = rollout->to;
    }
    return want;
}

enum err __real_hand_look(struct hand_view *out, struct fleet *fleet, const struct zone *zone,
                          const struct rollout *rollout, struct why *why);
enum err __wrap_hand_look(struct hand_view *out, struct fleet *fleet, const struct zone *zone,
                          const struct rollout *rollout, struct why *why);
enum err __wrap_hand_look(struct hand_view *out, struct fleet *fleet, const struct zone *zone,
                          const struct rollout *rollout, struct why *why)
{
    enum err e = __real_hand_look(out, fleet, zone, rollout, why);
    if (e == ERR_OK && here->plant == PLANT_UNFINISHED && rollout->state == ROLLOUT_FINALISING) {
        out->settled = true;
    }
    if (e == ERR_OK && here->plant == PLANT_OTHER_MODE && rollout->state == ROLLOUT_ROLLED_BACK) {
        out->agrees = out->settled;
    }
    if (e == ERR_OK && here->plant == PLANT_LEFT && rollout->state == ROLLOUT_ROLLED_BACK) {
        out->agrees = out->agrees || out->over;
    }
    return e;
}

void __real_controller_mend(struct pass *pass, const struct work *work, bool raised);
void __wrap_controller_mend(struct pass *pass, const struct work *work, bool raised);
void __wrap_controller_mend(struct pass *pass, const struct work *work, bool raised)
{
    if (here->plant != PLANT_LEFT) {
        __real_controller_mend(pass, work, raised);
    }
}

enum err __real_hand_put(struct fleet *fleet, const struct edge_want *want, struct latencies *took,
                         struct why *why);
enum err __wrap_hand_put(struct fleet *fleet, const struct edge_want *want, struct latencies *took,
                         struct why *why);
enum err __wrap_hand_put(struct fleet *fleet, const struct edge_want *want, struct latencies *took,
                         struct why *why)
{
    struct edge_want spoilt = *want;
    if (here->plant == PLANT_RECORD_FIRST && want->generation > 0 && want->lease_s == 0) {
        return ERR_OK;
    }
    if (here->plant == PLANT_ENDLESS && want->share_bp > 0) {
        spoilt.lease_s = 86400;
    }
    return __real_hand_put(fleet, &spoilt, took, why);
}

enum err __real_rollout_observe(struct rollout *rollout, const char *process, int64_t epoch,
                                const struct rollout_counts *total, struct rollout_counts *fresh);
enum err __wrap_rollout_observe(struct rollout *rollout, const char *process, int64_t epoch,
                                const struct rollout_counts *total, struct rollout_counts *fresh);
enum err __wrap_rollout_observe(struct rollout *rollout, const char *process, int64_t epoch,
                                const struct rollout_counts *total, struct rollout_counts *fresh)
{
    if (here->plant == PLANT_DOUBLE && rollout->cursor_count > 0) {
        rollout->cursors[0].seen = (struct rollout_counts){0};
    }
    return __real_rollout_observe(rollout, process, epoch, total, fresh);
}

enum err __real_world_capped(bool *out, struct db *db, const struct zone *zone,
                             const struct rollout *rollout, const struct controller_policy *policy,
                             struct why *why);
enum err __wrap_world_capped(bool *out, struct db *db, const struct zone *zone,
                             const struct rollout *rollout, const struct controller_policy *policy,
                             struct why *why);
enum err __wrap_world_capped(bool *out, struct db *db, const struct zone *zone,
                             const struct rollout *rollout, const struct controller_policy *policy,
                             struct why *why)
{
    enum err e = __real_world_capped(out, db, zone, rollout, policy, why);
    if (e == ERR_OK && here->plant == PLANT_CROWD) {
        *out = false;
    }
    return e;
}

// Not a bug: a name that is the same in every run, and needs no look at /proc.
enum err __wrap_owner_name(char out[OWNER_SIZE], struct why *why);
enum err __wrap_owner_name(char out[OWNER_SIZE], struct why *why)
{
    (void)why;
    (void)snprintf(out, OWNER_SIZE, "sim/%llu", (unsigned long long)here->moment);
    return ERR_OK;
}

void __real_rollout_enter(struct rollout *rollout, const struct rollout_action *action,
                          const struct rollout_policy *policy, int64_t now);
void __wrap_rollout_enter(struct rollout *rollout, const struct rollout_action *action,
                          const struct rollout_policy *policy, int64_t now);
void __wrap_rollout_enter(struct rollout *rollout, const struct rollout_action *action,
                          const struct rollout_policy *policy, int64_t now)
{
    bool raises = action->share_bp > rollout->share_bp;
    __real_rollout_enter(rollout, action, policy, now);
    if (here->plant == PLANT_EARLY && raises) {
        struct why why = {0};
        struct sim_zone *known = sim_zone_of(here, rollout->zone_id);
        struct zone zone = {0};
        memcpy(zone.id, known->id, sizeof zone.id);
        const struct edge_want want = hand_want(rollout, &zone, policy->lease_s);
        (void)edge_apply(here->edges[known->fleet], &want, &why);
    }
}

// NOLINTEND(bugprone-reserved-identifier)
