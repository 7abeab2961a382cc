// SPDX-License-Identifier: Apache-2.0
// Where a process of the fleet listens for commands: "unix:/path" or "tcp:ADDRESS:PORT".
#ifndef SSLAUTO_EDGE_HAPROXY_PLACE_H
#define SSLAUTO_EDGE_HAPROXY_PLACE_H

#include <sys/socket.h>

#include "core/err.h"
#include "core/limits.h"

struct place {
    const char *text; // lent; as written
    char process[LIMIT_EDGE_NAME + 1];
    struct sockaddr_storage addr;
    socklen_t addr_len;
};

// ERR_INVALID with the words. text must live as long as the place.
enum err place_parse(struct place *out, const char *text, struct why *why);
bool place_is_unix(const struct place *place);

#endif
