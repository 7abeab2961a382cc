// SPDX-License-Identifier: Apache-2.0
// Private to db/: the migrations of db/schema/*.sql, embedded when the program is built.
#ifndef SSLAUTO_DB_SCHEMA_SCHEMA_H
#define SSLAUTO_DB_SCHEMA_SCHEMA_H

#include <stddef.h>

struct schema_step {
    int version;      // of the schema once it has run: 1, 2, ...
    const char *name; // of its file, for messages
    const char *sql;  // one or more statements
};

struct schema {
    const struct schema_step *steps; // in order of version, without a gap
    size_t step_count;
};

struct schema schema_sqlite(void);

#endif
