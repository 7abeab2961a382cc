// SPDX-License-Identifier: Apache-2.0
// A bounded memory of judged chains. Clock replacement: what was asked for since the hand last
// came by stays.
#ifndef SSLAUTO_CRAWLER_VERDICT_CACHE_H
#define SSLAUTO_CRAWLER_VERDICT_CACHE_H

#include <openssl/evp.h>

#include "crawler/certificate.h"

enum {
    VERDICT_KEY_BYTES = 32
};

struct verdict_entry; // private

struct verdict_cache {
    const struct trust *trust;     // lent
    X509_STORE_CTX *work;          // owned: scratch of chain_verify
    EVP_MD *sha256;                // owned; fetched once, which is the slow part of a digest
    EVP_MD_CTX *digest;            // owned
    struct verdict_entry *entries; // owned
    size_t count, cap;
    uint32_t *buckets;   // owned; 1-based entries
    size_t bucket_count; // a power of two
    size_t hand;
    unsigned long hits, misses;
};

// SHA-256 over the lengths and bytes of the certificates and the sets asked.
enum err verdict_cache_key(unsigned char key[VERDICT_KEY_BYTES], struct verdict_cache *cache,
                           STACK_OF(X509) * sent, uint32_t sets);
// Lent until the next put; NULL when it is not there or does not hold at `now`.
const struct certificate *verdict_cache_get(struct verdict_cache *cache,
                                            const unsigned char key[VERDICT_KEY_BYTES],
                                            int64_t now);
// Takes facts, which hold from from_s until before until_s.
void verdict_cache_put(struct verdict_cache *cache, const unsigned char key[VERDICT_KEY_BYTES],
                       struct certificate *facts, int64_t from_s, int64_t until_s);

#endif
