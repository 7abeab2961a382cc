// SPDX-License-Identifier: Apache-2.0
#include "cli/loop.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/time.h"

#define NAP_US 100000

struct loop {
    pthread_t thread;
    struct loop_work work;
    volatile sig_atomic_t stop;
};

static enum err pass(struct loop *loop, struct why *why)
{
    OWN(db_own) struct db *db = NULL;
    enum err e = db_open(&db, loop->work.store, DB_WRITE, why);
    return e == ERR_OK ? loop->work.pass(db, loop->work.ctx, &loop->stop, why) : e;
}

static void *work_for_ever(void *ctx)
{
    struct loop *loop = ctx;
    while (loop->stop == 0) {
        struct why why = {""};
        int64_t begun = time_monotonic_ms();
        enum err e = pass(loop, &why);
        if (e != ERR_OK) {
            log_line(loop->work.log, LOG_LEVEL_WARNING, "%s: %s; tried again", loop->work.name,
                     why_text(&why, e));
        }
        while (loop->stop == 0 && time_monotonic_ms() - begun < loop->work.every_ms) {
            (void)usleep(NAP_US);
        }
    }
    return NULL;
}

enum err loop_start(struct loop **out, const struct loop_work *work, struct why *why)
{
    struct loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL) {
        return ERR_NOMEM;
    }
    loop->work = *work;
    // Signals are for the thread that waits for them.
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&loop->thread, NULL, work_for_ever, loop);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0) {
        free(loop);
        return why_set(why, ERR_NOMEM, "no thread could be started: %s", work->name);
    }
    *out = loop;
    return ERR_OK;
}

void loop_stop(struct loop *loop)
{
    if (loop != NULL) {
        loop->stop = 1;
        (void)pthread_join(loop->thread, NULL);
        free(loop);
    }
}
