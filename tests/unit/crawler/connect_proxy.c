// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/crawler/connect_proxy.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/num.h"
#include "core/span.h"
#include "tests/support/check.h"

#define STEP_MS 20 // how often a waiting proxy looks whether it shall stop

struct connect_proxy {
    int listener;
    uint16_t port;
    atomic_bool stop;
    pthread_t thread;
    pthread_mutex_t lock;
    size_t asked;
    char line[128];
};

static bool readable(const struct connect_proxy *proxy, int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};
    while (!atomic_load(&proxy->stop)) {
        if (poll(&one, 1, STEP_MS) > 0) {
            return true;
        }
    }
    return false;
}

// The request's head into line; its first line is what counts.
static bool read_head(struct connect_proxy *proxy, int fd, char line[128])
{
    char head[2048];
    size_t used = 0;
    while (used < sizeof head - 1 && readable(proxy, fd)) {
        ssize_t n = read(fd, head + used, 1); // nothing of the tunnel is taken
        if (n <= 0) {
            return false;
        }
        head[++used] = '\0';
        if (used >= 4 && strcmp(head + used - 4, "\r\n\r\n") == 0) {
            struct span rest = span_of(head);
            struct span first = span_cut(&rest, '\r');
            (void)snprintf(line, 128, "%.*s", (int)first.len, first.at);
            return true;
        }
    }
    return false;
}

// "CONNECT 127.0.0.1:80 HTTP/1.1"; -1 for anything else.
static int lead_to(const char *line)
{
    struct span rest = span_of(line);
    if (!span_equal(span_cut(&rest, ' '), span_of("CONNECT")) ||
        !span_equal(span_cut(&rest, ':'), span_of("127.0.0.1"))) {
        return -1;
    }
    int64_t port = 0;
    if (num_parse(&port, span_cut(&rest, ' '), 1, 65535) != ERR_OK) {
        return -1;
    }
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)(void *)&to, sizeof to) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static bool pass(int from, int to)
{
    char bytes[4096];
    ssize_t n = read(from, bytes, sizeof bytes);
    return n > 0 && send(to, bytes, (size_t)n, MSG_NOSIGNAL) == n;
}

static void relay(const struct connect_proxy *proxy, int client, int origin)
{
    bool open = true;
    while (open && !atomic_load(&proxy->stop)) {
        struct pollfd both[2] = {{.fd = client, .events = POLLIN},
                                 {.fd = origin, .events = POLLIN}};
        if (poll(both, 2, STEP_MS) <= 0) {
            continue;
        }
        open = (both[0].revents == 0 || pass(client, origin)) &&
               (both[1].revents == 0 || pass(origin, client));
    }
}

static void serve(struct connect_proxy *proxy, int client)
{
    static const char yes[] = "HTTP/1.1 200 Connected\r\n\r\n";
    static const char no[] = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
    char line[128] = "";
    if (!read_head(proxy, client, line)) {
        return;
    }
    (void)pthread_mutex_lock(&proxy->lock);
    proxy->asked++;
    memcpy(proxy->line, line, sizeof line);
    (void)pthread_mutex_unlock(&proxy->lock);
    int origin = lead_to(line);
    if (origin < 0) {
        (void)send(client, no, sizeof no - 1, MSG_NOSIGNAL);
        return;
    }
    if (send(client, yes, sizeof yes - 1, MSG_NOSIGNAL) > 0) {
        relay(proxy, client, origin);
    }
    (void)close(origin);
}

static void *run(void *ctx)
{
    struct connect_proxy *proxy = ctx;
    while (readable(proxy, proxy->listener)) {
        int client = accept(proxy->listener, NULL, NULL);
        if (client >= 0) {
            serve(proxy, client);
            (void)close(client);
        }
    }
    return NULL;
}

struct connect_proxy *connect_proxy_start(void)
{
    struct connect_proxy *proxy = calloc(1, sizeof *proxy);
    assert_non_null(proxy);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    proxy->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(proxy->listener >= 0);
    assert_int_equal(bind(proxy->listener, (struct sockaddr *)(void *)&at, sizeof at), 0);
    assert_int_equal(listen(proxy->listener, 16), 0);
    assert_int_equal(getsockname(proxy->listener, (struct sockaddr *)(void *)&at, &len), 0);
    proxy->port = ntohs(at.sin_port);
    (void)pthread_mutex_init(&proxy->lock, NULL);
    assert_int_equal(pthread_create(&proxy->thread, NULL, run, proxy), 0);
    return proxy;
}

void connect_proxy_stop(struct connect_proxy *proxy)
{
    atomic_store(&proxy->stop, true);
    (void)pthread_join(proxy->thread, NULL);
    (void)close(proxy->listener);
    (void)pthread_mutex_destroy(&proxy->lock);
    free(proxy);
}

uint16_t connect_proxy_port(const struct connect_proxy *proxy)
{
    return proxy->port;
}

size_t connect_proxy_asked(struct connect_proxy *proxy, char line[128])
{
    (void)pthread_mutex_lock(&proxy->lock);
    size_t asked = proxy->asked;
    memcpy(line, proxy->line, 128);
    (void)pthread_mutex_unlock(&proxy->lock);
    return asked;
}
