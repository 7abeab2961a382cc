// SPDX-License-Identifier: Apache-2.0
#include "api/reply.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"
#include "core/str.h"

struct code_row {
    int number;
    unsigned status;
    const char *words;
};

static const struct code_row rows[API_CODE_COUNT] = {
    [API_LIMITED] = {971, 429, "Please wait and consider throttling your request speed"},
    [API_TOKEN_INVALID] = {1000, 401, "Invalid API Token"},
    [API_VALIDATION] = {1004, 400, "Invalid or missing parameter"},
    [API_INTERNAL] = {1005, 500, "Internal error"},
    [API_SETTING_UNKNOWN] = {1006, 400, "Unrecognized zone setting name"},
    [API_VALUE_INVALID] = {1007, 400, "Invalid value for zone setting"},
    [API_NOT_ALLOWED] = {1015, 403, "Not allowed to edit setting"},
    [API_HEADERS_INVALID] = {6003, 400, "Invalid request headers"},
    [API_JSON_INVALID] = {6007, 400, "Malformed JSON in request body"},
    [API_NO_ROUTE] = {7000, 404, "No route for that URI"},
    [API_NO_METHOD] = {7001, 405, "Method not available for that URI"},
    [API_ID_INVALID] = {7003, 400,
                        "Could not route to that URI, perhaps your object identifier is invalid?"},
    [API_NO_OBJECT] = {7003, 404,
                       "Could not route to that URI, perhaps your object identifier is invalid?"},
    [API_AUTH_MISSING] = {9106, 400, "Missing Authorization header"},
    [API_FORBIDDEN] = {9109, 403, "Unauthorized to access requested resource"},
    [API_AUTH_FAILED] = {10000, 401, "Authentication error"},
    [API_TOO_LARGE] = {12001, 413, "The request's body is too large"},
    [API_TARGET_TOO_LONG] = {12002, 414, "The request's path and query are too long"},
    [API_TOO_MANY_HEADERS] = {12003, 431, "The request has too many headers"},
    [API_BUSY] = {12004, 503, "The store is busy; try again"},
    [API_CONFLICT] = {12005, 409, "Somebody else changed it at the same time; try again"},
    [API_NEVER_SCANNED] = {12006, 404, "The zone was not scanned yet"},
    [API_NO_ROLLOUT] = {12007, 404, "The zone has had no rollout yet"},
    [API_ROLLOUT_REFUSED] = {12008, 400, "The rollout cannot do that now"},
};

int api_code_number(enum api_code code)
{
    return rows[code].number;
}

unsigned api_code_status(enum api_code code)
{
    return rows[code].status;
}

const char *api_code_words(enum api_code code)
{
    return rows[code].words;
}

void api_reply_reset(struct api_reply *reply)
{
    json_decref(reply->result);
    json_decref(reply->info);
    json_decref(reply->errors);
    json_decref(reply->messages);
    reply->result = reply->info = reply->errors = reply->messages = NULL;
    reply->status = 0;
    reply->allow = NULL;
}

void api_reply_done(struct api_reply *reply)
{
    api_reply_reset(reply);
    *reply = (struct api_reply){0};
}

// Without memory the list stays shorter; the status is right all the same.
static void append(json_t **list, json_t *item)
{
    if (*list == NULL) {
        *list = json_array();
    }
    if (*list == NULL) {
        json_decref(item);
        return;
    }
    (void)json_array_append_new(*list, item);
}

// Words may carry what the client sent.
static json_t *printable(const char *words)
{
    char safe[LIMIT_OUTPUT_FIELD];
    return json_string(str_printable(safe, sizeof safe, span_of(words)));
}

static void fail_words(struct api_reply *reply, enum api_code code, const char *words)
{
    json_decref(reply->result);
    reply->result = NULL;
    if (reply->status < 400) {
        reply->status = rows[code].status;
    }
    append(&reply->errors,
           json_pack("{s:i, s:o}", "code", rows[code].number, "message", printable(words)));
}

void api_fail(struct api_reply *reply, enum api_code code)
{
    fail_words(reply, code, rows[code].words);
}

void api_failf(struct api_reply *reply, enum api_code code, const char *fmt, ...)
{
    char words[1024];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(words, sizeof words, fmt, args);
    va_end(args);
    fail_words(reply, code, words);
}

void api_chain(struct api_reply *reply, int number, const char *words)
{
    size_t count = json_array_size(reply->errors);
    json_t *last = count == 0 ? NULL : json_array_get(reply->errors, count - 1);
    if (last != NULL) {
        (void)json_object_set_new(last, "error_chain",
                                  json_pack("[{s:i, s:s}]", "code", number, "message", words));
    }
}

void api_notef(struct api_reply *reply, enum api_note note, const char *fmt, ...)
{
    char words[1024];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(words, sizeof words, fmt, args);
    va_end(args);
    append(&reply->messages,
           json_pack("{s:i, s:o, s:n}", "code", (int)note, "message", printable(words), "type"));
}

void api_succeed(struct api_reply *reply, json_t *result)
{
    if (result == NULL) {
        api_fail(reply, API_INTERNAL);
        return;
    }
    json_decref(reply->result);
    reply->result = result;
    reply->status = 200;
}

static bool set(json_t *envelope, const char *key, json_t *value, bool wanted)
{
    if (!wanted) {
        return true;
    }
    return json_object_set_new(envelope, key, value) == 0;
}

char *api_reply_print(struct api_reply *reply)
{
    json_t *envelope = json_object();
    bool good = reply->status < 400;
    bool done = envelope != NULL &&
                set(envelope, "result",
                    reply->result == NULL ? json_null() : json_incref(reply->result), true) &&
                set(envelope, "result_info", json_incref(reply->info), reply->info != NULL) &&
                set(envelope, "success", json_boolean(good), true) &&
                set(envelope, "errors",
                    reply->errors == NULL ? json_array() : json_incref(reply->errors), true) &&
                set(envelope, "messages",
                    reply->messages == NULL ? json_array() : json_incref(reply->messages), true);
    char *text = done ? json_dumps(envelope, JSON_COMPACT) : NULL;
    json_decref(envelope);
    return text;
}
