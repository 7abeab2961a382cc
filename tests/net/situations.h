// SPDX-License-Identifier: Apache-2.0
// The situation matrix: one row per thing an origin can be or do, what must be said about it, and
// what would break the site.
#ifndef SSLAUTO_TESTS_NET_SITUATIONS_H
#define SSLAUTO_TESTS_NET_SITUATIONS_H

#include "model/recommendation.h"
#include "tests/net/lab.h"

enum breaks {
    BREAKS_NOTHING = 0,
    BREAKS_FLEXIBLE = 1 << MODE_FLEXIBLE,
    BREAKS_FULL = 1 << MODE_FULL | 1 << MODE_STRICT | 1 << MODE_ORIGIN_PULL,
    BREAKS_STRICT = 1 << MODE_STRICT | 1 << MODE_ORIGIN_PULL,
};

struct situation {
    const char *name; // also the zone: NAME.test
    // -- the zone --
    const char *host;             // NULL = NAME.test
    const char *address;          // NULL = an address of its own in 127.20.0.0/16
    const char *resolve;          // what the address, a name, resolves to in the hosts file
    const char *second_address;   // row whose address the name resolves to as well
    const char *more;             // further members of the zone's JSON, beginning with ','
    const char *in_host;          // further members of the host's JSON, beginning with ','
    const char *like;             // uses the servers of that row instead of its own
    const char *second_origin;    // row whose origin is one more origin of the host
    const char *second_host;      // row whose host is one more host of the zone
    const char *same_origin_host; // one more host of the zone, at the same origin
    enum mode mode;
    // -- the servers --
    struct server http, https;
    const char *cert; // KIND of pki.sh for https; NULL = no TLS there
    // -- what must come out --
    enum verdict verdict;
    enum mode want;       // MODE_NONE = nothing can be said
    const char *reasons;  // codes that must be among the reasons, space between; a|b = either
    const char *blockers; // the same for the blockers
    unsigned breaks;      // modes that break the site: never to be recommended newly
};

const struct situation *situations(size_t *count);

#endif
