// SPDX-License-Identifier: Apache-2.0
#include "cli/zone_import.h"

#include <stdlib.h>
#include <unistd.h>

#include "cli/zone_record.h"
#include "tests/support/check.h"

#define HEADER "name,origin,http_port,https_port,mode,account,host,weight\n"

struct got {
    size_t zones, bad;
    char names[8][64];
    size_t hosts[8], origins[8];
    size_t lines[8];
    char reasons[8][512];
    enum err refuse;
    const char *known_text; // JSON of the zone that is there
    int64_t known_until;
    json_t *json; // owned; where known_text is there: the zone that was taken
    bool had_before;
};

static enum err known(void *ctx, struct zone **out, const char *name, const char *account,
                      struct why *why)
{
    const struct got *got = ctx;
    struct zone *zone = NULL;
    json_t *json = json_loads(got->known_text, 0, NULL);
    assert_ok(zone_from_json(&zone, json, why), why);
    json_decref(json);
    zone->opt_out_until = got->known_until;
    if (strcmp(zone->name, name) == 0 && strcmp(zone->account, account) == 0) {
        *out = zone;
    } else {
        zone_free(zone);
    }
    return ERR_OK;
}

static enum err take(void *ctx, struct zone *zone, const struct zone_before *before,
                     struct why *why)
{
    struct got *got = ctx;
    if (got->refuse != ERR_OK) {
        return why_set(why, got->refuse, "refused");
    }
    got->had_before = before != NULL;
    if (got->known_text != NULL) {
        json_decref(got->json);
        got->json = zone_to_json(zone);
        got->known_until = zone->opt_out_until;
    }
    size_t i = got->zones++;
    assert_true(i < COUNT_OF(got->names));
    (void)snprintf(got->names[i], sizeof got->names[i], "%s", zone->name);
    got->hosts[i] = zone->host_count;
    for (size_t j = 0; j < zone->host_count; j++) {
        got->origins[i] += zone->hosts[j].origin_count;
    }
    return ERR_OK;
}

static void complain(void *ctx, const char *name, size_t line, const char *reason)
{
    struct got *got = ctx;
    assert_string_equal(name, "z");
    size_t i = got->bad++;
    assert_true(i < COUNT_OF(got->lines));
    got->lines[i] = line;
    (void)snprintf(got->reasons[i], sizeof got->reasons[i], "%s", reason);
}

static enum err import(struct got *got, struct import_counts *counts, const char *text,
                       struct why *why)
{
    char path[] = "/tmp/sslauto-import-XXXXXX";
    struct lines lines;
    struct import_sink sink = {
        .zone = take, .bad = complain, .ctx = got, .known = got->known_text != NULL ? known : NULL};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(close(fd), 0);
    assert_ok(lines_open(&lines, path, LIMIT_IMPORT_LINE, NULL), NULL);
    lines.name = "z";
    enum err e = zone_import(counts, &lines, IMPORT_AUTO, &sink, why);
    lines_close(&lines);
    assert_int_equal(unlink(path), 0);
    return e;
}

static void test_rows_of_one_name_make_one_zone(void **state)
{
    (void)state;
    struct got got = {0};
    struct import_counts counts;
    assert_ok(import(&got, &counts,
                     HEADER "a.example,192.0.2.1,,,full,acme,,\n"
                            "A.Example.,192.0.2.2,8080,8443,,,www.a.example,3\n"
                            "b.example,192.0.2.3;192.0.2.4:81:444,,,,,,\n",
                     NULL),
              NULL);
    assert_int_equal(got.zones, 2);
    assert_int_equal(got.hosts[0], 2);
    assert_int_equal(got.origins[0], 2);
    assert_int_equal(got.origins[1], 2);
    assert_int_equal(counts.zones, 2);
    assert_int_equal(counts.bad_lines, 0);
}

static void test_every_bad_line_is_told(void **state)
{
    (void)state;
    char text[2048];
    char long_name[301];
    struct got got = {0};
    struct import_counts counts;
    memset(long_name, 'x', 300);
    long_name[300] = '\0';
    (void)snprintf(text, sizeof text,
                   HEADER "%s,192.0.2.1,,,,,,\nb.example,192.0.2.1,70000,,,,,\n"
                          "c.example,,,,,,,\nd.example,192.0.2.1\n\"e.example,1\n"
                          "f.example,192.0.2.1,,,wild,,,\ng.example,192.0.2.9,,,,,,\n",
                   long_name);
    assert_ok(import(&got, &counts, text, NULL), NULL);
    assert_int_equal(got.zones, 1);
    assert_string_equal(got.names[0], "g.example");
    assert_int_equal(got.bad, 6);
    for (size_t i = 0; i < got.bad; i++) {
        assert_int_equal(got.lines[i], i + 2);
    }
    assert_non_null(strstr(got.reasons[0], "300 bytes"));
    assert_non_null(strstr(got.reasons[1], "1 to 65535"));
    assert_non_null(strstr(got.reasons[2], "origin is empty"));
    assert_non_null(strstr(got.reasons[3], "2 fields"));
    assert_non_null(strstr(got.reasons[4], "not closed"));
    assert_non_null(strstr(got.reasons[5], "origin_pull"));
}

static void test_a_bad_row_spoils_its_whole_zone(void **state)
{
    (void)state;
    struct got got = {0};
    struct import_counts counts;
    assert_ok(import(&got, &counts,
                     HEADER "a.example,192.0.2.1,,,,,,\na.example,192.0.2.2,0,,,,,\n"
                            "a.example,192.0.2.3,,,,,,\nb.example,192.0.2.1,,,,,,\n"
                            "b.example,192.0.2.2\n",
                     NULL),
              NULL);
    assert_int_equal(got.zones, 0);
    assert_int_equal(got.bad, 2);
    assert_int_equal(counts.bad_zones, 2);
}

static void test_rows_of_a_zone_stand_together(void **state)
{
    (void)state;
    struct got got = {0};
    struct import_counts counts;
    assert_ok(import(&got, &counts,
                     HEADER "q.test,127.0.0.1,,,,,,\nr.test,127.0.0.1,,,,,,\n"
                            "Q.test.,127.0.0.300,,,,,,\ns.test,127.0.0.1,,,,,,\n"
                            "q.test,127.0.0.3,,,,,,\nq.test,127.0.0.4,,,,,,\n"
                            "r.test,127.0.0.1,,,,other,,\n",
                     NULL),
              NULL);
    assert_int_equal(got.zones, 3);
    assert_string_equal(got.names[0], "r.test");
    assert_string_equal(got.names[1], "s.test");
    assert_string_equal(got.names[2], "r.test"); // of another account
    assert_int_equal(counts.bad_zones, 1);
    assert_int_equal(counts.bad_lines, got.bad);
    assert_int_equal(got.bad, 3);
    assert_int_equal(got.lines[0], 4);
    assert_string_equal(got.reasons[0], "rows of q.test must follow each other (first at line 2)");
    assert_int_equal(got.lines[1], 4); // and its address is wrong too
    assert_int_equal(got.lines[2], 6);
}

static void test_a_zone_is_one_object(void **state)
{
    (void)state;
    struct got got = {0};
    struct import_counts counts;
    assert_ok(import(&got, &counts,
                     "{\"name\":\"a.example\",\"origins\":[\"192.0.2.1\"]}\n"
                     "{\"name\":\"a.example\",\"origins\":[\"192.0.2.2\"]}\n"
                     "{\"name\":\"b.example\",\"origins\":[\"192.0.2.3\"]}\n",
                     NULL),
              NULL);
    assert_int_equal(got.zones, 1);
    assert_string_equal(got.names[0], "b.example");
    assert_int_equal(counts.bad_zones, 1);
    assert_int_equal(got.bad, 1);
    assert_string_equal(got.reasons[0], "zone a.example stands in line 1 already");
}

static void test_a_row_that_may_be_the_zones(void **state)
{
    (void)state;
    struct got got = {0};
    struct import_counts counts;
    assert_ok(import(&got, &counts,
                     HEADER "a.example,192.0.2.1,,,,,,\na.example,\"192.0.2.2,,,,,,\n"
                            "b.example,192.0.2.1,,,,,,\n,192.0.2.2,,,,,,\n"
                            "c.example,192.0.2.1,,,,,,\nd.example,\"192.0.2.2,,,,,,\n",
                     NULL),
              NULL);
    assert_int_equal(got.zones, 1);
    assert_string_equal(got.names[0], "c.example");
    assert_int_equal(got.bad, 3);
}

static void test_rows_must_agree(void **state)
{
    (void)state;
    struct got got = {0};
    struct import_counts counts;
    assert_ok(import(&got, &counts,
                     HEADER "a.example,192.0.2.1,,,full,,,\na.example,192.0.2.2,,,strict,,,\n",
                     NULL),
              NULL);
    assert_int_equal(got.zones, 0);
    assert_non_null(strstr(got.reasons[0], "mode differs from that in line 2"));
}

static void test_header(void **state)
{
    (void)state;
    struct got got = {0};
    struct import_counts counts;
    struct why why = {""};
    assert_err(import(&got, &counts, "name,orgin\nx.example,192.0.2.1\n", &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "z:1: unknown column \"orgin\"; did you mean origin?"));
    assert_err(import(&got, &counts, "origin\n192.0.2.1\n", &why), ERR_INVALID);
    assert_err(import(&got, &counts, "name,name\n", &why), ERR_INVALID);
    assert_err(import(&got, &counts, "", &why), ERR_INVALID);
}

static void test_jsonl(void **state)
{
    (void)state;
    struct got got = {0};
    struct import_counts counts;
    assert_ok(import(&got, &counts,
                     "{\"name\":\"a.example\",\"origins\":[\"192.0.2.1\"]}\n"
                     "{\"name\":\"b.example\",\"hosts\":[{\"name\":\"b.example\",\"origins\":[{"
                     "\"address\":\"192.0.2.1\",\"http_port\":70000}]}]}\n"
                     "{\"name\":\"c.example\",\"colour\":\"red\"}\n"
                     "{\"name\":\"d.example\"}\n[1]\nnothing\n{\"name\":\"e.example\",\"hosts\":[{"
                     "\"name\":\"e.example\",\"origins\":[\"192.0.2.1\"],\"weight\":0}]}\n",
                     NULL),
              NULL);
    assert_int_equal(got.zones, 1);
    assert_int_equal(got.bad, 6);
    assert_non_null(strstr(got.reasons[0], "1 to 65535"));
    assert_non_null(strstr(got.reasons[1], "colour"));
    assert_non_null(strstr(got.reasons[2], "no hosts"));
    assert_non_null(strstr(got.reasons[5], "weight"));
}

static void test_what_the_sink_says(void **state)
{
    (void)state;
    struct got got = {.refuse = ERR_EXISTS};
    struct import_counts counts;
    struct why why = {""};
    assert_ok(import(&got, &counts, HEADER "a.example,192.0.2.1,,,,,,\n", NULL), NULL);
    assert_int_equal(got.bad, 1);
    got.refuse = ERR_FULL;
    assert_err(import(&got, &counts, HEADER "a.example,192.0.2.1,,,,,,\n", &why), ERR_FULL);
    assert_string_equal(why.text, "refused");
    assert_int_equal(got.bad, 1);
}

#define SITE                                                                                       \
    "{\"name\":\"z.example\",\"account\":\"acme\",\"plan\":\"pro\",\"edge\":\"eu\",\"mode\":"      \
    "\"strict\",\"automatic\":\"%s\",\"authenticated_pulls\":true,\"trust_sets\":[\"corp\"],"      \
    "\"hosts\":[{\"name\":\"z.example\",\"weight\":2.0,\"sni\":\"s.example\",\"origins\":"         \
    "[\"192.0.2.1\",\"192.0.2.2\"]},{\"name\":\"www.z.example\",\"origins\":[\"192.0.2.3\"]}]}"

// Imports text over the zone SITE; what it became is in got->json.
static void update(struct got *got, const char *automatic, const char *text)
{
    char known_text[1024];
    struct why why = {""};
    struct import_counts counts;
    (void)snprintf(known_text, sizeof known_text, SITE, automatic);
    got->known_text = known_text;
    enum err e = import(got, &counts, text, &why);
    assert_ok(e, &why);
    assert_int_equal(got->bad, 0);
    assert_int_equal(counts.zones, 1);
    assert_true(got->had_before);
}

static const char *member(const struct got *got, const char *name)
{
    return json_string_value(json_object_get(got->json, name));
}

static const char *address(const struct got *got, size_t host, size_t origin)
{
    json_t *one = json_array_get(json_object_get(got->json, "hosts"), host);
    one = json_array_get(json_object_get(one, "origins"), origin);
    const char *text = json_string_value(json_object_get(one, "address"));
    return text == NULL ? "" : text;
}

static size_t hosts_of(const struct got *got)
{
    return json_array_size(json_object_get(got->json, "hosts"));
}

static void test_an_update_changes_what_the_file_names(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "name,account,origin\nz.example,acme,192.0.2.9\n",
        "name,account,origin,mode,plan,automatic,sni\nz.example,acme,192.0.2.9,,,,\n",
        "{\"name\":\"z.example\",\"account\":\"acme\",\"origins\":[\"192.0.2.9\"]}\n",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct got got = {.known_until = 7};
        update(&got, "custom", texts[i]);
        assert_string_equal(member(&got, "mode"), "strict");
        assert_string_equal(member(&got, "automatic"), "custom");
        assert_string_equal(member(&got, "plan"), "pro");
        assert_string_equal(member(&got, "edge"), "eu");
        assert_true(json_is_true(json_object_get(got.json, "authenticated_pulls")));
        assert_int_equal(json_array_size(json_object_get(got.json, "trust_sets")), 1);
        assert_int_equal(hosts_of(&got), 2);
        assert_string_equal(address(&got, 0, 0), "192.0.2.9");
        assert_string_equal(address(&got, 0, 1), "");
        assert_string_equal(address(&got, 1, 0), "192.0.2.3");
        const json_t *host = json_array_get(json_object_get(got.json, "hosts"), 0);
        assert_string_equal(json_string_value(json_object_get(host, "sni")), "s.example");
        assert_int_equal((int)json_real_value(json_object_get(host, "weight")), 2);
        assert_int_equal(got.known_until, 7);
        json_decref(got.json);
    }
}

static void test_an_update_needs_no_origin(void **state)
{
    (void)state;
    struct got got = {0};
    update(&got, "auto", "name,account,plan\nz.example,acme,business\n");
    assert_string_equal(member(&got, "plan"), "business");
    assert_string_equal(address(&got, 0, 1), "192.0.2.2");
    json_decref(got.json);
}

static void test_an_update_that_names_hosts_names_all(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "name,account,host,origin\nz.example,acme,www.z.example,192.0.2.9\n",
        "{\"name\":\"z.example\",\"account\":\"acme\",\"hosts\":[{\"name\":\"www.z.example\","
        "\"origins\":[\"192.0.2.9\"]}]}\n",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct got got = {0};
        update(&got, "auto", texts[i]);
        assert_int_equal(hosts_of(&got), 1);
        assert_string_equal(address(&got, 0, 0), "192.0.2.9");
        assert_string_equal(address(&got, 0, 1), "");
        json_decref(got.json);
    }
}

// A manual mode under auto is the operator's choice, in files as everywhere else.
static void test_an_update_of_the_mode(void **state)
{
    (void)state;
    static const struct {
        const char *automatic, *text, *want;
        int64_t until;
    } rows[] = {
        {"auto", "name,account,mode\nz.example,acme,strict\n", "auto", 7},
        {"auto", "name,account,mode\nz.example,acme,full\n", "custom", 0},
        {"auto", "name,account,mode,automatic\nz.example,acme,full,auto\n", "auto", 7},
        {"auto", "{\"name\":\"z.example\",\"account\":\"acme\",\"mode\":\"full\"}\n", "custom", 0},
        {"auto",
         "{\"name\":\"z.example\",\"account\":\"acme\",\"mode\":\"full\",\"automatic\":\"auto\"}\n",
         "auto", 7},
        {"custom", "name,account,automatic\nz.example,acme,auto\n", "auto", 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct got got = {.known_until = 7};
        update(&got, rows[i].automatic, rows[i].text);
        assert_string_equal(member(&got, "automatic"), rows[i].want);
        assert_int_equal(got.known_until, rows[i].until);
        json_decref(got.json);
    }
}

static void test_plan_and_pulls_limit_the_mode(void **state)
{
    (void)state;
    struct got got = {0};
    struct import_counts counts;
    assert_ok(import(&got, &counts,
                     "name,origin,mode,plan,authenticated_pulls\n"
                     "a.example,192.0.2.1,origin_pull,pro,\n"
                     "b.example,192.0.2.1,origin_pull,enterprise,\n"
                     "c.example,192.0.2.1,flexible,,yes\n",
                     NULL),
              NULL);
    assert_int_equal(got.zones, 1);
    assert_string_equal(got.names[0], "b.example");
    assert_int_equal(got.bad, 2);
    assert_non_null(strstr(got.reasons[0], "enterprise plan; this one is on pro"));
    assert_non_null(strstr(got.reasons[1], "authenticated origin pulls are on"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_of_one_name_make_one_zone),
        cmocka_unit_test(test_every_bad_line_is_told),
        cmocka_unit_test(test_a_bad_row_spoils_its_whole_zone),
        cmocka_unit_test(test_rows_of_a_zone_stand_together),
        cmocka_unit_test(test_a_zone_is_one_object),
        cmocka_unit_test(test_a_row_that_may_be_the_zones),
        cmocka_unit_test(test_rows_must_agree),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_jsonl),
        cmocka_unit_test(test_what_the_sink_says),
        cmocka_unit_test(test_an_update_changes_what_the_file_names),
        cmocka_unit_test(test_an_update_needs_no_origin),
        cmocka_unit_test(test_an_update_that_names_hosts_names_all),
        cmocka_unit_test(test_an_update_of_the_mode),
        cmocka_unit_test(test_plan_and_pulls_limit_the_mode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
