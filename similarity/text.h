// SPDX-License-Identifier: Apache-2.0
// Visible text to shingles: words lower-cased, digits levelled, tokens and URLs dropped, three in
// a row hashed. Scripts written without spaces (Han, Kana, Hangul, Thai, Khmer ...) give one word
// per character.
#ifndef SSLAUTO_SIMILARITY_TEXT_H
#define SSLAUTO_SIMILARITY_TEXT_H

#include <stdint.h>

#include "core/buf.h"
#include "similarity/bag.h"

struct text_place {
    uint64_t hash;
    uint32_t from, to;
};

// A word in the making: lower-cased, digit runs as one '0', other scripts as three bytes a
// character.
struct token {
    char at[1024];
    size_t len;
};

struct text {
    struct bag shingles;
    struct buf visible; // the text that was fed, white space as one space, cut at its maximum
    uint64_t sequence;  // hash over all words in order (of JSON: over all values in any order):
                        // equal text has equal sequence
    size_t words;
    struct text_place last[2]; // the two words before
    char word[256];            // what is between two spaces so far; one byte is kept free
    size_t word_len;
    uint32_t word_from;
    struct token token; // kept here: clearing it for every word costs more than the word
};

void text_init(struct text *text);
void text_done(struct text *text);
// UTF-8 cut between characters; a word may go on in the next call.
enum err text_feed(struct text *text, struct span utf8);
// A word ends here, whatever comes next.
enum err text_break(struct text *text);
// Letters and digits of any script are none.
bool text_is_ascii_mark(char c);
// One that counts as a digit here, in any script.
bool text_has_digit(struct span utf8);
// The last word, and the one shingle of a text of one or two words.
enum err text_end(struct text *text);

#endif
