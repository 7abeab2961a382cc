// SPDX-License-Identifier: Apache-2.0
// Private to rollout/: how counters become a verdict. docs/rollout.md derives what stands here.
//
// Three pieces, each of which may be looked at as often as one likes:
//   hard.c    failures that the new mode alone can cause: Wald's sequential probability ratio test
//             (A. Wald, "Sequential Tests of Statistical Hypotheses", Ann. Math. Stat. 16, 1945),
//             bounded in each tick by a test against the old mode
//   odds.c    5xx and redirects against the old mode at the same time: a test martingale on the
//             odds (R. Turner, A. Ly, P. Grunwald, "Generic E-variables for exact sequential
//             k-sample tests", arXiv 2106.02693; M. Lindon, A. Malek, "Anytime-Valid Inference for
//             Multinomial Count Data", NeurIPS 2022)
//   excess.c  is the step good enough to go on: Wilson's score interval (JASA 22, 1927) of a
//             difference as R. Newcombe forms it (Stat. Med. 17, 1998, method 10)
// That a nonnegative supermartingale from 1 ever reaches 1/alpha has a probability of at most alpha
// (J. Ville, 1939): hence any number of looks, shares that change, and outages of both modes.
#ifndef SSLAUTO_ROLLOUT_JUDGE_H
#define SSLAUTO_ROLLOUT_JUDGE_H

#include "rollout/rollout.h"

// Requests: "lately" is so many, or a tick that has more.
#define JUDGE_LATELY 10.0
// Terms of an exact sum; longer ones are bounded by the binomial test.
#define JUDGE_TERMS_MAX 256.0
// Failures from which on the odds are tried anew.
#define JUDGE_RENEW_FAILURES 100.0
// From this share of failures of the old mode on nothing can be said about the new one, if that has
// half this share at least: the origin is down, whoever asks it.
#define JUDGE_OUTAGE 0.2
// One-sided 95 %: with no failure of n the bound is z^2 / (n + z^2), 0.0178 at 149 requests; the
// exact bound 1 - 0.05^(1/n) asks for the same 149 at an excess of 0.02.
#define JUDGE_Z 1.6448536269514722
// Part of each tick's bet on the odds that is kept back, so that a tick in which both modes fail
// costs no more than log(1/0.25) = 1.39.
#define JUDGE_KEPT 0.25
// Part of a test's budget that pays for beginning it anew (see judge_released). It raises the
// chance of a false alarm in a whole rollout, however long, from alpha to 1.5 alpha.
#define JUDGE_RESERVE 0.5

// What two cohorts of the same kind did in one tick: visitors, or probes.
struct stratum {
    double new_n, new_x; // requests to the origin, failures among them
    double old_n, old_x;
};

// A test that has seen nothing but good requests for long has lost its stake and would take as long
// to wake up. So half a budget is staked bit by bit: all of it is in reserve until `start` units
// were seen, and start/seen of it after `seen`. Returns what is staked between before and after.
double judge_released(double before, double after, double start);
// log(exp(a) + exp(b)), b may be -INFINITY.
double judge_log_add(double a, double b);

// Wald's bounds: log((1 - beta) / alpha) = 6.86, log(beta / (1 - alpha)) = -2.99.
double hard_bound(const struct rollout_policy *policy);
double hard_accept(const struct rollout_policy *policy);
// Clean requests from 0 to hard_accept: 156.
double hard_clean_run(const struct rollout_policy *policy);
// Wald's increment for n requests with x failures: +3.00 for each, -0.0192 for each other request.
double hard_gain(const struct rollout_policy *policy, double n, double x);
// Log of an e-value of "the new mode's odds of failure are at most odds_ratio times the old one's":
// exact given the sum of failures of each stratum (Fisher's noncentral hypergeometric law).
double hard_control(const struct rollout_policy *policy, const struct stratum *strata,
                    size_t count);
// Advances hard_llr, hard_doubt and hard_failures by one tick. seen: requests of the new mode
// before.
void hard_advance(struct rollout_tests *tests, const struct stratum *strata, size_t count,
                  double seen, const struct rollout_policy *policy);

// Adds one tick: given the sum of failures, the new mode's are binomial with a probability of at
// most n r / (n r + n_old). Ticks without one of the cohorts say nothing.
void odds_advance(double sums[ODDS_COUNT], const struct stratum *stratum, double ratio);
// log E: mean over the odds tried.
double odds_log_e(const double sums[ODDS_COUNT]);
// Stakes what is due between `before` and `after` failures.
void odds_renew(double sums[ODDS_COUNT], double before, double after);
extern const double odds_tried[ODDS_COUNT];

double wilson_lower(double x, double n, double z);
double wilson_upper(double x, double n, double z);
// Upper bound of (new share - old share); without the old cohort, of the new share.
double excess_upper(const struct stratum *stratum, double z);

// Probe pairs by their counts.
struct pairs {
    uint64_t good;    // pairs answered without a failure in both modes
    uint64_t new_bad; // probes that failed in the new mode beyond those that failed in the old one
    bool both_bad;
};
struct pairs judge_pairs(const struct rollout_counts *counts);
// Enough good pairs: `needed`, and as many again for each bad one.
bool judge_pairs_enough(const struct pairs *pairs, int64_t needed);

// Hard failures enough to go back, if the old mode does not fail too.
bool judge_in_doubt(const struct rollout *rollout, const struct rollout_policy *policy);
// A test, or preflight, says so whatever else is known.
bool judge_fails(const struct rollout *rollout, const struct rollout_policy *policy);

#endif
