// SPDX-License-Identifier: Apache-2.0
// The order of requests, told without a network: each answer is written down by the test.
#include "crawler/plan.h"

#include "tests/support/check.h"

static char site_name[] = "site.test";
static char probe_path[] = "/probe";
static char forbidden_path[] = "/private/x";
static char *probes[] = {probe_path, forbidden_path};

struct world {
    struct crawler_policy policy;
    struct host host;
    struct crawler_target target;
    struct visit *visit;
    struct plan plan;
    struct plan_ask ask;
};

static void begin(struct world *w)
{
    w->policy = crawler_policy_default();
    w->host = (struct host){.name = site_name};
    w->target = (struct crawler_target){.host = &w->host};
    w->visit = plan_new_visit();
    assert_non_null(w->visit);
    plan_init(&w->plan, &w->policy, &w->target, w->visit);
}

static void end(struct world *w)
{
    assert_false(plan_next(&w->plan, &w->ask));
    for (size_t i = 0; i < w->visit->page_count; i++) {
        assert_non_null(w->visit->pages[i].http);
        assert_non_null(w->visit->pages[i].https);
    }
    plan_done(&w->plan);
    visit_free(w->visit);
}

static void expect(struct world *w, enum scheme scheme, const char *path)
{
    assert_true(plan_next(&w->plan, &w->ask));
    assert_int_equal(w->ask.scheme, scheme);
    assert_string_equal(w->ask.path, path);
}

static struct fetch *fetch_of(const struct world *w, enum outcome outcome, int status)
{
    struct fetch *fetch = plan_new_fetch(w->ask.scheme, w->ask.path, 1000);
    assert_non_null(fetch);
    fetch->outcome = outcome;
    fetch->phase = PHASE_DONE;
    fetch->status = status;
    return fetch;
}

static void answer(struct world *w, int status, const char *body)
{
    struct fetch *fetch = fetch_of(w, OUTCOME_OK, status);
    assert_int_equal(buf_add_str(&fetch->body, body), ERR_OK);
    struct url url = {0};
    struct page page = {0};
    assert_int_equal(url_parse(&url, span_of("http://site.test/")), ERR_OK);
    assert_int_equal(page_scan(&page, buf_span(&fetch->body), &url, plan_links_wanted(&w->plan)),
                     ERR_OK);
    assert_int_equal(plan_take(&w->plan, fetch, &page), ERR_OK);
    page_done(&page);
    url_done(&url);
}

static void fail_at(struct world *w, enum outcome outcome, enum phase phase)
{
    struct fetch *fetch = fetch_of(w, outcome, 0);
    fetch->phase = phase;
    assert_int_equal(plan_take(&w->plan, fetch, NULL), ERR_OK);
}

#define LINKS "<a href=/a/1>1</a><a href=/b/2>2</a><a href=/c/3>3</a><a href=/private/4>4</a>"

static void begins_and_ends_its_connections(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    expect(&w, SCHEME_HTTP, "/robots.txt");
    assert_true(w.ask.fresh && !w.ask.last && w.ask.robots);
    answer(&w, 404, "");
    expect(&w, SCHEME_HTTP, "/");
    assert_true(!w.ask.fresh && w.ask.last);
    answer(&w, 200, LINKS "1");
    expect(&w, SCHEME_HTTPS, "/");
    assert_true(w.ask.fresh && !w.ask.last);
    answer(&w, 200, LINKS "2");
    expect(&w, SCHEME_HTTPS, "/a/1");
    assert_true(!w.ask.fresh && w.ask.last);
    answer(&w, 200, "a");
    expect(&w, SCHEME_HTTP, "/");
    assert_true(w.ask.fresh && !w.ask.last);
    answer(&w, 200, LINKS "3");
    expect(&w, SCHEME_HTTP, "/a/1");
    assert_true(!w.ask.fresh && w.ask.last);
    answer(&w, 200, "a");
    assert_non_null(w.visit->pages[0].http_again);
    end(&w);
}

static void pages_are_bounded_by_requests_and_pages(void **state)
{
    (void)state;
    static const struct {
        unsigned requests, pages;
        size_t chosen;
    } rows[] = {{6, 3, 1}, {3, 3, 0}, {5, 3, 1}, {7, 3, 2}, {60, 3, 3}, {60, 0, 0}, {60, 16, 4}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct world w;
        begin(&w);
        w.policy.requests_per_host = rows[i].requests;
        w.policy.pages = rows[i].pages;
        expect(&w, SCHEME_HTTP, "/robots.txt");
        answer(&w, 404, "");
        expect(&w, SCHEME_HTTP, "/");
        answer(&w, 200, LINKS);
        expect(&w, SCHEME_HTTPS, "/");
        answer(&w, 200, LINKS);
        assert_int_equal(w.visit->page_count, 1 + rows[i].chosen);
        while (plan_next(&w.plan, &w.ask)) {
            answer(&w, 200, "page");
        }
        end(&w);
    }
}

#define SHELL                                                                                      \
    "<link rel=stylesheet href=/s.css><script src=/app.js></script><script "                       \
    "src=/private/x.js></script><div id=root></div><a href=/a/1></a>"

static void the_files_of_a_shell_come_before_its_links(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.policy.requests_per_host = 9;
    expect(&w, SCHEME_HTTP, "/robots.txt");
    answer(&w, 200, "User-agent: Cloudflare-SSLDetector\nDisallow: /s.css\n");
    expect(&w, SCHEME_HTTP, "/");
    answer(&w, 200, SHELL);
    expect(&w, SCHEME_HTTPS, "/");
    assert_false(w.ask.last);
    answer(&w, 200, SHELL);
    expect(&w, SCHEME_HTTPS, "/app.js");
    assert_int_equal(w.visit->pages[1].role, ROLE_RESOURCE);
    answer(&w, 404, "");
    expect(&w, SCHEME_HTTPS, "/a/1");
    assert_true(w.ask.last);
    assert_int_equal(w.visit->pages[2].role, ROLE_LINK);
    answer(&w, 200, "");
    expect(&w, SCHEME_HTTP, "/app.js");
    answer(&w, 200, "x()");
    expect(&w, SCHEME_HTTP, "/a/1");
    answer(&w, 200, "");
    end(&w);
}

static void robots_decide_page_by_page(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.host.probe_paths = probes;
    w.host.probe_path_count = COUNT_OF(probes);
    w.policy.requests_per_host = 60;
    w.policy.pages = 16;
    expect(&w, SCHEME_HTTP, "/robots.txt");
    answer(&w, 200, "User-agent: Cloudflare-SSLDetector\nDisallow: /private\n");
    assert_int_equal(w.visit->robots, ROBOTS_ALLOWED);
    expect(&w, SCHEME_HTTP, "/");
    answer(&w, 200, LINKS);
    expect(&w, SCHEME_HTTPS, "/");
    answer(&w, 200, LINKS);
    assert_int_equal(w.visit->page_count, 6);
    assert_int_equal(w.visit->pages[2].role, ROLE_PROBE);
    assert_int_equal(w.visit->pages[2].http->outcome, OUTCOME_SKIPPED);
    assert_string_equal(w.visit->pages[2].http->words, "robots.txt: Disallow: /private");
    while (plan_next(&w.plan, &w.ask)) {
        assert_true(strncmp(w.ask.path, "/private", 8) != 0);
        answer(&w, 200, "page");
    }
    end(&w);
}

struct robots_row {
    enum outcome http;
    enum phase http_phase;
    int http_status; // of an answer
    enum outcome https;
    enum phase https_phase;
    enum robots robots;
    bool goes_on;
};

static void robots_as_rfc_9309_has_it(void **state)
{
    (void)state;
    const enum outcome ok = OUTCOME_OK;
    const struct robots_row rows[] = {
        {ok, PHASE_DONE, 200, ok, PHASE_NONE, ROBOTS_NONE, true},
        {ok, PHASE_DONE, 404, ok, PHASE_NONE, ROBOTS_NONE, true},
        {ok, PHASE_DONE, 403, ok, PHASE_NONE, ROBOTS_NONE, true},
        {ok, PHASE_DONE, 301, ok, PHASE_NONE, ROBOTS_NONE, true},
        {ok, PHASE_DONE, 500, ok, PHASE_NONE, ROBOTS_UNAVAILABLE, false},
        {ok, PHASE_DONE, 429, ok, PHASE_NONE, ROBOTS_UNAVAILABLE, false},
        {OUTCOME_REDIRECT_LOOP, PHASE_DONE, 0, ok, PHASE_NONE, ROBOTS_NONE, true},
        {OUTCOME_CONNECT_REFUSED, PHASE_CONNECT, 0, OUTCOME_CONNECT_REFUSED, PHASE_CONNECT,
         ROBOTS_NONE, true},
        {OUTCOME_CONNECT_REFUSED, PHASE_CONNECT, 0, OUTCOME_TLS_FAILED, PHASE_TLS, ROBOTS_NONE,
         true},
        {OUTCOME_TIMEOUT, PHASE_REQUEST, 0, OUTCOME_CONNECT_REFUSED, PHASE_CONNECT,
         ROBOTS_UNAVAILABLE, false},
        {OUTCOME_CONNECT_TIMEOUT, PHASE_CONNECT, 0, OUTCOME_RESET, PHASE_BODY, ROBOTS_UNAVAILABLE,
         false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct world w;
        begin(&w);
        expect(&w, SCHEME_HTTP, "/robots.txt");
        if (rows[i].http == ok) {
            answer(&w, rows[i].http_status, "User-agent: *\nDisallow: /\n");
        } else {
            fail_at(&w, rows[i].http, rows[i].http_phase);
        }
        if (rows[i].https != ok) {
            expect(&w, SCHEME_HTTPS, "/robots.txt");
            fail_at(&w, rows[i].https, rows[i].https_phase);
        }
        assert_int_equal(w.visit->robots, rows[i].robots);
        bool asks = plan_next(&w.plan, &w.ask);
        bool all_closed =
            rows[i].http == OUTCOME_CONNECT_REFUSED && rows[i].https == OUTCOME_CONNECT_REFUSED;
        assert_int_equal(asks, rows[i].goes_on && !all_closed);
        if (all_closed) { // nobody knocks twice
            assert_int_equal(w.visit->pages[0].http->outcome, OUTCOME_CONNECT_REFUSED);
            assert_int_equal(w.visit->pages[0].https->outcome, OUTCOME_CONNECT_REFUSED);
        } else if (!rows[i].goes_on) {
            assert_int_equal(w.visit->pages[0].http->outcome, OUTCOME_SKIPPED);
        }
        while (asks) {
            fail_at(&w, OUTCOME_TLS_FAILED, PHASE_TLS);
            asks = plan_next(&w.plan, &w.ask);
        }
        end(&w);
    }
}

static void a_failing_https_home_ends_the_plan(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.target.control = true;
    expect(&w, SCHEME_HTTP, "/robots.txt");
    answer(&w, 404, "");
    expect(&w, SCHEME_HTTP, "/");
    answer(&w, 200, LINKS);
    expect(&w, SCHEME_HTTPS, "/");
    fail_at(&w, OUTCOME_TLS_FAILED, PHASE_TLS);
    end(&w);
}

static void without_http_further_pages_are_asked_over_https_only(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    expect(&w, SCHEME_HTTP, "/robots.txt");
    answer(&w, 404, "");
    expect(&w, SCHEME_HTTP, "/");
    fail_at(&w, OUTCOME_RESET, PHASE_REQUEST);
    expect(&w, SCHEME_HTTPS, "/");
    assert_false(w.ask.last); // its links are not known yet
    answer(&w, 200, LINKS);
    expect(&w, SCHEME_HTTPS, "/a/1");
    answer(&w, 200, "a");
    assert_false(plan_next(&w.plan, &w.ask));
    assert_int_equal(w.visit->pages[1].http->outcome, OUTCOME_SKIPPED);
    end(&w);
}

static void moved(struct world *w)
{
    struct fetch *fetch = fetch_of(w, OUTCOME_OK, 301);
    fetch->final_scheme = SCHEME_HTTPS;
    assert_int_equal(plan_take(&w->plan, fetch, NULL), ERR_OK);
}

static void a_moved_home_is_asked_for_as_an_edge_asks(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.policy.requests_per_host = 7;
    expect(&w, SCHEME_HTTP, "/robots.txt");
    assert_false(w.ask.forwarded);
    answer(&w, 404, "");
    expect(&w, SCHEME_HTTP, "/");
    assert_false(w.ask.forwarded);
    moved(&w);
    expect(&w, SCHEME_HTTP, "/");
    assert_true(w.ask.forwarded && w.ask.fresh && w.ask.last);
    answer(&w, 200, LINKS "1");
    assert_int_equal(w.visit->pages[0].http->status, 200);
    expect(&w, SCHEME_HTTPS, "/");
    assert_false(w.ask.forwarded);
    answer(&w, 200, LINKS "2");
    expect(&w, SCHEME_HTTPS, "/a/1");
    assert_false(w.ask.forwarded);
    answer(&w, 200, "a");
    expect(&w, SCHEME_HTTP, "/"); // the control: this HTTP page is compared
    assert_true(w.ask.forwarded);
    answer(&w, 200, LINKS "3");
    expect(&w, SCHEME_HTTP, "/a/1");
    assert_true(w.ask.forwarded);
    answer(&w, 200, "a");
    end(&w);
}

// Moved again, no answer, or no page: the redirect stands.
static void only_a_page_replaces_the_redirect(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct world w;
        begin(&w);
        w.policy.pages = 0;
        expect(&w, SCHEME_HTTP, "/robots.txt");
        answer(&w, 404, "");
        expect(&w, SCHEME_HTTP, "/");
        moved(&w);
        expect(&w, SCHEME_HTTP, "/");
        if (i == 0) {
            moved(&w);
        } else if (i == 1) {
            fail_at(&w, OUTCOME_RESET, PHASE_REQUEST);
        } else {
            answer(&w, 403, "no");
        }
        expect(&w, SCHEME_HTTPS, "/");
        answer(&w, 200, "page");
        assert_int_equal(w.visit->pages[0].http->status, 301);
        end(&w); // no control
    }
}

static void wait(struct world *w, int status, int64_t retry_after_s)
{
    struct fetch *fetch = fetch_of(w, OUTCOME_OK, status);
    fetch->retry_after_s = retry_after_s;
    assert_int_equal(plan_take(&w->plan, fetch, NULL), ERR_OK);
}

// Whatever is answered so, it is the last request.
static void who_asks_us_to_wait_is_asked_for_nothing_more(void **state)
{
    (void)state;
    static const struct {
        int status;
        int64_t retry_after_s;
        const char *words; // NULL = not asked to wait
    } rows[] = {{503, 60, "asked to wait 60 s"},
                {429, 60, "asked to wait 60 s"},
                {429, -1, "asked to send fewer requests (429)"},
                {429, 0, "asked to send fewer requests (429)"},
                {503, -1, NULL},
                {503, 0, NULL},
                {500, 60, NULL}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (int at = 0; at < 5; at++) {
            struct world w;
            begin(&w);
            w.policy.requests_per_host = 7;
            expect(&w, SCHEME_HTTP, "/robots.txt");
            answer(&w, 404, "");
            for (int before = 0; before < at; before++) { // moved, its page, HTTPS, a link
                assert_true(plan_next(&w.plan, &w.ask));
                if (before == 0) {
                    moved(&w);
                } else {
                    answer(&w, 200, w.ask.scheme == SCHEME_HTTP ? LINKS "1" : LINKS "2");
                }
            }
            assert_true(plan_next(&w.plan, &w.ask));
            wait(&w, rows[i].status, rows[i].retry_after_s);
            bool goes_on = plan_next(&w.plan, &w.ask);
            if (rows[i].words != NULL) {
                assert_false(goes_on);
                assert_int_equal(w.visit->retry_after_s, rows[i].retry_after_s > 0 ? 60 : 0);
                const struct fetch *https = w.visit->pages[0].https;
                if (at < 2) {
                    assert_int_equal(https->outcome, OUTCOME_SKIPPED);
                    assert_string_equal(https->words, rows[i].words);
                }
            } else {
                assert_true(goes_on);
            }
            plan_stop(&w.plan, "enough");
            end(&w);
        }
    }
}

static void robots_that_ask_us_to_wait_are_waited_for(void **state)
{
    (void)state;
    static const int statuses[] = {429, 503};
    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        struct world w;
        begin(&w);
        expect(&w, SCHEME_HTTP, "/robots.txt");
        wait(&w, statuses[i], 600);
        assert_false(plan_next(&w.plan, &w.ask));
        assert_int_equal(w.visit->robots, ROBOTS_UNAVAILABLE);
        assert_int_equal(w.visit->pages[0].http->outcome, OUTCOME_SKIPPED);
        assert_int_equal(w.visit->retry_after_s, 600);
        end(&w);
    }
}

static void a_move_to_another_site_is_asked_for_once(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    expect(&w, SCHEME_HTTP, "/robots.txt");
    answer(&w, 404, "");
    expect(&w, SCHEME_HTTP, "/");
    struct fetch *fetch = fetch_of(&w, OUTCOME_OK, 301);
    fetch->final_scheme = SCHEME_HTTPS;
    fetch->location = strdup("https://elsewhere.test/");
    assert_int_equal(plan_take(&w.plan, fetch, NULL), ERR_OK);
    expect(&w, SCHEME_HTTPS, "/");
    fail_at(&w, OUTCOME_RESET, PHASE_REQUEST);
    end(&w);
}

// One of the ways a visit may go; `way` chooses at every fork.
static unsigned count_requests(struct world *w, unsigned way)
{
    unsigned requests = 0;
    while (plan_next(&w->plan, &w->ask)) {
        bool home = strcmp(w->ask.path, "/") == 0;
        bool http = w->ask.scheme == SCHEME_HTTP;
        requests += strcmp(w->ask.path, probe_path) != 0;
        if (w->ask.robots && http && (way & 1) != 0) {
            fail_at(w, OUTCOME_TIMEOUT, PHASE_CONNECT);
        } else if (w->ask.robots) {
            answer(w, 404, "");
        } else if (home && http && !w->ask.forwarded && (way & 2) != 0) {
            moved(w);
        } else if (home && http && w->ask.forwarded && (way & 4) != 0) {
            moved(w);
        } else if (home && http && (way & 8) != 0) {
            fail_at(w, OUTCOME_RESET, PHASE_REQUEST);
        } else {
            answer(w, 200, http && (way & 16) != 0 ? LINKS "1" : LINKS "2");
        }
    }
    return requests;
}

static void the_budget_of_requests_holds_on_every_way(void **state)
{
    (void)state;
    static char *one_probe[] = {probe_path};
    for (unsigned way = 0; way < 64; way++) {
        for (unsigned budget = 3; budget <= 12; budget++) {
            struct world w;
            begin(&w);
            w.policy.requests_per_host = budget;
            w.host.probe_paths = one_probe;
            w.host.probe_path_count = 1;
            w.target.control = (way & 32) != 0;
            unsigned requests = count_requests(&w, way);
            if (requests > budget) {
                fail_msg("way %u: %u requests of %u", way, requests, budget);
            }
            assert_non_null(w.visit->pages[0].https);
            bool asked = w.visit->pages[0].https->outcome == OUTCOME_OK;
            assert_true(asked || budget == 3);
            end(&w);
        }
    }
}

static void a_visit_that_never_began_says_why_twice(void **state)
{
    (void)state;
    struct visit *visit = plan_new_visit();
    assert_non_null(visit);
    assert_int_equal(plan_never(visit, OUTCOME_DNS_FAILED, PHASE_DNS, "no such name"), ERR_OK);
    assert_int_equal(visit->pages[0].http->outcome, OUTCOME_DNS_FAILED);
    assert_int_equal(visit->pages[0].https->phase, PHASE_DNS);
    assert_string_equal(visit->pages[0].https->words, "no such name");
    visit_free(visit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_and_ends_its_connections),
        cmocka_unit_test(pages_are_bounded_by_requests_and_pages),
        cmocka_unit_test(the_files_of_a_shell_come_before_its_links),
        cmocka_unit_test(robots_decide_page_by_page),
        cmocka_unit_test(robots_as_rfc_9309_has_it),
        cmocka_unit_test(a_failing_https_home_ends_the_plan),
        cmocka_unit_test(without_http_further_pages_are_asked_over_https_only),
        cmocka_unit_test(a_moved_home_is_asked_for_as_an_edge_asks),
        cmocka_unit_test(only_a_page_replaces_the_redirect),
        cmocka_unit_test(who_asks_us_to_wait_is_asked_for_nothing_more),
        cmocka_unit_test(robots_that_ask_us_to_wait_are_waited_for),
        cmocka_unit_test(a_move_to_another_site_is_asked_for_once),
        cmocka_unit_test(the_budget_of_requests_holds_on_every_way),
        cmocka_unit_test(a_visit_that_never_began_says_why_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
