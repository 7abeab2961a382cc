// SPDX-License-Identifier: Apache-2.0
// The address guard as the operator meets it: only 127.21.1.1 is opened, everything else that is
// special must be refused, however it is spelled, named or redirected to. Canaries listen on
// loopback addresses that are not opened and must never see a connection.
// Source of the ranges: IANA IPv4 and IPv6 Special-Purpose Address Registries.
#include "tests/net/answer.h"
#include "tests/support/check.h"

#define OPEN_ADDRESS   "127.21.1.1"
#define CANARY_ADDRESS "127.21.9.1"

static const char *const special[] = {
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    CANARY_ADDRESS,
    "169.254.169.254",
    "169.254.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.21.9.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::127.21.9.1",
    "64:ff9b::7f15:901",
    "64:ff9b::a00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001:db8::1",
    "2001::1",
    "2002:7f15:901::1",
    "2002:a00:1::1",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
};

// What inet_aton(3) would take for 127.21.9.1 and 127.0.0.1; none of them is an address to us.
static const char *const spellings[] = {
    "2132085505",
    "0x7f150901",
    "0x7f.0x15.0x9.0x1",
    "0177.025.011.1",
    "127.1",
    "127.0.1",
    "127.1377537",
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
    "00127.0.0.1",
    "127.0.0.1.",
    "127.21.9.1:80:443:1",
    "[::ffff:7f.0.0.1]",
    "::ffff:0x7f.0.0.1",
    "fe80::1%lo",
};

static int set_up(void **state)
{
    static struct lab lab;
    static const char *const names[] = {"open.test", "canary.test"};
    static const struct server site = {SERVER_HOSTILE, NULL, "site"};
    static const struct server open_http =
        NGINX("boatyard", "location = /robots.txt { return 404; }");
    static const struct server open_https =
        NGINX("boatyard", "location = /robots.txt { return 404; } "
                          "location = / { return 302 https://canary.test/; }");
    char text[2048];
    *state = &lab;
    lab_open(&lab, names, COUNT_OF(names));
    lab_add(&lab, OPEN_ADDRESS, "open.test", &open_http, &open_https, "good");
    lab_add(&lab, CANARY_ADDRESS, "canary.test", &site, &site, "good");
    lab_add(&lab, "127.0.0.1", "canary.test", &site, &site, "good");
    if (lab.ipv6) {
        lab_add(&lab, "::1", "canary.test", &site, &site, "good");
    }
    for (size_t i = 0; i < COUNT_OF(special); i++) {
        char name[64];
        (void)snprintf(name, sizeof(name), "n%zu.lab.test", i);
        lab_resolve(&lab, name, special[i]);
    }
    // A name with several addresses, as an attacker's DNS would answer.
    lab_resolve(&lab, "mixed.lab.test", "10.0.0.1");
    lab_resolve(&lab, "mixed.lab.test", CANARY_ADDRESS);
    lab_start(&lab);
    (void)snprintf(text, sizeof(text),
                   "[store]\nurl = sqlite://%s/sslauto.db\n"
                   "[crawl]\nallow_nets = " OPEN_ADDRESS "\nhosts_file = %s/hosts\n"
                   "dns_servers = 127.0.0.1:9\ndns_timeout = 200ms\nconnect_timeout = 2s\n"
                   "request_timeout = 4s\ngap = 2ms\n"
                   "[scan]\nsecond_look = 100ms\n"
                   "[trust]\npublic = %s/pki/public.pem\n",
                   lab.dir, lab.dir, lab.dir);
    lab_write(&lab, "sslauto.conf", text);
    return 0;
}

static int tear_down(void **state)
{
    lab_close(*state);
    return 0;
}

static void add_zone(const struct lab *lab, struct buf *zones, const char *name,
                     const char *address)
{
    assert_ok(buf_printf(zones,
                         "{\"name\":\"%s\",\"mode\":\"flexible\",\"hosts\":[{\"name\":\"%s\","
                         "\"origins\":[{\"address\":\"%s\",\"http_port\":%u,"
                         "\"https_port\":%u}]}]}\n",
                         name, name, address, lab->http_port, lab->https_port),
              NULL);
}

static int import(const struct lab *lab, struct buf *zones)
{
    char path[300];
    (void)snprintf(path, sizeof(path), "%s/zones.jsonl", lab->dir);
    lab_write(lab, "zones.jsonl", buf_str(zones));
    buf_clear(zones);
    return lab_sslauto(lab, NULL, "zone", "import", path, NULL);
}

static void expect_refused(const struct lab *lab, const char *zone, const char *what)
{
    json_t *answer = answer_explain(lab, zone, NULL);
    bool refused = answer_mode(answer, "mode_recommended") == MODE_NONE &&
                   answer_has_codes(json_object_get(answer, "blockers"), "address_refused") &&
                   strcmp(answer_of_scheme(answer, "http", "outcome"), "address_refused") == 0 &&
                   strcmp(answer_of_scheme(answer, "https", "outcome"), "address_refused") == 0;
    if (!refused) {
        char *text = json_dumps(answer, JSON_COMPACT);
        print_message("%s\n", text);
        free(text);
        fail_msg("%s is not refused", what);
    }
    json_decref(answer);
}

static void test_refuses_every_special_range(void **state)
{
    const struct lab *lab = *state;
    struct buf zones;
    buf_init(&zones, LAB_OUTPUT);
    for (size_t i = 0; i < COUNT_OF(special); i++) {
        char name[64];
        char origin[64];
        (void)snprintf(name, sizeof(name), "literal%zu.test", i);
        add_zone(lab, &zones, name, special[i]);
        (void)snprintf(name, sizeof(name), "named%zu.test", i);
        (void)snprintf(origin, sizeof(origin), "n%zu.lab.test", i);
        add_zone(lab, &zones, name, origin);
    }
    add_zone(lab, &zones, "mixed.test", "mixed.lab.test");
    answer_expect_status(lab, import(lab, &zones), "zone import");
    answer_expect_status(lab, lab_sslauto(lab, NULL, "scan", "--all", NULL), "scan --all");
    for (size_t i = 0; i < COUNT_OF(special); i++) {
        char name[64];
        (void)snprintf(name, sizeof(name), "literal%zu.test", i);
        expect_refused(lab, name, special[i]);
        (void)snprintf(name, sizeof(name), "named%zu.test", i);
        expect_refused(lab, name, special[i]);
    }
    expect_refused(lab, "mixed.test", "a name with two special addresses");
    buf_done(&zones);
}

static void test_other_spellings_are_no_addresses(void **state)
{
    const struct lab *lab = *state;
    struct buf zones;
    buf_init(&zones, LAB_OUTPUT);
    for (size_t i = 0; i < COUNT_OF(spellings); i++) {
        add_zone(lab, &zones, "spelled.test", spellings[i]);
        int status = import(lab, &zones);
        if (status == 0) {
            fail_msg("an origin at %s was taken", spellings[i]);
        }
    }
    buf_done(&zones);
}

// The open origin redirects to another host of the same zone, whose origin is a canary.
static void test_redirects_are_guarded(void **state)
{
    const struct lab *lab = *state;
    struct buf zones;
    buf_init(&zones, LAB_OUTPUT);
    assert_ok(buf_printf(&zones,
                         "{\"name\":\"open.test\",\"mode\":\"flexible\",\"hosts\":["
                         "{\"name\":\"open.test\",\"origins\":[{\"address\":\"" OPEN_ADDRESS
                         "\",\"http_port\":%u,\"https_port\":%u}]},"
                         "{\"name\":\"canary.test\",\"origins\":[{\"address\":\"" CANARY_ADDRESS
                         "\",\"http_port\":%u,\"https_port\":%u}]}]}\n",
                         lab->http_port, lab->https_port, lab->http_port, lab->https_port),
              NULL);
    answer_expect_status(lab, import(lab, &zones), "zone import");
    answer_expect_status(lab, lab_sslauto(lab, NULL, "scan", "open.test", NULL), "scan open.test");
    json_t *answer = answer_explain(lab, "open.test", NULL);
    assert_int_equal(answer_mode(answer, "mode_recommended"), MODE_NONE);
    assert_true(answer_has_codes(json_object_get(answer, "blockers"), "address_refused"));
    // The opened origin itself was looked at: this laboratory is alive.
    assert_string_equal(answer_of_scheme(answer, "http", "outcome"), "ok");
    json_decref(answer);
    buf_done(&zones);
}

static void test_check_is_guarded_too(void **state)
{
    const struct lab *lab = *state;
    struct buf out;
    char http[16];
    char https[16];
    buf_init(&out, LAB_OUTPUT);
    (void)snprintf(http, sizeof(http), "%u", lab->http_port);
    (void)snprintf(https, sizeof(https), "%u", lab->https_port);
    (void)lab_sslauto(lab, &out, "check", "canary.test", "--origin", CANARY_ADDRESS, "--http-port",
                      http, "--https-port", https, "--json", NULL);
    json_t *answer = json_loadb(buf_str(&out), out.len, 0, NULL);
    assert_non_null(answer);
    assert_true(answer_has_codes(json_object_get(answer, "blockers"), "address_refused"));
    json_decref(answer);
    buf_done(&out);
}

// Last: it stops the canaries.
static void test_canaries_saw_nothing(void **state)
{
    struct lab *lab = *state;
    assert_int_equal(lab_connections(lab, CANARY_ADDRESS), 0);
    assert_int_equal(lab_connections(lab, "127.0.0.1"), 0);
    assert_int_equal(lab_connections(lab, "::1"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refuses_every_special_range),
        cmocka_unit_test(test_other_spellings_are_no_addresses),
        cmocka_unit_test(test_redirects_are_guarded),
        cmocka_unit_test(test_check_is_guarded_too),
        cmocka_unit_test(test_canaries_saw_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
