// SPDX-License-Identifier: Apache-2.0
#include "tests/net/rollout_relay.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/net/lab.h"
#include "tests/support/check.h"

#define LOOK_MS     10
#define PATIENCE_MS 10000
#define STACK_BYTES ((size_t)128 << 10)

struct crossing {
    const struct relay *relay;
    size_t line;
    int port; // index
    int way;
    int fd; // owned
};

static struct sockaddr_in address_of(unsigned net, size_t number, uint16_t port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons(port),
                                .sin_addr.s_addr =
                                    htonl(127U << 24 | net << 16 | (uint32_t)number << 8 | 1)};
}

static bool is_closed(const struct crossing *c)
{
    return atomic_load(&c->relay->lines[c->line].way[c->port]) == RELAY_CLOSED;
}

static bool move_bytes(int from, int to)
{
    char bytes[16384];
    ssize_t n = recv(from, bytes, sizeof(bytes), 0);
    for (ssize_t sent = 0; n > 0 && sent < n;) {
        ssize_t m = send(to, bytes + sent, (size_t)(n - sent), MSG_NOSIGNAL);
        if (m <= 0) {
            return false;
        }
        sent += m;
    }
    return n > 0;
}

static void pump(const struct crossing *c, int far)
{
    struct pollfd fds[] = {{.fd = c->fd, .events = POLLIN}, {.fd = far, .events = POLLIN}};
    bool on = true;
    while (on && !is_closed(c)) {
        if (poll(fds, 2, LOOK_MS * 5) <= 0) {
            continue;
        }
        for (int i = 0; on && i < 2; i++) {
            on = fds[i].revents == 0 || move_bytes(fds[i].fd, fds[1 - i].fd);
        }
    }
}

// Until the other side gives up.
static void say_nothing(const struct crossing *c)
{
    struct pollfd fd = {.fd = c->fd, .events = POLLIN};
    char bytes[4096];
    bool on = true;
    while (on && !is_closed(c)) {
        on = poll(&fd, 1, LOOK_MS * 5) <= 0 || recv(c->fd, bytes, sizeof(bytes), 0) > 0;
    }
}

static void reset_it(const struct crossing *c)
{
    static const struct linger now = {.l_onoff = 1, .l_linger = 0};
    char byte;
    (void)recv(c->fd, &byte, 1, 0);
    (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

static void *cross(void *ctx)
{
    struct crossing *c = ctx;
    if (c->way == RELAY_RESET) {
        reset_it(c);
    } else if (c->way == RELAY_BLACK_HOLE) {
        say_nothing(c);
    } else {
        bool plain = c->way == RELAY_PLAIN;
        struct sockaddr_in to = address_of(60, plain ? 0 : (size_t)(c->way - RELAY_SERVER),
                                           c->relay->ports[plain ? 0 : c->port]);
        int far = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (far >= 0 && connect(far, (const struct sockaddr *)&to, sizeof(to)) == 0) {
            pump(c, far);
        }
        if (far >= 0) {
            (void)close(far);
        }
    }
    (void)close(c->fd);
    free(c);
    return NULL;
}

static void welcome(const struct relay *relay, size_t line, int port, int way, int listener)
{
    pthread_t thread;
    pthread_attr_t attr;
    struct crossing *c = malloc(sizeof(*c));
    int fd = accept(listener, NULL, NULL);
    if (c == NULL || fd < 0) {
        free(c);
        return;
    }
    *c = (struct crossing){relay, line, port, way, fd};
    (void)pthread_attr_init(&attr);
    (void)pthread_attr_setstacksize(&attr, STACK_BYTES);
    (void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &attr, cross, c) != 0) {
        (void)close(fd);
        free(c);
    }
    (void)pthread_attr_destroy(&attr);
}

static int listen_at(size_t line, uint16_t port)
{
    static const int on = 1;
    struct sockaddr_in in = address_of(61, line, port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 &&
        (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
         bind(fd, (const struct sockaddr *)&in, sizeof(in)) != 0 || listen(fd, 128) != 0)) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

// Opens and closes listeners as wanted. A point that cannot be set is not shown.
static void set_point(const struct relay *relay, size_t line, int port, struct pollfd *listener)
{
    struct relay_line *at = &relay->lines[line];
    int way = atomic_load(&at->way[port]);
    if (atomic_load(&at->shown[port]) == way) {
        return;
    }
    if (way == RELAY_CLOSED && listener->fd >= 0) {
        (void)close(listener->fd);
        listener->fd = -1;
    } else if (way != RELAY_CLOSED && listener->fd < 0) {
        listener->fd = listen_at(line, relay->ports[port]);
        if (listener->fd < 0) {
            return;
        }
    }
    atomic_store(&at->shown[port], way);
}

static _Noreturn void relay_for_ever(const struct relay *relay)
{
    struct pollfd fds[2 * RELAY_LINES];
    size_t count = 2 * relay->count;
    for (size_t i = 0; i < count; i++) {
        fds[i] = (struct pollfd){.fd = -1, .events = POLLIN};
    }
    for (;;) {
        for (size_t i = 0; i < count; i++) {
            set_point(relay, i / 2, (int)(i % 2), &fds[i]);
        }
        if (poll(fds, count, LOOK_MS) <= 0) {
            continue;
        }
        for (size_t i = 0; i < count; i++) {
            if (fds[i].fd >= 0 && (fds[i].revents & POLLIN) != 0) {
                int way = atomic_load(&relay->lines[i / 2].shown[i % 2]);
                welcome(relay, i / 2, (int)(i % 2), way, fds[i].fd);
            }
        }
    }
}

static void await_point(const struct relay *relay, size_t line)
{
    const struct relay_line *at = &relay->lines[line];
    for (int port = 0; port < 2; port++) {
        for (int waited = 0; atomic_load(&at->shown[port]) != atomic_load(&at->way[port]);
             waited++) {
            assert_true(waited < PATIENCE_MS);
            lab_sleep_ms(1);
        }
    }
}

void relay_start(struct relay *relay, size_t count, uint16_t http_port, uint16_t https_port)
{
    assert_true(count <= RELAY_LINES);
    *relay = (struct relay){.ports = {http_port, https_port}, .count = count};
    void *shared = mmap(NULL, sizeof(*relay->lines) * RELAY_LINES, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(shared != MAP_FAILED);
    relay->lines = shared;
    for (size_t i = 0; i < count; i++) {
        for (int port = 0; port < 2; port++) {
            atomic_store(&relay->lines[i].way[port], RELAY_SERVER);
            atomic_store(&relay->lines[i].shown[port], RELAY_CLOSED);
        }
    }
    relay->pid = fork();
    assert_true(relay->pid >= 0);
    if (relay->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        relay_for_ever(relay);
    }
    for (size_t i = 0; i < count; i++) {
        await_point(relay, i);
    }
}

void relay_stop(struct relay *relay)
{
    if (relay->pid > 0) {
        (void)kill(relay->pid, SIGKILL);
        (void)lab_wait(relay->pid);
        (void)munmap(relay->lines, sizeof(*relay->lines) * RELAY_LINES);
    }
    relay->pid = 0;
}

void relay_set(struct relay *relay, size_t line, int http, int https)
{
    atomic_store(&relay->lines[line].way[0], http);
    atomic_store(&relay->lines[line].way[1], https);
    await_point(relay, line);
}
