// SPDX-License-Identifier: Apache-2.0
#include "tests/net/api_raw.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int api_raw_connect(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    const struct timeval limit = {.tv_sec = 10};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

size_t api_raw_fill(char *out, size_t size, const char *text, const char *token, const char *zone)
{
    size_t at = 0;
    for (; *text != '\0' && at + 128 < size; text++) {
        const char *put = strncmp(text, "%T", 2) == 0   ? token
                          : strncmp(text, "%Z", 2) == 0 ? zone
                                                        : NULL;
        if (put != NULL) {
            at += (size_t)snprintf(out + at, size - at, "%s", put);
            text++;
        } else {
            out[at++] = *text;
        }
    }
    return at;
}
