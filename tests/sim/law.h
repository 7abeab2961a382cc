// SPDX-License-Identifier: Apache-2.0
// The laws of the world. Each looks at what is, not at what a controller says.
#ifndef SSLAUTO_TESTS_SIM_LAW_H
#define SSLAUTO_TESTS_SIM_LAW_H

#include "tests/sim/sim.h"

// The first broken law ends the world.
[[gnu::format(printf, 3, 4)]] void law_break(struct sim *sim, const char *law, const char *form,
                                             ...);

// law.c: after a transaction, of the zones written in it.
void law_committed(struct sim *sim);
// After a pass of a controller, or a wish.
void law_slow(struct sim *sim); // now and then: nothing due is left lying
// Everything is at rest, and as it should be. At the end that must be so.
bool law_rests(struct sim *sim, char words[256]);
void law_histories(struct sim *sim); // at the end: as many events as transitions

// law_edge.c
void law_landing(struct sim *sim, const struct sim_zone *zone, const struct ramp *ramp);
void law_visitors(struct sim *sim, const struct fake_edge *fake, const struct process *process,
                  const struct sim_zone *zone, const struct slot *slot);
// Looked at with every stretch of visitors, and when a handshake failed in the new mode.
void law_watch_full(struct sim *sim, const struct fake_edge *fake, struct sim_zone *zone);
void law_not_held(struct sim *sim, struct sim_zone *zone);
void law_taken_back(struct sim *sim, const struct sim_zone *zone);
void law_finished(struct sim *sim, const struct sim_zone *zone);
void law_restored(struct sim *sim, const struct sim_zone *zone);

#endif
