// SPDX-License-Identifier: Apache-2.0
#include "core/conf_value.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/buf.h"
#include "core/limits.h"
#include "core/num.h"

static const char *const type_names[CONF_TYPE_COUNT] = {
    [CONF_BOOL] = "yes or no", [CONF_INT] = "number", [CONF_DOUBLE] = "decimal number",
    [CONF_DURATION] = "time",  [CONF_SIZE] = "size",  [CONF_TEXT] = "text",
    [CONF_PATH] = "path",      [CONF_LIST] = "list",  [CONF_WORD] = "word",
};

const char *conf_type_str(enum conf_type type)
{
    return type < CONF_TYPE_COUNT ? type_names[type] : "unknown";
}

static void items_free(char **items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(items[i]);
    }
    free(items);
}

void conf_value_done(struct conf_value *value)
{
    free(value->text);
    items_free(value->items, value->item_count);
    *value = (struct conf_value){0};
}

// The largest unit that divides it: 90000 -> "90s".
static void print_scaled(char *text, size_t size, int64_t value, const int64_t *factors,
                         const char *const *units, size_t count)
{
    size_t best = 0;
    for (size_t i = 0; i < count; i++) {
        if (value != 0 && value % factors[i] == 0) {
            best = i;
        }
    }
    (void)snprintf(text, size, "%" PRId64 "%s", value / factors[best], units[best]);
}

static void print_bound(char *text, size_t size, const struct conf_key *key, double bound)
{
    static const int64_t times[] = {1, 1000, 60000, 3600000, 86400000};
    static const char *const time_units[] = {"ms", "s", "m", "h", "d"};
    static const int64_t sizes[] = {1, 1 << 10, 1 << 20, 1 << 30};
    static const char *const size_units[] = {"B", "KiB", "MiB", "GiB"};
    if (key->type == CONF_DURATION) {
        print_scaled(text, size, (int64_t)bound, times, time_units, COUNT_OF(times));
    } else if (key->type == CONF_SIZE) {
        print_scaled(text, size, (int64_t)bound, sizes, size_units, COUNT_OF(sizes));
    } else {
        (void)snprintf(text, size, "%.15g", bound);
    }
}

const char *conf_range_print(char text[160], const struct conf_key *key)
{
    char low[32];
    char high[32];
    switch (key->type) {
    case CONF_INT:
    case CONF_DOUBLE:
    case CONF_DURATION:
    case CONF_SIZE:
        print_bound(low, sizeof low, key, key->min);
        print_bound(high, sizeof high, key, key->max);
        (void)snprintf(text, 160, "%s to %s", low, high);
        break;
    case CONF_BOOL:
        (void)snprintf(text, 160, "yes or no");
        break;
    case CONF_WORD:
        (void)snprintf(text, 160, "%s", key->words);
        break;
    case CONF_PATH:
        (void)snprintf(text, 160, "an absolute path");
        break;
    case CONF_TEXT:
    case CONF_LIST:
    case CONF_TYPE_COUNT:
        (void)snprintf(text, 160, "%s", key->words == NULL ? "any text" : key->words);
        break;
    }
    return text;
}

static enum err parse_bool(int64_t *out, struct span text)
{
    static const char *const yes[] = {"yes", "true", "on", "1"};
    static const char *const no[] = {"no", "false", "off", "0"};
    for (size_t i = 0; i < COUNT_OF(yes); i++) {
        if (span_equal_nocase(text, span_of(yes[i]))) {
            *out = 1;
            return ERR_OK;
        }
        if (span_equal_nocase(text, span_of(no[i]))) {
            *out = 0;
            return ERR_OK;
        }
    }
    return ERR_INVALID;
}

static enum err check_word(struct span text, const char *words)
{
    struct span rest = span_of(words);
    while (rest.len > 0) {
        if (span_equal(span_cut(&rest, '|'), text)) {
            return ERR_OK;
        }
    }
    return ERR_INVALID;
}

// Appends the words of text to value->items.
static enum err add_items(struct conf_value *value, struct span text)
{
    size_t at = 0;
    while (at < text.len) {
        size_t end = at;
        while (end < text.len && strchr(" \t,", text.at[end]) == NULL) {
            end++;
        }
        if (end > at) {
            char **more = reallocarray(value->items, value->item_count + 1, sizeof *more);
            if (more == NULL) {
                return ERR_NOMEM;
            }
            value->items = more;
            more[value->item_count] = strndup(text.at + at, end - at);
            if (more[value->item_count] == NULL) {
                return ERR_NOMEM;
            }
            value->item_count++;
        }
        at = end + 1;
    }
    return ERR_OK;
}

static enum err parse_typed(struct conf_value *value, const struct conf_key *key, struct span text)
{
    enum err e = ERR_OK;
    switch (key->type) {
    case CONF_BOOL:
        return parse_bool(&value->number, text);
    case CONF_INT:
        return num_parse(&value->number, text, (int64_t)key->min, (int64_t)key->max);
    case CONF_DOUBLE:
        return num_parse_double(&value->real, text, key->min, key->max);
    case CONF_DURATION:
        e = num_parse_duration_ms(&value->number, text);
        break;
    case CONF_SIZE:
        e = num_parse_size(&value->number, text);
        break;
    case CONF_PATH:
        return text.len == 0 || text.at[0] == '/' ? ERR_OK : ERR_INVALID;
    case CONF_LIST:
        return add_items(value, text);
    case CONF_WORD:
        return check_word(text, key->words);
    case CONF_TEXT:
    case CONF_TYPE_COUNT:
        return ERR_OK;
    }
    bool inside = value->number >= (int64_t)key->min && value->number <= (int64_t)key->max;
    return e == ERR_OK && !inside ? ERR_LIMIT : e;
}

enum err conf_value_parse(struct conf_value *value, const struct conf_key *key, const char *text,
                          struct why *why)
{
    struct conf_value fresh = {.text = strdup(text)};
    if (fresh.text == NULL) {
        return ERR_NOMEM;
    }
    enum err e = parse_typed(&fresh, key, span_of(text));
    if (e != ERR_OK) {
        conf_value_done(&fresh);
        if (e == ERR_NOMEM) {
            return e;
        }
        char range[160];
        return why_set(why, ERR_INVALID, "\"%.80s\" is %s; allowed: %s%s%s", text,
                       e == ERR_LIMIT ? "out of range" : "not valid here",
                       conf_range_print(range, key),
                       key->type == CONF_DURATION ? ", written as 250ms 20s 5m 12h 30d" : "",
                       key->type == CONF_SIZE ? ", written as 64KiB 8MiB" : "");
    }
    conf_value_done(value);
    *value = fresh;
    return ERR_OK;
}

enum err conf_value_append(struct conf_value *value, const struct conf_key *key, const char *text,
                           struct why *why)
{
    char *joined = NULL;
    if (asprintf(&joined, "%s %s", value->text == NULL ? "" : value->text, text) < 0) {
        return ERR_NOMEM;
    }
    enum err e = conf_value_parse(value, key, joined, why);
    free(joined);
    return e;
}
