// SPDX-License-Identifier: Apache-2.0
// The scripts and style sheets of the page's own host. A page with little text of its own is made
// by them, so that it works only where they are served.
#ifndef SSLAUTO_CRAWLER_RESOURCES_H
#define SSLAUTO_CRAWLER_RESOURCES_H

#include "core/err.h"
#include "core/span.h"
#include "core/url.h"

enum {
    RESOURCES_SEEN = 8 // of each kind; the first ones of a page are its own more often than not
};

struct resources {
    struct span scripts[RESOURCES_SEEN]; // lent from the page
    struct span sheets[RESOURCES_SEEN];
    size_t script_count, sheet_count;
};

void resources_add_script(struct resources *resources, struct span src);
void resources_add_sheet(struct resources *resources, struct span href);
// At most `want` paths on the host of page, relative addresses resolved against base: a script, a
// style sheet, and so on. Owned results.
enum err resources_choose(char ***out, size_t *count, const struct resources *resources,
                          const struct url *page, const struct url *base, size_t want);

#endif
