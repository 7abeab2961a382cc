// SPDX-License-Identifier: Apache-2.0
// The settings ssl, ssl_automatic_mode and ssl_recommender, one by one and in bulk.
#include <string.h>

#include "api/call.h"
#include "core/time.h"

DEFINE_OWN(json_own, json_t, json_decref)

enum setting {
    SETTING_SSL,
    SETTING_AUTOMATIC,
    SETTING_RECOMMENDER,
    SETTING_COUNT
};

static const char *const names[SETTING_COUNT] = {
    [SETTING_SSL] = "ssl",
    [SETTING_AUTOMATIC] = "ssl_automatic_mode",
    [SETTING_RECOMMENDER] = "ssl_recommender",
};

// What is to be changed: each only where has_ says so.
struct edit {
    bool has_mode, has_automatic, has_recommender;
    enum mode mode;
    enum automatic automatic;
    bool recommender;
    bool list; // answer with all settings that were named
    bool named[SETTING_COUNT];
};

// -- reading -------------------------------------------------------------------------------------
json_t *api_automatic_json(const struct zone *zone, const struct db_zone_state *zone_state)
{
    json_t *json = json_pack("{s:s, s:b, s:o, s:s}", "id", names[SETTING_AUTOMATIC], "editable", 1,
                             "modified_on", api_time(zone_state->automatic_modified_at), "value",
                             automatic_str(zone->automatic));
    // Absent for custom zones, which have no schedule.
    if (json != NULL && zone->automatic == AUTOMATIC_AUTO) {
        (void)json_object_set_new(json, "next_scheduled_scan", api_time(zone_state->next_scan_at));
    }
    return json;
}

static json_t *setting_json(enum setting setting, const struct zone *zone,
                            const struct db_zone_state *zone_state)
{
    switch (setting) {
    case SETTING_SSL:
        return json_pack("{s:s, s:s, s:b, s:o}", "id", names[setting], "value",
                         mode_str(zone->mode), "editable", 1, "modified_on",
                         api_time(zone_state->mode_modified_at));
    case SETTING_AUTOMATIC:
        return api_automatic_json(zone, zone_state);
    case SETTING_RECOMMENDER:
        return json_pack("{s:s, s:b, s:b}", "id", names[setting], "enabled",
                         (int)zone_state->recommender, "editable", 1);
    case SETTING_COUNT:
        break;
    }
    return NULL;
}

static bool setting_named(enum setting *out, const char *name, struct api_reply *reply)
{
    for (unsigned i = 0; i < SETTING_COUNT; i++) {
        if (strcmp(names[i], name) == 0) {
            *out = (enum setting)i;
            return true;
        }
    }
    api_failf(reply, API_SETTING_UNKNOWN, "Unrecognized zone setting name: %.60s", name);
    return false;
}

// The setting of the path: its last segment, whether the pattern has it or a place for it.
static bool setting_of(enum setting *out, struct api_call *call)
{
    const struct api_request *request = &call->request;
    return setting_named(out, request->segments[request->segment_count - 1], call->reply);
}

void api_setting_get(struct api_call *call)
{
    struct why why = {""};
    enum setting setting = SETTING_SSL;
    struct db_zone_state zone_state = {0};
    if (!setting_of(&setting, call)) {
        return;
    }
    enum err e = db_zone_state(call->worker->db, call->zone->id, &zone_state, &why);
    if (e != ERR_OK) {
        api_trouble(call, e, &why);
        return;
    }
    api_succeed(call->reply, setting_json(setting, call->zone, &zone_state));
}

static json_t *list_json(const bool named[SETTING_COUNT], const struct zone *zone,
                         const struct db_zone_state *zone_state)
{
    json_t *list = json_array();
    bool good = list != NULL;
    for (unsigned i = 0; good && i < SETTING_COUNT; i++) {
        if (named[i]) {
            json_t *json = setting_json((enum setting)i, zone, zone_state);
            good = json != NULL && json_array_append_new(list, json) == 0;
        }
    }
    if (!good) {
        json_decref(list);
        return NULL;
    }
    return list;
}

void api_settings_list(struct api_call *call)
{
    static const bool all[SETTING_COUNT] = {true, true, true};
    struct why why = {""};
    struct db_zone_state zone_state = {0};
    enum err e = db_zone_state(call->worker->db, call->zone->id, &zone_state, &why);
    if (e != ERR_OK) {
        api_trouble(call, e, &why);
        return;
    }
    api_succeed(call->reply, list_json(all, call->zone, &zone_state));
}

// -- what is asked for ---------------------------------------------------------------------------
static bool take_recommender(struct edit *edit, const json_t *object, struct api_reply *reply)
{
    const json_t *enabled = json_object_get(object, "enabled");
    const char *value = json_string_value(json_object_get(object, "value"));
    if (enabled == NULL && value != NULL &&
        (strcmp(value, "on") == 0 || strcmp(value, "off") == 0)) {
        edit->recommender = strcmp(value, "on") == 0; // as older clients write it
        edit->has_recommender = true;
        return true;
    }
    if (!json_is_boolean(enabled)) {
        api_failf(reply, enabled == NULL ? API_VALIDATION : API_VALUE_INVALID,
                  "Invalid value for zone setting ssl_recommender: enabled must be true or false");
        return false;
    }
    edit->recommender = json_is_true(enabled);
    edit->has_recommender = true;
    return true;
}

static bool take_value(struct edit *edit, enum setting setting, const json_t *value,
                       struct api_reply *reply)
{
    const char *word = json_string_value(value);
    if (value == NULL) {
        api_failf(reply, API_VALIDATION, "value is missing for zone setting %s", names[setting]);
        return false;
    }
    if (setting == SETTING_SSL && word != NULL &&
        mode_parse(&edit->mode, span_of(word)) == ERR_OK) {
        edit->has_mode = true;
        return true;
    }
    if (setting == SETTING_AUTOMATIC && word != NULL &&
        automatic_parse(&edit->automatic, span_of(word)) == ERR_OK) {
        edit->has_automatic = true;
        return true;
    }
    api_failf(reply, API_VALUE_INVALID, "Invalid value for zone setting %s", names[setting]);
    return false;
}

static bool take_setting(struct edit *edit, enum setting setting, const json_t *object,
                         struct api_reply *reply)
{
    if (edit->named[setting]) {
        api_failf(reply, API_VALIDATION, "%s is named twice", names[setting]);
        return false;
    }
    edit->named[setting] = true;
    return setting == SETTING_RECOMMENDER
               ? take_recommender(edit, object, reply)
               : take_value(edit, setting, json_object_get(object, "value"), reply);
}

static bool take_items(struct edit *edit, const json_t *body, struct api_reply *reply)
{
    const json_t *items = json_object_get(body, "items");
    if (!json_is_array(items) || json_array_size(items) == 0) {
        api_failf(reply, API_VALIDATION, "items is missing: a list of settings to change");
        return false;
    }
    edit->list = true;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        const char *id = json_string_value(json_object_get(item, "id"));
        enum setting setting = SETTING_SSL;
        if (id == NULL) {
            api_failf(reply, API_VALIDATION, "items[%zu] has no id", i);
            return false;
        }
        if (!setting_named(&setting, id, reply) || !take_setting(edit, setting, item, reply)) {
            return false;
        }
    }
    return true;
}

// -- whether it may be ---------------------------------------------------------------------------
static bool mode_allowed(const struct zone *zone, enum mode mode, struct api_reply *reply)
{
    struct why why = {""};
    if (zone_allows_mode(zone, mode, &why) == ERR_OK) {
        return true;
    }
    if (mode == MODE_ORIGIN_PULL) { // the plan
        api_failf(reply, API_NOT_ALLOWED, "Not allowed to edit setting ssl: %s", why.text);
    } else {
        api_failf(reply, API_VALUE_INVALID, "Invalid value for zone setting ssl: %s", why.text);
    }
    return false;
}

// -- doing it ------------------------------------------------------------------------------------
// A rollout under way is looked at now: it goes back because of what changed.
static enum err end_rollout(struct api_call *call, bool ends, struct why *why)
{
    struct db *db = call->worker->db;
    struct rollout rollout;
    struct why ignored = {""};
    enum err e = db_rollout_get(db, call->zone->id, &rollout, &ignored);
    if (e == ERR_NOT_FOUND || (e == ERR_OK && !rollout_active(&rollout))) {
        return ERR_OK;
    }
    if (e != ERR_OK) {
        return why_set(why, e, "%s", ignored.text);
    }
    rollout.tick_at = call->now;
    e = db_rollout_update(db, &rollout, NULL, why);
    if (e == ERR_OK && ends) {
        api_notef(call->reply, NOTE_ROLLOUT_STOPS,
                  "The rollout from %s to %s ends now: visitors go back to %s within seconds",
                  mode_str(rollout.from), mode_str(rollout.to), mode_str(rollout.from));
    }
    return e;
}

static enum err tell_mode(struct api_call *call, enum mode before, struct why *why)
{
    enum err e = api_event(call, "mode_changed", why, "%s: ssl from %s to %s, set by hand",
                           call->zone->name, mode_str(before), mode_str(call->zone->mode));
    e = e == ERR_OK ? db_order_add(call->worker->db, call->zone->id, why) : e;
    if (e == ERR_OK) {
        api_notef(call->reply, NOTE_EDGE_LATER, "The edge %s is told within seconds",
                  call->zone->edge);
    }
    return e;
}

static enum err tell_automatic(struct api_call *call, const struct edit *edit,
                               const struct zone *before, struct why *why)
{
    const struct zone *zone = call->zone;
    const char *because = edit->has_automatic ? "set by hand" : "because ssl was set by hand";
    if (!edit->has_automatic) {
        api_notef(call->reply, NOTE_CUSTOM_NOW,
                  "ssl_automatic_mode is custom now, because ssl was set by hand: sslauto will not "
                  "change it any more. Set ssl_automatic_mode to auto to hand it back");
    }
    if (zone->automatic == AUTOMATIC_CUSTOM && before->opt_out_until > call->now) {
        api_notef(call->reply, NOTE_NO_SCAN_ACTED,
                  "Opted out within the grace period: no scan has acted, none will");
    }
    return api_event(call, "automatic_changed", why, "%s: ssl_automatic_mode from %s to %s, %s",
                     zone->name, automatic_str(before->automatic), automatic_str(zone->automatic),
                     because);
}

static enum err change_recommender(struct api_call *call, const struct edit *edit,
                                   const struct db_zone_state *before, struct why *why)
{
    struct db *db = call->worker->db;
    int64_t changed = 0;
    if (!edit->has_recommender || edit->recommender == before->recommender) {
        return ERR_OK;
    }
    enum err e = db_zone_set_recommender(db, call->zone->id, edit->recommender, why);
    // Off and on again is how clients of the older Recommender ask for a new look.
    if (e == ERR_OK && edit->recommender) {
        e = db_scan_request(db, call->zone->id, &changed, why);
    }
    return e != ERR_OK ? e
                       : api_event(call, "recommender_changed", why, "%s: ssl_recommender %s",
                                   call->zone->name, edit->recommender ? "enabled" : "disabled");
}

// The zone's own columns. A set mode under auto makes the zone custom, unless auto is asked for in
// the same request: the real service reverts such a mode without a word.
static enum err change_zone(struct api_call *call, const struct edit *edit, struct why *why)
{
    struct zone *zone = call->zone;
    const struct zone before = *zone; // its strings stay the zone's
    zone_choose(zone, edit->has_mode ? &edit->mode : NULL,
                edit->has_automatic ? &edit->automatic : NULL);
    bool mode = zone->mode != before.mode;
    bool automatic = zone->automatic != before.automatic;
    if (!mode && !automatic && zone->opt_out_until == before.opt_out_until) {
        return ERR_OK;
    }
    enum err e = db_zone_update(call->worker->db, zone, why);
    if (e == ERR_OK && automatic) {
        e = tell_automatic(call, edit, &before, why);
    }
    if (e == ERR_OK && mode) {
        e = tell_mode(call, before.mode, why);
    }
    if (e == ERR_OK && !mode && !automatic) {
        e = api_event(call, "automatic_changed", why,
                      "%s: auto is confirmed, the grace period ends", zone->name);
    }
    bool ends = mode || (automatic && zone->automatic == AUTOMATIC_CUSTOM);
    return e == ERR_OK ? end_rollout(call, ends, why) : e;
}

static enum err change(struct api_call *call, void *ctx, struct why *why)
{
    const struct edit *edit = ctx;
    struct db *db = call->worker->db;
    struct db_zone_state zone_state = {0};
    if (edit->has_mode && !mode_allowed(call->zone, edit->mode, call->reply)) {
        return ERR_OK;
    }
    enum err e = db_zone_state(db, call->zone->id, &zone_state, why);
    e = e == ERR_OK ? change_zone(call, edit, why) : e;
    e = e == ERR_OK ? change_recommender(call, edit, &zone_state, why) : e;
    e = e == ERR_OK ? db_zone_state(db, call->zone->id, &zone_state, why) : e;
    if (e != ERR_OK) {
        return e;
    }
    if (edit->has_mode && edit->mode == MODE_FLEXIBLE) {
        api_notef(call->reply, NOTE_FLEXIBLE_PORTS,
                  "flexible concerns port 443 alone: on other HTTPS ports the edge uses full");
    }
    json_t *list = list_json(edit->named, call->zone, &zone_state);
    api_succeed(call->reply, edit->list || list == NULL ? json_incref(list)
                                                        : json_incref(json_array_get(list, 0)));
    json_decref(list);
    return ERR_OK;
}

void api_setting_edit(struct api_call *call)
{
    struct edit edit = {0};
    enum setting setting = SETTING_SSL;
    if (setting_of(&setting, call) &&
        take_setting(&edit, setting, call->request.body, call->reply)) {
        api_change(call, change, &edit);
    }
}

void api_settings_edit(struct api_call *call)
{
    struct edit edit = {0};
    if (take_items(&edit, call->request.body, call->reply)) {
        api_change(call, change, &edit);
    }
}
