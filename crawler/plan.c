// SPDX-License-Identifier: Apache-2.0
#include "crawler/plan.h"

#include <assert.h>

#include "core/limits.h"
#include "crawler/outcome.h"
#include "crawler/redirect.h"

struct visit *plan_new_visit(void)
{
    struct visit *visit = calloc(1, sizeof *visit);
    if (visit == NULL) {
        return NULL;
    }
    visit->pages = calloc(1, sizeof *visit->pages);
    if (visit->pages != NULL) {
        visit->page_count = 1;
        visit->pages[0].path = strdup("/");
    }
    if (visit->pages == NULL || visit->pages[0].path == NULL) {
        visit_free(visit);
        return NULL;
    }
    return visit;
}

struct fetch *plan_new_fetch(enum scheme scheme, const char *path, size_t body_max)
{
    struct fetch *fetch = calloc(1, sizeof *fetch);
    if (fetch == NULL) {
        return NULL;
    }
    fetch->scheme = fetch->final_scheme = scheme;
    fetch->retry_after_s = -1;
    buf_init(&fetch->body, body_max);
    fetch->path = strdup(path);
    if (fetch->path == NULL) {
        fetch_free(fetch);
        return NULL;
    }
    return fetch;
}

void plan_init(struct plan *plan, const struct crawler_policy *policy,
               const struct crawler_target *target, struct visit *visit)
{
    *plan = (struct plan){.policy = policy, .target = target, .visit = visit};
}

void plan_done(struct plan *plan)
{
    robots_free(plan->rules);
    plan->rules = NULL;
    page_done(&plan->found);
}

void plan_stop(struct plan *plan, const char *words)
{
    if (plan->words[0] == '\0') {
        outcome_words(plan->words, "%s", words);
    }
}

static enum err skip(struct fetch **out, enum scheme scheme, const char *path, const char *words)
{
    if (*out != NULL) {
        return ERR_OK;
    }
    struct fetch *fetch = plan_new_fetch(scheme, path, 0);
    if (fetch == NULL) {
        return ERR_NOMEM;
    }
    fetch->outcome = OUTCOME_SKIPPED;
    outcome_words(fetch->words, "%s", words);
    *out = fetch;
    return ERR_OK;
}

// Without memory a fetch stays NULL, which readers know as "not asked for".
static void finish(struct plan *plan)
{
    plan->step = STEP_END;
    for (size_t i = 0; i < plan->visit->page_count; i++) {
        struct page_fetches *page = &plan->visit->pages[i];
        (void)skip(&page->http, SCHEME_HTTP, page->path, plan->words);
        (void)skip(&page->https, SCHEME_HTTPS, page->path, plan->words);
    }
}

enum err plan_never(struct visit *visit, enum outcome outcome, enum phase phase, const char *words)
{
    struct page_fetches *home = &visit->pages[0];
    enum err e = skip(&home->http, SCHEME_HTTP, home->path, words);
    if (e == ERR_OK) {
        e = skip(&home->https, SCHEME_HTTPS, home->path, words);
    }
    struct fetch *both[] = {home->http, home->https};
    for (size_t i = 0; i < COUNT_OF(both); i++) {
        if (both[i] != NULL) {
            both[i]->outcome = outcome;
            both[i]->phase = phase;
        }
    }
    return e;
}

static const struct fetch *home(const struct plan *plan, enum scheme scheme)
{
    const struct page_fetches *page = &plan->visit->pages[0];
    return scheme == SCHEME_HTTP ? page->http : page->https;
}

static bool answered(const struct fetch *fetch)
{
    return fetch != NULL && outcome_is_answer(fetch->outcome);
}

// The home page of a port that is known to be closed, without knocking again.
static bool answer_for_closed(struct plan *plan, struct fetch **out, enum scheme scheme)
{
    const struct plan_closed *closed = &plan->closed[scheme];
    if (!closed->known || skip(out, scheme, "/", closed->words) != ERR_OK) {
        return false;
    }
    (*out)->outcome = closed->outcome;
    (*out)->phase = closed->phase;
    (void)snprintf((*out)->address, sizeof(*out)->address, "%s", closed->address);
    return true;
}

static size_t next_page(const struct plan *plan, enum scheme scheme, size_t from)
{
    for (size_t i = from; i < plan->visit->page_count; i++) {
        const struct page_fetches *page = &plan->visit->pages[i];
        if ((scheme == SCHEME_HTTP ? page->http : page->https) == NULL) {
            return i;
        }
    }
    return 0;
}

static bool control_wanted(const struct plan *plan)
{
    const struct fetch *http = home(plan, SCHEME_HTTP);
    const struct fetch *https = home(plan, SCHEME_HTTPS);
    if (!answered(http) || !answered(https) || plan->http_moved) {
        return false;
    }
    return plan->target->control || !span_equal(buf_span(&http->body), buf_span(&https->body));
}

// Whether so many requests more stay within the budget of the host.
static bool affordable(const struct plan *plan, unsigned requests)
{
    return plan->asked + requests <= plan->policy->requests_per_host;
}

static bool ask_page(struct plan *plan, struct plan_ask *ask, enum scheme scheme)
{
    size_t i = next_page(plan, scheme, 1);
    if (i == 0) {
        return false;
    }
    plan->page = i;
    *ask = (struct plan_ask){.scheme = scheme,
                             .path = plan->visit->pages[i].path,
                             .fresh = scheme == SCHEME_HTTP && !plan->leg_begun,
                             .last = next_page(plan, scheme, i + 1) == 0,
                             .forwarded = scheme == SCHEME_HTTP && plan->forwarded};
    plan->leg_begun = plan->leg_begun || scheme == SCHEME_HTTP;
    plan->asked += plan->visit->pages[i].role != ROLE_PROBE; // these are the operator's wish
    return true;
}

static bool pages_possible(const struct plan *plan)
{
    return plan->target->host->probe_path_count > 0 ||
           (plan->policy->pages > 0 &&
            (plan->found.link_count > 0 || plan->found.resource_count > 0 ||
             !answered(home(plan, SCHEME_HTTP)) || plan->http_moved));
}

static bool ask_home(struct plan *plan, struct plan_ask *ask, enum scheme scheme)
{
    struct page_fetches *page = &plan->visit->pages[0];
    if (answer_for_closed(plan, scheme == SCHEME_HTTP ? &page->http : &page->https, scheme)) {
        return false;
    }
    if (!affordable(plan, 1)) {
        plan_stop(plan, "the requests for this host are used up");
        return false;
    }
    plan->asked++;
    *ask = (struct plan_ask){.scheme = scheme,
                             .path = page->path,
                             .fresh = scheme == SCHEME_HTTPS,
                             .last = scheme == SCHEME_HTTP || !pages_possible(plan)};
    return true;
}

// An edge in flexible asks over HTTP and tells of its visitor's HTTPS; an application that knows
// the field then has no reason to send anybody to HTTPS.
static bool ask_forwarded(struct plan *plan, struct plan_ask *ask)
{
    const struct fetch *http = home(plan, SCHEME_HTTP);
    bool upgrade = plan->http_moved && http->location == NULL; // another site's page is none
    if (!upgrade || !affordable(plan, 2)) {                    // the page over HTTPS tells more
        return false;
    }
    plan->asked++;
    *ask = (struct plan_ask){.scheme = SCHEME_HTTP,
                             .path = plan->visit->pages[0].path,
                             .fresh = true,
                             .last = true,
                             .forwarded = true};
    return true;
}

static bool ask_control(struct plan *plan, struct plan_ask *ask)
{
    if (!control_wanted(plan) || !affordable(plan, 1)) {
        return false;
    }
    plan->leg_begun = true;
    plan->asked++;
    *ask = (struct plan_ask){.scheme = SCHEME_HTTP,
                             .path = plan->visit->pages[0].path,
                             .fresh = true,
                             .last = next_page(plan, SCHEME_HTTP, 1) == 0,
                             .forwarded = plan->forwarded};
    return true;
}

static bool ask_http_page(struct plan *plan, struct plan_ask *ask)
{
    if (answered(home(plan, SCHEME_HTTP))) {
        return ask_page(plan, ask, SCHEME_HTTP);
    }
    plan_stop(plan, "the home page gave no answer over HTTP");
    return false;
}

// True when the step has something to ask.
static bool ask_step(struct plan *plan, struct plan_ask *ask)
{
    switch (plan->step) {
    case STEP_ROBOTS_HTTP:
        plan->asked++;
        *ask = (struct plan_ask){SCHEME_HTTP, "/robots.txt", .robots = true, .fresh = true};
        return true;
    case STEP_ROBOTS_HTTPS:
        plan->asked++;
        *ask = (struct plan_ask){SCHEME_HTTPS, "/robots.txt", true, .fresh = true, .last = true};
        return true;
    case STEP_HOME_HTTP:
        return ask_home(plan, ask, SCHEME_HTTP);
    case STEP_HOME_FORWARDED:
        return ask_forwarded(plan, ask);
    case STEP_HOME_HTTPS:
        return ask_home(plan, ask, SCHEME_HTTPS);
    case STEP_PAGES_HTTPS:
        return ask_page(plan, ask, SCHEME_HTTPS);
    case STEP_CONTROL:
        return ask_control(plan, ask);
    case STEP_PAGES_HTTP:
        return ask_http_page(plan, ask);
    case STEP_END:
        break;
    }
    return false;
}

bool plan_next(struct plan *plan, struct plan_ask *ask)
{
    while (plan->step != STEP_END && plan->words[0] == '\0') {
        if (ask_step(plan, ask)) {
            return true;
        }
        // Without an HTTPS home page there is nothing to compare further pages with.
        bool pointless = plan->step == STEP_HOME_HTTPS && !answered(home(plan, SCHEME_HTTPS));
        if (pointless) {
            plan_stop(plan, "the home page gave no answer over HTTPS");
        }
        plan->step++;
    }
    finish(plan);
    return false;
}

size_t plan_links_wanted(const struct plan *plan)
{
    bool home_step = plan->step >= STEP_HOME_HTTP && plan->step <= STEP_HOME_HTTPS;
    bool wanted = home_step && plan->policy->pages > 0 && plan->found.link_count == 0 &&
                  plan->found.resource_count == 0;
    return wanted ? LIMIT_PAGES : 0;
}

static void robots_end(struct plan *plan, enum robots robots)
{
    plan->visit->robots = robots;
    if (robots == ROBOTS_DISALLOWED || robots == ROBOTS_UNAVAILABLE) {
        char words[OUTCOME_WORDS];
        outcome_words(words, "robots.txt: %.140s", plan->visit->robots_fetch->words);
        plan_stop(plan, words);
    }
    plan->step = STEP_HOME_HTTP;
}

static enum err read_robots(struct plan *plan, struct fetch *fetch)
{
    enum err e = robots_parse(&plan->rules, buf_span(&fetch->body), plan->policy->product_token);
    if (e != ERR_OK) {
        return e;
    }
    buf_done(&fetch->body);
    enum robots robots = ROBOTS_NONE;
    if (robots_names_us(plan->rules)) {
        char line[128] = "";
        bool allowed = robots_allows(plan->rules, "/", line);
        robots = allowed ? ROBOTS_ALLOWED : ROBOTS_DISALLOWED;
        outcome_words(fetch->words, "%s", line);
    }
    robots_end(plan, robots);
    return ERR_OK;
}

// RFC 9309 section 2.3.1: 2xx is read; 4xx and redirects that lead nowhere allow everything; 5xx
// forbids everything. 429 is a server that wants less, not a missing file.
static enum err robots_answer(struct plan *plan, struct fetch *fetch)
{
    if (fetch->status >= 200 && fetch->status < 300) {
        return read_robots(plan, fetch);
    }
    bool unavailable = fetch->status >= 500 || fetch->status == 429;
    if (unavailable) {
        outcome_words(fetch->words, "status %d for robots.txt", fetch->status);
        plan->visit->retry_after_s = fetch->retry_after_s > 0 ? fetch->retry_after_s : 0;
    }
    robots_end(plan, unavailable ? ROBOTS_UNAVAILABLE : ROBOTS_NONE);
    return ERR_OK;
}

static void note_closed(struct plan *plan, const struct fetch *fetch)
{
    if (fetch->hop_count == 0 && outcome_is_connect_failure(fetch->outcome)) {
        struct plan_closed *closed = &plan->closed[fetch->scheme];
        closed->known = true;
        closed->outcome = fetch->outcome;
        closed->phase = fetch->phase;
        memcpy(closed->words, fetch->words, sizeof closed->words);
        memcpy(closed->address, fetch->address, sizeof closed->address);
    }
}

static enum err take_robots(struct plan *plan, struct fetch *fetch)
{
    // Of two failures, the one that got further has more to say.
    struct fetch *before = plan->visit->robots_fetch;
    plan->visit->robots_fetch = fetch;
    note_closed(plan, fetch);
    if (answered(fetch)) {
        fetch_free(before);
        return robots_answer(plan, fetch);
    }
    if (before != NULL && before->phase >= fetch->phase) {
        plan->visit->robots_fetch = before;
        before = fetch;
    }
    fetch_free(before);
    fetch = plan->visit->robots_fetch;
    if (fetch->outcome == OUTCOME_REDIRECT_LIMIT || fetch->outcome == OUTCOME_REDIRECT_LOOP) {
        robots_end(plan, ROBOTS_NONE); // RFC 9309 section 2.3.1.2
    } else if (plan->step == STEP_ROBOTS_HTTP) {
        plan->step = STEP_ROBOTS_HTTPS;
    } else {
        // Nothing of HTTP was ever spoken: an origin that is down. Let the home pages say it.
        robots_end(plan, fetch->phase >= PHASE_REQUEST ? ROBOTS_UNAVAILABLE : ROBOTS_NONE);
    }
    return ERR_OK;
}

// After 503 with Retry-After (RFC 9110 sections 10.2.3 and 15.6.4), and after any 429 (RFC 6585
// section 4), we are quiet.
static void mind_retry_after(struct plan *plan, const struct fetch *fetch)
{
    if ((fetch->status == 429 || fetch->status == 503) && fetch->retry_after_s > 0) {
        char words[OUTCOME_WORDS];
        outcome_words(words, "asked to wait %lld s", (long long)fetch->retry_after_s);
        plan->visit->retry_after_s = fetch->retry_after_s;
        plan_stop(plan, words);
    } else if (fetch->status == 429) {
        plan_stop(plan, "asked to send fewer requests (429)");
    }
}

static bool known_page(const struct visit *visit, const char *path)
{
    for (size_t i = 0; i < visit->page_count; i++) {
        if (strcmp(visit->pages[i].path, path) == 0) {
            return true;
        }
    }
    return false;
}

// A page of the operator that robots.txt forbids is there, skipped, with the line; a link is not.
static enum err add_page(struct plan *plan, const char *path, enum page_role role)
{
    struct visit *visit = plan->visit;
    char line[128] = "";
    bool allowed = plan->rules == NULL || robots_allows(plan->rules, path, line);
    if (known_page(visit, path) || (!allowed && role != ROLE_PROBE)) {
        return ERR_OK;
    }
    struct page_fetches page = {.path = strdup(path), .role = role};
    if (page.path == NULL) {
        return ERR_NOMEM;
    }
    visit->pages[visit->page_count++] = page;
    if (allowed) {
        return ERR_OK;
    }
    char words[OUTCOME_WORDS];
    outcome_words(words, "robots.txt: %s", line);
    struct page_fetches *added = &visit->pages[visit->page_count - 1];
    enum err e = skip(&added->http, SCHEME_HTTP, path, words);
    return e == ERR_OK ? skip(&added->https, SCHEME_HTTPS, path, words) : e;
}

// What was asked for so far and the control come first; a further page costs two requests.
static size_t link_budget(const struct plan *plan)
{
    unsigned control = control_wanted(plan) ? 1 : 0;
    size_t pages = 0;
    while (pages < plan->policy->pages && affordable(plan, control + 2 * ((unsigned)pages + 1))) {
        pages++;
    }
    return pages;
}

static enum err choose_pages(struct plan *plan)
{
    struct visit *visit = plan->visit;
    const struct host *host = plan->target->host;
    size_t budget = link_budget(plan);
    size_t most = visit->page_count + host->probe_path_count + budget;
    struct page_fetches *pages = reallocarray(visit->pages, most, sizeof *pages);
    if (pages == NULL) {
        return ERR_NOMEM;
    }
    visit->pages = pages;
    enum err e = ERR_OK;
    for (size_t i = 0; i < host->probe_path_count && e == ERR_OK; i++) {
        e = add_page(plan, host->probe_paths[i], ROLE_PROBE);
    }
    size_t end = visit->page_count + budget;
    for (size_t i = 0; i < plan->found.resource_count && e == ERR_OK && visit->page_count < end;
         i++) {
        e = add_page(plan, plan->found.resources[i], ROLE_RESOURCE);
    }
    for (size_t i = 0; i < plan->found.link_count && e == ERR_OK && visit->page_count < end; i++) {
        e = add_page(plan, plan->found.links[i], ROLE_LINK);
    }
    return e;
}

static void take_links(struct plan *plan, struct page *scan)
{
    if (scan != NULL && plan->found.link_count == 0 && plan->found.resource_count == 0) {
        page_done(&plan->found);
        plan->found = *scan;
        *scan = (struct page){0};
    }
}

// A page is what visitors of an edge in flexible see; anything else changes nothing.
static void take_forwarded(struct plan *plan, struct fetch *fetch, struct page *scan)
{
    struct page_fetches *page = &plan->visit->pages[0];
    bool is_page = answered(fetch) && fetch->status >= 200 && fetch->status < 300 &&
                   fetch->location == NULL && fetch->final_scheme == SCHEME_HTTP;
    mind_retry_after(plan, fetch);
    plan->step = STEP_HOME_HTTPS;
    if (!is_page) {
        fetch_free(fetch);
        return;
    }
    fetch_free(page->http);
    page->http = fetch;
    plan->http_moved = false;
    plan->forwarded = true;
    take_links(plan, scan);
}

static enum err take_home(struct plan *plan, struct fetch *fetch, struct page *scan)
{
    struct page_fetches *page = &plan->visit->pages[0];
    if (plan->step == STEP_HOME_HTTP) {
        page->http = fetch;
        plan->http_moved = answered(fetch) && redirect_status(fetch->status) &&
                           fetch->final_scheme == SCHEME_HTTPS;
        take_links(plan, scan);
        mind_retry_after(plan, fetch);
        plan->step = STEP_HOME_FORWARDED;
        return ERR_OK;
    }
    page->https = fetch;
    take_links(plan, scan);
    mind_retry_after(plan, fetch);
    plan->step = STEP_PAGES_HTTPS;
    if (!answered(fetch)) {
        plan_stop(plan, "the home page gave no answer over HTTPS");
        return ERR_OK;
    }
    return plan->words[0] == '\0' ? choose_pages(plan) : ERR_OK;
}

enum err plan_take(struct plan *plan, struct fetch *fetch, struct page *scan)
{
    struct page_fetches *pages = plan->visit->pages;
    enum err e = ERR_OK;
    plan->visit->overload = plan->visit->overload || fetch->outcome == OUTCOME_OVERLOAD;
    switch (plan->step) {
    case STEP_ROBOTS_HTTP:
    case STEP_ROBOTS_HTTPS:
        e = take_robots(plan, fetch);
        break;
    case STEP_HOME_HTTP:
    case STEP_HOME_HTTPS:
        e = take_home(plan, fetch, scan);
        break;
    case STEP_HOME_FORWARDED:
        take_forwarded(plan, fetch, scan);
        break;
    case STEP_PAGES_HTTPS:
        pages[plan->page].https = fetch;
        mind_retry_after(plan, fetch);
        break;
    case STEP_CONTROL:
        pages[0].http_again = fetch;
        mind_retry_after(plan, fetch);
        plan->step = STEP_PAGES_HTTP;
        break;
    case STEP_PAGES_HTTP:
        pages[plan->page].http = fetch;
        mind_retry_after(plan, fetch);
        break;
    case STEP_END:
        assert(plan->step != STEP_END);
        break;
    }
    if (e != ERR_OK) {
        plan->visit->overload = true;
        plan_stop(plan, err_str(e));
    }
    return e;
}
