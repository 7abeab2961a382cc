// SPDX-License-Identifier: Apache-2.0
#include "crawler/outcome.h"

#include <errno.h>
#include <stdarg.h>

static void clean(char *text)
{
    for (; *text != '\0'; text++) {
        if (*text < ' ' || *text > '~') {
            *text = '?';
        }
    }
}

void outcome_words(char words[OUTCOME_WORDS], const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(words, OUTCOME_WORDS, fmt, args);
    va_end(args);
    if (n < 0) {
        words[0] = '\0';
    }
    clean(words);
}

enum err outcome_clean(char **out, struct span text, size_t max)
{
    char *copy = strndup(text.at == NULL ? "" : text.at, text.len < max ? text.len : max);
    if (copy == NULL) {
        return ERR_NOMEM;
    }
    clean(copy);
    *out = copy;
    return ERR_OK;
}

bool outcome_is_timeout(enum outcome outcome)
{
    return outcome == OUTCOME_CONNECT_TIMEOUT || outcome == OUTCOME_TLS_TIMEOUT ||
           outcome == OUTCOME_TIMEOUT;
}

bool outcome_is_connect_failure(enum outcome outcome)
{
    return outcome == OUTCOME_CONNECT_REFUSED || outcome == OUTCOME_CONNECT_TIMEOUT ||
           outcome == OUTCOME_UNREACHABLE;
}

bool outcome_demands_certificate(int status, struct span body)
{
    if (status != 400 && status != 403) {
        return false;
    }
    size_t len = body.len < 4096 ? body.len : 4096;
    struct span head = {body.at, len};
    return span_find_nocase(head, span_of("ssl certificate")) < len ||
           span_find_nocase(head, span_of("client certificate")) < len;
}

static bool says(const struct failure *failure, const char *word)
{
    struct span text = span_of(failure->text);
    return span_find_nocase(text, span_of(word)) < text.len;
}

// OpenSSL's reason behind "error:0A000410:SSL routines::", else libcurl's sentence.
static void tls_words(char words[OUTCOME_WORDS], const struct failure *failure)
{
    struct span text = span_of(failure->text);
    size_t at = span_find_nocase(text, span_of("routines:"));
    if (at < text.len) {
        text.at += at;
        text.len -= at;
        (void)span_cut(&text, ':');
        while (text.len > 0 && text.at[0] == ':') {
            text.at++;
            text.len--;
        }
        text.len = span_find_nocase(text, span_of(", errno"));
    }
    if (says(failure, "wrong version number") || says(failure, "http request") ||
        says(failure, "packet length too long")) {
        outcome_words(words, "no TLS here: the port answers plain HTTP or other text (%.*s)",
                      (int)text.len, text.at);
    } else if (text.len == 0 || says(failure, "SSL_ERROR_SYSCALL") ||
               says(failure, "unexpected eof")) {
        outcome_words(words, "the connection was closed during the TLS handshake");
    } else {
        outcome_words(words, "%.*s", (int)text.len, text.at);
    }
}

// A server that asked for a certificate, got none, and ended the connection before one byte of an
// answer. With TLS 1.3 it does so only after our side has finished (RFC 8446 section 4.4.2.4), and
// its alert may be lost to the reset that follows.
static bool refused_for_certificate(const struct failure *failure)
{
    return failure->client_certificate_requested && failure->phase <= PHASE_REQUEST;
}

static enum outcome demands_certificate(char words[OUTCOME_WORDS], const struct failure *failure)
{
    if (says(failure, "alert")) {
        tls_words(words, failure);
    } else {
        outcome_words(words, "asked for a client certificate and closed the connection");
    }
    return OUTCOME_CLIENT_CERTIFICATE;
}

static enum outcome timed_out(char words[OUTCOME_WORDS], const struct failure *failure)
{
    if (failure->phase <= PHASE_CONNECT) {
        outcome_words(words, "no connection within %.1f s", (double)failure->connect_ms / 1000);
        return OUTCOME_CONNECT_TIMEOUT;
    }
    if (failure->phase == PHASE_TLS) {
        outcome_words(words, "the TLS handshake did not end within %.1f s",
                      (double)failure->connect_ms / 1000);
        return OUTCOME_TLS_TIMEOUT;
    }
    outcome_words(words, "no %s within %.1f s",
                  failure->phase <= PHASE_REQUEST ? "answer" : "whole answer",
                  (double)failure->total_ms / 1000);
    return OUTCOME_TIMEOUT;
}

static enum outcome not_connected(char words[OUTCOME_WORDS], const struct failure *failure)
{
    char text[128];
    const char *reason = failure->os_errno == 0
                             ? failure->text
                             : strerror_r((int)failure->os_errno, text, sizeof text);
    outcome_words(words, "%s", reason);
    switch (failure->os_errno) {
    case ECONNREFUSED:
    case ECONNRESET:
        return OUTCOME_CONNECT_REFUSED;
    case ETIMEDOUT:
        return OUTCOME_CONNECT_TIMEOUT;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EADDRNOTAVAIL: // all our ports are in use
        return OUTCOME_OVERLOAD;
    default:
        return OUTCOME_UNREACHABLE;
    }
}

static enum outcome tls_failed(char words[OUTCOME_WORDS], const struct failure *failure)
{
    if (refused_for_certificate(failure)) {
        return demands_certificate(words, failure);
    }
    tls_words(words, failure);
    return OUTCOME_TLS_FAILED;
}

// After the connection stood: closed, reset, or not understood.
static enum outcome broken(char words[OUTCOME_WORDS], const struct failure *failure)
{
    if (refused_for_certificate(failure)) {
        return demands_certificate(words, failure);
    }
    if (says(failure, "too large response headers") || says(failure, "header too large")) {
        outcome_words(words, "the answer's header does not end");
        return OUTCOME_HEADERS_TOO_LARGE;
    }
    if (says(failure, "chunk") || says(failure, "hexadecimal") || says(failure, "unsupported")) {
        outcome_words(words, "%s", failure->text);
        return OUTCOME_INVALID_RESPONSE;
    }
    // libcurl keeps its first message, which may only say that the peer's name is gone already.
    bool tells = failure->text[0] != '\0' && !says(failure, "getpeername");
    outcome_words(words, "%s", tells ? failure->text : "the connection was reset");
    return OUTCOME_RESET;
}

static enum outcome by_phase(char words[OUTCOME_WORDS], const struct failure *failure)
{
    if (failure->phase <= PHASE_CONNECT) {
        return not_connected(words, failure);
    }
    if (failure->phase == PHASE_TLS) {
        return tls_failed(words, failure);
    }
    outcome_words(words, "%s",
                  failure->text[0] == '\0' ? curl_easy_strerror(failure->code) : failure->text);
    return OUTCOME_INVALID_RESPONSE;
}

// libcurl decodes on the way to our write callback: what fails there and is no abort of ours is
// its.
static enum outcome not_written(char words[OUTCOME_WORDS], const struct failure *failure)
{
    if (failure->encoding == NULL) {
        return by_phase(words, failure);
    }
    outcome_words(words, "the body cannot be decoded as %.100s", failure->encoding);
    return OUTCOME_INVALID_RESPONSE;
}

static enum outcome by_code(char words[OUTCOME_WORDS], const struct failure *failure)
{
    switch ((int)failure->code) {
    case CURLE_OPERATION_TIMEDOUT:
        return timed_out(words, failure);
    case CURLE_COULDNT_CONNECT:
        return not_connected(words, failure);
    case CURLE_GOT_NOTHING:
        if (refused_for_certificate(failure)) {
            return demands_certificate(words, failure);
        }
        outcome_words(words, "closed without one byte of answer");
        return OUTCOME_EMPTY_REPLY;
    case CURLE_OUT_OF_MEMORY: // what libcurl < 8.7 says of a header line above 100 KB
    case 100:                 // CURLE_TOO_LARGE, since 8.6
        if (failure->phase < PHASE_REQUEST) {
            outcome_words(words, "no memory for the request");
            return OUTCOME_OVERLOAD;
        }
        outcome_words(words, "a header line is too long");
        return OUTCOME_HEADERS_TOO_LARGE;
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        return failure->phase <= PHASE_TLS ? by_phase(words, failure) : broken(words, failure);
    case CURLE_WRITE_ERROR:
    case CURLE_BAD_CONTENT_ENCODING:
        return not_written(words, failure);
    case CURLE_UNSUPPORTED_PROTOCOL: // HTTP/0.9, which is any text at all
        outcome_words(words, "the answer is not HTTP/1.x");
        return OUTCOME_INVALID_RESPONSE;
    default: // a foreign enum: the phase tells enough
        return by_phase(words, failure);
    }
}

enum outcome outcome_of(char words[OUTCOME_WORDS], const struct failure *failure)
{
    words[0] = '\0';
    switch (failure->aborted) {
    case ABORT_NONE:
    case ABORT_COUNT:
        return failure->code == CURLE_OK ? OUTCOME_OK : by_code(words, failure);
    case ABORT_BODY_CAP:
        return OUTCOME_TRUNCATED;
    case ABORT_HEADER_CAP:
        outcome_words(words, "the answer's header does not end");
        return OUTCOME_HEADERS_TOO_LARGE;
    case ABORT_CONTRADICTION:
        outcome_words(words, "Content-Length fields contradict each other (RFC 9112 section 6.3)");
        return OUTCOME_INVALID_RESPONSE;
    case ABORT_CODINGS:
        outcome_words(words, "more than two content codings");
        return OUTCOME_INVALID_RESPONSE;
    case ABORT_TOO_SLOW:
        outcome_words(words, "slower than %lld bytes per second for %lld s",
                      (long long)failure->low_speed_bytes, (long long)failure->low_speed_s);
        return OUTCOME_TIMEOUT;
    case ABORT_ADDRESS:
        outcome_words(words, "the address guard refused the address");
        return OUTCOME_ADDRESS_REFUSED;
    case ABORT_OURS:
        outcome_words(words, "no memory or no file descriptor for the request");
        return OUTCOME_OVERLOAD;
    }
    return OUTCOME_INVALID_RESPONSE;
}
