// SPDX-License-Identifier: Apache-2.0
// The stop for everything.
#include <stdio.h>
#include <stdlib.h>

#include "core/str.h"
#include "pipeline/controller.h"

enum {
    TRIES = 5
}; // against controllers that write the same row at the same time

// -- stop ----------------------------------------------------------------------------------------

static enum err stop_edges(struct edge *const *edges, size_t edge_count, int64_t *ended,
                           struct why *why)
{
    enum err first = ERR_OK;
    size_t failed = 0;
    *ended = 0;
    for (size_t i = 0; i < edge_count; i++) {
        struct why words = {0};
        size_t count = 0;
        enum err e = edge_stop_all(edges[i], &count, &words);
        *ended += (int64_t)count;
        failed += e != ERR_OK;
        if (e != ERR_OK && first == ERR_OK) {
            first = why_set(why, e, "edge %s was not stopped: %.400s", edge_name(edges[i]),
                            why_text(&words, e));
        }
    }
    if (failed > 1) {
        why_prefix(why, "%zu edges were not stopped; the first", failed);
    }
    return first;
}

struct ids {
    char (*at)[33]; // owned
    size_t count, room;
};

static void ids_done(struct ids *ids)
{
    free(ids->at);
}

static enum err take_id(void *ctx, const struct zone *zone, const struct rollout *rollout)
{
    struct ids *ids = ctx;
    if (rollout->state < ROLLOUT_PREFLIGHT || rollout->state > ROLLOUT_FINALISING) {
        return ERR_OK;
    }
    if (ids->count == ids->room) {
        size_t room = ids->room == 0 ? 64 : ids->room * 2;
        char(*more)[33] = realloc(ids->at, room * sizeof *more);
        if (more == NULL) {
            return ERR_NOMEM;
        }
        ids->at = more;
        ids->room = room;
    }
    memcpy(ids->at[ids->count++], zone->id, sizeof ids->at[0]);
    return ERR_OK;
}

// True in *stopped where this call put it back.
static enum err stop_one(bool *stopped, struct db *db, const char *id, const char *actor,
                         const char *detail, const struct controller_policy *policy, int64_t now,
                         struct why *why)
{
    enum err e = ERR_CONFLICT;
    for (int i = 0; i < TRIES && e == ERR_CONFLICT; i++) {
        struct rollout rollout;
        e = db_rollout_get(db, id, &rollout, why);
        if (e == ERR_OK &&
            (rollout.state < ROLLOUT_PREFLIGHT || rollout.state > ROLLOUT_FINALISING)) {
            return ERR_OK;
        }
        if (e == ERR_OK) {
            struct rollout_action action =
                rollout_back(&rollout, ROLLOUT_REASON_STOP_ALL, &policy->rollout, now);
            rollout_applied(&rollout, -1, now);
            rollout_enter(&rollout, &action, &policy->rollout, now);
            rollout.tick_at = now; // the next tick makes sure of the edge
            const struct rollout_event event = {.actor = actor,
                                                .state = rollout.state,
                                                .reason = rollout.reason,
                                                .share_bp = rollout.share_bp,
                                                .detail = detail};
            e = db_rollout_update(db, &rollout, &event, why);
        }
        *stopped = e == ERR_OK;
    }
    return e == ERR_NOT_FOUND ? ERR_OK : e; // the zone was removed
}

static enum err stop_rows(struct db *db, const char *actor, const char *detail, int64_t *count,
                          const struct controller_policy *policy, struct why *why)
{
    OWN(ids_done) struct ids ids = {0};
    const struct db_rollout_filter running = {.running = true};
    int64_t now = 0;
    enum err e = db_now(db, &now, why);
    if (e == ERR_OK) {
        e = db_rollout_each(db, &running, take_id, &ids, why);
    }
    for (size_t i = 0; e == ERR_OK && i < ids.count; i++) {
        bool stopped = false;
        e = stop_one(&stopped, db, ids.at[i], actor, detail, policy, now, why);
        *count += stopped;
    }
    return e;
}

enum err controller_stop_all(struct db *db, struct edge *const *edges, size_t edge_count,
                             const char *actor, const char *words, int64_t *count,
                             const struct controller_policy *policy, struct why *why)
{
    char detail[DETAIL_SIZE];
    int64_t ended = 0;
    struct why ignored = {0};
    *count = 0;
    (void)str_printable(detail, sizeof detail, span_of(words));
    (void)stop_edges(edges, edge_count, &ended, &ignored);
    enum err e = db_stop_set(db, true, actor, detail, why);
    // A tick that had not seen the stop yet may have raised one meanwhile.
    struct why words_of_edge = {0};
    enum err edge = stop_edges(edges, edge_count, &ended, &words_of_edge);
    if (e == ERR_OK) {
        e = stop_rows(db, actor, detail, count, policy, why);
    }
    return e != ERR_OK || edge == ERR_OK ? e : why_set(why, edge, "%s", words_of_edge.text);
}
