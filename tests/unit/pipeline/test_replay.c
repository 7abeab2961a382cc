// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "pipeline/replay.h"
#include "tests/support/check.h"

static struct zone *zone_made(void)
{
    struct zone *zone = zone_new();
    assert_non_null(zone);
    zone->name = strdup("a.example");
    zone->mode = MODE_STRICT;
    return zone;
}

// An origin that is down under strict: with other settings the answer would be another.
static char *evidence_text(void)
{
    struct origin_evidence origin = {
        .address = strdup("192.0.2.1"), .http_port = 80, .https_port = 443};
    origin.http = (struct scheme_evidence){.asked = true,
                                           .outcome = OUTCOME_CONNECT_TIMEOUT,
                                           .phase = PHASE_CONNECT,
                                           .retry_after_s = -1};
    origin.https = origin.http;
    struct host_evidence host = {
        .name = (char[]){"a.example"}, .weight = 1, .origins = &origin, .origin_count = 1};
    struct evidence evidence = {.scanned_at = 1795000000, .hosts = &host, .host_count = 1};
    memset(evidence.zone_id, 'a', 32);
    json_t *json = evidence_to_json(&evidence);
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    free(origin.address);
    return text;
}

static void gives_the_same_answer_again(void **state)
{
    (void)state;
    struct recommend_policy policy = recommend_policy_default();
    struct zone *zone = zone_made();
    struct db_scan scan = {.scanned_at = 1795000000};
    struct recommend_past past = {.upgrade = MODE_NONE};
    scan.policy = replay_print(&policy, zone, &past);
    scan.evidence = evidence_text();
    zone->mode = MODE_OFF; // what the zone is now does not matter
    struct why why = {0};
    struct recommendation *again = NULL;
    assert_ok(pipeline_replay(&again, &scan, &why), &why);
    assert_int_equal(again->current, MODE_STRICT);
    assert_int_equal(again->verdict, VERDICT_UNKNOWN);
    recommendation_free(again);
    zone_free(zone);
    free(scan.policy);
    free(scan.evidence);
}

static void damaged_texts_are_told(void **state)
{
    (void)state;
    static const char *const damaged[] = {"", "{", "{}", "[]", "{\"version\":2}"};
    for (size_t i = 0; i < COUNT_OF(damaged); i++) {
        struct db_scan scan = {.policy = strdup(damaged[i]), .evidence = strdup("{}")};
        struct recommendation *again = NULL;
        struct why why = {0};
        assert_err(pipeline_replay(&again, &scan, &why), ERR_CORRUPT);
        assert_null(again);
        assert_true(strlen(why.text) > 10);
        free(scan.policy);
        free(scan.evidence);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_same_answer_again),
        cmocka_unit_test(damaged_texts_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
