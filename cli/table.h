// SPDX-License-Identifier: Apache-2.0
// Aligned columns for people, in flat memory: the first rows are held back to measure them, the
// rest is printed as it comes.
#ifndef SSLAUTO_CLI_TABLE_H
#define SSLAUTO_CLI_TABLE_H

#include "cli/output.h"
#include "core/buf.h"

#define TABLE_MAX_COLUMNS 12
#define TABLE_HELD_ROWS   200

struct column {
    const char *title;
    size_t max; // columns of the terminal; longer cells are cut with "..."; 0 = as wide as it is
    bool right; // numbers
};

struct cell {
    const char *text; // anything: it is made safe here
    enum style style;
};

struct table {
    const struct output *out;
    const struct column *columns;
    size_t column_count;
    size_t widths[TABLE_MAX_COLUMNS];
    struct {
        char *text; // owned
        enum style style;
    } held[TABLE_HELD_ROWS][TABLE_MAX_COLUMNS];
    size_t held_count;
    bool flowing; // the header is out
    size_t rows;
};

// Columns a terminal needs for this UTF-8 text.
size_t text_width(const char *text);

struct table *table_new(const struct output *out, const struct column *columns, size_t count);
// cells: one per column. ERR_IO when stdout is gone.
enum err table_row(struct table *table, const struct cell *cells);
// Prints what is held back. *rows (may be NULL) is the number of rows in all.
enum err table_finish(struct table *table, size_t *rows);
void table_free(struct table *table);
DEFINE_OWN(table_own, struct table, table_free)

#endif
