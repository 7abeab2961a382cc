// SPDX-License-Identifier: Apache-2.0
// What one process has of a zone, beside what it should have.
#ifndef SSLAUTO_EDGE_HAPROXY_STATE_H
#define SSLAUTO_EDGE_HAPROXY_STATE_H

#include "edge/haproxy/haproxy.h"

// A row of zone.map or origin.map.
enum row_state {
    ROW_RIGHT,
    ROW_ABSENT,
    ROW_OTHER,   // another value
    ROW_FOREIGN, // a value in zone.map that sslauto does not write
};

struct host_state {
    bool known;              // it has a steady value, ours or not
    bool foreign;            // a value in zone.map or ramp.map that sslauto does not write
    enum map foreign_map;    // which has it
    char words[80];          // that value, printable
    struct map_value steady; // where known
    bool ramping;            // there is a row in ramp.map
    struct map_value ramp;   // where ramping
};

struct state {
    struct process process;
    enum row_state *rows;     // owned; one per row of the zone's rows
    struct host_state *hosts; // owned; one per host
    bool rows_right;          // all of them, and of those of zone.map all but the mode
};

// Reads every process at once. states: one per process, owned by the caller (state_done); those of
// a process that failed stay empty.
void state_read(struct talk *talk, struct state *states, const struct zone *zone,
                const struct map_rows *rows);
void state_done(struct state *state);

#endif
