// SPDX-License-Identifier: Apache-2.0
// What answers with the same body may still do to visitors by their header fields: offer a
// download, forbid scripts, name another type or charset. Pure.
#ifndef SSLAUTO_PIPELINE_DELIVERY_H
#define SSLAUTO_PIPELINE_DELIVERY_H

#include "model/evidence.h"

// True when a rule spoke: then sameness, rule and detail say how HTTPS delivers the page otherwise.
// Both fetches are answers that serve a page.
bool delivery_differs(struct page_evidence *page, const struct fetch *http,
                      const struct fetch *https);
// Whether browsers use what is labelled so as a script or a style sheet.
bool delivery_usable(const struct fetch *fetch);

#endif
