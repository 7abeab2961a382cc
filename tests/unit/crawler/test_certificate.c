// SPDX-License-Identifier: Apache-2.0
#include "crawler/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/limits.h"
#include "core/time.h"
#include "crawler/verdict_cache.h"
#include "tests/support/check.h"
#include "tests/support/pki.h"

enum {
    NOW = 1800000000,
    DAY = 86400
};

// public root -> intermediate -> leaves; "extra" is a root of its own.
struct world {
    char folder[64];
    char public_file[96], extra_file[96];
    struct pki_cert root, intermediate, extra;
    struct trust *trust;
    struct verdict_cache *cache;
};

static struct pki_request authority(const char *name)
{
    return (struct pki_request){.common_name = name,
                                .ca = true,
                                .not_before = NOW - (int64_t)1000 * DAY,
                                .not_after = NOW + (int64_t)1000 * DAY};
}

static struct pki_request site(const char *names)
{
    return (struct pki_request){.common_name = "site",
                                .names = names,
                                .not_before = NOW - (int64_t)10 * DAY,
                                .not_after = NOW + (int64_t)80 * DAY};
}

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    (void)snprintf(w->folder, sizeof w->folder, "/tmp/sslauto-pki-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    (void)snprintf(w->public_file, sizeof w->public_file, "%s/public.pem", w->folder);
    (void)snprintf(w->extra_file, sizeof w->extra_file, "%s/extra.pem", w->folder);
    struct pki_request root = authority("Public Root");
    struct pki_request intermediate = authority("Intermediate");
    struct pki_request extra = authority("Extra Root");
    intermediate.not_after = NOW + (int64_t)500 * DAY;
    w->root = pki_issue(&root, NULL);
    w->intermediate = pki_issue(&intermediate, &w->root);
    w->extra = pki_issue(&extra, NULL);
    pki_write(w->public_file, (const struct pki_cert *[]){&w->root}, 1);
    pki_write(w->extra_file, (const struct pki_cert *[]){&w->extra}, 1);
    const struct trust_file files[] = {{"public", w->public_file}, {"origin_ca", w->extra_file}};
    struct why why = {0};
    assert_ok(trust_load(&w->trust, files, 2, &why), &why);
    w->cache = verdict_cache_new(w->trust, 64);
    assert_non_null(w->cache);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    verdict_cache_free(w->cache);
    trust_free(w->trust);
    pki_done(&w->root);
    pki_done(&w->intermediate);
    pki_done(&w->extra);
    (void)unlink(w->public_file);
    (void)unlink(w->extra_file);
    (void)rmdir(w->folder);
    free(w);
    return 0;
}

enum {
    PUBLIC = 1,
    EXTRA = 2
};

static struct certificate *judge_at(struct world *w, const struct pki_cert *const *certs,
                                    size_t count, uint32_t sets, const char *name, int64_t now)
{
    STACK_OF(X509) *chain = sk_X509_new_null();
    for (size_t i = 0; i < count; i++) {
        assert_true(sk_X509_push(chain, certs[i]->certificate) > 0);
    }
    struct certificate *c = NULL;
    assert_ok(certificate_judge(&c, w->cache, chain, sets, &name, 1, now), NULL);
    sk_X509_free(chain);
    return c;
}

// Asked twice: from the cache it must say the same.
static struct certificate *judge(struct world *w, const struct pki_cert *const *certs, size_t count,
                                 uint32_t sets, const char *name)
{
    struct certificate *first = judge_at(w, certs, count, sets, name, NOW);
    unsigned long hits = w->cache->hits;
    struct certificate *second = judge_at(w, certs, count, sets, name, NOW);
    assert_int_equal(w->cache->hits, hits + 1);
    assert_int_equal(first->strict_ok, second->strict_ok);
    assert_int_equal(first->name_ok, second->name_ok);
    assert_int_equal(first->error_count, second->error_count);
    assert_int_equal(first->name_count, second->name_count);
    assert_string_equal(first->subject, second->subject);
    assert_string_equal(first->fingerprint, second->fingerprint);
    certificate_free(first);
    return second;
}

static bool has_error(const struct certificate *c, int depth, int code)
{
    for (size_t i = 0; i < c->error_count; i++) {
        if (c->errors[i].depth == depth && c->errors[i].code == code) {
            return true;
        }
    }
    return false;
}

static void a_good_chain_is_accepted(void **state)
{
    struct world *w = *state;
    struct pki_request request = site("DNS:example.com,DNS:*.example.com,IP:192.0.2.1");
    struct pki_cert leaf = pki_issue(&request, &w->intermediate);
    struct certificate *c =
        judge(w, (const struct pki_cert *[]){&leaf, &w->intermediate}, 2, PUBLIC, "example.com");
    assert_true(c->strict_ok);
    assert_true(c->name_ok);
    assert_string_equal(c->name_matched, "example.com");
    assert_string_equal(c->trust, "public");
    assert_int_equal(c->error_count, 0);
    assert_string_equal(c->subject, "CN=site");
    assert_string_equal(c->issuer, "CN=Intermediate");
    assert_string_equal(c->common_name, "site");
    assert_int_equal(c->name_count, 3);
    assert_string_equal(c->names[1], "*.example.com");
    assert_string_equal(c->names[2], "192.0.2.1");
    assert_true(c->not_before == NOW - (int64_t)10 * DAY);
    assert_true(c->not_after == NOW + (int64_t)80 * DAY);
    assert_true(c->chain_not_after == c->not_after);
    assert_string_equal(c->key_type, "EC");
    assert_int_equal(c->key_bits, 256);
    assert_string_equal(c->signature, "ecdsa-with-SHA256");
    assert_int_equal(strlen(c->fingerprint), 64);
    assert_int_equal(c->chain_count, 2);
    assert_string_equal(c->chain[1], "CN=Intermediate");
    assert_false(c->self_signed || c->incomplete_chain || c->weak_key || c->weak_signature);
    certificate_free(c);
    pki_done(&leaf);
}

static void the_earliest_date_of_the_chain_counts(void **state)
{
    struct world *w = *state;
    struct pki_request short_lived = authority("Short");
    short_lived.not_after = NOW + (int64_t)5 * DAY;
    struct pki_cert between = pki_issue(&short_lived, &w->root);
    struct pki_request request = site("DNS:example.com");
    struct pki_cert leaf = pki_issue(&request, &between);
    const struct pki_cert *sent[] = {&leaf, &between};
    struct certificate *c = judge(w, sent, 2, PUBLIC, "example.com");
    assert_true(c->chain_not_after == NOW + (int64_t)5 * DAY);
    certificate_free(c);
    pki_done(&leaf);
    pki_done(&between);
}

static void every_error_comes_to_light(void **state)
{
    struct world *w = *state;
    struct pki_request old_authority = authority("Old");
    old_authority.not_after = NOW - DAY;
    struct pki_cert old = pki_issue(&old_authority, &w->root);
    struct pki_request request = site("DNS:example.com");
    request.not_after = NOW - 1;
    request.extended = "clientAuth";
    struct pki_cert leaf = pki_issue(&request, &old);
    struct certificate *c =
        judge(w, (const struct pki_cert *[]){&leaf, &old}, 2, PUBLIC, "other.example");
    assert_true(has_error(c, 0, X509_V_ERR_CERT_HAS_EXPIRED));
    assert_true(has_error(c, 1, X509_V_ERR_CERT_HAS_EXPIRED));
    assert_true(has_error(c, 0, X509_V_ERR_INVALID_PURPOSE));
    assert_false(c->name_ok || c->strict_ok);
    assert_null(c->trust);
    assert_null(c->name_matched);
    certificate_free(c);
    pki_done(&leaf);
    pki_done(&old);
}

static void self_signed_incomplete_and_unknown_are_told_apart(void **state)
{
    struct world *w = *state;
    struct pki_request request = site("DNS:example.com");
    struct pki_cert own = pki_issue(&request, NULL);
    struct certificate *c = judge(w, (const struct pki_cert *[]){&own}, 1, PUBLIC, "example.com");
    assert_true(c->self_signed);
    assert_false(c->incomplete_chain || c->strict_ok);
    assert_true(has_error(c, 0, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT));
    certificate_free(c);
    pki_done(&own);

    struct pki_cert leaf = pki_issue(&request, &w->intermediate);
    c = judge(w, (const struct pki_cert *[]){&leaf}, 1, PUBLIC, "example.com");
    assert_true(c->incomplete_chain);
    assert_false(c->self_signed || c->strict_ok);
    assert_true(has_error(c, 0, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY));
    certificate_free(c);
    // The wrong intermediate is as good as none.
    c = judge(w, (const struct pki_cert *[]){&leaf, &w->extra}, 2, PUBLIC, "example.com");
    assert_true(c->incomplete_chain);
    certificate_free(c);
    pki_done(&leaf);

    leaf = pki_issue(&request, &w->extra);
    c = judge(w, (const struct pki_cert *[]){&leaf, &w->extra}, 2, PUBLIC, "example.com");
    assert_false(c->incomplete_chain);
    assert_true(has_error(c, 1, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN));
    certificate_free(c);
    pki_done(&leaf);
}

static void an_unknown_authority_is_no_incomplete_chain(void **state)
{
    struct world *w = *state;
    struct pki_request private = authority("Private Root");
    struct pki_request below = authority("Private Intermediate");
    struct pki_cert root = pki_issue(&private, NULL);
    struct pki_cert between = pki_issue(&below, &root);
    struct pki_request request = site("DNS:example.com");
    struct pki_cert leaf = pki_issue(&request, &between);
    struct certificate *c =
        judge(w, (const struct pki_cert *[]){&leaf, &between}, 2, PUBLIC, "example.com");
    assert_true(has_error(c, 1, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY));
    assert_false(c->incomplete_chain || c->strict_ok);
    certificate_free(c);
    pki_done(&leaf);
    pki_done(&between);
    pki_done(&root);
}

static void extra_sets_are_asked_in_order(void **state)
{
    struct world *w = *state;
    struct pki_request request = site("DNS:example.com");
    struct pki_cert leaf = pki_issue(&request, &w->extra);
    const struct pki_cert *sent[] = {&leaf};
    struct certificate *c = judge(w, sent, 1, PUBLIC | EXTRA, "example.com");
    assert_true(c->strict_ok);
    assert_string_equal(c->trust, "origin_ca");
    assert_int_equal(c->error_count, 0);
    certificate_free(c);
    c = judge(w, sent, 1, PUBLIC, "example.com");
    assert_false(c->strict_ok);
    certificate_free(c);
    c = judge(w, sent, 1, 0, "example.com");
    assert_false(c->strict_ok);
    assert_true(c->error_count > 0);
    certificate_free(c);
    pki_done(&leaf);
    // Public roots replaced: what they signed is refused.
    leaf = pki_issue(&request, &w->intermediate);
    const struct pki_cert *full[] = {&leaf, &w->intermediate};
    c = judge(w, full, 2, EXTRA, "example.com");
    assert_false(c->strict_ok);
    certificate_free(c);
    pki_done(&leaf);
}

static void dates_are_judged_at_every_look(void **state)
{
    struct world *w = *state;
    struct pki_request request = site("DNS:example.com");
    struct pki_cert leaf = pki_issue(&request, &w->intermediate);
    const struct pki_cert *sent[] = {&leaf, &w->intermediate};
    static const struct {
        int64_t now;
        bool ok;
        int code;
    } rows[] = {
        {NOW, true, 0},
        {NOW + (int64_t)80 * DAY - 1, true, 0},
        {NOW + (int64_t)80 * DAY + 1, false, X509_V_ERR_CERT_HAS_EXPIRED},
        {NOW, true, 0},
        {NOW - (int64_t)10 * DAY - 1, false, X509_V_ERR_CERT_NOT_YET_VALID},
        {NOW - (int64_t)10 * DAY + 1, true, 0},
        {NOW + (int64_t)501 * DAY, false, X509_V_ERR_CERT_HAS_EXPIRED},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct certificate *c = judge_at(w, sent, 2, PUBLIC, "example.com", rows[i].now);
        assert_int_equal(c->strict_ok, rows[i].ok);
        assert_true(rows[i].ok || has_error(c, 0, rows[i].code));
        certificate_free(c);
    }
    pki_done(&leaf);
}

static void names_are_matched_as_an_edge_does(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *names, *common_name, *host;
        bool ok;
    } rows[] = {
        {"DNS:example.com", "x", "example.com", true},
        {"DNS:EXAMPLE.com", "x", "example.com", true},
        {"DNS:example.com", "x", "www.example.com", false},
        {"DNS:*.example.com", "x", "www.example.com", true},
        {"DNS:*.example.com", "x", "example.com", false},
        {"DNS:*.example.com", "x", "a.b.example.com", false},
        {"DNS:w*.example.com", "x", "www.example.com", false},
        {"DNS:*.com", "x", "example.com", false},
        {"DNS:*.xn--bcher-kva.example", "x", "www.xn--bcher-kva.example", true},
        {NULL, "example.com", "example.com", true},
        {NULL, "*.example.com", "www.example.com", true},
        {"DNS:other.com", "example.com", "example.com", false},
        {"IP:192.0.2.1", "example.com", "example.com", true},
        {"IP:192.0.2.1", "x", "192.0.2.1", true},
        {"IP:192.0.2.1", "x", "192.0.2.2", false},
        {"DNS:192.0.2.1", "192.0.2.1", "192.0.2.1", false},
        {"IP:2001:db8::1", "x", "[2001:db8::1]", true},
        {"IP:2001:db8::1", "x", "2001:db8:0::1", true},
        {"DNS:example.com", "x", "", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct pki_request request = site(rows[i].names);
        request.common_name = rows[i].common_name;
        struct pki_cert leaf = pki_issue(&request, &w->intermediate);
        struct certificate *c =
            judge(w, (const struct pki_cert *[]){&leaf, &w->intermediate}, 2, PUBLIC, rows[i].host);
        if (c->name_ok != rows[i].ok || c->strict_ok != rows[i].ok) {
            fail_msg("%s, CN %s, for %s", rows[i].names, rows[i].common_name, rows[i].host);
        }
        certificate_free(c);
        pki_done(&leaf);
    }
}

static void an_extra_name_is_enough(void **state)
{
    struct world *w = *state;
    struct pki_request request = site("DNS:target.example.net");
    struct pki_cert leaf = pki_issue(&request, &w->intermediate);
    STACK_OF(X509) *chain = sk_X509_new_null();
    assert_true(sk_X509_push(chain, leaf.certificate) > 0);
    assert_true(sk_X509_push(chain, w->intermediate.certificate) > 0);
    const char *names[] = {"example.com", "target.example.net"};
    struct certificate *c = NULL;
    assert_ok(certificate_judge(&c, w->cache, chain, PUBLIC, names, 2, NOW), NULL);
    assert_true(c->strict_ok);
    assert_string_equal(c->name_matched, "target.example.net");
    certificate_free(c);
    sk_X509_free(chain);
    pki_done(&leaf);
}

static void weak_keys_and_signatures_are_refused(void **state)
{
    struct world *w = *state;
    static const struct {
        enum pki_key key;
        const char *digest;
        bool weak_key, weak_signature;
        const char *type;
        int bits;
    } rows[] = {
        {PKI_P256, "SHA256", false, false, "EC", 256},
        {PKI_RSA_2048, "SHA384", false, false, "RSA", 2048},
        {PKI_ED25519, "SHA256", false, false, "ED25519", 256},
        {PKI_RSA_1024, "SHA256", true, false, "RSA", 1024},
        {PKI_P192, "SHA256", true, false, "EC", 192},
        {PKI_P256, "SHA1", false, true, "EC", 256},
        {PKI_RSA_2048, "SHA1", false, true, "RSA", 2048},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct pki_request request = site("DNS:example.com");
        request.key = rows[i].key;
        request.digest = rows[i].digest;
        struct pki_cert leaf = pki_issue(&request, &w->intermediate);
        struct certificate *c = judge(w, (const struct pki_cert *[]){&leaf, &w->intermediate}, 2,
                                      PUBLIC, "example.com");
        assert_int_equal(c->weak_key, rows[i].weak_key);
        assert_int_equal(c->weak_signature, rows[i].weak_signature);
        assert_int_equal(c->strict_ok, !rows[i].weak_key && !rows[i].weak_signature);
        assert_string_equal(c->key_type, rows[i].type);
        assert_int_equal(c->key_bits, rows[i].bits);
        certificate_free(c);
        pki_done(&leaf);
    }
}

static void a_roots_own_signature_does_not_matter(void **state)
{
    struct world *w = *state;
    struct pki_request old_root = authority("SHA-1 Root");
    old_root.digest = "SHA1";
    struct pki_cert root = pki_issue(&old_root, NULL);
    char path[128];
    (void)snprintf(path, sizeof path, "%s/old.pem", w->folder);
    pki_write(path, (const struct pki_cert *[]){&root}, 1);
    struct trust *trust = NULL;
    struct why why = {0};
    assert_ok(trust_load(&trust, &(struct trust_file){"public", path}, 1, &why), &why);
    struct verdict_cache *mine = verdict_cache_new(trust, 0);
    struct verdict_cache *theirs = w->cache;
    w->cache = mine;
    struct pki_request request = site("DNS:example.com");
    struct pki_cert leaf = pki_issue(&request, &root);
    struct certificate *c =
        judge(w, (const struct pki_cert *[]){&leaf, &root}, 2, PUBLIC, "example.com");
    assert_true(c->strict_ok);
    certificate_free(c);
    w->cache = theirs;
    verdict_cache_free(mine);
    trust_free(trust);
    pki_done(&leaf);
    pki_done(&root);
    (void)unlink(path);
}

static void hostile_text_is_escaped(void **state)
{
    struct world *w = *state;
    struct pki_request request = site("DNS:a\x1b[31m.example.com");
    request.common_name = "\xc3\xa9\x1b[2J\n<b>";
    struct pki_cert leaf = pki_issue(&request, &w->intermediate);
    struct certificate *c =
        judge(w, (const struct pki_cert *[]){&leaf, &w->intermediate}, 2, PUBLIC, "example.com");
    const char *texts[] = {c->subject, c->common_name, c->names[0], c->chain[0]};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        for (const char *at = texts[i]; *at != '\0'; at++) {
            assert_true(*at >= 0x20 && *at < 0x7f);
        }
    }
    assert_string_equal(c->names[0], "a\\x1b[31m.example.com");
    certificate_free(c);
    pki_done(&leaf);
}

static void the_cache_is_bounded(void **state)
{
    struct world *w = *state;
    struct verdict_cache *theirs = w->cache;
    w->cache = verdict_cache_new(w->trust, 4);
    struct pki_cert leaves[12];
    for (size_t i = 0; i < COUNT_OF(leaves); i++) {
        struct pki_request request = site("DNS:example.com");
        leaves[i] = pki_issue(&request, &w->intermediate);
    }
    const struct pki_cert *hot[] = {&leaves[0], &w->intermediate};
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT_OF(leaves); i++) {
            const struct pki_cert *sent[] = {&leaves[i], &w->intermediate};
            certificate_free(judge_at(w, sent, 2, PUBLIC, "example.com", NOW));
            certificate_free(judge_at(w, hot, 2, PUBLIC, "example.com", NOW));
            assert_true(w->cache->count <= 4);
        }
    }
    // The chain that is asked for all the time was never thrown out.
    assert_true(w->cache->hits >= 36);
    verdict_cache_free(w->cache);
    w->cache = theirs;
    for (size_t i = 0; i < COUNT_OF(leaves); i++) {
        pki_done(&leaves[i]);
    }
}

static void long_chains_are_cut(void **state)
{
    struct world *w = *state;
    struct pki_request request = site("DNS:example.com");
    struct pki_cert leaf = pki_issue(&request, &w->intermediate);
    const struct pki_cert *sent[3 * LIMIT_CERT_CHAIN] = {&leaf, &w->intermediate};
    for (size_t i = 2; i < COUNT_OF(sent); i++) {
        sent[i] = &w->extra;
    }
    struct certificate *c = judge(w, sent, COUNT_OF(sent), PUBLIC, "example.com");
    assert_true(c->strict_ok);
    assert_int_equal(c->chain_count, LIMIT_CERT_CHAIN);
    certificate_free(c);
    pki_done(&leaf);
}

static void bad_bundles_are_explained(void **state)
{
    struct world *w = *state;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/bad.pem", w->folder);
    struct trust *trust = NULL;
    struct why why = {0};
    assert_err(trust_load(&trust, &(struct trust_file){"public", "/nonexistent/x.pem"}, 1, &why),
               ERR_NOT_FOUND);
    assert_non_null(strstr(why.text, "/nonexistent/x.pem"));
    assert_err(trust_load(&trust, &(struct trust_file){"public", w->folder}, 1, &why), ERR_INVALID);
    assert_non_null(strstr(why.text, "directory"));
    static const char *const contents[] = {
        "", "no certificates here\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nMIIB"};
    for (size_t i = 0; i < COUNT_OF(contents); i++) {
        FILE *out = fopen(path, "we");
        assert_non_null(out);
        assert_true(fputs(contents[i], out) >= 0);
        assert_int_equal(fclose(out), 0);
        why.text[0] = '\0';
        assert_err(trust_load(&trust, &(struct trust_file){"public", path}, 1, &why), ERR_INVALID);
        assert_non_null(strstr(why.text, path));
    }
    (void)unlink(path);
    const struct trust_file twice[] = {{"a", w->public_file}, {"a", w->public_file}};
    assert_err(trust_load(&trust, twice, 2, &why), ERR_EXISTS);
    assert_null(trust);
    assert_int_equal(ERR_peek_error(), 0);
}

static void masks_name_their_sets(void **state)
{
    struct world *w = *state;
    uint32_t mask = 0;
    char extra[] = "origin_ca";
    char unknown[] = "nobody";
    char *names[] = {extra, unknown};
    struct why why = {0};
    assert_ok(trust_mask(&mask, w->trust, NULL, 0, false, &why), &why);
    assert_int_equal(mask, PUBLIC);
    assert_ok(trust_mask(&mask, w->trust, names, 1, false, &why), &why);
    assert_int_equal(mask, PUBLIC | EXTRA);
    assert_ok(trust_mask(&mask, w->trust, names, 1, true, &why), &why);
    assert_int_equal(mask, EXTRA);
    assert_err(trust_mask(&mask, w->trust, names, 2, true, &why), ERR_NOT_FOUND);
    assert_non_null(strstr(why.text, "nobody"));
    assert_int_equal(mask, EXTRA);
}

static void certificates_are_read_back(void **state)
{
    struct world *w = *state;
    unsigned char *der = NULL;
    int len = i2d_X509(w->root.certificate, &der);
    assert_true(len > 0);
    STACK_OF(X509) *chain = certificate_read((struct span){(const char *)der, (size_t)len});
    assert_int_equal(sk_X509_num(chain), 1);
    assert_int_equal(X509_cmp(sk_X509_value(chain, 0), w->root.certificate), 0);
    sk_X509_pop_free(chain, X509_free);
    assert_null(certificate_read((struct span){(const char *)der, (size_t)len / 2}));
    OPENSSL_free(der);
    BIO *bio = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_X509(bio, w->intermediate.certificate), 1);
    assert_int_equal(PEM_write_bio_X509(bio, w->root.certificate), 1);
    char *pem = NULL;
    long pem_len = BIO_get_mem_data(bio, &pem);
    chain = certificate_read((struct span){pem, (size_t)pem_len});
    assert_int_equal(sk_X509_num(chain), 2);
    sk_X509_pop_free(chain, X509_free);
    BIO_free(bio);
    assert_null(certificate_read(span_of("")));
    assert_null(certificate_read(span_of("-----BEGIN nothing")));
    assert_int_equal(ERR_peek_error(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_chain_is_accepted),
        cmocka_unit_test(the_earliest_date_of_the_chain_counts),
        cmocka_unit_test(every_error_comes_to_light),
        cmocka_unit_test(self_signed_incomplete_and_unknown_are_told_apart),
        cmocka_unit_test(an_unknown_authority_is_no_incomplete_chain),
        cmocka_unit_test(extra_sets_are_asked_in_order),
        cmocka_unit_test(dates_are_judged_at_every_look),
        cmocka_unit_test(names_are_matched_as_an_edge_does),
        cmocka_unit_test(an_extra_name_is_enough),
        cmocka_unit_test(weak_keys_and_signatures_are_refused),
        cmocka_unit_test(a_roots_own_signature_does_not_matter),
        cmocka_unit_test(hostile_text_is_escaped),
        cmocka_unit_test(the_cache_is_bounded),
        cmocka_unit_test(long_chains_are_cut),
        cmocka_unit_test(bad_bundles_are_explained),
        cmocka_unit_test(masks_name_their_sets),
        cmocka_unit_test(certificates_are_read_back),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
