// SPDX-License-Identifier: Apache-2.0
#include "crawler/tag.h"

#include <stddef.h>

#include "core/attr.h"

void tag_reader_init(struct tag_reader *reader, struct span html)
{
    const char *at = html.at == NULL ? "" : html.at;
    *reader = (struct tag_reader){.at = at, .end = at + html.len};
}

static const char *find(const struct tag_reader *r, const char *from, char c)
{
    const char *hit = memchr(from, c, (size_t)(r->end - from));
    return hit == NULL ? r->end : hit;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r' && c != '\v');
}

static bool is_letter(char c)
{
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'z';
}

// Elements whose text is no markup. A browser with scripts also takes noscript so, but what stands
// in there is what a crawler is meant to see.
static bool is_raw_text(struct span name)
{
    static const struct span raw[] = {{"script", 6}, {"style", 5},   {"textarea", 8}, {"title", 5},
                                      {"xmp", 3},    {"noembed", 7}, {"noframes", 8}};
    for (size_t i = 0; i < COUNT_OF(raw); i++) {
        if (span_equal_nocase(name, raw[i])) {
            return true;
        }
    }
    return false;
}

// from: behind "<!". Returns where the page goes on.
static const char *skip_declaration(const struct tag_reader *r, const char *from)
{
    struct span rest = {from, (size_t)(r->end - from)};
    if (!span_starts_nocase(rest, span_of("--"))) {
        const char *close = find(r, from, '>');
        return close == r->end ? close : close + 1;
    }
    // "-->" may share its dashes with the opening ones: <!--> is an empty comment.
    const char *at = from;
    while (at < r->end) {
        at = find(r, at, '>');
        bool dashes = at < r->end && at - from >= 2 && at[-1] == '-' && at[-2] == '-';
        bool bang =
            at < r->end && at - from >= 5 && at[-1] == '!' && at[-2] == '-' && at[-3] == '-';
        if (at < r->end) {
            at++;
        }
        if (dashes || bang) {
            return at;
        }
    }
    return r->end;
}

// Where raw text ends: at "</name" followed by a space, '/' or '>'.
static const char *skip_raw(const struct tag_reader *r, const char *at)
{
    for (at = find(r, at, '<'); at < r->end; at = find(r, at + 1, '<')) {
        struct span rest = {at + 1, (size_t)(r->end - at - 1)};
        if (rest.len > r->raw.len + 1 && rest.at[0] == '/' &&
            span_starts_nocase((struct span){rest.at + 1, rest.len - 1}, r->raw)) {
            char next = rest.at[r->raw.len + 1];
            if (is_space(next) || next == '/' || next == '>') {
                return at;
            }
        }
    }
    return r->end;
}

static void count_text(struct tag_reader *r, const char *end)
{
    for (const char *at = r->at; at < end && r->text < r->text_max; at++) {
        r->text += is_space(*at) ? 0 : 1;
    }
}

bool tag_next(struct tag_reader *r, struct tag *out)
{
    struct span name;
    struct span value;
    while (r->inside && tag_attribute(r, &name, &value)) {
    }
    if (r->raw.len > 0) {
        r->at = skip_raw(r, r->at);
        r->raw.len = 0;
    }
    for (;;) {
        const char *at = find(r, r->at, '<');
        count_text(r, at);
        if (r->end - at < 2) {
            r->at = r->end;
            return false;
        }
        at++;
        bool closing = *at == '/';
        at += closing ? 1 : 0;
        if (at < r->end && is_letter(*at)) {
            const char *start = at;
            while (at < r->end && !is_space(*at) && *at != '/' && *at != '>') {
                at++;
            }
            *out = (struct tag){.name = {start, (size_t)(at - start)}, .closing = closing};
            r->raw = !closing && is_raw_text(out->name) ? out->name : (struct span){NULL, 0};
            r->at = at;
            r->inside = true;
            return true;
        }
        if (*(at - (closing ? 1 : 0)) == '!') {
            r->at = skip_declaration(r, at + 1);
        } else if (closing || *at == '?') {
            at = find(r, at, '>');
            r->at = at == r->end ? at : at + 1;
        } else {
            r->at = at;
        }
    }
}

// at: behind '='. Returns behind the value.
static const char *read_value(const struct tag_reader *r, const char *at, struct span *value)
{
    while (at < r->end && is_space(*at)) {
        at++;
    }
    if (at < r->end && (*at == '"' || *at == '\'')) {
        const char *close = find(r, at + 1, *at);
        *value = (struct span){at + 1, (size_t)(close - at - 1)};
        return close == r->end ? close : close + 1;
    }
    const char *start = at;
    while (at < r->end && !is_space(*at) && *at != '>') {
        at++;
    }
    *value = (struct span){start, (size_t)(at - start)};
    return at;
}

bool tag_attribute(struct tag_reader *r, struct span *name, struct span *value)
{
    const char *at = r->at;
    while (r->inside && at < r->end && (is_space(*at) || *at == '/')) {
        at++;
    }
    if (!r->inside || at == r->end || *at == '>') {
        r->at = r->inside && at < r->end ? at + 1 : at;
        r->inside = false;
        return false;
    }
    const char *start = at;
    at++; // an attribute's name may begin with '='
    while (at < r->end && !is_space(*at) && *at != '/' && *at != '>' && *at != '=') {
        at++;
    }
    *name = (struct span){start, (size_t)(at - start)};
    *value = (struct span){start, 0};
    const char *sign = at;
    while (sign < r->end && is_space(*sign)) {
        sign++;
    }
    if (sign < r->end && *sign == '=') {
        at = read_value(r, sign + 1, value);
    }
    r->at = at;
    return true;
}
