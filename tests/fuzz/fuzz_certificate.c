// SPDX-License-Identifier: Apache-2.0
// A chain in DER or PEM, judged with itself as the only authority.
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crawler/trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_words(const char *text)
{
    for (const char *at = text == NULL ? "" : text; *at != '\0'; at++) {
        assert(*at >= ' ' && *at < 0x7f);
    }
}

static void check_facts(const struct certificate *c)
{
    check_words(c->subject);
    check_words(c->issuer);
    check_words(c->common_name);
    check_words(c->signature);
    for (size_t i = 0; i < c->name_count; i++) {
        check_words(c->names[i]);
    }
    for (size_t i = 0; i < c->chain_count; i++) {
        check_words(c->chain[i]);
    }
    assert(strlen(c->fingerprint) == 64);
    assert(!c->strict_ok || (c->name_ok && c->error_count == 0 && !c->weak_key));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    STACK_OF(X509) *chain = certificate_read((struct span){(const char *)data, size});
    if (chain == NULL) {
        return 0;
    }
    char name[] = "self";
    struct trust trust = {
        .sets = {{name, X509_STORE_new()}}, .count = 1, .empty = X509_STORE_new()};
    (void)X509_STORE_add_cert(trust.sets[0].store, sk_X509_value(chain, sk_X509_num(chain) - 1));
    struct verdict_cache *cache = verdict_cache_new(&trust, 2);
    const char *const names[] = {"example.com", "192.0.2.1", "[2001:db8::1]"};
    for (uint32_t sets = 0; sets < 3 && cache != NULL; sets++) {
        struct certificate *c = NULL;
        if (certificate_judge(&c, cache, chain, sets % 2, names, 3, 1800000000) == ERR_OK) {
            check_facts(c);
            certificate_free(c);
        }
    }
    verdict_cache_free(cache);
    X509_STORE_free(trust.sets[0].store);
    X509_STORE_free(trust.empty);
    sk_X509_pop_free(chain, X509_free);
    return 0;
}
