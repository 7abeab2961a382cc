// SPDX-License-Identifier: Apache-2.0
#include "model/rollout.h"

#include "tests/support/check.h"

static void has_a_word_for_everything(void **state)
{
    (void)state;
    for (int i = 0; i < ROLLOUT_STATE_COUNT; i++) {
        enum rollout_state back = ROLLOUT_STATE_COUNT;
        const char *word = rollout_state_str((enum rollout_state)i);
        assert_err(rollout_state_parse(&back, span_of(word)), ERR_OK);
        assert_int_equal(back, i);
    }
    for (int i = 0; i < ROLLOUT_REASON_COUNT; i++) {
        enum rollout_reason back = ROLLOUT_REASON_COUNT;
        const char *word = rollout_reason_str((enum rollout_reason)i);
        assert_err(rollout_reason_parse(&back, span_of(word)), ERR_OK);
        assert_int_equal(back, i);
    }
    assert_string_equal(cohort_str(COHORT_PROBE_NEW), "probe_new");
    enum rollout_state s = ROLLOUT_DONE;
    enum rollout_reason r = ROLLOUT_REASON_TLS;
    assert_err(rollout_state_parse(&s, span_of("Done")), ERR_INVALID);
    assert_err(rollout_reason_parse(&r, span_of("")), ERR_INVALID);
    assert_int_equal(s, ROLLOUT_DONE);
    assert_int_equal(r, ROLLOUT_REASON_TLS);
}

static void counts_requests_and_failures(void **state)
{
    (void)state;
    struct rollout_counts sum = {0};
    const struct rollout_counts more = {.of = {[COHORT_NEW] = {.requests = 10,
                                                               .server_errors = 1,
                                                               .redirects = 2,
                                                               .connect_failures = 3,
                                                               .tls_failures = 4,
                                                               .fallbacks = 5,
                                                               .cache_hits = 6}}};
    rollout_counts_add(&sum, &more);
    rollout_counts_add(&sum, &more);
    assert_int_equal(cohort_origin_requests(&sum.of[COHORT_NEW]), 8);
    assert_int_equal(cohort_hard_failures(&sum.of[COHORT_NEW]), 24);
    assert_int_equal(sum.of[COHORT_NEW].server_errors, 2);
    assert_int_equal(sum.of[COHORT_NEW].redirects, 4);
    assert_int_equal(sum.of[COHORT_OLD].requests, 0);
    // A hit may be counted before its request.
    assert_int_equal(cohort_origin_requests(&(struct cohort_counts){.cache_hits = 1}), 0);
}

static void tells_who_moves(void **state)
{
    (void)state;
    for (int i = 0; i < ROLLOUT_STATE_COUNT; i++) {
        struct rollout r = {.state = (enum rollout_state)i};
        assert_int_equal(rollout_active(&r), i != ROLLOUT_DONE && i != ROLLOUT_COOLDOWN);
    }
    assert_false(rollout_moves_traffic(&(struct rollout){.applied_bp = -1}));
    assert_true(rollout_moves_traffic(&(struct rollout){.share_bp = 100}));
    assert_true(rollout_moves_traffic(&(struct rollout){.applied_bp = 100}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_a_word_for_everything),
        cmocka_unit_test(counts_requests_and_failures),
        cmocka_unit_test(tells_who_moves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
