// SPDX-License-Identifier: Apache-2.0
// IP addresses and networks.
#ifndef SSLAUTO_CORE_ADDR_H
#define SSLAUTO_CORE_ADDR_H

#include <stdint.h>
#include <sys/socket.h>

#include "core/err.h"
#include "core/span.h"

struct addr {
    uint8_t version;   // 4 or 6
    uint8_t bytes[16]; // network order; the first 4 for version 4
};

struct cidr {
    struct addr base;
    uint8_t bits;
};

#define ADDR_TEXT_SIZE 64

// Dotted quad or IPv6 literal without brackets or zone, as inet_pton(3) takes them; nothing else.
enum err addr_parse(struct addr *out, struct span text);
// What inet_aton(3) and browsers would take for an IPv4 address besides: 0x7f.1, 2130706433,
// 0177.0.0.1. True with *out set when text is one of those spellings (canonical ones too).
bool addr_parse_loose(struct addr *out, struct span text);
const char *addr_print(char text[ADDR_TEXT_SIZE], const struct addr *addr);
bool addr_equal(const struct addr *a, const struct addr *b);
bool addr_from_sockaddr(struct addr *out, const struct sockaddr *sa);
// IPv4 inside IPv6 (mapped ::ffff:0:0/96, NAT64 64:ff9b::/96, 6to4 2002::/16) taken out; otherwise
// the same address again.
struct addr addr_unwrap(const struct addr *addr);

// "192.0.2.0/24", "2001:db8::/32", or a single address. Host bits must be zero.
enum err cidr_parse(struct cidr *out, struct span text);
bool cidr_contains(const struct cidr *cidr, const struct addr *addr);

#endif
