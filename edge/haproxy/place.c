// SPDX-License-Identifier: Apache-2.0
#include "edge/haproxy/place.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/un.h>

#include "core/addr.h"
#include "core/num.h"

// A name that fits and that two places do not share: the text, or its end and a hash of it all
// (FNV-1a, RFC 9923 section 2).
static void name_process(struct place *place, struct span text)
{
    if (text.len <= LIMIT_EDGE_NAME) {
        (void)snprintf(place->process, sizeof(place->process), "%.*s", (int)text.len, text.at);
        return;
    }
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < text.len; i++) {
        hash = (hash ^ (unsigned char)text.at[i]) * 16777619U;
    }
    (void)snprintf(place->process, sizeof(place->process), "%08x~%s", (unsigned)hash,
                   text.at + text.len - (LIMIT_EDGE_NAME - 9));
}

static enum err parse_unix(struct place *place, const char *path, struct why *why)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if (path[0] != '/' || len >= sizeof(un.sun_path)) {
        return why_set(why, ERR_INVALID,
                       "the place \"%.150s\" must name a socket by a path from the root with fewer "
                       "than %zu bytes",
                       place->text, sizeof(un.sun_path));
    }
    memcpy(un.sun_path, path, len + 1);
    memcpy(&place->addr, &un, sizeof(un));
    place->addr_len = sizeof(un);
    name_process(place, span_of(path));
    return ERR_OK;
}

static enum err parse_tcp(struct place *place, const char *where, struct why *why)
{
    const char *colon = strrchr(where, ':');
    struct span host = {where, colon == NULL ? 0 : (size_t)(colon - where)};
    struct addr addr;
    uint16_t port = 0;
    if (host.len > 2 && host.at[0] == '[' && host.at[host.len - 1] == ']') {
        host = (struct span){host.at + 1, host.len - 2};
    }
    if (colon == NULL || addr_parse(&addr, host) != ERR_OK ||
        num_parse_port(&port, span_of(colon + 1)) != ERR_OK) {
        return why_set(why, ERR_INVALID,
                       "the place \"%.150s\" must be tcp:ADDRESS:PORT with an address in numbers",
                       place->text);
    }
    if (addr.version == 4) {
        struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
        memcpy(&in.sin_addr, addr.bytes, 4);
        memcpy(&place->addr, &in, sizeof(in));
        place->addr_len = sizeof(in);
    } else {
        struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
        memcpy(&in6.sin6_addr, addr.bytes, 16);
        memcpy(&place->addr, &in6, sizeof(in6));
        place->addr_len = sizeof(in6);
    }
    name_process(place, span_of(where));
    return ERR_OK;
}

enum err place_parse(struct place *out, const char *text, struct why *why)
{
    struct place place = {.text = text};
    enum err e = ERR_INVALID;
    if (strncmp(text, "unix:", 5) == 0) {
        e = parse_unix(&place, text + 5, why);
    } else if (strncmp(text, "tcp:", 4) == 0) {
        e = parse_tcp(&place, text + 4, why);
    } else {
        e = why_set(why, ERR_INVALID,
                    "the place \"%.150s\" must begin with unix:/ or tcp:, as in "
                    "unix:/run/haproxy/sslauto.sock",
                    text);
    }
    if (e == ERR_OK) {
        *out = place;
    }
    return e;
}

bool place_is_unix(const struct place *place)
{
    return place->addr.ss_family == AF_UNIX;
}
