// SPDX-License-Identifier: Apache-2.0
// One table per struct says how its fields are written to and read from a JSON object, so that the
// two directions cannot drift apart. Private to the model.
#ifndef SSLAUTO_MODEL_JSON_FIELDS_H
#define SSLAUTO_MODEL_JSON_FIELDS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

enum field_kind {
    FIELD_BOOL,      // bool
    FIELD_INT,       // int, min..max
    FIELD_UINT,      // unsigned
    FIELD_U16,       // uint16_t
    FIELD_U32,       // uint32_t
    FIELD_I64,       // int64_t, at least min
    FIELD_TIME,      // int64_t; ISO 8601, a number outside the years 0000..9999
    FIELD_REAL,      // double, 0..max
    FIELD_CHARS,     // char[max]
    FIELD_TEXT,      // owned char *, never NULL
    FIELD_TEXT_NULL, // owned char * or NULL
    FIELD_WORD,      // enum of max values, by word(value)
};

struct field {
    const char *key;
    enum field_kind kind;
    size_t offset;
    int64_t min, max;
    const char *(*word)(int value);
    bool optional; // stays as it is where it is missing: what was stored before there was the field
};

// Text that is not UTF-8 is stored with its odd bytes as \xNN; everything else round-trips.
json_t *json_text(const char *text);

// Both stop at the first failure. False: no memory.
bool fields_write(json_t *object, const void *base, const struct field *fields, size_t count);
// Text fields of base must be NULL before. `place` names the object in why.
enum err fields_read(void *base, const json_t *object, const struct field *fields, size_t count,
                     const char *place, struct why *why);

// An owned array of owned strings under key.
bool strings_write(json_t *object, const char *key, char *const *list, size_t count);
enum err strings_read(char ***out, size_t *count, const json_t *object, const char *key,
                      size_t limit, const char *place, struct why *why);

// The member of that name and type; limit is the longest array that is taken.
enum err object_at(json_t **out, const json_t *object, const char *key, const char *place,
                   struct why *why);
enum err array_at(json_t **out, const json_t *object, const char *key, size_t limit,
                  const char *place, struct why *why);

#endif
