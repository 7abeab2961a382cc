// SPDX-License-Identifier: Apache-2.0
// PCRE2 with JIT: the patterns of this room are compiled once per process and only read afterwards.
#ifndef SSLAUTO_SIMILARITY_PATTERN_H
#define SSLAUTO_SIMILARITY_PATTERN_H

#include "core/err.h"
#include "core/span.h"

enum pattern {
    PATTERN_VOLATILE,     // a whole word of visible text that is a token, not language
    PATTERN_SCRIPT_MOVE,  // a script that sends the visitor elsewhere
    PATTERN_PARKED_HINT,  // cheap test before PATTERN_STOCK_PARKED
    PATTERN_STOCK_TITLE,  // marks name an entry of the stock lexicon
    PATTERN_STOCK_PARKED, // marks, anywhere in a body
    PATTERN_STOCK_SMALL,  // marks, anywhere in a small body
    PATTERN_SOFT_ERROR,   // words of an error page in the site's own template
    PATTERN_SOFT_TITLE,   // words of an error in a title
    PATTERN_SOFT_LOGIN,   // words of a login page in the site's own template
    PATTERN_COUNT
};

// Compiles when this is the first call. ERR_NOMEM when that is or was impossible.
enum err pattern_ready(void);
// The mark of the match, "" when the pattern carries none, NULL when nothing matches. Static text.
const char *pattern_find(enum pattern which, struct span text);

#endif
