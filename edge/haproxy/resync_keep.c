// SPDX-License-Identifier: Apache-2.0
#include "edge/haproxy/resync_keep.h"

#include <stdlib.h>

#include "core/num.h"
#include "core/str.h"

enum map steady_map(enum steady_map which)
{
    return which == STEADY_ORIGIN ? MAP_ORIGIN : MAP_ZONE;
}

// -- hosts of the store --------------------------------------------------------------------------
void wanted_hosts_init(struct wanted_hosts *hosts)
{
    *hosts = (struct wanted_hosts){0};
    for (size_t m = 0; m < STEADY_COUNT; m++) {
        buf_init(&hosts->texts[m], LIMIT_EDGE_MAP_FILE);
    }
}

void wanted_hosts_done(struct wanted_hosts *hosts)
{
    for (size_t m = 0; m < STEADY_COUNT; m++) {
        buf_done(&hosts->texts[m]);
    }
    free(hosts->at);
    free(hosts->by_name);
}

static enum err begin_host(struct wanted_hosts *hosts, enum mode mode)
{
    if (hosts->count == hosts->room) {
        size_t room = hosts->room == 0 ? 256 : hosts->room * 2;
        struct wanted_host *at = reallocarray(hosts->at, room, sizeof(*at));
        if (at == NULL) {
            return ERR_NOMEM;
        }
        hosts->at = at;
        hosts->room = room;
    }
    struct wanted_host host = {.mode = mode};
    for (size_t m = 0; m < STEADY_COUNT; m++) {
        host.begin[m] = hosts->texts[m].len;
        host.end[m] = hosts->texts[m].len;
    }
    hosts->at[hosts->count++] = host;
    return ERR_OK;
}

enum err wanted_hosts_add(struct wanted_hosts *hosts, const struct map_rows *rows, enum mode mode)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < rows->count; i++) {
        const struct map_row *row = &rows->at[i];
        size_t m = row->map == MAP_ZONE ? STEADY_ZONE : STEADY_ORIGIN;
        if (row->map == MAP_ZONE) { // the first of each host
            e = begin_host(hosts, mode);
        }
        if (e == ERR_OK && row->value != NULL) {
            e = buf_printf(&hosts->texts[m], "%s %s\n", row->key, row->value);
            hosts->at[hosts->count - 1].end[m] = hosts->texts[m].len;
        }
    }
    return e;
}

static struct span name_of(const struct wanted_hosts *hosts, const struct wanted_host *host)
{
    struct span row = {hosts->texts[STEADY_ZONE].at + host->begin[STEADY_ZONE],
                       host->end[STEADY_ZONE] - host->begin[STEADY_ZONE]};
    return span_cut(&row, ' ');
}

static int compare(struct span a, struct span b)
{
    int by_bytes = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);
    return by_bytes != 0 ? by_bytes : (a.len > b.len) - (a.len < b.len);
}

static int by_name(const void *a, const void *b, void *ctx)
{
    const struct wanted_hosts *hosts = ctx;
    const size_t *one = a;
    const size_t *two = b;
    return compare(name_of(hosts, &hosts->at[*one]), name_of(hosts, &hosts->at[*two]));
}

enum err wanted_hosts_sort(struct wanted_hosts *hosts)
{
    hosts->by_name = calloc(hosts->count + 1, sizeof(*hosts->by_name));
    if (hosts->by_name == NULL) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < hosts->count; i++) {
        hosts->by_name[i] = i;
    }
    qsort_r(hosts->by_name, hosts->count, sizeof(*hosts->by_name), by_name, hosts);
    return ERR_OK;
}

// hosts->count where it is none of the store.
static size_t find_host(const struct wanted_hosts *hosts, struct span name)
{
    size_t low = 0;
    size_t high = hosts->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(name_of(hosts, &hosts->at[hosts->by_name[middle]]), name);
        if (order == 0) {
            return hosts->by_name[middle];
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return hosts->count;
}

// -- what stays ----------------------------------------------------------------------------------
void kept_init(struct kept *kept)
{
    *kept = (struct kept){0};
    for (size_t m = 0; m < STEADY_COUNT; m++) {
        buf_init(&kept->rows[m], LIMIT_EDGE_MAP_FILE);
    }
}

void kept_done(struct kept *kept)
{
    for (size_t m = 0; m < STEADY_COUNT; m++) {
        buf_done(&kept->rows[m]);
    }
    free(kept->of);
}

struct line {
    struct span key;
    struct span host; // of the key, in front of '/'
    struct span value;
};

struct finding {
    struct kept *kept;
    const struct wanted_hosts *hosts;
    const struct edge_settings *settings;
    size_t skip;
    struct span *foreign; // owned; hosts with a value of another program, sorted
    size_t foreign_count, foreign_room;
};

static bool next_line(const struct finding *f, struct line *line, struct span *rest)
{
    struct span text = {NULL, 0};
    if (!runtime_next_line(&text, rest)) {
        return false;
    }
    for (size_t i = 0; i < f->skip; i++) {
        (void)span_cut(&text, ' ');
    }
    line->key = span_cut(&text, ' ');
    line->value = span_trim(text);
    struct span key = line->key;
    line->host = span_cut(&key, '/');
    return true;
}

static bool safe(struct span text)
{
    char copy[LIMIT_HOST_NAME + 1];
    if (text.len == 0 || text.len >= sizeof(copy)) {
        return false;
    }
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    return map_row_safe(copy);
}

// What stands behind the '/' of a key. False: sslauto writes no such key.
static bool key_fits(const struct line *line, size_t m)
{
    int64_t nth = 0;
    if (!safe(line->host)) {
        return false;
    }
    if (line->key.len == line->host.len) {
        return true;
    }
    struct span below = {line->key.at + line->host.len + 1, line->key.len - line->host.len - 1};
    return m == STEADY_ORIGIN &&
           (span_equal(below, span_of("host")) || span_equal(below, span_of("sni")) ||
            num_parse(&nth, below, 0, LIMIT_HOST_ORIGINS) == ERR_OK);
}

static bool value_fits(const struct line *line, size_t m)
{
    struct map_value value;
    int64_t count = 0;
    if (m == STEADY_ZONE) {
        return map_value_parse(&value, line->value) == ERR_OK;
    }
    return line->key.len == line->host.len
               ? num_parse(&count, line->value, 0, LIMIT_HOST_ORIGINS) == ERR_OK
               : safe(line->value);
}

static int by_span(const void *a, const void *b)
{
    return compare(*(const struct span *)a, *(const struct span *)b);
}

static bool is_foreign(const struct finding *f, struct span host)
{
    return f->foreign_count > 0 && host.len > 0 &&
           bsearch(&host, f->foreign, f->foreign_count, sizeof(host), by_span) != NULL;
}

static enum err add_foreign(struct finding *f, struct span host)
{
    if (f->foreign_count == f->foreign_room) {
        size_t room = f->foreign_room == 0 ? 16 : f->foreign_room * 2;
        struct span *more = reallocarray(f->foreign, room, sizeof(*more));
        if (more == NULL) {
            return ERR_NOMEM;
        }
        f->foreign = more;
        f->foreign_room = room;
    }
    f->foreign[f->foreign_count++] = host;
    return ERR_OK;
}

static void leave(struct finding *f, size_t host, enum keep keep, const char *words)
{
    struct kept *kept = f->kept;
    if (kept->left++ == 0) {
        (void)snprintf(kept->words, sizeof(kept->words), "%s", words);
    }
    kept->of[host] = (unsigned char)keep;
}

static void leave_foreign(struct finding *f, const struct line *line, size_t m)
{
    char words[320];
    char value[80];
    char name[MAP_NAME_SIZE];
    size_t host = find_host(f->hosts, line->host);
    str_printable(value, sizeof(value), line->value);
    if (host < f->hosts->count && f->kept->of[host] != KEEP_ALL) {
        (void)snprintf(words, sizeof(words),
                       "%.*s has the value \"%s\" in %.100s, which sslauto did not write",
                       (int)line->key.len, line->key.at, value,
                       map_name(name, f->settings, steady_map((enum steady_map)m)));
        leave(f, host, KEEP_ALL, words);
    }
}

// Hosts that are another program's, by one value of theirs that sslauto does not write.
static enum err find_foreign(struct finding *f, const struct span listing[STEADY_COUNT])
{
    enum err e = ERR_OK;
    for (size_t m = STEADY_COUNT; e == ERR_OK && m-- > 0;) {
        struct span rest = listing[m];
        struct line line;
        while (e == ERR_OK && next_line(f, &line, &rest)) {
            if (key_fits(&line, m) && !value_fits(&line, m)) {
                leave_foreign(f, &line, m);
                e = add_foreign(f, line.host);
            }
        }
    }
    if (f->foreign_count > 0) {
        qsort(f->foreign, f->foreign_count, sizeof(*f->foreign), by_span);
    }
    return e;
}

// A mode of ours that is stronger than the store's stays.
static bool is_stronger(struct finding *f, const struct line *line)
{
    struct map_value value = {0};
    char words[320];
    size_t host = find_host(f->hosts, line->host);
    if (host == f->hosts->count || f->kept->of[host] != KEEP_NOTHING ||
        map_value_parse(&value, line->value) != ERR_OK ||
        value.old_mode <= f->hosts->at[host].mode) {
        return false;
    }
    (void)snprintf(words, sizeof(words),
                   "%.*s is at %s there, and the store says %s; set what is right with: sslauto "
                   "zone set",
                   (int)line->host.len, line->host.at, mode_str(value.old_mode),
                   mode_str(f->hosts->at[host].mode));
    leave(f, host, KEEP_MODE, words);
    return true;
}

static enum err take_rows(struct finding *f, size_t m, struct span listing)
{
    struct line line;
    enum err e = ERR_OK;
    while (e == ERR_OK && next_line(f, &line, &listing)) {
        bool stays = !key_fits(&line, m) || is_foreign(f, line.host) ||
                     (m == STEADY_ZONE && is_stronger(f, &line));
        if (stays) {
            e = buf_printf(&f->kept->rows[m], "%.*s %.*s\n", (int)line.key.len, line.key.at,
                           (int)line.value.len, line.value.len == 0 ? "" : line.value.at);
        }
    }
    return e;
}

enum err kept_find(struct kept *kept, const struct wanted_hosts *hosts,
                   const struct span listing[STEADY_COUNT], size_t skip,
                   const struct edge_settings *settings)
{
    struct finding f = {.kept = kept, .hosts = hosts, .settings = settings, .skip = skip};
    kept->of = calloc(hosts->count + 1, sizeof(*kept->of));
    enum err e = kept->of == NULL ? ERR_NOMEM : find_foreign(&f, listing);
    for (size_t m = 0; e == ERR_OK && m < STEADY_COUNT; m++) {
        e = take_rows(&f, m, listing[m]);
    }
    free(f.foreign);
    return e;
}
