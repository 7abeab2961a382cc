// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "db/numbers.h"
#include "db/sqlite/sqlite.h"

enum column {
    ROLLOUT_ZONE_ID,
    ROLLOUT_GENERATION,
    ROLLOUT_VERSION,
    ROLLOUT_ORIGIN_NET,
    ROLLOUT_FROM,
    ROLLOUT_TO,
    ROLLOUT_STATE,
    ROLLOUT_REASON,
    ROLLOUT_PAUSED,
    ROLLOUT_STEP,
    ROLLOUT_SHARE_BP,
    ROLLOUT_APPLIED_BP,
    ROLLOUT_FAILED_BEFORE,
    ROLLOUT_LOST_TICKS,
    ROLLOUT_STARTED_AT,
    ROLLOUT_STATE_AT,
    ROLLOUT_STEP_AT,
    ROLLOUT_SEEN_AT,
    ROLLOUT_COOLDOWN_UNTIL,
    ROLLOUT_TICK_AT,
    ROLLOUT_STEPS,
    ROLLOUT_NUMBERS,
    ROLLOUT_COLUMN_COUNT
};
_Static_assert(ROLLOUT_COLUMN_COUNT == SQL_ROLLOUT_COLUMN_COUNT, "SQL_ROLLOUT_COLUMNS in order");

static struct span text_of(const struct sqlite_call *call, int column)
{
    const char *text = sqlite_str(call, column);
    return (struct span){text, text == NULL ? 0 : (size_t)sqlite3_column_bytes(call->stmt, column)};
}

static enum err copy_text(char *out, size_t size, struct span text)
{
    if (text.len >= size) {
        return ERR_CORRUPT;
    }
    memcpy(out, text.at == NULL ? "" : text.at, text.len);
    out[text.len] = '\0';
    return ERR_OK;
}

static void read_ints(struct rollout *out, const struct sqlite_call *call)
{
    out->generation = sqlite_int(call, ROLLOUT_GENERATION);
    out->version = sqlite_int(call, ROLLOUT_VERSION);
    out->paused = sqlite_int(call, ROLLOUT_PAUSED) != 0;
    out->step = (size_t)sqlite_int(call, ROLLOUT_STEP);
    out->share_bp = (int)sqlite_int(call, ROLLOUT_SHARE_BP);
    out->applied_bp = (int)sqlite_int(call, ROLLOUT_APPLIED_BP);
    out->failed_before = (int)sqlite_int(call, ROLLOUT_FAILED_BEFORE);
    out->lost_ticks = (int)sqlite_int(call, ROLLOUT_LOST_TICKS);
    out->started_at = sqlite_int(call, ROLLOUT_STARTED_AT);
    out->state_at = sqlite_int(call, ROLLOUT_STATE_AT);
    out->step_at = sqlite_int(call, ROLLOUT_STEP_AT);
    out->seen_at = sqlite_int(call, ROLLOUT_SEEN_AT);
    out->cooldown_until = sqlite_int(call, ROLLOUT_COOLDOWN_UNTIL);
    out->tick_at = sqlite_int(call, ROLLOUT_TICK_AT); // NULL reads as 0
}

static enum err read_words(struct rollout *out, const struct sqlite_call *call)
{
    enum err e = copy_text(out->zone_id, sizeof out->zone_id, text_of(call, ROLLOUT_ZONE_ID));
    if (e == ERR_OK) {
        e = copy_text(out->origin_net, sizeof out->origin_net, text_of(call, ROLLOUT_ORIGIN_NET));
    }
    if (e == ERR_OK) {
        e = mode_parse(&out->from, text_of(call, ROLLOUT_FROM));
    }
    if (e == ERR_OK) {
        e = mode_parse(&out->to, text_of(call, ROLLOUT_TO));
    }
    if (e == ERR_OK) {
        e = rollout_state_parse(&out->state, text_of(call, ROLLOUT_STATE));
    }
    if (e == ERR_OK) {
        e = rollout_reason_parse(&out->reason, text_of(call, ROLLOUT_REASON));
    }
    if (e == ERR_OK) {
        e = numbers_parse_steps(out, text_of(call, ROLLOUT_STEPS));
    }
    return e == ERR_OK ? numbers_parse(out, text_of(call, ROLLOUT_NUMBERS)) : e;
}

enum err sqlite_rollout_read(struct rollout *out, const struct sqlite_call *call, struct why *why)
{
    *out = (struct rollout){0};
    read_ints(out, call);
    enum err e = read_words(out, call);
    if (e == ERR_OK) {
        return ERR_OK;
    }
    return why_set(why, ERR_CORRUPT,
                   "%s: zone %s: its rollout %lld cannot be read; run `sslauto db check`, restore "
                   "a copy made with `sslauto db backup`",
                   call->db->path, out->zone_id, (long long)out->generation);
}

void sqlite_rollout_bind(struct sqlite_call *call, const struct rollout *rollout,
                         const char *numbers)
{
    sqlite_bind(call, rollout_reason_str(rollout->reason));
    sqlite_bind_int(call, rollout->paused);
    sqlite_bind_int(call, (int64_t)rollout->step);
    sqlite_bind_int(call, rollout->share_bp);
    sqlite_bind_int(call, rollout->applied_bp);
    sqlite_bind_int(call, rollout->failed_before);
    sqlite_bind_int(call, rollout->lost_ticks);
    sqlite_bind_int(call, rollout->started_at);
    sqlite_bind_int(call, rollout->state_at);
    sqlite_bind_int(call, rollout->step_at);
    sqlite_bind_int(call, rollout->seen_at);
    sqlite_bind_int(call, rollout->cooldown_until);
    sqlite_bind_int_or_null(call, rollout->tick_at, rollout->tick_at == 0);
    sqlite_bind(call, numbers);
}

enum err sqlite_rollout_by_key(struct rollout *out, struct sqlite_db *db, int64_t key,
                               struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_ROLLOUT_BY_KEY);
    sqlite_bind_int(&call, key);
    bool row = false;
    enum err e = sqlite_step(&call, &row, why, "reading a rollout");
    if (e == ERR_OK && !row) {
        e = why_set(why, ERR_NOT_FOUND, "%s: a rollout has gone away", db->path);
    }
    return e != ERR_OK ? e : sqlite_rollout_read(out, &call, why);
}
