// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "api/server.h"

#define SETTLE_S      2 // orders of other processes, and those that waited, are seen so soon
#define REQUEST_TIMES 4 // api.timeout: what a whole request may take, its answer included
#define FILE_MAX      ((size_t)1 << 20) // bytes of a certificate with its chain
#define QUIET_TURNS   30                // the same trouble with an edge is told again after so many

struct api_policy api_policy_default(void)
{
    return (struct api_policy){.listen = "127.0.0.1:8787",
                               .threads = 2,
                               .connections = 512,
                               .connections_per_address = 256,
                               .timeout_s = 30,
                               .rate_requests = 1200,
                               .rate_window_s = 300,
                               .recommendation = API_RECOMMENDATION_AUTOMATIC};
}

// -- a thread's own
// ---------------------------------------------------------------------------------
static void worker_free(void *ctx)
{
    struct api_worker *worker = ctx;
    if (worker != NULL) {
        db_close(worker->db);
        free(worker);
    }
}

enum err api_server_worker(struct api_worker **out, struct api_server *server, struct why *why)
{
    *out = pthread_getspecific(server->worker_key);
    if (*out != NULL) {
        return ERR_OK;
    }
    struct api_worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL) {
        return ERR_NOMEM;
    }
    *worker = (struct api_worker){.rate = server->rate,
                                  .policy = &server->policy,
                                  .hands = &server->hands,
                                  .log = server->place.log};
    enum err e = db_open(&worker->db, server->place.store, DB_WRITE, why);
    if (e == ERR_OK && pthread_setspecific(server->worker_key, worker) != 0) {
        e = ERR_NOMEM;
    }
    if (e != ERR_OK) {
        worker_free(worker);
        return e;
    }
    *out = worker;
    return ERR_OK;
}

// -- telling edges
// ----------------------------------------------------------------------------------
void api_server_wake(struct api_server *server)
{
    (void)pthread_mutex_lock(&server->lock);
    server->woken = true;
    (void)pthread_cond_signal(&server->wake);
    (void)pthread_mutex_unlock(&server->lock);
}

void api_server_more_edges(struct api_server *server, size_t edge_count)
{
    (void)pthread_mutex_lock(&server->hands.lock);
    server->hands.edge_count = edge_count;
    (void)pthread_mutex_unlock(&server->hands.lock);
    api_server_wake(server);
}

// True: the server ends.
static bool wait_for_work(struct api_server *server)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += SETTLE_S;
    (void)pthread_mutex_lock(&server->lock);
    int rc = 0;
    while (!server->woken && !server->stop && rc == 0) {
        rc = pthread_cond_timedwait(&server->wake, &server->lock, &until);
    }
    server->woken = false;
    bool stop = server->stop;
    (void)pthread_mutex_unlock(&server->lock);
    return stop;
}

static void settle(struct api_server *server, struct db *db, unsigned *turn)
{
    struct why why = {""};
    struct controller_settled settled = {0};
    (void)pthread_mutex_lock(&server->hands.lock);
    enum err e =
        controller_settle(db, server->hands.edges, server->hands.edge_count, &settled, &why);
    (void)pthread_mutex_unlock(&server->hands.lock);
    bool trouble = e != ERR_OK || settled.words[0] != '\0';
    if (trouble && (*turn)++ % QUIET_TURNS == 0) {
        log_line(server->place.log, LOG_LEVEL_WARNING, "edges: %s; tried again",
                 e != ERR_OK ? why_text(&why, e) : settled.words);
    }
    *turn = trouble ? *turn : 0;
}

static void *settle_for_ever(void *ctx)
{
    struct api_server *server = ctx;
    struct db *db = NULL;
    unsigned turn = 0;
    do {
        struct why why = {""};
        enum err e = db != NULL ? ERR_OK : db_open(&db, server->place.store, DB_WRITE, &why);
        if (e == ERR_OK) {
            settle(server, db, &turn);
        } else if (turn++ % QUIET_TURNS == 0) {
            log_line(server->place.log, LOG_LEVEL_ERROR, "store: %s", why_text(&why, e));
        }
    } while (!wait_for_work(server));
    db_close(db);
    return NULL;
}

// -- beginning and end
// --------------------------------------------------------------------------------
static enum err read_file(struct buf *out, const char *path, struct why *why)
{
    buf_init(out, FILE_MAX);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return why_set(why, ERR_DENIED, "%.200s cannot be read", path);
    }
    enum err e = buf_read(out, file);
    e = e == ERR_OK && out->len == 0 ? ERR_IO : e;
    (void)fclose(file);
    return e == ERR_OK ? e : why_set(why, e, "%.200s cannot be read", path);
}

static enum err read_files(struct api_server *server, struct why *why)
{
    const struct api_policy *policy = &server->policy;
    if (policy->certificate == NULL && policy->key == NULL) {
        return ERR_OK;
    }
    if (policy->certificate == NULL || policy->key == NULL) {
        return why_set(why, ERR_INVALID, "api.certificate and api.key go together");
    }
    enum err e = read_file(&server->certificate, policy->certificate, why);
    return e == ERR_OK ? read_file(&server->key, policy->key, why) : e;
}

static void init_locks(struct api_server *server)
{
    pthread_condattr_t clock;
    (void)pthread_condattr_init(&clock);
    (void)pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&server->wake, &clock);
    (void)pthread_condattr_destroy(&clock);
    (void)pthread_mutex_init(&server->lock, NULL);
    (void)pthread_mutex_init(&server->hands.lock, NULL);
}

static enum err begin(struct api_server *server, struct why *why)
{
    struct db *db = NULL;
    enum err e = db_open(&db, server->place.store, DB_WRITE, why); // tells at once what is wrong
    db_close(db);
    e = e == ERR_OK ? read_files(server, why) : e;
    if (e != ERR_OK) {
        return e;
    }
    if (server->policy.rate_requests > 0) {
        server->rate = rate_new(server->policy.rate_requests, server->policy.rate_window_s);
        e = server->rate == NULL ? ERR_NOMEM : ERR_OK;
    }
    e = e == ERR_OK
            ? deadlines_new(&server->deadlines, server->policy.timeout_s * REQUEST_TIMES * 1000)
            : e;
    server->has_key = e == ERR_OK && pthread_key_create(&server->worker_key, worker_free) == 0;
    server->has_settler =
        server->has_key && pthread_create(&server->settler, NULL, settle_for_ever, server) == 0;
    return server->has_settler ? ERR_OK : ERR_NOMEM;
}

enum err api_server_new(struct api_server **out, const struct api_policy *policy,
                        const struct api_place *place, struct why *why)
{
    struct api_server *server = calloc(1, sizeof *server);
    *out = server;
    if (server == NULL) {
        return ERR_NOMEM;
    }
    server->policy = *policy;
    server->place = *place;
    server->hands.edges = place->edges;
    server->hands.edge_count = place->edge_count;
    server->hands.policy = place->controller;
    init_locks(server);
    return begin(server, why);
}

void api_server_free(struct api_server *server)
{
    if (server->has_settler) {
        (void)pthread_mutex_lock(&server->lock);
        server->stop = true;
        (void)pthread_cond_signal(&server->wake);
        (void)pthread_mutex_unlock(&server->lock);
        (void)pthread_join(server->settler, NULL);
    }
    if (server->has_key) {
        (void)pthread_key_delete(server->worker_key);
    }
    deadlines_free(server->deadlines);
    rate_free(server->rate);
    buf_done(&server->certificate);
    buf_done(&server->key);
    (void)pthread_cond_destroy(&server->wake);
    (void)pthread_mutex_destroy(&server->lock);
    (void)pthread_mutex_destroy(&server->hands.lock);
    free(server);
}
