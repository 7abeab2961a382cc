// SPDX-License-Identifier: Apache-2.0
// Links and resources in a form that does not depend on scheme, host spelling, session or build.
#ifndef SSLAUTO_SIMILARITY_LINK_H
#define SSLAUTO_SIMILARITY_LINK_H

#include <stdint.h>

#include "core/attr.h"
#include "core/span.h"

// Where a page lives, all lent and possibly empty: host without "www." and port, and the path up to
// its last slash.
struct link_base {
    struct span host;
    struct span folder;
};

struct link_base link_base_of(const char *url);

// 0 for links that lead nowhere (fragments, javascript:, data:, mailto:). Scheme, "www.", port and
// own host off (any host when the own one is not known), values of the query off, session keys
// off, hexadecimal and mixed runs of 8 and more as '#'.
uint64_t link_hash(const struct link_base *base, struct span reference);
// Hash of the host that the reference names, 0 when it is the own one or none. Without an own host
// any host is another.
uint64_t link_other_host(const struct link_base *base, struct span reference);
// The reference names plain HTTP.
bool link_is_http(struct span reference);

#endif
