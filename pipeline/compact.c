// SPDX-License-Identifier: Apache-2.0
#include "pipeline/compact.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/buf.h"
#include "core/limits.h"

static enum err value(struct buf *out, const json_t *json);

static bool plain(char c)
{
    return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

// As jansson escapes: what JSON demands, nothing else (RFC 8259 section 7).
static enum err escape(struct buf *out, char c)
{
    switch (c) {
    case '"':
        return buf_add(out, "\\\"", 2);
    case '\\':
        return buf_add(out, "\\\\", 2);
    case '\b':
        return buf_add(out, "\\b", 2);
    case '\f':
        return buf_add(out, "\\f", 2);
    case '\n':
        return buf_add(out, "\\n", 2);
    case '\r':
        return buf_add(out, "\\r", 2);
    case '\t':
        return buf_add(out, "\\t", 2);
    default:
        return buf_printf(out, "\\u%04X", (unsigned)(unsigned char)c);
    }
}

static enum err string(struct buf *out, struct span text)
{
    enum err e = buf_add_char(out, '"');
    size_t at = 0;
    while (e == ERR_OK && at < text.len) {
        size_t end = at;
        while (end < text.len && plain(text.at[end])) {
            end++;
        }
        e = buf_add(out, text.at + at, end - at);
        if (e == ERR_OK && end < text.len) {
            e = escape(out, text.at[end++]);
        }
        at = end;
    }
    return e == ERR_OK ? buf_add_char(out, '"') : e;
}

static enum err object(struct buf *out, const json_t *json)
{
    // The iterator only reads; its parameter is not const for the sake of json_object_iter_set.
    json_t *read = (json_t *)(uintptr_t)json;
    enum err e = buf_add_char(out, '{');
    void *at = json_object_iter(read);
    for (bool first = true; e == ERR_OK && at != NULL; first = false) {
        struct span key = {json_object_iter_key(at), json_object_iter_key_len(at)};
        e = first ? ERR_OK : buf_add_char(out, ',');
        if (e == ERR_OK) {
            e = string(out, key);
        }
        if (e == ERR_OK) {
            e = buf_add_char(out, ':');
        }
        if (e == ERR_OK) {
            e = value(out, json_object_iter_value(at));
        }
        at = json_object_iter_next(read, at);
    }
    return e == ERR_OK ? buf_add_char(out, '}') : e;
}

static enum err array(struct buf *out, const json_t *json)
{
    enum err e = buf_add_char(out, '[');
    for (size_t i = 0; e == ERR_OK && i < json_array_size(json); i++) {
        e = i == 0 ? ERR_OK : buf_add_char(out, ',');
        if (e == ERR_OK) {
            e = value(out, json_array_get(json, i));
        }
    }
    return e == ERR_OK ? buf_add_char(out, ']') : e;
}

static enum err integer(struct buf *out, json_int_t number)
{
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, number);
    return buf_add(out, digits, (size_t)size);
}

static enum err real(struct buf *out, const json_t *json)
{
    char digits[64];
    size_t size = json_dumpb(json, digits, sizeof digits, JSON_ENCODE_ANY);
    return size == 0 || size > sizeof digits ? ERR_INVALID : buf_add(out, digits, size);
}

static enum err value(struct buf *out, const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return object(out, json);
    case JSON_ARRAY:
        return array(out, json);
    case JSON_STRING:
        return string(out, (struct span){json_string_value(json), json_string_length(json)});
    case JSON_INTEGER:
        return integer(out, json_integer_value(json));
    case JSON_REAL:
        return real(out, json);
    case JSON_TRUE:
        return buf_add(out, "true", 4);
    case JSON_FALSE:
        return buf_add(out, "false", 5);
    case JSON_NULL:
        return buf_add(out, "null", 4);
    }
    return ERR_INVALID;
}

enum err compact_print(char **out, const json_t *json)
{
    struct buf text;
    buf_init(&text, LIMIT_EVIDENCE);
    enum err e = json == NULL ? ERR_NOMEM : value(&text, json);
    *out = e == ERR_OK ? buf_take(&text) : NULL;
    buf_done(&text);
    return e == ERR_OK && *out == NULL ? ERR_NOMEM : e;
}
