// SPDX-License-Identifier: Apache-2.0
// A statement that is put together for one call: its text has only the conditions that are asked
// for, so that the right index is used, and stands beside their values. Private.
#ifndef SSLAUTO_DB_SQLITE_QUERY_H
#define SSLAUTO_DB_SQLITE_QUERY_H

#include "core/attr.h"
#include "db/sqlite/sqlite.h"

struct query {
    struct buf text;
    const char **values; // lent; parameter $1 first
    unsigned count;
    unsigned capacity;
    enum err e; // the first failure sticks; told by query_open
};

void query_begin(struct query *query);
void query_done(struct query *query);
void query_add(struct query *query, const char *format, ...) PRINTF_LIKE(2, 3);
// The number of a new parameter, for text that the caller adds: "$%u".
unsigned query_keep(struct query *query, const char *value);
// " AND <condition>$n" with the value for $n; nothing when value is NULL.
void query_and(struct query *query, const char *condition, const char *value);
// The call, ready for its first step. The query and its values are lent until the call is closed.
enum err query_open(struct sqlite_call *out, struct query *query, struct sqlite_db *db);

#endif
