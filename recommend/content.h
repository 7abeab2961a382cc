// SPDX-License-Identifier: Apache-2.0
// Whether HTTPS serves what HTTP serves. Private.
#ifndef SSLAUTO_RECOMMEND_CONTENT_H
#define SSLAUTO_RECOMMEND_CONTENT_H

#include "recommend/origin.h"

enum content {
    CONTENT_SAME,
    CONTENT_ELSEWHERE, // on another host of the zone, which is judged by itself
    CONTENT_UNSURE,    // it looks alike, and that is not enough
    CONTENT_UNKNOWN,   // nothing to compare
    CONTENT_BAD,       // HTTPS does not serve the site
};

// Both home pages answered. All but CONTENT_SAME add at least one finding.
enum content content_judge(const struct look *look, struct finding_list *blockers);

#endif
