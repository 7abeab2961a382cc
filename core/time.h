// SPDX-License-Identifier: Apache-2.0
// Clocks and UTC times. Whoever decides takes `now` as an argument; only pipeline and cli ask.
#ifndef SSLAUTO_CORE_TIME_H
#define SSLAUTO_CORE_TIME_H

#include <stdint.h>

#include "core/err.h"
#include "core/span.h"

int64_t time_now_s(void);        // seconds since the epoch, UTC
int64_t time_now_ms(void);       // milliseconds since the epoch, UTC
int64_t time_monotonic_ms(void); // for measuring, no relation to the calendar

#define TIME_TEXT_SIZE 21 // "2026-11-21T05:59:23Z" and its end
// ISO 8601 in UTC. Returns text. Times outside the years 0000..9999 print as "-".
const char *time_print(char text[TIME_TEXT_SIZE], int64_t at_s);
// The same form back; a date alone means its midnight.
enum err time_parse(int64_t *out, struct span text);
// "3 days", "4 hours", "20 minutes", "12 seconds": the largest unit alone, for people.
const char *time_print_span(char text[32], int64_t seconds);

#endif
