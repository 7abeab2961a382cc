// SPDX-License-Identifier: Apache-2.0
#include "model/token.h"

#include <stdlib.h>

#include "tests/support/check.h"

static void secrets_are_long_and_apart(void **state)
{
    (void)state;
    char first[TOKEN_SECRET_SIZE];
    char second[TOKEN_SECRET_SIZE];
    char hash[TOKEN_HASH_SIZE];
    char again[TOKEN_HASH_SIZE];
    assert_ok(token_secret_new(first, hash), NULL);
    assert_int_equal(strlen(first), TOKEN_SECRET_SIZE - 1);
    assert_int_equal(
        strspn(first, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
        TOKEN_SECRET_SIZE - 1);
    assert_ok(token_hash(again, span_of(first)), NULL);
    assert_true(token_hash_equal(hash, again));
    assert_ok(token_secret_new(second, again), NULL);
    assert_false(token_hash_equal(hash, again));
    assert_string_not_equal(first, second);
}

// FIPS 180-2, appendix B.1 and the empty message.
static void hashes_are_sha256(void **state)
{
    (void)state;
    char hash[TOKEN_HASH_SIZE];
    assert_ok(token_hash(hash, span_of("abc")), NULL);
    assert_string_equal(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_ok(token_hash(hash, span_of("")), NULL);
    assert_string_equal(hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    char id[33];
    assert_ok(account_id(id, "abc"), NULL);
    assert_string_equal(id, "ba7816bf8f01cfea414140de5dae2223");
}

static void writing_includes_reading(void **state)
{
    (void)state;
    struct token token = {.permissions = 1U << PERMISSION_SETTINGS_WRITE};
    assert_true(token_may(&token, PERMISSION_SETTINGS_WRITE));
    assert_true(token_may(&token, PERMISSION_SETTINGS_READ));
    assert_false(token_may(&token, PERMISSION_ZONE_READ));
    for (unsigned i = 0; i < PERMISSION_COUNT; i++) {
        enum permission back = PERMISSION_COUNT;
        const char *word = permission_str((enum permission)i);
        assert_ok(permission_parse(&back, span_of(word)), NULL);
        assert_int_equal(back, i);
    }
}

static void what_it_names_it_reaches(void **state)
{
    (void)state;
    OWN(token_own) struct token *token = token_new();
    OWN(zone_own) struct zone *zone = zone_new();
    assert_true(zone_id_valid(span_of(token->id)));
    assert_true(token_reaches(token, zone)); // nothing named: everything
    assert_ok(strings_add(&token->accounts, &token->account_count, span_of("acme"), 2), NULL);
    assert_false(token_reaches(token, zone));
    assert_ok(strings_add(&token->zones, &token->zone_count, span_of(zone->id), 2), NULL);
    assert_true(token_reaches(token, zone));
}

static void an_accounts_token_stays_in_its_account(void **state)
{
    (void)state;
    OWN(token_own) struct token *token = token_new();
    OWN(zone_own) struct zone *zone = zone_new();
    token->owner = strdup("acme");
    assert_false(token_reaches(token, zone));
    assert_ok(strings_add(&token->zones, &token->zone_count, span_of(zone->id), 2), NULL);
    assert_false(token_reaches(token, zone)); // it was moved to another account since
    free(zone->account);
    zone->account = strdup("acme");
    assert_true(token_reaches(token, zone));
    free(token->zones[0]);
    token->zones[0] = strdup("another");
    assert_false(token_reaches(token, zone));
    token->zone_count = 0;
    assert_true(token_reaches(token, zone)); // nothing named: all of its account
    free(token->zones[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_are_long_and_apart),
        cmocka_unit_test(hashes_are_sha256),
        cmocka_unit_test(writing_includes_reading),
        cmocka_unit_test(what_it_names_it_reaches),
        cmocka_unit_test(an_accounts_token_stays_in_its_account),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
