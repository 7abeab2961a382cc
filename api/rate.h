// SPDX-License-Identifier: Apache-2.0
// How many requests each token made lately. Each server counts for itself; many threads share one.
// Private.
#ifndef SSLAUTO_API_RATE_H
#define SSLAUTO_API_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

struct rate;

struct rate_seen {
    bool allowed;
    int64_t remaining; // in this window
    int64_t reset_at;  // when the next one begins
};

// requests in window_s seconds from the first one on, then none until they are over: that is how
// clients of the product expect it.
struct rate *rate_new(int64_t requests, int64_t window_s);
void rate_free(struct rate *rate);
// Counts one request of the token of that id. Without memory it is allowed.
struct rate_seen rate_count(struct rate *rate, const char *id, int64_t now_s);

#endif
