// SPDX-License-Identifier: Apache-2.0
#include "core/str.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>

// The escaped form of one byte; returns its length, at most 4.
static size_t escape_byte(char out[5], unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    if (c >= 0x20 && c < 0x7f && c != '\\') {
        out[0] = (char)c;
        return 1;
    }
    out[0] = '\\';
    switch (c) {
    case '\\':
        out[1] = '\\';
        return 2;
    case '\t':
        out[1] = 't';
        return 2;
    case '\n':
        out[1] = 'n';
        return 2;
    case '\r':
        out[1] = 'r';
        return 2;
    default:
        out[1] = 'x';
        out[2] = hex[c >> 4];
        out[3] = hex[c & 15];
        return 4;
    }
}

const char *str_printable(char *out, size_t size, struct span text)
{
    assert(size >= 4);
    size_t len = 0;
    size_t fits = 0; // length of whole escapes that leave room for the dots
    for (size_t i = 0; i < text.len; i++) {
        char piece[5];
        size_t n = escape_byte(piece, (unsigned char)text.at[i]);
        if (len + n >= size) {
            memcpy(out + fits, "...", 4);
            return out;
        }
        memcpy(out + len, piece, n);
        len += n;
        fits = len + 4 <= size ? len : fits;
    }
    out[len] = '\0';
    return out;
}

// Decodes one character at the front of s; returns its length in bytes, 0 when it is broken.
static size_t decode_utf8(uint32_t *out, struct span s)
{
    const unsigned char *at = (const unsigned char *)s.at;
    if (at[0] < 0x80) {
        *out = at[0];
        return 1;
    }
    size_t need = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (at[0] < 0xc2 || at[0] > 0xf4 || s.len < need) {
        return 0;
    }
    uint32_t code = at[0] & (0x7fU >> need);
    for (size_t i = 1; i < need; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
        code = code << 6 | (at[i] & 0x3fU);
    }
    bool surrogate = code >= 0xd800 && code <= 0xdfff;
    if (code < least[need] || surrogate || code > 0x10ffff) {
        return 0;
    }
    *out = code;
    return need;
}

// Controls, and characters that hide or reorder the text around them.
static bool is_deceptive(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},       {0x61c, 0x61c},
        {0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e},   {0x2060, 0x206f},
        {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff},
    };
    for (size_t i = 0; i < COUNT_OF(ranges); i++) {
        if (code >= ranges[i].first && code <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

static const char replacement[] = "\xef\xbf\xbd"; // U+FFFD

static const char *html_reference(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static enum err add_safe(struct buf *out, struct span text, bool html)
{
    enum err e = ERR_OK;
    while (text.len > 0 && e == ERR_OK) {
        uint32_t code = 0;
        size_t n = decode_utf8(&code, text);
        const char *reference = html ? html_reference(text.at[0]) : NULL;
        bool line_end = html && (code == '\t' || code == '\n' || code == '\r');
        if (reference != NULL) {
            e = buf_add_str(out, reference);
        } else if (n == 0 || (is_deceptive(code) && !line_end)) {
            e = buf_add_str(out, replacement);
        } else {
            e = buf_add(out, text.at, n);
        }
        n = n == 0 ? 1 : n;
        text = (struct span){text.at + n, text.len - n};
    }
    return e;
}

enum err str_add_terminal(struct buf *out, struct span text)
{
    return add_safe(out, text, false);
}

enum err str_add_html(struct buf *out, struct span text)
{
    return add_safe(out, text, true);
}

bool str_is_utf8(struct span text)
{
    while (text.len > 0) {
        uint32_t code = 0;
        size_t n = decode_utf8(&code, text);
        if (n == 0) {
            return false;
        }
        text = (struct span){text.at + n, text.len - n};
    }
    return true;
}
