// SPDX-License-Identifier: Apache-2.0
#include "model/json_fields.h"

#include <math.h>
#include <stdlib.h>

#include "core/limits.h"
#include "core/str.h"
#include "core/time.h"
#include "model/zone.h"

json_t *json_text(const char *text)
{
    if (str_is_utf8(span_of(text))) {
        return json_string(text);
    }
    size_t size = 4 * strlen(text) + 1; // each byte at its longest: \xNN
    char *shown = malloc(size);
    if (shown == NULL) {
        return NULL;
    }
    json_t *json = json_string(str_printable(shown, size, span_of(text)));
    free(shown);
    return json;
}

// Escaped text has to fit the field it will be read into again.
static json_t *chars_value(const char *text, size_t size)
{
    char shown[256];
    if (str_is_utf8(span_of(text)) || size > sizeof shown) {
        return json_text(text);
    }
    return json_string(str_printable(shown, size, span_of(text)));
}

static json_t *time_value(int64_t at_s)
{
    char text[TIME_TEXT_SIZE];
    int64_t back = 0;
    // Only what reads back exactly is written as a date.
    if (time_parse(&back, span_of(time_print(text, at_s))) == ERR_OK && back == at_s) {
        return json_string(text);
    }
    return json_integer((json_int_t)at_s);
}

static json_t *value_of(const void *at, const struct field *field)
{
    switch (field->kind) {
    case FIELD_BOOL:
        return json_boolean(*(const bool *)at);
    case FIELD_INT:
        return json_integer(*(const int *)at);
    case FIELD_UINT:
        return json_integer(*(const unsigned *)at);
    case FIELD_U16:
        return json_integer(*(const uint16_t *)at);
    case FIELD_U32:
        return json_integer(*(const uint32_t *)at);
    case FIELD_I64:
        return json_integer((json_int_t) * (const int64_t *)at);
    case FIELD_TIME:
        return time_value(*(const int64_t *)at);
    case FIELD_REAL: {
        double real = *(const double *)at;
        return json_real(isfinite(real) ? real : 0);
    }
    case FIELD_CHARS:
        return chars_value(at, (size_t)field->max);
    case FIELD_TEXT: {
        const char *text = *(char *const *)at;
        return json_text(text != NULL ? text : "");
    }
    case FIELD_TEXT_NULL: {
        const char *text = *(char *const *)at;
        return text != NULL ? json_text(text) : json_null();
    }
    case FIELD_WORD: {
        int value = 0;
        memcpy(&value, at, sizeof value);
        return json_string(field->word(value));
    }
    }
    return NULL;
}

bool fields_write(json_t *object, const void *base, const struct field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_t *value = value_of((const char *)base + fields[i].offset, &fields[i]);
        if (json_object_set_new(object, fields[i].key, value) != 0) {
            return false;
        }
    }
    return true;
}

static enum err complain(struct why *why, const char *place, const char *key, const char *what)
{
    return why_set(why, ERR_INVALID, "%s: \"%s\" %s", place, key, what);
}

// ERR_INVALID: wrong type; ERR_LIMIT: outside the range.
static enum err read_integer(int64_t *out, const json_t *value, int64_t min, int64_t max)
{
    if (!json_is_integer(value)) {
        return ERR_INVALID;
    }
    int64_t n = (int64_t)json_integer_value(value);
    if (n < min || n > max) {
        return ERR_LIMIT;
    }
    *out = n;
    return ERR_OK;
}

static enum err read_time(int64_t *out, const json_t *value)
{
    if (json_is_string(value)) {
        return time_parse(out, span_of(json_string_value(value)));
    }
    return read_integer(out, value, INT64_MIN, INT64_MAX);
}

static enum err read_real(double *out, const json_t *value, double max)
{
    if (!json_is_number(value)) {
        return ERR_INVALID;
    }
    double real = json_number_value(value);
    if (!(real >= 0 && real <= max)) {
        return ERR_LIMIT;
    }
    *out = real;
    return ERR_OK;
}

// Strings with a NUL inside would be cut silently by C.
static const char *text_of(const json_t *value)
{
    const char *text = json_string_value(value);
    return text != NULL && strlen(text) == json_string_length(value) ? text : NULL;
}

static enum err read_chars(char *out, size_t size, const json_t *value)
{
    const char *text = text_of(value);
    if (text == NULL) {
        return ERR_INVALID;
    }
    size_t len = strlen(text);
    if (len >= size) {
        return ERR_LIMIT;
    }
    memcpy(out, text, len + 1);
    return ERR_OK;
}

static enum err read_text(char **out, const json_t *value, bool may_be_null)
{
    if (may_be_null && json_is_null(value)) {
        return ERR_OK;
    }
    const char *text = text_of(value);
    if (text == NULL) {
        return ERR_INVALID;
    }
    *out = strdup(text);
    return *out == NULL ? ERR_NOMEM : ERR_OK;
}

static enum err read_word(void *out, const json_t *value, const struct field *field)
{
    const char *text = json_string_value(value);
    for (int i = 0; text != NULL && i < field->max; i++) {
        if (strcmp(text, field->word(i)) == 0) {
            memcpy(out, &i, sizeof i);
            return ERR_OK;
        }
    }
    return ERR_INVALID;
}

static enum err read_number(void *at, const json_t *value, const struct field *field)
{
    int64_t n = 0;
    enum err e = read_integer(&n, value, field->min, field->max);
    if (e != ERR_OK) {
        return e;
    }
    if (field->kind == FIELD_INT) {
        *(int *)at = (int)n;
    } else if (field->kind == FIELD_UINT) {
        *(unsigned *)at = (unsigned)n;
    } else if (field->kind == FIELD_U16) {
        *(uint16_t *)at = (uint16_t)n;
    } else if (field->kind == FIELD_U32) {
        *(uint32_t *)at = (uint32_t)n;
    } else {
        *(int64_t *)at = n;
    }
    return ERR_OK;
}

static enum err read_field(void *at, const json_t *value, const struct field *field)
{
    switch (field->kind) {
    case FIELD_BOOL:
        if (!json_is_boolean(value)) {
            return ERR_INVALID;
        }
        *(bool *)at = json_is_true(value);
        return ERR_OK;
    case FIELD_INT:
    case FIELD_UINT:
    case FIELD_U16:
    case FIELD_U32:
    case FIELD_I64:
        return read_number(at, value, field);
    case FIELD_TIME:
        return read_time(at, value);
    case FIELD_REAL:
        return read_real(at, value, (double)field->max);
    case FIELD_CHARS:
        return read_chars(at, (size_t)field->max, value);
    case FIELD_TEXT:
    case FIELD_TEXT_NULL:
        return read_text(at, value, field->kind == FIELD_TEXT_NULL);
    case FIELD_WORD:
        return read_word(at, value, field);
    }
    return ERR_INVALID;
}

enum err fields_read(void *base, const json_t *object, const struct field *fields, size_t count,
                     const char *place, struct why *why)
{
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_object_get(object, fields[i].key);
        if (value == NULL && fields[i].optional) {
            continue;
        }
        if (value == NULL) {
            return complain(why, place, fields[i].key, "is missing");
        }
        enum err e = read_field((char *)base + fields[i].offset, value, &fields[i]);
        if (e == ERR_NOMEM) {
            return e;
        }
        if (e != ERR_OK) {
            return complain(why, place, fields[i].key,
                            e == ERR_LIMIT ? "is out of range" : "has the wrong type or word");
        }
    }
    return ERR_OK;
}

bool strings_write(json_t *object, const char *key, char *const *list, size_t count)
{
    json_t *array = json_array();
    bool ok = array != NULL;
    for (size_t i = 0; ok && i < count; i++) {
        ok = json_array_append_new(array, json_text(list[i])) == 0;
    }
    return json_object_set_new(object, key, array) == 0 && ok;
}

enum err strings_read(char ***out, size_t *count, const json_t *object, const char *key,
                      size_t limit, const char *place, struct why *why)
{
    json_t *array = NULL;
    enum err e = array_at(&array, object, key, limit, place, why);
    for (size_t i = 0; e == ERR_OK && i < json_array_size(array); i++) {
        const char *text = text_of(json_array_get(array, i));
        e = text == NULL ? complain(why, place, key, "holds something else than text")
                         : strings_add(out, count, span_of(text), limit);
    }
    return e;
}

enum err object_at(json_t **out, const json_t *object, const char *key, const char *place,
                   struct why *why)
{
    json_t *value = json_object_get(object, key);
    if (!json_is_object(value)) {
        return complain(why, place, key, "is missing or no object");
    }
    *out = value;
    return ERR_OK;
}

enum err array_at(json_t **out, const json_t *object, const char *key, size_t limit,
                  const char *place, struct why *why)
{
    json_t *value = json_object_get(object, key);
    if (!json_is_array(value)) {
        return complain(why, place, key, "is missing or no list");
    }
    if (json_array_size(value) > limit) {
        return complain(why, place, key, "has too many members");
    }
    *out = value;
    return ERR_OK;
}
