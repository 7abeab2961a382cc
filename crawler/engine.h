// SPDX-License-Identifier: Apache-2.0
// What the threads of one crawler share, and what travels between them.
#ifndef SSLAUTO_CRAWLER_ENGINE_H
#define SSLAUTO_CRAWLER_ENGINE_H

#include <stdatomic.h>

#include "crawler/certificate.h"
#include "crawler/crawler.h"
#include "crawler/guard.h"
#include "crawler/hosts.h"
#include "crawler/politeness.h"
#include "crawler/resolver.h"

struct worker;
struct family;

struct crawler {
    struct crawler_policy policy; // what it points at is the caller's
    crawler_done *done;
    void *ctx;
    struct guard *guard; // owned, as the next two; read-only once the threads run
    struct trust *trust;
    struct hosts *hosts; // NULL = none
    struct worker **workers;
    size_t worker_count;
    bool curl_ready, ares_ready; // the libraries' global state was set up
    atomic_size_t in_work;
    atomic_size_t in_slots; // of all workers
    atomic_bool stopping;
};

// A target from submit to done, or from its look-up on one address of it. It belongs to one worker
// at a time.
struct job {
    struct job *next; // in an inbox
    struct crawler_target target;
    struct visit *visit; // owned
    uint32_t sets;       // trust sets
    struct addr literal; // version 0: the origin is a name
    bool resolved;
    struct lookup lookup; // candidates that passed the guard, once resolved
    size_t candidate;
    struct family *family; // shared with the jobs of the other addresses; NULL = the only one
    struct turn turn;
    unsigned requests;
};

// Brings the visit home, when it is the target's last, and ends the job. Any thread of a worker.
void crawler_finish(struct crawler *crawler, struct job *job);
// The worker that owns the network of the job's address, or that resolves its name.
struct worker *crawler_owner(const struct crawler *crawler, const struct job *job);

#endif
