// SPDX-License-Identifier: Apache-2.0
// A second way beside mail, for programs: one POST with JSON, signed.
#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#include "core/str.h"
#include "pipeline/digests.h"

#define ANSWER_SHOWN 120 // bytes of a refusal's body

static enum err key_of(unsigned char key[512], size_t *len, const char *secret)
{
    static const char prefix[] = "whsec_";
    if (strncmp(secret, prefix, sizeof prefix - 1) != 0) {
        *len = strlen(secret) < 512 ? strlen(secret) : 512;
        memcpy(key, secret, *len);
        return ERR_OK;
    }
    char base64[516];
    size_t chars = strlen(secret + sizeof prefix - 1);
    if (chars < 2 || chars % 4 == 1 || chars > 512) {
        return ERR_INVALID;
    }
    // Secrets are handed out without padding too.
    (void)snprintf(base64, sizeof base64, "%.512s%s", secret + sizeof prefix - 1,
                   chars % 4 == 2   ? "=="
                   : chars % 4 == 3 ? "="
                                    : "");
    chars = strlen(base64);
    int decoded = EVP_DecodeBlock(key, (const unsigned char *)base64, (int)chars);
    size_t padding = base64[chars - 1] != '=' ? 0 : base64[chars - 2] != '=' ? 1 : 2;
    if (decoded <= 0 || (size_t)decoded <= padding) {
        return ERR_INVALID;
    }
    *len = (size_t)decoded - padding;
    return ERR_OK;
}

enum err webhook_sign(char out[64], const char *secret, const char *id, int64_t timestamp,
                      const char *body)
{
    unsigned char key[512];
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned char base64[64];
    unsigned digest_len = 0;
    size_t key_len = 0;
    struct buf text;
    buf_init(&text, LIMIT_MAIL);
    enum err e = key_of(key, &key_len, secret);
    e = e == ERR_OK ? buf_printf(&text, "%s.%lld.%s", id, (long long)timestamp, body) : e;
    if (e == ERR_OK && HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)buf_str(&text),
                            text.len, digest, &digest_len) == NULL) {
        e = ERR_NOMEM;
    }
    if (e == ERR_OK) {
        (void)EVP_EncodeBlock(base64, digest, (int)digest_len);
        (void)snprintf(out, 64, "v1,%.60s", (const char *)base64);
    }
    explicit_bzero(key, sizeof key);
    buf_done(&text);
    return e;
}

static bool add_header(struct curl_slist **list, const char *line)
{
    struct curl_slist *grown = curl_slist_append(*list, line);
    *list = grown == NULL ? *list : grown;
    return grown != NULL;
}

static enum err headers(struct curl_slist **out, const struct webhook_policy *policy,
                        const char *id, int64_t now, const char *body, struct why *why)
{
    char secret[512] = "";
    char signature[64] = "";
    char line[160];
    enum err e = ERR_OK;
    if (policy->secret_file != NULL) {
        e = secret_read(secret, policy->secret_file, why);
        e = e == ERR_OK ? webhook_sign(signature, secret, id, now, body) : e;
        explicit_bzero(secret, sizeof secret);
    }
    if (e != ERR_OK) {
        return e == ERR_INVALID
                   ? why_set(why, e, "%s: no base64 behind whsec_", policy->secret_file)
                   : e;
    }
    bool ok = add_header(out, "Content-Type: application/json");
    (void)snprintf(line, sizeof line, "webhook-id: %s", id);
    ok = ok && add_header(out, line);
    (void)snprintf(line, sizeof line, "webhook-timestamp: %lld", (long long)now);
    ok = ok && add_header(out, line);
    if (signature[0] != '\0') {
        (void)snprintf(line, sizeof line, "webhook-signature: %s", signature);
        ok = ok && add_header(out, line);
    }
    return ok ? ERR_OK : ERR_NOMEM;
}

// The beginning of the answer, for refusals; more than that nobody wants to have.
static size_t take_answer(char *at, size_t size, size_t count, void *ctx)
{
    (void)buf_add(ctx, at, size * count); // ERR_LIMIT: what is there is enough
    return size * count;
}

#define SET(option, value) code = code == CURLE_OK ? curl_easy_setopt(curl, option, value) : code

static CURLcode perform(CURL *curl, const struct webhook_policy *policy,
                        struct curl_slist *header_list, const char *body,
                        const volatile sig_atomic_t *stop, struct buf *answer,
                        char error[CURL_ERROR_SIZE])
{
    CURLcode code = CURLE_OK;
    SET(CURLOPT_URL, policy->url);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_TIMEOUT_MS, (long)policy->timeout_ms);
    SET(CURLOPT_HTTPHEADER, header_list);
    SET(CURLOPT_USERAGENT, "sslauto");
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(body));
    SET(CURLOPT_POSTFIELDS, body);
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_XFERINFOFUNCTION, posted_stop);
    SET(CURLOPT_XFERINFODATA, (void *)(uintptr_t)stop);
    SET(CURLOPT_ERRORBUFFER, error);
    SET(CURLOPT_WRITEFUNCTION, take_answer);
    SET(CURLOPT_WRITEDATA, answer);
    if (policy->ca_file != NULL) {
        SET(CURLOPT_CAINFO, policy->ca_file);
        SET(CURLOPT_CAPATH, (char *)NULL);
    }
    return code == CURLE_OK ? curl_easy_perform(curl) : code;
}

static void tell(struct posted *posted, CURL *curl, CURLcode code, const char *error,
                 const struct buf *answer)
{
    long status = 0;
    char words[POSTED_WORDS];
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    posted->taken = code == CURLE_OK && status >= 200 && status < 300;
    posted->away = code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
                   code == CURLE_OPERATION_TIMEDOUT;
    posted->stopped = code == CURLE_ABORTED_BY_CALLBACK;
    if (code != CURLE_OK) {
        posted_words(posted, error[0] != '\0' ? error : curl_easy_strerror(code));
    } else if (!posted->taken) {
        (void)snprintf(words, sizeof words, "status %ld: %s", status, buf_str(answer));
        posted_words(posted, words);
    }
}

enum err webhook_send(const struct webhook_policy *policy, const char *id, int64_t now,
                      const char *body, const volatile sig_atomic_t *stop, struct posted *posted,
                      struct why *why)
{
    char error[CURL_ERROR_SIZE] = "";
    struct curl_slist *list = NULL;
    struct buf answer;
    CURL *curl = curl_easy_init();
    buf_init(&answer, ANSWER_SHOWN);
    enum err e = curl == NULL ? ERR_NOMEM : headers(&list, policy, id, now, body, why);
    if (e == ERR_OK) {
        CURLcode code = perform(curl, policy, list, body, stop, &answer, error);
        e = code == CURLE_OUT_OF_MEMORY ? ERR_NOMEM : ERR_OK;
        *posted = (struct posted){0};
        tell(posted, curl, code, error, &answer);
    }
    curl_easy_cleanup(curl);
    curl_slist_free_all(list);
    buf_done(&answer);
    return e;
}
