// SPDX-License-Identifier: Apache-2.0
// test_net_api_drip PORT TOKEN ZONE SECONDS: clients that send one byte at a time, in the request
// line, in a header, and in a body, are cut when the whole has taken that long, and not before.
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/attr.h"
#include "core/num.h"
#include "core/time.h"
#include "tests/net/api_raw.h"

#define PAUSE_MS 200
#define SLACK_S  20 // of a machine that is busy

struct drip {
    const char *what;
    const char *begin; // sent at once; "%T" is the token, "%Z" the zone
};

static const struct drip drips[] = {
    {"a target", "GET /client/v4/zones?name="},
    {"a header", "GET /client/v4/zones HTTP/1.1\r\nHost: h\r\nX-Long: "},
    {"a body", "PATCH /client/v4/zones/%Z/settings/ssl HTTP/1.1\r\nHost: h\r\n"
               "Authorization: Bearer %T\r\nContent-Type: application/json\r\n"
               "Content-Length: 60000\r\n\r\n"},
};

static bool is_cut(int fd)
{
    char byte = 0;
    struct pollfd one = {.fd = fd, .events = POLLIN};
    return poll(&one, 1, 0) != 0 && recv(fd, &byte, 1, MSG_DONTWAIT) <= 0;
}

int main(int argc, char **argv)
{
    uint16_t port = 0;
    int fds[COUNT_OF(drips)];
    int64_t cut_ms[COUNT_OF(drips)] = {0};
    int failed = 0;
    if (argc != 5 || num_parse_port(&port, span_of(argv[1])) != ERR_OK) {
        return 2;
    }
    int64_t limit_ms = strtol(argv[4], NULL, 10) * 1000;
    int64_t begun = time_monotonic_ms();
    for (size_t i = 0; i < COUNT_OF(drips); i++) {
        char text[1024];
        size_t length = api_raw_fill(text, sizeof text, drips[i].begin, argv[2], argv[3]);
        fds[i] = api_raw_connect(port);
        if (fds[i] < 0 || send(fds[i], text, length, MSG_NOSIGNAL) != (ssize_t)length) {
            return 2;
        }
    }
    size_t left = COUNT_OF(drips);
    while (left > 0 && time_monotonic_ms() - begun < limit_ms + SLACK_S * 1000) {
        for (size_t i = 0; i < COUNT_OF(drips); i++) {
            if (cut_ms[i] == 0 && (is_cut(fds[i]) || send(fds[i], "x", 1, MSG_NOSIGNAL) != 1)) {
                cut_ms[i] = time_monotonic_ms() - begun;
                left--;
            }
        }
        (void)usleep(PAUSE_MS * 1000);
    }
    for (size_t i = 0; i < COUNT_OF(drips); i++) {
        if (cut_ms[i] == 0 || cut_ms[i] < limit_ms) {
            (void)fprintf(stderr, "dripping %s: cut after %lld ms, limit %lld ms\n", drips[i].what,
                          (long long)cut_ms[i], (long long)limit_ms);
            failed = 1;
        }
        (void)close(fds[i]);
    }
    return failed;
}
