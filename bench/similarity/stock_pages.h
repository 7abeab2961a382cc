// SPDX-License-Identifier: Apache-2.0
// Pages that are not the site's own, worded as the products word them.
#ifndef SSLAUTO_BENCH_SIMILARITY_STOCK_PAGES_H
#define SSLAUTO_BENCH_SIMILARITY_STOCK_PAGES_H

#include <stddef.h>

struct stock_page {
    const char *category, *html;
};

size_t stock_page_count(void);
const struct stock_page *stock_page_at(size_t i);

#endif
