// SPDX-License-Identifier: Apache-2.0
// The map files that HAProxy reads when it starts: the steady state, so that a reload or restart
// comes back with it and with no ramp. One lock per folder keeps writers apart; readers always see
// a whole file, the old or the new one (write, fsync, rename).
#ifndef SSLAUTO_EDGE_HAPROXY_MAP_FILE_H
#define SSLAUTO_EDGE_HAPROXY_MAP_FILE_H

#include <stdio.h>

#include "edge/haproxy/map_row.h"

#define MAP_PATH_SIZE 512

struct map_lock {
    int fd; // -1 = not held
};

// ERR_UNAVAILABLE when somebody else holds it for longer than timeout_ms, or the folder cannot be
// used; ERR_NOT_FOUND when there is no such folder.
enum err map_lock_take(struct map_lock *out, const char *dir, int64_t timeout_ms, struct why *why);
void map_lock_done(struct map_lock *lock);

// Brings the rows of one map into its file. Not written when it has them already. The lock is held.
enum err map_file_update(const char *dir, enum map map, const struct map_row *rows, size_t count,
                         struct why *why);

// Adds the text of one map's file; nothing where there is none.
enum err map_file_read(struct buf *text, const char *dir, enum map map, struct why *why);

// A file written anew, row by row; it takes its place with map_file_commit.
struct map_file {
    FILE *out; // owned; NULL = closed
    char path[MAP_PATH_SIZE];
    char temporary[MAP_PATH_SIZE];
};
enum err map_file_begin(struct map_file *out, const char *dir, enum map map, struct why *why);
enum err map_file_commit(struct map_file *file, struct why *why);
// Drops what was not committed.
void map_file_done(struct map_file *file);

#endif
