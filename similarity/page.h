// SPDX-License-Identifier: Apache-2.0
// One body as features. Everything remote in here is bounded by core/limits.h.
#ifndef SSLAUTO_SIMILARITY_PAGE_H
#define SSLAUTO_SIMILARITY_PAGE_H

#include <stdint.h>

#include "similarity/link.h"
#include "similarity/similarity.h"
#include "similarity/target.h"
#include "similarity/text.h"

enum page_kind {
    PAGE_HTML,
    PAGE_JSON,
    PAGE_XML,
    PAGE_TEXT,
    PAGE_IMAGE,
    PAGE_OTHER, // bytes
    PAGE_KIND_COUNT
};

// A short text that identifies a page: its title, its main headings.
struct label {
    char at[512];
    size_t len; // bytes
};

struct page {
    const struct sim_page *source; // lent
    enum page_kind kind;
    struct text text;
    struct bag shape;     // paths of four elements; of JSON: key paths
    struct bag links;     // where it leads
    struct bag resources; // what it loads: images, scripts, styles, frames
    struct label title, heading;
    uint64_t canonical; // link hash of the page's own name for itself, 0 = none
    bool refresh;       // sends the visitor elsewhere at once (meta refresh, or a script alone)
    uint64_t refresh_to;
    bool refresh_to_http;
    bool password; // has a password field
    size_t embeds; // forms, images, scripts, frames: what makes a page without words a page
    struct targets targets;
    size_t hidden_words; // about: in elements that are not drawn
    bool all_shown;      // text of elements that are not drawn was read like the rest
    bool unparsed;       // JSON past its limits, read as text: its numbers are not known
    bool flat;           // nested deeper than LIMIT_HTML_DEPTH: read as text, without shape
};

const char *page_kind_str(enum page_kind kind);
// By Content-Type; by the first bytes where that says nothing.
enum page_kind page_kind_of(const struct sim_page *source);
bool page_kind_declared(const struct sim_page *source);

// Reads the body; with `all_shown`, hidden text counts as visible. ERR_NOMEM or ERR_OK.
enum err page_read(struct page *out, const struct sim_page *source, enum page_kind kind,
                   bool all_shown);
void page_release(struct page *page);

// Part of all words of two labels that both have; 1 when both are empty.
double label_overlap(const struct label *a, const struct label *b);
bool label_equal(const struct label *a, const struct label *b);
// The words with digits are the same in both, but for as many as differ between `a` and `a_again`
// (NULL: none may).
bool label_numbers_agree(const struct label *a, const struct label *b, const struct label *a_again);
// The words of `a` that `b` has not.
void label_without(struct label *out, const struct label *a, const struct label *b);
// Adds text, white space as one space, until it is full.
void label_add(struct label *label, struct span text);

#endif
