// SPDX-License-Identifier: Apache-2.0
// Rollouts that went back, told at once.
#include <stdlib.h>

#include "model/week.h"
#include "pipeline/digests.h"

#define LOOK_BACK_S 86400 // an older one is told by the digest alone

struct notice {
    struct digest *digest; // owned
    int64_t generation;
};

struct notices {
    struct db *db;
    struct notice *list; // owned
    size_t count;
    int64_t now;
    struct why *why;
};

static void notices_done(struct notices *notices)
{
    for (size_t i = 0; i < notices->count; i++) {
        digest_free(notices->list[i].digest);
    }
    free(notices->list);
}

static enum err is_told(bool *told, struct db *db, const struct db_turn *turn, struct why *why)
{
    char name[96];
    OWN(db_letter_done) struct db_letter letter = {0};
    (void)snprintf(name, sizeof name, "rollback/%.32s/%lld", turn->zone_id,
                   (long long)turn->generation);
    enum err e = db_letter_get(db, name, &letter, why);
    *told = e == ERR_OK;
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err make(struct digest **out, const struct db_turn *turn, int64_t now)
{
    OWN(digest_own) struct digest *digest = digest_new(turn->account, week_of(turn->at), now);
    if (digest == NULL) {
        return ERR_NOMEM;
    }
    digest->notice = digest->news = true;
    const struct rollout_reason_row *row = rollout_reason_row(turn->reason);
    char text[1024];
    (void)snprintf(text, sizeof text, "%s %.600s", row->sentence, turn->detail);
    struct digest_item item = {.zone = (char *)(uintptr_t)turn->zone,
                               .from = turn->from,
                               .to = turn->to,
                               .at = turn->at,
                               .text = text,
                               .remedy = (char *)(uintptr_t)row->remedy};
    (void)snprintf(item.zone_id, sizeof item.zone_id, "%s", turn->zone_id);
    enum err e = digest_add(digest, DIGEST_ROLLED_BACK, &item, 1);
    if (e == ERR_OK) {
        *out = digest;
        digest = NULL;
    }
    return e;
}

// Nothing may be written while the list is read.
static enum err collect(void *ctx, const struct db_turn *turn)
{
    struct notices *notices = ctx;
    bool told = turn->state != ROLLOUT_ROLLED_BACK || !digests_tells(turn);
    enum err e = told ? ERR_OK : is_told(&told, notices->db, turn, notices->why);
    if (e != ERR_OK || told) {
        return e;
    }
    struct notice *grown = realloc(notices->list, (notices->count + 1) * sizeof *grown);
    if (grown == NULL) {
        return ERR_NOMEM;
    }
    notices->list = grown;
    notices->list[notices->count] = (struct notice){.generation = turn->generation};
    e = make(&notices->list[notices->count].digest, turn, notices->now);
    notices->count += e == ERR_OK ? 1 : 0;
    return e;
}

enum err digests_notices(struct db *db, const char *account, const struct digest_policy *policy,
                         int64_t now, struct digest_sums *sums, struct why *why)
{
    OWN(notices_done) struct notices notices = {.db = db, .now = now, .why = why};
    enum err e = db_turn_each(db, account, now - LOOK_BACK_S, now + 1, collect, &notices, why);
    for (size_t i = 0; e == ERR_OK && i < notices.count; i++) {
        OWN(db_letter_done) struct db_letter letter = {0};
        const struct notice *notice = &notices.list[i];
        e = digests_render(&letter, notice->digest, notice->generation, policy, db, why);
        e = e == ERR_OK ? digests_store(db, &letter, policy, why) : e;
        sums->made += e == ERR_OK ? 1 : 0;
        e = e == ERR_EXISTS ? ERR_OK : e;
    }
    return e;
}
