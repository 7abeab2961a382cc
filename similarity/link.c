// SPDX-License-Identifier: Apache-2.0
#include "similarity/link.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

enum {
    LINK_KEPT = 512, // bytes of a normalised link that count
    MIXED_LEN = 8,   // letters and digits mixed, this long: made by a build or a session
};

static const char *const session_keys[] = {
    "sid",          "phpsessid",    "jsessionid", "sessionid", "session_id", "osCsid",
    "zenid",        "aspsessionid", "cfid",       "cftoken",   "utm_source", "utm_medium",
    "utm_campaign", "fbclid",       "gclid",      "_"};

struct normal {
    char at[LINK_KEPT];
    size_t len;
};

static void put(struct normal *out, struct span s)
{
    size_t room = sizeof out->at - out->len;
    size_t len = s.len < room ? s.len : room;
    if (len > 0) {
        memcpy(out->at + out->len, s.at, len);
    }
    out->len += len;
}

static struct span skip(struct span s, size_t len)
{
    return (struct span){s.at + len, s.len - len};
}

static bool alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Letters and digits of a path, with runs that no person wrote as '#'.
static void put_levelled(struct normal *out, struct span s)
{
    while (s.len > 0) {
        size_t run = 0, digits = 0;
        while (run < s.len && alnum(s.at[run])) {
            digits += s.at[run] >= '0' && s.at[run] <= '9';
            run++;
        }
        bool made = run >= MIXED_LEN && digits > 0 && (digits < run || run >= 12);
        put(out, made ? span_of("#") : (struct span){s.at, run});
        s = skip(s, run);
        if (s.len > 0) {
            put(out, (struct span){s.at, 1});
            s = skip(s, 1);
        }
    }
}

static bool is_session_key(struct span key)
{
    for (size_t i = 0; i < COUNT_OF(session_keys); i++) {
        if (span_equal_nocase(key, span_of(session_keys[i]))) {
            return true;
        }
    }
    return false;
}

static void put_query_keys(struct normal *out, struct span query)
{
    while (query.len > 0) {
        struct span pair = span_cut(&query, '&');
        struct span key = span_cut(&pair, '=');
        if (key.len > 0 && !is_session_key(key)) {
            put(out, span_of("&"));
            put_levelled(out, key);
        }
    }
}

// Host without "www.", user and port; *rest becomes what follows it.
static struct span take_host(struct span *rest)
{
    size_t end = 0;
    while (end < rest->len && strchr("/?#", rest->at[end]) == NULL) {
        end++;
    }
    struct span host = {rest->at, end};
    *rest = skip(*rest, end);
    const char *at_sign = end == 0 ? NULL : memrchr(host.at, '@', end);
    if (at_sign != NULL) {
        host = skip(host, (size_t)(at_sign - host.at) + 1);
    }
    const char *colon = host.len == 0 ? NULL : memrchr(host.at, ':', host.len);
    if (colon != NULL && memchr(colon, ']', host.len - (size_t)(colon - host.at)) == NULL) {
        host.len = (size_t)(colon - host.at);
    }
    return span_starts_nocase(host, span_of("www.")) ? skip(host, 4) : host;
}

// "http://", "https://" or "//" at the start, else 0.
static size_t authority_at(struct span s)
{
    return span_starts_nocase(s, span_of("http://"))        ? 7
           : span_starts_nocase(s, span_of("https://"))     ? 8
           : s.len >= 2 && s.at[0] == '/' && s.at[1] == '/' ? 2
                                                            : 0;
}

struct link_base link_base_of(const char *url)
{
    struct span rest = span_of(url);
    size_t authority = authority_at(rest);
    if (authority == 0) {
        return (struct link_base){0};
    }
    rest = skip(rest, authority);
    struct link_base base = {.host = take_host(&rest)};
    size_t end = 0;
    while (end < rest.len && rest.at[end] != '?' && rest.at[end] != '#') {
        end++;
    }
    while (end > 0 && rest.at[end - 1] != '/') {
        end--;
    }
    base.folder = (struct span){rest.at, end};
    return base;
}

uint64_t link_other_host(const struct link_base *base, struct span reference)
{
    struct span s = span_trim(reference);
    size_t authority = authority_at(s);
    if (authority == 0) {
        return 0;
    }
    s = skip(s, authority);
    struct span host = take_host(&s);
    if (host.len == 0 || span_equal_nocase(host, base->host)) {
        return 0;
    }
    struct normal out;
    out.len = 0;
    put(&out, host);
    for (size_t i = 0; i < out.len; i++) {
        bool upper = out.at[i] >= 'A' && out.at[i] <= 'Z';
        out.at[i] = upper ? (char)(out.at[i] | 0x20) : out.at[i];
    }
    uint64_t sum = XXH3_64bits(out.at, out.len);
    return sum == 0 ? 1 : sum;
}

bool link_is_http(struct span reference)
{
    return span_starts_nocase(span_trim(reference), span_of("http://"));
}

static bool leads_nowhere(struct span s)
{
    static const char *const schemes[] = {"javascript:", "data:", "mailto:", "tel:",     "about:",
                                          "blob:",       "sms:",  "callto:", "whatsapp:"};
    if (s.len == 0 || s.at[0] == '#') {
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        if (span_starts_nocase(s, span_of(schemes[i]))) {
            return true;
        }
    }
    return false;
}

// "a/../b" and "./" out of the path that begins at `start` (RFC 3986 section 5.2.4).
static void drop_dots(struct normal *out, size_t start)
{
    size_t len = start;
    for (size_t i = start; i < out->len;) {
        size_t end = i;
        while (end < out->len && (end == i || out->at[end] != '/')) {
            end++;
        }
        struct span part = {out->at + i, end - i};
        if (span_equal(part, span_of("/.."))) {
            while (len > start && out->at[--len] != '/') {
            }
        } else if (!span_equal(part, span_of("/."))) {
            memmove(out->at + len, out->at + i, end - i);
            len += end - i;
        }
        i = end;
    }
    out->len = len;
}

uint64_t link_hash(const struct link_base *base, struct span reference)
{
    struct span s = span_trim(reference);
    if (leads_nowhere(s)) {
        return 0;
    }
    struct normal out;
    out.len = 0;
    size_t authority = authority_at(s);
    if (authority > 0) {
        s = skip(s, authority);
        struct span host = take_host(&s);
        bool own = base->host.len == 0 || span_equal_nocase(host, base->host);
        put(&out, own ? (struct span){NULL, 0} : host);
    }
    size_t start = out.len;
    struct span path = s;
    s = (struct span){NULL, 0};
    const char *question = path.len == 0 ? NULL : memchr(path.at, '?', path.len);
    const char *hash = path.len == 0 ? NULL : memchr(path.at, '#', path.len);
    path.len = hash == NULL ? path.len : (size_t)(hash - path.at);
    if (question != NULL && (hash == NULL || question < hash)) {
        s = skip(path, (size_t)(question - path.at) + 1);
        path.len = (size_t)(question - path.at);
    }
    const char *parameter = path.len == 0 ? NULL : memchr(path.at, ';', path.len);
    path.len = parameter == NULL ? path.len : (size_t)(parameter - path.at);
    if (authority == 0 && (path.len == 0 || path.at[0] != '/')) {
        put(&out, base->folder.len == 0 ? span_of("/") : base->folder);
    } else if (path.len == 0) {
        put(&out, span_of("/"));
    }
    put_levelled(&out, path);
    drop_dots(&out, start);
    put_query_keys(&out, s);
    uint64_t sum = XXH3_64bits(out.at, out.len);
    return sum == 0 ? 1 : sum;
}
