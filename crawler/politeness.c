// SPDX-License-Identifier: Apache-2.0
#include "crawler/politeness.h"

#include <assert.h>
#include <math.h>

#define BUCKETS ((size_t)8192)

// An address that is waited for, asked, or remembered.
struct place {
    struct place *chain;         // in its bucket
    struct place *ring;          // next place of the network with turns waiting
    struct place *older, *newer; // in the list of idle places
    struct network *network;
    struct addr addr;
    struct turn *first, *last; // waiting
    unsigned active;           // turns taken
    unsigned failures;         // in a row
    int64_t next_ms;           // earliest moment of the next request
    int64_t rests_until_ms;
    bool idle;
};

struct network {
    struct network *chain;
    struct network *ready; // next network that has turns to give
    uint64_t key;
    struct place *ring; // last place of a ring of those with turns waiting, or NULL
    size_t places;      // that point here
    unsigned active;
    bool is_ready;
};

struct politeness {
    struct politeness_limits limits;
    struct place *places[BUCKETS];
    struct network *networks[BUCKETS];
    struct network *ready_first, *ready_last;
    struct place *oldest, *newest; // idle places
    size_t place_count, idle_count;
    double rate_next_ms;
};

// FNV-1a; the tables hold what operators entered, nobody gains from collisions.
static uint64_t hash_bytes(const uint8_t *bytes, size_t len, uint64_t hash)
{
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ bytes[i]) * 0x100000001b3U;
    }
    return hash;
}

uint64_t politeness_network(const struct addr *addr)
{
    return hash_bytes(addr->bytes, addr->version == 4 ? 3 : 6, 0xcbf29ce484222325U ^ addr->version);
}

static size_t bucket_of(const struct addr *addr)
{
    size_t len = addr->version == 4 ? 4 : 16;
    return (size_t)(hash_bytes(addr->bytes, len, 0xcbf29ce484222325U) % BUCKETS);
}

enum err politeness_new(struct politeness **out, const struct politeness_limits *limits)
{
    struct politeness *p = calloc(1, sizeof *p);
    if (p == NULL) {
        return ERR_NOMEM;
    }
    p->limits = *limits;
    *out = p;
    return ERR_OK;
}

static void forget_network(struct politeness *p, struct network *network)
{
    struct network **at = &p->networks[network->key % BUCKETS];
    while (*at != network) {
        at = &(*at)->chain;
    }
    *at = network->chain;
    free(network);
}

static void leave_idle(struct politeness *p, struct place *place)
{
    if (!place->idle) {
        return;
    }
    *(place->older == NULL ? &p->oldest : &place->older->newer) = place->newer;
    *(place->newer == NULL ? &p->newest : &place->newer->older) = place->older;
    place->older = place->newer = NULL;
    place->idle = false;
    p->idle_count--;
}

static void forget_place(struct politeness *p, struct place *place)
{
    leave_idle(p, place);
    struct place **at = &p->places[bucket_of(&place->addr)];
    while (*at != place) {
        at = &(*at)->chain;
    }
    *at = place->chain;
    struct network *network = place->network;
    if (--network->places == 0) {
        forget_network(p, network);
    }
    p->place_count--;
    free(place);
}

void politeness_free(struct politeness *p)
{
    if (p == NULL) {
        return;
    }
    while (p->oldest != NULL) {
        forget_place(p, p->oldest);
    }
    assert(p->place_count == 0);
    free(p);
}

static struct network *find_network(struct politeness *p, uint64_t key)
{
    for (struct network *n = p->networks[key % BUCKETS]; n != NULL; n = n->chain) {
        if (n->key == key) {
            return n;
        }
    }
    struct network *n = calloc(1, sizeof *n);
    if (n != NULL) {
        n->key = key;
        n->chain = p->networks[key % BUCKETS];
        p->networks[key % BUCKETS] = n;
    }
    return n;
}

static struct place *find_place(struct politeness *p, const struct addr *addr)
{
    size_t bucket = bucket_of(addr);
    for (struct place *place = p->places[bucket]; place != NULL; place = place->chain) {
        if (addr_equal(&place->addr, addr)) {
            return place;
        }
    }
    struct place *place = calloc(1, sizeof *place);
    if (place == NULL) {
        return NULL;
    }
    place->network = find_network(p, politeness_network(addr));
    if (place->network == NULL) {
        free(place);
        return NULL;
    }
    place->network->places++;
    place->addr = *addr;
    place->chain = p->places[bucket];
    p->places[bucket] = place;
    p->place_count++;
    return place;
}

static void make_ready(struct politeness *p, struct network *network)
{
    if (network->is_ready || network->ring == NULL) {
        return;
    }
    network->is_ready = true;
    network->ready = NULL;
    *(p->ready_last == NULL ? &p->ready_first : &p->ready_last->ready) = network;
    p->ready_last = network;
}

static struct network *pop_ready(struct politeness *p)
{
    struct network *network = p->ready_first;
    if (network != NULL) {
        p->ready_first = network->ready;
        if (p->ready_first == NULL) {
            p->ready_last = NULL;
        }
        network->is_ready = false;
    }
    return network;
}

static void ring_add(struct network *network, struct place *place)
{
    if (network->ring == NULL) {
        place->ring = place;
    } else {
        place->ring = network->ring->ring;
        network->ring->ring = place;
    }
    network->ring = place;
}

static void ring_remove(struct network *network, struct place *before)
{
    struct place *place = before->ring;
    if (place == before) {
        network->ring = NULL;
    } else {
        before->ring = place->ring;
        if (network->ring == place) {
            network->ring = before;
        }
    }
    place->ring = NULL;
}

enum err politeness_queue(struct politeness *p, struct turn *turn, const struct addr *addr)
{
    struct place *place = find_place(p, addr);
    if (place == NULL) {
        return ERR_NOMEM;
    }
    leave_idle(p, place);
    turn->place = place;
    turn->next = NULL;
    if (place->first == NULL) {
        place->first = turn;
        ring_add(place->network, place);
    } else {
        place->last->next = turn;
    }
    place->last = turn;
    make_ready(p, place->network);
    return ERR_OK;
}

// The first turn of the place behind `before`.
static struct turn *shift(struct network *network, struct place *before)
{
    struct place *place = before->ring;
    struct turn *turn = place->first;
    place->first = turn->next;
    turn->next = NULL;
    if (place->first == NULL) {
        place->last = NULL;
        ring_remove(network, before);
    } else {
        network->ring = place; // the next place in the ring is asked first next time
    }
    return turn;
}

static struct turn *next_of(const struct politeness *p, struct network *network)
{
    if (network->ring == NULL || network->active >= p->limits.per_network) {
        return NULL;
    }
    struct place *before = network->ring;
    do {
        struct place *place = before->ring;
        if (place->active < p->limits.per_address) {
            struct turn *turn = shift(network, before);
            place->active++;
            network->active++;
            return turn;
        }
        before = place;
    } while (before != network->ring);
    return NULL;
}

struct turn *politeness_next(struct politeness *p)
{
    struct network *network = NULL;
    while ((network = pop_ready(p)) != NULL) {
        struct turn *turn = next_of(p, network);
        if (turn != NULL) {
            make_ready(p, network);
            return turn;
        }
    }
    return NULL;
}

// Drops idle places that have nothing left to remember, and the oldest above the bound.
static void sweep(struct politeness *p, int64_t now_ms)
{
    while (p->oldest != NULL) {
        const struct place *place = p->oldest;
        bool stale = place->next_ms <= now_ms && place->rests_until_ms <= now_ms &&
                     (place->failures == 0 || place->next_ms + p->limits.breaker_ms <= now_ms);
        if (!stale && p->idle_count <= p->limits.idle_max) {
            return;
        }
        forget_place(p, p->oldest);
    }
}

static void become_idle(struct politeness *p, struct place *place)
{
    place->idle = true;
    place->older = p->newest;
    place->newer = NULL;
    *(p->newest == NULL ? &p->oldest : &p->newest->newer) = place;
    p->newest = place;
    p->idle_count++;
}

void politeness_release(struct politeness *p, struct turn *turn, int64_t now_ms)
{
    struct place *place = turn->place;
    assert(place != NULL && place->active > 0 && place->network->active > 0);
    turn->place = NULL;
    place->active--;
    place->network->active--;
    make_ready(p, place->network);
    if (place->active == 0 && place->first == NULL) {
        become_idle(p, place);
    }
    sweep(p, now_ms);
}

struct turn *politeness_drain(struct politeness *p)
{
    struct network *network = NULL;
    for (size_t i = 0; i < BUCKETS && network == NULL; i++) {
        network = p->networks[i];
        while (network != NULL && network->ring == NULL) {
            network = network->chain;
        }
    }
    if (network == NULL) {
        return NULL;
    }
    struct place *place = network->ring->ring;
    struct turn *turn = shift(network, network->ring);
    turn->place = NULL;
    if (place->active == 0 && place->first == NULL) {
        become_idle(p, place);
    }
    return turn;
}

int64_t politeness_reserve(struct politeness *p, const struct turn *turn, int64_t now_ms)
{
    struct place *place = turn->place;
    int64_t at = place->next_ms > now_ms ? place->next_ms : now_ms;
    if (p->limits.rate > 0) {
        if (p->rate_next_ms < (double)now_ms) {
            p->rate_next_ms = (double)now_ms;
        }
        int64_t rated = (int64_t)ceil(p->rate_next_ms);
        at = rated > at ? rated : at;
        p->rate_next_ms += 1000 / p->limits.rate;
    }
    place->next_ms = at + p->limits.gap_ms;
    return at;
}

void politeness_connected(const struct turn *turn)
{
    turn->place->failures = 0;
    turn->place->rests_until_ms = 0;
}

// A rested address gets one try: its next failure in a row makes it rest again.
void politeness_failed(const struct politeness *p, const struct turn *turn, int64_t now_ms)
{
    struct place *place = turn->place;
    place->failures++;
    if (p->limits.breaker_failures > 0 && place->failures >= p->limits.breaker_failures) {
        place->rests_until_ms = now_ms + p->limits.breaker_ms;
    }
}

unsigned politeness_rests(const struct turn *turn, int64_t now_ms)
{
    return turn->place->rests_until_ms > now_ms ? turn->place->failures : 0;
}

size_t politeness_places(const struct politeness *p)
{
    return p->place_count;
}
