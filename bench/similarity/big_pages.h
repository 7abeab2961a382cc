// SPDX-License-Identifier: Apache-2.0
// Pages of LIMIT_BODY: the worst case for speed and memory.
#ifndef SSLAUTO_BENCH_SIMILARITY_BIG_PAGES_H
#define SSLAUTO_BENCH_SIMILARITY_BIG_PAGES_H

#include "core/buf.h"

enum {
    BIG_FETCHES = 4 // HTTP, HTTPS, HTTP again, HTTPS again
};

struct big_pages {
    struct buf bodies[BIG_FETCHES]; // owned
};

// Four fetches of one page, which share most of their words and are each LIMIT_BODY less a few KiB;
// the page has text, links, pictures and rows of many classes, all of them more than are kept.
void big_pages_make(struct big_pages *pages);
void big_pages_done(struct big_pages *pages);

#endif
