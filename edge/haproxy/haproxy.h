// SPDX-License-Identifier: Apache-2.0
// The fleet, and what all its calls share. Private to edge/haproxy; README.md tells the whole.
#ifndef SSLAUTO_EDGE_HAPROXY_HAPROXY_H
#define SSLAUTO_EDGE_HAPROXY_HAPROXY_H

#include "edge/driver.h"
#include "edge/haproxy/map_row.h"
#include "edge/haproxy/map_value.h"
#include "edge/haproxy/runtime.h"

#define HAPROXY_TABLE        "sslauto" // of the generated configuration
#define HAPROXY_PROBE_HEADER "X-Sslauto-Probe"
#define HAPROXY_MODE_HEADER  "X-Sslauto-Mode"

struct haproxy {
    struct edge edge;
    const struct edge_settings *settings; // lent by edge_open
    struct place places[LIMIT_EDGE_PROCESSES];
    size_t place_count;
};

// One conversation with every process of the fleet.
struct talk {
    const struct haproxy *haproxy;
    struct runtime at[LIMIT_EDGE_PROCESSES];
    size_t count;
};
void talk_init(struct talk *talk, const struct haproxy *haproxy);
void talk_done(struct talk *talk);
void talk_exchange(struct talk *talk);
enum err talk_result(const struct talk *talk, struct why *why);

// What `show info` and `show activity` say of a process.
struct process {
    int64_t pid;
    int64_t started_at; // seconds since the epoch
    int64_t uptime_s;
    int64_t clock_s; // its time now
};
// To be asked last: it is the one answer of a form of its own.
void process_ask(struct runtime *runtime);
// Fails the runtime when the answer does not tell.
void process_parse(struct process *out, struct runtime *runtime);
// Changes when the process was started anew: its start and its id in one number.
int64_t process_epoch(const struct process *process);

#define MAP_NAME_SIZE 512
// "DIR/zone.map", as HAProxy names it.
const char *map_name(char out[MAP_NAME_SIZE], const struct edge_settings *settings, enum map map);
// Asks process i what a map has for a key.
void map_ask(struct talk *talk, size_t i, enum map map, const char *key);
// The answer to that, in the order of the questions. False, with the runtime failed, when the
// answer is something else.
bool map_answer(struct runtime *runtime, struct span *rest, const char *key, bool *found,
                struct span *value);

// Whether the map files are on this machine. A fleet on other machines keeps its own.
bool haproxy_has_files(const struct haproxy *haproxy);

// The calls of edge.h.
enum err haproxy_check(const struct edge_settings *settings, struct why *why);
enum err haproxy_apply(struct edge *edge, const struct edge_want *want, struct why *why);
enum err haproxy_read(struct edge *edge, const struct zone *zone, struct edge_seen *out,
                      size_t *count, struct why *why);
enum err haproxy_counters(struct edge *edge, const struct zone *zone, int64_t generation,
                          struct edge_counted *out, size_t *count, struct why *why);
enum err haproxy_forget(struct edge *edge, const struct zone *zone, int64_t generation,
                        struct why *why);
enum err haproxy_probe(struct edge *edge, const struct zone *zone, enum cohort cohort,
                       struct edge_probe *out, struct why *why);
enum err haproxy_stop_all(struct edge *edge, size_t *count, struct why *why);
enum err haproxy_resync(struct edge *edge, const struct zone *(*next)(void *ctx), void *ctx,
                        bool overwrite, struct why *why);
enum err haproxy_print(const struct edge_settings *settings, FILE *out, struct why *why);

static inline struct haproxy *haproxy_of(struct edge *edge)
{
    return (struct haproxy *)(void *)edge; // its first member
}

#endif
