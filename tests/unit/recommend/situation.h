// SPDX-License-Identifier: Apache-2.0
// Evidence for tests, as a good origin and the ways in which a situation differs from it.
#ifndef SSLAUTO_TESTS_UNIT_RECOMMEND_SITUATION_H
#define SSLAUTO_TESTS_UNIT_RECOMMEND_SITUATION_H

#include "model/evidence.h"

#define SITUATION_NOW INT64_C(1790000000) // 2026-09-21

// One host with one origin that HTTP and HTTPS serve alike, with a good certificate; then changed
// by `edits`: "path=value" separated by spaces, as "https.outcome=tls_failed"; a path begins at the
// origin; a value is JSON without spaces, or a bare word. "|" begins another origin of the same
// host, "||" another host.
struct evidence *situation_build(const char *edits);

#endif
