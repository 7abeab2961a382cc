// SPDX-License-Identifier: Apache-2.0
// Times in which no rollout begins or advances. All of them are UTC.
#include "core/num.h"
#include "core/time.h"
#include "pipeline/pipeline.h"

enum {
    MINUTE_S = 60,
    HOUR_S = 3600,
    DAY_S = 86400,
    WEEK_S = 7 * DAY_S,
    EPOCH_WEEKDAY = 3, // 1970-01-01 was a Thursday; Monday is 0
};

static enum err complain(struct why *why, struct span text, const char *what)
{
    return why_set(why, ERR_INVALID,
                   "'%.*s': %s; write a weekly window as `fri 16:00-mon 08:00` (days mon tue wed "
                   "thu fri sat sun, times 00:00 to 23:59, UTC) or days as "
                   "`2026-12-20..2027-01-03` (both included)",
                   (int)(text.len > 64 ? 64 : text.len), text.at == NULL ? "" : text.at, what);
}

static bool digits(int *out, struct span text, int max)
{
    int64_t value = 0;
    bool plain = text.len == 2 && text.at[0] >= '0' && text.at[0] <= '9';
    if (!plain || num_parse(&value, text, 0, max) != ERR_OK) {
        return false;
    }
    *out = (int)value;
    return true;
}

// "fri 16:00", in seconds since Monday 00:00.
static bool moment(int64_t *out, struct span text)
{
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    struct span clock = span_trim(text);
    struct span day = span_cut(&clock, ' ');
    clock = span_trim(clock);
    struct span minutes = clock;
    struct span hours = span_cut(&minutes, ':');
    int hour = 0;
    int minute = 0;
    if (!digits(&hour, hours, 23) || !digits(&minute, minutes, 59)) {
        return false;
    }
    for (size_t i = 0; i < COUNT_OF(days); i++) {
        if (span_equal_nocase(day, span_of(days[i]))) {
            *out = (int64_t)i * DAY_S + hour * HOUR_S + minute * MINUTE_S;
            return true;
        }
    }
    return false;
}

static enum err weekly(struct freeze_window *out, struct span text, struct why *why)
{
    struct span end = text;
    struct span begin = span_cut(&end, '-');
    struct freeze_window made = {.dated = false};
    if (!moment(&made.from, begin) || !moment(&made.to, end)) {
        return complain(why, text, "not a freeze window");
    }
    if (made.from == made.to) {
        return complain(why, text, "begins and ends at the same moment");
    }
    *out = made;
    return ERR_OK;
}

// Days that do not exist (02-31) are not carried over into the next month.
static bool day_of(int64_t *out, struct span text)
{
    enum {
        DATE_LEN = 10
    }; // "2026-12-20"
    char again[TIME_TEXT_SIZE];
    int64_t at = 0;
    if (text.len != DATE_LEN || time_parse(&at, text) != ERR_OK ||
        memcmp(time_print(again, at), text.at, DATE_LEN) != 0) {
        return false;
    }
    *out = at;
    return true;
}

static enum err dated(struct freeze_window *out, struct span text, size_t dots, struct why *why)
{
    struct span first = span_trim((struct span){text.at, dots});
    struct span last = span_trim((struct span){text.at + dots + 2, text.len - dots - 2});
    struct freeze_window made = {.dated = true};
    if (!day_of(&made.from, first) || !day_of(&made.to, last)) {
        return complain(why, text, "not two days");
    }
    if (made.to < made.from) {
        return complain(why, text, "ends before it begins");
    }
    made.to += DAY_S;
    *out = made;
    return ERR_OK;
}

enum err freeze_parse(struct freeze_window *out, struct span text, struct why *why)
{
    struct span rest = span_trim(text);
    for (size_t i = 0; i < rest.len; i++) {
        if (rest.at[i] < ' ' || rest.at[i] > '~') {
            return complain(why, (struct span){NULL, 0}, "unprintable bytes in a freeze window");
        }
    }
    size_t dots = span_find_nocase(rest, span_of(".."));
    return dots < rest.len ? dated(out, rest, dots, why) : weekly(out, rest, why);
}

static int64_t in_week(int64_t now)
{
    int64_t at = (now + (int64_t)EPOCH_WEEKDAY * DAY_S) % WEEK_S;
    return at < 0 ? at + WEEK_S : at;
}

bool freeze_holds(const struct freeze_window *windows, size_t count, int64_t now)
{
    for (size_t i = 0; i < count; i++) {
        const struct freeze_window *w = &windows[i];
        int64_t at = w->dated ? now : in_week(now);
        bool wraps = !w->dated && w->to < w->from;
        bool inside = wraps ? at >= w->from || at < w->to : at >= w->from && at < w->to;
        if (inside) {
            return true;
        }
    }
    return false;
}
