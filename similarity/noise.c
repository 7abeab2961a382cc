// SPDX-License-Identifier: Apache-2.0
#include "similarity/noise.h"

#include "core/attr.h"

enum {
    TOKEN_LEAST = 10,      // a token that mixes letters and digits
    TOKEN_STRONG = 16,     // one so long is no name of a thing
    NUMBER_STRONG = 10,    // a number so long is a time or an id
    TOKEN_MOST = 512,      // longer runs are data, not tokens
    TOKENS_FREE = 16,      // differing tokens that any page may have ...
    BYTES_PER_TOKEN = 200, // ... and one more for so many bytes
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// No '/': the parts of a path are tokens of their own.
static bool is_token(char c)
{
    return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '+' || c == '=';
}

static size_t common(const char *a, const char *b, size_t len)
{
    size_t at = 0;
    uint64_t x = 0;
    uint64_t y = 0;
    while (at + sizeof x <= len) {
        memcpy(&x, a + at, sizeof x);
        memcpy(&y, b + at, sizeof y);
        if (x != y) {
            break;
        }
        at += sizeof x;
    }
    while (at < len && a[at] == b[at]) {
        at++;
    }
    return at;
}

static struct span token_at(struct span text, size_t from)
{
    size_t to = from;
    while (to < text.len && to - from < TOKEN_MOST && is_token(text.at[to])) {
        to++;
    }
    return (struct span){text.at + from, to - from};
}

static bool is_volatile(struct span token)
{
    size_t letters = 0;
    size_t digits = 0;
    for (size_t i = 0; i < token.len; i++) {
        letters += is_letter(token.at[i]);
        digits += is_digit(token.at[i]);
    }
    bool number = digits == token.len && digits > 0;
    return number || (token.len >= TOKEN_LEAST && letters > 0 && digits > 0);
}

// A nonce, an id, or the hour, minute or second of a clock.
static bool is_strong(struct span text, struct span token)
{
    size_t digits = 0;
    while (digits < token.len && is_digit(token.at[digits])) {
        digits++;
    }
    size_t at = (size_t)(token.at - text.at);
    if (digits < token.len) {
        bool host = at >= 2 && text.at[at - 1] == '/' && text.at[at - 2] == '/';
        return token.len >= TOKEN_STRONG && !host;
    }
    bool clock = token.len == 2 && ((at > 0 && text.at[at - 1] == ':') ||
                                    (at + 2 < text.len && text.at[at + 2] == ':'));
    return clock || token.len >= NUMBER_STRONG;
}

static bool is_scheme(struct span text, struct span token)
{
    size_t behind = (size_t)(token.at - text.at) + token.len;
    return (span_equal(token, span_of("http")) || span_equal(token, span_of("https"))) &&
           text.len - behind >= 3 && memcmp(text.at + behind, "://", 3) == 0;
}

// One place where a and b differ: false when it is no noise, or there is no room for more.
static bool note(struct noise *out, struct span a, struct span x, struct span b, struct span y)
{
    if (is_scheme(a, x) && is_scheme(b, y)) {
        out->downgrades += x.len > y.len;
        return true;
    }
    if (!is_volatile(x) || !is_volatile(y) || out->count == COUNT_OF(out->at)) {
        return false;
    }
    out->at[out->count++] = (uint32_t)(x.at - a.at);
    out->weak += !is_strong(a, x) || !is_strong(b, y);
    return true;
}

bool noise_find(struct noise *out, struct span a, struct span b)
{
    out->count = out->weak = out->downgrades = 0;
    size_t allowed = TOKENS_FREE + a.len / BYTES_PER_TOKEN;
    size_t i = 0;
    size_t k = 0;
    for (size_t found = 0; found <= allowed; found++) {
        size_t rest = a.len - i < b.len - k ? a.len - i : b.len - k;
        size_t same = common(a.at + i, b.at + k, rest);
        if (i + same == a.len && k + same == b.len) {
            return true;
        }
        // Back to where the token begins, which both have in common.
        size_t back = 0;
        while (back < same && back < TOKEN_MOST && is_token(a.at[i + same - back - 1])) {
            back++;
        }
        i += same - back;
        k += same - back;
        struct span x = token_at(a, i);
        struct span y = token_at(b, k);
        if (!note(out, a, x, b, y)) {
            return false;
        }
        i += x.len;
        k += y.len;
    }
    return false;
}

static bool opens_label(struct span tag)
{
    return span_starts_nocase(tag, span_of("<title")) || span_starts_nocase(tag, span_of("<h1"));
}

static bool closes_label(struct span tag)
{
    return span_starts_nocase(tag, span_of("</title")) || span_starts_nocase(tag, span_of("</h1"));
}

bool noise_in_label(const struct noise *found, struct span a)
{
    bool inside = false;
    size_t at = 0;
    for (size_t i = 0; i < found->count; i++) {
        const char *tag = NULL;
        while (at < found->at[i] && (tag = memchr(a.at + at, '<', found->at[i] - at)) != NULL) {
            struct span rest = {tag, a.len - (size_t)(tag - a.at)};
            inside = opens_label(rest) || (inside && !closes_label(rest));
            at = (size_t)(tag - a.at) + 1;
        }
        at = found->at[i];
        if (inside) {
            return true;
        }
    }
    return false;
}

bool noise_explained(const struct noise *found, const struct noise *control)
{
    if (control == NULL) {
        return found->weak == 0;
    }
    size_t k = 0;
    for (size_t i = 0; i < found->count; i++) {
        while (k < control->count && control->at[k] < found->at[i]) {
            k++;
        }
        if (k == control->count || control->at[k] != found->at[i]) {
            return false;
        }
    }
    return true;
}
