// SPDX-License-Identifier: Apache-2.0
// The steady state of all zones at once: new files, and new versions of the maps that take the
// place of the old ones in one moment (`prepare map`, `add map @version`, `commit map`).
#include "core/num.h"
#include "edge/haproxy/haproxy.h"
#include "edge/haproxy/map_file.h"

#define CHUNK_BYTES ((size_t)7000) // of rows per command; HAProxy's buffer is 16 KiB by default

static const enum map steady_maps[] = {MAP_ORIGIN,
                                       MAP_ZONE}; // a host has origins before it is served
#define STEADY_COUNT COUNT_OF(steady_maps)

struct resync {
    const struct haproxy *haproxy;
    struct talk talk;
    int64_t versions[LIMIT_EDGE_PROCESSES][STEADY_COUNT]; // 0 = none prepared
    struct buf chunks[STEADY_COUNT];                      // rows that were not sent yet
    bool has_files;
    struct map_lock lock;
    struct map_file files[STEADY_COUNT];
    size_t left_out;     // zones that this edge cannot serve
    struct why left_why; // the first of them
};

static void resync_done(struct resync *r)
{
    talk_done(&r->talk);
    for (size_t m = 0; m < STEADY_COUNT; m++) {
        buf_done(&r->chunks[m]);
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
                        map_name(name, r->haproxy->settings, steady_maps[m]));
        }
        talk_exchange(&r->talk);
        for (size_t i = 0; i < r->talk.count; i++) {
            parse_version(r, i, m);
        }
    }
}

static void send_chunk(struct resync *r, size_t m)
{
    char name[MAP_NAME_SIZE];
    char command[MAP_NAME_SIZE + 64];
    (void)map_name(name, r->haproxy->settings, steady_maps[m]);
    for (size_t i = 0; i < r->talk.count && r->chunks[m].len > 0; i++) {
        (void)snprintf(command, sizeof(command), "add map @%lld %s", (long long)r->versions[i][m],
                       name);
        runtime_add_payload(&r->talk.at[i], command, buf_span(&r->chunks[m]));
    }
    talk_exchange(&r->talk);
    for (size_t i = 0; i < r->talk.count; i++) {
        runtime_expect_silence(&r->talk.at[i]);
    }
    buf_clear(&r->chunks[m]);
}

static enum err add_row(struct resync *r, const struct map_row *row)
{
    size_t m = row->map == steady_maps[0] ? 0 : 1;
    struct buf *chunk = &r->chunks[m];
    size_t before = chunk->len;
    if (row->value == NULL) {
        return ERR_OK;
    }
    enum err e = buf_printf(chunk, "%s %s\n", row->key, row->value);
    if (e == ERR_OK && r->has_files) {
        (void)fwrite(chunk->at + before, 1, chunk->len - before, r->files[m].out);
    }
    if (e == ERR_OK && chunk->len >= CHUNK_BYTES) {
        send_chunk(r, m);
    }
    return e;
}

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
    for (size_t i = 0; e == ERR_OK && i < rows.count; i++) {
        e = add_row(r, &rows.at[i]);
    }
    return e;
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
        e = map_file_begin(&r->files[m], settings->maps_dir, steady_maps[m], why);
    }
    return e;
}

static enum err commit(struct resync *r, struct why *why)
{
    char name[MAP_NAME_SIZE];
    enum err e = ERR_OK;
    for (size_t m = 0; m < STEADY_COUNT; m++) {
        send_chunk(r, m);
    }
    for (size_t m = 0; r->has_files && e == ERR_OK && m < STEADY_COUNT; m++) {
        e = map_file_commit(&r->files[m], why);
    }
    for (size_t i = 0; e == ERR_OK && i < r->talk.count; i++) {
        for (size_t m = 0; m < STEADY_COUNT; m++) {
            runtime_add(&r->talk.at[i], "commit map @%lld %s", (long long)r->versions[i][m],
                        map_name(name, r->haproxy->settings, steady_maps[m]));
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
                            map_name(name, r->haproxy->settings, steady_maps[m]));
            }
        }
    }
    talk_exchange(&talk);
}

enum err haproxy_resync(struct edge *edge, const struct zone *(*next)(void *ctx), void *ctx,
                        struct why *why)
{
    OWN(resync_done) struct resync r = {.haproxy = haproxy_of(edge), .lock = {-1}};
    talk_init(&r.talk, r.haproxy);
    for (size_t m = 0; m < STEADY_COUNT; m++) {
        buf_init(&r.chunks[m], LIMIT_EDGE_ANSWER);
    }
    enum err e = open_files(&r, why);
    if (e == ERR_OK) {
        prepare(&r);
    }
    const struct zone *zone = NULL;
    while (e == ERR_OK && (zone = next(ctx)) != NULL) {
        e = add_zone(&r, zone);
    }
    if (e == ERR_OK) {
        e = commit(&r, why);
    }
    abandon(&r);
    e = e == ERR_OK ? talk_result(&r.talk, why) : e;
    if (e == ERR_OK && r.left_out > 0) {
        e = why_set(why, ERR_INVALID,
                    "all but %zu zones are at the edge; the first left out: %.380s", r.left_out,
                    r.left_why.text);
    }
    return e;
}
