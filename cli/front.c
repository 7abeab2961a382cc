// SPDX-License-Identifier: Apache-2.0
// From argv to exit code: take the line apart, fetch what the command needs, run it, and make
// sure that what it printed arrived.
#include <locale.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/usage.h"
#include "core/str.h"

// Words from files and stores end on the operator's terminal: nothing in them may steer it.
static void say(const struct cli *cli, const char *before, const char *words, const char *after)
{
    struct buf safe;
    buf_init(&safe, 4 * LIMIT_OUTPUT_FIELD);
    (void)str_add_terminal(&safe, span_of(words));
    (void)fflush(stdout); // keeps the order when both go to one place
    (void)fprintf(stderr, "%ssslauto:%s %s%s%s\n", cli->color_err ? "\033[31m" : "",
                  cli->color_err ? "\033[0m" : "", before, buf_str(&safe), after);
    buf_done(&safe);
}

enum leave cli_fail(const struct cli *cli, enum err e, const struct why *why)
{
    say(cli, "", why_text(why, e), "");
    return LEAVE_FAILED;
}

enum leave cli_failf(const struct cli *cli, const char *fmt, ...)
{
    char words[LIMIT_OUTPUT_FIELD];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(words, sizeof words, fmt, args);
    va_end(args);
    say(cli, "", words, "");
    return LEAVE_FAILED;
}

enum leave cli_usage_error(const struct cli *cli, const char *fmt, ...)
{
    char words[LIMIT_OUTPUT_FIELD];
    char hint[128];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(words, sizeof words, fmt, args);
    va_end(args);
    const char *name = cli->args.command != NULL ? cli->args.command->words : cli->args.group;
    (void)snprintf(hint, sizeof hint, "\nTry: sslauto %s%s--help", name == NULL ? "" : name,
                   name == NULL ? "" : " ");
    char before[64] = "";
    if (cli->args.command != NULL) {
        (void)snprintf(before, sizeof before, "%s: ", cli->args.command->words);
    }
    say(cli, before, words, hint);
    return LEAVE_USAGE;
}

enum leave cli_refuse(const struct cli *cli, enum err e, const struct why *why)
{
    return e == ERR_INVALID || e == ERR_LIMIT || e == ERR_EXISTS
               ? cli_usage_error(cli, "%s", why_text(why, e))
               : cli_fail(cli, e, why);
}

void cli_note(const struct cli *cli, const char *fmt, ...)
{
    if (cli->quiet) {
        return;
    }
    char words[LIMIT_OUTPUT_FIELD];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(words, sizeof words, fmt, args);
    va_end(args);
    (void)fflush(stdout);
    (void)fprintf(stderr, "%s\n", words);
}

const char *cli_actor(char text[64])
{
    const struct passwd *user = getpwuid(getuid());
    if (user != NULL) {
        (void)snprintf(text, 64, "cli:%.40s", user->pw_name);
    } else {
        (void)snprintf(text, 64, "cli:%u", (unsigned)getuid());
    }
    return text;
}

static void report_conf(void *ctx, const char *complaint)
{
    (void)cli_failf(ctx, "%s", complaint);
}

// The configuration, then the store's place: --db, store.url, default.
static enum err load_settings(struct cli *cli, struct why *why)
{
    enum err e =
        settings_load(&cli->settings, args_text(&cli->args, "config"), report_conf, cli, why);
    if (e == ERR_INVALID) {
        (void)why_set(why, e, "the configuration is not valid; nothing was done");
    }
    return e;
}

static enum err find_store(struct cli *cli, struct why *why)
{
    const char *url = args_text(&cli->args, "db");
    url = url == NULL ? cli->settings->store_url : url;
    if (url == NULL) {
        return store_default(&cli->store, why);
    }
    cli->store = strdup(url);
    return cli->store == NULL ? ERR_NOMEM : ERR_OK;
}

enum err cli_open_store(struct cli *cli, enum db_access access, struct why *why)
{
    db_close(cli->db);
    cli->db = NULL;
    return db_open(&cli->db, cli->store, access, why);
}

static enum err fetch_needs(struct cli *cli, struct why *why)
{
    unsigned needs = cli->args.command->needs;
    unsigned store = NEEDS_STORE_READ | NEEDS_STORE_WRITE | NEEDS_STORE_CREATE;
    enum err e = needs == 0 ? ERR_OK : load_settings(cli, why);
    if (e == ERR_OK && (needs & (store | NEEDS_PLACE)) != 0) {
        e = find_store(cli, why);
    }
    if (e != ERR_OK || (needs & store) == 0) {
        return e;
    }
    enum db_access access = (needs & NEEDS_STORE_CREATE) != 0  ? DB_CREATE
                            : (needs & NEEDS_STORE_WRITE) != 0 ? DB_WRITE
                                                               : DB_READ;
    return cli_open_store(cli, access, why);
}

static enum leave run(struct cli *cli)
{
    struct why why = {""};
    const struct command *command = cli->args.command;
    if (args_flag(&cli->args, "help")) {
        usage_print(&cli->out, command, cli->args.group);
        return LEAVE_DONE;
    }
    if (command == NULL && args_flag(&cli->args, "version")) {
        return cmd_version(cli);
    }
    if (command == NULL) {
        return cli->args.group == NULL
                   ? cli_usage_error(cli, "a command is missing; `sslauto --help` lists them")
                   : cli_usage_error(cli, "%s: what shall be done is missing", cli->args.group);
    }
    enum err e = fetch_needs(cli, &why);
    return e == ERR_OK ? command->run(cli) : cli_fail(cli, e, &why);
}

int cli_main(int argc, char **argv)
{
    struct cli cli = {0};
    struct why why = {""};
    (void)setlocale(LC_CTYPE, ""); // widths of characters, nothing else
    if (setlocale(LC_CTYPE, NULL) != NULL && strcmp(setlocale(LC_CTYPE, NULL), "C") == 0) {
        (void)setlocale(LC_CTYPE, "C.UTF-8");
    }
    (void)signal(SIGPIPE, SIG_IGN); // a reader that goes away is a failed write
    (void)signal(SIGXFSZ, SIG_IGN); // and so is a file that may not grow
    enum err e = args_parse(&cli.args, argc, argv, &why);
    const char *when = args_text(&cli.args, "color");
    cli.quiet = args_flag(&cli.args, "quiet");
    cli.color_err = output_wants_color(when, STDERR_FILENO);
    cli.out.color = output_wants_color(when, STDOUT_FILENO);
    enum leave leave = e == ERR_OK ? run(&cli) : cli_usage_error(&cli, "%s", why_text(&why, e));
    db_close(cli.db);
    e = output_finish(&why);
    if (e != ERR_OK) {
        leave = LEAVE_FAILED;
        if (why.text[0] != '\0') {
            (void)cli_fail(&cli, e, &why);
        }
    }
    settings_free(cli.settings);
    free(cli.store);
    args_done(&cli.args);
    return (int)leave;
}
