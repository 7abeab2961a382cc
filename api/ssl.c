// SPDX-License-Identifier: Apache-2.0
// What the scans found and what was done: recommendation, rescan, evidence, history.
#include <stdlib.h>
#include <string.h>

#include "api/call.h"

DEFINE_OWN(json_own, json_t, json_decref)

#define PER_PAGE 50

// -- recommendation
// --------------------------------------------------------------------------------
static json_t *recommended_json(const struct db_scan *scan, const struct zone *zone)
{
    // Nothing better is known: what it has.
    enum mode mode = scan->mode_recommended == MODE_NONE ? zone->mode : scan->mode_recommended;
    return json_pack("{s:s, s:o, s:s}", "id", "ssl_recommendation", "modified_on",
                     api_time(scan->scanned_at), "value", mode_str(mode));
}

void api_ssl_recommendation(struct api_call *call)
{
    struct why why = {""};
    struct db *db = call->worker->db;
    OWN(db_scan_done)
    struct db_scan scan = {.mode_current = MODE_NONE, .mode_recommended = MODE_NONE};
    struct db_zone_state zone_state = {0};
    enum err e = db_zone_state(db, call->zone->id, &zone_state, &why);
    if (e == ERR_OK && call->worker->policy->recommendation == API_RECOMMENDATION_AUTOMATIC) {
        api_succeed(call->reply, api_automatic_json(call->zone, &zone_state));
        return;
    }
    e = e == ERR_OK ? db_scan_current(db, call->zone->id, &scan, &why) : e;
    if (e != ERR_OK && e != ERR_NOT_FOUND) {
        api_trouble(call, e, &why);
        return;
    }
    api_succeed(call->reply, recommended_json(&scan, call->zone));
}

// -- rescan
// ----------------------------------------------------------------------------------------
static enum err rescan(struct api_call *call, void *ctx, struct why *why)
{
    (void)ctx;
    struct db *db = call->worker->db;
    int64_t changed = 0;
    struct db_zone_state zone_state = {0};
    enum err e = db_scan_request(db, call->zone->id, &changed, why);
    if (e == ERR_OK && changed > 0) {
        e = api_event(call, "scan_requested", why, "%s: a scan was asked for", call->zone->name);
    }
    e = e == ERR_OK ? db_zone_state(db, call->zone->id, &zone_state, why) : e;
    if (e != ERR_OK) {
        return e;
    }
    if (changed == 0) {
        api_notef(call->reply, NOTE_NOTHING_CHANGED, "The zone was due already");
    }
    if (call->zone->automatic == AUTOMATIC_CUSTOM) {
        api_notef(call->reply, NOTE_OUTSIDE_AUTO,
                  "The zone is custom: it is looked at once, and its mode is not changed");
    }
    api_succeed(call->reply,
                json_pack("{s:s, s:b, s:o}", "id", "ssl_rescan", "requested", changed > 0,
                          "next_scheduled_scan", api_time(zone_state.next_scan_at)));
    return ERR_OK;
}

void api_ssl_rescan(struct api_call *call)
{
    api_change(call, rescan, NULL);
}

// -- evidence
// --------------------------------------------------------------------------------------
static json_t *evidence_json(const struct db_scan *scan)
{
    OWN(json_own) json_t *evidence = json_loads(scan->evidence, 0, NULL);
    OWN(json_own) json_t *recommendation = json_loads(scan->recommendation, 0, NULL);
    OWN(json_own) json_t *policy = json_loads(scan->policy, 0, NULL);
    return evidence == NULL || recommendation == NULL || policy == NULL
               ? NULL
               : json_pack("{s:s, s:o, s:o, s:O, s:O, s:O}", "id", "ssl_evidence", "scanned_on",
                           api_time(scan->scanned_at), "next_scheduled_scan",
                           api_time(scan->next_scan_at), "recommendation", recommendation,
                           "evidence", evidence, "policy", policy);
}

void api_ssl_evidence(struct api_call *call)
{
    struct why why = {""};
    OWN(db_scan_done) struct db_scan scan = {0};
    enum err e = db_scan_current(call->worker->db, call->zone->id, &scan, &why);
    if (e == ERR_NOT_FOUND) {
        api_fail(call->reply, API_NEVER_SCANNED);
    } else if (e != ERR_OK) {
        api_trouble(call, e, &why);
    } else {
        api_succeed(call->reply, evidence_json(&scan));
    }
}

// -- history
// --------------------------------------------------------------------------------------- Events of
// the zone and of its rollouts, two lists that each are newest first.
struct history {
    json_t *events, *rollouts; // owned
};

static void history_done(struct history *history)
{
    json_decref(history->events);
    json_decref(history->rollouts);
}

static enum err append(json_t *list, json_t *json)
{
    return json != NULL && json_array_append_new(list, json) == 0 ? ERR_OK : ERR_NOMEM;
}

static enum err add_event(void *ctx, const struct db_event *event)
{
    const struct history *history = ctx;
    return append(history->events,
                  json_pack("{s:I, s:o, s:s, s:s, s:s}", "at", (json_int_t)event->at, "when",
                            api_time(event->at), "actor", event->actor, "kind", event->kind,
                            "detail", event->detail));
}

static enum err add_rollout(void *ctx, const struct rollout_event *event)
{
    const struct history *history = ctx;
    return append(history->rollouts,
                  json_pack("{s:I, s:o, s:s, s:s, s:s, s:I, s:s, s:s, s:f}", "at",
                            (json_int_t)event->at, "when", api_time(event->at), "actor",
                            event->actor, "kind", "rollout", "detail", event->detail, "generation",
                            (json_int_t)event->generation, "state", rollout_state_str(event->state),
                            "reason", rollout_reason_str(event->reason), "share_percent",
                            event->share_bp / 100.0));
}

static json_int_t at_of(const json_t *list, size_t index)
{
    return json_integer_value(json_object_get(json_array_get(list, index), "at"));
}

// Places from..to of both lists merged, newest first.
static json_t *merged(const struct history *history, int64_t from, int64_t to)
{
    size_t e = 0;
    size_t r = 0;
    json_t *list = json_array();
    for (int64_t i = 0; list != NULL && i < to; i++) {
        bool events = e < json_array_size(history->events);
        bool rollouts = r < json_array_size(history->rollouts);
        if (!events && !rollouts) {
            break;
        }
        bool rollout =
            rollouts && (!events || at_of(history->rollouts, r) >= at_of(history->events, e));
        json_t *json =
            rollout ? json_array_get(history->rollouts, r++) : json_array_get(history->events, e++);
        if (i >= from) {
            (void)json_object_del(json, "at");
            (void)json_array_append(list, json);
        }
    }
    return list;
}

void api_ssl_history(struct api_call *call)
{
    struct why why = {""};
    struct db *db = call->worker->db;
    OWN(history_done) struct history history = {json_array(), json_array()};
    int64_t page = 0;
    int64_t per_page = 0;
    if (!api_paging(call, PER_PAGE, &page, &per_page)) {
        return;
    }
    enum err e =
        history.events == NULL || history.rollouts == NULL
            ? ERR_NOMEM
            : db_event_each(db, call->zone->id, LIMIT_API_HISTORY, add_event, &history, &why);
    if (e == ERR_OK) {
        e = db_rollout_events(db, call->zone->id, 0, LIMIT_API_HISTORY, add_rollout, &history,
                              &why);
    }
    if (e != ERR_OK) {
        api_trouble(call, e, &why);
        return;
    }
    int64_t total = (int64_t)(json_array_size(history.events) + json_array_size(history.rollouts));
    json_t *list = merged(&history, (page - 1) * per_page, page * per_page);
    api_page_info(call->reply, page, per_page, (int64_t)json_array_size(list), total);
    api_succeed(call->reply, list);
}
