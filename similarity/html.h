// SPDX-License-Identifier: Apache-2.0
// HTML into a page's features: libxml2's push parser with SAX callbacks, no tree.
#ifndef SSLAUTO_SIMILARITY_HTML_H
#define SSLAUTO_SIMILARITY_HTML_H

#include "core/err.h"

struct page;

// ERR_LIMIT: nested deeper than LIMIT_HTML_DEPTH, a tag above LIMIT_TAG_ATTRIBUTES, or more names
// than LIMIT_HTML_NAMES; the page then holds what came before.
enum err html_read(struct page *page);
// Tags stripped, no structure: for XML and for what is nested too deeply. Constant memory.
enum err html_read_flat(struct page *page);

#endif
