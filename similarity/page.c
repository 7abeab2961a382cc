// SPDX-License-Identifier: Apache-2.0
#include "similarity/page.h"

#include <stdlib.h>

#include "core/limits.h"
#include "similarity/charset.h"
#include "similarity/html.h"
#include "similarity/json_page.h"

enum {
    SNIFF_BYTES = 512,
    LABEL_WORDS = 64
};

static const struct {
    const char *type;
    enum page_kind kind;
} types[] = {
    {"text/html", PAGE_HTML},
    {"application/xhtml", PAGE_HTML},
    {"application/json", PAGE_JSON},
    {"application/ld+json", PAGE_JSON},
    {"application/problem+json", PAGE_JSON},
    {"text/json", PAGE_JSON},
    {"text/xml", PAGE_XML},
    {"application/xml", PAGE_XML},
    {"application/rss", PAGE_XML},
    {"application/atom", PAGE_XML},
    {"image/svg", PAGE_XML},
    {"text/", PAGE_TEXT},
    {"application/javascript", PAGE_TEXT},
    {"image/", PAGE_IMAGE},
    {"audio/", PAGE_OTHER},
    {"video/", PAGE_OTHER},
    {"font/", PAGE_OTHER},
    {"application/pdf", PAGE_OTHER},
    {"application/zip", PAGE_OTHER},
};

static const struct {
    const char *bytes;
    size_t len;
    enum page_kind kind;
} magics[] = {
    {"\x89PNG", 4, PAGE_IMAGE},          {"GIF8", 4, PAGE_IMAGE},
    {"\xFF\xD8\xFF", 3, PAGE_IMAGE},     {"RIFF", 4, PAGE_IMAGE},
    {"\x00\x00\x01\x00", 4, PAGE_IMAGE}, {"%PDF", 4, PAGE_OTHER},
    {"PK\x03\x04", 4, PAGE_OTHER},       {"\x1F\x8B", 2, PAGE_OTHER},
};

const char *page_kind_str(enum page_kind kind)
{
    static const char *const names[PAGE_KIND_COUNT] = {"HTML", "JSON",  "XML",
                                                       "text", "image", "other content"};
    return names[kind];
}

static const char *declared(const struct sim_page *source, enum page_kind *kind)
{
    struct span type = span_trim(span_of(source->content_type));
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (span_starts_nocase(type, span_of(types[i].type))) {
            *kind = types[i].kind;
            return types[i].type;
        }
    }
    return NULL;
}

bool page_kind_declared(const struct sim_page *source)
{
    enum page_kind kind = PAGE_OTHER;
    return declared(source, &kind) != NULL;
}

static enum page_kind sniff_markup(struct span head)
{
    bool html = span_find_nocase(head, span_of("<html")) < head.len ||
                span_find_nocase(head, span_of("<!doctype html")) < head.len;
    bool xml = span_starts_nocase(head, span_of("<?xml")) ||
               span_starts_nocase(head, span_of("<rss")) ||
               span_starts_nocase(head, span_of("<feed"));
    return xml && !html ? PAGE_XML : PAGE_HTML;
}

static enum page_kind sniff(struct span body)
{
    for (size_t i = 0; i < COUNT_OF(magics); i++) {
        if (body.len >= magics[i].len && memcmp(body.at, magics[i].bytes, magics[i].len) == 0) {
            return magics[i].kind;
        }
    }
    struct span head = {body.at, body.len < SNIFF_BYTES ? body.len : SNIFF_BYTES};
    bool bom = head.len >= 2 &&
               (memcmp(head.at, "\xFF\xFE", 2) == 0 || memcmp(head.at, "\xFE\xFF", 2) == 0 ||
                memcmp(head.at, "\xEF\xBB", 2) == 0);
    if (!bom && head.len > 0 && memchr(head.at, '\0', head.len) != NULL) {
        return PAGE_OTHER;
    }
    struct span start = span_trim(head);
    if (bom || start.len == 0 || *start.at == '<') {
        return sniff_markup(start);
    }
    if (*start.at == '{' || *start.at == '[') {
        return PAGE_JSON;
    }
    bool markup = memchr(start.at, '<', start.len) != NULL;
    return markup ? PAGE_HTML : PAGE_TEXT;
}

enum page_kind page_kind_of(const struct sim_page *source)
{
    enum page_kind kind = PAGE_OTHER;
    return declared(source, &kind) != NULL ? kind : sniff(source->body);
}

// --- labels

void label_add(struct label *label, struct span text)
{
    for (size_t i = 0; i < text.len && label->len + 1 < sizeof label->at; i++) {
        char c = text.at[i];
        bool space = c == ' ' || (c >= '\t' && c <= '\r');
        if (space && (label->len == 0 || label->at[label->len - 1] == ' ')) {
            continue;
        }
        bool upper = c >= 'A' && c <= 'Z';
        label->at[label->len++] = space ? ' ' : upper ? (char)(c | 0x20) : c;
    }
}

static size_t label_words(const struct label *label, struct span words[LABEL_WORDS])
{
    struct span rest = {label->at, label->len};
    size_t count = 0;
    while (rest.len > 0 && count < LABEL_WORDS) {
        struct span word = span_trim(span_cut(&rest, ' '));
        if (word.len > 1 || (word.len == 1 && strchr("|-_:/,.", word.at[0]) == NULL)) {
            words[count++] = word;
        }
    }
    return count;
}

bool label_equal(const struct label *a, const struct label *b)
{
    return span_equal(span_trim((struct span){a->at, a->len}),
                      span_trim((struct span){b->at, b->len}));
}

double label_overlap(const struct label *a, const struct label *b)
{
    struct span in_a[LABEL_WORDS], in_b[LABEL_WORDS];
    size_t a_count = label_words(a, in_a), b_count = label_words(b, in_b), both = 0;
    if (a_count == 0 && b_count == 0) {
        return label_equal(a, b) ? 1 : 0;
    }
    for (size_t i = 0; i < a_count; i++) {
        for (size_t j = 0; j < b_count; j++) {
            if (span_equal(in_a[i], in_b[j])) {
                in_b[j] = (struct span){NULL, 0}; // counted once
                both++;
                break;
            }
        }
    }
    return (double)both / (double)(a_count > b_count ? a_count : b_count);
}

// Words with digits, without the punctuation around them and the scheme of a URL.
static size_t label_numbers(const struct label *label, struct span numbers[LABEL_WORDS])
{
    struct span words[LABEL_WORDS];
    size_t words_count = label_words(label, words), count = 0;
    for (size_t i = 0; i < words_count; i++) {
        struct span word = words[i];
        const char *scheme = memmem(word.at, word.len, "://", 3);
        if (scheme != NULL) {
            word.len -= (size_t)(scheme - word.at);
            word.at = scheme;
        }
        while (word.len > 0 && text_is_ascii_mark(word.at[0])) {
            word = (struct span){word.at + 1, word.len - 1};
        }
        while (word.len > 0 && text_is_ascii_mark(word.at[word.len - 1])) {
            word.len--;
        }
        if (text_has_digit(word)) {
            numbers[count++] = word;
        }
    }
    return count;
}

static bool contains(const struct span *words, size_t count, struct span word)
{
    for (size_t i = 0; i < count; i++) {
        if (span_equal(words[i], word)) {
            return true;
        }
    }
    return false;
}

void label_without(struct label *out, const struct label *a, const struct label *b)
{
    struct span in_a[LABEL_WORDS], in_b[LABEL_WORDS];
    size_t a_count = label_words(a, in_a), b_count = label_words(b, in_b);
    out->len = 0;
    for (size_t i = 0; i < a_count; i++) {
        if (!contains(in_b, b_count, in_a[i])) {
            label_add(out, in_a[i]);
            label_add(out, span_of(" "));
        }
    }
}

bool label_numbers_agree(const struct label *a, const struct label *b, const struct label *a_again)
{
    struct span in_a[LABEL_WORDS], in_b[LABEL_WORDS], in_again[LABEL_WORDS];
    const struct label *control = a_again == NULL ? a : a_again;
    size_t a_count = label_numbers(a, in_a), b_count = label_numbers(b, in_b);
    size_t again_count = label_numbers(control, in_again), moving = 0, strange = 0;
    for (size_t i = 0; i < a_count; i++) {
        bool stable = contains(in_again, again_count, in_a[i]);
        moving += !stable;
        if (stable && !contains(in_b, b_count, in_a[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < b_count; i++) {
        strange += !contains(in_a, a_count, in_b[i]);
    }
    return strange <= moving;
}

// --- reading

static enum err feed_text(void *arg, struct span utf8)
{
    struct text *text = (struct text *)arg;
    return text_feed(text, utf8);
}

static enum err read_plain(struct page *page)
{
    enum err e =
        charset_decode(page->source->body, page->source->content_type, feed_text, &page->text);
    return e == ERR_OK ? text_end(&page->text) : e;
}

static enum err read_json(struct page *page)
{
    enum err e = json_page_read(page);
    if (e != ERR_INVALID && e != ERR_LIMIT) {
        return e;
    }
    page->unparsed = e == ERR_LIMIT;
    page->kind = PAGE_TEXT;
    return read_plain(page);
}

static void reset(struct page *out, const struct sim_page *source, enum page_kind kind,
                  bool all_shown)
{
    *out = (struct page){.source = source, .kind = kind, .all_shown = all_shown};
    text_init(&out->text);
    bag_init(&out->shape, false);
    bag_init(&out->links, false);
    bag_init(&out->resources, false);
}

enum err page_read(struct page *out, const struct sim_page *source, enum page_kind kind,
                   bool all_shown)
{
    reset(out, source, kind, all_shown);
    switch (kind) {
    case PAGE_HTML: {
        enum err e = html_read(out);
        if (e == ERR_LIMIT) { // too deep: what was read so far is half of a page
            page_release(out);
            reset(out, source, kind, all_shown);
            out->flat = true;
            e = html_read_flat(out);
        }
        return e;
    }
    case PAGE_XML:
        out->flat = true;
        return html_read_flat(out);
    case PAGE_JSON:
        return read_json(out);
    case PAGE_TEXT:
        return read_plain(out);
    case PAGE_IMAGE:
    case PAGE_OTHER:
    case PAGE_KIND_COUNT:
        return ERR_OK;
    }
    return ERR_OK;
}

void page_release(struct page *page)
{
    text_done(&page->text);
    bag_done(&page->shape);
    bag_done(&page->links);
    bag_done(&page->resources);
}
