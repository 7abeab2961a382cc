// SPDX-License-Identifier: Apache-2.0
// What a controller put at an edge too late.
#include "pipeline/controller.h"

enum {
    MENDS_MAX = 3 // rows that others wrote while one call to an edge was under way
};

// What the edge shall have of a zone by a row that somebody else wrote.
static struct edge_want want_of(const struct rollout *stored, const struct zone *zone,
                                int64_t lease_s)
{
    struct edge_want want = hand_want(stored, zone, lease_s);
    if (!rollout_active(stored)) {
        want.old_mode = zone->mode;
        want.new_mode = zone->mode;
    }
    return want;
}

static bool same_row(const struct rollout *a, const struct rollout *b)
{
    return a->generation == b->generation && a->version == b->version;
}

// A rollout that is over is looked at again, by whoever is next.
static enum err wake(struct pass *pass, struct rollout *stored, struct why *why)
{
    int64_t now = 0;
    enum err e = db_now(pass->db, &now, why);
    bool rests = stored->state == ROLLOUT_DONE ||
                 (stored->state == ROLLOUT_COOLDOWN && stored->cooldown_until > now);
    if (e != ERR_OK || !rests) {
        return e;
    }
    stored->tick_at = now;
    return db_rollout_update(pass->db, stored, NULL, why);
}

static bool on_the_way(enum rollout_state state)
{
    return state >= ROLLOUT_PREFLIGHT && state <= ROLLOUT_FINALISING;
}

void controller_mend(struct pass *pass, const struct work *work, bool raised)
{
    struct rollout stored = work->rollout;
    for (int i = 0; i < MENDS_MAX; i++) {
        struct why why = {0};
        OWN(zone_own) struct zone *zone = NULL;
        const struct rollout before = stored;
        enum err e = db_rollout_get(pass->db, before.zone_id, &stored, &why);
        bool moves = on_the_way(stored.state) && stored.generation == work->rollout.generation;
        if (e == ERR_OK && (same_row(&stored, &before) || (moves && !raised))) {
            return;
        }
        e = e != ERR_OK ? e : wake(pass, &stored, &why);
        e = e != ERR_OK ? e : db_zone_get(pass->db, &zone, before.zone_id, &why);
        if (e == ERR_OK) {
            struct edge_want want = want_of(&stored, zone, pass->policy->rollout.lease_s);
            e = hand_put(work->fleet, &want, &pass->sums->apply, &why);
        }
        if (e != ERR_OK) {
            pass_trouble(pass, work, &why, e);
            stored.version = 0; // once more
        }
    }
}
