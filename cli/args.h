// SPDX-License-Identifier: Apache-2.0
// A command line taken apart by the tables of commands and options.
#ifndef SSLAUTO_CLI_ARGS_H
#define SSLAUTO_CLI_ARGS_H

#include "cli/cli.h"
#include "core/buf.h"
#include "core/err.h"

#define ARGS_MAX_OPTIONS 64 // rows of one command, the global ones included; checked by a test

struct arg_value {
    const struct option_row *row;
    const char *value; // NULL for flags
};

struct args {
    const struct command *command; // NULL: none was named
    const char *group;             // first word of a command group without the second, or NULL
    struct arg_value *values;      // owned; in the order given
    size_t value_count;
    char **operands; // lent from argv
    size_t operand_count;
};

void args_done(struct args *args);
// ERR_INVALID says what is wrong and, where something is close, what may have been meant.
enum err args_parse(struct args *out, int argc, char **argv, struct why *why);

bool args_flag(const struct args *args, const char *name);
// The last one given, or NULL.
const char *args_text(const struct args *args, const char *name);
// The next one from *at on, or NULL: for (size_t at = 0; (v = args_next(args, "x", &at));)
const char *args_next(const struct args *args, const char *name, size_t *at);

// All values of an option, ';' between them, as lists stand in files. ERR_LIMIT when too long.
enum err args_joined(struct buf *out, const struct args *args, const char *name);

// The closest of `words` (by edit distance), or NULL when none is close.
const char *suggest(const char *word, const char *const *words, size_t count);

#endif
