// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "cli/answer.h"
#include "cli/command.h"
#include "core/num.h"

struct complaint {
    int64_t line;
    size_t order; // as told, for those of one line
    char *text;   // owned
};

// What was said about the file, until it can be told in the order of its lines.
struct complaints {
    struct cli *cli;
    struct complaint *list; // owned
    size_t count;
};

// "file:LINE: ..."; 0 when no line is named.
static int64_t line_of(const char *text)
{
    int64_t line = 0;
    for (const char *at = strchr(text, ':'); at != NULL; at = strchr(at + 1, ':')) {
        size_t digits = strspn(at + 1, "0123456789");
        if (digits > 0 && at[1 + digits] == ':' &&
            num_parse(&line, (struct span){at + 1, digits}, 0, INT64_MAX) == ERR_OK) {
            return line;
        }
    }
    return 0;
}

static void complain(void *ctx, const char *text)
{
    struct complaints *all = ctx;
    char *copy = strdup(text);
    struct complaint *more =
        copy == NULL ? NULL : reallocarray(all->list, all->count + 1, sizeof *all->list);
    if (more == NULL) { // told out of order is better than not told
        free(copy);
        (void)cli_failf(all->cli, "%s", text);
        return;
    }
    all->list = more;
    more[all->count] = (struct complaint){line_of(text), all->count, copy};
    all->count++;
}

static int by_line(const void *a, const void *b)
{
    const struct complaint *left = a;
    const struct complaint *right = b;
    if (left->line != right->line) {
        return left->line < right->line ? -1 : 1;
    }
    return left->order < right->order ? -1 : left->order > right->order;
}

static void tell_complaints(struct complaints *all)
{
    if (all->count > 0) {
        qsort(all->list, all->count, sizeof *all->list, by_line);
    }
    for (size_t i = 0; i < all->count; i++) {
        (void)cli_failf(all->cli, "%s", all->list[i].text);
        free(all->list[i].text);
    }
    free(all->list);
}

enum leave cmd_config_check(struct cli *cli)
{
    struct why why = {""};
    struct complaints complaints = {.cli = cli};
    const char *path =
        cli->args.operand_count > 0 ? cli->args.operands[0] : args_text(&cli->args, "config");
    enum err e = settings_load(&cli->settings, path, complain, &complaints, &why);
    if (e == ERR_OK) {
        e = settings_verify(cli->settings, complain, &complaints, &why);
    }
    tell_complaints(&complaints);
    if (e == ERR_INVALID) {
        return cli_failf(cli, "the configuration is not valid");
    }
    if (e != ERR_OK) {
        return cli_fail(cli, e, &why);
    }
    output_text(&cli->out, STYLE_NONE,
                cli->settings->file == NULL ? "no file, all defaults" : cli->settings->file);
    output_print(": valid\n");
    const char *warning = digest_policy_warning(&cli->settings->digest);
    if (warning != NULL) {
        cli_note(cli, "%s", warning);
    }
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
