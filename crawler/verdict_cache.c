// SPDX-License-Identifier: Apache-2.0
#include "crawler/verdict_cache.h"

#include <openssl/x509_vfy.h>
#include <stdlib.h>

struct verdict_entry {
    unsigned char key[VERDICT_KEY_BYTES];
    struct certificate *facts; // owned
    int64_t from_s, until_s;
    uint32_t next; // in its bucket, 1-based
    bool used;     // since the hand came by
};

struct verdict_cache *verdict_cache_new(const struct trust *trust, size_t entries)
{
    struct verdict_cache *cache = calloc(1, sizeof *cache);
    if (cache == NULL) {
        return NULL;
    }
    cache->trust = trust;
    cache->cap = entries == 0 ? 1 : entries < UINT32_MAX / 4 ? entries : UINT32_MAX / 4;
    cache->bucket_count = 1;
    while (cache->bucket_count < cache->cap) {
        cache->bucket_count *= 2;
    }
    cache->work = X509_STORE_CTX_new();
    cache->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    cache->digest = EVP_MD_CTX_new();
    cache->entries = calloc(cache->cap, sizeof *cache->entries);
    cache->buckets = calloc(cache->bucket_count, sizeof *cache->buckets);
    if (cache->work == NULL || cache->sha256 == NULL || cache->digest == NULL ||
        cache->entries == NULL || cache->buckets == NULL) {
        verdict_cache_free(cache);
        return NULL;
    }
    return cache;
}

void verdict_cache_free(struct verdict_cache *cache)
{
    if (cache == NULL) {
        return;
    }
    for (size_t i = 0; i < cache->count; i++) {
        certificate_free(cache->entries[i].facts);
    }
    free(cache->entries);
    free(cache->buckets);
    X509_STORE_CTX_free(cache->work);
    EVP_MD_CTX_free(cache->digest);
    EVP_MD_free(cache->sha256);
    free(cache);
}

static bool digest_number(EVP_MD_CTX *digest, uint32_t number)
{
    return EVP_DigestUpdate(digest, &number, sizeof number) == 1;
}

static bool digest_certificate(EVP_MD_CTX *digest, X509 *certificate)
{
    unsigned char *der = NULL;
    int len = i2d_X509(certificate, &der);
    bool ok = len > 0 && digest_number(digest, (uint32_t)len) &&
              EVP_DigestUpdate(digest, der, (size_t)len) == 1;
    OPENSSL_free(der);
    return ok;
}

enum err verdict_cache_key(unsigned char key[VERDICT_KEY_BYTES], struct verdict_cache *cache,
                           STACK_OF(X509) * sent, uint32_t sets)
{
    bool ok = EVP_DigestInit_ex(cache->digest, cache->sha256, NULL) == 1 &&
              digest_number(cache->digest, sets);
    for (int i = 0; i < sk_X509_num(sent) && ok; i++) {
        ok = digest_certificate(cache->digest, sk_X509_value(sent, i));
    }
    unsigned len = 0;
    ok = ok && EVP_DigestFinal_ex(cache->digest, key, &len) == 1 && len == VERDICT_KEY_BYTES;
    return ok ? ERR_OK : ERR_NOMEM;
}

// The bucket's head, or the `next` of another entry, that leads to the key's entry or to 0.
static uint32_t *find(const struct verdict_cache *cache, const unsigned char *key)
{
    size_t hash = 0;
    memcpy(&hash, key, sizeof hash);
    uint32_t *at = &cache->buckets[hash & (cache->bucket_count - 1)];
    while (*at != 0 && memcmp(cache->entries[*at - 1].key, key, VERDICT_KEY_BYTES) != 0) {
        at = &cache->entries[*at - 1].next;
    }
    return at;
}

const struct certificate *verdict_cache_get(struct verdict_cache *cache,
                                            const unsigned char key[VERDICT_KEY_BYTES], int64_t now)
{
    uint32_t number = *find(cache, key);
    struct verdict_entry *entry = number == 0 ? NULL : &cache->entries[number - 1];
    if (entry == NULL || now < entry->from_s || now >= entry->until_s) {
        cache->misses++;
        return NULL;
    }
    entry->used = true;
    cache->hits++;
    return entry->facts;
}

// An entry for a new key: a fresh one while there are any, then the first the hand finds unused.
static struct verdict_entry *make_room(struct verdict_cache *cache)
{
    if (cache->count < cache->cap) {
        return &cache->entries[cache->count++];
    }
    while (cache->entries[cache->hand].used) {
        cache->entries[cache->hand].used = false;
        cache->hand = (cache->hand + 1) % cache->cap;
    }
    struct verdict_entry *entry = &cache->entries[cache->hand];
    cache->hand = (cache->hand + 1) % cache->cap;
    uint32_t *link = find(cache, entry->key);
    *link = entry->next;
    certificate_free(entry->facts);
    return entry;
}

void verdict_cache_put(struct verdict_cache *cache, const unsigned char key[VERDICT_KEY_BYTES],
                       struct certificate *facts, int64_t from_s, int64_t until_s)
{
    uint32_t number = *find(cache, key);
    if (number != 0) {
        struct verdict_entry *entry = &cache->entries[number - 1];
        certificate_free(entry->facts);
        entry->facts = facts;
        entry->from_s = from_s;
        entry->until_s = until_s;
        return;
    }
    struct verdict_entry *entry = make_room(cache);
    *entry = (struct verdict_entry){.facts = facts, .from_s = from_s, .until_s = until_s};
    memcpy(entry->key, key, VERDICT_KEY_BYTES);
    *find(cache, key) = (uint32_t)(entry - cache->entries) + 1;
}
