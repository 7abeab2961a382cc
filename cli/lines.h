// SPDX-License-Identifier: Apache-2.0
// Text files line by line with a bound on the line, in flat memory, and CSV lines taken apart.
#ifndef SSLAUTO_CLI_LINES_H
#define SSLAUTO_CLI_LINES_H

#include <stdio.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/span.h"

struct lines {
    FILE *stream;     // owned unless it is stdin
    const char *name; // for messages; lent
    size_t number;    // of the line read last, from 1
    size_t max;       // bytes per line
    off_t start;      // where reading began; for lines_rewind
    struct buf line;
};

// "-" is standard input. ERR_NOT_FOUND, ERR_DENIED, ERR_INVALID (a folder), ...
enum err lines_open(struct lines *out, const char *path, size_t max_bytes, struct why *why);
void lines_close(struct lines *lines);
// The next line without its end (LF or CR LF), lent until the next call; a byte order mark in
// front of the first line is dropped. ERR_NOT_FOUND at the end. ERR_INVALID (a NUL byte) and
// ERR_LIMIT (too long) leave the reader behind that line: reading may go on.
enum err lines_read(struct lines *lines, struct span *out, struct why *why);

// Makes a second reading possible: what comes from a pipe is put into a temporary file first.
// Before the first line is read.
enum err lines_keep(struct lines *lines, struct why *why);
// Back to the first line; after lines_keep.
enum err lines_rewind(struct lines *lines, struct why *why);

#define CSV_MAX_FIELDS 64

// Splits one line by RFC 4180 into fields, unquoting in place. A quoted field ends on its line:
// no value of ours holds a line end, and so one lost quote spoils one line, not the file. On
// failure *count fields in front of the fault are there. The apostrophe of csv_add is taken off.
enum err csv_split(struct span *fields, size_t *count, char *line, size_t len, struct why *why);
// Adds one field, quoted where needed. A field that a spreadsheet would run as a formula gets a
// leading apostrophe, one more if it has some: certificates and pages may hold such text.
enum err csv_add(struct buf *line, const char *field);

#endif
