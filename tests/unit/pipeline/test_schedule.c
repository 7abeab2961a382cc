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
    bool own_day;   // of the zone: half a span to one and a half from now, and jitter
};

static const struct row rows[] = {
    {"monthly", MODE_FLEXIBLE, AUTOMATIC_AUTO, VERDICT_UPGRADE, 0, 0, true, 30 * DAY, true},
    {"monthly when kept", MODE_FULL, AUTOMATIC_AUTO, VERDICT_KEEP, 0, 0, false, 30 * DAY, true},
    {"custom rests", MODE_FULL, AUTOMATIC_CUSTOM, VERDICT_UPGRADE, 0, 0, false, 0, false},
    {"certificate watch", MODE_STRICT, AUTOMATIC_AUTO, VERDICT_KEEP, 0, 0, false, 7 * DAY, true},
    {"watch at risk", MODE_STRICT, AUTOMATIC_AUTO, VERDICT_AT_RISK, 0, 0, false, 7 * DAY, true},
    {"unknown soon", MODE_FLEXIBLE, AUTOMATIC_AUTO, VERDICT_UNKNOWN, 0, 0, false, DAY, false},
    {"unknown doubles", MODE_FLEXIBLE, AUTOMATIC_AUTO, VERDICT_UNKNOWN, DAY, 0, false, 2 * DAY,
     false},
    {"jitter does not stall it", MODE_OFF, AUTOMATIC_AUTO, VERDICT_UNKNOWN, 2 * DAY - 9000, 0,
     false, 2 * DAY, false},
    {"unknown never rarer than a month", MODE_FULL, AUTOMATIC_AUTO, VERDICT_UNKNOWN, 40 * DAY, 0,
     false, 30 * DAY, false},
    {"an upgrade seen once", MODE_FLEXIBLE, AUTOMATIC_AUTO, VERDICT_UPGRADE, 0, 0, false, 3600,
     false},
    {"from strict, seen once", MODE_STRICT, AUTOMATIC_AUTO, VERDICT_UPGRADE, 0, 0, false, 3600,
     false},
    {"strict and unknown", MODE_STRICT, AUTOMATIC_AUTO, VERDICT_UNKNOWN, 0, 0, false, DAY, false},
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
        assert_in_range(at - NOW, row->span_s * (row->own_day ? 5 : 9) / 10,
                        row->span_s * (row->own_day ? 17 : 11) / 10);
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

// Zones that were added together.
static void days_of_their_own_spread(void **state)
{
    (void)state;
    struct schedule_policy p = policy();
    struct zone zone = {.mode = MODE_FLEXIBLE};
    int on_day[64] = {0};
    for (unsigned i = 0; i < 10000; i++) {
        (void)snprintf(zone.id, sizeof zone.id, "%032x", i);
        on_day[(schedule_next(&p, &zone, &keep, 0, 0, NOW) - NOW) / DAY]++;
    }
    for (size_t day = 0; day < COUNT_OF(on_day); day++) {
        assert_in_range(on_day[day], 0, 2 * 10000 / 30);
    }
}

static void jitter_does_not_add_up(void **state)
{
    (void)state;
    struct schedule_policy p = policy();
    struct zone zone = {.mode = MODE_FLEXIBLE};
    for (unsigned i = 0; i < 200; i++) {
        (void)snprintf(zone.id, sizeof zone.id, "%032x", i);
        int64_t first = schedule_next(&p, &zone, &keep, 0, 0, NOW);
        int64_t at = first;
        for (int n = 1; n <= 60; n++) {
            at = schedule_next(&p, &zone, &keep, at - NOW, 0, at + 3600);
            assert_in_range(at - first, (int64_t)n * 30 * DAY - 6 * DAY,
                            (int64_t)n * 30 * DAY + 6 * DAY);
        }
    }
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
    struct CMUnitTest tests[COUNT_OF(rows) + 4];
    size_t n = 0;
    for (; n < COUNT_OF(rows); n++) {
        struct row *row = (struct row *)(uintptr_t)&rows[n];
        tests[n] = (struct CMUnitTest){rows[n].name, check_row, NULL, NULL, row};
    }
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(waits_as_long_as_asked);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(days_of_their_own_spread);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(jitter_does_not_add_up);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(watch_can_be_off);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
