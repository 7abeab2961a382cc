// SPDX-License-Identifier: Apache-2.0
// Whether an edge in strict mode accepts the certificate, now and for the margin. Private.
#ifndef SSLAUTO_RECOMMEND_STRICT_H
#define SSLAUTO_RECOMMEND_STRICT_H

#include "recommend/origin.h"

// False adds one finding per check that fails. The origin has a certificate.
bool strict_accepts(const struct look *look, struct finding_list *blockers);
// Adds who accepts it and until when.
void strict_explain(const struct look *look, struct finding_list *reasons);

#endif
