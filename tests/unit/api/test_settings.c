// SPDX-License-Identifier: Apache-2.0
// Settings as clients read and write them, and what writing does.
#include <stdlib.h>
#include <string.h>

#include "tests/support/check.h"
#include "tests/unit/api/desk.h"

static void a_mode_set_by_hand_is_honoured(void **state)
{
    (void)state;
    struct desk desk;
    char detail[512];
    desk_open(&desk);
    assert_int_equal(desk_ask(&desk, "PATCH", desk_path(&desk, 0, "/settings/ssl"), desk.all,
                              "{\"value\":\"full\"}"),
                     200);
    assert_string_equal(desk_text(&desk, "id"), "ssl");
    assert_string_equal(desk_text(&desk, "value"), "full");
    assert_true(json_is_true(json_object_get(desk_result(&desk), "editable")));
    assert_int_equal(strlen(desk_text(&desk, "modified_on")), 20);
    assert_true(desk_noted(&desk, NOTE_CUSTOM_NOW));
    assert_int_equal(
        desk_ask(&desk, "GET", desk_path(&desk, 0, "/settings/ssl_automatic_mode"), desk.all, NULL),
        200);
    assert_string_equal(desk_text(&desk, "value"), "custom");
    assert_null(json_object_get(desk_result(&desk), "next_scheduled_scan"));
    assert_int_equal(desk_events(&desk, desk.zones[0], "mode_changed", detail), 1);
    assert_string_equal(detail,
                        "site00.example: ssl from flexible to full, set by hand by token:all");
    assert_int_equal(desk_events(&desk, desk.zones[0], "automatic_changed", detail), 1);
    // Again: the same answer, nothing new.
    assert_int_equal(desk_ask(&desk, "PATCH", desk_path(&desk, 0, "/settings/ssl"), desk.all,
                              "{\"value\":\"full\"}"),
                     200);
    assert_false(desk_noted(&desk, NOTE_CUSTOM_NOW));
    assert_int_equal(desk_events(&desk, desk.zones[0], "mode_changed", detail), 1);
    desk_close(&desk);
}

static void auto_has_a_next_scan(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk);
    const char *path = "/settings/ssl_automatic_mode";
    assert_int_equal(desk_ask(&desk, "GET", desk_path(&desk, 0, path), desk.all, NULL), 200);
    assert_string_equal(desk_text(&desk, "value"), "auto");
    assert_true(json_is_null(json_object_get(desk_result(&desk), "modified_on")));
    assert_int_equal(strlen(desk_text(&desk, "next_scheduled_scan")), 20);
    assert_int_equal(
        desk_ask(&desk, "PATCH", desk_path(&desk, 0, path), desk.all, "{\"value\":\"custom\"}"),
        200);
    assert_null(json_object_get(desk_result(&desk), "next_scheduled_scan"));
    assert_int_equal(
        desk_ask(&desk, "PATCH", desk_path(&desk, 0, path), desk.all, "{\"value\":\"auto\"}"), 200);
    assert_int_equal(strlen(desk_text(&desk, "next_scheduled_scan")), 20);
    desk_close(&desk);
}

static void plans_and_pulls(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk);
    const char *pull = "{\"value\":\"origin_pull\"}";
    assert_int_equal(desk_ask(&desk, "PATCH", desk_path(&desk, 0, "/settings/ssl"), desk.all, pull),
                     403);
    assert_non_null(strstr(desk_words(&desk), "enterprise"));
    assert_int_equal(desk_ask(&desk, "PATCH", desk_path(&desk, 1, "/settings/ssl"), desk.all, pull),
                     200);
    for (size_t i = 0; i < 2; i++) {
        const char *body = i == 0 ? "{\"value\":\"off\"}" : "{\"value\":\"flexible\"}";
        assert_int_equal(
            desk_ask(&desk, "PATCH", desk_path(&desk, 2, "/settings/ssl"), desk.all, body), 400);
        assert_int_equal(desk_code(&desk), 1007);
        assert_non_null(strstr(desk_words(&desk), "authenticated origin pulls"));
    }
    // A refused request changes nothing.
    assert_int_equal(
        desk_ask(&desk, "GET", desk_path(&desk, 2, "/settings/ssl_automatic_mode"), desk.all, NULL),
        200);
    assert_string_equal(desk_text(&desk, "value"), "auto");
    assert_int_equal(desk_ask(&desk, "PATCH", desk_path(&desk, 4, "/settings/ssl"), desk.all,
                              "{\"value\":\"flexible\"}"),
                     200);
    assert_true(desk_noted(&desk, NOTE_FLEXIBLE_PORTS));
    desk_close(&desk);
}

static void bulk_is_all_or_nothing(void **state)
{
    (void)state;
    struct desk desk;
    char detail[512];
    desk_open(&desk);
    assert_int_equal(desk_ask(&desk, "GET", desk_path(&desk, 0, "/settings"), desk.all, NULL), 200);
    assert_int_equal(json_array_size(desk_result(&desk)), 3);
    assert_int_equal(desk_ask(&desk, "PATCH", desk_path(&desk, 0, "/settings"), desk.all,
                              "{\"items\":[{\"id\":\"ssl_recommender\",\"enabled\":true},"
                              "{\"id\":\"ssl\",\"value\":\"origin_pull\"}]}"),
                     403);
    assert_int_equal(desk_events(&desk, desk.zones[0], "recommender_changed", detail), 0);
    // auto beside a mode: it stays with sslauto, because the client says so.
    assert_int_equal(desk_ask(&desk, "PATCH", desk_path(&desk, 0, "/settings"), desk.all,
                              "{\"items\":[{\"id\":\"ssl\",\"value\":\"full\"},"
                              "{\"id\":\"ssl_automatic_mode\",\"value\":\"auto\"}]}"),
                     200);
    assert_int_equal(json_array_size(desk_result(&desk)), 2);
    assert_false(desk_noted(&desk, NOTE_CUSTOM_NOW));
    assert_int_equal(desk_events(&desk, desk.zones[0], "automatic_changed", detail), 0);
    assert_int_equal(desk_events(&desk, desk.zones[0], "mode_changed", detail), 1);
    desk_close(&desk);
}

static void the_recommender_is_a_switch(void **state)
{
    (void)state;
    struct desk desk;
    char detail[512];
    desk_open(&desk);
    const char *path = "/settings/ssl_recommender";
    assert_int_equal(desk_ask(&desk, "GET", desk_path(&desk, 0, path), desk.all, NULL), 200);
    assert_true(json_is_false(json_object_get(desk_result(&desk), "enabled")));
    assert_int_equal(
        desk_ask(&desk, "PATCH", desk_path(&desk, 0, path), desk.all, "{\"enabled\":true}"), 200);
    assert_true(json_is_true(json_object_get(desk_result(&desk), "enabled")));
    assert_int_equal(desk_events(&desk, desk.zones[0], "recommender_changed", detail), 1);
    desk_close(&desk);
}

static void both_forms_of_the_recommendation(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk);
    const char *path = "/ssl/recommendation";
    assert_int_equal(desk_ask(&desk, "GET", desk_path(&desk, 0, path), desk.all, NULL), 200);
    assert_string_equal(desk_text(&desk, "id"), "ssl_automatic_mode");
    desk.policy.recommendation = API_RECOMMENDATION_MODE;
    assert_int_equal(desk_ask(&desk, "GET", desk_path(&desk, 0, path), desk.all, NULL), 200);
    assert_string_equal(desk_text(&desk, "value"), "flexible");
    assert_true(json_is_null(json_object_get(desk_result(&desk), "modified_on")));
    desk_close(&desk);
}

// A rollout of the zone, moving visitors.
static void begin_rollout(struct desk *desk, size_t zone)
{
    struct why why = {""};
    struct rollout rollout = {.generation = 1,
                              .from = MODE_FLEXIBLE,
                              .to = MODE_FULL,
                              .steps_bp = {100, SHARE_ALL_BP},
                              .step_count = 2,
                              .share_bp = 100,
                              .applied_bp = 100,
                              .state = ROLLOUT_RAMPING,
                              .started_at = db_clock(desk->db),
                              .tick_at = db_clock(desk->db) + 3600};
    const struct rollout_event event = {.actor = "test", .state = ROLLOUT_RAMPING, .detail = "x"};
    (void)snprintf(rollout.zone_id, sizeof rollout.zone_id, "%s", desk->zones[zone]);
    assert_ok(db_rollout_insert(desk->db, &rollout, &event, &why), &why);
}

// A scan that recommends `full` for a zone that took no rollout up by itself.
static void recommend_full(struct desk *desk, size_t zone)
{
    struct why why = {""};
    struct db_lease lease = {0};
    struct db_scan scan = {.scanned_at = db_clock(desk->db),
                           .mode_current = MODE_FLEXIBLE,
                           .mode_recommended = MODE_FULL,
                           .verdict = VERDICT_UPGRADE,
                           .next_scan_at = db_clock(desk->db) + 86400,
                           .evidence = "{\"version\":1,\"hosts\":[]}",
                           .recommendation = "{}",
                           .policy = "{}"};
    (void)snprintf(scan.zone_id, sizeof scan.zone_id, "%s", desk->zones[zone]);
    assert_ok(db_claim_zone(desk->db, "desk", 60, scan.zone_id, &lease, &why), &why);
    assert_ok(db_scan_commit(desk->db, &scan, lease.epoch, &why), &why);
    zone_free(lease.zone);
}

static enum err keep_words(void *ctx, const struct rollout_event *event)
{
    (void)snprintf(ctx, 256, "%s", event->detail);
    return ERR_OK;
}

static void a_start_keeps_its_reason(void **state)
{
    (void)state;
    struct desk desk;
    char words[256] = "";
    desk_open(&desk);
    recommend_full(&desk, 0);
    assert_int_equal(desk_ask(&desk, "POST", desk_path(&desk, 0, "/ssl/rollout"), desk.all,
                              "{\"action\":\"start\",\"reason\":\"ticket 7\"}"),
                     200);
    assert_ok(db_rollout_events(desk.db, desk.zones[0], 0, 1, keep_words, words, NULL), NULL);
    assert_string_equal(words, "ticket 7");
    desk_close(&desk);
}

static void custom_ends_a_rollout_now(void **state)
{
    (void)state;
    struct desk desk;
    struct rollout rollout;
    struct zone *zone = NULL;
    desk_open(&desk);
    begin_rollout(&desk, 0);
    assert_int_equal(desk_ask(&desk, "GET", desk_path(&desk, 0, "/ssl/rollout"), desk.all, NULL),
                     200);
    assert_string_equal(desk_text(&desk, "state"), "ramping");
    assert_int_equal(desk_ask(&desk, "PATCH", desk_path(&desk, 0, "/settings/ssl_automatic_mode"),
                              desk.all, "{\"value\":\"custom\"}"),
                     200);
    assert_true(desk_noted(&desk, NOTE_ROLLOUT_STOPS));
    assert_ok(db_rollout_get(desk.db, desk.zones[0], &rollout, NULL), NULL);
    assert_true(rollout.tick_at <= db_clock(desk.db));
    // The controller goes back, and never touches the zone again.
    for (int i = 0; i < 5; i++) {
        db_clock_shift(desk.db, 60);
        assert_ok(controller_tick(desk.db, &desk.edge, 1, &desk.controller, NULL, NULL, NULL),
                  NULL);
    }
    assert_ok(db_rollout_get(desk.db, desk.zones[0], &rollout, NULL), NULL);
    assert_int_equal(rollout.share_bp, 0);
    assert_int_equal(rollout.reason, ROLLOUT_REASON_CUSTOM);
    assert_ok(db_zone_get(desk.db, &zone, desk.zones[0], NULL), NULL);
    assert_int_equal(zone->mode, MODE_FLEXIBLE);
    zone_free(zone);
    desk_close(&desk);
}

static void the_edge_is_told(void **state)
{
    (void)state;
    struct desk desk;
    struct controller_settled settled;
    desk_open(&desk);
    assert_int_equal(desk_ask(&desk, "PATCH", desk_path(&desk, 0, "/settings/ssl"), desk.all,
                              "{\"value\":\"full\"}"),
                     200);
    // An edge that is not there is waited for.
    assert_ok(controller_settle(desk.db, NULL, 0, &settled, NULL), NULL);
    assert_int_equal(settled.left, 1);
    assert_true(settled.words[0] != '\0');
    assert_ok(controller_settle(desk.db, &desk.edge, 1, &settled, NULL), NULL);
    assert_int_equal(settled.told, 1);
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    size_t count = 0;
    OWN(zone_own) struct zone *zone = NULL;
    assert_ok(db_zone_get(desk.db, &zone, desk.zones[0], NULL), NULL);
    assert_ok(edge_read(desk.edge, zone, seen, &count, NULL), NULL);
    assert_int_equal(count, 1);
    assert_int_equal(seen[0].old_mode, MODE_FULL);
    assert_ok(controller_settle(desk.db, &desk.edge, 1, &settled, NULL), NULL);
    assert_int_equal(settled.told + settled.left, 0);
    // While a rollout holds something there, it goes back first.
    begin_rollout(&desk, 4);
    assert_int_equal(desk_ask(&desk, "PATCH", desk_path(&desk, 4, "/settings/ssl"), desk.all,
                              "{\"value\":\"strict\"}"),
                     200);
    assert_ok(controller_settle(desk.db, &desk.edge, 1, &settled, NULL), NULL);
    assert_int_equal(settled.left, 1);
    for (int i = 0; i < 5; i++) {
        db_clock_shift(desk.db, 60);
        assert_ok(controller_tick(desk.db, &desk.edge, 1, &desk.controller, NULL, NULL, NULL),
                  NULL);
    }
    assert_ok(controller_settle(desk.db, &desk.edge, 1, &settled, NULL), NULL);
    assert_int_equal(settled.told, 1);
    desk_close(&desk);
}

static void a_grace_period_ends_by_choice(void **state)
{
    (void)state;
    struct desk desk;
    struct why why = {""};
    struct zone *zone = NULL;
    desk_open(&desk);
    assert_ok(db_zone_get(desk.db, &zone, desk.zones[0], &why), &why);
    zone->opt_out_until = db_clock(desk.db) + 1000;
    assert_ok(db_zone_update(desk.db, zone, &why), &why);
    zone_free(zone);
    zone = NULL;
    assert_int_equal(desk_ask(&desk, "PATCH", desk_path(&desk, 0, "/settings/ssl_automatic_mode"),
                              desk.all, "{\"value\":\"custom\"}"),
                     200);
    assert_true(desk_noted(&desk, NOTE_NO_SCAN_ACTED));
    assert_ok(db_zone_get(desk.db, &zone, desk.zones[0], &why), &why);
    assert_int_equal(zone->opt_out_until, 0);
    assert_int_equal(zone->automatic, AUTOMATIC_CUSTOM);
    zone_free(zone);
    desk_close(&desk);
}

static void busy_and_conflicts_are_not_final(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk);
    db_fail_after(desk.db, 5, ERR_CONFLICT); // within the transaction: tried again
    assert_int_equal(desk_ask(&desk, "PATCH", desk_path(&desk, 0, "/settings/ssl"), desk.all,
                              "{\"value\":\"full\"}"),
                     200);
    db_fail_after(desk.db, 0, ERR_BUSY);
    assert_int_equal(desk_ask(&desk, "GET", "/zones", desk.all, NULL), 503);
    assert_int_equal(desk.reply.retry_after_s, 1);
    db_fail_after(desk.db, 0, ERR_CORRUPT);
    assert_int_equal(desk_ask(&desk, "GET", "/zones", desk.all, NULL), 500);
    assert_string_equal(desk_words(&desk), "Internal error");
    desk_close(&desk);
}

// Whatever call of the store fails, nothing is half done.
static void every_failure_leaves_it_whole(void **state)
{
    (void)state;
    for (int64_t calls = 0;; calls++) {
        struct desk desk;
        char detail[512];
        desk_open(&desk);
        db_fail_after(desk.db, calls, ERR_IO);
        unsigned status = desk_ask(&desk, "PATCH", desk_path(&desk, 0, "/settings/ssl"), desk.all,
                                   "{\"value\":\"full\"}");
        db_fail_after(desk.db, 0, ERR_OK);
        size_t events = desk_events(&desk, desk.zones[0], "mode_changed", detail) +
                        desk_events(&desk, desk.zones[0], "automatic_changed", detail);
        OWN(zone_own) struct zone *zone = NULL;
        assert_ok(db_zone_get(desk.db, &zone, desk.zones[0], NULL), NULL);
        assert_int_equal(status, zone->mode == MODE_FULL ? 200 : 500);
        assert_int_equal(events, zone->mode == MODE_FULL ? 2 : 0);
        desk_close(&desk);
        if (status == 200) {
            assert_true(calls > 5);
            return;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mode_set_by_hand_is_honoured),
        cmocka_unit_test(auto_has_a_next_scan),
        cmocka_unit_test(plans_and_pulls),
        cmocka_unit_test(bulk_is_all_or_nothing),
        cmocka_unit_test(the_recommender_is_a_switch),
        cmocka_unit_test(both_forms_of_the_recommendation),
        cmocka_unit_test(a_start_keeps_its_reason),
        cmocka_unit_test(custom_ends_a_rollout_now),
        cmocka_unit_test(the_edge_is_told),
        cmocka_unit_test(a_grace_period_ends_by_choice),
        cmocka_unit_test(busy_and_conflicts_are_not_final),
        cmocka_unit_test(every_failure_leaves_it_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
