// SPDX-License-Identifier: Apache-2.0
// Lists and counts of rollouts, by account, network, edge, and by what is left to do.
#include <stdio.h>
#include <stdlib.h>

#include "core/buf.h"
#include "tests/contract/rollouts.h"

static const struct {
    const char *name;
    const char *account;
    const char *edge;
    const char *net;
    enum rollout_state state;
} rows[] = {
    {"d.example", "x", "east", "192.0.2.0/24", ROLLOUT_RAMPING},
    {"b.example", "x", "west", "192.0.2.0/24", ROLLOUT_ELIGIBLE},
    {"c.example", "y", "east", "192.0.2.0/24", ROLLOUT_ROLLED_BACK},
    {"a.example", "y", "west", "198.51.100.0/24", ROLLOUT_FINALISING},
    {"e.example", "x", "east", "198.51.100.0/24", ROLLOUT_DONE},
    {"f.example", "y", "west", "198.51.100.0/24", ROLLOUT_COOLDOWN},
};

static void replace_text(char **text, const char *with)
{
    free(*text);
    *text = strdup(with);
    assert_non_null(*text);
}

static void insert_rows(struct store *store)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        OWN(zone_own) struct zone *zone = zone_of(rows[i].name, rows[i].account);
        replace_text(&zone->edge, rows[i].edge);
        assert_ok(db_zone_insert(store->db, zone, &store->why), &store->why);
        // An older attempt, which no list shows.
        struct rollout old = rollout_of(zone->id, 1);
        old.state = ROLLOUT_COOLDOWN;
        old.share_bp = 0;
        assert_ok(db_rollout_insert(store->db, &old, NULL, &store->why), &store->why);
        struct rollout rollout = rollout_of(zone->id, 2);
        rollout.state = rows[i].state;
        rollout.share_bp = rows[i].state == ROLLOUT_RAMPING ? 100 : 0;
        if (rows[i].state == ROLLOUT_FINALISING) {
            rollout.share_bp = SHARE_ALL_BP;
        }
        (void)snprintf(rollout.origin_net, sizeof rollout.origin_net, "%s", rows[i].net);
        assert_ok(db_rollout_insert(store->db, &rollout, NULL, &store->why), &store->why);
    }
    OWN(zone_own) struct zone *zone = zone_of("without.example", "x");
    assert_ok(db_zone_insert(store->db, zone, &store->why), &store->why);
}

static enum err add_name(void *ctx, const struct zone *zone, const struct rollout *rollout)
{
    assert_string_equal(zone->id, rollout->zone_id);
    assert_int_equal(rollout->generation, 2);
    assert_int_equal(zone->host_count, 1);
    return buf_printf(ctx, "%c:%s ", zone->name[0], rollout_state_str(rollout->state));
}

static const struct {
    struct db_rollout_filter filter;
    const char *names;
    int64_t count;
} lists[] = {
    {{0}, "a:finalising b:eligible c:rolled_back d:ramping e:done f:cooldown ", 6},
    {{.active = true}, "a:finalising b:eligible c:rolled_back d:ramping ", 4},
    {{.running = true}, "a:finalising c:rolled_back d:ramping ", 3},
    {{.running = true, .active = true}, "a:finalising c:rolled_back d:ramping ", 3},
    {{.account = "x"}, "b:eligible d:ramping e:done ", 3},
    {{.account = "x", .running = true}, "d:ramping ", 1},
    {{.account = "x", .active = true}, "b:eligible d:ramping ", 2},
    {{.origin_net = "192.0.2.0/24"}, "b:eligible c:rolled_back d:ramping ", 3},
    {{.origin_net = "192.0.2.0/24", .running = true}, "c:rolled_back d:ramping ", 2},
    {{.edge = "west"}, "a:finalising b:eligible f:cooldown ", 3},
    {{.edge = "west", .active = true}, "a:finalising b:eligible ", 2},
    {{.edge = "east", .account = "y", .origin_net = "192.0.2.0/24", .running = true},
     "c:rolled_back ",
     1},
    {{.edge = "nowhere"}, "", 0},
    {{.account = "z", .running = true}, "", 0},
};

static void lists_and_counts_agree(void **state)
{
    struct store *store = *state;
    insert_rows(store);
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        OWN(buf_done) struct buf b = {.max = 4096};
        int64_t count = -1;
        assert_ok(db_rollout_each(store->db, &lists[i].filter, add_name, &b, &store->why),
                  &store->why);
        assert_ok(db_rollout_count(store->db, &lists[i].filter, &count, &store->why), &store->why);
        if (strcmp(buf_str(&b), lists[i].names) != 0 || count != lists[i].count) {
            fail_msg("list %zu: %lld, %s", i, (long long)count, buf_str(&b));
        }
    }
    OWN(buf_done) struct buf b = {.max = 4096};
    assert_ok(db_rollout_each(store->db, NULL, add_name, &b, &store->why), &store->why);
    assert_string_equal(buf_str(&b), lists[0].names);
}

static void a_zone_that_moves_takes_its_rollouts_along(void **state)
{
    struct store *store = *state;
    insert_rows(store);
    OWN(zone_own) struct zone *zone = NULL;
    assert_ok(db_zone_get(store->db, &zone, "d.example", &store->why), &store->why);
    replace_text(&zone->account, "z");
    assert_ok(db_zone_update(store->db, zone, &store->why), &store->why);
    int64_t count = -1;
    struct db_rollout_filter filter = {.account = "z", .running = true};
    assert_ok(db_rollout_count(store->db, &filter, &count, &store->why), &store->why);
    assert_int_equal(count, 1);
    filter.account = "x";
    assert_ok(db_rollout_count(store->db, &filter, &count, &store->why), &store->why);
    assert_int_equal(count, 0);
    assert_ok(db_check(store->db, no_complaint, NULL, &store->why), &store->why);
}

static void states_are_those_of_the_newest(void **state)
{
    struct store *store = *state;
    int64_t states[ROLLOUT_STATE_COUNT];
    memset(states, 0x5a, sizeof states);
    assert_ok(db_rollout_states(store->db, states, &store->why), &store->why);
    for (size_t i = 0; i < ROLLOUT_STATE_COUNT; i++) {
        assert_int_equal(states[i], 0);
    }
    insert_rows(store);
    assert_ok(db_rollout_states(store->db, states, &store->why), &store->why);
    assert_int_equal(states[ROLLOUT_ELIGIBLE], 1);
    assert_int_equal(states[ROLLOUT_RAMPING], 1);
    assert_int_equal(states[ROLLOUT_ROLLED_BACK], 1);
    assert_int_equal(states[ROLLOUT_FINALISING], 1);
    assert_int_equal(states[ROLLOUT_DONE], 1);
    assert_int_equal(states[ROLLOUT_COOLDOWN], 1);
    assert_int_equal(states[ROLLOUT_HOLDING], 0);
}

struct reader {
    struct store *store;
    size_t seen;
    size_t until;
};

// Asks the same handle for more, as a list may.
static enum err read_more(void *ctx, const struct zone *zone, const struct rollout *rollout)
{
    struct reader *reader = ctx;
    struct rollout again;
    enum err e = db_rollout_get(reader->store->db, zone->id, &again, NULL);
    assert_int_equal(again.version, rollout->version);
    int64_t count = 0;
    e = e != ERR_OK ? e : db_rollout_count(reader->store->db, NULL, &count, NULL);
    assert_int_equal(count, COUNT_OF(rows));
    return ++reader->seen == reader->until ? ERR_INTERRUPTED : e;
}

static void a_list_may_be_left_and_read_beside(void **state)
{
    struct store *store = *state;
    insert_rows(store);
    struct reader reader = {.store = store};
    assert_ok(db_rollout_each(store->db, NULL, read_more, &reader, &store->why), &store->why);
    assert_int_equal(reader.seen, COUNT_OF(rows));
    reader = (struct reader){.store = store, .until = 2};
    assert_err(db_rollout_each(store->db, NULL, read_more, &reader, &store->why), ERR_INTERRUPTED);
    assert_int_equal(reader.seen, 2);
    struct rollout rollout;
    OWN(zone_own) struct zone *zone = NULL;
    assert_ok(db_zone_get(store->db, &zone, "d.example", &store->why), &store->why);
    assert_ok(db_rollout_get(store->db, zone->id, &rollout, &store->why), &store->why);
    assert_ok(db_rollout_update(store->db, &rollout, NULL, &store->why), &store->why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_and_counts_agree),
        cmocka_unit_test(a_zone_that_moves_takes_its_rollouts_along),
        cmocka_unit_test(states_are_those_of_the_newest),
        cmocka_unit_test(a_list_may_be_left_and_read_beside),
    };
    return contract_run("rollout lists", tests, COUNT_OF(tests));
}
