// SPDX-License-Identifier: Apache-2.0
// The value of a host in zone.map and ramp.map: "old:new:share:generation:until", as in
// "flexible:strict:1100:7:1795254110". One value, so that every change is atomic. A steady one is
// "full:full:0:0:0".
#ifndef SSLAUTO_EDGE_HAPROXY_MAP_VALUE_H
#define SSLAUTO_EDGE_HAPROXY_MAP_VALUE_H

#include <stdint.h>

#include "core/err.h"
#include "core/span.h"
#include "model/mode.h"

struct map_value {
    enum mode old_mode;
    enum mode new_mode;
    int share_bp;
    int64_t generation; // 0 = steady
    int64_t until;      // seconds since the epoch by the edge's clock: the lease; 0 = out
};

#define MAP_VALUE_SIZE 80
const char *map_value_print(char text[MAP_VALUE_SIZE], const struct map_value *value);
// ERR_INVALID for everything that map_value_print does not write.
enum err map_value_parse(struct map_value *out, struct span text);
// Old mode alone.
struct map_value map_value_steady(enum mode mode);

#endif
