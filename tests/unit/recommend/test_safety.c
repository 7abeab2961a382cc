// SPDX-License-Identifier: Apache-2.0
// What must hold for any evidence, said again without the code that decides.
#include <stdio.h>
#include <stdlib.h>

#include "recommend/recommend.h"
#include "tests/support/check.h"
#include "tests/unit/model/random_evidence.h"
#include "tests/unit/recommend/situation.h"

#define NOW SITUATION_NOW

static const struct recommend_policy policy = {.certificate_margin_s = 14 * 86400, .tls_min = 10};

static bool starts(const char *text, const char *with)
{
    return text != NULL && strncmp(text, with, strlen(with)) == 0;
}

static bool answered(const struct scheme_evidence *scheme)
{
    return scheme->asked &&
           (scheme->outcome == OUTCOME_OK || scheme->outcome == OUTCOME_TRUNCATED) &&
           scheme->status < 500 && scheme->status != 429;
}

// Nothing that forbids to conclude anything.
static bool was_seen(const struct origin_evidence *origin)
{
    bool seen = !origin->overload && !origin->challenge && origin->robots != ROBOTS_DISALLOWED &&
                origin->robots != ROBOTS_UNAVAILABLE && origin->http.outcome != OUTCOME_OVERLOAD &&
                origin->http.status != 429 && origin->http.outcome != OUTCOME_SKIPPED;
    for (size_t i = 0; i < origin->page_count; i++) {
        seen = seen && origin->pages[i].http_outcome != OUTCOME_OVERLOAD &&
               origin->pages[i].https_outcome != OUTCOME_OVERLOAD;
    }
    return seen;
}

static bool https_works(const struct origin_evidence *origin)
{
    return answered(&origin->https) && origin->https.redirect < REDIRECT_TO_HTTP &&
           starts(origin->tls_version, "TLSv1");
}

// The URLs of evidence_likely: http or https of example.org, another path, another host, none.
static bool same_place(const struct origin_evidence *origin)
{
    const char *a = origin->http.final_url;
    const char *b = origin->https.final_url;
    return a != NULL && b != NULL && strcmp(strchr(a, '/'), strchr(b, '/')) == 0;
}

static bool same_pages(const struct origin_evidence *origin)
{
    bool told = false;
    bool same = origin->page_count > 0 && origin->pages[0].sameness == SAMENESS_SAME;
    for (size_t i = 0; i < origin->page_count; i++) {
        const struct page_evidence *page = &origin->pages[i];
        same = same && page->sameness != SAMENESS_DIFFERENT &&
               !(page->informative && page->sameness == SAMENESS_UNSURE);
        told = told || (page->informative && page->sameness == SAMENESS_SAME);
    }
    return same && told;
}

static bool serves_the_same(const struct origin_evidence *origin)
{
    bool class_alike = origin->http.status >= 300 || origin->https.status < 400;
    return answered(&origin->http) && https_works(origin) && same_place(origin) && class_alike &&
           same_pages(origin);
}

static bool certificate_lasts(const struct origin_evidence *origin)
{
    const struct certificate *c = origin->certificate;
    int64_t until = NOW + policy.certificate_margin_s;
    return c != NULL && c->strict_ok && c->name_ok && !c->weak_key && !c->weak_signature &&
           c->not_before <= NOW && c->not_after >= until && c->chain_not_after >= until;
}

// Moving this origin from `from` up to `to` cannot break the site.
static bool may_move(const struct origin_evidence *origin, const struct zone *zone, enum mode to)
{
    if (!was_seen(origin)) {
        return false;
    }
    if (to == MODE_FLEXIBLE) {
        return answered(&origin->http) && origin->http.redirect != REDIRECT_TO_HTTPS;
    }
    bool in_use = zone->mode >= MODE_FULL && to == MODE_STRICT && https_works(origin);
    bool pull = to == MODE_ORIGIN_PULL &&
                (!zone->allow_origin_pull || strcmp(zone->plan, "enterprise") != 0);
    bool carries = serves_the_same(origin) || (in_use && !answered(&origin->http));
    return carries && !pull && (to < MODE_STRICT || certificate_lasts(origin));
}

static void check_upgrade(const struct zone *zone, const struct evidence *evidence,
                          const struct recommendation *out, uint64_t seed)
{
    for (size_t h = 0; h < evidence->host_count; h++) {
        for (size_t o = 0; o < evidence->hosts[h].origin_count; o++) {
            if (!may_move(&evidence->hosts[h].origins[o], zone, out->recommended)) {
                fail_msg("seed %llu: %s to %s is not safe for host %zu, origin %zu",
                         (unsigned long long)seed, mode_str(zone->mode), mode_str(out->recommended),
                         h, o);
            }
        }
    }
}

static void check_findings(const struct finding *findings, size_t count)
{
    size_t row_count = 0;
    const struct reason_row *rows = recommend_reasons(&row_count);
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        for (size_t r = 0; r < row_count; r++) {
            found = found || strcmp(rows[r].code, findings[i].code) == 0;
        }
        assert_true(found);
        assert_true(findings[i].text[0] != '\0' && findings[i].source[0] != '\0');
        for (const char *c = findings[i].text; *c != '\0'; c++) {
            assert_true(*c >= ' ' && *c <= '~');
        }
    }
}

static void check_verdict(const struct recommendation *out)
{
    bool fits[VERDICT_COUNT] = {
        [VERDICT_UPGRADE] = out->recommended > out->current,
        [VERDICT_KEEP] = out->recommended == out->current,
        [VERDICT_UNKNOWN] = out->recommended == MODE_NONE,
        [VERDICT_AT_RISK] = out->recommended == out->current,
    };
    assert_true(fits[out->verdict]);
    assert_true(out->recommended == MODE_NONE || out->recommended >= out->current);
    assert_true(out->reason_count > 0);
    bool needs_blocker = out->recommended < MODE_STRICT || out->verdict == VERDICT_AT_RISK;
    assert_true(!needs_blocker || out->blocker_count > 0);
}

static char *as_text(const struct recommendation *recommendation)
{
    json_t *json = recommendation_to_json(recommendation);
    assert_non_null(json);
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    assert_non_null(text);
    return text;
}

// The same again from what is stored.
static void check_replay(const struct zone *zone, const struct evidence *evidence,
                         const struct recommendation *out)
{
    json_t *json = evidence_to_json(evidence);
    OWN(evidence_own) struct evidence *again = NULL;
    struct why why = {""};
    assert_ok(evidence_from_json(&again, json, &why), &why);
    json_decref(json);
    OWN(recommendation_own) struct recommendation *replayed = NULL;
    assert_err(recommend(&replayed, zone, again, &policy, NULL, NOW), ERR_OK);
    char *before = as_text(out);
    char *after = as_text(replayed);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

struct tally {
    size_t verdicts[VERDICT_COUNT];
    size_t recommended[MODE_COUNT];
};

static void check_one(struct dice *dice, uint64_t seed, const struct evidence *evidence,
                      struct tally *tally)
{
    OWN(zone_own) struct zone *zone = zone_new();
    zone->mode = (enum mode)dice_roll(dice, MODE_COUNT);
    zone->allow_origin_pull = dice_says(dice, 50);
    zone->authenticated_pulls = dice_says(dice, 20);
    if (dice_says(dice, 50)) {
        free(zone->plan);
        zone->plan = strdup("enterprise");
    }
    OWN(recommendation_own) struct recommendation *out = NULL;
    assert_err(recommend(&out, zone, evidence, &policy, NULL, NOW), ERR_OK);
    check_verdict(out);
    check_findings(out->reasons, out->reason_count);
    check_findings(out->blockers, out->blocker_count);
    check_replay(zone, evidence, out);
    if (out->verdict == VERDICT_UPGRADE) {
        check_upgrade(zone, evidence, out, seed);
        tally->recommended[out->recommended]++;
    }
    tally->verdicts[out->verdict]++;
}

static void never_recommends_what_breaks(void **state)
{
    (void)state;
    struct tally tally = {0};
    for (uint64_t seed = 1; seed <= 30000; seed++) {
        struct dice dice = {seed * 104729};
        OWN(evidence_own)
        struct evidence *evidence = evidence_likely(&dice, (unsigned)(seed % 12), NOW);
        check_one(&dice, seed, evidence, &tally);
    }
    print_message("upgrade %zu keep %zu unknown %zu at_risk %zu; to flexible %zu full %zu strict "
                  "%zu origin_pull %zu\n",
                  tally.verdicts[VERDICT_UPGRADE], tally.verdicts[VERDICT_KEEP],
                  tally.verdicts[VERDICT_UNKNOWN], tally.verdicts[VERDICT_AT_RISK],
                  tally.recommended[MODE_FLEXIBLE], tally.recommended[MODE_FULL],
                  tally.recommended[MODE_STRICT], tally.recommended[MODE_ORIGIN_PULL]);
    // The dice reach every answer, so that the checks above see them all.
    for (int v = 0; v < VERDICT_COUNT; v++) {
        assert_true(tally.verdicts[v] > 500);
    }
    for (int m = MODE_FLEXIBLE; m < MODE_COUNT; m++) {
        assert_true(tally.recommended[m] > 20);
    }
}

static void withstands_any_evidence(void **state)
{
    (void)state;
    struct tally tally = {0};
    for (uint64_t seed = 1; seed <= 5000; seed++) {
        struct dice dice = {seed * 15485863};
        OWN(evidence_own) struct evidence *evidence = evidence_wild(&dice);
        OWN(zone_own) struct zone *zone = zone_new();
        zone->mode = (enum mode)dice_roll(&dice, MODE_COUNT);
        OWN(recommendation_own) struct recommendation *out = NULL;
        assert_err(recommend(&out, zone, evidence, &policy, NULL, NOW), ERR_OK);
        check_verdict(out);
        check_findings(out->reasons, out->reason_count);
        check_findings(out->blockers, out->blocker_count);
        tally.verdicts[out->verdict]++;
    }
    assert_true(tally.verdicts[VERDICT_UNKNOWN] > 0);
}

// A policy read back from a store may hold any number.
static void withstands_any_policy(void **state)
{
    (void)state;
    static const int64_t margins[] = {INT64_MIN, -1, 0, INT64_MAX};
    for (size_t i = 0; i < COUNT_OF(margins); i++) {
        struct recommend_policy odd = {.certificate_margin_s = margins[i], .tls_min = -5};
        OWN(evidence_own) struct evidence *evidence = situation_build("");
        OWN(zone_own) struct zone *zone = zone_new();
        OWN(recommendation_own) struct recommendation *out = NULL;
        assert_err(recommend(&out, zone, evidence, &odd, NULL, NOW), ERR_OK);
        assert_int_equal(out->recommended, margins[i] > 0 ? MODE_FULL : MODE_STRICT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_recommends_what_breaks),
        cmocka_unit_test(withstands_any_evidence),
        cmocka_unit_test(withstands_any_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
