// SPDX-License-Identifier: Apache-2.0
// A year of the schedule and of the digests for 10,000 zones, with the clock moved by the test:
// nothing is crawled, everything else is the program's own. The year is 2028: a leap year, with
// both changes of summer time, in a zone of the world that has them.
#include <stdlib.h>
#include <time.h>

#include "db/backend.h"
#include "model/week.h"
#include "pipeline/schedule.h"
#include "tests/support/check.h"

#define ZONES    10000
#define ACCOUNTS 4
#define RISKS    ACCOUNTS // besides: zones at strict that no longer are, one of each account
#define DAY      INT64_C(86400)
#define DAYS     366
#define BEGIN    INT64_C(1830297600) // 2028-01-01T00:00:00Z
#define STEP_S   3600
#define BATCH    500

struct year {
    struct db *db;
    struct schedule_policy schedule;
    struct digest_policy digest;
    int *scans_of; // by the number in the zone's name
    int on_day[DAYS];
    int64_t total;
    struct why why;
};

static int set_up(void **state)
{
    struct year *year = calloc(1, sizeof *year);
    assert_non_null(year);
    assert_int_equal(setenv("TZ", "Europe/Berlin", 1), 0);
    tzset();
    year->scans_of = calloc(ZONES + RISKS, sizeof *year->scans_of);
    year->schedule = pipeline_policy_default().schedule;
    year->digest = digest_policy_default();
    assert_ok(db_open_memory(&year->db, "year", &year->why), &year->why);
    db_clock_set(year->db, BEGIN);
    assert_ok(db_begin(year->db, &year->why), &year->why);
    for (int i = 0; i < ZONES + RISKS; i++) {
        OWN(zone_own) struct zone *zone = zone_new();
        struct host *host = NULL;
        free(zone->name);
        free(zone->account);
        // The same ids each time: a test that fails fails again.
        (void)snprintf(zone->id, sizeof zone->id, "%016llx%016llx",
                       (unsigned long long)i * 0x9e3779b97f4a7c15u, (unsigned long long)i);
        assert_true(asprintf(&zone->name, "z%05d.example", i) > 0);
        assert_true(asprintf(&zone->account, "account%d", i % ACCOUNTS) > 0);
        zone->mode = i < ZONES ? MODE_FLEXIBLE : MODE_STRICT;
        assert_ok(zone_add_host(&host, zone, span_of(zone->name), NULL), NULL);
        assert_ok(host_add_origin(host, span_of("192.0.2.1"), 80, 443, NULL), NULL);
        assert_ok(db_zone_insert(year->db, zone, &year->why), &year->why);
    }
    assert_ok(db_commit(year->db, &year->why), &year->why);
    *state = year;
    return 0;
}

static int tear_down(void **state)
{
    struct year *year = *state;
    db_close(year->db);
    free(year->scans_of);
    free(year);
    return 0;
}

static char evidence[] = "{\"version\":1,\"hosts\":[]}";
static char policy[] = "{}";
static char blocked[] =
    "{\"verdict\":\"keep\",\"confirmed\":false,\"reasons\":[],\"blockers\":[{\"code\":\"c\","
    "\"text\""
    ":\"HTTPS shows another page.\",\"source\":\"s\",\"remedy\":\"Serve the same site.\"}]}";

// What a scan stores, without having looked at anything.
static void scan(struct year *year, const struct db_lease *lease, int64_t now)
{
    int number = (int)strtol(lease->zone->name + 1, NULL, 10);
    const struct recommendation said = {.verdict = number < ZONES ? VERDICT_KEEP : VERDICT_AT_RISK};
    struct db_scan found = {.scanned_at = now,
                            .mode_current = lease->zone->mode,
                            .mode_recommended = lease->zone->mode,
                            .verdict = said.verdict,
                            .blocker_count = 1,
                            .evidence = evidence,
                            .recommendation = blocked,
                            .policy = policy};
    (void)snprintf(found.zone_id, sizeof found.zone_id, "%s", lease->zone->id);
    int64_t gap = year->scans_of[number] == 0 ? 0 : year->schedule.interval_s;
    found.next_scan_at = schedule_next(&year->schedule, lease->zone, &said, gap, 0, now);
    assert_ok(db_scan_commit(year->db, &found, lease->epoch, &year->why), &year->why);
    year->scans_of[number]++;
    if (number < ZONES) {
        year->on_day[(now - BEGIN) / DAY]++;
        year->total++;
    }
}

static void scan_what_is_due(struct year *year, int64_t now)
{
    static struct db_lease leases[BATCH];
    size_t count = BATCH;
    while (count == BATCH) {
        assert_ok(db_begin(year->db, &year->why), &year->why);
        assert_ok(db_claim(year->db, "year", 60, BATCH, leases, &count, &year->why), &year->why);
        for (size_t i = 0; i < count; i++) {
            scan(year, &leases[i], now);
            zone_free(leases[i].zone);
        }
        assert_ok(db_commit(year->db, &year->why), &year->why);
    }
}

static void ignore(void *ctx, const struct db_dispatch *dispatch)
{
    (void)ctx;
    (void)dispatch;
}

// Nobody answers there: what is counted is what was made.
static void send_what_is_due(struct year *year, struct digest_sums *sums)
{
    const struct digest_watch watch = {.sent = ignore};
    year->digest.mail.server = "smtp://127.0.0.1:1";
    year->digest.mail.from = "sslauto@example.org";
    assert_ok(digests_pass(year->db, &year->digest, &watch, sums, &year->why), &year->why);
}

struct seen {
    int count;
    int64_t weeks[64];
};

static enum err no_letters_twice(struct year *year, const char *account, struct seen *seen)
{
    for (int64_t week = week_of(BEGIN); week < BEGIN + DAYS * DAY; week += WEEK_S) {
        char name[64];
        char text[WEEK_TEXT_SIZE];
        OWN(db_letter_done) struct db_letter letter = {0};
        (void)snprintf(name, sizeof name, "digest/%s/%s", week_print(text, week), account);
        enum err e = db_letter_get(year->db, name, &letter, &year->why);
        if (e == ERR_OK) {
            assert_true(letter.json[0] != '\0' || letter.made_at < db_clock(year->db) - 8 * WEEK_S);
            // Mondays at 07:00 UTC, winter and summer: the pass runs every hour.
            assert_int_equal(letter.made_at, week + WEEK_S + 7 * 3600);
            seen->weeks[seen->count++] = week;
        } else if (e != ERR_NOT_FOUND) {
            return e;
        }
    }
    return ERR_OK;
}

static void a_year_passes(void **state)
{
    struct year *year = *state;
    struct digest_sums sums = {0};
    for (int64_t now = BEGIN; now < BEGIN + DAYS * DAY; now += STEP_S) {
        db_clock_set(year->db, now);
        scan_what_is_due(year, now);
        send_what_is_due(year, &sums);
    }
    int fewest = year->scans_of[0];
    int most = fewest;
    for (int i = 0; i < ZONES; i++) {
        fewest = year->scans_of[i] < fewest ? year->scans_of[i] : fewest;
        most = year->scans_of[i] > most ? year->scans_of[i] : most;
    }
    // The first day is the import: a zone that is added is looked at at once.
    assert_int_equal(year->on_day[0], ZONES);
    double mean = (double)(year->total - ZONES) / (DAYS - 1);
    int busiest = 0;
    for (int day = 1; day < DAYS; day++) {
        busiest = year->on_day[day] > busiest ? year->on_day[day] : busiest;
    }
    print_message("%lld scans, %d to %d a zone, %.0f a day, %d on the busiest; %lld letters\n",
                  (long long)year->total, fewest, most, mean, busiest, (long long)sums.made);
    assert_in_range(fewest, 12, 13);
    assert_in_range(most, 12, 13);
    assert_true(busiest <= 2 * mean);
    // For each account every one of the 52 weeks that ended in the year, told once.
    assert_int_equal(sums.made, 52 * ACCOUNTS);
    int risk_scans = year->scans_of[ZONES];
    assert_in_range(risk_scans, 51, 53); // the weekly watch of certificates
    for (int i = 0; i < ACCOUNTS; i++) {
        char account[32];
        struct seen seen = {0};
        (void)snprintf(account, sizeof account, "account%d", i);
        assert_ok(no_letters_twice(year, account, &seen), &year->why);
        assert_int_equal(seen.count, 52);
        for (int n = 1; n < seen.count; n++) {
            assert_int_equal(seen.weeks[n] - seen.weeks[n - 1], WEEK_S);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_year_passes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
