// SPDX-License-Identifier: Apache-2.0
#include "core/time.h"

#include <stdio.h>
#include <time.h>

static int64_t now_ms(clockid_t clock)
{
    struct timespec ts = {0};
    (void)clock_gettime(clock, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t time_now_s(void)
{
    return now_ms(CLOCK_REALTIME) / 1000;
}

int64_t time_now_ms(void)
{
    return now_ms(CLOCK_REALTIME);
}

int64_t time_monotonic_ms(void)
{
    return now_ms(CLOCK_MONOTONIC);
}

const char *time_print(char text[TIME_TEXT_SIZE], int64_t at_s)
{
    struct tm tm = {0};
    time_t at = (time_t)at_s;
    if (gmtime_r(&at, &tm) == NULL || tm.tm_year < -1900 || tm.tm_year > 8099 ||
        strftime(text, TIME_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0) {
        (void)snprintf(text, TIME_TEXT_SIZE, "-");
    }
    return text;
}

enum err time_parse(int64_t *out, struct span text)
{
    static const char *const forms[] = {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"};
    char copy[TIME_TEXT_SIZE];
    if (text.len == 0 || text.len >= sizeof copy) {
        return ERR_INVALID;
    }
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        struct tm tm = {0};
        const char *end = strptime(copy, forms[i], &tm);
        if (end != NULL && *end == '\0') {
            *out = (int64_t)timegm(&tm);
            return ERR_OK;
        }
    }
    return ERR_INVALID;
}

const char *time_print_span(char text[32], int64_t seconds)
{
    static const struct {
        int64_t size;
        const char *name;
    } units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        int64_t n = seconds / units[i].size;
        if (n > 0 || i + 1 == COUNT_OF(units)) {
            (void)snprintf(text, 32, "%lld %s%s", (long long)n, units[i].name, n == 1 ? "" : "s");
            break;
        }
    }
    return text;
}
