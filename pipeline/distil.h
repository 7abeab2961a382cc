// SPDX-License-Identifier: Apache-2.0
// fetch -> evidence: what one visit of one origin says, without the bodies.
#ifndef SSLAUTO_PIPELINE_DISTIL_H
#define SSLAUTO_PIPELINE_DISTIL_H

#include "model/evidence.h"
#include "model/zone.h"

// Fills *out (release with origin_evidence_done) from the worst of the visits in the chain: an edge
// may send a visitor to any of the origin's addresses. Takes the certificates out of the visits.
enum err distil(struct origin_evidence *out, const struct origin *origin, struct visit *visit);

#endif
