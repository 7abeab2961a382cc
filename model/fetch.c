// SPDX-License-Identifier: Apache-2.0
#include "model/fetch.h"

#include <stdlib.h>

static void strings_free(char **list, size_t count)
{
    for (size_t i = 0; list != NULL && i < count; i++) {
        free(list[i]);
    }
    free(list);
}

void certificate_free(struct certificate *certificate)
{
    if (certificate == NULL) {
        return;
    }
    free(certificate->subject);
    free(certificate->issuer);
    free(certificate->common_name);
    strings_free(certificate->names, certificate->name_count);
    strings_free(certificate->chain, certificate->chain_count);
    free(certificate->errors);
    free(certificate->name_matched);
    free(certificate->trust);
    free(certificate);
}

int64_t certificate_ends_at(const struct certificate *certificate)
{
    bool chain_first =
        certificate->chain_not_after != 0 && certificate->chain_not_after < certificate->not_after;
    return chain_first ? certificate->chain_not_after : certificate->not_after;
}

void tls_free(struct tls *tls)
{
    if (tls == NULL) {
        return;
    }
    certificate_free(tls->certificate);
    free(tls);
}

enum err fetch_share_body(struct fetch *to, struct fetch *from)
{
    if (from->body_shares == NULL) {
        from->body_shares = malloc(sizeof *from->body_shares);
        if (from->body_shares == NULL) {
            return ERR_NOMEM;
        }
        *from->body_shares = 1;
    }
    fetch_drop_body(to);
    to->body = from->body;
    to->body_shares = from->body_shares;
    ++*to->body_shares;
    return ERR_OK;
}

void fetch_drop_body(struct fetch *fetch)
{
    if (fetch->body_shares != NULL && --*fetch->body_shares > 0) {
        buf_init(&fetch->body, fetch->body.max);
    } else {
        buf_done(&fetch->body);
        free(fetch->body_shares);
    }
    fetch->body_shares = NULL;
}

void fetch_free(struct fetch *fetch)
{
    if (fetch == NULL) {
        return;
    }
    for (size_t i = 0; fetch->hops != NULL && i < fetch->hop_count; i++) {
        free(fetch->hops[i].from);
        free(fetch->hops[i].to);
    }
    free(fetch->hops);
    free(fetch->path);
    free(fetch->final_url);
    free(fetch->content_type);
    free(fetch->content_encoding);
    free(fetch->policy);
    free(fetch->server);
    free(fetch->location);
    fetch_drop_body(fetch);
    tls_free(fetch->tls);
    free(fetch);
}

static void free_one(struct visit *visit)
{
    fetch_free(visit->robots_fetch);
    for (size_t i = 0; visit->pages != NULL && i < visit->page_count; i++) {
        struct page_fetches *page = &visit->pages[i];
        free(page->path);
        fetch_free(page->http);
        fetch_free(page->https);
        fetch_free(page->http_again);
        fetch_free(page->https_again);
    }
    free(visit->pages);
    free(visit);
}

void visit_free(struct visit *visit)
{
    while (visit != NULL) {
        struct visit *next = visit->next;
        free_one(visit);
        visit = next;
    }
}

const char *scheme_str(enum scheme scheme)
{
    return scheme == SCHEME_HTTPS ? "https" : "http";
}

const char *phase_str(enum phase phase)
{
    static const char *const words[PHASE_COUNT] = {
        [PHASE_NONE] = "none", [PHASE_DNS] = "dns",         [PHASE_CONNECT] = "connect",
        [PHASE_TLS] = "tls",   [PHASE_REQUEST] = "request", [PHASE_HEADERS] = "headers",
        [PHASE_BODY] = "body", [PHASE_DONE] = "done",
    };
    return phase < PHASE_COUNT ? words[phase] : "none";
}

const char *outcome_str(enum outcome outcome)
{
    static const char *const words[OUTCOME_COUNT] = {
        [OUTCOME_OK] = "ok",
        [OUTCOME_TRUNCATED] = "truncated",
        [OUTCOME_SKIPPED] = "skipped",
        [OUTCOME_DNS_FAILED] = "dns_failed",
        [OUTCOME_ADDRESS_REFUSED] = "address_refused",
        [OUTCOME_CONNECT_REFUSED] = "connect_refused",
        [OUTCOME_CONNECT_TIMEOUT] = "connect_timeout",
        [OUTCOME_UNREACHABLE] = "unreachable",
        [OUTCOME_TLS_FAILED] = "tls_failed",
        [OUTCOME_TLS_TIMEOUT] = "tls_timeout",
        [OUTCOME_CLIENT_CERTIFICATE] = "client_certificate",
        [OUTCOME_RESET] = "reset",
        [OUTCOME_EMPTY_REPLY] = "empty_reply",
        [OUTCOME_TIMEOUT] = "timeout",
        [OUTCOME_INVALID_RESPONSE] = "invalid_response",
        [OUTCOME_HEADERS_TOO_LARGE] = "headers_too_large",
        [OUTCOME_REDIRECT_LIMIT] = "redirect_limit",
        [OUTCOME_REDIRECT_LOOP] = "redirect_loop",
        [OUTCOME_OVERLOAD] = "overload",
    };
    return outcome < OUTCOME_COUNT ? words[outcome] : "none";
}

const char *robots_str(enum robots robots)
{
    static const char *const words[ROBOTS_COUNT] = {
        [ROBOTS_NONE] = "none",
        [ROBOTS_ALLOWED] = "allowed",
        [ROBOTS_DISALLOWED] = "disallowed",
        [ROBOTS_UNAVAILABLE] = "unavailable",
    };
    return robots < ROBOTS_COUNT ? words[robots] : "none";
}

const char *page_role_str(enum page_role role)
{
    static const char *const words[] = {[ROLE_HOME] = "home",
                                        [ROLE_LINK] = "link",
                                        [ROLE_PROBE] = "probe",
                                        [ROLE_RESOURCE] = "resource"};
    return (size_t)role < COUNT_OF(words) ? words[role] : "none";
}

bool outcome_is_answer(enum outcome outcome)
{
    return outcome == OUTCOME_OK || outcome == OUTCOME_TRUNCATED;
}
