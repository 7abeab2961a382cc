// SPDX-License-Identifier: Apache-2.0
#include "crawler/slot.h"

#include <assert.h>

#include "core/time.h"
#include "crawler/redirect.h"
#include "crawler/site.h"

#define STOPPED "stopped before it was asked for"

static void next_fetch(struct slot *slot);

static const struct crawler_policy *policy_of(const struct slot *slot)
{
    return &slot->worker->crawler->policy;
}

enum err slot_init(struct slot *slot, struct worker *worker)
{
    *slot = (struct slot){.worker = worker};
    slot->timer.owner = slot;
    enum err e = request_init(&slot->request, policy_of(slot), worker->crawler->guard, slot);
    slot->request.handshake.cache = worker->verdicts;
    return e;
}

void slot_done(struct slot *slot)
{
    request_done(&slot->request);
}

static const struct addr *address_of(const struct job *job)
{
    return job->literal.version != 0 ? &job->literal : &job->lookup.addresses[job->candidate];
}

static void forget_scan(struct slot *slot)
{
    if (slot->scanned) {
        page_done(&slot->scan);
        slot->scanned = false;
    }
}

static void drop_fetch(struct slot *slot)
{
    fetch_free(slot->fetch);
    slot->fetch = NULL;
    url_done(&slot->at);
    forget_scan(slot);
}

// The slot is free again before the visit goes home.
static void finish(struct slot *slot)
{
    struct worker *worker = slot->worker;
    struct job *job = slot->job;
    request_hang_up(&slot->request);
    timers_clear(&worker->timers, &slot->timer);
    drop_fetch(slot);
    plan_done(&slot->plan);
    politeness_release(worker->politeness, &job->turn, time_monotonic_ms());
    slot->job = NULL;
    worker_slot_free(worker, slot);
    job->visit->requests = job->requests;
    crawler_finish(worker->crawler, job);
}

static bool set_host(struct slot *slot)
{
    const struct crawler_target *target = &slot->job->target;
    struct buf text;
    buf_init(&text, LIMIT_URL);
    bool literal = strchr(target->host->name, ':') != NULL;
    enum err e = buf_printf(&text, literal ? "%s://[%s]%s" : "%s://%s%s",
                            slot->ask.scheme == SCHEME_HTTPS ? "https" : "http", target->host->name,
                            slot->ask.path);
    if (e == ERR_OK) {
        e = url_parse(&slot->at, buf_span(&text));
    }
    buf_done(&text);
    return e == ERR_OK;
}

static struct redirect_rules rules_of(const struct slot *slot)
{
    return (struct redirect_rules){.zone = slot->job->target.zone,
                                   .host = slot->job->target.host,
                                   .origin = slot->job->target.origin,
                                   .limit = policy_of(slot)->redirects,
                                   .policy = policy_of(slot),
                                   .follow_upgrade = slot->ask.robots};
}

static size_t body_max(const struct slot *slot)
{
    return slot->ask.robots ? LIMIT_ROBOTS : policy_of(slot)->body_bytes;
}

// Hands the fetch to the plan and goes on with the next one.
static void take(struct slot *slot)
{
    struct fetch *fetch = slot->fetch;
    slot->fetch = NULL;
    if (fetch->final_url == NULL && slot->at.host != NULL) {
        (void)url_print(&fetch->final_url, &slot->at); // without memory: no final URL
        fetch->final_scheme = slot->at.https ? SCHEME_HTTPS : SCHEME_HTTP;
    }
    if (slot->ask.last || !outcome_is_answer(fetch->outcome)) {
        request_hang_up(&slot->request);
    }
    if (slot->ask.forwarded) { // the plan may drop this one, or the one that it replaces
        slot->seen = NULL;
    } else if (slot->scanned && slot->scan.refresh == NULL && slot->at.host != NULL &&
               strcmp(slot->at.host, slot->job->target.host->name) == 0) {
        slot->seen = fetch;
    }
    (void)plan_take(&slot->plan, fetch, slot->scanned ? &slot->scan : NULL); // told by the visit
    url_done(&slot->at);
    forget_scan(slot);
    next_fetch(slot);
}

static void take_as(struct slot *slot, enum outcome outcome, const char *words)
{
    slot->fetch->outcome = outcome;
    outcome_words(slot->fetch->words, "%s", words);
    take(slot);
}

// The names a strict edge would look for in the certificate: what it puts into SNI first, the
// visitor's name, and those that the operator accepts.
static void set_names(struct slot *slot, const struct host *host, const char *sni)
{
    struct handshake *handshake = &slot->request.handshake;
    size_t count = 0;
    handshake->names[count++] = sni;
    if (strcmp(sni, host->name) != 0) {
        handshake->names[count++] = host->name;
    }
    for (size_t i = 0; i < host->extra_name_count && i < LIMIT_EXTRA_NAMES; i++) {
        handshake->names[count++] = host->extra_names[i];
    }
    handshake->name_count = count;
    handshake->sets = slot->job->sets;
}

static const char *sni_of(const struct host *host)
{
    return host->sni != NULL ? host->sni
                             : (host->host_header != NULL ? host->host_header : host->name);
}

static void send_request(struct slot *slot)
{
    const struct crawler_policy *policy = policy_of(slot);
    const struct origin *origin = slot->job->target.origin;
    struct redirect_rules rules = rules_of(slot);
    const struct host *host = redirect_host(&rules, &slot->at);
    assert(host != NULL);
    int64_t left_ms = policy->target_ms - slot->active_ms;
    if (left_ms <= 0) {
        plan_stop(&slot->plan, "the time for this host is used up");
        take_as(slot, OUTCOME_SKIPPED, "the time for this host is used up");
        return;
    }
    slot->cut = left_ms < policy->total_ms;
    struct request_ask ask = {
        .https = slot->at.https,
        .host = sni_of(host),
        .host_header = host->host_header != NULL ? host->host_header : host->name,
        .path = slot->at.path,
        .addr = *address_of(slot->job),
        .port = slot->at.https ? origin->https_port : origin->http_port,
        .fresh = slot->ask.fresh && slot->fetch->hop_count == 0,
        .last = slot->ask.last,
        .forwarded_proto = slot->ask.forwarded && !slot->at.https,
        .total_ms = slot->cut ? left_ms : policy->total_ms,
        .body_max = body_max(slot),
        .twin = slot->ask.robots ? NULL : slot->seen,
    };
    set_names(slot, host, ask.host);
    slot->sent_ms = time_monotonic_ms();
    slot->lagged_ms = slot->worker->lagged_ms;
    if (request_start(&slot->request, slot->fetch, &ask) != ERR_OK ||
        curl_multi_add_handle(slot->worker->multi, slot->request.easy) != CURLM_OK) {
        take_as(slot, OUTCOME_OVERLOAD, "no memory for the request");
        return;
    }
    slot->in_air = true;
    slot->job->requests++;
}

// Books the turn of the next request.
static void ask_for_turn(struct slot *slot)
{
    int64_t now = time_monotonic_ms();
    int64_t at = politeness_reserve(slot->worker->politeness, &slot->job->turn, now);
    timers_set(&slot->worker->timers, &slot->timer, at);
}

void slot_turn(struct slot *slot)
{
    send_request(slot);
}

static void next_fetch(struct slot *slot)
{
    slot->retried = false;
    if (!plan_next(&slot->plan, &slot->ask)) {
        finish(slot);
        return;
    }
    slot->fetch = plan_new_fetch(slot->ask.scheme, slot->ask.path, body_max(slot));
    if (slot->fetch == NULL) {
        slot->job->visit->overload = true;
        plan_stop(&slot->plan, err_str(ERR_NOMEM));
        (void)plan_next(&slot->plan, &slot->ask);
        finish(slot);
        return;
    }
    slot->fetch->forwarded_proto = slot->ask.forwarded;
    slot->fetch->started_at_ms = time_now_ms();
    slot->fetch->dns_ms = slot->ask.robots ? slot->job->lookup.took_ms : 0;
    if (!set_host(slot)) {
        take_as(slot, OUTCOME_SKIPPED, "host and path make no URL");
        return;
    }
    ask_for_turn(slot);
}

void slot_begin(struct slot *slot, struct job *job)
{
    slot->job = job;
    slot->seen = NULL;
    slot->counted[SCHEME_HTTP] = slot->counted[SCHEME_HTTPS] = false;
    slot->active_ms = 0;
    plan_init(&slot->plan, policy_of(slot), &job->target, job->visit);
    unsigned failures = politeness_rests(&job->turn, time_monotonic_ms());
    if (failures > 0) {
        char words[OUTCOME_WORDS];
        outcome_words(words, "origin address rests after %u failed connections", failures);
        plan_stop(&slot->plan, words);
    }
    next_fetch(slot);
}

static bool is_html(const struct fetch *fetch)
{
    if (fetch->content_type == NULL) {
        struct span body = span_trim(buf_span(&fetch->body));
        return body.len > 0 && body.at[0] == '<';
    }
    struct span type = span_of(fetch->content_type);
    return span_find_nocase(type, span_of("html")) < type.len;
}

// The same bytes at the same host: what was found in them holds again. Most sites serve the same
// page over both schemes, and scanning is a good part of what a page costs us.
static bool seen_before(const struct slot *slot)
{
    return slot->seen != NULL && strcmp(slot->at.host, slot->job->target.host->name) == 0 &&
           span_equal(buf_span(&slot->seen->body), buf_span(&slot->fetch->body));
}

static void scan_page(struct slot *slot)
{
    struct fetch *fetch = slot->fetch;
    if (slot->ask.robots || !is_html(fetch)) {
        return;
    }
    if (seen_before(slot)) {
        fetch->facts = slot->seen->facts;
        return;
    }
    slot->scan = (struct page){0};
    if (page_scan(&slot->scan, buf_span(&fetch->body), &slot->at, plan_links_wanted(&slot->plan)) !=
        ERR_OK) {
        slot->job->visit->overload = true; // a refresh may have been missed
        return;
    }
    slot->scanned = true;
    fetch->facts.insecure_resources = slot->scan.insecure_resources;
    fetch->facts.internal_links = slot->scan.internal_links;
}

// A redirect that is not followed ends the fetch where it points to.
static enum err stay(struct slot *slot, enum next next, const struct url *to, struct span raw)
{
    struct fetch *fetch = slot->fetch;
    enum err e = ERR_OK;
    if (next == NEXT_LOOP || next == NEXT_LIMIT) {
        fetch->outcome = next == NEXT_LOOP ? OUTCOME_REDIRECT_LOOP : OUTCOME_REDIRECT_LIMIT;
        outcome_words(fetch->words, "%s after %zu hops",
                      next == NEXT_LOOP ? "came back to a URL of its own chain"
                                        : "more redirects than allowed",
                      fetch->hop_count);
    }
    e = to->host != NULL ? url_print(&fetch->final_url, to)
                         : outcome_clean(&fetch->final_url, raw, LIMIT_URL);
    if (e != ERR_OK) {
        return e;
    }
    // An upgrade ends here, with outcome OK and the redirect's own status: the page it leads to
    // is what the HTTPS leg fetches anyway.
    fetch->final_scheme = to->host != NULL && to->https ? SCHEME_HTTPS : SCHEME_HTTP;
    if (next != NEXT_UPGRADE) {
        fetch->location = strdup(fetch->final_url);
    }
    return next != NEXT_UPGRADE && fetch->location == NULL ? ERR_NOMEM : ERR_OK;
}

// True when another hop was begun.
static bool follow(struct slot *slot, enum hop_kind kind, struct span target)
{
    struct redirect_rules rules = rules_of(slot);
    struct url to = {0};
    enum next next = redirect_judge(&to, &rules, slot->fetch, &slot->at, kind, target);
    if (next == NEXT_NONE) {
        return false;
    }
    bool followed = next == NEXT_FOLLOW || next == NEXT_UPGRADE;
    enum err e = redirect_record(slot->fetch, &slot->at, to.host != NULL ? &to : NULL, target, kind,
                                 followed);
    if (e == ERR_OK && next == NEXT_FOLLOW) {
        url_done(&slot->at);
        slot->at = to;
        ask_for_turn(slot);
        return true;
    }
    if (e == ERR_OK) {
        slot->fetch->hops[slot->fetch->hop_count - 1].in_zone = next == NEXT_OTHER_ORIGIN;
        slot->fetch->same_site =
            to.host != NULL && site_is_same(slot->job->target.host->name, to.host);
        e = stay(slot, next, &to, target);
    }
    url_done(&to);
    if (e != ERR_OK) {
        slot->fetch->outcome = OUTCOME_OVERLOAD;
        outcome_words(slot->fetch->words, "%s", err_str(e));
    }
    return false;
}

static bool next_hop(struct slot *slot)
{
    const char *location = slot->request.headers.location;
    if (redirect_status(slot->fetch->status) && location != NULL) {
        return follow(slot, HOP_STATUS, span_of(location));
    }
    scan_page(slot);
    // Both outlive follow(): the scan goes when the page is left, the header with the next request.
    const char *refresh = slot->request.headers.refresh;
    if (refresh == NULL && slot->scanned) {
        refresh = slot->scan.refresh;
    }
    if (refresh == NULL || slot->ask.robots || slot->fetch->status != 200) {
        return false;
    }
    bool left = follow(slot, HOP_META_REFRESH, span_of(refresh));
    if (left) {
        forget_scan(slot);
        slot->fetch->facts = (struct page_facts){0};
    }
    return left;
}

// Our loop was late for a quarter of the request's time or more: a timeout then is our own.
static bool lagged(const struct slot *slot, int64_t took_ms)
{
    return (slot->worker->lagged_ms - slot->lagged_ms) * 4 >= took_ms;
}

// Timeouts and failures of our own are tried once more, then called what they are. True when the
// request goes out again.
static bool mind_overload(struct slot *slot, int64_t took_ms)
{
    struct fetch *fetch = slot->fetch;
    if (outcome_is_timeout(fetch->outcome) && lagged(slot, took_ms)) {
        fetch->outcome = OUTCOME_OVERLOAD;
    }
    if (fetch->outcome != OUTCOME_OVERLOAD || slot->retried) {
        return false;
    }
    slot->retried = true;
    request_hang_up(&slot->request);
    ask_for_turn(slot);
    return true;
}

static void note_connection(struct slot *slot)
{
    const struct fetch *fetch = slot->fetch;
    struct worker *worker = slot->worker;
    if (outcome_is_connect_failure(fetch->outcome)) {
        // Once per port and target: a closed port says nothing new the second time. That we have no
        // route to one of several addresses is no failure of theirs, and must stay visible.
        bool ours = fetch->outcome == OUTCOME_UNREACHABLE && slot->job->family != NULL;
        if (!ours && !slot->counted[slot->at.https]) {
            slot->counted[slot->at.https] = true;
            politeness_failed(worker->politeness, &slot->job->turn, time_monotonic_ms());
        }
    } else if (slot->request.phase > PHASE_CONNECT) {
        politeness_connected(&slot->job->turn);
    }
}

static bool answer_is_there(struct slot *slot)
{
    return outcome_is_answer(slot->fetch->outcome);
}

void slot_answer(struct slot *slot, CURLcode code)
{
    (void)curl_multi_remove_handle(slot->worker->multi, slot->request.easy);
    slot->in_air = false;
    request_finish(&slot->request, code);
    int64_t took_ms = time_monotonic_ms() - slot->sent_ms;
    slot->active_ms += took_ms;
    note_connection(slot);
    if (mind_overload(slot, took_ms)) {
        return;
    }
    if (outcome_is_timeout(slot->fetch->outcome) && slot->cut) {
        plan_stop(&slot->plan, "the time for this host is used up");
        take_as(slot, OUTCOME_SKIPPED, "the time for this host is used up");
        return;
    }
    if (answer_is_there(slot) && next_hop(slot)) {
        return;
    }
    take(slot);
}

void slot_check_speed(struct slot *slot, int64_t now_ms)
{
    if (slot->in_air && request_too_slow(&slot->request, now_ms)) {
        slot_answer(slot, CURLE_WRITE_ERROR);
    }
}

void slot_stop(struct slot *slot)
{
    if (slot->in_air) {
        (void)curl_multi_remove_handle(slot->worker->multi, slot->request.easy);
        slot->in_air = false;
    }
    plan_stop(&slot->plan, STOPPED);
    struct plan_ask none;
    (void)plan_next(&slot->plan, &none);
    finish(slot);
}
