// SPDX-License-Identifier: Apache-2.0
// Origins given as names: a hosts file first, else DNS through c-ares, a bounded number at once.
// One per worker thread; it waits in that worker's epoll loop.
#ifndef SSLAUTO_CRAWLER_RESOLVER_H
#define SSLAUTO_CRAWLER_RESOLVER_H

#include "core/addr.h"
#include "core/err.h"
#include "core/limits.h"
#include "crawler/hosts.h"

struct lookup {
    struct lookup *next;                    // the resolver's
    struct resolver *resolver;              // the resolver's
    const char *name;                       // lent until done
    struct addr addresses[LIMIT_ADDRESSES]; // each once
    size_t count;                           // 0 = failed
    bool more;                              // the name has further addresses
    char words[160];                        // why it failed
    int64_t asked_at_ms;
    uint32_t took_ms;
    void *owner;
};

struct resolver_settings {
    const struct hosts *hosts; // lent; NULL = none
    const char *servers;       // "ip[:port],..."; NULL = the system's
    unsigned in_flight;
    int64_t timeout_ms; // per try, three tries
    // Watch this socket for reading and writing; both false = no longer.
    void (*watch)(void *ctx, int fd, bool readable, bool writable);
    void (*done)(void *ctx, struct lookup *lookup);
    void *ctx;
};

enum err resolver_new(struct resolver **out, const struct resolver_settings *settings,
                      struct why *why);
// Lookups still out come back as failed.
void resolver_free(struct resolver *resolver);
// lookup->name and ->owner are set. done() may be called before this returns.
void resolver_ask(struct resolver *resolver, struct lookup *lookup);
// A watched socket is ready; fd -1: look at timeouts only.
void resolver_process(struct resolver *resolver, int fd, bool readable, bool writable);
// Milliseconds until resolver_process(-1) is wanted; -1 = nothing is waited for.
int resolver_timeout_ms(struct resolver *resolver);
// Everything comes back as failed now.
void resolver_cancel(struct resolver *resolver);

#endif
