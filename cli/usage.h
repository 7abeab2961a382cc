// SPDX-License-Identifier: Apache-2.0
// --help, made from the tables.
#ifndef SSLAUTO_CLI_USAGE_H
#define SSLAUTO_CLI_USAGE_H

#include "cli/cli.h"
#include "cli/output.h"

// One command, a group ("zone"), or all of it (both NULL).
void usage_print(const struct output *out, const struct command *command, const char *group);

#endif
