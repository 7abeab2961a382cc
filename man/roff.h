// SPDX-License-Identifier: Apache-2.0
// Words into man(7) source. Private to man/.
#ifndef SSLAUTO_MAN_ROFF_H
#define SSLAUTO_MAN_ROFF_H

#include <stddef.h>
#include <stdio.h>

// One paragraph of words as lines of their own: what roff would take for its own is escaped, and
// `words in backticks` are bold.
void roff_words(FILE *out, const char *words, size_t len);
// The same without markup and without a line end, for a place inside a line.
void roff_inline(FILE *out, const char *words);
// Paragraphs between newlines, each after .PP.
void roff_paragraphs(FILE *out, const char *text);
void roff_heading(FILE *out, const char *name);

#endif
