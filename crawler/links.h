// SPDX-License-Identifier: Apache-2.0
// The links of a page that further pages are chosen from: collected cheaply as they stand, resolved
// only when chosen.
#ifndef SSLAUTO_CRAWLER_LINKS_H
#define SSLAUTO_CRAWLER_LINKS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/span.h"
#include "core/url.h"

struct links;

// page is lent until links_free.
struct links *links_new(const struct url *page);
void links_free(struct links *links);
// <base href>: from now on links are relative to it.
void links_set_base(struct links *links, struct span href);
// What relative addresses stand on: the page, or its <base>. Lent.
const struct url *links_base(const struct links *links);
// True when href leads to a page of the same host. may_choose: it may be looked at.
bool links_add(struct links *links, struct span href, bool may_choose);
// At most `want` paths, as page_scan of page.h says. Owned results.
enum err links_choose(char ***out, size_t *count, struct links *links, size_t want);

#endif
