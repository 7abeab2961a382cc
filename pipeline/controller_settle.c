// SPDX-License-Identifier: Apache-2.0
// Modes that were set by hand: the edges are told.
#include <stdlib.h>

#include "pipeline/pipeline.h"

// Orders are read before the first is carried out: the list may not be written through.
struct order {
    char zone_id[33];
    int64_t version;
};

struct orders {
    struct order *list; // owned
    size_t count, room;
};

static void orders_done(struct orders *orders)
{
    free(orders->list);
}

static enum err take(void *ctx, const char *zone_id, int64_t version)
{
    struct orders *orders = ctx;
    if (orders->count == orders->room) {
        size_t room = orders->room == 0 ? 16 : orders->room * 2;
        struct order *more = realloc(orders->list, room * sizeof *more);
        if (more == NULL) {
            return ERR_NOMEM;
        }
        orders->list = more;
        orders->room = room;
    }
    struct order *order = &orders->list[orders->count++];
    (void)snprintf(order->zone_id, sizeof order->zone_id, "%s", zone_id);
    order->version = version;
    return ERR_OK;
}

static struct edge *edge_of(struct edge *const *edges, size_t edge_count, const char *name)
{
    for (size_t i = 0; i < edge_count; i++) {
        if (strcmp(edge_name(edges[i]), name) == 0) {
            return edges[i];
        }
    }
    return NULL;
}

// A rollout that holds something at the edge goes back first; its controller looks at it now.
static enum err must_wait(bool *out, struct db *db, const char *zone_id, struct why *why)
{
    struct rollout rollout;
    struct why ignored = {""};
    enum err e = db_rollout_get(db, zone_id, &rollout, &ignored);
    *out = e == ERR_OK && rollout_active(&rollout) && rollout.state != ROLLOUT_ELIGIBLE;
    return e == ERR_OK || e == ERR_NOT_FOUND ? ERR_OK : why_set(why, e, "%s", ignored.text);
}

// Several processes carry out the same orders. Who was slow, and put what was right when it began,
// may have put it over what another one put since, whose order is gone by now: it is given anew.
static enum err put_in_time(bool *out, struct db *db, const struct zone *zone, struct why *why)
{
    OWN(zone_own) struct zone *now = NULL;
    struct why ignored = {""};
    enum err e = db_zone_get(db, &now, zone->id, &ignored);
    *out = e == ERR_NOT_FOUND || (e == ERR_OK && now->version == zone->version);
    if (e == ERR_OK && !*out) {
        return db_order_add(db, zone->id, why);
    }
    return e == ERR_OK || e == ERR_NOT_FOUND ? ERR_OK : why_set(why, e, "%s", ignored.text);
}

static enum err settle(bool *done, struct db *db, struct edge *const *edges, size_t edge_count,
                       const struct order *order, struct why *why)
{
    OWN(zone_own) struct zone *zone = NULL;
    bool wait = false;
    *done = false;
    enum err e = must_wait(&wait, db, order->zone_id, why);
    if (e != ERR_OK || wait) {
        return e;
    }
    e = db_zone_get(db, &zone, order->zone_id, why);
    if (e != ERR_OK) {
        return e == ERR_NOT_FOUND ? ERR_OK : e; // removed meanwhile, with its order
    }
    struct edge *edge = edge_of(edges, edge_count, zone->edge);
    if (edge == NULL) {
        return why_set(why, ERR_UNAVAILABLE, "zone %s: edge %s is not there", zone->name,
                       zone->edge);
    }
    const struct edge_want want = {.zone = zone, .old_mode = zone->mode, .new_mode = zone->mode};
    enum err put = edge_apply(edge, &want, why);
    struct why words = {""};
    bool in_time = false;
    e = put_in_time(&in_time, db, zone, &words);
    if (e == ERR_OK && put == ERR_OK && in_time) {
        e = db_order_done(db, order->zone_id, order->version, &words);
        *done = e == ERR_OK;
    }
    return e == ERR_OK ? put : why_set(why, e, "%s", words.text);
}

enum err controller_settle(struct db *db, struct edge *const *edges, size_t edge_count,
                           struct controller_settled *out, struct why *why)
{
    OWN(orders_done) struct orders orders = {0};
    *out = (struct controller_settled){0};
    enum err e = db_order_each(db, take, &orders, why);
    for (size_t i = 0; e == ERR_OK && i < orders.count; i++) {
        struct why words = {""};
        bool done = false;
        e = settle(&done, db, edges, edge_count, &orders.list[i], &words);
        out->told += done;
        out->left += !done;
        if (e == ERR_UNAVAILABLE || e == ERR_INVALID || e == ERR_CORRUPT) { // that edge's alone
            if (out->words[0] == '\0') {
                (void)snprintf(out->words, sizeof out->words, "%s", why_text(&words, e));
            }
            e = ERR_OK;
        } else if (e != ERR_OK) {
            (void)why_set(why, e, "%s", words.text);
        }
    }
    return e;
}
