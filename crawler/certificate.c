// SPDX-License-Identifier: Apache-2.0
#include "crawler/certificate.h"

#include <assert.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "core/addr.h"
#include "core/limits.h"
#include "crawler/cert_facts.h"
#include "crawler/chain.h"
#include "crawler/trust.h"
#include "crawler/verdict_cache.h"

static void stack_done(STACK_OF(X509) * *stack)
{
    sk_X509_pop_free(*stack, X509_free);
}

static void borrowed_done(STACK_OF(X509) * *stack)
{
    sk_X509_free(*stack);
}

// Facts and everything that does not depend on the name.
static enum err judge_chain(struct certificate **out, struct verdict_cache *cache,
                            STACK_OF(X509) * sent, uint32_t sets, int64_t now, int64_t *from_s,
                            int64_t *until_s)
{
    struct chain_verdict verdict;
    enum err e = chain_verify(&verdict, cache->work, cache->trust, sent, sets, now);
    OWN(certificate_own) struct certificate *c = NULL;
    e = e == ERR_OK ? cert_facts_read(&c, sent) : e;
    if (e != ERR_OK) {
        return e;
    }
    c->chain_not_after = verdict.not_after;
    c->incomplete_chain = verdict.incomplete;
    c->weak_signature = verdict.weak_signature;
    if (verdict.set >= 0) {
        c->trust = strdup(cache->trust->sets[verdict.set].name);
        e = c->trust == NULL ? ERR_NOMEM : e;
    }
    if (verdict.error_count > 0) {
        c->errors = malloc(verdict.error_count * sizeof *c->errors);
        if (c->errors == NULL) {
            return ERR_NOMEM;
        }
        memcpy(c->errors, verdict.errors, verdict.error_count * sizeof *c->errors);
        c->error_count = verdict.error_count;
    }
    *from_s = verdict.from_s;
    *until_s = verdict.until_s;
    if (e == ERR_OK) {
        *out = c;
        c = NULL;
    }
    return e;
}

// RFC 6125 section 6.4.3: a wildcard is the whole left-most label and stands for one label. The CN
// is looked at only where there is no DNS name in subjectAltName (OpenSSL's default, and what the
// product documents).
static bool covers(X509 *leaf, const char *name)
{
    struct span text = span_of(name);
    if (text.len > 2 && text.at[0] == '[') {
        text = (struct span){text.at + 1, text.len - 2};
    }
    struct addr addr;
    if (addr_parse(&addr, text) == ERR_OK) {
        return X509_check_ip(leaf, addr.bytes, addr.version == 4 ? 4 : 16, 0) == 1;
    }
    return text.len > 0 && X509_check_host(leaf, text.at, text.len,
                                           X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1;
}

static enum err judge_names(struct certificate *c, X509 *leaf, const char *const *names,
                            size_t count)
{
    for (size_t i = 0; i < count && !c->name_ok; i++) {
        if (covers(leaf, names[i])) {
            c->name_matched = strdup(names[i]);
            if (c->name_matched == NULL) {
                return ERR_NOMEM;
            }
            c->name_ok = true;
        }
    }
    c->strict_ok =
        c->trust != NULL && c->error_count == 0 && c->name_ok && !c->weak_key && !c->weak_signature;
    return ERR_OK;
}

static enum err judge_cut(struct certificate **out, struct verdict_cache *cache,
                          STACK_OF(X509) * sent, uint32_t sets, const char *const *names,
                          size_t name_count, int64_t now)
{
    unsigned char key[VERDICT_KEY_BYTES];
    enum err e = verdict_cache_key(key, cache, sent, sets);
    if (e != ERR_OK) {
        return e;
    }
    const struct certificate *known = verdict_cache_get(cache, key, now);
    if (known == NULL) {
        struct certificate *made = NULL;
        int64_t from_s = 0;
        int64_t until_s = 0;
        e = judge_chain(&made, cache, sent, sets, now, &from_s, &until_s);
        if (e != ERR_OK) {
            return e;
        }
        verdict_cache_put(cache, key, made, from_s, until_s);
        known = made;
    }
    OWN(certificate_own) struct certificate *c = cert_facts_copy(known);
    e = c == NULL ? ERR_NOMEM : judge_names(c, sk_X509_value(sent, 0), names, name_count);
    if (e == ERR_OK) {
        *out = c;
        c = NULL;
    }
    return e;
}

enum err certificate_judge(struct certificate **out, struct verdict_cache *cache,
                           STACK_OF(X509) * chain, uint32_t sets, const char *const *names,
                           size_t name_count, int64_t now)
{
    assert(sk_X509_num(chain) > 0);
    (void)ERR_set_mark(); // of whoever called us in the middle of a handshake
    enum err e = ERR_OK;
    if ((size_t)sk_X509_num(chain) <= LIMIT_CERT_CHAIN) {
        e = judge_cut(out, cache, chain, sets, names, name_count, now);
    } else {
        OWN(borrowed_done) STACK_OF(X509) *cut = sk_X509_new_null();
        for (size_t i = 0; i < LIMIT_CERT_CHAIN && e == ERR_OK; i++) {
            bool ok = cut != NULL && sk_X509_push(cut, sk_X509_value(chain, (int)i)) > 0;
            e = ok ? ERR_OK : ERR_NOMEM;
        }
        e = e == ERR_OK ? judge_cut(out, cache, cut, sets, names, name_count, now) : e;
    }
    (void)ERR_pop_to_mark();
    return e;
}

// ---- reading ----

static STACK_OF(X509) * read_pem(struct span bytes)
{
    BIO *bio = BIO_new_mem_buf(bytes.at, (int)bytes.len);
    STACK_OF(X509) *chain = bio == NULL ? NULL : sk_X509_new_null();
    X509 *certificate = NULL;
    while (chain != NULL && (size_t)sk_X509_num(chain) < LIMIT_CERT_CHAIN &&
           (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        if (sk_X509_push(chain, certificate) <= 0) {
            X509_free(certificate);
            break;
        }
    }
    BIO_free(bio);
    return chain;
}

static STACK_OF(X509) * read_der(struct span bytes)
{
    const unsigned char *at = (const unsigned char *)bytes.at;
    const unsigned char *end = at + bytes.len;
    STACK_OF(X509) *chain = sk_X509_new_null();
    while (chain != NULL && at < end && (size_t)sk_X509_num(chain) < LIMIT_CERT_CHAIN) {
        X509 *certificate = d2i_X509(NULL, &at, end - at);
        if (certificate == NULL) {
            break;
        }
        if (sk_X509_push(chain, certificate) <= 0) {
            X509_free(certificate);
            break;
        }
    }
    return chain;
}

STACK_OF(X509) * certificate_read(struct span bytes)
{
    if (bytes.len == 0 || bytes.len > INT32_MAX) {
        return NULL;
    }
    (void)ERR_set_mark();
    bool pem = memmem(bytes.at, bytes.len, "-----BEGIN", 10) != NULL;
    OWN(stack_done) STACK_OF(X509) *chain = pem ? read_pem(bytes) : read_der(bytes);
    (void)ERR_pop_to_mark();
    if (chain == NULL || sk_X509_num(chain) == 0) {
        return NULL;
    }
    STACK_OF(X509) *read = chain;
    chain = NULL;
    return read;
}
