// SPDX-License-Identifier: Apache-2.0
#include "cli/met.h"

#include "tests/support/check.h"

static uint64_t key_at(const struct met *met, size_t i)
{
    char name[32];
    (void)snprintf(name, sizeof name, "z%zu.example", i);
    return met_key(met, name, "default");
}

static void test_only_what_comes_again_has_a_line(void **state)
{
    (void)state;
    struct met met;
    met_init(&met);
    assert_int_equal(met_first_line(&met, key_at(&met, 0)), 0);
    for (size_t i = 0; i < 5000; i++) { // grows several times
        assert_ok(met_add(&met, key_at(&met, i), i + 2), NULL);
    }
    assert_ok(met_add(&met, key_at(&met, 7), 6000), NULL);
    assert_ok(met_add(&met, key_at(&met, 7), 6001), NULL);
    for (size_t i = 0; i < 5000; i++) {
        assert_int_equal(met_first_line(&met, key_at(&met, i)), i == 7 ? 9 : 0);
    }
    assert_int_equal(met.used, 5000);
    met_done(&met);
}

static void test_keys(void **state)
{
    (void)state;
    struct met met;
    met_init(&met);
    assert_true(met_key(&met, "a", "bc") != met_key(&met, "ab", "c"));
    assert_true(met_key(&met, "a", "b") == met_key(&met, "a", "b"));
    met_done(&met);
}

static void test_lines_that_cannot_be_noted(void **state)
{
    (void)state;
    struct met met;
    met_init(&met);
    assert_err(met_add(&met, 1, 0), ERR_LIMIT);
    assert_err(met_add(&met, 1, (size_t)1 << 31), ERR_LIMIT);
    assert_ok(met_add(&met, 1, ((size_t)1 << 31) - 1), NULL);
    met_done(&met);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_what_comes_again_has_a_line),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_lines_that_cannot_be_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
