// SPDX-License-Identifier: Apache-2.0
// The controller's way from a recommendation to the mode, and back.
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/pipeline/lab.h"

#define FULL_EDGE (EDGE_COUNTS | EDGE_LEASES | EDGE_PROBES)
#define HOUR      3600

static struct lab lab; // large: a zone, an edge, a store

static int64_t next_scan(void)
{
    int64_t at = 0;
    assert_ok(db_next_scan(lab.db, lab.zone->id, &at, &lab.why), &lab.why);
    return at;
}

static void a_zone_reaches_its_mode(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab_run_to(&lab, ROLLOUT_PREFLIGHT, 60);
    lab_run_to_share(&lab, 100, 120);
    lab_run_to(&lab, ROLLOUT_DONE, 2 * HOUR);
    assert_int_equal(lab_mode(&lab), MODE_STRICT);
    assert_int_equal(lab_events(&lab, ROLLOUT_DONE), 1);
    assert_true(lab_events(&lab, ROLLOUT_PREFLIGHT) > 0);
    assert_int_equal(lab_events(&lab, ROLLOUT_STATE_COUNT), lab.steps + 1); // and its beginning
    assert_true(next_scan() <= lab.now);                                    // confirms it
    assert_true(lab.edge.forgotten > 0);
    lab_close(&lab);
}

static void the_slow_plan_has_its_own_steps(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FLEXIBLE, MODE_STRICT, FULL_EDGE);
    lab_run_to_share(&lab, 200, HOUR);
    lab_run_to(&lab, ROLLOUT_DONE, 4 * HOUR);
    assert_int_equal(lab_mode(&lab), MODE_STRICT);
    lab_close(&lab);
}

static void a_failing_mode_is_taken_back_at_once(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab.tls_fails_from_bp = 4000;
    lab_run_to_share(&lab, 4000, 2 * HOUR);
    lab_run(&lab, 2 * LAB_STEP_S);
    struct rollout r = lab_rollout(&lab);
    assert_int_equal(r.reason, ROLLOUT_REASON_TLS);
    assert_int_equal(lab_share(&lab, 0), 0);
    assert_int_equal(lab_share(&lab, 1), 0);
    lab_run_to(&lab, ROLLOUT_COOLDOWN, 60);
    assert_int_equal(lab_mode(&lab), MODE_FULL);
    assert_int_equal(lab_events(&lab, ROLLOUT_ROLLED_BACK), 1);
    // After the rest the recommendation, meanwhile confirmed again, gets a new generation.
    lab_pass_time(&lab, LAB_DAY + 60);
    lab.tls_fails_from_bp = 1e9;
    assert_ok(lab_tick(&lab), &lab.why);
    r = lab_rollout(&lab);
    assert_int_equal(r.generation, 2);
    assert_int_equal(r.failed_before, 1);
    lab_run_to(&lab, ROLLOUT_DONE, 2 * HOUR);
    lab_close(&lab);
}

static void nothing_moves_before_it_is_confirmed(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab_scan(&lab, MODE_NONE);
    lab_run(&lab, 600);
    struct rollout r = lab_rollout(&lab);
    assert_int_equal(r.state, ROLLOUT_ELIGIBLE);
    assert_int_equal(r.reason, ROLLOUT_REASON_UNCONFIRMED);
    lab_pass_time(&lab, 20 * HOUR);
    assert_ok(lab_tick(&lab), &lab.why);
    assert_true(next_scan() <= lab.now); // it asked for a scan
    lab_scan(&lab, MODE_STRICT);
    lab_scan(&lab, MODE_STRICT);
    lab_run_to(&lab, ROLLOUT_PREFLIGHT, 60);
    lab_close(&lab);
}

static void a_scan_that_says_it_is_unconfirmed_is_believed(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab.recommendation = "{\"confirmed\":false}"; // too close to the one before, or other hosts
    lab_scan(&lab, MODE_STRICT);
    lab_run(&lab, 120);
    assert_int_equal(lab_rollout(&lab).reason, ROLLOUT_REASON_UNCONFIRMED);
    lab.recommendation = "{\"confirmed\":true}";
    lab_scan(&lab, MODE_STRICT);
    lab_run_to(&lab, ROLLOUT_PREFLIGHT, 60);
    lab_close(&lab);
}

static void a_certificate_that_ends_is_not_begun_with(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab_scan_until(&lab, MODE_STRICT, lab.now + 3 * (int64_t)LAB_DAY);
    lab_run_to(&lab, ROLLOUT_COOLDOWN, 60);
    assert_int_equal(lab_rollout(&lab).reason, ROLLOUT_REASON_CERTIFICATE);
    lab_run(&lab, 600);
    assert_int_equal(lab_rollout(&lab).generation, 1); // waits for the next scan
    lab_close(&lab);
}

static void the_opt_out_time_is_waited_for(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    OWN(zone_own) struct zone *zone = NULL;
    assert_ok(db_zone_get(lab.db, &zone, lab.zone->id, &lab.why), &lab.why);
    zone->opt_out_until = lab.now + LAB_DAY;
    assert_ok(db_zone_update(lab.db, zone, &lab.why), &lab.why);
    lab_run(&lab, 600);
    assert_int_equal(lab_rollout(&lab).state, ROLLOUT_ELIGIBLE);
    lab_pass_time(&lab, LAB_DAY);
    lab_run_to(&lab, ROLLOUT_PREFLIGHT, 60);
    lab_close(&lab);
}

// -- the ground gives way ------------------------------------------------------------------------

static void change_zone(enum mode mode, enum automatic automatic)
{
    OWN(zone_own) struct zone *zone = NULL;
    assert_ok(db_zone_get(lab.db, &zone, lab.zone->id, &lab.why), &lab.why);
    zone->mode = mode;
    zone->automatic = automatic;
    assert_ok(db_zone_update(lab.db, zone, &lab.why), &lab.why);
}

static void expect_back(enum rollout_reason reason)
{
    lab_run(&lab, 3 * LAB_STEP_S);
    struct rollout r = lab_rollout(&lab);
    assert_true(r.state == ROLLOUT_ROLLED_BACK || r.state == ROLLOUT_COOLDOWN);
    assert_int_equal(r.reason, reason);
    assert_int_equal(lab_share(&lab, 0) + lab_share(&lab, 1), 0);
    lab_run_to(&lab, ROLLOUT_COOLDOWN, 60);
    assert_int_equal(lab.edge.at[0].steady, r.from); // the recorded one
    lab_close(&lab);
}

static void a_mode_set_by_hand_ends_it(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FLEXIBLE, MODE_STRICT, FULL_EDGE);
    lab_run_to_share(&lab, 500, HOUR);
    change_zone(MODE_FULL, AUTOMATIC_AUTO);
    expect_back(ROLLOUT_REASON_MODE_CHANGED);
}

static void custom_ends_it(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab_run_to_share(&lab, 1000, HOUR);
    change_zone(MODE_FULL, AUTOMATIC_CUSTOM);
    expect_back(ROLLOUT_REASON_CUSTOM);
}

static void a_withdrawn_recommendation_ends_it(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab_run_to_share(&lab, 1000, HOUR);
    lab_scan(&lab, MODE_FULL);
    expect_back(ROLLOUT_REASON_WITHDRAWN);
}

static void beside_a_foreign_value_the_rest_goes_back(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab_run_to_share(&lab, 1000, HOUR);
    lab.tampered = true;
    lab.edge.at[0].foreign = true;
    lab_run_to(&lab, ROLLOUT_ROLLED_BACK, 60);
    assert_int_equal(lab_rollout(&lab).reason, ROLLOUT_REASON_EDGE_FOREIGN);
    assert_int_equal(lab_share(&lab, 1), 0);
    lab_run_to(&lab, ROLLOUT_COOLDOWN, 120);
    assert_int_equal(lab.edge.at[1].steady, MODE_FULL);
    assert_int_equal(lab.edge.at[0].generation, 1); // what stood there was left
    lab_close(&lab);
}

static void a_stronger_steady_mode_is_not_lowered(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FLEXIBLE, MODE_FULL, FULL_EDGE);
    lab.tampered = true;
    lab.edge.at[1].steady = MODE_STRICT;
    lab_run(&lab, 60);
    struct rollout r = lab_rollout(&lab);
    assert_int_equal(r.reason, ROLLOUT_REASON_EDGE_FOREIGN);
    assert_int_equal(lab.edge.at[1].steady, MODE_STRICT);
    assert_int_equal(lab.edge.applies, 0);
    lab.edge.at[1].steady = MODE_FLEXIBLE;
    lab_close(&lab);
}

// -- waiting -------------------------------------------------------------------------------------

static void a_freeze_holds_it(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab_run_to_share(&lab, 1000, HOUR);
    lab.policy.freezes[0] =
        (struct freeze_window){.dated = true, .from = lab.now, .to = lab.now + LAB_DAY};
    lab.policy.freeze_count = 1;
    lab_run(&lab, HOUR);
    struct rollout r = lab_rollout(&lab);
    assert_int_equal(r.share_bp, 1000);
    assert_int_equal(r.reason, ROLLOUT_REASON_FROZEN);
    assert_int_equal(lab_share(&lab, 0), 1000); // what is there stays
    lab.policy.freeze_count = 0;
    lab_run_to_share(&lab, 2000, HOUR);
    lab_close(&lab);
}

static void caps_are_kept(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab.policy.max_per_network = 0;
    lab_run(&lab, 600);
    assert_int_equal(lab_rollout(&lab).state, ROLLOUT_ELIGIBLE);
    assert_int_equal(lab_rollout(&lab).reason, ROLLOUT_REASON_CAPPED);
    assert_string_equal(lab_rollout(&lab).origin_net, "192.0.2.0/24");
    lab.policy.max_per_network = 1;
    lab_run_to(&lab, ROLLOUT_PREFLIGHT, 600);
    lab_close(&lab);
}

static void lost_telemetry_is_waited_for_then_gone_back(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab_run_to_share(&lab, 1000, HOUR);
    lab.edge.counters_fail = ERR_CORRUPT;
    lab_run(&lab, 2 * LAB_STEP_S);
    assert_int_equal(lab_rollout(&lab).share_bp, 1000);
    lab_run_to(&lab, ROLLOUT_ROLLED_BACK, 120);
    assert_int_equal(lab_rollout(&lab).reason, ROLLOUT_REASON_TELEMETRY_LOST);
    assert_int_equal(lab_share(&lab, 0), 0);
    lab_close(&lab);
}

static void a_restarted_process_is_told_again(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab_run_to_share(&lab, 2000, HOUR);
    lab_restart(&lab, 1);
    assert_int_equal(lab_share(&lab, 1), 0);
    lab_run(&lab, 3 * LAB_STEP_S);
    assert_int_equal(lab_rollout(&lab).share_bp, 2000);
    assert_int_equal(lab_share(&lab, 1), 2000);
    lab_run_to(&lab, ROLLOUT_DONE, 2 * HOUR);
    lab_close(&lab);
}

static void more_than_committed_is_put_back(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab_run_to_share(&lab, 2000, HOUR);
    lab.tampered = true;
    lab.edge.at[0].share_bp = 9000; // an old message that came late
    lab_run(&lab, 2 * LAB_STEP_S);
    assert_int_equal(lab_share(&lab, 0), 2000);
    lab.edge.at[0].generation = 77;
    lab_run(&lab, 2 * LAB_STEP_S);
    assert_int_equal(lab.edge.at[0].generation, 1);
    assert_int_equal(lab_share(&lab, 0), 2000);
    lab_close(&lab);
}

static void a_share_of_zero_that_nobody_recorded_is_not_raised(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab_run_to_share(&lab, 2000, HOUR);
    lab.edge.at[0].share_bp = 0;
    lab_run(&lab, 2 * LAB_STEP_S);
    struct rollout r = lab_rollout(&lab);
    assert_int_equal(r.reason, ROLLOUT_REASON_STOP_ALL);
    assert_int_equal(lab_share(&lab, 1), 0);
    lab_close(&lab);
}

static void without_controller_the_lease_ends_it(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab_run_to_share(&lab, 2000, HOUR);
    lab_pass_time(&lab, 40);
    assert_int_equal(lab_share(&lab, 0), 0);
    lab_run(&lab, 2 * LAB_STEP_S);
    assert_int_equal(lab_share(&lab, 0), 2000);
    lab_close(&lab);
}

// -- few visitors, other edges -------------------------------------------------------------------

static void probes_carry_a_quiet_zone(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab.visitors_per_s = 0;
    lab_run_to(&lab, ROLLOUT_DONE, 6 * HOUR);
    assert_true(lab.edge.probes > 100);
    lab_close(&lab);
}

static void probes_carry_no_further_than_allowed(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab.visitors_per_s = 0;
    lab.policy.rollout.probes_carry_bp = 1000;
    lab_run(&lab, 2 * HOUR);
    assert_int_equal(lab_rollout(&lab).share_bp, 2000);
    assert_int_equal(lab_rollout(&lab).state, ROLLOUT_HOLDING);
    lab_close(&lab);
}

// Five pairs to an origin that does not answer would cost the others their leases.
static void slow_probes_end_after_half_a_tick(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab.visitors_per_s = 0;
    lab_run_to(&lab, ROLLOUT_HOLDING, HOUR);
    lab.probe_takes_s = 4;
    lab_pass_time(&lab, lab.policy.rollout.tick_s);
    size_t before = lab.edge.probes;
    assert_ok(lab_tick(&lab), &lab.why);
    assert_int_equal(lab.edge.probes - before, 2);
    lab_close(&lab);
}

static void probes_are_sent_beside_an_edge_that_is_slow(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab.read_takes_s = lab.policy.rollout.tick_s / 2 + 1;
    lab_run(&lab, 3 * lab.policy.rollout.tick_s);
    assert_true(lab.edge.probes > 0);
    lab_close(&lab);
}

// A second fleet beside the lab's, with a zone that is on its way as far as that of the first.
static struct zone *second_fleet(struct lab_edge *fleet)
{
    struct zone *first = lab.zone;
    struct zone *zone = zone_new();
    struct host *host = NULL;
    *fleet = lab.edge;
    (void)snprintf(fleet->edge.name, sizeof fleet->edge.name, "second");
    free(zone->edge);
    zone->name = strdup("b.example");
    zone->edge = strdup("second");
    zone->mode = MODE_FULL;
    assert_ok(zone_add_host(&host, zone, span_of("b.example"), NULL), NULL);
    assert_ok(host_add_origin(host, span_of("198.51.100.7"), 80, 443, NULL), NULL);
    assert_ok(db_zone_insert(lab.db, zone, &lab.why), &lab.why);
    lab.zone = zone;
    lab_scan(&lab, MODE_STRICT);
    lab_pass_time(&lab, 600);
    lab_scan(&lab, MODE_STRICT);
    lab.zone = first;
    return zone;
}

static void tick_two(struct lab_edge *second)
{
    struct edge *edges[] = {&second->edge, &lab.edge.edge};
    assert_ok(controller_tick(lab.db, edges, 2, &lab.policy, &lab.watch, &lab.sums, &lab.why),
              &lab.why);
}

// A program that hangs costs one of its timeouts in a pass, and no other fleet its lease.
static void a_fleet_that_hangs_is_called_once_in_a_pass(void **state)
{
    (void)state;
    struct lab_edge second;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    OWN(zone_own) struct zone *zone = second_fleet(&second);
    struct rollout row = {0};
    for (int i = 0; i < 1000 && row.step < 1; i++) {
        lab_pass_time(&lab, LAB_STEP_S);
        tick_two(&second);
        assert_ok(db_rollout_get(lab.db, zone->id, &row, &lab.why), &lab.why);
    }
    assert_int_equal(row.share_bp, 1000);
    assert_true(lab_rollout(&lab).share_bp > 0);
    second.hangs_s = 10;
    int64_t version = lab_rollout(&lab).version;
    for (int i = 0; i < 60; i++) {
        size_t calls = second.reads + second.applies;
        int share = lab_rollout(&lab).share_bp;
        lab_pass_time(&lab, 1);
        tick_two(&second);
        assert_true(second.reads + second.applies - calls <= 1);
        assert_int_equal(lab_share(&lab, 0), lab_rollout(&lab).share_bp);
        assert_true(lab_rollout(&lab).share_bp >= share);
        assert_true(lab.now - lab_rollout(&lab).seen_at <= 2 * lab.policy.rollout.tick_s);
    }
    assert_true(lab_rollout(&lab).version > version + 5);
    assert_ok(db_rollout_get(lab.db, zone->id, &row, &lab.why), &lab.why);
    assert_int_equal(row.state, ROLLOUT_ROLLED_BACK);
    assert_int_equal(row.reason, ROLLOUT_REASON_TELEMETRY_LOST);
    lab_close(&lab);
}

// It would wait for days, and the origin be blamed for it.
static void an_edge_that_takes_no_change_is_left(void **state)
{
    static const unsigned capabilities[] = {FULL_EDGE, FULL_EDGE & ~(unsigned)EDGE_LEASES};
    static const enum rollout_state states[] = {ROLLOUT_PREFLIGHT, ROLLOUT_RAMPING,
                                                ROLLOUT_FINALISING};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(capabilities) * COUNT_OF(states); i++) {
        lab_short_plan = true;
        lab_open(&lab, MODE_FULL, MODE_STRICT, capabilities[i % 2]);
        lab_run_to(&lab, states[i / 2], HOUR);
        lab.edge.apply_fails = i / 2 == 1 ? ERR_INVALID : ERR_UNAVAILABLE;
        lab.tampered = true; // nothing can be taken back either
        int64_t long_enough = lab.policy.rollout.final_dwell_s + 90;
        lab_run_to(&lab, ROLLOUT_ROLLED_BACK, long_enough);
        assert_int_equal(lab_rollout(&lab).reason, ROLLOUT_REASON_TELEMETRY_LOST);
        assert_int_equal(lab_rollout(&lab).failed_before, 0);
        lab.edge.apply_fails = ERR_OK;
        lab_run_to(&lab, ROLLOUT_COOLDOWN, 60);
        lab_close(&lab);
        lab_short_plan = false;
    }
}

// Once in a while a change is lost: that is no reason.
static void an_edge_that_takes_the_next_change_is_kept(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab_run_to_share(&lab, 1000, HOUR);
    lab.tampered = true;
    for (int i = 0; i < 10; i++) {
        lab.edge.apply_fails = ERR_UNAVAILABLE;
        lab_run(&lab, 2 * lab.policy.rollout.tick_s);
        lab.edge.apply_fails = ERR_OK;
        lab_run(&lab, 3 * lab.policy.rollout.tick_s);
        assert_true(lab_rollout(&lab).share_bp >= 1000);
    }
    lab_close(&lab);
}

// Else a preflight whose probes do not even reach the edge would wait for days without a word.
static void probes_that_do_not_arrive_are_told(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab.probe_words = "the edge did not answer: bad certificate";
    lab_run(&lab, 2 * lab.policy.rollout.tick_s);
    assert_non_null(strstr(lab.trouble, "a probe in the old mode: the edge did not answer"));
    lab_close(&lab);
}

static void an_edge_without_counters_goes_by_probes(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, EDGE_PROBES);
    lab_run_to(&lab, ROLLOUT_DONE, 6 * HOUR);
    assert_int_equal(lab.edge.counts, 0);
    assert_true(lab_rollout(&lab).counts.of[COHORT_PROBE_NEW].requests > 100);
    lab_close(&lab);
}

static void failing_probes_end_it_before_visitors_come(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, EDGE_PROBES);
    lab.tls_fails_from_bp = 0;
    lab_run_to(&lab, ROLLOUT_ROLLED_BACK, 600);
    assert_int_equal(lab_rollout(&lab).reason, ROLLOUT_REASON_PREFLIGHT);
    assert_int_equal(lab_events(&lab, ROLLOUT_RAMPING), 0);
    lab_close(&lab);
}

static void a_dry_run_changes_nothing(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, EDGE_DRY);
    lab.tampered = true; // nothing is looked at there
    lab_run_to(&lab, ROLLOUT_DONE, 6 * HOUR);
    assert_int_equal(lab_mode(&lab), MODE_FULL);
    assert_true(next_scan() > lab.now);
    lab_close(&lab);
}

static void an_unknown_fleet_is_told(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    (void)snprintf(lab.edge.edge.name, sizeof lab.edge.edge.name, "other");
    lab_run(&lab, 60);
    assert_non_null(strstr(lab.trouble, "edge \"fake\" is not configured, or could not be opened"));
    assert_int_equal(lab_rollout(&lab).share_bp, 0);
    lab_close(&lab);
}

static void a_silent_fleet_is_asked_once_a_pass(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab.policy.max_per_network = 100;
    for (int i = 0; i < 20; i++) { // nineteen more zones of the same fleet
        struct zone *first = lab.zone;
        char name[32];
        struct zone *zone = zone_new();
        struct host *host = NULL;
        (void)snprintf(name, sizeof name, "z%d.example", i);
        zone->name = strdup(name);
        free(zone->edge);
        zone->edge = strdup("fake");
        zone->mode = MODE_FULL;
        assert_ok(zone_add_host(&host, zone, span_of(name), NULL), NULL);
        assert_ok(host_add_origin(host, span_of("192.0.2.7"), 80, 443, NULL), NULL);
        assert_ok(db_zone_insert(lab.db, zone, &lab.why), &lab.why);
        lab.zone = zone;
        lab_scan(&lab, MODE_STRICT);
        lab_scan(&lab, MODE_STRICT);
        lab.zone = first;
        zone_free(zone);
    }
    lab_pass_time(&lab, LAB_STEP_S);
    lab.edge.at[0].down = true;
    assert_ok(lab_tick(&lab), &lab.why);
    assert_int_equal(lab.edge.reads, 1);
    assert_int_equal(lab.sums.looked, 21);
    lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_zone_reaches_its_mode),
        cmocka_unit_test(the_slow_plan_has_its_own_steps),
        cmocka_unit_test(a_failing_mode_is_taken_back_at_once),
        cmocka_unit_test(nothing_moves_before_it_is_confirmed),
        cmocka_unit_test(a_scan_that_says_it_is_unconfirmed_is_believed),
        cmocka_unit_test(a_certificate_that_ends_is_not_begun_with),
        cmocka_unit_test(the_opt_out_time_is_waited_for),
        cmocka_unit_test(a_mode_set_by_hand_ends_it),
        cmocka_unit_test(custom_ends_it),
        cmocka_unit_test(a_withdrawn_recommendation_ends_it),
        cmocka_unit_test(beside_a_foreign_value_the_rest_goes_back),
        cmocka_unit_test(a_stronger_steady_mode_is_not_lowered),
        cmocka_unit_test(a_freeze_holds_it),
        cmocka_unit_test(caps_are_kept),
        cmocka_unit_test(lost_telemetry_is_waited_for_then_gone_back),
        cmocka_unit_test(a_restarted_process_is_told_again),
        cmocka_unit_test(more_than_committed_is_put_back),
        cmocka_unit_test(a_share_of_zero_that_nobody_recorded_is_not_raised),
        cmocka_unit_test(without_controller_the_lease_ends_it),
        cmocka_unit_test(probes_carry_a_quiet_zone),
        cmocka_unit_test(probes_carry_no_further_than_allowed),
        cmocka_unit_test(slow_probes_end_after_half_a_tick),
        cmocka_unit_test(probes_are_sent_beside_an_edge_that_is_slow),
        cmocka_unit_test(a_fleet_that_hangs_is_called_once_in_a_pass),
        cmocka_unit_test(an_edge_that_takes_no_change_is_left),
        cmocka_unit_test(an_edge_that_takes_the_next_change_is_kept),
        cmocka_unit_test(probes_that_do_not_arrive_are_told),
        cmocka_unit_test(an_edge_without_counters_goes_by_probes),
        cmocka_unit_test(failing_probes_end_it_before_visitors_come),
        cmocka_unit_test(a_dry_run_changes_nothing),
        cmocka_unit_test(an_unknown_fleet_is_told),
        cmocka_unit_test(a_silent_fleet_is_asked_once_a_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
