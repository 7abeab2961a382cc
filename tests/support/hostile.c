// SPDX-License-Identifier: Apache-2.0
// hostile CHAIN KEY SITE < TABLE: origins that misbehave as no ordinary server can be told to.
//
// TABLE has lines "ADDRESS PORT tcp|tls BEHAVIOUR". Prints "READY" when all of them listen. On
// SIGTERM it prints "COUNT ADDRESS PORT CONNECTIONS" for each and ends. Every behaviour that is
// not about robots.txt answers it with 404. Files come from SITE.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/attr.h"
#include "core/num.h"

#define LISTENERS_MAX 256
#define FILLERS       4
#define PATIENCE_S    20 // longer than any limit the tests set, shorter than a test's own

struct listener {
    char address[64];
    uint16_t port;
    bool tls;
    const struct behaviour *behaviour;
    int fd;
    int fillers[FILLERS];
    atomic_uint connections;
    atomic_uint answers; // given by the behaviour, robots.txt not counted
};

struct visitor {
    struct listener *listener;
    int fd;
    SSL *ssl; // NULL on tcp
    char request[8192];
    char path[1024];
};

struct hostile {
    SSL_CTX *tls;
    const char *site;
    struct listener listeners[LISTENERS_MAX];
    size_t count;
};

struct task {
    struct hostile *hostile;
    struct listener *listener;
    int fd;
};

// -- talking ---------------------------------------------------------------------------------

static bool say(struct visitor *v, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t n = v->ssl ? SSL_write(v->ssl, at, (int)(len > 16384 ? 16384 : len))
                           : send(v->fd, at, len, MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static bool say_text(struct visitor *v, const char *text)
{
    return say(v, text, strlen(text));
}

// Reads the head of a request; false when none came.
static bool hear(struct visitor *v)
{
    size_t len = 0;
    v->request[0] = '\0';
    while (!strstr(v->request, "\r\n\r\n")) {
        size_t room = sizeof(v->request) - 1 - len;
        ssize_t n = v->ssl ? SSL_read(v->ssl, v->request + len, (int)room)
                           : recv(v->fd, v->request + len, room, 0);
        if (n <= 0 || (size_t)n == room) {
            return false;
        }
        len += (size_t)n;
        v->request[len] = '\0';
    }
    return sscanf(v->request, "%*15s %1023s", v->path) == 1;
}

static void reset(struct visitor *v)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(v->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close(v->fd);
    v->fd = -1;
}

// Says nothing until the visitor leaves or patience ends.
static void wait_for_end(struct visitor *v)
{
    char bin[4096];
    while (recv(v->fd, bin, sizeof(bin), 0) > 0) {
    }
}

static void answer(struct visitor *v, const char *status, const char *headers, const char *body)
{
    char head[1024];
    (void)snprintf(head, sizeof(head),
                   "HTTP/1.1 %s\r\nContent-Type: text/html\r\n%sContent-Length: %zu\r\n"
                   "Connection: close\r\n\r\n",
                   status, headers, strlen(body));
    (void)(say_text(v, head) && say_text(v, body));
}

static void serve_file(struct hostile *h, struct visitor *v)
{
    char file[2048];
    const char *path = strcmp(v->path, "/") == 0 ? "/index.html" : v->path;
    (void)snprintf(file, sizeof(file), "%s%s", h->site, path);
    FILE *in = strstr(path, "..") ? NULL : fopen(file, "re");
    if (!in) {
        answer(v, "404 Not Found", "", "<h1>Not found</h1>");
        return;
    }
    char body[65536];
    size_t len = fread(body, 1, sizeof(body) - 1, in);
    (void)fclose(in);
    body[len] = '\0';
    answer(v, "200 OK", "", body);
}

// -- behaviours before TLS -------------------------------------------------------------------

static void tcp_alert(struct hostile *h, struct visitor *v)
{
    (void)h;
    char hello[16384];
    (void)recv(v->fd, hello, sizeof(hello), 0);
    // A fatal handshake_failure, RFC 8446 section 6.
    (void)say(v, "\x15\x03\x01\x00\x02\x02\x28", 7);
}

static void tcp_silence(struct hostile *h, struct visitor *v)
{
    (void)h;
    wait_for_end(v);
}

static void tcp_close(struct hostile *h, struct visitor *v)
{
    (void)h;
    (void)v;
}

static void tcp_reset(struct hostile *h, struct visitor *v)
{
    (void)h;
    char hello[16384];
    (void)recv(v->fd, hello, sizeof(hello), 0);
    reset(v);
}

static void tcp_ssh(struct hostile *h, struct visitor *v)
{
    (void)h;
    (void)say_text(v, "SSH-2.0-OpenSSH_9.2p1\r\n");
    wait_for_end(v);
}

// -- behaviours after the request ------------------------------------------------------------

static void http_silence(struct hostile *h, struct visitor *v)
{
    (void)h;
    wait_for_end(v);
}

static void http_empty(struct hostile *h, struct visitor *v)
{
    (void)h;
    (void)v;
}

static void http_drip(struct hostile *h, struct visitor *v)
{
    (void)h;
    bool on = say_text(v, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                          "Content-Length: 100000\r\n\r\n<html><body>");
    for (int i = 0; on && i < PATIENCE_S * 4; i++) {
        (void)usleep(250000);
        on = say_text(v, "x");
    }
}

static void http_drip_headers(struct hostile *h, struct visitor *v)
{
    (void)h;
    bool on = say_text(v, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; on && i < PATIENCE_S * 4; i++) {
        (void)usleep(250000);
        on = say_text(v, "X-More: and more\r\n");
    }
}

static void http_endless_body(struct hostile *h, struct visitor *v)
{
    (void)h;
    bool on = say_text(v, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                          "Connection: close\r\n\r\n<html><body>");
    while (on) {
        on = say_text(v, "<p>There is always one more paragraph to read on this page.</p>\n");
    }
}

static void http_endless_headers(struct hostile *h, struct visitor *v)
{
    (void)h;
    bool on = say_text(v, "HTTP/1.1 200 OK\r\n");
    while (on) {
        on = say_text(v, "X-More: and more, and more, and more, and more, and more\r\n");
    }
}

static void http_huge_header(struct hostile *h, struct visitor *v)
{
    (void)h;
    static const char filling[] =
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    bool on = say_text(v, "HTTP/1.1 200 OK\r\nX-Long: ");
    for (int i = 0; on && i < 16384; i++) { // 1 MiB in one line
        on = say_text(v, filling);
    }
    (void)(on && say_text(v, "\r\nContent-Length: 2\r\n\r\nok"));
}

// Deflate with the fixed code (RFC 1951 section 3.2.6): a literal, then for ever "258 bytes from
// one byte back", 13 bits each; 8 of them are 13 bytes and stand for 2,064.
static void http_gzip_bomb(struct hostile *h, struct visitor *v)
{
    (void)h;
    unsigned char block[13 * 64] = {0};
    for (size_t i = 0; i < sizeof(block) * 8 / 13; i++) {
        static const unsigned char length_258[8] = {1, 1, 0, 0, 0, 1, 0, 1};
        for (size_t bit = 0; bit < 8; bit++) {
            size_t at = i * 13 + bit;
            block[at / 8] = (unsigned char)(block[at / 8] | (length_258[bit] << (at % 8)));
        }
    }
    // The head of the block is 3 bits; with five literals of 9 bits and one of 8 it fills 7 bytes.
    static const unsigned char gzip_head[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    static const char start_bits[] = "010"
                                     "110010000110010000110010000110010000110010000"
                                     "10010001"; // 'a', that the matches repeat
    unsigned char start[7] = {0};
    for (size_t at = 0; at < sizeof(start) * 8; at++) {
        unsigned bit = start_bits[at] == '1' ? 1U << at % 8 : 0;
        start[at / 8] = (unsigned char)(start[at / 8] | bit);
    }
    bool on = say_text(v, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                          "Content-Encoding: gzip\r\nConnection: close\r\n\r\n");
    on = on && say(v, gzip_head, sizeof(gzip_head)) && say(v, start, sizeof(start));
    for (int i = 0; on && i < 4096; i++) { // 3.4 MB that stand for 540 MB
        on = say(v, block, sizeof(block));
    }
}

static void http_bad_gzip(struct hostile *h, struct visitor *v)
{
    (void)h;
    answer(v, "200 OK", "Content-Encoding: gzip\r\n", "<html>this was never compressed</html>");
}

static void http_two_lengths(struct hostile *h, struct visitor *v)
{
    (void)h;
    (void)say_text(v, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n"
                      "Content-Length: 40\r\nConnection: close\r\n\r\n"
                      "<p>Which of the two lengths counts?</p>\n");
}

static void http_negative_length(struct hostile *h, struct visitor *v)
{
    (void)h;
    (void)say_text(v, "HTTP/1.1 200 OK\r\nContent-Length: -7\r\n\r\n<p>less than nothing</p>");
}

static void http_09(struct hostile *h, struct visitor *v)
{
    (void)h;
    (void)say_text(v, "<html><body>An answer of 1991, without a head</body></html>\n");
}

static void http_switching(struct hostile *h, struct visitor *v)
{
    (void)h;
    (void)say_text(v, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: nonsense\r\n"
                      "Connection: Upgrade\r\n\r\nnonsense");
    wait_for_end(v);
}

static void http_endless_continue(struct hostile *h, struct visitor *v)
{
    (void)h;
    bool on = true;
    while (on) {
        on = say_text(v, "HTTP/1.1 100 Continue\r\n\r\n");
    }
}

static void http_reset_body(struct hostile *h, struct visitor *v)
{
    (void)h;
    (void)say_text(v, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n"
                      "\r\n<html><body><p>Half of a");
    (void)usleep(50000);
    reset(v);
}

static void http_short_body(struct hostile *h, struct visitor *v)
{
    (void)h;
    (void)say_text(v, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n"
                      "Connection: close\r\n\r\n<html><body><p>Half of a");
}

static void http_bad_chunk(struct hostile *h, struct visitor *v)
{
    (void)h;
    (void)say_text(v, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n5\r\n<html\r\nZZZ\r\n>\r\n");
}

// No length, no chunks: the end of the connection is the end of the body (RFC 9112 section 6.3).
static void http_no_length(struct hostile *h, struct visitor *v)
{
    (void)h;
    (void)say_text(v, "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<html><body>"
                      "<p>This page ends where the connection ends, as pages did in the days of "
                      "HTTP/1.0, and every client has to live with it to this day.</p>"
                      "</body></html>\n");
}

static void http_503_once(struct hostile *h, struct visitor *v)
{
    if (atomic_fetch_add(&v->listener->answers, 1) == 0) {
        answer(v, "503 Service Unavailable", "", "<h1>Starting up</h1>");
    } else {
        serve_file(h, v);
    }
}

static void http_retry_after(struct hostile *h, struct visitor *v)
{
    (void)h;
    answer(v, "503 Service Unavailable", "Retry-After: 3600\r\n", "<h1>Too many visitors</h1>");
}

// Another page at every request, however often it is asked for.
static void http_unstable(struct hostile *h, struct visitor *v)
{
    (void)h;
    static const char *const words[] = {"anchor", "rope",  "salt",  "north", "candle", "river",
                                        "iron",   "apple", "train", "glass", "violin", "meadow",
                                        "copper", "storm", "paper", "chalk"};
    unsigned seed = atomic_fetch_add(&v->listener->answers, 1) * 2654435761U + v->listener->port;
    char body[16384] = "<html><head><title>Now</title></head><body>";
    size_t len = strlen(body);
    for (int i = 0; i < 400; i++) {
        seed = seed * 1103515245U + 12345U;
        const char *word = words[(seed >> 16) % COUNT_OF(words)];
        int n = snprintf(body + len, sizeof(body) - len, "%s%u%s", word, (seed >> 20) & 63U,
                         i % 40 == 39 ? "</p><p>" : " ");
        len += (size_t)n;
    }
    answer(v, "200 OK", "", body);
}

static void http_site(struct hostile *h, struct visitor *v)
{
    serve_file(h, v);
}

static void http_robots_endless(struct hostile *h, struct visitor *v)
{
    if (strcmp(v->path, "/robots.txt") != 0) {
        serve_file(h, v);
        return;
    }
    bool on = say_text(v, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                          "Connection: close\r\n\r\n");
    while (on) {
        on = say_text(v, "User-agent: somebody-else\nDisallow: /\n\n");
    }
}

enum layer {
    LAYER_LISTEN,
    LAYER_TCP,
    LAYER_HTTP
};

static const struct behaviour {
    const char *name;
    enum layer layer;
    bool robots; // answers robots.txt itself
    void (*act)(struct hostile *, struct visitor *);
} behaviours[] = {
    {"syn-dropped", LAYER_LISTEN, false, NULL},
    {"alert", LAYER_TCP, false, tcp_alert},
    {"tcp-silence", LAYER_TCP, false, tcp_silence},
    {"tcp-close", LAYER_TCP, false, tcp_close},
    {"tcp-reset", LAYER_TCP, false, tcp_reset},
    {"ssh", LAYER_TCP, false, tcp_ssh},
    {"site", LAYER_HTTP, false, http_site},
    {"silence", LAYER_HTTP, false, http_silence},
    {"all-silence", LAYER_HTTP, true, http_silence},
    {"empty-reply", LAYER_HTTP, false, http_empty},
    {"drip", LAYER_HTTP, false, http_drip},
    {"drip-headers", LAYER_HTTP, false, http_drip_headers},
    {"endless-body", LAYER_HTTP, false, http_endless_body},
    {"endless-headers", LAYER_HTTP, false, http_endless_headers},
    {"huge-header", LAYER_HTTP, false, http_huge_header},
    {"gzip-bomb", LAYER_HTTP, false, http_gzip_bomb},
    {"bad-gzip", LAYER_HTTP, false, http_bad_gzip},
    {"two-lengths", LAYER_HTTP, false, http_two_lengths},
    {"negative-length", LAYER_HTTP, false, http_negative_length},
    {"http-0.9", LAYER_HTTP, false, http_09},
    {"switching", LAYER_HTTP, false, http_switching},
    {"endless-continue", LAYER_HTTP, false, http_endless_continue},
    {"reset-body", LAYER_HTTP, false, http_reset_body},
    {"short-body", LAYER_HTTP, false, http_short_body},
    {"bad-chunk", LAYER_HTTP, false, http_bad_chunk},
    {"no-length", LAYER_HTTP, false, http_no_length},
    {"503-once", LAYER_HTTP, false, http_503_once},
    {"retry-after", LAYER_HTTP, false, http_retry_after},
    {"unstable", LAYER_HTTP, false, http_unstable},
    {"robots-endless", LAYER_HTTP, true, http_robots_endless},
};

// -- the server ------------------------------------------------------------------------------

static void host_visitor(struct hostile *h, struct visitor *v)
{
    const struct behaviour *b = v->listener->behaviour;
    if (b->layer == LAYER_TCP) {
        b->act(h, v);
        return;
    }
    if (v->listener->tls) {
        v->ssl = SSL_new(h->tls);
        if (!v->ssl || SSL_set_fd(v->ssl, v->fd) != 1 || SSL_accept(v->ssl) != 1) {
            return;
        }
    }
    if (!hear(v)) {
        return;
    }
    if (!b->robots && strcmp(v->path, "/robots.txt") == 0) {
        answer(v, "404 Not Found", "", "<h1>Not found</h1>");
    } else {
        b->act(h, v);
    }
}

static void *task_run(void *arg)
{
    struct task *task = arg;
    struct visitor *v = calloc(1, sizeof(*v));
    if (v) {
        v->listener = task->listener;
        v->fd = task->fd;
        struct timeval patience = {.tv_sec = PATIENCE_S};
        (void)setsockopt(v->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        (void)setsockopt(v->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
        host_visitor(task->hostile, v);
        if (v->fd >= 0) {
            if (v->ssl) {
                (void)SSL_shutdown(v->ssl);
            }
            // Reading on until the visitor's end keeps the answer from being cut by a reset.
            (void)shutdown(v->fd, SHUT_WR);
            struct timeval moment = {.tv_sec = 1};
            (void)setsockopt(v->fd, SOL_SOCKET, SO_RCVTIMEO, &moment, sizeof(moment));
            wait_for_end(v);
            close(v->fd);
        }
        SSL_free(v->ssl);
        free(v);
    }
    free(task);
    return NULL;
}

static void welcome(struct hostile *h, struct listener *l)
{
    int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) {
        return;
    }
    atomic_fetch_add(&l->connections, 1);
    struct task *task = malloc(sizeof(*task));
    pthread_t thread;
    if (!task) {
        close(fd);
        return;
    }
    *task = (struct task){h, l, fd};
    if (pthread_create(&thread, NULL, task_run, task) != 0) {
        close(fd);
        free(task);
        return;
    }
    (void)pthread_detach(thread);
}

static socklen_t listener_sockaddr(const struct listener *l, struct sockaddr_storage *out)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
    *out = (struct sockaddr_storage){0};
    if (inet_pton(AF_INET, l->address, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(l->port);
        return sizeof(*v4);
    }
    if (inet_pton(AF_INET6, l->address, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(l->port);
        return sizeof(*v6);
    }
    return 0;
}

// A queue that is full and never emptied: the kernel drops every further SYN, as a firewall does.
static void listener_fill(struct listener *l)
{
    struct sockaddr_storage sa;
    socklen_t len = listener_sockaddr(l, &sa);
    for (int i = 0; i < FILLERS; i++) {
        l->fillers[i] = socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)connect(l->fillers[i], (struct sockaddr *)&sa, len);
        (void)usleep(20000);
    }
}

static bool listener_open(struct listener *l)
{
    struct sockaddr_storage sa;
    socklen_t len = listener_sockaddr(l, &sa);
    bool drops = l->behaviour->layer == LAYER_LISTEN;
    int on = 1;
    l->fd = len ? socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
    if (l->fd < 0 || setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        bind(l->fd, (struct sockaddr *)&sa, len) != 0 || listen(l->fd, drops ? 0 : 128) != 0) {
        perror("hostile: listen");
        (void)fprintf(stderr, "hostile: %s port %u\n", l->address, l->port);
        return false;
    }
    if (drops) {
        listener_fill(l);
    }
    return true;
}

static bool read_line(struct hostile *h, const char *line)
{
    char kind[8];
    char name[32];
    char port[8];
    if (h->count == LISTENERS_MAX) {
        return false;
    }
    struct listener *l = &h->listeners[h->count];
    if (sscanf(line, "%63s %7s %7s %31s", l->address, port, kind, name) != 4 ||
        num_parse_port(&l->port, (struct span){port, strlen(port)}) != ERR_OK) {
        return false;
    }
    l->tls = strcmp(kind, "tls") == 0;
    for (size_t i = 0; i < COUNT_OF(behaviours); i++) {
        if (strcmp(behaviours[i].name, name) == 0) {
            l->behaviour = &behaviours[i];
        }
    }
    h->count += l->behaviour != NULL;
    return l->behaviour && listener_open(l);
}

static bool read_table(struct hostile *h)
{
    char line[256];
    while (fgets(line, sizeof(line), stdin)) {
        if (!read_line(h, line)) {
            (void)fprintf(stderr, "hostile: bad line: %s", line);
            return false;
        }
    }
    return true;
}

static void serve_until(struct hostile *h, const sigset_t *wait_mask,
                        const volatile sig_atomic_t *stop)
{
    struct pollfd fds[LISTENERS_MAX];
    for (size_t i = 0; i < h->count; i++) {
        bool drops = h->listeners[i].behaviour->layer == LAYER_LISTEN;
        fds[i] = (struct pollfd){.fd = drops ? -1 : h->listeners[i].fd, .events = POLLIN};
    }
    while (!*stop) {
        if (ppoll(fds, h->count, NULL, wait_mask) < 0 && errno != EINTR) {
            return;
        }
        for (size_t i = 0; i < h->count && !*stop; i++) {
            if (fds[i].revents & POLLIN) {
                welcome(h, &h->listeners[i]);
            }
        }
    }
}

static volatile sig_atomic_t stopped;

static void on_stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

int main(int argc, char **argv)
{
    static struct hostile hostile; // threads hold on to it until the process ends
    if (argc != 4) {
        (void)fprintf(stderr, "usage: hostile CHAIN KEY SITE < TABLE\n");
        return 2;
    }
    sigset_t block;
    sigset_t before;
    (void)sigemptyset(&block);
    (void)sigaddset(&block, SIGTERM);
    (void)sigaddset(&block, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &block, &before); // only ppoll() lets them through
    struct sigaction stop = {.sa_handler = on_stop};
    (void)sigaction(SIGTERM, &stop, NULL);
    (void)sigaction(SIGINT, &stop, NULL);
    (void)signal(SIGPIPE, SIG_IGN);

    hostile.site = argv[3];
    hostile.tls = SSL_CTX_new(TLS_server_method());
    if (!hostile.tls || SSL_CTX_use_certificate_chain_file(hostile.tls, argv[1]) != 1 ||
        SSL_CTX_use_PrivateKey_file(hostile.tls, argv[2], SSL_FILETYPE_PEM) != 1) {
        (void)fprintf(stderr, "hostile: cannot load %s and %s\n", argv[1], argv[2]);
        return 1;
    }
    if (!read_table(&hostile)) {
        return 1;
    }
    (void)printf("READY\n");
    (void)fflush(stdout);
    serve_until(&hostile, &before, &stopped);
    for (size_t i = 0; i < hostile.count; i++) {
        const struct listener *l = &hostile.listeners[i];
        (void)printf("COUNT %s %u %u\n", l->address, l->port, atomic_load(&l->connections));
    }
    (void)fflush(stdout);
    _exit(0);
}
