// SPDX-License-Identifier: Apache-2.0
// zone opt-out and opt-in: one zone or many, in the store or at a server that speaks the API.
#include <errno.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/lines.h"
#include "cli/opt_remote.h"
#include "cli/stop.h"
#include "cli/zone_change.h"
#include "core/str.h"
#include "core/time.h"

#define TRIES 5 // a zone that others write at the same time
#define DAY_S (24 * 60 * 60)

struct opting {
    struct cli *cli;
    enum automatic automatic;
    int64_t until;             // end of the grace period, 0 = none
    struct opt_remote *remote; // owned; NULL = the store
    FILE *journal;             // owned; NULL = none
    char **noted;              // owned; ids that the journal had, in order
    size_t noted_count;
    const volatile sig_atomic_t *stop;
    size_t done, unchanged, failed;
};

static void opting_done(struct opting *opting)
{
    opt_remote_close(opting->remote);
    if (opting->journal != NULL) {
        (void)fclose(opting->journal);
    }
    for (size_t i = 0; i < opting->noted_count; i++) {
        free(opting->noted[i]);
    }
    free((void *)opting->noted);
}

// -- in the store --------------------------------------------------------------------------------
static enum err set_once(const struct opting *opting, const char *name, char id[33], bool *changed,
                         struct why *why)
{
    struct db *db = opting->cli->db;
    OWN(zone_own) struct zone *zone = NULL;
    enum err e = db_begin(db, why);
    if (e != ERR_OK) {
        return e;
    }
    e = db_zone_get(db, &zone, name, why);
    if (e == ERR_OK) {
        (void)snprintf(id, 33, "%s", zone->id);
        const struct zone_before before = zone_before(zone);
        // Without --until a zone that is on auto keeps its grace period: it was told that day.
        *changed = zone->automatic != opting->automatic ||
                   (opting->until != 0 && zone->opt_out_until != opting->until);
        zone_choose(zone, NULL, &opting->automatic);
        zone->opt_out_until = opting->until;
        e = *changed ? zone_change_store(db, zone, &before, why) : ERR_OK;
    }
    if (e == ERR_OK) {
        return db_commit(db, why);
    }
    db_rollback(db);
    return e;
}

static enum err set_here(const struct opting *opting, const char *name, char id[33], bool *changed,
                         struct why *why)
{
    enum err e = ERR_CONFLICT;
    for (int i = 0; i < TRIES && e == ERR_CONFLICT; i++) {
        struct why words = {""};
        e = set_once(opting, name, id, changed, &words);
        if (e != ERR_OK) {
            (void)why_set(why, e, "%s", why_text(&words, e));
        }
    }
    return e;
}

// -- one zone ------------------------------------------------------------------------------------
static int by_text(const void *a, const void *b)
{
    const char *const *x = a;
    const char *const *y = b;
    return strcmp(*x, *y);
}

static bool is_noted(const struct opting *opting, const char *name)
{
    return opting->noted_count > 0 &&
           bsearch((const void *)&name, (const void *)opting->noted, opting->noted_count,
                   sizeof *opting->noted, by_text) != NULL;
}

// Before the next zone is begun.
static enum err note(const struct opting *opting, const char *name, struct why *why)
{
    if (opting->journal == NULL) {
        return ERR_OK;
    }
    bool good = fprintf(opting->journal, "%s\n", name) > 0 && fflush(opting->journal) == 0;
    return good ? ERR_OK
                : why_set(why, ERR_IO,
                          "--done: cannot be written; free space on its file system, then run "
                          "it again for the rest");
}

static enum err one(struct opting *opting, const char *name)
{
    struct why why = {""};
    char id[33] = "";
    char safe[LIMIT_OUTPUT_FIELD];
    bool changed = false;
    if (is_noted(opting, name)) {
        return ERR_OK;
    }
    enum err e = opting->remote != NULL
                     ? opt_remote_set(opting->remote, name, id, opting->automatic, &changed, &why)
                     : set_here(opting, name, id, &changed, &why);
    if (e == ERR_INTERRUPTED) {
        return e;
    }
    opting->failed += e != ERR_OK;
    opting->done += e == ERR_OK && changed;
    opting->unchanged += e == ERR_OK && !changed;
    const char *said = e != ERR_OK ? why_text(&why, e) : automatic_str(opting->automatic);
    output_print("%s\t%s\t", id[0] != '\0' ? id : str_printable(safe, sizeof safe, span_of(name)),
                 e != ERR_OK ? "failed"
                 : changed   ? "done"
                             : "unchanged");
    output_print("%s\n", str_printable(safe, sizeof safe, span_of(said)));
    (void)fflush(stdout);
    if (e != ERR_OK) {
        // A refused token, a full disk: the next zone would fare no better.
        bool own = e == ERR_NOT_FOUND || e == ERR_CONFLICT || e == ERR_INVALID ||
                   e == ERR_UNAVAILABLE || e == ERR_BUSY;
        return own ? ERR_OK : e;
    }
    e = note(opting, name, &why);
    return e != ERR_OK ? e : output_check();
}

// -- all of them ---------------------------------------------------------------------------------
static enum err from_file(struct opting *opting, const char *path, struct why *why)
{
    struct lines lines = {0};
    enum err e = lines_open(&lines, path, LIMIT_IMPORT_LINE, why);
    if (e != ERR_OK) {
        return e;
    }
    while (e == ERR_OK && *opting->stop == 0) {
        struct span line = {NULL, 0};
        char name[LIMIT_HOST_NAME + 2];
        e = lines_read(&lines, &line, why);
        line = span_trim(line);
        if (e != ERR_OK || line.len == 0 || line.at[0] == '#') {
            continue;
        }
        (void)snprintf(name, sizeof name, "%.*s", (int)line.len, line.at);
        e = one(opting, name);
    }
    lines_close(&lines);
    return e == ERR_NOT_FOUND ? ERR_OK : e; // the end
}

struct ids {
    char **list; // owned
    size_t count;
};

static enum err note_id(void *ctx, const struct zone *zone)
{
    struct ids *ids = ctx;
    return strings_add(&ids->list, &ids->count, span_of(zone->id), SIZE_MAX);
}

// All zones of the account, as they are when it begins: changing them while the store tells them
// would not do.
static enum err from_account(struct opting *opting, const char *account, struct why *why)
{
    struct ids ids = {0};
    const struct db_filter filter = {
        .account = account, .mode = MODE_NONE, .recommended = MODE_NONE};
    enum err e = db_zone_each(opting->cli->db, &filter, note_id, &ids, why);
    if (e == ERR_OK && ids.count == 0) {
        e = why_set(why, ERR_NOT_FOUND, "account %.60s has no zones; `sslauto zone list` shows all",
                    account);
    }
    for (size_t i = 0; i < ids.count; i++) {
        e = e == ERR_OK && *opting->stop == 0 ? one(opting, ids.list[i]) : e;
        free(ids.list[i]);
    }
    free((void *)ids.list);
    return e;
}

static enum err read_journal(struct opting *opting, const char *path, struct why *why)
{
    struct lines lines = {0};
    opting->journal = fopen(path, "ae");
    if (opting->journal == NULL) {
        char words[128];
        int errnum = errno;
        return why_set(why, err_from_errno(errnum),
                       "--done %.200s: cannot be written: %s; name a file that this user can write",
                       path, strerror_r(errnum, words, sizeof words));
    }
    enum err e = lines_open(&lines, path, LIMIT_IMPORT_LINE, why);
    while (e == ERR_OK) {
        struct span line = {NULL, 0};
        e = lines_read(&lines, &line, why);
        e = e == ERR_OK ? strings_add(&opting->noted, &opting->noted_count, line, SIZE_MAX) : e;
    }
    lines_close(&lines);
    if (opting->noted_count > 0) {
        qsort((void *)opting->noted, opting->noted_count, sizeof *opting->noted, by_text);
    }
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static void tell_wait(void *ctx, int64_t seconds, const char *because)
{
    cli_note(ctx, "%s: waiting for %lld s", because, (long long)seconds);
}

static enum err open_place(struct opting *opting, struct why *why)
{
    struct cli *cli = opting->cli;
    const struct opt_remote_policy policy = {.url = args_text(&cli->args, "api"),
                                             .token_file = args_text(&cli->args, "token-file"),
                                             .ca_file = args_text(&cli->args, "ca-file"),
                                             .stop = opting->stop,
                                             .wait = tell_wait,
                                             .ctx = cli};
    return policy.url == NULL ? cli_open_store(cli, DB_WRITE, why)
                              : opt_remote_open(&opting->remote, &policy, why);
}

// The day named is the last one to opt out.
static enum err take_until(struct opting *opting, const char *text, struct why *why)
{
    if (text == NULL) {
        return ERR_OK;
    }
    if (time_parse(&opting->until, span_of(text)) != ERR_OK) {
        return why_set(why, ERR_INVALID, "--until \"%.40s\" is no date; write 2026-12-31", text);
    }
    opting->until += strlen(text) == strlen("2026-12-31") ? DAY_S : 0;
    return ERR_OK;
}

static enum leave refuse_options(const struct cli *cli)
{
    const struct args *args = &cli->args;
    bool api = args_flag(args, "api");
    if (args->operand_count == 0 && !args_flag(args, "file") && !args_flag(args, "account")) {
        return cli_usage_error(
            cli, "no zones: name them, a file of them with --file, or theirs with --account");
    }
    if (api && args_flag(args, "account")) {
        return cli_usage_error(cli, "--account is for the store: give a server ids with --file");
    }
    if (api != args_flag(args, "token-file")) {
        return cli_usage_error(cli, "--api and --token-file go together");
    }
    if (api && args_flag(args, "until")) {
        return cli_usage_error(cli, "--until is for the store: the API has no such word");
    }
    return LEAVE_DONE;
}

static enum err run(struct opting *opting, struct why *why)
{
    const struct args *args = &opting->cli->args;
    const char *journal = args_text(args, "done");
    const char *file = args_text(args, "file");
    const char *account = args_text(args, "account");
    enum err e = open_place(opting, why);
    e = e == ERR_OK && journal != NULL ? read_journal(opting, journal, why) : e;
    for (size_t i = 0; e == ERR_OK && *opting->stop == 0 && i < args->operand_count; i++) {
        e = one(opting, args->operands[i]);
    }
    e = e == ERR_OK && account != NULL ? from_account(opting, account, why) : e;
    return e == ERR_OK && file != NULL ? from_file(opting, file, why) : e;
}

static enum leave opt(struct cli *cli, enum automatic automatic)
{
    struct why why = {""};
    OWN(opting_done)
    struct opting opting = {.cli = cli, .automatic = automatic, .stop = stop_on_signals()};
    enum leave leave = refuse_options(cli);
    if (leave != LEAVE_DONE) {
        return leave;
    }
    const char *until = automatic == AUTOMATIC_AUTO ? args_text(&cli->args, "until") : NULL;
    enum err e = take_until(&opting, until, &why);
    if (e != ERR_OK) {
        return cli_refuse(cli, e, &why);
    }
    e = run(&opting, &why);
    cli_note(cli, "%zu done, %zu unchanged, %zu failed%s", opting.done, opting.unchanged,
             opting.failed,
             *opting.stop != 0 ? "; ended by a signal, run it again for the rest" : "");
    if (e != ERR_OK && e != ERR_INTERRUPTED) {
        return why.text[0] != '\0' ? cli_fail(cli, e, &why) : LEAVE_FAILED;
    }
    return opting.failed > 0 || *opting.stop != 0 ? LEAVE_FAILED : LEAVE_DONE;
}

enum leave cmd_zone_opt_out(struct cli *cli)
{
    return opt(cli, AUTOMATIC_CUSTOM);
}

enum leave cmd_zone_opt_in(struct cli *cli)
{
    return opt(cli, AUTOMATIC_AUTO);
}
