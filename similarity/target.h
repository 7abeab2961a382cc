// SPDX-License-Identifier: Apache-2.0
// The places a page hands its visitor to: by script, by refresh, by its base, its forms, its
// frames.
#ifndef SSLAUTO_SIMILARITY_TARGET_H
#define SSLAUTO_SIMILARITY_TARGET_H

#include <stdint.h>

#include "similarity/link.h"

enum target_kind {
    TARGET_SCRIPT,
    TARGET_REFRESH,
    TARGET_BASE,
    TARGET_FORM,
    TARGET_FRAME,
    TARGET_KIND_COUNT
};

struct target {
    uint64_t place; // link hash; of bases, forms and frames only the host counts: 0
    uint64_t host;  // 0 = the page's own
    uint8_t kind;   // enum target_kind
    bool to_http;   // names plain HTTP
    bool to_https;
    bool unseen;      // a frame that is not drawn: known, but no difference
    uint32_t delay_s; // of refreshes
};

enum {
    TARGETS_KEPT = 64,
    HOSTS_KEPT = 16,
    REFRESH_SLOW_S = 5,       // slower refreshes are news tickers
    HOST_OF_CANONICAL = 1000, // as many links as a canonical link counts for
};

struct targets {
    struct target at[TARGETS_KEPT]; // none twice
    size_t count;
    bool more;     // there were more
    size_t frames; // that are drawn, of any host
    // Hosts that links name, to guess the page's own when its URL is not known.
    struct {
        uint64_t host;
        unsigned count;
    } hosts[HOSTS_KEPT];
    bool own_known;
};

void targets_add_frame(struct targets *targets, const struct link_base *base, struct span reference,
                       bool drawn);
void targets_add(struct targets *targets, const struct link_base *base, enum target_kind kind,
                 struct span reference, uint32_t delay_s);
void targets_tally(struct targets *targets, const struct link_base *base, struct span reference,
                   unsigned weight);

struct target_sides {
    const struct targets *http, *https;
    const struct targets *http_again, *https_again; // may be NULL
};

struct target_difference {
    enum target_kind kind;
    bool found;
    bool only_https; // else only HTTP has it
    bool to_http;    // sends the visitor from HTTPS back to HTTP
    bool elsewhere;  // to another host
    bool at_once;    // by a refresh too quick to read the page
    bool moves;      // HTTP's own targets of this kind differ from fetch to fetch
};

// The gravest target that one side has and the other has not.
struct target_difference targets_differ(const struct target_sides *sides);

#endif
