// SPDX-License-Identifier: Apache-2.0
// Members, the turns of rollouts, modes by week, letters and their dispatches.
#include <stdlib.h>

#include "core/buf.h"
#include "model/week.h"
#include "tests/contract/contract.h"
#include "tests/contract/rollouts.h"

#define WEEK INT64_C(1794787200) // Monday 2026-11-16

static struct buf said;

static enum err say_member(void *ctx, const struct db_member *member)
{
    (void)ctx;
    return buf_printf(&said, "%s %s %s|", member->account, member->address,
                      member_role_str(member->role));
}

static enum err say_name(void *ctx, const char *name)
{
    (void)ctx;
    return buf_printf(&said, "%s|", name);
}

static enum err say_dispatch(void *ctx, const struct db_dispatch *one)
{
    (void)ctx;
    return buf_printf(&said, "%s %s %s %s %lld %s|", one->letter, db_channel_str(one->channel),
                      one->recipient, db_dispatch_state_str(one->state), (long long)one->attempts,
                      one->words);
}

static void expect(const char *expected)
{
    assert_string_equal(buf_str(&said), expected);
    buf_done(&said);
    buf_init(&said, 4096);
}

static void add_member(struct store *store, const char *account, const char *address,
                       enum member_role role, enum err expected)
{
    struct db_member member = {.account = account, .address = address, .name = "N", .role = role};
    assert_err(db_member_add(store->db, &member, &store->why), expected);
}

static void members_come_and_go(void **state)
{
    struct store *store = *state;
    buf_init(&said, 4096);
    add_member(store, "b", "x@example.org", ROLE_READ_ONLY, ERR_OK);
    add_member(store, "a", "z@example.org", ROLE_ADMINISTRATOR, ERR_OK);
    add_member(store, "a", "x@example.org", ROLE_SUPER_ADMINISTRATOR, ERR_OK);
    add_member(store, "a", "x@example.org", ROLE_READ_ONLY, ERR_EXISTS);
    assert_ok(db_member_each(store->db, NULL, say_member, NULL, &store->why), &store->why);
    expect("a x@example.org super_administrator|a z@example.org administrator|"
           "b x@example.org read_only|");
    assert_ok(db_member_remove(store->db, "a", "z@example.org", &store->why), &store->why);
    assert_err(db_member_remove(store->db, "a", "z@example.org", &store->why), ERR_NOT_FOUND);
    assert_ok(db_member_each(store->db, "a", say_member, NULL, &store->why), &store->why);
    expect("a x@example.org super_administrator|");
}

static void accounts_are_those_with_zones(void **state)
{
    struct store *store = *state;
    static const char *const rows[][2] = {{"1.test", "b"}, {"2.test", "a"}, {"3.test", "b"}};
    buf_init(&said, 4096);
    assert_ok(db_account_each(store->db, say_name, NULL, &store->why), &store->why);
    expect("");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        OWN(zone_own) struct zone *zone = zone_of(rows[i][0], rows[i][1]);
        assert_ok(db_zone_insert(store->db, zone, &store->why), &store->why);
    }
    assert_ok(db_account_each(store->db, say_name, NULL, &store->why), &store->why);
    expect("a|b|");
}

static enum err say_turn(void *ctx, const struct db_turn *turn)
{
    (void)ctx;
    return buf_printf(&said, "%s %s %s>%s %s %s|", turn->zone, turn->account, mode_str(turn->from),
                      mode_str(turn->to), rollout_state_str(turn->state),
                      rollout_reason_str(turn->reason));
}

static void turns_are_those_of_the_time(void **state)
{
    struct store *store = *state;
    char id[33];
    buf_init(&said, 4096);
    db_clock_set(store->db, WEEK);
    insert_zone(store, "a.test", id);
    struct rollout rollout = rollout_of(id, 1);
    struct rollout_event event = {.actor = "t", .state = ROLLOUT_ELIGIBLE, .detail = "begins"};
    assert_ok(db_rollout_insert(store->db, &rollout, &event, &store->why), &store->why);
    rollout.state = ROLLOUT_ROLLED_BACK;
    rollout.reason = event.reason = ROLLOUT_REASON_TLS;
    event.state = ROLLOUT_ROLLED_BACK;
    for (int i = 0; i < 2; i++) { // the second one did not enter the state
        db_clock_set(store->db, WEEK + 10 + i);
        assert_ok(db_rollout_update(store->db, &rollout, &event, &store->why), &store->why);
    }
    assert_ok(db_turn_each(store->db, NULL, WEEK, WEEK + WEEK_S, say_turn, NULL, &store->why),
              &store->why);
    expect("a.test default flexible>strict rolled_back tls|");
    assert_ok(db_turn_each(store->db, "default", WEEK + 10, WEEK + 11, say_turn, NULL, &store->why),
              &store->why);
    expect("a.test default flexible>strict rolled_back tls|");
    assert_ok(db_turn_each(store->db, NULL, WEEK, WEEK + 10, say_turn, NULL, &store->why),
              &store->why);
    assert_ok(db_turn_each(store->db, "other", WEEK, WEEK + 99, say_turn, NULL, &store->why),
              &store->why);
    expect("");
}

static void modes_are_kept_once(void **state)
{
    struct store *store = *state;
    struct digest_modes got[DIGEST_WEEKS];
    size_t count = 0;
    for (int i = 0; i < DIGEST_WEEKS + 3; i++) {
        struct digest_modes modes = {.week = WEEK + i * WEEK_S, .zones = {i, 1, 2, 3, 4}};
        assert_ok(db_modes_keep(store->db, "a", &modes, &store->why), &store->why);
        modes.zones[0] = 99;
        assert_ok(db_modes_keep(store->db, "a", &modes, &store->why), &store->why);
    }
    assert_ok(db_modes_get(store->db, "a", WEEK + 13 * WEEK_S, got, &count, &store->why),
              &store->why);
    assert_int_equal(count, DIGEST_WEEKS);
    assert_int_equal(got[0].week, WEEK + 2 * WEEK_S);
    assert_int_equal(got[0].zones[MODE_OFF], 2);
    assert_int_equal(got[DIGEST_WEEKS - 1].week, WEEK + 13 * WEEK_S);
    assert_int_equal(got[DIGEST_WEEKS - 1].zones[MODE_ORIGIN_PULL], 4);
    assert_ok(db_modes_get(store->db, "b", WEEK, got, &count, &store->why), &store->why);
    assert_int_equal(count, 0);
}

static char *owned(const char *text)
{
    char *copy = strdup(text);
    assert_non_null(copy);
    return copy;
}

static void add_letter(struct store *store, const char *name, const char *account, int64_t week)
{
    OWN(db_letter_done)
    struct db_letter letter = {.name = owned(name),
                               .account = owned(account),
                               .week = week,
                               .made_at = 1000,
                               .mail = owned("mail"),
                               .json = owned("{}")};
    assert_ok(db_letter_add(store->db, &letter, &store->why), &store->why);
    assert_err(db_letter_add(store->db, &letter, &store->why), ERR_EXISTS);
}

static void letters_are_made_once(void **state)
{
    struct store *store = *state;
    add_letter(store, "digest/2026-W47/a", "a", WEEK);
    for (int i = 0; i < 2; i++) {
        OWN(db_letter_done) struct db_letter letter = {0};
        assert_ok(db_letter_get(store->db, "digest/2026-W47/a", &letter, &store->why), &store->why);
        assert_string_equal(letter.account, "a");
        assert_int_equal(letter.week, WEEK);
        assert_string_equal(letter.mail, i == 0 ? "mail" : "");
        assert_string_equal(letter.json, i == 0 ? "{}" : "");
        assert_ok(db_letter_forget(store->db, 1000, &store->why), &store->why);
        assert_ok(db_letter_forget(store->db, 1001, &store->why), &store->why);
    }
    struct db_letter none = {0};
    assert_err(db_letter_get(store->db, "x", &none, &store->why), ERR_NOT_FOUND);
}

static struct db_dispatch claim(struct store *store, const char *owner)
{
    struct db_dispatch one = {0};
    assert_ok(db_dispatch_claim(store->db, owner, 60, &one, &store->why), &store->why);
    return one;
}

static void expect_none(struct store *store)
{
    struct db_dispatch one = {0};
    assert_err(db_dispatch_claim(store->db, "o", 60, &one, &store->why), ERR_NOT_FOUND);
}

static void set_up_dispatches(struct store *store)
{
    buf_init(&said, 4096);
    db_clock_set(store->db, WEEK);
    add_letter(store, "l1", "a", WEEK);
    for (int i = 0; i < 2; i++) {
        assert_ok(db_dispatch_add(store->db, "l1", CHANNEL_MAIL, "x@example.org", &store->why),
                  &store->why);
    }
}

static void a_dispatch_is_sent_once(void **state)
{
    struct store *store = *state;
    set_up_dispatches(store);
    OWN(db_dispatch_done) struct db_dispatch first = claim(store, "one");
    assert_int_equal(first.attempts, 1);
    expect_none(store);
    // Its sender is gone: another takes it up, and what the first one says comes too late.
    db_clock_set(store->db, WEEK + 60);
    OWN(db_dispatch_done) struct db_dispatch second = claim(store, "two");
    assert_int_equal(second.attempts, 2);
    first.state = DISPATCH_FAILED;
    assert_err(db_dispatch_end(store->db, &first, &store->why), ERR_CONFLICT);
    second.state = DISPATCH_SENT;
    assert_ok(db_dispatch_end(store->db, &second, &store->why), &store->why);
    assert_err(db_dispatch_end(store->db, &second, &store->why), ERR_CONFLICT);
    db_clock_set(store->db, WEEK + 9999);
    assert_ok(db_dispatch_hurry(store->db, "l1", &store->why), &store->why);
    expect_none(store);
    assert_ok(db_dispatch_each(store->db, NULL, say_dispatch, NULL, &store->why), &store->why);
    expect("l1 mail x@example.org sent 2 |");
}

static void a_failed_one_waits(void **state)
{
    struct store *store = *state;
    set_up_dispatches(store);
    OWN(db_dispatch_done) struct db_dispatch one = claim(store, "one");
    one.state = DISPATCH_WAITING;
    one.due_at = WEEK + 100;
    (void)snprintf(one.words, sizeof one.words, "refused");
    assert_ok(db_dispatch_end(store->db, &one, &store->why), &store->why);
    db_clock_set(store->db, WEEK + 99);
    expect_none(store);
    assert_ok(db_dispatch_hurry(store->db, "l1", &store->why), &store->why);
    OWN(db_dispatch_done) struct db_dispatch again = claim(store, "one");
    assert_int_equal(again.attempts, 2);
    again.state = DISPATCH_FAILED;
    assert_ok(db_dispatch_end(store->db, &again, &store->why), &store->why);
    struct db_dispatch_filter filter = {.account = "a", .week = WEEK};
    assert_ok(db_dispatch_each(store->db, &filter, say_dispatch, NULL, &store->why), &store->why);
    expect("l1 mail x@example.org failed 2 refused|");
    filter.open = true;
    assert_ok(db_dispatch_each(store->db, &filter, say_dispatch, NULL, &store->why), &store->why);
    filter = (struct db_dispatch_filter){.account = "b"};
    assert_ok(db_dispatch_each(store->db, &filter, say_dispatch, NULL, &store->why), &store->why);
    filter = (struct db_dispatch_filter){.week = WEEK + WEEK_S};
    assert_ok(db_dispatch_each(store->db, &filter, say_dispatch, NULL, &store->why), &store->why);
    expect("");
}

static void what_a_dead_sender_had_is_due(void **state)
{
    struct store *store = *state;
    set_up_dispatches(store);
    OWN(db_dispatch_done) struct db_dispatch one = claim(store, "dead");
    assert_ok(db_dispatch_owners(store->db, say_name, NULL, &store->why), &store->why);
    expect("dead|");
    assert_ok(db_dispatch_drop_owner(store->db, "alive", &store->why), &store->why);
    expect_none(store);
    assert_ok(db_dispatch_drop_owner(store->db, "dead", &store->why), &store->why);
    OWN(db_dispatch_done) struct db_dispatch again = claim(store, "alive");
    assert_int_equal(again.id, one.id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_come_and_go),
        cmocka_unit_test(accounts_are_those_with_zones),
        cmocka_unit_test(turns_are_those_of_the_time),
        cmocka_unit_test(modes_are_kept_once),
        cmocka_unit_test(letters_are_made_once),
        cmocka_unit_test(a_dispatch_is_sent_once),
        cmocka_unit_test(a_failed_one_waits),
        cmocka_unit_test(what_a_dead_sender_had_is_due),
    };
    return contract_run("digests", tests, COUNT_OF(tests));
}
