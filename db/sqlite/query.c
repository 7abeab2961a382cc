// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite/query.h"

#include <stdarg.h>
#include <stdlib.h>

void query_begin(struct query *query)
{
    *query = (struct query){.text.max = SQLITE_TEXT_MAX};
}

void query_done(struct query *query)
{
    buf_done(&query->text);
    free((void *)query->values);
}

void query_add(struct query *query, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (query->e == ERR_OK) {
        query->e = buf_vprintf(&query->text, format, args);
    }
    va_end(args);
}

unsigned query_keep(struct query *query, const char *value)
{
    if (query->e == ERR_OK && query->count == query->capacity) {
        unsigned capacity = query->capacity == 0 ? 8 : 2 * query->capacity;
        const char **values = realloc((void *)query->values, capacity * sizeof *values);
        if (values == NULL) {
            query->e = ERR_NOMEM;
        } else {
            query->values = values;
            query->capacity = capacity;
        }
    }
    if (query->e == ERR_OK) {
        query->values[query->count++] = value;
    }
    return query->count;
}

void query_and(struct query *query, const char *condition, const char *value)
{
    if (value != NULL) {
        query_add(query, " AND %s$%u", condition, query_keep(query, value));
    }
}

enum err query_open(struct sqlite_call *out, struct query *query, struct sqlite_db *db)
{
    if (query->e != ERR_OK) {
        return query->e;
    }
    *out = sqlite_call_text(db, buf_str(&query->text));
    for (unsigned i = 0; i < query->count; i++) {
        sqlite_bind(out, query->values[i]);
    }
    return ERR_OK;
}
