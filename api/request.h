// SPDX-License-Identifier: Apache-2.0
// A request taken apart: pure, from bytes to path, query and JSON. Private.
#ifndef SSLAUTO_API_REQUEST_H
#define SSLAUTO_API_REQUEST_H

#include <jansson.h>

#include "api/reply.h"
#include "core/limits.h"
#include "core/span.h"

enum api_method {
    API_GET,
    API_POST,
    API_PATCH,
    API_METHOD_COUNT, // also: another one
};

const char *api_method_str(enum api_method method);

// As it came, lent.
struct api_ask {
    const char *method;
    const char *target;           // path and query, as on the request line
    const char *authorization;    // NULL = none
    const char *content_type;     // NULL = none
    const char *content_encoding; // NULL = none
    bool legacy_key;              // X-Auth-Key or X-Auth-Email is there
    bool framed_twice;            // two lengths, or a length and a transfer coding
    bool authorized_twice;
    size_t header_count;
    struct span body;
    bool body_too_long;
};

struct api_parameter {
    const char *name;
    const char *value;
};

#define API_SEGMENTS 8

struct api_request {
    enum api_method method;
    char *text;                         // owned: what the rest points into
    const char *segments[API_SEGMENTS]; // of the path behind API_BASE, decoded
    size_t segment_count;
    struct api_parameter parameters[LIMIT_API_PARAMETERS];
    size_t parameter_count;
    json_t *body; // owned; an object, or NULL: only requests that change something have one
};

#define API_BASE "/client/v4"

void api_request_done(struct api_request *request);
// False when reply has the error.
bool api_request_parse(struct api_request *out, const struct api_ask *ask, struct api_reply *reply);
// After the route is known: headers of the body, and the body.
bool api_request_body(struct api_request *request, const struct api_ask *ask,
                      struct api_reply *reply);
// The parameter of that name, NULL = not given. Given twice is an error in reply.
const char *api_parameter(const struct api_request *request, const char *name,
                          struct api_reply *reply);

#endif
