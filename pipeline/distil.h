// SPDX-License-Identifier: Apache-2.0
// fetch -> evidence: what one visit of one origin says, without the bodies.
#ifndef SSLAUTO_PIPELINE_DISTIL_H
#define SSLAUTO_PIPELINE_DISTIL_H

#include "model/evidence.h"
#include "model/zone.h"

// Fills *out (release with origin_evidence_done). Takes the certificate out of the visit.
enum err distil(struct origin_evidence *out, const struct origin *origin, struct visit *visit);

#endif
