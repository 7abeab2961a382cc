// SPDX-License-Identifier: Apache-2.0
// Numbers to an answer: rules in one order, and a score that ranks within each answer.
#ifndef SSLAUTO_SIMILARITY_DECIDE_H
#define SSLAUTO_SIMILARITY_DECIDE_H

#include "similarity/measure.h"
#include "similarity/similarity.h"

// Sets verdict, score, rule and detail; the flags stay as they are.
void decide(struct sim_result *out, const struct measure *m);
// A verdict by rule alone, with a score inside its band: `rank` 0..1 from its lower end.
void decide_fixed(struct sim_result *out, enum sameness verdict, double rank, const char *rule,
                  const char *detail);
// Two pages whose words were judged, of which one hands its visitor to another place; `words` of
// the page with fewer. Never makes them more alike.
void decide_target(struct sim_result *out, const struct target_difference *d, size_t words);

#endif
