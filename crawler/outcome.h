// SPDX-License-Identifier: Apache-2.0
// From libcurl's result and the phase a request had reached to our outcome and its words.
#ifndef SSLAUTO_CRAWLER_OUTCOME_H
#define SSLAUTO_CRAWLER_OUTCOME_H

#include <curl/curl.h>

#include "core/err.h"
#include "core/span.h"
#include "model/fetch.h"

// Why we ended a request ourselves; libcurl then says CURLE_WRITE_ERROR or nothing.
enum abort_reason {
    ABORT_NONE,
    ABORT_BODY_CAP,
    ABORT_HEADER_CAP,
    ABORT_CONTRADICTION, // two lengths
    ABORT_CODINGS,       // more than two content codings
    ABORT_TOO_SLOW,
    ABORT_ADDRESS, // the guard refused the socket's address
    ABORT_OURS,    // no memory, no file descriptor
    ABORT_COUNT
};

struct failure {
    CURLcode code;
    enum phase phase;
    enum abort_reason aborted;
    long os_errno;
    const char *text;     // libcurl's error buffer
    const char *encoding; // Content-Encoding; NULL = none
    bool client_certificate_requested;
    int64_t connect_ms, total_ms, low_speed_bytes, low_speed_s; // the limits, for the words
};

#define OUTCOME_WORDS 160

// OUTCOME_OK for CURLE_OK; words are "" then.
enum outcome outcome_of(char words[OUTCOME_WORDS], const struct failure *failure);
// A timeout that our own slowness could have made.
bool outcome_is_timeout(enum outcome outcome);
// The connection was never there: a later try may have it.
bool outcome_is_connect_failure(enum outcome outcome);
// "400 No required SSL certificate was sent" and its like, from a server that asked for one.
bool outcome_demands_certificate(int status, struct span body);

// printf into words; anything but printable ASCII becomes '?'.
void outcome_words(char words[OUTCOME_WORDS], const char *fmt, ...) PRINTF_LIKE(2, 3);
// An owned copy of remote text, at most max bytes, printable ASCII only.
enum err outcome_clean(char **out, struct span text, size_t max);

#endif
