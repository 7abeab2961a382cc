// SPDX-License-Identifier: Apache-2.0
// What one origin supports. Private to the room.
#ifndef SSLAUTO_RECOMMEND_ORIGIN_H
#define SSLAUTO_RECOMMEND_ORIGIN_H

#include "recommend/finding.h"
#include "recommend/recommend.h"

// One origin and everything that bears on it.
struct look {
    const struct zone *zone;
    const struct recommend_policy *policy;
    int64_t now;
    const struct evidence *evidence; // of the whole zone
    const struct origin_evidence *origin;
    struct subject about;
};

// Doubt lowers `safe` and nothing else; only a failure that was seen lowers `ceiling`.
struct judgement {
    enum mode safe;    // strongest mode that is known to work; MODE_NONE = nothing can be said
    enum mode ceiling; // strongest mode that is not known to fail; MODE_NONE = all fail
    enum mode floor;   // weakest mode that works: an origin that redirects to HTTPS needs full
    struct finding_list reasons;
    struct finding_list blockers;
};

void judgement_done(struct judgement *judgement);
// out must be zeroed. Without memory the lists say so.
void origin_judge(struct judgement *out, const struct look *look);

#endif
