// SPDX-License-Identifier: Apache-2.0
// The tier between equal bytes and equal text: two bodies that are the same byte for byte but for
// a few volatile tokens (numbers, nonces, the scheme of a URL). It runs at the speed of memcmp.
#ifndef SSLAUTO_SIMILARITY_NOISE_H
#define SSLAUTO_SIMILARITY_NOISE_H

#include <stdint.h>

#include "core/span.h"

// Where two bodies differ by noise. The scheme of a URL is never counted.
struct noise {
    size_t count;
    size_t weak;       // of them, tokens that could as well be content: "12", "customer-a1b2"
    size_t downgrades; // "https:" in the first, "http:" in the second
    uint32_t at[1024]; // offsets in the first body, rising
};

// True when nothing but noise differs, and little of it. A false says nothing: read the pages.
bool noise_find(struct noise *out, struct span a, struct span b);
// Some of `found` is in the title or a heading of `a`, the body it was found in first.
bool noise_in_label(const struct noise *found, struct span a);
// Whether `found` differs only where `control` (against another fetch of the same first body) does
// too. Without a control (NULL): whether there is nothing weak in it.
bool noise_explained(const struct noise *found, const struct noise *control);

#endif
