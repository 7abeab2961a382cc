// SPDX-License-Identifier: Apache-2.0
// A binary heap of moments. A timer lives inside what waits for it.
#ifndef SSLAUTO_CRAWLER_TIMERS_H
#define SSLAUTO_CRAWLER_TIMERS_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct timer {
    int64_t at_ms;
    size_t position; // 1.. in the heap, 0 = not set
    void *owner;
};

struct timers {
    struct timer **heap; // owned; from 1
    size_t count, room;
};

// Room for `most` timers at once, so that setting one cannot fail.
enum err timers_init(struct timers *timers, size_t most);
void timers_done(struct timers *timers);
void timers_set(struct timers *timers, struct timer *timer, int64_t at_ms);
void timers_clear(struct timers *timers, struct timer *timer);
// The earliest timer, or NULL.
struct timer *timers_first(const struct timers *timers);

#endif
