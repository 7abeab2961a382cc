// SPDX-License-Identifier: Apache-2.0
#include "pipeline/owner.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/num.h"

static bool read_line(const char *path, char *out, size_t size)
{
    FILE *in = fopen(path, "re");
    if (in == NULL) {
        return false;
    }
    bool ok = fgets(out, (int)size, in) != NULL;
    (void)fclose(in);
    if (ok) {
        out[strcspn(out, "\n")] = '\0';
    }
    return ok;
}

// Field 22 of /proc/PID/stat, in clock ticks since boot; counted behind the name's last ')'.
static bool start_ticks(int64_t pid, int64_t *out)
{
    char path[64];
    char line[1024];
    (void)snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    if (!read_line(path, line, sizeof line)) {
        return false;
    }
    const char *behind = strrchr(line, ')');
    if (behind == NULL || behind[1] != ' ') {
        return false;
    }
    struct span rest = span_of(behind + 2);
    for (int field = 3; field < 22; field++) {
        (void)span_cut(&rest, ' ');
    }
    return num_parse(out, span_cut(&rest, ' '), 0, INT64_MAX) == ERR_OK;
}

static enum err machine(char out[128], struct why *why)
{
    struct utsname names;
    char boot[64] = "";
    if (uname(&names) != 0 || !read_line("/proc/sys/kernel/random/boot_id", boot, sizeof boot)) {
        return why_set(why, err_from_errno(errno),
                       "cannot tell this machine from others: /proc "
                       "must be mounted");
    }
    int len = snprintf(out, 128, "%.60s/%.40s", names.nodename, boot);
    return len > 0 && len < 128 ? ERR_OK : ERR_LIMIT;
}

enum err owner_name(char out[OWNER_SIZE], struct why *why)
{
    static atomic_uint serial; // several scans of one process are different owners
    char here[128];
    enum err e = machine(here, why);
    if (e != ERR_OK) {
        return e;
    }
    int64_t ticks = 0;
    if (!start_ticks(getpid(), &ticks)) {
        return why_set(why, ERR_IO, "cannot read /proc/%d/stat", (int)getpid());
    }
    (void)snprintf(out, OWNER_SIZE, "%s/%d/%lld/%u", here, (int)getpid(), (long long)ticks,
                   atomic_fetch_add(&serial, 1));
    return ERR_OK;
}

bool owner_is_dead(const char *owner)
{
    char here[128];
    if (machine(here, NULL) != ERR_OK) {
        return false;
    }
    size_t len = strlen(here);
    if (strncmp(owner, here, len) != 0 || owner[len] != '/') {
        return false; // another machine's, or another boot's: its lease runs out by itself
    }
    struct span rest = span_of(owner + len + 1);
    int64_t pid = 0;
    int64_t ticks = 0;
    if (num_parse(&pid, span_cut(&rest, '/'), 1, INT32_MAX) != ERR_OK ||
        num_parse(&ticks, span_cut(&rest, '/'), 0, INT64_MAX) != ERR_OK) {
        return false;
    }
    int64_t now_ticks = 0;
    return !start_ticks(pid, &now_ticks) || now_ticks != ticks;
}

struct dead {
    char (*names)[OWNER_SIZE];
    size_t count;
};

static enum err collect_dead(void *ctx, const char *owner)
{
    struct dead *dead = ctx;
    if (!owner_is_dead(owner) || strlen(owner) >= OWNER_SIZE) {
        return ERR_OK;
    }
    void *grown = realloc(dead->names, (dead->count + 1) * sizeof *dead->names);
    if (grown == NULL) {
        return ERR_NOMEM;
    }
    dead->names = grown;
    (void)snprintf(dead->names[dead->count++], OWNER_SIZE, "%s", owner);
    return ERR_OK;
}

enum err owner_bury(struct db *db, struct why *why)
{
    struct dead dead = {0};
    enum err e = db_lease_owners(db, collect_dead, &dead, why);
    for (size_t i = 0; e == ERR_OK && i < dead.count; i++) {
        int64_t count = 0;
        e = db_lease_drop_owner(db, dead.names[i], &count, why);
    }
    free(dead.names);
    return e;
}
