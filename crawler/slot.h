// SPDX-License-Identifier: Apache-2.0
// Carries one target through its plan: waits for turns, sends requests, follows redirects, repeats
// what our own overload spoiled. A worker has a fixed number of slots and uses them again.
#ifndef SSLAUTO_CRAWLER_SLOT_H
#define SSLAUTO_CRAWLER_SLOT_H

#include "core/url.h"
#include "crawler/plan.h"
#include "crawler/request.h"
#include "crawler/worker.h"

struct slot {
    struct slot *next, *before; // in the worker's list of busy or free slots
    struct worker *worker;
    struct job *job;
    struct plan plan;
    struct plan_ask ask;
    struct request request;
    struct timer timer;  // the turn of the next request
    struct fetch *fetch; // owned; the one in work
    struct url at;       // what is asked for now
    struct page scan;    // of the last answer, when it was scanned
    bool scanned;
    struct fetch *seen; // lent by the visit: the last page of the host that was scanned
    bool in_air;
    bool retried;      // this fetch, for our overload
    bool cut;          // this request's time was what the target had left
    bool counted[2];   // a failure to connect, by scheme
    int64_t active_ms; // time in the air, all requests
    int64_t sent_ms;
    int64_t lagged_ms; // the worker's, when it was sent
};

enum err slot_init(struct slot *slot, struct worker *worker);
void slot_done(struct slot *slot);
// Takes a job whose turn was taken.
void slot_begin(struct slot *slot, struct job *job);
// The timer went off.
void slot_turn(struct slot *slot);
// libcurl is through with the request.
void slot_answer(struct slot *slot, CURLcode code);
// Once a second: ends an answer that drips.
void slot_check_speed(struct slot *slot, int64_t now_ms);
// Ends it where it is: what was not fetched is OUTCOME_SKIPPED.
void slot_stop(struct slot *slot);

#endif
