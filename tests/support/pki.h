// SPDX-License-Identifier: Apache-2.0
// Certificates made on the spot, one per situation.
#ifndef SSLAUTO_TESTS_SUPPORT_PKI_H
#define SSLAUTO_TESTS_SUPPORT_PKI_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>

enum pki_key {
    PKI_P256,
    PKI_P384,
    PKI_P192,
    PKI_RSA_1024,
    PKI_RSA_2048,
    PKI_ED25519
};

struct pki_request {
    const char *common_name; // NULL = none
    const char *names;       // as in openssl.cnf: "DNS:a.example,IP:192.0.2.1"; NULL = no SAN
    bool ca;
    int64_t not_before, not_after; // seconds since the epoch
    enum pki_key key;
    const char *digest;   // "SHA256" when NULL
    const char *extended; // extendedKeyUsage; NULL = none
};

// A certificate with its key.
struct pki_cert {
    X509 *certificate; // owned
    EVP_PKEY *key;     // owned
};

// issuer: NULL = self-signed. Fails the test when it cannot be made.
struct pki_cert pki_issue(const struct pki_request *request, const struct pki_cert *issuer);
void pki_done(struct pki_cert *cert);
// Writes the certificates as PEM.
void pki_write(const char *path, const struct pki_cert *const *certs, size_t count);

#endif
