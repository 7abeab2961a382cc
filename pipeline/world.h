// SPDX-License-Identifier: Apache-2.0
// What the store knows about a rollout besides its own row: the zone as it is now, what its scans
// say, how many others are under way.
#ifndef SSLAUTO_PIPELINE_WORLD_H
#define SSLAUTO_PIPELINE_WORLD_H

#include "pipeline/pipeline.h"

// Fills mode, automatic, recommended, recommended_at and confirmed; the rest is left alone.
enum err world_read(struct rollout_world *out, struct db *db, const struct zone *zone, enum mode to,
                    bool confirm, int64_t now, struct why *why);
// What costs more to know than the two newest scans' modes: the newest one itself says whether the
// scan before it was of the same hosts and long enough before.
enum err world_confirmed(bool *out, struct db *db, const char *zone_id, struct why *why);
// Whether one more rollout would pass a cap. To be trusted within the transaction that begins it.
enum err world_capped(bool *out, struct db *db, const struct zone *zone,
                      const struct rollout *rollout, const struct controller_policy *policy,
                      struct why *why);
// Whether a certificate that the newest scan saw ends within margin_s.
enum err world_certificate_short(bool *out, struct db *db, const char *zone_id, int64_t margin_s,
                                 int64_t now, struct why *why);
// Whether something at the origin changed since `before` went back: another network, a certificate
// issued since, or a scan since that said something else than the newest.
enum err world_origin_changed(bool *out, struct db *db, const struct zone *zone,
                              const struct rollout *before, struct why *why);
// "192.0.2.0/24" or "2001:db8::/48" of the zone's first origin, as the newest scan resolved it; ""
// where it is a name that no scan resolved.
enum err world_network(char out[48], struct db *db, const struct zone *zone, struct why *why);
// When a scan may be asked for that confirms or renews a recommendation: soon after the attempt
// began, ever more rarely as scans since did not help.
enum err world_ask_again_at(int64_t *out, struct db *db, const struct rollout *rollout,
                            struct why *why);

#endif
