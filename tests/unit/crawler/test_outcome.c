// SPDX-License-Identifier: Apache-2.0
#include "crawler/outcome.h"

#include <errno.h>

#include "core/limits.h"
#include "crawler/headers.h"
#include "tests/support/check.h"

struct row {
    struct failure failure;
    enum outcome outcome;
    const char *words; // that must be in there
};

#define TLS_TEXT "OpenSSL/3.0.22: error:0A000410:SSL routines::sslv3 alert handshake failure"

static const struct row rows[] = {
    {{.code = CURLE_OK, .phase = PHASE_BODY}, OUTCOME_OK, ""},
    {{.code = CURLE_WRITE_ERROR, .phase = PHASE_BODY, .aborted = ABORT_BODY_CAP},
     OUTCOME_TRUNCATED,
     ""},
    {{.code = CURLE_OPERATION_TIMEDOUT, .phase = PHASE_CONNECT, .connect_ms = 10000},
     OUTCOME_CONNECT_TIMEOUT,
     "within 10.0 s"},
    {{.code = CURLE_OPERATION_TIMEDOUT, .phase = PHASE_TLS, .connect_ms = 10000},
     OUTCOME_TLS_TIMEOUT,
     "handshake did not end"},
    {{.code = CURLE_OPERATION_TIMEDOUT, .phase = PHASE_REQUEST, .total_ms = 20000},
     OUTCOME_TIMEOUT,
     "no answer within 20.0 s"},
    {{.code = CURLE_OPERATION_TIMEDOUT, .phase = PHASE_BODY, .total_ms = 20000},
     OUTCOME_TIMEOUT,
     "no whole answer"},
    {{.code = CURLE_COULDNT_CONNECT, .phase = PHASE_CONNECT, .os_errno = ECONNREFUSED},
     OUTCOME_CONNECT_REFUSED,
     "refused"},
    {{.code = CURLE_COULDNT_CONNECT, .phase = PHASE_CONNECT, .os_errno = EHOSTUNREACH},
     OUTCOME_UNREACHABLE,
     "host"},
    {{.code = CURLE_COULDNT_CONNECT, .phase = PHASE_CONNECT, .os_errno = ETIMEDOUT},
     OUTCOME_CONNECT_TIMEOUT,
     "timed out"},
    {{.code = CURLE_COULDNT_CONNECT, .phase = PHASE_CONNECT, .os_errno = EADDRNOTAVAIL},
     OUTCOME_OVERLOAD,
     ""},
    {{.code = CURLE_COULDNT_CONNECT, .phase = PHASE_CONNECT, .aborted = ABORT_ADDRESS},
     OUTCOME_ADDRESS_REFUSED,
     "guard"},
    {{.code = CURLE_COULDNT_CONNECT, .phase = PHASE_CONNECT, .aborted = ABORT_OURS},
     OUTCOME_OVERLOAD,
     ""},
    {{.code = CURLE_SSL_CONNECT_ERROR, .phase = PHASE_TLS, .text = TLS_TEXT},
     OUTCOME_TLS_FAILED,
     "sslv3 alert handshake failure"},
    {{.code = CURLE_SSL_CONNECT_ERROR,
      .phase = PHASE_TLS,
      .text = TLS_TEXT,
      .client_certificate_requested = true},
     OUTCOME_CLIENT_CERTIFICATE,
     "alert handshake failure"},
    {{.code = CURLE_SSL_CONNECT_ERROR,
      .phase = PHASE_TLS,
      .text = "TLS connect error: error:0A00010B:SSL routines::wrong version number"},
     OUTCOME_TLS_FAILED,
     "plain HTTP"},
    {{.code = CURLE_SSL_CONNECT_ERROR,
      .phase = PHASE_TLS,
      .text = "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to a:443"},
     OUTCOME_TLS_FAILED,
     "closed during the TLS handshake"},
    {{.code = CURLE_RECV_ERROR,
      .phase = PHASE_REQUEST,
      .text = "OpenSSL SSL_read: OpenSSL/3.0.22: error:0A00045C:SSL routines::tlsv13 alert "
              "certificate required, errno 0",
      .client_certificate_requested = true},
     OUTCOME_CLIENT_CERTIFICATE,
     "tlsv13 alert certificate required"},
    {{.code = CURLE_RECV_ERROR,
      .phase = PHASE_BODY,
      .text = "Recv failure: Connection reset by peer",
      .client_certificate_requested = true},
     OUTCOME_RESET,
     "reset by peer"},
    {{.code = CURLE_RECV_ERROR, .phase = PHASE_HEADERS, .text = "Too large response headers: 9"},
     OUTCOME_HEADERS_TOO_LARGE,
     ""},
    {{.code = CURLE_RECV_ERROR, .phase = PHASE_BODY, .text = "Illegal or missing hexadecimal"},
     OUTCOME_INVALID_RESPONSE,
     "hexadecimal"},
    {{.code = CURLE_OUT_OF_MEMORY, .phase = PHASE_HEADERS}, OUTCOME_HEADERS_TOO_LARGE, "line"},
    {{.code = CURLE_OUT_OF_MEMORY, .phase = PHASE_CONNECT}, OUTCOME_OVERLOAD, "memory"},
    {{.code = CURLE_GOT_NOTHING, .phase = PHASE_REQUEST}, OUTCOME_EMPTY_REPLY, "one byte"},
    {{.code = CURLE_PARTIAL_FILE, .phase = PHASE_BODY, .text = "transfer closed"},
     OUTCOME_INVALID_RESPONSE,
     "transfer closed"},
    {{.code = CURLE_WEIRD_SERVER_REPLY, .phase = PHASE_HEADERS, .text = "Nul byte in header"},
     OUTCOME_INVALID_RESPONSE,
     "Nul byte"},
    {{.code = CURLE_UNSUPPORTED_PROTOCOL, .phase = PHASE_REQUEST},
     OUTCOME_INVALID_RESPONSE,
     "HTTP/1.x"},
    {{.code = CURLE_BAD_CONTENT_ENCODING, .phase = PHASE_BODY},
     OUTCOME_INVALID_RESPONSE,
     "ncoding"},
    {{.code = CURLE_BAD_CONTENT_ENCODING,
      .phase = PHASE_BODY,
      .text = "Error while processing content unencoding",
      .encoding = "br\x01"},
     OUTCOME_INVALID_RESPONSE,
     "the body cannot be decoded as br?"},
    {{.code = CURLE_WRITE_ERROR, .phase = PHASE_BODY, .text = "Failed writing", .encoding = "gzip"},
     OUTCOME_INVALID_RESPONSE,
     "the body cannot be decoded as gzip"},
    {{.code = CURLE_WRITE_ERROR, .phase = PHASE_BODY, .text = "Failed writing"},
     OUTCOME_INVALID_RESPONSE,
     "Failed writing"},
    {{.code = CURLE_WRITE_ERROR,
      .phase = PHASE_BODY,
      .aborted = ABORT_TOO_SLOW,
      .low_speed_bytes = 64,
      .low_speed_s = 5},
     OUTCOME_TIMEOUT,
     "slower than 64 bytes per second for 5 s"},
};

static void every_failure_has_its_word(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct failure failure = rows[i].failure;
        failure.text = failure.text == NULL ? "" : failure.text;
        char words[OUTCOME_WORDS] = "old";
        enum outcome outcome = outcome_of(words, &failure);
        if (outcome != rows[i].outcome || strstr(words, rows[i].words) == NULL) {
            fail_msg("row %zu: %s (%s)", i, outcome_str(outcome), words);
        }
        assert_true(outcome_is_answer(outcome) == (words[0] == '\0'));
    }
}

static void words_are_printable(void **state)
{
    (void)state;
    char words[OUTCOME_WORDS];
    char longer[400];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    outcome_words(words, "%s", "a\x1b[31mb\r\n\xc3\xa9");
    assert_string_equal(words, "a?[31mb????");
    outcome_words(words, "%s", longer);
    assert_int_equal(strlen(words), OUTCOME_WORDS - 1);
}

static void knows_pages_that_demand_a_certificate(void **state)
{
    (void)state;
    struct span nginx = span_of("<center>No required SSL certificate was sent</center>");
    assert_true(outcome_demands_certificate(400, nginx));
    assert_false(outcome_demands_certificate(200, nginx));
    assert_false(outcome_demands_certificate(400, span_of("bad request")));
    assert_false(outcome_demands_certificate(400, (struct span){NULL, 0}));
}

static void feed(struct headers *headers, struct fetch *fetch, const char *line)
{
    assert_int_equal(headers_feed(headers, fetch, span_of(line), 1795000000), ERR_OK);
}

static void keeps_the_facts_of_the_last_answer(void **state)
{
    (void)state;
    struct headers headers;
    struct fetch fetch = {.retry_after_s = -1};
    headers_begin(&headers);
    feed(&headers, &fetch, "HTTP/1.1 103 Early Hints\r\n");
    feed(&headers, &fetch, "Location: /early\r\n");
    feed(&headers, &fetch, "\r\n");
    feed(&headers, &fetch, "HTTP/1.1 503 Busy\r\n");
    feed(&headers, &fetch, "content-type:  text/html; charset=utf-8 \r\n");
    feed(&headers, &fetch, "Content-Type: text/plain\r\n");
    feed(&headers, &fetch, "SERVER: nginx\r\n");
    feed(&headers, &fetch, "Retry-After: 30\r\n");
    feed(&headers, &fetch, "Location: /later\r\n");
    feed(&headers, &fetch, "Strict-Transport-Security: max-age=1\r\n");
    feed(&headers, &fetch, "CF-Mitigated: challenge\r\n");
    feed(&headers, &fetch, "no colon at all\r\n");
    assert_int_equal(fetch.status, 503);
    assert_string_equal(fetch.content_type, "text/html; charset=utf-8");
    assert_string_equal(fetch.server, "nginx");
    assert_string_equal(headers.location, "/later");
    assert_int_equal(fetch.retry_after_s, 30);
    assert_true(fetch.hsts);
    assert_true(fetch.challenge);
    assert_false(fetch.login);
    feed(&headers, &fetch, "HTTP/1.1 401 Who\r\n");
    assert_int_equal(fetch.status, 401);
    assert_true(fetch.login);
    assert_false(fetch.challenge);
    assert_null(fetch.content_type);
    assert_null(headers.location);
    assert_int_equal(fetch.retry_after_s, -1);
    headers_done(&headers);
    headers_forget(&fetch);
}

static void reads_a_refresh_as_a_page_has_it(void **state)
{
    (void)state;
    static const struct {
        const char *line, *target;
    } refreshes[] = {
        {"Refresh: 0; url=/b\r\n", "/b"},
        {"refresh: 5;URL='https://a.test/'\r\n", "https://a.test/"},
        {"Refresh: 6; url=/b\r\n", NULL},
        {"Refresh: 3\r\n", NULL},
        {"Refresh: \r\n", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(refreshes); i++) {
        struct headers headers;
        struct fetch fetch = {0};
        headers_begin(&headers);
        feed(&headers, &fetch, "HTTP/1.1 200 OK\r\n");
        feed(&headers, &fetch, refreshes[i].line);
        if (refreshes[i].target == NULL) {
            assert_null(headers.refresh);
        } else {
            assert_non_null(headers.refresh);
            assert_string_equal(headers.refresh, refreshes[i].target);
        }
        feed(&headers, &fetch, "HTTP/1.1 200 OK\r\n");
        assert_null(headers.refresh);
        headers_done(&headers);
        headers_forget(&fetch);
    }
}

static void knows_what_is_saved_and_not_shown(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool attachment;
    } lines[] = {
        {"Content-Disposition: attachment\r\n", true},
        {"content-disposition: ATTACHMENT ; filename=\"a;b\"\r\n", true},
        {"Content-Disposition: inline; filename=attachment\r\n", false},
        {"Content-Disposition: attachments\r\n", false},
        {"Content-Type: attachment\r\n", false},
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct headers headers;
        struct fetch fetch = {0};
        headers_begin(&headers);
        feed(&headers, &fetch, "HTTP/1.1 200 OK\r\n");
        feed(&headers, &fetch, lines[i].line);
        assert_int_equal(fetch.attachment, lines[i].attachment);
        feed(&headers, &fetch, "HTTP/1.1 200 OK\r\n");
        assert_false(fetch.attachment);
        headers_done(&headers);
        headers_forget(&fetch);
    }
}

static void keeps_the_policies_that_are_enforced(void **state)
{
    (void)state;
    struct headers headers;
    struct fetch fetch = {0};
    headers_begin(&headers);
    feed(&headers, &fetch, "HTTP/1.1 200 OK\r\n");
    feed(&headers, &fetch, "Content-Security-Policy-Report-Only: sandbox\r\n");
    assert_null(fetch.policy);
    feed(&headers, &fetch, "Content-Security-Policy: default-src 'self'\r\n");
    feed(&headers, &fetch, "content-security-policy: sandbox\r\n");
    feed(&headers, &fetch, "X-Content-Type-Options: NoSniff\r\n");
    feed(&headers, &fetch, "Cross-Origin-Embedder-Policy: require-corp; report-to=\"a\"\r\n");
    assert_string_equal(fetch.policy, "default-src 'self',sandbox");
    assert_true(fetch.nosniff);
    assert_true(fetch.isolated);
    char line[3000];
    memset(line, 'x', sizeof line);
    memcpy(line, "Content-Security-Policy: ", 25);
    line[sizeof line - 1] = '\0';
    for (int i = 0; i < 3; i++) {
        feed(&headers, &fetch, line);
    }
    assert_in_range(strlen(fetch.policy), 3000, 4096);
    feed(&headers, &fetch, "HTTP/1.1 200 OK\r\n");
    assert_null(fetch.policy);
    assert_false(fetch.nosniff);
    assert_false(fetch.isolated);
    headers_done(&headers);
    headers_forget(&fetch);
}

static void checks_lengths_and_codings(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool contradictory;
    } lengths[] = {
        {"Content-Length: 5\r\n", "Content-Length: 5\r\n", false},
        {"Content-Length: 5\r\n", "Content-Length: 6\r\n", true},
        {"Content-Length: 5, 5\r\n", "X: y\r\n", false},
        {"Content-Length: 5, 6\r\n", "X: y\r\n", true},
        {"Content-Length: -5\r\n", "X: y\r\n", true},
        {"Content-Length: 0x5\r\n", "X: y\r\n", true},
        {"Content-Length: 99999999999999999999\r\n", "X: y\r\n", true},
    };
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        struct headers headers;
        struct fetch fetch = {0};
        headers_begin(&headers);
        feed(&headers, &fetch, "HTTP/1.1 200 OK\r\n");
        feed(&headers, &fetch, lengths[i].a);
        feed(&headers, &fetch, lengths[i].b);
        assert_int_equal(headers.contradictory, lengths[i].contradictory);
        headers_done(&headers);
        headers_forget(&fetch);
    }
    struct headers headers;
    struct fetch fetch = {0};
    headers_begin(&headers);
    feed(&headers, &fetch, "HTTP/1.1 200 OK\r\n");
    feed(&headers, &fetch, "Content-Encoding: gzip, identity\r\n");
    feed(&headers, &fetch, "Content-Encoding: br\r\n");
    assert_int_equal(headers.codings, 2);
    headers_done(&headers);
    headers_forget(&fetch);
}

static void reads_retry_after_in_both_forms(void **state)
{
    (void)state;
    const int64_t now = 784111777; // Sun, 06 Nov 1994 08:49:37 GMT
    assert_int_equal(headers_retry_after(span_of("120"), now), 120);
    assert_int_equal(headers_retry_after(span_of(" 0 "), now), 0);
    assert_int_equal(headers_retry_after(span_of("9999999"), now), LIMIT_RETRY_AFTER_S);
    assert_int_equal(headers_retry_after(span_of("Sun, 06 Nov 1994 08:50:37 GMT"), now), 60);
    assert_int_equal(headers_retry_after(span_of("Sun, 06 Nov 1994 08:00:00 GMT"), now), 0);
    assert_int_equal(headers_retry_after(span_of("Sun, 06 Nov 2094 08:00:00 GMT"), now),
                     LIMIT_RETRY_AFTER_S);
    assert_int_equal(headers_retry_after(span_of("soon"), now), -1);
    assert_int_equal(headers_retry_after(span_of("-5"), now), -1);
    assert_int_equal(headers_retry_after((struct span){NULL, 0}, now), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failure_has_its_word),
        cmocka_unit_test(words_are_printable),
        cmocka_unit_test(knows_pages_that_demand_a_certificate),
        cmocka_unit_test(keeps_the_facts_of_the_last_answer),
        cmocka_unit_test(reads_a_refresh_as_a_page_has_it),
        cmocka_unit_test(knows_what_is_saved_and_not_shown),
        cmocka_unit_test(keeps_the_policies_that_are_enforced),
        cmocka_unit_test(checks_lengths_and_codings),
        cmocka_unit_test(reads_retry_after_in_both_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
