// SPDX-License-Identifier: Apache-2.0
#include "pipeline/distil.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/url.h"
#include "pipeline/delivery.h"
#include "pipeline/quality.h"
#include "similarity/similarity.h"

static char *copy_or_null(const char *text)
{
    return text == NULL ? NULL : strdup(text);
}

static bool is_https_url(const char *url)
{
    return url != NULL && strncmp(url, "https://", 8) == 0;
}

static enum redirect redirect_of(const struct fetch *fetch)
{
    if (fetch->outcome == OUTCOME_REDIRECT_LOOP) {
        return REDIRECT_LOOP;
    }
    if (fetch->outcome == OUTCOME_REDIRECT_LIMIT) {
        return REDIRECT_LIMIT;
    }
    enum redirect found = fetch->hop_count == 0 ? REDIRECT_NONE : REDIRECT_SAME_SCHEME;
    for (size_t i = 0; i < fetch->hop_count; i++) {
        const struct hop *hop = &fetch->hops[i];
        bool to_https = is_https_url(hop->to);
        bool last = i + 1 == fetch->hop_count;
        if (hop->scheme == SCHEME_HTTPS && !to_https) {
            return REDIRECT_TO_HTTP;
        }
        if (last && !hop->followed) {
            found = hop->in_zone ? REDIRECT_OTHER_HOST : REDIRECT_OFF_ZONE;
        } else if (hop->scheme == SCHEME_HTTP && to_https) {
            found = REDIRECT_TO_HTTPS;
        }
    }
    return found;
}

static enum err distil_scheme(struct scheme_evidence *out, const struct fetch *fetch)
{
    out->retry_after_s = -1;
    if (fetch == NULL) {
        out->outcome = OUTCOME_SKIPPED;
        return ERR_OK;
    }
    out->asked = fetch->outcome != OUTCOME_SKIPPED;
    out->outcome = fetch->outcome;
    out->phase = fetch->phase;
    (void)snprintf(out->words, sizeof out->words, "%s", fetch->words);
    out->status = fetch->status;
    out->redirect = redirect_of(fetch);
    out->same_site = fetch->same_site;
    out->hops = (unsigned)fetch->hop_count;
    out->retry_after_s = fetch->retry_after_s;
    out->total_ms = fetch->total_ms;
    out->final_url = copy_or_null(fetch->final_url);
    return fetch->final_url != NULL && out->final_url == NULL ? ERR_NOMEM : ERR_OK;
}

// Whether both chains of redirects led a visitor to the same page, whatever the scheme.
static bool same_place(const struct fetch *a, const struct fetch *b)
{
    struct url ua = {0};
    struct url ub = {0};
    bool same = false;
    if (a->final_url != NULL && b->final_url != NULL &&
        url_parse(&ua, span_of(a->final_url)) == ERR_OK &&
        url_parse(&ub, span_of(b->final_url)) == ERR_OK) {
        same = url_same_place(&ua, &ub);
    }
    url_done(&ua);
    url_done(&ub);
    return same;
}

static bool is_redirect_status(int status)
{
    return status >= 300 && status < 400 && status != 304;
}

static void say(struct page_evidence *page, enum sameness sameness, bool informative, double score,
                const char *rule, const char *detail)
{
    page->sameness = sameness;
    page->informative = informative;
    page->score = score;
    (void)snprintf(page->rule, sizeof page->rule, "%s", rule);
    (void)snprintf(page->detail, sizeof page->detail, "%s", detail);
}

// HTTP only sends visitors to the same page over HTTPS: wherever that leads is the same place.
static bool is_upgrade(const struct fetch *http)
{
    return is_redirect_status(http->status) && http->final_scheme == SCHEME_HTTPS &&
           http->location == NULL;
}

// Answers that can be judged without their bodies. True when one of the rules spoke.
static bool compare_places(struct page_evidence *page, const struct page_fetches *fetches)
{
    const struct fetch *http = fetches->http;
    const struct fetch *https = fetches->https;
    bool http_moves = is_redirect_status(http->status);
    bool https_moves = is_redirect_status(https->status);
    if (!is_upgrade(http) && !same_place(http, https)) {
        say(page, SAMENESS_DIFFERENT, true, 0, "other_place",
            "the two schemes lead visitors to different pages");
        return true;
    }
    if (http_moves && https_moves) {
        say(page, SAMENESS_SAME, true, 1, "same_redirect",
            "both schemes send visitors to the same place");
        return true;
    }
    if (http_moves != https_moves) {
        say(page, SAMENESS_DIFFERENT, true, 0, "redirect_on_one_side",
            "one scheme serves a page, the other sends visitors away");
        return true;
    }
    return false;
}

static struct sim_page page_of(const struct fetch *fetch)
{
    return (struct sim_page){
        .body = buf_span(&fetch->body),
        .content_type = fetch->content_type,
        .url = fetch->final_url,
        .status = fetch->status,
        .truncated = fetch->outcome == OUTCOME_TRUNCATED,
    };
}

static bool answered(const struct fetch *fetch)
{
    return fetch != NULL && outcome_is_answer(fetch->outcome);
}

static enum err compare_bodies(struct page_evidence *page, struct origin_evidence *origin,
                               const struct fetch *const from[4])
{
    struct sim_page pages[4];
    const struct sim_page *given[4] = {NULL, NULL, NULL, NULL};
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        if (answered(from[i])) {
            pages[i] = page_of(from[i]);
            given[i] = &pages[i];
        }
    }
    struct sim_input input = {given[0], given[1], given[2], given[3]};
    struct sim_result result = {0};
    enum err e = similarity_compare(&result, &input);
    if (e != ERR_OK) {
        return e;
    }
    say(page, result.verdict, result.informative, result.score, result.rule, result.detail);
    origin->challenge = origin->challenge || result.challenge;
    origin->login = origin->login || result.login;
    return ERR_OK;
}

// HTTP has no page of its own: it sends visitors to the same page over HTTPS. Whether that page is
// one at all (no default page, no challenge) is asked by comparing it with itself.
static bool moves_to_https(const struct page_fetches *fetches)
{
    const struct fetch *http = fetches->http;
    bool leads_there = is_redirect_status(http->status) && http->final_scheme == SCHEME_HTTPS &&
                       same_place(http, fetches->https);
    return !is_redirect_status(fetches->https->status) && (is_upgrade(http) || leads_there);
}

static enum err judge_target(struct page_evidence *page, struct origin_evidence *origin,
                             const struct page_fetches *fetches)
{
    const struct fetch *const alone[4] = {fetches->https, fetches->https, NULL, NULL};
    enum err e = compare_bodies(page, origin, alone);
    if (e == ERR_OK && page->sameness == SAMENESS_SAME) {
        say(page, SAMENESS_SAME, page->informative && fetches->https->status < 400, page->score,
            "http_redirects_to_https", "HTTP sends visitors to the same page over HTTPS");
    }
    return e;
}

// Neither a script nor a style sheet begins so; an error page or the application's shell does.
static bool is_markup(const struct fetch *fetch)
{
    struct span body = span_trim(buf_span(&fetch->body));
    return body.len > 0 && body.at[0] == '<';
}

// A file that the page loads: labels and bytes count, and whether it is there at all.
static enum err compare_resources(struct page_evidence *page, struct origin_evidence *origin,
                                  const struct page_fetches *fetches)
{
    const struct fetch *http = fetches->http;
    const struct fetch *https = fetches->https;
    if (http->status >= 400) {
        say(page, SAMENESS_SAME, false, 1, "resource_unused", "HTTP does not serve it either");
        return ERR_OK;
    }
    char detail[160];
    bool lost = (delivery_usable(http) && !delivery_usable(https)) ||
                (is_markup(https) && !is_markup(http)) ||
                (https->body.len == 0 && http->body.len > 0);
    if (https->status >= 400 || lost) {
        (void)snprintf(detail, sizeof detail, "%s over HTTPS, status %d",
                       https->status >= 400 ? "it fails" : "it is no script or style sheet",
                       https->status);
        say(page, SAMENESS_DIFFERENT, true, 0, "resource_https", detail);
        return ERR_OK;
    }
    if (span_equal(buf_span(&http->body), buf_span(&https->body))) {
        say(page, SAMENESS_SAME, true, 1, "equal_bytes", "the same bytes over both schemes");
        return ERR_OK;
    }
    const struct fetch *const both[4] = {http, https, NULL, NULL};
    enum err e = compare_bodies(page, origin, both);
    if (e == ERR_OK && page->sameness == SAMENESS_SAME) {
        page->informative = true;
    } else if (e == ERR_OK) {
        (void)snprintf(detail, sizeof detail, "%zu bytes over HTTP, %zu over HTTPS", http->body.len,
                       https->body.len);
        say(page, SAMENESS_UNSURE, true, .5, "resource_differs", detail);
    }
    return e;
}

static enum err compare_answers(struct page_evidence *page, struct origin_evidence *origin,
                                const struct page_fetches *fetches)
{
    if (redirect_of(fetches->https) == REDIRECT_TO_HTTP) {
        say(page, SAMENESS_DIFFERENT, true, 0, "https_to_http",
            "the page over HTTPS sends visitors back to HTTP");
        return ERR_OK;
    }
    if (moves_to_https(fetches)) {
        return judge_target(page, origin, fetches);
    }
    if (compare_places(page, fetches)) {
        return ERR_OK;
    }
    if (fetches->role == ROLE_RESOURCE) {
        return compare_resources(page, origin, fetches);
    }
    const struct fetch *const all[4] = {fetches->http, fetches->https, fetches->http_again,
                                        fetches->https_again};
    enum err e = compare_bodies(page, origin, all);
    if (e == ERR_OK && page->sameness != SAMENESS_DIFFERENT && fetches->http->status < 300 &&
        fetches->https->status < 300) {
        (void)delivery_differs(page, fetches->http, fetches->https);
    }
    return e;
}

static enum err compare_page(struct page_evidence *page, struct origin_evidence *origin,
                             const struct page_fetches *fetches)
{
    if (answered(fetches->http) && answered(fetches->https)) {
        return compare_answers(page, origin, fetches);
    }
    bool https_asked = fetches->https != NULL && fetches->https->outcome != OUTCOME_SKIPPED;
    if (answered(fetches->http) && https_asked && fetches->http->status < 400) {
        say(page, SAMENESS_DIFFERENT, true, 0, "https_failed",
            "the page answers over HTTP and fails over HTTPS");
    } else {
        say(page, SAMENESS_NONE, false, 0, "not_compared", "");
    }
    return ERR_OK;
}

static enum err distil_page(struct page_evidence *page, struct origin_evidence *origin,
                            const struct page_fetches *fetches)
{
    page->role = fetches->role;
    page->http_outcome = fetches->http == NULL ? OUTCOME_SKIPPED : fetches->http->outcome;
    page->https_outcome = fetches->https == NULL ? OUTCOME_SKIPPED : fetches->https->outcome;
    page->http_status = fetches->http == NULL ? 0 : fetches->http->status;
    page->https_status = fetches->https == NULL ? 0 : fetches->https->status;
    page->path = strdup(fetches->path);
    if (page->path == NULL) {
        return ERR_NOMEM;
    }
    const struct fetch *both[2] = {fetches->http, fetches->https};
    for (size_t i = 0; i < COUNT_OF(both); i++) {
        if (answered(both[i])) {
            origin->challenge = origin->challenge || both[i]->challenge;
            origin->login = origin->login || both[i]->login;
        }
    }
    if (answered(fetches->https)) {
        origin->insecure_resources += fetches->https->facts.insecure_resources;
    }
    if (answered(fetches->http) && fetches->http->final_scheme == SCHEME_HTTP) {
        origin->http_insecure_resources += fetches->http->facts.insecure_resources;
    }
    return compare_page(page, origin, fetches);
}

// The worst informative page speaks for the origin; an uninformative one speaks only against it.
static void sum_up(struct origin_evidence *origin)
{
    static const int severity[SAMENESS_COUNT] = {
        [SAMENESS_NONE] = 0, [SAMENESS_SAME] = 1, [SAMENESS_UNSURE] = 2, [SAMENESS_DIFFERENT] = 3};
    origin->sameness = SAMENESS_NONE;
    origin->score = 1;
    for (size_t i = 0; i < origin->page_count; i++) {
        const struct page_evidence *page = &origin->pages[i];
        bool counts = page->informative || page->sameness == SAMENESS_UNSURE ||
                      page->sameness == SAMENESS_DIFFERENT;
        if (!counts || page->sameness == SAMENESS_NONE) {
            continue;
        }
        if (severity[page->sameness] > severity[origin->sameness]) {
            origin->sameness = page->sameness;
        }
        if (page->score < origin->score) {
            origin->score = page->score;
        }
    }
    if (origin->sameness == SAMENESS_NONE) {
        origin->score = 0;
    }
}

// Behind one address there may be several servers with a handshake each.
static void take_tls(struct origin_evidence *out, struct fetch *https)
{
    struct tls *tls = https == NULL ? NULL : https->tls;
    if (tls == NULL) {
        return;
    }
    struct origin_evidence seen = {
        .certificate = tls->certificate,
        .client_certificate_requested = tls->client_certificate_requested,
    };
    (void)snprintf(seen.tls_version, sizeof seen.tls_version, "%s", tls->version);
    (void)snprintf(seen.tls_cipher, sizeof seen.tls_cipher, "%s", tls->cipher);
    quality_keep_worse_tls(out, &seen);
    tls->certificate = seen.certificate;
}

static void take_address(struct origin_evidence *out, const struct visit *visit)
{
    const struct page_fetches *home = &visit->pages[0];
    const struct fetch *any[] = {home->https, home->http, visit->robots_fetch};
    for (size_t i = 0; i < COUNT_OF(any); i++) {
        if (any[i] != NULL && any[i]->address[0] != '\0') {
            (void)snprintf(out->resolved, sizeof out->resolved, "%s", any[i]->address);
            return;
        }
    }
}

static void take_wait(struct origin_evidence *out, int64_t retry_after_s)
{
    if (retry_after_s > out->http.retry_after_s && retry_after_s > out->https.retry_after_s) {
        out->http.retry_after_s = retry_after_s;
    }
}

static enum err distil_into(struct origin_evidence *out, struct visit *visit)
{
    assert(visit->page_count > 0);
    out->robots = visit->robots;
    if (visit->robots_fetch != NULL) {
        (void)snprintf(out->robots_words, sizeof out->robots_words, "%s",
                       visit->robots_fetch->words);
    }
    out->requests = visit->requests;
    out->overload = visit->overload;
    out->more_addresses = visit->more_addresses;
    struct page_fetches *home = &visit->pages[0];
    take_address(out, visit);
    if (visit->robots_fetch != NULL && visit->robots_fetch->scheme == SCHEME_HTTPS) {
        take_tls(out, visit->robots_fetch);
    }
    for (size_t i = 0; i < visit->page_count; i++) {
        take_tls(out, visit->pages[i].https);
        take_tls(out, visit->pages[i].https_again);
    }
    enum err e = distil_scheme(&out->http, home->http);
    if (e == ERR_OK) {
        e = distil_scheme(&out->https, home->https);
    }
    out->pages = calloc(visit->page_count, sizeof *out->pages);
    if (out->pages == NULL) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; e == ERR_OK && i < visit->page_count; i++) {
        out->page_count = i + 1;
        e = distil_page(&out->pages[i], out, &visit->pages[i]);
    }
    if (visit->retry_after_s > 0) {
        take_wait(out, visit->retry_after_s);
    }
    sum_up(out);
    return e;
}

static enum err distil_one(struct origin_evidence *out, const struct origin *origin,
                           struct visit *visit)
{
    struct origin_evidence made = {.http_port = origin->http_port,
                                   .https_port = origin->https_port};
    made.address = strdup(origin->address);
    enum err e = made.address == NULL ? ERR_NOMEM : distil_into(&made, visit);
    if (e != ERR_OK) {
        origin_evidence_done(&made);
        return e;
    }
    *out = made;
    return ERR_OK;
}

static unsigned more(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

enum err distil(struct origin_evidence *out, const struct origin *origin, struct visit *visit)
{
    struct origin_evidence worst = {0};
    enum err e = distil_one(&worst, origin, visit);
    for (struct visit *next = visit->next; e == ERR_OK && next != NULL; next = next->next) {
        struct origin_evidence made = {0};
        e = distil_one(&made, origin, next);
        if (e != ERR_OK) {
            break;
        }
        if (quality_of(&made) < quality_of(&worst)) {
            struct origin_evidence better = worst;
            worst = made;
            made = better;
        }
        quality_keep_worse_tls(&worst, &made);
        worst.insecure_resources = more(worst.insecure_resources, made.insecure_resources);
        worst.http_insecure_resources =
            more(worst.http_insecure_resources, made.http_insecure_resources);
        worst.requests += made.requests;
        worst.overload = worst.overload || made.overload;
        take_wait(&worst, made.http.retry_after_s);
        take_wait(&worst, made.https.retry_after_s);
        origin_evidence_done(&made);
    }
    if (e != ERR_OK) {
        origin_evidence_done(&worst);
        return e;
    }
    *out = worst;
    return ERR_OK;
}
