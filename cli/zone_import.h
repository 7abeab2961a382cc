// SPDX-License-Identifier: Apache-2.0
// A file of zones, streamed: CSV with a header line or JSONL. Flat memory: one zone at a time, and
// twelve bytes for each name (met.h).
#ifndef SSLAUTO_CLI_ZONE_IMPORT_H
#define SSLAUTO_CLI_ZONE_IMPORT_H

#include "cli/lines.h"
#include "cli/settings.h"
#include "model/zone.h"

enum import_format {
    IMPORT_AUTO,
    IMPORT_CSV,
    IMPORT_JSONL
};

// What to do with what is read. Both may return an error of ours, which ends the reading.
struct import_sink {
    // A whole zone, first told on that line. ERR_INVALID, ERR_EXISTS, ERR_CONFLICT, ERR_NOT_FOUND
    // and ERR_LIMIT with words in why are the zone's fault: they are reported and reading goes on.
    enum err (*zone)(void *ctx, struct zone *zone, struct why *why);
    void (*bad)(void *ctx, const char *name, size_t line, const char *reason);
    void *ctx;
    const struct settings *settings; // for trust sets; NULL = not checked
};

struct import_counts {
    size_t zones;     // handed to the sink and taken
    size_t bad_lines; // reported
    size_t bad_zones; // left out, whole, because of a bad line
};

// Rows of one name and account that follow each other make one zone. A bad row spoils its whole
// zone: half a zone could get a mode that its other half does not survive. So does a zone that
// comes again behind another one, which is why the file is read twice.
// AUTO: JSONL when the first line begins with '{'. A bad header line is ERR_INVALID.
enum err zone_import(struct import_counts *out, struct lines *lines, enum import_format format,
                     const struct import_sink *sink, struct why *why);

#endif
