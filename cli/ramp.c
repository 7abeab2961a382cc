// SPDX-License-Identifier: Apache-2.0
#include "cli/ramp.h"

#include <langinfo.h>
#include <string.h>

#include "core/time.h"

#define SVG_WIDTH  600
#define SVG_HEIGHT 80

// Events come newest first: kept from the back.
static enum err keep(void *ctx, const struct rollout_event *event)
{
    struct ramp *ramp = ctx;
    size_t at = RAMP_POINTS - ramp->count - 1;
    ramp->points[at].at = event->at;
    ramp->points[at].share_bp = event->state == ROLLOUT_DONE ? SHARE_ALL_BP : event->share_bp;
    ramp->failed = ramp->failed || event->state == ROLLOUT_ROLLED_BACK;
    ramp->count++;
    return ERR_OK;
}

enum err ramp_load(struct ramp *out, struct db *db, const struct rollout *rollout, int64_t now,
                   struct why *why)
{
    *out = (struct ramp){0};
    enum err e =
        db_rollout_events(db, rollout->zone_id, rollout->generation, RAMP_POINTS, keep, out, why);
    if (e != ERR_OK || out->count == 0) {
        return e;
    }
    memmove(out->points, out->points + RAMP_POINTS - out->count,
            out->count * sizeof out->points[0]);
    int64_t last = out->points[out->count - 1].at;
    out->end = rollout_active(rollout) && now > last ? now : last + 1;
    return ERR_OK;
}

// Of several shares in one slice of time the highest counts: a short failure must not vanish.
static int highest(const struct ramp *ramp, double from, double to)
{
    int most = 0;
    for (size_t i = 0; i < ramp->count; i++) {
        double begin = (double)ramp->points[i].at;
        double end = (double)(i + 1 < ramp->count ? ramp->points[i + 1].at : ramp->end);
        bool touches = begin < to && (end > from || (begin >= from && end >= from));
        if (touches && ramp->points[i].share_bp > most) {
            most = ramp->points[i].share_bp;
        }
    }
    return most;
}

enum err ramp_line(struct buf *out, const struct ramp *ramp)
{
    static const char *const blocks[] = {"\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83",
                                         "\xe2\x96\x84", "\xe2\x96\x85", "\xe2\x96\x86",
                                         "\xe2\x96\x87", "\xe2\x96\x88"};
    bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    enum err e = ERR_OK;
    double begin = ramp->count > 0 ? (double)ramp->points[0].at : 0;
    double width = ((double)ramp->end - begin) / RAMP_WIDTH;
    for (int i = 0; e == ERR_OK && ramp->count > 0 && i < RAMP_WIDTH; i++) {
        int share = highest(ramp, begin + i * width, begin + (i + 1) * width);
        if (share == 0) {
            e = buf_add_char(out, '.');
        } else if (utf8) {
            e = buf_add_str(out, blocks[(share - 1) * 8 / SHARE_ALL_BP]);
        } else {
            e = buf_add_char(out, "123456789#"[(share - 1) * 10 / SHARE_ALL_BP]);
        }
    }
    return e;
}

enum err ramp_svg(struct buf *out, const struct ramp *ramp)
{
    char from[TIME_TEXT_SIZE];
    char to[TIME_TEXT_SIZE];
    if (ramp->count == 0) {
        return ERR_OK;
    }
    int64_t begin = ramp->points[0].at;
    double scale = (double)SVG_WIDTH / (double)(ramp->end - begin);
    enum err e = buf_printf(
        out,
        "<svg class=\"ramp %s\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\">"
        "<title>Share of visitors in the new mode, %s to %s</title><path d=\"M0 %d",
        ramp->failed ? "failed" : "fine", SVG_WIDTH, SVG_HEIGHT, time_print(from, begin),
        time_print(to, ramp->end), SVG_HEIGHT);
    for (size_t i = 0; e == ERR_OK && i < ramp->count; i++) {
        int64_t next = i + 1 < ramp->count ? ramp->points[i + 1].at : ramp->end;
        double height = SVG_HEIGHT * (1 - ramp->points[i].share_bp / (double)SHARE_ALL_BP);
        e = buf_printf(out, "V%.1fH%.1f", height, (double)(next - begin) * scale);
    }
    return e == ERR_OK ? buf_printf(out, "V%dZ\"/></svg>", SVG_HEIGHT) : e;
}
