// SPDX-License-Identifier: Apache-2.0
#include "edge/haproxy/state.h"

#include <stdlib.h>

#include "core/str.h"

void state_done(struct state *state)
{
    free(state->rows);
    free(state->hosts);
    *state = (struct state){0};
}

static void ask(struct talk *talk, size_t i, const struct zone *zone, const struct map_rows *rows)
{
    for (size_t h = 0; h < zone->host_count; h++) {
        map_ask(talk, i, MAP_RAMP, zone->hosts[h].name);
    }
    for (size_t r = 0; r < rows->count; r++) {
        map_ask(talk, i, rows->at[r].map, rows->at[r].key);
    }
    process_ask(&talk->at[i]);
}

static void set_foreign(struct host_state *host, enum map map, struct span value)
{
    host->foreign = true;
    host->foreign_map = map;
    str_printable(host->words, sizeof(host->words), value);
}

static void parse_ramps(struct state *state, struct runtime *runtime, struct span *rest,
                        const struct zone *zone)
{
    for (size_t h = 0; h < zone->host_count; h++) {
        struct host_state *host = &state->hosts[h];
        struct span value;
        bool found = false;
        if (!map_answer(runtime, rest, zone->hosts[h].name, &found, &value)) {
            return;
        }
        host->ramping =
            found && map_value_parse(&host->ramp, value) == ERR_OK && host->ramp.generation > 0;
        if (found && !host->ramping) {
            set_foreign(host, MAP_RAMP, value);
        }
    }
}

static enum row_state parse_steady(struct host_state *host, struct span value, const char *wanted)
{
    host->known = true;
    if (map_value_parse(&host->steady, value) != ERR_OK) {
        set_foreign(host, MAP_ZONE, value);
        return ROW_FOREIGN;
    }
    return span_equal(value, span_of(wanted)) ? ROW_RIGHT : ROW_OTHER;
}

static void parse_rows(struct state *state, struct runtime *runtime, struct span *rest,
                       const struct map_rows *rows)
{
    struct host_state *host = state->hosts;
    state->rows_right = true;
    for (size_t r = 0; r < rows->count; r++) {
        const struct map_row *row = &rows->at[r];
        struct span value = {NULL, 0};
        bool found = false;
        if (!map_answer(runtime, rest, row->key, &found, &value)) {
            return;
        }
        bool steady = row->map == MAP_ZONE; // one row of each host, in the order of the hosts
        enum row_state *is = &state->rows[r];
        if (!found) {
            *is = row->value == NULL ? ROW_RIGHT : ROW_ABSENT;
        } else if (steady) {
            *is = parse_steady(host, value, row->value);
        } else {
            *is = row->value != NULL && span_equal(value, span_of(row->value)) ? ROW_RIGHT
                                                                               : ROW_OTHER;
        }
        host += steady;
        state->rows_right = state->rows_right && (*is == ROW_RIGHT || (steady && found));
    }
}

static void parse(struct state *state, struct runtime *runtime, const struct zone *zone,
                  const struct map_rows *rows)
{
    struct span rest = buf_span(&runtime->answer);
    state->rows = calloc(rows->count + 1, sizeof(*state->rows));
    state->hosts = calloc(zone->host_count + 1, sizeof(*state->hosts));
    if (state->rows == NULL || state->hosts == NULL) {
        runtime_fail(runtime, ERR_NOMEM, "%s", err_str(ERR_NOMEM));
        return;
    }
    parse_ramps(state, runtime, &rest, zone);
    parse_rows(state, runtime, &rest, rows);
    process_parse(&state->process, runtime);
}

void state_read(struct talk *talk, struct state *states, const struct zone *zone,
                const struct map_rows *rows)
{
    for (size_t i = 0; i < talk->count; i++) {
        states[i] = (struct state){0};
        ask(talk, i, zone, rows);
    }
    talk_exchange(talk);
    for (size_t i = 0; i < talk->count; i++) {
        if (talk->at[i].err == ERR_OK) {
            parse(&states[i], &talk->at[i], zone, rows);
        }
    }
}
