// SPDX-License-Identifier: Apache-2.0
#include "bench/similarity/big_pages.h"

#include "bench/similarity/words.h"
#include "core/limits.h"

enum {
    WORDS = 20,     // of a row: some 400 bytes with its markup, 20,000 rows a page
    CHANGING = 50,  // one row of so many is another on each fetch
    ROW_MOST = 2048 // bytes
};

// Class names are letters: the digits of a class do not count.
static void row(struct buf *out, uint64_t fetch, size_t i)
{
    struct dice dice = dice_of(5, i, i % CHANGING == 0 ? fetch : 0);
    char text[256];
    (void)snprintf(text, sizeof text,
                   "<div class=\"row-%c%c%c%c\"><a href=\"/wares/item-%zu/\">%zx</a>"
                   "<img src=\"/pictures/p%zu.jpg\"><p>",
                   (int)('a' + i % 26), (int)('a' + i / 26 % 26), (int)('a' + i / 676 % 26),
                   (int)('a' + i / 17576 % 26), i, i, i);
    put(out, text);
    sentence_add(out, LANG_EN, i, &dice, WORDS);
    put(out, "</p></div>\n");
}

void big_pages_make(struct big_pages *pages)
{
    for (size_t fetch = 0; fetch < BIG_FETCHES; fetch++) {
        struct buf *out = &pages->bodies[fetch];
        buf_init(out, LIMIT_BODY);
        put(out, "<html><head><title>Wares</title></head><body><h1>All wares</h1>");
        for (size_t i = 0; out->len < LIMIT_BODY - ROW_MOST; i++) {
            row(out, fetch + 1, i);
        }
        put(out, "</body></html>");
    }
}

void big_pages_done(struct big_pages *pages)
{
    for (size_t fetch = 0; fetch < BIG_FETCHES; fetch++) {
        buf_done(&pages->bodies[fetch]);
    }
}
