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
    enum err (*lease_release)(struct db *db, const char *zone_id, int64_t epoch, struct why *why);
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

    enum err (*event_add)(struct db *db, const struct db_event *event, struct why *why);
    enum err (*event_each)(struct db *db, const char *zone_id, size_t limit,
                           enum err (*each)(void *ctx, const struct db_event *event), void *ctx,
                           struct why *why);
};

// Every backend's handle begins with this.
struct db {
    const struct db_backend *calls;
    int64_t clock_shift_s; // added to the store's clock; see db_clock_shift
};

extern const struct db_backend sqlite_backend;

// For tests alone: moves the clock that this handle sees by seconds, forward or back, so that
// leases run out without waiting. Other handles of the same store keep theirs.
void db_clock_shift(struct db *db, int64_t seconds);

#endif
