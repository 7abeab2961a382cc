// SPDX-License-Identifier: Apache-2.0
// What a page points at, found by scanning its tags without building a tree: links to choose
// further pages from, a meta refresh, sub-resources by plain http.
#ifndef SSLAUTO_CRAWLER_PAGE_H
#define SSLAUTO_CRAWLER_PAGE_H

#include "core/err.h"
#include "core/span.h"
#include "core/url.h"

struct page {
    unsigned insecure_resources; // img, script, iframe, link rel=stylesheet, ... with http:// URLs
    unsigned internal_links;
    char *refresh; // owned or NULL: target of <meta http-equiv=refresh> with delay <= 5 s, as is
    char **links;  // owned: chosen same-host paths, at most as many as asked for
    size_t link_count;
    char **resources; // owned: scripts and style sheets that a page without text of its own needs
    size_t resource_count;
};

// Scans html of the page at url. Chooses up to `want` same-host links (http or https, same host
// without "www."), other than the page itself, spread round-robin over the first path segments,
// most common first, in a stable order; links that could change state or are no pages (logout,
// delete, add-to-cart, .pdf, .zip, .jpg, ...) are left out. Comments and scripts are skipped.
// With `want` above 0 and hardly any text on the page, a script and a style sheet of the same host
// are chosen besides.
enum err page_scan(struct page *out, struct span html, const struct url *url, size_t want);
void page_done(struct page *page);
// The target in the content of a refresh, "0; url='x'"; false when it has none or comes after more
// than 5 s. As a header field it means the same.
bool page_refresh(struct span *url, struct span content);

#endif
