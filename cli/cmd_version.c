// SPDX-License-Identifier: Apache-2.0
#define PCRE2_CODE_UNIT_WIDTH 8
#include <libxml/parser.h>
#include <pcre2.h>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/usage.h"

enum leave cmd_version(struct cli *cli)
{
    char pcre2[64] = "?";
    (void)pcre2_config(PCRE2_CONFIG_VERSION, pcre2);
    if (args_flag(&cli->args, "json")) {
        OWN(json_own)
        json_t *json =
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "sslauto", SSLAUTO_VERSION, "crawler",
                      crawler_libraries(), "store", db_library_version(), "libxml2",
                      LIBXML_DOTTED_VERSION, "pcre2", pcre2, "jansson", JANSSON_VERSION);
        return output_json_pretty(json) == ERR_OK ? LEAVE_DONE : LEAVE_FAILED;
    }
    output_print("sslauto %s\n%s\n%s\nlibxml2 %s\npcre2 %s\njansson %s\n", SSLAUTO_VERSION,
                 crawler_libraries(), db_library_version(), LIBXML_DOTTED_VERSION, pcre2,
                 JANSSON_VERSION);
    return LEAVE_DONE;
}

enum leave cmd_help(struct cli *cli)
{
    size_t count = 0;
    const struct command *all = cli_commands(&count);
    const struct args *args = &cli->args;
    if (args->operand_count == 0) {
        usage_print(&cli->out, NULL, NULL);
        return LEAVE_DONE;
    }
    char words[64];
    (void)snprintf(words, sizeof words, "%.30s%s%.30s", args->operands[0],
                   args->operand_count > 1 ? " " : "",
                   args->operand_count > 1 ? args->operands[1] : "");
    size_t len = strlen(words);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(all[i].words, words) == 0) {
            usage_print(&cli->out, &all[i], NULL);
            return LEAVE_DONE;
        }
        if (strncmp(all[i].words, words, len) == 0 && all[i].words[len] == ' ') {
            usage_print(&cli->out, NULL, words);
            return LEAVE_DONE;
        }
    }
    const char *names[64];
    size_t name_count = count < COUNT_OF(names) ? count : COUNT_OF(names);
    for (size_t i = 0; i < name_count; i++) {
        names[i] = all[i].words;
    }
    const char *close = suggest(words, names, name_count);
    cli->args.command = NULL; // the hint is on commands, not on `help`
    return cli_usage_error(cli, "there is no command \"%s\"%s%s%s", words,
                           close == NULL ? "" : "; did you mean ", close == NULL ? "" : close,
                           close == NULL ? "" : "?");
}
