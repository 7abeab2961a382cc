// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "tests/contract/contract.h"

struct log {
    char text[512];
    int64_t last_at;
};

static enum err add(void *ctx, const struct db_event *event)
{
    struct log *log = ctx;
    size_t used = strlen(log->text);
    assert_true(event->id > 0);
    (void)snprintf(log->text + used, sizeof log->text - used, "%s %s %s %s|",
                   event->zone_id == NULL ? "-" : event->zone_id, event->actor, event->kind,
                   event->detail);
    log->last_at = event->at;
    return ERR_OK;
}

static void assert_log(struct store *store, const char *zone_id, size_t limit, const char *expected)
{
    struct log log = {0};
    assert_ok(db_event_each(store->db, zone_id, limit, add, &log, &store->why), &store->why);
    assert_string_equal(log.text, expected);
}

static void newest_first_of_one_or_all(void **state)
{
    struct store *store = *state;
    static const struct db_event events[] = {
        {.zone_id = "z1", .actor = "cli:root", .kind = "zone_added", .detail = "one"},
        {.actor = "cli:root", .kind = "imported", .detail = "two zones"},
        {.zone_id = "z2", .actor = "scan", .kind = "scanned", .detail = "two"},
        {.zone_id = "z1", .actor = "scan", .kind = "scanned", .detail = "three"},
    };
    int64_t now = 0;
    assert_ok(db_now(store->db, &now, &store->why), &store->why);
    for (size_t i = 0; i < COUNT_OF(events); i++) {
        assert_ok(db_event_add(store->db, &events[i], &store->why), &store->why);
    }
    assert_log(store, "z1", 0, "z1 scan scanned three|z1 cli:root zone_added one|");
    assert_log(store, NULL, 2, "z1 scan scanned three|z2 scan scanned two|");
    assert_log(store, NULL, 0,
               "z1 scan scanned three|z2 scan scanned two|- cli:root imported two zones|"
               "z1 cli:root zone_added one|");
    assert_log(store, "z3", 0, "");
    struct log log = {0};
    assert_ok(db_event_each(store->db, NULL, 1, add, &log, &store->why), &store->why);
    assert_in_range(log.last_at, now, now + 60);
}

static void an_event_belongs_to_its_transaction(void **state)
{
    struct store *store = *state;
    struct db_event event = {.actor = "a", .kind = "k", .detail = "d"};
    assert_ok(db_begin(store->db, &store->why), &store->why);
    assert_ok(db_event_add(store->db, &event, &store->why), &store->why);
    db_rollback(store->db);
    assert_log(store, NULL, 0, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(newest_first_of_one_or_all),
        cmocka_unit_test(an_event_belongs_to_its_transaction),
    };
    return contract_run("events", tests, COUNT_OF(tests));
}
