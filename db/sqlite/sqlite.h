// SPDX-License-Identifier: Apache-2.0
// Private to db/sqlite/: the handle, statements with a sticky error, transactions, rows.
#ifndef SSLAUTO_DB_SQLITE_SQLITE_H
#define SSLAUTO_DB_SQLITE_SQLITE_H

#include <sqlite3.h>

#include "core/buf.h"
#include "db/backend.h"
#include "db/schema/schema.h"
#include "db/statements.h"

#define SQLITE_STORE_ID 0x53534c41         // application_id of our files: "SSLA"
#define SQLITE_BUSY_MS  10000              // how long a writer waits for another one
#define SQLITE_TEXT_MAX ((size_t)64 << 10) // bytes of a list of names or of a statement we build

struct sqlite_db {
    struct db base; // first: a struct db * is one of these
    sqlite3 *handle;
    char *path; // owned; as the operator wrote it, for messages
    enum db_access access;
    bool spanning; // between db_begin and db_commit
    enum err lost; // the failure that undid that transaction before its commit
    sqlite3_stmt *kept[SQL_STATEMENT_COUNT]; // prepared once, on first use
};

static inline struct sqlite_db *sqlite_of(struct db *base)
{
    return (struct sqlite_db *)base;
}

// -- fail.c: SQLite's result codes in our words ------------------------------------------------
// The class of rc. why: "path: doing: what SQLite says; what to do".
enum err sqlite_fail(struct sqlite_db *db, int rc, struct why *why, const char *doing);
// The same without a handle of ours: handle may be NULL.
enum err sqlite_fail_at(const char *path, sqlite3 *handle, int rc, struct why *why,
                        const char *doing);
enum err sqlite_class(int rc);

// -- migrate.c ---------------------------------------------------------------------------------
// Schema version in *out, 0 for a database without anything in it; *newest tells ours. ERR_INVALID
// when it belongs to another program, ERR_NEWER when a newer sslauto made it.
enum err sqlite_version(struct sqlite_db *db, int newest, int *out, struct why *why);
// Runs the steps above the version it has, all of them or none.
enum err sqlite_upgrade(struct sqlite_db *db, struct schema schema, int *from, int *to,
                        struct why *why);
enum err sqlite_migrate(const char *path, int *from, int *to, struct why *why);

// -- open.c ------------------------------------------------------------------------------------
enum err sqlite_open(struct db **out, const char *path, enum db_access access, struct why *why);
enum err sqlite_open_memory(struct db **out, const char *name, struct why *why);
// The file at path, opened and set up, whatever is in it.
enum err sqlite_open_raw(struct sqlite_db **out, const char *path, enum db_access access,
                         struct why *why);
void sqlite_close(struct db *base);
DEFINE_OWN(sqlite_db_own, struct db, sqlite_close)
// Brings the entry of path in its directory to the disk.
enum err sqlite_sync_dir(const char *path, struct why *why);
// One statement, without results.
enum err sqlite_run(struct sqlite_db *db, const char *sql, struct why *why, const char *doing);
// The first columns of the first row of sql; one of them.
enum err sqlite_numbers(struct sqlite_db *db, const char *sql, int64_t *out, size_t count,
                        struct why *why);
enum err sqlite_number(struct sqlite_db *db, const char *sql, int64_t *out, struct why *why);

// -- call.c: one run of a statement. Bind in order, then step; the first failure sticks.
// ------------
struct sqlite_call {
    struct sqlite_db *db;
    sqlite3_stmt *stmt; // NULL = it could not be prepared
    bool kept;          // stmt belongs to db->kept
    int bound;          // parameters so far
    int rc;             // SQLITE_OK, or the first failure
};

// The kept statement, which nobody else may be running.
struct sqlite_call sqlite_call_open(struct sqlite_db *db, enum db_statement statement);
// For lists, whose each() may ask for the same again: a statement of its own while the kept one
// runs.
struct sqlite_call sqlite_call_list(struct sqlite_db *db, enum db_statement statement);
// A statement of the caller's own text, prepared for this run alone.
struct sqlite_call sqlite_call_text(struct sqlite_db *db, const char *sql);
void sqlite_call_close(struct sqlite_call *call);
// text is lent until the call is closed; NULL binds NULL.
void sqlite_bind(struct sqlite_call *call, const char *text);
void sqlite_bind_span(struct sqlite_call *call, struct span text);
void sqlite_bind_int(struct sqlite_call *call, int64_t number);
void sqlite_bind_int_or_null(struct sqlite_call *call, int64_t number, bool null);
void sqlite_bind_real(struct sqlite_call *call, double number);
// The next row: *row says whether there was one.
enum err sqlite_step(struct sqlite_call *call, bool *row, struct why *why, const char *doing);
// Runs it to the end; *changed (may be NULL) = rows changed.
enum err sqlite_finish(struct sqlite_call *call, int64_t *changed, struct why *why,
                       const char *doing);
int64_t sqlite_int(const struct sqlite_call *call, int column);
// Lent until the next step; NULL when the column is NULL.
const char *sqlite_str(const struct sqlite_call *call, int column);
// Owned copy; NULL stays NULL. ERR_NOMEM.
enum err sqlite_copy(char **out, const struct sqlite_call *call, int column);

// -- scope.c: the transaction of one call, or its part of the one that db_begin opened
// --------------
struct sqlite_scope {
    struct sqlite_db *db; // NULL = not open
    bool nested;          // a savepoint inside db_begin..db_commit
};

enum err sqlite_scope_begin(struct sqlite_scope *scope, struct sqlite_db *db, struct why *why);
enum err sqlite_scope_commit(struct sqlite_scope *scope, struct why *why);
// For one statement that needs no scope: fails where the open transaction has been undone.
enum err sqlite_scope_check(struct sqlite_db *db, struct why *why);
void sqlite_scope_done(struct sqlite_scope *scope); // undoes what was not committed
enum err sqlite_begin(struct db *base, struct why *why);
enum err sqlite_commit(struct db *base, struct why *why);
void sqlite_rollback(struct db *base);

// -- zone_row.c: rows to zones and back -----------------------------------------------------------
// The zone of the row that call stands on (SQL_ZONE_COLUMNS), with its hosts and origins.
enum err sqlite_zone_read(struct zone **out, const struct sqlite_call *call, struct why *why);
enum err sqlite_zone_by_key(struct zone **out, struct sqlite_db *db, int64_t key, struct why *why);
enum err sqlite_hosts_insert(struct sqlite_db *db, const struct zone *zone, int64_t key,
                             struct why *why);
// A JSON array of strings; lent by b or static.
enum err sqlite_list_print(const char **out, struct buf *b, char *const *list, size_t count);
// The way back; *out is empty before. ERR_CORRUPT when it is none.
enum err sqlite_list_read(char ***out, size_t *count, size_t limit, const struct sqlite_call *call,
                          int column);

// -- scan.c ------------------------------------------------------------------------------------
// The columns SQL_SCAN_COLUMNS from `first` on, and behind them SQL_SCAN_TEXTS when texts.
enum err sqlite_scan_read(struct db_scan *out, const struct sqlite_call *call, int first,
                          bool texts, struct why *why);

// -- event.c -----------------------------------------------------------------------------------
// Within a transaction of the caller.
enum err sqlite_event_insert(struct sqlite_db *db, const struct db_event *event, struct why *why);

// -- rollout_row.c: rows to rollouts and back -----------------------------------------------------
// The rollout of the row that call stands on (SQL_ROLLOUT_COLUMNS). ERR_CORRUPT when it cannot be
// read.
enum err sqlite_rollout_read(struct rollout *out, const struct sqlite_call *call, struct why *why);
// The parameters that SQL_ROLLOUT_INSERT, _UPDATE and _TICK have in common, reason to numbers;
// those are of numbers_print.
void sqlite_rollout_bind(struct sqlite_call *call, const struct rollout *rollout,
                         const char *numbers);
enum err sqlite_rollout_by_key(struct rollout *out, struct sqlite_db *db, int64_t key,
                               struct why *why);

// -- the calls of db.h ---------------------------------------------------------------------------
enum err sqlite_check(struct db *base, void (*report)(void *ctx, const char *complaint), void *ctx,
                      struct why *why);
enum err sqlite_backup(struct db *base, const char *path, struct why *why);
enum err sqlite_zone_insert(struct db *base, const struct zone *zone, struct why *why);
enum err sqlite_zone_update(struct db *base, const struct zone *zone, struct why *why);
enum err sqlite_zone_remove(struct db *base, const char *id, struct why *why);
enum err sqlite_zone_get(struct db *base, struct zone **out, const char *id_or_name,
                         struct why *why);
enum err sqlite_list_zones(struct db *base, const struct db_filter *filter,
                           enum err (*each)(void *ctx, const struct zone *zone), void *ctx,
                           struct why *why);
enum err sqlite_list_count(struct db *base, const struct db_filter *filter, int64_t *out,
                           struct why *why);
enum err sqlite_list_recommendations(struct db *base, const struct db_filter *filter,
                                     enum err (*each)(void *ctx, const struct zone *zone,
                                                      const struct db_scan *scan),
                                     void *ctx, struct why *why);
enum err sqlite_lease_request(struct db *base, const char *id, int64_t *changed, struct why *why);
enum err sqlite_lease_claim(struct db *base, const char *owner, int64_t lease_s, size_t max,
                            struct db_lease *out, size_t *count, struct why *why);
enum err sqlite_lease_claim_zone(struct db *base, const char *owner, int64_t lease_s,
                                 const char *id, struct db_lease *out, struct why *why);
enum err sqlite_lease_renew(struct db *base, const char *owner, int64_t lease_s, struct why *why);
enum err sqlite_lease_release(struct db *base, const char *zone_id, int64_t epoch,
                              int64_t next_scan_at, struct why *why);
enum err sqlite_lease_owners(struct db *base, enum err (*each)(void *ctx, const char *owner),
                             void *ctx, struct why *why);
enum err sqlite_lease_drop_owner(struct db *base, const char *owner, int64_t *count,
                                 struct why *why);
enum err sqlite_lease_due(struct db *base, int64_t *due, int64_t *leased, struct why *why);
enum err sqlite_scan_commit(struct db *base, const struct db_scan *scan, int64_t epoch,
                            struct why *why);
enum err sqlite_scan_current(struct db *base, const char *zone_id, struct db_scan *out,
                             struct why *why);
enum err sqlite_scan_history(struct db *base, const char *zone_id, size_t limit,
                             enum err (*each)(void *ctx, const struct db_scan *scan), void *ctx,
                             struct why *why);
enum err sqlite_scan_next(struct db *base, const char *zone_id, int64_t *at, struct why *why);
enum err sqlite_event_add(struct db *base, const struct db_event *event, struct why *why);
enum err sqlite_event_each(struct db *base, const char *zone_id, size_t limit,
                           enum err (*each)(void *ctx, const struct db_event *event), void *ctx,
                           struct why *why);
enum err sqlite_rollout_insert(struct db *base, struct rollout *rollout,
                               const struct rollout_event *event, struct why *why);
enum err sqlite_rollout_update(struct db *base, struct rollout *rollout,
                               const struct rollout_event *event, struct why *why);
enum err sqlite_rollout_get(struct db *base, const char *zone_id, struct rollout *out,
                            struct why *why);
enum err sqlite_rollout_claim(struct db *base, const char *owner, int64_t claim_s, size_t max,
                              struct rollout *out, size_t *count, struct why *why);
enum err sqlite_rollout_next(struct db *base, int64_t *at, struct why *why);
enum err sqlite_rollout_each(struct db *base, const struct db_rollout_filter *filter,
                             enum err (*each)(void *ctx, const struct zone *zone,
                                              const struct rollout *rollout),
                             void *ctx, struct why *why);
enum err sqlite_rollout_count(struct db *base, const struct db_rollout_filter *filter, int64_t *out,
                              struct why *why);
enum err sqlite_rollout_states(struct db *base, int64_t out[ROLLOUT_STATE_COUNT], struct why *why);
enum err sqlite_rollout_events(struct db *base, const char *zone_id, int64_t generation,
                               size_t limit,
                               enum err (*each)(void *ctx, const struct rollout_event *event),
                               void *ctx, struct why *why);
enum err sqlite_rollout_aborts(struct db *base, int64_t out[ROLLOUT_REASON_COUNT], struct why *why);
enum err sqlite_stop_set(struct db *base, bool stop, const char *actor, const char *detail,
                         struct why *why);
enum err sqlite_stop_get(struct db *base, bool *stopped, struct why *why);
enum err sqlite_token_insert(struct db *base, const struct token *token, struct why *why);
enum err sqlite_token_by_hash(struct db *base, const char *hash, struct token **out,
                              struct why *why);
enum err sqlite_token_each(struct db *base, enum err (*each)(void *ctx, const struct token *token),
                           void *ctx, struct why *why);
enum err sqlite_token_remove(struct db *base, const char *id_or_name, struct why *why);
enum err sqlite_page_zones(struct db *base, const struct db_page *page,
                           enum err (*each)(void *ctx, const struct zone *zone,
                                            const struct db_zone_state *zone_state),
                           void *ctx, int64_t *total, struct why *why);
enum err sqlite_page_state(struct db *base, const char *id, struct db_zone_state *out,
                           struct why *why);
enum err sqlite_page_set_recommender(struct db *base, const char *id, bool on, struct why *why);
enum err sqlite_order_add(struct db *base, const char *zone_id, struct why *why);
enum err sqlite_order_each(struct db *base,
                           enum err (*each)(void *ctx, const char *zone_id, int64_t version),
                           void *ctx, struct why *why);
enum err sqlite_order_done(struct db *base, const char *zone_id, int64_t version, struct why *why);

// member.c, digest.c, dispatch.c
// One statement that writes, in a transaction of its own.
enum err sqlite_write_one(struct sqlite_call *call, int64_t *changed, struct why *why,
                          const char *doing);
enum err sqlite_member_add(struct db *base, const struct db_member *member, struct why *why);
enum err sqlite_member_remove(struct db *base, const char *account, const char *address,
                              struct why *why);
enum err sqlite_member_each(struct db *base, const char *account,
                            enum err (*each)(void *ctx, const struct db_member *member), void *ctx,
                            struct why *why);
enum err sqlite_account_each(struct db *base, enum err (*each)(void *ctx, const char *account),
                             void *ctx, struct why *why);
enum err sqlite_turn_each(struct db *base, const char *account, int64_t from, int64_t to,
                          enum err (*each)(void *ctx, const struct db_turn *turn), void *ctx,
                          struct why *why);
enum err sqlite_modes_keep(struct db *base, const char *account, const struct digest_modes *modes,
                           struct why *why);
enum err sqlite_modes_get(struct db *base, const char *account, int64_t week,
                          struct digest_modes out[DIGEST_WEEKS], size_t *count, struct why *why);
enum err sqlite_letter_add(struct db *base, const struct db_letter *letter, struct why *why);
enum err sqlite_letter_get(struct db *base, const char *name, struct db_letter *out,
                           struct why *why);
enum err sqlite_letter_forget(struct db *base, int64_t before, struct why *why);
enum err sqlite_dispatch_add(struct db *base, const char *letter, enum db_channel channel,
                             const char *recipient, struct why *why);
enum err sqlite_dispatch_claim(struct db *base, const char *owner, int64_t claim_s,
                               struct db_dispatch *out, struct why *why);
enum err sqlite_dispatch_end(struct db *base, const struct db_dispatch *dispatch, struct why *why);
enum err sqlite_dispatch_hurry(struct db *base, const char *letter, struct why *why);
enum err sqlite_dispatch_owners(struct db *base, enum err (*each)(void *ctx, const char *owner),
                                void *ctx, struct why *why);
enum err sqlite_dispatch_drop_owner(struct db *base, const char *owner, struct why *why);
enum err sqlite_dispatch_each(struct db *base, const struct db_dispatch_filter *filter,
                              enum err (*each)(void *ctx, const struct db_dispatch *dispatch),
                              void *ctx, struct why *why);

#endif
