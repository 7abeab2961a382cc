// SPDX-License-Identifier: Apache-2.0
#include "similarity/decide.h"

#include <math.h>

// Limits of the rules. Text limits from the study in docs/similarity.md: at .80 recall .98 and
// false `same` under .05 %; the guards below it are what keeps pages of one template apart.
static const double TEXT_SAME = .80, TEXT_SURE = .95, TEXT_CERTAIN = .98, TEXT_UNSURE = .60;
static const double TEXT_QUIET = .90;   // a page seen to be quiet must be found again nearly whole
static const double ADDITION_REV = .70; // a page that grew by half is another page
static const double NOISE_MAX = .35;    // noisier pages need the second HTTPS fetch, or stay unsure
static const double NOISE_FLOOR = .30;  // the least part of a page that noise may leave
enum {
    RUN_MIN = 40,       // words missing in one stretch that noise does not explain
    RUN_QUIET_MIN = 24, // likewise, when the noise was measured
    ADDITION_MAX = 60,  // shingles of a cookie bar or seal
    LINKS_MIN = 8,
    FRAMED_WORDS = 30, // pages with fewer are what their frames show
};

static double least(double a, double b)
{
    return a < b ? a : b;
}

static double logistic(double z)
{
    return 1 / (1 + exp(-z));
}

// Containment to a number that is linear in evidence: 1 -> 3.5, .8 -> 1.5, .5 -> .6, 0 -> 0.
static double evidence(double containment)
{
    return -log(1.03 - containment);
}

// rev without a second HTTPS fetch: HTTPS may be as noisy as HTTP was seen to be.
static double reverse(const struct measure *m)
{
    double left = m->https_controlled ? 1 : 1 - m->noise;
    return least(1, m->rev / (left > NOISE_FLOOR ? left : NOISE_FLOOR));
}

static double rank_of(const struct measure *m)
{
    double z = -5.2 + 0.9 * evidence(m->fwd) + 0.9 * evidence(reverse(m)) +
               0.4 * evidence(least(m->shape_fwd, m->shape_rev)) + 0.3 * evidence(m->links) +
               1.2 * m->title + (m->title_equal ? 0.6 : 0) + (m->heading_equal ? 0.5 : 0);
    z -= m->canonical_differs ? 1.5 : 0;
    z -= m->soft_error != NULL || m->soft_login || m->password_differs ? 1.0 : 0;
    z -= log1p((double)m->run_missing / 50) * 0.6 + log1p((double)m->run_added / 50) * 0.4;
    return logistic(z);
}

void decide_fixed(struct sim_result *out, enum sameness verdict, double rank, const char *rule,
                  const char *detail)
{
    out->verdict = verdict;
    rank = rank < 0 ? 0 : rank > 1 ? 1 : rank;
    out->score = verdict == SAMENESS_SAME     ? .8 + .2 * rank
                 : verdict == SAMENESS_UNSURE ? .5 + .299 * rank
                                              : .499 * rank;
    (void)snprintf(out->rule, sizeof out->rule, "%s", rule);
    (void)snprintf(out->detail, sizeof out->detail, "%s", detail);
}

struct answer {
    enum sameness verdict;
    const char *rule;
};

// Titles agree, or the page changes its own title from fetch to fetch.
static bool title_agrees(const struct measure *m)
{
    return m->title_equal || (m->title_moves && m->title >= .5);
}

// What tells two pages of one template apart when most of their words are the template's.
static struct answer identity(const struct measure *m, double text)
{
    bool sure = text >= TEXT_SURE;
    if (m->canonical_differs) {
        return (struct answer){sure ? SAMENESS_UNSURE : SAMENESS_DIFFERENT, "canonical"};
    }
    if (!m->title_numbers || !m->heading_numbers) {
        return (struct answer){sure || m->title >= .5 ? SAMENESS_UNSURE : SAMENESS_DIFFERENT,
                               m->title_numbers ? "heading_number" : "title_number"};
    }
    bool renamed = m->title >= .5 && m->shape_fwd >= .95 &&
                   text >= (m->heading_equal ? TEXT_SURE : TEXT_CERTAIN);
    if (!title_agrees(m) && !renamed) {
        return (struct answer){sure || m->title >= .5 ? SAMENESS_UNSURE : SAMENESS_DIFFERENT,
                               "title"};
    }
    if (!m->heading_equal && !m->heading_moves && m->heading < .5) {
        return (struct answer){m->title_equal ? SAMENESS_UNSURE : SAMENESS_DIFFERENT, "heading"};
    }
    return (struct answer){SAMENESS_SAME, "text"};
}

// A stretch of words gone on one side that is more than a rotating list or a notice.
static bool block_moved(const struct measure *m)
{
    uint64_t allowed = m->controlled ? RUN_QUIET_MIN + m->stable / 50 : RUN_MIN + m->stable / 25;
    return m->run_missing > allowed || m->run_added > allowed + ADDITION_MAX;
}

// How much text must be found again: what was measured as noise may be missing, little besides.
static double text_needed(const struct measure *m)
{
    double quiet = TEXT_QUIET - m->noise / 2;
    return m->controlled && quiet > TEXT_SAME ? quiet : TEXT_SAME;
}

static const char *suspicion(const struct measure *m)
{
    if (m->password_differs || m->soft_login) {
        return "login_words";
    }
    return m->soft_error != NULL ? "error_words" : NULL;
}

static struct answer below_same(const struct measure *m, double text)
{
    bool near =
        text >= TEXT_UNSURE && title_agrees(m) && m->shape_fwd >= .95 && m->shape_rev >= .93;
    if (near || (m->noise > .5 && m->fwd >= TEXT_UNSURE)) {
        return (struct answer){SAMENESS_UNSURE, "text_near"};
    }
    return (struct answer){SAMENESS_DIFFERENT, "text"};
}

static struct answer answer_of(const struct measure *m, double text)
{
    bool addition = m->fwd >= .97 && title_agrees(m) && m->shape_fwd >= .95 &&
                    m->rev >= ADDITION_REV && m->added <= ADDITION_MAX && m->words_least >= 8;
    double needed = text_needed(m);
    if (text < needed && !addition) {
        return below_same(m, text);
    }
    const char *suspect = suspicion(m);
    if (suspect != NULL) {
        bool slight = text >= TEXT_SURE && title_agrees(m) && !m->password_differs;
        return (struct answer){slight ? SAMENESS_UNSURE : SAMENESS_DIFFERENT, suspect};
    }
    struct answer who = identity(m, text);
    if (who.verdict != SAMENESS_SAME) {
        return who;
    }
    if (m->shape_fwd < .6) {
        return (struct answer){text >= TEXT_SURE ? SAMENESS_UNSURE : SAMENESS_DIFFERENT, "shape"};
    }
    if (m->noise > NOISE_MAX && m->rev < TEXT_SAME && !m->https_controlled) {
        return (struct answer){SAMENESS_UNSURE, "noise"};
    }
    if (block_moved(m)) {
        return (struct answer){SAMENESS_UNSURE, "block"};
    }
    if (m->links < .4 && m->link_count >= LINKS_MIN && text < TEXT_SURE) {
        return (struct answer){SAMENESS_UNSURE, "links"};
    }
    return (struct answer){SAMENESS_SAME, addition && text < needed ? "addition" : "text"};
}

void decide(struct sim_result *out, const struct measure *m)
{
    double text = least(m->fwd, reverse(m));
    struct answer answer = answer_of(m, text);
    decide_fixed(out, answer.verdict, rank_of(m), answer.rule, "");
    (void)snprintf(out->detail, sizeof out->detail,
                   "HTTPS has %.0f %% of HTTP's text, HTTP %.0f %% of HTTPS's; title %.2f, "
                   "structure %.2f, links %.2f, own noise %.2f%s; longest stretch gone %llu words, "
                   "new %llu",
                   100 * m->fwd, 100 * m->rev, m->title, m->shape_fwd, m->links, m->noise,
                   m->controlled ? "" : " (not measured)", (unsigned long long)m->run_missing,
                   (unsigned long long)m->run_added);
}

static void name_target(struct sim_result *out, const struct target_difference *d,
                        enum sameness verdict)
{
    static const char *const rules[TARGET_KIND_COUNT] = {"refresh", "refresh", "base", "form",
                                                         "frame"};
    static const char *const what[TARGET_KIND_COUNT] = {
        "a script sends the visitor", "the page sends the visitor", "the links have their base",
        "a form leads", "a frame leads"};
    char rule[48], detail[160];
    (void)snprintf(rule, sizeof rule, "%s_%s", rules[d->kind],
                   d->to_http      ? "to_http"
                   : d->only_https ? "https"
                                   : "http");
    (void)snprintf(detail, sizeof detail, "over %s only, %s %s%s", d->only_https ? "HTTPS" : "HTTP",
                   what[d->kind],
                   d->to_http     ? "back to HTTP"
                   : d->elsewhere ? "to another host"
                                  : "to another place",
                   d->moves ? "; HTTP alone changes that from fetch to fetch" : "");
    decide_fixed(out, verdict, .1, rule, detail);
}

void decide_target(struct sim_result *out, const struct target_difference *d, size_t words)
{
    // Beside enough words of its own, a frame is a part of the page.
    bool part = d->kind == TARGET_FRAME && words >= FRAMED_WORDS;
    bool grave = !d->moves && (d->to_http || ((d->elsewhere || d->at_once) && !part));
    bool leaves = grave && (d->kind == TARGET_SCRIPT || d->kind == TARGET_REFRESH);
    if (leaves || out->verdict == SAMENESS_SAME || (grave && out->verdict == SAMENESS_UNSURE)) {
        name_target(out, d, grave ? SAMENESS_DIFFERENT : SAMENESS_UNSURE);
    }
}
