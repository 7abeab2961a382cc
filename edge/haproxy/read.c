// SPDX-License-Identifier: Apache-2.0
// What the processes have of a zone.
#include "edge/haproxy/state.h"

struct reading {
    struct map_rows rows;
    struct talk talk;
    struct state states[LIMIT_EDGE_PROCESSES];
};

static void reading_done(struct reading *r)
{
    for (size_t i = 0; i < r->talk.count; i++) {
        state_done(&r->states[i]);
    }
    talk_done(&r->talk);
    map_rows_done(&r->rows);
}

static struct map_value value_of(const struct host_state *host)
{
    return host->ramping ? host->ramp : host->steady;
}

static bool same_but_lease(struct map_value a, struct map_value b)
{
    return a.old_mode == b.old_mode && a.new_mode == b.new_mode && a.share_bp == b.share_bp &&
           a.generation == b.generation;
}

// The hosts of a zone go together. Where they do not, the zone is not known, and what is told is
// that of the host with the largest share.
static void sum_up(struct edge_seen *seen, const struct state *state, size_t host_count)
{
    struct map_value most = value_of(&state->hosts[0]);
    int64_t until = most.until;
    seen->known = state->rows_right;
    for (size_t h = 0; h < host_count; h++) {
        const struct host_state *host = &state->hosts[h];
        struct map_value value = value_of(host);
        seen->foreign = seen->foreign || host->foreign;
        seen->known = seen->known && host->known && same_but_lease(value, most);
        until = value.until < until ? value.until : until;
        if (value.share_bp > most.share_bp || value.generation > most.generation) {
            most = value;
        }
    }
    bool told = seen->known || most.generation > 0;
    seen->old_mode = told ? most.old_mode : MODE_NONE;
    seen->new_mode = told && most.generation > 0 ? most.new_mode : MODE_NONE;
    seen->share_bp = most.generation > 0 ? most.share_bp : 0;
    seen->generation = most.generation;
    seen->lease_left_s = until > 0 ? until - state->process.clock_s : 0;
}

enum err haproxy_read(struct edge *edge, const struct zone *zone, struct edge_seen *out,
                      size_t *count, struct why *why)
{
    const struct haproxy *haproxy = haproxy_of(edge);
    OWN(reading_done) struct reading r = {0};
    talk_init(&r.talk, haproxy);
    // The mode in the rows is not looked at: what it is, is the question.
    enum err fits = map_rows_of_zone(&r.rows, zone, zone->mode, haproxy->settings, why);
    struct why words = {""};
    enum err e = fits == ERR_INVALID ? map_rows_of_names(&r.rows, zone, zone->mode, &words) : fits;
    if (e != ERR_OK) {
        return e;
    }
    state_read(&r.talk, r.states, zone, &r.rows);
    e = talk_result(&r.talk, &words);
    for (size_t i = 0; e == ERR_OK && i < r.talk.count; i++) {
        struct edge_seen seen = {.epoch = process_epoch(&r.states[i].process)};
        (void)snprintf(seen.process, sizeof(seen.process), "%s", r.talk.at[i].place->process);
        sum_up(&seen, &r.states[i], zone->host_count);
        out[i] = seen;
    }
    if (e == ERR_OK) {
        *count = r.talk.count;
        return fits; // why says in what it does not
    }
    return why_set(why, e, "%s", words.text);
}
