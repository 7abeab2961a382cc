// SPDX-License-Identifier: Apache-2.0
#include "crawler/request.h"

#include <errno.h>
#include <unistd.h>

#include "core/time.h"

#define CURL_BUFFER 16384L // bytes; one TLS record, small because there are many slots
#define CODINGS_MAX 2

static bool ours(int errnum)
{
    return errnum == EMFILE || errnum == ENFILE || errnum == ENOBUFS || errnum == ENOMEM;
}

// The last gate: whatever libcurl wants to connect to passes the guard, or there is no socket.
static curl_socket_t open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct request *request = data;
    struct addr addr;
    if (purpose != CURLSOCKTYPE_IPCXN) {
        return CURL_SOCKET_BAD;
    }
    if (request->policy->proxy == NULL &&
        (!addr_from_sockaddr(&addr, &to->addr) || guard_refuses(request->guard, &addr) != NULL)) {
        request->aborted = ABORT_ADDRESS;
        return CURL_SOCKET_BAD;
    }
    int fd = socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
    if (fd < 0) {
        request->os_errno = errno;
        request->aborted = ours(errno) ? ABORT_OURS : ABORT_NONE;
        return CURL_SOCKET_BAD;
    }
    request->fd = fd;
    request->phase = PHASE_CONNECT;
    return fd;
}

static int close_socket(void *data, curl_socket_t fd)
{
    struct request *request = data;
    if (request->fd == fd) {
        request->fd = -1;
    }
    return close(fd);
}

static CURLcode tls_begins(CURL *curl, void *ssl_ctx, void *data)
{
    struct request *request = data;
    request->phase = PHASE_TLS;
    return handshake_prepare(curl, ssl_ctx, &request->handshake);
}

// NOLINTNEXTLINE(readability-non-const-parameter): libcurl's type
static int before_request(void *data, char *remote, char *local, int remote_port, int local_port)
{
    (void)remote, (void)local, (void)remote_port, (void)local_port;
    ((struct request *)data)->phase = PHASE_REQUEST;
    return CURL_PREREQFUNC_OK;
}

static size_t give_up(struct request *request, enum abort_reason reason)
{
    request->aborted = reason;
    return 0;
}

// NOLINTNEXTLINE(readability-non-const-parameter): libcurl's type
static size_t take_header(char *at, size_t size, size_t count, void *data)
{
    struct request *request = data;
    size_t len = size * count;
    request->received += len;
    if (request->phase >= PHASE_BODY) { // trailers
        return len;
    }
    request->phase = PHASE_HEADERS;
    if (headers_feed(&request->headers, request->fetch, (struct span){at, len}, time_now_s()) !=
        ERR_OK) {
        return give_up(request, ABORT_OURS);
    }
    if (request->headers.bytes > request->policy->header_bytes) {
        return give_up(request, ABORT_HEADER_CAP);
    }
    if (request->headers.contradictory) {
        return give_up(request, ABORT_CONTRADICTION);
    }
    if (request->headers.codings > CODINGS_MAX) {
        return give_up(request, ABORT_CODINGS);
    }
    return len;
}

// One allocation where the length is told and true, instead of growing towards it.
static void reserve(struct request *request)
{
    struct buf *body = &request->fetch->body;
    int64_t length = request->headers.content_length;
    if (body->at == NULL && length > 0 && request->headers.codings == 0 &&
        (uint64_t)length <= request->body_max) {
        body->at = malloc((size_t)length + 1);
        body->cap = body->at == NULL ? 0 : (size_t)length + 1;
    }
}

// What came so far is not the twin's body after all, or not all of it.
static enum err part_from_twin(struct request *request)
{
    enum err e = ERR_OK;
    if (request->twin != NULL && request->alike > 0) {
        reserve(request);
        e = buf_add(&request->fetch->body, request->twin->body.at, request->alike);
    }
    request->alike = 0;
    request->twin = NULL;
    return e;
}

// Most sites serve the same bytes over both schemes: as long as they do, nothing is copied.
static enum err keep(struct request *request, const char *at, size_t len)
{
    if (request->twin != NULL) {
        const struct buf *body = &request->twin->body;
        if (len <= body->len - request->alike &&
            (len == 0 || memcmp(body->at + request->alike, at, len) == 0)) {
            request->alike += len;
            return ERR_OK;
        }
        enum err e = part_from_twin(request);
        if (e != ERR_OK) {
            return e;
        }
    }
    reserve(request);
    return buf_add(&request->fetch->body, at, len);
}

static size_t take_body(char *at, size_t size, size_t count, void *data)
{
    struct request *request = data;
    struct fetch *fetch = request->fetch;
    size_t len = size * count;
    request->phase = PHASE_BODY;
    request->received += len;
    fetch->body_size += len;
    size_t room = request->body_max - request->alike - fetch->body.len;
    size_t kept = len < room ? len : room;
    if (keep(request, at, kept) != ERR_OK) {
        return give_up(request, ABORT_OURS);
    }
    return kept == len ? len : give_up(request, ABORT_BODY_CAP);
}

// One option after the other; the first failure stays.
#define SET(option, value)                                                                         \
    do {                                                                                           \
        if (e == CURLE_OK) {                                                                       \
            e = curl_easy_setopt(easy, option, value);                                             \
        }                                                                                          \
    } while (0)

static CURLcode set_callbacks(struct request *request)
{
    CURL *easy = request->easy;
    CURLcode e = CURLE_OK;
    SET(CURLOPT_PRIVATE, request);
    SET(CURLOPT_ERRORBUFFER, request->error);
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, request);
    SET(CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    SET(CURLOPT_CLOSESOCKETDATA, request);
    SET(CURLOPT_SSL_CTX_FUNCTION, tls_begins);
    SET(CURLOPT_SSL_CTX_DATA, request);
    SET(CURLOPT_PREREQFUNCTION, before_request);
    SET(CURLOPT_PREREQDATA, request);
    SET(CURLOPT_HEADERFUNCTION, take_header);
    SET(CURLOPT_HEADERDATA, request);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, request);
    return e;
}

// Verification stays off in libcurl: the verdict is ours (crawler/handshake.c), and so no
// certificate bundle is ever loaded per handle.
static CURLcode set_tls(CURL *easy)
{
    CURLcode e = CURLE_OK;
    SET(CURLOPT_SSL_VERIFYPEER, 0L);
    SET(CURLOPT_SSL_VERIFYHOST, 0L);
    SET(CURLOPT_CAINFO, NULL);
    SET(CURLOPT_CAPATH, NULL);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_0);
    SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);
    return e;
}

static CURLcode set_policy(CURL *easy, const struct crawler_policy *policy)
{
    CURLcode e = CURLE_OK;
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_HTTP09_ALLOWED, 0L);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_ACCEPT_ENCODING, "");
    SET(CURLOPT_BUFFERSIZE, CURL_BUFFER);
    SET(CURLOPT_DNS_CACHE_TIMEOUT, 0L);
    SET(CURLOPT_PROXY, policy->proxy == NULL ? "" : policy->proxy);
    SET(CURLOPT_NOPROXY, "");
    SET(CURLOPT_USERAGENT, policy->user_agent);
    return e;
}

enum err request_init(struct request *request, const struct crawler_policy *policy,
                      const struct guard *guard, void *owner)
{
    *request = (struct request){.policy = policy, .guard = guard, .owner = owner, .fd = -1};
    headers_begin(&request->headers);
    request->easy = curl_easy_init();
    if (request->easy == NULL) {
        return ERR_NOMEM;
    }
    CURLcode e = set_callbacks(request);
    if (e == CURLE_OK) {
        e = set_tls(request->easy);
    }
    if (e == CURLE_OK) {
        e = set_policy(request->easy, policy);
    }
    return e == CURLE_OK ? ERR_OK : e == CURLE_OUT_OF_MEMORY ? ERR_NOMEM : ERR_INVALID;
}

void request_done(struct request *request)
{
    curl_easy_cleanup(request->easy);
    curl_slist_free_all(request->connect_to);
    curl_slist_free_all(request->fields);
    headers_done(&request->headers);
    handshake_clear(&request->handshake);
    free(request->fd_host);
    *request = (struct request){.fd = -1};
}

static enum err set_list(struct curl_slist **list, const char *text)
{
    curl_slist_free_all(*list);
    *list = curl_slist_append(NULL, text);
    return *list == NULL ? ERR_NOMEM : ERR_OK;
}

// Whatever host and port the URL has: connect to the origin.
static enum err pin(struct request *request, const struct request_ask *ask)
{
    char addr[ADDR_TEXT_SIZE];
    char text[ADDR_TEXT_SIZE + 16];
    bool six = ask->addr.version == 6;
    (void)snprintf(text, sizeof text, "::%s%s%s:%u", six ? "[" : "", addr_print(addr, &ask->addr),
                   six ? "]" : "", (unsigned)ask->port);
    (void)snprintf(request->fetch->address, sizeof request->fetch->address, "%s", addr);
    return set_list(&request->connect_to, text);
}

// Adds "name: value" to the fields, nothing for no value.
static enum err add_field(struct request *request, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0') {
        return ERR_OK;
    }
    struct buf text;
    buf_init(&text, LIMIT_URL);
    enum err e = buf_printf(&text, "%s: %s", name, value);
    if (e == ERR_OK) {
        struct curl_slist *longer = curl_slist_append(request->fields, buf_str(&text));
        e = longer == NULL ? ERR_NOMEM : ERR_OK;
        request->fields = longer == NULL ? request->fields : longer;
    }
    buf_done(&text);
    return e;
}

static enum err set_fields(struct request *request, const struct request_ask *ask)
{
    curl_slist_free_all(request->fields);
    request->fields = NULL;
    bool other = ask->host_header != NULL && strcmp(ask->host_header, ask->host) != 0;
    enum err e = add_field(request, "From", request->policy->from);
    if (e == ERR_OK && ask->forwarded_proto) {
        e = add_field(request, "X-Forwarded-Proto", "https");
    }
    return e == ERR_OK && other ? add_field(request, "Host", ask->host_header) : e;
}

static enum err set_url(struct request *request, const struct request_ask *ask)
{
    struct buf text;
    buf_init(&text, LIMIT_URL * 2);
    bool literal = strchr(ask->host, ':') != NULL;
    enum err e = buf_printf(&text, "%s://%s%s%s%s", ask->https ? "https" : "http",
                            literal ? "[" : "", ask->host, literal ? "]" : "", ask->path);
    if (e == ERR_OK && curl_easy_setopt(request->easy, CURLOPT_URL, buf_str(&text)) != CURLE_OK) {
        e = ERR_NOMEM;
    }
    buf_done(&text);
    return e;
}

static enum err set_ask(struct request *request, const struct request_ask *ask)
{
    CURL *easy = request->easy;
    int64_t connect_ms = request->policy->connect_ms;
    CURLcode e = CURLE_OK;
    SET(CURLOPT_CONNECT_TO, request->connect_to);
    SET(CURLOPT_HTTPHEADER, request->fields);
    SET(CURLOPT_FRESH_CONNECT, ask->fresh ? 1L : 0L);
    SET(CURLOPT_FORBID_REUSE, ask->last ? 1L : 0L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
    SET(CURLOPT_TIMEOUT_MS, (long)ask->total_ms);
    return e == CURLE_OK ? ERR_OK : ERR_NOMEM;
}

static void reset(struct request *request, struct fetch *fetch, const struct request_ask *ask)
{
    request->fetch = fetch;
    request->phase = PHASE_CONNECT;
    request->aborted = ABORT_NONE;
    request->os_errno = 0;
    request->body_max = ask->body_max;
    request->received = request->received_before = 0;
    request->slow_since_ms = 0;
    request->error[0] = '\0';
    request->handshake.now_s = time_now_s();
    headers_done(&request->headers);
    handshake_clear(&request->handshake);
    headers_forget(fetch);
    fetch_drop_body(fetch);
    fetch->body_size = 0;
    request->twin = ask->twin;
    request->alike = 0;
}

enum err request_start(struct request *request, struct fetch *fetch, const struct request_ask *ask)
{
    reset(request, fetch, ask);
    if (ask->fresh || !request_keeps(request, ask->https, ask->host)) {
        request_hang_up(request);
        free(request->fd_host);
        request->fd_host = strdup(ask->host);
        request->fd_https = ask->https;
    }
    enum err e = request->fd_host == NULL ? ERR_NOMEM : pin(request, ask);
    if (e == ERR_OK) {
        e = set_fields(request, ask);
    }
    if (e == ERR_OK) {
        e = set_url(request, ask);
    }
    return e == ERR_OK ? set_ask(request, ask) : e;
}

static uint32_t time_of(CURL *easy, CURLINFO info)
{
    curl_off_t us = 0;
    (void)curl_easy_getinfo(easy, info, &us);
    return us <= 0 ? 0 : (uint32_t)(us / 1000);
}

// Of the first connection of a fetch; the waiting for the first byte is that of the last answer.
static void take_times(struct request *request)
{
    struct fetch *fetch = request->fetch;
    uint32_t connected = time_of(request->easy, CURLINFO_CONNECT_TIME_T);
    uint32_t secured = time_of(request->easy, CURLINFO_APPCONNECT_TIME_T);
    if (fetch->connect_ms == 0) {
        fetch->connect_ms = connected;
    }
    if (fetch->tls_ms == 0 && secured > connected) {
        fetch->tls_ms = secured - connected;
    }
    fetch->first_byte_ms = time_of(request->easy, CURLINFO_STARTTRANSFER_TIME_T);
    fetch->total_ms += time_of(request->easy, CURLINFO_TOTAL_TIME_T);
}

static void judge_outcome(struct request *request, CURLcode code)
{
    struct fetch *fetch = request->fetch;
    const struct crawler_policy *policy = request->policy;
    struct failure failure = {
        .code = code,
        .phase = request->phase,
        .aborted = request->aborted,
        .os_errno = request->os_errno,
        .text = request->error,
        .encoding = fetch->content_encoding,
        .client_certificate_requested = request->handshake.certificate_requested,
        .connect_ms = policy->connect_ms,
        .total_ms = policy->total_ms,
        .low_speed_bytes = policy->low_speed_bytes,
        .low_speed_s = policy->low_speed_s,
    };
    if (failure.os_errno == 0) {
        (void)curl_easy_getinfo(request->easy, CURLINFO_OS_ERRNO, &failure.os_errno);
    }
    fetch->outcome = outcome_of(fetch->words, &failure);
    fetch->phase = fetch->outcome == OUTCOME_OK ? PHASE_DONE : request->phase;
    if (fetch->outcome == OUTCOME_OK && request->handshake.certificate_requested &&
        outcome_demands_certificate(fetch->status, buf_span(&fetch->body))) {
        fetch->outcome = OUTCOME_CLIENT_CERTIFICATE;
        outcome_words(fetch->words, "status %d: a client certificate is demanded", fetch->status);
    }
}

// Bodies wait in memory until the whole visit is done: give the slack of doubling back.
static void shrink(struct buf *body)
{
    if (body->at != NULL && body->cap > body->len + body->len / 8 + 64) {
        char *at = realloc(body->at, body->len + 1);
        if (at != NULL) {
            body->at = at;
            body->cap = body->len + 1;
        }
    }
}

static enum err settle_body(struct request *request)
{
    struct fetch *fetch = request->fetch;
    struct fetch *twin = request->twin;
    if (twin == NULL || request->alike == 0 || request->alike < twin->body.len) {
        enum err e = part_from_twin(request);
        shrink(&fetch->body);
        return e;
    }
    request->twin = NULL;
    request->alike = 0;
    return fetch_share_body(fetch, twin);
}

void request_finish(struct request *request, CURLcode code)
{
    struct fetch *fetch = request->fetch;
    enum err e = settle_body(request);
    take_times(request);
    judge_outcome(request, code);
    if (fetch->tls == NULL) {
        fetch->tls = handshake_take(&request->handshake);
    }
    if (request->handshake.failed || e != ERR_OK) {
        fetch->outcome = OUTCOME_OVERLOAD;
        outcome_words(fetch->words, "no memory to %s",
                      e == ERR_OK ? "judge the certificate" : "keep the page");
    }
    request->fetch = NULL;
}

bool request_too_slow(struct request *request, int64_t now_ms)
{
    const struct crawler_policy *policy = request->policy;
    uint64_t since = request->received - request->received_before;
    request->received_before = request->received;
    // Before the first byte only the total time counts: thinking is not dripping.
    if (request->phase < PHASE_HEADERS || since >= (uint64_t)policy->low_speed_bytes) {
        request->slow_since_ms = 0;
        return false;
    }
    if (request->slow_since_ms == 0) {
        request->slow_since_ms = now_ms;
    }
    if (now_ms - request->slow_since_ms < policy->low_speed_s * 1000) {
        return false;
    }
    request->aborted = ABORT_TOO_SLOW;
    return true;
}

void request_hang_up(struct request *request)
{
    if (request->fd >= 0) {
        (void)shutdown(request->fd, SHUT_RDWR);
        request->fd = -1;
    }
}

bool request_keeps(const struct request *request, bool https, const char *host)
{
    return request->fd >= 0 && request->fd_https == https && request->fd_host != NULL &&
           strcmp(request->fd_host, host) == 0;
}
