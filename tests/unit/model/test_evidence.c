// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "model/evidence.h"
#include "tests/support/check.h"
#include "tests/unit/model/random_evidence.h"

static void json_own(json_t **json)
{
    json_decref(*json);
}

static void round_trips(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        struct dice dice = {seed * 7919};
        OWN(evidence_own) struct evidence *before = evidence_wild(&dice);
        OWN(json_own) json_t *json = evidence_to_json(before);
        assert_non_null(json);
        char *text = json_dumps(json, JSON_COMPACT);
        assert_non_null(text);
        OWN(json_own) json_t *again = json_loads(text, 0, NULL);
        free(text);
        OWN(evidence_own) struct evidence *after = NULL;
        struct why why = {""};
        assert_ok(evidence_from_json(&after, again, &why), &why);
        if (!evidence_equal(before, after)) {
            fail_msg("seed %llu does not read back as it was", (unsigned long long)seed);
        }
    }
}

static json_t *good(void)
{
    struct dice dice = {42};
    OWN(evidence_own) struct evidence *evidence = NULL;
    do {
        evidence_free(evidence);
        evidence = evidence_likely(&dice, 0, 1700000000);
    } while (evidence->host_count == 0 || evidence->hosts[0].origin_count == 0);
    return evidence_to_json(evidence);
}

static json_t *walk(json_t *json, const char *path)
{
    struct span rest = span_of(path);
    while (rest.at != NULL) {
        struct span part = span_cut(&rest, '.');
        if (json_is_array(json)) {
            json = json_array_get(json, (size_t)(part.at[0] - '0'));
        } else {
            char key[64] = "";
            assert_true(part.len < sizeof key);
            memcpy(key, part.at, part.len);
            json = json_object_get(json, key);
        }
        assert_non_null(json);
    }
    return json;
}

// Every wrong field is refused, and the words name it.
static void refuses_wrong_fields(void **state)
{
    (void)state;
    static const struct {
        const char *parent, *key, *value;
    } rows[] = {
        {"", "hosts", "{}"},
        {"", "hosts", NULL},
        {"", "version", "0"},
        {"", "version", "\"1\""},
        {"", "zone_id", "\"xyz\""},
        {"", "scanned_at", "\"yesterday\""},
        {"", "scanned_at", "true"},
        {"hosts.0", "name", "null"},
        {"hosts.0", "weight", "-1"},
        {"hosts.0", "origins", "7"},
        {"hosts.0.origins.0", "http_port", "0"},
        {"hosts.0.origins.0", "https_port", "65536"},
        {"hosts.0.origins.0", "robots", "\"maybe\""},
        {"hosts.0.origins.0", "certificate", "[]"},
        {"hosts.0.origins.0", "similarity", "null"},
        {"hosts.0.origins.0", "http", "3"},
        {"hosts.0.origins.0", "overload", "0"},
        {"hosts.0.origins.0", "more_addresses", "9"},
        {"hosts.0.origins.0", "requests", "-1"},
        {"hosts.0.origins.0", "second_look", "\"thrice\""},
        {"hosts.0.origins.0.https", "status", "1000"},
        {"hosts.0.origins.0.https", "status", "2.5"},
        {"hosts.0.origins.0.https", "outcome", "\"fine\""},
        {"hosts.0.origins.0.https", "redirect", "1"},
        {"hosts.0.origins.0.https", "tls_version", "\"a version far too long to fit\""},
        {"hosts.0.origins.0.https", "retry_after_s", "-2"},
        {"hosts.0.origins.0.http", "words", NULL},
        {"hosts.0.origins.0.http", "final_url", "false"},
        {"hosts.0.origins.0.certificate", "strict_ok", "\"yes\""},
        {"hosts.0.origins.0.certificate", "not_after", "\"2026-13-01T00:00:00Z\""},
        {"hosts.0.origins.0.certificate", "names", "[1]"},
        {"hosts.0.origins.0.certificate", "errors", "[{}]"},
        {"hosts.0.origins.0.certificate", "errors", "[7]"},
        {"hosts.0.origins.0.certificate", "chain",
         "[\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\"]"},
        {"hosts.0.origins.0.certificate", "subject", "\"a\\u0000b\""},
        {"hosts.0.origins.0.similarity", "score", "1.5"},
        {"hosts.0.origins.0.similarity", "verdict", "\"alike\""},
        {"hosts.0.origins.0.similarity", "http_insecure_resources", "-1"},
        {"hosts.0.origins.0.similarity.pages.0", "informative", "null"},
        {"hosts.0.origins.0.similarity.pages.0", "path", "7"},
        {"hosts.0.origins.0.similarity", "pages", "[null]"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        OWN(json_own) json_t *json = good();
        json_t *parent = rows[i].parent[0] == '\0' ? json : walk(json, rows[i].parent);
        if (rows[i].value == NULL) {
            assert_int_equal(json_object_del(parent, rows[i].key), 0);
        } else {
            json_t *value = json_loads(rows[i].value, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
            assert_int_equal(json_object_set_new(parent, rows[i].key, value), 0);
        }
        struct evidence *out = NULL;
        struct why why = {""};
        if (evidence_from_json(&out, json, &why) != ERR_INVALID) {
            fail_msg("%s.%s = %s was taken", rows[i].parent, rows[i].key, rows[i].value);
        }
        assert_null(out);
        // Members of lists are named by their list or by what is missing in them.
        if (rows[i].value == NULL || rows[i].value[0] != '[') {
            assert_non_null(strstr(why.text, rows[i].key));
        }
        assert_true(why.text[0] != '\0');
    }
}

// What was stored before there were the fields reads as none.
static void reads_evidence_without_newer_fields(void **state)
{
    (void)state;
    OWN(json_own) json_t *json = good();
    json_t *origin = walk(json, "hosts.0.origins.0");
    json_t *similarity = walk(json, "hosts.0.origins.0.similarity");
    assert_int_equal(json_object_del(similarity, "http_insecure_resources"), 0);
    assert_int_equal(json_object_del(origin, "more_addresses"), 0);
    OWN(evidence_own) struct evidence *out = NULL;
    struct why why = {""};
    assert_ok(evidence_from_json(&out, json, &why), &why);
    assert_int_equal(out->hosts[0].origins[0].http_insecure_resources, 0);
    assert_false(out->hosts[0].origins[0].more_addresses);
}

static void tells_a_newer_version(void **state)
{
    (void)state;
    OWN(json_own) json_t *json = good();
    assert_int_equal(json_object_set_new(json, "version", json_integer(2)), 0);
    struct evidence *out = NULL;
    struct why why = {""};
    assert_err(evidence_from_json(&out, json, &why), ERR_NEWER);
    assert_non_null(strstr(why.text, "version 2"));
    assert_err(evidence_from_json(&out, NULL, NULL), ERR_INVALID);
}

static void shows_bytes_that_are_no_text(void **state)
{
    (void)state;
    struct origin_evidence origin = {.http_port = 80, .https_port = 443};
    origin.address = strdup("192.0.2.1");
    origin.http.final_url = strdup("http://a/\xff\xfe");
    memset(origin.http.words, 0xff, sizeof origin.http.words - 1);
    OWN(json_own) json_t *json = origin_evidence_to_json(&origin);
    origin_evidence_done(&origin);
    assert_non_null(json);
    assert_string_equal(json_string_value(walk(json, "http.final_url")), "http://a/\\xff\\xfe");
    // Longer once escaped, and still short enough for the field it is read into.
    assert_true(json_string_length(walk(json, "http.words")) < 160);
}

static void prints_what_the_command_line_promises(void **state)
{
    (void)state;
    OWN(json_own) json_t *json = good();
    json_t *origin = walk(json, "hosts.0.origins.0");
    assert_string_equal(json_string_value(walk(origin, "address")), "192.0.2.1");
    assert_int_equal(json_integer_value(walk(origin, "http.status")), 200);
    assert_string_equal(json_string_value(walk(origin, "https.tls_version")), "TLSv1.3");
    assert_string_equal(json_string_value(walk(origin, "certificate.not_after")),
                        "2024-02-02T22:13:20Z");
    assert_string_equal(json_string_value(walk(origin, "similarity.verdict")), "same");
    assert_string_equal(json_string_value(walk(origin, "similarity.pages.0.path")), "/");
    assert_string_equal(json_string_value(walk(json, "scanned_at")), "2023-11-14T22:13:20Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),
        cmocka_unit_test(refuses_wrong_fields),
        cmocka_unit_test(reads_evidence_without_newer_fields),
        cmocka_unit_test(tells_a_newer_version),
        cmocka_unit_test(shows_bytes_that_are_no_text),
        cmocka_unit_test(prints_what_the_command_line_promises),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
