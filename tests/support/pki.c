// SPDX-License-Identifier: Apache-2.0
#include "tests/support/pki.h"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "tests/support/check.h"

static EVP_PKEY *make_key(enum pki_key kind)
{
    switch (kind) {
    case PKI_P256:
        return EVP_EC_gen("P-256");
    case PKI_P384:
        return EVP_EC_gen("P-384");
    case PKI_P192:
        return EVP_EC_gen("P-192");
    case PKI_RSA_1024:
        return EVP_RSA_gen(1024);
    case PKI_RSA_2048:
        return EVP_RSA_gen(2048);
    case PKI_ED25519:
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    }
    return NULL;
}

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static void add_extensions(X509 *certificate, const struct pki_request *request, X509 *issuer)
{
    add_extension(certificate, issuer, NID_basic_constraints,
                  request->ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
    if (issuer != certificate) {
        add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always");
    }
    if (request->ca) {
        add_extension(certificate, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    }
    if (request->names != NULL) {
        add_extension(certificate, issuer, NID_subject_alt_name, request->names);
    }
    if (request->extended != NULL) {
        add_extension(certificate, issuer, NID_ext_key_usage, request->extended);
    }
}

struct pki_cert pki_issue(const struct pki_request *request, const struct pki_cert *issuer)
{
    struct pki_cert cert = {.certificate = X509_new(), .key = make_key(request->key)};
    X509 *x = cert.certificate;
    assert_non_null(x);
    assert_non_null(cert.key);
    X509 *parent = issuer == NULL ? x : issuer->certificate;
    EVP_PKEY *signer = issuer == NULL ? cert.key : issuer->key;
    uint64_t serial = 0;
    assert_int_equal(RAND_bytes((unsigned char *)&serial, sizeof serial), 1);
    assert_int_equal(ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial >> 1), 1);
    assert_int_equal(X509_set_version(x, X509_VERSION_3), 1);
    assert_non_null(ASN1_TIME_set(X509_getm_notBefore(x), (time_t)request->not_before));
    assert_non_null(ASN1_TIME_set(X509_getm_notAfter(x), (time_t)request->not_after));
    X509_NAME *subject = X509_get_subject_name(x);
    if (request->common_name != NULL) {
        assert_int_equal(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                                    (const unsigned char *)request->common_name, -1,
                                                    -1, 0),
                         1);
    }
    assert_int_equal(X509_set_issuer_name(x, X509_get_subject_name(parent)), 1);
    assert_int_equal(X509_set_pubkey(x, cert.key), 1);
    add_extensions(x, request, parent);
    const char *name = request->digest == NULL ? "SHA256" : request->digest;
    const EVP_MD *digest = EVP_PKEY_is_a(signer, "ED25519") ? NULL : EVP_get_digestbyname(name);
    assert_true(X509_sign(x, signer, digest) > 0);
    return cert;
}

void pki_done(struct pki_cert *cert)
{
    X509_free(cert->certificate);
    EVP_PKEY_free(cert->key);
    *cert = (struct pki_cert){0};
}

void pki_write(const char *path, const struct pki_cert *const *certs, size_t count)
{
    FILE *out = fopen(path, "we");
    assert_non_null(out);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(PEM_write_X509(out, certs[i]->certificate), 1);
    }
    assert_int_equal(fclose(out), 0);
}
