// SPDX-License-Identifier: Apache-2.0
// Whether a policy makes sense. Ranges of single values are the configuration's; here is what one
// value means for another, and what the mathematics needs.
#include <math.h>

#include "core/attr.h"
#include "rollout/judge.h"

static enum err check_steps(const int *steps, size_t count, const char *name, struct why *why)
{
    if (count == 0 || count > LIMIT_ROLLOUT_STEPS) {
        return why_set(why, ERR_INVALID, "%s: give 1 to %zu steps", name, LIMIT_ROLLOUT_STEPS);
    }
    for (size_t i = 0; i < count; i++) {
        if (steps[i] <= (i > 0 ? steps[i - 1] : 0) || steps[i] > SHARE_ALL_BP) {
            return why_set(why, ERR_INVALID,
                           "%s: step %zu is %d, steps rise from 1 to %d basis points", name, i + 1,
                           steps[i], SHARE_ALL_BP);
        }
    }
    if (steps[count - 1] != SHARE_ALL_BP) {
        return why_set(why, ERR_INVALID, "%s: the last step is %d and must be %d", name,
                       steps[count - 1], SHARE_ALL_BP);
    }
    return ERR_OK;
}

static enum err check_chances(const struct rollout_policy *p, struct why *why)
{
    const struct {
        const char *name;
        double value;
    } rows[] = {{"hard_p0", p->hard_p0},       {"hard_p1", p->hard_p1},
                {"hard_alpha", p->hard_alpha}, {"hard_beta", p->hard_beta},
                {"odds_alpha", p->odds_alpha}, {"excess", p->excess},
                {"cache_gap", p->cache_gap}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (!(rows[i].value > 0 && rows[i].value < 1)) {
            return why_set(why, ERR_INVALID, "%s is %g, and must be between 0 and 1", rows[i].name,
                           rows[i].value);
        }
    }
    if (p->hard_p1 <= p->hard_p0) {
        return why_set(why, ERR_INVALID, "hard_p1 is %g, and must be above hard_p0, %g", p->hard_p1,
                       p->hard_p0);
    }
    if (p->hard_alpha + p->hard_beta >= 1) {
        return why_set(why, ERR_INVALID, "hard_alpha and hard_beta together must be below 1");
    }
    return isfinite(p->odds_ratio) && p->odds_ratio >= 1
               ? ERR_OK
               : why_set(why, ERR_INVALID, "odds_ratio is %g, and must be 1 or more",
                         p->odds_ratio);
}

static enum err check_positive(const struct rollout_policy *p, struct why *why)
{
    const struct {
        const char *name;
        int64_t value;
        int64_t least;
    } rows[] = {
        {"dwell", p->dwell_s, 0},
        {"slow_dwell", p->slow_dwell_s, 0},
        {"final_dwell", p->final_dwell_s, 0},
        {"step_deadline", p->step_deadline_s, 1},
        {"rollout_deadline", p->rollout_deadline_s, 1},
        {"tick", p->tick_s, 1},
        {"idle_tick", p->idle_tick_s, 1},
        {"telemetry_ticks", p->telemetry_ticks, 1},
        {"min_requests", p->min_requests, 1},
        {"min_probes", p->min_probes, 1},
        {"probe_requests", p->probe_requests, 1},
        {"probes_carry", p->probes_carry_bp, 0},
        {"min_cache_requests", p->min_cache_requests, 1},
        {"warm_up", p->warm_up_s, 0},
        {"hard_floor", p->hard_floor, 1},
        {"fresh", p->fresh_s, 1},
        {"cooldown", p->cooldown_s[0], 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (rows[i].value < rows[i].least) {
            return why_set(why, ERR_INVALID, "%s is %lld, and must be %lld or more", rows[i].name,
                           (long long)rows[i].value, (long long)rows[i].least);
        }
    }
    return ERR_OK;
}

static int64_t longest_dwell(const struct rollout_policy *p)
{
    int64_t longest = p->dwell_s > p->slow_dwell_s ? p->dwell_s : p->slow_dwell_s;
    return p->final_dwell_s > longest ? p->final_dwell_s : longest;
}

static enum err check_times(const struct rollout_policy *p, struct why *why)
{
    if (p->lease_s <= 2 * p->tick_s) {
        return why_set(
            why, ERR_INVALID,
            "lease is %lld s, and must be longer than two ticks of %lld s: one late tick "
            "would send every visitor back",
            (long long)p->lease_s, (long long)p->tick_s);
    }
    if (p->step_deadline_s <= longest_dwell(p)) {
        return why_set(why, ERR_INVALID,
                       "step_deadline is %lld s, and must be longer than each dwell (%lld s)",
                       (long long)p->step_deadline_s, (long long)longest_dwell(p));
    }
    if (p->rollout_deadline_s < p->step_deadline_s) {
        return why_set(why, ERR_INVALID, "rollout_deadline is shorter than step_deadline");
    }
    for (size_t i = 1; i < COUNT_OF(p->cooldown_s); i++) {
        if (p->cooldown_s[i] < p->cooldown_s[i - 1]) {
            return why_set(why, ERR_INVALID, "cooldown: the times must not fall");
        }
    }
    return ERR_OK;
}

// Every clean request outweighs part of a failure: with too few required, a step would be judged
// good that cannot have shown it.
static enum err check_requests(const struct rollout_policy *p, struct why *why)
{
    double n = (double)p->min_requests;
    double bound = wilson_upper(0, n, JUDGE_Z);
    return bound < p->excess
               ? ERR_OK
               : why_set(why, ERR_INVALID,
                         "min_requests is %lld: even without a failure these leave an excess of %g "
                         "possible, above excess, %g",
                         (long long)p->min_requests, bound, p->excess);
}

enum err rollout_policy_check(const struct rollout_policy *policy, struct why *why)
{
    enum err e = check_steps(policy->steps_bp, policy->step_count, "steps", why);
    if (e == ERR_OK) {
        e = check_steps(policy->slow_steps_bp, policy->slow_step_count, "slow_steps", why);
    }
    if (e == ERR_OK) {
        e = check_chances(policy, why);
    }
    if (e == ERR_OK) {
        e = check_positive(policy, why);
    }
    if (e == ERR_OK) {
        e = check_times(policy, why);
    }
    return e == ERR_OK ? check_requests(policy, why) : e;
}
