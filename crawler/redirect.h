// SPDX-License-Identifier: Apache-2.0
// Where a redirect may lead us. A Location names the visitor's URL: hosts of the zone that have the
// same origin are asked there, everything else is recorded and left alone.
#ifndef SSLAUTO_CRAWLER_REDIRECT_H
#define SSLAUTO_CRAWLER_REDIRECT_H

#include "core/url.h"
#include "crawler/crawler.h"
#include "model/fetch.h"
#include "model/zone.h"

enum next {
    NEXT_NONE,         // no redirect: the answer stands
    NEXT_FOLLOW,       // ask for *out
    NEXT_UPGRADE,      // the very same page by https: arrived, nothing more to learn over http
    NEXT_OTHER_ORIGIN, // a host of the zone that has origins of its own: looked at by itself
    NEXT_OFF_ZONE,     // another host, another port, or no http URL at all: not followed
    NEXT_LIMIT,
    NEXT_LOOP,
    NEXT_COUNT
};

struct redirect_rules {
    const struct zone *zone; // may be NULL: only the host
    const struct host *host;
    const struct origin *origin;         // that is asked; NULL = it serves every host of the zone
    size_t limit;                        // hops
    const struct crawler_policy *policy; // whose deny_hosts are left alone; may be NULL
    bool follow_upgrade;                 // also ask https for the very same page (robots.txt)
};

// Status codes that send a GET elsewhere (RFC 9110 section 15.4).
bool redirect_status(int status);
// at: the URL that was answered; fetch->hops: the chain so far. *out is set (to be released with
// url_done) unless the answer is NEXT_NONE, or NEXT_OFF_ZONE with an unusable target (host NULL).
enum next redirect_judge(struct url *out, const struct redirect_rules *rules,
                         const struct fetch *fetch, const struct url *at, enum hop_kind kind,
                         struct span target);
// The zone's entry for the host of a URL, or NULL.
const struct host *redirect_host(const struct redirect_rules *rules, const struct url *url);
// Appends a hop to the chain. to: the resolved URL, or NULL and `raw` as sent.
enum err redirect_record(struct fetch *fetch, const struct url *from, const struct url *to,
                         struct span raw, enum hop_kind kind, bool followed);

#endif
