// SPDX-License-Identifier: Apache-2.0
// When a zone is due again. Pure. Source: product documentation, "Scan frequency": about monthly;
// scans stop at the most secure mode and for custom zones. Times are UTC seconds as POSIX counts
// them: neither summer time nor leap seconds move anything.
#ifndef SSLAUTO_PIPELINE_SCHEDULE_H
#define SSLAUTO_PIPELINE_SCHEDULE_H

#include "model/zone.h"
#include "pipeline/pipeline.h"

// previous_gap_s: span that was planned after the zone's scan before this one, 0 = none;
// wait_s: longest Retry-After an origin gave, 0 = none. 0 = no further scan.
int64_t schedule_next(const struct schedule_policy *policy, const struct zone *zone,
                      const struct recommendation *said, int64_t previous_gap_s, int64_t wait_s,
                      int64_t now);

#endif
