// SPDX-License-Identifier: Apache-2.0
// A growing buffer of bytes that was told its maximum when it was made. Always NUL-terminated
// behind its length, so that `at` can be lent to C libraries.
#ifndef SSLAUTO_CORE_BUF_H
#define SSLAUTO_CORE_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "core/err.h"
#include "core/span.h"

struct buf {
    char *at;   // owned; NULL until the first byte
    size_t len; // bytes, without the terminator
    size_t cap; // bytes allocated
    size_t max; // bytes; growing past it is ERR_LIMIT and changes nothing
};

void buf_init(struct buf *b, size_t max_bytes);
void buf_done(struct buf *b);
// Empties, keeps the memory.
void buf_clear(struct buf *b);

enum err buf_add(struct buf *b, const void *bytes, size_t len);
enum err buf_add_str(struct buf *b, const char *text);
enum err buf_add_span(struct buf *b, struct span s);
enum err buf_add_char(struct buf *b, char c);
enum err buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
enum err buf_vprintf(struct buf *b, const char *fmt, va_list args) PRINTF_LIKE(2, 0);
// All that is left of a stream. ERR_IO.
enum err buf_read(struct buf *b, FILE *in);

// The text as one NUL-terminated string ("" when empty), still owned by b.
const char *buf_str(const struct buf *b);
struct span buf_span(const struct buf *b);
// Moves the string out to the caller, who frees it; b is empty after it. NULL without memory.
char *buf_take(struct buf *b);

#endif
