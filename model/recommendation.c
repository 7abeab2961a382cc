// SPDX-License-Identifier: Apache-2.0
#include "model/recommendation.h"

#include <math.h>
#include <stdlib.h>

#include "model/json_fields.h"

static void findings_free(struct finding *findings, size_t count)
{
    for (size_t i = 0; findings != NULL && i < count; i++) {
        free(findings[i].host);
        free(findings[i].origin);
        free(findings[i].text);
    }
    free(findings);
}

void recommendation_free(struct recommendation *recommendation)
{
    if (recommendation == NULL) {
        return;
    }
    for (size_t i = 0; recommendation->hosts != NULL && i < recommendation->host_count; i++) {
        free(recommendation->hosts[i].name);
    }
    free(recommendation->hosts);
    findings_free(recommendation->reasons, recommendation->reason_count);
    findings_free(recommendation->blockers, recommendation->blocker_count);
    free(recommendation);
}

static const char *const verdict_words[VERDICT_COUNT] = {
    [VERDICT_UPGRADE] = "upgrade",
    [VERDICT_KEEP] = "keep",
    [VERDICT_UNKNOWN] = "unknown",
    [VERDICT_AT_RISK] = "at_risk",
};

const char *verdict_str(enum verdict verdict)
{
    return verdict < VERDICT_COUNT ? verdict_words[verdict] : "none";
}

enum err verdict_parse(enum verdict *out, struct span word)
{
    for (enum verdict v = VERDICT_UPGRADE; v < VERDICT_COUNT; v++) {
        if (span_equal(word, span_of(verdict_words[v]))) {
            *out = v;
            return ERR_OK;
        }
    }
    return ERR_INVALID;
}

static json_t *mode_or_null(enum mode mode)
{
    return mode == MODE_NONE ? json_null() : json_string(mode_str(mode));
}

static json_t *text_or_null(const char *text)
{
    return text == NULL ? json_null() : json_text(text);
}

static bool put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

static json_t *finding_to_json(const struct finding *finding)
{
    json_t *object = json_object();
    if (put(object, "code", json_string(finding->code)) &&
        put(object, "text", json_text(finding->text)) &&
        put(object, "source", json_string(finding->source)) &&
        put(object, "remedy", json_string(finding->remedy)) &&
        put(object, "host", text_or_null(finding->host)) &&
        put(object, "origin", text_or_null(finding->origin))) {
        return object;
    }
    json_decref(object);
    return NULL;
}

static json_t *findings_to_json(const struct finding *findings, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        if (json_array_append_new(array, finding_to_json(&findings[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *host_to_json(const struct host_recommendation *host)
{
    json_t *object = json_object();
    if (put(object, "name", json_text(host->name)) &&
        put(object, "weight", json_real(isfinite(host->weight) ? host->weight : 0)) &&
        put(object, "mode", mode_or_null(host->mode))) {
        return object;
    }
    json_decref(object);
    return NULL;
}

static json_t *hosts_to_json(const struct recommendation *recommendation)
{
    json_t *array = json_array();
    for (size_t i = 0; i < recommendation->host_count; i++) {
        if (json_array_append_new(array, host_to_json(&recommendation->hosts[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

json_t *recommendation_to_json(const struct recommendation *recommendation)
{
    json_t *object = json_object();
    if (put(object, "mode_current", mode_or_null(recommendation->current)) &&
        put(object, "mode_recommended", mode_or_null(recommendation->recommended)) &&
        put(object, "verdict", json_string(verdict_str(recommendation->verdict))) &&
        put(object, "confirmed", json_boolean(recommendation->confirmed)) &&
        put(object, "hosts", hosts_to_json(recommendation)) &&
        put(object, "reasons",
            findings_to_json(recommendation->reasons, recommendation->reason_count)) &&
        put(object, "blockers",
            findings_to_json(recommendation->blockers, recommendation->blocker_count))) {
        return object;
    }
    json_decref(object);
    return NULL;
}
