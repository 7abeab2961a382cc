// SPDX-License-Identifier: Apache-2.0
// What the scan before says for the one that is decided now. Pure.
#ifndef SSLAUTO_PIPELINE_PAST_H
#define SSLAUTO_PIPELINE_PAST_H

#include "pipeline/pipeline.h"

// before: the zone's scan so far, NULL = none. It counts when it proposed an upgrade of a zone in
// the same mode with the same hosts and origins, at least gap_s ago or confirmed itself.
struct recommend_past past_of(const struct db_scan *before, const struct zone *zone, int64_t gap_s,
                              int64_t now);

#endif
