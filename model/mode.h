// SPDX-License-Identifier: Apache-2.0
// Encryption modes between the edge and the origin, in order of security. Source: the product's
// "Encryption modes" page; the words are those of its API.
#ifndef SSLAUTO_MODEL_MODE_H
#define SSLAUTO_MODEL_MODE_H

#include "core/err.h"
#include "core/span.h"

enum mode {
    MODE_NONE = -1, // nothing can be said
    MODE_OFF = 0,
    MODE_FLEXIBLE,    // visitors may use HTTPS, the origin gets HTTP on port 443's behalf
    MODE_FULL,        // the origin gets the visitor's scheme; its certificate is not checked
    MODE_STRICT,      // as full, and the certificate must be valid
    MODE_ORIGIN_PULL, // always HTTPS with a valid certificate, whatever the visitor uses
    MODE_COUNT
};

// "off", "flexible", "full", "strict", "origin_pull"; "none" for MODE_NONE.
const char *mode_str(enum mode mode);
// Only the five words of the API, exactly.
enum err mode_parse(enum mode *out, struct span word);
// For people: "Off", "Flexible", "Full", "Full (strict)", "Strict (SSL-only origin pull)".
const char *mode_title(enum mode mode);

#endif
