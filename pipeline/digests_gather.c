// SPDX-License-Identifier: Apache-2.0
// What a week brought an account. Rollouts are those of the week; the rest is what is true now of
// zones that sslauto looks after. A message is worth its while only for news: what happened in the
// week, and what was found in it.
#include <stdlib.h>

#include "core/time.h"
#include "model/week.h"
#include "pipeline/digests.h"

#define DAY_S 86400

struct gathering {
    struct db *db;
    struct digest *digest;
    const struct digest_policy *policy;
    int64_t from, to;
    struct digest_modes modes;
    struct why *why;
};

static enum err add(struct gathering *to, enum digest_section section,
                    const struct digest_item *item, bool news)
{
    to->digest->news = to->digest->news || news;
    return digest_add(to->digest, section, item, to->policy->items);
}

// The item of a zone; texts are lent by the caller. The model's texts are not const: it owns them.
static struct digest_item item_of(const struct zone *zone, const char *text, const char *remedy)
{
    struct digest_item item = {.zone = zone->name,
                               .from = zone->mode,
                               .to = MODE_NONE,
                               .text = (char *)(uintptr_t)text,
                               .remedy = (char *)(uintptr_t)remedy};
    memcpy(item.zone_id, zone->id, sizeof item.zone_id);
    return item;
}

bool digests_tells(const struct db_turn *turn)
{
    static const enum rollout_reason by_hand[] = {ROLLOUT_REASON_OPERATOR, ROLLOUT_REASON_STOP_ALL,
                                                  ROLLOUT_REASON_CUSTOM,
                                                  ROLLOUT_REASON_MODE_CHANGED};
    bool asked = false;
    for (size_t i = 0; i < COUNT_OF(by_hand); i++) {
        asked = asked || turn->reason == by_hand[i];
    }
    return turn->state == ROLLOUT_DONE || !asked;
}

static enum err add_turn(void *ctx, const struct db_turn *turn)
{
    struct gathering *to = ctx;
    bool done = turn->state == ROLLOUT_DONE;
    if (!digests_tells(turn)) {
        return ERR_OK;
    }
    const struct rollout_reason_row *row = rollout_reason_row(turn->reason);
    struct digest_item item = {.zone = (char *)(uintptr_t)turn->zone,
                               .from = turn->from,
                               .to = turn->to,
                               .at = turn->at,
                               .text = (char *)(uintptr_t)(done ? "" : row->sentence),
                               .remedy = (char *)(uintptr_t)(done ? "" : row->remedy)};
    (void)snprintf(item.zone_id, sizeof item.zone_id, "%s", turn->zone_id);
    return add(to, done ? DIGEST_UPGRADED : DIGEST_ROLLED_BACK, &item, true);
}

static const char *text_of(const json_t *finding, const char *key)
{
    const char *text = json_string_value(json_object_get(finding, key));
    return text == NULL ? "" : text;
}

// The finding that says most: the first blocker, else the last reason; how many more there are.
static const json_t *main_finding(const json_t *said, size_t *more)
{
    const json_t *blockers = json_object_get(said, "blockers");
    const json_t *reasons = json_object_get(said, "reasons");
    size_t count = json_array_size(blockers);
    *more = count > 1 ? count - 1 : 0;
    return count > 0 ? json_array_get(blockers, 0)
                     : json_array_get(reasons, json_array_size(reasons) - 1);
}

static enum err add_finding(struct gathering *to, enum digest_section section,
                            const struct zone *zone, const json_t *said, bool news)
{
    size_t more = 0;
    const json_t *finding = main_finding(said, &more);
    struct buf text;
    buf_init(&text, LIMIT_OUTPUT_FIELD);
    enum err e = buf_printf(&text, "%.3000s", text_of(finding, "text"));
    if (e == ERR_OK && more > 0) {
        e = buf_printf(&text, " And %zu more: sslauto explain %.253s", more, zone->name);
    }
    struct digest_item item = item_of(zone, buf_str(&text), text_of(finding, "remedy"));
    e = e == ERR_OK ? add(to, section, &item, news) : e;
    buf_done(&text);
    return e;
}

// Why an upgrade that is safe has not happened yet.
static enum err add_waiting(struct gathering *to, const struct zone *zone,
                            const struct db_scan *scan, const json_t *said, bool news)
{
    struct rollout rollout;
    char words[320];
    bool confirmed = json_is_true(json_object_get(said, "confirmed"));
    enum err e = db_rollout_get(to->db, zone->id, &rollout, to->why);
    if (e != ERR_OK && e != ERR_NOT_FOUND) {
        return e;
    }
    bool attempt = e == ERR_OK && rollout.state != ROLLOUT_DONE;
    enum rollout_reason reason = attempt     ? rollout.reason
                                 : confirmed ? ROLLOUT_REASON_NONE
                                             : ROLLOUT_REASON_UNCONFIRMED;
    const struct rollout_reason_row *row = rollout_reason_row(reason);
    (void)snprintf(words, sizeof words, "%s", row->sentence);
    if (attempt && rollout.state == ROLLOUT_COOLDOWN) {
        char until[TIME_TEXT_SIZE];
        (void)snprintf(words, sizeof words, "It went back, and rests until %.10s. %s",
                       time_print(until, rollout.cooldown_until), row->sentence);
    } else if (attempt && rollout_moves_traffic(&rollout)) {
        (void)snprintf(words, sizeof words, "%d.%02d %% of the visitors use it. %s",
                       rollout.share_bp / 100, rollout.share_bp % 100, row->sentence);
    }
    struct digest_item item = item_of(zone, words, row->remedy);
    item.to = scan->mode_recommended;
    return add(to, DIGEST_WAITING, &item,
               news || (attempt && rollout.state_at >= to->from && rollout.state_at < to->to));
}

// -- certificates ---------------------------------------------------------------------------------

struct soonest {
    int64_t at; // 0 = none
    const char *host, *origin;
};

static struct soonest soonest_of(const struct evidence *evidence)
{
    struct soonest soonest = {0};
    for (size_t i = 0; i < evidence->host_count; i++) {
        const struct host_evidence *host = &evidence->hosts[i];
        for (size_t j = 0; j < host->origin_count; j++) {
            const struct certificate *certificate = host->origins[j].certificate;
            int64_t at = certificate == NULL ? 0 : certificate_ends_at(certificate);
            if (at > 0 && (soonest.at == 0 || at < soonest.at)) {
                soonest = (struct soonest){at, host->name, host->origins[j].address};
            }
        }
    }
    return soonest;
}

// Told when it comes within 30, 14 and 7 days, and when it has ended.
static bool passed_a_mark(int64_t left_before_s, int64_t left_s)
{
    static const int64_t marks_s[] = {30 * DAY_S, 14 * DAY_S, 7 * DAY_S, 0};
    for (size_t i = 0; i < COUNT_OF(marks_s); i++) {
        if (left_before_s > marks_s[i] && left_s <= marks_s[i]) {
            return true;
        }
    }
    return false;
}

static enum err add_certificate(struct gathering *to, const struct zone *zone,
                                const struct evidence *evidence)
{
    struct soonest soonest = soonest_of(evidence);
    if (soonest.at == 0 || soonest.at - to->to > 30 * DAY_S) {
        return ERR_OK;
    }
    char words[640];
    (void)snprintf(words, sizeof words, "The certificate of %.253s at %.253s.", soonest.host,
                   soonest.origin);
    struct digest_item item = item_of(
        zone, words, "Renew the certificate at the origin; the edge refuses it afterwards.");
    item.at = soonest.at;
    item.to = zone->mode;
    return add(to, DIGEST_EXPIRING, &item,
               passed_a_mark(soonest.at - to->from, soonest.at - to->to));
}

static enum err look_at_certificates(struct gathering *to, const struct zone *zone)
{
    OWN(db_scan_done) struct db_scan scan = {0};
    OWN(evidence_own) struct evidence *evidence = NULL;
    enum err e = db_scan_current(to->db, zone->id, &scan, to->why);
    if (e != ERR_OK) {
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    }
    json_t *json = json_loads(scan.evidence, JSON_REJECT_DUPLICATES, NULL);
    e = json == NULL ? ERR_CORRUPT : evidence_from_json(&evidence, json, NULL);
    json_decref(json);
    // What cannot be read is told by `db check`; the others get their digest.
    return e == ERR_NOMEM ? e : e != ERR_OK ? ERR_OK : add_certificate(to, zone, evidence);
}

// -- zones ----------------------------------------------------------------------------------------

static enum err add_zone(struct gathering *to, const struct zone *zone, const struct db_scan *scan,
                         const json_t *said)
{
    bool fresh = scan->scanned_at >= to->from && scan->scanned_at < to->to;
    enum err e = ERR_OK;
    switch (scan->verdict) {
    case VERDICT_UPGRADE:
        if (scan->mode_recommended > zone->mode) {
            e = add_waiting(to, zone, scan, said, fresh);
        }
        break;
    case VERDICT_AT_RISK:
        // Every week until it is repaired.
        e = add_finding(to, DIGEST_AT_RISK, zone, said, zone->created_at < to->to);
        break;
    case VERDICT_UNKNOWN:
        if (fresh) {
            e = add_finding(to, DIGEST_FAILED, zone, said, true);
        }
        break;
    case VERDICT_KEEP:
        if (fresh && scan->blocker_count > 0) {
            e = add_finding(to, DIGEST_BLOCKED, zone, said, true);
        }
        break;
    case VERDICT_COUNT:
        break;
    }
    return e == ERR_OK && zone->mode >= MODE_STRICT ? look_at_certificates(to, zone) : e;
}

static enum err see_zone(void *ctx, const struct zone *zone, const struct db_scan *scan)
{
    struct gathering *to = ctx;
    to->modes.zones[zone->mode]++;
    if (zone->automatic == AUTOMATIC_CUSTOM || scan == NULL) {
        return ERR_OK;
    }
    json_t *said = json_loads(scan->recommendation, 0, NULL);
    enum err e = said == NULL ? ERR_OK : add_zone(to, zone, scan, said);
    json_decref(said);
    return e;
}

// The past as it was kept; this week as it is, unless it was kept too. Of weeks long past what is
// not kept is not known.
static enum err add_modes(struct gathering *to)
{
    struct digest *digest = to->digest;
    enum err e = db_modes_get(to->db, digest->account, digest->week, digest->modes,
                              &digest->mode_count, to->why);
    size_t n = digest->mode_count;
    if (e != ERR_OK || (n > 0 && digest->modes[n - 1].week == digest->week) ||
        digest->week < week_of(digest->made_at) - 2 * WEEK_S) {
        return e;
    }
    if (n == DIGEST_WEEKS) {
        memmove(&digest->modes[0], &digest->modes[1], (n - 1) * sizeof digest->modes[0]);
        n--;
    }
    digest->modes[n] = to->modes;
    digest->mode_count = n + 1;
    return ERR_OK;
}

enum err digests_gather(struct digest **out, struct db *db, const char *account, int64_t week,
                        const struct digest_policy *policy, struct why *why)
{
    int64_t now = 0;
    enum err e = db_now(db, &now, why);
    OWN(digest_own) struct digest *digest = e == ERR_OK ? digest_new(account, week, now) : NULL;
    if (digest == NULL) {
        return e == ERR_OK ? ERR_NOMEM : e;
    }
    struct gathering to = {.db = db,
                           .digest = digest,
                           .policy = policy,
                           .from = week,
                           .to = week + WEEK_S,
                           .modes = {.week = week},
                           .why = why};
    const struct db_filter filter = {
        .account = account, .mode = MODE_NONE, .recommended = MODE_NONE, .without_evidence = true};
    e = db_turn_each(db, account, to.from, to.to, add_turn, &to, why);
    e = e == ERR_OK ? db_recommendation_each(db, &filter, see_zone, &to, why) : e;
    e = e == ERR_OK ? add_modes(&to) : e;
    if (e == ERR_OK) {
        *out = digest;
        digest = NULL;
    }
    return e;
}
