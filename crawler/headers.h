// SPDX-License-Identifier: Apache-2.0
// Response header lines into the facts a fetch keeps, and the checks that libcurl leaves to us.
#ifndef SSLAUTO_CRAWLER_HEADERS_H
#define SSLAUTO_CRAWLER_HEADERS_H

#include "core/err.h"
#include "core/span.h"
#include "model/fetch.h"

// What one answer's lines showed besides the facts in the fetch. Zeroed by headers_begin.
struct headers {
    size_t bytes;           // of all header lines, interim answers included
    int64_t content_length; // -1 = none
    unsigned codings;       // content codings named, "identity" not counted
    bool contradictory;     // two Content-Length that differ, or one that is no number
    char *location;         // owned or NULL: Location as sent
    char *refresh;          // owned or NULL: target of a Refresh with delay <= 5 s, as sent
};

void headers_begin(struct headers *headers);
void headers_done(struct headers *headers);
// Takes one line, with or without its end. A status line begins a new answer: facts of an interim
// one are forgotten. now_s: for Retry-After as a date.
enum err headers_feed(struct headers *headers, struct fetch *fetch, struct span line,
                      int64_t now_s);
// Forgets the facts of an answer before the next hop of the same fetch.
void headers_forget(struct fetch *fetch);
// Seconds from now, capped at LIMIT_RETRY_AFTER_S; -1 when it is neither seconds nor a date
// (RFC 9110 section 10.2.3).
int64_t headers_retry_after(struct span value, int64_t now_s);

#endif
