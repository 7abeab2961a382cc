// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"
#include "db/sqlite/sqlite.h"

enum column {
    TOKEN_ID,
    TOKEN_NAME,
    TOKEN_HASH,
    TOKEN_PERMISSIONS,
    TOKEN_OWNER,
    TOKEN_ACCOUNTS,
    TOKEN_ZONES,
    TOKEN_CREATED_AT,
    TOKEN_EXPIRES_AT
};

// Binds the words of the permissions as a JSON array; text is lent until the call is closed.
static enum err permissions_print(const char **out, struct buf *text, unsigned permissions)
{
    char words[PERMISSION_COUNT][24];
    char *list[PERMISSION_COUNT];
    size_t count = 0;
    for (unsigned i = 0; i < PERMISSION_COUNT; i++) {
        if ((permissions & 1U << i) != 0) {
            (void)snprintf(words[count], sizeof words[count], "%s",
                           permission_str((enum permission)i));
            list[count] = words[count];
            count++;
        }
    }
    return sqlite_list_print(out, text, list, count);
}

static enum err insert(struct sqlite_db *db, const struct token *token, struct why *why)
{
    OWN(buf_done) struct buf first = {.max = SQLITE_TEXT_MAX};
    OWN(buf_done) struct buf second = {.max = SQLITE_TEXT_MAX};
    OWN(buf_done) struct buf third = {.max = SQLITE_TEXT_MAX};
    const char *permissions = NULL;
    const char *accounts = NULL;
    const char *zones = NULL;
    enum err e = permissions_print(&permissions, &first, token->permissions);
    if (e == ERR_OK) {
        e = sqlite_list_print(&accounts, &second, token->accounts, token->account_count);
    }
    if (e == ERR_OK) {
        e = sqlite_list_print(&zones, &third, token->zones, token->zone_count);
    }
    if (e != ERR_OK) {
        return why_set(why, e, "token %s: its accounts or zones cannot be stored", token->name);
    }
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_TOKEN_INSERT);
    sqlite_bind(&call, token->id);
    sqlite_bind(&call, token->name);
    sqlite_bind(&call, token->hash);
    sqlite_bind(&call, permissions);
    sqlite_bind(&call, token->owner);
    sqlite_bind(&call, accounts);
    sqlite_bind(&call, zones);
    sqlite_bind_int(&call, token->expires_at);
    e = sqlite_finish(&call, NULL, why, "storing a token");
    return call.rc == SQLITE_CONSTRAINT_UNIQUE
               ? why_set(why, ERR_EXISTS, "a token is called %s already", token->name)
               : e;
}

enum err sqlite_token_insert(struct db *base, const struct token *token, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    OWN(sqlite_scope_done) struct sqlite_scope scope = {0};
    enum err e = sqlite_scope_begin(&scope, db, why);
    e = e == ERR_OK ? insert(db, token, why) : e;
    return e != ERR_OK ? e : sqlite_scope_commit(&scope, why);
}

static enum err permissions_read(unsigned *out, const struct sqlite_call *call)
{
    char **list = NULL;
    size_t count = 0;
    enum err e = sqlite_list_read(&list, &count, PERMISSION_COUNT, call, TOKEN_PERMISSIONS);
    for (size_t i = 0; i < count; i++) {
        enum permission permission = PERMISSION_ZONE_READ;
        if (e == ERR_OK && permission_parse(&permission, span_of(list[i])) != ERR_OK) {
            e = ERR_CORRUPT;
        }
        *out |= 1U << permission;
        free(list[i]);
    }
    free((void *)list);
    return e;
}

static enum err token_read(struct token **out, const struct sqlite_call *call, struct why *why)
{
    OWN(token_own) struct token *token = calloc(1, sizeof *token);
    const char *id = sqlite_str(call, TOKEN_ID);
    const char *hash = sqlite_str(call, TOKEN_HASH);
    if (token == NULL || id == NULL || hash == NULL) {
        return ERR_NOMEM;
    }
    (void)snprintf(token->id, sizeof token->id, "%s", id);
    (void)snprintf(token->hash, sizeof token->hash, "%s", hash);
    token->created_at = sqlite_int(call, TOKEN_CREATED_AT);
    token->expires_at = sqlite_int(call, TOKEN_EXPIRES_AT);
    enum err e = sqlite_copy(&token->name, call, TOKEN_NAME);
    e = e == ERR_OK ? sqlite_copy(&token->owner, call, TOKEN_OWNER) : e;
    e = e == ERR_OK ? permissions_read(&token->permissions, call) : e;
    if (e == ERR_OK) {
        e = sqlite_list_read(&token->accounts, &token->account_count, LIMIT_TOKEN_REACH, call,
                             TOKEN_ACCOUNTS);
    }
    if (e == ERR_OK) {
        e = sqlite_list_read(&token->zones, &token->zone_count, LIMIT_TOKEN_REACH, call,
                             TOKEN_ZONES);
    }
    if (e == ERR_CORRUPT || e == ERR_LIMIT) {
        return why_set(why, ERR_CORRUPT, "%s: token %s cannot be read; remove it", call->db->path,
                       id);
    }
    if (e == ERR_OK) {
        *out = token;
        token = NULL;
    }
    return e;
}

enum err sqlite_token_by_hash(struct db *base, const char *hash, struct token **out,
                              struct why *why)
{
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_open(sqlite_of(base), SQL_TOKEN_BY_HASH);
    sqlite_bind(&call, hash);
    bool row = false;
    enum err e = sqlite_step(&call, &row, why, "reading a token");
    if (e != ERR_OK) {
        return e;
    }
    return row ? token_read(out, &call, why) : why_set(why, ERR_NOT_FOUND, "no such token");
}

enum err sqlite_token_each(struct db *base, enum err (*each)(void *ctx, const struct token *token),
                           void *ctx, struct why *why)
{
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_list(sqlite_of(base), SQL_TOKENS);
    while (true) {
        bool row = false;
        OWN(token_own) struct token *token = NULL;
        enum err e = sqlite_step(&call, &row, why, "reading tokens");
        if (e == ERR_OK && row) {
            e = token_read(&token, &call, why);
            e = e == ERR_OK ? each(ctx, token) : e;
        }
        if (e != ERR_OK || !row) {
            return e;
        }
    }
}

enum err sqlite_token_remove(struct db *base, const char *id_or_name, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    OWN(sqlite_scope_done) struct sqlite_scope scope = {0};
    int64_t changed = 0;
    enum err e = sqlite_scope_begin(&scope, db, why);
    if (e == ERR_OK) {
        OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_TOKEN_DELETE);
        sqlite_bind(&call, id_or_name);
        e = sqlite_finish(&call, &changed, why, "removing a token");
    }
    if (e == ERR_OK && changed == 0) {
        e = why_set(why, ERR_NOT_FOUND, "no token %.80s; `sslauto token list` shows them",
                    id_or_name);
    }
    return e != ERR_OK ? e : sqlite_scope_commit(&scope, why);
}
