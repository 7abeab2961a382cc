// SPDX-License-Identifier: Apache-2.0
#include "crawler/guard.h"

#include <ifaddrs.h>
#include <stdlib.h>

// Each name ends in its network. The IANA registries of 2025-10, with the multicast and reserved
// blocks of the address space registries beside them; the first that matches names the refusal.
static const char *const special[] = {
    "this network 0.0.0.0/8",                    // RFC 791 section 3.2
    "private-use 10.0.0.0/8",                    // RFC 1918
    "shared address space 100.64.0.0/10",        // RFC 6598
    "loopback 127.0.0.0/8",                      // RFC 1122 section 3.2.1.3
    "cloud metadata 169.254.169.254/32",         // in link-local, named for its readers
    "link-local 169.254.0.0/16",                 // RFC 3927
    "cloud platform service 168.63.129.16/32",   // a public address that only answers inside
    "private-use 172.16.0.0/12",                 // RFC 1918
    "IETF protocol assignments 192.0.0.0/24",    // RFC 6890 section 2.1
    "documentation 192.0.2.0/24",                // RFC 5737
    "AS112 192.31.196.0/24",                     // RFC 7535
    "AMT 192.52.193.0/24",                       // RFC 7450
    "6to4 relay anycast 192.88.99.0/24",         // RFC 7526
    "private-use 192.168.0.0/16",                // RFC 1918
    "direct delegation AS112 192.175.48.0/24",   // RFC 7534
    "benchmarking 198.18.0.0/15",                // RFC 2544
    "documentation 198.51.100.0/24",             // RFC 5737
    "documentation 203.0.113.0/24",              // RFC 5737
    "multicast 224.0.0.0/4",                     // RFC 5771
    "limited broadcast 255.255.255.255/32",      // RFC 8190
    "reserved 240.0.0.0/4",                      // RFC 1112 section 4
    "unspecified ::/128",                        // RFC 4291
    "loopback ::1/128",                          // RFC 4291
    "IPv4-compatible ::/96",                     // RFC 4291 section 2.5.5.1, deprecated
    "IPv4-translated ::ffff:0:0:0/96",           // RFC 2765
    "NAT64 64:ff9b::/96",                        // RFC 6052: leads wherever the translator leads
    "local NAT64 64:ff9b:1::/48",                // RFC 8215
    "discard-only 100::/64",                     // RFC 6666
    "dummy prefix 100:0:0:1::/64",               // RFC 9780
    "Teredo 2001::/32",                          // RFC 4380
    "benchmarking 2001:2::/48",                  // RFC 5180
    "ORCHID 2001:10::/28",                       // RFC 4843
    "ORCHIDv2 2001:20::/28",                     // RFC 7343
    "IETF protocol assignments 2001::/23",       // RFC 2928
    "documentation 2001:db8::/32",               // RFC 3849
    "6to4 2002::/16",                            // RFC 3056, relays of anybody: RFC 7526
    "direct delegation AS112 2620:4f:8000::/48", // RFC 7534
    "documentation 3fff::/20",                   // RFC 9637
    "segment routing 5f00::/16",                 // RFC 9602
    "unique-local fc00::/7",                     // RFC 4193
    "link-local fe80::/10",                      // RFC 4291
    "site-local fec0::/10",                      // RFC 3879
    "multicast ff00::/8",                        // RFC 4291
};

static const char not_unicast[] = "outside global unicast 2000::/3"; // RFC 4291 section 2.4
static const char denied[] = "a network of crawl.deny_nets";
static const char own_address[] = "an address of this machine";

struct guard {
    struct cidr ranges[COUNT_OF(special)];
    struct cidr *allow; // owned
    size_t allow_count;
    struct cidr *deny; // owned
    size_t deny_count;
    struct addr *own; // owned
    size_t own_count;
};

void guard_free(struct guard *guard)
{
    if (guard != NULL) {
        free(guard->allow);
        free(guard->deny);
        free(guard->own);
        free(guard);
    }
}

DEFINE_OWN(guard_own, struct guard, guard_free)

static enum err read_ranges(struct guard *guard)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < COUNT_OF(special) && e == ERR_OK; i++) {
        e = cidr_parse(&guard->ranges[i], span_of(strrchr(special[i], ' ') + 1));
    }
    return e;
}

static enum err read_networks(struct cidr **out, size_t *out_count, const char *const *texts,
                              size_t count, const char *what, struct why *why)
{
    struct cidr *networks = calloc(count + 1, sizeof *networks);
    if (networks == NULL) {
        return why_set(why, ERR_NOMEM, "out of memory");
    }
    for (size_t i = 0; i < count; i++) {
        enum err e = cidr_parse(&networks[i], span_of(texts[i]));
        if (e != ERR_OK) {
            free(networks);
            return why_set(why, e,
                           "%s network \"%.64s\": write it as 192.0.2.0/24 or 2001:db8::/32, "
                           "without host bits",
                           what, texts[i]);
        }
    }
    free(*out);
    *out = networks;
    *out_count = count;
    return ERR_OK;
}

enum err guard_deny(struct guard *guard, const char *const *deny, size_t count, struct why *why)
{
    return read_networks(&guard->deny, &guard->deny_count, deny, count, "denied", why);
}

static enum err read_own(struct guard *guard, struct why *why)
{
    struct ifaddrs *list = NULL;
    if (getifaddrs(&list) != 0) {
        return why_set(why, ERR_IO, "this machine's addresses cannot be listed (getifaddrs)");
    }
    size_t count = 0;
    for (const struct ifaddrs *i = list; i != NULL; i = i->ifa_next) {
        count++;
    }
    guard->own = calloc(count + 1, sizeof *guard->own);
    enum err e = guard->own == NULL ? why_set(why, ERR_NOMEM, "out of memory") : ERR_OK;
    for (const struct ifaddrs *i = list; i != NULL && e == ERR_OK; i = i->ifa_next) {
        if (i->ifa_addr != NULL && addr_from_sockaddr(&guard->own[guard->own_count], i->ifa_addr)) {
            guard->own_count++;
        }
    }
    freeifaddrs(list);
    return e;
}

enum err guard_new(struct guard **out, const char *const *allow, size_t allow_count,
                   struct why *why)
{
    OWN(guard_own) struct guard *guard = calloc(1, sizeof *guard);
    if (guard == NULL) {
        return why_set(why, ERR_NOMEM, "out of memory");
    }
    enum err e = read_ranges(guard);
    if (e == ERR_OK) {
        e = read_networks(&guard->allow, &guard->allow_count, allow, allow_count, "allowed", why);
    }
    e = e == ERR_OK ? read_own(guard, why) : e;
    if (e == ERR_OK) {
        *out = guard;
        guard = NULL;
    }
    return e;
}

static bool is_listed(const struct cidr *networks, size_t count, const struct addr *addr)
{
    for (size_t i = 0; i < count; i++) {
        if (cidr_contains(&networks[i], addr)) {
            return true;
        }
    }
    return false;
}

static bool is_allowed(const struct guard *guard, const struct addr *addr)
{
    return is_listed(guard->allow, guard->allow_count, addr);
}

static const char *special_range(const struct guard *guard, const struct addr *addr)
{
    for (size_t i = 0; i < COUNT_OF(special); i++) {
        if (cidr_contains(&guard->ranges[i], addr)) {
            return special[i];
        }
    }
    return NULL;
}

// Why an address is closed to everybody who does not list it.
static const char *closed_by(const struct guard *guard, const struct addr *addr)
{
    const char *range = special_range(guard, addr);
    if (range != NULL) {
        return range;
    }
    if (addr->version == 6 && addr->bytes[0] >> 5 != 1) {
        return not_unicast;
    }
    for (size_t i = 0; i < guard->own_count; i++) {
        if (addr_equal(&guard->own[i], addr)) {
            return own_address;
        }
    }
    return NULL;
}

const char *guard_refuses(const struct guard *guard, const struct addr *addr)
{
    struct addr inner = addr_unwrap(addr);
    if (is_listed(guard->deny, guard->deny_count, addr) ||
        is_listed(guard->deny, guard->deny_count, &inner)) {
        return denied;
    }
    const char *closed = closed_by(guard, &inner);
    if (closed == NULL) {
        // A mapped address is what it carries. NAT64 and 6to4 are ranges of their own.
        return is_allowed(guard, addr) ? NULL : special_range(guard, addr);
    }
    // An address that only the allow-list opens stays closed in disguise, unless the disguise is
    // listed as well.
    bool open = is_allowed(guard, addr) && is_allowed(guard, &inner);
    return open ? NULL : closed;
}
