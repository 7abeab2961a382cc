// SPDX-License-Identifier: Apache-2.0
// Hard failures: handshake, certificate, connection, fallback.
//
// Healthy is a tick in which the new mode fails with at most hard_p0, OR with at most odds_ratio
// times the odds of the old mode at the same time. A factor that is an e-value of either of the two
// is the smaller one of both: min(Wald's ratio, e-value of the odds). Its product over the ticks is
// a supermartingale whichever of the two holds in which tick, so an outage of the origin is no
// evidence, and neither is the day after it.
#include <math.h>

#include "rollout/judge.h"

double judge_log_add(double a, double b)
{
    double high = fmax(a, b);
    return isinf(high) ? high : high + log1p(exp(fmin(a, b) - high));
}

double judge_released(double before, double after, double start)
{
    double left_before = before <= start ? 1 : start / before;
    double left_after = after <= start ? 1 : start / after;
    return JUDGE_RESERVE * fmax(left_before - left_after, 0);
}

double hard_bound(const struct rollout_policy *policy)
{
    return log((1 - policy->hard_beta) / policy->hard_alpha);
}

double hard_accept(const struct rollout_policy *policy)
{
    return log(policy->hard_beta / (1 - policy->hard_alpha));
}

double hard_clean_run(const struct rollout_policy *policy)
{
    return hard_accept(policy) / hard_gain(policy, 1, 0);
}

double hard_gain(const struct rollout_policy *policy, double n, double x)
{
    return x * log(policy->hard_p1 / policy->hard_p0) +
           (n - x) * log((1 - policy->hard_p1) / (1 - policy->hard_p0));
}

// Fills log Z(w) = log sum_j C(new_n, j) C(old_n, m - j) w^j, up to a constant, for w = ratio and
// w = ratio * each of odds_tried. Term by term: the first is set to 1.
static void log_weights(double out[ODDS_COUNT + 1], const struct stratum *s, double ratio,
                        double first, double last)
{
    double m = s->new_x + s->old_x;
    double term = 0;
    for (size_t i = 0; i <= ODDS_COUNT; i++) {
        out[i] = -INFINITY;
    }
    size_t terms = (size_t)(last - first) + 1;
    for (size_t at = 0; at < terms; at++) {
        double j = first + (double)at;
        for (size_t i = 0; i <= ODDS_COUNT; i++) {
            double odds = i == 0 ? ratio : ratio * odds_tried[i - 1];
            out[i] = judge_log_add(out[i], term + j * log(odds));
        }
        if (at + 1 < terms) {
            term += log((s->new_n - j) * (m - j) / ((j + 1) * (s->old_n - m + j + 1)));
        }
    }
}

// Adds to sums[] the log of P(new_x | m; ratio * odds) / P(new_x | m; ratio).
static void add_exact(double sums[ODDS_COUNT], const struct stratum *s, double ratio)
{
    double m = s->new_x + s->old_x;
    if (m <= 0 || s->new_n <= 0 || s->old_n <= 0) {
        return;
    }
    double first = fmax(m - s->old_n, 0);
    double last = fmin(m, s->new_n);
    if (last - first >= JUDGE_TERMS_MAX) {
        // Sampling without replacement varies less than with it (W. Hoeffding, JASA 58, 1963,
        // theorem 4), so the binomial test holds here too, with less power and enough of it.
        odds_advance(sums, s, ratio);
        return;
    }
    double weights[ODDS_COUNT + 1];
    log_weights(weights, s, ratio, first, last);
    for (size_t i = 0; i < ODDS_COUNT; i++) {
        sums[i] += s->new_x * log(odds_tried[i]) + weights[0] - weights[i + 1];
    }
}

double hard_control(const struct rollout_policy *policy, const struct stratum *strata, size_t count)
{
    double sums[ODDS_COUNT] = {0};
    for (size_t i = 0; i < count; i++) {
        add_exact(sums, &strata[i], policy->odds_ratio);
    }
    return judge_log_add(log(JUDGE_KEPT), log(1 - JUDGE_KEPT) + odds_log_e(sums));
}

void hard_advance(struct rollout_tests *tests, const struct stratum *strata, size_t count,
                  double seen, const struct rollout_policy *policy)
{
    double n = 0;
    double x = 0;
    for (size_t i = 0; i < count; i++) {
        n += strata[i].new_n;
        x += strata[i].new_x;
    }
    double alone = hard_gain(policy, n, x);
    double beside = fmin(alone, hard_control(policy, strata, count));
    double stake = log(judge_released(seen, seen + n, hard_clean_run(policy)));
    tests->hard_llr = judge_log_add(tests->hard_llr, stake) + beside;
    tests->hard_doubt = fmin(judge_log_add(tests->hard_doubt, stake) + alone, hard_bound(policy));
    tests->hard_failures += (uint64_t)x;
}
