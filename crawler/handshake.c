// SPDX-License-Identifier: Apache-2.0
#include "crawler/handshake.h"

#include <openssl/ssl.h>

// Bytes of a record that we send. Requests are small, and a buffer of 16 KiB would be a fifth of
// what a connection costs in memory; a ClientHello must still fit into one record.
#define SENT_AT_ONCE 4096

static int judge(X509_STORE_CTX *store_ctx, void *watch)
{
    struct handshake *handshake = watch;
    certificate_free(handshake->certificate);
    handshake->certificate = NULL;
    // As sent, leaf first: ssl_verify_cert_chain hands the whole list over as untrusted.
    STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(store_ctx);
    if (sent != NULL && sk_X509_num(sent) > 0 &&
        certificate_judge(&handshake->certificate, handshake->cache, sent, handshake->sets,
                          handshake->names, handshake->name_count, handshake->now_s) != ERR_OK) {
        handshake->failed = true;
    }
    return 1;
}

static struct handshake *watch_of(const SSL *ssl)
{
    return SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
}

static int no_certificate(SSL *ssl, X509 **certificate, EVP_PKEY **key)
{
    (void)certificate;
    (void)key;
    watch_of(ssl)->certificate_requested = true;
    return 0;
}

static void progress(const SSL *ssl, int where, int result)
{
    (void)result;
    struct handshake *handshake = watch_of(ssl);
    // Session tickets of TLS 1.3 report as handshakes too: the first end counts.
    if ((where & SSL_CB_HANDSHAKE_DONE) != 0 && !handshake->ended) {
        handshake->ended = true;
        (void)snprintf(handshake->version, sizeof handshake->version, "%s", SSL_get_version(ssl));
        (void)snprintf(handshake->cipher, sizeof handshake->cipher, "%s",
                       SSL_CIPHER_get_name(SSL_get_current_cipher(ssl)));
    }
}

CURLcode handshake_prepare(CURL *curl, void *ssl_ctx, void *watch)
{
    (void)curl;
    SSL_CTX *ctx = ssl_ctx;
    handshake_clear(watch);
    ((struct handshake *)watch)->began = true;
    (void)SSL_CTX_set_app_data(ctx, watch);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_cert_verify_callback(ctx, judge, watch);
    SSL_CTX_set_client_cert_cb(ctx, no_certificate);
    SSL_CTX_set_info_callback(ctx, progress);
    // What an edge in `full` still puts up with: servers without RFC 5746, and those that close
    // without close_notify. Renegotiation in the old way stays off.
    SSL_CTX_set_options(ctx, SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_clear_options(ctx, SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION);
    // Old protocols, ciphers and keys are spoken and then judged, not refused. The level instead of
    // a cipher list: parsing one costs more than all the rest of this function.
    SSL_CTX_set_security_level(ctx, 0);
    (void)SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
    (void)SSL_CTX_set_max_send_fragment(ctx, SENT_AT_ONCE);
    return CURLE_OK;
}

void handshake_clear(struct handshake *handshake)
{
    certificate_free(handshake->certificate);
    handshake->certificate = NULL;
    handshake->version[0] = '\0';
    handshake->cipher[0] = '\0';
    handshake->began = handshake->ended = false;
    handshake->certificate_requested = handshake->failed = false;
}

struct tls *handshake_take(struct handshake *handshake)
{
    if (!handshake->ended) {
        return NULL;
    }
    struct tls *tls = calloc(1, sizeof *tls);
    if (tls == NULL) {
        handshake->failed = true;
        return NULL;
    }
    (void)snprintf(tls->version, sizeof tls->version, "%s", handshake->version);
    (void)snprintf(tls->cipher, sizeof tls->cipher, "%s", handshake->cipher);
    tls->client_certificate_requested = handshake->certificate_requested;
    tls->certificate = handshake->certificate;
    handshake->certificate = NULL;
    handshake->ended = false;
    return tls;
}
