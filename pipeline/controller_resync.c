// SPDX-License-Identifier: Apache-2.0
// The steady state of a whole edge, from the store.
#include <stdlib.h>

#include "pipeline/pipeline.h"

// The zones of one fleet. All of them are read before the edge hears of the first: what it is not
// told it would forget.
struct all {
    struct db *db;
    const char *edge;
    struct zone **zones; // owned
    size_t count, room;
    size_t at; // next to tell
    struct why *why;
};

static void all_done(struct all *all)
{
    for (size_t i = 0; i < all->count; i++) {
        zone_free(all->zones[i]);
    }
    free((void *)all->zones);
}

static enum err all_add(struct all *all, struct zone *zone)
{
    if (all->count == all->room) {
        size_t room = all->room == 0 ? 256 : all->room * 2;
        struct zone **more = realloc((void *)all->zones, room * sizeof(struct zone *));
        if (more == NULL) {
            zone_free(zone);
            return ERR_NOMEM;
        }
        all->zones = more;
        all->room = room;
    }
    all->zones[all->count++] = zone;
    return ERR_OK;
}

static enum err take(void *ctx, const struct zone *lent)
{
    struct all *all = ctx;
    struct zone *zone = NULL;
    if (strcmp(lent->edge, all->edge) != 0) {
        return ERR_OK;
    }
    enum err e = db_zone_get(all->db, &zone, lent->id, all->why);
    return e == ERR_OK ? all_add(all, zone) : e;
}

static const struct zone *tell(void *ctx)
{
    struct all *all = ctx;
    return all->at < all->count ? all->zones[all->at++] : NULL;
}

// A zone whose mode was changed while the edge was told the old one: a rollout that was finished.
static enum err catch_up(struct all *all, struct edge *edge)
{
    for (size_t i = 0; i < all->count; i++) {
        OWN(zone_own) struct zone *now = NULL;
        enum err e = db_zone_get(all->db, &now, all->zones[i]->id, all->why);
        if (e == ERR_OK && now->mode != all->zones[i]->mode) {
            const struct edge_want want = {
                .zone = now, .old_mode = now->mode, .new_mode = now->mode};
            e = edge_apply(edge, &want, all->why);
        }
        if (e != ERR_OK && e != ERR_NOT_FOUND) {
            return e;
        }
    }
    return ERR_OK;
}

enum err controller_resync(struct db *db, struct edge *const *edges, size_t edge_count,
                           struct why *why)
{
    for (size_t i = 0; i < edge_count; i++) {
        OWN(all_done)
        struct all all = {.db = db, .edge = edge_name(edges[i]), .why = why};
        enum err e = db_zone_each(db, NULL, take, &all, why);
        if (e == ERR_OK) {
            e = edge_resync(edges[i], tell, &all, why);
        }
        if (e == ERR_OK) {
            e = catch_up(&all, edges[i]);
        }
        if (e != ERR_OK) {
            return e;
        }
    }
    return ERR_OK;
}
