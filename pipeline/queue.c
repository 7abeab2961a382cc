// SPDX-License-Identifier: Apache-2.0
#include "pipeline/queue.h"

#include <assert.h>
#include <time.h>

void queue_init(struct queue *queue)
{
    *queue = (struct queue){.enough = 1};
    pthread_condattr_t attr;
    int rc = pthread_mutex_init(&queue->lock, NULL);
    rc |= pthread_condattr_init(&attr);
    rc |= pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    rc |= pthread_cond_init(&queue->ready, &attr);
    assert(rc == 0); // they fail on bad arguments only (glibc)
    (void)pthread_condattr_destroy(&attr);
}

void queue_done(struct queue *queue)
{
    (void)pthread_cond_destroy(&queue->ready);
    (void)pthread_mutex_destroy(&queue->lock);
}

void queue_push(struct queue *queue, struct queue_item *item)
{
    item->next = NULL;
    (void)pthread_mutex_lock(&queue->lock);
    if (queue->last == NULL) {
        queue->first = item;
    } else {
        queue->last->next = item;
    }
    queue->last = item;
    if (++queue->count >= queue->enough) {
        (void)pthread_cond_signal(&queue->ready);
    }
    (void)pthread_mutex_unlock(&queue->lock);
}

static struct timespec deadline_after(int64_t timeout_ms)
{
    struct timespec at = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += (time_t)(timeout_ms / 1000);
    at.tv_nsec += (long)(timeout_ms % 1000) * 1000000L;
    if (at.tv_nsec >= 1000000000L) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000L;
    }
    return at;
}

struct queue_item *queue_pop(struct queue *queue, int64_t timeout_ms)
{
    struct timespec deadline = deadline_after(timeout_ms < 0 ? 0 : timeout_ms);
    (void)pthread_mutex_lock(&queue->lock);
    int rc = 0;
    while (queue->first == NULL && !queue->closed && rc == 0) {
        rc = timeout_ms < 0 ? pthread_cond_wait(&queue->ready, &queue->lock)
                            : pthread_cond_timedwait(&queue->ready, &queue->lock, &deadline);
    }
    struct queue_item *item = queue->first;
    if (item != NULL) {
        queue->first = item->next;
        queue->count--;
        if (queue->first == NULL) {
            queue->last = NULL;
        }
    }
    (void)pthread_mutex_unlock(&queue->lock);
    return item;
}

void queue_gather(struct queue *queue, size_t enough, int64_t timeout_ms)
{
    struct timespec deadline = deadline_after(timeout_ms);
    (void)pthread_mutex_lock(&queue->lock);
    queue->enough = enough;
    int rc = 0;
    while (queue->count < enough && !queue->closed && rc == 0) {
        rc = pthread_cond_timedwait(&queue->ready, &queue->lock, &deadline);
    }
    queue->enough = 1;
    (void)pthread_mutex_unlock(&queue->lock);
}

void queue_close(struct queue *queue)
{
    (void)pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    (void)pthread_cond_broadcast(&queue->ready);
    (void)pthread_mutex_unlock(&queue->lock);
}
