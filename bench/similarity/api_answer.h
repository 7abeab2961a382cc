// SPDX-License-Identifier: Apache-2.0
// A site whose root answers with JSON: a list of wares, and what a server adds to each answer.
#ifndef SSLAUTO_BENCH_SIMILARITY_API_ANSWER_H
#define SSLAUTO_BENCH_SIMILARITY_API_ANSWER_H

#include "bench/similarity/site.h"

// Of the view it heeds site, page, fetch, scene (PAGE, SWAPPED, OLD, ERROR), clock, rebuilt (keys
// in other order) and doubled.
void api_answer_render(struct buf *out, const struct view *view);

#endif
