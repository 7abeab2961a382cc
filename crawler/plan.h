// SPDX-License-Identifier: Apache-2.0
// What to fetch next of one target, from what came back so far. No I/O, no clock.
//
//   robots (HTTP, else HTTPS) --disallowed or unavailable--> end
//     -> home over HTTP -> once more as an edge in flexible asks, when it moved to HTTPS
//     -> home over HTTPS, further pages over HTTPS
//     -> control of the home page over HTTP when the bytes differ, the same pages over HTTP
//
// The order keeps each scheme on one connection per leg. An origin that asks us to wait is asked
// for nothing more, over neither scheme.
#ifndef SSLAUTO_CRAWLER_PLAN_H
#define SSLAUTO_CRAWLER_PLAN_H

#include "crawler/crawler.h"
#include "crawler/page.h"
#include "crawler/robots.h"

enum step {
    STEP_ROBOTS_HTTP,
    STEP_ROBOTS_HTTPS,
    STEP_HOME_HTTP,
    STEP_HOME_FORWARDED,
    STEP_HOME_HTTPS,
    STEP_PAGES_HTTPS,
    STEP_CONTROL,
    STEP_PAGES_HTTP,
    STEP_END
};

// A port that did not let us connect for robots.txt is not tried again for the home page.
struct plan_closed {
    bool known;
    enum outcome outcome;
    enum phase phase;
    char words[160];
    char address[64];
};

struct plan {
    const struct crawler_policy *policy; // lent
    const struct crawler_target *target; // lent
    struct visit *visit;                 // lent
    struct robots_rules *rules;          // owned; NULL until robots.txt was read
    struct page found;                   // links of the home page
    enum step step;
    unsigned asked;               // fetches so far, but for those of probe paths
    size_t page;                  // the page that was asked for last
    bool http_moved;              // HTTP sends visitors to the same page over HTTPS
    bool forwarded;               // but not those of an edge that tells of HTTPS
    bool leg_begun;               // the second HTTP leg has its connection
    struct plan_closed closed[2]; // by scheme
    char words[160];              // why nothing more is asked; "" = go on
};

// One fetch to make.
struct plan_ask {
    enum scheme scheme;
    const char *path; // lent by the plan
    bool robots;      // follow to HTTPS of the same page too; body is at most LIMIT_ROBOTS
    bool fresh;       // begins a leg: a new connection
    bool last;        // ends a leg: close the connection
    bool forwarded;   // tell the origin that the visitor came over HTTPS
};

// A visit with its home page, nothing fetched. NULL without memory.
struct visit *plan_new_visit(void);
struct fetch *plan_new_fetch(enum scheme scheme, const char *path, size_t body_max);

void plan_init(struct plan *plan, const struct crawler_policy *policy,
               const struct crawler_target *target, struct visit *visit);
void plan_done(struct plan *plan);
// False at the end: then every fetch that was not made is there as OUTCOME_SKIPPED.
bool plan_next(struct plan *plan, struct plan_ask *ask);
// How many links the plan wants from page_scan of the fetch that was asked for last.
size_t plan_links_wanted(const struct plan *plan);
// Takes ownership of the fetch that was asked for last and looks into it. scan: what page_scan
// found in it, or NULL; its links are moved out of it when the plan wants them. ERR_NOMEM ends the
// plan early.
enum err plan_take(struct plan *plan, struct fetch *fetch, struct page *scan);
// Nothing more will be asked; the words go into the skipped fetches.
void plan_stop(struct plan *plan, const char *words);
// A visit that never began: both home fetches get this outcome.
enum err plan_never(struct visit *visit, enum outcome outcome, enum phase phase, const char *words);

#endif
