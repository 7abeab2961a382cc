// SPDX-License-Identifier: Apache-2.0
#include "similarity/script.h"

#include "core/attr.h"

enum {
    WINDOW_KEPT = SCRIPT_LITERAL + 128, // a statement cut by the end of a window begins in here
};

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool in_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$';
}

static size_t skip_space(struct span s, size_t at)
{
    while (at < s.len && is_space(s.at[at])) {
        at++;
    }
    return at;
}

static struct span name_at(struct span s, size_t from)
{
    size_t to = from;
    while (to < s.len && in_name(s.at[to])) {
        to++;
    }
    return (struct span){s.at + from, to - from};
}

static bool among(struct span name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (span_equal(name, span_of(names[i]))) {
            return true;
        }
    }
    return false;
}

// The "location" at `at` is that of a window, not a word or a member of something else.
static bool of_a_window(struct span s, size_t at)
{
    static const char *const windows[] = {"window", "document", "self",      "top",
                                          "parent", "this",     "globalThis"};
    if (at == 0) {
        return true;
    }
    if (s.at[at - 1] != '.') {
        return !in_name(s.at[at - 1]) && s.at[at - 1] != '-';
    }
    size_t from = at - 1;
    while (from > 0 && in_name(s.at[from - 1])) {
        from--;
    }
    return among((struct span){s.at + from, at - 1 - from}, windows, COUNT_OF(windows));
}

enum way {
    WAY_NONE,
    WAY_PLACE,
    WAY_HOST,
    WAY_PROTOCOL
};

// What is done to the location: *at moves from behind the word to the value.
static enum way way_of(struct span s, size_t *at)
{
    static const char *const calls[] = {"replace", "assign"};
    static const char *const hosts[] = {"host", "hostname"};
    enum way way = WAY_PLACE;
    bool call = false;
    size_t i = skip_space(s, *at);
    if (i < s.len && s.at[i] == '.') {
        struct span member = name_at(s, i + 1);
        call = among(member, calls, COUNT_OF(calls));
        way = call || span_equal(member, span_of("href")) ? WAY_PLACE
              : among(member, hosts, COUNT_OF(hosts))     ? WAY_HOST
              : span_equal(member, span_of("protocol"))   ? WAY_PROTOCOL
                                                          : WAY_NONE;
        i = skip_space(s, i + 1 + member.len);
    }
    if (i >= s.len || s.at[i] != (call ? '(' : '=')) {
        return WAY_NONE;
    }
    *at = skip_space(s, i + 1);
    return way;
}

struct literal {
    char at[SCRIPT_LITERAL + 2];
    size_t len;
    bool more; // goes on with something else: "http://" + host, `http://${host}`
};

// The string that begins at `from`; false when there is none, or it does not end in here.
static bool read_literal(struct literal *out, struct span s, size_t from)
{
    char quote = from < s.len ? s.at[from] : '\0';
    if (quote != '"' && quote != '\'' && quote != '`') {
        return false;
    }
    size_t i = from + 1;
    for (; i < s.len && s.at[i] != quote && s.at[i] != '\n'; i++) {
        if (quote == '`' && s.at[i] == '$' && i + 1 < s.len && s.at[i + 1] == '{') {
            out->more = true;
            return true;
        }
        bool escape = s.at[i] == '\\' && i + 1 < s.len;
        i += escape;
        if (out->len == SCRIPT_LITERAL || (escape && in_name(s.at[i]))) {
            return false;
        }
        out->at[out->len++] = s.at[i];
    }
    size_t behind = skip_space(s, i + 1);
    out->more = behind < s.len && s.at[behind] == '+';
    return i < s.len && s.at[i] == quote;
}

static void emit(enum way way, const struct literal *literal, script_sink *sink, void *arg)
{
    static const char *const bare[] = {"http:", "http:/", "http://"};
    static const char *const nothing[] = {"https:", "https:/", "https://", "/", "//"};
    struct span to = span_trim((struct span){literal->at, literal->len});
    if (way == WAY_PROTOCOL || (way == WAY_PLACE && literal->more)) {
        if (among(to, bare, COUNT_OF(bare)) || span_equal(to, span_of("http"))) {
            sink(arg, span_of("http:"));
            return;
        }
        if (way == WAY_PROTOCOL || among(to, nothing, COUNT_OF(nothing))) {
            return;
        }
    }
    if (way == WAY_HOST && to.len > 0) {
        char host[SCRIPT_LITERAL + 2] = "//";
        memcpy(host + 2, to.at, to.len);
        sink(arg, (struct span){host, to.len + 2});
    } else if (to.len > 0) {
        sink(arg, to);
    }
}

static void scan(struct span s, size_t from, script_sink *sink, void *arg)
{
    const struct span word = span_of("location");
    while (from + word.len < s.len) {
        const char *found = memmem(s.at + from, s.len - from, word.at, word.len);
        if (found == NULL) {
            return;
        }
        size_t at = (size_t)(found - s.at);
        size_t value = at + word.len;
        from = value;
        enum way way = of_a_window(s, at) ? way_of(s, &value) : WAY_NONE;
        struct literal literal;
        literal.len = 0;
        literal.more = false;
        if (way != WAY_NONE && read_literal(&literal, s, value)) {
            emit(way, &literal, sink, arg);
        }
    }
}

void script_scan(struct span script, script_sink *sink, void *arg)
{
    scan(script, 0, sink, arg);
}

// What a carried window begins with was seen with what came before it.
static void scan_window(const struct script_window *window, script_sink *sink, void *arg)
{
    scan((struct span){window->at, window->len}, window->carried ? 1 : 0, sink, arg);
}

void script_feed(struct script_window *window, struct span piece, script_sink *sink, void *arg)
{
    while (piece.len > 0) {
        size_t room = sizeof window->at - window->len;
        size_t len = piece.len < room ? piece.len : room;
        memcpy(window->at + window->len, piece.at, len);
        window->len += len;
        piece = (struct span){piece.at + len, piece.len - len};
        if (window->len == sizeof window->at) {
            scan_window(window, sink, arg);
            memmove(window->at, window->at + window->len - WINDOW_KEPT, WINDOW_KEPT);
            window->len = WINDOW_KEPT;
            window->carried = true;
        }
    }
}

void script_end(struct script_window *window, script_sink *sink, void *arg)
{
    scan_window(window, sink, arg);
    window->len = 0;
    window->carried = false;
}
