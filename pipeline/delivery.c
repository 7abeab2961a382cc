// SPDX-License-Identifier: Apache-2.0
#include "pipeline/delivery.h"

#include <stdio.h>

#include "core/span.h"
#include "pipeline/policy.h"

enum {
    PRESCAN_BYTES = 1024 // WHATWG HTML section 13.2.3.2, where a page names its charset
};

static void say(struct page_evidence *page, enum sameness sameness, const char *rule,
                const char *detail)
{
    page->sameness = sameness;
    page->informative = true;
    page->score = sameness == SAMENESS_UNSURE ? .5 : 0;
    (void)snprintf(page->rule, sizeof page->rule, "%s", rule);
    (void)snprintf(page->detail, sizeof page->detail, "%s", detail);
}

// ---- types ----

// "text/html" of "Text/HTML; charset=utf-8", printable.
static void essence_of(char out[64], const struct fetch *fetch)
{
    struct span rest = span_of(fetch->content_type);
    struct span type = span_trim(span_cut(&rest, ';'));
    size_t len = type.len < 63 ? type.len : 63;
    for (size_t i = 0; i < len; i++) {
        char c = type.at[i];
        char lower = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
        out[i] = (lower > ' ' && lower <= '~') ? lower : '?';
    }
    out[len] = '\0';
}

// Types that browsers treat alike get one name.
static const char *family_of(const char *essence)
{
    static const struct {
        const char *ends, *family;
    } families[] = {
        {"javascript", "script"}, {"ecmascript", "script"},    {"text/css", "style"},
        {"json", "json"},         {"xhtml+xml", "xhtml"},      {"xml", "xml"},
        {"text/html", "html"},    {"image/jpg", "image/jpeg"},
    };
    size_t len = strlen(essence);
    for (size_t i = 0; i < COUNT_OF(families); i++) {
        size_t end = strlen(families[i].ends);
        if (len >= end && strcmp(essence + len - end, families[i].ends) == 0) {
            return families[i].family;
        }
    }
    return essence;
}

static bool other_type(struct page_evidence *page, const struct fetch *http,
                       const struct fetch *https)
{
    char ht[64];
    char st[64];
    essence_of(ht, http);
    essence_of(st, https);
    const char *hf = family_of(ht);
    const char *sf = family_of(st);
    if (strcmp(hf, sf) == 0 || http->body.len == 0 || https->body.len == 0) {
        return false;
    }
    char detail[160];
    (void)snprintf(detail, sizeof detail, "%s over HTTP, %s over HTTPS",
                   ht[0] == '\0' ? "no type" : ht, st[0] == '\0' ? "no type" : st);
    bool named = ht[0] != '\0' && st[0] != '\0';
    bool html = strcmp(hf, "html") == 0 || strcmp(sf, "html") == 0;
    if (!named && html && !https->nosniff) {
        return false; // browsers find out that it is HTML (WHATWG MIME Sniffing section 7.1)
    }
    bool xhtml = html && (strcmp(hf, "xhtml") == 0 || strcmp(sf, "xhtml") == 0);
    say(page, named && !xhtml ? SAMENESS_DIFFERENT : SAMENESS_UNSURE, "type_https", detail);
    return true;
}

bool delivery_usable(const struct fetch *fetch)
{
    char type[64];
    essence_of(type, fetch);
    const char *family = family_of(type);
    if (fetch->attachment || strcmp(family, "html") == 0) {
        return false;
    }
    bool proper = strcmp(family, "script") == 0 || strcmp(family, "style") == 0;
    return proper || !fetch->nosniff; // WHATWG Fetch section 3.6
}

// ---- charsets ----

static struct span charset_in(struct span text)
{
    static const struct span word = {"charset", 7};
    size_t at = span_find_nocase(text, word);
    if (at == text.len) {
        return (struct span){NULL, 0};
    }
    struct span rest = span_trim((struct span){text.at + at + word.len, text.len - at - word.len});
    if (rest.len == 0 || rest.at[0] != '=') {
        return (struct span){NULL, 0};
    }
    rest = span_trim((struct span){rest.at + 1, rest.len - 1});
    if (rest.len > 0 && (rest.at[0] == '"' || rest.at[0] == '\'')) {
        rest = (struct span){rest.at + 1, rest.len - 1};
    }
    size_t len = 0;
    while (len < rest.len && strchr("\"';,/> \t\r\n", rest.at[len]) == NULL) {
        len++;
    }
    return (struct span){rest.at, len};
}

// As a browser takes it: a byte order mark, the header field, the page's own word.
static struct span charset_of(const struct fetch *fetch)
{
    struct span body = buf_span(&fetch->body);
    if (body.len >= 3 && memcmp(body.at, "\xEF\xBB\xBF", 3) == 0) {
        return span_of("utf-8");
    }
    struct span named = charset_in(span_of(fetch->content_type));
    body.len = body.len < PRESCAN_BYTES ? body.len : PRESCAN_BYTES;
    return named.len > 0 ? named : charset_in(body);
}

static bool same_charset(struct span a, struct span b)
{
    // WHATWG Encoding section 4.2: these names stand for one charset each.
    static const char *const names[][4] = {
        {"utf-8", "utf8", "unicode-1-1-utf-8", "x-unicode20utf8"},
        {"windows-1252", "iso-8859-1", "latin1", "us-ascii"},
        {"windows-1252", "iso8859-1", "ascii", "cp1252"},
        {"gbk", "gb2312", "gb_2312-80", "chinese"},
        {"shift_jis", "sjis", "shift-jis", "windows-31j"},
    };
    int of[2] = {-1, -2};
    struct span both[2] = {a, b};
    for (size_t s = 0; s < 2; s++) {
        for (size_t i = 0; i < COUNT_OF(names); i++) {
            for (size_t k = 0; k < COUNT_OF(names[i]); k++) {
                if (span_equal_nocase(both[s], span_of(names[i][k]))) {
                    of[s] = i == 2 ? 1 : (int)i;
                }
            }
        }
    }
    return of[0] == of[1] || span_equal_nocase(a, b);
}

static bool is_ascii(struct span body)
{
    for (size_t i = 0; i < body.len; i++) {
        if ((unsigned char)body.at[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

// Bytes that differ are read in their charsets before they are compared; the same bytes are not.
static bool other_charset(struct page_evidence *page, const struct fetch *http,
                          const struct fetch *https)
{
    struct span hc = charset_of(http);
    struct span sc = charset_of(https);
    struct span body = buf_span(&http->body);
    if (same_charset(hc, sc) || !span_equal(body, buf_span(&https->body)) || is_ascii(body)) {
        return false;
    }
    char detail[160];
    int hl = hc.len < 40 ? (int)hc.len : 40;
    int sl = sc.len < 40 ? (int)sc.len : 40;
    (void)snprintf(detail, sizeof detail, "charset %.*s over HTTP, %.*s over HTTPS",
                   hl == 0 ? 8 : hl, hl == 0 ? "not told" : hc.at, sl == 0 ? 8 : sl,
                   sl == 0 ? "not told" : sc.at);
    bool named = hc.len > 0 && sc.len > 0;
    say(page, named ? SAMENESS_DIFFERENT : SAMENESS_UNSURE, "charset_https", detail);
    for (char *c = page->detail; *c != '\0'; c++) {
        *c = (*c >= ' ' && *c <= '~') ? *c : '?';
    }
    return true;
}

// ---- policies ----

static bool other_policy(struct page_evidence *page, const struct fetch *http,
                         const struct fetch *https)
{
    char what[100];
    bool insecure = https->facts.insecure_resources > 0;
    enum policy_change change =
        policy_compare(what, sizeof what, http->policy, https->policy, insecure);
    if (change == POLICY_ALIKE && https->isolated && !http->isolated) {
        change = POLICY_STRICTER;
        (void)snprintf(what, sizeof what, "Cross-Origin-Embedder-Policy");
    }
    if (change == POLICY_ALIKE) {
        return false;
    }
    char detail[160];
    (void)snprintf(detail, sizeof detail, "HTTPS alone says \"%s\"", what);
    say(page, change == POLICY_BLOCKS ? SAMENESS_DIFFERENT : SAMENESS_UNSURE, "policy_https",
        detail);
    return true;
}

bool delivery_differs(struct page_evidence *page, const struct fetch *http,
                      const struct fetch *https)
{
    if (http->attachment != https->attachment) {
        bool by_https = https->attachment;
        say(page, SAMENESS_DIFFERENT, by_https ? "download_https" : "download_http",
            by_https ? "HTTPS offers the page as a download"
                     : "HTTP offers the page as a download, HTTPS shows it");
        return true;
    }
    return other_type(page, http, https) || other_charset(page, http, https) ||
           other_policy(page, http, https);
}
