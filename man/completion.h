// SPDX-License-Identifier: Apache-2.0
// What the completions of all shells have in common. Private to man/.
#ifndef SSLAUTO_MAN_COMPLETION_H
#define SSLAUTO_MAN_COMPLETION_H

#include <stdbool.h>

#include "man/manual.h"

enum completion_kind {
    COMPLETE_NOTHING, // free text: numbers, names, addresses
    COMPLETE_FILE,
    COMPLETE_ZONE,
    COMPLETE_WORDS, // row->words
};

enum completion_kind completion_of_value(const struct option_row *row);
enum completion_kind completion_of_operands(const struct command *command);
// The first word of the command where others share it ("zone" of "zone add"), and it is the first
// of them in the table: the group begins. group has room for the words.
bool completion_group(char group[64], const struct command *command, bool *begins);
// In single quotes of sh and zsh; each character of `also` gets a backslash.
void completion_quote(FILE *out, const char *text, const char *also);

#endif
