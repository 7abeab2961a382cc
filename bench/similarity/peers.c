// SPDX-License-Identifier: Apache-2.0
#include "bench/similarity/peers.h"

#include <stdint.h>
#include <stdlib.h>

enum {
    WORDS_MAX = 1 << 18,
    GRAM = 5,
    SIMHASH_MAX = 3
};
static const double JACCARD_MIN = .6;

// Words of the text between tags, lower-cased, without digits and punctuation, as hashes (FNV-1a).
static size_t words_of(uint64_t *out, struct span s)
{
    const uint64_t basis = 0xCBF29CE484222325U;
    size_t count = 0;
    uint64_t hash = basis;
    bool in_tag = false;
    for (size_t i = 0; i <= s.len && count < WORDS_MAX; i++) {
        unsigned char c = i == s.len ? ' ' : (unsigned char)s.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
        if (letter && !in_tag) {
            hash = (hash ^ (c | 0x20U)) * 0x100000001B3U;
        } else if (hash != basis) {
            out[count++] = hash;
            hash = basis;
        }
        in_tag = c == '<' || (in_tag && c != '>');
    }
    return count;
}

bool peer_equal_bytes(struct span a, struct span b)
{
    return span_equal(a, b);
}

static uint64_t simhash(uint64_t *words, struct span s)
{
    size_t count = words_of(words, s);
    long sums[64] = {0};
    for (size_t i = 0; i < count; i++) {
        for (unsigned bit = 0; bit < 64; bit++) {
            sums[bit] += (words[i] >> bit) & 1 ? 1 : -1;
        }
    }
    uint64_t hash = 0;
    for (unsigned bit = 0; bit < 64; bit++) {
        hash |= (uint64_t)(sums[bit] > 0) << bit;
    }
    return hash;
}

bool peer_simhash(struct span a, struct span b)
{
    uint64_t *words = malloc(WORDS_MAX * sizeof *words);
    if (words == NULL) {
        return false;
    }
    uint64_t differing = simhash(words, a) ^ simhash(words, b);
    free(words);
    return __builtin_popcountll(differing) <= SIMHASH_MAX;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

// Sorted set of 5-gram hashes in place of the words.
static size_t grams_of(uint64_t *words, struct span s)
{
    size_t count = words_of(words, s);
    count = count < GRAM ? 0 : count - GRAM + 1;
    for (size_t i = 0; i < count; i++) {
        uint64_t hash = 0;
        for (size_t j = 0; j < GRAM; j++) {
            hash = (hash ^ words[i + j]) * 0x9E3779B97F4A7C15U;
        }
        words[i] = hash;
    }
    qsort(words, count, sizeof *words, by_value);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || words[i] != words[kept - 1]) {
            words[kept++] = words[i];
        }
    }
    return kept;
}

bool peer_jaccard(struct span a, struct span b)
{
    uint64_t *in_a = malloc(WORDS_MAX * sizeof *in_a), *in_b = malloc(WORDS_MAX * sizeof *in_b);
    bool same = false;
    if (in_a != NULL && in_b != NULL) {
        size_t a_count = grams_of(in_a, a), b_count = grams_of(in_b, b), both = 0;
        for (size_t i = 0, j = 0; i < a_count && j < b_count;) {
            both += in_a[i] == in_b[j];
            bool step_a = in_a[i] <= in_b[j], step_b = in_b[j] <= in_a[i];
            i += step_a;
            j += step_b;
        }
        size_t all = a_count + b_count - both;
        same = all > 0 && (double)both / (double)all >= JACCARD_MIN;
    }
    free(in_a);
    free(in_b);
    return same;
}
