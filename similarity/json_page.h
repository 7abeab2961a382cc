// SPDX-License-Identifier: Apache-2.0
// JSON into a page's features: key paths are its shape, key paths with values its text.
#ifndef SSLAUTO_SIMILARITY_JSON_PAGE_H
#define SSLAUTO_SIMILARITY_JSON_PAGE_H

#include "core/err.h"

struct page;

// ERR_INVALID: not JSON. ERR_LIMIT: past LIMIT_JSON_BODY or LIMIT_JSON_MARKS, not read.
enum err json_page_read(struct page *page);

#endif
