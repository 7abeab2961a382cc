// SPDX-License-Identifier: Apache-2.0
// A finding that could be a passing failure is looked at again before it is believed: about a
// third of what a first crawl finds is gone a day later (facts of Paracha et al., TMA 2020).
#ifndef SSLAUTO_PIPELINE_SECOND_LOOK_H
#define SSLAUTO_PIPELINE_SECOND_LOOK_H

#include <stdint.h>

#include "model/evidence.h"

// Milliseconds until the second look, from the configured pause and what the origin asked for by
// Retry-After; -1 = none is needed, or the origin asked for longer than a scan should wait.
int64_t second_look_after(const struct origin_evidence *first, int64_t pause_ms);
// Notes in *second what became of *first. What was worse in its handshake is taken over.
void second_look_merge(struct origin_evidence *second, struct origin_evidence *first);
// True when *second was better than the first look: one good answer after a bad one is no proof, so
// a third look decides.
bool second_look_wants_third(const struct origin_evidence *second);
// Notes in *third what became of *second, itself merged before: still good, and the first failure
// has passed; worse again, and what fails on and off is believed to fail.
void second_look_settle(struct origin_evidence *third, struct origin_evidence *second);

#endif
