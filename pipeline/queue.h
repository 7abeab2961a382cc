// SPDX-License-Identifier: Apache-2.0
// A queue between threads. Items carry their link; whoever pops one owns it.
#ifndef SSLAUTO_PIPELINE_QUEUE_H
#define SSLAUTO_PIPELINE_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queue_item {
    struct queue_item *next;
};

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t ready;
    struct queue_item *first, *last;
    size_t count;  // items in it
    size_t enough; // of them to wake who waits
    bool closed;
};

void queue_init(struct queue *queue);
void queue_done(struct queue *queue);
void queue_push(struct queue *queue, struct queue_item *item);
// Waits up to timeout_ms (-1 = for ever). NULL on timeout, or when it is closed and empty.
struct queue_item *queue_pop(struct queue *queue, int64_t timeout_ms);
// For the one thread that pops: waits up to timeout_ms until that many are in it, or it is closed.
void queue_gather(struct queue *queue, size_t enough, int64_t timeout_ms);
// Wakes everybody who waits; what is in it can still be popped.
void queue_close(struct queue *queue);

#endif
