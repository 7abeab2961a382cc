// SPDX-License-Identifier: Apache-2.0
// A store of each backend for each test, and the nouns to put into it.
#ifndef SSLAUTO_TESTS_CONTRACT_CONTRACT_H
#define SSLAUTO_TESTS_CONTRACT_CONTRACT_H

#include "db/backend.h"
#include "tests/support/check.h"

struct store;

// How to make, harm and remove a store of one kind. Functions fail the test by themselves.
struct store_backend {
    const char *name;
    // A fresh place: fills store->where; nothing is there yet.
    void (*make)(struct store *store);
    void (*remove)(struct store *store);
    // Runs SQL past the interface, with constraints off.
    void (*harm)(struct store *store, const char *sql);
};

struct store {
    const struct store_backend *backend;
    char dir[64];
    char where[128]; // for db_open
    struct db *db;   // open, DB_CREATE; tests may close it and set it to NULL
    struct why why;
};

// Runs the tests once for every backend; each gets a struct store * as its state.
int contract_run(const char *group, const struct CMUnitTest *tests, size_t count);

struct db *store_open(struct store *store, enum db_access access);
void store_harm(struct store *store, const char *sql);

// A zone with one host of the same name and the origin 192.0.2.1.
struct zone *zone_of(const char *name, const char *account);
// Inserts zone_of(name, "default"); its id in id.
void insert_zone(struct store *store, const char *name, char id[33]);
// Inserts count zones named site00000.example, ... in one transaction.
void insert_zones(struct store *store, size_t count);
// Claims the zone and commits a scan that recommends `mode`.
void scan_zone(struct store *store, const char *id, enum mode mode, size_t blockers,
               int64_t next_scan_at);
// Texts are literals: not for db_scan_done.
struct db_scan scan_of(const char *zone_id);

#endif
