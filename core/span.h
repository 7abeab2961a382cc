// SPDX-License-Identifier: Apache-2.0
// Bytes lent by somebody else: pointer and length, never NUL-terminated, never owned.
#ifndef SSLAUTO_CORE_SPAN_H
#define SSLAUTO_CORE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
    const char *at; // may be NULL when len is 0
    size_t len;     // bytes
};

static inline struct span span_of(const char *text)
{
    return (struct span){text, text == NULL ? 0 : strlen(text)};
}

static inline bool span_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || a.at == b.at || memcmp(a.at, b.at, a.len) == 0);
}

// ASCII case folded.
bool span_equal_nocase(struct span a, struct span b);
bool span_starts_nocase(struct span s, struct span prefix);
// Without ASCII white space at both ends.
struct span span_trim(struct span s);
// Cuts the part before the first `sep` off *rest and returns it; the whole of *rest when there is
// no `sep`. *rest becomes {NULL, 0} after the last part.
struct span span_cut(struct span *rest, char sep);
// Offset of needle in s, or s.len. ASCII case folded.
size_t span_find_nocase(struct span s, struct span needle);

#endif
