// SPDX-License-Identifier: Apache-2.0
// Private to db/: what a backend provides. db.c finds it by the URL's scheme and passes every call
// of db.h on; the contract of each field is that of the call of the same name.
#ifndef SSLAUTO_DB_BACKEND_H
#define SSLAUTO_DB_BACKEND_H

#include "db/db.h"

struct db_backend {
    const char *scheme; // "sqlite"
    const char *(*library_version)(void);

    // place: the URL behind "scheme://".
    enum err (*open)(struct db **out, const char *place, enum db_access access, struct why *why);
    void (*close)(struct db *db);
    enum err (*migrate)(const char *place, int *from, int *to, struct why *why);
    enum err (*check)(struct db *db, void (*report)(void *ctx, const char *complaint), void *ctx,
                      struct why *why);
    enum err (*backup)(struct db *db, const char *path, struct why *why);

    enum err (*now)(struct db *db, int64_t *out, struct why *why);
    enum err (*begin)(struct db *db, struct why *why);
    enum err (*commit)(struct db *db, struct why *why);
    void (*rollback)(struct db *db);

    enum err (*zone_insert)(struct db *db, const struct zone *zone, struct why *why);
    enum err (*zone_update)(struct db *db, const struct zone *zone, struct why *why);
    enum err (*zone_remove)(struct db *db, const char *id, struct why *why);
    enum err (*zone_get)(struct db *db, struct zone **out, const char *id_or_name, struct why *why);
    enum err (*zone_each)(struct db *db, const struct db_filter *filter,
                          enum err (*each)(void *ctx, const struct zone *zone), void *ctx,
                          struct why *why);
    enum err (*zone_count)(struct db *db, const struct db_filter *filter, int64_t *out,
                           struct why *why);

    enum err (*scan_request)(struct db *db, const char *id, int64_t *changed, struct why *why);
    enum err (*claim)(struct db *db, const char *owner, int64_t lease_s, size_t max,
                      struct db_lease *out, size_t *count, struct why *why);
    enum err (*claim_zone)(struct db *db, const char *owner, int64_t lease_s, const char *id,
                           struct db_lease *out, struct why *why);
    enum err (*lease_renew)(struct db *db, const char *owner, int64_t lease_s, struct why *why);
    enum err (*lease_release)(struct db *db, const char *zone_id, int64_t epoch,
                              int64_t next_scan_at, struct why *why);
    enum err (*lease_owners)(struct db *db, enum err (*each)(void *ctx, const char *owner),
                             void *ctx, struct why *why);
    enum err (*lease_drop_owner)(struct db *db, const char *owner, int64_t *count, struct why *why);
    enum err (*due_count)(struct db *db, int64_t *due, int64_t *leased, struct why *why);

    enum err (*scan_commit)(struct db *db, const struct db_scan *scan, int64_t epoch,
                            struct why *why);
    enum err (*scan_current)(struct db *db, const char *zone_id, struct db_scan *out,
                             struct why *why);
    enum err (*scan_history)(struct db *db, const char *zone_id, size_t limit,
                             enum err (*each)(void *ctx, const struct db_scan *scan), void *ctx,
                             struct why *why);
    enum err (*recommendation_each)(struct db *db, const struct db_filter *filter,
                                    enum err (*each)(void *ctx, const struct zone *zone,
                                                     const struct db_scan *scan),
                                    void *ctx, struct why *why);
    enum err (*next_scan)(struct db *db, const char *zone_id, int64_t *at, struct why *why);

    // A store in memory that all handles of this process with that name share.
    enum err (*open_memory)(struct db **out, const char *name, struct why *why);

    enum err (*event_add)(struct db *db, const struct db_event *event, struct why *why);
    enum err (*event_each)(struct db *db, const char *zone_id, size_t limit,
                           enum err (*each)(void *ctx, const struct db_event *event), void *ctx,
                           struct why *why);

    enum err (*rollout_insert)(struct db *db, struct rollout *rollout,
                               const struct rollout_event *event, struct why *why);
    enum err (*rollout_update)(struct db *db, struct rollout *rollout,
                               const struct rollout_event *event, struct why *why);
    enum err (*rollout_get)(struct db *db, const char *zone_id, struct rollout *out,
                            struct why *why);
    enum err (*rollout_claim)(struct db *db, const char *owner, int64_t claim_s, size_t max,
                              struct rollout *out, size_t *count, struct why *why);
    enum err (*rollout_next)(struct db *db, int64_t *at, struct why *why);
    enum err (*rollout_each)(struct db *db, const struct db_rollout_filter *filter,
                             enum err (*each)(void *ctx, const struct zone *zone,
                                              const struct rollout *rollout),
                             void *ctx, struct why *why);
    enum err (*rollout_count)(struct db *db, const struct db_rollout_filter *filter, int64_t *out,
                              struct why *why);
    enum err (*rollout_states)(struct db *db, int64_t out[ROLLOUT_STATE_COUNT], struct why *why);
    enum err (*rollout_events)(struct db *db, const char *zone_id, int64_t generation, size_t limit,
                               enum err (*each)(void *ctx, const struct rollout_event *event),
                               void *ctx, struct why *why);
    enum err (*rollout_aborts)(struct db *db, int64_t out[ROLLOUT_REASON_COUNT], struct why *why);
    enum err (*stop_set)(struct db *db, bool stop, const char *actor, const char *detail,
                         struct why *why);
    enum err (*stop_get)(struct db *db, bool *stopped, struct why *why);

    enum err (*member_add)(struct db *db, const struct db_member *member, struct why *why);
    enum err (*member_remove)(struct db *db, const char *account, const char *address,
                              struct why *why);
    enum err (*member_each)(struct db *db, const char *account,
                            enum err (*each)(void *ctx, const struct db_member *member), void *ctx,
                            struct why *why);
    enum err (*account_each)(struct db *db, enum err (*each)(void *ctx, const char *account),
                             void *ctx, struct why *why);
    enum err (*turn_each)(struct db *db, const char *account, int64_t from, int64_t to,
                          enum err (*each)(void *ctx, const struct db_turn *turn), void *ctx,
                          struct why *why);
    enum err (*modes_keep)(struct db *db, const char *account, const struct digest_modes *modes,
                           struct why *why);
    enum err (*modes_get)(struct db *db, const char *account, int64_t week,
                          struct digest_modes out[DIGEST_WEEKS], size_t *count, struct why *why);
    enum err (*letter_add)(struct db *db, const struct db_letter *letter, struct why *why);
    enum err (*letter_get)(struct db *db, const char *name, struct db_letter *out, struct why *why);
    enum err (*letter_forget)(struct db *db, int64_t before, struct why *why);
    enum err (*dispatch_add)(struct db *db, const char *letter, enum db_channel channel,
                             const char *recipient, struct why *why);
    enum err (*dispatch_claim)(struct db *db, const char *owner, int64_t claim_s,
                               struct db_dispatch *out, struct why *why);
    enum err (*dispatch_end)(struct db *db, const struct db_dispatch *dispatch, struct why *why);
    enum err (*dispatch_hurry)(struct db *db, const char *letter, struct why *why);
    enum err (*dispatch_owners)(struct db *db, enum err (*each)(void *ctx, const char *owner),
                                void *ctx, struct why *why);
    enum err (*dispatch_drop_owner)(struct db *db, const char *owner, struct why *why);
    enum err (*dispatch_each)(struct db *db, const struct db_dispatch_filter *filter,
                              enum err (*each)(void *ctx, const struct db_dispatch *dispatch),
                              void *ctx, struct why *why);

    enum err (*token_insert)(struct db *db, const struct token *token, struct why *why);
    enum err (*token_by_hash)(struct db *db, const char *hash, struct token **out, struct why *why);
    enum err (*token_each)(struct db *db, enum err (*each)(void *ctx, const struct token *token),
                           void *ctx, struct why *why);
    enum err (*token_remove)(struct db *db, const char *id_or_name, struct why *why);
    enum err (*zone_page)(struct db *db, const struct db_page *page,
                          enum err (*each)(void *ctx, const struct zone *zone,
                                           const struct db_zone_state *zone_state),
                          void *ctx, int64_t *total, struct why *why);
    enum err (*zone_state)(struct db *db, const char *id, struct db_zone_state *out,
                           struct why *why);
    enum err (*zone_set_recommender)(struct db *db, const char *id, bool on, struct why *why);
    enum err (*order_add)(struct db *db, const char *zone_id, struct why *why);
    enum err (*order_each)(struct db *db,
                           enum err (*each)(void *ctx, const char *zone_id, int64_t version),
                           void *ctx, struct why *why);
    enum err (*order_done)(struct db *db, const char *zone_id, int64_t version, struct why *why);
};

// Every backend's handle begins with this. What is behind `calls` is for tests.
struct db {
    const struct db_backend *calls;
    int64_t clock_s;       // instead of the machine's clock; 0 = that one
    int64_t clock_shift_s; // added to either
    int64_t calls_left;    // until one fails with fail_with; ERR_OK = none will
    enum err fail_with;
};

extern const struct db_backend sqlite_backend;

// The clock as this handle sees it.
int64_t db_clock(const struct db *db);

// -- for tests alone -----------------------------------------------------------------------------
// Moves the clock that this handle sees by seconds, forward or back, so that leases run out without
// waiting. Other handles of the same store keep theirs.
void db_clock_shift(struct db *db, int64_t seconds);
// The clock of this handle stands at now_s until it is set again; 0 = the machine's runs on.
void db_clock_set(struct db *db, int64_t now_s);
// The call of db.h after the next `calls` ones fails with e instead of reaching the store, once; a
// db_commit that fails so rolls back. ERR_OK = none does. db_close and db_rollback do not count.
void db_fail_after(struct db *db, int64_t calls, enum err e);
// A new, empty store in memory; with the name of one that this process has open, another handle of
// that. It is gone when its last handle is closed. What another handle does during a transaction is
// ERR_BUSY at once, reading too (in a file it could be read); so is a commit during another's list.
// name: letters, digits, '_' and '-'.
enum err db_open_memory(struct db **out, const char *name, struct why *why);

#endif
