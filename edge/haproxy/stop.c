// SPDX-License-Identifier: Apache-2.0
// The big red button: every row of ramp.map to share 0 without a lease, by what the edge itself
// says it has. Needs no store and no list of zones.
#include "edge/haproxy/haproxy.h"

// Adds what ends a row. Rows of other programs stay.
static bool end_row(struct runtime *runtime, const char *map, struct span line)
{
    struct map_value value;
    char key[LIMIT_HOST_NAME + 1];
    char text[MAP_VALUE_SIZE];
    (void)span_cut(&line, ' '); // the row's id, a number that may be another one by now
    struct span name = span_cut(&line, ' ');
    (void)snprintf(key, sizeof(key), "%.*s", (int)name.len, name.len == 0 ? "" : name.at);
    if (name.len >= sizeof(key) || !map_row_safe(key) || map_value_parse(&value, line) != ERR_OK ||
        value.generation == 0 || (value.share_bp == 0 && value.until == 0)) {
        return false;
    }
    value.share_bp = 0;
    value.until = 0;
    runtime_add(runtime, "set map %s %s %s", map, key, map_value_print(text, &value));
    return true;
}

static size_t end_rows(struct runtime *runtime, const char *map)
{
    OWN(buf_done) struct buf listing = runtime->answer; // adding commands does not touch it
    struct span rest = buf_span(&listing);
    struct span line;
    size_t ended = 0;
    buf_init(&runtime->answer, LIMIT_EDGE_ANSWER);
    while (runtime->err == ERR_OK && runtime_next_line(&line, &rest)) {
        if (!span_starts_nocase(line, span_of("0x"))) {
            runtime_refuse(runtime, line);
        } else {
            ended += end_row(runtime, map, line);
        }
    }
    return ended;
}

// A row that is gone meanwhile is no trouble here.
static void expect_done(struct runtime *runtime)
{
    struct span rest = buf_span(&runtime->answer);
    struct span line;
    while (runtime->err == ERR_OK && runtime_next_line(&line, &rest)) {
        if (!span_starts_nocase(line, span_of("entry not found"))) {
            runtime_refuse(runtime, line);
        }
    }
}

enum err haproxy_stop_all(struct edge *edge, size_t *count, struct why *why)
{
    const struct haproxy *haproxy = haproxy_of(edge);
    OWN(talk_done) struct talk talk = {0};
    char map[MAP_NAME_SIZE];
    size_t most = 0;
    talk_init(&talk, haproxy);
    (void)map_name(map, haproxy->settings, MAP_RAMP);
    for (size_t i = 0; i < talk.count; i++) {
        talk.at[i].answer.max = LIMIT_EDGE_RAMPS;
        runtime_add(&talk.at[i], "show map %s", map);
    }
    talk_exchange(&talk);
    for (size_t i = 0; i < talk.count; i++) {
        size_t ended = end_rows(&talk.at[i], map);
        most = ended > most ? ended : most;
    }
    talk_exchange(&talk);
    for (size_t i = 0; i < talk.count; i++) {
        expect_done(&talk.at[i]);
    }
    *count = most;
    return talk_result(&talk, why);
}
