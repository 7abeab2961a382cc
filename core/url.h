// SPDX-License-Identifier: Apache-2.0
// http and https URLs as visitors see them (RFC 3986, with the leniency of the WHATWG URL rules
// that browsers and Location headers need: backslashes, white space, tabs and newlines inside).
#ifndef SSLAUTO_CORE_URL_H
#define SSLAUTO_CORE_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/span.h"

struct url {
    bool https;
    char *host;    // owned; lower case, A-labels, no final dot; IPv6 in brackets,
                   // IPv4 always dotted decimal
    uint16_t port; // never 0; 80 or 443 when none was given
    char *path;    // owned; begins with '/', dot segments removed, with "?query", no fragment
};

void url_done(struct url *url);
// Absolute URLs. ERR_INVALID for other schemes, no host, bad port; ERR_LIMIT past LIMIT_URL.
// User names and passwords are refused (ERR_INVALID).
enum err url_parse(struct url *out, struct span text);
// A reference against base (RFC 3986 section 5.2).
enum err url_resolve(struct url *out, const struct url *base, struct span reference);
// "https://host[:port]/path", default ports left out. Owned result.
enum err url_print(char **out, const struct url *url);
// 443 for https, 80 for http.
bool url_default_port(const struct url *url);
// Both have the default port of their scheme, or the same one.
bool url_same_port(const struct url *a, const struct url *b);
// The same page for a visitor, whatever the scheme: hosts without "www." and default ports ignored.
bool url_same_place(const struct url *a, const struct url *b);

#endif
