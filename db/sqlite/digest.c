// SPDX-License-Identifier: Apache-2.0
// Turns of rollouts, modes by week, and letters.
#include <string.h>

#include "db/sqlite/sqlite.h"

static enum err turn_read(struct db_turn *out, const struct sqlite_call *call, struct why *why)
{
    const char *words[] = {sqlite_str(call, 5), sqlite_str(call, 6), sqlite_str(call, 7),
                           sqlite_str(call, 8)};
    *out = (struct db_turn){.zone_id = sqlite_str(call, 0),
                            .zone = sqlite_str(call, 1),
                            .account = sqlite_str(call, 2),
                            .generation = sqlite_int(call, 3),
                            .at = sqlite_int(call, 4),
                            .detail = sqlite_str(call, 9)};
    if (out->zone_id == NULL || out->zone == NULL || out->account == NULL || out->detail == NULL) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (words[i] == NULL) {
            return ERR_NOMEM;
        }
    }
    if (mode_parse(&out->from, span_of(words[0])) == ERR_OK &&
        mode_parse(&out->to, span_of(words[1])) == ERR_OK &&
        rollout_state_parse(&out->state, span_of(words[2])) == ERR_OK &&
        rollout_reason_parse(&out->reason, span_of(words[3])) == ERR_OK) {
        return ERR_OK;
    }
    return why_set(why, ERR_CORRUPT,
                   "%s: zone %s: the history of its rollouts cannot be read; run `sslauto db "
                   "check`",
                   call->db->path, out->zone_id);
}

enum err sqlite_turn_each(struct db *base, const char *account, int64_t from, int64_t to,
                          enum err (*each)(void *ctx, const struct db_turn *turn), void *ctx,
                          struct why *why)
{
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_list(sqlite_of(base), SQL_TURNS);
    sqlite_bind_int(&call, from);
    sqlite_bind_int(&call, to);
    sqlite_bind(&call, account);
    while (true) {
        bool row = false;
        struct db_turn turn;
        enum err e = sqlite_step(&call, &row, why, "reading the ends of rollouts");
        if (e == ERR_OK && row) {
            e = turn_read(&turn, &call, why);
        }
        if (e == ERR_OK && row) {
            e = each(ctx, &turn);
        }
        if (e != ERR_OK || !row) {
            return e;
        }
    }
}

enum err sqlite_modes_keep(struct db *base, const char *account, const struct digest_modes *modes,
                           struct why *why)
{
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_open(sqlite_of(base), SQL_MODES_KEEP);
    sqlite_bind(&call, account);
    sqlite_bind_int(&call, modes->week);
    for (size_t i = 0; i < MODE_COUNT; i++) {
        sqlite_bind_int(&call, modes->zones[i]);
    }
    return sqlite_write_one(&call, NULL, why, "storing the modes of a week");
}

enum err sqlite_modes_get(struct db *base, const char *account, int64_t week,
                          struct digest_modes out[DIGEST_WEEKS], size_t *count, struct why *why)
{
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_open(sqlite_of(base), SQL_MODES_GET);
    struct digest_modes newest_first[DIGEST_WEEKS];
    size_t n = 0;
    sqlite_bind(&call, account);
    sqlite_bind_int(&call, week);
    sqlite_bind_int(&call, DIGEST_WEEKS);
    while (n < DIGEST_WEEKS) {
        bool row = false;
        enum err e = sqlite_step(&call, &row, why, "reading the modes of past weeks");
        if (e != ERR_OK) {
            return e;
        }
        if (!row) {
            break;
        }
        newest_first[n].week = sqlite_int(&call, 0);
        for (int i = 0; i < MODE_COUNT; i++) {
            newest_first[n].zones[i] = sqlite_int(&call, 1 + i);
        }
        n++;
    }
    for (size_t i = 0; i < n; i++) {
        out[i] = newest_first[n - 1 - i];
    }
    *count = n;
    return ERR_OK;
}

enum err sqlite_letter_add(struct db *base, const struct db_letter *letter, struct why *why)
{
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_open(sqlite_of(base), SQL_LETTER_INSERT);
    sqlite_bind(&call, letter->name);
    sqlite_bind(&call, letter->account);
    sqlite_bind_int(&call, letter->week);
    sqlite_bind_int(&call, letter->made_at);
    sqlite_bind(&call, letter->mail);
    sqlite_bind(&call, letter->json);
    int64_t added = 0;
    enum err e = sqlite_write_one(&call, &added, why, "storing a letter");
    return e == ERR_OK && added == 0 ? why_set(why, ERR_EXISTS, "%s is made already", letter->name)
                                     : e;
}

enum err sqlite_letter_get(struct db *base, const char *name, struct db_letter *out,
                           struct why *why)
{
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_open(sqlite_of(base), SQL_LETTER_GET);
    struct db_letter letter = {0};
    sqlite_bind(&call, name);
    bool row = false;
    enum err e = sqlite_step(&call, &row, why, "reading a letter");
    if (e == ERR_OK && !row) {
        return why_set(why, ERR_NOT_FOUND, "%s is not made yet", name);
    }
    e = e == ERR_OK ? sqlite_copy(&letter.name, &call, 0) : e;
    e = e == ERR_OK ? sqlite_copy(&letter.account, &call, 1) : e;
    e = e == ERR_OK ? sqlite_copy(&letter.mail, &call, 4) : e;
    e = e == ERR_OK ? sqlite_copy(&letter.json, &call, 5) : e;
    if (e != ERR_OK) {
        db_letter_done(&letter);
        return e;
    }
    letter.week = sqlite_int(&call, 2);
    letter.made_at = sqlite_int(&call, 3);
    *out = letter;
    return ERR_OK;
}

enum err sqlite_letter_forget(struct db *base, int64_t before, struct why *why)
{
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_open(sqlite_of(base), SQL_LETTER_FORGET);
    sqlite_bind_int(&call, before);
    return sqlite_write_one(&call, NULL, why, "forgetting the texts of letters");
}
