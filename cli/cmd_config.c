// SPDX-License-Identifier: Apache-2.0
#include "cli/answer.h"
#include "cli/command.h"

static void complain(void *ctx, const char *complaint)
{
    (void)cli_failf(ctx, "%s", complaint);
}

enum leave cmd_config_check(struct cli *cli)
{
    struct why why = {""};
    const char *path =
        cli->args.operand_count > 0 ? cli->args.operands[0] : args_text(&cli->args, "config");
    enum err e = settings_load(&cli->settings, path, complain, cli, &why);
    if (e == ERR_OK) {
        e = settings_verify(cli->settings, complain, cli, &why);
    }
    if (e == ERR_INVALID) {
        return cli_failf(cli, "the configuration is not valid");
    }
    if (e != ERR_OK) {
        return cli_fail(cli, e, &why);
    }
    output_text(&cli->out, STYLE_NONE,
                cli->settings->file == NULL ? "no file, all defaults" : cli->settings->file);
    output_print(": valid\n");
    return LEAVE_DONE;
}

static enum err show_entry(void *ctx, const struct conf_entry *entry)
{
    struct cli *cli = ctx;
    char range[160];
    bool given = strcmp(entry->where, "default") != 0;
    output_text(&cli->out, STYLE_BOLD, entry->name);
    output_print(" = ");
    output_text(&cli->out, given ? STYLE_GOOD : STYLE_NONE, entry->value);
    output_print("\n");
    output_wrap(4, entry->key->help);
    output_print("    %s%s%s", conf_range_print(range, entry->key),
                 entry->key->unit[0] == '\0' ? "" : " ", entry->key->unit);
    output_print("; default \"%s\"; set by ", entry->key->preset);
    output_text(&cli->out, STYLE_NONE, entry->where);
    output_print("\n");
    return output_check();
}

static enum err collect_entry(void *ctx, const struct conf_entry *entry)
{
    json_t *list = ctx;
    char range[160];
    json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "key", entry->name, "value",
                            entry->value, "default", entry->key->preset, "unit", entry->key->unit,
                            "allowed", conf_range_print(range, entry->key), "help",
                            entry->key->help, "set_by", entry->where);
    return json_array_append_new(list, row) == 0 ? ERR_OK : ERR_NOMEM;
}

enum leave cmd_config_show(struct cli *cli)
{
    enum err e = ERR_OK;
    if (args_flag(&cli->args, "json")) {
        OWN(json_own) json_t *list = json_array();
        e = conf_each(cli->settings->conf, collect_entry, list);
        e = e == ERR_OK ? output_json_pretty(list) : e;
    } else {
        e = conf_each(cli->settings->conf, show_entry, cli);
    }
    return e == ERR_OK ? LEAVE_DONE : LEAVE_FAILED;
}
