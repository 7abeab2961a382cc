// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "db/numbers.h"
#include "db/sqlite/sqlite.h"

// Where a zone stands before a new generation.
struct head {
    char *account;  // owned
    int64_t newest; // generation; 0 = none
    bool active;    // that one
    int64_t told;   // highest generation of the history
};

static void head_done(struct head *head)
{
    free(head->account);
}

static enum err head_read(struct head *out, struct sqlite_db *db, const char *zone_id,
                          struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_ROLLOUT_HEAD);
    sqlite_bind(&call, zone_id);
    bool row = false;
    enum err e = sqlite_step(&call, &row, why, "reading a rollout");
    if (e != ERR_OK) {
        return e;
    }
    if (!row) {
        return why_set(why, ERR_NOT_FOUND, "no zone %s; `sslauto zone list` shows them", zone_id);
    }
    out->newest = sqlite_int(&call, 1);
    out->active = sqlite_int(&call, 2) != 0;
    out->told = sqlite_int(&call, 3);
    return sqlite_copy(&out->account, &call, 0);
}

// The generation that may follow what is there.
static enum err choose_generation(struct rollout *rollout, const struct head *head, struct why *why)
{
    if (head->newest > 0 && (head->active || rollout->generation <= head->newest)) {
        return why_set(why, ERR_EXISTS, "zone %s: its rollout %lld is there already%s",
                       rollout->zone_id, (long long)head->newest,
                       head->active ? " and under way" : "");
    }
    if (head->newest == 0 && rollout->generation <= head->told) {
        rollout->generation = head->told + 1;
    }
    return ERR_OK;
}

static enum err age(struct sqlite_db *db, const char *zone_id, struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_ROLLOUT_AGE);
    sqlite_bind(&call, zone_id);
    return sqlite_finish(&call, NULL, why, "storing a rollout");
}

static enum err cannot_store(enum err e, const struct rollout *rollout, struct why *why)
{
    return why_set(why, e, "zone %s: its rollout's plan or numbers cannot be stored: %s",
                   rollout->zone_id, err_str(e));
}

static enum err insert_row(struct sqlite_db *db, const struct rollout *rollout, const char *account,
                           struct why *why)
{
    char steps[NUMBERS_STEPS_SIZE];
    char numbers[NUMBERS_SIZE];
    enum err e = numbers_print_steps(steps, rollout);
    if (e == ERR_OK) {
        e = numbers_print(numbers, rollout);
    }
    if (e != ERR_OK) {
        return cannot_store(e, rollout, why);
    }
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_ROLLOUT_INSERT);
    sqlite_bind(&call, rollout->zone_id);
    sqlite_bind(&call, account);
    sqlite_bind(&call, mode_str(rollout->from));
    sqlite_bind(&call, mode_str(rollout->to));
    sqlite_bind(&call, steps);
    sqlite_bind(&call, rollout->origin_net);
    sqlite_bind(&call, rollout_state_str(rollout->state));
    sqlite_rollout_bind(&call, rollout, numbers);
    sqlite_bind_int(&call, rollout->generation);
    return sqlite_finish(&call, NULL, why, "storing a rollout");
}

static enum err event_insert(struct sqlite_db *db, const struct rollout *rollout, int64_t version,
                             const struct rollout_event *event, struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_ROLLOUT_EVENT_INSERT);
    sqlite_bind(&call, rollout->zone_id);
    sqlite_bind_int(&call, rollout->generation);
    sqlite_bind_int(&call, version);
    sqlite_bind(&call, event->actor);
    sqlite_bind(&call, rollout_state_str(event->state));
    sqlite_bind(&call, rollout_reason_str(event->reason));
    sqlite_bind_int(&call, event->share_bp);
    sqlite_bind(&call, event->detail);
    return sqlite_finish(&call, NULL, why, "storing the history of a rollout");
}

enum err sqlite_rollout_insert(struct db *base, struct rollout *rollout,
                               const struct rollout_event *event, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    OWN(sqlite_scope_done) struct sqlite_scope scope = {0};
    OWN(head_done) struct head head = {0};
    int64_t asked = rollout->generation;
    enum err e = sqlite_scope_begin(&scope, db, why);
    if (e == ERR_OK) {
        e = head_read(&head, db, rollout->zone_id, why);
    }
    if (e == ERR_OK) {
        e = choose_generation(rollout, &head, why);
    }
    if (e == ERR_OK) {
        e = age(db, rollout->zone_id, why);
    }
    if (e == ERR_OK) {
        e = insert_row(db, rollout, head.account, why);
    }
    if (e == ERR_OK && event != NULL) {
        e = event_insert(db, rollout, 1, event, why);
    }
    if (e == ERR_OK) {
        e = sqlite_scope_commit(&scope, why);
    }
    if (e == ERR_OK) {
        rollout->version = 1;
    } else {
        rollout->generation = asked;
    }
    return e;
}

// tick: state and origin_net stay.
static enum err update_row(struct sqlite_db *db, const struct rollout *rollout, bool tick,
                           struct why *why)
{
    char numbers[NUMBERS_SIZE];
    enum err e = numbers_print(numbers, rollout);
    if (e != ERR_OK) {
        return cannot_store(e, rollout, why);
    }
    const char *state = rollout_state_str(rollout->state);
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_open(db, tick ? SQL_ROLLOUT_TICK : SQL_ROLLOUT_UPDATE);
    if (!tick) {
        sqlite_bind(&call, rollout->origin_net);
        sqlite_bind(&call, state);
    }
    sqlite_rollout_bind(&call, rollout, numbers);
    sqlite_bind(&call, rollout->zone_id);
    sqlite_bind_int(&call, rollout->generation);
    sqlite_bind_int(&call, rollout->version);
    if (tick) {
        sqlite_bind(&call, state);
    }
    int64_t changed = 0;
    e = sqlite_finish(&call, &changed, why, "storing a rollout");
    if (e == ERR_OK && changed == 0) {
        e = why_set(why, ERR_CONFLICT,
                    "zone %s: its rollout %lld was changed by somebody else meanwhile",
                    rollout->zone_id, (long long)rollout->generation);
    }
    return e;
}

enum err sqlite_rollout_update(struct db *base, struct rollout *rollout,
                               const struct rollout_event *event, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    OWN(sqlite_scope_done) struct sqlite_scope scope = {0};
    // One statement is a transaction, or a part of one, by itself; most updates are one.
    enum err e = event == NULL ? sqlite_scope_check(db, why) : sqlite_scope_begin(&scope, db, why);
    if (e == ERR_OK) {
        e = update_row(db, rollout, event == NULL, why);
    }
    if (e == ERR_OK && event != NULL) {
        e = event_insert(db, rollout, rollout->version + 1, event, why);
    }
    if (e == ERR_OK && event != NULL) {
        e = sqlite_scope_commit(&scope, why);
    }
    rollout->version += e == ERR_OK;
    return e;
}

enum err sqlite_rollout_get(struct db *base, const char *zone_id, struct rollout *out,
                            struct why *why)
{
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_open(sqlite_of(base), SQL_ROLLOUT_NEWEST);
    sqlite_bind(&call, zone_id);
    bool row = false;
    enum err e = sqlite_step(&call, &row, why, "reading a rollout");
    if (e == ERR_OK && !row) {
        e = why_set(why, ERR_NOT_FOUND, "zone %s has had no rollout yet", zone_id);
    }
    return e != ERR_OK ? e : sqlite_rollout_read(out, &call, why);
}

// In order; the update below takes the same ones, for nobody else writes in between.
static enum err read_due(struct sqlite_db *db, size_t max, struct rollout *out, size_t *count,
                         struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_ROLLOUTS_DUE);
    sqlite_bind_int(&call, (int64_t)max);
    bool row = true;
    while (*count < max) {
        enum err e = sqlite_step(&call, &row, why, "looking for due rollouts");
        if (e == ERR_OK && row) {
            e = sqlite_rollout_read(&out[*count], &call, why);
        }
        if (e != ERR_OK || !row) {
            return e;
        }
        ++*count;
    }
    return ERR_OK;
}

static enum err claim_due(struct sqlite_db *db, const char *owner, int64_t claim_s, size_t count,
                          struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_ROLLOUTS_CLAIM);
    sqlite_bind_int(&call, claim_s);
    sqlite_bind(&call, owner);
    sqlite_bind_int(&call, (int64_t)count);
    return sqlite_finish(&call, NULL, why, "claiming rollouts");
}

enum err sqlite_rollout_claim(struct db *base, const char *owner, int64_t claim_s, size_t max,
                              struct rollout *out, size_t *count, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    *count = 0;
    OWN(sqlite_scope_done) struct sqlite_scope scope = {0};
    size_t n = 0;
    enum err e = sqlite_scope_begin(&scope, db, why);
    if (e == ERR_OK) {
        e = read_due(db, max, out, &n, why);
    }
    if (e == ERR_OK && n > 0) {
        e = claim_due(db, owner, claim_s, n, why);
    }
    if (e == ERR_OK) {
        e = sqlite_scope_commit(&scope, why);
    }
    *count = e == ERR_OK ? n : 0;
    return e;
}

enum err sqlite_rollout_next(struct db *base, int64_t *at, struct why *why)
{
    OWN(sqlite_call_close)
    struct sqlite_call call = sqlite_call_open(sqlite_of(base), SQL_ROLLOUT_NEXT);
    bool row = false;
    enum err e = sqlite_step(&call, &row, why, "looking for due rollouts");
    if (e == ERR_OK) {
        *at = row ? sqlite_int(&call, 0) : 0;
    }
    return e;
}

static enum err stop_write(struct sqlite_db *db, bool stop, struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_STOP_SET);
    sqlite_bind_int(&call, stop);
    return sqlite_finish(&call, NULL, why, "storing the stop");
}

enum err sqlite_stop_set(struct db *base, bool stop, const char *actor, const char *detail,
                         struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    struct db_event event = {
        .actor = actor, .kind = stop ? "rollouts_stopped" : "rollouts_allowed", .detail = detail};
    OWN(sqlite_scope_done) struct sqlite_scope scope = {0};
    enum err e = sqlite_scope_begin(&scope, db, why);
    if (e == ERR_OK) {
        e = stop_write(db, stop, why);
    }
    if (e == ERR_OK) {
        e = sqlite_event_insert(db, &event, why);
    }
    return e != ERR_OK ? e : sqlite_scope_commit(&scope, why);
}

enum err sqlite_stop_get(struct db *base, bool *stopped, struct why *why)
{
    struct sqlite_db *db = sqlite_of(base);
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(db, SQL_STOP_GET);
    bool row = false;
    enum err e = sqlite_step(&call, &row, why, "reading the stop");
    if (e == ERR_OK && !row) {
        e = why_set(why, ERR_CORRUPT,
                    "%s: whether rollouts are stopped is not known; run `sslauto db check`, "
                    "restore a copy made with `sslauto db backup`",
                    db->path);
    }
    if (e == ERR_OK) {
        *stopped = sqlite_int(&call, 0) != 0;
    }
    return e;
}
