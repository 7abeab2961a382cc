// SPDX-License-Identifier: Apache-2.0
// --account --mode --recommended --blocked --after --limit, as lists take them.
#ifndef SSLAUTO_CLI_FILTER_H
#define SSLAUTO_CLI_FILTER_H

#include "cli/args.h"
#include "db/db.h"

enum err filter_from_args(struct db_filter *out, const struct args *args, struct why *why);
// "table" unless told.
const char *format_from_args(const struct args *args);

#endif
