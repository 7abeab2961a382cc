// SPDX-License-Identifier: Apache-2.0
#include "crawler/resolver.h"

#include <ares.h>
#include <netdb.h>

#include "core/time.h"
#include "crawler/outcome.h"

#define TRIES 3 // facts: two seconds, three tries find names that one lost packet would hide

struct resolver {
    struct resolver_settings settings;
    ares_channel channel;
    struct lookup *first, *last; // waiting for a place
    unsigned in_flight;
};

static void socket_state(void *data, ares_socket_t fd, int readable, int writable)
{
    struct resolver *resolver = data;
    resolver->settings.watch(resolver->settings.ctx, (int)fd, readable != 0, writable != 0);
}

enum err resolver_new(struct resolver **out, const struct resolver_settings *settings,
                      struct why *why)
{
    struct resolver *resolver = calloc(1, sizeof *resolver);
    if (resolver == NULL) {
        return ERR_NOMEM;
    }
    resolver->settings = *settings;
    char lookups[] = "b"; // never /etc/hosts behind our back: the policy names the file
    struct ares_options options = {
        .flags = ARES_FLAG_NOSEARCH, // origin names are full names
        .timeout = (int)settings->timeout_ms,
        .tries = TRIES,
        .lookups = lookups,
        .sock_state_cb = socket_state,
        .sock_state_cb_data = resolver,
    };
    int status = ares_init_options(&resolver->channel, &options,
                                   ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                                       ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB);
    if (status != ARES_SUCCESS) {
        free(resolver);
        return why_set(why, status == ARES_ENOMEM ? ERR_NOMEM : ERR_IO, "resolver: %s",
                       ares_strerror(status));
    }
    if (settings->servers != NULL) {
        status = ares_set_servers_ports_csv(resolver->channel, settings->servers);
        if (status != ARES_SUCCESS) {
            resolver_free(resolver);
            return why_set(why, ERR_INVALID, "dns_servers \"%s\": %s", settings->servers,
                           ares_strerror(status));
        }
    }
    *out = resolver;
    return ERR_OK;
}

static void keep(struct lookup *lookup, const struct addr *addr)
{
    for (size_t i = 0; i < lookup->count; i++) {
        if (addr_equal(&lookup->addresses[i], addr)) {
            return;
        }
    }
    if (lookup->count == LIMIT_ADDRESSES) {
        lookup->more = true;
        return;
    }
    lookup->addresses[lookup->count++] = *addr;
}

static void take_addresses(struct lookup *lookup, const struct ares_addrinfo *info)
{
    for (const struct ares_addrinfo_node *node = info->nodes; node != NULL; node = node->ai_next) {
        struct addr addr;
        if (addr_from_sockaddr(&addr, node->ai_addr)) {
            keep(lookup, &addr);
        }
    }
}

static void take_lines(struct lookup *lookup, const struct hosts *hosts)
{
    struct addr found[4 * LIMIT_ADDRESSES]; // lines may say the same twice
    size_t count = hosts_find(hosts, lookup->name, found, COUNT_OF(found));
    for (size_t i = 0; i < count; i++) {
        keep(lookup, &found[i]);
    }
    lookup->more = lookup->more || count == COUNT_OF(found);
}

static void answered(void *arg, int status, int timeouts, struct ares_addrinfo *info)
{
    (void)timeouts;
    struct lookup *lookup = arg;
    struct resolver *resolver = lookup->resolver;
    if (status == ARES_SUCCESS && info != NULL) {
        take_addresses(lookup, info);
    }
    if (info != NULL) {
        ares_freeaddrinfo(info);
    }
    if (lookup->count == 0) {
        outcome_words(lookup->words, "%s: %s", lookup->name,
                      status == ARES_SUCCESS ? "no address" : ares_strerror(status));
    }
    lookup->took_ms = (uint32_t)(time_monotonic_ms() - lookup->asked_at_ms);
    resolver->in_flight--;
    resolver->settings.done(resolver->settings.ctx, lookup);
}

static void send_waiting(struct resolver *resolver)
{
    while (resolver->first != NULL && resolver->in_flight < resolver->settings.in_flight) {
        struct lookup *lookup = resolver->first;
        resolver->first = lookup->next;
        if (resolver->first == NULL) {
            resolver->last = NULL;
        }
        lookup->next = NULL;
        lookup->asked_at_ms = time_monotonic_ms();
        resolver->in_flight++;
        struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
        ares_getaddrinfo(resolver->channel, lookup->name, NULL, &hints, answered, lookup);
    }
}

void resolver_ask(struct resolver *resolver, struct lookup *lookup)
{
    lookup->resolver = resolver;
    lookup->next = NULL;
    lookup->count = 0;
    lookup->more = false;
    lookup->took_ms = 0;
    if (resolver->settings.hosts != NULL) {
        take_lines(lookup, resolver->settings.hosts);
        if (lookup->count > 0) {
            resolver->settings.done(resolver->settings.ctx, lookup);
            return;
        }
    }
    *(resolver->last == NULL ? &resolver->first : &resolver->last->next) = lookup;
    resolver->last = lookup;
    send_waiting(resolver);
}

void resolver_process(struct resolver *resolver, int fd, bool readable, bool writable)
{
    ares_process_fd(resolver->channel, readable ? fd : ARES_SOCKET_BAD,
                    writable ? fd : ARES_SOCKET_BAD);
    send_waiting(resolver);
}

int resolver_timeout_ms(struct resolver *resolver)
{
    if (resolver->in_flight == 0) {
        return -1;
    }
    struct timeval most = {.tv_sec = 1};
    struct timeval wait;
    const struct timeval *got = ares_timeout(resolver->channel, &most, &wait);
    return got == NULL ? 1000 : (int)(got->tv_sec * 1000 + (got->tv_usec + 999) / 1000);
}

void resolver_cancel(struct resolver *resolver)
{
    struct lookup *waiting = resolver->first;
    resolver->first = resolver->last = NULL;
    while (waiting != NULL) {
        struct lookup *lookup = waiting;
        waiting = lookup->next;
        outcome_words(lookup->words, "%s: not looked up", lookup->name);
        resolver->settings.done(resolver->settings.ctx, lookup);
    }
    ares_cancel(resolver->channel);
}

void resolver_free(struct resolver *resolver)
{
    if (resolver != NULL) {
        ares_destroy(resolver->channel);
        free(resolver);
    }
}
