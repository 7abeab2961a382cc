// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "core/addr.h"
#include "tests/support/check.h"

static struct addr addr_of(const char *text)
{
    struct addr addr = {0};
    assert_ok(addr_parse(&addr, span_of(text)), NULL);
    return addr;
}

static void reads_and_prints(void **state)
{
    (void)state;
    static const char *const good[] = {"192.0.2.1", "0.0.0.0",     "255.255.255.255",
                                       "::",        "2001:db8::1", "::ffff:192.0.2.1"};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        char text[ADDR_TEXT_SIZE];
        struct addr addr = addr_of(good[i]);
        assert_string_equal(addr_print(text, &addr), good[i]);
    }
}

static void refuses_what_inet_pton_refuses(void **state)
{
    (void)state;
    static const char *const bad[] = {"",           "192.0.2",    "192.0.2.256", "192.0.2.1.",
                                      "0x7f.0.0.1", "2130706433", "[::1]",       "fe80::1%lo",
                                      "1::2::3",    " 192.0.2.1", "192.0.2.1\n", "127.1"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct addr addr = {.version = 9};
        assert_err(addr_parse(&addr, span_of(bad[i])), ERR_INVALID);
        assert_int_equal(addr.version, 9);
    }
    struct addr addr;
    assert_err(addr_parse(&addr, (struct span){"1.2.3.4\0", 8}), ERR_INVALID);
}

static void knows_loose_spellings(void **state)
{
    (void)state;
    static const struct {
        const char *text, *means;
    } rows[] = {
        {"127.0.0.1", "127.0.0.1"},
        {"2130706433", "127.0.0.1"},
        {"0x7f000001", "127.0.0.1"},
        {"017700000001", "127.0.0.1"},
        {"0x7f.1", "127.0.0.1"},
        {"127.1", "127.0.0.1"},
        {"127.0.1", "127.0.0.1"},
        {"0177.0.0.01", "127.0.0.1"},
        {"0X7F.0.0.0x1", "127.0.0.1"},
        {"127.0.0.1.", "127.0.0.1"},
        {"0", "0.0.0.0"},
        {"0x", "0.0.0.0"},
        {"4294967295", "255.255.255.255"},
        {"1.65535", "1.0.255.255"},
        {"10.0x10203", "10.1.2.3"},
        {"192.168.258", "192.168.1.2"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct addr addr = {0};
        char text[ADDR_TEXT_SIZE];
        assert_true(addr_parse_loose(&addr, span_of(rows[i].text)));
        assert_string_equal(addr_print(text, &addr), rows[i].means);
    }
    static const char *const bad[] = {"",
                                      ".",
                                      "4294967296",
                                      "256.1.1.1",
                                      "1.2.3.4.5",
                                      "1..2",
                                      "08",
                                      "0xg",
                                      "1.2.3.256",
                                      "1.16777216",
                                      "a.b",
                                      "-1",
                                      "127.0.0.1..",
                                      "99999999999999999999",
                                      "::1",
                                      "1.2.3.4 "};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct addr addr;
        assert_false(addr_parse_loose(&addr, span_of(bad[i])));
    }
}

static void unwraps_ipv4_in_ipv6(void **state)
{
    (void)state;
    static const struct {
        const char *outer, *inner;
    } rows[] = {
        {"::ffff:127.0.0.1", "127.0.0.1"},   {"64:ff9b::10.0.0.1", "10.0.0.1"},
        {"2002:c0a8:0101::", "192.168.1.1"}, {"2002:7f00:1:dead::beef", "127.0.0.1"},
        {"2001:db8::1", "2001:db8::1"},      {"192.0.2.1", "192.0.2.1"},
        {"64:ff9b:1::1", "64:ff9b:1::1"},    {"::127.0.0.1", "::127.0.0.1"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct addr outer = addr_of(rows[i].outer);
        struct addr inner = addr_of(rows[i].inner);
        struct addr found = addr_unwrap(&outer);
        assert_true(addr_equal(&found, &inner));
    }
}

static void reads_networks(void **state)
{
    (void)state;
    struct cidr net;
    assert_ok(cidr_parse(&net, span_of("10.32.0.0/11")), NULL);
    static const struct {
        const char *text;
        bool inside;
    } rows[] = {{"10.32.0.0", true},
                {"10.63.255.255", true},
                {"10.31.255.255", false},
                {"10.64.0.0", false},
                {"::a20:0", false}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct addr addr = addr_of(rows[i].text);
        assert_int_equal(cidr_contains(&net, &addr), rows[i].inside);
    }
    struct addr any = addr_of("2001:db8::1");
    assert_ok(cidr_parse(&net, span_of("::/0")), NULL);
    assert_true(cidr_contains(&net, &any));
    assert_ok(cidr_parse(&net, span_of("2001:db8::1")), NULL);
    assert_int_equal(net.bits, 128);
    assert_true(cidr_contains(&net, &any));
    static const char *const bad[] = {"10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1",
                                      "::1/127",    "10/8",        "/8",        "2001:db8::/129"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_err(cidr_parse(&net, span_of(bad[i])), ERR_INVALID);
    }
}

static void reads_socket_addresses(void **state)
{
    (void)state;
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr other = {.sa_family = AF_UNIX};
    struct addr v4 = addr_of("127.0.0.1");
    struct addr v6 = addr_of("::1");
    struct addr addr;
    assert_true(addr_from_sockaddr(&addr, (const struct sockaddr *)&in));
    assert_true(addr_equal(&addr, &v4));
    assert_true(addr_from_sockaddr(&addr, (const struct sockaddr *)&in6));
    assert_true(addr_equal(&addr, &v6));
    assert_false(addr_from_sockaddr(&addr, &other));
    assert_false(addr_equal(&v4, &v6));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_prints),      cmocka_unit_test(refuses_what_inet_pton_refuses),
        cmocka_unit_test(knows_loose_spellings), cmocka_unit_test(unwraps_ipv4_in_ipv6),
        cmocka_unit_test(reads_networks),        cmocka_unit_test(reads_socket_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
