// SPDX-License-Identifier: Apache-2.0
// Stored evidence read back: whatever is taken must be written to the same again, and can be
// decided from.
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "model/evidence.h"
#include "recommend/recommend.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *text_of(const struct evidence *evidence)
{
    json_t *json = evidence_to_json(evidence);
    assert(json != NULL);
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    assert(text != NULL);
    return text;
}

static void check_same_again(const struct evidence *evidence)
{
    char *first = text_of(evidence);
    json_t *json = json_loads(first, 0, NULL);
    struct evidence *again = NULL;
    enum err e = evidence_from_json(&again, json, NULL);
    assert(e == ERR_OK);
    char *second = text_of(again);
    assert(strcmp(first, second) == 0);
    free(first);
    free(second);
    json_decref(json);
    evidence_free(again);
}

static void check_decision(const struct evidence *evidence)
{
    OWN(zone_own) struct zone *zone = zone_new();
    assert(zone != NULL);
    struct recommend_policy policy = recommend_policy_default();
    for (enum mode mode = MODE_OFF; mode < MODE_COUNT; mode++) {
        zone->mode = mode;
        OWN(recommendation_own) struct recommendation *out = NULL;
        enum err e = recommend(&out, zone, evidence, &policy, NULL, evidence->scanned_at / 2);
        assert(e == ERR_OK);
        assert(out->recommended == MODE_NONE || out->recommended >= mode);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *json = json_loadb((const char *)data, size, JSON_ALLOW_NUL, NULL);
    struct evidence *evidence = NULL;
    struct why why = {""};
    if (json != NULL && evidence_from_json(&evidence, json, &why) == ERR_OK) {
        check_same_again(evidence);
        check_decision(evidence);
    }
    json_decref(json);
    evidence_free(evidence);
    return 0;
}
