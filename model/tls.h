// SPDX-License-Identifier: Apache-2.0
// How old a TLS version is and what is weak in a cipher suite, by the names that OpenSSL gives
// them.
#ifndef SSLAUTO_MODEL_TLS_H
#define SSLAUTO_MODEL_TLS_H

#include <stddef.h>

// What RFC 9325 advises against, as bits; the higher a bit, the worse, so that the greater of two
// sums is the weaker suite.
enum suite_fault {
    SUITE_CBC_SHA1 = 1 << 0,
    SUITE_NO_SECRECY = 1 << 1, // no forward secrecy: RSA key transport, static Diffie-Hellman
    SUITE_MD5 = 1 << 2,
    SUITE_SMALL_BLOCK = 1 << 3, // 3DES, IDEA
    SUITE_RC4 = 1 << 4,
    SUITE_SHORT_KEY = 1 << 5, // DES, RC2 and the export suites
    SUITE_ANONYMOUS = 1 << 6, // the server shows no certificate
    SUITE_NO_ENCRYPTION = 1 << 7,
};

// In tenths: "TLSv1.2" is 12, SSL is older than all; 0 is not known.
int tls_version_number(const char *version);
// The sum of the faults of "ECDHE-RSA-AES128-SHA"; 0 for a good, an empty or an unknown name.
unsigned suite_faults(const char *cipher);
// In words, the worst first: "no forward secrecy, CBC with SHA-1". Returns out.
const char *suite_faults_print(char *out, size_t size, unsigned faults);

#endif
