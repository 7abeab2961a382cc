// SPDX-License-Identifier: Apache-2.0
#include "model/tls.h"

#include <stdio.h>

#include "core/attr.h"
#include "core/span.h"

int tls_version_number(const char *version)
{
    static const struct {
        const char *name;
        int number;
    } versions[] = {{"TLSv1", 10},   {"TLSv1.0", 10}, {"TLSv1.1", 11}, {"TLSv1.2", 12},
                    {"TLSv1.3", 13}, {"SSLv3", 1},    {"SSLv2", 1}};
    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        if (strcmp(version, versions[i].name) == 0) {
            return versions[i].number;
        }
    }
    return 0;
}

static bool has_word(const char *cipher, const char *word)
{
    struct span rest = span_of(cipher);
    while (rest.at != NULL) {
        if (span_equal(span_cut(&rest, '-'), span_of(word))) {
            return true;
        }
    }
    return false;
}

// Suites whose name begins with the cipher have RSA key transport.
static bool keeps_no_secret(const char *cipher)
{
    static const char *const starts[] = {"AES",     "ARIA", "CAMELLIA", "SEED", "IDEA",
                                         "DES-",    "RC4-", "RC2",      "NULL", "PSK-",
                                         "RSA-PSK", "DH-",  "ECDH-"};
    static const char *const exports[] = {"EXP-", "EXP1024-"};
    for (size_t i = 0; i < COUNT_OF(exports); i++) {
        if (strncmp(cipher, exports[i], strlen(exports[i])) == 0) {
            cipher += strlen(exports[i]);
        }
    }
    for (size_t i = 0; i < COUNT_OF(starts); i++) {
        if (strncmp(cipher, starts[i], strlen(starts[i])) == 0) {
            return true;
        }
    }
    return false;
}

unsigned suite_faults(const char *cipher)
{
    static const struct {
        const char *word;
        unsigned fault;
    } rows[] = {{"NULL", SUITE_NO_ENCRYPTION},
                {"ADH", SUITE_ANONYMOUS},
                {"AECDH", SUITE_ANONYMOUS},
                {"EXP", SUITE_SHORT_KEY},
                {"RC2", SUITE_SHORT_KEY},
                {"EXP1024", SUITE_SHORT_KEY},
                {"RC4", SUITE_RC4},
                {"MD5", SUITE_MD5},
                {"IDEA", SUITE_SMALL_BLOCK},
                {"CBC3", SUITE_SMALL_BLOCK}};
    unsigned faults = keeps_no_secret(cipher) ? SUITE_NO_SECRECY : 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        faults |= has_word(cipher, rows[i].word) ? rows[i].fault : 0;
    }
    if (has_word(cipher, "DES") && !has_word(cipher, "CBC3")) {
        faults |= SUITE_SHORT_KEY;
    }
    // With SHA-1 there are block ciphers in CBC mode, RC4, and no cipher at all.
    if (has_word(cipher, "SHA") && (faults & (SUITE_RC4 | SUITE_NO_ENCRYPTION)) == 0) {
        faults |= SUITE_CBC_SHA1;
    }
    return faults;
}

const char *suite_faults_print(char *out, size_t size, unsigned faults)
{
    static const struct {
        unsigned fault;
        const char *words;
    } rows[] = {
        {SUITE_NO_ENCRYPTION, "no encryption"},           {SUITE_ANONYMOUS, "no certificate"},
        {SUITE_SHORT_KEY, "a key below 112 bits"},        {SUITE_RC4, "RC4"},
        {SUITE_SMALL_BLOCK, "a block cipher of 64 bits"}, {SUITE_MD5, "MD5"},
        {SUITE_NO_SECRECY, "no forward secrecy"},         {SUITE_CBC_SHA1, "CBC with SHA-1"}};
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < COUNT_OF(rows) && used < size; i++) {
        if ((faults & rows[i].fault) != 0) {
            int n = snprintf(out + used, size - used, "%s%s", used == 0 ? "" : ", ", rows[i].words);
            used += n < 0 ? size : (size_t)n;
        }
    }
    return out;
}
