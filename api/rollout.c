// SPDX-License-Identifier: Apache-2.0
// A zone's rollout, and its verbs.
#include <string.h>

#include "api/call.h"

static json_t *steps_json(const struct rollout *rollout)
{
    json_t *steps = json_array();
    for (size_t i = 0; i < rollout->step_count; i++) {
        (void)json_array_append_new(steps, json_real(rollout->steps_bp[i] / 100.0));
    }
    return steps;
}

static json_t *rollout_json(const struct rollout *rollout)
{
    json_t *json =
        json_pack("{s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:f, s:o}", "id", "ssl_rollout",
                  "generation", (json_int_t)rollout->generation, "from", mode_str(rollout->from),
                  "to", mode_str(rollout->to), "state", rollout_state_str(rollout->state), "reason",
                  rollout_reason_str(rollout->reason), "explanation",
                  rollout_reason_row(rollout->reason)->sentence, "active",
                  (int)rollout_active(rollout), "paused", (int)rollout->paused, "share_percent",
                  rollout->share_bp / 100.0, "steps_percent", steps_json(rollout));
    json_t *more =
        json_pack("{s:I, s:o, s:o, s:o, s:o, s:I}", "step", (json_int_t)rollout->step, "started_on",
                  api_time(rollout->started_at), "state_on", api_time(rollout->state_at),
                  "next_look_on", api_time(rollout->tick_at), "cooldown_until",
                  api_time(rollout->cooldown_until), "version", (json_int_t)rollout->version);
    bool good = json != NULL && more != NULL && json_object_update(json, more) == 0;
    json_decref(more);
    if (!good) {
        json_decref(json);
        return NULL;
    }
    return json;
}

void api_rollout_get(struct api_call *call)
{
    struct why why = {""};
    struct rollout rollout;
    enum err e = db_rollout_get(call->worker->db, call->zone->id, &rollout, &why);
    if (e == ERR_NOT_FOUND) {
        api_fail(call->reply, API_NO_ROLLOUT);
    } else if (e != ERR_OK) {
        api_trouble(call, e, &why);
    } else {
        api_succeed(call->reply, rollout_json(&rollout));
    }
}

static bool wish_named(enum rollout_wish *out, const char *word)
{
    static const enum rollout_wish wishes[] = {WISH_PAUSE, WISH_RESUME, WISH_PROMOTE, WISH_ABORT,
                                               WISH_RETRY};
    for (size_t i = 0; i < COUNT_OF(wishes); i++) {
        if (strcmp(rollout_wish_str(wishes[i]), word) == 0) {
            *out = wishes[i];
            return true;
        }
    }
    return false;
}

// The verb, done. ERR_INVALID, _DENIED and _EXISTS are refusals with words for the client.
static void answer(struct api_call *call, enum err e, const struct why *why)
{
    if (e == ERR_INVALID || e == ERR_DENIED || e == ERR_EXISTS) {
        api_failf(call->reply, API_ROLLOUT_REFUSED, "%s", why_text(why, e));
        return;
    }
    if (e == ERR_NOT_FOUND) {
        api_fail(call->reply, API_NO_ROLLOUT);
        return;
    }
    if (e != ERR_OK && e != ERR_UNAVAILABLE) {
        api_trouble(call, e, why);
        return;
    }
    api_rollout_get(call);
    if (e == ERR_UNAVAILABLE) {
        api_notef(call->reply, NOTE_EDGE_TROUBLE, "%s", why_text(why, e));
    }
}

static void steer(struct api_call *call, const char *action, enum mode to, const char *reason)
{
    struct why why = {""};
    struct api_worker *worker = call->worker;
    struct api_hands *hands = worker->hands;
    enum rollout_wish wish = WISH_PAUSE;
    if (strcmp(action, "start") == 0) {
        answer(call,
               controller_start(worker->db, call->zone->id, to, call->actor, reason, hands->policy,
                                &why),
               &why);
        return;
    }
    if (!wish_named(&wish, action)) {
        api_failf(call->reply, API_VALIDATION,
                  "action must be start, pause, resume, promote, abort or retry");
        return;
    }
    (void)pthread_mutex_lock(&hands->lock);
    enum err e = controller_wish(worker->db, hands->edges, hands->edge_count, call->zone->id, wish,
                                 call->actor, reason, hands->policy, &why);
    (void)pthread_mutex_unlock(&hands->lock);
    answer(call, e, &why);
}

void api_rollout_steer(struct api_call *call)
{
    const json_t *body = call->request.body;
    const json_t *target = json_object_get(body, "to");
    const json_t *reason = json_object_get(body, "reason");
    const char *action = json_string_value(json_object_get(body, "action"));
    enum mode to = MODE_NONE;
    if (action == NULL) {
        api_failf(call->reply, API_VALIDATION, "action is missing");
    } else if (target != NULL && (!json_is_string(target) ||
                                  mode_parse(&to, span_of(json_string_value(target))) != ERR_OK)) {
        api_failf(call->reply, API_VALIDATION, "to must be a mode");
    } else if (reason != NULL && !json_is_string(reason)) {
        api_failf(call->reply, API_VALIDATION, "reason must be a text");
    } else {
        steer(call, action, to, json_string_value(reason));
    }
}
