// SPDX-License-Identifier: Apache-2.0
// The report for people who decide: one self-contained page, no external request, streamed.
#ifndef SSLAUTO_CLI_REPORT_HTML_H
#define SSLAUTO_CLI_REPORT_HTML_H

#include <jansson.h>

#include "cli/ramp.h"
#include "db/db.h"

extern const char report_css[];
extern const char report_js[];

// Counts for the tiles and the chart, from a first pass over the store.
struct report_totals {
    int64_t sites, blocked, unscanned;
    int64_t verdicts[VERDICT_COUNT];
    int64_t now[MODE_COUNT], then[MODE_COUNT]; // then: when every recommendation is followed
};

void report_count(struct report_totals *totals, const struct zone *zone,
                  const struct db_scan *scan);
// The page up to the first row, one row, and the rest. account: NULL = all.
enum err report_begin(const struct report_totals *totals, const char *account, int64_t now);
enum err report_row(const struct zone *zone, const struct db_scan *scan, const json_t *blockers);
// After the last row: one rollout, from the second pass over the store. ramp_load is the caller's.
enum err report_rollouts_begin(void);
enum err report_rollout(const struct zone *zone, const struct rollout *rollout,
                        const struct ramp *ramp, const char *words);
enum err report_end(void);

#endif
