// SPDX-License-Identifier: Apache-2.0
#include "crawler/page.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/limits.h"
#include "crawler/entity.h"
#include "crawler/links.h"
#include "crawler/resources.h"
#include "crawler/tag.h"

// Longest lists of URLs (srcset) and of words (rel) that are looked at.
enum {
    LIST_BYTES = 16384,
    WORDS_BYTES = 256,
    REFRESH_DELAY_S = 5,
    LITTLE_TEXT = 250, // letters: the shell of an application says "Loading" or a sentence
    RESOURCES = 2
};

enum kind {
    KIND_OTHER,
    KIND_LINK,
    KIND_BASE,
    KIND_META,
    KIND_LINK_REL,
    KIND_RESOURCE,
    KIND_SCRIPT,
    KIND_NOSCRIPT
};

// The attributes that matter, of one tag.
struct attributes {
    struct span href, src, srcset, poster, data, rel, http_equiv, content;
    bool sends; // a script turns the click into something other than a GET, or a download
};

struct scan {
    struct page page;
    struct links *links; // owned
    struct resources resources;
    size_t text_before; // letters of the page when noscript began
    bool in_noscript;
    bool has_base, base_is_http; // the first <base href>, and it says http:// itself
};

void page_done(struct page *page)
{
    free(page->refresh);
    for (size_t i = 0; i < page->link_count; i++) {
        free(page->links[i]);
    }
    free(page->links);
    for (size_t i = 0; i < page->resource_count; i++) {
        free(page->resources[i]);
    }
    free(page->resources);
    *page = (struct page){0};
}

static void scan_done(struct scan *scan)
{
    page_done(&scan->page);
    links_free(scan->links);
}

static enum kind kind_of(struct span name)
{
    static const struct {
        char name[9];
        enum kind kind;
    } kinds[] = {
        {"a", KIND_LINK},         {"area", KIND_LINK},         {"base", KIND_BASE},
        {"meta", KIND_META},      {"link", KIND_LINK_REL},     {"img", KIND_RESOURCE},
        {"script", KIND_SCRIPT},  {"iframe", KIND_RESOURCE},   {"frame", KIND_RESOURCE},
        {"embed", KIND_RESOURCE}, {"object", KIND_RESOURCE},   {"audio", KIND_RESOURCE},
        {"video", KIND_RESOURCE}, {"source", KIND_RESOURCE},   {"track", KIND_RESOURCE},
        {"input", KIND_RESOURCE}, {"noscript", KIND_NOSCRIPT},
    };
    char folded[8] = {0};
    if (name.len > sizeof folded) {
        return KIND_OTHER;
    }
    for (size_t i = 0; i < name.len; i++) {
        folded[i] = (char)(name.at[i] | 0x20);
    }
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (memcmp(kinds[i].name, folded, sizeof folded) == 0) {
            return kinds[i].kind;
        }
    }
    return KIND_OTHER;
}

#define NAMED(text, field) {{text, sizeof text - 1}, offsetof(struct attributes, field)}

static struct attributes read_attributes(struct tag_reader *reader)
{
    static const struct {
        struct span name;
        size_t offset;
    } places[] = {
        NAMED("href", href),       NAMED("src", src),
        NAMED("srcset", srcset),   NAMED("poster", poster),
        NAMED("data", data),       NAMED("rel", rel),
        NAMED("content", content), NAMED("http-equiv", http_equiv),
    };
    static const struct span senders[] = {
        {"download", 8}, {"data-method", 11}, {"data-turbo-method", 17}};
    struct attributes found = {0};
    struct span name;
    struct span value;
    while (tag_attribute(reader, &name, &value)) {
        for (size_t i = 0; i < COUNT_OF(places); i++) {
            struct span *place = (struct span *)(void *)((char *)&found + places[i].offset);
            // Of two attributes with one name the first counts.
            if (place->at == NULL && span_equal_nocase(name, places[i].name)) {
                *place = value;
            }
        }
        for (size_t i = 0; i < COUNT_OF(senders); i++) {
            found.sends = found.sends || span_equal_nocase(name, senders[i]);
        }
    }
    return found;
}

static bool has_word(struct span list, const char *word)
{
    list.len = list.len < WORDS_BYTES ? list.len : WORDS_BYTES;
    return span_find_nocase(list, span_of(word)) < list.len;
}

static bool has_scheme(struct span url)
{
    for (size_t i = 0; i < url.len; i++) {
        char c = url.at[i];
        if (c == ':') {
            return i > 0;
        }
        if (c == '/' || c == '\\' || c == '?' || c == '#') {
            return false;
        }
    }
    return false;
}

// Loaded by plain http, whatever the scheme of the page: by its own scheme, or by that of <base>.
static bool is_insecure(const struct scan *scan, struct span url)
{
    url = span_trim(url);
    return span_starts_nocase(url, span_of("http://")) ||
           (scan->base_is_http && url.len > 0 && !has_scheme(url));
}

static bool has_insecure_candidate(const struct scan *scan, struct span srcset)
{
    srcset.len = srcset.len < LIST_BYTES ? srcset.len : LIST_BYTES;
    while (srcset.at != NULL) {
        if (is_insecure(scan, span_cut(&srcset, ','))) {
            return true;
        }
    }
    return false;
}

static void see_resource(struct scan *scan, const struct attributes *a)
{
    if (is_insecure(scan, a->src) || is_insecure(scan, a->poster) || is_insecure(scan, a->data) ||
        has_insecure_candidate(scan, a->srcset)) {
        scan->page.insecure_resources++;
    }
}

// <link>: those that make the browser load something.
static void see_link_rel(struct scan *scan, const struct attributes *a)
{
    bool loads = has_word(a->rel, "stylesheet") || has_word(a->rel, "icon") ||
                 has_word(a->rel, "preload") || has_word(a->rel, "manifest");
    if (loads && is_insecure(scan, a->href)) {
        scan->page.insecure_resources++;
    }
    if (has_word(a->rel, "stylesheet") && !has_word(a->rel, "alternate")) {
        resources_add_sheet(&scan->resources, a->href);
    }
}

static void see_base(struct scan *scan, const struct attributes *a)
{
    if (!scan->has_base && a->href.len > 0) {
        scan->has_base = true;
        scan->base_is_http = span_starts_nocase(span_trim(a->href), span_of("http://"));
        links_set_base(scan->links, a->href);
    }
}

static struct span skip_spaces(struct span s)
{
    struct span trimmed = span_trim(s);
    return (struct span){trimmed.at, (size_t)(s.at + s.len - trimmed.at)};
}

// WHATWG HTML section 4.2.5.3, shared declarative refresh steps.
bool page_refresh(struct span *url, struct span content)
{
    struct span s = skip_spaces(content);
    unsigned delay_s = 0;
    size_t i = 0;
    while (i < s.len && s.at[i] >= '0' && s.at[i] <= '9') {
        delay_s = delay_s > REFRESH_DELAY_S ? delay_s : delay_s * 10 + (unsigned)(s.at[i] - '0');
        i++;
    }
    bool number = i > 0 || (s.len > 0 && s.at[0] == '.');
    while (i < s.len && (s.at[i] == '.' || (s.at[i] >= '0' && s.at[i] <= '9'))) {
        i++;
    }
    struct span rest = skip_spaces((struct span){s.at + i, s.len - i});
    bool separated = rest.len < s.len - i;
    if (rest.len > 0 && (rest.at[0] == ';' || rest.at[0] == ',')) {
        rest = skip_spaces((struct span){rest.at + 1, rest.len - 1});
        separated = true;
    }
    if (!number || !separated || delay_s > REFRESH_DELAY_S) {
        return false;
    }
    if (span_starts_nocase(rest, span_of("url"))) {
        struct span sign = skip_spaces((struct span){rest.at + 3, rest.len - 3});
        if (sign.len > 0 && sign.at[0] == '=') {
            rest = skip_spaces((struct span){sign.at + 1, sign.len - 1});
        }
    }
    if (rest.len > 0 && (rest.at[0] == '"' || rest.at[0] == '\'')) {
        char quote = rest.at[0];
        rest = (struct span){rest.at + 1, rest.len - 1};
        rest = span_cut(&rest, quote);
    }
    *url = span_trim(rest);
    return url->len > 0;
}

// In <noscript> a refresh is for browsers without scripts: visitors do not follow it.
static enum err see_meta(struct scan *scan, const struct attributes *a)
{
    bool refreshes = span_equal_nocase(span_trim(a->http_equiv), span_of("refresh"));
    if (!refreshes || scan->in_noscript || scan->page.refresh != NULL || a->content.len == 0) {
        return ERR_OK;
    }
    char room[LIMIT_URL + 64];
    struct span url;
    if (!page_refresh(&url, entity_decode(room, sizeof room, a->content)) || url.len > LIMIT_URL) {
        return ERR_OK;
    }
    scan->page.refresh = strndup(url.at, url.len);
    return scan->page.refresh == NULL ? ERR_NOMEM : ERR_OK;
}

static void see_link(struct scan *scan, const struct attributes *a)
{
    bool may_choose = !a->sends && !has_word(a->rel, "nofollow");
    if (links_add(scan->links, a->href, may_choose)) {
        scan->page.internal_links++;
    }
}

// What browsers without scripts are told is no text of the page.
static void see_noscript(struct scan *scan, struct tag_reader *reader, bool closing)
{
    if (scan->in_noscript && closing) {
        reader->text = scan->text_before;
    } else if (!scan->in_noscript && !closing) {
        scan->text_before = reader->text;
    }
    scan->in_noscript = !closing;
}

static enum err see_tag(struct scan *scan, struct tag_reader *reader, const struct tag *tag)
{
    enum kind kind = kind_of(tag->name);
    if (kind == KIND_NOSCRIPT) {
        see_noscript(scan, reader, tag->closing);
    }
    if (tag->closing || kind == KIND_OTHER || kind == KIND_NOSCRIPT) {
        return ERR_OK;
    }
    struct attributes a = read_attributes(reader);
    switch (kind) {
    case KIND_LINK:
        see_link(scan, &a);
        break;
    case KIND_BASE:
        see_base(scan, &a);
        break;
    case KIND_META:
        return see_meta(scan, &a);
    case KIND_LINK_REL:
        see_link_rel(scan, &a);
        break;
    case KIND_SCRIPT:
        resources_add_script(&scan->resources, a.src);
        see_resource(scan, &a);
        break;
    case KIND_RESOURCE:
        see_resource(scan, &a);
        break;
    case KIND_OTHER:
    case KIND_NOSCRIPT:
        break;
    }
    return ERR_OK;
}

enum err page_scan(struct page *out, struct span html, const struct url *url, size_t want)
{
    OWN(scan_done) struct scan scan = {.links = links_new(url)};
    if (scan.links == NULL) {
        return ERR_NOMEM;
    }
    struct tag_reader reader;
    tag_reader_init(&reader, html);
    reader.text_max = want > 0 ? LITTLE_TEXT : 0;
    struct tag tag;
    enum err e = ERR_OK;
    while (e == ERR_OK && tag_next(&reader, &tag)) {
        e = see_tag(&scan, &reader, &tag);
    }
    want = want < LIMIT_PAGES ? want : LIMIT_PAGES;
    if (e == ERR_OK) {
        e = links_choose(&scan.page.links, &scan.page.link_count, scan.links, want);
    }
    if (e == ERR_OK && reader.text < reader.text_max) {
        e = resources_choose(&scan.page.resources, &scan.page.resource_count, &scan.resources, url,
                             links_base(scan.links), RESOURCES);
    }
    if (e == ERR_OK) {
        *out = scan.page;
        scan.page = (struct page){0};
    }
    return e;
}
