// SPDX-License-Identifier: Apache-2.0
// The jobs of one target whose origin's name has several addresses: visitors reach any of them, so
// each is looked at as an origin of its own, and the visits come home together.
#ifndef SSLAUTO_CRAWLER_FAMILY_H
#define SSLAUTO_CRAWLER_FAMILY_H

#include "core/limits.h"
#include "crawler/engine.h"

// A resolved job into one for each of its addresses; jobs[0] is the job itself. Returns how many.
// Without memory it is the only one, and its visit says overload.
size_t family_split(struct job *jobs[LIMIT_ADDRESSES], struct job *job);
// Takes the visit of the job: the whole chain when it was the last to come back, else NULL. A job
// without a family is always the last. Any thread of a worker.
struct visit *family_bring(struct job *job);

// In place: the chain of the visits in this order, without those whose address has no route from
// here when another one answered. Owns what it leaves out.
struct visit *family_chain(struct visit *visits[], size_t count);

#endif
