// SPDX-License-Identifier: Apache-2.0
// member add, list, remove.
#include <ctype.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/table.h"
#include "core/str.h"
#include "core/time.h"

static const char *account_of(const struct cli *cli)
{
    const char *account = args_text(&cli->args, "account");
    return account == NULL ? "default" : account;
}

static void free_text(char **text)
{
    free(*text);
}

// The domain in lower case: it is the same one (RFC 5321 section 2.4), what is before it may not
// be.
static enum err take_address(char **out, const char *text, struct why *why)
{
    if (!member_address_valid(span_of(text))) {
        return why_set(why, ERR_INVALID, "\"%.80s\" is no address; write it as NAME@DOMAIN", text);
    }
    char *copy = strdup(text);
    if (copy == NULL) {
        return ERR_NOMEM;
    }
    for (char *c = strchr(copy, '@'); *c != '\0'; c++) {
        *c = (char)tolower((unsigned char)*c);
    }
    *out = copy;
    return ERR_OK;
}

static enum err tell_event(struct cli *cli, const char *kind, const char *account,
                           const char *address, struct why *why)
{
    char actor[64];
    char detail[640];
    (void)snprintf(detail, sizeof detail, "%.254s of account %.300s", address, account);
    const struct db_event event = {.actor = cli_actor(actor), .kind = kind, .detail = detail};
    return db_event_add(cli->db, &event, why);
}

enum leave cmd_member_add(struct cli *cli)
{
    struct why why = {""};
    OWN(free_text) char *address = NULL;
    const char *role = args_text(&cli->args, "role");
    const char *name = args_text(&cli->args, "name");
    struct db_member member = {.account = account_of(cli), .name = name == NULL ? "" : name};
    enum err e = take_address(&address, cli->args.operands[0], &why);
    e = e == ERR_OK && role != NULL ? member_role_parse(&member.role, span_of(role)) : e;
    if (e == ERR_OK && (member.account[0] == '\0' || !str_is_utf8(span_of(member.name)))) {
        e = why_set(&why, ERR_INVALID, "the account must be named, and the name be UTF-8");
    }
    if (e != ERR_OK) {
        return cli_refuse(cli, e, &why);
    }
    member.address = address;
    e = db_begin(cli->db, &why);
    if (e == ERR_OK) {
        e = db_member_add(cli->db, &member, &why);
        e = e == ERR_OK ? tell_event(cli, "member_added", member.account, address, &why) : e;
        e = e == ERR_OK ? db_commit(cli->db, &why) : e;
        db_rollback(cli->db);
    }
    if (e != ERR_OK) {
        return cli_refuse(cli, e, &why);
    }
    cli_note(cli, "%s is %s of account %s", address, member_role_title(member.role),
             member.account);
    return LEAVE_DONE;
}

enum leave cmd_member_remove(struct cli *cli)
{
    struct why why = {""};
    enum err e = db_begin(cli->db, &why);
    if (e != ERR_OK) {
        return cli_fail(cli, e, &why);
    }
    for (size_t i = 0; e == ERR_OK && i < cli->args.operand_count; i++) {
        OWN(free_text) char *address = NULL;
        e = take_address(&address, cli->args.operands[i], &why);
        e = e == ERR_OK ? db_member_remove(cli->db, account_of(cli), address, &why) : e;
        e = e == ERR_OK ? tell_event(cli, "member_removed", account_of(cli), address, &why) : e;
    }
    e = e == ERR_OK ? db_commit(cli->db, &why) : e;
    db_rollback(cli->db);
    if (e != ERR_OK) {
        return cli_refuse(cli, e, &why);
    }
    cli_note(cli, "%zu removed", cli->args.operand_count);
    return LEAVE_DONE;
}

// -- list -----------------------------------------------------------------------------------------

static enum err table_line(void *ctx, const struct db_member *member)
{
    const struct cell cells[] = {
        {member->account, STYLE_NONE},
        {member->address, STYLE_BOLD},
        {member->name, STYLE_NONE},
        {member_role_title(member->role), STYLE_NONE},
    };
    return table_row(ctx, cells);
}

static enum err json_line(void *ctx, const struct db_member *member)
{
    (void)ctx;
    char at[TIME_TEXT_SIZE];
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:s, s:s}", "account", member->account, "address",
                  member->address, "name", member->name, "role", member_role_str(member->role),
                  "created_at", time_print(at, member->created_at));
    enum err e = json == NULL ? ERR_NOMEM : output_json_line(json);
    json_decref(json);
    return e;
}

enum leave cmd_member_list(struct cli *cli)
{
    static const struct column columns[] = {
        {"ACCOUNT", 40, false}, {"ADDRESS", 0, false}, {"NAME", 40, false}, {"ROLE", 0, false}};
    struct why why = {""};
    const char *account = args_text(&cli->args, "account");
    enum err e = ERR_OK;
    if (args_flag(&cli->args, "json")) {
        e = db_member_each(cli->db, account, json_line, NULL, &why);
    } else {
        OWN(table_own) struct table *table = table_new(&cli->out, columns, COUNT_OF(columns));
        size_t rows = 0;
        e = table == NULL ? ERR_NOMEM : db_member_each(cli->db, account, table_line, table, &why);
        e = e == ERR_OK ? table_finish(table, &rows) : e;
        if (e == ERR_OK && rows == 0) {
            cli_note(cli, "No members; add one with: sslauto member add NAME@DOMAIN");
        }
    }
    return e == ERR_OK ? LEAVE_DONE : cli_fail(cli, e, &why);
}
