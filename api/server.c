// SPDX-License-Identifier: Apache-2.0
// HTTP, by libmicrohttpd: a pool of threads, each with its own handle of the store, and one more
// that tells edges what was set by hand.
#include "api/server.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "core/listen.h"
#include "core/time.h"

#define CONNECTION_MEMORY ((size_t)32 << 10)    // request line and headers of one connection
#define DISCARD_MAX       (16 * LIMIT_API_BODY) // of a body that is too long; then the line is cut
#define DATE_SIZE         40

// One request while it arrives.
struct arriving {
    char *target; // owned
    struct buf body;
    size_t discarded;
    bool begun;
};

static void arriving_free(struct arriving *arriving)
{
    if (arriving != NULL) {
        free(arriving->target);
        buf_done(&arriving->body);
        free(arriving);
    }
}

static struct deadline *deadline_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

static void on_connection(void *ctx, struct MHD_Connection *connection, void **deadline,
                          enum MHD_ConnectionNotificationCode how)
{
    struct api_server *server = ctx;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (how == MHD_CONNECTION_NOTIFY_CLOSED) { // before its socket is
        deadlines_drop(server->deadlines, *deadline);
        *deadline = NULL;
    } else if (info != NULL) {
        *deadline = deadlines_add(server->deadlines, info->connect_fd);
    }
}

// MHD hands the whole of path and query over here, as it came.
static void *on_target(void *ctx, const char *target, struct MHD_Connection *connection)
{
    const struct api_server *server = ctx;
    struct arriving *arriving = calloc(1, sizeof *arriving);
    if (arriving != NULL) {
        arriving->target = strdup(target);
        buf_init(&arriving->body, LIMIT_API_BODY);
    }
    deadlines_renew(server->deadlines, deadline_of(connection));
    return arriving;
}

static void on_end(void *ctx, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode how)
{
    const struct api_server *server = ctx;
    (void)how;
    deadlines_renew(server->deadlines, deadline_of(connection));
    arriving_free(*state);
    *state = NULL;
}

// -- headers in -----------------------------------------------------------------------------------
struct headers {
    size_t count, lengths, codings, authorizations;
};

static enum MHD_Result count_header(void *ctx, enum MHD_ValueKind kind, const char *name,
                                    const char *value)
{
    struct headers *headers = ctx;
    (void)kind;
    (void)value;
    headers->count++;
    headers->lengths += strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0;
    headers->codings += strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0;
    headers->authorizations += strcasecmp(name, MHD_HTTP_HEADER_AUTHORIZATION) == 0;
    return MHD_YES;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static struct api_ask ask_of(struct MHD_Connection *connection, const char *method,
                             const struct arriving *arriving)
{
    struct headers headers = {0};
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, count_header, &headers);
    return (struct api_ask){
        .method = method,
        .target = arriving->target,
        .authorization = header(connection, MHD_HTTP_HEADER_AUTHORIZATION),
        .content_type = header(connection, MHD_HTTP_HEADER_CONTENT_TYPE),
        .content_encoding = header(connection, MHD_HTTP_HEADER_CONTENT_ENCODING),
        .legacy_key =
            header(connection, "X-Auth-Key") != NULL || header(connection, "X-Auth-Email") != NULL,
        .framed_twice = headers.lengths + headers.codings > 1,
        .authorized_twice = headers.authorizations > 1,
        .header_count = headers.count,
        .body = buf_span(&arriving->body),
        .body_too_long = arriving->discarded > 0,
    };
}

// -- headers out ----------------------------------------------------------------------------------
// RFC 9110 section 5.6.7, in English whatever the locale.
static const char *http_date(char text[DATE_SIZE], int64_t at)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t when = (time_t)at;
    struct tm tm;
    if (gmtime_r(&when, &tm) == NULL) {
        return "";
    }
    (void)snprintf(text, DATE_SIZE, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
                   days + (ptrdiff_t)tm.tm_wday * 3, tm.tm_mday, months + (ptrdiff_t)tm.tm_mon * 3,
                   tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
    return text;
}

static void add(struct MHD_Response *response, const char *name, const char *value)
{
    (void)MHD_add_response_header(response, name, value);
}

static void add_limit(struct MHD_Response *response, const struct api_reply *reply, int64_t now)
{
    char text[96];
    char date[DATE_SIZE];
    int64_t left = reply->reset_at > now ? reply->reset_at - now : 0;
    (void)snprintf(text, sizeof text, "%" PRId64, reply->limit);
    add(response, "x-ratelimit-limit", text);
    (void)snprintf(text, sizeof text, "%" PRId64, reply->remaining);
    add(response, "x-ratelimit-remaining", text);
    add(response, "x-ratelimit-reset", http_date(date, reply->reset_at));
    (void)snprintf(text, sizeof text, "\"default\";r=%" PRId64 ";t=%" PRId64, reply->remaining,
                   left);
    add(response, "ratelimit", text);
    (void)snprintf(text, sizeof text, "\"default\";q=%" PRId64 ";w=%" PRId64, reply->limit,
                   reply->window_s);
    add(response, "ratelimit-policy", text);
}

static void add_headers(struct MHD_Response *response, const struct api_reply *reply)
{
    char seconds[32];
    add(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
    add(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    add(response, "X-Content-Type-Options", "nosniff");
    if (reply->limit > 0) {
        add_limit(response, reply, time_now_s());
    }
    if (reply->retry_after_s > 0) {
        (void)snprintf(seconds, sizeof seconds, "%" PRId64, reply->retry_after_s);
        add(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
    }
    if (reply->allow != NULL) {
        add(response, MHD_HTTP_HEADER_ALLOW, reply->allow);
    }
    if (reply->status == MHD_HTTP_UNAUTHORIZED) {
        add(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
    }
    if (reply->status == api_code_status(API_TOO_LARGE)) {
        add(response, MHD_HTTP_HEADER_CONNECTION, "close");
    }
}

static enum MHD_Result send_reply(struct MHD_Connection *connection, struct api_reply *reply)
{
    char *text = api_reply_print(reply);
    if (text == NULL) {
        return MHD_NO;
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        free(text);
        return MHD_NO;
    }
    add_headers(response, reply);
    enum MHD_Result queued = MHD_queue_response(connection, reply->status, response);
    MHD_destroy_response(response);
    return queued;
}

// -- one request ----------------------------------------------------------------------------------
static void own_reply(struct api_reply *reply)
{
    api_reply_done(reply);
}

static enum MHD_Result answer(struct api_server *server, struct MHD_Connection *connection,
                              const char *method, const struct arriving *arriving)
{
    struct why why = {""};
    OWN(own_reply) struct api_reply reply = {0};
    struct api_worker *worker = NULL;
    enum err e = api_server_worker(&worker, server, &why);
    if (e != ERR_OK) {
        log_line(server->place.log, LOG_LEVEL_ERROR, "store: %s", why_text(&why, e));
        api_fail(&reply, API_BUSY);
        reply.retry_after_s = 1;
        return send_reply(connection, &reply);
    }
    struct api_ask ask = ask_of(connection, method, arriving);
    api_answer(worker, &ask, &reply);
    if (ask.method[0] == 'P' && reply.status < 300) {
        api_server_wake(server);
    }
    return send_reply(connection, &reply);
}

// A body that is told to be too long, or framed in two ways, is not read at all.
static bool hopeless(struct MHD_Connection *connection)
{
    struct headers headers = {0};
    const char *length = header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, count_header, &headers);
    return headers.lengths + headers.codings > 1 ||
           (length != NULL &&
            (strlen(length) > 9 || strtol(length, NULL, 10) > (long)LIMIT_API_BODY));
}

static enum MHD_Result take_body(struct arriving *arriving, const char *upload, size_t *size)
{
    if (arriving->discarded > 0 || buf_add(&arriving->body, upload, *size) != ERR_OK) {
        arriving->discarded += *size;
    }
    *size = 0;
    return arriving->discarded > DISCARD_MAX ? MHD_NO : MHD_YES;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **state)
{
    (void)url;
    (void)version;
    struct api_server *server = ctx;
    struct arriving *arriving = *state;
    if (arriving == NULL || arriving->target == NULL) {
        return MHD_NO;
    }
    if (!arriving->begun) { // the first call has the headers alone
        arriving->begun = true;
        if (hopeless(connection)) {
            arriving->discarded = 1;
            return answer(server, connection, method, arriving);
        }
        return MHD_YES;
    }
    return *upload_size > 0 ? take_body(arriving, upload, upload_size)
                            : answer(server, connection, method, arriving);
}

// What MHD complains of comes from clients: its own log would be their diary.
static void silent(void *ctx, const char *fmt, va_list args)
{
    (void)ctx;
    (void)fmt;
    (void)args;
}

static enum err start_daemon(struct api_server *server, struct why *why)
{
    const struct api_policy *policy = &server->policy;
    struct sockaddr_storage address;
    enum err e = listen_parse(&address, policy->listen, LISTEN_ANY_PORT, 8787, why);
    if (e != ERR_OK) {
        return e;
    }
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG;
    flags |= address.ss_family == AF_INET6 ? (unsigned)MHD_USE_IPv6 : 0;
    flags |= server->certificate.len > 0 ? (unsigned)MHD_USE_TLS : 0;
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, server->certificate.at},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, server->key.at},
        {MHD_OPTION_END, 0, NULL},
    };
    if (server->certificate.len == 0) {
        tls[0].option = MHD_OPTION_END;
    }
    struct MHD_OptionItem pool[] = {
        {MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)policy->threads, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    if (policy->threads < 2) {
        pool[0].option = MHD_OPTION_END;
    }
    server->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, server, MHD_OPTION_EXTERNAL_LOGGER, silent, NULL,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_CONNECTION_LIMIT, policy->connections,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, policy->connections_per_address,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)policy->timeout_s,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, MHD_OPTION_URI_LOG_CALLBACK,
        on_target, server, MHD_OPTION_NOTIFY_COMPLETED, on_end, server,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_ARRAY, pool,
        MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
    return server->daemon != NULL
               ? ERR_OK
               : why_set(why, ERR_UNAVAILABLE,
                         "%.80s: cannot listen there; is the port taken, the address another "
                         "machine's, or the certificate not that of the key?",
                         policy->listen);
}

uint16_t api_server_port(const struct api_server *server)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info == NULL ? 0 : info->port;
}

void api_server_stop(struct api_server *server)
{
    if (server == NULL) {
        return;
    }
    if (server->daemon != NULL) {
        MHD_stop_daemon(server->daemon);
    }
    api_server_free(server);
}

enum err api_server_start(struct api_server **out, const struct api_policy *policy,
                          const struct api_place *place, struct why *why)
{
    struct api_server *server = NULL;
    enum err e = api_server_new(&server, policy, place, why);
    if (e == ERR_OK) {
        e = start_daemon(server, why);
    }
    if (e != ERR_OK) {
        api_server_stop(server);
        return e;
    }
    *out = server;
    return ERR_OK;
}
