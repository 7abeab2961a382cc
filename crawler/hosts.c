// SPDX-License-Identifier: Apache-2.0
#include "crawler/hosts.h"

#include <ctype.h>
#include <errno.h>

#include "core/buf.h"
#include "core/limits.h"

struct entry {
    size_t name; // offset in text
    struct addr addr;
};

struct hosts {
    struct buf text;       // the names, lower case, each with its NUL
    struct entry *entries; // sorted by name, then as in the file
    size_t count, room;
};

static enum err add(struct hosts *hosts, struct span name, const struct addr *addr)
{
    if (hosts->count == hosts->room) {
        size_t room = hosts->room == 0 ? 64 : hosts->room * 2; // bounded by LIMIT_HOSTS_FILE
        struct entry *entries = reallocarray(hosts->entries, room, sizeof *entries);
        if (entries == NULL) {
            return ERR_NOMEM;
        }
        hosts->entries = entries;
        hosts->room = room;
    }
    hosts->entries[hosts->count] = (struct entry){.name = hosts->text.len, .addr = *addr};
    enum err e = ERR_OK;
    for (size_t i = 0; i < name.len && e == ERR_OK; i++) {
        e = buf_add_char(&hosts->text, (char)tolower((unsigned char)name.at[i]));
    }
    if (e == ERR_OK) {
        e = buf_add_char(&hosts->text, '\0');
    }
    hosts->count += e == ERR_OK;
    return e;
}

static struct span word(struct span *rest)
{
    *rest = span_trim(*rest);
    struct span taken = {rest->at, 0};
    while (taken.len < rest->len && rest->at[taken.len] != ' ' && rest->at[taken.len] != '\t') {
        taken.len++;
    }
    rest->at = taken.len == 0 ? rest->at : rest->at + taken.len;
    rest->len -= taken.len;
    return taken;
}

static enum err read_line(struct hosts *hosts, struct span line)
{
    struct span rest = span_cut(&line, '#');
    struct addr addr;
    if (addr_parse(&addr, word(&rest)) != ERR_OK) {
        return ERR_OK;
    }
    enum err e = ERR_OK;
    for (struct span name = word(&rest); name.len > 0 && e == ERR_OK; name = word(&rest)) {
        if (name.at[name.len - 1] == '.') {
            name.len--;
        }
        e = add(hosts, name, &addr);
    }
    return e;
}

static int by_name(const void *a, const void *b, void *text)
{
    const struct entry *ea = a;
    const struct entry *eb = b;
    int order = strcmp((const char *)text + ea->name, (const char *)text + eb->name);
    return order != 0 ? order : (ea->name > eb->name) - (ea->name < eb->name);
}

enum err hosts_parse(struct hosts **out, struct span text)
{
    struct hosts *hosts = calloc(1, sizeof *hosts);
    if (hosts == NULL) {
        return ERR_NOMEM;
    }
    buf_init(&hosts->text, LIMIT_HOSTS_FILE * 2);
    enum err e = ERR_OK;
    while (text.at != NULL && e == ERR_OK) {
        e = read_line(hosts, span_cut(&text, '\n'));
    }
    if (e != ERR_OK) {
        hosts_free(hosts);
        return e;
    }
    if (hosts->count > 0) {
        qsort_r(hosts->entries, hosts->count, sizeof *hosts->entries, by_name, hosts->text.at);
    }
    *out = hosts;
    return ERR_OK;
}

static enum err slurp(struct buf *out, const char *file, struct why *why)
{
    FILE *in = fopen(file, "re");
    if (in == NULL) {
        char text[128];
        return why_set(why, err_from_errno(errno), "hosts file %s: %s", file,
                       strerror_r(errno, text, sizeof text));
    }
    enum err e = buf_read(out, in);
    (void)fclose(in);
    return e == ERR_OK ? e : why_set(why, e, "hosts file %s: %s", file, err_str(e));
}

enum err hosts_read(struct hosts **out, const char *file, struct why *why)
{
    struct buf text;
    buf_init(&text, LIMIT_HOSTS_FILE);
    enum err e = slurp(&text, file, why);
    if (e == ERR_OK) {
        e = hosts_parse(out, buf_span(&text));
    }
    buf_done(&text);
    return e;
}

void hosts_free(struct hosts *hosts)
{
    if (hosts != NULL) {
        buf_done(&hosts->text);
        free(hosts->entries);
        free(hosts);
    }
}

// The first entry whose name is not before `name`.
static size_t lower_bound(const struct hosts *hosts, const char *name)
{
    size_t low = 0;
    size_t high = hosts->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(hosts->text.at + hosts->entries[middle].name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

size_t hosts_find(const struct hosts *hosts, const char *name, struct addr *out, size_t room)
{
    size_t found = 0;
    for (size_t i = lower_bound(hosts, name); i < hosts->count && found < room; i++) {
        if (strcmp(hosts->text.at + hosts->entries[i].name, name) != 0) {
            break;
        }
        out[found++] = hosts->entries[i].addr;
    }
    return found;
}
