// SPDX-License-Identifier: Apache-2.0
// Private to db/: the counters, tests and cursors of a rollout as one text, which every backend
// stores in a column. It is written at each tick of each rollout, hence by hand: a JSON array
//   [ counters of the step, counters of the generation, tests, cursors ]
//   counters: [[cohort, requests, server_errors, redirects, connect_failures, tls_failures,
//               fallbacks, cache_hits], ...], without the cohorts that are all zero
//   tests:    [hard_llr, hard_doubt, failing_old, failing_new, server_errors..., redirects...,
//              hard_failures]
//   cursors:  [["process", epoch, counters], ...]
#ifndef SSLAUTO_DB_NUMBERS_H
#define SSLAUTO_DB_NUMBERS_H

#include "core/err.h"
#include "core/span.h"
#include "model/rollout.h"

#define NUMBERS_DOUBLES (4 + 2 * ODDS_COUNT)
// Bytes that the longest text takes: 20 digits and a comma for each counter, 25 for a double, six
// for each byte of a name.
#define NUMBERS_COUNTS_SIZE (COHORT_COUNT * 8 * 21 + 16)
#define NUMBERS_SIZE                                                                               \
    ((2 + LIMIT_EDGE_PROCESSES) * NUMBERS_COUNTS_SIZE +                                            \
     LIMIT_EDGE_PROCESSES * (6 * LIMIT_EDGE_NAME + 32) + (2 * ODDS_COUNT + 5) * 25 + 16)

// ERR_INVALID for what no JSON number is (infinity), ERR_LIMIT for more cursors than there may be.
enum err numbers_print(char text[NUMBERS_SIZE], const struct rollout *rollout);
// Exactly what was printed comes back, in step_counts, counts, tests, cursors and cursor_count; the
// rest of out is left alone. ERR_CORRUPT for any other text.
enum err numbers_parse(struct rollout *out, struct span text);

// The plan of a rollout, "[100,1000,10000]"; rises to SHARE_ALL_BP, else ERR_INVALID.
#define NUMBERS_STEPS_SIZE (LIMIT_ROLLOUT_STEPS * 6 + 8)
enum err numbers_print_steps(char text[NUMBERS_STEPS_SIZE], const struct rollout *rollout);
enum err numbers_parse_steps(struct rollout *out, struct span text);

#endif
