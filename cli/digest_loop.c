// SPDX-License-Identifier: Apache-2.0
#include "cli/digest_loop.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/time.h"

#define PAUSE_MS 60000 // between two looks
#define NAP_US   100000

struct digest_loop {
    pthread_t thread;
    char *store; // owned
    const struct digest_policy *policy;
    const struct log *log;
    volatile sig_atomic_t stop;
};

void digest_loop_tell(void *ctx, const struct db_dispatch *one)
{
    log_line(ctx, one->state == DISPATCH_SENT ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
             "%s by %s to %s: %s%s%s", one->letter, db_channel_str(one->channel), one->recipient,
             db_dispatch_state_str(one->state), one->words[0] == '\0' ? "" : ": ", one->words);
}

static enum err pass(struct digest_loop *loop, struct why *why)
{
    OWN(db_own) struct db *db = NULL;
    struct digest_sums sums = {0};
    const struct digest_watch watch = {
        .sent = digest_loop_tell, .ctx = (void *)(uintptr_t)loop->log, .stop = &loop->stop};
    enum err e = db_open(&db, loop->store, DB_WRITE, why);
    return e == ERR_OK ? digests_pass(db, loop->policy, &watch, &sums, why) : e;
}

static void *send_for_ever(void *ctx)
{
    struct digest_loop *loop = ctx;
    while (loop->stop == 0) {
        struct why why = {""};
        int64_t begun = time_monotonic_ms();
        enum err e = pass(loop, &why);
        if (e != ERR_OK) {
            log_line(loop->log, LOG_LEVEL_WARNING, "digests: %s; tried again", why_text(&why, e));
        }
        while (loop->stop == 0 && time_monotonic_ms() - begun < PAUSE_MS) {
            (void)usleep(NAP_US);
        }
    }
    return NULL;
}

enum err digest_loop_start(struct digest_loop **out, const char *store,
                           const struct digest_policy *policy, const struct log *log,
                           struct why *why)
{
    struct digest_loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL) {
        return ERR_NOMEM;
    }
    loop->policy = policy;
    loop->log = log;
    loop->store = strdup(store);
    // Signals are for the thread that waits for them.
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed =
        loop->store == NULL ? -1 : pthread_create(&loop->thread, NULL, send_for_ever, loop);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0) {
        free(loop->store);
        free(loop);
        return why_set(why, ERR_NOMEM, "no thread could be started for digests");
    }
    *out = loop;
    return ERR_OK;
}

void digest_loop_stop(struct digest_loop *loop)
{
    if (loop != NULL) {
        loop->stop = 1;
        (void)pthread_join(loop->thread, NULL);
        free(loop->store);
        free(loop);
    }
}
