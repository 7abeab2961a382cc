// SPDX-License-Identifier: Apache-2.0
// How origins are written on command lines and in files: ADDRESS, or ADDRESS:HTTP:HTTPS with the
// two ports; an IPv6 address with ports stands in brackets: [2001:db8::1]:8080:8443.
#ifndef SSLAUTO_CLI_ORIGIN_TEXT_H
#define SSLAUTO_CLI_ORIGIN_TEXT_H

#include "core/buf.h"
#include "model/zone.h"

// Adds the origin that text tells; the given ports count when text has none.
enum err origin_text_add(struct host *host, struct span text, uint16_t http_port,
                         uint16_t https_port, struct why *why);
// The shortest form: ports only when they are not 80 and 443.
enum err origin_text_print(struct buf *out, const struct origin *origin);
// Port or ERR_INVALID with what is allowed; `what` names it in the message.
enum err port_text_parse(uint16_t *out, struct span text, const char *what, struct why *why);

#endif
