// SPDX-License-Identifier: Apache-2.0
#include "pipeline/replay.h"

#include <stdlib.h>

#include "pipeline/compact.h"

char *replay_print(const struct recommend_policy *policy, const struct zone *zone,
                   const struct recommend_past *past)
{
    json_t *json = json_pack(
        "{s:i, s:{s:I, s:i}, s:{s:s, s:s, s:s, s:b, s:b}, s:{s:s?}}", "version", 1, "recommend",
        "certificate_margin_s", (json_int_t)policy->certificate_margin_s, "tls_min",
        policy->tls_min, "zone", "mode", mode_str(zone->mode), "plan", zone->plan, "automatic",
        automatic_str(zone->automatic), "allow_origin_pull", (int)zone->allow_origin_pull,
        "authenticated_pulls", (int)zone->authenticated_pulls, "past", "upgrade",
        past->upgrade == MODE_NONE ? NULL : mode_str(past->upgrade));
    char *text = NULL;
    enum err e = compact_print(&text, json);
    json_decref(json);
    return e == ERR_OK ? text : NULL;
}

static enum err parse_past(struct recommend_past *past, const json_t *json, struct why *why)
{
    const json_t *upgrade = json_object_get(json_object_get(json, "past"), "upgrade");
    past->upgrade = MODE_NONE;
    if (json_is_null(upgrade)) {
        return ERR_OK;
    }
    const char *word = json_string_value(upgrade);
    if (word == NULL || mode_parse(&past->upgrade, span_of(word)) != ERR_OK) {
        return why_set(why, ERR_CORRUPT, "stored policy: \"past\" names no mode");
    }
    return ERR_OK;
}

static enum err parse_settings(struct zone *zone, struct recommend_policy *policy, json_t *json,
                               struct why *why)
{
    const char *mode = NULL;
    const char *plan = NULL;
    const char *automatic = NULL;
    int version = 0;
    int allow = 0;
    int pulls = 0;
    json_int_t margin = 0;
    json_error_t error;
    if (json_unpack_ex(json, &error, 0, "{s:i, s:{s:I, s:i}, s:{s:s, s:s, s:s, s:b, s:b}}",
                       "version", &version, "recommend", "certificate_margin_s", &margin, "tls_min",
                       &policy->tls_min, "zone", "mode", &mode, "plan", &plan, "automatic",
                       &automatic, "allow_origin_pull", &allow, "authenticated_pulls",
                       &pulls) != 0) {
        return why_set(why, ERR_CORRUPT, "stored policy: %s", error.text);
    }
    if (version != 1) {
        return why_set(why, ERR_NEWER, "stored policy has version %d, this program reads 1",
                       version);
    }
    policy->certificate_margin_s = (int64_t)margin;
    zone->allow_origin_pull = allow != 0;
    zone->authenticated_pulls = pulls != 0;
    if (mode_parse(&zone->mode, span_of(mode)) != ERR_OK ||
        automatic_parse(&zone->automatic, span_of(automatic)) != ERR_OK) {
        return why_set(why, ERR_CORRUPT, "stored policy: unknown mode \"%s\" or \"%s\"", mode,
                       automatic);
    }
    free(zone->plan);
    zone->plan = strdup(plan);
    return zone->plan == NULL ? ERR_NOMEM : ERR_OK;
}

static void json_own(json_t **json)
{
    json_decref(*json);
}

static enum err load(json_t **out, const char *text, const char *what, struct why *why)
{
    json_error_t error;
    *out = text == NULL ? NULL : json_loads(text, JSON_REJECT_DUPLICATES, &error);
    return *out != NULL ? ERR_OK
                        : why_set(why, ERR_CORRUPT, "the stored %s is no JSON: %s", what,
                                  text == NULL ? "there is none" : error.text);
}

enum err pipeline_replay(struct recommendation **out, const struct db_scan *scan, struct why *why)
{
    OWN(json_own) json_t *policy_json = NULL;
    OWN(json_own) json_t *evidence_json = NULL;
    OWN(zone_own) struct zone *zone = zone_new();
    OWN(evidence_own) struct evidence *evidence = NULL;
    struct recommend_policy policy = recommend_policy_default();
    enum err e = zone == NULL ? ERR_NOMEM : load(&policy_json, scan->policy, "policy", why);
    if (e == ERR_OK) {
        e = parse_settings(zone, &policy, policy_json, why);
    }
    struct recommend_past past = {.upgrade = MODE_NONE};
    if (e == ERR_OK) {
        e = parse_past(&past, policy_json, why);
    }
    if (e == ERR_OK) {
        e = load(&evidence_json, scan->evidence, "evidence", why);
    }
    if (e == ERR_OK) {
        e = evidence_from_json(&evidence, evidence_json, why);
    }
    return e != ERR_OK ? e : recommend(out, zone, evidence, &policy, &past, scan->scanned_at);
}
