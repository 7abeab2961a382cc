// SPDX-License-Identifier: Apache-2.0
// Where inline scripts send the visitor by a literal: location = "...", location.replace("..."),
// top.location.href = "...", location.protocol = "http:". Found by its words, nothing is run.
#ifndef SSLAUTO_SIMILARITY_SCRIPT_H
#define SSLAUTO_SIMILARITY_SCRIPT_H

#include "core/err.h"
#include "core/span.h"

enum {
    SCRIPT_LITERAL = 512, // longest literal that is looked at, bytes
    SCRIPT_WINDOW = 4096,
};

// `to` is lent for the call: an absolute or relative reference, "http:" alone for the page's own
// place over plain HTTP.
typedef void script_sink(void *arg, struct span to);

void script_scan(struct span script, script_sink *sink, void *arg);

// A script that comes in pieces.
struct script_window {
    char at[SCRIPT_WINDOW];
    size_t len;
    bool carried; // begins in the middle of a script
};
void script_feed(struct script_window *window, struct span piece, script_sink *sink, void *arg);
void script_end(struct script_window *window, script_sink *sink, void *arg);

#endif
