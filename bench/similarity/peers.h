// SPDX-License-Identifier: Apache-2.0
// Simple methods on the same pairs, at their published limits.
#ifndef SSLAUTO_BENCH_SIMILARITY_PEERS_H
#define SSLAUTO_BENCH_SIMILARITY_PEERS_H

#include "core/span.h"

bool peer_equal_bytes(struct span a, struct span b);
// 64-bit SimHash of words, distance <= 3 (Manku, Jain, Das Sarma 2007).
bool peer_simhash(struct span a, struct span b);
// Jaccard distance of word 5-gram sets <= .4 (Paracha et al. 2020, strict).
bool peer_jaccard(struct span a, struct span b);

#endif
