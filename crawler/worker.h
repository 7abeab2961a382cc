// SPDX-License-Identifier: Apache-2.0
// One thread: an epoll loop over libcurl's sockets, the resolver's, timers and an inbox of jobs.
// Owns every target whose address is in its networks.
#ifndef SSLAUTO_CRAWLER_WORKER_H
#define SSLAUTO_CRAWLER_WORKER_H

#include <curl/curl.h>
#include <pthread.h>

#include "crawler/engine.h"
#include "crawler/timers.h"

struct slot;

struct worker {
    struct crawler *crawler;
    pthread_t thread;
    bool runs;
    int epoll, event; // descriptors; event wakes the loop for the inbox
    CURLM *multi;
    int64_t curl_due_ms; // when libcurl wants to be called; -1 = never
    struct timers timers;
    struct politeness *politeness;
    struct resolver *resolver;
    struct verdict_cache *verdicts;

    struct slot *slots; // owned array
    size_t slot_count;
    struct slot *free_slots;
    struct slot *busy; // list of those in use
    size_t busy_count;
    size_t queued; // jobs that wait for a turn

    pthread_mutex_t lock; // of the inbox
    struct job *inbox_first, *inbox_last;
    bool closed;

    double lag_ms;          // smoothed
    int64_t lagged_ms;      // time spent lagging above the limit, ever growing
    int64_t wanted_wake_ms; // when the last wait should have ended
    int64_t swept_ms;       // last check of slow answers
};

enum err worker_new(struct worker **out, struct crawler *crawler, struct why *why);
enum err worker_start(struct worker *worker, struct why *why);
// Waits for the thread's end; crawler->stopping must be set before.
void worker_join(struct worker *worker);
// Only when all workers were joined: they give each other jobs.
void worker_free(struct worker *worker);
// Hands a job over; false when the worker has ended: the caller keeps it.
bool worker_give(struct worker *worker, struct job *job);
void worker_wake(struct worker *worker);

// For the worker's own slots.
void worker_dispatch(struct worker *worker, struct job *job);
void worker_slot_free(struct worker *worker, struct slot *slot);

#endif
