// SPDX-License-Identifier: Apache-2.0
#include "core/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#include "core/num.h"

static size_t addr_bytes(const struct addr *addr)
{
    return addr->version == 4 ? 4 : 16;
}

enum err addr_parse(struct addr *out, struct span text)
{
    char copy[INET6_ADDRSTRLEN];
    if (text.len == 0 || text.len >= sizeof copy || memchr(text.at, '\0', text.len) != NULL) {
        return ERR_INVALID;
    }
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    struct addr addr = {.version = memchr(text.at, ':', text.len) == NULL ? 4 : 6};
    if (inet_pton(addr.version == 4 ? AF_INET : AF_INET6, copy, addr.bytes) != 1) {
        return ERR_INVALID;
    }
    *out = addr;
    return ERR_OK;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 16;
}

// One part of a loose IPv4 address: decimal, 0octal or 0xhex ("0x" alone is 0). False when it is
// none of these or needs more than 32 bits.
static bool parse_loose_part(uint64_t *out, struct span part)
{
    if (part.len == 0) {
        return false;
    }
    int base = 10;
    if (part.len >= 2 && part.at[0] == '0' && (part.at[1] | 0x20) == 'x') {
        base = 16;
        part = (struct span){part.at + 2, part.len - 2};
    } else if (part.len >= 2 && part.at[0] == '0') {
        base = 8;
        part = (struct span){part.at + 1, part.len - 1};
    }
    uint64_t value = 0;
    for (size_t i = 0; i < part.len; i++) {
        int digit = digit_value(part.at[i]);
        if (digit >= base) {
            return false;
        }
        value = value * (uint64_t)base + (uint64_t)digit;
        if (value > UINT32_MAX) {
            return false;
        }
    }
    *out = value;
    return true;
}

bool addr_parse_loose(struct addr *out, struct span text)
{
    if (text.len > 0 && text.at[text.len - 1] == '.') {
        text.len--;
    }
    uint64_t parts[4];
    unsigned count = 0;
    while (text.at != NULL) {
        if (count == COUNT_OF(parts) || !parse_loose_part(&parts[count], span_cut(&text, '.'))) {
            return false;
        }
        count++;
    }
    if (count == 0) {
        return false;
    }
    // All parts but the last are one byte; the last fills what is left.
    unsigned last_bits = 8 * (5 - count);
    uint64_t value = parts[count - 1];
    if (value >> last_bits != 0) {
        return false;
    }
    for (unsigned i = 0; i + 1 < count; i++) {
        if (parts[i] > 255) {
            return false;
        }
        value |= parts[i] << (24 - 8 * i);
    }
    *out = (struct addr){.version = 4};
    for (unsigned i = 0; i < 4; i++) {
        out->bytes[i] = (uint8_t)(value >> (24 - 8 * i));
    }
    return true;
}

const char *addr_print(char text[ADDR_TEXT_SIZE], const struct addr *addr)
{
    int family = addr->version == 4 ? AF_INET : AF_INET6;
    if (inet_ntop(family, addr->bytes, text, ADDR_TEXT_SIZE) == NULL) {
        (void)snprintf(text, ADDR_TEXT_SIZE, "-");
    }
    return text;
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
    return a->version == b->version && memcmp(a->bytes, b->bytes, addr_bytes(a)) == 0;
}

bool addr_from_sockaddr(struct addr *out, const struct sockaddr *sa)
{
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, sa, sizeof in);
        *out = (struct addr){.version = 4};
        memcpy(out->bytes, &in.sin_addr, 4);
        return true;
    }
    if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, sa, sizeof in6);
        *out = (struct addr){.version = 6};
        memcpy(out->bytes, &in6.sin6_addr, 16);
        return true;
    }
    return false;
}

struct addr addr_unwrap(const struct addr *addr)
{
    // RFC 4291 section 2.5.5.2, RFC 6052 section 2.1, RFC 3056 section 2.
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b};
    static const uint8_t six_to_four[2] = {0x20, 0x02};
    if (addr->version != 6) {
        return *addr;
    }
    struct addr inner = {.version = 4};
    if (memcmp(addr->bytes, mapped, 12) == 0 || memcmp(addr->bytes, nat64, 12) == 0) {
        memcpy(inner.bytes, addr->bytes + 12, 4);
        return inner;
    }
    if (memcmp(addr->bytes, six_to_four, 2) == 0) {
        memcpy(inner.bytes, addr->bytes + 2, 4);
        return inner;
    }
    return *addr;
}

// The first `bits` bits agree.
static bool same_prefix(const struct addr *a, const struct addr *b, unsigned bits)
{
    unsigned whole = bits / 8;
    unsigned rest = bits % 8;
    if (a->version != b->version || memcmp(a->bytes, b->bytes, whole) != 0) {
        return false;
    }
    return rest == 0 || ((a->bytes[whole] ^ b->bytes[whole]) >> (8 - rest)) == 0;
}

enum err cidr_parse(struct cidr *out, struct span text)
{
    struct span rest = text;
    struct span base = span_cut(&rest, '/');
    struct cidr cidr = {0};
    enum err e = addr_parse(&cidr.base, base);
    if (e != ERR_OK) {
        return e;
    }
    int64_t most = cidr.base.version == 4 ? 32 : 128;
    int64_t bits = most;
    if (base.len < text.len) {
        e = num_parse(&bits, rest, 0, most);
        if (e != ERR_OK) {
            return ERR_INVALID;
        }
    }
    cidr.bits = (uint8_t)bits;
    for (unsigned i = cidr.bits; i < most; i++) {
        if ((cidr.base.bytes[i / 8] & (0x80 >> i % 8)) != 0) {
            return ERR_INVALID;
        }
    }
    *out = cidr;
    return ERR_OK;
}

bool cidr_contains(const struct cidr *cidr, const struct addr *addr)
{
    return same_prefix(&cidr->base, addr, cidr->bits);
}
