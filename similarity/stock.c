// SPDX-License-Identifier: Apache-2.0
#include "similarity/stock.h"

#include "core/limits.h"

enum {
    SMALL_BODY = 4096,
    TITLE_RAW = 600
};

static void title_peek(struct label *out, struct span body)
{
    out->len = 0;
    const char *at = memmem(body.at, body.len, "<title", 6);
    at = at != NULL ? at : memmem(body.at, body.len, "<TITLE", 6);
    if (at == NULL) {
        return;
    }
    size_t left = body.len - (size_t)(at - body.at);
    const char *start = memchr(at, '>', left);
    if (start == NULL) {
        return;
    }
    left -= (size_t)(start - at) + 1;
    struct span title = {start + 1, left < TITLE_RAW ? left : TITLE_RAW};
    const char *end = title.len == 0 ? NULL : memchr(title.at, '<', title.len);
    title.len = end == NULL ? title.len : (size_t)(end - title.at);
    label_add(out, title);
}

static bool has_one(struct span body, const char *alternatives)
{
    struct span rest = span_of(alternatives);
    while (rest.len > 0) {
        struct span phrase = span_cut(&rest, '|');
        if (span_find_nocase(body, phrase) < body.len) {
            return true;
        }
    }
    return false;
}

static const struct lexicon_entry *find(enum pattern which, struct span text, struct span body)
{
    const char *mark = pattern_find(which, text);
    const struct lexicon_entry *entry = mark == NULL ? NULL : lexicon_named(which, mark);
    return entry == NULL || entry->also == NULL || has_one(body, entry->also) ? entry : NULL;
}

const struct lexicon_entry *stock_find(struct span body, const struct label *title)
{
    if (body.len == 0 || body.len > LIMIT_STOCK_SCAN) {
        return NULL;
    }
    struct label peeked = {.len = 0};
    if (title == NULL) {
        title_peek(&peeked, body);
        title = &peeked;
    }
    struct span words = span_trim((struct span){title->at, title->len});
    const struct lexicon_entry *entry = find(PATTERN_STOCK_TITLE, words, body);
    if (entry == NULL && body.len <= SMALL_BODY) {
        entry = find(PATTERN_STOCK_SMALL, body, body);
    }
    if (entry == NULL && pattern_find(PATTERN_PARKED_HINT, body) != NULL) {
        entry = find(PATTERN_STOCK_PARKED, body, body);
    }
    return entry;
}

bool stock_is_login(struct span body)
{
    if (body.len == 0 || body.len > LIMIT_STOCK_SCAN) {
        return false;
    }
    struct label title;
    title_peek(&title, body);
    return pattern_find(PATTERN_SOFT_LOGIN, (struct span){title.at, title.len}) != NULL &&
           span_find_nocase(body, span_of("type=\"password\"")) < body.len;
}
