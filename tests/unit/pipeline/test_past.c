// SPDX-License-Identifier: Apache-2.0
// When the scan before confirms an upgrade.
#include "pipeline/past.h"
#include "tests/support/check.h"

#define EVIDENCE                                                                                   \
    "{\"hosts\":[{\"name\":\"a.example\",\"origins\":[{\"address\":\"192.0.2.1\","                 \
    "\"http_port\":80,\"https_port\":443}]}]}"

enum {
    NOW = 1795000000,
    GAP = 300
};

static char address[] = "192.0.2.1";
static char name[] = "a.example";

struct row {
    const char *about;
    enum verdict verdict;
    enum mode current, recommended;
    int64_t ago_s;
    const char *evidence, *recommendation;
    uint16_t https_port;
    enum mode upgrade;
};

static const struct row rows[] = {
    {"an hour ago", VERDICT_UPGRADE, MODE_FLEXIBLE, MODE_STRICT, 3600, EVIDENCE, "{}", 443,
     MODE_STRICT},
    {"just long enough", VERDICT_UPGRADE, MODE_FLEXIBLE, MODE_FULL, GAP, EVIDENCE, "{}", 443,
     MODE_FULL},
    {"too close", VERDICT_UPGRADE, MODE_FLEXIBLE, MODE_STRICT, GAP - 1, EVIDENCE,
     "{\"confirmed\":false}", 443, MODE_NONE},
    {"too close, confirmed before", VERDICT_UPGRADE, MODE_FLEXIBLE, MODE_STRICT, 5, EVIDENCE,
     "{\"confirmed\":true}", 443, MODE_STRICT},
    {"no upgrade", VERDICT_KEEP, MODE_FLEXIBLE, MODE_FLEXIBLE, 3600, EVIDENCE, "{}", 443,
     MODE_NONE},
    {"from another mode", VERDICT_UPGRADE, MODE_OFF, MODE_STRICT, 3600, EVIDENCE, "{}", 443,
     MODE_NONE},
    {"another port", VERDICT_UPGRADE, MODE_FLEXIBLE, MODE_STRICT, 3600, EVIDENCE, "{}", 8443,
     MODE_NONE},
    {"no evidence", VERDICT_UPGRADE, MODE_FLEXIBLE, MODE_STRICT, 3600, "{\"hosts\":[]}", "{}", 443,
     MODE_NONE},
    {"damaged evidence", VERDICT_UPGRADE, MODE_FLEXIBLE, MODE_STRICT, 3600, "{", "{", 443,
     MODE_NONE},
};

static void every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct row *row = &rows[i];
        struct origin origin = {.address = address, .http_port = 80, .https_port = row->https_port};
        struct host host = {.name = name, .origins = &origin, .origin_count = 1};
        struct zone zone = {.mode = MODE_FLEXIBLE, .hosts = &host, .host_count = 1};
        char evidence[256];
        char recommendation[64];
        (void)snprintf(evidence, sizeof evidence, "%s", row->evidence);
        (void)snprintf(recommendation, sizeof recommendation, "%s", row->recommendation);
        struct db_scan before = {.verdict = row->verdict,
                                 .mode_current = row->current,
                                 .mode_recommended = row->recommended,
                                 .scanned_at = NOW - row->ago_s,
                                 .evidence = evidence,
                                 .recommendation = recommendation};
        struct recommend_past past = past_of(&before, &zone, GAP, NOW);
        if (past.upgrade != row->upgrade) {
            fail_msg("%s: %s", row->about, mode_str(past.upgrade));
        }
    }
}

static void nothing_before_says_nothing(void **state)
{
    (void)state;
    struct zone zone = {.mode = MODE_FLEXIBLE};
    assert_int_equal(past_of(NULL, &zone, GAP, NOW).upgrade, MODE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row),
        cmocka_unit_test(nothing_before_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
