// SPDX-License-Identifier: Apache-2.0
#include "api/request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/str.h"

static const char *const methods[API_METHOD_COUNT] = {
    [API_GET] = "GET",
    [API_POST] = "POST",
    [API_PATCH] = "PATCH",
};

const char *api_method_str(enum api_method method)
{
    return method < API_METHOD_COUNT ? methods[method] : "?";
}

void api_request_done(struct api_request *request)
{
    free(request->text);
    json_decref(request->body);
    *request = (struct api_request){0};
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char low = (char)(c | 0x20);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

// Percent-decodes in place (RFC 3986 section 2.1), '+' as a space where the query's form says so.
// False: a broken escape, a control character, or no UTF-8.
static bool decode(char *text, bool form)
{
    char *out = text;
    for (const char *in = text; *in != '\0'; in++) {
        char c = *in;
        if (c == '%') {
            int high = nibble(in[1]);
            int low = high < 0 ? -1 : nibble(in[2]);
            if (low < 0) {
                return false;
            }
            c = (char)(high << 4 | low);
            in += 2;
        } else if (c == '+' && form) {
            c = ' ';
        }
        if ((unsigned char)c < 0x20 || c == 0x7f) {
            return false;
        }
        *out++ = c;
    }
    *out = '\0';
    return str_is_utf8(span_of(text));
}

// Cuts at sep; *rest becomes NULL behind the last part.
static char *cut(char **rest, char sep)
{
    char *part = *rest;
    char *at = strchr(part, sep);
    if (at != NULL) {
        *at = '\0';
    }
    *rest = at == NULL ? NULL : at + 1;
    return part;
}

// Some clients end the path with one slash.
static enum api_code take_path(struct api_request *request, char *path)
{
    size_t length = strlen(path);
    if (length > 1 && path[length - 1] == '/') {
        path[length - 1] = '\0';
    }
    for (char *rest = path + 1; rest != NULL;) {
        char *segment = cut(&rest, '/');
        if (request->segment_count == API_SEGMENTS || segment[0] == '\0' ||
            !decode(segment, false)) {
            return API_NO_ROUTE;
        }
        request->segments[request->segment_count++] = segment;
    }
    return API_CODE_COUNT;
}

static enum api_code take_query(struct api_request *request, char *query)
{
    for (char *rest = query; rest != NULL;) {
        char *value = cut(&rest, '&');
        if (value[0] == '\0') {
            continue;
        }
        if (request->parameter_count == LIMIT_API_PARAMETERS) {
            return API_VALIDATION;
        }
        char *name = cut(&value, '=');
        if (!decode(name, true) || (value != NULL && !decode(value, true))) {
            return API_VALIDATION;
        }
        request->parameters[request->parameter_count++] =
            (struct api_parameter){name, value == NULL ? "" : value};
    }
    return API_CODE_COUNT;
}

static enum api_method method_of(const char *word)
{
    if (strcmp(word, "HEAD") == 0) {
        return API_GET; // the server leaves the body out
    }
    unsigned i = 0;
    while (i < API_METHOD_COUNT && strcmp(methods[i], word) != 0) {
        i++;
    }
    return (enum api_method)i;
}

static enum api_code take_target(struct api_request *request, const char *target)
{
    size_t base = strlen(API_BASE);
    if (strlen(target) > LIMIT_API_TARGET) {
        return API_TARGET_TOO_LONG;
    }
    if (strncmp(target, API_BASE "/", base + 1) != 0) {
        return API_NO_ROUTE;
    }
    request->text = strdup(target + base);
    if (request->text == NULL) {
        return API_INTERNAL;
    }
    char *query = strchr(request->text, '?');
    if (query != NULL) {
        *query++ = '\0';
    }
    enum api_code wrong = take_path(request, request->text);
    return wrong == API_CODE_COUNT && query != NULL ? take_query(request, query) : wrong;
}

bool api_request_parse(struct api_request *out, const struct api_ask *ask, struct api_reply *reply)
{
    out->method = method_of(ask->method);
    enum api_code wrong = API_CODE_COUNT;
    if (ask->header_count > LIMIT_API_HEADERS) {
        wrong = API_TOO_MANY_HEADERS;
    } else if (ask->framed_twice || ask->authorized_twice) {
        wrong = API_HEADERS_INVALID; // RFC 9112 section 6.3: the way requests are smuggled
    } else if (ask->body_too_long) {
        wrong = API_TOO_LARGE;
    } else {
        wrong = take_target(out, ask->target);
    }
    if (wrong == API_CODE_COUNT) {
        return true;
    }
    api_fail(reply, wrong);
    return false;
}

// "application/json", with or without parameters (RFC 9110 section 8.3).
static bool is_json(const char *type)
{
    static const char wanted[] = "application/json";
    size_t length = sizeof wanted - 1;
    struct span whole = span_trim(span_of(type));
    return whole.len >= length && strncasecmp(whole.at, wanted, length) == 0 &&
           (whole.len == length || strchr("; \t", whole.at[length]) != NULL);
}

// Depth of brackets outside of strings, whatever else is wrong with the text.
static bool too_deep(struct span text)
{
    size_t depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (quoted) {
            i += c == '\\';
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > LIMIT_API_DEPTH) {
                return true;
            }
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return false;
}

bool api_request_body(struct api_request *request, const struct api_ask *ask,
                      struct api_reply *reply)
{
    if (request->method == API_GET) {
        return true; // some clients send a content type with every request
    }
    if (ask->content_type != NULL && !is_json(ask->content_type)) {
        api_fail(reply, API_HEADERS_INVALID);
        api_chain(reply, CHAIN_CONTENT_TYPE,
                  "Invalid Content-Type header, valid values are application/json");
        return false;
    }
    if (ask->content_encoding != NULL && strcasecmp(ask->content_encoding, "identity") != 0) {
        api_failf(reply, API_HEADERS_INVALID, "Invalid request headers: no Content-Encoding here");
        return false;
    }
    if (ask->body.len == 0 && request->method == API_POST) {
        return true; // verbs without particulars
    }
    json_error_t error;
    request->body = too_deep(ask->body) || ask->body.len == 0
                        ? NULL
                        : json_loadb(ask->body.at, ask->body.len, JSON_REJECT_DUPLICATES, &error);
    if (request->body == NULL) {
        api_fail(reply, API_JSON_INVALID);
        return false;
    }
    if (!json_is_object(request->body)) {
        api_failf(reply, API_VALIDATION, "The request's body must be a JSON object");
        return false;
    }
    return true;
}

const char *api_parameter(const struct api_request *request, const char *name,
                          struct api_reply *reply)
{
    const char *value = NULL;
    for (size_t i = 0; i < request->parameter_count; i++) {
        if (strcmp(request->parameters[i].name, name) != 0) {
            continue;
        }
        if (value != NULL && reply->status == 0) {
            api_failf(reply, API_VALIDATION, "%.60s is given twice", name);
        }
        value = request->parameters[i].value;
    }
    return value;
}
