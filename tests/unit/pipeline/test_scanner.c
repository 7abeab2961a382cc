// SPDX-License-Identifier: Apache-2.0
// The way of zones through the threads. Their origins are documentation addresses, which the guard
// refuses before anything is sent.
#include <string.h>

#include "pipeline/scanner.h"
#include "tests/support/check.h"

static struct scanner *started(void)
{
    static const struct trust_file roots[] = {{"public", "/etc/ssl/certs/ca-certificates.crt"}};
    struct pipeline_policy policy = pipeline_policy_default();
    policy.crawler.trust = roots;
    policy.crawler.trust_count = COUNT_OF(roots);
    policy.second_look_ms = 0;
    policy.analysts = 2;
    struct scanner *scanner = NULL;
    struct why why = {0};
    assert_ok(scanner_start(&scanner, &policy, &why), &why);
    return scanner;
}

static struct zone *zone_of(const char *name, size_t origins, const char *trust)
{
    struct zone *zone = zone_new();
    struct host *host = NULL;
    assert_non_null(zone);
    zone->name = strdup(name);
    assert_ok(zone_add_host(&host, zone, span_of(name), NULL), NULL);
    for (size_t i = 0; i < origins; i++) {
        char address[32];
        (void)snprintf(address, sizeof address, "192.0.2.%zu", i + 1);
        assert_ok(host_add_origin(host, span_of(address), 80, 443, NULL), NULL);
    }
    if (trust != NULL) {
        assert_ok(strings_add(&zone->trust_sets, &zone->trust_set_count, span_of(trust), 8), NULL);
    }
    return zone;
}

static void every_zone_comes_back_once(void **state)
{
    (void)state;
    enum {
        ZONES = 300
    };
    static int seen[ZONES];
    struct scanner *scanner = started();
    for (int64_t i = 0; i < ZONES; i++) {
        assert_ok(scanner_submit(scanner, zone_of("a.example", 1 + (size_t)i % 3, NULL), i), NULL);
    }
    for (int i = 0; i < ZONES; i++) {
        struct scanned *scanned = NULL;
        assert_ok(scanner_next(scanner, 20000, &scanned), NULL);
        assert_non_null(scanned);
        seen[scanned->epoch]++;
        const struct host_evidence *host = &scanned->evidence->hosts[0];
        assert_int_equal(host->origin_count, 1 + scanned->epoch % 3);
        for (size_t k = 0; k < host->origin_count; k++) {
            assert_int_equal(host->origins[k].https.outcome, OUTCOME_ADDRESS_REFUSED);
        }
        scanned_free(scanned);
    }
    for (int i = 0; i < ZONES; i++) {
        assert_int_equal(seen[i], 1);
    }
    assert_int_equal(scanner_in_flight(scanner), 0);
    scanner_free(scanner);
}

static void an_unknown_trust_set_is_a_finding(void **state)
{
    (void)state;
    struct scanner *scanner = started();
    assert_ok(scanner_submit(scanner, zone_of("a.example", 1, "nowhere"), 7), NULL);
    struct scanned *scanned = NULL;
    assert_ok(scanner_next(scanner, 20000, &scanned), NULL);
    assert_non_null(scanned);
    const struct origin_evidence *origin = &scanned->evidence->hosts[0].origins[0];
    assert_int_equal(origin->https.outcome, OUTCOME_SKIPPED);
    assert_non_null(strstr(origin->https.words, "trust set"));
    scanned_free(scanned);
    scanner_free(scanner);
}

static void stops_with_work_left(void **state)
{
    (void)state;
    struct scanner *scanner = started();
    for (int64_t i = 0; i < 100; i++) {
        assert_ok(scanner_submit(scanner, zone_of("a.example", 1, NULL), i), NULL);
    }
    scanner_free(scanner); // a sanitizer tells when something was left behind
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_zone_comes_back_once),
        cmocka_unit_test(an_unknown_trust_set_is_a_finding),
        cmocka_unit_test(stops_with_work_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
