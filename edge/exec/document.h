// SPDX-License-Identifier: Apache-2.0
// What the program reads: its form is told in edge/exec/README.md.
#ifndef SSLAUTO_EDGE_EXEC_DOCUMENT_H
#define SSLAUTO_EDGE_EXEC_DOCUMENT_H

#include "core/buf.h"
#include "edge/edge.h"

#define DOCUMENT_VERSION 1

struct document {
    const char *call;
    const char *edge;
    const struct zone *zone;      // NULL = none
    const struct edge_want *want; // NULL = none
    const int64_t *generation;    // NULL = none
    const char *cohort;           // NULL = none
    const bool *overwrite;        // NULL = none
};

// One line of JSON. ERR_LIMIT when `out` has no room for it.
enum err document_print(struct buf *out, const struct document *document);
// One zone of a resync, one line of JSON.
enum err document_print_zone(struct buf *out, const struct zone *zone);

#endif
