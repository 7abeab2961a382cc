// SPDX-License-Identifier: Apache-2.0
#include "cli/zone_import.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/support/check.h"

#define HEADER "name,origin,http_port,https_port,mode,account,host,weight\n"

struct got {
    size_t zones, bad;
    char names[8][64];
    size_t hosts[8], origins[8];
    size_t lines[8];
    char reasons[8][512];
    enum err refuse;
};

static enum err take(void *ctx, struct zone *zone, struct why *why)
{
    struct got *got = ctx;
    if (got->refuse != ERR_OK) {
        return why_set(why, got->refuse, "refused");
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
    struct import_sink sink = {take, complain, got, NULL};
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
