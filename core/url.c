// SPDX-License-Identifier: Apache-2.0
#include "core/url.h"

#include <idn2.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/addr.h"
#include "core/limits.h"
#include "core/num.h"

// A URL under construction: what does not fit sets `full`, checked once at the end.
struct writer {
    char text[LIMIT_URL + 1];
    size_t len;
    bool full;
};

static void put(struct writer *w, char c)
{
    if (w->len < LIMIT_URL) {
        w->text[w->len++] = c;
    } else {
        w->full = true;
    }
}

static void put_all(struct writer *w, struct span s)
{
    if (s.len > LIMIT_URL - w->len) {
        w->full = true;
        return;
    }
    if (s.len > 0) {
        memcpy(w->text + w->len, s.at, s.len);
        w->len += s.len;
    }
}

static void put_percent(struct writer *w, unsigned char c)
{
    static const char hex[] = "0123456789ABCDEF";
    put(w, '%');
    put(w, hex[c >> 4]);
    put(w, hex[c & 15]);
}

void url_done(struct url *url)
{
    free(url->host);
    free(url->path);
    *url = (struct url){0};
}

// White space and controls at both ends go, tabs and line ends go everywhere (WHATWG URL section
// 4.4, steps 1 to 3).
static enum err clean(struct writer *out, struct span text)
{
    while (text.len > 0 && (unsigned char)text.at[0] <= ' ') {
        text = (struct span){text.at + 1, text.len - 1};
    }
    while (text.len > 0 && (unsigned char)text.at[text.len - 1] <= ' ') {
        text.len--;
    }
    out->len = 0;
    out->full = false;
    for (size_t i = 0; i < text.len && !out->full; i++) {
        char c = text.at[i];
        if (c != '\t' && c != '\n' && c != '\r') {
            put(out, c);
        }
    }
    return out->full ? ERR_LIMIT : ERR_OK;
}

static bool is_slash(char c)
{
    return c == '/' || c == '\\';
}

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// Length of "scheme:" at the front of s, 0 when there is none.
static size_t scheme_length(struct span s)
{
    size_t i = 0;
    while (i < s.len && (is_alpha(s.at[i]) || (i > 0 && (is_digit(s.at[i]) || s.at[i] == '+' ||
                                                         s.at[i] == '-' || s.at[i] == '.')))) {
        i++;
    }
    return i > 0 && i < s.len && s.at[i] == ':' ? i + 1 : 0;
}

static struct span skip(struct span s, size_t n)
{
    return (struct span){s.at + n, s.len - n};
}

// ---- host ----

static int hex_value(char c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool is_percent_triplet(struct span s)
{
    return s.len >= 3 && s.at[0] == '%' && hex_value(s.at[1]) >= 0 && hex_value(s.at[2]) >= 0;
}

// Percent-decoded and lower-cased (ASCII only).
static void decode_host(struct writer *out, struct span raw)
{
    while (raw.len > 0) {
        size_t used = 1;
        char c = raw.at[0];
        if (is_percent_triplet(raw)) {
            c = (char)(hex_value(raw.at[1]) << 4 | hex_value(raw.at[2]));
            used = 3;
        }
        put(out, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
        raw = skip(raw, used);
    }
}

// Names with other scripts become A-labels: UTS #46 nontransitional, which is IDNA 2008 with the
// mapping that browsers do (RFC 5895).
static enum err to_ascii(struct writer *host)
{
    bool ascii = true;
    for (size_t i = 0; i < host->len; i++) {
        ascii = ascii && host->text[i] > 0;
    }
    if (ascii) {
        return ERR_OK;
    }
    if (memchr(host->text, '\0', host->len) != NULL) {
        return ERR_INVALID;
    }
    host->text[host->len] = '\0';
    char *converted = NULL;
    int rc = idn2_to_ascii_8z(host->text, &converted, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (rc != IDN2_OK) {
        return rc == IDN2_MALLOC ? ERR_NOMEM : ERR_INVALID;
    }
    host->len = 0;
    put_all(host, span_of(converted));
    idn2_free(converted);
    return ERR_OK;
}

// Labels of letters, digits, '-' and '_', at most 63 bytes each and 253 in all.
static bool is_host_name(struct span name)
{
    if (name.len > LIMIT_HOST_NAME) {
        return false;
    }
    struct span rest = name;
    do {
        struct span label = span_cut(&rest, '.');
        if (label.len == 0 || label.len > LIMIT_LABEL) {
            return false;
        }
        for (size_t i = 0; i < label.len; i++) {
            char c = label.at[i];
            if (!is_alpha(c) && !is_digit(c) && c != '-' && c != '_') {
                return false;
            }
        }
    } while (rest.at != NULL);
    return true;
}

// The last label is all digits, or hexadecimal with 0x: then the whole must be an IPv4 address
// (WHATWG URL section 3.5, "ends in a number").
static bool ends_in_number(struct span name)
{
    size_t at = name.len;
    while (at > 0 && name.at[at - 1] != '.') {
        at--;
    }
    struct span last = skip(name, at);
    bool digits = last.len > 0;
    for (size_t i = 0; i < last.len; i++) {
        digits = digits && is_digit(last.at[i]);
    }
    struct addr ignored;
    return digits || (last.len >= 2 && last.at[0] == '0' && last.at[1] == 'x' &&
                      (last.len == 2 || addr_parse_loose(&ignored, last)));
}

static enum err copy_text(char **out, struct span text)
{
    char *copy = malloc(text.len + 1);
    if (copy == NULL) {
        return ERR_NOMEM;
    }
    if (text.len > 0) {
        memcpy(copy, text.at, text.len);
    }
    copy[text.len] = '\0';
    *out = copy;
    return ERR_OK;
}

static enum err parse_ipv6_host(char **out, struct span inside)
{
    struct addr addr;
    if (addr_parse(&addr, inside) != ERR_OK || addr.version != 6) {
        return ERR_INVALID;
    }
    char plain[ADDR_TEXT_SIZE];
    char text[ADDR_TEXT_SIZE + 2];
    int len = snprintf(text, sizeof text, "[%s]", addr_print(plain, &addr));
    return len < 0 ? ERR_INVALID : copy_text(out, (struct span){text, (size_t)len});
}

static enum err parse_host(char **out, struct span raw)
{
    if (raw.len >= 2 && raw.at[0] == '[' && raw.at[raw.len - 1] == ']') {
        return parse_ipv6_host(out, (struct span){raw.at + 1, raw.len - 2});
    }
    struct writer host = {.len = 0};
    decode_host(&host, raw);
    enum err e = to_ascii(&host);
    if (e != ERR_OK) {
        return e;
    }
    struct span name = {host.text, host.len};
    if (name.len > 1 && name.at[name.len - 1] == '.') {
        name.len--;
    }
    if (!is_host_name(name)) {
        return ERR_INVALID;
    }
    if (!ends_in_number(name)) {
        return copy_text(out, name);
    }
    struct addr addr;
    if (!addr_parse_loose(&addr, name)) {
        return ERR_INVALID;
    }
    char text[ADDR_TEXT_SIZE];
    return copy_text(out, span_of(addr_print(text, &addr)));
}

// "host", "host:", "host:port"; user names and passwords are refused.
static enum err parse_authority(struct url *out, struct span text)
{
    if (memchr(text.at, '@', text.len) != NULL) {
        return ERR_INVALID;
    }
    size_t colon = text.len;
    bool in_brackets = false;
    for (size_t i = 0; i < text.len && colon == text.len; i++) {
        in_brackets = (in_brackets || text.at[i] == '[') && text.at[i] != ']';
        colon = text.at[i] == ':' && !in_brackets ? i : colon;
    }
    out->port = out->https ? 443 : 80;
    if (colon + 1 < text.len) {
        struct span port = skip(text, colon + 1);
        while (port.len > 1 && port.at[0] == '0') {
            port = skip(port, 1);
        }
        if (num_parse_port(&out->port, port) != ERR_OK) {
            return ERR_INVALID;
        }
    }
    return parse_host(&out->host, (struct span){text.at, colon});
}

// ---- path and query ----

// Bytes that may not stand as they are; '%' stays, so that nothing is encoded twice. The path and
// special-query percent-encode sets of WHATWG URL section 1.3.
static bool must_encode(unsigned char c, bool in_query)
{
    if (c <= ' ' || c >= 0x7f || c == '"' || c == '<' || c == '>' || c == '#') {
        return true;
    }
    return in_query ? c == '\'' : c == '`' || c == '{' || c == '}' || c == '^' || c == '?';
}

static void put_encoded(struct writer *w, struct span s, bool in_query)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (must_encode(c, in_query)) {
            put_percent(w, c);
        } else {
            put(w, (char)c);
        }
    }
}

// Number of dots in a segment that is "." or "..", also written %2e; otherwise 0.
static int dot_segment(struct span segment)
{
    int dots = 0;
    while (segment.len > 0) {
        bool coded = span_starts_nocase(segment, span_of("%2e"));
        if (!coded && segment.at[0] != '.') {
            return 0;
        }
        segment = skip(segment, coded ? 3 : 1);
        if (++dots > 2) {
            return 0;
        }
    }
    return dots;
}

static void pop_segment(struct writer *w)
{
    if (w->len > 1) {
        w->len--;
        while (w->text[w->len - 1] != '/') {
            w->len--;
        }
    }
}

// Appends path (without its leading slash) to w, which ends in '/', dot segments removed
// (RFC 3986 section 5.2.4).
static void put_path(struct writer *w, struct span path)
{
    while (path.at != NULL && !w->full) {
        size_t end = 0;
        while (end < path.len && !is_slash(path.at[end])) {
            end++;
        }
        struct span segment = {path.at, end};
        bool last = end == path.len;
        int dots = dot_segment(segment);
        if (dots == 2) {
            pop_segment(w);
        } else if (dots == 0) {
            put_encoded(w, segment, false);
            if (!last) {
                put(w, '/');
            }
        }
        path = last ? (struct span){NULL, 0} : skip(path, end + 1);
    }
}

// Where the path ends: at '?' or the end; a fragment is already gone.
static size_t path_length(struct span s)
{
    const char *mark = s.len == 0 ? NULL : memchr(s.at, '?', s.len);
    return mark == NULL ? s.len : (size_t)(mark - s.at);
}

// "path?query" onto w, which ends in '/'.
static enum err put_path_query(struct writer *w, struct span text)
{
    size_t path = path_length(text);
    put_path(w, (struct span){text.at, path});
    if (path < text.len) {
        put(w, '?');
        put_encoded(w, skip(text, path + 1), true);
    }
    return w->full ? ERR_LIMIT : ERR_OK;
}

static struct span without_fragment(struct span s)
{
    const char *mark = s.len == 0 ? NULL : memchr(s.at, '#', s.len);
    return mark == NULL ? s : (struct span){s.at, (size_t)(mark - s.at)};
}

// ---- whole URLs ----

static void move_in(struct url *out, struct url *made)
{
    *out = *made;
    *made = (struct url){0};
}

// rest: what follows the scheme and the slashes.
static enum err parse_after_slashes(struct url *out, bool https, struct span rest)
{
    OWN(url_done) struct url url = {.https = https};
    while (rest.len > 0 && is_slash(rest.at[0])) {
        rest = skip(rest, 1);
    }
    size_t end = 0;
    while (end < rest.len && !is_slash(rest.at[end]) && rest.at[end] != '?') {
        end++;
    }
    if (end == 0) {
        return ERR_INVALID;
    }
    enum err e = parse_authority(&url, (struct span){rest.at, end});
    if (e != ERR_OK) {
        return e;
    }
    rest = skip(rest, end);
    if (rest.len > 0 && is_slash(rest.at[0])) {
        rest = skip(rest, 1);
    }
    struct writer path = {.text = "/", .len = 1};
    e = put_path_query(&path, rest);
    e = e == ERR_OK ? copy_text(&url.path, (struct span){path.text, path.len}) : e;
    if (e == ERR_OK) {
        move_in(out, &url);
    }
    return e;
}

// 1 for http, 2 for https (with the colon), 0 for everything else.
static int web_scheme(struct span scheme)
{
    if (span_equal_nocase(scheme, span_of("http:"))) {
        return 1;
    }
    return span_equal_nocase(scheme, span_of("https:")) ? 2 : 0;
}

enum err url_parse(struct url *out, struct span text)
{
    struct writer input = {.len = 0};
    enum err e = clean(&input, text);
    if (e != ERR_OK) {
        return e;
    }
    struct span s = without_fragment((struct span){input.text, input.len});
    size_t scheme = scheme_length(s);
    int kind = web_scheme((struct span){s.at, scheme});
    return kind == 0 ? ERR_INVALID : parse_after_slashes(out, kind == 2, skip(s, scheme));
}

static enum err resolve_path(struct url *out, const struct url *base, struct span reference)
{
    struct span base_path = span_of(base->path);
    size_t end = path_length(base_path);
    struct writer path = {.len = 0};
    enum err e = ERR_OK;
    if (reference.len == 0) {
        put_all(&path, base_path);
    } else if (reference.at[0] == '?') {
        put_all(&path, (struct span){base_path.at, end});
        put(&path, '?');
        put_encoded(&path, skip(reference, 1), true);
    } else if (is_slash(reference.at[0])) {
        put(&path, '/');
        e = put_path_query(&path, skip(reference, 1));
    } else {
        while (end > 0 && base_path.at[end - 1] != '/') {
            end--;
        }
        put_all(&path, (struct span){base_path.at, end});
        e = put_path_query(&path, reference);
    }
    OWN(url_done) struct url url = {.https = base->https, .port = base->port};
    e = e == ERR_OK && path.full ? ERR_LIMIT : e;
    e = e == ERR_OK ? copy_text(&url.host, span_of(base->host)) : e;
    e = e == ERR_OK ? copy_text(&url.path, (struct span){path.text, path.len}) : e;
    if (e == ERR_OK) {
        move_in(out, &url);
    }
    return e;
}

enum err url_resolve(struct url *out, const struct url *base, struct span reference)
{
    struct writer input = {.len = 0};
    enum err e = clean(&input, reference);
    if (e != ERR_OK) {
        return e;
    }
    struct span s = without_fragment((struct span){input.text, input.len});
    size_t scheme = scheme_length(s);
    if (scheme > 0) {
        int kind = web_scheme((struct span){s.at, scheme});
        s = skip(s, scheme);
        bool relative = (kind == 2) == base->https && (s.len == 0 || !is_slash(s.at[0]));
        if (kind == 0) {
            return ERR_INVALID;
        }
        if (!relative) {
            return parse_after_slashes(out, kind == 2, s);
        }
    }
    if (s.len >= 2 && is_slash(s.at[0]) && is_slash(s.at[1])) {
        return parse_after_slashes(out, base->https, s);
    }
    return resolve_path(out, base, s);
}

bool url_default_port(const struct url *url)
{
    return url->port == (url->https ? 443 : 80);
}

bool url_same_port(const struct url *a, const struct url *b)
{
    return a->port == b->port || (url_default_port(a) && url_default_port(b));
}

enum err url_print(char **out, const struct url *url)
{
    char port[8] = "";
    if (!url_default_port(url)) {
        (void)snprintf(port, sizeof port, ":%u", url->port);
    }
    char *text = NULL;
    if (asprintf(&text, "http%s://%s%s%s", url->https ? "s" : "", url->host, port, url->path) < 0) {
        return ERR_NOMEM;
    }
    *out = text;
    return ERR_OK;
}

static const char *without_www(const char *host)
{
    return strncmp(host, "www.", 4) == 0 ? host + 4 : host;
}

bool url_same_place(const struct url *a, const struct url *b)
{
    return url_same_port(a, b) && strcmp(without_www(a->host), without_www(b->host)) == 0 &&
           strcmp(a->path, b->path) == 0;
}
