// SPDX-License-Identifier: Apache-2.0
// An answer in the envelope of the product's API: success, errors, messages, result, result_info.
// Private.
#ifndef SSLAUTO_API_REPLY_H
#define SSLAUTO_API_REPLY_H

#include <jansson.h>
#include <stdint.h>

#include "core/err.h"

// Rows of the table in reply.c: number, HTTP status, words. Numbers below 12000 are those that
// clients of the product know.
enum api_code {
    API_LIMITED,
    API_TOKEN_INVALID,
    API_VALIDATION,
    API_INTERNAL,
    API_SETTING_UNKNOWN,
    API_VALUE_INVALID,
    API_NOT_ALLOWED,
    API_HEADERS_INVALID,
    API_JSON_INVALID,
    API_NO_ROUTE,
    API_NO_METHOD,
    API_ID_INVALID,
    API_NO_OBJECT,
    API_AUTH_MISSING,
    API_FORBIDDEN,
    API_AUTH_FAILED,
    API_TOO_LARGE,
    API_TARGET_TOO_LONG,
    API_TOO_MANY_HEADERS,
    API_BUSY,
    API_CONFLICT,
    API_NEVER_SCANNED,
    API_NO_ROLLOUT,
    API_ROLLOUT_REFUSED,
    API_CODE_COUNT
};

// The rest of an error: what was wrong with a header.
enum {
    CHAIN_KEY = 6103,
    CHAIN_CONTENT_TYPE = 6105,
    CHAIN_AUTHORIZATION = 6111
};

// Notes of an answer that succeeded.
enum api_note {
    NOTE_TOKEN_ACTIVE = 10000,
    NOTE_CUSTOM_NOW = 12101,      // the zone left auto because ssl was set by hand
    NOTE_ROLLOUT_STOPS = 12102,   // visitors go back to the old mode
    NOTE_FLEXIBLE_PORTS = 12103,  // flexible concerns port 443 alone
    NOTE_EDGE_LATER = 12104,      // the edge is told after this answer
    NOTE_NO_SCAN_ACTED = 12105,   // opted out within the grace period
    NOTE_NOTHING_CHANGED = 12106, // it was so already
    NOTE_OUTSIDE_AUTO = 12107,    // looked at once; the zone stays custom
    NOTE_EDGE_TROUBLE = 12108,    // recorded; the edge has not done it yet
};

struct api_reply {
    unsigned status;       // HTTP; 0 = nothing was said yet
    json_t *result;        // owned; NULL = null
    json_t *info;          // owned; result_info, NULL = none
    json_t *errors;        // owned
    json_t *messages;      // owned
    const char *allow;     // static; with 405
    int64_t retry_after_s; // 0 = no header
    int64_t limit;         // of requests; 0 = none is kept
    int64_t remaining, reset_at, window_s;
};

void api_reply_done(struct api_reply *reply);

// An error with the words of its row, or with others. The first one gives the status.
void api_fail(struct api_reply *reply, enum api_code code);
void api_failf(struct api_reply *reply, enum api_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);
// error_chain of the last error.
void api_chain(struct api_reply *reply, int number, const char *words);
void api_notef(struct api_reply *reply, enum api_note note, const char *fmt, ...) PRINTF_LIKE(3, 4);
// Takes result over; NULL becomes an internal error.
void api_succeed(struct api_reply *reply, json_t *result);
// Forgets what was said, keeps what is known of the limit: for another try.
void api_reply_reset(struct api_reply *reply);

// The envelope as text, owned by the caller; NULL without memory.
char *api_reply_print(struct api_reply *reply);

int api_code_number(enum api_code code);
unsigned api_code_status(enum api_code code);
const char *api_code_words(enum api_code code);

#endif
