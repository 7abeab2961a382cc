// SPDX-License-Identifier: Apache-2.0
// The way between edge and origins, with points that a test can set: each address of a zone leads
// over TCP to one of the real servers, to none, or to somebody who does not speak.
#ifndef SSLAUTO_TESTS_NET_ROLLOUT_RELAY_H
#define SSLAUTO_TESTS_NET_ROLLOUT_RELAY_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#define RELAY_LINES 48

// Values of relay_line.way; from RELAY_SERVER on: to the server 127.60.(way - RELAY_SERVER).1.
enum {
    RELAY_CLOSED,     // connections are refused, those there are end
    RELAY_RESET,      // accepted, and reset at the first bytes
    RELAY_BLACK_HOLE, // accepted, never answered
    RELAY_PLAIN,      // to the HTTP port of the server 0
    RELAY_SERVER,
};

struct relay_line {
    atomic_int way[2];   // wanted: of the HTTP port, of the HTTPS port
    atomic_int shown[2]; // as it is
};

struct relay {
    struct relay_line *lines; // shared with the process that relays
    uint16_t ports[2];        // the servers' too
    size_t count;
    pid_t pid;
};

// Listens at 127.61.0.1, 127.61.1.1 ...; all lead to the server 0.
void relay_start(struct relay *relay, size_t count, uint16_t http_port, uint16_t https_port);
void relay_stop(struct relay *relay);
// Returns when the point is set. New connections go there; only RELAY_CLOSED ends those there are.
void relay_set(struct relay *relay, size_t line, int http, int https);

#endif
