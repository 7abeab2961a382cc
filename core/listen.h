// SPDX-License-Identifier: Apache-2.0
// Where to listen, from the operator's words. Private.
#ifndef SSLAUTO_API_LISTEN_H
#define SSLAUTO_API_LISTEN_H

#include <sys/socket.h>

#include "core/err.h"

// "[::1]:8787", "127.0.0.1:8787", "8787" (of 127.0.0.1); port 0 = any that is free.
enum err listen_parse(struct sockaddr_storage *out, const char *where, struct why *why);

#endif
