// SPDX-License-Identifier: Apache-2.0
// What the operator asks for, what a scan begins, what is shown of it.
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/pipeline/lab.h"

#define FULL_EDGE (EDGE_COUNTS | EDGE_LEASES | EDGE_PROBES)

enum {
    HOUR = 3600
};

static struct lab lab;

static enum err wish(enum rollout_wish what, const char *words)
{
    lab.why = (struct why){0};
    return controller_wish(lab.db, lab.edges, 1, "a.example", what, "cli:test", words, &lab.policy,
                           &lab.why);
}

struct newest {
    char actor[32];
    char detail[256];
    size_t count;
};

static enum err take_newest(void *ctx, const struct rollout_event *event)
{
    struct newest *newest = ctx;
    if (newest->count++ == 0) {
        (void)snprintf(newest->actor, sizeof newest->actor, "%s", event->actor);
        (void)snprintf(newest->detail, sizeof newest->detail, "%s", event->detail);
    }
    return ERR_OK;
}

static struct newest newest_event(void)
{
    struct newest newest = {0};
    assert_ok(db_rollout_events(lab.db, lab.zone->id, 0, 1, take_newest, &newest, &lab.why),
              &lab.why);
    return newest;
}

static void a_pause_holds_and_is_resumed(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab_run_to_share(&lab, 1000, HOUR);
    assert_ok(wish(WISH_PAUSE, "who\nknows"), &lab.why);
    assert_string_equal(newest_event().actor, "cli:test");
    assert_string_equal(newest_event().detail, "who\\nknows");
    lab_run(&lab, HOUR);
    assert_int_equal(lab_rollout(&lab).share_bp, 1000);
    assert_int_equal(lab_share(&lab, 0), 1000); // its lease is renewed
    assert_err(wish(WISH_PAUSE, ""), ERR_INVALID);
    assert_ok(wish(WISH_RESUME, NULL), &lab.why);
    assert_string_equal(newest_event().detail, "resume");
    lab_run_to_share(&lab, 2000, HOUR);
    lab_close(&lab);
}

static void a_promotion_is_at_the_edge_at_once(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab_run_to_share(&lab, 1000, HOUR);
    assert_ok(wish(WISH_PROMOTE, "I know it"), &lab.why);
    assert_int_equal(lab_rollout(&lab).share_bp, 2000);
    assert_int_equal(lab_rollout(&lab).applied_bp, 2000);
    assert_int_equal(lab_share(&lab, 1), 2000);
    lab_run_to(&lab, ROLLOUT_FINALISING, 4 * HOUR);
    assert_ok(wish(WISH_PROMOTE, "enough"), &lab.why);
    assert_int_equal(lab_rollout(&lab).state, ROLLOUT_DONE);
    assert_int_equal(lab_mode(&lab), MODE_STRICT);
    assert_string_equal(newest_event().actor, "cli:test");
    lab_check(&lab);
    lab_close(&lab);
}

static void an_abort_is_at_the_edge_at_once(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab_run_to_share(&lab, 1000, HOUR);
    assert_ok(wish(WISH_ABORT, "no"), &lab.why);
    assert_int_equal(lab_share(&lab, 0) + lab_share(&lab, 1), 0);
    assert_int_equal(lab_rollout(&lab).reason, ROLLOUT_REASON_OPERATOR);
    lab_run_to(&lab, ROLLOUT_COOLDOWN, 60);
    assert_err(
        controller_start(lab.db, "a.example", MODE_NONE, "cli:test", NULL, &lab.policy, &lab.why),
        ERR_DENIED);
    assert_ok(wish(WISH_RETRY, "mended"), &lab.why);
    assert_int_equal(lab_rollout(&lab).generation, 2);
    lab_run_to(&lab, ROLLOUT_DONE, 2 * HOUR);
    assert_err(wish(WISH_ABORT, ""), ERR_INVALID);
    lab_close(&lab);
}

static void an_abort_that_the_edge_does_not_hear_is_told(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab_run_to_share(&lab, 1000, HOUR);
    lab.edge.at[1].down = true;
    assert_err(wish(WISH_ABORT, "no"), ERR_UNAVAILABLE);
    assert_non_null(strstr(lab.why.text, "recorded"));
    assert_int_equal(lab_rollout(&lab).state, ROLLOUT_ROLLED_BACK);
    assert_int_equal(lab_share(&lab, 0), 0); // the one that hears
    lab_run(&lab, 60);
    lab.edge.at[1].down = false;
    lab_run_to(&lab, ROLLOUT_COOLDOWN, 60);
    lab_close(&lab);
}

static void everything_is_stopped(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab_run_to_share(&lab, 1000, HOUR);
    int64_t count = 0;
    assert_ok(controller_stop_all(lab.db, lab.edges, 1, "cli:test", "all hands", &count,
                                  &lab.policy, &lab.why),
              &lab.why);
    assert_int_equal(count, 1);
    assert_int_equal(lab_share(&lab, 0) + lab_share(&lab, 1), 0);
    assert_int_equal(lab_rollout(&lab).reason, ROLLOUT_REASON_STOP_ALL);
    lab_run_to(&lab, ROLLOUT_COOLDOWN, 60);
    assert_ok(wish(WISH_RETRY, ""), &lab.why);
    lab_run(&lab, 900);
    assert_int_equal(lab_rollout(&lab).state, ROLLOUT_ELIGIBLE); // while it is stopped
    assert_ok(db_stop_set(lab.db, false, "cli:test", "over", &lab.why), &lab.why);
    lab_run_to(&lab, ROLLOUT_PREFLIGHT, 900);
    lab_close(&lab);
}

static void a_start_must_make_sense(void **state)
{
    (void)state;
    struct why why = {0};
    lab_open(&lab, MODE_FULL, MODE_FULL, FULL_EDGE); // nothing to gain: no attempt
    struct rollout none;
    assert_err(db_rollout_get(lab.db, lab.zone->id, &none, NULL), ERR_NOT_FOUND);
    assert_err(controller_start(lab.db, "a.example", MODE_STRICT, "t", "", &lab.policy, &why),
               ERR_DENIED);
    assert_err(controller_start(lab.db, "a.example", MODE_NONE, "t", "", &lab.policy, &why),
               ERR_INVALID);
    assert_err(controller_start(lab.db, "b.example", MODE_NONE, "t", "", &lab.policy, &why),
               ERR_NOT_FOUND);
    lab_scan(&lab, MODE_STRICT); // begins one by itself
    assert_int_equal(lab_rollout(&lab).state, ROLLOUT_ELIGIBLE);
    assert_err(controller_start(lab.db, "a.example", MODE_NONE, "t", "", &lab.policy, &why),
               ERR_EXISTS);
    lab_close(&lab);
}

static void set_automatic(enum automatic automatic)
{
    OWN(zone_own) struct zone *zone = NULL;
    assert_ok(db_zone_get(lab.db, &zone, lab.zone->id, &lab.why), &lab.why);
    zone->automatic = automatic;
    assert_ok(db_zone_update(lab.db, zone, &lab.why), &lab.why);
}

static void a_start_tells_why(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        lab_open(&lab, MODE_FULL, MODE_FULL, FULL_EDGE);
        set_automatic(AUTOMATIC_CUSTOM);
        lab_scan(&lab, MODE_STRICT); // begins none
        assert_err(controller_start(lab.db, "a.example", MODE_NONE, "t", "", &lab.policy, NULL),
                   ERR_DENIED);
        set_automatic(AUTOMATIC_AUTO);
        assert_ok(controller_start(lab.db, "a.example", MODE_NONE, "t",
                                   i == 0 ? "who\nknows" : NULL, &lab.policy, &lab.why),
                  &lab.why);
        assert_string_equal(newest_event().detail,
                            i == 0 ? "who\\nknows" : "started by the operator");
        lab_close(&lab);
    }
}

static void a_change_at_the_origin_ends_the_rest(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab.tls_fails_from_bp = 0;
    lab.policy.rollout.min_probes = 1;
    lab_run_to(&lab, ROLLOUT_COOLDOWN, HOUR);
    lab_pass_time(&lab, 600);
    lab_scan(&lab, MODE_STRICT); // nothing changed
    assert_int_equal(lab_rollout(&lab).generation, 1);
    lab_scan(&lab, MODE_FULL); // it was broken, the scan saw it
    assert_int_equal(lab_rollout(&lab).generation, 1);
    lab_scan(&lab, MODE_STRICT); // and mended
    assert_int_equal(lab_rollout(&lab).generation, 2);
    assert_int_equal(lab_rollout(&lab).failed_before, 0);
    lab_close(&lab);
}

static void the_steady_state_is_told_anew(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab.edge.at[0].steady = MODE_NONE;
    assert_ok(controller_resync(lab.db, lab.edges, 1, false, &lab.why), &lab.why);
    assert_int_equal(lab.edge.at[0].steady, MODE_FULL);
    // A restored backup knows less than the edge: that is for a person to decide.
    lab.edge.at[1].steady = MODE_STRICT;
    assert_err(controller_resync(lab.db, lab.edges, 1, false, &lab.why), ERR_INVALID);
    assert_int_equal(lab.edge.at[1].steady, MODE_STRICT);
    assert_ok(controller_resync(lab.db, lab.edges, 1, true, &lab.why), &lab.why);
    assert_int_equal(lab.edge.at[1].steady, MODE_FULL);
    lab_close(&lab);
}

static void count_trouble(void *ctx, const char *words)
{
    (void)words;
    ++*(size_t *)ctx;
}

// One fleet that fails does not hold the next; it is tried again, and a restart is seen.
static void the_steady_state_is_kept(void **state)
{
    (void)state;
    struct controller_synced synced = {0};
    struct lab_edge broken = {.lab = &lab};
    size_t troubles = 0;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    broken.edge = lab.edge.edge;
    (void)snprintf(broken.edge.name, sizeof broken.edge.name, "other");
    broken.resync_fails = ERR_UNAVAILABLE;
    struct edge *edges[] = {&broken.edge, lab.edges[0]};
    lab.edge.at[0].steady = MODE_NONE;
    assert_err(controller_resync(lab.db, edges, 2, false, &lab.why), ERR_UNAVAILABLE);
    assert_int_equal(lab.edge.at[0].steady, MODE_FULL);
    for (int i = 0; i < 3; i++) {
        assert_ok(
            controller_keep_synced(lab.db, edges, 2, &synced, count_trouble, &troubles, &lab.why),
            &lab.why);
    }
    assert_int_equal(troubles, 1); // the same words are told once
    assert_int_equal(broken.resyncs, 1 + 3);
    assert_int_equal(lab.edge.resyncs, 1 + 1);
    broken.resync_fails = ERR_OK;
    lab_restart(&lab, 1);
    lab.edge.at[1].steady = MODE_NONE;
    for (int i = 0; i < 2; i++) {
        assert_ok(
            controller_keep_synced(lab.db, edges, 2, &synced, count_trouble, &troubles, &lab.why),
            &lab.why);
    }
    assert_int_equal(lab.edge.at[1].steady, MODE_FULL);
    assert_int_equal(broken.resyncs, 1 + 3 + 1);
    assert_int_equal(lab.edge.resyncs, 1 + 1 + 1);
    assert_int_equal(troubles, 1);
    lab_close(&lab);
}

// The operator gave the origin a port that the edge does not have: it goes back, and is over.
static void a_zone_that_does_not_fit_any_more_goes_back(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab_run_to_share(&lab, 1000, HOUR);
    lab.edge.unfit = true;
    lab_run_to(&lab, ROLLOUT_COOLDOWN, HOUR);
    assert_int_equal(lab.edge.at[0].generation, 0);
    assert_int_equal(lab.edge.at[0].steady, MODE_FULL);
    lab.edge.unfit = false;
    lab_close(&lab);
}

// -- modes that were set by hand
static void set_by_hand(struct db *db, enum mode mode)
{
    OWN(zone_own) struct zone *zone = NULL;
    assert_ok(db_zone_get(db, &zone, lab.zone->id, &lab.why), &lab.why);
    zone->mode = mode;
    assert_ok(db_zone_update(db, zone, &lab.why), &lab.why);
    assert_ok(db_order_add(db, zone->id, &lab.why), &lab.why);
}

static struct controller_settled settle(struct db *db)
{
    struct controller_settled settled = {0};
    assert_ok(controller_settle(db, lab.edges, 1, &settled, &lab.why), &lab.why);
    return settled;
}

// Another process hears of a newer mode, puts it, and is done, while this one's put is under way.
static void overtake(struct lab *of)
{
    struct db *other = lab_handle(of);
    set_by_hand(other, MODE_STRICT);
    assert_int_equal(settle(other).told, 1);
    assert_int_equal(lab.edge.at[0].steady, MODE_STRICT);
    db_close(other);
}

static void a_slow_edge_loses_no_mode(void **state)
{
    (void)state;
    lab_open(&lab, MODE_FLEXIBLE, MODE_NONE, FULL_EDGE);
    set_by_hand(lab.db, MODE_FULL);
    lab.edge.before_apply = overtake;
    assert_int_equal(settle(lab.db).told, 0);
    assert_int_equal(lab.edge.at[0].steady, MODE_FULL); // it came last
    assert_int_equal(settle(lab.db).told, 1);
    assert_int_equal(lab.edge.at[0].steady, MODE_STRICT);
    assert_int_equal(settle(lab.db).told, 0);
    lab_close(&lab);
}

static void metrics_have_their_names(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "# TYPE sslauto_zones gauge\n",
        "sslauto_zones{mode=\"full\"} 1\n",
        "sslauto_rollouts{state=\"rolled_back\"} 1\n",
        "# TYPE sslauto_rollout_aborts_total counter\n",
        "sslauto_rollout_aborts_total{reason=\"tls\"} 1\n",
        "sslauto_rollout_aborts_total{reason=\"edge_foreign\"} 0\n",
        "sslauto_scans_due 0\n",
        "sslauto_stopped 0\n",
        "sslauto_controller_rolled_back_total 1\n",
        "# TYPE sslauto_edge_apply_seconds histogram\n",
        "sslauto_edge_apply_seconds_sum 0.0",
        "sslauto_scans_total{verdict=\"upgrade\"} 2\n",
        "sslauto_scans_total{verdict=\"at_risk\"} 1\n",
        "sslauto_scan_seconds_bucket{le=\"0.005\"} 1\n",
        "sslauto_scan_seconds_bucket{le=\"0.1\"} 2\n",
        "sslauto_scan_seconds_bucket{le=\"120\"} 2\n",
        "sslauto_scan_seconds_bucket{le=\"+Inf\"} 3\n",
        "sslauto_scan_seconds_sum 120.106\n",
        "sslauto_scan_seconds_count 3\n",
        "sslauto_telemetry_age_seconds_max 0\n",
    };
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab_run_to_share(&lab, 1000, HOUR);
    lab.tls_fails_from_bp = 0;
    lab_run_to(&lab, ROLLOUT_ROLLED_BACK, 60);
    static const struct {
        enum verdict verdict;
        int64_t took_ms;
    } scans[] = {{VERDICT_UPGRADE, 5}, {VERDICT_UPGRADE, 100}, {VERDICT_AT_RISK, 120001}};
    struct scan_sums scanned = {0};
    for (size_t i = 0; i < COUNT_OF(scans); i++) {
        const struct recommendation said = {.verdict = scans[i].verdict};
        scan_sums_add(&scanned, &(struct pipeline_result){.recommendation = &said,
                                                          .took_ms = scans[i].took_ms});
    }
    struct buf out;
    buf_init(&out, 1 << 20);
    assert_ok(metrics_print(lab.db, &lab.sums, &scanned, &out, &lab.why), &lab.why);
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        if (strstr(buf_str(&out), lines[i]) == NULL) {
            fail_msg("no %s in\n%s", lines[i], buf_str(&out));
        }
    }
    buf_clear(&out);
    assert_ok(metrics_print(lab.db, NULL, NULL, &out, &lab.why), &lab.why);
    assert_null(strstr(buf_str(&out), "sslauto_controller"));
    assert_null(strstr(buf_str(&out), "sslauto_scan_seconds"));
    buf_done(&out);
    lab_close(&lab);
}

// Between two looks, and while nobody looks at all, it grows.
static void metrics_tell_how_old_telemetry_is(void **state)
{
    (void)state;
    struct buf out;
    lab_open(&lab, MODE_FULL, MODE_STRICT, FULL_EDGE);
    lab_run_to_share(&lab, 1000, HOUR);
    int64_t age = lab.now - lab_rollout(&lab).seen_at;
    lab_pass_time(&lab, 300 - age);
    buf_init(&out, 1 << 20);
    assert_ok(metrics_print(lab.db, &lab.sums, NULL, &out, &lab.why), &lab.why);
    assert_non_null(strstr(buf_str(&out), "sslauto_telemetry_age_seconds_max 300\n"));
    assert_ok(lab_tick(&lab), &lab.why);
    buf_clear(&out);
    assert_ok(metrics_print(lab.db, &lab.sums, NULL, &out, &lab.why), &lab.why);
    assert_non_null(strstr(buf_str(&out), "sslauto_telemetry_age_seconds_max 0\n"));
    buf_done(&out);
    lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pause_holds_and_is_resumed),
        cmocka_unit_test(a_promotion_is_at_the_edge_at_once),
        cmocka_unit_test(an_abort_is_at_the_edge_at_once),
        cmocka_unit_test(an_abort_that_the_edge_does_not_hear_is_told),
        cmocka_unit_test(everything_is_stopped),
        cmocka_unit_test(a_start_must_make_sense),
        cmocka_unit_test(a_start_tells_why),
        cmocka_unit_test(a_change_at_the_origin_ends_the_rest),
        cmocka_unit_test(the_steady_state_is_told_anew),
        cmocka_unit_test(the_steady_state_is_kept),
        cmocka_unit_test(a_zone_that_does_not_fit_any_more_goes_back),
        cmocka_unit_test(a_slow_edge_loses_no_mode),
        cmocka_unit_test(metrics_have_their_names),
        cmocka_unit_test(metrics_tell_how_old_telemetry_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
