// SPDX-License-Identifier: Apache-2.0
#include "cli/zone_record.h"

#include "tests/support/check.h"

static void test_json_reads_back(void **state)
{
    (void)state;
    static const char text[] =
        "{\"name\":\"a.example\",\"account\":\"acme\",\"plan\":\"pro\",\"edge\":\"eu\",\"mode\":"
        "\"full\",\"automatic\":\"custom\",\"allow_origin_pull\":true,\"authenticated_pulls\":true,"
        "\"replace_roots\":true,\"trust_sets\":[\"corp\"],\"hosts\":[{\"name\":\"www.a.example\","
        "\"weight\":2.5,\"host_header\":\"b.example\",\"sni\":\"c.example\",\"origins\":[{"
        "\"address\":\"192.0.2.1\",\"http_port\":81,\"https_port\":444},{\"address\":"
        "\"2001:db8::1\",\"http_port\":80,\"https_port\":443}],\"extra_names\":[\"x.example\","
        "\"y.example\"],\"probe_paths\":[\"/a\",\"/b?c=d\"]}]}";
    struct why why = {""};
    struct zone *zone = NULL;
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    assert_ok(zone_from_json(&zone, json, &why), &why);
    json_t *again = zone_to_json(zone);
    assert_int_equal(json_object_del(again, "id"), 0);
    assert_true(json_is_null(json_object_get(again, "opt_out_until")));
    assert_int_equal(json_object_del(again, "opt_out_until"), 0);
    assert_true(json_equal(json, again) == 1);
    json_decref(again);
    json_decref(json);
    zone_free(zone);
}

static void test_bad_values_change_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *field, *value;
    } bad[] = {
        {"mode", "FULL"},
        {"plan", "gold"},
        {"automatic", "yes"},
        {"account", "a b"},
        {"account", ""},
        {"replace_roots", "perhaps"},
        {"extra_names", "a..b"},
        {"probe_paths", "a"},
        {"probe_paths", "/a#b"},
        {"weight", "-1"},
        {"weight", "nan"},
        {"colour", "red"},
        {"probe_paths", "/\xc3\xa4"},
    };
    OWN(zone_own) struct zone *zone = zone_new();
    struct host *host = NULL;
    assert_ok(zone_set_name(zone, span_of("a.example"), NULL), NULL);
    assert_ok(zone_add_host(&host, zone, span_of("a.example"), NULL), NULL);
    json_t *before = zone_to_json(zone);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct why why = {""};
        enum err e = zone_field_of(bad[i].field) == FIELD_OF_HOST
                         ? host_set_field(host, bad[i].field, span_of(bad[i].value), &why)
                         : zone_set_field(zone, bad[i].field, span_of(bad[i].value), &why);
        assert_err(e, ERR_INVALID);
        assert_true(why.text[0] != '\0');
    }
    json_t *after = zone_to_json(zone);
    assert_true(json_equal(before, after) == 1);
    json_decref(before);
    json_decref(after);
}

static void test_lists_have_their_limits(void **state)
{
    (void)state;
    OWN(zone_own) struct zone *zone = zone_new();
    struct host *host = NULL;
    struct why why = {""};
    assert_ok(zone_add_host(&host, zone, span_of("a.example"), NULL), NULL);
    assert_err(host_set_field(host, "probe_paths", span_of("/1;/2;/3;/4;/5;/6;/7;/8;/9"), &why),
               ERR_LIMIT);
    assert_non_null(strstr(why.text, "8 probe paths"));
    assert_int_equal(host->probe_path_count, 0);
}

static void test_complete(void **state)
{
    (void)state;
    OWN(zone_own) struct zone *zone = zone_new();
    struct host *host = NULL;
    assert_ok(zone_set_name(zone, span_of("a.example"), NULL), NULL);
    assert_err(zone_complete(zone, NULL, NULL), ERR_INVALID);
    assert_ok(zone_add_host(&host, zone, span_of("a.example"), NULL), NULL);
    assert_err(zone_complete(zone, NULL, NULL), ERR_INVALID);
    assert_ok(host_add_origin(host, span_of("192.0.2.1"), 80, 443, NULL), NULL);
    assert_ok(zone_complete(zone, NULL, NULL), NULL);
    zone->replace_roots = true;
    assert_err(zone_complete(zone, NULL, NULL), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_reads_back),
        cmocka_unit_test(test_bad_values_change_nothing),
        cmocka_unit_test(test_lists_have_their_limits),
        cmocka_unit_test(test_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
