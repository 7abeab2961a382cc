// SPDX-License-Identifier: Apache-2.0
#include "crawler/entity.h"

#include <stdint.h>

#include "core/attr.h"

static bool is_alnum(char c)
{
    char lower = (char)(c | 0x20);
    return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z');
}

// Named references; those with `bare` also count without ';', unless '=' or a letter follows.
static size_t read_named(uint32_t *code, struct span s)
{
    static const struct {
        const char *name;
        char stands_for;
        bool bare;
    } names[] = {
        {"&amp", '&', true},    {"&lt", '<', true},      {"&gt", '>', true},
        {"&quot", '"', true},   {"&apos", '\'', false},  {"&sol", '/', false},
        {"&colon", ':', false}, {"&period", '.', false}, {"&quest", '?', false},
        {"&num", '#', false},
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        size_t len = strlen(names[i].name);
        if (s.len < len || memcmp(s.at, names[i].name, len) != 0) {
            continue;
        }
        char next = s.len > len ? s.at[len] : ' ';
        bool bare = names[i].bare && next != '=' && !is_alnum(next);
        if (next == ';' || bare) {
            *code = (unsigned char)names[i].stands_for;
            return len + (next == ';' ? 1 : 0);
        }
    }
    return 0;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 16;
}

// "&#38;" "&#x26;", also without ';'.
static size_t read_numeric(uint32_t *code, struct span s)
{
    if (s.len < 3 || s.at[1] != '#') {
        return 0;
    }
    int base = (s.at[2] | 0x20) == 'x' ? 16 : 10;
    size_t start = base == 16 ? 3 : 2;
    size_t i = start;
    uint32_t value = 0;
    while (i < s.len && digit_of(s.at[i]) < base) {
        value = value * (uint32_t)base + (uint32_t)digit_of(s.at[i]);
        value = value > 0x10ffff ? 0x110000 : value;
        i++;
    }
    if (i == start) {
        return 0;
    }
    bool valid = value != 0 && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
    *code = valid ? value : 0xfffd;
    return i < s.len && s.at[i] == ';' ? i + 1 : i;
}

static size_t encode_utf8(char out[4], uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    out[0] = (char)((0xf00U >> len) | code);
    return len;
}

struct span entity_decode(char *room, size_t size, struct span text)
{
    if (text.len == 0 || memchr(text.at, '&', text.len) == NULL) {
        return text;
    }
    size_t len = 0;
    while (text.len > 0) {
        uint32_t code = 0;
        size_t used = 0;
        if (text.at[0] == '&') {
            used = read_numeric(&code, text);
            used = used == 0 ? read_named(&code, text) : used;
        }
        char piece[4] = {text.at[0]};
        size_t n = used == 0 ? 1 : encode_utf8(piece, code);
        used = used == 0 ? 1 : used;
        if (n > size - len) {
            return (struct span){room, 0};
        }
        memcpy(room + len, piece, n);
        len += n;
        text = (struct span){text.at + used, text.len - used};
    }
    return (struct span){room, len};
}
