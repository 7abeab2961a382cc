// SPDX-License-Identifier: Apache-2.0
#include "cli/origin_text.h"

#include "tests/support/check.h"

struct row {
    const char *text;
    const char *address; // NULL = refused
    uint16_t http, https;
    const char *printed;
};

static const struct row rows[] = {
    {"192.0.2.1", "192.0.2.1", 81, 444, "192.0.2.1:81:444"},
    {" 192.0.2.1:8080:8443 ", "192.0.2.1", 8080, 8443, "192.0.2.1:8080:8443"},
    {"2001:db8::1", "2001:db8::1", 81, 444, "[2001:db8::1]:81:444"},
    {"[2001:db8::1]", "2001:db8::1", 81, 444, "[2001:db8::1]:81:444"},
    {"[2001:db8::1]:80:443", "2001:db8::1", 80, 443, "2001:db8::1"},
    {"origin.example:80:443", "origin.example", 80, 443, "origin.example"},
    {"192.0.2.1:8080", NULL, 0, 0, NULL},
    {"192.0.2.1:0:443", NULL, 0, 0, NULL},
    {"192.0.2.1:80:65536", NULL, 0, 0, NULL},
    {"[2001:db8::1]x", NULL, 0, 0, NULL},
    {"[2001:db8::1", NULL, 0, 0, NULL},
    {"0x7f.1", NULL, 0, 0, NULL},
    {"2130706433", NULL, 0, 0, NULL},
    {"a b", NULL, 0, 0, NULL},
    {"", NULL, 0, 0, NULL},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        OWN(zone_own) struct zone *zone = zone_new();
        struct host *host = NULL;
        struct why why = {""};
        assert_ok(zone_add_host(&host, zone, span_of("a.example"), NULL), NULL);
        enum err e = origin_text_add(host, span_of(rows[i].text), 81, 444, &why);
        if (rows[i].address == NULL) {
            assert_err(e, ERR_INVALID);
            assert_true(why.text[0] != '\0');
            continue;
        }
        assert_ok(e, &why);
        assert_string_equal(host->origins[0].address, rows[i].address);
        assert_int_equal(host->origins[0].http_port, rows[i].http);
        assert_int_equal(host->origins[0].https_port, rows[i].https);
        struct buf text;
        buf_init(&text, 200);
        assert_ok(origin_text_print(&text, &host->origins[0]), NULL);
        assert_string_equal(buf_str(&text), rows[i].printed);
        buf_done(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
