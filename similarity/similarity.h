// SPDX-License-Identifier: Apache-2.0
// Do both schemes serve the same page? Cheap tiers first (equal bytes, equal normalised text),
// then hard rules, then features, with the control fetch masking the page's own noise.
// Pure: no I/O, no clock. Memory is bounded per page and gone when the call returns.
#ifndef SSLAUTO_SIMILARITY_SIMILARITY_H
#define SSLAUTO_SIMILARITY_SIMILARITY_H

#include "core/err.h"
#include "core/span.h"
#include "model/evidence.h"

// One body as it came, lent.
struct sim_page {
    struct span body;         // decoded of its content encoding; still in its charset
    const char *content_type; // as sent, may be NULL: then the body is looked at
    const char *url;          // visitor URL it came from, may be NULL: for "own host" and paths
    int status;               // 0 = not known, taken as 200
    bool truncated;           // the body was cut
};

// At least http and https; the others may be NULL. http_again is the control that tells the
// page's own noise; https_again halves the doubt when `unsure`.
struct sim_input {
    const struct sim_page *http, *https;
    const struct sim_page *http_again, *https_again;
};

struct sim_result {
    enum sameness verdict; // same, different or unsure; never SAMENESS_NONE
    double score;          // 0..1; monotone in "same": same >= 0.8 > unsure >= 0.5 > different
    bool informative;      // false: both sides show the same error, stock or empty page
    bool challenge;        // a bot challenge on either side: nothing can be concluded
    bool login;            // a login wall on one side or both
    char rule[48];         // what decided: stable word, e.g. "equal_bytes", "stock_page_https"
    char detail[160];      // the same for people, with the numbers that decided
};

// ERR_NOMEM or ERR_OK; hostile input is an answer, never an error.
enum err similarity_compare(struct sim_result *out, const struct sim_input *input);

#endif
