// SPDX-License-Identifier: Apache-2.0
#include "edge/exec/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/limits.h"
#include "core/str.h"
#include "core/time.h"

#define GRACE_MS      1000 // between SIGTERM and SIGKILL
#define LAST_WAIT_MS  5000 // after SIGKILL: only a system that hangs is slower
#define TAIL          512
#define FIRST_FREE_FD 3

struct run {
    const struct program_call *call;
    struct program_end *end;
    pid_t pid;
    int pidfd, in, out, err; // -1 = closed
    struct buf piece;        // of the document
    size_t written;          // of the piece
    char tail[TAIL];         // of standard error
    size_t tail_len;
    int64_t deadline; // monotonic ms
    int sent;         // the last signal: 0, SIGTERM, SIGKILL
    bool exited;
    enum err failed; // our own failure
};

void program_end_done(struct program_end *end)
{
    buf_done(&end->answer);
}

static void shut(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

// -- start ---------------------------------------------------------------------------------------
// A pipe whose ends lie above 0, 1 and 2, so that handing one over cannot hit another.
static enum err make_pipe(int *read_end, int *write_end)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return err_from_errno(errno);
    }
    enum err e = ERR_OK;
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        if (ends[i] < FIRST_FREE_FD) {
            int higher = fcntl(ends[i], F_DUPFD_CLOEXEC, FIRST_FREE_FD);
            e = higher < 0 ? err_from_errno(errno) : e;
            (void)close(ends[i]);
            ends[i] = higher;
        }
    }
    *read_end = ends[0];
    *write_end = ends[1];
    return e;
}

static bool fill_actions(posix_spawn_file_actions_t *actions, const int theirs[3])
{
    int bad = 0;
    for (int fd = 0; fd < 3; fd++) {
        bad |= posix_spawn_file_actions_adddup2(actions, theirs[fd], fd);
    }
    bad |= posix_spawn_file_actions_addclosefrom_np(actions, FIRST_FREE_FD);
    bad |= posix_spawn_file_actions_addchdir_np(actions, "/");
    return bad == 0;
}

static bool fill_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none;
    sigset_t all;
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    int bad = posix_spawnattr_setpgroup(attributes, 0);
    bad |= posix_spawnattr_setsigmask(attributes, &none);
    bad |= posix_spawnattr_setsigdefault(attributes, &all);
    bad |= posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                    POSIX_SPAWN_SETSIGDEF);
    return bad == 0;
}

// The words of posix_spawn(3) for argv never change; its prototype is older than const.
static char *const *unconst(const char *const *list)
{
    return (char *const *)(uintptr_t)list;
}

static int spawn(pid_t *pid, const struct program_call *call, const int theirs[3])
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (posix_spawn_file_actions_init(&actions) != 0) {
        return ENOMEM;
    }
    int errnum = posix_spawnattr_init(&attributes);
    if (errnum == 0) {
        errnum = fill_actions(&actions, theirs) && fill_attributes(&attributes) ? 0 : ENOMEM;
        if (errnum == 0) {
            errnum = posix_spawn(pid, call->argv[0], &actions, &attributes, unconst(call->argv),
                                 unconst(call->environment));
        }
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return errnum;
}

static enum err cannot_start(const struct program_call *call, int errnum, struct why *why)
{
    char text[128];
    return why_set(why, ERR_UNAVAILABLE, "%.200s cannot be started: %s%s", call->argv[0],
                   strerror_r(errnum, text, sizeof text),
                   errnum == ENOEXEC ? "; a script names its interpreter in its first line" : "");
}

static enum err start(struct run *run, struct why *why)
{
    int theirs[3] = {-1, -1, -1};
    enum err e = make_pipe(&theirs[0], &run->in);
    e = e == ERR_OK ? make_pipe(&run->out, &theirs[1]) : e;
    e = e == ERR_OK ? make_pipe(&run->err, &theirs[2]) : e;
    int errnum = 0;
    if (e == ERR_OK) {
        errnum = spawn(&run->pid, run->call, theirs);
    }
    for (size_t i = 0; i < COUNT_OF(theirs); i++) {
        shut(&theirs[i]);
    }
    if (e != ERR_OK) {
        return why_set(why, e, "no pipe for the program: %s", err_str(e));
    }
    if (errnum != 0) {
        return cannot_start(run->call, errnum, why);
    }
    run->pidfd = pidfd_open(run->pid, 0);
    if (run->pidfd < 0) {
        errnum = errno;
        (void)kill(-run->pid, SIGKILL);
        (void)waitpid(run->pid, NULL, 0);
        return cannot_start(run->call, errnum, why);
    }
    const int ours[] = {run->in, run->out, run->err};
    for (size_t i = 0; i < COUNT_OF(ours); i++) {
        (void)fcntl(ours[i], F_SETFL, O_NONBLOCK);
    }
    return ERR_OK;
}

// -- its end -------------------------------------------------------------------------------------
static void send_signal(struct run *run, int signal)
{
    if (run->sent != SIGKILL) {
        (void)kill(-run->pid, signal);
        run->sent = signal;
        run->deadline = time_monotonic_ms() + (signal == SIGTERM ? GRACE_MS : LAST_WAIT_MS);
    }
}

// Its leader is not waited for yet, so that the number of the group cannot be somebody else's.
static void reap(struct run *run)
{
    int status = 0;
    (void)kill(-run->pid, SIGKILL);
    if (waitpid(run->pid, &status, 0) == run->pid) {
        run->end->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        run->end->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    }
    run->exited = true;
}

static void keep_words(struct run *run)
{
    char line[TAIL];
    struct span tail = span_trim((struct span){run->tail, run->tail_len});
    for (size_t i = 0; i < tail.len; i++) {
        line[i] = tail.at[i] == '\n' || tail.at[i] == '\t' ? ' ' : tail.at[i];
    }
    size_t room = sizeof run->end->words - 1;
    size_t skip = tail.len > room ? tail.len - room : 0; // the end says more than the beginning
    (void)str_printable(run->end->words, sizeof run->end->words,
                        (struct span){line + skip, tail.len - skip});
}

// -- while it runs -------------------------------------------------------------------------------
// write(2) without the SIGPIPE of a program that reads no more: it is no business of other threads.
static ssize_t write_quietly(int fd, const char *at, size_t len)
{
    sigset_t pipe_only;
    sigset_t before;
    (void)sigemptyset(&pipe_only);
    (void)sigaddset(&pipe_only, SIGPIPE);
    (void)pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
    ssize_t written = write(fd, at, len);
    int errnum = errno;
    if (written < 0 && errnum == EPIPE && sigismember(&before, SIGPIPE) == 0) {
        const struct timespec at_once = {0, 0};
        while (sigtimedwait(&pipe_only, NULL, &at_once) < 0 && errno == EINTR) {
        }
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = errnum;
    return written;
}

static void feed(struct run *run)
{
    if (run->written == run->piece.len) {
        buf_clear(&run->piece);
        run->written = 0;
        run->failed = run->call->feed(run->call->ctx, &run->piece);
        if (run->failed != ERR_OK) {
            send_signal(run, SIGKILL);
        }
        if (run->failed != ERR_OK || run->piece.len == 0) {
            shut(&run->in);
            return;
        }
    }
    ssize_t written =
        write_quietly(run->in, run->piece.at + run->written, run->piece.len - run->written);
    if (written > 0) {
        run->written += (size_t)written;
        if (run->sent == 0) {
            run->deadline = time_monotonic_ms() + run->call->timeout_ms;
        }
    } else if (written < 0 && errno != EAGAIN && errno != EINTR) {
        run->end->unread = true;
        shut(&run->in);
    }
}

// false: nothing to read now, or ever.
static bool read_some(int *fd, char *bytes, size_t size, size_t *len)
{
    ssize_t got = read(*fd, bytes, size);
    *len = got > 0 ? (size_t)got : 0;
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        shut(fd);
    }
    return got > 0;
}

static void take_answer(struct run *run)
{
    char bytes[16384];
    size_t len = 0;
    while (run->out >= 0 && read_some(&run->out, bytes, sizeof bytes, &len)) {
        enum err e = run->end->flooded ? ERR_OK : buf_add(&run->end->answer, bytes, len);
        if (e == ERR_LIMIT) {
            run->end->flooded = true;
        } else if (e != ERR_OK) {
            run->failed = e;
        }
        if (e != ERR_OK) {
            send_signal(run, SIGKILL);
            return;
        }
    }
}

static void take_words(struct run *run)
{
    char bytes[TAIL];
    size_t len = 0;
    // At most what a pipe holds: a program may write without end, and its time is to be looked at.
    for (int i = 0; i < 256 && run->err >= 0 && read_some(&run->err, bytes, TAIL, &len); i++) {
        size_t keep = run->tail_len + len > TAIL ? TAIL - len : run->tail_len;
        memmove(run->tail, run->tail + run->tail_len - keep, keep);
        memcpy(run->tail + keep, bytes, len);
        run->tail_len = keep + len;
    }
}

static void look_at_time(struct run *run)
{
    if (time_monotonic_ms() < run->deadline) {
        return;
    }
    if (run->sent == SIGKILL) {
        run->exited = true; // not even that ends it: it stays behind, and will be the system's
    } else {
        run->end->timed_out = true;
        send_signal(run, run->sent == 0 ? SIGTERM : SIGKILL);
    }
}

static void turn(struct run *run)
{
    enum {
        IN,
        OUT,
        ERR,
        PID,
        COUNT
    };
    struct pollfd fds[COUNT] = {
        [IN] = {.fd = run->in, .events = POLLOUT},
        [OUT] = {.fd = run->out, .events = POLLIN},
        [ERR] = {.fd = run->err, .events = POLLIN},
        [PID] = {.fd = run->pidfd, .events = POLLIN},
    };
    int64_t left = run->deadline - time_monotonic_ms();
    int ready = poll(fds, COUNT, left < 0 ? 0 : left > 1000 ? 1000 : (int)left);
    if (ready > 0 && fds[IN].revents != 0) {
        feed(run);
    }
    if (ready > 0 && fds[OUT].revents != 0) {
        take_answer(run);
    }
    if (ready > 0 && fds[ERR].revents != 0) {
        take_words(run);
    }
    if (ready > 0 && fds[PID].revents != 0) {
        reap(run);
        take_answer(run);
        take_words(run);
    } else {
        look_at_time(run);
    }
}

enum err program_run(struct program_end *out, const struct program_call *call, struct why *why)
{
    struct run run = {.call = call, .end = out, .pidfd = -1, .in = -1, .out = -1, .err = -1};
    *out = (struct program_end){.exit_code = -1};
    buf_init(&out->answer, call->answer_max);
    buf_init(&run.piece, LIMIT_EDGE_DOCUMENT);
    enum err e = start(&run, why);
    run.deadline = time_monotonic_ms() + call->timeout_ms;
    while (e == ERR_OK && !run.exited) {
        turn(&run);
    }
    out->unread = out->unread || run.in >= 0;
    keep_words(&run);
    shut(&run.in);
    shut(&run.out);
    shut(&run.err);
    shut(&run.pidfd);
    buf_done(&run.piece);
    return e == ERR_OK ? run.failed : e;
}
