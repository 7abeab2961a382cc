// SPDX-License-Identifier: Apache-2.0
// A zone's share and modes into the maps. The order makes it safe to be killed anywhere:
//   1. files    the steady rows, so that a restart comes back with them
//   2. steady   zone.map and origin.map of the running processes, where they differ
//   3. ramp     the row of ramp.map: written, or taken away when the steady value stands
// Going back is the exception: the ramp first, whatever else is wrong.
#include "core/time.h"
#include "edge/haproxy/map_file.h"
#include "edge/haproxy/state.h"

struct applying {
    const struct edge_want *want;
    const struct edge_settings *settings;
    struct map_rows rows;
    struct talk talk;
    struct state states[LIMIT_EDGE_PROCESSES];
};

static void applying_done(struct applying *a)
{
    for (size_t i = 0; i < a->talk.count; i++) {
        state_done(&a->states[i]);
    }
    talk_done(&a->talk);
    map_rows_done(&a->rows);
}

// What another program wrote is left alone, and nothing is changed beside it.
static void refuse_foreign(struct applying *a, size_t i)
{
    const struct zone *zone = a->want->zone;
    char name[MAP_NAME_SIZE];
    for (size_t h = 0; h < zone->host_count && a->talk.at[i].err == ERR_OK; h++) {
        const struct host_state *host = &a->states[i].hosts[h];
        if (host->foreign) {
            runtime_fail(&a->talk.at[i], ERR_INVALID,
                         "%.100s has the value \"%s\", which sslauto did not write; if it is not "
                         "needed: del map %.100s %.100s",
                         zone->hosts[h].name, host->words,
                         map_name(name, a->settings, host->foreign_map), zone->hosts[h].name);
        }
    }
}

// A lease is a time of the edge's clock: with clocks far apart somebody's idea of time is wrong,
// and so may be that of the lease's end. Going back needs no lease.
static void check_skew(struct applying *a, size_t i)
{
    int64_t ours = time_now_s();
    int64_t theirs = a->states[i].process.clock_s;
    int64_t skew = ours > theirs ? ours - theirs : theirs - ours;
    if (a->want->lease_s > 0 && a->want->generation > 0 && skew > a->settings->skew_max_s) {
        char our_text[TIME_TEXT_SIZE];
        char their_text[TIME_TEXT_SIZE];
        runtime_fail(&a->talk.at[i], ERR_UNAVAILABLE,
                     "its clock says %s, ours %s: %lld seconds apart, %lld are allowed; set both "
                     "clocks (NTP)",
                     time_print(their_text, theirs), time_print(our_text, ours), (long long)skew,
                     (long long)a->settings->skew_max_s);
    }
}

static bool some_row_differs(const struct applying *a)
{
    for (size_t i = 0; i < a->talk.count; i++) {
        for (size_t r = 0; a->talk.at[i].err == ERR_OK && r < a->rows.count; r++) {
            if (a->states[i].rows[r] != ROW_RIGHT) {
                return true;
            }
        }
    }
    return false;
}

static enum err update_files(const struct applying *a, struct why *why)
{
    OWN(map_lock_done) struct map_lock lock = {-1};
    const char *dir = a->settings->maps_dir;
    if (!haproxy_has_files(a->talk.haproxy)) {
        return ERR_OK;
    }
    enum err e = map_lock_take(&lock, dir, a->settings->timeout_ms, why);
    // A host has its origins before it is served.
    e = e == ERR_OK ? map_file_update(dir, MAP_ORIGIN, a->rows.at, a->rows.count, why) : e;
    return e == ERR_OK ? map_file_update(dir, MAP_ZONE, a->rows.at, a->rows.count, why) : e;
}

static void change_row(struct applying *a, size_t i, const struct map_row *row, enum row_state is)
{
    char name[MAP_NAME_SIZE];
    struct runtime *runtime = &a->talk.at[i];
    (void)map_name(name, a->settings, row->map);
    if (is != ROW_RIGHT && row->value == NULL) {
        runtime_add(runtime, "del map %s %s", name, row->key);
    } else if (is == ROW_ABSENT) {
        // `add map` would make a second row of a key that is there.
        runtime_add(runtime, "add map %s %s %s", name, row->key, row->value);
    } else if (is == ROW_OTHER) {
        runtime_add(runtime, "set map %s %s %s", name, row->key, row->value);
    }
}

static void change_steady(struct applying *a, size_t i)
{
    static const enum map order[] = {MAP_ORIGIN, MAP_ZONE};
    for (size_t m = 0; m < COUNT_OF(order); m++) {
        for (size_t r = 0; r < a->rows.count; r++) {
            if (a->rows.at[r].map == order[m]) {
                change_row(a, i, &a->rows.at[r], a->states[i].rows[r]);
            }
        }
    }
}

static void change_ramp(struct applying *a, size_t i)
{
    const struct edge_want *want = a->want;
    const struct state *state = &a->states[i];
    int64_t until = want->lease_s > 0 ? state->process.clock_s + want->lease_s : 0;
    struct map_value value = {want->old_mode, want->new_mode, want->share_bp, want->generation,
                              until};
    char text[MAP_VALUE_SIZE];
    char old[MAP_VALUE_SIZE];
    (void)map_value_print(text, &value);
    for (size_t h = 0; h < want->zone->host_count; h++) {
        bool ramping = state->hosts[h].ramping;
        if (state->hosts[h].foreign && !ramping) {
            continue;
        }
        struct map_row row = {MAP_RAMP, want->zone->hosts[h].name,
                              want->generation > 0 ? text : NULL};
        bool same = ramping && row.value != NULL &&
                    strcmp(map_value_print(old, &state->hosts[h].ramp), text) == 0;
        bool right = same || (!ramping && row.value == NULL);
        change_row(a, i, &row, right ? ROW_RIGHT : ramping ? ROW_OTHER : ROW_ABSENT);
    }
}

// Of a zone that this edge cannot serve as it is now, as with other ports: its ramp ends, and stays
// at share 0 only where the steady mode behind it is another one than it shall be.
static void end_ramp(struct applying *a, size_t i)
{
    const struct edge_want *want = a->want;
    char text[MAP_VALUE_SIZE];
    char old[MAP_VALUE_SIZE];
    for (size_t h = 0; h < want->zone->host_count; h++) {
        const struct host_state *host = &a->states[i].hosts[h];
        struct map_value value = host->ramp;
        value.share_bp = 0;
        value.until = 0;
        bool steady = want->generation == 0 && host->known && !host->foreign &&
                      host->steady.old_mode == want->old_mode;
        struct map_row row = {MAP_RAMP, want->zone->hosts[h].name,
                              steady ? NULL : map_value_print(text, &value)};
        bool same = !steady && strcmp(map_value_print(old, &host->ramp), text) == 0;
        if (host->ramping) {
            change_row(a, i, &row, same ? ROW_RIGHT : ROW_OTHER);
        }
    }
}

static void change(struct applying *a, void (*what)(struct applying *a, size_t i))
{
    for (size_t i = 0; i < a->talk.count; i++) {
        if (a->talk.at[i].err == ERR_OK) {
            what(a, i);
        }
    }
    talk_exchange(&a->talk);
    for (size_t i = 0; i < a->talk.count; i++) {
        runtime_expect_silence(&a->talk.at[i]);
    }
}

static enum err check_want(const struct edge_want *want, struct why *why)
{
    bool ramp = want->generation > 0;
    if (want->old_mode == MODE_NONE || (ramp && want->new_mode == MODE_NONE) ||
        want->share_bp < 0 || want->share_bp > SHARE_ALL_BP) {
        return why_set(why, ERR_INVALID, "%s: no modes and share that an edge could have",
                       want->zone->name);
    }
    return ERR_OK;
}

static void refuse(struct applying *a)
{
    for (size_t i = 0; i < a->talk.count; i++) {
        if (a->talk.at[i].err == ERR_OK) {
            refuse_foreign(a, i);
            check_skew(a, i);
        }
    }
}

static enum err steady(struct applying *a, struct why *why)
{
    if (!some_row_differs(a)) {
        return ERR_OK;
    }
    enum err e = update_files(a, why);
    if (e == ERR_OK) {
        change(a, change_steady);
    }
    return e;
}

// why says already in what the zone cannot be served.
static enum err retreat(struct applying *a, struct why *why)
{
    struct why words = {""};
    enum err e = map_rows_of_names(&a->rows, a->want->zone, a->want->old_mode, &words);
    if (e == ERR_OK) {
        state_read(&a->talk, a->states, a->want->zone, &a->rows);
        change(a, end_ramp);
        e = talk_result(&a->talk, &words);
    }
    return e == ERR_OK ? ERR_INVALID : why_set(why, e, "%s", words.text);
}

enum err haproxy_apply(struct edge *edge, const struct edge_want *want, struct why *why)
{
    OWN(applying_done) struct applying a = {.want = want, .settings = haproxy_of(edge)->settings};
    talk_init(&a.talk, haproxy_of(edge));
    enum err e = check_want(want, why);
    if (e != ERR_OK) {
        return e;
    }
    e = map_rows_of_zone(&a.rows, want->zone, want->old_mode, a.settings, why);
    if (e == ERR_INVALID && (want->generation == 0 || want->lease_s <= 0)) {
        return retreat(&a, why);
    }
    if (e != ERR_OK) {
        return e;
    }
    state_read(&a.talk, a.states, want->zone, &a.rows);
    if (want->generation > 0 && want->lease_s <= 0) {
        change(&a, change_ramp);
        refuse(&a);
        e = steady(&a, why);
    } else {
        refuse(&a);
        e = steady(&a, why);
        if (e == ERR_OK) {
            change(&a, change_ramp);
        }
    }
    return e == ERR_OK ? talk_result(&a.talk, why) : e;
}
