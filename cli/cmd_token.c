// SPDX-License-Identifier: Apache-2.0
// token add, list, remove.
#include <stdlib.h>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/table.h"
#include "core/num.h"
#include "core/str.h"
#include "core/time.h"

// -- add -----------------------------------------------------------------------------------------
// The name stands in events and lines: printable, without spaces at its ends.
static enum err take_name(struct token *token, const char *name, struct why *why)
{
    char safe[2 * LIMIT_TOKEN_NAME];
    struct span span = span_of(name);
    bool plain = span.len > 0 && span.len <= LIMIT_TOKEN_NAME &&
                 strcmp(str_printable(safe, sizeof safe, span), name) == 0 &&
                 span_equal(span_trim(span), span);
    if (!plain) {
        return why_set(why, ERR_INVALID, "a token's name has 1 to %zu printable ASCII characters",
                       LIMIT_TOKEN_NAME);
    }
    token->name = strdup(name);
    return token->name == NULL ? ERR_NOMEM : ERR_OK;
}

// "90d", or a date.
static enum err take_expiry(struct token *token, const char *text, int64_t now, struct why *why)
{
    int64_t ms = 0;
    if (text == NULL) {
        return ERR_OK;
    }
    if (num_parse_duration_ms(&ms, span_of(text)) == ERR_OK && ms >= 1000) {
        token->expires_at = now + ms / 1000;
        return ERR_OK;
    }
    if (time_parse(&token->expires_at, span_of(text)) == ERR_OK && token->expires_at > now) {
        return ERR_OK;
    }
    return why_set(why, ERR_INVALID,
                   "--expires \"%.40s\": write a span as 90d, or a date to come as 2027-01-31",
                   text);
}

static enum err take_permissions(struct token *token, const struct args *args, struct why *why)
{
    size_t at = 0;
    for (const char *word = NULL; (word = args_next(args, "permission", &at)) != NULL;) {
        enum permission permission = PERMISSION_ZONE_READ;
        if (permission_parse(&permission, span_of(word)) != ERR_OK) {
            return why_set(why, ERR_INVALID, "--permission \"%.40s\" is none", word);
        }
        token->permissions |= 1U << permission;
    }
    return token->permissions != 0
               ? ERR_OK
               : why_set(why, ERR_INVALID,
                         "--permission is missing: zone_read, settings_read, settings_write");
}

// An account's token reaches zones of that account alone: what else it is given would be a mistake.
static enum err only_of(const struct token *token, const char *account, const char *word,
                        struct why *why)
{
    return token->owner == NULL || strcmp(token->owner, account) == 0
               ? ERR_OK
               : why_set(why, ERR_INVALID,
                         "%.253s is not of account %.253s, whose token (--owner) reaches zones of "
                         "it alone: leave out --owner, or name its own",
                         word, token->owner);
}

static enum err take_reach(struct token *token, const struct cli *cli, struct why *why)
{
    size_t at = 0;
    enum err e = ERR_OK;
    const char *word = NULL;
    const char *owner = args_text(&cli->args, "owner");
    if (owner != NULL) {
        token->owner = strdup(owner);
        e = token->owner == NULL ? ERR_NOMEM : ERR_OK;
    }
    while (e == ERR_OK && (word = args_next(&cli->args, "account", &at)) != NULL) {
        e = only_of(token, word, word, why);
        e = e == ERR_OK ? strings_add(&token->accounts, &token->account_count, span_of(word),
                                      LIMIT_TOKEN_REACH)
                        : e;
    }
    for (at = 0; e == ERR_OK && (word = args_next(&cli->args, "zone", &at)) != NULL;) {
        OWN(zone_own) struct zone *zone = NULL;
        e = db_zone_get(cli->db, &zone, word, why);
        e = e == ERR_OK ? only_of(token, zone->account, word, why) : e;
        e = e == ERR_OK ? strings_add(&token->zones, &token->zone_count, span_of(zone->id),
                                      LIMIT_TOKEN_REACH)
                        : e;
    }
    return e == ERR_LIMIT ? why_set(why, e, "more than %zu accounts or zones", LIMIT_TOKEN_REACH)
                          : e;
}

static enum err store(struct cli *cli, const struct token *token, struct why *why)
{
    char actor[64];
    struct db_event event = {
        .actor = cli_actor(actor), .kind = "token_added", .detail = token->name};
    enum err e = db_begin(cli->db, why);
    e = e == ERR_OK ? db_token_insert(cli->db, token, why) : e;
    e = e == ERR_OK ? db_event_add(cli->db, &event, why) : e;
    e = e == ERR_OK ? db_commit(cli->db, why) : e;
    if (e != ERR_OK) {
        db_rollback(cli->db);
    }
    return e;
}

enum leave cmd_token_add(struct cli *cli)
{
    struct why why = {""};
    char secret[TOKEN_SECRET_SIZE];
    int64_t now = 0;
    OWN(token_own) struct token *token = token_new();
    enum err e = token == NULL ? ERR_NOMEM : take_name(token, cli->args.operands[0], &why);
    e = e == ERR_OK ? db_now(cli->db, &now, &why) : e;
    e = e == ERR_OK ? take_permissions(token, &cli->args, &why) : e;
    e = e == ERR_OK ? take_expiry(token, args_text(&cli->args, "expires"), now, &why) : e;
    e = e == ERR_OK ? take_reach(token, cli, &why) : e;
    if (e != ERR_OK) {
        return cli_refuse(cli, e, &why);
    }
    e = token_secret_new(secret, token->hash);
    e = e == ERR_OK ? store(cli, token, &why) : e;
    if (e != ERR_OK) {
        return cli_fail(cli, e, &why);
    }
    output_print("%s\n", secret);
    explicit_bzero(secret, sizeof secret);
    cli_note(cli, "This is shown once: only a hash of it is kept.");
    return LEAVE_DONE;
}

// -- list ----------------------------------------------------------------------------------------
static enum err permissions_text(struct buf *out, const struct token *token)
{
    enum err e = ERR_OK;
    for (unsigned i = 0; e == ERR_OK && i < PERMISSION_COUNT; i++) {
        if ((token->permissions & 1U << i) != 0) {
            e = buf_printf(out, "%s%s", out->len > 0 ? " " : "",
                           permission_str((enum permission)i));
        }
    }
    return e;
}

static enum err reach_text(struct buf *out, const struct token *token)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < token->account_count; i++) {
        e = buf_printf(out, "%s%s", out->len > 0 ? " " : "", token->accounts[i]);
    }
    for (size_t i = 0; e == ERR_OK && i < token->zone_count; i++) {
        e = buf_printf(out, "%s%s", out->len > 0 ? " " : "", token->zones[i]);
    }
    return e == ERR_OK && out->len == 0
               ? buf_add_str(out, token->owner == NULL ? "everything" : token->owner)
               : e;
}

static json_t *time_json(int64_t at)
{
    char text[TIME_TEXT_SIZE];
    return at == 0 ? json_null() : json_string(time_print(text, at));
}

static json_t *list_json(char *const *list, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        (void)json_array_append_new(array, json_string(list[i]));
    }
    return array;
}

static json_t *token_json(const struct token *token)
{
    json_t *permissions = json_array();
    for (unsigned i = 0; i < PERMISSION_COUNT; i++) {
        if ((token->permissions & 1U << i) != 0) {
            (void)json_array_append_new(permissions,
                                        json_string(permission_str((enum permission)i)));
        }
    }
    return json_pack("{s:s, s:s, s:o, s:s?, s:o, s:o, s:o, s:o}", "id", token->id, "name",
                     token->name, "permissions", permissions, "owner", token->owner, "accounts",
                     list_json(token->accounts, token->account_count), "zones",
                     list_json(token->zones, token->zone_count), "created_at",
                     time_json(token->created_at), "expires_at", time_json(token->expires_at));
}

static enum err row(void *ctx, const struct token *token)
{
    struct table *table = ctx;
    char created[TIME_TEXT_SIZE];
    char expires[TIME_TEXT_SIZE] = "never";
    if (table == NULL) {
        OWN(json_own) json_t *json = token_json(token);
        return json == NULL ? ERR_NOMEM : output_json_line(json);
    }
    struct buf may;
    struct buf reach;
    buf_init(&may, LIMIT_OUTPUT_FIELD);
    buf_init(&reach, LIMIT_IMPORT_LINE);
    enum err e = permissions_text(&may, token);
    e = e == ERR_OK ? reach_text(&reach, token) : e;
    if (e == ERR_OK) {
        const struct cell cells[] = {
            {token->name, STYLE_BOLD},
            {token->id, STYLE_NONE},
            {buf_str(&may), STYLE_NONE},
            {buf_str(&reach), STYLE_NONE},
            {time_print(created, token->created_at), STYLE_NONE},
            {token->expires_at == 0 ? expires : time_print(expires, token->expires_at), STYLE_NONE},
        };
        e = table_row(table, cells);
    }
    buf_done(&may);
    buf_done(&reach);
    return e;
}

enum leave cmd_token_list(struct cli *cli)
{
    static const struct column columns[] = {
        {"NAME", 0, false},   {"ID", 0, false},      {"MAY", 0, false},
        {"WHERE", 40, false}, {"CREATED", 0, false}, {"EXPIRES", 0, false},
    };
    struct why why = {""};
    bool json = args_flag(&cli->args, "json");
    OWN(table_own)
    struct table *table = json ? NULL : table_new(&cli->out, columns, COUNT_OF(columns));
    enum err e = !json && table == NULL ? ERR_NOMEM : db_token_each(cli->db, row, table, &why);
    e = e == ERR_OK && !json ? table_finish(table, NULL) : e;
    if (e == ERR_OK) {
        return LEAVE_DONE;
    }
    return output_check() != ERR_OK ? LEAVE_FAILED : cli_fail(cli, e, &why);
}

// -- remove
// ----------------------------------------------------------------------------------------
enum leave cmd_token_remove(struct cli *cli)
{
    struct why why = {""};
    char actor[64];
    enum err e = db_begin(cli->db, &why);
    for (size_t i = 0; e == ERR_OK && i < cli->args.operand_count; i++) {
        struct db_event event = {
            .actor = cli_actor(actor), .kind = "token_removed", .detail = cli->args.operands[i]};
        e = db_token_remove(cli->db, cli->args.operands[i], &why);
        e = e == ERR_OK ? db_event_add(cli->db, &event, &why) : e;
    }
    e = e == ERR_OK ? db_commit(cli->db, &why) : e;
    if (e != ERR_OK) {
        db_rollback(cli->db);
        return cli_fail(cli, e, &why);
    }
    cli_note(cli, "Removed: %zu.", cli->args.operand_count);
    return LEAVE_DONE;
}
