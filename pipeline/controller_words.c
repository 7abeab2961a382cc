// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <stdio.h>

#include "pipeline/controller.h"

static int add(char *out, int at, const char *name, const struct cohort_counts *counts)
{
    if (at < 0 || at >= DETAIL_SIZE) {
        return at;
    }
    int n = snprintf(
        out + at, (size_t)(DETAIL_SIZE - at),
        "%s %" PRIu64 " requests to the origin, %" PRIu64 " failed, %" PRIu64 " answers 5xx", name,
        cohort_origin_requests(counts), cohort_hard_failures(counts), counts->server_errors);
    return n < 0 ? n : at + n;
}

static int begin(char *out, const struct work *work)
{
    const struct rollout *rollout = &work->rollout;
    const struct rollout_action *action = &work->action;
    if (action->deed == DEED_FINISH) {
        bool dry = (work->fleet->can & EDGE_DRY) != 0;
        return snprintf(out, DETAIL_SIZE, "%s%s",
                        dry ? "dry run: every step was gone through, the zone's mode stays "
                            : "permanent: ",
                        mode_str(dry ? rollout->from : rollout->to));
    }
    if (action->share_bp != rollout->share_bp) {
        return snprintf(out, DETAIL_SIZE, "share %d.%02d %% to %d.%02d %%", rollout->share_bp / 100,
                        rollout->share_bp % 100, action->share_bp / 100, action->share_bp % 100);
    }
    if (action->state == rollout->state) {
        return snprintf(out, DETAIL_SIZE, "%s begins again", rollout_state_str(rollout->state));
    }
    return snprintf(out, DETAIL_SIZE, "%s to %s", rollout_state_str(rollout->state),
                    rollout_state_str(action->state));
}

// NONE and DWELL are the way of things.
static int add_reason(char *out, int at, enum rollout_reason reason)
{
    if (at < 0 || at >= DETAIL_SIZE || reason == ROLLOUT_REASON_NONE ||
        reason == ROLLOUT_REASON_DWELL) {
        return at;
    }
    int n = snprintf(out + at, (size_t)(DETAIL_SIZE - at), ": %s", rollout_reason_str(reason));
    return n < 0 ? n : at + n;
}

void controller_words(char out[DETAIL_SIZE], const struct work *work)
{
    const struct rollout_counts *counts = work->rollout.state == ROLLOUT_FINALISING
                                              ? &work->rollout.counts
                                              : &work->rollout.step_counts;
    bool visitors = work->rollout.share_bp > 0;
    int at = add_reason(out, begin(out, work), work->action.reason);
    if (work->rollout.state == ROLLOUT_ELIGIBLE || work->rollout.state == ROLLOUT_ROLLED_BACK) {
        return;
    }
    at = add(out, at, visitors ? "; new mode" : "; probes in the new mode",
             &counts->of[visitors ? COHORT_NEW : COHORT_PROBE_NEW]);
    (void)add(out, at, visitors ? "; old mode" : "; in the old mode",
              &counts->of[visitors ? COHORT_OLD : COHORT_PROBE_OLD]);
}
