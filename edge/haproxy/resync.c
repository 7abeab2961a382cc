// SPDX-License-Identifier: Apache-2.0
// The steady state of all zones at once: new files, and new versions of the maps that take the
// place of the old ones in one moment (`prepare map`, `add map @version`, `commit map`). What
// another program wrote, and modes stronger than the store's, go into the new versions as they are.
#include "core/num.h"
#include "edge/haproxy/map_file.h"
#include "edge/haproxy/resync_keep.h"

#define CHUNK_BYTES ((size_t)7000) // of rows per command; HAProxy's buffer is 16 KiB by default

struct resync {
    const struct haproxy *haproxy;
    struct talk talk;
    struct wanted_hosts hosts;
    struct kept kept[LIMIT_EDGE_PROCESSES];
    struct kept kept_files;
    int64_t versions[LIMIT_EDGE_PROCESSES][STEADY_COUNT];  // 0 = none prepared
    struct buf chunks[LIMIT_EDGE_PROCESSES][STEADY_COUNT]; // rows that were not sent yet
    bool has_files;
    struct map_lock lock;
    struct map_file files[STEADY_COUNT];
    size_t left_out;     // zones that this edge cannot serve
    struct why left_why; // the first of them
};

static void resync_init(struct resync *r, const struct haproxy *haproxy)
{
    *r = (struct resync){.haproxy = haproxy, .lock = {-1}};
    talk_init(&r->talk, haproxy);
    wanted_hosts_init(&r->hosts);
    kept_init(&r->kept_files);
    for (size_t i = 0; i < LIMIT_EDGE_PROCESSES; i++) {
        kept_init(&r->kept[i]);
        for (size_t m = 0; m < STEADY_COUNT; m++) {
            buf_init(&r->chunks[i][m], LIMIT_EDGE_ANSWER);
        }
    }
}

static void resync_done(struct resync *r)
{
    talk_done(&r->talk);
    wanted_hosts_done(&r->hosts);
    kept_done(&r->kept_files);
    for (size_t i = 0; i < LIMIT_EDGE_PROCESSES; i++) {
        kept_done(&r->kept[i]);
        for (size_t m = 0; m < STEADY_COUNT; m++) {
            buf_done(&r->chunks[i][m]);
        }
    }
    for (size_t m = 0; m < STEADY_COUNT; m++) {
        map_file_done(&r->files[m]);
    }
    map_lock_done(&r->lock);
}

// As in: New version created: 2
static void parse_version(struct resync *r, size_t i, size_t m)
{
    struct runtime *runtime = &r->talk.at[i];
    struct span rest = buf_span(&runtime->answer);
    struct span line = {NULL, 0};
    if (runtime->err != ERR_OK) {
        return;
    }
    (void)runtime_next_line(&line, &rest);
    struct span value = line;
    (void)span_cut(&value, ':');
    if (!span_starts_nocase(line, span_of("New version created:")) ||
        num_parse(&r->versions[i][m], span_trim(value), 1, UINT32_MAX) != ERR_OK) {
        runtime_refuse(runtime, line);
    }
}

static void prepare(struct resync *r)
{
    char name[MAP_NAME_SIZE];
    for (size_t m = 0; m < STEADY_COUNT; m++) {
        for (size_t i = 0; i < r->talk.count; i++) {
            runtime_add(&r->talk.at[i], "prepare map %s",
                        map_name(name, r->haproxy->settings, steady_map((enum steady_map)m)));
        }
        talk_exchange(&r->talk);
        for (size_t i = 0; i < r->talk.count; i++) {
            parse_version(r, i, m);
        }
    }
}

static void send_chunks(struct resync *r, size_t m)
{
    char name[MAP_NAME_SIZE];
    char command[MAP_NAME_SIZE + 64];
    (void)map_name(name, r->haproxy->settings, steady_map((enum steady_map)m));
    for (size_t i = 0; i < r->talk.count; i++) {
        struct buf *chunk = &r->chunks[i][m];
        (void)snprintf(command, sizeof(command), "add map @%lld %s", (long long)r->versions[i][m],
                       name);
        if (chunk->len > 0) {
            runtime_add_payload(&r->talk.at[i], command, buf_span(chunk));
        }
        buf_clear(chunk);
    }
    talk_exchange(&r->talk);
    for (size_t i = 0; i < r->talk.count; i++) {
        runtime_expect_silence(&r->talk.at[i]);
    }
}

// Rows for one process. Sent to all when it has enough of them.
static enum err add_rows(struct resync *r, size_t i, size_t m, struct span rows)
{
    enum err e = ERR_OK;
    while (e == ERR_OK && rows.len > 0) {
        struct span row = span_cut(&rows, '\n');
        struct buf *chunk = &r->chunks[i][m];
        e = buf_add_span(chunk, row);
        e = e == ERR_OK ? buf_add_char(chunk, '\n') : e;
        if (e == ERR_OK && chunk->len >= CHUNK_BYTES) {
            send_chunks(r, m);
        }
    }
    return e;
}

static bool is_kept(const struct kept *kept, size_t host, size_t m)
{
    unsigned char keep = kept->of == NULL ? (unsigned char)KEEP_NOTHING : kept->of[host];
    return keep == KEEP_ALL || (keep == KEEP_MODE && m == STEADY_ZONE);
}

static struct span rows_of(const struct resync *r, size_t host, size_t m)
{
    const struct wanted_host *wanted = &r->hosts.at[host];
    const char *text = buf_str(&r->hosts.texts[m]);
    return (struct span){text + wanted->begin[m], wanted->end[m] - wanted->begin[m]};
}

static enum err write_processes(struct resync *r)
{
    enum err e = ERR_OK;
    for (size_t m = 0; m < STEADY_COUNT; m++) {
        for (size_t h = 0; e == ERR_OK && h < r->hosts.count; h++) {
            struct span rows = rows_of(r, h, m);
            for (size_t i = 0; e == ERR_OK && i < r->talk.count; i++) {
                e = is_kept(&r->kept[i], h, m) ? ERR_OK : add_rows(r, i, m, rows);
            }
        }
        for (size_t i = 0; e == ERR_OK && i < r->talk.count; i++) {
            e = add_rows(r, i, m, buf_span(&r->kept[i].rows[m]));
        }
        send_chunks(r, m);
    }
    return e;
}

static void write_files(struct resync *r)
{
    for (size_t m = 0; m < STEADY_COUNT; m++) {
        struct span kept = buf_span(&r->kept_files.rows[m]);
        for (size_t h = 0; h < r->hosts.count; h++) {
            struct span rows = rows_of(r, h, m);
            if (!is_kept(&r->kept_files, h, m)) {
                (void)fwrite(rows.at, 1, rows.len, r->files[m].out);
            }
        }
        if (kept.len > 0) {
            (void)fwrite(kept.at, 1, kept.len, r->files[m].out);
        }
    }
}

// -- what is there -------------------------------------------------------------------------------
static void check_listing(struct runtime *runtime, struct span rest)
{
    struct span line;
    while (runtime->err == ERR_OK && runtime_next_line(&line, &rest)) {
        if (!span_starts_nocase(line, span_of("0x"))) {
            runtime_refuse(runtime, line);
        }
    }
}

// One process after the other: the listing of a large map is large.
static enum err keep_process(struct resync *r, size_t i)
{
    const struct edge_settings *settings = r->haproxy->settings;
    struct runtime *runtime = &r->talk.at[i];
    struct buf listing[STEADY_COUNT];
    struct span texts[STEADY_COUNT];
    char name[MAP_NAME_SIZE];
    for (size_t m = 0; m < STEADY_COUNT; m++) {
        runtime->answer.max = LIMIT_EDGE_MAP_FILE;
        runtime_add(runtime, "show map %s",
                    map_name(name, settings, steady_map((enum steady_map)m)));
        runtime_exchange(runtime, 1, settings->timeout_ms);
        listing[m] = runtime->answer;
        buf_init(&runtime->answer, LIMIT_EDGE_ANSWER);
        texts[m] = buf_span(&listing[m]);
        check_listing(runtime, texts[m]);
    }
    enum err e = runtime->err != ERR_OK ? ERR_OK // told at the end; the others go on
                                        : kept_find(&r->kept[i], &r->hosts, texts, 1, settings);
    for (size_t m = 0; m < STEADY_COUNT; m++) {
        buf_done(&listing[m]);
    }
    return e;
}

static enum err keep_files(struct resync *r, struct why *why)
{
    struct buf files[STEADY_COUNT];
    struct span texts[STEADY_COUNT];
    enum err e = ERR_OK;
    for (size_t m = 0; m < STEADY_COUNT; m++) {
        buf_init(&files[m], LIMIT_EDGE_MAP_FILE);
        if (e == ERR_OK && r->has_files) {
            e = map_file_read(&files[m], r->haproxy->settings->maps_dir,
                              steady_map((enum steady_map)m), why);
        }
        texts[m] = buf_span(&files[m]);
    }
    if (e == ERR_OK) {
        e = kept_find(&r->kept_files, &r->hosts, texts, 0, r->haproxy->settings);
    }
    for (size_t m = 0; m < STEADY_COUNT; m++) {
        buf_done(&files[m]);
    }
    return e;
}

static enum err keep(struct resync *r, struct why *why)
{
    enum err e = wanted_hosts_sort(&r->hosts);
    for (size_t i = 0; e == ERR_OK && i < r->talk.count; i++) {
        e = keep_process(r, i);
    }
    return e == ERR_OK ? keep_files(r, why) : e;
}

// -- what shall be -------------------------------------------------------------------------------
// One zone that cannot be served does not hold the others.
static enum err add_zone(struct resync *r, const struct zone *zone)
{
    OWN(map_rows_done) struct map_rows rows = {0};
    struct why words;
    enum err e = map_rows_of_zone(&rows, zone, zone->mode, r->haproxy->settings, &words);
    if (e == ERR_INVALID) {
        r->left_why = r->left_out++ == 0 ? words : r->left_why;
        return ERR_OK;
    }
    return e == ERR_OK ? wanted_hosts_add(&r->hosts, &rows, zone->mode) : e;
}

static enum err open_files(struct resync *r, struct why *why)
{
    const struct edge_settings *settings = r->haproxy->settings;
    enum err e = ERR_OK;
    r->has_files = haproxy_has_files(r->haproxy);
    if (r->has_files) {
        e = map_lock_take(&r->lock, settings->maps_dir, settings->timeout_ms, why);
    }
    for (size_t m = 0; r->has_files && e == ERR_OK && m < STEADY_COUNT; m++) {
        e = map_file_begin(&r->files[m], settings->maps_dir, steady_map((enum steady_map)m), why);
    }
    return e;
}

static enum err commit(struct resync *r, struct why *why)
{
    char name[MAP_NAME_SIZE];
    enum err e = ERR_OK;
    for (size_t m = 0; r->has_files && e == ERR_OK && m < STEADY_COUNT; m++) {
        e = map_file_commit(&r->files[m], why);
    }
    for (size_t i = 0; e == ERR_OK && i < r->talk.count; i++) {
        for (size_t m = 0; m < STEADY_COUNT; m++) {
            runtime_add(&r->talk.at[i], "commit map @%lld %s", (long long)r->versions[i][m],
                        map_name(name, r->haproxy->settings, steady_map((enum steady_map)m)));
        }
    }
    talk_exchange(&r->talk);
    for (size_t i = 0; i < r->talk.count; i++) {
        runtime_expect_silence(&r->talk.at[i]);
        if (r->talk.at[i].err == ERR_OK) {
            memset(r->versions[i], 0, sizeof(r->versions[i]));
        }
    }
    return e;
}

// Versions that were begun and will not be committed cost memory until they are cleared.
static void abandon(struct resync *r)
{
    OWN(talk_done) struct talk talk = {0};
    char name[MAP_NAME_SIZE];
    talk_init(&talk, r->haproxy);
    for (size_t i = 0; i < talk.count; i++) {
        for (size_t m = 0; m < STEADY_COUNT; m++) {
            if (r->versions[i][m] > 0) {
                runtime_add(&talk.at[i], "clear map @%lld %s", (long long)r->versions[i][m],
                            map_name(name, r->haproxy->settings, steady_map((enum steady_map)m)));
            }
        }
    }
    talk_exchange(&talk);
}

// The steady state is there, but for what could not be served and what was left as it is.
static enum err tell(const struct resync *r, struct why *why)
{
    const char *name = r->haproxy->settings->name;
    for (size_t i = 0; i <= r->talk.count; i++) {
        const struct kept *kept = i < r->talk.count ? &r->kept[i] : &r->kept_files;
        const char *place = i < r->talk.count ? r->talk.at[i].place->process : "the map files";
        if (kept->left > 0) {
            return why_set(why, ERR_INVALID,
                           "%s: %zu %s left as it was; the first: %s. To have the store's all the "
                           "same: sslauto edge resync %s --overwrite",
                           place, kept->left, kept->left == 1 ? "host was" : "hosts were each",
                           kept->words, name);
        }
    }
    if (r->left_out > 0) {
        return why_set(why, ERR_INVALID,
                       "all but %zu zones are at the edge; the first left out: %.380s", r->left_out,
                       r->left_why.text);
    }
    return ERR_OK;
}

enum err haproxy_resync(struct edge *edge, const struct zone *(*next)(void *ctx), void *ctx,
                        bool overwrite, struct why *why)
{
    OWN(resync_done) struct resync r;
    resync_init(&r, haproxy_of(edge));
    enum err e = open_files(&r, why);
    const struct zone *zone = NULL;
    while (e == ERR_OK && (zone = next(ctx)) != NULL) {
        e = add_zone(&r, zone);
    }
    if (e == ERR_OK && !overwrite) {
        e = keep(&r, why);
    }
    if (e == ERR_OK) {
        prepare(&r);
        e = write_processes(&r);
    }
    if (e == ERR_OK && r.has_files) {
        write_files(&r);
    }
    if (e == ERR_OK) {
        e = commit(&r, why);
    }
    abandon(&r);
    e = e == ERR_OK ? talk_result(&r.talk, why) : e;
    return e == ERR_OK ? tell(&r, why) : e;
}
