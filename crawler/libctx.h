// SPDX-License-Identifier: Apache-2.0
// The cryptography of the crawler's threads: OpenSSL's default provider without what no handshake
// uses. Reading a certificate asks each decoder whether the public key is its business, and libcurl
// makes an SSL_CTX for every connection, which asks for each TLS group; both lists are long.
#ifndef SSLAUTO_CRAWLER_LIBCTX_H
#define SSLAUTO_CRAWLER_LIBCTX_H

#include <openssl/crypto.h>

// Makes it the default of this thread and returns what was, for libctx_leave. What OpenSSL offers,
// accepts and understands in handshakes and certificates is the same with and without; private keys
// cannot be read with it. With OpenSSL 3.2 or newer, and without memory, it is what it was.
OSSL_LIB_CTX *libctx_enter(void);
void libctx_leave(OSSL_LIB_CTX *before);

#endif
