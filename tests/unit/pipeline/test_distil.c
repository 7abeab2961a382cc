// SPDX-License-Identifier: Apache-2.0
// Visits made by hand -> evidence.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/distil.h"
#include "tests/support/check.h"

#define PAGE "<html><head><title>Bakery</title></head><body><p>Fresh bread every morning</p></body>"

static struct fetch *fetch_of(enum scheme scheme, int status, const char *final_url,
                              const char *body)
{
    struct fetch *fetch = calloc(1, sizeof *fetch);
    assert_non_null(fetch);
    fetch->scheme = scheme;
    fetch->final_scheme = strncmp(final_url, "https", 5) == 0 ? SCHEME_HTTPS : SCHEME_HTTP;
    fetch->path = strdup("/");
    fetch->phase = PHASE_DONE;
    fetch->outcome = OUTCOME_OK;
    fetch->status = status;
    fetch->retry_after_s = -1;
    fetch->final_url = strdup(final_url);
    fetch->content_type = strdup("text/html");
    buf_init(&fetch->body, 1 << 20);
    assert_ok(buf_add_str(&fetch->body, body), NULL);
    return fetch;
}

static void add_hop(struct fetch *fetch, const char *from, const char *to, bool followed)
{
    fetch->hops = realloc(fetch->hops, (fetch->hop_count + 1) * sizeof *fetch->hops);
    fetch->hops[fetch->hop_count++] =
        (struct hop){.scheme = strncmp(from, "https", 5) == 0 ? SCHEME_HTTPS : SCHEME_HTTP,
                     .status = 301,
                     .from = strdup(from),
                     .to = strdup(to),
                     .followed = followed};
}

static struct visit *visit_of(struct fetch *http, struct fetch *https)
{
    struct visit *visit = calloc(1, sizeof *visit);
    visit->pages = calloc(1, sizeof *visit->pages);
    visit->page_count = 1;
    visit->pages[0] = (struct page_fetches){.path = strdup("/"), .http = http, .https = https};
    return visit;
}

static struct origin_evidence distilled(struct visit *visit)
{
    struct origin origin = {.address = (char[]){"192.0.2.1"}, .http_port = 80, .https_port = 443};
    struct origin_evidence out = {0};
    assert_ok(distil(&out, &origin, visit), NULL);
    visit_free(visit);
    return out;
}

static void same_page_on_both(void **state)
{
    (void)state;
    struct origin_evidence e =
        distilled(visit_of(fetch_of(SCHEME_HTTP, 200, "http://a.example/", PAGE),
                           fetch_of(SCHEME_HTTPS, 200, "https://a.example/", PAGE)));
    assert_int_equal(e.sameness, SAMENESS_SAME);
    assert_true(e.pages[0].informative);
    assert_int_equal(e.http.redirect, REDIRECT_NONE);
    assert_string_equal(e.address, "192.0.2.1");
    origin_evidence_done(&e);
}

static void http_that_redirects_to_https_is_consistent(void **state)
{
    (void)state;
    struct fetch *http = fetch_of(SCHEME_HTTP, 301, "https://a.example/", "");
    add_hop(http, "http://a.example/", "https://a.example/", true);
    struct origin_evidence e =
        distilled(visit_of(http, fetch_of(SCHEME_HTTPS, 200, "https://a.example/", PAGE)));
    assert_int_equal(e.sameness, SAMENESS_SAME);
    assert_int_equal(e.http.redirect, REDIRECT_TO_HTTPS);
    assert_string_equal(e.pages[0].rule, "http_redirects_to_https");
    origin_evidence_done(&e);
}

// Where HTTP redirects, a default page on port 443 is all that visitors would see.
static void a_redirect_to_a_default_page_proves_nothing(void **state)
{
    (void)state;
    struct fetch *http = fetch_of(SCHEME_HTTP, 301, "https://a.example/", "");
    add_hop(http, "http://a.example/", "https://a.example/", true);
    struct origin_evidence e = distilled(
        visit_of(http, fetch_of(SCHEME_HTTPS, 200, "https://a.example/",
                                "<!DOCTYPE html><html><head><title>Welcome to nginx!</title>"
                                "</head><body><h1>Welcome to nginx!</h1><p>If you see this page, "
                                "the nginx web server is successfully installed and working. "
                                "Further configuration is required.</p></body></html>")));
    assert_false(e.pages[0].informative);
    assert_int_not_equal(e.sameness, SAMENESS_SAME);
    origin_evidence_done(&e);
}

static void https_that_leaves_for_http_is_seen(void **state)
{
    (void)state;
    struct fetch *https = fetch_of(SCHEME_HTTPS, 200, "http://a.example/", PAGE);
    add_hop(https, "https://a.example/", "http://a.example/", true);
    struct origin_evidence e =
        distilled(visit_of(fetch_of(SCHEME_HTTP, 200, "http://a.example/", PAGE), https));
    assert_int_equal(e.https.redirect, REDIRECT_TO_HTTP);
    origin_evidence_done(&e);
}

// The home page is fine; a page behind it leaves HTTPS and would be compared with itself.
static void a_deeper_page_that_leaves_for_http_is_different(void **state)
{
    (void)state;
    struct visit *visit = visit_of(fetch_of(SCHEME_HTTP, 200, "http://a.example/", PAGE),
                                   fetch_of(SCHEME_HTTPS, 200, "https://a.example/", PAGE));
    visit->pages = realloc(visit->pages, 2 * sizeof *visit->pages);
    visit->page_count = 2;
    struct fetch *https = fetch_of(SCHEME_HTTPS, 200, "http://a.example/shop", PAGE);
    add_hop(https, "https://a.example/shop", "http://a.example/shop", true);
    visit->pages[1] =
        (struct page_fetches){.path = strdup("/shop"),
                              .role = ROLE_LINK,
                              .http = fetch_of(SCHEME_HTTP, 200, "http://a.example/shop", PAGE),
                              .https = https};
    struct origin_evidence e = distilled(visit);
    assert_int_equal(e.sameness, SAMENESS_DIFFERENT);
    assert_string_equal(e.pages[1].rule, "https_to_http");
    origin_evidence_done(&e);
}

static struct tls *tls_with(bool strict_ok)
{
    struct tls *tls = calloc(1, sizeof *tls);
    tls->certificate = calloc(1, sizeof *tls->certificate);
    tls->certificate->strict_ok = strict_ok;
    return tls;
}

static void one_bad_certificate_of_two_counts(void **state)
{
    (void)state;
    struct fetch *https = fetch_of(SCHEME_HTTPS, 200, "https://a.example/", PAGE);
    struct fetch *again = fetch_of(SCHEME_HTTPS, 200, "https://a.example/", PAGE);
    https->tls = tls_with(true);
    again->tls = tls_with(false);
    struct visit *visit = visit_of(fetch_of(SCHEME_HTTP, 200, "http://a.example/", PAGE), https);
    visit->pages[0].https_again = again;
    struct origin_evidence e = distilled(visit);
    assert_false(e.certificate->strict_ok);
    origin_evidence_done(&e);
}

// A site whose answers are alike at each address; what the handshake says is given.
static struct visit *good_visit(const char *version, const char *cipher, int64_t valid_until)
{
    struct fetch *https = fetch_of(SCHEME_HTTPS, 200, "https://a.example/", PAGE);
    https->tls = tls_with(true);
    https->tls->certificate->not_after = valid_until;
    https->tls->certificate->chain_not_after = valid_until;
    (void)snprintf(https->tls->version, sizeof https->tls->version, "%s", version);
    (void)snprintf(https->tls->cipher, sizeof https->tls->cipher, "%s", cipher);
    return visit_of(fetch_of(SCHEME_HTTP, 200, "http://a.example/", PAGE), https);
}

// Whichever address comes first: what is worst of each kind decides, and is never lost.
static void the_worst_handshake_of_the_addresses_counts(void **state)
{
    (void)state;
    static const int order[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 0, 2}};
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        struct visit *visits[] = {
            good_visit("TLSv1.3", "TLS_AES_128_GCM_SHA256", 5000),
            good_visit("TLSv1", "ECDHE-RSA-AES128-SHA", 9000),
            good_visit("TLSv1.2", "AES128-SHA", 7000),
        };
        visits[2]->pages[0].https->tls->client_certificate_requested = true;
        visits[order[i][0]]->next = visits[order[i][1]];
        visits[order[i][1]]->next = visits[order[i][2]];
        struct origin_evidence e = distilled(visits[order[i][0]]);
        assert_string_equal(e.tls_version, "TLSv1");
        assert_string_equal(e.tls_cipher, "AES128-SHA");
        assert_true(e.client_certificate_requested);
        assert_int_equal(e.certificate->not_after, 5000);
        origin_evidence_done(&e);
    }
}

static void the_worst_handshake_of_one_address_counts(void **state)
{
    (void)state;
    struct visit *visit = good_visit("TLSv1.3", "TLS_AES_128_GCM_SHA256", 9000);
    struct visit *other = good_visit("TLSv1.1", "ECDHE-RSA-AES128-SHA", 9000);
    other->pages[0].https->tls->certificate->chain_not_after = 5000;
    visit->pages[0].https_again = other->pages[0].https;
    other->pages[0].https = NULL;
    visit_free(other);
    other = good_visit("TLSv1.2", "AES128-SHA", 9000);
    visit->robots_fetch = other->pages[0].https;
    other->pages[0].https = NULL;
    visit_free(other);
    struct origin_evidence e = distilled(visit);
    assert_string_equal(e.tls_version, "TLSv1.1");
    assert_string_equal(e.tls_cipher, "AES128-SHA");
    assert_int_equal(e.certificate->chain_not_after, 5000);
    origin_evidence_done(&e);
}

// One that strict refuses now is worse than one that ends soon.
static void a_refused_certificate_outweighs_one_that_ends(void **state)
{
    (void)state;
    for (int first = 0; first < 2; first++) {
        struct visit *visits[] = {good_visit("TLSv1.3", "TLS_AES_128_GCM_SHA256", 5000),
                                  good_visit("TLSv1.3", "TLS_AES_128_GCM_SHA256", 9000)};
        visits[1]->pages[0].https->tls->certificate->strict_ok = false;
        visits[first]->next = visits[1 - first];
        struct origin_evidence e = distilled(visits[first]);
        assert_false(e.certificate->strict_ok);
        origin_evidence_done(&e);
    }
}

// The cipher of the older of two handshakes is told with its version.
static void version_and_cipher_belong_together(void **state)
{
    (void)state;
    struct visit *visit = good_visit("TLSv1.3", "TLS_AES_128_GCM_SHA256", 9000);
    visit->next = good_visit("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", 9000);
    struct origin_evidence e = distilled(visit);
    assert_string_equal(e.tls_version, "TLSv1.2");
    assert_string_equal(e.tls_cipher, "ECDHE-RSA-AES128-GCM-SHA256");
    origin_evidence_done(&e);
}

static void the_worst_address_speaks_for_the_origin(void **state)
{
    (void)state;
    struct visit *visit = visit_of(fetch_of(SCHEME_HTTP, 200, "http://a.example/", PAGE),
                                   fetch_of(SCHEME_HTTPS, 200, "https://a.example/", PAGE));
    struct fetch *refused = fetch_of(SCHEME_HTTPS, 0, "https://a.example/", "");
    refused->outcome = OUTCOME_CONNECT_REFUSED;
    visit->next = visit_of(fetch_of(SCHEME_HTTP, 200, "http://a.example/", PAGE), refused);
    visit->next->requests = 2;
    visit->next->more_addresses = true;
    struct fetch *good = fetch_of(SCHEME_HTTPS, 200, "https://a.example/", PAGE);
    good->tls = tls_with(false);
    visit->next->next = visit_of(fetch_of(SCHEME_HTTP, 200, "http://a.example/", PAGE), good);
    struct origin_evidence e = distilled(visit);
    assert_int_equal(e.https.outcome, OUTCOME_CONNECT_REFUSED);
    assert_false(e.certificate->strict_ok);
    assert_int_equal(e.requests, 2);
    assert_true(e.more_addresses);
    origin_evidence_done(&e);
}

// Flexible shows the pages of HTTP to visitors over HTTPS; one that leads to HTTPS is none of them.
static void insecure_resources_are_counted_by_scheme(void **state)
{
    (void)state;
    struct visit *visit = visit_of(fetch_of(SCHEME_HTTP, 200, "http://a.example/", PAGE),
                                   fetch_of(SCHEME_HTTPS, 200, "https://a.example/", PAGE));
    visit->pages[0].http->facts.insecure_resources = 3;
    visit->pages[0].https->facts.insecure_resources = 1;
    visit->next = visit_of(fetch_of(SCHEME_HTTP, 200, "http://a.example/", PAGE),
                           fetch_of(SCHEME_HTTPS, 200, "https://a.example/", PAGE));
    visit->next->pages[0].https->facts.insecure_resources = 2;
    struct origin_evidence e = distilled(visit);
    assert_int_equal(e.http_insecure_resources, 3);
    assert_int_equal(e.insecure_resources, 2);
    origin_evidence_done(&e);
    struct fetch *http = fetch_of(SCHEME_HTTP, 200, "https://a.example/", PAGE);
    add_hop(http, "http://a.example/", "https://a.example/", true);
    http->facts.insecure_resources = 3;
    e = distilled(visit_of(http, fetch_of(SCHEME_HTTPS, 200, "https://a.example/", PAGE)));
    assert_int_equal(e.http_insecure_resources, 0);
    origin_evidence_done(&e);
}

// Else the second look would come a minute later.
static void any_page_may_ask_us_to_wait(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct visit *visit = visit_of(fetch_of(SCHEME_HTTP, 200, "http://a.example/", PAGE),
                                       fetch_of(SCHEME_HTTPS, 503, "https://a.example/", PAGE));
        visit->next = visit_of(fetch_of(SCHEME_HTTP, 200, "http://a.example/", PAGE),
                               fetch_of(SCHEME_HTTPS, 200, "https://a.example/", PAGE));
        if (i == 0) {
            visit->retry_after_s = 600;
        } else if (i == 1) {
            visit->pages[0].https->retry_after_s = visit->retry_after_s = 600;
        } else {
            visit->next->retry_after_s = 600;
        }
        struct origin_evidence e = distilled(visit);
        assert_int_equal(e.http.retry_after_s, i == 1 ? -1 : 600);
        assert_int_equal(e.https.retry_after_s, i == 1 ? 600 : -1);
        origin_evidence_done(&e);
    }
}

static void a_dropped_path_is_another_place(void **state)
{
    (void)state;
    struct fetch *https = fetch_of(SCHEME_HTTPS, 200, "https://a.example/", PAGE);
    add_hop(https, "https://a.example/deep", "https://a.example/", true);
    struct origin_evidence e =
        distilled(visit_of(fetch_of(SCHEME_HTTP, 200, "http://a.example/deep", PAGE), https));
    assert_int_equal(e.sameness, SAMENESS_DIFFERENT);
    assert_string_equal(e.pages[0].rule, "other_place");
    origin_evidence_done(&e);
}

static void both_sent_elsewhere_is_consistent(void **state)
{
    (void)state;
    struct fetch *http = fetch_of(SCHEME_HTTP, 301, "http://b.example/", "");
    struct fetch *https = fetch_of(SCHEME_HTTPS, 301, "https://b.example/", "");
    add_hop(http, "http://a.example/", "http://b.example/", false);
    add_hop(https, "https://a.example/", "https://b.example/", false);
    struct origin_evidence e = distilled(visit_of(http, https));
    assert_int_equal(e.sameness, SAMENESS_SAME);
    assert_int_equal(e.https.redirect, REDIRECT_OFF_ZONE);
    origin_evidence_done(&e);
}

// Nobody loops under flexible by being sent to HTTPS of another site.
static void https_of_another_site_is_off_the_zone(void **state)
{
    (void)state;
    struct fetch *http = fetch_of(SCHEME_HTTP, 301, "https://b.example/", "");
    add_hop(http, "http://a.example/", "https://b.example/", false);
    struct origin_evidence e =
        distilled(visit_of(http, fetch_of(SCHEME_HTTPS, 200, "https://a.example/", PAGE)));
    assert_int_equal(e.http.redirect, REDIRECT_OFF_ZONE);
    origin_evidence_done(&e);
}

// http://a -> https://a, and that goes on to where HTTPS visitors go.
static void what_follows_an_upgrade_is_the_same_place(void **state)
{
    (void)state;
    struct fetch *http = fetch_of(SCHEME_HTTP, 301, "https://a.example/", "");
    struct fetch *https = fetch_of(SCHEME_HTTPS, 200, "https://a.example/en/", PAGE);
    add_hop(http, "http://a.example/", "https://a.example/", true);
    add_hop(https, "https://a.example/", "https://a.example/en/", true);
    struct origin_evidence e = distilled(visit_of(http, https));
    assert_int_equal(e.sameness, SAMENESS_SAME);
    assert_string_equal(e.pages[0].rule, "http_redirects_to_https");
    origin_evidence_done(&e);
}

static void another_host_of_the_zone_is_told_apart(void **state)
{
    (void)state;
    struct fetch *http = fetch_of(SCHEME_HTTP, 301, "https://www.a.example/", "");
    struct fetch *https = fetch_of(SCHEME_HTTPS, 301, "https://www.a.example/", "");
    http->location = strdup("https://www.a.example/");
    add_hop(http, "http://a.example/", "https://www.a.example/", false);
    add_hop(https, "https://a.example/", "https://www.a.example/", false);
    http->hops[0].in_zone = https->hops[0].in_zone = true;
    https->same_site = true;
    struct origin_evidence e = distilled(visit_of(http, https));
    assert_int_equal(e.http.redirect, REDIRECT_OTHER_HOST);
    assert_int_equal(e.https.redirect, REDIRECT_OTHER_HOST);
    assert_true(e.https.same_site);
    assert_string_equal(e.pages[0].rule, "same_redirect");
    origin_evidence_done(&e);
}

static void only_https_sent_elsewhere_is_different(void **state)
{
    (void)state;
    struct fetch *https = fetch_of(SCHEME_HTTPS, 302, "https://www.a.example/", "");
    add_hop(https, "https://a.example/", "https://www.a.example/", false);
    struct origin_evidence e =
        distilled(visit_of(fetch_of(SCHEME_HTTP, 200, "http://a.example/", PAGE), https));
    assert_int_equal(e.sameness, SAMENESS_DIFFERENT);
    origin_evidence_done(&e);
}

static void a_page_that_fails_over_https_is_different(void **state)
{
    (void)state;
    struct fetch *https = fetch_of(SCHEME_HTTPS, 0, "https://a.example/", "");
    https->outcome = OUTCOME_TIMEOUT;
    struct origin_evidence e =
        distilled(visit_of(fetch_of(SCHEME_HTTP, 200, "http://a.example/", PAGE), https));
    assert_int_equal(e.sameness, SAMENESS_DIFFERENT);
    assert_int_equal(e.https.outcome, OUTCOME_TIMEOUT);
    origin_evidence_done(&e);
}

static void a_page_not_asked_for_says_nothing(void **state)
{
    (void)state;
    struct origin_evidence e =
        distilled(visit_of(fetch_of(SCHEME_HTTP, 200, "http://a.example/", PAGE), NULL));
    assert_int_equal(e.sameness, SAMENESS_NONE);
    assert_false(e.https.asked);
    origin_evidence_done(&e);
}

// What the home page needs, with its type, over both schemes.
static struct page_evidence resource(int http_status, const char *http_body, int https_status,
                                     const char *https_type, const char *https_body)
{
    struct visit *visit = visit_of(fetch_of(SCHEME_HTTP, 200, "http://a.example/", PAGE),
                                   fetch_of(SCHEME_HTTPS, 200, "https://a.example/", PAGE));
    visit->pages = realloc(visit->pages, 2 * sizeof *visit->pages);
    visit->page_count = 2;
    struct fetch *http = fetch_of(SCHEME_HTTP, http_status, "http://a.example/a.js", http_body);
    struct fetch *https =
        fetch_of(SCHEME_HTTPS, https_status, "https://a.example/a.js", https_body);
    free(http->content_type);
    free(https->content_type);
    http->content_type = strdup("text/javascript");
    https->content_type = strdup(https_type);
    visit->pages[1] = (struct page_fetches){
        .path = strdup("/a.js"), .role = ROLE_RESOURCE, .http = http, .https = https};
    struct origin_evidence e = distilled(visit);
    struct page_evidence page = e.pages[1];
    page.path = NULL;
    origin_evidence_done(&e);
    return page;
}

static void files_that_a_page_needs(void **state)
{
    (void)state;
    static const char js[] = "text/javascript";
    struct page_evidence same = resource(200, "run()", 200, js, "run()");
    assert_int_equal(same.sameness, SAMENESS_SAME);
    assert_true(same.informative);
    assert_int_equal(resource(200, "run()", 404, js, "").sameness, SAMENESS_DIFFERENT);
    assert_int_equal(resource(200, "run()", 503, js, "").sameness, SAMENESS_DIFFERENT);
    assert_int_equal(resource(200, "run()", 200, js, "").sameness, SAMENESS_DIFFERENT);
    // A server that answers every address with the application's shell.
    assert_string_equal(resource(200, "run()", 200, "text/html", PAGE).rule, "resource_https");
    assert_int_equal(resource(200, "run()", 200, js, "walk(), then(sit)").sameness,
                     SAMENESS_UNSURE);
    assert_false(resource(404, "", 404, js, "").informative);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_page_on_both),
        cmocka_unit_test(http_that_redirects_to_https_is_consistent),
        cmocka_unit_test(a_redirect_to_a_default_page_proves_nothing),
        cmocka_unit_test(https_that_leaves_for_http_is_seen),
        cmocka_unit_test(a_deeper_page_that_leaves_for_http_is_different),
        cmocka_unit_test(one_bad_certificate_of_two_counts),
        cmocka_unit_test(the_worst_handshake_of_the_addresses_counts),
        cmocka_unit_test(the_worst_handshake_of_one_address_counts),
        cmocka_unit_test(a_refused_certificate_outweighs_one_that_ends),
        cmocka_unit_test(version_and_cipher_belong_together),
        cmocka_unit_test(the_worst_address_speaks_for_the_origin),
        cmocka_unit_test(insecure_resources_are_counted_by_scheme),
        cmocka_unit_test(any_page_may_ask_us_to_wait),
        cmocka_unit_test(a_dropped_path_is_another_place),
        cmocka_unit_test(both_sent_elsewhere_is_consistent),
        cmocka_unit_test(https_of_another_site_is_off_the_zone),
        cmocka_unit_test(what_follows_an_upgrade_is_the_same_place),
        cmocka_unit_test(another_host_of_the_zone_is_told_apart),
        cmocka_unit_test(only_https_sent_elsewhere_is_different),
        cmocka_unit_test(a_page_that_fails_over_https_is_different),
        cmocka_unit_test(a_page_not_asked_for_says_nothing),
        cmocka_unit_test(files_that_a_page_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
