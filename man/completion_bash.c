// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "man/completion.h"

// "a|b|c" as "a b c".
static void put_words(FILE *out, const char *words)
{
    for (const char *at = words; *at != '\0'; at++) {
        (void)fputc(*at == '|' ? ' ' : *at, out);
    }
}

static void put_names(FILE *out, const struct option_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(out, " --%s", rows[i].name);
        if (rows[i].letter != 0) {
            (void)fprintf(out, " -%c", rows[i].letter);
        }
    }
}

// What follows an option: `case "COMMAND OPTION"`.
static void put_values(FILE *out, const char *command, const struct option_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].value == NULL) {
            continue;
        }
        (void)fprintf(out, "    '%s --%s'", command, rows[i].name);
        if (rows[i].letter != 0) {
            (void)fprintf(out, " | '%s -%c'", command, rows[i].letter);
        }
        switch (completion_of_value(&rows[i])) {
        case COMPLETE_WORDS:
            (void)fputs(") take='", out);
            put_words(out, rows[i].words);
            (void)fputs("' ;;\n", out);
            break;
        case COMPLETE_FILE:
            (void)fputs(") take=FILES ;;\n", out);
            break;
        case COMPLETE_ZONE:
        case COMPLETE_NOTHING:
            (void)fputs(") take=NOTHING ;;\n", out);
            break;
        }
    }
}

static void put_first_words(FILE *out, const struct command *all, size_t count)
{
    (void)fputs("    '') list='", out);
    for (size_t i = 0; i < count; i++) {
        char group[64];
        bool begins = false;
        if (!completion_group(group, &all[i], &begins)) {
            (void)fprintf(out, " %s", all[i].words);
        } else if (begins) {
            (void)fprintf(out, " %s", group);
        }
    }
    (void)fputs("' ;;\n", out);
}

static void put_second_words(FILE *out, const struct command *all, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char group[64];
        bool begins = false;
        if (!completion_group(group, &all[i], &begins) || !begins) {
            continue;
        }
        (void)fprintf(out, "    '%s') list='", group);
        size_t len = strlen(group);
        for (size_t j = i; j < count; j++) {
            if (strncmp(all[j].words, group, len) == 0 && all[j].words[len] == ' ') {
                (void)fprintf(out, " %s", all[j].words + len + 1);
            }
        }
        (void)fputs("' ;;\n", out);
    }
}

static void put_commands(FILE *out, const struct command *all, size_t count)
{
    static const char *const operands[] = {
        [COMPLETE_NOTHING] = "NOTHING", [COMPLETE_FILE] = "FILES", [COMPLETE_ZONE] = "ZONES"};
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(out, "    '%s') operands=%s options='", all[i].words,
                      operands[completion_of_operands(&all[i])]);
        put_names(out, all[i].options, all[i].option_count);
        (void)fputs("' ;;\n", out);
    }
}

static const char head[] =
    "# SPDX-License-Identifier: Apache-2.0\n"
    "# shellcheck shell=bash\n"
    "# Completion of sslauto for bash, printed by print_manual.\n"
    "_sslauto() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    local first='' second='' command='' take='' list='' options='' operands='' i word\n"
    "    COMPREPLY=()\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        case $word in\n";
static const char middle[] = "        -*) ;;\n"
                             "        *)\n"
                             "            if [ -z \"$first\" ]; then\n"
                             "                first=$word\n"
                             "            elif [ -z \"$second\" ]; then\n"
                             "                second=$word\n"
                             "            fi\n"
                             "            ;;\n"
                             "        esac\n"
                             "    done\n"
                             "    case $first in\n";
static const char tail[] =
    "    if [[ $cur == -* ]]; then\n"
    "        list=\"$options $globals\"\n"
    "    elif [ -z \"$list\" ]; then\n"
    "        take=${take:-$operands}\n"
    "    fi\n"
    "    case $take in\n"
    "    FILES)\n"
    "        compopt -o filenames 2>/dev/null\n"
    "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
    "        ;;\n"
    "    NOTHING) ;;\n"
    "    ZONES)\n"
    "        list=$(sslauto --quiet zone list --format csv 2>/dev/null | cut -d, -f1 | sed 1d)\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$list\" -- \"$cur\")\n"
    "        ;;\n"
    "    *) mapfile -t COMPREPLY < <(compgen -W \"${take:-$list}\" -- \"$cur\") ;;\n"
    "    esac\n"
    "}\n"
    "complete -F _sslauto sslauto\n";

void completion_bash(FILE *out)
{
    size_t count = 0;
    size_t global_count = 0;
    const struct command *all = cli_commands(&count);
    const struct option_row *globals = cli_global_options(&global_count);
    (void)fputs(head, out);
    for (size_t i = 0; i < global_count; i++) {
        if (globals[i].value != NULL) { // its value is no command
            (void)fprintf(out, "        --%s) ((i++)) ;;\n", globals[i].name);
        }
    }
    (void)fputs(middle, out);
    for (size_t i = 0; i < count; i++) {
        char group[64];
        bool begins = false;
        if (completion_group(group, &all[i], &begins) && begins) {
            (void)fprintf(out, "    %s) command=\"$first${second:+ $second}\" ;;\n", group);
        }
    }
    (void)fputs("    *) command=$first ;;\n    esac\n    local globals='", out);
    put_names(out, globals, global_count);
    (void)fputs("'\n    case $command in\n", out);
    put_first_words(out, all, count);
    put_second_words(out, all, count);
    put_commands(out, all, count);
    (void)fputs("    esac\n    case \"$command $prev\" in\n", out);
    for (size_t i = 0; i < count; i++) {
        put_values(out, all[i].words, all[i].options, all[i].option_count);
    }
    (void)fputs("    esac\n    case \" $prev\" in\n", out);
    put_values(out, "", globals, global_count);
    (void)fputs("    esac\n", out);
    (void)fputs(tail, out);
}
