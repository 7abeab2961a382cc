// SPDX-License-Identifier: Apache-2.0
// Rollouts: one writer wins, row and history go together, what is due is claimed once.
#include <stdio.h>
#include <stdlib.h>

#include "core/buf.h"
#include "tests/contract/rollouts.h"

static void assert_same_counts(const struct rollout_counts *a, const struct rollout_counts *b)
{
    assert_memory_equal(a, b, sizeof *a);
}

static void assert_same(const struct rollout *a, const struct rollout *b)
{
    assert_string_equal(a->zone_id, b->zone_id);
    assert_string_equal(a->origin_net, b->origin_net);
    assert_int_equal(a->generation, b->generation);
    assert_int_equal(a->from, b->from);
    assert_int_equal(a->to, b->to);
    assert_int_equal(a->step_count, b->step_count);
    assert_memory_equal(a->steps_bp, b->steps_bp, a->step_count * sizeof a->steps_bp[0]);
    assert_int_equal(a->step, b->step);
    assert_int_equal(a->share_bp, b->share_bp);
    assert_int_equal(a->applied_bp, b->applied_bp);
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->reason, b->reason);
    assert_int_equal(a->paused, b->paused);
    assert_int_equal(a->failed_before, b->failed_before);
    assert_int_equal(a->started_at, b->started_at);
    assert_int_equal(a->state_at, b->state_at);
    assert_int_equal(a->step_at, b->step_at);
    assert_int_equal(a->tick_at, b->tick_at);
    assert_int_equal(a->seen_at, b->seen_at);
    assert_int_equal(a->cooldown_until, b->cooldown_until);
    assert_int_equal(a->lost_ticks, b->lost_ticks);
    assert_same_counts(&a->step_counts, &b->step_counts);
    assert_same_counts(&a->counts, &b->counts);
    assert_memory_equal(&a->tests, &b->tests, sizeof a->tests);
    assert_int_equal(a->cursor_count, b->cursor_count);
    for (size_t i = 0; i < a->cursor_count; i++) {
        assert_string_equal(a->cursors[i].process, b->cursors[i].process);
        assert_int_equal(a->cursors[i].epoch, b->cursors[i].epoch);
        assert_same_counts(&a->cursors[i].seen, &b->cursors[i].seen);
    }
    assert_int_equal(a->version, b->version);
}

// Every field of it says something.
static struct rollout full_of(const char *zone_id)
{
    struct rollout rollout = rollout_of(zone_id, 1);
    rollout.step = 1;
    rollout.share_bp = 1000;
    rollout.applied_bp = 100;
    rollout.state = ROLLOUT_HOLDING;
    rollout.reason = ROLLOUT_REASON_FEW_REQUESTS;
    rollout.paused = true;
    rollout.failed_before = 3;
    rollout.state_at = T0 + 2;
    rollout.step_at = T0 + 3;
    rollout.seen_at = T0 + 4;
    rollout.cooldown_until = T0 + 5;
    rollout.lost_ticks = 2;
    rollout.step_counts.of[COHORT_PROBE_NEW] = (struct cohort_counts){1, 2, 3, 4, 5, 6, 7};
    rollout.counts.of[COHORT_OLD] = (struct cohort_counts){UINT64_MAX, 0, 0, 0, 0, 0, 9};
    rollout.tests.hard_llr = -1.0 / 3;
    rollout.tests.server_errors[4] = 5e-324;
    rollout.tests.redirects[0] = 6.907755278982137;
    rollout.tests.hard_failures = 11;
    rollout.cursor_count = 2;
    rollout.cursors[0] =
        (struct edge_cursor){.process = "edge \"1\"", .epoch = 7, .seen = rollout.counts};
    rollout.cursors[1] = (struct edge_cursor){.process = "p2", .epoch = -1};
    return rollout;
}

static void what_goes_in_comes_back(void **state)
{
    struct store *store = *state;
    char id[33];
    insert_zone(store, "a.example", id);
    struct rollout in = full_of(id);
    assert_ok(db_rollout_insert(store->db, &in, NULL, &store->why), &store->why);
    assert_int_equal(in.version, 1);
    struct rollout out;
    assert_ok(db_rollout_get(store->db, id, &out, &store->why), &store->why);
    assert_same(&in, &out);
    // It survives the process, and an update of every field that may change.
    db_close(store->db);
    store->db = store_open(store, DB_WRITE);
    in = rollout_of(id, 1);
    in.version = 1;
    (void)snprintf(in.origin_net, sizeof in.origin_net, "2001:db8::/48");
    assert_err(db_rollout_update(store->db, &in, NULL, &store->why), ERR_CONFLICT); // its state
    struct rollout_event event = event_of(ROLLOUT_RAMPING, ROLLOUT_REASON_NONE);
    assert_ok(db_rollout_update(store->db, &in, &event, &store->why), &store->why);
    assert_int_equal(in.version, 2);
    assert_ok(db_rollout_get(store->db, id, &out, &store->why), &store->why);
    assert_same(&in, &out);
    struct rollout full = full_of(id);
    full.version = 2;
    full.state = ROLLOUT_RAMPING;
    assert_ok(db_rollout_update(store->db, &full, NULL, &store->why), &store->why);
    memcpy(full.origin_net, in.origin_net, sizeof full.origin_net); // as it was
    assert_ok(db_rollout_get(store->db, id, &out, &store->why), &store->why);
    assert_same(&full, &out);
}

static void a_zone_has_one_active_attempt(void **state)
{
    struct store *store = *state;
    char id[33];
    insert_zone(store, "a.example", id);
    struct rollout first = rollout_of(id, 1);
    struct rollout out;
    assert_err(db_rollout_get(store->db, id, &out, &store->why), ERR_NOT_FOUND);
    assert_ok(db_rollout_insert(store->db, &first, NULL, &store->why), &store->why);
    struct rollout second = rollout_of(id, 2);
    assert_err(db_rollout_insert(store->db, &second, NULL, &store->why), ERR_EXISTS);
    assert_non_null(strstr(store->why.text, "under way"));
    first.state = ROLLOUT_COOLDOWN;
    struct rollout_event event = event_of(ROLLOUT_COOLDOWN, ROLLOUT_REASON_TLS);
    assert_ok(db_rollout_update(store->db, &first, &event, &store->why), &store->why);
    struct rollout again = rollout_of(id, 1);
    assert_err(db_rollout_insert(store->db, &again, NULL, &store->why), ERR_EXISTS);
    assert_ok(db_rollout_insert(store->db, &second, NULL, &store->why), &store->why);
    assert_ok(db_rollout_get(store->db, id, &out, &store->why), &store->why);
    assert_int_equal(out.generation, 2);
    // What is over cannot be written any more.
    assert_err(db_rollout_update(store->db, &first, NULL, &store->why), ERR_CONFLICT);
    // A zone that is not there has none.
    struct rollout nowhere = rollout_of("00000000000000000000000000000000", 1);
    assert_err(db_rollout_insert(store->db, &nowhere, NULL, &store->why), ERR_NOT_FOUND);
}

static void of_two_writers_one_wins(void **state)
{
    struct store *store = *state;
    char id[33];
    insert_zone(store, "a.example", id);
    start_rollout(store, id, ROLLOUT_RAMPING, T0);
    struct rollout mine;
    struct rollout theirs;
    assert_ok(db_rollout_get(store->db, id, &mine, &store->why), &store->why);
    assert_ok(db_rollout_get(store->db, id, &theirs, &store->why), &store->why);
    struct rollout_event event = event_of(ROLLOUT_ROLLED_BACK, ROLLOUT_REASON_TLS);
    theirs.state = ROLLOUT_ROLLED_BACK;
    theirs.share_bp = 0;
    assert_ok(db_rollout_update(store->db, &theirs, &event, &store->why), &store->why);
    mine.share_bp = 1000;
    event = event_of(ROLLOUT_RAMPING, ROLLOUT_REASON_NONE);
    assert_err(db_rollout_update(store->db, &mine, &event, &store->why), ERR_CONFLICT);
    assert_int_equal(mine.version, 1); // as it was
    assert_ok(db_rollout_get(store->db, id, &mine, &store->why), &store->why);
    assert_same(&theirs, &mine);
    assert_int_equal(count_events(store, id, 0), 2);
}

static void row_and_event_both_or_neither(void **state)
{
    struct store *store = *state;
    char id[33];
    insert_zone(store, "a.example", id);
    struct rollout rollout = rollout_of(id, 1);
    struct rollout_event broken = event_of(ROLLOUT_RAMPING, ROLLOUT_REASON_NONE);
    broken.detail = NULL; // the store refuses it
    assert_int_not_equal(db_rollout_insert(store->db, &rollout, &broken, &store->why), ERR_OK);
    struct rollout out;
    assert_err(db_rollout_get(store->db, id, &out, &store->why), ERR_NOT_FOUND);
    start_rollout(store, id, ROLLOUT_RAMPING, T0);
    assert_ok(db_rollout_get(store->db, id, &rollout, &store->why), &store->why);
    rollout.share_bp = 1000;
    assert_int_not_equal(db_rollout_update(store->db, &rollout, &broken, &store->why), ERR_OK);
    assert_int_equal(rollout.version, 1);
    assert_ok(db_rollout_get(store->db, id, &out, &store->why), &store->why);
    assert_int_equal(out.share_bp, 100);
    assert_int_equal(count_events(store, id, 0), 1);
    // The same within a transaction of the caller, which goes on.
    assert_ok(db_begin(store->db, &store->why), &store->why);
    assert_int_not_equal(db_rollout_update(store->db, &rollout, &broken, &store->why), ERR_OK);
    struct rollout_event event = event_of(ROLLOUT_RAMPING, ROLLOUT_REASON_NONE);
    assert_ok(db_rollout_update(store->db, &rollout, &event, &store->why), &store->why);
    assert_ok(db_commit(store->db, &store->why), &store->why);
    assert_ok(db_rollout_get(store->db, id, &out, &store->why), &store->why);
    assert_int_equal(out.share_bp, 1000);
    assert_int_equal(out.version, 2);
    assert_int_equal(count_events(store, id, 0), 2);
}

static void numbers_that_cannot_be_stored(void **state)
{
    struct store *store = *state;
    char id[33];
    insert_zone(store, "a.example", id);
    struct rollout rollout = rollout_of(id, 1);
    rollout.step_count = 0;
    assert_err(db_rollout_insert(store->db, &rollout, NULL, &store->why), ERR_INVALID);
    rollout = rollout_of(id, 1);
    rollout.tests.hard_llr = 1e308 * 10;
    assert_err(db_rollout_insert(store->db, &rollout, NULL, &store->why), ERR_INVALID);
    assert_non_null(strstr(store->why.text, id));
}

static enum err add_version(void *ctx, const struct rollout_event *event)
{
    struct buf *b = ctx;
    return buf_printf(b, "%lld.%lld:%s:%s:%d:%s:%s ", (long long)event->generation,
                      (long long)event->version, rollout_state_str(event->state),
                      rollout_reason_str(event->reason), event->share_bp, event->actor,
                      event->detail);
}

static const char *events_text(struct store *store, struct buf *b, const char *zone_id,
                               int64_t generation, size_t limit)
{
    buf_clear(b);
    assert_ok(db_rollout_events(store->db, zone_id, generation, limit, add_version, b, &store->why),
              &store->why);
    return buf_str(b);
}

static void the_history_in_order(void **state)
{
    struct store *store = *state;
    char id[33];
    char other[33];
    insert_zone(store, "a.example", id);
    insert_zone(store, "b.example", other);
    db_clock_set(store->db, T0);
    struct rollout rollout = rollout_of(id, 1);
    struct rollout_event event = event_of(ROLLOUT_ELIGIBLE, ROLLOUT_REASON_UNCONFIRMED);
    assert_ok(db_rollout_insert(store->db, &rollout, &event, &store->why), &store->why);
    start_rollout(store, other, ROLLOUT_RAMPING, T0);
    assert_ok(db_rollout_update(store->db, &rollout, NULL, &store->why), &store->why); // counters
    event = event_of(ROLLOUT_ROLLED_BACK, ROLLOUT_REASON_TLS);
    event.share_bp = 0;
    event.actor = "cli:root";
    event.detail = "3 of 41 handshakes failed";
    rollout.state = ROLLOUT_COOLDOWN;
    assert_ok(db_rollout_update(store->db, &rollout, &event, &store->why), &store->why);
    struct rollout next = rollout_of(id, 2);
    event = event_of(ROLLOUT_ELIGIBLE, ROLLOUT_REASON_NONE);
    assert_ok(db_rollout_insert(store->db, &next, &event, &store->why), &store->why);

    OWN(buf_done) struct buf b = {.max = 4096};
    assert_string_equal(events_text(store, &b, id, 0, 0),
                        "2.1:eligible:none:100:controller:test "
                        "1.3:rolled_back:tls:0:cli:root:3 of 41 handshakes failed "
                        "1.1:eligible:unconfirmed:100:controller:test ");
    assert_string_equal(events_text(store, &b, id, 2, 0), "2.1:eligible:none:100:controller:test ");
    assert_string_equal(events_text(store, &b, id, 0, 1), "2.1:eligible:none:100:controller:test ");
    assert_string_equal(events_text(store, &b, id, 3, 0), "");
    assert_string_equal(events_text(store, &b, NULL, 2, 0),
                        "2.1:eligible:none:100:controller:test ");
    assert_int_equal(count_events(store, NULL, 0), 4);
}

static void a_zone_goes_its_history_stays(void **state)
{
    struct store *store = *state;
    OWN(zone_own) struct zone *zone = zone_of("a.example", "default");
    assert_ok(db_zone_insert(store->db, zone, &store->why), &store->why);
    start_rollout(store, zone->id, ROLLOUT_RAMPING, T0);
    struct rollout old;
    assert_ok(db_rollout_get(store->db, zone->id, &old, &store->why), &store->why);
    assert_ok(db_zone_remove(store->db, zone->id, &store->why), &store->why);
    struct rollout out;
    assert_err(db_rollout_get(store->db, zone->id, &out, &store->why), ERR_NOT_FOUND);
    assert_err(db_rollout_update(store->db, &old, NULL, &store->why), ERR_CONFLICT);
    int64_t count = -1;
    assert_ok(db_rollout_count(store->db, NULL, &count, &store->why), &store->why);
    assert_int_equal(count, 0);
    assert_int_equal(count_events(store, zone->id, 0), 1);
    // Again under its id: a generation that the edge has never seen.
    assert_ok(db_zone_insert(store->db, zone, &store->why), &store->why);
    struct rollout again = rollout_of(zone->id, 1);
    struct rollout_event event = event_of(ROLLOUT_ELIGIBLE, ROLLOUT_REASON_NONE);
    assert_ok(db_rollout_insert(store->db, &again, &event, &store->why), &store->why);
    assert_int_equal(again.generation, 2);
    assert_ok(db_rollout_get(store->db, zone->id, &out, &store->why), &store->why);
    assert_int_equal(out.generation, 2);
    assert_int_equal(count_events(store, zone->id, 0), 2);
    assert_ok(db_check(store->db, no_complaint, NULL, &store->why), &store->why);
}

static void aborts_are_counted_by_reason(void **state)
{
    struct store *store = *state;
    int64_t aborts[ROLLOUT_REASON_COUNT];
    memset(aborts, 0x5a, sizeof aborts);
    assert_ok(db_rollout_aborts(store->db, aborts, &store->why), &store->why);
    for (size_t i = 0; i < ROLLOUT_REASON_COUNT; i++) {
        assert_int_equal(aborts[i], 0);
    }
    static const enum rollout_reason reasons[] = {ROLLOUT_REASON_TLS, ROLLOUT_REASON_TLS,
                                                  ROLLOUT_REASON_OPERATOR};
    for (size_t i = 0; i < COUNT_OF(reasons); i++) {
        char name[32];
        char id[33];
        (void)snprintf(name, sizeof name, "z%zu.example", i);
        insert_zone(store, name, id);
        start_rollout(store, id, ROLLOUT_RAMPING, T0);
        move(store, id, ROLLOUT_ROLLED_BACK, reasons[i]);
        move(store, id, ROLLOUT_ROLLED_BACK, ROLLOUT_REASON_EDGE_BUSY); // not once more
        move(store, id, ROLLOUT_COOLDOWN, reasons[i]);
        if (i == 0) { // the zone's next attempt
            struct rollout next = rollout_of(id, 2);
            struct rollout_event event = event_of(ROLLOUT_RAMPING, ROLLOUT_REASON_NONE);
            assert_ok(db_rollout_insert(store->db, &next, &event, &store->why), &store->why);
            move(store, id, ROLLOUT_ROLLED_BACK, ROLLOUT_REASON_CONNECT);
        }
    }
    assert_ok(db_rollout_aborts(store->db, aborts, &store->why), &store->why);
    assert_int_equal(aborts[ROLLOUT_REASON_TLS], 2);
    assert_int_equal(aborts[ROLLOUT_REASON_OPERATOR], 1);
    assert_int_equal(aborts[ROLLOUT_REASON_CONNECT], 1);
    assert_int_equal(aborts[ROLLOUT_REASON_EDGE_BUSY], 0);
    assert_int_equal(aborts[ROLLOUT_REASON_NONE], 0);
}

static void a_copy_has_them_too(void **state)
{
    struct store *store = *state;
    char id[33];
    insert_zone(store, "a.example", id);
    start_rollout(store, id, ROLLOUT_RAMPING, T0);
    assert_ok(db_stop_set(store->db, true, "cli:root", "trouble", &store->why), &store->why);
    char path[128];
    (void)snprintf(path, sizeof path, "%s/copy.db", store->dir);
    assert_ok(db_backup(store->db, path, &store->why), &store->why);
    OWN(db_own) struct db *copy = NULL;
    assert_ok(db_open(&copy, path, DB_READ, &store->why), &store->why);
    struct rollout out;
    bool stopped = false;
    assert_ok(db_rollout_get(copy, id, &out, &store->why), &store->why);
    assert_int_equal(out.state, ROLLOUT_RAMPING);
    assert_ok(db_stop_get(copy, &stopped, &store->why), &store->why);
    assert_true(stopped);
    assert_ok(db_check(copy, no_complaint, NULL, &store->why), &store->why);
}

static enum err keep_event(void *ctx, const struct db_event *event)
{
    return buf_printf(ctx, "%s:%s:%s ", event->kind, event->actor, event->detail);
}

static void the_stop_is_set_and_told(void **state)
{
    struct store *store = *state;
    bool stopped = true;
    assert_ok(db_stop_get(store->db, &stopped, &store->why), &store->why);
    assert_false(stopped);
    assert_ok(db_stop_set(store->db, true, "cli:root", "an outage", &store->why), &store->why);
    struct db *other = store_open(store, DB_READ);
    assert_ok(db_stop_get(other, &stopped, &store->why), &store->why);
    assert_true(stopped);
    db_close(other);
    db_close(store->db);
    store->db = store_open(store, DB_WRITE);
    assert_ok(db_stop_get(store->db, &stopped, &store->why), &store->why);
    assert_true(stopped);
    assert_ok(db_stop_set(store->db, false, "cli:root", "over", &store->why), &store->why);
    assert_ok(db_stop_get(store->db, &stopped, &store->why), &store->why);
    assert_false(stopped);
    OWN(buf_done) struct buf b = {.max = 4096};
    assert_ok(db_event_each(store->db, NULL, 0, keep_event, &b, &store->why), &store->why);
    assert_string_equal(buf_str(&b),
                        "rollouts_allowed:cli:root:over rollouts_stopped:cli:root:an outage ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_goes_in_comes_back),
        cmocka_unit_test(a_zone_has_one_active_attempt),
        cmocka_unit_test(of_two_writers_one_wins),
        cmocka_unit_test(row_and_event_both_or_neither),
        cmocka_unit_test(numbers_that_cannot_be_stored),
        cmocka_unit_test(the_history_in_order),
        cmocka_unit_test(a_zone_goes_its_history_stays),
        cmocka_unit_test(aborts_are_counted_by_reason),
        cmocka_unit_test(a_copy_has_them_too),
        cmocka_unit_test(the_stop_is_set_and_told),
    };
    return contract_run("rollouts", tests, COUNT_OF(tests));
}
