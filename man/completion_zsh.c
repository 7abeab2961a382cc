// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "man/completion.h"

static const char *action(enum completion_kind kind)
{
    switch (kind) {
    case COMPLETE_FILE:
        return "_files";
    case COMPLETE_ZONE:
        return "_sslauto_zones";
    case COMPLETE_NOTHING:
    case COMPLETE_WORDS:
        return " ";
    }
    return " ";
}

// 'SPEC[help]:VALUE:ACTION', as _arguments takes it.
static void put_spec(FILE *out, const struct option_row *row, const char *name)
{
    char spec[1024];
    size_t at = (size_t)snprintf(spec, sizeof spec, "%s%s[", row->repeat ? "*" : "", name);
    for (const char *c = row->help; *c != '\0' && at < sizeof spec - 200; c++) {
        if (strchr("[]\\:", *c) != NULL) {
            spec[at++] = '\\';
        }
        spec[at++] = *c;
    }
    spec[at++] = ']';
    spec[at] = '\0';
    if (row->value != NULL && row->words != NULL) {
        at += (size_t)snprintf(spec + at, sizeof spec - at, ":%s:(", row->value);
        for (const char *c = row->words; *c != '\0' && at < sizeof spec - 2; c++) {
            spec[at++] = *c == '|' ? ' ' : *c;
        }
        spec[at++] = ')';
        spec[at] = '\0';
    } else if (row->value != NULL) {
        (void)snprintf(spec + at, sizeof spec - at, ":%s:%s", row->value,
                       action(completion_of_value(row)));
    }
    (void)fputs("\n            ", out);
    completion_quote(out, spec, "");
}

static void put_specs(FILE *out, const struct option_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "--%s", rows[i].name);
        put_spec(out, &rows[i], name);
        if (rows[i].letter != 0) {
            (void)snprintf(name, sizeof name, "-%c", rows[i].letter);
            put_spec(out, &rows[i], name);
        }
    }
}

// 'word:help', as _describe takes it.
static void put_described(FILE *out, const char *word, const char *help)
{
    char text[512];
    (void)snprintf(text, sizeof text, "%s:%s", word, help);
    (void)fputs("\n            ", out);
    completion_quote(out, text, "");
}

static void put_lists(FILE *out, const struct command *all, size_t count)
{
    (void)fputs("    case $first in\n    '')\n        list=(", out);
    for (size_t i = 0; i < count; i++) {
        char group[64];
        char help[80];
        bool begins = false;
        if (!completion_group(group, &all[i], &begins)) {
            put_described(out, all[i].words, all[i].help);
        } else if (begins) {
            (void)snprintf(help, sizeof help, "commands about %s", group);
            put_described(out, group, help);
        }
    }
    (void)fputs(")\n        ;;\n", out);
    for (size_t i = 0; i < count; i++) {
        char group[64];
        bool begins = false;
        if (!completion_group(group, &all[i], &begins) || !begins) {
            continue;
        }
        (void)fprintf(out, "    %s)\n        grouped=1\n        list=(", group);
        size_t len = strlen(group);
        for (size_t j = i; j < count; j++) {
            if (strncmp(all[j].words, group, len) == 0 && all[j].words[len] == ' ') {
                put_described(out, all[j].words + len + 1, all[j].help);
            }
        }
        (void)fputs(")\n        ;;\n", out);
    }
    (void)fputs("    esac\n", out);
}

static const char head[] =
    "#compdef sslauto\n"
    "# SPDX-License-Identifier: Apache-2.0\n"
    "# Completion of sslauto for zsh, printed by print_manual.\n"
    "_sslauto_zones() {\n"
    "    local -a zones\n"
    "    zones=(${(f)\"$(sslauto --quiet zone list --format csv 2>/dev/null | cut -d, -f1 | sed "
    "1d)\"})\n"
    "    compadd -a zones\n"
    "}\n"
    "_sslauto() {\n"
    "    local -a globals list specs\n"
    "    local -i i at=1 grouped=0\n"
    "    local first='' second='' command=''\n"
    "    for ((i = 2; i < CURRENT; i++)); do\n"
    "        case $words[i] in\n";
static const char middle[] = "        -*) ;;\n"
                             "        *)\n"
                             "            if [[ -z $first ]]; then\n"
                             "                first=$words[i]\n"
                             "                at=i\n"
                             "            elif [[ -z $second ]]; then\n"
                             "                second=$words[i]\n"
                             "            fi\n"
                             "            ;;\n"
                             "        esac\n"
                             "    done\n";
static const char choose[] =
    "    if [[ -z $first || ( $grouped -eq 1 && -z $second ) ]]; then\n"
    "        if [[ $words[CURRENT] == -* || $words[CURRENT-1] == -* ]]; then\n"
    "            _arguments : $globals '*: :'\n"
    "            [[ $words[CURRENT] == -* ]] && return\n"
    "        fi\n"
    "        _describe command list\n"
    "        return\n"
    "    fi\n"
    "    command=$first\n"
    "    if (( grouped )); then\n"
    "        command=\"$first $second\"\n"
    "        for ((at = 2; at < CURRENT; at++)); do\n"
    "            [[ $words[at] == $second ]] && break\n"
    "        done\n"
    "    fi\n"
    "    case $command in\n";
static const char tail[] = "    esac\n"
                           "    words=(sslauto \"${(@)words[at+1,-1]}\")\n"
                           "    (( CURRENT -= at - 1 ))\n"
                           "    _arguments -s : $specs $globals\n"
                           "}\n"
                           "_sslauto \"$@\"\n";

void completion_zsh(FILE *out)
{
    size_t count = 0;
    size_t global_count = 0;
    const struct command *all = cli_commands(&count);
    const struct option_row *globals = cli_global_options(&global_count);
    (void)fputs(head, out);
    for (size_t i = 0; i < global_count; i++) {
        if (globals[i].value != NULL) { // its value is no command
            (void)fprintf(out, "        --%s) (( i++ )) ;;\n", globals[i].name);
        }
    }
    (void)fputs(middle, out);
    (void)fputs("    globals=(", out);
    put_specs(out, globals, global_count);
    (void)fputs(")\n", out);
    put_lists(out, all, count);
    (void)fputs(choose, out);
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(out, "    '%s')\n        specs=(", all[i].words);
        put_specs(out, all[i].options, all[i].option_count);
        (void)fprintf(out, "\n            '*:%s:%s')\n        ;;\n",
                      completion_of_operands(&all[i]) == COMPLETE_ZONE ? "zone" : "operand",
                      action(completion_of_operands(&all[i])));
    }
    (void)fputs(tail, out);
}
