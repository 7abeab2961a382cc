// SPDX-License-Identifier: Apache-2.0
#include "cli/opt_remote.h"

#include <curl/curl.h>
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/lines.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/time.h"

DEFINE_OWN(json_own, json_t, json_decref)

#define TIMEOUT_S   30L
#define TRIES       8    // of one request, where the server asks for patience or the line breaks
#define WAIT_MAX_S  3600 // longer Retry-After values are taken for this
#define BACKOFF_MAX 60
#define NAP_US      100000
#define WORDS       200

struct opt_remote {
    CURL *curl;                 // owned
    struct curl_slist *headers; // owned
    struct opt_remote_policy policy;
    size_t url_len; // of policy.url, without slashes at its end
    struct buf answer;
    long status;
    curl_off_t retry_after_s;
};

void opt_remote_close(struct opt_remote *remote)
{
    if (remote != NULL) {
        curl_easy_cleanup(remote->curl);
        curl_slist_free_all(remote->headers);
        buf_done(&remote->answer);
        free(remote);
    }
}

static size_t take(char *bytes, size_t size, size_t count, void *ctx)
{
    struct opt_remote *remote = ctx;
    return buf_add(&remote->answer, bytes, size * count) == ERR_OK ? size * count : 0;
}

// The first line of the file, as a header; kept nowhere else.
static enum err add_token(struct opt_remote *remote, struct why *why)
{
    struct lines lines = {0};
    struct span line = {NULL, 0};
    char header[600];
    enum err e = lines_open(&lines, remote->policy.token_file, 512, why);
    e = e == ERR_OK ? lines_read(&lines, &line, why) : e;
    line = span_trim(line);
    if (e == ERR_OK && line.len > 0) {
        (void)snprintf(header, sizeof header, "Authorization: Bearer %.*s", (int)line.len, line.at);
        remote->headers = curl_slist_append(NULL, header);
        e = remote->headers == NULL ? ERR_NOMEM : ERR_OK;
        explicit_bzero(header, sizeof header);
    } else if (e == ERR_OK || e == ERR_NOT_FOUND) {
        e = why_set(why, ERR_INVALID, "%.200s: no token in its first line",
                    remote->policy.token_file);
    }
    lines_close(&lines);
    return e;
}

static enum err prepare(struct opt_remote *remote, struct why *why)
{
    enum err e = add_token(remote, why);
    if (e != ERR_OK) {
        return e;
    }
    struct curl_slist *more = curl_slist_append(remote->headers, "Content-Type: application/json");
    remote->headers = more == NULL ? remote->headers : more;
    CURL *curl = remote->curl;
    bool good = more != NULL && curl != NULL &&
                curl_easy_setopt(curl, CURLOPT_HTTPHEADER, remote->headers) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_TIMEOUT, TIMEOUT_S) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_USERAGENT, "sslauto") == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_WRITEDATA, remote) == CURLE_OK &&
                (remote->policy.ca_file == NULL ||
                 curl_easy_setopt(curl, CURLOPT_CAINFO, remote->policy.ca_file) == CURLE_OK);
    return good ? ERR_OK : ERR_NOMEM;
}

enum err opt_remote_open(struct opt_remote **out, const struct opt_remote_policy *policy,
                         struct why *why)
{
    OWN(opt_remote_own) struct opt_remote *remote = calloc(1, sizeof *remote);
    if (remote == NULL) {
        return ERR_NOMEM;
    }
    remote->policy = *policy;
    remote->url_len = strlen(policy->url);
    while (remote->url_len > 0 && policy->url[remote->url_len - 1] == '/') {
        remote->url_len--;
    }
    remote->curl = curl_easy_init();
    buf_init(&remote->answer, LIMIT_EDGE_ANSWER);
    enum err e = prepare(remote, why);
    if (e == ERR_OK) {
        *out = remote;
        remote = NULL;
    }
    return e;
}

// One request; false when there was no answer at all.
static bool ask(struct opt_remote *remote, const char *url, const char *body, struct why *why)
{
    CURL *curl = remote->curl;
    char words[CURL_ERROR_SIZE] = "";
    buf_clear(&remote->answer);
    remote->status = 0;
    remote->retry_after_s = 0;
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words);
    if (body != NULL) {
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
        (void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "PATCH");
    } else {
        (void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, NULL);
        (void)curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    }
    CURLcode rc = curl_easy_perform(curl);
    (void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
    if (rc != CURLE_OK) {
        (void)why_set(why, ERR_UNAVAILABLE, "%s",
                      words[0] != '\0' ? words : curl_easy_strerror(rc));
        return false;
    }
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &remote->status);
    (void)curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &remote->retry_after_s);
    return true;
}

static enum err pause_for(struct opt_remote *remote, int64_t seconds, const char *because)
{
    remote->policy.wait(remote->policy.ctx, seconds, because);
    int64_t until = time_monotonic_ms() + seconds * 1000;
    while (*remote->policy.stop == 0 && time_monotonic_ms() < until) {
        (void)usleep(NAP_US);
    }
    return *remote->policy.stop != 0 ? ERR_INTERRUPTED : ERR_OK;
}

static bool passes(long status)
{
    return status == 408 || status == 409 || status == 429 || status >= 500;
}

// Again where that may help: broken lines, limits of requests, and failures of the server.
static enum err ask_patiently(struct opt_remote *remote, const char *url, const char *body,
                              struct why *why)
{
    int64_t backoff = 1;
    for (int i = 0; i < TRIES; i++) {
        struct why words = {""};
        bool answered = ask(remote, url, body, &words);
        if (answered && !passes(remote->status)) {
            return ERR_OK;
        }
        if (answered) {
            (void)why_set(&words, ERR_UNAVAILABLE, "HTTP %ld", remote->status);
        }
        (void)why_set(why, ERR_UNAVAILABLE, "%s", words.text);
        if (i == TRIES - 1) {
            break;
        }
        int64_t seconds = remote->retry_after_s > 0 ? (int64_t)remote->retry_after_s : backoff;
        seconds = seconds > WAIT_MAX_S ? WAIT_MAX_S : seconds;
        backoff = backoff * 2 > BACKOFF_MAX ? BACKOFF_MAX : backoff * 2;
        enum err e = pause_for(remote, seconds, words.text);
        if (e != ERR_OK) {
            return e;
        }
    }
    return ERR_UNAVAILABLE;
}

// The envelope; its first error as words where it is one.
static enum err read_answer(json_t **out, struct opt_remote *remote, struct why *why)
{
    char safe[WORDS];
    *out = json_loadb(buf_str(&remote->answer), remote->answer.len, 0, NULL);
    if (!json_is_object(*out)) {
        return why_set(why, ERR_INVALID, "HTTP %ld, and the answer is no JSON", remote->status);
    }
    if (remote->status < 300 && json_is_true(json_object_get(*out, "success"))) {
        return ERR_OK;
    }
    const json_t *first = json_array_get(json_object_get(*out, "errors"), 0);
    const char *words = json_string_value(json_object_get(first, "message"));
    // 403 is about this zone: the token may reach others, and settings of others may be changed.
    enum err e = remote->status == 401   ? ERR_DENIED
                 : remote->status == 404 ? ERR_NOT_FOUND
                                         : ERR_INVALID;
    return why_set(why, e, "HTTP %ld, code %lld: %s", remote->status,
                   (long long)json_integer_value(json_object_get(first, "code")),
                   str_printable(safe, sizeof safe, span_of(words == NULL ? "" : words)));
}

static enum err id_of_name(struct opt_remote *remote, const char *name, char id[33],
                           struct why *why)
{
    char url[LIMIT_URL];
    OWN(json_own) json_t *answer = NULL;
    char *escaped = curl_easy_escape(remote->curl, name, 0);
    if (escaped == NULL) {
        return ERR_NOMEM;
    }
    (void)snprintf(url, sizeof url, "%.*s/zones?name=%s&per_page=5", (int)remote->url_len,
                   remote->policy.url, escaped);
    curl_free(escaped);
    enum err e = ask_patiently(remote, url, NULL, why);
    e = e == ERR_OK ? read_answer(&answer, remote, why) : e;
    if (e != ERR_OK) {
        return e;
    }
    const json_t *list = json_object_get(answer, "result");
    const char *found = json_string_value(json_object_get(json_array_get(list, 0), "id"));
    if (json_array_size(list) != 1 || found == NULL || !zone_id_valid(span_of(found))) {
        return json_array_size(list) > 1
                   ? why_set(why, ERR_CONFLICT, "several zones have that name; give an id")
                   : why_set(why, ERR_NOT_FOUND, "no such zone");
    }
    (void)snprintf(id, 33, "%s", found);
    return ERR_OK;
}

static const char *value_of(const json_t *answer)
{
    const char *value =
        json_string_value(json_object_get(json_object_get(answer, "result"), "value"));
    return value == NULL ? "" : value;
}

enum err opt_remote_set(struct opt_remote *remote, const char *id_or_name, char id[33],
                        enum automatic automatic, bool *changed, struct why *why)
{
    char url[LIMIT_URL];
    char body[40];
    const char *word = automatic_str(automatic);
    OWN(json_own) json_t *before = NULL;
    OWN(json_own) json_t *after = NULL;
    enum err e = ERR_OK;
    if (zone_id_valid(span_of(id_or_name))) {
        (void)snprintf(id, 33, "%s", id_or_name);
    } else {
        e = id_of_name(remote, id_or_name, id, why);
    }
    if (e != ERR_OK) {
        return e;
    }
    (void)snprintf(url, sizeof url, "%.*s/zones/%s/settings/ssl_automatic_mode",
                   (int)remote->url_len, remote->policy.url, id);
    (void)snprintf(body, sizeof body, "{\"value\":\"%s\"}", word);
    // What it was is a courtesy: a token that may only write is enough.
    struct why ignored = {""};
    e = ask_patiently(remote, url, NULL, why);
    if (e == ERR_OK && read_answer(&before, remote, &ignored) == ERR_OK &&
        strcmp(value_of(before), word) == 0) {
        *changed = false;
        return ERR_OK;
    }
    e = e == ERR_OK ? ask_patiently(remote, url, body, why) : e;
    e = e == ERR_OK ? read_answer(&after, remote, why) : e;
    if (e == ERR_OK && strcmp(value_of(after), word) != 0) {
        e = why_set(why, ERR_INVALID, "the server says success, but the mode is not %s", word);
    }
    *changed = e == ERR_OK;
    return e;
}
