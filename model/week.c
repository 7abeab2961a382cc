// SPDX-License-Identifier: Apache-2.0
#include "model/week.h"

#include <stdio.h>
#include <time.h>

#include "core/num.h"

#define DAY_S INT64_C(86400)

int64_t week_of(int64_t at)
{
    // 1970-01-01 was a Thursday: three days before it the week began.
    int64_t since = at + 3 * DAY_S;
    int64_t weeks = since / WEEK_S - (since % WEEK_S < 0 ? 1 : 0);
    return weeks * WEEK_S - 3 * DAY_S;
}

// A week belongs to the year of its Thursday.
static struct tm thursday(int64_t week)
{
    struct tm tm = {0};
    time_t at = (time_t)(week_of(week) + 3 * DAY_S);
    (void)gmtime_r(&at, &tm);
    return tm;
}

int week_number(int64_t week)
{
    return thursday(week).tm_yday / 7 + 1;
}

const char *week_print(char text[WEEK_TEXT_SIZE], int64_t week)
{
    (void)snprintf(text, WEEK_TEXT_SIZE, "%04d-W%02d", (thursday(week).tm_year + 1900) % 1000000,
                   week_number(week) % 100);
    return text;
}

enum err week_parse(int64_t *out, struct span text)
{
    int64_t year = 0;
    int64_t number = 0;
    if (text.len != 8 || text.at[4] != '-' || text.at[5] != 'W' ||
        num_parse(&year, (struct span){text.at, 4}, 1970, 9999) != ERR_OK ||
        num_parse(&number, (struct span){text.at + 6, 2}, 1, 53) != ERR_OK) {
        return ERR_INVALID;
    }
    // 4 January is always in week 1.
    struct tm tm = {.tm_year = (int)year - 1900, .tm_mon = 0, .tm_mday = 4};
    int64_t week = week_of((int64_t)timegm(&tm)) + (number - 1) * WEEK_S;
    if (week_number(week) != number) {
        return ERR_INVALID;
    }
    *out = week;
    return ERR_OK;
}
