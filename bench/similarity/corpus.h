// SPDX-License-Identifier: Apache-2.0
// Labelled pairs, made again alike from their number: HTTP, HTTPS, HTTP again.
#ifndef SSLAUTO_BENCH_SIMILARITY_CORPUS_H
#define SSLAUTO_BENCH_SIMILARITY_CORPUS_H

#include "core/buf.h"

struct corpus_pair {
    const char *category; // static
    bool same;            // the label
    bool stock;           // HTTPS shows a stock page
    unsigned fold;
    char url[96];
    struct buf http, https, http_again; // owned; kept from call to call
};

enum {
    CORPUS_SITES = 220 // its reporting half has 3,520 pairs labelled different
};

size_t corpus_size(void);
void corpus_init(struct corpus_pair *pair);
void corpus_done(struct corpus_pair *pair);
// By site: 0 chooses limits, 1 reports.
unsigned corpus_fold(size_t number);
void corpus_make(struct corpus_pair *pair, size_t number);

#endif
