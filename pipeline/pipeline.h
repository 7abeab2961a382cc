// SPDX-License-Identifier: Apache-2.0
// The only room that knows the whole flow: claim, look, distil, decide, record, reschedule.
#ifndef SSLAUTO_PIPELINE_PIPELINE_H
#define SSLAUTO_PIPELINE_PIPELINE_H

#include <signal.h>

#include "core/buf.h"
#include "crawler/crawler.h"
#include "db/db.h"
#include "digest/digest.h"
#include "edge/edge.h"
#include "model/evidence.h"
#include "recommend/recommend.h"
#include "rollout/rollout.h"

struct controller_policy;

// When a zone is looked at again. Keys of [schedule].
struct schedule_policy {
    int64_t interval_s;          // between two scans of a zone: 30 days
    int64_t retry_s;             // after a scan that could say nothing; doubles up to interval_s
    int64_t certificate_watch_s; // for zones at strict and above: 7 days; 0 = such zones rest
    int64_t confirm_s;           // after a scan that proposed an upgrade for the first time: 1 hour
    int64_t confirm_gap_s;       // two scans closer than this do not confirm each other: 5 minutes
    int jitter_percent;          // every span is moved by up to so much, either way
};

struct pipeline_policy {
    struct crawler_policy crawler;
    struct recommend_policy recommend;
    struct schedule_policy schedule;
    int64_t second_look_ms; // pause before a finding is looked at again: [scan] second_look, 60 s
    unsigned analysts;      // threads that compare pages: [scan] analysts, 1
    int64_t lease_s;        // [scan] lease, 300 s
    const struct controller_policy *rollouts; // lent; NULL = scans begin no rollouts
};

struct pipeline_policy pipeline_policy_default(void);

// One zone, looked at and decided. Lent to the callback.
struct pipeline_result {
    const struct zone *zone;
    const struct evidence *evidence;
    const struct recommendation *recommendation;
    int64_t next_scan_at; // 0 = none, or a one-off check
    int64_t took_ms;      // from the first request to the record, second looks included
};

// How long things took: a histogram as Prometheus has it.
#define LATENCY_BUCKETS 14
struct latencies {
    int64_t count, sum_ms;
    int64_t up_to[LATENCY_BUCKETS]; // how many took at most latency_bounds_ms[] of it
};
extern const int64_t latency_bounds_ms[LATENCY_BUCKETS];
void latencies_add(struct latencies *latencies, int64_t ms);

// What a resident process has scanned.
struct scan_sums {
    int64_t by_verdict[VERDICT_COUNT];
    struct latencies took;
};
void scan_sums_add(struct scan_sums *sums, const struct pipeline_result *result);

struct pipeline_progress {
    int64_t total; // zones that this scan will look at, as known now
    int64_t done;
    int64_t failed;                    // told as trouble: nothing could be stored of these zones
    int64_t elsewhere;                 // of those named: in work in another scan of the store
    int64_t waiting;                   // for their second look
    int64_t by_verdict[VERDICT_COUNT]; // zones
    int64_t by_outcome[OUTCOME_COUNT]; // origins, by how HTTPS (else HTTP) ended
    int64_t started_at_ms, now_ms;     // monotonic
};

// Called on the thread that called pipeline_scan or pipeline_check. Any may be NULL.
struct pipeline_watch {
    void (*progress)(void *ctx, const struct pipeline_progress *progress); // about 5 times a second
    enum err (*result)(void *ctx, const struct pipeline_result *result);   // an error ends the scan
    // One zone failed by itself; the others go on, and it is tried again later.
    void (*trouble)(void *ctx, const struct zone *zone, const char *words);
    void *ctx;
    const volatile sig_atomic_t *stop; // becomes non-zero: finish what is cheap, give leases back
};

enum scan_which {
    SCAN_DUE,   // what is due, and nothing else: also how an interrupted scan is resumed
    SCAN_ALL,   // every zone on `auto`, due or not
    SCAN_NAMED, // these zones, due or not
};

struct scan_request {
    enum scan_which which;
    const char *const *zones; // ids or names, for SCAN_NAMED
    size_t zone_count;
};

// Scans and records. ERR_INTERRUPTED when *stop ended it: every finished zone is recorded, the rest
// is due, also what was named and was not due before. A name that is none (ERR_NOT_FOUND) or
// several (ERR_CONFLICT) is refused before anything is begun; a zone named twice is scanned once; a
// zone that another scan has in work is counted as `elsewhere`. Each scanned zone is committed with
// its lease's epoch; zones leased by a live process are left to it, leases of dead processes of
// this machine are taken over.
enum err pipeline_scan(struct db *db, const struct pipeline_policy *policy,
                       const struct scan_request *request, const struct pipeline_watch *watch,
                       struct pipeline_progress *end, struct why *why);

// The same without a store: calls watch->result for each zone. Takes the zones: those it took are
// NULL after it.
enum err pipeline_check(struct zone **zones, size_t zone_count,
                        const struct pipeline_policy *policy, const struct pipeline_watch *watch,
                        struct why *why);

// Decides again from what is stored, with the policy, the zone's settings and the time of then.
enum err pipeline_replay(struct recommendation **out, const struct db_scan *scan, struct why *why);

// -- rollouts ----------------------------------------------------------------------------------
// Carries rollouts through: claim what is due, observe, judge, record the intention, apply, verify,
// record the result. Level-triggered: everything it needs is in the store and at the edge, so that
// it may be killed between any two lines, and that several may run at once.

// UTC. Weekly windows wrap around the week; dated ones name both days.
struct freeze_window {
    bool dated;
    int64_t from; // dated: seconds since the epoch; weekly: seconds since Monday 00:00
    int64_t to;   // exclusive
};

struct controller_policy {
    struct rollout_policy rollout;
    int64_t max_running;     // rollouts at once, in all: 200
    int64_t max_per_account; // 50
    int64_t max_per_network; // of one origin's /24 or /48: 1
    struct freeze_window freezes[LIMIT_FREEZE_WINDOWS];
    size_t freeze_count;
    int64_t claim_s;  // how long a claimed rollout stays with a controller that is gone: 20 s
    size_t claim_max; // rollouts per claim: 256
    bool confirm;     // a second scan must confirm a recommendation: yes
    int64_t certificate_margin_s; // strict begins, and goes on, with so much left: 14 days
};

struct controller_policy controller_policy_default(void);
// Where no visitor comes nothing can be counted: a dry run goes by dwell alone.
struct rollout_policy controller_policy_dry(const struct rollout_policy *policy);
// "fri 16:00-mon 08:00" (UTC, weekly) or "2026-12-20..2027-01-03" (both days included).
enum err freeze_parse(struct freeze_window *out, struct span text, struct why *why);
bool freeze_holds(const struct freeze_window *windows, size_t count, int64_t now);

// What one pass did. Lent words; for logs and `tick`.
struct controller_step {
    const struct zone *zone;
    const struct rollout *rollout; // afterwards
    const struct rollout_action *action;
    const struct rollout_verdict *verdict;
    const char *detail;
};
struct controller_watch {
    void (*step)(void *ctx, const struct controller_step *step); // transitions alone; may be NULL
    void (*trouble)(void *ctx, const struct zone *zone, const char *words); // may be NULL
    void *ctx;
    const volatile sig_atomic_t *stop; // may be NULL
};

// Counts are added to, so that a resident process can keep them; next_at is of the last pass.
struct controller_sums {
    int64_t ticks, looked, moved, finished, gone_back, troubles;
    struct latencies apply; // calls of an edge that put something
    int64_t next_at;        // when something is due again; 0 = nothing
};

// Every rollout that is due, once. edges: fleets by name; a zone whose fleet is not among them is
// without telemetry. One zone's trouble never holds the others: it is told to watch and tried
// again. Ends early after tick_s, and when *stop is set: what was begun is recorded. The errors are
// the store's: then the edges go back by their leases until it is there again.
enum err controller_tick(struct db *db, struct edge *const *edges, size_t edge_count,
                         const struct controller_policy *policy,
                         const struct controller_watch *watch, struct controller_sums *sums,
                         struct why *why);

// After a scan was recorded: a zone on `auto` whose recommendation is an upgrade gets an attempt in
// ELIGIBLE (unless one is active or cooling down); an attempt that is active is looked at now.
enum err controller_scanned(struct db *db, const struct zone *zone, const struct db_scan *scan,
                            const struct controller_policy *policy, struct why *why);

// The operator's door. words: why, for the history; NULL or "" = not said.
enum err controller_start(struct db *db, const char *zone, enum mode to, // MODE_NONE = recommended
                          const char *actor, const char *words,
                          const struct controller_policy *policy, struct why *why);
enum err controller_wish(struct db *db, struct edge *const *edges, size_t edge_count,
                         const char *zone, enum rollout_wish wish, const char *actor,
                         const char *words, const struct controller_policy *policy,
                         struct why *why);
// The edges first, then the store: rollouts stand at share 0 within the time the edges need.
enum err controller_stop_all(struct db *db, struct edge *const *edges, size_t edge_count,
                             const char *actor, const char *words, int64_t *count,
                             const struct controller_policy *policy, struct why *why);
// The steady state of every zone of each fleet, from the store: after an edge was set up anew, or
// to repair it. Ramps are left alone; so are values of other programs and modes that are stronger
// there, unless overwrite. A fleet's error does not hold the others; the first is returned, which
// is ERR_INVALID where all was done but for zones that were left as they are.
enum err controller_resync(struct db *db, struct edge *const *edges, size_t edge_count,
                           bool overwrite, struct why *why);

// The same for a resident controller, careful, and only where it is needed: fleets that are seen
// for the first time since they were opened, whose resync failed, or that have a process that was
// started anew. One zone of each fleet is read to see that. *state begins as {0}; what goes wrong
// is told by watch, the errors are the store's.
struct controller_fleet {
    bool done;
    char zone_id[33];
    int64_t epochs;
    char words[512]; // what was told last
};
struct controller_synced {
    struct controller_fleet fleets[LIMIT_EDGES + 1]; // in the order of edges, which only grows
};
enum err controller_keep_synced(struct db *db, struct edge *const *edges, size_t edge_count,
                                struct controller_synced *state,
                                void (*trouble)(void *ctx, const char *words), void *ctx,
                                struct why *why);

// Modes that were set by hand (db_order_add): each zone's edge is told, once no rollout holds
// anything there. What could not be done stays for the next call; the errors are the store's.
struct controller_settled {
    size_t told;     // orders carried out
    size_t left;     // that wait
    char words[512]; // the first trouble with an edge, "" = none
};
enum err controller_settle(struct db *db, struct edge *const *edges, size_t edge_count,
                           struct controller_settled *out, struct why *why);

// -- digests -----------------------------------------------------------------------------------
// A week has ended: each account that something is to be told about gets one letter, made once and
// stored, and from there one dispatch for each recipient and channel, sent until it has arrived or
// is given up. May be killed between any two lines, and several may run at once: a letter is made
// by one, and is the same message, with the same Message-ID, however often it is tried.

enum mail_tls {
    MAIL_TLS_REQUIRED, // STARTTLS, or nothing is sent
    MAIL_TLS_OPTIONAL, // STARTTLS where the server has it
    MAIL_TLS_NONE,
};

struct mail_policy {
    const char *server; // "smtp://HOST:PORT" or "smtps://HOST:PORT"; NULL = no mail
    enum mail_tls tls;  // for smtp://
    const char *hello;  // name in EHLO; NULL = the machine's
    const char *user;   // NULL = no login
    const char *password_file;
    const char *ca_file; // authorities of the server's certificate
    const char *from, *from_name, *reply_to;
    int64_t timeout_ms;
};

struct webhook_policy {
    const char *url; // NULL = none
    const char *secret_file;
    const char *ca_file;
    int64_t timeout_ms;
};

struct digest_policy {
    struct mail_policy mail;
    struct webhook_policy webhook;
    struct digest_links links;
    const char *const *roles; // words of model/member.h: members who get it
    size_t role_count;
    const char *const *recipients; // further addresses, for every account
    size_t recipient_count;
    size_t items;    // told of each section
    int64_t delay_s; // after the end of the week
    bool rollbacks;  // tell at once of each rollout that went back by itself
    int64_t claim_s; // a dispatch whose sender does not answer is sent again after this
    int64_t retry_s; // after the first failure; doubles up to
    int64_t retry_max_s;
    int64_t give_up_s; // after this a dispatch has failed
};

struct digest_policy digest_policy_default(void);
bool digest_policy_has_channel(const struct digest_policy *policy);
// What an operator should know about it, NULL = nothing.
const char *digest_policy_warning(const struct digest_policy *policy);

// Lent words. Any may be NULL.
struct digest_watch {
    void (*sent)(void *ctx, const struct db_dispatch *dispatch); // or failed, or to be tried again
    void (*trouble)(void *ctx, const char *words); // an account whose letter cannot be made
    void *ctx;
    const volatile sig_atomic_t *stop;
};

// Counts are added to.
struct digest_sums {
    int64_t made, sent, postponed, failed;
};

// What there is to tell about a week, as of now; nothing is stored.
enum err digests_gather(struct digest **out, struct db *db, const char *account, int64_t week,
                        const struct digest_policy *policy, struct why *why);
// The letter of a week, as it is stored or, where the week is not closed yet, would be: texts are
// "" where nothing was to be told when it was closed, and where they are not kept any more.
enum err digests_letter(struct db_letter *out, struct db *db, const char *account, int64_t week,
                        const struct digest_policy *policy, struct why *why);
// Makes and stores that letter unless it is there, and a dispatch for each recipient that has none
// yet; those that wait or were given up are due now. *told: there is a text to send. ERR_INVALID
// while the week has not ended.
enum err digests_order(bool *told, struct db *db, const char *account, int64_t week,
                       const struct digest_policy *policy, struct why *why);
// Sends all that is due.
enum err digests_deliver(struct db *db, const struct digest_policy *policy,
                         const struct digest_watch *watch, struct digest_sums *sums,
                         struct why *why);
// Makes what is due, then sends what is due. For `run`, about once a minute, and for `tick`. An
// account whose letter cannot be made is told to the watch and tried again with the next pass; the
// others get theirs.
enum err digests_pass(struct db *db, const struct digest_policy *policy,
                      const struct digest_watch *watch, struct digest_sums *sums, struct why *why);

// What `sslauto run` serves at /metrics: Prometheus text format 0.0.4. The names are listed in
// docs/controller.md. Either sums may be NULL.
enum err metrics_print(struct db *db, const struct controller_sums *controller,
                       const struct scan_sums *scans, struct buf *out, struct why *why);

#endif
