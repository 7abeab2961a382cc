// SPDX-License-Identifier: Apache-2.0
#include "db/db.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"
#include "core/time.h"
#include "db/backend.h"

// The first one takes paths without a scheme too.
static const struct db_backend *const backends[] = {&sqlite_backend};

static enum err backend_find(const struct db_backend **out, const char **place, const char *where,
                             struct why *why)
{
    const char *colon = strstr(where, "://");
    if (colon == NULL) {
        *out = backends[0];
        *place = where;
        return ERR_OK;
    }
    struct span scheme = {where, (size_t)(colon - where)};
    for (size_t i = 0; i < COUNT_OF(backends); i++) {
        if (span_equal(scheme, span_of(backends[i]->scheme))) {
            *out = backends[i];
            *place = colon + 3;
            if (**place == '/') {
                return ERR_OK;
            }
            return why_set(why, ERR_INVALID,
                           "%s: the path must be absolute: write three slashes, as in "
                           "sqlite:///var/lib/sslauto/sslauto.db",
                           where);
        }
    }
    return why_set(why, ERR_INVALID,
                   "%s: no store of that kind: use sqlite:///path or the path of a file", where);
}

enum err db_open(struct db **out, const char *where, enum db_access access, struct why *why)
{
    const struct db_backend *backend = NULL;
    const char *place = NULL;
    enum err e = backend_find(&backend, &place, where, why);
    return e != ERR_OK ? e : backend->open(out, place, access, why);
}

void db_close(struct db *db)
{
    if (db != NULL) {
        db->calls->close(db);
    }
}

enum err db_migrate(const char *where, int *from, int *to, struct why *why)
{
    const struct db_backend *backend = NULL;
    const char *place = NULL;
    enum err e = backend_find(&backend, &place, where, why);
    return e != ERR_OK ? e : backend->migrate(place, from, to, why);
}

enum err db_open_memory(struct db **out, const char *name, struct why *why)
{
    return backends[0]->open_memory(out, name, why);
}

// Every call on a handle passes here: db_fail_after makes one of them fail.
static enum err allowed(struct db *db, struct why *why)
{
    if (db->fail_with == ERR_OK || db->calls_left-- > 0) {
        return ERR_OK;
    }
    enum err e = db->fail_with;
    db->fail_with = ERR_OK;
    return why_set(why, e, "store: %s (asked for by a test)", err_str(e));
}

enum err db_check(struct db *db, void (*report)(void *ctx, const char *complaint), void *ctx,
                  struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->check(db, report, ctx, why);
}

enum err db_backup(struct db *db, const char *path, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->backup(db, path, why);
}

int64_t db_clock(const struct db *db)
{
    return (db->clock_s != 0 ? db->clock_s : time_now_s()) + db->clock_shift_s;
}

void db_clock_shift(struct db *db, int64_t seconds)
{
    db->clock_shift_s += seconds;
}

void db_clock_set(struct db *db, int64_t now_s)
{
    db->clock_s = now_s;
}

void db_fail_after(struct db *db, int64_t calls, enum err e)
{
    db->calls_left = calls;
    db->fail_with = e;
}

enum err db_now(struct db *db, int64_t *out, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->now(db, out, why);
}

enum err db_begin(struct db *db, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->begin(db, why);
}

enum err db_commit(struct db *db, struct why *why)
{
    enum err e = allowed(db, why);
    if (e != ERR_OK) {
        db->calls->rollback(db);
        return e;
    }
    return db->calls->commit(db, why);
}

void db_rollback(struct db *db)
{
    db->calls->rollback(db);
}

enum err db_zone_insert(struct db *db, const struct zone *zone, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->zone_insert(db, zone, why);
}

enum err db_zone_update(struct db *db, const struct zone *zone, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->zone_update(db, zone, why);
}

enum err db_zone_remove(struct db *db, const char *id, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->zone_remove(db, id, why);
}

enum err db_zone_get(struct db *db, struct zone **out, const char *id_or_name, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->zone_get(db, out, id_or_name, why);
}

// A filter that keeps everything, for callers that gave none.
static struct db_filter filter_or_all(const struct db_filter *filter)
{
    return filter != NULL ? *filter
                          : (struct db_filter){.mode = MODE_NONE, .recommended = MODE_NONE};
}

enum err db_zone_each(struct db *db, const struct db_filter *filter,
                      enum err (*each)(void *ctx, const struct zone *zone), void *ctx,
                      struct why *why)
{
    struct db_filter use = filter_or_all(filter);
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->zone_each(db, &use, each, ctx, why);
}

enum err db_zone_count(struct db *db, const struct db_filter *filter, int64_t *out, struct why *why)
{
    struct db_filter use = filter_or_all(filter);
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->zone_count(db, &use, out, why);
}

enum err db_scan_request(struct db *db, const char *id, int64_t *changed, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->scan_request(db, id, changed, why);
}

static enum err lease_allowed(struct db *db, const char *owner, int64_t lease_s, struct why *why)
{
    if (owner == NULL || owner[0] == '\0') {
        return why_set(why, ERR_INVALID, "a lease needs an owner");
    }
    if (lease_s < 1 || lease_s > LIMIT_LEASE_S) {
        return why_set(why, ERR_LIMIT, "a lease of %lld seconds: 1 to %d are allowed",
                       (long long)lease_s, LIMIT_LEASE_S);
    }
    return allowed(db, why);
}

enum err db_claim(struct db *db, const char *owner, int64_t lease_s, size_t max,
                  struct db_lease *out, size_t *count, struct why *why)
{
    enum err e = lease_allowed(db, owner, lease_s, why);
    return e != ERR_OK ? e : db->calls->claim(db, owner, lease_s, max, out, count, why);
}

enum err db_claim_zone(struct db *db, const char *owner, int64_t lease_s, const char *id,
                       struct db_lease *out, struct why *why)
{
    enum err e = lease_allowed(db, owner, lease_s, why);
    return e != ERR_OK ? e : db->calls->claim_zone(db, owner, lease_s, id, out, why);
}

enum err db_lease_renew(struct db *db, const char *owner, int64_t lease_s, struct why *why)
{
    enum err e = lease_allowed(db, owner, lease_s, why);
    return e != ERR_OK ? e : db->calls->lease_renew(db, owner, lease_s, why);
}

enum err db_lease_release(struct db *db, const char *zone_id, int64_t epoch, int64_t next_scan_at,
                          struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->lease_release(db, zone_id, epoch, next_scan_at, why);
}

enum err db_lease_owners(struct db *db, enum err (*each)(void *ctx, const char *owner), void *ctx,
                         struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->lease_owners(db, each, ctx, why);
}

enum err db_lease_drop_owner(struct db *db, const char *owner, int64_t *count, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->lease_drop_owner(db, owner, count, why);
}

enum err db_due_count(struct db *db, int64_t *due, int64_t *leased, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->due_count(db, due, leased, why);
}

void db_scan_done(struct db_scan *scan)
{
    free(scan->evidence);
    free(scan->recommendation);
    free(scan->policy);
    *scan = (struct db_scan){.mode_current = MODE_NONE, .mode_recommended = MODE_NONE};
}

enum err db_scan_commit(struct db *db, const struct db_scan *scan, int64_t epoch, struct why *why)
{
    assert(scan->evidence != NULL && scan->recommendation != NULL && scan->policy != NULL);
    if (strlen(scan->evidence) > LIMIT_EVIDENCE) {
        return why_set(why, ERR_LIMIT, "zone %s: evidence of more than %zu bytes", scan->zone_id,
                       LIMIT_EVIDENCE);
    }
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->scan_commit(db, scan, epoch, why);
}

enum err db_scan_current(struct db *db, const char *zone_id, struct db_scan *out, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->scan_current(db, zone_id, out, why);
}

enum err db_scan_history(struct db *db, const char *zone_id, size_t limit,
                         enum err (*each)(void *ctx, const struct db_scan *scan), void *ctx,
                         struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->scan_history(db, zone_id, limit, each, ctx, why);
}

enum err db_recommendation_each(struct db *db, const struct db_filter *filter,
                                enum err (*each)(void *ctx, const struct zone *zone,
                                                 const struct db_scan *scan),
                                void *ctx, struct why *why)
{
    struct db_filter use = filter_or_all(filter);
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->recommendation_each(db, &use, each, ctx, why);
}

enum err db_next_scan(struct db *db, const char *zone_id, int64_t *at, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->next_scan(db, zone_id, at, why);
}

enum err db_event_add(struct db *db, const struct db_event *event, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->event_add(db, event, why);
}

enum err db_event_each(struct db *db, const char *zone_id, size_t limit,
                       enum err (*each)(void *ctx, const struct db_event *event), void *ctx,
                       struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->event_each(db, zone_id, limit, each, ctx, why);
}

enum err db_rollout_insert(struct db *db, struct rollout *rollout,
                           const struct rollout_event *event, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->rollout_insert(db, rollout, event, why);
}

enum err db_rollout_update(struct db *db, struct rollout *rollout,
                           const struct rollout_event *event, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->rollout_update(db, rollout, event, why);
}

enum err db_rollout_get(struct db *db, const char *zone_id, struct rollout *out, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->rollout_get(db, zone_id, out, why);
}

enum err db_rollout_claim(struct db *db, const char *owner, int64_t claim_s, size_t max,
                          struct rollout *out, size_t *count, struct why *why)
{
    enum err e = lease_allowed(db, owner, claim_s, why);
    return e != ERR_OK ? e : db->calls->rollout_claim(db, owner, claim_s, max, out, count, why);
}

enum err db_rollout_next(struct db *db, int64_t *at, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->rollout_next(db, at, why);
}

enum err db_rollout_each(struct db *db, const struct db_rollout_filter *filter,
                         enum err (*each)(void *ctx, const struct zone *zone,
                                          const struct rollout *rollout),
                         void *ctx, struct why *why)
{
    static const struct db_rollout_filter all = {0};
    enum err e = allowed(db, why);
    return e != ERR_OK
               ? e
               : db->calls->rollout_each(db, filter != NULL ? filter : &all, each, ctx, why);
}

enum err db_rollout_count(struct db *db, const struct db_rollout_filter *filter, int64_t *out,
                          struct why *why)
{
    static const struct db_rollout_filter all = {0};
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->rollout_count(db, filter != NULL ? filter : &all, out, why);
}

enum err db_rollout_states(struct db *db, int64_t out[ROLLOUT_STATE_COUNT], struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->rollout_states(db, out, why);
}

enum err db_rollout_events(struct db *db, const char *zone_id, int64_t generation, size_t limit,
                           enum err (*each)(void *ctx, const struct rollout_event *event),
                           void *ctx, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e
                       : db->calls->rollout_events(db, zone_id, generation, limit, each, ctx, why);
}

enum err db_rollout_aborts(struct db *db, int64_t out[ROLLOUT_REASON_COUNT], struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->rollout_aborts(db, out, why);
}

enum err db_stop_set(struct db *db, bool stop, const char *actor, const char *detail,
                     struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->stop_set(db, stop, actor, detail, why);
}

enum err db_stop_get(struct db *db, bool *stopped, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->stop_get(db, stopped, why);
}

enum err db_token_insert(struct db *db, const struct token *token, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->token_insert(db, token, why);
}

enum err db_token_by_hash(struct db *db, const char *hash, struct token **out, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->token_by_hash(db, hash, out, why);
}

enum err db_token_each(struct db *db, enum err (*each)(void *ctx, const struct token *token),
                       void *ctx, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->token_each(db, each, ctx, why);
}

enum err db_token_remove(struct db *db, const char *id_or_name, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->token_remove(db, id_or_name, why);
}

enum err db_zone_page(struct db *db, const struct db_page *page,
                      enum err (*each)(void *ctx, const struct zone *zone,
                                       const struct db_zone_state *zone_state),
                      void *ctx, int64_t *total, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->zone_page(db, page, each, ctx, total, why);
}

enum err db_zone_state(struct db *db, const char *id, struct db_zone_state *out, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->zone_state(db, id, out, why);
}

enum err db_zone_set_recommender(struct db *db, const char *id, bool on, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->zone_set_recommender(db, id, on, why);
}

enum err db_order_add(struct db *db, const char *zone_id, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->order_add(db, zone_id, why);
}

enum err db_order_each(struct db *db,
                       enum err (*each)(void *ctx, const char *zone_id, int64_t version), void *ctx,
                       struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->order_each(db, each, ctx, why);
}

enum err db_order_done(struct db *db, const char *zone_id, int64_t version, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->order_done(db, zone_id, version, why);
}

enum err db_member_add(struct db *db, const struct db_member *member, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->member_add(db, member, why);
}

enum err db_member_remove(struct db *db, const char *account, const char *address, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->member_remove(db, account, address, why);
}

enum err db_member_each(struct db *db, const char *account,
                        enum err (*each)(void *ctx, const struct db_member *member), void *ctx,
                        struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->member_each(db, account, each, ctx, why);
}

enum err db_account_each(struct db *db, enum err (*each)(void *ctx, const char *account), void *ctx,
                         struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->account_each(db, each, ctx, why);
}

enum err db_turn_each(struct db *db, const char *account, int64_t from, int64_t to,
                      enum err (*each)(void *ctx, const struct db_turn *turn), void *ctx,
                      struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->turn_each(db, account, from, to, each, ctx, why);
}

enum err db_modes_keep(struct db *db, const char *account, const struct digest_modes *modes,
                       struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->modes_keep(db, account, modes, why);
}

enum err db_modes_get(struct db *db, const char *account, int64_t week,
                      struct digest_modes out[DIGEST_WEEKS], size_t *count, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->modes_get(db, account, week, out, count, why);
}

enum err db_letter_add(struct db *db, const struct db_letter *letter, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->letter_add(db, letter, why);
}

enum err db_letter_get(struct db *db, const char *name, struct db_letter *out, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->letter_get(db, name, out, why);
}

enum err db_letter_forget(struct db *db, int64_t before, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->letter_forget(db, before, why);
}

enum err db_dispatch_add(struct db *db, const char *letter, enum db_channel channel,
                         const char *recipient, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->dispatch_add(db, letter, channel, recipient, why);
}

enum err db_dispatch_claim(struct db *db, const char *owner, int64_t claim_s,
                           struct db_dispatch *out, struct why *why)
{
    enum err e = lease_allowed(db, owner, claim_s, why);
    return e != ERR_OK ? e : db->calls->dispatch_claim(db, owner, claim_s, out, why);
}

enum err db_dispatch_end(struct db *db, const struct db_dispatch *dispatch, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->dispatch_end(db, dispatch, why);
}

enum err db_dispatch_hurry(struct db *db, const char *letter, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->dispatch_hurry(db, letter, why);
}

enum err db_dispatch_owners(struct db *db, enum err (*each)(void *ctx, const char *owner),
                            void *ctx, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->dispatch_owners(db, each, ctx, why);
}

enum err db_dispatch_drop_owner(struct db *db, const char *owner, struct why *why)
{
    enum err e = allowed(db, why);
    return e != ERR_OK ? e : db->calls->dispatch_drop_owner(db, owner, why);
}

enum err db_dispatch_each(struct db *db, const struct db_dispatch_filter *filter,
                          enum err (*each)(void *ctx, const struct db_dispatch *dispatch),
                          void *ctx, struct why *why)
{
    static const struct db_dispatch_filter all = {0};
    enum err e = allowed(db, why);
    return e != ERR_OK
               ? e
               : db->calls->dispatch_each(db, filter != NULL ? filter : &all, each, ctx, why);
}

void db_letter_done(struct db_letter *letter)
{
    free(letter->name);
    free(letter->account);
    free(letter->mail);
    free(letter->json);
    *letter = (struct db_letter){0};
}

void db_dispatch_done(struct db_dispatch *dispatch)
{
    free(dispatch->letter);
    free(dispatch->recipient);
    *dispatch = (struct db_dispatch){0};
}

const char *db_channel_str(enum db_channel channel)
{
    static const char *const words[CHANNEL_COUNT] = {"mail", "webhook"};
    assert(channel < CHANNEL_COUNT);
    return words[channel];
}

const char *db_dispatch_state_str(enum db_dispatch_state state)
{
    static const char *const words[DISPATCH_STATE_COUNT] = {"waiting", "sending", "sent", "failed"};
    assert(state < DISPATCH_STATE_COUNT);
    return words[state];
}

const char *db_library_version(void)
{
    return backends[0]->library_version();
}
