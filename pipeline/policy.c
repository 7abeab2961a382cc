// SPDX-License-Identifier: Apache-2.0
#include "pipeline/policy.h"

#include <stdio.h>

#include "core/attr.h"
#include "core/span.h"

static bool is(struct span s, const char *word)
{
    return span_equal_nocase(s, span_of(word));
}

static bool starts(struct span s, const char *prefix)
{
    return span_starts_nocase(s, span_of(prefix));
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// The next word of a directive; empty after the last.
static struct span next_word(struct span *rest)
{
    *rest = span_trim(*rest);
    size_t len = 0;
    while (len < rest->len && !is_space(rest->at[len])) {
        len++;
    }
    struct span word = {rest->at, len};
    *rest = (struct span){rest->at + len, rest->len - len};
    return word;
}

// Without what differs by scheme alone.
static struct span without_scheme(struct span s)
{
    static const char *const schemes[] = {"https:", "http:", "wss:", "ws:"};
    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        size_t len = strlen(schemes[i]);
        if (starts(s, schemes[i])) {
            return (struct span){s.at + len, s.len - len};
        }
    }
    return s;
}

// Nonces are new with every answer, and hashes follow the inline script that they stand for.
static bool same_word(struct span a, struct span b)
{
    if (starts(a, "'nonce-") || starts(a, "'sha")) {
        return starts(b, "'nonce-") || starts(b, "'sha");
    }
    return span_equal_nocase(without_scheme(a), without_scheme(b));
}

static bool has_word(struct span directive, struct span word)
{
    (void)next_word(&directive); // its name
    for (struct span w = next_word(&directive); w.len > 0; w = next_word(&directive)) {
        if (same_word(w, word)) {
            return true;
        }
    }
    return false;
}

static struct span name_of(struct span directive)
{
    return next_word(&directive);
}

static bool allows_nothing(struct span directive)
{
    (void)next_word(&directive);
    struct span first = next_word(&directive);
    return first.len == 0 || (is(first, "'none'") && next_word(&directive).len == 0);
}

// Words that take away: 'unsafe-inline' and host names no longer count beside them.
static bool takes_away(struct span word)
{
    return starts(word, "'nonce-") || starts(word, "'sha") || is(word, "'strict-dynamic'");
}

// Whether `wide` allows all that `narrow` allows.
static bool allows_as_much(struct span wide, struct span narrow)
{
    if (!span_equal_nocase(name_of(wide), name_of(narrow))) {
        return false;
    }
    bool sandbox = is(name_of(wide), "sandbox"); // the only one whose empty list is not 'none'
    struct span rest = narrow;
    (void)next_word(&rest);
    for (struct span w = next_word(&rest); w.len > 0; w = next_word(&rest)) {
        if (!has_word(wide, w) && (sandbox || !allows_nothing(narrow))) {
            return false;
        }
    }
    rest = wide;
    (void)next_word(&rest);
    for (struct span w = next_word(&rest); w.len > 0; w = next_word(&rest)) {
        if (takes_away(w) && !has_word(narrow, w)) {
            return false;
        }
    }
    return true;
}

// The next directive of joined policies that is not empty; false after the last.
static bool next_directive(struct span *rest, struct span *out)
{
    while (rest->at != NULL) {
        size_t len = 0;
        while (len < rest->len && rest->at[len] != ';' && rest->at[len] != ',') {
            len++;
        }
        *out = span_trim((struct span){rest->at, len});
        bool last = len == rest->len;
        *rest =
            last ? (struct span){NULL, 0} : (struct span){rest->at + len + 1, rest->len - len - 1};
        if (out->len > 0) {
            return true;
        }
    }
    return false;
}

static bool known(struct span http, struct span directive)
{
    struct span other;
    while (next_directive(&http, &other)) {
        if (allows_as_much(directive, other)) {
            return true;
        }
    }
    return false;
}

static bool has_name(struct span policies, const char *name)
{
    struct span directive;
    while (next_directive(&policies, &directive)) {
        if (is(name_of(directive), name)) {
            return true;
        }
    }
    return false;
}

// Visitors of an edge come over HTTPS in every mode, where nothing by http:// is loaded unharmed
// anyway; who may frame the page, and where reports go, changes nothing on the page itself.
static bool is_harmless(struct span name, bool insecure)
{
    if (is(name, "upgrade-insecure-requests") || is(name, "block-all-mixed-content")) {
        return !insecure;
    }
    return is(name, "frame-ancestors") || is(name, "report-uri") || is(name, "report-to");
}

static enum policy_change weigh(struct span policies, struct span directive, bool insecure)
{
    struct span name = name_of(directive);
    if (is_harmless(name, insecure)) {
        return POLICY_ALIKE;
    }
    if (is(name, "sandbox")) {
        return POLICY_BLOCKS;
    }
    bool all = is(name, "default-src") && !has_name(policies, "script-src") &&
               !has_name(policies, "style-src") && !has_name(policies, "img-src");
    bool needed = all || is(name, "script-src") || is(name, "style-src") || is(name, "img-src");
    return needed && allows_nothing(directive) ? POLICY_BLOCKS : POLICY_STRICTER;
}

static void note(char *what, size_t size, struct span directive)
{
    size_t len = directive.len < size - 1 ? directive.len : size - 1;
    for (size_t i = 0; i < len; i++) {
        char c = directive.at[i];
        what[i] = (c >= ' ' && c <= '~') ? c : '?';
    }
    what[len] = '\0';
}

// What HTTP allows by name falls back to default-src where HTTPS does not name it.
static bool falls_back(char *what, size_t size, struct span http, struct span https)
{
    static const char *const names[] = {"script-src", "style-src",   "img-src",  "font-src",
                                        "media-src",  "connect-src", "frame-src"};
    for (size_t i = 0; has_name(https, "default-src") && i < COUNT_OF(names); i++) {
        if (has_name(http, names[i]) && !has_name(https, names[i])) {
            (void)snprintf(what, size, "default-src without %s", names[i]);
            return true;
        }
    }
    return false;
}

enum policy_change policy_compare(char *what, size_t size, const char *http, const char *https,
                                  bool insecure)
{
    enum policy_change worst = POLICY_ALIKE;
    what[0] = '\0';
    struct span all = span_of(https);
    struct span rest = all;
    struct span directive;
    while (next_directive(&rest, &directive)) {
        enum policy_change change =
            known(span_of(http), directive) ? POLICY_ALIKE : weigh(all, directive, insecure);
        if (change > worst) {
            worst = change;
            note(what, size, directive);
        }
    }
    if (worst == POLICY_ALIKE && falls_back(what, size, span_of(http), all)) {
        worst = POLICY_STRICTER;
    }
    return worst;
}
