// SPDX-License-Identifier: Apache-2.0
// Which links of a page are left alone: those that could change state when fetched, and those that
// are no pages.
#ifndef SSLAUTO_CRAWLER_LINK_FILTER_H
#define SSLAUTO_CRAWLER_LINK_FILTER_H

#include <stdbool.h>

#include "core/span.h"

// path: with query, percent-encoded, as in struct url.
bool link_filter_is_harmless_page(struct span path);

#endif
