// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/contract.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void sqlite_place(struct store *store)
{
    (void)snprintf(store->dir, sizeof store->dir, "/tmp/sslauto-store-XXXXXX");
    assert_non_null(mkdtemp(store->dir));
    (void)snprintf(store->where, sizeof store->where, "sqlite://%s/store.db", store->dir);
}

static void sqlite_remove(struct store *store)
{
    DIR *dir = opendir(store->dir);
    assert_non_null(dir);
    const struct dirent *entry = NULL;
    while ((entry = readdir(dir)) != NULL) {
        (void)unlinkat(dirfd(dir), entry->d_name, 0);
    }
    (void)closedir(dir);
    assert_int_equal(rmdir(store->dir), 0);
}

static void sqlite_harm(struct store *store, const char *sql)
{
    sqlite3 *handle = NULL;
    char *words = NULL;
    assert_int_equal(sqlite3_open(store->where + sizeof "sqlite://" - 1, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle,
                                  "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    if (sqlite3_exec(handle, sql, NULL, NULL, &words) != SQLITE_OK) {
        fail_msg("%s: %s", sql, words);
    }
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

// Another backend is another row, and passes the same tests.
static const struct store_backend backends[] = {
    {"sqlite", sqlite_place, sqlite_remove, sqlite_harm},
};

static int set_up(void **state)
{
    const struct store_backend *backend = *state;
    struct store *store = calloc(1, sizeof *store);
    assert_non_null(store);
    store->backend = backend;
    backend->make(store);
    store->db = store_open(store, DB_CREATE);
    *state = store;
    return 0;
}

static int tear_down(void **state)
{
    struct store *store = *state;
    db_close(store->db);
    store->backend->remove(store);
    free(store);
    return 0;
}

int contract_run(const char *group, const struct CMUnitTest *tests, size_t count)
{
    int failed = 0;
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        struct CMUnitTest *copies = calloc(count, sizeof *copies);
        if (copies == NULL) {
            return 1;
        }
        struct store_backend backend = backends[b];
        for (size_t i = 0; i < count; i++) {
            copies[i] =
                (struct CMUnitTest){tests[i].name, tests[i].test_func, set_up, tear_down, &backend};
        }
        char name[128];
        (void)snprintf(name, sizeof name, "%s over %s", group, backend.name);
        failed += _cmocka_run_group_tests(name, copies, count, NULL, NULL);
        free(copies);
    }
    return failed;
}

struct db *store_open(struct store *store, enum db_access access)
{
    struct db *db = NULL;
    assert_ok(db_open(&db, store->where, access, &store->why), &store->why);
    return db;
}

void store_harm(struct store *store, const char *sql)
{
    store->backend->harm(store, sql);
}

struct zone *zone_of(const char *name, const char *account)
{
    struct zone *zone = zone_new();
    assert_non_null(zone);
    free(zone->name);
    zone->name = strdup(name);
    free(zone->account);
    zone->account = strdup(account);
    zone->mode = MODE_FLEXIBLE;
    struct host *host = NULL;
    assert_ok(zone_add_host(&host, zone, span_of(name), NULL), NULL);
    assert_ok(host_add_origin(host, span_of("192.0.2.1"), 80, 443, NULL), NULL);
    return zone;
}

void insert_zone(struct store *store, const char *name, char id[33])
{
    struct zone *zone = zone_of(name, "default");
    assert_ok(db_zone_insert(store->db, zone, &store->why), &store->why);
    memcpy(id, zone->id, 33);
    zone_free(zone);
}

void insert_zones(struct store *store, size_t count)
{
    assert_ok(db_begin(store->db, &store->why), &store->why);
    for (size_t i = 0; i < count; i++) {
        char name[40];
        char id[33];
        (void)snprintf(name, sizeof name, "site%05zu.example", i);
        insert_zone(store, name, id);
    }
    assert_ok(db_commit(store->db, &store->why), &store->why);
}

// Lent texts behind the pointers of an owner.
static char *literal(const char *text)
{
    union {
        const char *in;
        char *out;
    } both = {.in = text};
    return both.out;
}

struct db_scan scan_of(const char *zone_id)
{
    struct db_scan scan = {
        .scanned_at = 1800000000,
        .mode_current = MODE_FLEXIBLE,
        .mode_recommended = MODE_STRICT,
        .verdict = VERDICT_UPGRADE,
        .evidence = literal("{\"version\":1,\"hosts\":[]}"),
        .recommendation = literal("{\"verdict\":\"upgrade\"}"),
        .policy = literal("{\"margin_days\":14}"),
        .next_scan_at = 1802592000,
    };
    (void)snprintf(scan.zone_id, sizeof scan.zone_id, "%s", zone_id);
    return scan;
}

void scan_zone(struct store *store, const char *id, enum mode mode, size_t blockers,
               int64_t next_scan_at)
{
    struct db_lease lease = {0};
    assert_ok(db_claim_zone(store->db, "tests", 60, id, &lease, &store->why), &store->why);
    struct db_scan scan = scan_of(id);
    scan.mode_recommended = mode;
    scan.verdict = mode == MODE_NONE ? VERDICT_UNKNOWN : VERDICT_UPGRADE;
    scan.blocker_count = blockers;
    scan.next_scan_at = next_scan_at;
    assert_ok(db_scan_commit(store->db, &scan, lease.epoch, &store->why), &store->why);
    zone_free(lease.zone);
}
