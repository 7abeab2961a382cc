// SPDX-License-Identifier: Apache-2.0
// store [ZONES [FOLDER]]: what the store does per second, at ZONES (100,000) and at a tenth of it:
// the figures side by side show whether a cost grows with the size of the store.
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/num.h"
#include "core/time.h"
#include "db/db.h"

#define BATCH         64   // zones per claim
#define EVIDENCE_SIZE 4000 // bytes of a usual scan

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
