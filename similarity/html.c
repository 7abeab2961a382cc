// SPDX-License-Identifier: Apache-2.0
#include "similarity/html.h"

#include <libxml/HTMLparser.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/limits.h"
#include "core/num.h"
#include "similarity/charset.h"
#include "similarity/page.h"
#include "similarity/pattern.h"
#include "similarity/script.h"

enum {
    PATH_DEPTH = 4,
    SCRIPT_KEPT = 4096, // bytes of inline script looked at for a redirect
    STUB_WORDS = 30,    // more words than this are a page, whatever its scripts do
    REFRESH_SLOWEST_S = 86400,
    PIECE_BYTES = 4096,
};

enum region {
    REGION_TEXT,
    REGION_TITLE,
    REGION_SKIP,
    REGION_SCRIPT,
    REGION_HIDDEN, // not drawn
    REGION_UNSEEN, // room is left for it; parts may be visible all the same
};

// Guard against tags with very many attributes: the parser compares each with all before it, so a
// million would hold a core for hours. A tag is parsed once it is complete; until then it waits in
// the parser's input, where each of its attributes has a blank or a quote.
struct waiting {
    size_t bytes;  // of the input that the parser has not taken yet
    size_t marks;  // blanks and quotes in them, when they begin with a tag
    uint64_t work; // sum of squares of the attributes of all tags
};

struct walk {
    struct page *page;
    struct waiting waiting;
    htmlParserCtxtPtr parser;
    enum err e;
    struct link_base base;
    size_t depth;
    uint64_t nodes[LIMIT_HTML_DEPTH];
    uint8_t regions[LIMIT_HTML_DEPTH]; // enum region in force inside each open element
    size_t heading_depth;              // 0, or depth of the open h1
    bool title_done;
    char script[SCRIPT_KEPT];
    size_t script_len;
    struct script_window window;
    char piece[PIECE_BYTES]; // whole characters
    size_t piece_len;
};

// Tags whose attributes cost about a tenth of a second in all.
static const uint64_t ATTRIBUTE_WORK_MAX = (uint64_t)1 << 26;

// The first failure ends the walk.
static void note(struct walk *walk, enum err e)
{
    if (e != ERR_OK && walk->e == ERR_OK) {
        walk->e = e;
        xmlStopParser(walk->parser);
    }
}

static struct span name_of(const xmlChar *text)
{
    return span_of((const char *)text);
}

// What decides on an element before its children.
struct look {
    struct span class, style;
    bool hidden;
    size_t count; // of attributes
};

static struct look look_of(const xmlChar **atts)
{
    struct look look = {.count = 0};
    for (; atts != NULL && atts[0] != NULL; atts += 2, look.count++) {
        const char *name = (const char *)atts[0];
        if (strcmp(name, "class") == 0 && look.class.at == NULL) {
            look.class = name_of(atts[1]);
        } else if (strcmp(name, "style") == 0 && look.style.at == NULL) {
            look.style = name_of(atts[1]);
        } else if (strcmp(name, "hidden") == 0) {
            look.hidden = true;
        }
    }
    return look;
}

static struct span attribute(const xmlChar **atts, const char *name)
{
    for (; atts != NULL && atts[0] != NULL; atts += 2) {
        if (strcmp((const char *)atts[0], name) == 0) {
            return name_of(atts[1]);
        }
    }
    return (struct span){NULL, 0};
}

// The first class as a designer wrote it: without the digits and hashes that a build adds.
static struct span stable_class(struct span classes)
{
    static const char *const made[] = {"css-", "sc-", "jss", "svelte-", "emotion-", "_"};
    struct span first = span_trim(classes);
    size_t len = 0;
    while (len < first.len && first.at[len] != ' ' &&
           !(first.at[len] >= '0' && first.at[len] <= '9')) {
        if (len + 1 < first.len && len > 0 && first.at[len] == '_' && first.at[len + 1] == '_') {
            break;
        }
        len++;
    }
    first.len = len;
    for (size_t i = 0; i < COUNT_OF(made); i++) {
        struct span prefix = span_of(made[i]);
        if (first.len >= prefix.len && memcmp(first.at, made[i], prefix.len) == 0) {
            return prefix;
        }
    }
    return first;
}

// Element names come NUL-terminated.
static bool one_of(struct span name, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (**names == *name.at && strcmp(*names, name.at) == 0) {
            return true;
        }
    }
    return false;
}

// What of the page's shape a plug-in, a measuring script or a line break does not change.
static bool has_shape(struct span name)
{
    static const char *const without[] = {"script",   "style", "link", "meta",   "noscript",
                                          "template", "br",    "svg",  "path",   "g",
                                          "iframe",   "base",  "wbr",  "source", NULL};
    return !one_of(name, without);
}

static void add_shape(struct walk *walk, struct span name)
{
    if (walk->regions[walk->depth - 1] == REGION_SKIP || !has_shape(name)) {
        return;
    }
    uint64_t path[PATH_DEPTH] = {0};
    size_t len = walk->depth < PATH_DEPTH ? walk->depth : PATH_DEPTH;
    memcpy(path, walk->nodes + (walk->depth - len), len * sizeof path[0]);
    note(walk, bag_add(&walk->page->shape, XXH3_64bits(path, sizeof path), 0, 0));
}

static void add_reference(struct walk *walk, struct bag *bag, struct span reference)
{
    uint64_t hash = reference.len == 0 ? 0 : link_hash(&walk->base, reference);
    if (hash != 0) {
        note(walk, bag_add(bag, hash, 0, 0));
    }
}

static void add_link(struct walk *walk, struct span reference, unsigned weight)
{
    add_reference(walk, &walk->page->links, reference);
    targets_tally(&walk->page->targets, &walk->base, reference, weight);
}

static void add_target(struct walk *walk, enum target_kind kind, struct span reference)
{
    if (reference.len > 0) {
        targets_add(&walk->page->targets, &walk->base, kind, reference, 0);
    }
}

static void on_script_target(void *arg, struct span to)
{
    struct walk *walk = (struct walk *)arg;
    add_target(walk, TARGET_SCRIPT, to);
}

static void take_link(struct walk *walk, const xmlChar **atts)
{
    struct span rel = attribute(atts, "rel"), href = attribute(atts, "href");
    if (span_equal_nocase(rel, span_of("canonical"))) {
        walk->page->canonical = href.len == 0 ? 0 : link_hash(&walk->base, href);
        targets_tally(&walk->page->targets, &walk->base, href, HOST_OF_CANONICAL);
    } else if (span_equal_nocase(rel, span_of("stylesheet"))) {
        add_reference(walk, &walk->page->resources, href);
    }
}

// "0;url=https://example.org/": HTML standard, "shared declarative refresh steps".
static void take_meta(struct walk *walk, const xmlChar **atts)
{
    if (!span_equal_nocase(attribute(atts, "http-equiv"), span_of("refresh"))) {
        return;
    }
    struct span content = span_trim(attribute(atts, "content"));
    size_t digits = 0;
    while (digits < content.len && content.at[digits] >= '0' && content.at[digits] <= '9') {
        digits++;
    }
    int64_t seconds = 0;
    if (digits == 0 ||
        num_parse(&seconds, (struct span){content.at, digits}, 0, REFRESH_SLOWEST_S) != ERR_OK) {
        return;
    }
    size_t at = span_find_nocase(content, span_of("url"));
    if (at >= content.len) {
        return;
    }
    struct span to = {content.at + at + 3, content.len - at - 3};
    while (to.len > 0 && strchr(" ='\"", *to.at) != NULL && *to.at != '\0') {
        to = (struct span){to.at + 1, to.len - 1};
    }
    targets_add(&walk->page->targets, &walk->base, TARGET_REFRESH, to, (uint32_t)seconds);
    if (seconds > REFRESH_SLOW_S) {
        return;
    }
    walk->page->refresh = true;
    walk->page->refresh_to = link_hash(&walk->base, to);
    walk->page->refresh_to_http = link_is_http(to);
}

// Frames without extent carry measurements and messages, no content.
static bool is_drawn(const struct walk *walk, const xmlChar **atts)
{
    enum region region = (enum region)walk->regions[walk->depth - 1];
    static const char *const sizes[] = {"width", "height"};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct span size = span_trim(attribute(atts, sizes[i]));
        if (span_equal(size, span_of("0")) || span_equal(size, span_of("1")) ||
            span_equal(size, span_of("0px")) || span_equal(size, span_of("1px"))) {
            return false;
        }
    }
    return !span_equal(attribute(atts, "aria-hidden"), span_of("true")) &&
           region != REGION_HIDDEN && region != REGION_UNSEEN;
}

static void take_attributes(struct walk *walk, struct span name, const xmlChar **atts)
{
    static const char *const loads[] = {"img",   "script", "iframe", "frame", "embed",
                                        "video", "audio",  "source", NULL};
    static const char *const drawn[] = {"form", "canvas", "object", "svg", NULL};
    static const char *const frames[] = {"iframe", "frame", NULL};
    struct page *page = walk->page;
    if (one_of(name, loads)) {
        page->embeds++;
        struct span src = attribute(atts, "src");
        add_reference(walk, &page->resources, src);
        if (one_of(name, frames)) {
            targets_add_frame(&page->targets, &walk->base, src, is_drawn(walk, atts));
        }
    } else if (one_of(name, drawn)) {
        page->embeds++;
        add_reference(walk, &page->links, attribute(atts, "action"));
        add_target(walk, TARGET_FORM, attribute(atts, "action"));
    } else if (span_equal(name, span_of("a")) || span_equal(name, span_of("area"))) {
        add_link(walk, attribute(atts, "href"), 1);
    } else if (span_equal(name, span_of("base"))) {
        add_target(walk, TARGET_BASE, attribute(atts, "href"));
    } else if (span_equal(name, span_of("body"))) {
        script_scan(attribute(atts, "onload"), on_script_target, walk);
    } else if (span_equal(name, span_of("link"))) {
        take_link(walk, atts);
    } else if (span_equal(name, span_of("meta"))) {
        take_meta(walk, atts);
    } else if (span_equal(name, span_of("input"))) {
        page->password |= span_equal_nocase(attribute(atts, "type"), span_of("password"));
    }
}

// The CSS declarations of one element, the last of a kind wins (CSS Cascade, section 6.4.4).
static enum region styled(struct span style, enum region outer)
{
    bool hidden = outer == REGION_HIDDEN, unseen = outer == REGION_UNSEEN;
    while (style.len > 0) {
        struct span value = span_cut(&style, ';');
        struct span name = span_trim(span_cut(&value, ':'));
        value = span_trim(value);
        if (span_equal_nocase(name, span_of("display"))) {
            hidden = outer == REGION_HIDDEN || span_starts_nocase(value, span_of("none"));
        } else if (span_equal_nocase(name, span_of("visibility"))) {
            unseen = span_starts_nocase(value, span_of("hidden")) ||
                     span_starts_nocase(value, span_of("collapse")) ||
                     (unseen && !span_starts_nocase(value, span_of("visible")));
        }
    }
    return hidden ? REGION_HIDDEN : unseen ? REGION_UNSEEN : REGION_TEXT;
}

static enum region drawn(const struct walk *walk, const struct look *look, enum region outer)
{
    if (walk->page->all_shown || (look->style.len == 0 && !look->hidden)) {
        return outer;
    }
    return look->hidden ? REGION_HIDDEN : styled(look->style, outer);
}

static enum region region_of(const struct walk *walk, struct span name, const struct look *look,
                             enum region outer)
{
    static const char *const silent[] = {"style", "noscript", "template", "svg", NULL};
    if (outer == REGION_SKIP || one_of(name, silent)) {
        return REGION_SKIP;
    }
    if (span_equal(name, span_of("script"))) {
        return REGION_SCRIPT;
    }
    if (span_equal(name, span_of("title")) && !walk->title_done) {
        return REGION_TITLE;
    }
    return drawn(walk, look, outer);
}

static void on_start(void *arg, const xmlChar *xml_name, const xmlChar **atts)
{
    struct walk *walk = (struct walk *)arg;
    if (walk->e != ERR_OK) {
        return;
    }
    struct look look = look_of(atts);
    walk->waiting.work += (uint64_t)look.count * look.count;
    if (walk->depth == LIMIT_HTML_DEPTH || walk->waiting.work > ATTRIBUTE_WORK_MAX) {
        note(walk, ERR_LIMIT);
        return;
    }
    struct span name = name_of(xml_name);
    enum region outer =
        walk->depth == 0 ? REGION_TEXT : (enum region)walk->regions[walk->depth - 1];
    struct span class = stable_class(look.class);
    uint64_t node = XXH3_64bits(name.at, name.len);
    walk->nodes[walk->depth] =
        class.len == 0 ? node : XXH3_64bits_withSeed(class.at, class.len, node);
    walk->regions[walk->depth] = (uint8_t)region_of(walk, name, &look, outer);
    walk->depth++;
    note(walk, text_break(&walk->page->text));
    if (outer != REGION_SKIP) {
        add_shape(walk, name);
        take_attributes(walk, name, atts);
    }
    if (walk->heading_depth == 0 && span_equal(name, span_of("h1"))) {
        walk->heading_depth = walk->depth;
    }
}

static void on_end(void *arg, const xmlChar *xml_name)
{
    struct walk *walk = (struct walk *)arg;
    (void)xml_name;
    if (walk->e != ERR_OK || walk->depth == 0) {
        return;
    }
    if (walk->depth == walk->heading_depth) {
        walk->heading_depth = 0;
        label_add(&walk->page->heading, span_of(" "));
    }
    if (walk->regions[walk->depth - 1] == REGION_SCRIPT) {
        script_end(&walk->window, on_script_target, walk);
    }
    walk->title_done |= walk->regions[walk->depth - 1] == REGION_TITLE;
    walk->depth--;
    note(walk, text_break(&walk->page->text));
}

static size_t words_in(struct span text)
{
    size_t words = 0;
    bool inside = false;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        bool alone = c >= 0xE3 && c < 0xF0; // scripts without spaces: one word per character
        words += alone || (c > ' ' && !inside);
        inside = c > ' ';
    }
    return words;
}

static void take_script(struct walk *walk, struct span text)
{
    script_feed(&walk->window, text, on_script_target, walk);
    size_t room = sizeof walk->script - walk->script_len;
    size_t len = text.len < room ? text.len : room;
    memcpy(walk->script + walk->script_len, text.at, len);
    walk->script_len += len;
}

static void on_text(void *arg, const xmlChar *bytes, int len)
{
    struct walk *walk = (struct walk *)arg;
    if (walk->e != ERR_OK || len <= 0) {
        return;
    }
    struct span text = {(const char *)bytes, (size_t)len};
    enum region region =
        walk->depth == 0 ? REGION_TEXT : (enum region)walk->regions[walk->depth - 1];
    switch (region) {
    case REGION_TITLE:
        label_add(&walk->page->title, text);
        return;
    case REGION_SCRIPT:
        take_script(walk, text);
        return;
    case REGION_SKIP:
        return;
    case REGION_HIDDEN:
    case REGION_UNSEEN:
        walk->page->hidden_words += words_in(text);
        return;
    case REGION_TEXT:
        break;
    }
    if (walk->heading_depth != 0) {
        label_add(&walk->page->heading, text);
    }
    note(walk, text_feed(&walk->page->text, text));
}

static size_t count_marks(struct span s)
{
    size_t marks = 0;
    for (size_t i = 0; i < s.len; i++) {
        marks += (unsigned char)s.at[i] <= ' ' || s.at[i] == '"' || s.at[i] == '\'';
    }
    return marks;
}

static bool begins_tag(struct span s)
{
    return s.len >= 2 && s.at[0] == '<' && s.at[1] != '!' && s.at[1] != '/' && s.at[1] != '?';
}

static enum err push_piece(struct walk *walk, struct span piece)
{
    struct waiting *waiting = &walk->waiting;
    if (waiting->marks > 0 && waiting->marks + count_marks(piece) > LIMIT_TAG_ATTRIBUTES) {
        return ERR_LIMIT;
    }
    if (piece.len > 0) {
        (void)htmlParseChunk(walk->parser, piece.at, (int)piece.len, 0);
    }
    const xmlParserInput *input = walk->parser->input;
    struct span left = {(const char *)input->cur, (size_t)(input->end - input->cur)};
    if (!begins_tag(left)) {
        waiting->marks = 0;
    } else if (left.len == waiting->bytes + piece.len) { // nothing was taken
        waiting->marks += count_marks(piece);
    } else {
        waiting->marks = count_marks(left);
    }
    waiting->bytes = left.len;
    return (size_t)xmlDictSize(walk->parser->dict) > LIMIT_HTML_NAMES ? ERR_LIMIT : walk->e;
}

// Pieces end behind a '>' where they can: cut inside a quoted value, libxml2 2.9 loses its place
// and holds back tags that are complete.
static enum err push_gathered(struct walk *walk, bool all)
{
    const char *end = memrchr(walk->piece, '>', walk->piece_len);
    size_t len = all || end == NULL ? walk->piece_len : (size_t)(end - walk->piece) + 1;
    enum err e = push_piece(walk, (struct span){walk->piece, len});
    memmove(walk->piece, walk->piece + len, walk->piece_len - len);
    walk->piece_len -= len;
    return e;
}

static enum err push(void *arg, struct span utf8)
{
    struct walk *walk = (struct walk *)arg;
    enum err e = ERR_OK;
    while (e == ERR_OK && utf8.len > 0) {
        size_t room = sizeof walk->piece - walk->piece_len;
        size_t len = utf8.len < room ? utf8.len : room;
        while (len > 0 && len < utf8.len && ((unsigned char)utf8.at[len] & 0xC0) == 0x80) {
            len--;
        }
        memcpy(walk->piece + walk->piece_len, utf8.at, len);
        walk->piece_len += len;
        utf8 = (struct span){utf8.at + len, utf8.len - len};
        if (utf8.len > 0) { // the piece is full
            e = push_gathered(walk, false);
        }
    }
    return e;
}

// A page of a few words whose script moves the visitor is a redirect.
static void take_script_move(struct walk *walk)
{
    struct page *page = walk->page;
    struct span script = {walk->script, walk->script_len};
    if (page->refresh || page->text.words >= STUB_WORDS || script.len == 0) {
        return;
    }
    const char *mark = pattern_find(PATTERN_SCRIPT_MOVE, script);
    if (mark == NULL) {
        return;
    }
    page->refresh = true;
    page->refresh_to = XXH3_64bits(script.at, script.len);
    page->refresh_to_http = strcmp(mark, "http") == 0;
    for (size_t i = 0; i < page->targets.count; i++) {
        const struct target *target = &page->targets.at[i];
        if (target->kind == TARGET_SCRIPT) {
            page->refresh_to = target->place;
            page->refresh_to_http |= target->to_http;
            return;
        }
    }
}

static enum err run(struct walk *walk)
{
    xmlSAXHandler sax = {
        .startElement = on_start,
        .endElement = on_end,
        .characters = on_text,
        .ignorableWhitespace = on_text,
        .cdataBlock = on_text,
    };
    walk->parser = htmlCreatePushParserCtxt(&sax, walk, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);
    if (walk->parser == NULL) {
        return ERR_NOMEM;
    }
    (void)htmlCtxtUseOptions(walk->parser, HTML_PARSE_NONET | HTML_PARSE_RECOVER |
                                               HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                                               HTML_PARSE_IGNORE_ENC);
    enum err e =
        charset_decode(walk->page->source->body, walk->page->source->content_type, push, walk);
    e = e == ERR_OK ? push_gathered(walk, true) : e;
    if (e == ERR_OK) {
        (void)htmlParseChunk(walk->parser, "", 0, 1);
        e = walk->e;
    }
    htmlFreeParserCtxt(walk->parser);
    return e;
}

enum err html_read(struct page *page)
{
    struct walk *walk = calloc(1, sizeof *walk);
    if (walk == NULL) {
        return ERR_NOMEM;
    }
    walk->page = page;
    walk->base = link_base_of(page->source->url);
    enum err e = run(walk);
    if (e == ERR_OK) {
        take_script_move(walk);
    }
    free(walk);
    return e == ERR_OK ? text_end(&page->text) : e;
}
