// SPDX-License-Identifier: Apache-2.0
#include "cli/metrics_server.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/listen.h"

#define CONNECTIONS  16
#define TIMEOUT_S    10
#define ANSWER_MAX   ((size_t)1 << 20)
#define CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct metrics_server {
    struct MHD_Daemon *daemon;
    char *store; // owned
    pthread_mutex_t lock;
    struct controller_sums controller; // under lock, as the next
    struct scan_sums scans;
};

static enum err render(struct metrics_server *server, struct buf *out, struct why *why)
{
    OWN(db_own) struct db *db = NULL;
    (void)pthread_mutex_lock(&server->lock);
    const struct controller_sums controller = server->controller;
    const struct scan_sums scans = server->scans;
    (void)pthread_mutex_unlock(&server->lock);
    enum err e = db_open(&db, server->store, DB_READ, why);
    return e == ERR_OK ? metrics_print(db, &controller, &scans, out, why) : e;
}

static enum MHD_Result reply(struct MHD_Connection *connection, unsigned status, const char *text,
                             size_t length)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(length, (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
    if (response == NULL) {
        return MHD_NO;
    }
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, CONTENT_TYPE);
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED) {
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    }
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result answer(void *ctx, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state)
{
    (void)version;
    (void)upload;
    struct metrics_server *server = ctx;
    if (*state == NULL) { // the first call has the headers alone
        *state = server;
        return MHD_YES;
    }
    if (*upload_size > 0) {
        *upload_size = 0;
        return MHD_YES;
    }
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
        return reply(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET only\n", 9);
    }
    if (strcmp(url, "/healthz") == 0) {
        return reply(connection, MHD_HTTP_OK, "ok\n", 3);
    }
    if (strcmp(url, "/metrics") != 0) {
        return reply(connection, MHD_HTTP_NOT_FOUND, "see /metrics\n", 13);
    }
    struct why why = {""};
    struct buf text;
    buf_init(&text, ANSWER_MAX);
    enum err e = render(server, &text, &why);
    enum MHD_Result queued = e == ERR_OK ? reply(connection, MHD_HTTP_OK, buf_str(&text), text.len)
                                         : reply(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
                                                 why_text(&why, e), strlen(why_text(&why, e)));
    buf_done(&text);
    return queued;
}

void metrics_server_stop(struct metrics_server *server)
{
    if (server == NULL) {
        return;
    }
    if (server->daemon != NULL) {
        MHD_stop_daemon(server->daemon);
    }
    (void)pthread_mutex_destroy(&server->lock);
    free(server->store);
    free(server);
}

enum err metrics_server_start(struct metrics_server **out, const char *where, const char *store,
                              struct why *why)
{
    struct sockaddr_storage address;
    enum err e = listen_parse(&address, where, LISTEN_GIVEN_PORT, 9108, why);
    if (e != ERR_OK) {
        return e;
    }
    struct metrics_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        return ERR_NOMEM;
    }
    (void)pthread_mutex_init(&server->lock, NULL);
    server->store = strdup(store);
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD |
                     (address.ss_family == AF_INET6 ? (unsigned)MHD_USE_IPv6 : 0);
    server->daemon =
        server->store == NULL
            ? NULL
            : MHD_start_daemon(flags, 0, NULL, NULL, answer, server, MHD_OPTION_SOCK_ADDR,
                               (struct sockaddr *)&address, MHD_OPTION_CONNECTION_LIMIT,
                               (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
                               (unsigned)TIMEOUT_S, MHD_OPTION_END);
    if (server->daemon == NULL) {
        metrics_server_stop(server);
        return why_set(why, ERR_UNAVAILABLE,
                       "%.80s: cannot listen there; is the port taken, or the address another "
                       "machine's?",
                       where);
    }
    *out = server;
    return ERR_OK;
}

void metrics_server_tell(struct metrics_server *server, const struct controller_sums *sums)
{
    if (server != NULL) {
        (void)pthread_mutex_lock(&server->lock);
        server->controller = *sums;
        (void)pthread_mutex_unlock(&server->lock);
    }
}

void metrics_server_scanned(struct metrics_server *server, const struct pipeline_result *result)
{
    if (server != NULL) {
        (void)pthread_mutex_lock(&server->lock);
        scan_sums_add(&server->scans, result);
        (void)pthread_mutex_unlock(&server->lock);
    }
}
