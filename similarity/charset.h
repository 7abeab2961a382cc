// SPDX-License-Identifier: Apache-2.0
// Bodies to clean UTF-8: no NUL, no invalid sequence. Order of belief: byte order mark,
// Content-Type, meta, UTF-8 when the bytes are valid, windows-1252 (the order of the WHATWG
// Encoding standard).
#ifndef SSLAUTO_SIMILARITY_CHARSET_H
#define SSLAUTO_SIMILARITY_CHARSET_H

#include "core/err.h"
#include "core/span.h"

// Takes the next piece, cut between characters. Anything but ERR_OK ends the conversion.
typedef enum err charset_sink(void *arg, struct span utf8);

enum err charset_decode(struct span body, const char *content_type, charset_sink *sink, void *arg);

#endif
