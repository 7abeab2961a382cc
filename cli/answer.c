// SPDX-License-Identifier: Apache-2.0
#include "cli/answer.h"

#include "model/mode.h"

void json_own(json_t **json)
{
    json_decref(*json);
}

static bool put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value == NULL ? json_null() : value) == 0;
}

static bool add_origins(json_t *list, const json_t *host)
{
    const json_t *origins = json_object_get(host, "origins");
    for (size_t i = 0; i < json_array_size(origins); i++) {
        json_t *origin = json_object();
        if (!put(origin, "host", json_incref(json_object_get(host, "name"))) ||
            json_object_update(origin, json_array_get(origins, i)) != 0 ||
            json_array_append_new(list, origin) != 0) {
            return false;
        }
    }
    return true;
}

json_t *answer_make(const char *host, const json_t *recommendation, const json_t *evidence)
{
    static const char *const taken[] = {"mode_current", "mode_recommended", "verdict",
                                        "reasons",      "blockers",         "hosts"};
    json_t *answer = json_object();
    json_t *origins = json_array();
    const json_t *hosts = json_object_get(evidence, "hosts");
    bool ok = put(answer, "host", json_string(host));
    for (size_t i = 0; ok && i < COUNT_OF(taken); i++) {
        json_t *value = json_object_get(recommendation, taken[i]);
        ok = put(answer, taken[i], json_incref(value));
    }
    for (size_t i = 0; ok && i < json_array_size(hosts); i++) {
        ok = add_origins(origins, json_array_get(hosts, i));
    }
    ok = put(answer, "confirmed",
             json_boolean(json_is_true(json_object_get(recommendation, "confirmed")))) &&
         ok;
    ok = put(answer, "origins", origins) && ok;
    ok = ok && put(answer, "scanned_at", json_incref(json_object_get(evidence, "scanned_at")));
    if (json_is_true(json_object_get(evidence, "shortened"))) {
        ok = ok && put(answer, "shortened", json_true());
    }
    if (!ok) {
        json_decref(answer);
        return NULL;
    }
    return answer;
}

const char *json_text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

enum style verdict_style(const char *verdict)
{
    if (strcmp(verdict, "upgrade") == 0) {
        return STYLE_GOOD;
    }
    if (strcmp(verdict, "at_risk") == 0) {
        return STYLE_BAD;
    }
    return strcmp(verdict, "unknown") == 0 ? STYLE_WARN : STYLE_NONE;
}

const char *mode_word_title(const char *word)
{
    enum mode mode = MODE_NONE;
    return mode_parse(&mode, span_of(word)) == ERR_OK ? mode_title(mode) : "-";
}
