// SPDX-License-Identifier: Apache-2.0
// The tier between equal bytes and equal text: two bodies that are the same byte for byte but for
// a few volatile tokens (numbers, nonces, the scheme of a URL). It runs at the speed of memcmp.
#ifndef SSLAUTO_SIMILARITY_NOISE_H
#define SSLAUTO_SIMILARITY_NOISE_H

#include "core/span.h"

// True when nothing but noise differs, and little of it. A false says nothing: read the pages.
bool noise_only(struct span a, struct span b);

#endif
