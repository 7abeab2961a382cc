// SPDX-License-Identifier: Apache-2.0
#include "similarity/text.h"

// The one hash of this room; inlined, not linked.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/limits.h"
#include "similarity/pattern.h"

enum {
    VOLATILE_LEN = 8, // shorter words are never taken for tokens
    URL_LEN = 9,      // "http://ab"
};

enum char_kind {
    CHAR_BREAK,
    CHAR_LETTER,
    CHAR_DIGIT,
    CHAR_ALONE
};

void text_init(struct text *text)
{
    *text = (struct text){0};
    bag_init(&text->shingles, true);
    buf_init(&text->visible, LIMIT_VISIBLE_TEXT);
}

void text_done(struct text *text)
{
    bag_done(&text->shingles);
    buf_done(&text->visible);
}

static enum char_kind kind_of(uint32_t c)
{
    if (c < 0x80) {
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return letter ? CHAR_LETTER : c >= '0' && c <= '9' ? CHAR_DIGIT : CHAR_BREAK;
    }
    bool punctuation = (c < 0xC0 && c != 0xAA && c != 0xB5 && c != 0xBA) || c == 0xD7 ||
                       c == 0xF7 || (c >= 0x2000 && c <= 0x2BFF) || (c >= 0x3000 && c <= 0x3004) ||
                       (c >= 0x3008 && c <= 0x3020) || (c >= 0xFE10 && c <= 0xFE6F) ||
                       (c >= 0xFF00 && c <= 0xFF0F) || (c >= 0xFF1A && c <= 0xFF20) ||
                       (c >= 0xFF3B && c <= 0xFF40) || (c >= 0xFF5B && c <= 0xFF65) ||
                       c == 0x060C || c == 0x061B || c == 0x061F || c == 0x06D4 || c == 0xFEFF ||
                       c == 0xFFFD;
    if (punctuation) {
        return CHAR_BREAK;
    }
    bool digit = (c >= 0x0660 && c <= 0x0669) || (c >= 0x06F0 && c <= 0x06F9) ||
                 (c >= 0x0966 && c <= 0x096F) || (c >= 0xFF10 && c <= 0xFF19);
    if (digit) {
        return CHAR_DIGIT;
    }
    bool alone = (c >= 0x0E00 && c <= 0x0EFF) || (c >= 0x1000 && c <= 0x109F) ||
                 (c >= 0x1780 && c <= 0x17FF) || (c >= 0x3005 && c <= 0xD7FF) ||
                 (c >= 0xF900 && c <= 0xFAFF) || c >= 0x20000;
    return alone ? CHAR_ALONE : CHAR_LETTER;
}

static uint32_t lower(uint32_t c)
{
    bool plus_32 = (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7) ||
                   (c >= 0x391 && c <= 0x3A9) || (c >= 0x410 && c <= 0x42F);
    if (plus_32) {
        return c + 32;
    }
    if (c >= 0x400 && c <= 0x40F) {
        return c + 80;
    }
    bool even_upper = (c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177) ||
                      (c >= 0x460 && c <= 0x481) || (c >= 0x48A && c <= 0x4BF);
    return even_upper ? c | 1 : c;
}

// One character of valid UTF-8.
static uint32_t next_char(const char **at)
{
    const unsigned char *p = (const unsigned char *)*at;
    if (p[0] < 0x80) {
        *at += 1;
        return p[0];
    }
    if (p[0] < 0xE0) {
        *at += 2;
        return ((p[0] & 0x1FU) << 6) | (p[1] & 0x3FU);
    }
    if (p[0] < 0xF0) {
        *at += 3;
        return ((p[0] & 0x0FU) << 12) | ((p[1] & 0x3FU) << 6) | (p[2] & 0x3FU);
    }
    *at += 4;
    return ((p[0] & 0x07U) << 18) | ((p[1] & 0x3FU) << 12) | ((p[2] & 0x3FU) << 6) | (p[3] & 0x3FU);
}

bool text_is_ascii_mark(char c)
{
    return (unsigned char)c < 0x80 && kind_of((unsigned char)c) == CHAR_BREAK;
}

bool text_has_digit(struct span utf8)
{
    const char *at = utf8.at, *end = utf8.at + utf8.len;
    while (at < end) {
        // A label is cut anywhere: its last character may be no more than a beginning.
        unsigned char c = (unsigned char)*at;
        ptrdiff_t len = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
        if (end - at < len) {
            return false;
        }
        if (kind_of(next_char(&at)) == CHAR_DIGIT) {
            return true;
        }
    }
    return false;
}

static enum err add_word(struct text *text, uint64_t hash, uint32_t from, uint32_t to)
{
    text->sequence = XXH3_64bits_withSeed(&hash, sizeof hash, text->sequence);
    text->words++;
    enum err e = ERR_OK;
    if (text->words >= 3) {
        const uint64_t three[3] = {text->last[0].hash, text->last[1].hash, hash};
        uint32_t start = text->last[0].from < to ? text->last[0].from : from;
        e = bag_add(&text->shingles, XXH3_64bits(three, sizeof three), start, to);
    }
    text->last[0] = text->last[1];
    text->last[1] = (struct text_place){hash, from, to};
    return e;
}

static void token_add(struct token *token, uint32_t c)
{
    if (c < 0x80) {
        token->at[token->len++] = (char)c;
        return;
    }
    token->at[token->len++] = (char)(0x80 | (c >> 16));
    token->at[token->len++] = (char)(c >> 8);
    token->at[token->len++] = (char)c;
}

static enum err flush(struct text *text)
{
    struct token *token = &text->token;
    if (token->len == 0) {
        return ERR_OK;
    }
    uint64_t hash = XXH3_64bits(token->at, token->len);
    token->len = 0;
    return add_word(text, hash, text->word_from, (uint32_t)text->visible.len);
}

// "1,234.50", "12:59" and "2026-11-21" are one number each: joiners between digits do not break.
static bool joins_digits(const char *at, const char *end, uint32_t c)
{
    return (c == '.' || c == ',' || c == ':' || c == '/' || c == '-') && at < end && *at >= '0' &&
           *at <= '9';
}

static enum err split(struct text *text, struct span word)
{
    struct token *token = &text->token;
    bool in_digits = false;
    const char *at = word.at, *end = word.at + word.len;
    enum err e = ERR_OK;
    while (e == ERR_OK && at < end) {
        uint32_t c = next_char(&at);
        if (c >= 'a' && c <= 'z') {
            token->at[token->len++] = (char)c;
            in_digits = false;
            continue;
        }
        enum char_kind kind = kind_of(c);
        if (kind == CHAR_LETTER) {
            token_add(token, lower(c));
        } else if (kind == CHAR_DIGIT && !in_digits) {
            token_add(token, '0');
        } else if (kind == CHAR_ALONE) {
            e = flush(text);
            token_add(token, c);
            e = e == ERR_OK ? flush(text) : e;
        } else if (kind == CHAR_BREAK && !(in_digits && joins_digits(at, end, c))) {
            e = flush(text);
        }
        in_digits = kind == CHAR_DIGIT || (in_digits && kind == CHAR_BREAK && token->len > 0);
    }
    return e == ERR_OK ? flush(text) : e;
}

// Tokens, hashes, UUIDs, time stamps, URLs: what a page writes anew for each visitor, or with
// the scheme in it.
static bool is_volatile(struct span word)
{
    if (word.len < VOLATILE_LEN) {
        return false;
    }
    bool digit = false;
    for (size_t i = 0; i < word.len && !digit; i++) {
        digit = word.at[i] >= '0' && word.at[i] <= '9';
    }
    if (word.len >= URL_LEN && memmem(word.at, word.len, "://", 3) != NULL) {
        return true;
    }
    return digit && pattern_find(PATTERN_VOLATILE, word) != NULL;
}

enum err text_break(struct text *text)
{
    if (text->word_len == 0) {
        return ERR_OK;
    }
    struct span word = {text->word, text->word_len};
    text->word_len = 0;
    text->word_from = (uint32_t)text->visible.len;
    // A buffer that is full keeps nothing more: places past it are empty.
    text->word[word.len] = ' ';
    if (buf_add(&text->visible, word.at, word.len + 1) == ERR_NOMEM) {
        return ERR_NOMEM;
    }
    return is_volatile(word) ? ERR_OK : split(text, word);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// Bytes of the run at `at` that still fit into the word, cut between characters.
static size_t that_fits(const struct text *text, const char *at, size_t len)
{
    size_t room = sizeof text->word - 1 - text->word_len;
    if (len <= room) {
        return len;
    }
    while (room > 0 && ((unsigned char)at[room] & 0xC0) == 0x80) {
        room--;
    }
    return room;
}

enum err text_feed(struct text *text, struct span utf8)
{
    const char *at = utf8.at, *end = utf8.at + utf8.len;
    enum err e = ERR_OK;
    while (e == ERR_OK && at < end) {
        const char *start = at;
        while (at < end && !is_space(*at)) {
            at++;
        }
        size_t len = that_fits(text, start, (size_t)(at - start));
        memcpy(text->word + text->word_len, start, len);
        text->word_len += len;
        bool full = start + len < at;
        at = start + len;
        if (full || at < end) {
            e = text_break(text);
        }
        while (!full && at < end && is_space(*at)) {
            at++;
        }
    }
    return e;
}

enum err text_end(struct text *text)
{
    enum err e = text_break(text);
    if (e != ERR_OK || text->words == 0 || text->words >= 3) {
        return e;
    }
    return bag_add(&text->shingles, text->sequence, text->last[1].from, text->last[1].to);
}
