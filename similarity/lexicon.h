// SPDX-License-Identifier: Apache-2.0
// The words this room knows: patterns by kind, and what a stock page's name stands for.
#ifndef SSLAUTO_SIMILARITY_LEXICON_H
#define SSLAUTO_SIMILARITY_LEXICON_H

#include "similarity/pattern.h"

enum stock_kind {
    STOCK_DEFAULT,     // a web server or panel greets its installer
    STOCK_PARKED,      // the domain is for sale
    STOCK_SUSPENDED,   // the host has closed the account
    STOCK_PANEL,       // login of a hosting panel or a device
    STOCK_CHALLENGE,   // are you human?
    STOCK_MAINTENANCE, // back soon
    STOCK_ERROR,       // an error page, whatever its status
    STOCK_DATABASE,    // the application has lost its database
    STOCK_DIRECTORY,   // a listing of files
    STOCK_KIND_COUNT
};

struct lexicon_entry {
    const char *name; // "" = no mark
    const char *pattern;
    enum stock_kind kind; // of stock patterns
    const char *also;     // of titles: one of these, '|' between, must be in the body; or NULL
};

const struct lexicon_entry *lexicon_entries(enum pattern which, size_t *count);
const struct lexicon_entry *lexicon_named(enum pattern which, const char *name);
bool lexicon_is_utf(enum pattern which);
const char *stock_kind_str(enum stock_kind kind); // for people

#endif
