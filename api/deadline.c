// SPDX-License-Identifier: Apache-2.0
#include "api/deadline.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "core/time.h"

#define LOOK_NS 500000000L // between two looks for those that are over

struct deadline {
    struct deadline *next, *before;
    int fd;
    int64_t at_ms; // monotonic
};

struct deadlines {
    struct deadline *first; // owned
    int64_t limit_ms;
    pthread_mutex_t lock; // of all the rest
    pthread_cond_t ended;
    pthread_t thread;
    bool stop;
};

// A shut line reads as ended: the server then closes it as it closes any other. An fd is open as
// long as it is listed here.
static void cut(const struct deadlines *deadlines)
{
    int64_t now = time_monotonic_ms();
    for (const struct deadline *one = deadlines->first; one != NULL; one = one->next) {
        if (one->at_ms <= now) {
            (void)shutdown(one->fd, SHUT_RDWR);
        }
    }
}

static void *watch(void *ctx)
{
    struct deadlines *deadlines = ctx;
    (void)pthread_mutex_lock(&deadlines->lock);
    while (!deadlines->stop) {
        struct timespec until;
        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += LOOK_NS;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        (void)pthread_cond_timedwait(&deadlines->ended, &deadlines->lock, &until);
        cut(deadlines);
    }
    (void)pthread_mutex_unlock(&deadlines->lock);
    return NULL;
}

enum err deadlines_new(struct deadlines **out, int64_t limit_ms)
{
    pthread_condattr_t clock;
    struct deadlines *deadlines = calloc(1, sizeof *deadlines);
    if (deadlines == NULL) {
        return ERR_NOMEM;
    }
    deadlines->limit_ms = limit_ms;
    (void)pthread_mutex_init(&deadlines->lock, NULL);
    (void)pthread_condattr_init(&clock);
    (void)pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&deadlines->ended, &clock);
    (void)pthread_condattr_destroy(&clock);
    if (pthread_create(&deadlines->thread, NULL, watch, deadlines) != 0) {
        (void)pthread_cond_destroy(&deadlines->ended);
        (void)pthread_mutex_destroy(&deadlines->lock);
        free(deadlines);
        return ERR_NOMEM;
    }
    *out = deadlines;
    return ERR_OK;
}

void deadlines_free(struct deadlines *deadlines)
{
    if (deadlines == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&deadlines->lock);
    deadlines->stop = true;
    (void)pthread_cond_signal(&deadlines->ended);
    (void)pthread_mutex_unlock(&deadlines->lock);
    (void)pthread_join(deadlines->thread, NULL);
    while (deadlines->first != NULL) {
        struct deadline *next = deadlines->first->next;
        free(deadlines->first);
        deadlines->first = next;
    }
    (void)pthread_cond_destroy(&deadlines->ended);
    (void)pthread_mutex_destroy(&deadlines->lock);
    free(deadlines);
}

struct deadline *deadlines_add(struct deadlines *deadlines, int fd)
{
    struct deadline *one = calloc(1, sizeof *one);
    if (one == NULL) {
        return NULL;
    }
    one->fd = fd;
    one->at_ms = time_monotonic_ms() + deadlines->limit_ms;
    (void)pthread_mutex_lock(&deadlines->lock);
    one->next = deadlines->first;
    if (one->next != NULL) {
        one->next->before = one;
    }
    deadlines->first = one;
    (void)pthread_mutex_unlock(&deadlines->lock);
    return one;
}

void deadlines_renew(struct deadlines *deadlines, struct deadline *deadline)
{
    if (deadline != NULL) {
        (void)pthread_mutex_lock(&deadlines->lock);
        deadline->at_ms = time_monotonic_ms() + deadlines->limit_ms;
        (void)pthread_mutex_unlock(&deadlines->lock);
    }
}

void deadlines_drop(struct deadlines *deadlines, struct deadline *deadline)
{
    if (deadline == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&deadlines->lock);
    if (deadline->before != NULL) {
        deadline->before->next = deadline->next;
    } else {
        deadlines->first = deadline->next;
    }
    if (deadline->next != NULL) {
        deadline->next->before = deadline->before;
    }
    (void)pthread_mutex_unlock(&deadlines->lock);
    free(deadline);
}
