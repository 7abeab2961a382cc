// SPDX-License-Identifier: Apache-2.0
#include "cli/zone_change.h"

#include "cli/command.h"
#include "core/time.h"

struct zone_before zone_before(const struct zone *zone)
{
    return (struct zone_before){.mode = zone->mode,
                                .automatic = zone->automatic,
                                .opt_out_until = zone->opt_out_until,
                                .allowed = zone_allows_mode(zone, zone->mode, NULL) == ERR_OK};
}

enum err zone_change_allowed(const struct zone *zone, const struct zone_before *before,
                             struct why *why)
{
    bool known = before != NULL && !before->allowed && zone->mode == before->mode;
    return known ? ERR_OK : zone_allows_mode(zone, zone->mode, why);
}

// A rollout under way is looked at now: it goes back because of what changed.
static enum err look_now(struct db *db, const char *id, struct why *why)
{
    struct rollout rollout;
    struct why ignored = {""};
    enum err e = db_rollout_get(db, id, &rollout, &ignored);
    if (e == ERR_NOT_FOUND || (e == ERR_OK && !rollout_active(&rollout))) {
        return ERR_OK;
    }
    e = e == ERR_OK ? db_now(db, &rollout.tick_at, why) : why_set(why, e, "%s", ignored.text);
    return e == ERR_OK ? db_rollout_update(db, &rollout, NULL, why) : e;
}

static enum err tell(struct db *db, const struct zone *zone, const char *kind, const char *detail,
                     struct why *why)
{
    char actor[64];
    struct db_event event = {
        .zone_id = zone->id, .actor = cli_actor(actor), .kind = kind, .detail = detail};
    return db_event_add(db, &event, why);
}

static enum err tell_automatic(struct db *db, const struct zone *zone,
                               const struct zone_before *before, struct why *why)
{
    char until[TIME_TEXT_SIZE];
    char detail[512];
    bool grace = zone->opt_out_until != 0;
    (void)snprintf(detail, sizeof detail, "%s: ssl_automatic_mode from %s to %s%s%s", zone->name,
                   automatic_str(before->automatic), automatic_str(zone->automatic),
                   grace                        ? ", nothing changes before "
                   : before->opt_out_until != 0 ? ", the grace period ends"
                                                : "",
                   grace ? time_print(until, zone->opt_out_until) : "");
    return tell(db, zone, "automatic_changed", detail, why);
}

static enum err tell_mode(struct db *db, const struct zone *zone, enum mode before, struct why *why)
{
    char detail[512];
    (void)snprintf(detail, sizeof detail, "%s: ssl from %s to %s, set by hand", zone->name,
                   mode_str(before), mode_str(zone->mode));
    enum err e = tell(db, zone, "mode_changed", detail, why);
    return e == ERR_OK ? db_order_add(db, zone->id, why) : e;
}

enum err zone_change_store(struct db *db, const struct zone *zone, const struct zone_before *before,
                           struct why *why)
{
    bool mode = zone->mode != before->mode;
    bool automatic =
        zone->automatic != before->automatic || zone->opt_out_until != before->opt_out_until;
    enum err e = db_zone_update(db, zone, why);
    if (e == ERR_OK && automatic) {
        e = tell_automatic(db, zone, before, why);
    }
    if (e == ERR_OK && mode) {
        e = tell_mode(db, zone, before->mode, why);
    }
    return e == ERR_OK && (mode || automatic) ? look_now(db, zone->id, why) : e;
}
