// SPDX-License-Identifier: Apache-2.0
#include "cli/origin_text.h"

#include "core/addr.h"
#include "core/num.h"

enum err port_text_parse(uint16_t *out, struct span text, const char *what, struct why *why)
{
    if (num_parse_port(out, span_trim(text)) == ERR_OK) {
        return ERR_OK;
    }
    return why_set(why, ERR_INVALID, "%s \"%.*s\" is no port; allowed: 1 to 65535", what,
                   (int)(text.len < 40 ? text.len : 40), text.at);
}

enum err origin_text_add(struct host *host, struct span text, uint16_t http_port,
                         uint16_t https_port, struct why *why)
{
    struct addr addr;
    text = span_trim(text);
    if (addr_parse(&addr, text) == ERR_OK) { // also IPv6 without brackets
        return host_add_origin(host, text, http_port, https_port, why);
    }
    struct span address;
    struct span rest = {NULL, 0};
    const char *bracket = text.len > 0 && text.at[0] == '[' ? memchr(text.at, ']', text.len) : NULL;
    if (bracket != NULL) {
        size_t inside = (size_t)(bracket - text.at) - 1;
        address = (struct span){text.at + 1, inside};
        rest = (struct span){bracket + 1, text.len - inside - 2};
        if (rest.len > 0 && rest.at[0] != ':') {
            return why_set(why, ERR_INVALID, "origin \"%.*s\": only :HTTP:HTTPS may follow ']'",
                           (int)(text.len < 80 ? text.len : 80), text.at);
        }
        rest = rest.len > 0 ? (struct span){rest.at + 1, rest.len - 1} : rest;
    } else {
        rest = text;
        address = span_cut(&rest, ':');
    }
    if (rest.len > 0) {
        struct span http = span_cut(&rest, ':');
        if (rest.len == 0) {
            return why_set(why, ERR_INVALID,
                           "origin \"%.*s\": one port says too little; write ADDRESS:HTTP:HTTPS, "
                           "as in 192.0.2.1:8080:8443",
                           (int)(text.len < 80 ? text.len : 80), text.at);
        }
        enum err e = port_text_parse(&http_port, http, "HTTP port", why);
        e = e == ERR_OK ? port_text_parse(&https_port, rest, "HTTPS port", why) : e;
        if (e != ERR_OK) {
            return e;
        }
    }
    return host_add_origin(host, address, http_port, https_port, why);
}

enum err origin_text_print(struct buf *out, const struct origin *origin)
{
    bool ports = origin->http_port != 80 || origin->https_port != 443;
    bool brackets = ports && strchr(origin->address, ':') != NULL;
    enum err e =
        buf_printf(out, "%s%s%s", brackets ? "[" : "", origin->address, brackets ? "]" : "");
    if (e == ERR_OK && ports) {
        e = buf_printf(out, ":%u:%u", (unsigned)origin->http_port, (unsigned)origin->https_port);
    }
    return e;
}
