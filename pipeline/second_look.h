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
// Notes in *second what became of *first.
void second_look_merge(struct origin_evidence *second, const struct origin_evidence *first);

#endif
