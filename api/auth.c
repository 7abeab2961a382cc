// SPDX-License-Identifier: Apache-2.0
// Who asks. A wrong, an expired and a removed token get the same answer.
#include <string.h>
#include <strings.h>

#include "api/call.h"

#define SECRET_MAX 256 // longer ones are nobody's

static bool fail_headers(struct api_reply *reply, int chain, const char *words)
{
    api_fail(reply, API_HEADERS_INVALID);
    api_chain(reply, chain, words);
    return false;
}

// "Bearer SECRET" (RFC 6750 section 2.1; the scheme's case does not matter, RFC 9110 section 11.1).
static bool secret_of(struct span *out, const struct api_ask *ask, struct api_reply *reply)
{
    static const char scheme[] = "Bearer ";
    if (ask->authorization == NULL) {
        if (ask->legacy_key) {
            return fail_headers(reply, CHAIN_KEY, "Invalid format for X-Auth-Key header");
        }
        api_fail(reply, API_AUTH_MISSING);
        return false;
    }
    if (strncasecmp(ask->authorization, scheme, strlen(scheme)) != 0) {
        return fail_headers(reply, CHAIN_AUTHORIZATION, "Invalid format for Authorization header");
    }
    *out = span_trim(span_of(ask->authorization + strlen(scheme)));
    if (out->len == 0 || out->len > SECRET_MAX || memchr(out->at, ' ', out->len) != NULL) {
        return fail_headers(reply, CHAIN_AUTHORIZATION, "Invalid format for Authorization header");
    }
    return true;
}

static bool is_verify(const struct api_route *route)
{
    return route->permission == PERMISSION_NONE;
}

static bool refuse(struct api_call *call)
{
    api_fail(call->reply, is_verify(call->route) ? API_TOKEN_INVALID : API_AUTH_FAILED);
    return false;
}

static bool within_limit(struct api_call *call)
{
    struct rate *rate = call->worker->rate;
    if (rate == NULL) {
        return true;
    }
    struct api_reply *reply = call->reply;
    struct rate_seen seen = rate_count(rate, call->token->id, call->now);
    reply->limit = call->worker->policy->rate_requests;
    reply->window_s = call->worker->policy->rate_window_s;
    reply->remaining = seen.remaining;
    reply->reset_at = seen.reset_at;
    if (!seen.allowed) {
        api_fail(reply, API_LIMITED);
        reply->retry_after_s = seen.reset_at > call->now ? seen.reset_at - call->now : 1;
    }
    return seen.allowed;
}

bool api_authenticate(struct api_call *call, const struct api_ask *ask)
{
    struct why why = {""};
    struct span secret;
    char hash[TOKEN_HASH_SIZE];
    if (!secret_of(&secret, ask, call->reply)) {
        return false;
    }
    enum err e = token_hash(hash, secret);
    e = e == ERR_OK ? db_token_by_hash(call->worker->db, hash, &call->token, &why) : e;
    e = e == ERR_OK ? db_now(call->worker->db, &call->now, &why) : e;
    if (e == ERR_NOT_FOUND) {
        return refuse(call);
    }
    if (e != ERR_OK) {
        api_trouble(call, e, &why);
        return false;
    }
    // Found by its index; compared again, in a time that tells nothing.
    if (!token_hash_equal(hash, call->token->hash) ||
        (call->token->expires_at != 0 && call->token->expires_at <= call->now)) {
        return refuse(call);
    }
    (void)snprintf(call->actor, sizeof call->actor, "token:%.64s", call->token->name);
    return within_limit(call);
}
