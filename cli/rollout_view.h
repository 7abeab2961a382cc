// SPDX-License-Identifier: Apache-2.0
// A rollout as people and programs read it.
#ifndef SSLAUTO_CLI_ROLLOUT_VIEW_H
#define SSLAUTO_CLI_ROLLOUT_VIEW_H

#include <jansson.h>

#include "cli/output.h"
#include "cli/ramp.h"
#include "cli/settings.h"
#include "model/zone.h"
#include "pipeline/pipeline.h"

// The rules of the zone's fleet: a dry run has no visitors.
struct rollout_policy rollout_view_policy(const struct settings *settings, const struct zone *zone);
// What the controller would say if it looked now and found the edge as it was the last time.
struct rollout_verdict rollout_view_verdict(const struct rollout *rollout,
                                            const struct rollout_policy *policy, int64_t now);
// "good so far; 41 more requests to the origin are needed"
enum err rollout_view_said(struct buf *out, const struct zone *zone, const struct rollout *rollout,
                           const struct rollout_policy *policy,
                           const struct rollout_verdict *verdict);
// "30 % at 2026-11-21T10:00:00Z at the earliest"
enum err rollout_view_next(struct buf *out, const struct rollout *rollout,
                           const struct rollout_policy *policy);
// "12.5 %"
const char *share_print(char text[16], int share_bp);

// Several lines for one zone. ramp: its way so far, NULL = not drawn.
enum err rollout_view_print(const struct output *out, const struct zone *zone,
                            const struct rollout *rollout, const struct ramp *ramp,
                            const struct rollout_policy *policy, int64_t now);
// The same as an object; cli/README.md names its members. NULL without memory.
json_t *rollout_view_json(const struct zone *zone, const struct rollout *rollout,
                          const struct rollout_policy *policy, int64_t now);
json_t *rollout_event_json(const struct rollout_event *event);

#endif
