// SPDX-License-Identifier: Apache-2.0
// What a decision depended on besides the evidence, in the form it is stored in db_scan.policy.
#ifndef SSLAUTO_PIPELINE_REPLAY_H
#define SSLAUTO_PIPELINE_REPLAY_H

#include "pipeline/pipeline.h"

// {"version":1,"recommend":{...},"zone":{...},"past":{...}}; owned, NULL without memory. Nothing in
// it names the zone: the store keeps equal texts once.
char *replay_print(const struct recommend_policy *policy, const struct zone *zone,
                   const struct recommend_past *past);

#endif
