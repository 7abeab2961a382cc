// SPDX-License-Identifier: Apache-2.0
#include "similarity/json_page.h"

#include <jansson.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/limits.h"
#include "similarity/page.h"
#include "similarity/pattern.h"

enum {
    EPOCH_MIN = 1000000000
}; // larger whole numbers are times or ids made anew

static enum err add_value(struct page *page, uint64_t path, const void *bytes, size_t len)
{
    uint64_t hash = XXH3_64bits_withSeed(bytes, len, path);
    page->text.words++;
    // A sum, for the order of keys means nothing; and not by ^, where what stands twice is gone.
    page->text.sequence += hash;
    return bag_add(&page->text.shingles, hash, 0, 0);
}

static enum err add_string(struct page *page, uint64_t path, struct span value)
{
    bool made = value.len >= 8 && pattern_find(PATTERN_VOLATILE, value) != NULL;
    struct span kept = made ? span_of("#") : value;
    return add_value(page, path, kept.at, kept.len);
}

static enum err add_number(struct page *page, uint64_t path, const json_t *value)
{
    double number = json_number_value(value);
    number = number >= (double)EPOCH_MIN ? (double)EPOCH_MIN : number;
    return add_value(page, path, &number, sizeof number);
}

// Recursion is bounded by jansson's own depth limit of 2048 (JSON_PARSER_MAX_DEPTH).
// NOLINTNEXTLINE(misc-no-recursion)
static enum err walk(struct page *page, uint64_t path, json_t *value)
{
    enum err e = bag_add(&page->shape, XXH3_64bits(&path, sizeof path), 0, 0);
    const char *key = NULL;
    json_t *member = NULL;
    size_t i = 0;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        json_object_foreach(value, key, member)
        {
            e = e == ERR_OK ? walk(page, XXH3_64bits_withSeed(key, strlen(key), path), member) : e;
        }
        return e;
    case JSON_ARRAY:
        json_array_foreach(value, i, member)
        {
            e = e == ERR_OK ? walk(page, path + 1, member) : e;
        }
        return e;
    case JSON_STRING:
        return e == ERR_OK
                   ? add_string(page, path,
                                (struct span){json_string_value(value), json_string_length(value)})
                   : e;
    case JSON_INTEGER:
    case JSON_REAL:
        return e == ERR_OK ? add_number(page, path, value) : e;
    case JSON_TRUE:
        return e == ERR_OK ? add_value(page, path, "true", 4) : e;
    case JSON_FALSE:
        return e == ERR_OK ? add_value(page, path, "false", 5) : e;
    case JSON_NULL:
        return e == ERR_OK ? add_value(page, path, "null", 4) : e;
    }
    return e;
}

// At least as many as the body has values: each but the first stands behind one of these.
static size_t marks_in(struct span body)
{
    size_t marks = 0;
    for (size_t i = 0; i < body.len; i++) {
        char c = body.at[i];
        marks += c == '{' || c == '[' || c == ',' || c == ':';
    }
    return marks;
}

enum err json_page_read(struct page *page)
{
    struct span body = page->source->body;
    if (body.len > LIMIT_JSON_BODY || marks_in(body) > LIMIT_JSON_MARKS) {
        return ERR_LIMIT;
    }
    json_error_t error;
    json_t *root = json_loadb(body.at, body.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (root == NULL) {
        return json_error_code(&error) == json_error_out_of_memory ? ERR_NOMEM : ERR_INVALID;
    }
    enum err e = walk(page, 1, root);
    json_decref(root);
    return e;
}
