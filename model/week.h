// SPDX-License-Identifier: Apache-2.0
// ISO weeks (ISO 8601-1:2019, 5.5.2), by UTC. A week is named by the second it begins in: Monday
// 00:00:00 UTC, in seconds since the epoch. POSIX time counts 86,400 seconds for every day, also
// one with a leap second, and knows no summer time: weeks follow each other without a gap.
#ifndef SSLAUTO_MODEL_WEEK_H
#define SSLAUTO_MODEL_WEEK_H

#include <stdint.h>

#include "core/err.h"
#include "core/span.h"

#define WEEK_S         (7 * INT64_C(86400))
#define WEEK_TEXT_SIZE 16 // "2026-W47" and its end; years above 9999 fit too

// The week that holds the moment.
int64_t week_of(int64_t at);
// "2026-W47". Returns text.
const char *week_print(char text[WEEK_TEXT_SIZE], int64_t week);
// "47".
int week_number(int64_t week);
// The same form back, years 1970..9999; ERR_INVALID also for a week that the year does not have.
enum err week_parse(int64_t *out, struct span text);

#endif
