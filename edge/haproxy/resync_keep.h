// SPDX-License-Identifier: Apache-2.0
// What a resync finds in the steady maps, of a process or a file, and leaves as it is: values that
// another program wrote, and modes that are stronger than the store's.
#ifndef SSLAUTO_EDGE_HAPROXY_RESYNC_KEEP_H
#define SSLAUTO_EDGE_HAPROXY_RESYNC_KEEP_H

#include "edge/haproxy/haproxy.h"

// The order of writing: a host has origins before it is served.
enum steady_map {
    STEADY_ORIGIN,
    STEADY_ZONE,
    STEADY_COUNT
};
enum map steady_map(enum steady_map which);

// A host of the store: where its rows lie in the texts.
struct wanted_host {
    size_t begin[STEADY_COUNT];
    size_t end[STEADY_COUNT];
    enum mode mode;
};

struct wanted_hosts {
    struct buf texts[STEADY_COUNT]; // "key value\n" each
    struct wanted_host *at;         // owned
    size_t count, room;
    size_t *by_name; // owned; places in at[], after wanted_hosts_sort
};

void wanted_hosts_init(struct wanted_hosts *hosts);
void wanted_hosts_done(struct wanted_hosts *hosts);
// The rows of one zone, each host's behind the other's.
enum err wanted_hosts_add(struct wanted_hosts *hosts, const struct map_rows *rows, enum mode mode);
enum err wanted_hosts_sort(struct wanted_hosts *hosts);

enum keep {
    KEEP_NOTHING,
    KEEP_MODE, // its row of zone.map; its origins are the store's
    KEEP_ALL,
};

// What one process, or the files, keep.
struct kept {
    unsigned char *of;             // owned; enum keep of each wanted host
    struct buf rows[STEADY_COUNT]; // "key value\n" each, to be written beside those of the store
    size_t left;                   // hosts of the store that are not as the store says
    char words[320];               // of the first of them
};

void kept_init(struct kept *kept);
void kept_done(struct kept *kept);
// listing: of both maps, lines of "key value" behind `skip` words. settings: for the words.
enum err kept_find(struct kept *kept, const struct wanted_hosts *hosts,
                   const struct span listing[STEADY_COUNT], size_t skip,
                   const struct edge_settings *settings);

#endif
