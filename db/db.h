// SPDX-License-Identifier: Apache-2.0
// The memory: zones, hosts, origins, scans with their evidence and recommendation, events.
// One interface; the backend is chosen by the URL's scheme (db/sqlite/ for sqlite:///path).
//
// Rules every backend keeps:
//  - each call is one transaction, or the part of one that db_begin..db_commit spans;
//  - times are the store's own clock (db_now), in seconds since the epoch;
//  - a zone in work is leased: owner, epoch, expiry. A write under a lease names its epoch and is
//    ERR_CONFLICT when the lease was lost, so a slow worker never overwrites a newer one;
//  - a handle belongs to one thread; several processes may share a store.
#ifndef SSLAUTO_DB_DB_H
#define SSLAUTO_DB_DB_H

#include <jansson.h>

#include "core/err.h"
#include "model/digest.h"
#include "model/member.h"
#include "model/recommendation.h"
#include "model/rollout.h"
#include "model/token.h"
#include "model/zone.h"

struct db;

enum db_access {
    DB_READ,   // never writes, works on read-only media
    DB_COPY,   // the same, of an older store too; for db_backup alone
    DB_WRITE,  // must exist
    DB_CREATE, // made when it is not there
};

// where: "sqlite:///path", or the path of a file. ERR_NOT_FOUND, ERR_CORRUPT, ERR_NEWER (says both
// versions), ERR_INVALID (older schema, file of another program, unknown scheme), ERR_READ_ONLY,
// ERR_DENIED, ERR_FULL; why names the path and the remedy. DB_CREATE makes the last directory of
// the path too.
enum err db_open(struct db **out, const char *where, enum db_access access, struct why *why);
void db_close(struct db *db);
DEFINE_OWN(db_own, struct db, db_close)

// Brings the schema to this program's version; *from and *to tell (equal = nothing to do).
enum err db_migrate(const char *where, int *from, int *to, struct why *why);
// Integrity, foreign keys, schema, JSON columns, exactly one current scan per scanned zone,
// rollouts and their history. Each complaint is one call of report. ERR_CORRUPT when there was any.
enum err db_check(struct db *db, void (*report)(void *ctx, const char *complaint), void *ctx,
                  struct why *why);
// A consistent copy into a new file while the store is in use. ERR_EXISTS when there is one.
enum err db_backup(struct db *db, const char *path, struct why *why);

enum err db_now(struct db *db, int64_t *out, struct why *why);
enum err db_begin(struct db *db, struct why *why);
enum err db_commit(struct db *db, struct why *why);
void db_rollback(struct db *db); // nothing to do when none is open

// -- zones -----------------------------------------------------------------------------------
// New: ERR_EXISTS when the id or (account, name) is there. A new zone is due at once.
enum err db_zone_insert(struct db *db, const struct zone *zone, struct why *why);
// Replaces everything but id and created_at where the stored version is zone->version, else
// ERR_CONFLICT; the stored version is one higher then. The zone becomes due at once when hosts,
// origins, trust, pulls or `automatic` changed (never again when it is `custom` now), and a lease
// on it is lost: findings about the old hosts are not stored as those of the new ones.
enum err db_zone_update(struct db *db, const struct zone *zone, struct why *why);
// Removes it with its scans and rollouts. Events stay, and so do those of its rollouts.
enum err db_zone_remove(struct db *db, const char *id, struct why *why);
// By id, or by name (ERR_CONFLICT when several accounts have the name: why lists the ids).
enum err db_zone_get(struct db *db, struct zone **out, const char *id_or_name, struct why *why);

struct db_filter {
    const char *account;    // NULL = all
    const char *name;       // NULL = all; exact
    enum mode mode;         // current mode; MODE_NONE = all
    enum mode recommended;  // MODE_NONE = all
    bool blocked;           // only those whose recommendation has blockers
    const char *after_name; // only names behind this one, for paging; NULL = from the start
    const char *after_id;   // tie-break of after_name
    size_t limit;           // 0 = all
    bool without_evidence;  // db_recommendation_each leaves scan->evidence NULL: much less to read
};

// Calls each() for every zone in order of (name, id), streaming. Stops at the first failure of
// each() and returns it. zone is lent. Here and below, each() may read through the same handle, but
// not write. filter NULL = all.
enum err db_zone_each(struct db *db, const struct db_filter *filter,
                      enum err (*each)(void *ctx, const struct zone *zone), void *ctx,
                      struct why *why);
enum err db_zone_count(struct db *db, const struct db_filter *filter, int64_t *out,
                       struct why *why);

// -- leases and due work ---------------------------------------------------------------------
struct db_lease {
    struct zone *zone; // owned; free with zone_free
    int64_t epoch;     // names this lease in every write
};

// Makes zones due now: the one of `id`, or all with automatic `auto` (id NULL). *changed counts
// those that were not due already. A zone of that id in work is due again when the work is done.
enum err db_scan_request(struct db *db, const char *id, int64_t *changed, struct why *why);
// Leases up to max zones that are due, oldest first, for lease_s seconds (1..LIMIT_LEASE_S). *count
// may be 0. A lease that ran out is still good for a write until somebody else takes the zone.
enum err db_claim(struct db *db, const char *owner, int64_t lease_s, size_t max,
                  struct db_lease *out, size_t *count, struct why *why);
// The same for one zone, due or not; it is due from then on, until its scan is stored, so that work
// that is broken off is done by the next. ERR_BUSY when somebody holds it.
enum err db_claim_zone(struct db *db, const char *owner, int64_t lease_s, const char *id,
                       struct db_lease *out, struct why *why);
// Extends all leases of owner.
enum err db_lease_renew(struct db *db, const char *owner, int64_t lease_s, struct why *why);
// Gives one back without a result. next_scan_at 0: the zone is due as it was; else it is due then,
// or at once when a scan was asked for meanwhile, or never again when it is `custom`.
enum err db_lease_release(struct db *db, const char *zone_id, int64_t epoch, int64_t next_scan_at,
                          struct why *why);
// Calls each() with the owners that hold a lease now; frees all leases of an owner.
enum err db_lease_owners(struct db *db, enum err (*each)(void *ctx, const char *owner), void *ctx,
                         struct why *why);
enum err db_lease_drop_owner(struct db *db, const char *owner, int64_t *count, struct why *why);
enum err db_due_count(struct db *db, int64_t *due, int64_t *leased, struct why *why);

// -- scans -----------------------------------------------------------------------------------
// One finished scan of a zone with what was decided from it.
struct db_scan {
    int64_t id; // set by the store
    char zone_id[33];
    int64_t scanned_at;
    enum mode mode_current;     // at the time
    enum mode mode_recommended; // MODE_NONE = nothing could be said
    enum verdict verdict;
    size_t blocker_count;
    char *evidence;       // owned; JSON text of evidence_to_json
    char *recommendation; // owned; JSON text of recommendation_to_json
    char *policy;         // owned; JSON text of the recommend policy used
    int64_t next_scan_at; // 0 = no further scan
};

void db_scan_done(struct db_scan *scan);
// Stores the scan, makes it the zone's current one, sets the next scan, gives the lease back,
// all in one transaction. ERR_CONFLICT when the lease of that epoch was lost, also because the zone
// was removed.
enum err db_scan_commit(struct db *db, const struct db_scan *scan, int64_t epoch, struct why *why);
// The zone's current scan. ERR_NOT_FOUND when it was never scanned.
enum err db_scan_current(struct db *db, const char *zone_id, struct db_scan *out, struct why *why);
// Newest first, without the JSON texts (NULL); limit 0 = all.
enum err db_scan_history(struct db *db, const char *zone_id, size_t limit,
                         enum err (*each)(void *ctx, const struct db_scan *scan), void *ctx,
                         struct why *why);
// Zones with their current scan in order of (name, id), streaming; scan is NULL for a zone that was
// never scanned. Both are lent.
enum err db_recommendation_each(struct db *db, const struct db_filter *filter,
                                enum err (*each)(void *ctx, const struct zone *zone,
                                                 const struct db_scan *scan),
                                void *ctx, struct why *why);
enum err db_next_scan(struct db *db, const char *zone_id, int64_t *at, struct why *why);

// -- events: who did what, and why; never changed -----------------------------------------------
struct db_event {
    int64_t id;
    int64_t at;
    const char *zone_id; // NULL = not about one zone
    const char *actor;   // "cli:root", "scan", ...
    const char *kind;    // "zone_added", "mode_changed", "scanned", ...
    const char *detail;  // a sentence
};

// at and id are set by the store.
enum err db_event_add(struct db *db, const struct db_event *event, struct why *why);
// Newest first; zone_id NULL = all, limit 0 = all. The event is lent.
enum err db_event_each(struct db *db, const char *zone_id, size_t limit,
                       enum err (*each)(void *ctx, const struct db_event *event), void *ctx,
                       struct why *why);

// -- rollouts ----------------------------------------------------------------------------------
// A zone has at most one row per generation, and at most one that is active. Every write names the
// version it read (compare and set): of two controllers one gets ERR_CONFLICT and reads again. A
// write with an event stores both or neither; the history has exactly one event per version that
// was written with one, and outlives the zone. zone_id, generation, version and at of an event are
// set by the store.

// The next generation; version is 1 then. The one before is at rest from then on, whenever it was
// due. For a zone that was removed and is there again under its id, the store raises generation
// above those of the history, which the edge may still know. ERR_EXISTS when an attempt is active,
// or that generation or a later one is there; ERR_NOT_FOUND without the zone.
enum err db_rollout_insert(struct db *db, struct rollout *rollout,
                           const struct rollout_event *event, struct why *why);
// Where the stored version is rollout->version and no later generation is there, else ERR_CONFLICT
// (also when the zone was removed); rollout->version is one higher then. Gives the claim back: an
// intention that is still to be carried out names a tick_at that is far enough ahead. from, to and
// steps stay as they were inserted. event NULL: only counters and times changed; state must be the
// stored one, else ERR_CONFLICT, and origin_net is not written. tick_at 0: never again by itself.
// When db_commit of a transaction fails, what it wrote is read again.
enum err db_rollout_update(struct db *db, struct rollout *rollout,
                           const struct rollout_event *event, struct why *why);
// The newest generation. ERR_NOT_FOUND when there was none.
enum err db_rollout_get(struct db *db, const char *zone_id, struct rollout *out, struct why *why);
// Claims up to max rollouts whose tick_at has come and that nobody has claimed, oldest first, for
// claim_s seconds (1..LIMIT_LEASE_S), after which they are due again by themselves. A claim does
// not change the version: who wants to write, and has read it, may do so.
enum err db_rollout_claim(struct db *db, const char *owner, int64_t claim_s, size_t max,
                          struct rollout *out, size_t *count, struct why *why);
// When the next one is due, which may be in the past; 0 = none.
enum err db_rollout_next(struct db *db, int64_t *at, struct why *why);

struct db_rollout_filter {
    const char *account;    // NULL = all
    const char *origin_net; // NULL = all
    const char *edge;       // NULL = all
    bool active;            // only those with work left
    bool running;           // only those past ELIGIBLE with work left: what the caps count
};
// Newest generation of each zone, in order of (name, id); both are lent. filter NULL = all.
enum err db_rollout_each(struct db *db, const struct db_rollout_filter *filter,
                         enum err (*each)(void *ctx, const struct zone *zone,
                                          const struct rollout *rollout),
                         void *ctx, struct why *why);
enum err db_rollout_count(struct db *db, const struct db_rollout_filter *filter, int64_t *out,
                          struct why *why);
// How many of the newest generations are in each state.
enum err db_rollout_states(struct db *db, int64_t out[ROLLOUT_STATE_COUNT], struct why *why);
// Newest first; zone_id NULL = all zones, also removed ones; generation 0 = all, limit 0 = all. The
// event is lent.
enum err db_rollout_events(struct db *db, const char *zone_id, int64_t generation, size_t limit,
                           enum err (*each)(void *ctx, const struct rollout_event *event),
                           void *ctx, struct why *why);
// Rollouts that went back since the store was made, by reason (for metrics).
enum err db_rollout_aborts(struct db *db, int64_t out[ROLLOUT_REASON_COUNT], struct why *why);

// The stop for everything: while it is set nothing begins and nothing advances. Each call is an
// event of kind "rollouts_stopped" or "rollouts_allowed" with the actor's words.
enum err db_stop_set(struct db *db, bool stop, const char *actor, const char *detail,
                     struct why *why);
enum err db_stop_get(struct db *db, bool *stopped, struct why *why);

// -- tokens ------------------------------------------------------------------------------------
// ERR_EXISTS when the name is taken. created_at is set by the store.
enum err db_token_insert(struct db *db, const struct token *token, struct why *why);
// ERR_NOT_FOUND when no token has that hash; an expired one is found.
enum err db_token_by_hash(struct db *db, const char *hash, struct token **out, struct why *why);
// In order of their names; lent.
enum err db_token_each(struct db *db, enum err (*each)(void *ctx, const struct token *token),
                       void *ctx, struct why *why);
// By id or name.
enum err db_token_remove(struct db *db, const char *id_or_name, struct why *why);

// -- what the API shows ------------------------------------------------------------------------
// Of a zone besides struct zone. Times: 0 = never.
struct db_zone_state {
    int64_t modified_at;
    int64_t mode_modified_at;
    int64_t automatic_modified_at;
    int64_t next_scan_at;
    bool recommender; // the switch of the product's older SSL/TLS Recommender
};

enum db_match_field {
    DB_MATCH_NAME,
    DB_MATCH_ACCOUNT,    // its name
    DB_MATCH_ACCOUNT_ID, // as account_id() of model/token.h
    DB_MATCH_NOTHING,    // a condition that no zone meets ...
    DB_MATCH_ALL,        // ... and one that every zone meets
    DB_MATCH_FIELD_COUNT
};

enum db_match_how {
    DB_EQUAL,
    DB_NOT_EQUAL,
    DB_STARTS_WITH,
    DB_ENDS_WITH,
    DB_CONTAINS,
    DB_MATCH_HOW_COUNT
};

struct db_match {
    enum db_match_field field;
    enum db_match_how how; // names alone
    bool case_sensitive;   // else ASCII case is folded
    const char *value;
};

enum db_page_order {
    DB_BY_NAME,
    DB_BY_ACCOUNT,
    DB_BY_ACCOUNT_ID,
    DB_BY_PLAN,
    DB_BY_ID,
    DB_PAGE_ORDER_COUNT
};

struct db_page {
    const struct db_match *matches;
    size_t match_count;
    bool any;                   // one of the matches is enough, else all
    const struct token *within; // only what it reaches; NULL = all
    enum db_page_order order;   // then by id, so that ties do not move between pages
    bool descending;
    int64_t offset, limit;
};

// *total counts all that match. each() is lent both.
enum err db_zone_page(struct db *db, const struct db_page *page,
                      enum err (*each)(void *ctx, const struct zone *zone,
                                       const struct db_zone_state *zone_state),
                      void *ctx, int64_t *total, struct why *why);
enum err db_zone_state(struct db *db, const char *id, struct db_zone_state *out, struct why *why);
enum err db_zone_set_recommender(struct db *db, const char *id, bool on, struct why *why);

// -- orders for edges ----------------------------------------------------------------------------
// A zone's mode was set by hand: its edge is to be told, also when whoever set it is killed now.
// Replaces an older order of the zone.
enum err db_order_add(struct db *db, const char *zone_id, struct why *why);
// version: the zone's when the order was given.
enum err db_order_each(struct db *db,
                       enum err (*each)(void *ctx, const char *zone_id, int64_t version), void *ctx,
                       struct why *why);
// Nothing to do when a newer order took its place.
enum err db_order_done(struct db *db, const char *zone_id, int64_t version, struct why *why);

// -- members and digests -------------------------------------------------------------------------
// Who belongs to an account, what it is told, and on which ways that is. A letter is what is told:
// the digest of a week, or one rollout that went back. A dispatch is a letter on its way to one
// recipient. Letters are written once, dispatches until they are sent or given up.
struct db_member {
    const char *account;
    const char *address; // of mail; unique in the account
    const char *name;    // "" = not known
    enum member_role role;
    int64_t created_at; // set by the store
};

// ERR_EXISTS when the account has the address already.
enum err db_member_add(struct db *db, const struct db_member *member, struct why *why);
enum err db_member_remove(struct db *db, const char *account, const char *address, struct why *why);
// In order of (account, address); account NULL = all. The member is lent.
enum err db_member_each(struct db *db, const char *account,
                        enum err (*each)(void *ctx, const struct db_member *member), void *ctx,
                        struct why *why);
// The accounts that have zones, in order. The name is lent.
enum err db_account_each(struct db *db, enum err (*each)(void *ctx, const char *account), void *ctx,
                         struct why *why);

// A rollout that ended or went back. All lent.
struct db_turn {
    const char *zone_id, *zone, *account;
    int64_t generation, at;
    enum mode from, to;
    enum rollout_state state; // ROLLOUT_DONE or ROLLOUT_ROLLED_BACK
    enum rollout_reason reason;
    const char *detail;
};

// With from <= at < to, oldest first; account NULL = all. Not those of zones that were removed.
enum err db_turn_each(struct db *db, const char *account, int64_t from, int64_t to,
                      enum err (*each)(void *ctx, const struct db_turn *turn), void *ctx,
                      struct why *why);

// Keeps the counts of an account's week; those that are there already stay.
enum err db_modes_keep(struct db *db, const char *account, const struct digest_modes *modes,
                       struct why *why);
// The last ones up to that week, DIGEST_WEEKS at most, oldest first.
enum err db_modes_get(struct db *db, const char *account, int64_t week,
                      struct digest_modes out[DIGEST_WEEKS], size_t *count, struct why *why);

struct db_letter {
    char *name;    // owned; "digest/2026-W47/ACCOUNT", "rollback/ZONE/GENERATION"
    char *account; // owned
    int64_t week;  // 0 = not about a week
    int64_t made_at;
    char *mail; // owned; the whole message, "" = nothing was to be told, or it is too old
    char *json; // owned
};

void db_letter_done(struct db_letter *letter);
// ERR_EXISTS when one of the name is there.
enum err db_letter_add(struct db *db, const struct db_letter *letter, struct why *why);
// ERR_NOT_FOUND when there is none.
enum err db_letter_get(struct db *db, const char *name, struct db_letter *out, struct why *why);
// Forgets the texts of letters made before.
enum err db_letter_forget(struct db *db, int64_t before, struct why *why);

enum db_channel {
    CHANNEL_MAIL,
    CHANNEL_WEBHOOK,
    CHANNEL_COUNT
};
enum db_dispatch_state {
    DISPATCH_WAITING, // for its time, or the next try
    DISPATCH_SENDING, // somebody has taken it up; due_at is when he is given up
    DISPATCH_SENT,
    DISPATCH_FAILED, // given up
    DISPATCH_STATE_COUNT
};
struct db_dispatch {
    int64_t id;
    char *letter; // owned
    enum db_channel channel;
    char *recipient; // owned; an address of mail, or a URL
    enum db_dispatch_state state;
    int64_t attempts; // with the one under way
    int64_t created_at;
    int64_t due_at;   // 0 = never again
    int64_t ended_at; // 0 = it has not
    char words[256];  // what the last attempt met, "" = nothing
};

const char *db_channel_str(enum db_channel channel);             // "mail" "webhook"
const char *db_dispatch_state_str(enum db_dispatch_state state); // "waiting" "sending" ...

void db_dispatch_done(struct db_dispatch *dispatch);
// Due at once. Nothing is done where the letter has that channel and recipient already.
enum err db_dispatch_add(struct db *db, const char *letter, enum db_channel channel,
                         const char *recipient, struct why *why);
// Takes up the one that is due longest, for claim_s seconds (1..LIMIT_LEASE_S), after which it is
// due again by itself. ERR_NOT_FOUND when none is.
enum err db_dispatch_claim(struct db *db, const char *owner, int64_t claim_s,
                           struct db_dispatch *out, struct why *why);
// The end of the attempt that dispatch was claimed for: its state (not SENDING), due_at (0 unless
// WAITING) and words. ERR_CONFLICT when somebody else has taken it up since.
enum err db_dispatch_end(struct db *db, const struct db_dispatch *dispatch, struct why *why);
// Those of a letter that wait or were given up are due now.
enum err db_dispatch_hurry(struct db *db, const char *letter, struct why *why);
// Who is sending, for those who know which of them are dead; and what such a one had is due now.
enum err db_dispatch_owners(struct db *db, enum err (*each)(void *ctx, const char *owner),
                            void *ctx, struct why *why);
enum err db_dispatch_drop_owner(struct db *db, const char *owner, struct why *why);
struct db_dispatch_filter {
    const char *account; // NULL = all
    int64_t week;        // 0 = all
    bool open;           // neither sent nor given up
    size_t limit;        // 0 = all
};
// Newest first; filter NULL = all. The dispatch is lent.
enum err db_dispatch_each(struct db *db, const struct db_dispatch_filter *filter,
                          enum err (*each)(void *ctx, const struct db_dispatch *dispatch),
                          void *ctx, struct why *why);

const char *db_library_version(void);

#endif
