// SPDX-License-Identifier: Apache-2.0
#include <ifaddrs.h>
#include <string.h>

#include "core/url.h"
#include "crawler/guard.h"
#include "tests/support/check.h"

static struct addr addr_of(const char *text)
{
    struct addr addr = {0};
    assert_ok(addr_parse(&addr, span_of(text)), NULL);
    return addr;
}

static struct guard *guard_with(const char *const *allow, size_t count)
{
    struct guard *guard = NULL;
    struct why why = {0};
    assert_ok(guard_new(&guard, allow, count, &why), &why);
    return guard;
}

static void check_refusal(const struct guard *guard, const char *text, const char *range)
{
    struct addr addr = addr_of(text);
    const char *refusal = guard_refuses(guard, &addr);
    if (range == NULL && refusal != NULL) {
        fail_msg("%s is refused: %s", text, refusal);
    }
    if (range != NULL && (refusal == NULL || strstr(refusal, range) == NULL)) {
        fail_msg("%s: %s, not %s", text, refusal == NULL ? "open" : refusal, range);
    }
}

// First and last address of every range are refused, their neighbours outside belong to
// `before` and `behind` (NULL = open to connect).
static void refuses_every_special_range(void **state)
{
    (void)state;
    static const struct {
        const char *range, *first, *last, *before, *before_range, *behind, *behind_range;
    } rows[] = {
        {"0.0.0.0/8", "0.0.0.0", "0.255.255.255", NULL, NULL, "1.0.0.0", NULL},
        {"10.0.0.0/8", "10.0.0.0", "10.255.255.255", "9.255.255.255", NULL, "11.0.0.0", NULL},
        {"100.64.0.0/10", "100.64.0.0", "100.127.255.255", "100.63.255.255", NULL, "100.128.0.0",
         NULL},
        {"127.0.0.0/8", "127.0.0.0", "127.255.255.255", "126.255.255.255", NULL, "128.0.0.0", NULL},
        {"169.254.0.0/16", "169.254.0.0", "169.254.255.255", "169.253.255.255", NULL, "169.255.0.0",
         NULL},
        {"169.254.169.254", "169.254.169.254", "169.254.169.254", "169.254.169.253", "link-local",
         "169.254.169.255", "link-local"},
        {"168.63.129.16", "168.63.129.16", "168.63.129.16", "168.63.129.15", NULL, "168.63.129.17",
         NULL},
        {"172.16.0.0/12", "172.16.0.0", "172.31.255.255", "172.15.255.255", NULL, "172.32.0.0",
         NULL},
        {"192.0.0.0/24", "192.0.0.0", "192.0.0.255", "191.255.255.255", NULL, "192.0.1.0", NULL},
        {"192.0.2.0/24", "192.0.2.0", "192.0.2.255", "192.0.1.255", NULL, "192.0.3.0", NULL},
        {"192.31.196.0/24", "192.31.196.0", "192.31.196.255", "192.31.195.255", NULL,
         "192.31.197.0", NULL},
        {"192.52.193.0/24", "192.52.193.0", "192.52.193.255", "192.52.192.255", NULL,
         "192.52.194.0", NULL},
        {"192.88.99.0/24", "192.88.99.0", "192.88.99.255", "192.88.98.255", NULL, "192.88.100.0",
         NULL},
        {"192.168.0.0/16", "192.168.0.0", "192.168.255.255", "192.167.255.255", NULL, "192.169.0.0",
         NULL},
        {"192.175.48.0/24", "192.175.48.0", "192.175.48.255", "192.175.47.255", NULL,
         "192.175.49.0", NULL},
        {"198.18.0.0/15", "198.18.0.0", "198.19.255.255", "198.17.255.255", NULL, "198.20.0.0",
         NULL},
        {"198.51.100.0/24", "198.51.100.0", "198.51.100.255", "198.51.99.255", NULL, "198.51.101.0",
         NULL},
        {"203.0.113.0/24", "203.0.113.0", "203.0.113.255", "203.0.112.255", NULL, "203.0.114.0",
         NULL},
        {"224.0.0.0/4", "224.0.0.0", "239.255.255.255", "223.255.255.255", NULL, "240.0.0.0",
         "reserved"},
        {"240.0.0.0/4", "240.0.0.0", "255.255.255.254", NULL, NULL, "255.255.255.255", "broadcast"},
        {"::/128", "::", "::", NULL, NULL, "::1", "loopback"},
        {"::1/128", "::1", "::1", NULL, NULL, "::2", "IPv4-compatible"},
        {"::/96", "::2", "::ffff:ffff", NULL, NULL, "::1:0:0", "global unicast"},
        {"::ffff:0:0:0/96", "::ffff:0:0:0", "::ffff:0:ffff:ffff", "::fffe:ffff:ffff:ffff",
         "global unicast", "::ffff:1:0:0", "global unicast"},
        {"64:ff9b:1::/48", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
         "64:ff9b:0:ffff:ffff:ffff:ffff:ffff", "global unicast", "64:ff9b:2::", "global unicast"},
        {"100::/64", "100::", "100::ffff:ffff:ffff:ffff", "ff:ffff::", "global unicast",
         "100:0:0:1::", "dummy"},
        {"100:0:0:1::/64", "100:0:0:1::", "100:0:0:1:ffff:ffff:ffff:ffff", NULL, NULL,
         "100:0:0:2::", "global unicast"},
        {"2001::/32", "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff",
         "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, "2001:1::", "2001::/23"},
        {"2001:2::/48", "2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", NULL, NULL,
         "2001:2:1::", "2001::/23"},
        {"2001:10::/28", "2001:10::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff", NULL, NULL, NULL,
         NULL},
        {"2001:20::/28", "2001:20::", "2001:2f:ffff:ffff:ffff:ffff:ffff:ffff", NULL, NULL, NULL,
         NULL},
        {"2001::/23", "2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, NULL,
         "2001:200::", NULL},
        {"2001:db8::/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
         "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", NULL, "2001:db9::", NULL},
        {"2620:4f:8000::/48", "2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff",
         "2620:4f:7fff::", NULL, "2620:4f:8001::", NULL},
        {"3fff::/20", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3ffe:ffff::", NULL,
         "3fff:1000::", NULL},
        {"2000::/3", "4000::", "5eff::", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, NULL,
         NULL},
        {"5f00::/16", "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, NULL,
         "5f01::", "global unicast"},
        {"fc00::/7", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
         "fbff::", "global unicast", "fe00::", "global unicast"},
        {"fe80::/10", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
         "fe7f::", "global unicast", "fec0::", "site-local"},
        {"fec0::/10", "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, NULL,
         "ff00::", "multicast"},
        {"ff00::/8", "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, NULL, NULL, NULL},
    };
    struct guard *guard = guard_with(NULL, 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        check_refusal(guard, rows[i].first, rows[i].range);
        check_refusal(guard, rows[i].last, rows[i].range);
        if (rows[i].before != NULL) {
            check_refusal(guard, rows[i].before, rows[i].before_range);
        }
        if (rows[i].behind != NULL) {
            check_refusal(guard, rows[i].behind, rows[i].behind_range);
        }
    }
    guard_free(guard);
}

static void opens_what_is_public(void **state)
{
    (void)state;
    static const char *const open[] = {
        "1.1.1.1",           "8.8.8.8",        "93.184.216.34",    "2606:4700::1111",
        "2a00:1450:4001::1", "::ffff:8.8.8.8", "2001:ffff:ffff::", "2003::"};
    struct guard *guard = guard_with(NULL, 0);
    for (size_t i = 0; i < COUNT_OF(open); i++) {
        check_refusal(guard, open[i], NULL);
    }
    guard_free(guard);
}

static void looks_into_wrapped_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *range;
    } rows[] = {
        {"::ffff:127.0.0.1", "127.0.0.0/8"},
        {"::ffff:10.1.2.3", "10.0.0.0/8"},
        {"::ffff:169.254.169.254", "metadata"},
        {"::ffff:0.0.0.0", "0.0.0.0/8"},
        {"64:ff9b::127.0.0.1", "127.0.0.0/8"},
        {"64:ff9b::192.168.0.1", "192.168.0.0/16"},
        {"2002:7f00:1::1", "127.0.0.0/8"},
        {"2002:a9fe:a9fe::", "metadata"},
        {"2002:e000:1::", "224.0.0.0/4"},
        {"::127.0.0.1", "::/96"},
        {"::ffff:0:127.0.0.1", "::ffff:0:0:0/96"},
        // Closed whatever they carry: a translator or a relay decides where they lead.
        {"64:ff9b::8.8.8.8", "64:ff9b::/96"},
        {"64:ff9b::1.0.0.0", "64:ff9b::/96"},
        {"64:ff9b:1::8.8.8.8", "64:ff9b:1::/48"},
        {"64:ff9b::1:0:0", "global unicast"},
        {"2002:808:808::1", "2002::/16"},
        {"2002:100::", "2002::/16"},
    };
    struct guard *guard = guard_with(NULL, 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        check_refusal(guard, rows[i].text, rows[i].range);
    }
    guard_free(guard);
}

// Every spelling a URL may have ends at the same refusal.
static void spelling_does_not_matter(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "http://127.0.0.1/",          "http://127.1/",
        "http://0x7f.0.0.1/",         "http://0x7f000001/",
        "http://2130706433/",         "http://017700000001/",
        "http://0177.0.0.1/",         "http://127.0.0.1./",
        "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/",
        "http://[64:ff9b::7f00:1]/",  "http://[2002:7f00:1::]/",
        "http://%31%32%37.0.0.1/",    "http://\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1/",
    };
    struct guard *guard = guard_with(NULL, 0);
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        OWN(url_done) struct url url = {0};
        assert_ok(url_parse(&url, span_of(urls[i])), NULL);
        struct span host = span_of(url.host);
        if (host.at[0] == '[') {
            host = (struct span){host.at + 1, host.len - 2};
        }
        struct addr addr;
        assert_ok(addr_parse(&addr, host), NULL);
        const char *refusal = guard_refuses(guard, &addr);
        assert_non_null(refusal);
        assert_non_null(strstr(refusal, "127.0.0.0/8"));
    }
    guard_free(guard);
}

static void the_operator_opens_networks(void **state)
{
    (void)state;
    static const char *const allow[] = {"127.0.0.0/8", "fd00::/8", "10.1.0.0/16"};
    struct guard *guard = guard_with(allow, COUNT_OF(allow));
    check_refusal(guard, "127.0.0.1", NULL);
    check_refusal(guard, "fd00::1", NULL);
    check_refusal(guard, "10.1.255.255", NULL);
    check_refusal(guard, "10.2.0.0", "10.0.0.0/8");
    check_refusal(guard, "fc00::1", "fc00::/7");
    // Not in disguise.
    check_refusal(guard, "::ffff:127.0.0.1", "127.0.0.0/8");
    check_refusal(guard, "64:ff9b::10.1.0.1", "10.0.0.0/8");
    check_refusal(guard, "2002:7f00:1::", "127.0.0.0/8");
    guard_free(guard);
    static const char *const both[] = {"127.0.0.0/8", "::ffff:127.0.0.0/104", "64:ff9b::/96"};
    guard = guard_with(both, COUNT_OF(both));
    check_refusal(guard, "::ffff:127.0.0.1", NULL);
    check_refusal(guard, "::ffff:10.0.0.1", "10.0.0.0/8");
    check_refusal(guard, "64:ff9b::10.0.0.1", "10.0.0.0/8");
    check_refusal(guard, "64:ff9b::127.0.0.1", NULL);
    check_refusal(guard, "64:ff9b::8.8.8.8", NULL);
    check_refusal(guard, "2002:808:808::1", "2002::/16");
    guard_free(guard);
    static const char *const relay[] = {"2002::/16", "64:ff9b:1::/48"};
    guard = guard_with(relay, COUNT_OF(relay));
    check_refusal(guard, "2002:808:808::1", NULL);
    check_refusal(guard, "2002:a00:1::1", "10.0.0.0/8");
    check_refusal(guard, "64:ff9b:1::8.8.8.8", NULL);
    check_refusal(guard, "64:ff9b::8.8.8.8", "64:ff9b::/96");
    guard_free(guard);
}

static void bad_networks_are_named(void **state)
{
    (void)state;
    static const char *const bad[] = {"10.0.0.0/33", "10.0.0.1/8", "localhost", ""};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        const char *allow[] = {"127.0.0.0/8", bad[i]};
        struct guard *guard = NULL;
        struct why why = {0};
        assert_err(guard_new(&guard, allow, 2, &why), ERR_INVALID);
        assert_null(guard);
        assert_non_null(strstr(why.text, bad[i]));
    }
}

static void own_addresses_are_refused(void **state)
{
    (void)state;
    struct guard *guard = guard_with(NULL, 0);
    struct ifaddrs *list = NULL;
    assert_int_equal(getifaddrs(&list), 0);
    size_t seen = 0;
    for (const struct ifaddrs *i = list; i != NULL; i = i->ifa_next) {
        struct addr addr;
        if (i->ifa_addr != NULL && addr_from_sockaddr(&addr, i->ifa_addr)) {
            assert_non_null(guard_refuses(guard, &addr));
            seen++;
        }
    }
    freeifaddrs(list);
    guard_free(guard);
    assert_true(seen > 0);
    guard_free(NULL);
}

static void denied_networks_stay_closed(void **state)
{
    (void)state;
    static const char *const allow[] = {"127.0.0.0/8"};
    static const char *const deny[] = {"127.9.0.0/16", "8.8.8.0/24"};
    static const char *const bad[] = {"8.8.8.8/24"};
    struct guard *guard = guard_with(allow, 1);
    struct why why = {0};
    assert_ok(guard_deny(guard, deny, 2, &why), &why);
    check_refusal(guard, "127.8.0.1", NULL);
    check_refusal(guard, "127.9.0.1", "deny_nets");
    check_refusal(guard, "8.8.8.8", "deny_nets");
    check_refusal(guard, "::ffff:8.8.8.8", "deny_nets");
    check_refusal(guard, "8.8.9.8", NULL);
    assert_err(guard_deny(guard, bad, 1, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "8.8.8.8/24"));
    check_refusal(guard, "8.8.8.8", "deny_nets"); // untouched by the failure
    guard_free(guard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_every_special_range),
        cmocka_unit_test(denied_networks_stay_closed),
        cmocka_unit_test(opens_what_is_public),
        cmocka_unit_test(looks_into_wrapped_addresses),
        cmocka_unit_test(spelling_does_not_matter),
        cmocka_unit_test(the_operator_opens_networks),
        cmocka_unit_test(bad_networks_are_named),
        cmocka_unit_test(own_addresses_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
