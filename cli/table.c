// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <assert.h>
#include <stdlib.h>
#include <wchar.h>

#include "core/limits.h"
#include "core/str.h"

#define GAP 2

// One character of text at *at: its columns; 1 for what is no character in this locale.
static size_t step(const char *text, size_t len, size_t *at)
{
    wchar_t wide = 0;
    mbstate_t state = {0};
    size_t used = mbrtowc(&wide, text + *at, len - *at, &state);
    if (used == 0 || used > len - *at) {
        (*at)++;
        return 1;
    }
    *at += used;
    int columns = wcwidth(wide);
    return columns < 0 ? 1 : (size_t)columns;
}

size_t text_width(const char *text)
{
    size_t len = strlen(text);
    size_t width = 0;
    for (size_t at = 0; at < len;) {
        width += step(text, len, &at);
    }
    return width;
}

struct table *table_new(const struct output *out, const struct column *columns, size_t count)
{
    assert(count <= TABLE_MAX_COLUMNS);
    struct table *table = calloc(1, sizeof *table);
    if (table == NULL) {
        return NULL;
    }
    table->out = out;
    table->columns = columns;
    table->column_count = count;
    for (size_t i = 0; i < count; i++) {
        table->widths[i] = text_width(columns[i].title);
    }
    return table;
}

// Safe text, cut to its column. Owned.
static char *make_cell(const struct column *column, const char *text)
{
    struct buf safe;
    buf_init(&safe, 4 * LIMIT_OUTPUT_FIELD);
    if (str_add_terminal(&safe, span_of(text)) == ERR_NOMEM) {
        buf_done(&safe);
        return NULL;
    }
    char *cell = buf_take(&safe);
    if (cell == NULL || column->max == 0 || text_width(cell) <= column->max) {
        return cell;
    }
    size_t len = strlen(cell);
    size_t width = 0;
    size_t at = 0;
    size_t end = 0;
    while (at < len) {
        width += step(cell, len, &at);
        if (width + 3 > column->max) {
            break;
        }
        end = at;
    }
    // The cut part is at least as long as the dots.
    (void)snprintf(cell + end, len - end + 1, "...");
    return cell;
}

static void print_cell(const struct table *table, size_t i, const char *text, enum style style)
{
    size_t width = text_width(text);
    size_t pad = width < table->widths[i] ? table->widths[i] - width : 0;
    bool last = i + 1 == table->column_count;
    if (table->columns[i].right) {
        output_print("%*s", (int)pad, "");
    }
    output_text(table->out, style, text);
    if (!last) {
        output_print("%*s", (int)(table->columns[i].right ? GAP : pad + GAP), "");
    }
}

static void print_row(const struct table *table, char *const *texts, const enum style *styles)
{
    for (size_t i = 0; i < table->column_count; i++) {
        print_cell(table, i, texts[i], styles[i]);
    }
    output_print("\n");
}

static void flow(struct table *table)
{
    if (table->flowing) {
        return;
    }
    table->flowing = true;
    for (size_t i = 0; table->held_count > 0 && i < table->column_count; i++) {
        print_cell(table, i, table->columns[i].title, STYLE_BOLD);
    }
    output_print("%s", table->held_count > 0 ? "\n" : "");
    for (size_t r = 0; r < table->held_count; r++) {
        for (size_t i = 0; i < table->column_count; i++) {
            print_cell(table, i, table->held[r][i].text, table->held[r][i].style);
            free(table->held[r][i].text);
            table->held[r][i].text = NULL;
        }
        output_print("\n");
    }
    table->held_count = 0;
}

enum err table_row(struct table *table, const struct cell *cells)
{
    char *texts[TABLE_MAX_COLUMNS] = {NULL};
    enum style styles[TABLE_MAX_COLUMNS] = {STYLE_NONE};
    enum err e = ERR_OK;
    for (size_t i = 0; i < table->column_count; i++) {
        texts[i] = make_cell(&table->columns[i], cells[i].text == NULL ? "" : cells[i].text);
        styles[i] = cells[i].style;
        e = texts[i] == NULL ? ERR_NOMEM : e;
    }
    bool hold = e == ERR_OK && !table->flowing;
    for (size_t i = 0; hold && i < table->column_count; i++) {
        size_t width = text_width(texts[i]);
        table->widths[i] = width > table->widths[i] ? width : table->widths[i];
        table->held[table->held_count][i].text = texts[i];
        table->held[table->held_count][i].style = styles[i];
    }
    if (hold && ++table->held_count == TABLE_HELD_ROWS) {
        flow(table);
    } else if (!hold && e == ERR_OK) {
        print_row(table, texts, styles);
    }
    for (size_t i = 0; !hold && i < table->column_count; i++) {
        free(texts[i]);
    }
    table->rows++;
    return e == ERR_OK ? output_check() : e;
}

enum err table_finish(struct table *table, size_t *rows)
{
    flow(table);
    if (rows != NULL) {
        *rows = table->rows;
    }
    return output_check();
}

void table_free(struct table *table)
{
    if (table == NULL) {
        return;
    }
    for (size_t r = 0; r < table->held_count; r++) {
        for (size_t i = 0; i < table->column_count; i++) {
            free(table->held[r][i].text);
        }
    }
    free(table);
}
