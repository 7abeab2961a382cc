// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "core/limits.h"
#include "tests/contract/contract.h"

static void a_scan_becomes_the_current_one(void **state)
{
    struct store *store = *state;
    char id[33];
    insert_zone(store, "a.example", id);
    struct db_scan got = {0};
    assert_err(db_scan_current(store->db, id, &got, &store->why), ERR_NOT_FOUND);
    assert_non_null(strstr(store->why.text, "never scanned"));
    struct db_lease lease = {0};
    assert_ok(db_claim_zone(store->db, "a", 60, id, &lease, &store->why), &store->why);
    struct db_scan scan = scan_of(id);
    scan.blocker_count = 3;
    assert_ok(db_scan_commit(store->db, &scan, lease.epoch, &store->why), &store->why);
    zone_free(lease.zone);
    assert_ok(db_scan_current(store->db, id, &got, &store->why), &store->why);
    assert_true(got.id > 0);
    assert_string_equal(got.zone_id, id);
    assert_int_equal(got.scanned_at, scan.scanned_at);
    assert_int_equal(got.mode_current, MODE_FLEXIBLE);
    assert_int_equal(got.mode_recommended, MODE_STRICT);
    assert_int_equal(got.verdict, VERDICT_UPGRADE);
    assert_int_equal(got.blocker_count, 3);
    assert_string_equal(got.evidence, scan.evidence);
    assert_string_equal(got.recommendation, scan.recommendation);
    assert_string_equal(got.policy, scan.policy);
    assert_int_equal(got.next_scan_at, scan.next_scan_at);
    db_scan_done(&got);
    int64_t at = 0;
    assert_ok(db_next_scan(store->db, id, &at, &store->why), &store->why);
    assert_int_equal(at, scan.next_scan_at);
    int64_t due = -1;
    int64_t leased = -1;
    assert_ok(db_due_count(store->db, &due, &leased, &store->why), &store->why);
    assert_int_equal(leased, 0);
}

static void nothing_said_and_no_further_scan(void **state)
{
    struct store *store = *state;
    char id[33];
    insert_zone(store, "a.example", id);
    scan_zone(store, id, MODE_NONE, 1, 0);
    OWN(db_scan_done) struct db_scan got = {0};
    assert_ok(db_scan_current(store->db, id, &got, &store->why), &store->why);
    assert_int_equal(got.mode_recommended, MODE_NONE);
    assert_int_equal(got.verdict, VERDICT_UNKNOWN);
    assert_int_equal(got.next_scan_at, 0);
    int64_t at = -1;
    assert_ok(db_next_scan(store->db, id, &at, &store->why), &store->why);
    assert_int_equal(at, 0);
}

static void no_scan_without_a_lease(void **state)
{
    struct store *store = *state;
    char id[33];
    insert_zone(store, "a.example", id);
    struct db_scan scan = scan_of(id);
    assert_err(db_scan_commit(store->db, &scan, 0, &store->why), ERR_CONFLICT);
    struct db_lease lease = {0};
    assert_ok(db_claim_zone(store->db, "a", 60, id, &lease, &store->why), &store->why);
    assert_err(db_scan_commit(store->db, &scan, lease.epoch + 1, &store->why), ERR_CONFLICT);
    assert_ok(db_zone_remove(store->db, id, &store->why), &store->why);
    assert_err(db_scan_commit(store->db, &scan, lease.epoch, &store->why), ERR_CONFLICT);
    zone_free(lease.zone);
    struct db_scan got = {0};
    assert_err(db_scan_current(store->db, id, &got, &store->why), ERR_NOT_FOUND);
}

static void evidence_has_a_bound(void **state)
{
    struct store *store = *state;
    char id[33];
    insert_zone(store, "a.example", id);
    struct db_lease lease = {0};
    assert_ok(db_claim_zone(store->db, "a", 60, id, &lease, &store->why), &store->why);
    zone_free(lease.zone);
    size_t size = LIMIT_EVIDENCE + 1;
    char *large = malloc(size + 1);
    assert_non_null(large);
    memset(large, ' ', size);
    memcpy(large, "{}", 2);
    large[size] = '\0';
    struct db_scan scan = scan_of(id);
    scan.evidence = large;
    assert_err(db_scan_commit(store->db, &scan, lease.epoch, &store->why), ERR_LIMIT);
    large[size - 1] = '\0';
    assert_ok(db_scan_commit(store->db, &scan, lease.epoch, &store->why), &store->why);
    OWN(db_scan_done) struct db_scan got = {0};
    assert_ok(db_scan_current(store->db, id, &got, &store->why), &store->why);
    assert_string_equal(got.evidence, large);
    free(large);
}

struct history {
    int64_t at[16];
    size_t count;
};

static enum err add_scan(void *ctx, const struct db_scan *scan)
{
    struct history *history = ctx;
    assert_null(scan->evidence);
    assert_null(scan->recommendation);
    assert_null(scan->policy);
    history->at[history->count++] = scan->next_scan_at;
    return ERR_OK;
}

static void history_is_newest_first(void **state)
{
    struct store *store = *state;
    char id[33];
    char other[33];
    insert_zone(store, "a.example", id);
    insert_zone(store, "b.example", other);
    for (int64_t i = 1; i <= 5; i++) {
        scan_zone(store, id, MODE_STRICT, 0, i);
        scan_zone(store, other, MODE_STRICT, 0, 100 + i);
    }
    struct history history = {0};
    assert_ok(db_scan_history(store->db, id, 3, add_scan, &history, &store->why), &store->why);
    assert_int_equal(history.count, 3);
    assert_int_equal(history.at[0], 5);
    assert_int_equal(history.at[2], 3);
    assert_ok(db_scan_history(store->db, id, 0, add_scan, &history, &store->why), &store->why);
    assert_int_equal(history.count, 8);
    assert_int_equal(history.at[7], 1);
    assert_err(db_scan_history(store->db, "none", 0, add_scan, &history, &store->why),
               ERR_NOT_FOUND);
    OWN(db_scan_done) struct db_scan current = {0};
    assert_ok(db_scan_current(store->db, id, &current, &store->why), &store->why);
    assert_int_equal(current.next_scan_at, 5);
}

struct seen {
    size_t zones, scanned;
    bool evidence;
};

static enum err see(void *ctx, const struct zone *zone, const struct db_scan *scan)
{
    struct seen *seen = ctx;
    assert_int_equal(zone->host_count, 1);
    if (seen->zones++ == 0) {
        assert_string_equal(zone->name, "site00000.example");
    }
    if (scan != NULL) {
        seen->scanned++;
        assert_string_equal(scan->zone_id, zone->id);
        assert_non_null(scan->recommendation);
        assert_non_null(scan->policy);
        assert_int_equal(scan->evidence != NULL, seen->evidence);
    }
    return ERR_OK;
}

static void zones_with_their_recommendation(void **state)
{
    struct store *store = *state;
    insert_zones(store, 10);
    struct db_lease leases[4];
    size_t count = 0;
    assert_ok(db_claim(store->db, "a", 60, 4, leases, &count, &store->why), &store->why);
    for (size_t i = 0; i < count; i++) {
        struct db_scan scan = scan_of(leases[i].zone->id);
        assert_ok(db_scan_commit(store->db, &scan, leases[i].epoch, &store->why), &store->why);
        zone_free(leases[i].zone);
    }
    struct seen seen = {.evidence = true};
    assert_ok(db_recommendation_each(store->db, NULL, see, &seen, &store->why), &store->why);
    assert_int_equal(seen.zones, 10);
    assert_int_equal(seen.scanned, 4);
    struct db_filter filter = {
        .mode = MODE_NONE, .recommended = MODE_STRICT, .without_evidence = true};
    seen = (struct seen){0};
    assert_ok(db_recommendation_each(store->db, &filter, see, &seen, &store->why), &store->why);
    assert_int_equal(seen.zones, 4);
    assert_int_equal(seen.scanned, 4);
}

static void a_batch_in_one_transaction(void **state)
{
    struct store *store = *state;
    insert_zones(store, 50);
    struct db_lease leases[50];
    size_t count = 0;
    assert_ok(db_claim(store->db, "a", 60, 50, leases, &count, &store->why), &store->why);
    assert_int_equal(count, 50);
    assert_ok(db_begin(store->db, &store->why), &store->why);
    for (size_t i = 0; i < count; i++) {
        struct db_scan scan = scan_of(leases[i].zone->id);
        // One lost lease in the batch spoils nothing else.
        int64_t epoch = leases[i].epoch + (i == 7);
        enum err e = db_scan_commit(store->db, &scan, epoch, &store->why);
        assert_int_equal(e, i == 7 ? ERR_CONFLICT : ERR_OK);
        zone_free(leases[i].zone);
    }
    assert_ok(db_commit(store->db, &store->why), &store->why);
    struct seen seen = {.evidence = true};
    assert_ok(db_recommendation_each(store->db, NULL, see, &seen, &store->why), &store->why);
    assert_int_equal(seen.scanned, 49);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scan_becomes_the_current_one),
        cmocka_unit_test(nothing_said_and_no_further_scan),
        cmocka_unit_test(no_scan_without_a_lease),
        cmocka_unit_test(evidence_has_a_bound),
        cmocka_unit_test(history_is_newest_first),
        cmocka_unit_test(zones_with_their_recommendation),
        cmocka_unit_test(a_batch_in_one_transaction),
    };
    return contract_run("scans", tests, COUNT_OF(tests));
}
