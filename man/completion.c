// SPDX-License-Identifier: Apache-2.0
#include "man/completion.h"

#include <string.h>

enum completion_kind completion_of_value(const struct option_row *row)
{
    if (row->words != NULL) {
        return COMPLETE_WORDS;
    }
    return row->value != NULL && strstr(row->value, "FILE") != NULL ? COMPLETE_FILE
                                                                    : COMPLETE_NOTHING;
}

enum completion_kind completion_of_operands(const struct command *command)
{
    const char *words = command->operands;
    if (strstr(words, "FILE") != NULL || strcmp(words, "[A B]") == 0) {
        return COMPLETE_FILE;
    }
    return strstr(words, "ZONE") != NULL ? COMPLETE_ZONE : COMPLETE_NOTHING;
}

bool completion_group(char group[64], const struct command *command, bool *begins)
{
    size_t count = 0;
    const struct command *all = cli_commands(&count);
    size_t len = strcspn(command->words, " ");
    *begins = false;
    if (command->words[len] == '\0') {
        return false;
    }
    (void)snprintf(group, 64, "%.*s", (int)len, command->words);
    for (size_t i = 0; i < count; i++) {
        if (strncmp(all[i].words, command->words, len + 1) == 0) {
            *begins = &all[i] == command;
            break;
        }
    }
    return true;
}

void completion_quote(FILE *out, const char *text, const char *also)
{
    (void)fputc('\'', out);
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\'') {
            (void)fputs("'\\''", out);
            continue;
        }
        if (strchr(also, *at) != NULL) {
            (void)fputc('\\', out);
        }
        (void)fputc(*at, out);
    }
    (void)fputc('\'', out);
}
