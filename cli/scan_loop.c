// SPDX-License-Identifier: Apache-2.0
#include "cli/scan_loop.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/time.h"

#define PAUSE_MS 5000 // between two looks for due zones
#define NAP_US   100000

struct scan_loop {
    pthread_t thread;
    char *store; // owned
    const struct pipeline_policy *policy;
    const struct log *log;
    volatile sig_atomic_t stop;
};

static enum err tell(void *ctx, const struct pipeline_result *result)
{
    const struct scan_loop *loop = ctx;
    const struct recommendation *said = result->recommendation;
    log_line(loop->log, said->verdict == VERDICT_AT_RISK ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO,
             "zone %s: %s, now %s, recommended %s, %zu in the way", result->zone->name,
             verdict_str(said->verdict), mode_str(said->current), mode_str(said->recommended),
             said->blocker_count);
    return ERR_OK;
}

static enum err scan_once(struct scan_loop *loop, struct why *why)
{
    OWN(db_own) struct db *db = NULL;
    struct pipeline_progress end = {0};
    int64_t due = 0;
    int64_t leased = 0;
    const struct scan_request request = {.which = SCAN_DUE};
    const struct pipeline_watch watch = {.result = tell, .ctx = loop, .stop = &loop->stop};
    enum err e = db_open(&db, loop->store, DB_WRITE, why);
    e = e == ERR_OK ? db_due_count(db, &due, &leased, why) : e;
    if (e != ERR_OK || due == 0) {
        return e;
    }
    e = pipeline_scan(db, loop->policy, &request, &watch, &end, why);
    return e == ERR_INTERRUPTED ? ERR_OK : e;
}

static void *scan_for_ever(void *ctx)
{
    struct scan_loop *loop = ctx;
    while (loop->stop == 0) {
        struct why why = {""};
        int64_t begun = time_monotonic_ms();
        enum err e = scan_once(loop, &why);
        if (e != ERR_OK) {
            log_line(loop->log, LOG_LEVEL_WARNING, "scan: %s; tried again", why_text(&why, e));
        }
        while (loop->stop == 0 && time_monotonic_ms() - begun < PAUSE_MS) {
            (void)usleep(NAP_US);
        }
    }
    return NULL;
}

enum err scan_loop_start(struct scan_loop **out, const char *store,
                         const struct pipeline_policy *policy, const struct log *log,
                         struct why *why)
{
    struct scan_loop *loop = calloc(1, sizeof *loop);
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
        loop->store == NULL ? -1 : pthread_create(&loop->thread, NULL, scan_for_ever, loop);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0) {
        free(loop->store);
        free(loop);
        return why_set(why, ERR_NOMEM, "no thread could be started for scans");
    }
    *out = loop;
    return ERR_OK;
}

void scan_loop_stop(struct scan_loop *loop)
{
    if (loop != NULL) {
        loop->stop = 1;
        (void)pthread_join(loop->thread, NULL);
        free(loop->store);
        free(loop);
    }
}
