// SPDX-License-Identifier: Apache-2.0
#include "crawler/headers.h"

#include <curl/curl.h>

#include "core/limits.h"
#include "core/num.h"
#include "crawler/page.h"

// Header fields by which protection products say that this is their answer, not the site's.
struct challenge_mark {
    const char *name;
    const char *value; // must be in the field; NULL = any
    bool when_denied;  // only with status 403 or 429: the field comes with every answer
};

static const struct challenge_mark challenge_marks[] = {
    {"cf-mitigated", "challenge", false},       // Cloudflare, "Detect a Challenge Page response"
    {"cf-chl-bypass", NULL, true},              // its predecessor
    {"x-sucuri-block", NULL, false},            // Sucuri firewall
    {"x-amzn-waf-action", NULL, false},         // AWS WAF: "challenge" or "captcha"
    {"x-vercel-mitigated", "challenge", false}, // Vercel attack challenge mode
    {"x-datadome", NULL, true},                 // DataDome
};

void headers_begin(struct headers *headers)
{
    *headers = (struct headers){.content_length = -1};
}

void headers_done(struct headers *headers)
{
    free(headers->location);
    free(headers->refresh);
    headers_begin(headers);
}

static void forget(char **text)
{
    free(*text);
    *text = NULL;
}

void headers_forget(struct fetch *fetch)
{
    forget(&fetch->content_type);
    forget(&fetch->content_encoding);
    forget(&fetch->server);
    fetch->challenge = false;
    fetch->login = false;
    fetch->attachment = false;
    fetch->nosniff = false;
    fetch->isolated = false;
    forget(&fetch->policy);
    fetch->retry_after_s = -1;
    fetch->status = 0;
}

// Keeps the first field of that name; longer values than we ever show are cut.
static enum err keep(char **out, struct span value)
{
    if (*out != NULL) {
        return ERR_OK;
    }
    size_t len = value.len < LIMIT_OUTPUT_FIELD ? value.len : LIMIT_OUTPUT_FIELD;
    *out = strndup(value.at == NULL ? "" : value.at, len);
    return *out == NULL ? ERR_NOMEM : ERR_OK;
}

// All policies of an answer are enforced together (W3C CSP Level 3 section 3.1).
static enum err join(char **out, struct span value)
{
    size_t before = *out == NULL ? 0 : strlen(*out) + 1;
    size_t room = LIMIT_OUTPUT_FIELD > before ? LIMIT_OUTPUT_FIELD - before : 0;
    size_t len = value.len < room ? value.len : room;
    char *joined = len == 0 ? NULL : realloc(*out, before + len + 1);
    if (joined == NULL) {
        return len == 0 ? ERR_OK : ERR_NOMEM;
    }
    if (before > 0) {
        joined[before - 1] = ',';
    }
    memcpy(joined + before, value.at, len);
    joined[before + len] = '\0';
    *out = joined;
    return ERR_OK;
}

int64_t headers_retry_after(struct span value, int64_t now_s)
{
    value = span_trim(value);
    int64_t seconds = -1;
    enum err e = num_parse(&seconds, value, 0, LIMIT_RETRY_AFTER_S);
    if (e == ERR_LIMIT && value.len > 0 && value.at[0] != '-') {
        return LIMIT_RETRY_AFTER_S;
    }
    if (e == ERR_OK) {
        return seconds;
    }
    char text[64];
    if (value.len == 0 || value.len >= sizeof text) {
        return -1;
    }
    memcpy(text, value.at, value.len);
    text[value.len] = '\0';
    time_t at = curl_getdate(text, NULL);
    if (at == (time_t)-1) {
        return -1;
    }
    int64_t wait = (int64_t)at - now_s;
    if (wait < 0) {
        return 0;
    }
    return wait < LIMIT_RETRY_AFTER_S ? wait : LIMIT_RETRY_AFTER_S;
}

static int status_of(struct span line)
{
    struct span rest = line;
    (void)span_cut(&rest, ' ');
    struct span code = span_cut(&rest, ' ');
    int64_t status = 0;
    if (num_parse(&status, span_trim(code), 100, 999) != ERR_OK) {
        return 0;
    }
    return (int)status;
}

// RFC 9112 section 6.3: differing lengths are an error that cannot be recovered from. The same
// number twice ("5, 5" or two fields) is one length.
static void content_length(struct headers *headers, struct span value)
{
    while (value.at != NULL) {
        int64_t length = -1;
        if (num_parse(&length, span_trim(span_cut(&value, ',')), 0, INT64_MAX) != ERR_OK ||
            (headers->content_length >= 0 && headers->content_length != length)) {
            headers->contradictory = true;
            return;
        }
        headers->content_length = length;
    }
}

static void count_codings(struct headers *headers, struct span value)
{
    while (value.at != NULL) {
        struct span coding = span_trim(span_cut(&value, ','));
        if (coding.len > 0 && !span_equal_nocase(coding, span_of("identity"))) {
            headers->codings++;
        }
    }
}

static void look_for_challenge(struct fetch *fetch, struct span name, struct span value)
{
    for (size_t i = 0; i < COUNT_OF(challenge_marks); i++) {
        const struct challenge_mark *mark = &challenge_marks[i];
        bool denied = fetch->status == 403 || fetch->status == 429;
        if (span_equal_nocase(name, span_of(mark->name)) && (denied || !mark->when_denied) &&
            (mark->value == NULL || span_find_nocase(value, span_of(mark->value)) < value.len)) {
            fetch->challenge = true;
        }
    }
}

static bool is(struct span name, const char *word)
{
    return span_equal_nocase(name, span_of(word));
}

// Not in any RFC, but browsers do as with <meta http-equiv=refresh> (WHATWG HTML section 7.5.1).
static enum err refresh(struct headers *headers, struct span value)
{
    struct span url;
    if (!page_refresh(&url, value) || url.len > LIMIT_URL) {
        return ERR_OK;
    }
    return keep(&headers->refresh, url);
}

static enum err field(struct headers *headers, struct fetch *fetch, struct span name,
                      struct span value, int64_t now_s)
{
    if (is(name, "content-type")) {
        return keep(&fetch->content_type, value);
    }
    if (is(name, "content-encoding")) {
        count_codings(headers, value);
        return keep(&fetch->content_encoding, value);
    }
    if (is(name, "server")) {
        return keep(&fetch->server, value);
    }
    if (is(name, "location")) {
        return keep(&headers->location, value);
    }
    if (is(name, "refresh")) {
        return refresh(headers, value);
    }
    if (is(name, "content-security-policy")) {
        return join(&fetch->policy, value);
    }
    if (is(name, "content-length")) {
        content_length(headers, value);
    } else if (is(name, "retry-after")) {
        fetch->retry_after_s = headers_retry_after(value, now_s);
    } else if (is(name, "content-disposition")) { // RFC 6266 section 4.2: parameters may follow
        fetch->attachment = is(span_trim(span_cut(&value, ';')), "attachment");
    } else if (is(name, "x-content-type-options")) {
        fetch->nosniff = is(value, "nosniff");
    } else if (is(name, "cross-origin-embedder-policy")) {
        fetch->isolated = is(span_trim(span_cut(&value, ';')), "require-corp");
    } else if (is(name, "strict-transport-security")) {
        fetch->hsts = true;
    } else if (is(name, "www-authenticate")) {
        fetch->login = true;
    } else {
        look_for_challenge(fetch, name, value);
    }
    return ERR_OK;
}

enum err headers_feed(struct headers *headers, struct fetch *fetch, struct span line, int64_t now_s)
{
    headers->bytes += line.len;
    line = span_trim(line);
    if (span_starts_nocase(line, span_of("HTTP/"))) {
        size_t bytes = headers->bytes;
        headers_done(headers);
        headers->bytes = bytes;
        headers_forget(fetch);
        fetch->status = status_of(line);
        fetch->login = fetch->status == 401;
        return ERR_OK;
    }
    struct span value = line;
    struct span name = span_cut(&value, ':');
    if (value.at == NULL || fetch->status < 200) {
        return ERR_OK;
    }
    return field(headers, fetch, span_trim(name), span_trim(value), now_s);
}
