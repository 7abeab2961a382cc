// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite/sqlite.h"

enum err sqlite_member_add(struct db *base, const struct db_member *member, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    OWN(sqlite_scope_done) struct sqlite_scope scope = {0};
    enum err e = sqlite_scope_begin(&scope, db, why);
    if (e != ERR_OK) {
        return e;
    }
    int64_t added = 0;
    {
        OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_MEMBER_INSERT);
        sqlite_bind(&call, member->account);
        sqlite_bind(&call, member->address);
        sqlite_bind(&call, member->name);
        sqlite_bind(&call, member_role_str(member->role));
        e = sqlite_finish(&call, &added, why, "storing a member");
    }
    if (e == ERR_OK && added == 0) {
        e = why_set(why, ERR_EXISTS, "%s is a member of account %s already", member->address,
                    member->account);
    }
    return e != ERR_OK ? e : sqlite_scope_commit(&scope, why);
}

enum err sqlite_member_remove(struct db *base, const char *account, const char *address,
                              struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    OWN(sqlite_scope_done) struct sqlite_scope scope = {0};
    enum err e = sqlite_scope_begin(&scope, db, why);
    if (e != ERR_OK) {
        return e;
    }
    int64_t removed = 0;
    {
        OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_MEMBER_DELETE);
        sqlite_bind(&call, account);
        sqlite_bind(&call, address);
        e = sqlite_finish(&call, &removed, why, "removing a member");
    }
    if (e == ERR_OK && removed == 0) {
        e = why_set(why, ERR_NOT_FOUND,
                    "%s is no member of account %s; `sslauto member list` shows them", address,
                    account);
    }
    return e != ERR_OK ? e : sqlite_scope_commit(&scope, why);
}

static enum err member_read(struct db_member *out, const struct sqlite_call *call, struct why *why)
{
    const char *role = sqlite_str(call, 3);
    *out = (struct db_member){.account = sqlite_str(call, 0),
                              .address = sqlite_str(call, 1),
                              .name = sqlite_str(call, 2),
                              .created_at = sqlite_int(call, 4)};
    if (out->account == NULL || out->address == NULL || out->name == NULL || role == NULL) {
        return ERR_NOMEM;
    }
    return member_role_parse(&out->role, span_of(role)) == ERR_OK
               ? ERR_OK
               : why_set(why, ERR_CORRUPT, "%s: the role of %s cannot be read", call->db->path,
                         out->address);
}

enum err sqlite_member_each(struct db *base, const char *account,
                            enum err (*each)(void *ctx, const struct db_member *member), void *ctx,
                            struct why *why)
{
    OWN(sqlite_call_close)
    struct sqlite_call call =
        sqlite_call_list(sqlite_of(base), account != NULL ? SQL_MEMBERS_OF_ACCOUNT : SQL_MEMBERS);
    if (account != NULL) {
        sqlite_bind(&call, account);
    }
    while (true) {
        bool row = false;
        struct db_member member;
        enum err e = sqlite_step(&call, &row, why, "listing members");
        if (e == ERR_OK && row) {
            e = member_read(&member, &call, why);
        }
        if (e == ERR_OK && row) {
            e = each(ctx, &member);
        }
        if (e != ERR_OK || !row) {
            return e;
        }
    }
}

// Calls each() with the first column of every row.
static enum err each_name(struct sqlite_db *db, enum db_statement statement,
                          enum err (*each)(void *ctx, const char *name), void *ctx, struct why *why)
{
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_list(db, statement);
    while (true) {
        bool row = false;
        enum err e = sqlite_step(&call, &row, why, "listing");
        if (e == ERR_OK && row) {
            const char *name = sqlite_str(&call, 0);
            e = name == NULL ? ERR_NOMEM : each(ctx, name);
        }
        if (e != ERR_OK || !row) {
            return e;
        }
    }
}

enum err sqlite_account_each(struct db *base, enum err (*each)(void *ctx, const char *account),
                             void *ctx, struct why *why)
{
    return each_name(sqlite_of(base), SQL_ACCOUNTS, each, ctx, why);
}

enum err sqlite_dispatch_owners(struct db *base, enum err (*each)(void *ctx, const char *owner),
                                void *ctx, struct why *why)
{
    return each_name(sqlite_of(base), SQL_DISPATCH_OWNERS, each, ctx, why);
}
