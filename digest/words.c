// SPDX-License-Identifier: Apache-2.0
#include "digest/words.h"

#include <assert.h>
#include <ctype.h>
#include <time.h>

#include "core/time.h"
#include "model/week.h"

#define DAY_S 86400

static const struct section_words sections[] = {
    [DIGEST_UPGRADED] = {"Upgraded", "upgraded", "upgraded",
                         "All visitors use the stronger mode, and it is permanent.", "#17703a"},
    [DIGEST_ROLLED_BACK] =
        {"Rolled back", "rolled back", "rolled back",
         "All visitors are in the old mode; each entry says why. The stronger one "
         "is tried again after a rest, as long as scans recommend it.",
         "#a82020"},
    [DIGEST_AT_RISK] = {"At risk", "at risk", "at risk",
                        "The origin no longer supports the mode. A mode is never lowered by "
                        "itself: visitors may see errors until the origin is repaired.",
                        "#a82020"},
    [DIGEST_EXPIRING] = {"Certificates that end soon", "certificate ending", "certificates ending",
                         "These sites are in a mode that needs a valid certificate at the origin.",
                         "#8a5300"},
    [DIGEST_WAITING] = {"Ready, but waiting", "waiting", "waiting",
                        "A stronger mode is safe; this is why it is not there yet.", "#1f6feb"},
    [DIGEST_BLOCKED] = {"Blocked", "blocked", "blocked",
                        "What stands between the site and its next mode, and what to do about it.",
                        "#8a5300"},
    [DIGEST_FAILED] = {"Scans that could say nothing", "scan failed", "scans failed",
                       "Nothing is changed while nothing is known. They are tried again soon.",
                       "#5b6675"},
};
static_assert(COUNT_OF(sections) == DIGEST_SECTION_COUNT, "one row per section");

// From light and warm to dark and cold, distinct without colour too.
const char *const words_mode_colors[MODE_COUNT] = {"#d9534f", "#f0b849", "#9cc8ee", "#2f7de1",
                                                   "#123f86"};

const struct section_words *words_section(enum digest_section section)
{
    assert(section < DIGEST_SECTION_COUNT);
    return &sections[section];
}

static enum err add_minute(struct buf *out, int64_t at)
{
    char text[TIME_TEXT_SIZE];
    (void)time_print(text, at);
    return buf_printf(out, "%.10s %.5s UTC", text, text + 11);
}

static enum err add_end(struct buf *out, const struct digest_item *item, int64_t made_at)
{
    char text[TIME_TEXT_SIZE];
    char span[32];
    (void)time_print(text, item->at);
    if (item->at <= made_at) {
        return buf_printf(out, "%s; the certificate ended %.10s", mode_title(item->to), text);
    }
    return buf_printf(out, "%s; the certificate ends %.10s, in %s", mode_title(item->to), text,
                      time_print_span(span, item->at - made_at));
}

enum err words_item(struct buf *out, enum digest_section section, const struct digest_item *item,
                    int64_t made_at)
{
    enum err e = ERR_OK;
    switch (section) {
    case DIGEST_UPGRADED:
    case DIGEST_ROLLED_BACK:
        e = buf_printf(out, "%s to %s, %s", mode_title(item->from), mode_title(item->to),
                       section == DIGEST_UPGRADED ? "" : "went back ");
        return e == ERR_OK ? add_minute(out, item->at) : e;
    case DIGEST_WAITING:
        return buf_printf(out, "%s to %s", mode_title(item->from), mode_title(item->to));
    case DIGEST_EXPIRING:
        return add_end(out, item, made_at);
    case DIGEST_AT_RISK:
        return buf_add_str(out, mode_title(item->from));
    case DIGEST_BLOCKED:
    case DIGEST_FAILED:
        return buf_printf(out, "stays at %s", mode_title(item->from));
    case DIGEST_SECTION_COUNT:
        break;
    }
    return ERR_INVALID;
}

enum err words_sums(struct buf *out, const struct digest *digest)
{
    const char *between = "";
    enum err e = ERR_OK;
    for (unsigned i = 0; e == ERR_OK && i < DIGEST_SECTION_COUNT; i++) {
        size_t total = digest->parts[i].total;
        if (total > 0) {
            e = buf_printf(out, "%s%zu %s", between, total,
                           total == 1 ? sections[i].one : sections[i].many);
            between = ", ";
        }
    }
    return e == ERR_OK && between[0] == '\0' ? buf_add_str(out, "nothing to tell") : e;
}

enum err words_days(struct buf *out, int64_t week)
{
    char first[32] = "";
    char last[32] = "";
    struct tm tm = {0};
    time_t at = (time_t)week;
    (void)gmtime_r(&at, &tm);
    int month = tm.tm_mon;
    (void)strftime(first, sizeof first, "%-d %B %Y", &tm);
    at = (time_t)(week + WEEK_S - DAY_S);
    (void)gmtime_r(&at, &tm);
    (void)strftime(last, sizeof last, "%-d %B %Y", &tm);
    int keep = (int)strlen(first);
    if (month == tm.tm_mon) {
        keep = (int)strcspn(first, " ");
    } else if (strcmp(first + strlen(first) - 4, last + strlen(last) - 4) == 0) {
        keep -= 5;
    }
    return buf_printf(out, "%.*s to %s (UTC)", keep, first, last);
}

// Bytes that may stand in a path or query as they are (RFC 3986 section 2.3).
static enum err add_quoted(struct buf *out, const char *text)
{
    enum err e = ERR_OK;
    for (; e == ERR_OK && *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        e = isalnum(c) || strchr("-._~", c) != NULL ? buf_add_char(out, *text)
                                                    : buf_printf(out, "%%%02X", c);
    }
    return e;
}

enum err words_zone_link(struct buf *out, const struct digest *digest,
                         const struct digest_links *links, const struct digest_item *item)
{
    const struct {
        const char *word, *value;
    } places[] = {{"{id}", item->zone_id}, {"{name}", item->zone}, {"{account}", digest->account}};
    const char *at = links->zone == NULL ? "" : links->zone;
    enum err e = ERR_OK;
    while (e == ERR_OK && *at != '\0') {
        size_t found = 0;
        while (found < COUNT_OF(places) &&
               strncmp(at, places[found].word, strlen(places[found].word)) != 0) {
            found++;
        }
        if (found < COUNT_OF(places)) {
            e = add_quoted(out, places[found].value);
            at += strlen(places[found].word);
        } else {
            e = buf_add_char(out, *at++);
        }
    }
    return e;
}

int64_t words_most_zones(const struct digest *digest)
{
    int64_t most = 0;
    for (size_t i = 0; i < digest->mode_count; i++) {
        int64_t total = 0;
        for (int mode = 0; mode < MODE_COUNT; mode++) {
            total += digest->modes[i].zones[mode];
        }
        most = total > most ? total : most;
    }
    return most;
}

const char *words_foot(const struct digest *digest)
{
    return digest->notice
               ? "sslauto sends this at once because digest.rollbacks is on. The weekly digest "
                 "tells of it again."
               : "sslauto sends this once a week, and only when there is something to tell. Who "
                 "gets it is set with: sslauto member.";
}

enum err digest_subject(char out[DIGEST_SUBJECT_SIZE], const struct digest *digest)
{
    struct buf sums;
    buf_init(&sums, LIMIT_OUTPUT_FIELD);
    enum err e = words_sums(&sums, digest);
    const struct digest_part *back = &digest->parts[DIGEST_ROLLED_BACK];
    const char *of = strcmp(digest->account, "default") == 0 ? "" : digest->account;
    if (digest->notice && back->count > 0) {
        (void)snprintf(out, DIGEST_SUBJECT_SIZE, "Rolled back: %.180s stays at %s",
                       back->items[0].zone, mode_title(back->items[0].from));
    } else {
        (void)snprintf(out, DIGEST_SUBJECT_SIZE, "Encryption modes, week %d: %.150s%s%.60s%s",
                       week_number(digest->week), buf_str(&sums), of[0] == '\0' ? "" : " (", of,
                       of[0] == '\0' ? "" : ")");
    }
    buf_done(&sums);
    return e;
}
