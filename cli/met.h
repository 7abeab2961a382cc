// SPDX-License-Identifier: Apache-2.0
// The zones of a file by hashes of their names: which come again behind other zones. Twelve bytes
// a zone, so that a million of them stay small.
#ifndef SSLAUTO_CLI_MET_H
#define SSLAUTO_CLI_MET_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct met_zone; // one slot

struct met {
    struct met_zone *slots; // owned
    size_t slot_count;      // a power of two, or 0
    size_t used;
    uint64_t seed;
};

void met_init(struct met *met);
void met_done(struct met *met);

// Two zones of a file of a million have the same key once in some ten million files; they are then
// reported and left out, so nothing wrong is stored.
uint64_t met_key(const struct met *met, const char *name, const char *account);
// Notes the zone, told first on that line. ERR_LIMIT past the last line that can be noted.
enum err met_add(struct met *met, uint64_t key, size_t line);
// The line on which a zone that was noted more than once began first; 0 for one noted once.
size_t met_first_line(const struct met *met, uint64_t key);

#endif
