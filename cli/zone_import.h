// SPDX-License-Identifier: Apache-2.0
// A file of zones, streamed: CSV with a header line or JSONL. Flat memory: one zone at a time, and
// twelve bytes for each name (met.h).
#ifndef SSLAUTO_CLI_ZONE_IMPORT_H
#define SSLAUTO_CLI_ZONE_IMPORT_H

#include "cli/lines.h"
#include "cli/settings.h"
#include "cli/zone_change.h"
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
    // before: what it was, where known() had it; NULL = a new zone.
    enum err (*zone)(void *ctx, struct zone *zone, const struct zone_before *before,
                     struct why *why);
    void (*bad)(void *ctx, const char *name, size_t line, const char *reason);
    void *ctx;
    const struct settings *settings; // for trust sets; NULL = not checked
    // The zone that is there already, owned, for the file to change; *out stays NULL where there is
    // none. NULL = all zones are new.
    enum err (*known)(void *ctx, struct zone **out, const char *name, const char *account,
                      struct why *why);
};

struct import_counts {
    size_t zones;     // handed to the sink and taken
    size_t bad_lines; // reported
    size_t bad_zones; // left out, whole, because of a bad line
};

// Rows of one name and account that follow each other make one zone. A bad row spoils its whole
// zone: half a zone could get a mode that its other half does not survive. So does a zone that
// comes again behind another one, which is why the file is read twice.
// Of a zone that is known only what the file names changes: an empty field and a missing one name
// nothing. Rows with a field "host" and a member "hosts" name all hosts; without, the others stay.
// A mode that changes makes the zone custom, unless the file names "automatic" too. AUTO: JSONL
// when the first line begins with '{'. A bad header line is ERR_INVALID.
enum err zone_import(struct import_counts *out, struct lines *lines, enum import_format format,
                     const struct import_sink *sink, struct why *why);

#endif
