// SPDX-License-Identifier: Apache-2.0
// SMTP by libcurl (RFC 5321): STARTTLS (RFC 3207), TLS from the start (RFC 8314), login (RFC 4954).
#include <curl/curl.h>
#include <stdlib.h>

#include "core/str.h"
#include "pipeline/digests.h"

struct mailer {
    CURL *curl; // owned; keeps its connection for the next message
    const struct mail_policy *policy;
    char from[LIMIT_MAIL_ADDRESS + 3];
    char error[CURL_ERROR_SIZE];
    char answer[POSTED_WORDS]; // the server's last line, for its refusals
    struct span rest;          // of the message, not read yet
};

void posted_words(struct posted *posted, const char *words)
{
    (void)str_printable(posted->words, sizeof posted->words, span_trim(span_of(words)));
}

int posted_stop(void *stop, curl_off_t down_of, curl_off_t down, curl_off_t up_of, curl_off_t up)
{
    (void)down_of, (void)down, (void)up_of, (void)up;
    const volatile sig_atomic_t *asked = stop;
    return asked != NULL && *asked != 0;
}

static size_t read_message(char *to, size_t size, size_t count, void *ctx)
{
    struct mailer *mailer = ctx;
    size_t len = mailer->rest.len < size * count ? mailer->rest.len : size * count;
    memcpy(to, mailer->rest.at, len);
    mailer->rest.at += len;
    mailer->rest.len -= len;
    return len;
}

// Replies that refuse begin with 4 or 5 (RFC 5321 section 4.2.1).
static size_t take_answer(const char *at, size_t size, size_t count, void *ctx)
{
    struct mailer *mailer = ctx;
    struct span line = span_trim((struct span){at, size * count});
    if (line.len > 3 && (line.at[0] == '4' || line.at[0] == '5')) {
        (void)snprintf(mailer->answer, sizeof mailer->answer, "%.*s", (int)line.len, line.at);
    }
    return size * count;
}

static enum err set_server(struct mailer *mailer)
{
    const struct mail_policy *policy = mailer->policy;
    char *url = NULL;
    // libcurl takes the name for EHLO from the URL's path.
    if (asprintf(&url, "%s/%s", policy->server, policy->hello == NULL ? "" : policy->hello) < 0) {
        return ERR_NOMEM;
    }
    CURLcode code = curl_easy_setopt(mailer->curl, CURLOPT_URL, url);
    free(url);
    return code == CURLE_OK ? ERR_OK : ERR_NOMEM;
}

// The first failure sticks.
#define SET(option, value)                                                                         \
    code = code == CURLE_OK ? curl_easy_setopt(mailer->curl, option, value) : code

static enum err set_up(struct mailer *mailer, const char *password,
                       const volatile sig_atomic_t *stop)
{
    static const long tls[] = {[MAIL_TLS_REQUIRED] = CURLUSESSL_ALL,
                               [MAIL_TLS_OPTIONAL] = CURLUSESSL_TRY,
                               [MAIL_TLS_NONE] = CURLUSESSL_NONE};
    const struct mail_policy *policy = mailer->policy;
    CURLcode code = set_server(mailer) == ERR_OK ? CURLE_OK : CURLE_OUT_OF_MEMORY;
    SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_USE_SSL, tls[policy->tls]);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_TIMEOUT_MS, (long)policy->timeout_ms);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)policy->timeout_ms);
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_XFERINFOFUNCTION, posted_stop);
    SET(CURLOPT_XFERINFODATA, (void *)(uintptr_t)stop);
    SET(CURLOPT_ERRORBUFFER, mailer->error);
    SET(CURLOPT_MAIL_FROM, mailer->from);
    SET(CURLOPT_UPLOAD, 1L);
    SET(CURLOPT_READFUNCTION, read_message);
    SET(CURLOPT_READDATA, mailer);
    SET(CURLOPT_HEADERFUNCTION, take_answer);
    SET(CURLOPT_HEADERDATA, mailer);
    if (policy->ca_file != NULL) {
        SET(CURLOPT_CAINFO, policy->ca_file);
        SET(CURLOPT_CAPATH, (char *)NULL);
    }
    if (policy->user != NULL) {
        SET(CURLOPT_USERNAME, policy->user);
        SET(CURLOPT_PASSWORD, password);
    }
    return code == CURLE_OK ? ERR_OK : ERR_NOMEM;
}

enum err mailer_open(struct mailer **out, const struct mail_policy *policy,
                     const volatile sig_atomic_t *stop, struct why *why)
{
    char password[512] = "";
    if (policy->password_file != NULL) {
        enum err e = secret_read(password, policy->password_file, why);
        if (e != ERR_OK) {
            return e;
        }
    }
    OWN(mailer_own) struct mailer *mailer = calloc(1, sizeof *mailer);
    if (mailer == NULL) {
        return ERR_NOMEM;
    }
    mailer->policy = policy;
    (void)snprintf(mailer->from, sizeof mailer->from, "<%.254s>",
                   policy->from == NULL ? "" : policy->from);
    mailer->curl = curl_easy_init();
    enum err e = mailer->curl == NULL ? ERR_NOMEM : set_up(mailer, password, stop);
    explicit_bzero(password, sizeof password);
    if (e == ERR_OK) {
        *out = mailer;
        mailer = NULL;
    }
    return e;
}

void mailer_close(struct mailer *mailer)
{
    if (mailer != NULL) {
        curl_easy_cleanup(mailer->curl);
        free(mailer);
    }
}

static bool nobody_there(CURLcode code)
{
    return code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT ||
           code == CURLE_OPERATION_TIMEDOUT;
}

enum err mailer_send(struct mailer *mailer, const char *recipient, const char *message,
                     struct posted *posted)
{
    char address[LIMIT_MAIL_ADDRESS + 3];
    (void)snprintf(address, sizeof address, "<%.254s>", recipient);
    struct curl_slist *to = curl_slist_append(NULL, address);
    if (to == NULL) {
        return ERR_NOMEM;
    }
    mailer->rest = span_of(message);
    mailer->answer[0] = mailer->error[0] = '\0';
    CURLcode code = curl_easy_setopt(mailer->curl, CURLOPT_MAIL_RCPT, to);
    code = code == CURLE_OK ? curl_easy_perform(mailer->curl) : code;
    (void)curl_easy_setopt(mailer->curl, CURLOPT_MAIL_RCPT, (struct curl_slist *)NULL);
    curl_slist_free_all(to);
    if (code == CURLE_OUT_OF_MEMORY) {
        return ERR_NOMEM;
    }
    *posted = (struct posted){.taken = code == CURLE_OK,
                              .away = nobody_there(code),
                              .stopped = code == CURLE_ABORTED_BY_CALLBACK};
    if (!posted->taken) {
        posted_words(posted, mailer->answer[0] != '\0'  ? mailer->answer
                             : mailer->error[0] != '\0' ? mailer->error
                                                        : curl_easy_strerror(code));
    }
    return ERR_OK;
}
