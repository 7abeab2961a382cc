// SPDX-License-Identifier: Apache-2.0
// What the operator may ask for.
#include "rollout/judge.h"
#include "rollout/machine.h"

static const char *const words[WISH_COUNT] = {
    [WISH_PAUSE] = "pause", [WISH_RESUME] = "resume", [WISH_PROMOTE] = "promote",
    [WISH_ABORT] = "abort", [WISH_RETRY] = "retry",
};

const char *rollout_wish_str(enum rollout_wish wish)
{
    return words[wish];
}

static enum err refuse(struct why *why, const struct rollout *rollout, const char *sentence)
{
    return why_set(why, ERR_INVALID, "the rollout is %s: %s", rollout_state_str(rollout->state),
                   sentence);
}

static enum err wish_pause(struct rollout_action *out, const struct rollout *rollout,
                           const struct rollout_policy *policy, int64_t now, struct why *why)
{
    if (rollout->paused) {
        return refuse(why, rollout, "it is paused already");
    }
    if (rollout->state != ROLLOUT_ELIGIBLE && !machine_runs(rollout->state)) {
        return refuse(why, rollout, "there is nothing to pause");
    }
    *out = machine_stay(rollout, policy, now);
    out->reason = ROLLOUT_REASON_PAUSED;
    if (rollout->state == ROLLOUT_RAMPING || rollout->state == ROLLOUT_WARMING) {
        out->state = ROLLOUT_HOLDING;
    }
    return ERR_OK;
}

static enum err wish_resume(struct rollout_action *out, const struct rollout *rollout,
                            const struct rollout_policy *policy, int64_t now, struct why *why)
{
    if (!rollout->paused) {
        return refuse(why, rollout, "it is not paused");
    }
    *out = machine_stay(rollout, policy, now);
    out->ask_at = now;
    out->reason = machine_moves(rollout->state) ? ROLLOUT_REASON_DWELL : ROLLOUT_REASON_NONE;
    if (rollout->state == ROLLOUT_HOLDING) {
        out->state = ROLLOUT_RAMPING;
    }
    return ERR_OK;
}

static enum err wish_promote(struct rollout_action *out, const struct rollout *rollout,
                             const struct rollout_policy *policy, int64_t now, struct why *why)
{
    if (!machine_runs(rollout->state)) {
        return refuse(why, rollout,
                      rollout->state == ROLLOUT_ELIGIBLE
                          ? "it waits for its turn, and has no step to pass"
                          : "there is no step to pass");
    }
    if (judge_fails(rollout, policy)) {
        return refuse(why, rollout, "the new mode fails, and is about to be taken back");
    }
    if (rollout->share_bp > 0 && rollout->applied_bp != rollout->share_bp) {
        return refuse(why, rollout, "the edge has not taken the last step yet");
    }
    if (rollout->state == ROLLOUT_FINALISING) {
        *out = machine_stay(rollout, policy, now);
        out->deed = DEED_FINISH;
        out->state = ROLLOUT_DONE;
        out->reason = ROLLOUT_REASON_NONE;
        out->ask_at = 0;
        return ERR_OK;
    }
    *out = machine_advance(rollout, policy, now);
    if (rollout->paused) { // the operator goes step by step
        out->reason = ROLLOUT_REASON_PAUSED;
        out->state = out->state == ROLLOUT_RAMPING ? ROLLOUT_HOLDING : out->state;
    }
    return ERR_OK;
}

static enum err wish_abort(struct rollout_action *out, const struct rollout *rollout,
                           const struct rollout_policy *policy, int64_t now, struct why *why)
{
    if (rollout->state != ROLLOUT_ELIGIBLE && !machine_runs(rollout->state)) {
        return refuse(why, rollout, "there is nothing to abort");
    }
    *out = rollout_back(rollout, ROLLOUT_REASON_OPERATOR, policy, now);
    return ERR_OK;
}

static enum err wish_retry(struct rollout_action *out, const struct rollout *rollout,
                           const struct rollout_policy *policy, int64_t now, struct why *why)
{
    if (rollout->state != ROLLOUT_COOLDOWN) {
        return refuse(why, rollout, "there is no cool-down to end");
    }
    *out = machine_stay(rollout, policy, now);
    out->deed = DEED_MOVE;
    out->reason = ROLLOUT_REASON_OPERATOR;
    out->ask_at = 0;
    return ERR_OK;
}

enum err rollout_wish(struct rollout_action *out, const struct rollout *rollout,
                      enum rollout_wish wish, const struct rollout_policy *policy, int64_t now,
                      struct why *why)
{
    static enum err (*const wishes[WISH_COUNT])(struct rollout_action *, const struct rollout *,
                                                const struct rollout_policy *, int64_t,
                                                struct why *) = {
        [WISH_PAUSE] = wish_pause, [WISH_RESUME] = wish_resume, [WISH_PROMOTE] = wish_promote,
        [WISH_ABORT] = wish_abort, [WISH_RETRY] = wish_retry,
    };
    return wishes[wish](out, rollout, policy, now, why);
}
