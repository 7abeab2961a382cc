// SPDX-License-Identifier: Apache-2.0
// The share of one attempt over time, from its events: as a line of characters, and as a drawing.
#ifndef SSLAUTO_CLI_RAMP_H
#define SSLAUTO_CLI_RAMP_H

#include "core/buf.h"
#include "db/db.h"

#define RAMP_POINTS 256 // transitions drawn, the newest ones
#define RAMP_WIDTH  60  // characters of a line

struct ramp {
    struct {
        int64_t at;
        int share_bp;
    } points[RAMP_POINTS]; // in order of time
    size_t count;
    int64_t end; // the last point holds until then
    bool failed; // it went back
};

// now: the end of an attempt that is still at work.
enum err ramp_load(struct ramp *out, struct db *db, const struct rollout *rollout, int64_t now,
                   struct why *why);
// RAMP_WIDTH characters from low to high; blocks where the locale has them, else digits.
enum err ramp_line(struct buf *out, const struct ramp *ramp);
// An <svg> with a <title>; nothing in it comes from outside.
enum err ramp_svg(struct buf *out, const struct ramp *ramp);

#endif
