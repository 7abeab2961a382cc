// SPDX-License-Identifier: Apache-2.0
// Standard output, checked: what a command printed counts only once it was flushed.
#ifndef SSLAUTO_CLI_OUTPUT_H
#define SSLAUTO_CLI_OUTPUT_H

#include <jansson.h>

#include "core/err.h"
#include "core/span.h"

enum style {
    STYLE_NONE,
    STYLE_BOLD,
    STYLE_FAINT,
    STYLE_GOOD,
    STYLE_WARN,
    STYLE_BAD,
    STYLE_COUNT
};

// when: "auto" (a terminal, and no NO_COLOR, see no-color.org), "always", "never".
bool output_wants_color(const char *when, int fd);
struct output {
    bool color; // stdout may be coloured
};

// Remote or stored text, made safe for a terminal, in a style.
void output_text(const struct output *out, enum style style, const char *text);
// Words of ours; %s must be safe already.
void output_print(const char *fmt, ...) PRINTF_LIKE(1, 2);
// A paragraph wrapped to the terminal (else 80 columns), every line indented.
void output_wrap(size_t indent, const char *text);
// One compact line, keys as they were set.
enum err output_json_line(const json_t *json);
enum err output_json_pretty(const json_t *json);

// ERR_IO once a write has failed, so that long lists can stop early.
enum err output_check(void);
// Flushes and checks all there was. why names the reason, "" for a reader that went away.
enum err output_finish(struct why *why);

#endif
