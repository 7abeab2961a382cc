// SPDX-License-Identifier: Apache-2.0
// Who may be asked next, and when. Counts connections per address and per network, spaces the
// requests to one address, rests addresses that do not answer. One per worker thread: a network
// belongs to one worker, so nothing here is shared. Reads no clock.
#ifndef SSLAUTO_CRAWLER_POLITENESS_H
#define SSLAUTO_CRAWLER_POLITENESS_H

#include <stddef.h>
#include <stdint.h>

#include "core/addr.h"
#include "core/err.h"

struct politeness_limits {
    unsigned per_address; // turns at once
    unsigned per_network; // and per /24 (IPv4) or /48 (IPv6)
    int64_t gap_ms;       // between two requests to one address
    double rate;          // requests per second; 0 = no limit
    unsigned breaker_failures;
    int64_t breaker_ms;
    size_t idle_max; // addresses remembered that nobody is asking
};

// What waits for its turn embeds one. `place` is set from politeness_queue to politeness_release.
struct turn {
    struct turn *next;
    struct place *place;
};

struct politeness;

enum err politeness_new(struct politeness **out, const struct politeness_limits *limits);
// No turn may be queued or taken any more.
void politeness_free(struct politeness *politeness);

enum err politeness_queue(struct politeness *politeness, struct turn *turn,
                          const struct addr *addr);
// The next turn whose address and network have room, round-robin over networks and addresses,
// first come first served within an address; NULL when there is none. It is taken until released.
struct turn *politeness_next(struct politeness *politeness);
void politeness_release(struct politeness *politeness, struct turn *turn, int64_t now_ms);
// Any queued turn, whatever the limits, not taken but forgotten; NULL when none is queued.
struct turn *politeness_drain(struct politeness *politeness);

// Books the next request of a taken turn: the moment when it may be sent, never before now_ms.
int64_t politeness_reserve(struct politeness *politeness, const struct turn *turn, int64_t now_ms);

void politeness_connected(const struct turn *turn);
void politeness_failed(const struct politeness *politeness, const struct turn *turn,
                       int64_t now_ms);
// The number of failed connections in a row when the address rests now, else 0.
unsigned politeness_rests(const struct turn *turn, int64_t now_ms);

// Addresses in memory, for tests.
size_t politeness_places(const struct politeness *politeness);
// The network of an address as a number, the same for all of its addresses.
uint64_t politeness_network(const struct addr *addr);

#endif
