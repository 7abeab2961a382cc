// SPDX-License-Identifier: Apache-2.0
// What a week brought each account: shown, sent, and who got it.
#include <stdlib.h>

#include "cli/command.h"
#include "cli/stop.h"
#include "cli/table.h"
#include "core/time.h"
#include "model/week.h"

struct digesting {
    struct cli *cli;
    int64_t week;
    char **accounts; // owned
    size_t account_count;
    struct why *why;
};

static void digesting_done(struct digesting *digesting)
{
    for (size_t i = 0; i < digesting->account_count; i++) {
        free(digesting->accounts[i]);
    }
    free(digesting->accounts);
}

static enum err add_account(void *ctx, const char *name)
{
    struct digesting *to = ctx;
    return strings_add(&to->accounts, &to->account_count, span_of(name), SIZE_MAX);
}

static enum err choose(struct digesting *to)
{
    struct cli *cli = to->cli;
    const char *week = args_text(&cli->args, "week");
    const char *account = args_text(&cli->args, "account");
    int64_t now = 0;
    enum err e = db_now(cli->db, &now, to->why);
    to->week = week_of(now) - WEEK_S;
    if (e == ERR_OK && week != NULL && week_parse(&to->week, span_of(week)) != ERR_OK) {
        e = why_set(to->why, ERR_INVALID, "--week \"%.40s\": write it as 2026-W47", week);
    }
    if (e != ERR_OK) {
        return e;
    }
    return account != NULL ? add_account(to, account)
                           : db_account_each(cli->db, add_account, to, to->why);
}

static void nothing(const struct digesting *of, const char *account)
{
    char week[WEEK_TEXT_SIZE];
    cli_note(of->cli, "Nothing to tell account %s about week %s", account,
             week_print(week, of->week));
}

static void nothing_stored(const struct digesting *of, const char *account)
{
    char week[WEEK_TEXT_SIZE];
    cli_note(
        of->cli,
        "Nothing to send account %s of week %s: it had no news when it was closed, or its text "
        "is not kept any more",
        account, week_print(week, of->week));
}

// -- showing --------------------------------------------------------------------------------------

static enum err put(const struct buf *text)
{
    (void)fwrite(buf_str(text), 1, text->len, stdout);
    return output_check();
}

static enum err show(struct digesting *of, const char *account)
{
    struct cli *cli = of->cli;
    const struct digest_policy *policy = &cli->settings->digest;
    OWN(digest_own) struct digest *digest = NULL;
    struct buf text;
    buf_init(&text, LIMIT_MAIL);
    enum err e = digests_gather(&digest, cli->db, account, of->week, policy, of->why);
    if (e == ERR_OK && args_flag(&cli->args, "json")) {
        json_t *json = digest_json(digest, &policy->links);
        e = json == NULL ? ERR_NOMEM : output_json_line(json);
        json_decref(json);
    } else if (e == ERR_OK && args_flag(&cli->args, "html")) {
        e = digest_page(&text, digest, &policy->links);
        e = e == ERR_OK ? put(&text) : e;
    } else if (e == ERR_OK && !digest->news) {
        nothing(of, account);
    } else if (e == ERR_OK) {
        e = digest_text(&text, digest, &policy->links);
        e = e == ERR_OK ? put(&text) : e;
    }
    buf_done(&text);
    return e;
}

static enum err show_message(struct digesting *of, const char *account)
{
    OWN(db_letter_done) struct db_letter letter = {0};
    enum err e = digests_letter(&letter, of->cli->db, account, of->week, &of->cli->settings->digest,
                                of->why);
    if (e == ERR_OK && letter.mail[0] == '\0') {
        nothing_stored(of, account);
    } else if (e == ERR_OK) {
        (void)fputs(letter.mail, stdout);
        e = output_check();
    }
    return e;
}

// -- sending --------------------------------------------------------------------------------------

static void tell_sent(void *ctx, const struct db_dispatch *one)
{
    const struct cli *cli = ctx;
    output_text(&cli->out, one->state == DISPATCH_SENT ? STYLE_GOOD : STYLE_BAD,
                db_dispatch_state_str(one->state));
    output_print("  ");
    output_text(&cli->out, STYLE_NONE, one->letter);
    output_print("  ");
    output_text(&cli->out, STYLE_BOLD, one->recipient);
    output_print(one->words[0] == '\0' ? "" : "  ");
    output_text(&cli->out, STYLE_NONE, one->words);
    output_print("\n");
}

// One account that cannot be told does not hold the others: it is complained about.
static enum err order_all(struct digesting *of, size_t *troubles)
{
    struct cli *cli = of->cli;
    for (size_t i = 0; i < of->account_count; i++) {
        bool told = false;
        *of->why = (struct why){""};
        enum err e = digests_order(&told, cli->db, of->accounts[i], of->week,
                                   &cli->settings->digest, of->why);
        if (e == ERR_CORRUPT || e == ERR_LIMIT) {
            (void)cli_failf(cli, "account %s: %s", of->accounts[i], why_text(of->why, e));
            (*troubles)++;
        } else if (e != ERR_OK) {
            return e;
        } else if (!told) {
            nothing_stored(of, of->accounts[i]);
        }
    }
    return ERR_OK;
}

static enum leave send(struct digesting *of)
{
    struct cli *cli = of->cli;
    const struct digest_policy *policy = &cli->settings->digest;
    const struct digest_watch watch = {.sent = tell_sent, .ctx = cli, .stop = stop_on_signals()};
    struct digest_sums sums = {0};
    if (!digest_policy_has_channel(policy)) {
        return cli_failf(cli, "nothing can be sent: set mail.server and mail.from, or webhook.url");
    }
    size_t troubles = 0;
    enum err e = cli_open_store(cli, DB_WRITE, of->why);
    e = e == ERR_OK ? order_all(of, &troubles) : e;
    e = e == ERR_OK ? digests_deliver(cli->db, policy, &watch, &sums, of->why) : e;
    if (e != ERR_OK) {
        return cli_fail(cli, e, of->why);
    }
    cli_note(cli, "%lld sent, %lld to be tried again, %lld given up", (long long)sums.sent,
             (long long)sums.postponed, (long long)sums.failed);
    return sums.postponed + sums.failed == 0 && troubles == 0 ? LEAVE_DONE : LEAVE_FAILED;
}

// -- the list -------------------------------------------------------------------------------------

struct listing {
    struct table *table;
    size_t failed;
};

static enum err list_row(void *ctx, const struct db_dispatch *one)
{
    static const enum style styles[DISPATCH_STATE_COUNT] = {STYLE_WARN, STYLE_NONE, STYLE_GOOD,
                                                            STYLE_BAD};
    struct listing *listing = ctx;
    char attempts[24];
    char at[TIME_TEXT_SIZE];
    (void)snprintf(attempts, sizeof attempts, "%lld", (long long)one->attempts);
    (void)time_print(at, one->due_at != 0 ? one->due_at : one->ended_at);
    const struct cell cells[] = {
        {one->letter, STYLE_NONE},    {db_channel_str(one->channel), STYLE_NONE},
        {one->recipient, STYLE_BOLD}, {db_dispatch_state_str(one->state), styles[one->state]},
        {attempts, STYLE_NONE},       {at, STYLE_NONE},
        {one->words, STYLE_NONE},
    };
    listing->failed += one->state == DISPATCH_FAILED ? 1 : 0;
    return table_row(listing->table, cells);
}

static enum leave list(struct digesting *of)
{
    static const struct column columns[] = {
        {"LETTER", 60, false}, {"BY", 0, false},       {"TO", 60, false},   {"STATE", 0, false},
        {"TRIES", 0, true},    {"NEXT/END", 0, false}, {"ANSWER", 0, false}};
    struct cli *cli = of->cli;
    OWN(table_own) struct table *table = table_new(&cli->out, columns, COUNT_OF(columns));
    struct listing listing = {.table = table};
    struct db_dispatch_filter filter = {
        .account = args_text(&cli->args, "account"),
        .week = args_text(&cli->args, "week") == NULL ? 0 : of->week,
    };
    size_t rows = 0;
    enum err e =
        table == NULL ? ERR_NOMEM : db_dispatch_each(cli->db, &filter, list_row, &listing, of->why);
    e = e == ERR_OK ? table_finish(table, &rows) : e;
    if (e != ERR_OK) {
        return cli_fail(cli, e, of->why);
    }
    if (rows == 0) {
        cli_note(cli, "Nothing was sent yet");
    }
    return listing.failed == 0 ? LEAVE_DONE : LEAVE_NEEDS_YOU;
}

// -------------------------------------------------------------------------------------------------

static size_t count_flags(const struct cli *cli)
{
    static const char *const flags[] = {"print", "html", "eml", "json", "send", "list"};
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(flags); i++) {
        count += args_flag(&cli->args, flags[i]) ? 1 : 0;
    }
    return count;
}

enum leave cmd_digest(struct cli *cli)
{
    struct why why = {""};
    OWN(digesting_done) struct digesting digesting = {.cli = cli, .why = &why};
    bool message = args_flag(&cli->args, "eml");
    bool single = message || args_flag(&cli->args, "html");
    if (count_flags(cli) > 1) {
        return cli_usage_error(cli, "only one of --print --html --eml --json --send --list");
    }
    enum err e = choose(&digesting);
    if (e != ERR_OK) {
        return cli_refuse(cli, e, &why);
    }
    if (args_flag(&cli->args, "list")) {
        return list(&digesting);
    }
    if (single && digesting.account_count > 1) {
        return cli_usage_error(cli, "there are several accounts: name one with --account");
    }
    if (args_flag(&cli->args, "send")) {
        return send(&digesting);
    }
    for (size_t i = 0; e == ERR_OK && i < digesting.account_count; i++) {
        const char *account = digesting.accounts[i];
        e = message ? show_message(&digesting, account) : show(&digesting, account);
    }
    return e == ERR_OK ? LEAVE_DONE : cli_fail(cli, e, &why);
}
