// SPDX-License-Identifier: Apache-2.0
// Origins: what they answer, and to whom.
#include "tests/sim/sim.h"

#define WARM_AT 2000.0 // requests after which the cache knows the new scheme

static bool origin_out(const struct origin_life *life, int64_t now)
{
    for (size_t i = 0; i < COUNT_OF(life->out_from); i++) {
        if (now >= life->out_from[i] && now < life->out_until[i]) {
            return true;
        }
    }
    return false;
}

static bool ill_now(const struct origin_life *life, int share_bp, int64_t now)
{
    return now >= life->ill_from && (life->share_from == 0 || share_bp >= life->share_from);
}

static void be_ill(struct origin_odds *odds, const struct origin_life *life, uint64_t seen)
{
    switch (life->ill) {
    case ILL_TLS:
        odds->tls = life->part;
        return;
    case ILL_CONNECT:
        odds->connect = life->part;
        return;
    case ILL_ERRORS:
        odds->errors = life->part > odds->errors ? life->part : odds->errors;
        return;
    case ILL_REDIRECT:
        odds->redirects = life->part;
        return;
    case ILL_COLD:
        odds->hits *= (double)seen > WARM_AT ? 1 : (double)seen / WARM_AT;
        return;
    case ILL_NONE:
    case ILL_EXPIRED:
    case ILL_COUNT:
        return;
    }
}

void origin_odds(struct origin_odds *out, const struct sim_zone *zone, enum mode mode,
                 enum mode before, int share_bp, uint64_t seen, int64_t now)
{
    const struct origin_life *life = &zone->origin;
    *out = (struct origin_odds){.errors = life->noise, .redirects = 0.02, .hits = life->hits};
    if (origin_out(life, now)) {
        out->connect = life->out_by_errors ? 0 : 1;
        out->errors = life->out_by_errors ? 1 : 0;
        return;
    }
    if (mode > before && ill_now(life, share_bp, now)) {
        be_ill(out, life, seen);
    }
    if (mode >= MODE_STRICT && now >= life->expires_at) {
        out->tls = 1;
    }
}

// What a scan can see: no visitors, and one moment.
bool origin_scan_fails(const struct sim_zone *zone, int64_t now)
{
    const struct origin_life *life = &zone->origin;
    bool seen = life->ill == ILL_TLS || life->ill == ILL_CONNECT || life->ill == ILL_ERRORS;
    return (seen && life->part > 0.5 && ill_now(life, 0, now)) ||
           (zone->best >= MODE_STRICT && now >= life->expires_at);
}
