// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "core/limits.h"
#include "tests/contract/contract.h"

static size_t claim(struct store *store, const char *owner, int64_t lease_s, size_t max,
                    struct db_lease *out)
{
    size_t count = 99;
    assert_ok(db_claim(store->db, owner, lease_s, max, out, &count, &store->why), &store->why);
    return count;
}

static void free_leases(struct db_lease *leases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        zone_free(leases[i].zone);
    }
}

static void assert_due(struct store *store, int64_t due, int64_t leased)
{
    int64_t due_now = -1;
    int64_t leased_now = -1;
    assert_ok(db_due_count(store->db, &due_now, &leased_now, &store->why), &store->why);
    assert_int_equal(due_now, due);
    assert_int_equal(leased_now, leased);
}

static void nobody_else_gets_what_is_leased(void **state)
{
    struct store *store = *state;
    insert_zones(store, 5);
    assert_due(store, 5, 0);
    struct db_lease a[4];
    struct db_lease b[4];
    size_t a_count = claim(store, "a", 60, 3, a);
    size_t b_count = claim(store, "b", 60, 4, b);
    assert_int_equal(a_count, 3);
    assert_int_equal(b_count, 2);
    assert_due(store, 0, 5);
    for (size_t i = 0; i < a_count; i++) {
        assert_int_equal(a[i].epoch, 1);
        assert_int_equal(a[i].zone->host_count, 1);
        for (size_t j = 0; j < b_count; j++) {
            assert_string_not_equal(a[i].zone->id, b[j].zone->id);
        }
    }
    assert_int_equal(claim(store, "c", 60, 4, NULL), 0);
    free_leases(a, a_count);
    free_leases(b, b_count);
}

static void the_oldest_come_first(void **state)
{
    struct store *store = *state;
    char ids[3][33];
    static const char *const names[] = {"c.example", "a.example", "b.example"};
    for (size_t i = 0; i < 3; i++) {
        insert_zone(store, names[i], ids[i]);
        db_clock_shift(store->db, 10);
    }
    struct db_lease leases[3];
    assert_int_equal(claim(store, "a", 60, 3, leases), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(leases[i].zone->id, ids[i]);
    }
    free_leases(leases, 3);
}

static void not_before_it_is_due(void **state)
{
    struct store *store = *state;
    char id[33];
    insert_zone(store, "later.example", id);
    int64_t now = 0;
    assert_ok(db_now(store->db, &now, &store->why), &store->why);
    scan_zone(store, id, MODE_STRICT, 0, now + 1000);
    struct db_lease lease = {0};
    assert_int_equal(claim(store, "a", 60, 1, &lease), 0);
    db_clock_shift(store->db, 1001);
    assert_int_equal(claim(store, "a", 60, 1, &lease), 1);
    zone_free(lease.zone);
}

static void a_lease_that_ran_out_goes_to_the_next(void **state)
{
    struct store *store = *state;
    char id[33];
    insert_zone(store, "slow.example", id);
    struct db_lease slow = {0};
    struct db_lease next = {0};
    assert_int_equal(claim(store, "slow", 60, 1, &slow), 1);
    db_clock_shift(store->db, 59);
    assert_int_equal(claim(store, "next", 60, 1, &next), 0);
    db_clock_shift(store->db, 2);
    assert_due(store, 1, 0);
    assert_int_equal(claim(store, "next", 60, 1, &next), 1);
    assert_int_equal(next.epoch, slow.epoch + 1);
    // The slow one comes back: too late for everything.
    struct db_scan scan = scan_of(id);
    assert_err(db_scan_commit(store->db, &scan, slow.epoch, &store->why), ERR_CONFLICT);
    assert_non_null(strstr(store->why.text, id));
    assert_err(db_lease_release(store->db, id, slow.epoch, 0, &store->why), ERR_CONFLICT);
    assert_ok(db_scan_commit(store->db, &scan, next.epoch, &store->why), &store->why);
    zone_free(slow.zone);
    zone_free(next.zone);
}

static void late_but_not_replaced_is_good(void **state)
{
    struct store *store = *state;
    char id[33];
    insert_zone(store, "late.example", id);
    struct db_lease lease = {0};
    assert_int_equal(claim(store, "late", 60, 1, &lease), 1);
    db_clock_shift(store->db, 600);
    struct db_scan scan = scan_of(id);
    assert_ok(db_scan_commit(store->db, &scan, lease.epoch, &store->why), &store->why);
    // Once only.
    assert_err(db_scan_commit(store->db, &scan, lease.epoch, &store->why), ERR_CONFLICT);
    zone_free(lease.zone);
}

static void a_renewal_extends_all_of_an_owner(void **state)
{
    struct store *store = *state;
    insert_zones(store, 3);
    struct db_lease leases[3];
    assert_int_equal(claim(store, "keen", 60, 2, leases), 2);
    assert_int_equal(claim(store, "lazy", 60, 1, &leases[2]), 1);
    db_clock_shift(store->db, 50);
    assert_ok(db_lease_renew(store->db, "keen", 60, &store->why), &store->why);
    db_clock_shift(store->db, 50);
    assert_due(store, 1, 2);
    free_leases(leases, 3);
}

static void a_release_leaves_it_as_due_as_it_was(void **state)
{
    struct store *store = *state;
    char id[33];
    insert_zone(store, "back.example", id);
    int64_t before = 0;
    int64_t after = 0;
    assert_ok(db_next_scan(store->db, id, &before, &store->why), &store->why);
    struct db_lease lease = {0};
    assert_int_equal(claim(store, "a", 60, 1, &lease), 1);
    assert_ok(db_lease_release(store->db, id, lease.epoch, 0, &store->why), &store->why);
    assert_ok(db_next_scan(store->db, id, &after, &store->why), &store->why);
    assert_int_equal(before, after);
    assert_err(db_lease_release(store->db, id, lease.epoch, 0, &store->why), ERR_CONFLICT);
    zone_free(lease.zone);
    assert_int_equal(claim(store, "b", 60, 1, &lease), 1);
    assert_int_equal(lease.epoch, 2);
    zone_free(lease.zone);
}

static void given_back_for_later(void **state)
{
    struct store *store = *state;
    char id[33];
    int64_t now = 0;
    int64_t next = 0;
    insert_zone(store, "later.example", id);
    assert_ok(db_now(store->db, &now, &store->why), &store->why);
    struct db_lease lease = {0};
    assert_int_equal(claim(store, "a", 60, 1, &lease), 1);
    assert_ok(db_lease_release(store->db, id, lease.epoch, now + 500, &store->why), &store->why);
    zone_free(lease.zone);
    assert_ok(db_next_scan(store->db, id, &next, &store->why), &store->why);
    assert_int_equal(next, now + 500);
    assert_int_equal(claim(store, "b", 60, 1, &lease), 0);
    db_clock_shift(store->db, 501);
    assert_int_equal(claim(store, "b", 60, 1, &lease), 1);
    // Who asks for a scan meanwhile need not wait.
    assert_ok(db_scan_request(store->db, id, NULL, &store->why), &store->why);
    assert_ok(db_lease_release(store->db, id, lease.epoch, now + 99999, &store->why), &store->why);
    zone_free(lease.zone);
    assert_int_equal(claim(store, "c", 60, 1, &lease), 1);
    // A zone set to custom is looked at once, whatever came of it.
    lease.zone->automatic = AUTOMATIC_CUSTOM;
    assert_ok(db_zone_update(store->db, lease.zone, &store->why), &store->why);
    zone_free(lease.zone);
    assert_ok(db_scan_request(store->db, id, NULL, &store->why), &store->why);
    assert_int_equal(claim(store, "d", 60, 1, &lease), 1);
    assert_ok(db_lease_release(store->db, id, lease.epoch, now + 99999, &store->why), &store->why);
    zone_free(lease.zone);
    assert_ok(db_next_scan(store->db, id, &next, &store->why), &store->why);
    assert_int_equal(next, 0);
}

static void one_zone_by_its_id(void **state)
{
    struct store *store = *state;
    char id[33];
    insert_zone(store, "one.example", id);
    scan_zone(store, id, MODE_STRICT, 0, 0); // not due any more
    struct db_lease lease = {0};
    struct db_lease second = {0};
    assert_ok(db_claim_zone(store->db, "worker-7", 60, id, &lease, &store->why), &store->why);
    assert_string_equal(lease.zone->id, id);
    assert_err(db_claim_zone(store->db, "b", 60, id, &second, &store->why), ERR_BUSY);
    assert_non_null(strstr(store->why.text, "worker-7"));
    assert_null(second.zone);
    zone_free(lease.zone);
    db_clock_shift(store->db, 61);
    assert_ok(db_claim_zone(store->db, "b", 60, id, &lease, &store->why), &store->why);
    zone_free(lease.zone);
    // Its worker dies: whoever looks next does its work.
    assert_due(store, 0, 1);
    db_clock_shift(store->db, 61);
    assert_due(store, 1, 0);
    assert_err(
        db_claim_zone(store->db, "b", 60, "0123456789abcdef0123456789abcdef", &lease, &store->why),
        ERR_NOT_FOUND);
}

struct owners {
    char text[256];
};

static enum err add_owner(void *ctx, const char *owner)
{
    struct owners *owners = ctx;
    size_t used = strlen(owners->text);
    (void)snprintf(owners->text + used, sizeof owners->text - used, "%s ", owner);
    return ERR_OK;
}

static void owners_can_be_seen_and_dropped(void **state)
{
    struct store *store = *state;
    insert_zones(store, 6);
    struct db_lease leases[6];
    assert_int_equal(claim(store, "dead", 60, 2, leases), 2);
    assert_int_equal(claim(store, "alive", 600, 2, leases + 2), 2);
    assert_int_equal(claim(store, "dead", 60, 1, leases + 4), 1);
    struct owners owners = {0};
    assert_ok(db_lease_owners(store->db, add_owner, &owners, &store->why), &store->why);
    assert_string_equal(owners.text, "alive dead ");
    int64_t count = -1;
    assert_ok(db_lease_drop_owner(store->db, "dead", &count, &store->why), &store->why);
    assert_int_equal(count, 3);
    assert_due(store, 4, 2);
    struct db_scan scan = scan_of(leases[0].zone->id);
    assert_err(db_scan_commit(store->db, &scan, leases[0].epoch, &store->why), ERR_CONFLICT);
    assert_ok(db_lease_drop_owner(store->db, "dead", &count, &store->why), &store->why);
    assert_int_equal(count, 0);
    db_clock_shift(store->db, 601);
    owners = (struct owners){0};
    assert_ok(db_lease_owners(store->db, add_owner, &owners, &store->why), &store->why);
    assert_string_equal(owners.text, "");
    free_leases(leases, 5);
}

static void a_request_makes_due(void **state)
{
    struct store *store = *state;
    char id[33];
    char custom_id[33];
    OWN(zone_own) struct zone *custom = zone_of("custom.example", "default");
    custom->automatic = AUTOMATIC_CUSTOM;
    memcpy(custom_id, custom->id, sizeof custom_id);
    assert_ok(db_zone_insert(store->db, custom, &store->why), &store->why);
    insert_zones(store, 3);
    insert_zone(store, "z.example", id);
    scan_zone(store, id, MODE_STRICT, 0, 0);
    assert_due(store, 3, 0);
    int64_t changed = -1;
    assert_ok(db_scan_request(store->db, NULL, &changed, &store->why), &store->why);
    assert_int_equal(changed, 1);
    assert_due(store, 4, 0);
    // A custom zone only when it is named.
    assert_ok(db_scan_request(store->db, custom_id, &changed, &store->why), &store->why);
    assert_int_equal(changed, 1);
    assert_due(store, 5, 0);
    assert_ok(db_scan_request(store->db, custom_id, &changed, &store->why), &store->why);
    assert_int_equal(changed, 0);
    scan_zone(store, custom_id, MODE_STRICT, 0, 4000000000);
    assert_due(store, 4, 0);
    int64_t at = -1;
    assert_ok(db_next_scan(store->db, custom_id, &at, &store->why), &store->why);
    assert_int_equal(at, 0);
    assert_err(
        db_scan_request(store->db, "0123456789abcdef0123456789abcdef", &changed, &store->why),
        ERR_NOT_FOUND);
}

static void a_request_during_the_work_is_not_lost(void **state)
{
    struct store *store = *state;
    char id[33];
    insert_zone(store, "again.example", id);
    struct db_lease lease = {0};
    assert_int_equal(claim(store, "a", 60, 1, &lease), 1);
    int64_t changed = 0;
    assert_ok(db_scan_request(store->db, id, &changed, &store->why), &store->why);
    assert_int_equal(changed, 1);
    assert_due(store, 0, 1);
    struct db_scan scan = scan_of(id);
    assert_ok(db_scan_commit(store->db, &scan, lease.epoch, &store->why), &store->why);
    zone_free(lease.zone);
    assert_int_equal(claim(store, "a", 60, 1, &lease), 1);
    assert_ok(db_scan_commit(store->db, &scan, lease.epoch, &store->why), &store->why);
    zone_free(lease.zone);
    assert_due(store, 0, 0);
}

static void leases_have_bounds(void **state)
{
    struct store *store = *state;
    insert_zones(store, 1);
    struct db_lease lease = {0};
    size_t count = 0;
    assert_err(db_claim(store->db, "a", 0, 1, &lease, &count, &store->why), ERR_LIMIT);
    assert_err(db_claim(store->db, "a", LIMIT_LEASE_S + 1, 1, &lease, &count, &store->why),
               ERR_LIMIT);
    assert_err(db_claim(store->db, "", 60, 1, &lease, &count, &store->why), ERR_INVALID);
    assert_err(db_lease_renew(store->db, "a", -1, &store->why), ERR_LIMIT);
    assert_due(store, 1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_else_gets_what_is_leased),
        cmocka_unit_test(the_oldest_come_first),
        cmocka_unit_test(not_before_it_is_due),
        cmocka_unit_test(a_lease_that_ran_out_goes_to_the_next),
        cmocka_unit_test(late_but_not_replaced_is_good),
        cmocka_unit_test(a_renewal_extends_all_of_an_owner),
        cmocka_unit_test(a_release_leaves_it_as_due_as_it_was),
        cmocka_unit_test(given_back_for_later),
        cmocka_unit_test(one_zone_by_its_id),
        cmocka_unit_test(owners_can_be_seen_and_dropped),
        cmocka_unit_test(a_request_makes_due),
        cmocka_unit_test(a_request_during_the_work_is_not_lost),
        cmocka_unit_test(leases_have_bounds),
    };
    return contract_run("leases", tests, COUNT_OF(tests));
}
