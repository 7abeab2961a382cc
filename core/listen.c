// SPDX-License-Identifier: Apache-2.0
#include "core/listen.h"

#include <arpa/inet.h>
#include <string.h>

#include "core/num.h"

enum err listen_parse(struct sockaddr_storage *out, const char *where, enum listen_port allowed,
                      uint16_t usual, struct why *why)
{
    char host[64] = "127.0.0.1";
    int64_t port = 0;
    const char *colon = strrchr(where, ':');
    const char *digits = colon == NULL ? where : colon + 1;
    if (colon != NULL) {
        bool brackets = where[0] == '[' && colon > where && colon[-1] == ']';
        const char *begin = where + (brackets ? 1 : 0);
        int length = (int)(colon - begin) - (brackets ? 1 : 0);
        (void)snprintf(host, sizeof host, "%.*s", length, begin);
    }
    struct sockaddr_in *v4 = (struct sockaddr_in *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
    bool good =
        num_parse(&port, span_of(digits), allowed == LISTEN_ANY_PORT ? 0 : 1, 65535) == ERR_OK;
    *out = (struct sockaddr_storage){0};
    if (good && inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)port);
        return ERR_OK;
    }
    if (good && inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)port);
        return ERR_OK;
    }
    return why_set(why, ERR_INVALID,
                   "\"%.80s\" is no place to listen at; write 127.0.0.1:%u, [::1]:%u or %u", where,
                   usual, usual, usual);
}
