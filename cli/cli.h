// SPDX-License-Identifier: Apache-2.0
// The operator's door: everything `sslauto` does, as a function, and its tables of commands and
// options for those who print them (help, man page, shell completion).
#ifndef SSLAUTO_CLI_CLI_H
#define SSLAUTO_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "core/conf.h"

// Exit codes are a contract.
enum leave {
    LEAVE_DONE = 0,
    LEAVE_FAILED = 1,    // could not do the work
    LEAVE_USAGE = 2,     // the command line is wrong
    LEAVE_NEEDS_YOU = 3, // looked, and something needs the operator
};

enum needs {
    NEEDS_CONF = 1,         // reads the configuration
    NEEDS_STORE_READ = 2,   // opens the store for reading ...
    NEEDS_STORE_WRITE = 4,  // ... or for writing; it must exist
    NEEDS_STORE_CREATE = 8, // ... or for writing; it is made when there is none
    NEEDS_PLACE = 16,       // only wants to know where the store is
};

struct option_row {
    const char *name;  // without dashes
    char letter;       // 0 = none
    const char *value; // what follows it, "FILE"; NULL = nothing
    const char *words; // the values it takes, "a|b|c"; NULL = free
    bool repeat;       // may be given several times
    const char *help;  // one line
};

struct cli;

struct command {
    const char *words;    // "zone add"
    const char *operands; // "HOST...", "" = none
    int operands_min;
    int operands_max; // -1 = any number
    unsigned needs;   // enum needs
    const char *help; // one line
    const char *more; // paragraphs for --help and the man page: what it does, exit codes
    const struct option_row *options;
    size_t option_count;
    enum leave (*run)(struct cli *cli);
};

// Runs one command line and returns its exit code.
int cli_main(int argc, char **argv);

const struct command *cli_commands(size_t *count);
const struct option_row *cli_global_options(size_t *count);
// Every key of the configuration.
const struct conf_key *settings_keys(size_t *count);

#endif
