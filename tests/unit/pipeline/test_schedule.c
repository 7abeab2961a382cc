// SPDX-License-Identifier: Apache-2.0
#include "pipeline/schedule.h"
#include "tests/support/check.h"

enum {
    DAY = 86400,
    NOW = 1795000000
};

static struct schedule_policy policy(void)
{
    return (struct schedule_policy){.interval_s = 30 * DAY,
                                    .retry_s = DAY,
                                    .certificate_watch_s = 7 * DAY,
                                    .confirm_s = 3600,
                                    .jitter_percent = 10};
}

static const struct recommendation unknown = {.verdict = VERDICT_UNKNOWN};
static const struct recommendation keep = {.verdict = VERDICT_KEEP};

struct row {
    const char *name;
    enum mode mode;
    enum automatic automatic;
    enum verdict verdict;
    int64_t previous_gap_s, wait_s;
    bool confirmed;
    int64_t span_s; // expected, before jitter; 0 = no further scan
};

static const struct row rows[] = {
    {"monthly", MODE_FLEXIBLE, AUTOMATIC_AUTO, VERDICT_UPGRADE, 0, 0, true, 30 * DAY},
    {"monthly when kept", MODE_FULL, AUTOMATIC_AUTO, VERDICT_KEEP, 0, 0, false, 30 * DAY},
    {"custom rests", MODE_FULL, AUTOMATIC_CUSTOM, VERDICT_UPGRADE, 0, 0, false, 0},
    {"certificate watch", MODE_STRICT, AUTOMATIC_AUTO, VERDICT_KEEP, 0, 0, false, 7 * DAY},
    {"watch at risk", MODE_STRICT, AUTOMATIC_AUTO, VERDICT_AT_RISK, 0, 0, false, 7 * DAY},
    {"unknown soon", MODE_FLEXIBLE, AUTOMATIC_AUTO, VERDICT_UNKNOWN, 0, 0, false, DAY},
    {"unknown doubles", MODE_FLEXIBLE, AUTOMATIC_AUTO, VERDICT_UNKNOWN, DAY, 0, false, 2 * DAY},
    {"jitter does not stall it", MODE_OFF, AUTOMATIC_AUTO, VERDICT_UNKNOWN, 2 * DAY - 9000, 0,
     false, 2 * DAY},
    {"unknown never rarer than a month", MODE_FULL, AUTOMATIC_AUTO, VERDICT_UNKNOWN, 40 * DAY, 0,
     false, 30 * DAY},
    {"an upgrade seen once", MODE_FLEXIBLE, AUTOMATIC_AUTO, VERDICT_UPGRADE, 0, 0, false, 3600},
    {"from strict, seen once", MODE_STRICT, AUTOMATIC_AUTO, VERDICT_UPGRADE, 0, 0, false, 3600},
    {"strict and unknown", MODE_STRICT, AUTOMATIC_AUTO, VERDICT_UNKNOWN, 0, 0, false, DAY},
};

static void check_row(void **state)
{
    const struct row *row = *state;
    struct schedule_policy p = policy();
    struct zone zone = {.mode = row->mode, .automatic = row->automatic};
    struct recommendation said = {.verdict = row->verdict, .confirmed = row->confirmed};
    for (unsigned i = 0; i < 200; i++) {
        (void)snprintf(zone.id, sizeof zone.id, "%032x", i * 2654435761u);
        int64_t at = schedule_next(&p, &zone, &said, row->previous_gap_s, row->wait_s, NOW);
        if (row->span_s == 0) {
            assert_int_equal(at, 0);
            continue;
        }
        assert_in_range(at - NOW, row->span_s * 9 / 10, row->span_s * 11 / 10);
        assert_int_equal(at,
                         schedule_next(&p, &zone, &said, row->previous_gap_s, row->wait_s, NOW));
    }
}

static void waits_as_long_as_asked(void **state)
{
    (void)state;
    struct schedule_policy p = policy();
    struct zone zone = {.id = "ab", .mode = MODE_FLEXIBLE};
    p.retry_s = 60;
    assert_int_equal(schedule_next(&p, &zone, &unknown, 0, 7200, NOW), NOW + 7200);
}

static void jitter_spreads(void **state)
{
    (void)state;
    struct schedule_policy p = policy();
    struct zone zone = {.mode = MODE_FLEXIBLE};
    int early = 0;
    for (unsigned i = 0; i < 1000; i++) {
        (void)snprintf(zone.id, sizeof zone.id, "%032x", i);
        early += schedule_next(&p, &zone, &keep, 0, 0, NOW) < NOW + p.interval_s;
    }
    assert_in_range(early, 400, 600);
}

static void watch_can_be_off(void **state)
{
    (void)state;
    struct schedule_policy p = policy();
    p.certificate_watch_s = 0;
    struct zone zone = {.id = "ab", .mode = MODE_STRICT};
    assert_int_equal(schedule_next(&p, &zone, &keep, 0, 0, NOW), 0);
}

int main(void)
{
    struct CMUnitTest tests[COUNT_OF(rows) + 3];
    size_t n = 0;
    for (; n < COUNT_OF(rows); n++) {
        struct row *row = (struct row *)(uintptr_t)&rows[n];
        tests[n] = (struct CMUnitTest){rows[n].name, check_row, NULL, NULL, row};
    }
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(waits_as_long_as_asked);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(jitter_spreads);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(watch_can_be_off);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
