// SPDX-License-Identifier: Apache-2.0
#include "core/buf.h"

#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *b, size_t max_bytes)
{
    *b = (struct buf){.max = max_bytes};
}

void buf_done(struct buf *b)
{
    free(b->at);
    *b = (struct buf){.max = b->max};
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    if (b->at != NULL) {
        b->at[0] = '\0';
    }
}

static enum err make_room(struct buf *b, size_t more)
{
    if (more > b->max || b->len > b->max - more) {
        return ERR_LIMIT;
    }
    size_t need = b->len + more + 1;
    if (b->at != NULL && need <= b->cap) {
        return ERR_OK;
    }
    size_t cap = b->cap == 0 ? 64 : b->cap;
    while (cap < need) {
        cap = cap > (b->max + 1) / 2 ? b->max + 1 : cap * 2;
    }
    char *at = realloc(b->at, cap);
    if (at == NULL) {
        return ERR_NOMEM;
    }
    b->at = at;
    b->cap = cap;
    return ERR_OK;
}

enum err buf_add(struct buf *b, const void *bytes, size_t len)
{
    enum err e = make_room(b, len);
    if (e != ERR_OK) {
        return e;
    }
    if (len > 0) {
        memcpy(b->at + b->len, bytes, len);
    }
    b->len += len;
    b->at[b->len] = '\0';
    return ERR_OK;
}

enum err buf_add_str(struct buf *b, const char *text)
{
    return buf_add(b, text, strlen(text));
}

enum err buf_add_span(struct buf *b, struct span s)
{
    return buf_add(b, s.at, s.len);
}

enum err buf_add_char(struct buf *b, char c)
{
    return buf_add(b, &c, 1);
}

enum err buf_vprintf(struct buf *b, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    int need = vsnprintf(NULL, 0, fmt, args);
    enum err e = need < 0 ? ERR_INVALID : make_room(b, (size_t)need);
    if (e == ERR_OK) {
        (void)vsnprintf(b->at + b->len, (size_t)need + 1, fmt, again);
        b->len += (size_t)need;
    }
    va_end(again);
    return e;
}

enum err buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    enum err e = buf_vprintf(b, fmt, args);
    va_end(args);
    return e;
}

enum err buf_read(struct buf *b, FILE *in)
{
    char chunk[16384];
    size_t n = 0;
    enum err e = ERR_OK;
    do {
        n = fread(chunk, 1, sizeof chunk, in);
        e = buf_add(b, chunk, n);
    } while (e == ERR_OK && n == sizeof chunk);
    return e == ERR_OK && ferror(in) != 0 ? ERR_IO : e;
}

const char *buf_str(const struct buf *b)
{
    return b->at == NULL ? "" : b->at;
}

struct span buf_span(const struct buf *b)
{
    return (struct span){b->at, b->len};
}

char *buf_take(struct buf *b)
{
    if (b->at == NULL && make_room(b, 0) != ERR_OK) {
        return NULL;
    }
    char *at = b->at;
    at[b->len] = '\0';
    *b = (struct buf){.max = b->max};
    return at;
}
