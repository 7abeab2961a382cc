// SPDX-License-Identifier: Apache-2.0
// Markup without its structure: what is between the tags, and where its scripts lead.
#include "similarity/charset.h"
#include "similarity/html.h"
#include "similarity/page.h"
#include "similarity/script.h"

struct strip {
    struct page *page;
    bool in_tag;
    bool in_script; // script or style: until its end tag
    struct link_base base;
    struct script_window window;
    char tag[8];
    size_t tag_len;
};

static void on_flat_target(void *arg, struct span to)
{
    struct strip *strip = (struct strip *)arg;
    targets_add(&strip->page->targets, &strip->base, TARGET_SCRIPT, to, 0);
}

static void strip_tag_ended(struct strip *strip)
{
    struct span tag = {strip->tag, strip->tag_len};
    strip->in_tag = false;
    if (span_starts_nocase(tag, span_of("script")) || span_starts_nocase(tag, span_of("style"))) {
        strip->in_script = true;
    } else if (span_starts_nocase(tag, span_of("/script")) ||
               span_starts_nocase(tag, span_of("/style"))) {
        strip->in_script = false;
        script_end(&strip->window, on_flat_target, strip);
    }
}

static enum err strip_feed(void *arg, struct span utf8)
{
    struct strip *strip = (struct strip *)arg;
    while (utf8.len > 0) {
        char stop = strip->in_tag ? '>' : '<';
        const char *found = memchr(utf8.at, stop, utf8.len);
        size_t len = found == NULL ? utf8.len : (size_t)(found - utf8.at);
        enum err e = ERR_OK;
        if (strip->in_tag) {
            size_t room = sizeof strip->tag - strip->tag_len;
            size_t take = len < room ? len : room;
            memcpy(strip->tag + strip->tag_len, utf8.at, take);
            strip->tag_len += take;
        } else if (!strip->in_script) {
            e = text_feed(&strip->page->text, (struct span){utf8.at, len});
        } else {
            script_feed(&strip->window, (struct span){utf8.at, len}, on_flat_target, strip);
        }
        if (found != NULL && strip->in_tag) {
            strip_tag_ended(strip);
        } else if (found != NULL) {
            strip->in_tag = true;
            strip->tag_len = 0;
            e = e == ERR_OK ? text_break(&strip->page->text) : e;
        }
        if (e != ERR_OK) {
            return e;
        }
        len += found != NULL;
        utf8 = (struct span){utf8.at + len, utf8.len - len};
    }
    return ERR_OK;
}

enum err html_read_flat(struct page *page)
{
    struct strip strip = {.page = page, .base = link_base_of(page->source->url)};
    enum err e = charset_decode(page->source->body, page->source->content_type, strip_feed, &strip);
    script_end(&strip.window, on_flat_target, &strip);
    return e == ERR_OK ? text_end(&page->text) : e;
}
