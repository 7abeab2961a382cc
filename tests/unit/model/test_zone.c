// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>

#include "core/limits.h"
#include "model/zone.h"
#include "tests/support/check.h"

static void starts_with_defaults(void **state)
{
    (void)state;
    OWN(zone_own) struct zone *zone = zone_new();
    OWN(zone_own) struct zone *other = zone_new();
    assert_true(zone_id_valid(span_of(zone->id)));
    assert_string_not_equal(zone->id, other->id);
    assert_string_equal(zone->account, "default");
    assert_string_equal(zone->plan, "free");
    assert_string_equal(zone->edge, "dryrun");
    assert_int_equal(zone->mode, MODE_FLEXIBLE);
    assert_int_equal(zone->automatic, AUTOMATIC_AUTO);
    zone_free(NULL);
}

static void knows_its_ids(void **state)
{
    (void)state;
    assert_true(zone_id_valid(span_of("0123456789abcdef0123456789abcdef")));
    assert_false(zone_id_valid(span_of("0123456789ABCDEF0123456789abcdef")));
    assert_false(zone_id_valid(span_of("0123456789abcdef0123456789abcde")));
    assert_false(zone_id_valid(span_of("0123456789abcdef0123456789abcdefa")));
    assert_false(zone_id_valid(span_of("")));
}

struct name_row {
    const char *in, *out; // out NULL = ERR_INVALID
};

static void check_names(const struct name_row *rows, size_t count, bool allow_ip)
{
    for (size_t i = 0; i < count; i++) {
        char *out = NULL;
        struct why why = {""};
        enum err e = host_name_canonical(&out, span_of(rows[i].in), allow_ip, &why);
        if (rows[i].out == NULL) {
            if (e != ERR_INVALID || why.text[0] == '\0') {
                fail_msg("\"%s\" was taken as %s", rows[i].in, out == NULL ? "nothing" : out);
            }
            assert_null(out);
        } else {
            assert_ok(e, &why);
            assert_string_equal(out, rows[i].out);
        }
        free(out);
    }
}

#define LABEL_63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void brings_host_names_to_one_form(void **state)
{
    (void)state;
    static const struct name_row rows[] = {
        {"example.org", "example.org"},
        {" Example.ORG ", "example.org"},
        {"example.org.", "example.org"},
        {"xn--bcher-kva.example", "xn--bcher-kva.example"},
        {"b\xc3\xbc"
         "cher.example",
         "xn--bcher-kva.example"},
        {"B\xc3\x9c"
         "CHER.example",
         "xn--bcher-kva.example"},
        {"\xe4\xbe\x8b\xe3\x81\x88.jp", "xn--r8jz45g.jp"},
        {"_dmarc.example.org", "_dmarc.example.org"},
        {"a-b.example", "a-b.example"},
        {"localhost", "localhost"},
        {LABEL_63 ".example", LABEL_63 ".example"},
        {"3com.example", "3com.example"},
        {"", NULL},
        {".", NULL},
        {"..", NULL},
        {"a..b", NULL},
        {".example.org", NULL},
        {"example.org..", NULL},
        {"-a.example", NULL},
        {"a-.example", NULL},
        {"a b.example", NULL},
        {"a/b.example", NULL},
        {"user@example.org", NULL},
        {"example.org:443", NULL},
        {"*.example.org", NULL},
        {"http://example.org", NULL},
        {"a\x01.example", NULL},
        {"\xff\xfe.example", NULL},
        {"a" LABEL_63 ".example", NULL},
        {LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63 ".example", NULL},
        {"1.2.3", NULL},
        {"example.123", NULL},
        {"0x7f000001", NULL},
        {"2130706433", NULL},
        {"127.1", NULL},
        {"\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.1", NULL}, // full-width digits
        {"192.0.2.1", NULL},
        {"2001:db8::1", NULL},
        {"[2001:db8::1]", NULL},
    };
    check_names(rows, COUNT_OF(rows), false);
    static const struct name_row addresses[] = {
        {"192.0.2.1", "192.0.2.1"},       {"2001:DB8:0::1", "2001:db8::1"},
        {"[2001:db8::1]", "2001:db8::1"}, {"[192.0.2.1]", NULL},
        {"fe80::1%eth0", NULL},           {"192.0.2.256", NULL},
    };
    check_names(addresses, COUNT_OF(addresses), true);
}

static void refuses_a_name_of_300_bytes(void **state)
{
    (void)state;
    char name[301];
    for (size_t i = 0; i < 300; i++) {
        name[i] = i % 10 == 9 ? '.' : 'a';
    }
    name[299] = 'a';
    name[300] = '\0';
    char *out = NULL;
    struct why why = {""};
    assert_err(host_name_canonical(&out, span_of(name), false, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "300 bytes"));
    assert_non_null(strstr(why.text, "253"));
}

static void says_how_to_write_an_origin(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out, *words;
    } rows[] = {
        {"192.0.2.7", "192.0.2.7", NULL},
        {"[2001:db8::7]", "2001:db8::7", NULL},
        {"Origin.Example.ORG", "origin.example.org", NULL},
        {"0x7f.1", NULL, "127.0.0.1"},
        {"2130706433", NULL, "127.0.0.1"},
        {"0177.0.0.1", NULL, "127.0.0.1"},
        {"", NULL, "empty"},
        {"bad name", NULL, "origin"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *out = NULL;
        struct why why = {""};
        enum err e = origin_address_canonical(&out, span_of(rows[i].in), &why);
        if (rows[i].out != NULL) {
            assert_ok(e, &why);
            assert_string_equal(out, rows[i].out);
        } else {
            assert_err(e, ERR_INVALID);
            assert_non_null(strstr(why.text, rows[i].words));
        }
        free(out);
    }
}

static void adds_hosts_once(void **state)
{
    (void)state;
    OWN(zone_own) struct zone *zone = zone_new();
    struct host *host = NULL;
    struct why why = {""};
    assert_ok(zone_add_host(&host, zone, span_of("Example.org"), &why), &why);
    assert_string_equal(host->name, "example.org");
    assert_true(host->weight > 0.99 && host->weight < 1.01);
    struct host *again = NULL;
    assert_ok(zone_add_host(&again, zone, span_of("example.org."), &why), &why);
    assert_ptr_equal(host, again);
    assert_int_equal(zone->host_count, 1);
    for (size_t i = zone->host_count; i < LIMIT_ZONE_HOSTS; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "h%zu.example.org", i);
        assert_ok(zone_add_host(&host, zone, span_of(name), &why), &why);
    }
    assert_err(zone_add_host(&host, zone, span_of("one.too.many"), &why), ERR_LIMIT);
    assert_int_equal(zone->host_count, LIMIT_ZONE_HOSTS);
}

static void adds_origins_once(void **state)
{
    (void)state;
    OWN(zone_own) struct zone *zone = zone_new();
    struct host *host = NULL;
    struct why why = {""};
    assert_ok(zone_add_host(&host, zone, span_of("example.org"), &why), &why);
    assert_ok(host_add_origin(host, span_of("192.0.2.1"), 80, 443, &why), &why);
    assert_err(host_add_origin(host, span_of(" 192.0.2.1"), 80, 443, &why), ERR_EXISTS);
    assert_ok(host_add_origin(host, span_of("192.0.2.1"), 80, 8443, &why), &why);
    assert_err(host_add_origin(host, span_of("192.0.2.1"), 0, 443, &why), ERR_INVALID);
    for (size_t i = 2; i < LIMIT_HOST_ORIGINS; i++) {
        assert_ok(host_add_origin(host, span_of("192.0.2.2"), (uint16_t)i, 443, &why), &why);
    }
    assert_err(host_add_origin(host, span_of("192.0.2.3"), 80, 443, &why), ERR_LIMIT);
}

static void bounds_lists_of_text(void **state)
{
    (void)state;
    OWN(zone_own) struct zone *zone = zone_new();
    assert_err(strings_add(&zone->trust_sets, &zone->trust_set_count, span_of("a"), 2), ERR_OK);
    assert_err(strings_add(&zone->trust_sets, &zone->trust_set_count, span_of("b"), 2), ERR_OK);
    assert_err(strings_add(&zone->trust_sets, &zone->trust_set_count, span_of("c"), 2), ERR_LIMIT);
    assert_int_equal(zone->trust_set_count, 2);
    assert_string_equal(zone->trust_sets[1], "b");
}

static void reads_its_words(void **state)
{
    (void)state;
    for (enum automatic a = AUTOMATIC_AUTO; a < AUTOMATIC_COUNT; a++) {
        enum automatic back = AUTOMATIC_COUNT;
        assert_err(automatic_parse(&back, span_of(automatic_str(a))), ERR_OK);
        assert_int_equal(back, a);
    }
    enum automatic untouched = AUTOMATIC_CUSTOM;
    assert_err(automatic_parse(&untouched, span_of("Auto")), ERR_INVALID);
    assert_int_equal(untouched, AUTOMATIC_CUSTOM);
    for (enum mode m = MODE_OFF; m < MODE_COUNT; m++) {
        enum mode back = MODE_NONE;
        assert_err(mode_parse(&back, span_of(mode_str(m))), ERR_OK);
        assert_int_equal(back, m);
    }
    enum mode mode = MODE_NONE;
    assert_err(mode_parse(&mode, span_of("none")), ERR_INVALID);
    assert_err(mode_parse(&mode, span_of("STRICT")), ERR_INVALID);
    assert_err(mode_parse(&mode, span_of("")), ERR_INVALID);
    assert_string_equal(mode_str(MODE_NONE), "none");
}

static void takes_a_choice(void **state)
{
    (void)state;
    OWN(zone_own) struct zone *zone = zone_new();
    assert_non_null(zone);
    zone->opt_out_until = 7;
    zone_choose(zone, NULL, NULL);
    assert_int_equal(zone->opt_out_until, 7);
    const enum mode mode = MODE_FULL;
    const enum automatic automatic = AUTOMATIC_AUTO;
    zone_choose(zone, &mode, NULL);
    assert_int_equal(zone->mode, MODE_FULL);
    assert_int_equal(zone->automatic, AUTOMATIC_CUSTOM);
    assert_int_equal(zone->opt_out_until, 0);
    zone_choose(zone, &mode, &automatic);
    assert_int_equal(zone->automatic, AUTOMATIC_AUTO);
    zone_choose(zone, &zone->mode, &zone->automatic); // what it has already
    assert_int_equal(zone->automatic, AUTOMATIC_AUTO);
    zone->opt_out_until = 7;
    zone_choose(zone, NULL, &automatic);
    assert_int_equal(zone->mode, MODE_FULL);
    assert_int_equal(zone->opt_out_until, 0);
}

static void knows_which_modes_it_may_have(void **state)
{
    (void)state;
    struct why why = {""};
    OWN(zone_own) struct zone *zone = zone_new();
    assert_non_null(zone);
    assert_err(zone_allows_mode(zone, MODE_ORIGIN_PULL, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "this one is on free"));
    assert_ok(zone_allows_mode(zone, MODE_OFF, NULL), NULL);
    zone->authenticated_pulls = true;
    assert_err(zone_allows_mode(zone, MODE_OFF, NULL), ERR_INVALID);
    assert_err(zone_allows_mode(zone, MODE_FLEXIBLE, NULL), ERR_INVALID);
    assert_ok(zone_allows_mode(zone, MODE_FULL, NULL), NULL);
    free(zone->plan);
    zone->plan = strdup("enterprise");
    assert_ok(zone_allows_mode(zone, MODE_ORIGIN_PULL, NULL), NULL);
}

static void drops_hosts_and_origins(void **state)
{
    (void)state;
    OWN(zone_own) struct zone *zone = zone_new();
    assert_non_null(zone);
    static const char *const names[] = {"a.example", "b.example", "c.example"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct host *host = NULL;
        assert_ok(zone_add_host(&host, zone, span_of(names[i]), NULL), NULL);
        assert_ok(host_add_origin(host, span_of("192.0.2.1"), 80, 443, NULL), NULL);
    }
    zone_drop_host(zone, 1);
    assert_int_equal(zone->host_count, 2);
    assert_string_equal(zone->hosts[0].name, "a.example");
    assert_string_equal(zone->hosts[1].name, "c.example");
    zone_drop_host(zone, 1);
    host_drop_origins(&zone->hosts[0]);
    assert_int_equal(zone->hosts[0].origin_count, 0);
    assert_ok(host_add_origin(&zone->hosts[0], span_of("192.0.2.1"), 80, 443, NULL), NULL);
    zone_drop_host(zone, 0);
    assert_int_equal(zone->host_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_with_defaults),
        cmocka_unit_test(knows_its_ids),
        cmocka_unit_test(brings_host_names_to_one_form),
        cmocka_unit_test(refuses_a_name_of_300_bytes),
        cmocka_unit_test(says_how_to_write_an_origin),
        cmocka_unit_test(adds_hosts_once),
        cmocka_unit_test(adds_origins_once),
        cmocka_unit_test(bounds_lists_of_text),
        cmocka_unit_test(reads_its_words),
        cmocka_unit_test(takes_a_choice),
        cmocka_unit_test(knows_which_modes_it_may_have),
        cmocka_unit_test(drops_hosts_and_origins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
