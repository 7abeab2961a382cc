// SPDX-License-Identifier: Apache-2.0
#include "db/numbers.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

// The fields of a cohort's counters, in the order of the text.
static uint64_t *field_of(struct cohort_counts *counts, size_t i)
{
    uint64_t *const fields[] = {
        &counts->requests,         &counts->server_errors, &counts->redirects,
        &counts->connect_failures, &counts->tls_failures,  &counts->fallbacks,
        &counts->cache_hits,
    };
    return fields[i];
}
#define FIELD_COUNT 7
_Static_assert(sizeof(struct cohort_counts) == FIELD_COUNT * sizeof(uint64_t), "field_of has all");

// The doubles of the tests, in the order of the text.
static double *double_of(struct rollout_tests *tests, size_t i)
{
    double *const first[] = {&tests->hard_llr, &tests->hard_doubt, &tests->failing_old,
                             &tests->failing_new};
    if (i < COUNT_OF(first)) {
        return first[i];
    }
    i -= COUNT_OF(first);
    return i < ODDS_COUNT ? &tests->server_errors[i] : &tests->redirects[i - ODDS_COUNT];
}
_Static_assert(sizeof(struct rollout_tests) == NUMBERS_DOUBLES * sizeof(double) + sizeof(uint64_t),
               "double_of has all");

// -- printing
// --------------------------------------------------------------------------------------

static char *put_number(char *at, uint64_t number)
{
    char digits[20];
    size_t n = 0;
    do {
        digits[n++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (n > 0) {
        *at++ = digits[--n];
    }
    return at;
}

static char *put_signed(char *at, int64_t number)
{
    if (number < 0) {
        *at++ = '-';
        return put_number(at, ~(uint64_t)number + 1);
    }
    return put_number(at, (uint64_t)number);
}

// 17 significant digits name every double (IEEE 754 binary64). Most are 0, which costs nothing.
static char *put_double(char *at, double number)
{
    if (fpclassify(number) == FP_ZERO && !signbit(number)) {
        *at = '0';
        return at + 1;
    }
    return at + snprintf(at, 25, "%.17g", number);
}

static char *put_counts(char *at, const struct rollout_counts *counts)
{
    *at++ = '[';
    bool first = true;
    for (size_t c = 0; c < COHORT_COUNT; c++) {
        struct cohort_counts one = counts->of[c];
        uint64_t any = 0;
        for (size_t i = 0; i < FIELD_COUNT; i++) {
            any |= *field_of(&one, i);
        }
        if (any == 0) {
            continue;
        }
        if (!first) {
            *at++ = ',';
        }
        first = false;
        *at++ = '[';
        at = put_number(at, c);
        for (size_t i = 0; i < FIELD_COUNT; i++) {
            *at++ = ',';
            at = put_number(at, *field_of(&one, i));
        }
        *at++ = ']';
    }
    *at++ = ']';
    return at;
}

static char *put_tests(char *at, struct rollout_tests tests)
{
    *at++ = '[';
    for (size_t i = 0; i < NUMBERS_DOUBLES; i++) {
        at = put_double(at, *double_of(&tests, i));
        *at++ = ',';
    }
    at = put_number(at, tests.hard_failures);
    *at++ = ']';
    return at;
}

static char *put_name(char *at, const char *name)
{
    *at++ = '"';
    for (const char *p = name; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;
        if (c >= ' ' && c < 0x7f && c != '"' && c != '\\') {
            *at++ = *p;
        } else {
            at += snprintf(at, 7, "\\u%04x", c);
        }
    }
    *at++ = '"';
    return at;
}

static char *put_cursors(char *at, const struct rollout *rollout)
{
    *at++ = '[';
    for (size_t i = 0; i < rollout->cursor_count; i++) {
        const struct edge_cursor *cursor = &rollout->cursors[i];
        if (i > 0) {
            *at++ = ',';
        }
        *at++ = '[';
        at = put_name(at, cursor->process);
        *at++ = ',';
        at = put_signed(at, cursor->epoch);
        *at++ = ',';
        at = put_counts(at, &cursor->seen);
        *at++ = ']';
    }
    *at++ = ']';
    return at;
}

static bool finite_tests(struct rollout_tests tests)
{
    bool finite = true;
    for (size_t i = 0; i < NUMBERS_DOUBLES; i++) {
        finite = finite && isfinite(*double_of(&tests, i));
    }
    return finite;
}

enum err numbers_print(char text[NUMBERS_SIZE], const struct rollout *rollout)
{
    if (rollout->cursor_count > LIMIT_EDGE_PROCESSES) {
        return ERR_LIMIT;
    }
    if (!finite_tests(rollout->tests)) {
        return ERR_INVALID;
    }
    char *at = text;
    *at++ = '[';
    at = put_counts(at, &rollout->step_counts);
    *at++ = ',';
    at = put_counts(at, &rollout->counts);
    *at++ = ',';
    at = put_tests(at, rollout->tests);
    *at++ = ',';
    at = put_cursors(at, rollout);
    *at++ = ']';
    *at++ = '\0';
    assert((size_t)(at - text) <= NUMBERS_SIZE);
    return ERR_OK;
}

enum err numbers_print_steps(char text[NUMBERS_STEPS_SIZE], const struct rollout *rollout)
{
    if (rollout->step_count > LIMIT_ROLLOUT_STEPS) {
        return ERR_LIMIT;
    }
    char *at = text;
    int last = 0;
    for (size_t i = 0; i < rollout->step_count; i++) {
        if (rollout->steps_bp[i] <= last || rollout->steps_bp[i] > SHARE_ALL_BP) {
            return ERR_INVALID;
        }
        last = rollout->steps_bp[i];
        *at++ = i == 0 ? '[' : ',';
        at = put_number(at, (uint64_t)last);
    }
    *at++ = ']';
    *at = '\0';
    return last == SHARE_ALL_BP ? ERR_OK : ERR_INVALID;
}

// -- parsing: a cursor whose first failure sticks -------------------------------------------------

struct reader {
    const char *at;
    const char *end;
    bool bad;
};

static void fail_reading(struct reader *r)
{
    r->bad = true;
    r->at = r->end;
}

static bool take_if(struct reader *r, char c)
{
    if (r->at == r->end || *r->at != c) {
        return false;
    }
    r->at++;
    return true;
}

static void take(struct reader *r, char c)
{
    if (!take_if(r, c)) {
        fail_reading(r);
    }
}

static uint64_t take_number(struct reader *r)
{
    const char *start = r->at;
    uint64_t number = 0;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9') {
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(*r->at - '0'), &number)) {
            fail_reading(r);
            return 0;
        }
        r->at++;
    }
    if (r->at == start) {
        fail_reading(r);
    }
    return number;
}

static int64_t take_signed(struct reader *r)
{
    bool negative = take_if(r, '-');
    uint64_t number = take_number(r);
    if (number > (uint64_t)INT64_MAX + negative) {
        fail_reading(r);
        return 0;
    }
    return negative ? (int64_t)(~number + 1) : (int64_t)number;
}

static double take_double(struct reader *r)
{
    const char *start = r->at;
    while (r->at < r->end && *r->at != ',' && *r->at != ']') {
        r->at++;
    }
    size_t len = (size_t)(r->at - start);
    if (len == 1 && *start == '0') {
        return 0;
    }
    char copy[32];
    if (len == 0 || len >= sizeof copy || (*start != '-' && (*start < '0' || *start > '9'))) {
        fail_reading(r);
        return 0;
    }
    memcpy(copy, start, len);
    copy[len] = '\0';
    char *end = NULL;
    double number = strtod(copy, &end);
    if (end != copy + len || !isfinite(number)) {
        fail_reading(r);
        return 0;
    }
    return number;
}

static void take_counts(struct reader *r, struct rollout_counts *out)
{
    *out = (struct rollout_counts){0};
    take(r, '[');
    if (take_if(r, ']')) {
        return;
    }
    uint64_t next = 0; // each cohort once, in order
    do {
        take(r, '[');
        uint64_t cohort = take_number(r);
        if (cohort < next || cohort >= COHORT_COUNT) {
            fail_reading(r);
            return;
        }
        next = cohort + 1;
        for (size_t i = 0; i < FIELD_COUNT; i++) {
            take(r, ',');
            *field_of(&out->of[cohort], i) = take_number(r);
        }
        take(r, ']');
    } while (take_if(r, ','));
    take(r, ']');
}

static void take_tests(struct reader *r, struct rollout_tests *out)
{
    take(r, '[');
    for (size_t i = 0; i < NUMBERS_DOUBLES; i++) {
        *double_of(out, i) = take_double(r);
        take(r, ',');
    }
    out->hard_failures = take_number(r);
    take(r, ']');
}

// The byte of \u00XX, behind its backslash.
static char take_escape(struct reader *r)
{
    unsigned value = 0;
    if (r->end - r->at < 5 || memcmp(r->at, "u00", 3) != 0) {
        fail_reading(r);
        return '?';
    }
    for (size_t i = 3; i < 5; i++) {
        const char *digits = "0123456789abcdef";
        const char *digit = strchr(digits, r->at[i]);
        if (r->at[i] == '\0' || digit == NULL) {
            fail_reading(r);
            return '?';
        }
        value = value * 16 + (unsigned)(digit - digits);
    }
    r->at += 5;
    if (value == 0) {
        fail_reading(r);
    }
    return (char)value;
}

static void take_name(struct reader *r, char out[LIMIT_EDGE_NAME + 1])
{
    size_t len = 0;
    take(r, '"');
    while (!r->bad && !take_if(r, '"')) {
        if (r->at == r->end || len == LIMIT_EDGE_NAME || (unsigned char)*r->at < ' ') {
            fail_reading(r);
            return;
        }
        char c = *r->at++;
        out[len++] = c == '\\' ? take_escape(r) : c;
    }
    out[len] = '\0';
}

static void take_cursors(struct reader *r, struct rollout *out)
{
    out->cursor_count = 0;
    take(r, '[');
    if (take_if(r, ']')) {
        return;
    }
    do {
        if (out->cursor_count == LIMIT_EDGE_PROCESSES) {
            fail_reading(r);
            return;
        }
        struct edge_cursor *cursor = &out->cursors[out->cursor_count++];
        take(r, '[');
        take_name(r, cursor->process);
        take(r, ',');
        cursor->epoch = take_signed(r);
        take(r, ',');
        take_counts(r, &cursor->seen);
        take(r, ']');
    } while (take_if(r, ','));
    take(r, ']');
}

enum err numbers_parse(struct rollout *out, struct span text)
{
    struct reader r = {.at = text.at, .end = text.at + text.len};
    take(&r, '[');
    take_counts(&r, &out->step_counts);
    take(&r, ',');
    take_counts(&r, &out->counts);
    take(&r, ',');
    take_tests(&r, &out->tests);
    take(&r, ',');
    take_cursors(&r, out);
    take(&r, ']');
    return r.bad || r.at != r.end ? ERR_CORRUPT : ERR_OK;
}

enum err numbers_parse_steps(struct rollout *out, struct span text)
{
    struct reader r = {.at = text.at, .end = text.at + text.len};
    out->step_count = 0;
    int last = 0;
    take(&r, '[');
    do {
        uint64_t step = take_number(&r);
        if (r.bad || out->step_count == LIMIT_ROLLOUT_STEPS || step <= (uint64_t)last ||
            step > SHARE_ALL_BP) {
            return ERR_CORRUPT;
        }
        last = (int)step;
        out->steps_bp[out->step_count++] = last;
    } while (take_if(&r, ','));
    take(&r, ']');
    return r.bad || r.at != r.end || last != SHARE_ALL_BP ? ERR_CORRUPT : ERR_OK;
}
