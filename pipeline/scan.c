// SPDX-License-Identifier: Apache-2.0
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/time.h"
#include "pipeline/owner.h"
#include "pipeline/past.h"
#include "pipeline/pipeline.h"
#include "pipeline/record.h"
#include "pipeline/scanner.h"
#include "pipeline/schedule.h"

enum {
    TICK_MS = 200,       // how often progress is told and the operator's wish to stop is seen
    CLAIM_MAX = 256,     // zones per claim: one transaction each
    COMMIT_MAX = 64,     // zones per commit: the store locks out others meanwhile
    GATHER_MS = 50,      // after the first zone that is done; one by one they cost more to record
    WAITING_MAX = 10000, // origins that wait for a second look before no new zones are claimed
    // Origins that wait for their turn before no zones are begun past them. One costs 3.3 KiB,
    // measured with zones of one host: 33 MiB in all, while at most three quarters of the slots
    // have pages in memory.
    IN_LINE_MAX = 10000,
    PAUSE_CLAIM_MS = 500, // between two claims that found nothing, or that pass those in line
};

struct pipeline_policy pipeline_policy_default(void)
{
    return (struct pipeline_policy){
        .crawler = crawler_policy_default(),
        .recommend = recommend_policy_default(),
        .schedule = {.interval_s = 30 * 86400,
                     .retry_s = 86400,
                     .certificate_watch_s = 7 * 86400,
                     .confirm_s = 3600,
                     .confirm_gap_s = 300,
                     .jitter_percent = 10},
        .second_look_ms = 60000,
        .analysts = 1,
        .lease_s = 300,
    };
}

// A zone that was named, and leased.
struct named {
    char id[33];
    int64_t epoch;
};

// One scan of a store, or one check without.
struct scan {
    struct db *db; // NULL in a check
    const struct pipeline_policy *policy;
    const struct pipeline_watch *watch;
    struct scanner *scanner;
    struct pipeline_progress progress;
    int64_t told_ms;    // monotonic: progress
    int64_t renewed_ms; // monotonic: leases
    int64_t claimed_ms; // monotonic: last claim that found nothing
    int64_t passed_ms;  // monotonic: last time zones were begun past those in line
    char owner[OWNER_SIZE];
    struct named *named; // owned
    size_t named_count;
    struct why *why;
};

static bool stopped(const struct scan *scan)
{
    return scan->watch->stop != NULL && *scan->watch->stop != 0;
}

static void tell(struct scan *scan, bool now)
{
    scan->progress.now_ms = time_monotonic_ms();
    scan->progress.waiting = (int64_t)scanner_waiting(scan->scanner);
    if (scan->watch->progress != NULL &&
        (now || scan->progress.now_ms - scan->told_ms >= TICK_MS)) {
        scan->told_ms = scan->progress.now_ms;
        scan->watch->progress(scan->watch->ctx, &scan->progress);
    }
}

static void count(struct pipeline_progress *progress, const struct scanned *scanned,
                  enum verdict verdict)
{
    progress->done++;
    progress->by_verdict[verdict]++;
    for (size_t i = 0; i < scanned->evidence->host_count; i++) {
        const struct host_evidence *host = &scanned->evidence->hosts[i];
        for (size_t k = 0; k < host->origin_count; k++) {
            const struct origin_evidence *origin = &host->origins[k];
            enum outcome ended = origin->https.asked ? origin->https.outcome : origin->http.outcome;
            progress->by_outcome[ended]++;
        }
    }
}

// -- deciding and recording ----------------------------------------------------------------------

struct decided {
    struct scanned *scanned;        // owned
    struct recommendation *decided; // owned; NULL when it failed
    int64_t at;                     // the store's clock
    int64_t next_scan_at;
    enum err failed; // of this zone alone
    struct why why;  // of that
};

static void decided_done(struct decided *d)
{
    scanned_free(d->scanned);
    recommendation_free(d->decided);
    *d = (struct decided){0};
}

static int64_t longest_wait(const struct evidence *evidence)
{
    int64_t longest = 0;
    for (size_t i = 0; i < evidence->host_count; i++) {
        for (size_t k = 0; k < evidence->hosts[i].origin_count; k++) {
            const struct origin_evidence *origin = &evidence->hosts[i].origins[k];
            longest = origin->http.retry_after_s > longest ? origin->http.retry_after_s : longest;
            longest = origin->https.retry_after_s > longest ? origin->https.retry_after_s : longest;
        }
    }
    return longest;
}

// The scans themselves tell the story; an event marks where it turns.
static enum err note_change(struct scan *scan, const struct decided *d,
                            const struct db_scan *before)
{
    const struct recommendation *now = d->decided;
    if (before->verdict == now->verdict && before->mode_recommended == now->recommended &&
        before->mode_current == now->current) {
        return ERR_OK;
    }
    char detail[128];
    (void)snprintf(detail, sizeof detail, "%s: now %s, recommended %s", verdict_str(now->verdict),
                   mode_str(now->current), mode_str(now->recommended));
    struct db_event event = {.zone_id = d->scanned->zone->id,
                             .actor = "scan",
                             .kind = "recommendation_changed",
                             .detail = detail};
    return db_event_add(scan->db, &event, scan->why);
}

// The zone's own failure: told, and tried again as after a scan that could say nothing.
static enum err put_off(struct scan *scan, struct decided *d, enum err failed)
{
    d->failed = failed;
    enum err e = db_lease_release(scan->db, d->scanned->zone->id, d->scanned->epoch,
                                  d->at + scan->policy->schedule.retry_s, scan->why);
    return e == ERR_CONFLICT ? ERR_OK : e;
}

// Stores what was found. A failure of this zone alone is in d->failed; what is returned is the
// store's.
static enum err record(struct scan *scan, struct decided *d)
{
    OWN(db_scan_done) struct db_scan before = {0};
    OWN(db_scan_done) struct db_scan made = {0};
    if (d->scanned->failed != ERR_OK) {
        return put_off(scan, d, d->scanned->failed);
    }
    enum err e = db_scan_current(scan->db, d->scanned->zone->id, &before, scan->why);
    bool first = e == ERR_NOT_FOUND;
    if (e != ERR_OK && !first) {
        return e;
    }
    int64_t gap = first || before.next_scan_at == 0 || before.verdict != VERDICT_UNKNOWN
                      ? 0
                      : before.next_scan_at - before.scanned_at;
    const struct schedule_policy *schedule = &scan->policy->schedule;
    struct recommend_past past =
        past_of(first ? NULL : &before, d->scanned->zone, schedule->confirm_gap_s, d->at);
    e = record_make(&made, &d->decided, d->scanned->zone, d->scanned->evidence,
                    &scan->policy->recommend, &past, &d->why);
    if (e != ERR_OK) {
        return put_off(scan, d, e);
    }
    d->next_scan_at = schedule_next(schedule, d->scanned->zone, d->decided, gap,
                                    longest_wait(d->scanned->evidence), d->at);
    made.next_scan_at = d->next_scan_at;
    e = db_scan_commit(scan->db, &made, d->scanned->epoch, scan->why);
    if (e == ERR_CONFLICT) {
        return ERR_OK; // the lease was lost: whoever has it now records its own scan
    }
    if (e == ERR_OK && scan->policy->rollouts != NULL) {
        e = controller_scanned(scan->db, d->scanned->zone, &made, scan->policy->rollouts,
                               scan->why);
    }
    return e != ERR_OK || first ? e : note_change(scan, d, &before);
}

// In a check nothing is stored, and nobody looks again.
static enum err decide(const struct scan *scan, struct decided *d)
{
    return d->scanned->failed != ERR_OK
               ? d->scanned->failed
               : recommend(&d->decided, d->scanned->zone, d->scanned->evidence,
                           &scan->policy->recommend, NULL, d->at);
}

static enum err tell_one(struct scan *scan, const struct decided *d)
{
    const struct zone *zone = d->scanned->zone;
    if (d->failed != ERR_OK) {
        scan->progress.failed++;
        if (scan->watch->trouble != NULL) {
            scan->watch->trouble(scan->watch->ctx, zone, why_text(&d->why, d->failed));
        }
        return ERR_OK;
    }
    count(&scan->progress, d->scanned, d->decided->verdict);
    struct pipeline_result result = {zone, d->scanned->evidence, d->decided, d->next_scan_at,
                                     time_monotonic_ms() - d->scanned->begun_ms};
    return scan->watch->result == NULL ? ERR_OK : scan->watch->result(scan->watch->ctx, &result);
}

// Decides and records what is in batch[] in one transaction, then tells the caller about each.
static enum err commit_batch(struct scan *scan, struct decided *batch, size_t n)
{
    enum err e = scan->db == NULL ? ERR_OK : db_begin(scan->db, scan->why);
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        e = scan->db == NULL ? decide(scan, &batch[i]) : record(scan, &batch[i]);
    }
    if (scan->db != NULL && e == ERR_OK) {
        e = db_commit(scan->db, scan->why);
    }
    if (scan->db != NULL && e != ERR_OK) {
        db_rollback(scan->db);
    }
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        e = tell_one(scan, &batch[i]);
    }
    return e;
}

static enum err now_of(struct scan *scan, int64_t *now)
{
    *now = time_now_s();
    return scan->db == NULL ? ERR_OK : db_now(scan->db, now, scan->why);
}

// Lets those that are nearly done become a batch, where there is something to record them in.
static void gather(struct scan *scan)
{
    size_t waiting = scanner_waiting(scan->scanner);
    size_t busy = scanner_in_flight(scan->scanner);
    busy = busy > waiting ? busy - waiting : 0;
    if (scan->db != NULL && busy > 0) {
        scanner_gather(scan->scanner, busy < COMMIT_MAX ? busy : COMMIT_MAX, GATHER_MS);
    }
}

// Waits up to timeout_ms for the first zone that is done, takes all that are ready, records them.
static enum err collect(struct scan *scan, int64_t timeout_ms)
{
    struct decided batch[COMMIT_MAX] = {0};
    size_t n = 0;
    int64_t now = 0;
    enum err e = ERR_OK;
    while (n < COUNT_OF(batch)) {
        struct scanned *scanned = NULL;
        e = scanner_next(scan->scanner, n == 0 ? timeout_ms : 0, &scanned);
        if (e != ERR_OK || scanned == NULL) {
            break;
        }
        e = n == 0 ? now_of(scan, &now) : ERR_OK;
        if (e != ERR_OK) {
            scanned_free(scanned);
            break;
        }
        if (scanned->evidence != NULL) {
            scanned->evidence->scanned_at = now;
        }
        batch[n].at = now;
        batch[n++].scanned = scanned;
        if (n == 1 && timeout_ms > 0) {
            gather(scan);
        }
    }
    if (e == ERR_OK && n > 0) {
        e = commit_batch(scan, batch, n);
    }
    for (size_t i = 0; i < n; i++) {
        decided_done(&batch[i]);
    }
    return e;
}

// -- feeding -------------------------------------------------------------------------------------

static size_t most_begun(const struct scan *scan)
{
    return (size_t)scan->policy->crawler.slots * 2;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

// Slots without work while enough zones are begun: these stand in line at few addresses, which are
// slow. More zones are begun, for others are behind them, but not at once: slots that are free for
// a moment are nothing.
static bool stands_in_line(struct scan *scan, size_t begun)
{
    size_t in_line = scanner_in_line(scan->scanner);
    int64_t now = time_monotonic_ms();
    bool stands = scanner_has_slots(scan->scanner) && in_line < IN_LINE_MAX &&
                  begun - smaller(begun, in_line) < most_begun(scan);
    if (!stands || now - scan->passed_ms < PAUSE_CLAIM_MS) {
        return false;
    }
    scan->passed_ms = now;
    return true;
}

// How many more zones may be begun now.
static size_t room_for_more(struct scan *scan)
{
    size_t most = most_begun(scan);
    size_t waiting = scanner_waiting(scan->scanner);
    size_t begun = scanner_looks(scan->scanner) - waiting;
    if (waiting >= WAITING_MAX) {
        return 0;
    }
    size_t room = begun < most ? most - begun : stands_in_line(scan, begun) ? most : 0;
    return smaller(room, CLAIM_MAX);
}

// Claims what is due, as far as there is room. *more becomes false when nothing is due any more.
static enum err feed_due(struct scan *scan, bool *more)
{
    size_t room = room_for_more(scan);
    int64_t now = time_monotonic_ms();
    bool worth_it =
        room >= smaller(CLAIM_MAX, most_begun(scan)) / 4 || scanner_in_flight(scan->scanner) == 0;
    if (!worth_it || now - scan->claimed_ms < PAUSE_CLAIM_MS) {
        return ERR_OK;
    }
    struct db_lease leases[CLAIM_MAX];
    size_t n = 0;
    enum err e =
        db_claim(scan->db, scan->owner, scan->policy->lease_s, room, leases, &n, scan->why);
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        struct zone *zone = leases[i].zone;
        leases[i].zone = NULL;
        e = scanner_submit(scan->scanner, zone, leases[i].epoch);
    }
    for (size_t i = 0; e != ERR_OK && i < n; i++) {
        zone_free(leases[i].zone);
    }
    if (e == ERR_OK && n == 0) {
        scan->claimed_ms = now;
        *more = false;
    }
    return e;
}

static enum err feed_named(struct scan *scan, size_t *at)
{
    for (size_t room = room_for_more(scan); room > 0 && *at < scan->named_count; room--) {
        const struct named *named = &scan->named[(*at)++];
        OWN(zone_own) struct zone *zone = NULL;
        enum err e = db_zone_get(scan->db, &zone, named->id, scan->why);
        if (e == ERR_NOT_FOUND) {
            scan->progress.total--; // removed meanwhile
            continue;
        }
        if (e == ERR_OK) {
            struct zone *given = zone;
            zone = NULL;
            e = scanner_submit(scan->scanner, given, named->epoch);
        }
        if (e != ERR_OK) {
            return e;
        }
    }
    return ERR_OK;
}

static enum err renew(struct scan *scan)
{
    int64_t now = time_monotonic_ms();
    if (now - scan->renewed_ms < scan->policy->lease_s * 1000 / 3) {
        return ERR_OK;
    }
    scan->renewed_ms = now;
    return db_lease_renew(scan->db, scan->owner, scan->policy->lease_s, scan->why);
}

static enum err scan_loop(struct scan *scan, const struct scan_request *request)
{
    bool more = true;
    size_t named = 0;
    enum err e = ERR_OK;
    while (e == ERR_OK && (more || scanner_in_flight(scan->scanner) > 0)) {
        if (stopped(scan)) {
            e = collect(scan, 0); // what is ready is recorded
            return e == ERR_OK ? ERR_INTERRUPTED : e;
        }
        if (more && request->which == SCAN_NAMED) {
            e = feed_named(scan, &named);
            more = named < scan->named_count;
        } else if (more) {
            e = feed_due(scan, &more);
        }
        if (e == ERR_OK) {
            e = collect(scan, scanner_in_flight(scan->scanner) > 0 ? TICK_MS : 0);
        }
        if (e == ERR_OK) {
            e = renew(scan);
        }
        tell(scan, false);
    }
    return e;
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct named *)a)->id, ((const struct named *)b)->id);
}

// The zones that were named, each once. A name that is none is told before anything is begun.
static enum err find_named(struct scan *scan, const struct scan_request *request)
{
    scan->named = calloc(request->zone_count + 1, sizeof *scan->named);
    if (scan->named == NULL) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < request->zone_count; i++) {
        OWN(zone_own) struct zone *zone = NULL;
        enum err e = db_zone_get(scan->db, &zone, request->zones[i], scan->why);
        if (e != ERR_OK) {
            return e;
        }
        memcpy(scan->named[i].id, zone->id, sizeof scan->named[i].id);
    }
    qsort(scan->named, request->zone_count, sizeof *scan->named, by_id);
    for (size_t i = 0; i < request->zone_count; i++) {
        if (i == 0 || by_id(&scan->named[i], &scan->named[i - 1]) != 0) {
            scan->named[scan->named_count++] = scan->named[i];
        }
    }
    scan->progress.total = (int64_t)scan->named_count;
    return ERR_OK;
}

// All at once, so that a scan that ends early leaves each of them due: `scan --due` goes on. What
// another scan has in work is left to it.
static enum err claim_named(struct scan *scan)
{
    size_t claimed = 0;
    enum err e = db_begin(scan->db, scan->why);
    for (size_t i = 0; e == ERR_OK && i < scan->named_count; i++) {
        struct named *named = &scan->named[i];
        struct db_lease lease = {0};
        struct why busy = {0};
        e = db_claim_zone(scan->db, scan->owner, scan->policy->lease_s, named->id, &lease, &busy);
        zone_free(lease.zone);
        if (e == ERR_OK) {
            named->epoch = lease.epoch;
            scan->named[claimed++] = *named;
        } else if (e == ERR_BUSY) {
            scan->progress.elsewhere++;
            e = ERR_OK;
        } else {
            *scan->why = busy;
        }
    }
    e = e == ERR_OK ? db_commit(scan->db, scan->why) : e;
    if (e != ERR_OK) {
        db_rollback(scan->db);
    }
    scan->named_count = claimed;
    return e;
}

static enum err prepare(struct scan *scan, const struct scan_request *request)
{
    enum err e = owner_name(scan->owner, scan->why);
    if (e == ERR_OK) {
        e = owner_bury(scan->db, scan->why);
    }
    if (e == ERR_OK && request->which == SCAN_ALL) {
        int64_t changed = 0;
        e = db_scan_request(scan->db, NULL, &changed, scan->why);
    }
    if (e == ERR_OK && request->which == SCAN_NAMED) {
        e = find_named(scan, request);
        return e == ERR_OK ? claim_named(scan) : e;
    }
    int64_t leased = 0;
    return e == ERR_OK ? db_due_count(scan->db, &scan->progress.total, &leased, scan->why) : e;
}

enum err pipeline_scan(struct db *db, const struct pipeline_policy *policy,
                       const struct scan_request *request, const struct pipeline_watch *watch,
                       struct pipeline_progress *end, struct why *why)
{
    int64_t now = time_monotonic_ms();
    struct scan scan = {.db = db,
                        .policy = policy,
                        .watch = watch,
                        .why = why,
                        .progress = {.started_at_ms = now, .now_ms = now},
                        .renewed_ms = now,
                        .claimed_ms = now - PAUSE_CLAIM_MS};
    enum err e = prepare(&scan, request);
    e = e == ERR_OK ? scanner_start(&scan.scanner, policy, why) : e;
    if (e == ERR_OK) {
        e = scan_loop(&scan, request);
        tell(&scan, true);
        if (end != NULL) {
            *end = scan.progress;
        }
    }
    scanner_free(scan.scanner);
    free(scan.named);
    // Whatever was in work is due; a failure here only means waiting for the lease.
    int64_t dropped = 0;
    struct why ignored = {0};
    (void)db_lease_drop_owner(db, scan.owner, &dropped, &ignored);
    return e;
}

// -- checks without a store ----------------------------------------------------------------------

enum err pipeline_check(struct zone **zones, size_t zone_count,
                        const struct pipeline_policy *policy, const struct pipeline_watch *watch,
                        struct why *why)
{
    int64_t now = time_monotonic_ms();
    struct scan scan = {
        .policy = policy,
        .watch = watch,
        .why = why,
        .progress = {.started_at_ms = now, .now_ms = now, .total = (int64_t)zone_count}};
    enum err e = scanner_start(&scan.scanner, policy, why);
    size_t at = 0;
    while (e == ERR_OK && (at < zone_count || scanner_in_flight(scan.scanner) > 0)) {
        size_t room = room_for_more(&scan);
        for (; e == ERR_OK && at < zone_count && room > 0; room--) {
            struct zone *zone = zones[at];
            zones[at++] = NULL;
            e = scanner_submit(scan.scanner, zone, 0);
        }
        if (e == ERR_OK) {
            e = stopped(&scan) ? ERR_INTERRUPTED : collect(&scan, TICK_MS);
        }
        tell(&scan, false);
    }
    scanner_free(scan.scanner);
    return e;
}
