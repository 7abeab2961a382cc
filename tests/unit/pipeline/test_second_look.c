// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "pipeline/second_look.h"
#include "tests/support/check.h"

enum {
    PAUSE = 60000
};

struct row {
    const char *name;
    enum outcome http, https;
    int http_status, https_status;
    enum sameness sameness;
    enum robots robots;
    int64_t retry_after_s;
    int64_t after_ms; // expected
};

#define FINE OUTCOME_OK, OUTCOME_OK, 200, 200
static const struct row rows[] = {
    {"clean", FINE, SAMENESS_SAME, ROBOTS_NONE, -1, -1},
    {"different", FINE, SAMENESS_DIFFERENT, ROBOTS_NONE, -1, PAUSE},
    {"unsure", FINE, SAMENESS_UNSURE, ROBOTS_NONE, -1, PAUSE},
    {"https 503", OUTCOME_OK, OUTCOME_OK, 200, 503, SAMENESS_DIFFERENT, ROBOTS_NONE, -1, PAUSE},
    {"https refused", OUTCOME_OK, OUTCOME_CONNECT_REFUSED, 200, 0, SAMENESS_NONE, ROBOTS_NONE, -1,
     PAUSE},
    {"down", OUTCOME_CONNECT_TIMEOUT, OUTCOME_CONNECT_TIMEOUT, 0, 0, SAMENESS_NONE, ROBOTS_NONE, -1,
     PAUSE},
    {"only https", OUTCOME_CONNECT_REFUSED, OUTCOME_OK, 0, 200, SAMENESS_NONE, ROBOTS_NONE, -1,
     PAUSE},
    {"robots say no", OUTCOME_SKIPPED, OUTCOME_SKIPPED, 0, 0, SAMENESS_NONE, ROBOTS_DISALLOWED, -1,
     -1},
    {"robots not to be had", OUTCOME_SKIPPED, OUTCOME_SKIPPED, 0, 0, SAMENESS_NONE,
     ROBOTS_UNAVAILABLE, -1, PAUSE},
    {"not asked at all", OUTCOME_SKIPPED, OUTCOME_SKIPPED, 0, 0, SAMENESS_NONE, ROBOTS_NONE, -1,
     -1},
    {"address refused", OUTCOME_ADDRESS_REFUSED, OUTCOME_ADDRESS_REFUSED, 0, 0, SAMENESS_NONE,
     ROBOTS_NONE, -1, -1},
    {"client certificate", OUTCOME_OK, OUTCOME_CLIENT_CERTIFICATE, 200, 0, SAMENESS_NONE,
     ROBOTS_NONE, -1, -1},
    {"asked to wait a little", OUTCOME_OK, OUTCOME_OK, 200, 503, SAMENESS_DIFFERENT, ROBOTS_NONE,
     120, 120000},
    {"asked to wait an hour", OUTCOME_OK, OUTCOME_OK, 503, 503, SAMENESS_SAME, ROBOTS_NONE, 3600,
     -1},
    {"asked to wait less than we do", OUTCOME_OK, OUTCOME_OK, 503, 503, SAMENESS_SAME, ROBOTS_NONE,
     5, PAUSE},
};

static struct origin_evidence evidence_of(const struct row *row)
{
    return (struct origin_evidence){.robots = row->robots,
                                    .sameness = row->sameness,
                                    .http = {.asked = row->http != OUTCOME_SKIPPED,
                                             .outcome = row->http,
                                             .status = row->http_status,
                                             .retry_after_s = row->retry_after_s},
                                    .https = {.asked = row->https != OUTCOME_SKIPPED,
                                              .outcome = row->https,
                                              .status = row->https_status,
                                              .retry_after_s = -1}};
}

static void check_row(void **state)
{
    const struct row *row = *state;
    struct origin_evidence first = evidence_of(row);
    assert_int_equal(second_look_after(&first, PAUSE), row->after_ms);
}

static void our_overload_is_looked_at_again(void **state)
{
    (void)state;
    struct origin_evidence first = evidence_of(&rows[0]);
    first.overload = true;
    assert_int_equal(second_look_after(&first, PAUSE), PAUSE);
}

static void better_means_changed(void **state)
{
    (void)state;
    struct origin_evidence bad = evidence_of(&rows[3]);
    struct origin_evidence good = evidence_of(&rows[0]);
    second_look_merge(&good, &bad);
    assert_int_equal(good.second_look, LOOK_CHANGED);
    assert_string_equal(good.first_look, "HTTPS answered 503");
}

static void as_bad_means_confirmed(void **state)
{
    (void)state;
    struct origin_evidence first = evidence_of(&rows[1]);
    struct origin_evidence second = evidence_of(&rows[4]); // worse
    second_look_merge(&second, &first);
    assert_int_equal(second.second_look, LOOK_CONFIRMED);
    assert_string_equal(second.first_look, "");
}

static void one_good_answer_after_a_bad_one_is_no_proof(void **state)
{
    (void)state;
    struct origin_evidence bad = evidence_of(&rows[3]);
    struct origin_evidence good = evidence_of(&rows[0]);
    second_look_merge(&good, &bad);
    assert_true(second_look_wants_third(&good));
    struct origin_evidence bad_again = evidence_of(&rows[3]);
    second_look_settle(&bad_again, &good);
    assert_int_equal(bad_again.second_look, LOOK_CONFIRMED);
    struct origin_evidence good_again = evidence_of(&rows[0]);
    second_look_settle(&good_again, &good);
    assert_int_equal(good_again.second_look, LOOK_CHANGED);
    assert_string_equal(good_again.first_look, "HTTPS answered 503");
}

static void the_worse_certificate_counts(void **state)
{
    (void)state;
    struct certificate good = {.strict_ok = true};
    struct certificate bad = {.strict_ok = false};
    struct origin_evidence first = evidence_of(&rows[1]);
    struct origin_evidence second = evidence_of(&rows[1]);
    first.certificate = &bad;
    second.certificate = &good;
    second_look_merge(&second, &first);
    assert_ptr_equal(second.certificate, &bad);
    assert_ptr_equal(first.certificate, &good);
}

// What one of three looks saw of the handshake stays, whatever became of the pages.
static void the_worse_handshake_counts(void **state)
{
    (void)state;
    struct certificate soon = {.strict_ok = true, .not_after = 5000, .chain_not_after = 5000};
    struct certificate late = {.strict_ok = true, .not_after = 9000, .chain_not_after = 9000};
    struct origin_evidence bad = evidence_of(&rows[3]);
    struct origin_evidence good = evidence_of(&rows[0]);
    struct origin_evidence again = evidence_of(&rows[0]);
    bad.certificate = &soon;
    good.certificate = &late;
    (void)snprintf(bad.tls_version, sizeof bad.tls_version, "TLSv1");
    (void)snprintf(good.tls_version, sizeof good.tls_version, "TLSv1.3");
    (void)snprintf(good.tls_cipher, sizeof good.tls_cipher, "TLS_AES_128_GCM_SHA256");
    (void)snprintf(again.tls_version, sizeof again.tls_version, "TLSv1.2");
    (void)snprintf(again.tls_cipher, sizeof again.tls_cipher, "AES128-SHA");
    second_look_merge(&good, &bad);
    assert_string_equal(good.tls_version, "TLSv1");
    assert_ptr_equal(good.certificate, &soon);
    second_look_settle(&again, &good);
    assert_string_equal(again.tls_version, "TLSv1");
    assert_string_equal(again.tls_cipher, "AES128-SHA");
    assert_ptr_equal(again.certificate, &soon);
}

int main(void)
{
    struct CMUnitTest tests[COUNT_OF(rows) + 6];
    size_t n = 0;
    for (; n < COUNT_OF(rows); n++) {
        struct row *row = (struct row *)(uintptr_t)&rows[n];
        tests[n] = (struct CMUnitTest){rows[n].name, check_row, NULL, NULL, row};
    }
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(our_overload_is_looked_at_again);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(better_means_changed);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(as_bad_means_confirmed);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(one_good_answer_after_a_bad_one_is_no_proof);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(the_worse_certificate_counts);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(the_worse_handshake_counts);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
