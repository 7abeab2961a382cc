// SPDX-License-Identifier: Apache-2.0
// Which of several looks at an origin counts: the worse one.
#ifndef SSLAUTO_PIPELINE_QUALITY_H
#define SSLAUTO_PIPELINE_QUALITY_H

#include "model/evidence.h"

// How good a look is: more is better, 4 is what a mode may rest on. Certificates do not count: they
// do not fail in passing.
int quality_of(const struct origin_evidence *look);
// Servers behind one name or address may differ in their handshakes, and an edge may meet any of
// them: `kept` gets the worst of each kind, which need not be of one handshake. Of certificates,
// the one that strict refuses, else the one that ends first; its own is moved into `other`.
void quality_keep_worse_tls(struct origin_evidence *kept, struct origin_evidence *other);

#endif
