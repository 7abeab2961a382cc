// SPDX-License-Identifier: Apache-2.0
// The floor: how cheap can a scan be? Plain epoll and OpenSSL, nothing between. Per host it sends
// the requests that `sslauto scan` sends, in the same order and over as many connections (one at a
// time), verifies the chain and the name of every handshake for itself, compares the two home pages
// by bytes, and asks for the control when they differ. It keeps nothing and explains nothing.
//
//   floor LIST ROOTS HTTP-PORT HTTPS-PORT CONNECTIONS PAGE     LIST: lines of "name address"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ANSWER_MAX = 256 * 1024,
    REQUEST_MAX = 1024,
    HOST_MAX = 256,
    EVENTS = 256,
};

// What is asked for, in this order.
enum step {
    STEP_ROBOTS,
    STEP_HTTP,
    STEP_HTTPS,
    STEP_PAGE_HTTPS,
    STEP_CONTROL,
    STEP_PAGE_HTTP,
    STEP_END
};

struct connection {
    int fd; // -1 = none
    SSL *ssl;
    bool connected;
};

struct visit {
    char host[HOST_MAX];
    struct sockaddr_in address;
    enum step step;
    struct connection plain, tls;
    char request[REQUEST_MAX];
    size_t request_size, request_sent;
    char *answer;
    size_t answer_size;
    char *home; // the home page over HTTP
    size_t home_size;
    bool differs;
    bool idle; // no host left for this slot
};

struct floor {
    FILE *list;
    bool list_read;
    SSL_CTX *ctx;
    int epoll;
    uint16_t http_port, https_port;
    const char *page;
    size_t running;
    size_t hosts, full, strict, differing, failed, requests;
};

static void give_up(const char *what)
{
    fprintf(stderr, "floor: %s\n", what);
    exit(1);
}

// -- connections ------------------------------------------------------------------------------
static void connection_close(struct connection *c)
{
    SSL_free(c->ssl);
    if (c->fd >= 0) {
        close(c->fd);
    }
    *c = (struct connection){.fd = -1};
}

static bool connection_open(struct floor *f, struct visit *v, struct connection *c, bool secure)
{
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) {
        return false;
    }
    int one = 1;
    (void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    v->address.sin_port = htons(secure ? f->https_port : f->http_port);
    if (connect(c->fd, (const struct sockaddr *)&v->address, sizeof v->address) != 0 &&
        errno != EINPROGRESS) {
        return false;
    }
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = v};
    if (epoll_ctl(f->epoll, EPOLL_CTL_ADD, c->fd, &event) != 0) {
        return false;
    }
    if (secure) {
        c->ssl = SSL_new(f->ctx);
        SSL_set_fd(c->ssl, c->fd);
        SSL_set_tlsext_host_name(c->ssl, v->host);
        SSL_set_connect_state(c->ssl);
    }
    return true;
}

// One handshake, two verdicts.
static void judge(struct floor *f, const struct visit *v)
{
    f->full++;
    X509 *leaf = SSL_get0_peer_certificate(v->tls.ssl);
    bool name_ok = leaf && X509_check_host(leaf, v->host, 0, 0, NULL) == 1;
    if (name_ok && SSL_get_verify_result(v->tls.ssl) == X509_V_OK) {
        f->strict++;
    }
}

enum io {
    IO_MORE,
    IO_WAIT,
    IO_END,
    IO_FAILED
};

static enum io tls_outcome(SSL *ssl, int result)
{
    switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return IO_WAIT;
    case SSL_ERROR_ZERO_RETURN:
        return IO_END;
    default:
        ERR_clear_error();
        return IO_FAILED;
    }
}

static enum io plain_outcome(ssize_t n)
{
    if (n == 0) {
        return IO_END;
    }
    return errno == EAGAIN ? IO_WAIT : IO_FAILED;
}

static enum io connection_ready(struct floor *f, struct visit *v, struct connection *c)
{
    if (c->connected) {
        return IO_MORE;
    }
    int error = 0;
    socklen_t size = sizeof error;
    struct sockaddr_in peer;
    socklen_t peer_size = sizeof peer;
    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
        return IO_FAILED;
    }
    if (getpeername(c->fd, (struct sockaddr *)&peer, &peer_size) != 0) {
        return IO_WAIT;
    }
    if (c->ssl) {
        int result = SSL_connect(c->ssl);
        if (result != 1) {
            return tls_outcome(c->ssl, result);
        }
        judge(f, v);
    }
    c->connected = true;
    return IO_MORE;
}

static enum io connection_write(struct connection *c, struct visit *v)
{
    while (v->request_sent < v->request_size) {
        const char *at = v->request + v->request_sent;
        size_t left = v->request_size - v->request_sent;
        ssize_t n = c->ssl ? SSL_write(c->ssl, at, (int)left) : send(c->fd, at, left, MSG_NOSIGNAL);
        if (n <= 0) {
            return c->ssl ? tls_outcome(c->ssl, (int)n) : plain_outcome(n);
        }
        v->request_sent += (size_t)n;
    }
    return IO_MORE;
}

static enum io connection_read(struct connection *c, struct visit *v)
{
    size_t room = ANSWER_MAX - 1 - v->answer_size;
    if (room == 0) {
        return IO_FAILED;
    }
    char *at = v->answer + v->answer_size;
    ssize_t n = c->ssl ? SSL_read(c->ssl, at, (int)room) : recv(c->fd, at, room, 0);
    if (n <= 0) {
        return c->ssl ? tls_outcome(c->ssl, (int)n) : plain_outcome(n);
    }
    v->answer_size += (size_t)n;
    v->answer[v->answer_size] = '\0';
    return IO_MORE;
}

// -- answers ----------------------------------------------------------------------------------
// Joins the chunks at body in place. False when the last one is not there yet.
static bool dechunk(char *body, size_t size, size_t *out)
{
    if (size < 5 || memcmp(body + size - 5, "0\r\n\r\n", 5) != 0) {
        return false;
    }
    const char *at = body;
    const char *end = body + size;
    size_t joined = 0;
    while (at < end) {
        char *line_end;
        size_t chunk = strtoul(at, &line_end, 16);
        at = line_end + 2;
        if (chunk == 0 || chunk > (size_t)(end - at)) {
            break;
        }
        memmove(body + joined, at, chunk);
        joined += chunk;
        at += chunk + 2;
    }
    *out = joined;
    return true;
}

// True when the answer is whole.
static bool answer_body(struct visit *v, char **body, size_t *size)
{
    char *head_end = memmem(v->answer, v->answer_size, "\r\n\r\n", 4);
    if (!head_end) {
        return false;
    }
    if (v->step != STEP_ROBOTS && strncmp(v->answer, "HTTP/1.1 200 ", 13) != 0) {
        give_up("the farm does not serve its pages");
    }
    *body = head_end + 4;
    size_t have = v->answer_size - (size_t)(*body - v->answer);
    *head_end = '\0';
    const char *length = strcasestr(v->answer, "\r\nContent-Length:");
    bool whole;
    if (length) {
        *size = strtoul(length + strlen("\r\nContent-Length:"), NULL, 10);
        whole = have >= *size;
    } else {
        whole = dechunk(*body, have, size);
    }
    *head_end = '\r';
    return whole;
}

// -- visits -----------------------------------------------------------------------------------
static struct connection *visit_connection(struct visit *v)
{
    bool secure = v->step == STEP_HTTPS || v->step == STEP_PAGE_HTTPS;
    return secure ? &v->tls : &v->plain;
}

static void visit_ask(struct floor *f, struct visit *v)
{
    const char *path = "/";
    if (v->step == STEP_ROBOTS) {
        path = "/robots.txt";
    } else if (v->step == STEP_PAGE_HTTPS || v->step == STEP_PAGE_HTTP) {
        path = f->page;
    }
    int n = snprintf(v->request, sizeof v->request,
                     "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: floor\r\nAccept: */*\r\n\r\n",
                     path, v->host);
    v->request_size = (size_t)n;
    v->request_sent = 0;
    v->answer_size = 0;
    f->requests++;
}

static bool visit_begin(struct floor *f, struct visit *v)
{
    char address[64];
    if (f->list_read || fscanf(f->list, "%255s %63s", v->host, address) != 2) {
        f->list_read = true;
        return false;
    }
    v->address = (struct sockaddr_in){.sin_family = AF_INET};
    if (inet_pton(AF_INET, address, &v->address.sin_addr) != 1) {
        give_up("bad address in the list");
    }
    v->step = STEP_ROBOTS;
    v->differs = false;
    f->hosts++;
    visit_ask(f, v);
    return true;
}

static void visit_learn(struct floor *f, struct visit *v, const char *body, size_t size)
{
    if (v->step == STEP_HTTP) {
        memcpy(v->home, body, size);
        v->home_size = size;
    } else if (v->step == STEP_HTTPS) {
        v->differs = size != v->home_size || memcmp(v->home, body, size) != 0;
        f->differing += v->differs;
    }
}

// Goes on with the next request. False when the host is done.
static bool visit_next(struct floor *f, struct visit *v)
{
    struct connection *used = visit_connection(v);
    do {
        v->step++;
    } while (v->step == STEP_CONTROL && !v->differs);
    if (v->step == STEP_END) {
        return false;
    }
    if (visit_connection(v) != used) {
        connection_close(used);
    }
    visit_ask(f, v);
    return true;
}

static void visit_close(struct visit *v)
{
    connection_close(&v->plain);
    connection_close(&v->tls);
}

// Drives one slot as far as it goes.
static void visit_run(struct floor *f, struct visit *v)
{
    while (!v->idle) {
        struct connection *c = visit_connection(v);
        enum io io = IO_MORE;
        if (c->fd < 0) {
            io = connection_open(f, v, c, c == &v->tls) ? IO_WAIT : IO_FAILED;
        } else {
            io = connection_ready(f, v, c);
            io = io == IO_MORE ? connection_write(c, v) : io;
            io = io == IO_MORE ? connection_read(c, v) : io;
        }
        if (io == IO_WAIT) {
            return;
        }
        char *body;
        size_t size;
        bool done = io != IO_MORE;
        if (done) {
            f->failed++;
        } else if (answer_body(v, &body, &size)) {
            visit_learn(f, v, body, size);
            done = !visit_next(f, v);
        }
        if (done) {
            visit_close(v);
            v->idle = !visit_begin(f, v);
            f->running -= v->idle;
        }
    }
}

// -- the program ------------------------------------------------------------------------------
// Verification never ends the handshake: the verdict is read afterwards.
static int accept_all(int ok, X509_STORE_CTX *ctx)
{
    (void)ok;
    (void)ctx;
    return 1;
}

static void prepare(struct floor *f, char **argv)
{
    f->list = fopen(argv[1], "re");
    f->ctx = SSL_CTX_new(TLS_client_method());
    f->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!f->list || !f->ctx || f->epoll < 0 ||
        SSL_CTX_load_verify_locations(f->ctx, argv[2], NULL) != 1) {
        give_up("cannot read the list or the roots");
    }
    SSL_CTX_set_verify(f->ctx, SSL_VERIFY_NONE, accept_all);
    SSL_CTX_set_session_cache_mode(f->ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(f->ctx, SSL_OP_NO_TICKET | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(f->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE);
    f->http_port = (uint16_t)strtoul(argv[3], NULL, 10);
    f->https_port = (uint16_t)strtoul(argv[4], NULL, 10);
    f->page = argv[6];
}

static void loop(struct floor *f, size_t slots)
{
    struct visit *visits = calloc(slots, sizeof *visits);
    if (!visits) {
        give_up("out of memory");
    }
    for (size_t i = 0; i < slots; i++) {
        struct visit *v = &visits[i];
        v->plain.fd = v->tls.fd = -1;
        v->answer = malloc(ANSWER_MAX);
        v->home = malloc(ANSWER_MAX);
        if (!v->answer || !v->home) {
            give_up("out of memory");
        }
        v->idle = !visit_begin(f, v);
        f->running += !v->idle;
        visit_run(f, v);
    }
    while (f->running > 0) {
        struct epoll_event events[EVENTS];
        int n = epoll_wait(f->epoll, events, EVENTS, 60000);
        if (n <= 0) {
            give_up("nothing happened for a minute");
        }
        for (int i = 0; i < n; i++) {
            visit_run(f, events[i].data.ptr);
        }
    }
    for (size_t i = 0; i < slots; i++) {
        free(visits[i].answer);
        free(visits[i].home);
    }
    free(visits);
}

int main(int argc, char **argv)
{
    if (argc != 7) {
        give_up("usage: floor LIST ROOTS HTTP-PORT HTTPS-PORT CONNECTIONS PAGE");
    }
    struct floor f = {0};
    prepare(&f, argv);
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    loop(&f, strtoul(argv[5], NULL, 10));
    clock_gettime(CLOCK_MONOTONIC, &end);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double wall = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
    double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                 (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    printf("hosts %zu requests %zu full %zu strict %zu differing %zu failed %zu seconds %.2f "
           "cpu_s %.2f cpu_ms_per_host %.3f hosts_per_s %.0f rss_mib %.1f\n",
           f.hosts, f.requests, f.full, f.strict, f.differing, f.failed, wall, cpu,
           cpu * 1000 / (double)f.hosts, (double)f.hosts / wall, (double)usage.ru_maxrss / 1024);
    (void)fclose(f.list);
    close(f.epoll);
    SSL_CTX_free(f.ctx);
    return f.failed != 0;
}
