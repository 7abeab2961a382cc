// SPDX-License-Identifier: Apache-2.0
#include "core/num.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum err num_parse(int64_t *out, struct span text, int64_t min, int64_t max)
{
    bool negative = text.len > 0 && text.at[0] == '-';
    size_t i = negative ? 1 : 0;
    if (i == text.len || (negative && min >= 0)) {
        return ERR_INVALID;
    }
    int64_t value = 0;
    bool overflow = false;
    for (; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return ERR_INVALID;
        }
        int digit = text.at[i] - '0';
        overflow = overflow || __builtin_mul_overflow(value, 10, &value) ||
                   __builtin_sub_overflow(value, digit, &value);
    }
    // Collected as a negative number, whose range is one larger.
    if (!negative) {
        overflow = overflow || value == INT64_MIN;
        value = overflow ? 0 : -value;
    }
    if (overflow || value < min || value > max) {
        return ERR_LIMIT;
    }
    *out = value;
    return ERR_OK;
}

enum err num_parse_double(double *out, struct span text, double min, double max)
{
    char copy[64];
    if (text.len == 0 || text.len >= sizeof copy || text.at[0] <= ' ') {
        return ERR_INVALID;
    }
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    char *end = NULL;
    double value = strtod(copy, &end);
    if (end != copy + text.len || !isfinite(value)) {
        return ERR_INVALID;
    }
    if (value < min || value > max) {
        return ERR_LIMIT;
    }
    *out = value;
    return ERR_OK;
}

enum err num_parse_port(uint16_t *out, struct span text)
{
    int64_t value = 0;
    enum err e = num_parse(&value, text, 1, UINT16_MAX);
    if (e == ERR_OK) {
        *out = (uint16_t)value;
    }
    return e;
}

struct unit {
    const char *name;
    int64_t factor;
};

static enum err parse_with_unit(int64_t *out, struct span text, const struct unit *units,
                                size_t unit_count)
{
    size_t digits = 0;
    while (digits < text.len && text.at[digits] >= '0' && text.at[digits] <= '9') {
        digits++;
    }
    int64_t value = 0;
    enum err e = num_parse(&value, (struct span){text.at, digits}, 0, INT64_MAX);
    if (e != ERR_OK) {
        return e;
    }
    struct span unit = {text.at + digits, text.len - digits};
    for (size_t i = 0; i < unit_count; i++) {
        if (span_equal(unit, span_of(units[i].name))) {
            return __builtin_mul_overflow(value, units[i].factor, out) ? ERR_LIMIT : ERR_OK;
        }
    }
    if (unit.len == 0 && value == 0) {
        *out = 0;
        return ERR_OK;
    }
    return ERR_INVALID;
}

enum err num_parse_duration_ms(int64_t *out, struct span text)
{
    static const struct unit units[] = {
        {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000},
    };
    int64_t value = 0;
    enum err e = parse_with_unit(&value, text, units, COUNT_OF(units));
    if (e == ERR_OK) {
        *out = value;
    }
    return e;
}

enum err num_parse_size(int64_t *out, struct span text)
{
    static const struct unit units[] = {
        {"", 1}, {"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
    };
    int64_t value = 0;
    enum err e = parse_with_unit(&value, text, units, COUNT_OF(units));
    if (e == ERR_OK) {
        *out = value;
    }
    return e;
}
