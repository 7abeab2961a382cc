// SPDX-License-Identifier: Apache-2.0
#include "core/span.h"
#include "tests/support/check.h"

static void compares(void **state)
{
    (void)state;
    struct span none = {NULL, 0};
    assert_true(span_equal(none, span_of("")));
    assert_true(span_equal(span_of(NULL), none));
    assert_true(span_equal(span_of("ab"), span_of("ab")));
    assert_false(span_equal(span_of("ab"), span_of("abc")));
    assert_true(span_equal_nocase(span_of("aZ["), span_of("Az[")));
    assert_false(span_equal_nocase(span_of("["), span_of("{")));
    assert_false(span_equal_nocase(span_of("\xc3\x84"), span_of("\xc3\xa4")));
    assert_true(span_starts_nocase(span_of("HTTPS://x"), span_of("https:")));
    assert_false(span_starts_nocase(span_of("http"), span_of("https")));
}

static void trims(void **state)
{
    (void)state;
    assert_true(span_equal(span_trim(span_of(" \t\r\n a b \v\f")), span_of("a b")));
    assert_int_equal(span_trim(span_of(" \n ")).len, 0);
    assert_int_equal(span_trim((struct span){NULL, 0}).len, 0);
}

static void cuts_every_part_once(void **state)
{
    (void)state;
    struct span rest = span_of("a,,b,");
    static const char *const parts[] = {"a", "", "b", ""};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        assert_non_null(rest.at);
        assert_true(span_equal(span_cut(&rest, ','), span_of(parts[i])));
    }
    assert_null(rest.at);
    assert_int_equal(span_cut(&rest, ',').len, 0);
}

static void finds(void **state)
{
    (void)state;
    struct span s = span_of("one TWO three");
    assert_int_equal(span_find_nocase(s, span_of("two")), 4);
    assert_int_equal(span_find_nocase(s, span_of("three")), 8);
    assert_int_equal(span_find_nocase(s, span_of("four")), s.len);
    assert_int_equal(span_find_nocase(s, span_of("one TWO three and more")), s.len);
    assert_int_equal(span_find_nocase(s, span_of("")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares),
        cmocka_unit_test(trims),
        cmocka_unit_test(cuts_every_part_once),
        cmocka_unit_test(finds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
