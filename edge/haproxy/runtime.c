// SPDX-License-Identifier: Apache-2.0
#include "edge/haproxy/runtime.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/str.h"
#include "core/time.h"

#define LINE_COMMANDS 50
// tune.bufsize is 16384 by default, of which 1024 are kept free.
#define LINE_BYTES    ((size_t)8000)
#define PENDING_BYTES ((size_t)64 << 20) // of commands that wait to be sent to one process

void runtime_init(struct runtime *runtime, const struct place *place, size_t max_bytes)
{
    *runtime = (struct runtime){.place = place};
    buf_init(&runtime->lines, PENDING_BYTES);
    buf_init(&runtime->answer, max_bytes);
}

void runtime_done(struct runtime *runtime)
{
    buf_done(&runtime->lines);
    buf_done(&runtime->answer);
}

void runtime_fail(struct runtime *runtime, enum err e, const char *fmt, ...)
{
    char words[400];
    va_list args;
    if (runtime->err != ERR_OK) {
        return;
    }
    va_start(args, fmt);
    (void)vsnprintf(words, sizeof(words), fmt, args);
    va_end(args);
    runtime->err = why_set(&runtime->why, e, "haproxy at %.100s: %s", runtime->place->text, words);
}

enum err runtime_result(const struct runtime *runtimes, size_t count, struct why *why)
{
    for (size_t i = 0; i < count; i++) {
        if (runtimes[i].err != ERR_OK) {
            if (why != NULL) {
                *why = runtimes[i].why;
            }
            return runtimes[i].err;
        }
    }
    return ERR_OK;
}

// -- what to send -------------------------------------------------------------------------------
static void put(struct runtime *runtime, const char *bytes, size_t len)
{
    enum err e = runtime->err == ERR_OK ? buf_add(&runtime->lines, bytes, len) : ERR_OK;
    if (e != ERR_OK) {
        runtime_fail(runtime, e, "%s while commands were written", err_str(e));
    }
}

static void end_line(struct runtime *runtime)
{
    if (runtime->line_commands > 0) {
        put(runtime, "\n", 1);
    }
    runtime->line_start = runtime->lines.len;
    runtime->line_commands = 0;
}

void runtime_add(struct runtime *runtime, const char *fmt, ...)
{
    char command[1024];
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(command, sizeof(command), fmt, args);
    va_end(args);
    assert(len > 0 && (size_t)len < sizeof(command) && strpbrk(command, ";\n\\") == NULL);
    if (runtime->line_commands == LINE_COMMANDS ||
        runtime->lines.len - runtime->line_start + (size_t)len > LINE_BYTES) {
        end_line(runtime);
    }
    if (runtime->line_commands > 0) {
        put(runtime, ";", 1);
    }
    put(runtime, command, (size_t)len);
    runtime->line_commands++;
}

void runtime_add_payload(struct runtime *runtime, const char *command, struct span lines)
{
    end_line(runtime);
    put(runtime, command, strlen(command));
    put(runtime, " <<\n", 4);
    put(runtime, lines.at, lines.len);
    runtime->line_commands = 1;
    end_line(runtime);
}

// -- one connection per line --------------------------------------------------------------------
struct session {
    struct runtime *runtime;
    int fd;           // -1 = none
    bool connected;   // or on its way
    bool retry;       // the listen queue was full: connect again
    size_t at;        // of the line in work
    size_t end;       // behind it
    size_t sent;      // up to here
    int64_t until_ms; // monotonic
};

static void say_connect_error(struct runtime *runtime, int errnum)
{
    const char *socket = place_is_unix(runtime->place) ? "socket" : "port";
    switch (errnum) {
    case ENOENT:
        runtime_fail(runtime, ERR_UNAVAILABLE,
                     "there is no such socket; is it running, and does its configuration have "
                     "`stats socket` with this path?");
        break;
    case EACCES:
    case EPERM:
        runtime_fail(runtime, ERR_UNAVAILABLE,
                     "no permission to use the socket; add the user of sslauto to the socket's "
                     "group (`stats socket ... group NAME mode 660`)");
        break;
    case ECONNREFUSED:
        runtime_fail(runtime, ERR_UNAVAILABLE, "nobody listens at this %s; is it running?", socket);
        break;
    default: {
        char words[128];
        runtime_fail(runtime, ERR_UNAVAILABLE, "cannot use this %s: %s", socket,
                     strerror_r(errnum, words, sizeof(words)));
    }
    }
}

static void hang_up(struct session *session)
{
    if (session->fd >= 0) {
        (void)close(session->fd);
    }
    session->fd = -1;
    session->connected = false;
}

// Payloads end in an empty line; a line without one ends at its newline.
static size_t line_end(const struct buf *lines, size_t at)
{
    const char *newline = memchr(lines->at + at, '\n', lines->len - at);
    assert(newline != NULL);
    size_t end = (size_t)(newline - lines->at) + 1;
    if (end - at >= 3 && memcmp(newline - 3, " <<", 3) == 0) {
        const char *blank = memmem(newline, lines->len - end + 1, "\n\n", 2);
        assert(blank != NULL);
        end = (size_t)(blank - lines->at) + 2;
    }
    return end;
}

static void call(struct session *session)
{
    const struct place *place = session->runtime->place;
    session->retry = false;
    if (session->fd < 0) {
        session->fd = socket(place->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    }
    if (session->fd < 0) {
        say_connect_error(session->runtime, errno);
        return;
    }
    if (connect(session->fd, (const struct sockaddr *)&place->addr, place->addr_len) == 0 ||
        errno == EINPROGRESS || errno == EINTR) {
        session->connected = true;
    } else if (errno == EAGAIN) {
        session->retry = true; // unix(7): the queue of a listening socket is full
    } else {
        say_connect_error(session->runtime, errno);
    }
}

// Begins the next line. False when there is none, or the process has failed.
static bool begin(struct session *session, int64_t timeout_ms)
{
    struct runtime *runtime = session->runtime;
    if (runtime->err != ERR_OK || session->at >= runtime->lines.len) {
        return false;
    }
    session->end = line_end(&runtime->lines, session->at);
    session->sent = session->at;
    session->until_ms = time_monotonic_ms() + timeout_ms;
    call(session);
    return runtime->err == ERR_OK;
}

static void send_more(struct session *session)
{
    struct runtime *runtime = session->runtime;
    assert(session->fd >= 0);
    ssize_t n = send(session->fd, runtime->lines.at + session->sent, session->end - session->sent,
                     MSG_NOSIGNAL);
    if (n >= 0) {
        session->sent += (size_t)n;
    } else if (errno != EAGAIN && errno != EINTR) {
        say_connect_error(runtime, errno);
    }
}

static void receive(struct session *session)
{
    char chunk[16384];
    struct runtime *runtime = session->runtime;
    assert(session->fd >= 0);
    ssize_t n = recv(session->fd, chunk, sizeof(chunk), 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (n < 0) {
        say_connect_error(runtime, errno);
    } else if (n > 0) {
        enum err e = buf_add(&runtime->answer, chunk, (size_t)n);
        if (e != ERR_OK) {
            runtime_fail(runtime, e == ERR_LIMIT ? ERR_CORRUPT : e,
                         "an answer of more than %zu bytes; is this a socket of haproxy?",
                         runtime->answer.max);
        }
    } else if (session->sent < session->end) {
        runtime_fail(runtime, ERR_UNAVAILABLE,
                     "it closed the connection before the commands were "
                     "read; is it overloaded (`stats maxconn`)?");
    } else {
        hang_up(session);
        session->at = session->end;
    }
}

static void serve(struct session *session, short events)
{
    if (session->retry) {
        call(session);
    } else if ((events & POLLOUT) != 0 && session->sent < session->end) {
        send_more(session);
    } else if ((events & (POLLIN | POLLHUP | POLLERR)) != 0) {
        receive(session);
    }
}

static bool check_time(struct session *session, int64_t now_ms)
{
    if (now_ms >= session->until_ms) {
        runtime_fail(session->runtime, ERR_UNAVAILABLE,
                     "no answer in time; is it overloaded, or not haproxy at all?");
        return false;
    }
    return true;
}

// One round over all connections. False when nothing is left to do.
static bool turn(struct session *sessions, size_t count, int64_t timeout_ms)
{
    struct pollfd fds[LIMIT_EDGE_PROCESSES];
    int64_t now_ms = time_monotonic_ms();
    int64_t wait_ms = INT64_MAX;
    for (size_t i = 0; i < count; i++) {
        struct session *s = &sessions[i];
        bool active = s->runtime->err == ERR_OK &&
                      (s->connected || s->retry || begin(s, timeout_ms)) && check_time(s, now_ms);
        if (!active) {
            hang_up(s);
            s->retry = false;
        }
        fds[i] = (struct pollfd){
            .fd = active && s->connected ? s->fd : -1,
            .events = s->sent < s->end ? POLLOUT | POLLIN : POLLIN,
        };
        if (active) {
            int64_t left_ms = s->retry ? 2 : s->until_ms - now_ms;
            wait_ms = left_ms < wait_ms ? left_ms : wait_ms;
        }
    }
    if (wait_ms == INT64_MAX) {
        return false;
    }
    wait_ms = wait_ms < 0 ? 0 : wait_ms > 1000 ? 1000 : wait_ms;
    (void)poll(fds, count, (int)wait_ms);
    for (size_t i = 0; i < count; i++) {
        if (sessions[i].retry || fds[i].revents != 0) {
            serve(&sessions[i], fds[i].revents);
        }
    }
    return true;
}

void runtime_exchange(struct runtime *runtimes, size_t count, int64_t timeout_ms)
{
    struct session sessions[LIMIT_EDGE_PROCESSES];
    assert(count <= LIMIT_EDGE_PROCESSES);
    for (size_t i = 0; i < count; i++) {
        end_line(&runtimes[i]);
        buf_clear(&runtimes[i].answer);
        sessions[i] = (struct session){.runtime = &runtimes[i], .fd = -1};
    }
    while (turn(sessions, count, timeout_ms)) {
    }
    for (size_t i = 0; i < count; i++) {
        hang_up(&sessions[i]);
        buf_clear(&runtimes[i].lines);
        runtimes[i].line_start = 0;
        runtimes[i].line_commands = 0;
    }
}

// -- answers ------------------------------------------------------------------------------------
bool runtime_next_line(struct span *line, struct span *rest)
{
    while (rest->len > 0) {
        *line = span_trim(span_cut(rest, '\n'));
        if (line->len > 0) {
            return true;
        }
    }
    return false;
}

void runtime_refuse(struct runtime *runtime, struct span answer)
{
    // From the sources of HAProxy 2.6 and 3.0: src/cli.c, src/map.c, src/stick_table.c.
    static const struct {
        const char *words;
        const char *remedy;
    } known[] = {
        {"Permission denied", "this socket may not do that; add `level admin` to its `stats "
                              "socket` line and reload haproxy"},
        {"Unknown map", "the running configuration does not use the map; install the one of "
                        "`sslauto edge show`, or set maps_dir to what it says, and reload it"},
        {"No such table", "the running configuration has no table sslauto; install the one "
                          "of `sslauto edge show` and reload it"},
        {"Unknown command", "it does not know a command of HAProxy 2.6 or newer; is it older, or "
                            "not haproxy?"},
        {"entry not found", "a map has lost an entry meanwhile; is somebody else changing it?"},
    };
    struct span line = {NULL, 0};
    char shown[160];
    (void)runtime_next_line(&line, &answer);
    str_printable(shown, sizeof(shown), line);
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (span_find_nocase(line, span_of(known[i].words)) < line.len) {
            runtime_fail(runtime, ERR_UNAVAILABLE, "\"%s\": %s", shown, known[i].remedy);
            return;
        }
    }
    runtime_fail(runtime, ERR_CORRUPT, "an answer that makes no sense: \"%s\"%s", shown,
                 line.len == 0 ? "; is this a socket of haproxy?" : "");
}

void runtime_expect_silence(struct runtime *runtime)
{
    struct span rest = buf_span(&runtime->answer);
    struct span line;
    if (runtime->err == ERR_OK && runtime_next_line(&line, &rest)) {
        runtime_refuse(runtime, line);
    }
}
