// SPDX-License-Identifier: Apache-2.0
#include "edge/haproxy/map_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/time.h"

static enum err say(struct why *why, const char *path, const char *what, int errnum)
{
    char words[128];
    enum err e = errnum == ENOENT ? ERR_NOT_FOUND : errnum == ENOMEM ? ERR_NOMEM : ERR_UNAVAILABLE;
    return why_set(
        why, e, "%.300s: cannot be %s: %s%s", path, what, strerror_r(errnum, words, sizeof(words)),
        errnum == EACCES ? "; the user of sslauto must be able to write in this folder" : "");
}

// -- the lock -----------------------------------------------------------------------------------
enum err map_lock_take(struct map_lock *out, const char *dir, int64_t timeout_ms, struct why *why)
{
    char path[MAP_PATH_SIZE];
    (void)snprintf(path, sizeof(path), "%s/.sslauto.lock", dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0) {
        return say(why, path, "opened", errno);
    }
    int64_t until_ms = time_monotonic_ms() + timeout_ms;
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            enum err e = say(why, path, "locked", errno);
            (void)close(fd);
            return e;
        }
        if (time_monotonic_ms() >= until_ms) {
            (void)close(fd);
            return why_set(why, ERR_UNAVAILABLE,
                           "%.300s: another process is writing the map files for longer than "
                           "%lld ms",
                           path, (long long)timeout_ms);
        }
        struct timespec pause = {.tv_nsec = 2000000};
        (void)nanosleep(&pause, NULL);
    }
    out->fd = fd;
    return ERR_OK;
}

void map_lock_done(struct map_lock *lock)
{
    if (lock->fd >= 0) {
        (void)close(lock->fd);
    }
    lock->fd = -1;
}

// -- a new file ---------------------------------------------------------------------------------
enum err map_file_begin(struct map_file *out, const char *dir, enum map map, struct why *why)
{
    struct map_file file = {0};
    (void)snprintf(file.path, sizeof(file.path), "%s/%s", dir, map_file_name(map));
    (void)snprintf(file.temporary, sizeof(file.temporary), "%s/.%s.new", dir, map_file_name(map));
    file.out = fopen(file.temporary, "we");
    if (file.out == NULL) {
        return say(why, file.temporary, "written", errno);
    }
    *out = file;
    return ERR_OK;
}

static void sync_folder(const char *path)
{
    char folder[MAP_PATH_SIZE];
    (void)snprintf(folder, sizeof(folder), "%s", path);
    char *slash = strrchr(folder, '/');
    slash[slash == folder] = '\0';
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd); // some file systems cannot; then the rename is as safe as it gets
        (void)close(fd);
    }
}

enum err map_file_commit(struct map_file *file, struct why *why)
{
    struct stat st;
    // Whoever could read the old one can read the new one.
    mode_t mode = stat(file->path, &st) == 0 ? st.st_mode & 0777 : 0644;
    bool written = fflush(file->out) == 0 && fchmod(fileno(file->out), mode) == 0 &&
                   fsync(fileno(file->out)) == 0;
    int errnum = errno;
    written = fclose(file->out) == 0 && written;
    file->out = NULL;
    if (!written || rename(file->temporary, file->path) != 0) {
        errnum = written ? errno : errnum;
        (void)unlink(file->temporary);
        return say(why, file->path, "written", errnum);
    }
    sync_folder(file->path);
    return ERR_OK;
}

void map_file_done(struct map_file *file)
{
    if (file->out != NULL) {
        (void)fclose(file->out);
        (void)unlink(file->temporary);
    }
    file->out = NULL;
}

// -- a few rows of a file -----------------------------------------------------------------------
struct wanted {
    struct map_row row;
    bool seen; // the file has it
};

struct update {
    struct wanted *wanted; // sorted by key
    size_t count;
    bool differs;
};

static int by_key(const void *a, const void *b)
{
    const struct wanted *one = a;
    const struct wanted *two = b;
    return strcmp(one->row.key, two->row.key);
}

static struct wanted *find(const struct update *update, struct span key)
{
    char text[LIMIT_HOST_NAME + 32];
    if (key.len == 0 || key.len >= sizeof(text)) {
        return NULL;
    }
    memcpy(text, key.at, key.len);
    text[key.len] = '\0';
    struct wanted sought = {.row = {.key = text}};
    return bsearch(&sought, update->wanted, update->count, sizeof(sought), by_key);
}

// Whether a line stays as it is. The others are left out, and their rows added at the end.
static bool keep_line(struct update *update, struct span line)
{
    struct span rest = span_trim(line);
    struct wanted *wanted = find(update, span_cut(&rest, ' '));
    if (wanted == NULL) {
        return true;
    }
    if (!wanted->seen && wanted->row.value != NULL &&
        span_equal(span_trim(rest), span_of(wanted->row.value))) {
        wanted->seen = true;
        return true;
    }
    update->differs = true;
    return false;
}

// Goes through the file's text; lines that stay are copied in long pieces.
static void pass(struct update *update, struct span text, FILE *out)
{
    struct span rest = text;
    const char *piece = text.at;
    for (size_t i = 0; i < update->count; i++) {
        update->wanted[i].seen = false;
    }
    while (rest.len > 0) {
        struct span line = span_cut(&rest, '\n');
        if (!keep_line(update, line)) {
            if (out != NULL) {
                (void)fwrite(piece, 1, (size_t)(line.at - piece), out);
            }
            piece = rest.at;
        }
    }
    if (out != NULL && piece != NULL && text.len > 0) {
        size_t left = text.len - (size_t)(piece - text.at);
        (void)fwrite(piece, 1, left, out);
        if (left > 0 && piece[left - 1] != '\n') {
            (void)fputc('\n', out);
        }
    }
    for (size_t i = 0; i < update->count; i++) {
        const struct wanted *wanted = &update->wanted[i];
        if (!wanted->seen && wanted->row.value != NULL) {
            update->differs = true;
            if (out != NULL) {
                (void)fprintf(out, "%s %s\n", wanted->row.key, wanted->row.value);
            }
        }
    }
}

enum err map_file_read(struct buf *text, const char *dir, enum map map, struct why *why)
{
    char path[MAP_PATH_SIZE];
    (void)snprintf(path, sizeof(path), "%s/%s", dir, map_file_name(map));
    FILE *in = fopen(path, "re");
    if (in == NULL) {
        return errno == ENOENT ? ERR_OK : say(why, path, "read", errno);
    }
    enum err e = buf_read(text, in);
    (void)fclose(in);
    if (e == ERR_IO) {
        return say(why, path, "read", EIO);
    }
    return e == ERR_OK ? e : why_set(why, e, "%.300s: %s", path, err_str(e));
}

static enum err rewrite(struct update *update, const char *dir, enum map map, struct why *why)
{
    OWN(buf_done) struct buf text = {0};
    OWN(map_file_done) struct map_file file = {0};
    buf_init(&text, LIMIT_EDGE_MAP_FILE);
    enum err e = map_file_read(&text, dir, map, why);
    if (e != ERR_OK) {
        return e;
    }
    pass(update, buf_span(&text), NULL);
    if (!update->differs) {
        return ERR_OK;
    }
    e = map_file_begin(&file, dir, map, why);
    if (e == ERR_OK) {
        pass(update, buf_span(&text), file.out);
        e = map_file_commit(&file, why);
    }
    return e;
}

enum err map_file_update(const char *dir, enum map map, const struct map_row *rows, size_t count,
                         struct why *why)
{
    struct update update = {.wanted = calloc(count + 1, sizeof(*update.wanted))};
    if (update.wanted == NULL) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        if (rows[i].map == map) {
            update.wanted[update.count++].row = rows[i];
        }
    }
    qsort(update.wanted, update.count, sizeof(*update.wanted), by_key);
    enum err e = update.count == 0 ? ERR_OK : rewrite(&update, dir, map, why);
    free(update.wanted);
    return e;
}
