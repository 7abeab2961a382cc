// SPDX-License-Identifier: Apache-2.0
// What the store keeps of one scan of a zone: the decision, and the evidence it was taken from.
#ifndef SSLAUTO_PIPELINE_RECORD_H
#define SSLAUTO_PIPELINE_RECORD_H

#include "db/db.h"
#include "model/evidence.h"
#include "recommend/recommend.h"

// Decides, and writes everything of *out but next_scan_at. Evidence that would be longer than
// LIMIT_EVIDENCE is shortened, in place and marked: the names and chains of certificates first, the
// words about pages then, never what a decision is taken from. *decided is taken from what is
// stored, so that a replay gives the same. On failure both are as db_scan_done and NULL leave them;
// ERR_LIMIT: too long in short too.
enum err record_make(struct db_scan *out, struct recommendation **decided, const struct zone *zone,
                     struct evidence *evidence, const struct recommend_policy *policy,
                     const struct recommend_past *past, struct why *why);

#endif
