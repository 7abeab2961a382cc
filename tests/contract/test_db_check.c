// SPDX-License-Identifier: Apache-2.0
// db_check says nothing about a sound store, and something about every kind of damage.
#include <stdio.h>

#include "tests/contract/rollouts.h"

struct complaints {
    char text[4096];
    size_t count;
};

static void add(void *ctx, const char *complaint)
{
    struct complaints *complaints = ctx;
    size_t used = strlen(complaints->text);
    (void)snprintf(complaints->text + used, sizeof complaints->text - used, "%s\n", complaint);
    complaints->count++;
}

// A zone scanned twice, one in work, one never scanned, one custom; the first with a rollout that
// went back and one in work, the second with one that nobody has claimed.
static void fill(struct store *store)
{
    char id[33];
    insert_zone(store, "scanned.example", id);
    scan_zone(store, id, MODE_STRICT, 0, 4000000000);
    scan_zone(store, id, MODE_STRICT, 0, 4000000000);
    start_rollout(store, id, ROLLOUT_RAMPING, 2);
    move(store, id, ROLLOUT_COOLDOWN, ROLLOUT_REASON_TLS);
    struct rollout rollout = rollout_of(id, 2);
    rollout.tick_at = 1;
    struct rollout_event entered = event_of(ROLLOUT_RAMPING, ROLLOUT_REASON_NONE);
    assert_ok(db_rollout_insert(store->db, &rollout, &entered, &store->why), &store->why);
    size_t claimed = 0;
    assert_ok(db_rollout_claim(store->db, "controller", 20, 1, &rollout, &claimed, &store->why),
              &store->why);
    assert_int_equal(claimed, 1);
    insert_zone(store, "working.example", id);
    start_rollout(store, id, ROLLOUT_FINALISING, 3);
    struct db_lease lease = {0};
    assert_ok(db_claim_zone(store->db, "worker", 60, id, &lease, &store->why), &store->why);
    zone_free(lease.zone);
    insert_zone(store, "new.example", id);
    OWN(zone_own) struct zone *custom = zone_of("custom.example", "default");
    custom->automatic = AUTOMATIC_CUSTOM;
    assert_ok(db_zone_insert(store->db, custom, &store->why), &store->why);
    struct db_event event = {.zone_id = id, .actor = "test", .kind = "k", .detail = "d"};
    assert_ok(db_event_add(store->db, &event, &store->why), &store->why);
}

static void a_sound_store_is_clean(void **state)
{
    struct store *store = *state;
    struct complaints complaints = {0};
    assert_ok(db_check(store->db, add, &complaints, &store->why), &store->why);
    fill(store);
    assert_ok(db_check(store->db, add, &complaints, &store->why), &store->why);
    assert_int_equal(complaints.count, 0);
    struct db *reader = store_open(store, DB_READ);
    assert_ok(db_check(reader, add, &complaints, &store->why), &store->why);
    db_close(reader);
}

static const struct {
    const char *sql;
    const char *complaint; // some of its words
} damages[] = {
    {"UPDATE zones SET current_scan_id = NULL WHERE name = 'scanned.example'", "current scan"},
    {"UPDATE zones SET current_scan_id = (SELECT min(scan_id) FROM scans)"
     " WHERE name = 'scanned.example'",
     "current scan"},
    {"UPDATE zones SET current_scan_id = 77 WHERE name = 'new.example'", "current scan"},
    {"DELETE FROM zones WHERE name = 'scanned.example'", "missing row of zones"},
    {"UPDATE scans SET evidence = '{\"cut' WHERE scan_id = 1", "evidence"},
    {"UPDATE scans SET evidence = '[]' WHERE scan_id = 1", "evidence"},
    {"UPDATE scans SET recommendation = '' WHERE scan_id = 1", "recommendation"},
    {"UPDATE scans SET policy = 'x'", "policy"},
    {"UPDATE zones SET trust_sets = '{}' WHERE name = 'new.example'", "trust sets"},
    {"UPDATE hosts SET probe_paths = 'nonsense'", "names or paths"},
    {"UPDATE zones SET mode = 'fastest' WHERE name = 'new.example'", "file"},
    {"UPDATE zones SET id = upper(id) WHERE name = 'new.example'", "id of a zone"},
    {"UPDATE zones SET lease_owner = NULL WHERE name = 'working.example'", "half"},
    {"UPDATE zones SET lease_epoch = 0 WHERE name = 'working.example'", "half"},
    {"UPDATE zones SET lease_expires_at = 9000000000 WHERE name = 'working.example'", "too late"},
    {"UPDATE zones SET next_scan_at = NULL WHERE name = 'new.example'", "never"},
    {"DELETE FROM hosts WHERE name = 'new.example'", "without a host"},
    {"INSERT INTO hosts SELECT zone_key, 9, name, NULL, NULL, 1.0, '[]', '[]' FROM hosts"
     " WHERE name = 'new.example'",
     "host twice"},
    {"DROP INDEX zones_due", "missing"},
    {"CREATE TRIGGER planted AFTER INSERT ON events BEGIN DELETE FROM zones; END", "more tables"},
    {"ALTER TABLE events ADD COLUMN extra TEXT", "not that of this version"},
    {"UPDATE hosts SET weight = -1.0 WHERE name = 'new.example'", "file"},
    {"UPDATE rollouts SET newest = 0 WHERE generation = 2", "newest rollout"},
    {"UPDATE rollouts SET newest = 0 WHERE generation = 2;"
     "UPDATE rollouts SET newest = 1 WHERE state = 'cooldown'",
     "newest rollout"},
    {"UPDATE rollouts SET newest = 0 WHERE generation = 2", "work left in"},
    {"UPDATE rollouts SET tick_at = NULL WHERE generation = 2", "nobody will ever"},
    {"UPDATE rollouts SET account = 'another'", "another account"},
    {"UPDATE rollouts SET claimed_by = NULL", "half"},
    {"UPDATE rollouts SET claimed_until = 9000000000 WHERE claimed_by IS NOT NULL", "too late"},
    {"UPDATE rollout_events SET version = 3 WHERE version = 2", "behind its version"},
    {"UPDATE rollout_events SET generation = 7 WHERE generation = 2", "not there"},
    {"DELETE FROM rollout_stop", "stopped"},
    {"INSERT INTO members VALUES ('a', 'nobody', '', 'administrator', 1)", "none"},
    {"INSERT INTO letters VALUES (1, 'l', 'a', 0, 1, '', ''); INSERT INTO dispatches VALUES"
     " (1, 'l', 'mail', 'a@b', 'waiting', 0, 1, 1, NULL, NULL, '')",
     "has no text"},
    {"UPDATE rollouts SET numbers = '[[],[],[],[]]'", "cannot be read"},
    {"UPDATE rollouts SET steps = '[100]'", "cannot be read"},
    {"UPDATE rollouts SET reason = 'mood'", "cannot be read"},
    {"UPDATE rollouts SET mode_to = 'flexible'", "not stronger"},
    {"UPDATE rollouts SET step = 3", "plan's last"},
    {"UPDATE rollouts SET share_bp = 100 WHERE state = 'cooldown'", "in a state that has none"},
    {"UPDATE rollouts SET share_bp = 200 WHERE state = 'ramping'", "not one of its plan"},
    {"UPDATE rollouts SET share_bp = 100 WHERE state = 'finalising'", "without all visitors"},
    {"UPDATE rollouts SET state = 'lost' WHERE generation = 2", "file"},
    {"DROP INDEX rollouts_active", "missing"},
};

static void every_kind_of_damage_is_found(void **state)
{
    struct store *store = *state;
    for (size_t i = 0; i < COUNT_OF(damages); i++) {
        db_close(store->db);
        store->backend->remove(store);
        store->backend->make(store);
        store->db = store_open(store, DB_CREATE);
        fill(store);
        store_harm(store, damages[i].sql);
        struct complaints complaints = {0};
        enum err e = db_check(store->db, add, &complaints, &store->why);
        if (e != ERR_CORRUPT || strstr(complaints.text, damages[i].complaint) == NULL) {
            fail_msg("%s: %s: %s", damages[i].sql, why_text(&store->why, e), complaints.text);
        }
        assert_non_null(strstr(store->why.text, "sslauto db backup"));
    }
}

static void a_long_list_is_cut(void **state)
{
    struct store *store = *state;
    insert_zones(store, 100);
    store_harm(store, "UPDATE zones SET trust_sets = 'x'");
    struct complaints complaints = {0};
    assert_err(db_check(store->db, add, &complaints, &store->why), ERR_CORRUPT);
    assert_in_range(complaints.count, 10, 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_store_is_clean),
        cmocka_unit_test(every_kind_of_damage_is_found),
        cmocka_unit_test(a_long_list_is_cut),
    };
    return contract_run("check", tests, COUNT_OF(tests));
}
