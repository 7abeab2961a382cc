// SPDX-License-Identifier: Apache-2.0
#include <math.h>

#include "tests/support/check.h"
#include "tests/unit/rollout/situation.h"

static void accepts_the_defaults(void **state)
{
    (void)state;
    struct rollout_policy p = rollout_policy_default();
    struct why why = {0};
    assert_ok(rollout_policy_check(&p, &why), &why);
}

static void refuses(struct rollout_policy p, const char *word)
{
    struct why why = {0};
    assert_err(rollout_policy_check(&p, &why), ERR_INVALID);
    if (strstr(why.text, word) == NULL) {
        fail_msg("\"%s\" does not say %s", why.text, word);
    }
}

static void refuses_nonsense(void **state)
{
    (void)state;
    const struct rollout_policy good = rollout_policy_default();
    struct rollout_policy p = good;
    p.steps_bp[3] = p.steps_bp[2];
    refuses(p, "step 4");
    p = good;
    p.steps_bp[10] = 9999;
    refuses(p, "steps");
    p = good;
    p.steps_bp[10] = 10001;
    refuses(p, "steps");
    p = good;
    p.slow_step_count = 0;
    refuses(p, "slow_steps");
    p = good;
    p.steps_bp[0] = 0;
    refuses(p, "step 1");
    p = good;
    p.odds_alpha = 0;
    refuses(p, "odds_alpha");
    p = good;
    p.hard_alpha = 1;
    refuses(p, "hard_alpha");
    p = good;
    p.hard_p0 = NAN;
    refuses(p, "hard_p0");
    p = good;
    p.hard_p1 = p.hard_p0;
    refuses(p, "hard_p1");
    p = good;
    p.odds_ratio = 0.9;
    refuses(p, "odds_ratio");
    p = good;
    p.lease_s = 2 * p.tick_s;
    refuses(p, "lease");
    p = good;
    p.telemetry_ticks = 0;
    refuses(p, "telemetry_ticks");
    p = good;
    p.step_deadline_s = p.final_dwell_s;
    refuses(p, "step_deadline");
    p = good;
    p.rollout_deadline_s = 1000;
    p.step_deadline_s = 86400;
    refuses(p, "rollout_deadline");
    p = good;
    p.cooldown_s[2] = 1;
    refuses(p, "cooldown");
    p = good;
    p.min_requests = 100;
    refuses(p, "min_requests");
}

static void tells_slow_changes(void **state)
{
    (void)state;
    assert_true(rollout_slow(MODE_OFF, MODE_FULL));
    assert_true(rollout_slow(MODE_FLEXIBLE, MODE_STRICT));
    assert_false(rollout_slow(MODE_OFF, MODE_FLEXIBLE));
    assert_false(rollout_slow(MODE_FULL, MODE_ORIGIN_PULL));
}

static void has_words_for_every_reason(void **state)
{
    (void)state;
    for (int i = 0; i < ROLLOUT_REASON_COUNT; i++) {
        const struct rollout_reason_row *row = rollout_reason_row((enum rollout_reason)i);
        assert_int_equal(row->reason, i);
        assert_true(row->sentence[strlen(row->sentence) - 1] == '.');
        assert_null(strpbrk(row->sentence, "\n\t|%"));
        assert_non_null(row->remedy);
        assert_null(strpbrk(row->remedy, "\n\t|%"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_the_defaults),
        cmocka_unit_test(refuses_nonsense),
        cmocka_unit_test(tells_slow_changes),
        cmocka_unit_test(has_words_for_every_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
