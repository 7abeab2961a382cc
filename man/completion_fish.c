// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "man/completion.h"

// In single quotes of fish, where a backslash stands before ' and \.
static void quote(FILE *out, const char *text)
{
    (void)fputc('\'', out);
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\'' || *at == '\\') {
            (void)fputc('\\', out);
        }
        (void)fputc(*at, out);
    }
    (void)fputc('\'', out);
}

static void put_option(FILE *out, const char *command, const struct option_row *row)
{
    (void)fputs("complete -c sslauto", out);
    if (command != NULL) {
        (void)fprintf(out, " -n '__sslauto_in \"%s\"'", command);
    }
    (void)fprintf(out, " -l %s", row->name);
    if (row->letter != 0) {
        (void)fprintf(out, " -s %c", row->letter);
    }
    if (row->value != NULL) {
        enum completion_kind kind = completion_of_value(row);
        (void)fputs(kind == COMPLETE_FILE ? " -rF" : " -x", out);
        if (kind == COMPLETE_WORDS) {
            (void)fputs(" -a '", out);
            for (const char *at = row->words; *at != '\0'; at++) {
                (void)fputc(*at == '|' ? ' ' : *at, out);
            }
            (void)fputc('\'', out);
        }
    }
    (void)fputs(" -d ", out);
    quote(out, row->help);
    (void)fputc('\n', out);
}

static void put_word(FILE *out, const char *before, const char *word, const char *help)
{
    (void)fprintf(out, "complete -c sslauto -n '__sslauto_in \"%s\"' -a %s -d ", before, word);
    quote(out, help);
    (void)fputc('\n', out);
}

static void put_command(FILE *out, const struct command *command)
{
    char group[64] = "";
    char help[80];
    bool begins = false;
    bool grouped = completion_group(group, command, &begins);
    if (begins) {
        (void)snprintf(help, sizeof help, "commands about %s", group);
        put_word(out, "", group, help);
    }
    put_word(out, group, command->words + (grouped ? strlen(group) + 1 : 0), command->help);
    for (size_t i = 0; i < command->option_count; i++) {
        put_option(out, command->words, &command->options[i]);
    }
    switch (completion_of_operands(command)) {
    case COMPLETE_FILE:
        (void)fprintf(out, "complete -c sslauto -n '__sslauto_in \"%s\"' -F\n", command->words);
        break;
    case COMPLETE_ZONE:
        (void)fprintf(out, "complete -c sslauto -n '__sslauto_in \"%s\"' -a '(__sslauto_zones)'\n",
                      command->words);
        break;
    case COMPLETE_NOTHING:
    case COMPLETE_WORDS:
        break;
    }
}

void completion_fish(FILE *out)
{
    size_t count = 0;
    size_t global_count = 0;
    const struct command *all = cli_commands(&count);
    const struct option_row *globals = cli_global_options(&global_count);
    (void)fputs("# SPDX-License-Identifier: Apache-2.0\n"
                "# Completion of sslauto for fish, printed by print_manual.\n"
                "function __sslauto_zones\n"
                "    sslauto --quiet zone list --format csv 2>/dev/null | cut -d, -f1 | sed 1d\n"
                "end\n"
                "# The command so far is this one.\n"
                "function __sslauto_in\n"
                "    set -l words (commandline -opc)\n"
                "    set -l found\n"
                "    set -l skip 0\n"
                "    for word in $words[2..-1]\n"
                "        if test $skip = 1\n"
                "            set skip 0\n"
                "        else\n"
                "            switch $word\n"
                "                case",
                out);
    for (size_t i = 0; i < global_count; i++) {
        if (globals[i].value != NULL) { // its value is no command
            (void)fprintf(out, " --%s", globals[i].name);
        }
    }
    (void)fputs("\n                    set skip 1\n"
                "                case '-*'\n"
                "                case '*'\n"
                "                    set -a found $word\n"
                "            end\n"
                "        end\n"
                "    end\n"
                "    set -l most 1\n"
                "    contains -- \"$found[1]\"",
                out);
    for (size_t i = 0; i < count; i++) {
        char group[64];
        bool begins = false;
        if (completion_group(group, &all[i], &begins) && begins) {
            (void)fprintf(out, " %s", group);
        }
    }
    (void)fputs("; and set most 2\n"
                "    test (count $found) -lt $most; and set most (count $found)\n"
                "    if test $most = 0\n"
                "        test -z \"$argv[1]\"\n"
                "    else\n"
                "        test \"$found[1..$most]\" = \"$argv[1]\"\n"
                "    end\n"
                "end\n"
                "complete -c sslauto -f\n",
                out);
    for (size_t i = 0; i < global_count; i++) {
        put_option(out, NULL, &globals[i]);
    }
    for (size_t i = 0; i < count; i++) {
        put_command(out, &all[i]);
    }
}
