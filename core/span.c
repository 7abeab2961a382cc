// SPDX-License-Identifier: Apache-2.0
#include "core/span.h"

static unsigned char fold(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 'A' && u <= 'Z' ? (unsigned char)(u + 32) : u;
}

bool span_equal_nocase(struct span a, struct span b)
{
    return a.len == b.len && span_starts_nocase(a, b);
}

bool span_starts_nocase(struct span s, struct span prefix)
{
    if (s.len < prefix.len) {
        return false;
    }
    for (size_t i = 0; i < prefix.len; i++) {
        if (fold(s.at[i]) != fold(prefix.at[i])) {
            return false;
        }
    }
    return true;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct span span_trim(struct span s)
{
    while (s.len > 0 && is_space(s.at[0])) {
        s.at++;
        s.len--;
    }
    while (s.len > 0 && is_space(s.at[s.len - 1])) {
        s.len--;
    }
    return s;
}

struct span span_cut(struct span *rest, char sep)
{
    const char *hit = rest->len == 0 ? NULL : memchr(rest->at, sep, rest->len);
    struct span part = *rest;
    if (hit == NULL) {
        *rest = (struct span){NULL, 0};
        return part;
    }
    part.len = (size_t)(hit - rest->at);
    rest->at = hit + 1;
    rest->len -= part.len + 1;
    return part;
}

size_t span_find_nocase(struct span s, struct span needle)
{
    for (size_t i = 0; i + needle.len <= s.len; i++) {
        if (span_starts_nocase((struct span){s.at + i, s.len - i}, needle)) {
            return i;
        }
    }
    return s.len;
}
