// SPDX-License-Identifier: Apache-2.0
// Private to edge/: what a driver provides; the contract of each call is that of the call of edge.h
// with the same name. A driver that lacks a capability leaves its calls NULL; check may be NULL
// where every form of places will do, forget and resync where there is nothing to do.
#ifndef SSLAUTO_EDGE_DRIVER_H
#define SSLAUTO_EDGE_DRIVER_H

#include "edge/edge.h"

struct edge_driver {
    const char *name;
    unsigned capabilities; // of each of its edges, unless open() tells others
    enum err (*check)(const struct edge_settings *settings, struct why *why);
    enum err (*open)(struct edge **out, const struct edge_settings *settings, struct why *why);
    void (*close)(struct edge *edge);
    enum err (*apply)(struct edge *edge, const struct edge_want *want, struct why *why);
    enum err (*read)(struct edge *edge, const struct zone *zone, struct edge_seen *out,
                     size_t *count, struct why *why);
    enum err (*counters)(struct edge *edge, const struct zone *zone, int64_t generation,
                         struct edge_counted *out, size_t *count, struct why *why);
    enum err (*probe)(struct edge *edge, const struct zone *zone, enum cohort cohort,
                      struct edge_probe *out, struct why *why);
    enum err (*stop_all)(struct edge *edge, size_t *count, struct why *why);
    enum err (*forget)(struct edge *edge, const struct zone *zone, int64_t generation,
                       struct why *why);
    enum err (*resync)(struct edge *edge, const struct zone *(*next)(void *ctx), void *ctx,
                       bool overwrite, struct why *why);
    enum err (*print)(const struct edge_settings *settings, FILE *out, struct why *why);
};

// Every driver's edge begins with this. edge_open fills it after open(), and the settings that it
// gives to open() are a copy that lives as long as the edge: the driver may keep the pointer.
struct edge {
    const struct edge_driver *driver;
    char name[LIMIT_EDGE_NAME + 1];
    unsigned capabilities;          // what open() wrote, else those of the driver
    struct edge_settings *settings; // owned by edge_open, edge_close
};

extern const struct edge_driver edge_dryrun;
extern const struct edge_driver edge_haproxy;
extern const struct edge_driver edge_exec;

#endif
