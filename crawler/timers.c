// SPDX-License-Identifier: Apache-2.0
#include "crawler/timers.h"

#include <assert.h>

enum err timers_init(struct timers *timers, size_t most)
{
    *timers = (struct timers){.room = most};
    timers->heap = calloc(most + 1, sizeof(struct timer *));
    return timers->heap == NULL ? ERR_NOMEM : ERR_OK;
}

void timers_done(struct timers *timers)
{
    free(timers->heap);
    *timers = (struct timers){0};
}

static void put(const struct timers *timers, size_t position, struct timer *timer)
{
    timers->heap[position] = timer;
    timer->position = position;
}

static void rise(const struct timers *timers, size_t position)
{
    struct timer *timer = timers->heap[position];
    while (position > 1 && timers->heap[position / 2]->at_ms > timer->at_ms) {
        put(timers, position, timers->heap[position / 2]);
        position /= 2;
    }
    put(timers, position, timer);
}

static void sink(const struct timers *timers, size_t position)
{
    struct timer *timer = timers->heap[position];
    for (;;) {
        size_t child = position * 2;
        if (child > timers->count) {
            break;
        }
        if (child < timers->count && timers->heap[child + 1]->at_ms < timers->heap[child]->at_ms) {
            child++;
        }
        if (timers->heap[child]->at_ms >= timer->at_ms) {
            break;
        }
        put(timers, position, timers->heap[child]);
        position = child;
    }
    put(timers, position, timer);
}

void timers_clear(struct timers *timers, struct timer *timer)
{
    size_t position = timer->position;
    if (position == 0) {
        return;
    }
    struct timer *last = timers->heap[timers->count--];
    timer->position = 0;
    if (last != timer) {
        put(timers, position, last);
        rise(timers, position);
        sink(timers, last->position);
    }
}

void timers_set(struct timers *timers, struct timer *timer, int64_t at_ms)
{
    timers_clear(timers, timer);
    assert(timers->count < timers->room);
    timer->at_ms = at_ms;
    timers->count++;
    put(timers, timers->count, timer);
    rise(timers, timers->count);
}

struct timer *timers_first(const struct timers *timers)
{
    return timers->count == 0 ? NULL : timers->heap[1];
}
