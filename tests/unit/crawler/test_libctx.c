// SPDX-License-Identifier: Apache-2.0
// What is left out of the crawler's cryptography is missed by no certificate and no handshake.
#include "crawler/libctx.h"

#include <openssl/decoder.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <string.h>

#include "crawler/handshake.h"
#include "tests/support/check.h"
#include "tests/support/pki.h"

enum {
    HELLO_MAX = 4096,
    RANDOM_AT = 5 + 4 + 2, // after the record's and the handshake's header and the version
    RANDOM_SIZE = 32
};

static EVP_PKEY *new_key(const char *type, const char *detail)
{
    EVP_PKEY *key = NULL;
    if (strcmp(type, "EC") == 0) {
        key = EVP_PKEY_Q_keygen(NULL, NULL, type, detail);
    } else if (strcmp(type, "RSA") == 0) {
        key = EVP_PKEY_Q_keygen(NULL, NULL, type, (size_t)2048);
    } else if (strcmp(type, "RSA-PSS") == 0) {
        EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
        assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
        assert_int_equal(EVP_PKEY_generate(ctx, &key), 1);
        EVP_PKEY_CTX_free(ctx);
    } else {
        key = EVP_PKEY_Q_keygen(NULL, NULL, type);
    }
    assert_non_null(key);
    return key;
}

// A certificate for the key as bytes, made with all that OpenSSL has.
static int issue(unsigned char **der, EVP_PKEY *key, const struct pki_cert *authority)
{
    struct pki_request request = {
        .common_name = "key.example", .not_before = 1700000000, .not_after = 1900000000};
    struct pki_cert leaf = pki_issue(&request, authority);
    assert_int_equal(X509_set_pubkey(leaf.certificate, key), 1);
    assert_true(X509_sign(leaf.certificate, authority->key, EVP_sha256()) > 0);
    int size = i2d_X509(leaf.certificate, der);
    assert_true(size > 0);
    pki_done(&leaf);
    return size;
}

static void every_kind_of_public_key_is_read(void **state)
{
    (void)state;
    static const char *const keys[][2] = {
        {"RSA", ""},     {"RSA-PSS", ""},     {"EC", "P-256"},
        {"EC", "P-384"}, {"EC", "secp256k1"}, {"EC", "brainpoolP256r1"},
        {"EC", "P-192"}, {"ED25519", ""},     {"ED448", ""},
        {"X25519", ""},  {"X448", ""},        {"SM2", ""},
    };
    struct pki_request request = {
        .common_name = "CA", .ca = true, .not_before = 1700000000, .not_after = 1900000000};
    struct pki_cert authority = pki_issue(&request, NULL);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        EVP_PKEY *key = new_key(keys[i][0], keys[i][1]);
        unsigned char *der = NULL;
        int size = issue(&der, key, &authority);
        const unsigned char *at = der;
        OSSL_LIB_CTX *before = libctx_enter();
        X509 *read = d2i_X509(NULL, &at, size);
        EVP_PKEY *found = read == NULL ? NULL : X509_get0_pubkey(read);
        bool verified = read != NULL && X509_verify(read, authority.key) == 1;
        libctx_leave(before);
        if (found == NULL || EVP_PKEY_eq(found, key) != 1 || !verified) {
            fail_msg("a certificate with a key of %s %s", keys[i][0], keys[i][1]);
        }
        X509_free(read);
        OPENSSL_free(der);
        EVP_PKEY_free(key);
    }
    pki_done(&authority);
}

// What a connection would send first.
static size_t first_words(unsigned char hello[HELLO_MAX], int newest)
{
    struct handshake handshake = {0};
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    assert_non_null(ctx);
    assert_int_equal(handshake_prepare(NULL, ctx, &handshake), CURLE_OK);
    assert_int_equal(SSL_CTX_set_max_proto_version(ctx, newest), 1);
    SSL *ssl = SSL_new(ctx);
    assert_non_null(ssl);
    BIO *out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), out);
    assert_int_equal(SSL_set_tlsext_host_name(ssl, "hello.example"), 1);
    assert_true(SSL_connect(ssl) < 0);
    int size = BIO_read(out, hello, HELLO_MAX);
    assert_true(size > RANDOM_AT + RANDOM_SIZE);
    memset(hello + RANDOM_AT, 0, RANDOM_SIZE);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    ERR_clear_error();
    return (size_t)size;
}

static void it_says_hello_as_ever(void **state)
{
    (void)state;
    static unsigned char whole[HELLO_MAX];
    static unsigned char lean[HELLO_MAX];
    static const int newest[] = {TLS1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION};
    for (size_t i = 0; i < sizeof newest / sizeof newest[0]; i++) {
        size_t size = first_words(whole, newest[i]);
        OSSL_LIB_CTX *before = libctx_enter();
        assert_int_equal(first_words(lean, newest[i]), size);
        libctx_leave(before);
        if (newest[i] != TLS1_3_VERSION) { // that one has more than one random field
            assert_memory_equal(whole, lean, size);
        }
    }
}

static void count_one(OSSL_DECODER *decoder, void *count)
{
    (void)decoder;
    (*(size_t *)count)++;
}

static bool remembers_decoders(void)
{
    return OpenSSL_version_num() >= 0x30200000UL; // and so is left as it is
}

static void it_asks_fewer_decoders(void **state)
{
    (void)state;
    if (remembers_decoders()) {
        skip();
    }
    size_t whole = 0;
    size_t lean = 0;
    OSSL_DECODER_do_all_provided(NULL, count_one, &whole);
    OSSL_LIB_CTX *before = libctx_enter();
    OSSL_DECODER_do_all_provided(NULL, count_one, &lean);
    libctx_leave(before);
    assert_true(lean > 0);
    assert_true(lean * 2 < whole);
}

static void leaving_brings_everything_back(void **state)
{
    (void)state;
    if (remembers_decoders()) {
        skip();
    }
    OSSL_LIB_CTX *first = libctx_enter();
    OSSL_LIB_CTX *lean = libctx_enter();
    assert_ptr_not_equal(first, lean);
    assert_null(EVP_CIPHER_fetch(NULL, "AES-256-XTS", NULL));
    libctx_leave(first);
    EVP_CIPHER *xts = EVP_CIPHER_fetch(NULL, "AES-256-XTS", NULL);
    assert_non_null(xts);
    EVP_CIPHER_free(xts);
    ERR_clear_error();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_public_key_is_read),
        cmocka_unit_test(it_says_hello_as_ever),
        cmocka_unit_test(it_asks_fewer_decoders),
        cmocka_unit_test(leaving_brings_everything_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
