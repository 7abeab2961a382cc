// SPDX-License-Identifier: Apache-2.0
// Made-up language: words that look like a script, and the set phrases that sites put around them.
#ifndef SSLAUTO_BENCH_SIMILARITY_WORDS_H
#define SSLAUTO_BENCH_SIMILARITY_WORDS_H

#include <stdint.h>

#include "core/buf.h"

enum language {
    LANG_EN,
    LANG_DE,
    LANG_FR,
    LANG_ES,
    LANG_RU,
    LANG_ZH,
    LANG_JA,
    LANG_KO,
    LANG_AR,
    LANG_TR,
    LANG_EL,
    LANG_COUNT
};

enum phrase {
    PHRASE_HOME,
    PHRASE_ABOUT,
    PHRASE_CONTACT,
    PHRASE_SEARCH,
    PHRASE_IMPRINT,
    PHRASE_CART,
    PHRASE_RELATED,
    PHRASE_COOKIES,
    PHRASE_TIME,
    PHRASE_VISITORS,
    PHRASE_MISSING_TITLE,
    PHRASE_MISSING_TEXT,
    PHRASE_DOWN_TITLE,
    PHRASE_DOWN_TEXT,
    PHRASE_LOGIN_TITLE,
    PHRASE_LOGIN_TEXT,
    PHRASE_ERROR_TEXT,
    PHRASE_COUNT
};

const char *language_code(enum language language);
const char *phrase_of(enum language language, enum phrase phrase);
// Latin-1 can write it.
bool language_is_western(enum language language);

// A stream of numbers from a seed; the same on every machine.
struct dice {
    uint64_t state;
};
struct dice dice_of(uint64_t a, uint64_t b, uint64_t c);
uint64_t dice_next(struct dice *dice);
size_t dice_below(struct dice *dice, size_t n);

// One word of the language, by its number: low numbers are the frequent ones.
void word_add(struct buf *out, enum language language, uint64_t topic, size_t number);
// `count` words with a long tail of rare ones, as sentences.
void sentence_add(struct buf *out, enum language language, uint64_t topic, struct dice *dice,
                  size_t count);
// Fails the program without memory: this is a bench.
void put(struct buf *out, const char *text);

#endif
