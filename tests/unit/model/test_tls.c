// SPDX-License-Identifier: Apache-2.0
#include "model/tls.h"
#include "tests/support/check.h"

static void numbers_versions(void **state)
{
    (void)state;
    assert_int_equal(tls_version_number("TLSv1"), 10);
    assert_int_equal(tls_version_number("TLSv1.1"), 11);
    assert_int_equal(tls_version_number("TLSv1.2"), 12);
    assert_int_equal(tls_version_number("TLSv1.3"), 13);
    assert_true(tls_version_number("SSLv3") > 0 && tls_version_number("SSLv3") < 10);
    assert_int_equal(tls_version_number(""), 0);
    assert_int_equal(tls_version_number("odd"), 0);
}

static void names_what_is_weak(void **state)
{
    (void)state;
    static const struct {
        const char *cipher, *words;
    } rows[] = {
        {"", ""},
        {"odd", ""},
        {"TLS_AES_128_GCM_SHA256", ""},
        {"TLS_CHACHA20_POLY1305_SHA256", ""},
        {"ECDHE-RSA-AES128-GCM-SHA256", ""},
        {"ECDHE-ECDSA-CHACHA20-POLY1305", ""},
        {"DHE-RSA-AES256-GCM-SHA384", ""},
        {"ECDHE-ARIA128-GCM-SHA256", ""},
        {"ECDHE-RSA-AES128-SHA", "CBC with SHA-1"},
        {"DHE-RSA-CAMELLIA256-SHA", "CBC with SHA-1"},
        {"AES128-GCM-SHA256", "no forward secrecy"},
        {"AES256-CCM8", "no forward secrecy"},
        {"ARIA256-GCM-SHA384", "no forward secrecy"},
        {"PSK-AES128-GCM-SHA256", "no forward secrecy"},
        {"ECDH-RSA-AES128-GCM-SHA256", "no forward secrecy"},
        {"AES128-SHA", "no forward secrecy, CBC with SHA-1"},
        {"SEED-SHA", "no forward secrecy, CBC with SHA-1"},
        {"RSA-PSK-AES128-CBC-SHA", "no forward secrecy, CBC with SHA-1"},
        {"DES-CBC3-SHA", "a block cipher of 64 bits, no forward secrecy, CBC with SHA-1"},
        {"ECDHE-RSA-DES-CBC3-SHA", "a block cipher of 64 bits, CBC with SHA-1"},
        {"IDEA-CBC-SHA", "a block cipher of 64 bits, no forward secrecy, CBC with SHA-1"},
        {"ECDHE-RSA-RC4-SHA", "RC4"},
        {"RC4-MD5", "RC4, MD5, no forward secrecy"},
        {"DES-CBC-SHA", "a key below 112 bits, no forward secrecy, CBC with SHA-1"},
        {"EXP-RC4-MD5", "a key below 112 bits, RC4, MD5, no forward secrecy"},
        {"EXP-EDH-RSA-DES-CBC-SHA", "a key below 112 bits, CBC with SHA-1"},
        {"ADH-AES128-GCM-SHA256", "no certificate"},
        {"AECDH-NULL-SHA", "no encryption, no certificate"},
        {"ECDHE-RSA-NULL-SHA", "no encryption"},
        {"NULL-SHA256", "no encryption, no forward secrecy"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char words[128];
        if (strcmp(suite_faults_print(words, sizeof words, suite_faults(rows[i].cipher)),
                   rows[i].words) != 0) {
            fail_msg("%s: \"%s\", not \"%s\"", rows[i].cipher, words, rows[i].words);
        }
    }
}

static void orders_the_weak(void **state)
{
    (void)state;
    static const char *const from_good[] = {"TLS_AES_256_GCM_SHA384",
                                            "ECDHE-RSA-AES128-SHA",
                                            "AES128-GCM-SHA256",
                                            "AES128-SHA",
                                            "DES-CBC3-SHA",
                                            "RC4-SHA",
                                            "EXP-RC4-MD5",
                                            "NULL-SHA"};
    for (size_t i = 1; i < COUNT_OF(from_good); i++) {
        assert_true(suite_faults(from_good[i]) > suite_faults(from_good[i - 1]));
    }
}

static void cuts_what_does_not_fit(void **state)
{
    (void)state;
    char words[8];
    assert_string_equal(suite_faults_print(words, sizeof words, suite_faults("AES128-SHA")),
                        "no forw");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_versions),
        cmocka_unit_test(names_what_is_weak),
        cmocka_unit_test(orders_the_weak),
        cmocka_unit_test(cuts_what_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
