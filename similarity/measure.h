// SPDX-License-Identifier: Apache-2.0
// Two to four pages to the numbers that decide.
#ifndef SSLAUTO_SIMILARITY_MEASURE_H
#define SSLAUTO_SIMILARITY_MEASURE_H

#include "similarity/page.h"

struct sides {
    const struct page *http, *https;
    const struct page *http_again, *https_again; // NULL: not fetched, or not usable
};

struct measure {
    double fwd;   // part of the stable text of HTTP that HTTPS has
    double rev;   // part of the stable text of HTTPS that HTTP has
    double noise; // part of HTTP's text that its second fetch has not; 0 without one
    double shape_fwd, shape_rev;
    double links;          // lesser containment of the two directions
    double resources;      // likewise
    double title, heading; // overlap of words
    bool title_equal, heading_equal;
    bool title_moves; // differs between the two HTTP fetches already
    bool heading_moves;
    bool title_numbers; // the same in both, but for what the title's own noise explains
    bool heading_numbers;
    bool canonical_differs;
    uint64_t stable;                 // shingles of HTTP that count
    uint64_t missing;                // of them, not in HTTPS
    uint64_t added;                  // stable shingles of HTTPS that are not in HTTP
    uint64_t run_missing, run_added; // longest coherent stretch of them, in words
    size_t words_least;              // words of the page with fewer
    size_t link_count;               // links that count in HTTP
    const char *soft_error;          // words of an error page on one side only, or NULL
    bool soft_login;                 // words of a login page on one side only
    bool password_differs;           // a password field on one side only
    bool controlled;                 // HTTP was fetched twice
    bool https_controlled;           // so was HTTPS
};

enum err measure_take(struct measure *out, const struct sides *sides);

#endif
