// SPDX-License-Identifier: Apache-2.0
#include "similarity/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>

enum {
    META_BYTES = 2048, // browsers look at 1024; some pages are late
    LABEL_SIZE = 32,
    PIECE_BYTES = 32768,
};

static const struct {
    const char *label, *iconv_name;
} aliases[] = {
    // Encoding standard, section 4.2: labels that browsers read as something wider.
    {"iso-8859-1", "WINDOWS-1252"},
    {"iso8859-1", "WINDOWS-1252"},
    {"latin1", "WINDOWS-1252"},
    {"us-ascii", "WINDOWS-1252"},
    {"ascii", "WINDOWS-1252"},
    {"iso-8859-9", "WINDOWS-1254"},
    {"iso-8859-11", "CP874"},
    {"tis-620", "CP874"},
    {"windows-874", "CP874"},
    {"gb2312", "GB18030"},
    {"gbk", "GB18030"},
    {"x-gbk", "GB18030"},
    {"shift_jis", "CP932"},
    {"shift-jis", "CP932"},
    {"sjis", "CP932"},
    {"x-sjis", "CP932"},
    {"windows-31j", "CP932"},
    {"euc-kr", "CP949"},
    {"ks_c_5601-1987", "CP949"},
    {"big5", "BIG5-HKSCS"},
    {"utf8", "UTF-8"},
    {"utf-16", "UTF-16LE"},
    {"unicode", "UTF-16LE"},
};

static bool label_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == ':' || c == '.';
}

// The label after the first "charset=" of s; false when there is none.
static bool label_after_charset(char label[LABEL_SIZE], struct span s)
{
    struct span key = span_of("charset");
    for (;;) {
        size_t at = span_find_nocase(s, key);
        if (at >= s.len) {
            return false;
        }
        s = (struct span){s.at + at + key.len, s.len - at - key.len};
        struct span v = s;
        bool equals = false;
        while (v.len > 0 && (strchr(" \t\r\n\"'=", *v.at) != NULL && *v.at != '\0')) {
            equals = equals || *v.at == '=';
            v = (struct span){v.at + 1, v.len - 1};
        }
        size_t len = 0;
        while (len < v.len && len + 1 < LABEL_SIZE && label_char(v.at[len])) {
            label[len] = v.at[len];
            len++;
        }
        label[len] = '\0';
        if (equals && len > 0) {
            return true;
        }
    }
}

static const char *iconv_name(const char *label)
{
    for (size_t i = 0; i < COUNT_OF(aliases); i++) {
        if (span_equal_nocase(span_of(label), span_of(aliases[i].label))) {
            return aliases[i].iconv_name;
        }
    }
    return label;
}

// Length of the valid character at the start of s: 0 = none. RFC 3629 section 4.
static size_t utf8_char(const unsigned char *s, size_t len)
{
    unsigned char c = s[0];
    if (c < 0x80) {
        return c != 0;
    }
    size_t n = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    if (c < 0xC2 || c > 0xF4 || len < n) {
        return 0;
    }
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    bool bad = (c == 0xE0 && s[1] < 0xA0) || (c == 0xED && s[1] > 0x9F) ||
               (c == 0xF0 && s[1] < 0x90) || (c == 0xF4 && s[1] > 0x8F);
    return bad ? 0 : n;
}

// Bytes at the start of s that are valid UTF-8 without NUL, at most about `most`.
static size_t valid_run(struct span s, size_t most)
{
    const unsigned char *p = (const unsigned char *)s.at;
    size_t i = 0;
    while (i < s.len && i < most) {
        uint64_t eight = 0;
        if (i + 8 <= s.len) {
            memcpy(&eight, p + i, 8);
            uint64_t zero = (eight - 0x0101010101010101U) & ~eight & 0x8080808080808080U;
            if (((eight & 0x8080808080808080U) | zero) == 0) {
                i += 8;
                continue;
            }
        }
        size_t n = utf8_char(p + i, s.len - i);
        if (n == 0) {
            break;
        }
        i += n;
    }
    return i;
}

static enum err pass_utf8(struct span body, charset_sink *sink, void *arg)
{
    while (body.len > 0) {
        size_t run = valid_run(body, PIECE_BYTES);
        enum err e = run == 0 ? ERR_OK : sink(arg, (struct span){body.at, run});
        if (e != ERR_OK) {
            return e;
        }
        body = (struct span){body.at + run, body.len - run};
        if (run == 0) {
            e = sink(arg, span_of(*body.at == '\0' ? " " : "\xEF\xBF\xBD"));
            body = (struct span){body.at + 1, body.len - 1};
        }
        if (e != ERR_OK) {
            return e;
        }
    }
    return ERR_OK;
}

// What came out of iconv may still hold U+0000.
static enum err convert(iconv_t cd, struct span body, charset_sink *sink, void *arg)
{
    char *in = (char *)(uintptr_t)body.at; // iconv(3) takes char ** and does not write there
    size_t in_left = body.len;
    char piece[PIECE_BYTES];
    while (in_left > 0) {
        char *out = piece;
        size_t out_left = sizeof piece - 4;
        size_t window = in_left < PIECE_BYTES ? in_left : PIECE_BYTES;
        size_t left = window;
        size_t rc = iconv(cd, &in, &left, &out, &out_left);
        bool cut_by_window =
            rc == (size_t)-1 && errno == EINVAL && left < window && window < in_left;
        in_left -= window - left;
        if (rc == (size_t)-1 && errno != E2BIG && !cut_by_window) { // invalid, or the end is cut
            *out++ = '?';
            in++;
            in_left--;
        }
        enum err e = pass_utf8((struct span){piece, (size_t)(out - piece)}, sink, arg);
        if (e != ERR_OK) {
            return e;
        }
    }
    return ERR_OK;
}

static enum err decode_as(const char *name, struct span body, charset_sink *sink, void *arg)
{
    if (span_equal_nocase(span_of(name), span_of("UTF-8"))) {
        return pass_utf8(body, sink, arg);
    }
    iconv_t cd = iconv_open("UTF-8", name);
    if (cd == (iconv_t)-1) {
        cd = iconv_open("UTF-8", "WINDOWS-1252");
    }
    if (cd == (iconv_t)-1) {
        return pass_utf8(body, sink, arg);
    }
    enum err e = convert(cd, body, sink, arg);
    (void)iconv_close(cd);
    return e;
}

static size_t bom_len(struct span body, const char **name)
{
    static const struct {
        const char *bytes, *name;
    } marks[] = {{"\xEF\xBB\xBF", "UTF-8"}, {"\xFF\xFE", "UTF-16LE"}, {"\xFE\xFF", "UTF-16BE"}};
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        size_t len = strlen(marks[i].bytes);
        if (body.len >= len && memcmp(body.at, marks[i].bytes, len) == 0) {
            *name = marks[i].name;
            return len;
        }
    }
    return 0;
}

enum err charset_decode(struct span body, const char *content_type, charset_sink *sink, void *arg)
{
    const char *name = NULL;
    size_t bom = bom_len(body, &name);
    if (bom > 0) {
        return decode_as(name, (struct span){body.at + bom, body.len - bom}, sink, arg);
    }
    char label[LABEL_SIZE] = "";
    if (label_after_charset(label, span_of(content_type))) {
        return decode_as(iconv_name(label), body, sink, arg);
    }
    struct span head = {body.at, body.len < META_BYTES ? body.len : META_BYTES};
    if (label_after_charset(label, head)) {
        name = iconv_name(label);
        // A meta element that could be read as ASCII cannot be UTF-16 (Encoding, section 4.2).
        bool wide = span_starts_nocase(span_of(name), span_of("utf-16"));
        return decode_as(wide ? "UTF-8" : name, body, sink, arg);
    }
    bool utf8 = valid_run(body, SIZE_MAX) == body.len;
    return decode_as(utf8 ? "UTF-8" : "WINDOWS-1252", body, sink, arg);
}
