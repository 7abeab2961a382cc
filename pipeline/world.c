// SPDX-License-Identifier: Apache-2.0
#include "pipeline/world.h"

#include <stdio.h>

#include "core/addr.h"

enum {
    ASK_FIRST_S = 7200,  // the schedule itself looks again after an hour
    ASK_LAST_S = 86400,  // longest pause between two scans that were asked for
    ASK_SCANS_MAX = 10,  // scans looked back at; by then the pause is the longest
    NETWORK_BITS_4 = 24, // what one hosting machine or load balancer usually has
    NETWORK_BITS_6 = 48,
};

// -- scans ---------------------------------------------------------------------------------------

struct history {
    size_t count;
    int64_t at[2]; // newest first
    enum mode recommended[2];
    int64_t since; // counted: scans from then on
    size_t count_since;
    bool other_since; // one of them said something else than the newest
};

static enum err take_scan(void *ctx, const struct db_scan *scan)
{
    struct history *history = ctx;
    if (history->count < COUNT_OF(history->at)) {
        history->at[history->count] = scan->scanned_at;
        history->recommended[history->count] = scan->mode_recommended;
        history->count++;
    }
    if (scan->scanned_at >= history->since) {
        history->count_since++;
        history->other_since =
            history->other_since || scan->mode_recommended != history->recommended[0];
    }
    return ERR_OK;
}

// Two scans in a row, each with second looks of its own, said that `to` is safe.
static bool confirmed(const struct history *history, enum mode to)
{
    return history->count == 2 && history->recommended[0] >= to && history->recommended[1] >= to;
}

enum err world_read(struct rollout_world *out, struct db *db, const struct zone *zone, enum mode to,
                    bool confirm, int64_t now, struct why *why)
{
    struct history history = {.since = INT64_MAX};
    enum err e = db_scan_history(db, zone->id, COUNT_OF(history.at), take_scan, &history, why);
    if (e != ERR_OK) {
        return e;
    }
    out->mode = zone->mode;
    out->automatic = zone->automatic == AUTOMATIC_AUTO && zone->opt_out_until <= now;
    out->recommended = history.count > 0 ? history.recommended[0] : MODE_NONE;
    out->recommended_at = history.count > 0 ? history.at[0] : 0;
    out->confirmed = !confirm || confirmed(&history, to);
    return ERR_OK;
}

enum err world_confirmed(bool *out, struct db *db, const char *zone_id, struct why *why)
{
    OWN(db_scan_done) struct db_scan scan = {0};
    enum err e = db_scan_current(db, zone_id, &scan, why);
    if (e != ERR_OK) {
        return e;
    }
    json_t *json = json_loads(scan.recommendation, 0, NULL);
    if (json == NULL) {
        return why_set(why, ERR_CORRUPT, "the recommendation of zone %s is no JSON", zone_id);
    }
    *out = !json_is_false(json_object_get(json, "confirmed")); // older scans do not say
    json_decref(json);
    return ERR_OK;
}

enum err world_ask_again_at(int64_t *out, struct db *db, const struct rollout *rollout,
                            struct why *why)
{
    struct history history = {.since = rollout->started_at};
    enum err e = db_scan_history(db, rollout->zone_id, ASK_SCANS_MAX, take_scan, &history, why);
    if (e != ERR_OK) {
        return e;
    }
    int64_t pause = (int64_t)ASK_FIRST_S << history.count_since;
    *out = (history.count > 0 ? history.at[0] : rollout->started_at) +
           (pause > ASK_LAST_S ? ASK_LAST_S : pause);
    return ERR_OK;
}

// *out stays NULL for a zone that was never scanned.
static enum err newest_evidence(struct evidence **out, struct db *db, const char *zone_id,
                                struct why *why)
{
    OWN(db_scan_done) struct db_scan scan = {0};
    enum err e = db_scan_current(db, zone_id, &scan, why);
    if (e != ERR_OK) {
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    }
    json_t *json = json_loads(scan.evidence, 0, NULL);
    e = json == NULL ? why_set(why, ERR_CORRUPT, "the evidence of zone %s is no JSON", zone_id)
                     : evidence_from_json(out, json, why);
    json_decref(json);
    return e;
}

// Calls look() with every certificate; true as soon as that says so.
static bool any_certificate(const struct evidence *evidence,
                            bool (*look)(const struct certificate *certificate, int64_t at),
                            int64_t at)
{
    for (size_t i = 0; evidence != NULL && i < evidence->host_count; i++) {
        const struct host_evidence *host = &evidence->hosts[i];
        for (size_t k = 0; k < host->origin_count; k++) {
            const struct certificate *certificate = host->origins[k].certificate;
            if (certificate != NULL && look(certificate, at)) {
                return true;
            }
        }
    }
    return false;
}

static bool ends_before(const struct certificate *certificate, int64_t at)
{
    return certificate_ends_at(certificate) < at;
}

static bool begins_after(const struct certificate *certificate, int64_t at)
{
    return certificate->not_before > at;
}

enum err world_certificate_short(bool *out, struct db *db, const char *zone_id, int64_t margin_s,
                                 int64_t now, struct why *why)
{
    OWN(evidence_own) struct evidence *evidence = NULL;
    enum err e = newest_evidence(&evidence, db, zone_id, why);
    if (e == ERR_OK) {
        *out = any_certificate(evidence, ends_before, now + margin_s);
    }
    return e;
}

// -- the origin ----------------------------------------------------------------------------------

static void cut_bits(struct addr *addr, size_t bits)
{
    for (size_t i = bits / 8; i < sizeof addr->bytes; i++) {
        addr->bytes[i] = 0;
    }
}

static void network_of(char out[48], const char *address)
{
    struct addr addr;
    char text[ADDR_TEXT_SIZE];
    out[0] = '\0';
    if (addr_parse(&addr, span_of(address)) != ERR_OK) {
        return;
    }
    addr = addr_unwrap(&addr);
    int bits = addr.version == 4 ? NETWORK_BITS_4 : NETWORK_BITS_6;
    cut_bits(&addr, (size_t)bits);
    (void)snprintf(out, 48, "%s/%d", addr_print(text, &addr), bits);
}

static bool is_address(const char *text)
{
    struct addr addr;
    return addr_parse(&addr, span_of(text)) == ERR_OK;
}

static const char *resolved_of(const struct evidence *evidence)
{
    bool there =
        evidence != NULL && evidence->host_count > 0 && evidence->hosts[0].origin_count > 0;
    return there ? evidence->hosts[0].origins[0].resolved : "";
}

enum err world_network(char out[48], struct db *db, const struct zone *zone, struct why *why)
{
    bool there = zone->host_count > 0 && zone->hosts[0].origin_count > 0;
    const char *address = there ? zone->hosts[0].origins[0].address : "";
    if (is_address(address)) {
        network_of(out, address);
        return ERR_OK;
    }
    OWN(evidence_own) struct evidence *evidence = NULL;
    enum err e = newest_evidence(&evidence, db, zone->id, why);
    if (e == ERR_OK) {
        network_of(out, resolved_of(evidence));
    }
    return e;
}

enum err world_origin_changed(bool *out, struct db *db, const struct zone *zone,
                              const struct rollout *before, struct why *why)
{
    char network[48];
    struct history history = {.since = before->state_at};
    OWN(evidence_own) struct evidence *evidence = NULL;
    enum err e = world_network(network, db, zone, why);
    if (e == ERR_OK) {
        e = db_scan_history(db, zone->id, ASK_SCANS_MAX, take_scan, &history, why);
    }
    if (e == ERR_OK) {
        e = newest_evidence(&evidence, db, zone->id, why);
    }
    if (e == ERR_OK) {
        *out = strcmp(network, before->origin_net) != 0 || history.other_since ||
               any_certificate(evidence, begins_after, before->state_at);
    }
    return e;
}

// -- caps ----------------------------------------------------------------------------------------

enum err world_capped(bool *out, struct db *db, const struct zone *zone,
                      const struct rollout *rollout, const struct controller_policy *policy,
                      struct why *why)
{
    const struct db_rollout_filter all = {.running = true};
    const struct db_rollout_filter account = {.running = true, .account = zone->account};
    const struct db_rollout_filter network = {.running = true, .origin_net = rollout->origin_net};
    const struct {
        const struct db_rollout_filter *filter;
        int64_t max;
    } caps[] = {{&all, policy->max_running},
                {&account, policy->max_per_account},
                {&network, policy->max_per_network}};
    bool capped = false;
    for (size_t i = 0; !capped && i < COUNT_OF(caps); i++) {
        if (caps[i].filter == &network && rollout->origin_net[0] == '\0') {
            continue; // not known where it is
        }
        int64_t running = 0;
        enum err e = db_rollout_count(db, caps[i].filter, &running, why);
        if (e != ERR_OK) {
            return e;
        }
        capped = running >= caps[i].max;
    }
    *out = capped;
    return ERR_OK;
}
