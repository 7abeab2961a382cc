// SPDX-License-Identifier: Apache-2.0
// store [ZONES [FOLDER]]: what the store does per second, and the processor's time for each, at
// ZONES (100,000) and at a tenth of it: the figures side by side show whether a cost grows with the
// size of the store.
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/num.h"
#include "core/time.h"
#include "db/db.h"

#define BATCH         64   // zones per claim
#define EVIDENCE_SIZE 4000 // bytes of a usual scan
#define TICKS         256  // rollouts per claim, and per transaction
#define SINGLE        5000 // rollouts that are written each by itself
#define ASKED         20   // times that a count is asked for

static void must(enum err e, const struct why *why)
{
    if (e != ERR_OK) {
        (void)fprintf(stderr, "store: %s\n", why_text(why, e));
        exit(1);
    }
}

static void print_rate(const char *what, size_t zones, size_t count, int64_t since_ms)
{
    int64_t ms = time_monotonic_ms() - since_ms;
    double rate = (double)count * 1000.0 / (double)(ms == 0 ? 1 : ms);
    (void)printf("%-34s %10zu zones %10.0f /s\n", what, zones, rate);
}

static struct zone *zone_of(size_t number)
{
    char name[64];
    // As in a list of customers: in no order.
    (void)snprintf(name, sizeof name, "s%08zx.example", number * 2654435761U % 4294967296U);
    struct zone *zone = zone_new();
    struct host *host = NULL;
    if (zone == NULL) {
        must(ERR_NOMEM, NULL);
    }
    assert(zone != NULL);
    zone->name = strdup(name);
    zone->mode = MODE_FLEXIBLE;
    must(zone_add_host(&host, zone, span_of(name), NULL), NULL);
    must(host_add_origin(host, span_of("192.0.2.1"), 80, 443, NULL), NULL);
    return zone;
}

static void insert(struct db *db, size_t zones)
{
    struct why why = {0};
    int64_t since = time_monotonic_ms();
    must(db_begin(db, &why), &why);
    for (size_t i = 0; i < zones; i++) {
        struct zone *zone = zone_of(i);
        must(db_zone_insert(db, zone, &why), &why);
        zone_free(zone);
    }
    must(db_commit(db, &why), &why);
    print_rate("import, one transaction", zones, zones, since);
}

static struct db_scan scan_new(void)
{
    struct db_scan scan = {.mode_current = MODE_FLEXIBLE,
                           .mode_recommended = MODE_STRICT,
                           .verdict = VERDICT_UPGRADE,
                           .scanned_at = time_now_s(),
                           .next_scan_at = time_now_s() + 2592000};
    scan.evidence = calloc(1, EVIDENCE_SIZE + 1);
    scan.recommendation = strdup("{\"verdict\":\"upgrade\",\"reasons\":[],\"blockers\":[]}");
    scan.policy = strdup("{\"margin_days\":14}");
    if (scan.evidence == NULL || scan.recommendation == NULL || scan.policy == NULL) {
        must(ERR_NOMEM, NULL);
    }
    memset(scan.evidence, ' ', EVIDENCE_SIZE);
    scan.evidence[0] = '{';
    scan.evidence[EVIDENCE_SIZE - 1] = '}';
    return scan;
}

// Claims and stores all zones; batched = the scans of one claim in one transaction.
static void scan(struct db *db, size_t zones, bool batched)
{
    struct why why = {0};
    struct db_scan result = scan_new();
    int64_t claim_ms = 0;
    int64_t commit_ms = 0;
    size_t done = 0;
    while (true) {
        struct db_lease leases[BATCH];
        size_t count = 0;
        int64_t since = time_monotonic_ms();
        must(db_claim(db, "bench", 600, BATCH, leases, &count, &why), &why);
        int64_t claimed = time_monotonic_ms();
        claim_ms += claimed - since;
        if (count == 0) {
            break;
        }
        must(batched ? db_begin(db, &why) : ERR_OK, &why);
        for (size_t i = 0; i < count; i++) {
            memcpy(result.zone_id, leases[i].zone->id, sizeof result.zone_id);
            must(db_scan_commit(db, &result, leases[i].epoch, &why), &why);
            zone_free(leases[i].zone);
        }
        must(batched ? db_commit(db, &why) : ERR_OK, &why);
        commit_ms += time_monotonic_ms() - claimed;
        done += count;
    }
    print_rate("claim, 64 at once", zones, done, time_monotonic_ms() - claim_ms);
    print_rate(batched ? "scans stored, 64 a transaction" : "scans stored, each by itself", zones,
               done, time_monotonic_ms() - commit_ms);
    db_scan_done(&result);
}

static enum err count_row(void *ctx, const struct zone *zone, const struct db_scan *result)
{
    size_t *count = ctx;
    *count += zone->host_count > 0 && result != NULL;
    return ERR_OK;
}

static void list(struct db *db, size_t zones)
{
    struct why why = {0};
    size_t count = 0;
    int64_t since = time_monotonic_ms();
    must(db_recommendation_each(db, NULL, count_row, &count, &why), &why);
    print_rate("recommendations, all texts", zones, count, since);
    struct db_filter filter = {
        .mode = MODE_NONE, .recommended = MODE_NONE, .without_evidence = true};
    count = 0;
    since = time_monotonic_ms();
    must(db_recommendation_each(db, &filter, count_row, &count, &why), &why);
    print_rate("recommendations, without evidence", zones, count, since);
}

// Wall clock and processor since a point.
struct meter {
    int64_t wall_ms;
    clock_t cpu;
};

static struct meter meter_start(void)
{
    return (struct meter){time_monotonic_ms(), clock()};
}

static void print_cost(const char *what, size_t zones, size_t count, struct meter since)
{
    double cpu_us = (double)(clock() - since.cpu) * 1e6 / CLOCKS_PER_SEC;
    int64_t ms = time_monotonic_ms() - since.wall_ms;
    (void)printf("%-34s %10zu zones %10.0f /s %8.1f us of CPU each\n", what, zones,
                 (double)count * 1000.0 / (double)(ms == 0 ? 1 : ms),
                 cpu_us / (double)(count == 0 ? 1 : count));
}

// In the middle of its ramp, seen through two edge processes.
static struct rollout rollout_of(const char *zone_id)
{
    struct rollout rollout = {.generation = 1,
                              .from = MODE_FLEXIBLE,
                              .to = MODE_STRICT,
                              .steps_bp = {100, 1000, 2000, SHARE_ALL_BP},
                              .step_count = 4,
                              .step = 1,
                              .share_bp = 1000,
                              .state = ROLLOUT_RAMPING,
                              .tick_at = 1,
                              .cursor_count = 2};
    (void)snprintf(rollout.zone_id, sizeof rollout.zone_id, "%s", zone_id);
    (void)snprintf(rollout.origin_net, sizeof rollout.origin_net, "192.0.2.0/24");
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(rollout.cursors[i].process, sizeof rollout.cursors[i].process, "edge-%zu",
                       i);
    }
    return rollout;
}

// What a tick changes.
static void count_up(struct rollout *rollout)
{
    struct rollout_counts fresh = {0};
    fresh.of[COHORT_OLD] = (struct cohort_counts){900, 2, 31, 0, 0, 0, 412};
    fresh.of[COHORT_NEW] = (struct cohort_counts){100, 0, 4, 0, 0, 0, 45};
    rollout_counts_add(&rollout->step_counts, &fresh);
    rollout_counts_add(&rollout->counts, &fresh);
    for (size_t i = 0; i < rollout->cursor_count; i++) {
        rollout_counts_add(&rollout->cursors[i].seen, &fresh);
    }
    rollout->tests.hard_llr -= 0.0192;
    rollout->tests.failing_old += 0.001 / 3;
    rollout->seen_at++;
    rollout->tick_at += 10;
}

struct ids {
    char (*at)[33];
    size_t count;
};

static enum err keep_id(void *ctx, const struct zone *zone)
{
    struct ids *ids = ctx;
    memcpy(ids->at[ids->count++], zone->id, sizeof zone->id);
    return ERR_OK;
}

// A rollout for each zone: every tenth is in work, the others are at rest.
static void rollouts_insert(struct db *db, size_t zones)
{
    struct why why = {0};
    struct ids ids = {.at = calloc(zones, sizeof *ids.at)};
    if (ids.at == NULL) {
        must(ERR_NOMEM, NULL);
    }
    must(db_zone_each(db, NULL, keep_id, &ids, &why), &why);
    struct meter since = meter_start();
    must(db_begin(db, &why), &why);
    for (size_t i = 0; i < ids.count; i++) {
        struct rollout rollout = rollout_of(ids.at[i]);
        struct rollout_event event = {
            .actor = "bench", .state = ROLLOUT_RAMPING, .detail = "begun"};
        if (i % 10 != 0) {
            rollout.state = ROLLOUT_COOLDOWN;
            rollout.share_bp = 0;
            rollout.tick_at = 0;
            event = (struct rollout_event){.actor = "bench",
                                           .state = ROLLOUT_ROLLED_BACK,
                                           .reason = ROLLOUT_REASON_TLS,
                                           .detail = "gone back"};
        }
        must(db_rollout_insert(db, &rollout, &event, &why), &why);
    }
    must(db_commit(db, &why), &why);
    print_cost("rollouts begun, one transaction", zones, ids.count, since);
    free(ids.at);
}

// Ticks `total` rollouts in batches: claims them, and stores what changed.
static void rollouts_tick(struct db *db, size_t zones, size_t total, size_t batch, bool moves)
{
    struct why why = {0};
    struct rollout *rollouts = calloc(TICKS, sizeof *rollouts);
    if (rollouts == NULL) {
        must(ERR_NOMEM, NULL);
    }
    clock_t claiming = 0;
    size_t done = 0;
    struct meter since = meter_start();
    while (done < total) {
        size_t count = 0;
        clock_t before = clock();
        must(db_rollout_claim(db, "bench", 60, TICKS, rollouts, &count, &why), &why);
        claiming += clock() - before;
        for (size_t i = 0; i < count; i++) {
            struct rollout_event event = {.actor = "bench",
                                          .state = ROLLOUT_RAMPING,
                                          .share_bp = 1000,
                                          .detail = "149 requests without a failure"};
            must(i % batch == 0 && batch > 1 ? db_begin(db, &why) : ERR_OK, &why);
            count_up(&rollouts[i]);
            must(db_rollout_update(db, &rollouts[i], moves ? &event : NULL, &why), &why);
            bool last = i % batch == batch - 1 || i + 1 == count;
            must(last && batch > 1 ? db_commit(db, &why) : ERR_OK, &why);
        }
        done += count;
    }
    since.cpu += claiming;
    print_cost(batch == 1 ? "ticks stored, each by itself"
               : moves    ? "transitions, 256 a transaction"
                          : "ticks stored, 256 a transaction",
               zones, done, since);
    (void)printf("%-34s %10zu zones %20.1f us of CPU each\n", "rollouts claimed, 256 at once",
                 zones, (double)claiming * 1e6 / CLOCKS_PER_SEC / (double)done);
    free(rollouts);
}

static void rollouts_count(struct db *db, size_t zones)
{
    struct why why = {0};
    struct meter since = meter_start();
    for (int i = 0; i < ASKED; i++) {
        int64_t states[ROLLOUT_STATE_COUNT];
        int64_t aborts[ROLLOUT_REASON_COUNT];
        must(db_rollout_states(db, states, &why), &why);
        must(db_rollout_aborts(db, aborts, &why), &why);
    }
    print_cost("rollouts by state, by reason", zones, ASKED, since);
    struct db_rollout_filter filter = {.account = "default", .running = true};
    since = meter_start();
    for (int i = 0; i < ASKED; i++) {
        int64_t count = 0;
        must(db_rollout_count(db, &filter, &count, &why), &why);
    }
    print_cost("rollouts that a cap counts", zones, ASKED, since);
}

static void rollouts(struct db *db, size_t zones)
{
    size_t running = zones / 10;
    rollouts_insert(db, zones);
    rollouts_tick(db, zones, running, TICKS, false);
    rollouts_tick(db, zones, running, TICKS, true);
    rollouts_tick(db, zones, running < SINGLE ? running : SINGLE, 1, false);
    rollouts_count(db, zones);
}

static void run(const char *folder, size_t zones)
{
    struct why why = {0};
    char path[4096];
    int len = snprintf(path, sizeof path, "%s/store.db", folder);
    if (len < 0 || (size_t)len >= sizeof path) {
        must(ERR_LIMIT, NULL);
    }
    struct db *db = NULL;
    must(db_open(&db, path, DB_CREATE, &why), &why);
    insert(db, zones);
    scan(db, zones, false);
    int64_t changed = 0;
    must(db_scan_request(db, NULL, &changed, &why), &why);
    scan(db, zones, true);
    list(db, zones);
    rollouts(db, zones);
    db_close(db);
    struct stat st = {0};
    struct rusage usage = {0};
    (void)stat(path, &st);
    (void)getrusage(RUSAGE_SELF, &usage);
    (void)printf("%-34s %10zu zones %10.1f MiB, largest memory so far %.1f MiB\n", "size", zones,
                 (double)st.st_size / 1048576.0, (double)usage.ru_maxrss / 1024.0);
    (void)unlink(path);
}

int main(int argc, char **argv)
{
    int64_t zones = 100000;
    if (argc > 1 && num_parse(&zones, span_of(argv[1]), 10, 10000000) != ERR_OK) {
        (void)fprintf(stderr, "usage: store [ZONES [FOLDER]]\n");
        return 2;
    }
    char folder[64] = "/tmp/sslauto-bench-XXXXXX";
    if (argc <= 2 && mkdtemp(folder) == NULL) {
        perror(folder);
        return 1;
    }
    run(argc > 2 ? argv[2] : folder, (size_t)zones / 10);
    run(argc > 2 ? argv[2] : folder, (size_t)zones);
    if (argc <= 2) {
        (void)rmdir(folder);
    }
    return 0;
}
