// SPDX-License-Identifier: Apache-2.0
// Where to listen, from the operator's words.
#ifndef SSLAUTO_CORE_LISTEN_H
#define SSLAUTO_CORE_LISTEN_H

#include <stdint.h>
#include <sys/socket.h>

#include "core/err.h"

// Port 0 stands for any that is free.
enum listen_port {
    LISTEN_GIVEN_PORT,
    LISTEN_ANY_PORT
};

// "[::1]:8787", "127.0.0.1:8787", "8787" (of 127.0.0.1). usual: the port that the message about
// other words shows.
enum err listen_parse(struct sockaddr_storage *out, const char *where, enum listen_port allowed,
                      uint16_t usual, struct why *why);

#endif
