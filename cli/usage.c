// SPDX-License-Identifier: Apache-2.0
#include "cli/usage.h"

#include <stdio.h>

static void print_options(const struct output *out, const struct option_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char left[64];
        char letter[8] = "    ";
        if (rows[i].letter != 0) {
            (void)snprintf(letter, sizeof letter, "-%c, ", rows[i].letter);
        }
        (void)snprintf(left, sizeof left, "%s--%s%s%s", letter, rows[i].name,
                       rows[i].value == NULL ? "" : " ",
                       rows[i].value == NULL ? "" : rows[i].value);
        output_print("  %-30s ", left);
        if (strlen(left) > 30) {
            output_print("\n%33s", "");
        }
        output_print("%s%s\n", rows[i].help, rows[i].repeat ? " (repeatable)" : "");
        if (rows[i].words != NULL) {
            output_print("%33s", "");
            output_text(out, STYLE_FAINT, rows[i].words);
            output_print("\n");
        }
    }
}

static void heading(const struct output *out, const char *text)
{
    output_print("\n");
    output_text(out, STYLE_BOLD, text);
    output_print("\n");
}

static void print_globals(const struct output *out)
{
    size_t count = 0;
    const struct option_row *rows = cli_global_options(&count);
    heading(out, "Options of every command");
    print_options(out, rows, count);
}

static void print_command(const struct output *out, const struct command *command)
{
    output_print("Usage: sslauto %s%s%s%s\n\n", command->words,
                 command->option_count == 0 ? "" : " [OPTION...]",
                 command->operands[0] == '\0' ? "" : " ", command->operands);
    output_wrap(0, command->help);
    const char *at = command->more;
    while (*at != '\0') { // paragraphs end with a newline
        size_t len = strcspn(at, "\n");
        char paragraph[2048];
        (void)snprintf(paragraph, sizeof paragraph, "%.*s", (int)len, at);
        output_print("\n");
        output_wrap(0, paragraph);
        at += len + (at[len] == '\n');
    }
    if (command->option_count > 0) {
        heading(out, "Options");
        print_options(out, command->options, command->option_count);
    }
    print_globals(out);
}

static void print_list(const char *group)
{
    size_t count = 0;
    const struct command *all = cli_commands(&count);
    size_t len = group == NULL ? 0 : strlen(group);
    for (size_t i = 0; i < count; i++) {
        if (group != NULL && (strncmp(all[i].words, group, len) != 0 || all[i].words[len] != ' ')) {
            continue;
        }
        char left[64];
        (void)snprintf(left, sizeof left, "%s %s", all[i].words, all[i].operands);
        output_print("  %-26s %s\n", left, all[i].help);
    }
}

void usage_print(const struct output *out, const struct command *command, const char *group)
{
    if (command != NULL) {
        print_command(out, command);
        return;
    }
    output_print("Usage: sslauto %s [OPTION...]\n", group == NULL ? "COMMAND" : group);
    if (group == NULL) {
        output_print("\nFinds, for every site behind a reverse proxy, the most secure way to talk "
                     "to its\norigin server without breaking the site, and explains why.\n");
    }
    heading(out, "Commands");
    print_list(group);
    print_globals(out);
    output_print("\nExit codes: 0 done, 1 failed, 2 wrong use, 3 looked, and something needs you.\n"
                 "`sslauto help COMMAND` tells more.\n");
}
