// SPDX-License-Identifier: Apache-2.0
// Evidence that is too long to be kept whole is shortened; what is decided stays.
#include "pipeline/record.h"

#include <stdlib.h>
#include <string.h>

#include "core/limits.h"
#include "pipeline/past.h"
#include "pipeline/pipeline.h"
#include "tests/support/check.h"

enum {
    NOW = 1795000000,
    DAY = 86400,
    LONG_NAME = 400
};

// What a test's origins have much of.
struct much {
    size_t hosts, origins, names, pages;
};

static void *zeroed(size_t count, size_t size)
{
    void *made = calloc(count, size);
    assert_non_null(made);
    return made;
}

static char *long_text(const char *begin, size_t number, size_t bytes)
{
    char *text = zeroed(1, bytes + 1);
    int used = snprintf(text, bytes + 1, "%s%zu", begin, number);
    assert_true(used > 0 && (size_t)used < bytes);
    memset(text + used, 'x', bytes - (size_t)used);
    return text;
}

static struct certificate *certificate_with(size_t names)
{
    struct certificate *made = zeroed(1, sizeof *made);
    made->subject = long_text("CN=", 0, LONG_NAME);
    made->issuer = long_text("CN=issuer", 0, LONG_NAME);
    made->not_after = made->chain_not_after = NOW + 90 * DAY;
    made->names = zeroed(names, sizeof *made->names);
    made->chain = zeroed(LIMIT_CERT_CHAIN, sizeof *made->chain);
    for (size_t i = 0; i < names; i++) {
        made->names[made->name_count++] = long_text("n", i, LONG_NAME);
    }
    for (size_t i = 0; i < LIMIT_CERT_CHAIN; i++) {
        made->chain[made->chain_count++] = long_text("CN=chain", i, LONG_NAME);
    }
    made->name_ok = made->strict_ok = true;
    made->trust = strdup("public");
    return made;
}

static void fill_origin(struct origin_evidence *out, const struct origin *origin,
                        const struct much *much)
{
    *out = (struct origin_evidence){.address = strdup(origin->address),
                                    .http_port = origin->http_port,
                                    .https_port = origin->https_port,
                                    .sameness = SAMENESS_SAME,
                                    .score = 1,
                                    .page_count = much->pages};
    out->http = (struct scheme_evidence){.asked = true,
                                         .outcome = OUTCOME_OK,
                                         .phase = PHASE_DONE,
                                         .status = 200,
                                         .retry_after_s = -1};
    out->https = out->http;
    out->http.final_url = strdup("http://a.example/");
    out->https.final_url = strdup("https://a.example/");
    (void)snprintf(out->tls_version, sizeof out->tls_version, "TLSv1.3");
    out->certificate = certificate_with(much->names);
    out->pages = zeroed(much->pages, sizeof *out->pages);
    for (size_t i = 0; i < much->pages; i++) {
        struct page_evidence *page = &out->pages[i];
        *page = (struct page_evidence){.path = i == 0 ? strdup("/") : long_text("/p", i, 1000),
                                       .role = i == 0 ? ROLE_HOME : ROLE_LINK,
                                       .http_outcome = OUTCOME_OK,
                                       .https_outcome = OUTCOME_OK,
                                       .http_status = 200,
                                       .https_status = 200,
                                       .sameness = SAMENESS_SAME,
                                       .informative = true,
                                       .score = 1};
        (void)snprintf(page->rule, sizeof page->rule, "equal_bytes");
        memset(page->detail, 'd', sizeof page->detail - 1);
    }
}

static struct zone *zone_with(const struct much *much)
{
    struct zone *zone = zone_new();
    assert_non_null(zone);
    zone->name = strdup("a.example");
    zone->mode = MODE_FLEXIBLE;
    for (size_t h = 0; h < much->hosts; h++) {
        char name[32];
        struct host *host = NULL;
        (void)snprintf(name, sizeof name, "h%zu.a.example", h);
        assert_ok(zone_add_host(&host, zone, span_of(name), NULL), NULL);
        for (size_t k = 0; k < much->origins; k++) {
            (void)snprintf(name, sizeof name, "192.0.2.%zu", k + 1);
            assert_ok(host_add_origin(host, span_of(name), 80, 443, NULL), NULL);
        }
    }
    return zone;
}

static struct evidence *evidence_of(const struct zone *zone, const struct much *much)
{
    struct evidence *made = zeroed(1, sizeof *made);
    memcpy(made->zone_id, zone->id, sizeof made->zone_id);
    made->scanned_at = NOW;
    made->hosts = zeroed(zone->host_count, sizeof *made->hosts);
    made->host_count = zone->host_count;
    for (size_t h = 0; h < zone->host_count; h++) {
        const struct host *host = &zone->hosts[h];
        made->hosts[h] = (struct host_evidence){
            .name = strdup(host->name),
            .weight = 1,
            .origins = zeroed(host->origin_count, sizeof *made->hosts[h].origins),
            .origin_count = host->origin_count};
        for (size_t k = 0; k < host->origin_count; k++) {
            fill_origin(&made->hosts[h].origins[k], &host->origins[k], much);
        }
    }
    return made;
}

// Everything a test needs, and what record_make made of it.
struct lab {
    struct zone *zone;
    struct evidence *evidence;
    struct recommend_policy policy;
    struct recommendation *whole; // decided from all of the evidence
    struct recommendation *decided;
    struct db_scan scan;
    struct why why;
};

static void lab_open(struct lab *lab, struct much much)
{
    *lab = (struct lab){.zone = zone_with(&much), .policy = recommend_policy_default()};
    lab->evidence = evidence_of(lab->zone, &much);
}

static enum err lab_record(struct lab *lab)
{
    const struct recommend_past past = {.upgrade = MODE_NONE};
    assert_ok(recommend(&lab->whole, lab->zone, lab->evidence, &lab->policy, &past, NOW), NULL);
    return record_make(&lab->scan, &lab->decided, lab->zone, lab->evidence, &lab->policy, &past,
                       &lab->why);
}

static void lab_close(struct lab *lab)
{
    recommendation_free(lab->whole);
    recommendation_free(lab->decided);
    db_scan_done(&lab->scan);
    evidence_free(lab->evidence);
    zone_free(lab->zone);
}

static void assert_decided_alike(const struct recommendation *a, const struct recommendation *b)
{
    assert_int_equal(a->verdict, b->verdict);
    assert_int_equal(a->recommended, b->recommended);
    assert_int_equal(a->host_count, b->host_count);
    for (size_t i = 0; i < a->host_count; i++) {
        assert_int_equal(a->hosts[i].mode, b->hosts[i].mode);
    }
}

// Short enough, marked, and all that is made of it later is as if it were whole.
static void assert_good_in_short(struct lab *lab)
{
    assert_ok(lab_record(lab), &lab->why);
    assert_true(strlen(lab->scan.evidence) <= LIMIT_EVIDENCE);
    assert_true(lab->evidence->shortened);
    assert_non_null(strstr(lab->scan.evidence, "\"shortened\":true"));
    assert_decided_alike(lab->decided, lab->whole);
    assert_int_equal(lab->scan.verdict, lab->whole->verdict);
    assert_int_equal(lab->scan.mode_recommended, lab->whole->recommended);

    struct recommendation *again = NULL;
    assert_ok(pipeline_replay(&again, &lab->scan, &lab->why), &lab->why);
    json_t *replayed = recommendation_to_json(again);
    json_t *stored = json_loads(lab->scan.recommendation, 0, NULL);
    assert_true(json_equal(replayed, stored));
    json_decref(replayed);
    json_decref(stored);
    recommendation_free(again);
}

static void what_fits_is_kept_whole(void **state)
{
    (void)state;
    struct lab lab;
    lab_open(&lab, (struct much){.hosts = 3, .origins = 1, .names = 100, .pages = 3});
    assert_ok(lab_record(&lab), &lab.why);
    assert_false(lab.evidence->shortened);
    assert_null(strstr(lab.scan.evidence, "shortened"));
    assert_int_equal(lab.evidence->hosts[0].origins[0].certificate->name_count, 100);
    assert_int_equal(lab.scan.verdict, VERDICT_UPGRADE);
    assert_int_equal(lab.scan.scanned_at, NOW);
    assert_string_equal(lab.scan.zone_id, lab.zone->id);
    lab_close(&lab);
}

static void names_and_chains_are_cut_first(void **state)
{
    (void)state;
    struct lab lab;
    lab_open(&lab, (struct much){.hosts = 120, .origins = 1, .names = 100, .pages = 3});
    assert_good_in_short(&lab);
    assert_int_equal(lab.scan.verdict, VERDICT_UPGRADE);
    assert_int_equal(lab.scan.mode_recommended, MODE_STRICT);
    const struct origin_evidence *origin = &lab.evidence->hosts[119].origins[0];
    assert_int_equal(origin->certificate->name_count, 4);
    assert_int_equal(origin->certificate->chain_count, 0);
    assert_int_equal(origin->page_count, 3);
    assert_true(origin->pages[1].detail[0] != '\0');

    // The next scan of the same hosts confirms it.
    lab.zone->mode = lab.scan.mode_current;
    struct recommend_past past = past_of(&lab.scan, lab.zone, 300, NOW + 3600);
    assert_int_equal(past.upgrade, MODE_STRICT);
    lab_close(&lab);
}

static void pages_are_cut_to_one_of_each_kind(void **state)
{
    (void)state;
    struct lab lab;
    lab_open(&lab, (struct much){.hosts = 256, .origins = 3, .names = 2, .pages = 25});
    // One page in twenty thousand speaks against it.
    struct page_evidence *bad = &lab.evidence->hosts[200].origins[1].pages[24];
    bad->sameness = SAMENESS_DIFFERENT;
    (void)snprintf(bad->rule, sizeof bad->rule, "stock_page_https");
    assert_good_in_short(&lab);
    assert_int_equal(lab.scan.verdict, VERDICT_KEEP);
    assert_int_equal(lab.evidence->hosts[0].origins[0].page_count, 2); // home, and a link
    assert_int_equal(lab.evidence->hosts[200].origins[1].page_count, 3);
    lab_close(&lab);
}

static void a_cut_leaves_characters_whole(void **state)
{
    (void)state;
    struct lab lab;
    lab_open(&lab, (struct much){.hosts = 120, .origins = 1, .names = 100, .pages = 1});
    char *subject = lab.evidence->hosts[0].origins[0].certificate->subject;
    for (size_t i = 1; i + 2 < LONG_NAME; i += 2) {
        memcpy(subject + i, "\xc3\xbc", 2);
    }
    assert_good_in_short(&lab);
    assert_int_equal(strlen(subject), 199);
    lab_close(&lab);
}

static void what_is_too_long_in_short_is_told(void **state)
{
    (void)state;
    struct lab lab;
    lab_open(&lab, (struct much){.hosts = 256, .origins = 30, .names = 1, .pages = 1});
    assert_err(lab_record(&lab), ERR_LIMIT);
    assert_non_null(strstr(lab.why.text, "spread its hosts over several zones"));
    assert_null(lab.decided);
    assert_null(lab.scan.evidence);
    lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_is_kept_whole),
        cmocka_unit_test(names_and_chains_are_cut_first),
        cmocka_unit_test(pages_are_cut_to_one_of_each_kind),
        cmocka_unit_test(a_cut_leaves_characters_whole),
        cmocka_unit_test(what_is_too_long_in_short_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
