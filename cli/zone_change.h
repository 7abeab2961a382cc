// SPDX-License-Identifier: Apache-2.0
// A zone of the store is changed by hand: what goes with it, as in the API.
#ifndef SSLAUTO_CLI_ZONE_CHANGE_H
#define SSLAUTO_CLI_ZONE_CHANGE_H

#include "db/db.h"
#include "model/zone.h"

// What the zone was; of no strings of its own.
struct zone_before {
    enum mode mode;
    enum automatic automatic;
    int64_t opt_out_until;
    bool allowed; // whether plan and pulls let it have its mode
};

struct zone_before zone_before(const struct zone *zone);
// ERR_INVALID: its plan or its pulls do not let it have its mode. before NULL = a new zone. What
// was so before stays changeable in other ways.
enum err zone_change_allowed(const struct zone *zone, const struct zone_before *before,
                             struct why *why);
// In the caller's transaction: the zone, events of a changed mode and automatic, the order for the
// edge, and a rollout under way is looked at now.
enum err zone_change_store(struct db *db, const struct zone *zone, const struct zone_before *before,
                           struct why *why);

#endif
