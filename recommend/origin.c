// SPDX-License-Identifier: Apache-2.0
// Worst case first: what says nothing, what fails, what is in doubt, and only then what works.
#include "recommend/origin.h"

#include <stdio.h>

#include "core/limits.h"
#include "model/tls.h"
#include "recommend/content.h"
#include "recommend/strict.h"

void judgement_done(struct judgement *judgement)
{
    finding_list_done(&judgement->reasons);
    finding_list_done(&judgement->blockers);
}

static const char *words_of(const struct scheme_evidence *scheme)
{
    return scheme->words[0] != '\0' ? scheme->words : outcome_str(scheme->outcome);
}

static bool answers(const struct scheme_evidence *scheme)
{
    return scheme->asked && outcome_is_answer(scheme->outcome);
}

// Something came back, if only a redirect whose target then failed.
static bool alive(const struct scheme_evidence *scheme)
{
    return answers(scheme) || (scheme->asked && scheme->hops > 0);
}

static bool skipped(const struct scheme_evidence *scheme)
{
    return !scheme->asked || scheme->outcome == OUTCOME_SKIPPED;
}

static bool overloaded(const struct origin_evidence *origin)
{
    bool found = origin->overload || origin->http.outcome == OUTCOME_OVERLOAD ||
                 origin->https.outcome == OUTCOME_OVERLOAD;
    for (size_t i = 0; i < origin->page_count; i++) {
        found = found || origin->pages[i].http_outcome == OUTCOME_OVERLOAD ||
                origin->pages[i].https_outcome == OUTCOME_OVERLOAD;
    }
    return found;
}

// Reasons why nothing was, or may be, looked at. True when one was found.
static bool not_seen(const struct look *look, struct finding_list *blockers)
{
    const struct origin_evidence *origin = look->origin;
    const struct scheme_evidence *http = &origin->http;
    const struct scheme_evidence *https = &origin->https;
    const char *robots = origin->robots_words[0] != '\0' ? origin->robots_words : "no words";
    if (overloaded(origin)) {
        finding_add(blockers, "scanner_overload", &look->about, "%s", "");
    } else if (origin->robots == ROBOTS_DISALLOWED) {
        finding_add(blockers, "robots_disallowed", &look->about, "%s", robots);
    } else if (origin->robots == ROBOTS_UNAVAILABLE) {
        finding_add(blockers, "robots_unavailable", &look->about, "%s", robots);
    } else if (http->outcome == OUTCOME_DNS_FAILED || https->outcome == OUTCOME_DNS_FAILED) {
        finding_add(blockers, "origin_unresolved", &look->about, "%s",
                    words_of(http->outcome == OUTCOME_DNS_FAILED ? http : https));
    } else if (http->outcome == OUTCOME_ADDRESS_REFUSED ||
               https->outcome == OUTCOME_ADDRESS_REFUSED) {
        finding_add(blockers, "address_refused", &look->about, "%s",
                    words_of(http->outcome == OUTCOME_ADDRESS_REFUSED ? http : https));
    } else {
        return false;
    }
    return true;
}

// A 503 with Retry-After over HTTPS alone is a server error where HTTP had none; everywhere else
// the origin asks for patience.
static const struct scheme_evidence *asks_to_wait(const struct origin_evidence *origin)
{
    const struct scheme_evidence *http = &origin->http;
    const struct scheme_evidence *https = &origin->https;
    if (http->status == 429 || (http->status == 503 && http->retry_after_s >= 0)) {
        return http;
    }
    return https->status == 429 ? https : NULL;
}

// Reasons why the answers say nothing. True when one was found.
static bool not_heard(const struct look *look, struct finding_list *blockers)
{
    const struct origin_evidence *origin = look->origin;
    const struct scheme_evidence *http = &origin->http;
    const struct scheme_evidence *https = &origin->https;
    const struct scheme_evidence *wait = asks_to_wait(origin);
    if (wait != NULL) {
        finding_add(blockers, "asked_to_wait", &look->about, "status %d", wait->status);
    } else if (origin->challenge) {
        finding_add(blockers, "bot_challenge", &look->about, "%s", "");
    } else if (skipped(http) || skipped(https)) {
        finding_add(blockers, "not_looked_at", &look->about, "%s",
                    words_of(skipped(http) ? http : https));
    } else if (!alive(http) && !alive(https)) {
        finding_add(blockers, "origin_down", &look->about, "HTTP: %s; HTTPS: %s", words_of(http),
                    words_of(https));
    } else if (https->outcome == OUTCOME_CLIENT_CERTIFICATE && look->zone->authenticated_pulls) {
        finding_add(blockers, "aop_protected", &look->about, "%s", "");
    } else if (answers(http) && answers(https) && http->status >= 500 && https->status >= 500) {
        finding_add(blockers, "both_server_error", &look->about, "HTTP %d, HTTPS %d", http->status,
                    https->status);
    } else {
        return false;
    }
    return true;
}

static const char *name_of_failure(const struct scheme_evidence *https)
{
    switch (https->outcome) {
    case OUTCOME_CONNECT_REFUSED:
        return "https_refused";
    case OUTCOME_CONNECT_TIMEOUT:
        return "https_timeout";
    case OUTCOME_UNREACHABLE:
        return "https_unreachable";
    case OUTCOME_TLS_FAILED:
    case OUTCOME_TLS_TIMEOUT:
        return "https_handshake_failed";
    case OUTCOME_CLIENT_CERTIFICATE:
        return "client_certificate_demanded";
    case OUTCOME_OK:
    case OUTCOME_TRUNCATED:
    case OUTCOME_SKIPPED:
    case OUTCOME_DNS_FAILED:
    case OUTCOME_ADDRESS_REFUSED:
    case OUTCOME_RESET:
    case OUTCOME_EMPTY_REPLY:
    case OUTCOME_TIMEOUT:
    case OUTCOME_INVALID_RESPONSE:
    case OUTCOME_HEADERS_TOO_LARGE:
    case OUTCOME_REDIRECT_LIMIT: // named before
    case OUTCOME_REDIRECT_LOOP:
    case OUTCOME_OVERLOAD:
    case OUTCOME_COUNT:
        break;
    }
    return "https_no_answer";
}

static int protocol_of(const struct origin_evidence *origin)
{
    return tls_version_number(origin->tls_version);
}

// HTTPS does not work, or not as HTTP does. True when a failure was found.
static bool https_fails(const struct look *look, struct finding_list *blockers)
{
    const struct scheme_evidence *https = &look->origin->https;
    int protocol = protocol_of(look->origin);
    if (https->redirect == REDIRECT_LOOP || https->outcome == OUTCOME_REDIRECT_LOOP) {
        finding_add(blockers, "https_redirect_loop", &look->about, "%s", words_of(https));
    } else if (https->redirect == REDIRECT_LIMIT || https->outcome == OUTCOME_REDIRECT_LIMIT) {
        finding_add(blockers, "https_too_many_redirects", &look->about, "%s", words_of(https));
    } else if (https->redirect == REDIRECT_TO_HTTP) {
        finding_add(blockers, "https_redirects_to_http", &look->about, "%.300s",
                    https->final_url != NULL ? https->final_url : "to an unknown place");
    } else if (!answers(https)) {
        finding_add(blockers, name_of_failure(https), &look->about, "%s", words_of(https));
    } else if (https->status >= 500) {
        finding_add(blockers, "https_server_error", &look->about, "HTTPS %d, HTTP %d",
                    https->status, look->origin->http.status);
    } else if (protocol > 0 && protocol < look->policy->tls_min) {
        finding_add(blockers, "protocol_too_old", &look->about, "%s", look->origin->tls_version);
    } else {
        return false;
    }
    return true;
}

// HTTP serves the site as off and flexible need it.
static bool http_carries(const struct origin_evidence *origin)
{
    return answers(&origin->http) && origin->http.status > 0 && origin->http.status < 500 &&
           (origin->http.redirect == REDIRECT_NONE ||
            origin->http.redirect == REDIRECT_SAME_SCHEME ||
            origin->http.redirect == REDIRECT_OTHER_HOST ||
            origin->http.redirect == REDIRECT_OFF_ZONE);
}

static bool needs_https(const struct origin_evidence *origin)
{
    return origin->http.redirect == REDIRECT_TO_HTTPS;
}

static void say_http(struct judgement *out, const struct look *look)
{
    const struct origin_evidence *origin = look->origin;
    if (http_carries(origin)) {
        finding_add(&out->reasons, "http_answers", &look->about, " with status %d",
                    origin->http.status);
    } else if (needs_https(origin)) {
        finding_add(&out->blockers, "redirect_needs_https", &look->about, "%s", "");
    }
}

// HTTPS was seen to fail: what is left is HTTP, when it works.
static void settle_failed(struct judgement *out, const struct look *look)
{
    const struct origin_evidence *origin = look->origin;
    bool server_error_alone =
        answers(&origin->https) && origin->https.status >= 500 && !answers(&origin->http);
    if (!server_error_alone) {
        out->ceiling = needs_https(origin) ? MODE_NONE : MODE_FLEXIBLE;
    }
    out->safe = http_carries(origin) ? MODE_FLEXIBLE : MODE_NONE;
    say_http(out, look);
}

// The strongest mode the certificate allows; its faults become blockers where they matter.
static enum mode certificate_level(struct judgement *out, const struct look *look, bool matters)
{
    struct finding_list faults = {0};
    if (strict_accepts(look, &faults)) {
        return MODE_STRICT;
    }
    if (matters) {
        finding_append(&out->blockers, &faults);
    }
    finding_list_done(&faults);
    return MODE_FULL;
}

// Even where nothing else can be said, a bad certificate is seen to break strict.
static void settle_unknown(struct judgement *out, const struct look *look)
{
    out->safe = MODE_NONE;
    if (look->zone->mode > MODE_FULL && look->origin->certificate != NULL &&
        certificate_level(out, look, true) == MODE_FULL) {
        out->ceiling = MODE_FULL;
    }
}

// HTTPS works, and it is not proven that it serves the site. A zone that uses it already may stay
// where it is; others get no stronger mode by a guess.
static void settle_doubt(struct judgement *out, const struct look *look, bool http_suffices)
{
    enum mode current = look->zone->mode;
    if (current < MODE_FULL) {
        out->safe = http_suffices && http_carries(look->origin) ? MODE_FLEXIBLE : MODE_NONE;
        say_http(out, look);
        return;
    }
    enum mode level = certificate_level(out, look, current > MODE_FULL);
    if (current > level) {
        out->ceiling = level;
    }
    out->safe = current <= level || level == MODE_STRICT ? current : level;
}

static bool may_pull(const struct zone *zone)
{
    return zone->mode == MODE_ORIGIN_PULL ||
           (zone->allow_origin_pull && strcmp(zone->plan, "enterprise") == 0);
}

// Full works; strict with a good certificate; origin_pull where it is allowed besides.
static void settle_proven(struct judgement *out, const struct look *look, bool compared)
{
    out->safe = certificate_level(out, look, true);
    if (out->safe < MODE_STRICT) {
        out->ceiling = out->safe;
        return;
    }
    strict_explain(look, &out->reasons);
    if (may_pull(look->zone) && (compared || look->zone->mode == MODE_ORIGIN_PULL)) {
        out->safe = MODE_ORIGIN_PULL;
    }
}

// Port 80 gives nothing. Where full is in use, full to strict changes nothing but the check of the
// certificate, so no comparison is needed; from below full there is none to be had, and the port
// may be open to the edge alone.
static void judge_without_http(struct judgement *out, const struct look *look)
{
    const struct origin_evidence *origin = look->origin;
    bool limit = origin->http.redirect == REDIRECT_LIMIT;
    bool loops = origin->http.redirect == REDIRECT_LOOP || limit;
    bool serves = origin->https.status >= 200 && origin->https.status < 300 &&
                  origin->https.redirect != REDIRECT_OFF_ZONE;
    if (look->zone->mode >= MODE_FULL && !loops && serves) {
        finding_add(&out->reasons, "https_in_use", &look->about, "%s", words_of(&origin->http));
        settle_proven(out, look, false);
        return;
    }
    const char *code = limit ? "http_too_many_redirects" : "http_redirect_loop";
    finding_add(&out->blockers, loops ? code : "http_unavailable", &look->about, "%s",
                words_of(&origin->http));
    settle_doubt(out, look, false);
}

static void judge_content(struct judgement *out, const struct look *look)
{
    switch (content_judge(look, &out->blockers)) {
    case CONTENT_SAME:
        finding_add(&out->reasons, "https_same", &look->about, ", on %zu page%s",
                    look->origin->page_count, look->origin->page_count == 1 ? "" : "s");
        settle_proven(out, look, true);
        break;
    case CONTENT_ELSEWHERE:
        finding_add(&out->reasons, "other_host", &look->about, "%.300s",
                    look->origin->https.final_url);
        settle_proven(out, look, true);
        break;
    case CONTENT_UNSURE:
        settle_doubt(out, look, true);
        break;
    case CONTENT_UNKNOWN:
        settle_doubt(out, look, false);
        break;
    case CONTENT_BAD:
        settle_failed(out, look);
        break;
    }
}

// Ports besides 443 on which edges accept HTTPS (product documentation, "Network ports").
static bool is_other_https_port(uint16_t port)
{
    return port == 2053 || port == 2083 || port == 2087 || port == 2096 || port == 8443;
}

static void warn(struct judgement *out, const struct look *look)
{
    const struct origin_evidence *origin = look->origin;
    int protocol = protocol_of(origin);
    if (needs_https(origin)) {
        finding_add(&out->reasons, "redirects_to_https", &look->about, "%s", "");
    }
    if (protocol > 0 && protocol < 12 && protocol >= look->policy->tls_min) {
        finding_add(&out->reasons, "old_protocol", &look->about, "%s", origin->tls_version);
    }
    if (origin->more_addresses) {
        finding_add(&out->reasons, "more_addresses", &look->about, "%zu", LIMIT_ADDRESSES);
    }
    if (origin->client_certificate_requested && answers(&origin->https)) {
        finding_add(&out->reasons, "client_certificate_requested", &look->about, "%s", "");
    }
    if (suite_faults(origin->tls_cipher) != 0) {
        char faults[160];
        finding_add(&out->reasons, "weak_cipher", &look->about, "%s (%s)", origin->tls_cipher,
                    suite_faults_print(faults, sizeof faults, suite_faults(origin->tls_cipher)));
    }
    if (origin->second_look == LOOK_CHANGED) {
        finding_add(&out->reasons, "passing_failure", &look->about, "%s",
                    origin->first_look[0] != '\0' ? origin->first_look : "no words");
    }
    if (look->zone->mode == MODE_FLEXIBLE && is_other_https_port(origin->https_port)) {
        finding_add(&out->reasons, "other_port", &look->about, "port %u", origin->https_port);
    }
}

void origin_judge(struct judgement *out, const struct look *look)
{
    const struct origin_evidence *origin = look->origin;
    out->safe = MODE_NONE;
    out->ceiling = MODE_ORIGIN_PULL;
    out->floor = MODE_OFF;
    if (not_seen(look, &out->blockers)) {
        return;
    }
    if (not_heard(look, &out->blockers)) {
        settle_unknown(out, look);
    } else if (https_fails(look, &out->blockers)) {
        settle_failed(out, look);
    } else if (protocol_of(origin) == 0 || origin->certificate == NULL) {
        finding_add(&out->blockers, "handshake_unknown", &look->about, "%s", "");
    } else if (!answers(&origin->http)) {
        judge_without_http(out, look);
    } else {
        judge_content(out, look);
    }
    out->floor = needs_https(origin) ? MODE_FULL : MODE_OFF;
    warn(out, look);
}
