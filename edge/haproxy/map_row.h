// SPDX-License-Identifier: Apache-2.0
// What a zone is made of at the edge: rows of its maps.
//
//   zone.map    HOST        its steady value
//   origin.map  HOST        number of its origins
//               HOST/0 ...  their addresses, or names that the edge resolves
//               HOST/host   sent instead of HOST in Host; only where it is told
//               HOST/sni    sent instead of HOST in SNI; only where it is told
//   ramp.map    HOST        its value while a rollout moves it
#ifndef SSLAUTO_EDGE_HAPROXY_MAP_ROW_H
#define SSLAUTO_EDGE_HAPROXY_MAP_ROW_H

#include "core/buf.h"
#include "edge/edge.h"

enum map {
    MAP_ZONE,
    MAP_ORIGIN,
    MAP_RAMP,
    MAP_COUNT
};

struct map_row {
    enum map map;
    const char *key;   // lent by the rows
    const char *value; // lent by the rows; NULL = there must be no such row
};

struct map_rows {
    struct map_row *at; // owned array
    size_t count;
    size_t room;
    char **texts; // owned strings
    size_t text_count;
    size_t text_room;
};

const char *map_file_name(enum map map); // "zone.map" ...

void map_rows_done(struct map_rows *rows);
// All rows of MAP_ZONE and MAP_ORIGIN of a zone in a steady mode. ERR_INVALID with the words when
// this edge cannot serve it: ports that its configuration does not have, names that a map cannot
// hold.
enum err map_rows_of_zone(struct map_rows *out, const struct zone *zone, enum mode mode,
                          const struct edge_settings *settings, struct why *why);
// Those of MAP_ZONE alone, for a zone that this edge may not be able to serve. ERR_INVALID for
// names that a map cannot hold.
enum err map_rows_of_names(struct map_rows *out, const struct zone *zone, enum mode mode,
                           struct why *why);
// Host names and addresses: nothing that means something to the socket's command line or in a map.
bool map_row_safe(const char *text);

#endif
