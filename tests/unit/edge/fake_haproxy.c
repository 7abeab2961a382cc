// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/edge/fake_haproxy.h"

#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/time.h"
#include "tests/support/check.h"

#define ROWS_MAX 64

struct rows {
    struct {
        char map[16], key[300], value[300];
    } at[ROWS_MAX];
    size_t count;
};

// -- what it says --------------------------------------------------------------------------------
static size_t find(const struct rows *rows, const char *map, const char *key)
{
    size_t i = 0;
    while (i < rows->count &&
           (strcmp(rows->at[i].map, map) != 0 || strcmp(rows->at[i].key, key) != 0)) {
        i++;
    }
    return i;
}

static void change(struct rows *rows, const char *verb, const char *map, const char *key,
                   const char *value, struct buf *out)
{
    size_t i = find(rows, map, key);
    if (i == rows->count && strcmp(verb, "add") != 0) {
        (void)buf_add_str(out, "entry not found.\n");
    } else if (strcmp(verb, "del") == 0) {
        rows->at[i] = rows->at[--rows->count];
    } else if (rows->count < ROWS_MAX) {
        rows->count += i == rows->count;
        (void)snprintf(rows->at[i].map, sizeof(rows->at[i].map), "%s", map);
        (void)snprintf(rows->at[i].key, sizeof(rows->at[i].key), "%s", key);
        (void)snprintf(rows->at[i].value, sizeof(rows->at[i].value), "%s", value);
    }
}

static void get(const struct rows *rows, const char *map, const char *key, struct buf *out)
{
    size_t i = find(rows, map, key);
    if (i == rows->count) {
        (void)buf_add_str(out, "type=str, case=sensitive, found=no\n");
    } else {
        (void)buf_printf(out,
                         "type=str, case=sensitive, found=yes, idx=tree, key=\"%s\", value=\"%s\", "
                         "type=\"str\"\n",
                         key, rows->at[i].value);
    }
}

static void answer(const struct fake *fake, struct rows *rows, const char *command, struct buf *out)
{
    char verb[16] = "";
    char what[300] = "";
    char key[300] = "";
    char value[300] = "";
    (void)sscanf(command, "%15s %*s %299s %299s %299s", verb, what, key, value);
    const char *slash = strrchr(what, '/');
    const char *map = slash ? slash + 1 : what;
    if (strcmp(command, "show info") == 0) {
        (void)buf_add_str(out, "Name: HAProxy\nPid: 77\nUptime_sec: 100\nStart_time_sec: 1000\n");
    } else if (strcmp(command, "show activity") == 0) {
        (void)buf_printf(out, "thread_id: 1\ndate_now: %lld.123456\n",
                         (long long)(time_now_s() + fake->clock_ahead_s));
    } else if (strcmp(verb, "get") == 0) {
        get(rows, map, key, out);
    } else if (strcmp(verb, "show") == 0) {
        for (size_t i = 0; i < rows->count; i++) {
            if (strcmp(rows->at[i].map, map) == 0) {
                (void)buf_printf(out, "0x5%zu %s %s\n", i, rows->at[i].key, rows->at[i].value);
            }
        }
    } else {
        char log[128];
        (void)snprintf(log, sizeof(log), "%s/log", fake->dir);
        FILE *to = fopen(log, "ae");
        if (to != NULL) {
            (void)fprintf(to, "%s %s %s %s\n", verb, map, key, value);
            (void)fclose(to);
        }
        change(rows, verb, map, key, value, out);
    }
    (void)buf_add_char(out, '\n');
}

static void put(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0) {
            return;
        }
        bytes += n;
        len -= (size_t)n;
    }
}

static void serve(const struct fake *fake, struct rows *rows, int fd)
{
    static char line[65536];
    struct buf out;
    size_t len = 0;
    ssize_t n = 0;
    if (fake->manner == FAKE_CLOSES) {
        return;
    }
    while (len < sizeof(line) - 1 && memchr(line, '\n', len) == NULL &&
           (n = recv(fd, line + len, sizeof(line) - 1 - len, 0)) > 0) {
        len += (size_t)n;
    }
    buf_init(&out, (size_t)1 << 20);
    while (fake->manner == FAKE_HANGS && recv(fd, line, sizeof(line), 0) > 0) {
    }
    while (fake->manner == FAKE_ENDLESS && send(fd, line, sizeof(line), MSG_NOSIGNAL) > 0) {
    }
    if (fake->manner == FAKE_SAYS) {
        put(fd, fake->text, strlen(fake->text));
    } else if (fake->manner == FAKE_MAPS) {
        struct span rest = {line, len};
        rest = span_trim(rest);
        while (rest.len > 0) {
            char command[1024];
            struct span one = span_trim(span_cut(&rest, ';'));
            (void)snprintf(command, sizeof(command), "%.*s", (int)one.len, one.at);
            answer(fake, rows, command, &out);
        }
        put(fd, buf_str(&out), out.len);
    }
    buf_done(&out);
}

// -- its life ------------------------------------------------------------------------------------
static void run(const struct fake *fake, int listener)
{
    struct rows rows = {0};
    struct buf none;
    buf_init(&none, 1000);
    for (const struct fake_row *row = fake->rows; row != NULL && row->map != NULL; row++) {
        change(&rows, "add", row->map, row->key, row->value, &none);
    }
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0) {
            serve(fake, &rows, fd);
            (void)close(fd);
        }
    }
}

void fake_start(struct fake *fake)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    (void)snprintf(fake->dir, sizeof(fake->dir), "/tmp/sslauto-fake-XXXXXX");
    assert_non_null(mkdtemp(fake->dir));
    (void)snprintf(fake->place, sizeof(fake->place), "unix:%s/sock", fake->dir);
    (void)snprintf(un.sun_path, sizeof(un.sun_path), "%s/sock", fake->dir);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(listener >= 0);
    assert_int_equal(bind(listener, (const struct sockaddr *)&un, sizeof(un)), 0);
    assert_int_equal(listen(listener, 64), 0);
    fake->pid = fork();
    assert_true(fake->pid >= 0);
    if (fake->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        run(fake, listener);
    }
    (void)close(listener);
}

void fake_stop(struct fake *fake)
{
    char path[400];
    struct dirent *entry = NULL;
    if (fake->pid > 0) {
        (void)kill(fake->pid, SIGKILL);
        (void)waitpid(fake->pid, NULL, 0);
    }
    DIR *dir = opendir(fake->dir);
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        (void)snprintf(path, sizeof(path), "%s/%s", fake->dir, entry->d_name);
        (void)unlink(path);
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    (void)rmdir(fake->dir);
}

void fake_write(const struct fake *fake, const char *name, const char *text)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/%s", fake->dir, name);
    FILE *out = fopen(path, "we");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

char *fake_read(const struct fake *fake, const char *name)
{
    char path[128];
    char chunk[4096];
    size_t n = 0;
    struct buf text;
    buf_init(&text, (size_t)1 << 20);
    (void)snprintf(path, sizeof(path), "%s/%s", fake->dir, name);
    FILE *in = fopen(path, "re");
    while (in != NULL && (n = fread(chunk, 1, sizeof(chunk), in)) > 0) {
        assert_ok(buf_add(&text, chunk, n), NULL);
    }
    if (in != NULL) {
        (void)fclose(in);
    }
    char *out = strdup(buf_str(&text));
    buf_done(&text);
    assert_non_null(out);
    return out;
}

char *fake_log(const struct fake *fake)
{
    return fake_read(fake, "log");
}
