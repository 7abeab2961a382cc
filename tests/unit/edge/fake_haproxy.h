// SPDX-License-Identifier: Apache-2.0
// Something at a stats socket: a small imitation of HAProxy's maps, or a server that misbehaves.
#ifndef SSLAUTO_TESTS_UNIT_EDGE_FAKE_HAPROXY_H
#define SSLAUTO_TESTS_UNIT_EDGE_FAKE_HAPROXY_H

#include <stdint.h>
#include <sys/types.h>

enum fake_manner {
    FAKE_MAPS,    // answers as HAProxy does, logs every change
    FAKE_SAYS,    // one text, whatever it is asked
    FAKE_HANGS,   // reads, and never answers
    FAKE_CLOSES,  // closes before reading
    FAKE_ENDLESS, // never stops answering
};

struct fake_row {
    const char *map; // "zone.map" ...
    const char *key;
    const char *value;
};

struct fake {
    enum fake_manner manner;
    const char *text;            // FAKE_SAYS
    const struct fake_row *rows; // FAKE_MAPS: at the beginning, ends with map NULL
    int64_t clock_ahead_s;       // FAKE_MAPS
    char dir[64];                // of the socket, the maps and the log
    char place[96];              // "unix:DIR/sock"
    pid_t pid;
};

// Fills dir, place and pid; the other fields are the caller's.
void fake_start(struct fake *fake);
// The changes so far, a line each, without the maps' folder: "set zone.map a.test VALUE". Owned.
char *fake_log(const struct fake *fake);
void fake_stop(struct fake *fake);
// Writes or reads DIR/name. The text is owned; "" when there is no such file.
void fake_write(const struct fake *fake, const char *name, const char *text);
char *fake_read(const struct fake *fake, const char *name);

#endif
