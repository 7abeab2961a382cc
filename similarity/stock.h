// SPDX-License-Identifier: Apache-2.0
// Pages that are not the site's own: found by title, by phrases in small bodies.
#ifndef SSLAUTO_SIMILARITY_STOCK_H
#define SSLAUTO_SIMILARITY_STOCK_H

#include "similarity/lexicon.h"
#include "similarity/page.h"

// NULL: not a stock page, or larger than LIMIT_STOCK_SCAN. `title` may be NULL: then it is looked
// for in the bytes.
const struct lexicon_entry *stock_find(struct span body, const struct label *title);
// A login form as the whole of a page, by its bytes alone.
bool stock_is_login(struct span body);

#endif
