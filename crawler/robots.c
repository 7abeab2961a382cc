// SPDX-License-Identifier: Apache-2.0
#include "crawler/robots.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/buf.h"
#include "core/limits.h"
#include "core/str.h"

enum {
    LINE_BYTES = 120
}; // of a deciding line that are shown

struct rule {
    uint32_t pattern_at, pattern_len; // in `text`: normalised, '*' is the wildcard
    uint32_t value_at, value_len;     // in `text`: as written, cut to LINE_BYTES
    uint32_t octets;                  // of the pattern before runs of '*' became one
    bool allow;
    bool anchored; // ended in '$'
};

struct robots_rules {
    struct buf text;
    struct rule *rules; // owned
    size_t count, cap;
    bool names_us;
};

void robots_free(struct robots_rules *rules)
{
    if (rules != NULL) {
        buf_done(&rules->text);
        free(rules->rules);
        free(rules);
    }
}

DEFINE_OWN(robots_own, struct robots_rules, robots_free)

// ---- normal form (RFC 9309 section 2.2.2) ----

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool is_alnum(unsigned char c)
{
    unsigned char lower = c | 0x20;
    return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z');
}

static bool is_unreserved(unsigned char c)
{
    return is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static bool is_one_of(unsigned char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static enum err add_percent(struct buf *out, unsigned char c)
{
    static const char hex[] = "0123456789ABCDEF";
    const char coded[3] = {'%', hex[c >> 4], hex[c & 15]};
    return buf_add(out, coded, sizeof coded);
}

// Unreserved characters stand for themselves, reserved ones stay as written, all others are
// percent-encoded. In a query ":" "@" "/" "?" mean the same both ways (RFC 3986 section 3.4), as
// in the second row of the table in RFC 9309 section 2.2.2. A literal '*' or '$' is encoded.
static enum err normalise(struct buf *out, struct span s, bool is_pattern)
{
    bool in_query = false;
    enum err e = ERR_OK;
    for (size_t i = 0; i < s.len && e == ERR_OK; i++) {
        unsigned char c = (unsigned char)s.at[i];
        bool coded =
            c == '%' && s.len - i > 2 && hex_value(s.at[i + 1]) >= 0 && hex_value(s.at[i + 2]) >= 0;
        if (coded) {
            c = (unsigned char)(hex_value(s.at[i + 1]) << 4 | hex_value(s.at[i + 2]));
            i += 2;
        }
        bool wildcard = is_pattern && !coded && c == '*';
        bool plain = !coded && is_one_of(c, "!#&'()+,/:;=?@[]");
        bool same_in_query = in_query && is_one_of(c, ":@/?");
        if (is_unreserved(c) || wildcard || plain || same_in_query) {
            e = buf_add(out, &c, 1);
        } else {
            e = add_percent(out, c);
        }
        in_query = in_query || (!coded && c == '?');
    }
    return e;
}

// ---- reading ----

// Keeps the pattern in its normal form and the value for people.
static enum err add_rule(struct robots_rules *r, bool allow, struct span value)
{
    if (r->count == r->cap) {
        size_t cap = r->cap == 0 ? 16 : r->cap * 2;
        struct rule *rules = realloc(r->rules, cap * sizeof *rules);
        if (rules == NULL) {
            return ERR_NOMEM;
        }
        r->rules = rules;
        r->cap = cap;
    }
    struct rule rule = {.allow = allow, .value_at = (uint32_t)r->text.len};
    struct span shown = {value.at, value.len < LINE_BYTES ? value.len : LINE_BYTES};
    enum err e = buf_add_span(&r->text, shown);
    rule.value_len = (uint32_t)shown.len;
    rule.pattern_at = (uint32_t)r->text.len;
    rule.anchored = value.at[value.len - 1] == '$';
    struct span pattern = {value.at, value.len - (rule.anchored ? 1 : 0)};
    e = e == ERR_OK ? normalise(&r->text, pattern, true) : e;
    if (e != ERR_OK) {
        return e;
    }
    rule.octets = (uint32_t)r->text.len - rule.pattern_at + (rule.anchored ? 1 : 0);
    size_t end = rule.pattern_at;
    for (size_t i = rule.pattern_at; i < r->text.len; i++) {
        bool again = i > rule.pattern_at && r->text.at[i] == '*' && r->text.at[i - 1] == '*';
        r->text.at[end] = r->text.at[i];
        end += again ? 0 : 1;
    }
    r->text.len = end;
    rule.pattern_len = (uint32_t)end - rule.pattern_at;
    r->rules[r->count++] = rule;
    return ERR_OK;
}

// The product token alone, or followed by something that cannot belong to a token, like a version
// ("Name/1.0"). Case does not matter (section 2.2.1).
static bool is_our_token(struct span value, struct span token)
{
    if (token.len == 0 || !span_starts_nocase(value, token)) {
        return false;
    }
    unsigned char next = value.len > token.len ? (unsigned char)value.at[token.len] : ' ';
    return !is_alnum(next) && next != '-' && next != '_';
}

struct reader {
    struct robots_rules *rules;
    struct span token;
    bool in_agents; // the line before was a user-agent line of the same group
    bool is_ours;   // the group names us
};

static enum err read_line(struct reader *reader, struct span line)
{
    struct span rest = line;
    struct span text = span_cut(&rest, '#');
    struct span value = text;
    struct span key = span_trim(span_cut(&value, ':'));
    if (value.at == NULL) {
        return ERR_OK;
    }
    value = span_trim(value);
    if (span_equal_nocase(key, span_of("user-agent"))) {
        reader->is_ours =
            (reader->in_agents && reader->is_ours) || is_our_token(value, reader->token);
        reader->in_agents = true;
        reader->rules->names_us = reader->rules->names_us || reader->is_ours;
        return ERR_OK;
    }
    bool allow = span_equal_nocase(key, span_of("allow"));
    if (!allow && !span_equal_nocase(key, span_of("disallow"))) {
        return ERR_OK; // section 2.2.4: other records do not end a group
    }
    reader->in_agents = false;
    return reader->is_ours && value.len > 0 ? add_rule(reader->rules, allow, value) : ERR_OK;
}

// At most LIMIT_ROBOTS bytes, ending with a whole line: half a pattern would forbid too much.
static struct span cut_to_limit(struct span text)
{
    if (text.len <= LIMIT_ROBOTS) {
        return text;
    }
    text.len = LIMIT_ROBOTS;
    while (text.len > 0 && text.at[text.len - 1] != '\n' && text.at[text.len - 1] != '\r') {
        text.len--;
    }
    return text;
}

enum err robots_parse(struct robots_rules **out, struct span text, const char *product_token)
{
    OWN(robots_own) struct robots_rules *rules = calloc(1, sizeof *rules);
    if (rules == NULL) {
        return ERR_NOMEM;
    }
    // Every byte is kept at most once as it is and once in three bytes.
    buf_init(&rules->text, 4 * LIMIT_ROBOTS);
    text = cut_to_limit(text);
    if (span_starts_nocase(text, span_of("\xef\xbb\xbf"))) {
        text = (struct span){text.at + 3, text.len - 3};
    }
    struct reader reader = {.rules = rules, .token = span_of(product_token)};
    enum err e = ERR_OK;
    while (text.at != NULL && e == ERR_OK) {
        struct span lines = span_cut(&text, '\n');
        while (lines.at != NULL && e == ERR_OK) {
            e = read_line(&reader, span_cut(&lines, '\r'));
        }
    }
    assert(e != ERR_LIMIT);
    if (e == ERR_OK) {
        *out = rules;
        rules = NULL;
    }
    return e;
}

// ---- asking ----

bool robots_names_us(const struct robots_rules *rules)
{
    return rules->names_us;
}

// Pieces between wildcards are found from left to right, each at its first place: linear, since
// memmem is. The last piece of an anchored pattern must stand at the end.
static bool matches(const struct robots_rules *r, const struct rule *rule, struct span path)
{
    struct span pattern = {r->text.at + rule->pattern_at, rule->pattern_len};
    struct span piece = span_cut(&pattern, '*');
    if (path.len < piece.len || memcmp(path.at, piece.at, piece.len) != 0) {
        return false;
    }
    path = (struct span){path.at + piece.len, path.len - piece.len};
    if (pattern.at == NULL) {
        return !rule->anchored || path.len == 0;
    }
    while (pattern.at != NULL) {
        piece = span_cut(&pattern, '*');
        if (pattern.at == NULL && rule->anchored) {
            return path.len >= piece.len &&
                   memcmp(path.at + path.len - piece.len, piece.at, piece.len) == 0;
        }
        const char *hit = memmem(path.at, path.len, piece.at, piece.len);
        if (hit == NULL) {
            return false;
        }
        size_t used = (size_t)(hit - path.at) + piece.len;
        path = (struct span){path.at + used, path.len - used};
    }
    return true;
}

static const struct rule *deciding_rule(const struct robots_rules *r, struct span path)
{
    const struct rule *best = NULL;
    for (size_t i = 0; i < r->count; i++) {
        const struct rule *rule = &r->rules[i];
        bool better = best == NULL || rule->octets > best->octets ||
                      (rule->octets == best->octets && rule->allow && !best->allow);
        if (better && matches(r, rule, path)) {
            best = rule;
        }
    }
    return best;
}

bool robots_allows(const struct robots_rules *rules, const char *path, char line[128])
{
    line[0] = '\0';
    // The file itself is always allowed (section 2.2.2).
    if (rules->count == 0 || path[0] == '\0' || strcmp(path, "/robots.txt") == 0) {
        return true;
    }
    struct buf normal;
    buf_init(&normal, 3 * LIMIT_URL);
    struct span asked = {path, strnlen(path, LIMIT_URL)};
    enum err e = normalise(&normal, asked, false);
    const struct rule *rule = e == ERR_OK ? deciding_rule(rules, buf_span(&normal)) : NULL;
    buf_done(&normal);
    if (rule == NULL) {
        return e == ERR_OK; // without memory nothing is fetched
    }
    const char *verb = rule->allow ? "Allow: " : "Disallow: ";
    size_t used = strlen(verb);
    memcpy(line, verb, used);
    struct span value = {rules->text.at + rule->value_at, rule->value_len};
    (void)str_printable(line + used, LINE_BYTES + 1 - used, value);
    return rule->allow;
}
