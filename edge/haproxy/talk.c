// SPDX-License-Identifier: Apache-2.0
// Questions to the fleet that several calls ask, and how to read the answers.
#include "core/num.h"
#include "edge/haproxy/haproxy.h"

void talk_init(struct talk *talk, const struct haproxy *haproxy)
{
    talk->haproxy = haproxy;
    talk->count = haproxy->place_count;
    for (size_t i = 0; i < talk->count; i++) {
        runtime_init(&talk->at[i], &haproxy->places[i], LIMIT_EDGE_ANSWER);
    }
}

void talk_done(struct talk *talk)
{
    for (size_t i = 0; i < talk->count; i++) {
        runtime_done(&talk->at[i]);
    }
}

void talk_exchange(struct talk *talk)
{
    runtime_exchange(talk->at, talk->count, talk->haproxy->settings->timeout_ms);
}

enum err talk_result(const struct talk *talk, struct why *why)
{
    return runtime_result(talk->at, talk->count, why);
}

// -- the process and its clock ------------------------------------------------------------------
void process_ask(struct runtime *runtime)
{
    runtime_add(runtime, "show info");
    // Uptime runs on by itself when somebody sets the clock, but leases are compared with the time
    // of the day: that is in date_now.
    runtime_add(runtime, "show activity");
}

void process_parse(struct process *out, struct runtime *runtime)
{
    struct process process = {.pid = -1, .started_at = -1, .uptime_s = -1, .clock_s = -1};
    struct span rest = buf_span(&runtime->answer);
    struct span line;
    if (runtime->err != ERR_OK) {
        return;
    }
    const struct {
        const char *name;
        int64_t *value;
    } fields[] = {{"Pid", &process.pid},
                  {"Start_time_sec", &process.started_at},
                  {"Uptime_sec", &process.uptime_s},
                  {"date_now", &process.clock_s}};
    while (runtime_next_line(&line, &rest)) {
        struct span name = span_cut(&line, ':');
        struct span value = span_trim(line);
        for (size_t i = 0; i < COUNT_OF(fields); i++) {
            if (span_equal(name, span_of(fields[i].name))) {
                (void)num_parse(fields[i].value, span_cut(&value, '.'), 0, INT64_MAX >> 24);
            }
        }
    }
    if (process.pid < 0 || process.started_at < 0 || process.uptime_s < 0) {
        runtime_refuse(runtime, buf_span(&runtime->answer));
        return;
    }
    if (process.clock_s < 0) {
        process.clock_s = process.started_at + process.uptime_s;
    }
    *out = process;
}

int64_t process_epoch(const struct process *process)
{
    return process->started_at << 22 | (process->pid & 0x3fffff); // PID_MAX_LIMIT of Linux
}

// -- maps ---------------------------------------------------------------------------------------
const char *map_name(char out[MAP_NAME_SIZE], const struct edge_settings *settings, enum map map)
{
    (void)snprintf(out, MAP_NAME_SIZE, "%s/%s", settings->maps_dir, map_file_name(map));
    return out;
}

void map_ask(struct talk *talk, size_t i, enum map map, const char *key)
{
    char name[MAP_NAME_SIZE];
    runtime_add(&talk->at[i], "get map %s %s", map_name(name, talk->haproxy->settings, map), key);
}

// What stands between two words of a line; {NULL, 0} when it does not stand there.
static struct span between(struct span line, const char *before, const char *after)
{
    struct span none = {NULL, 0};
    const char *at = line.len == 0 ? NULL : memmem(line.at, line.len, before, strlen(before));
    if (at == NULL) {
        return none;
    }
    at += strlen(before);
    size_t left = (size_t)(line.at + line.len - at);
    const char *end = left == 0 ? NULL : memmem(at, left, after, strlen(after));
    return end == NULL ? none : (struct span){at, (size_t)(end - at)};
}

// As in: type=str, case=sensitive, found=yes, idx=tree, key="a", value="b", type="str"
bool map_answer(struct runtime *runtime, struct span *rest, const char *key, bool *found,
                struct span *value)
{
    struct span line = {NULL, 0};
    if (runtime->err != ERR_OK) {
        return false;
    }
    if (runtime_next_line(&line, rest) && span_starts_nocase(line, span_of("type="))) {
        *found = false;
        if (span_equal(between(line, ", found=", "o"), span_of("n"))) {
            return true;
        }
        *value = between(line, "value=\"", "\", type=");
        *found = true;
        if (value->at != NULL && span_equal(between(line, "key=\"", "\""), span_of(key))) {
            return true;
        }
    }
    runtime_refuse(runtime, line);
    return false;
}
