// SPDX-License-Identifier: Apache-2.0
#include "model/member.h"

#include <stdio.h>

#include "tests/support/check.h"

static void roles_in_both_forms(void **state)
{
    (void)state;
    static const char *const same[] = {"super_administrator", "Super Administrator",
                                       "super-administrator", "SUPER ADMINISTRATOR"};
    for (size_t i = 0; i < COUNT_OF(same); i++) {
        enum member_role role = ROLE_READ_ONLY;
        assert_ok(member_role_parse(&role, span_of(same[i])), NULL);
        assert_int_equal(role, ROLE_SUPER_ADMINISTRATOR);
    }
    for (unsigned i = 0; i < ROLE_COUNT_OF_MEMBERS; i++) {
        enum member_role role = ROLE_COUNT_OF_MEMBERS;
        assert_ok(member_role_parse(&role, span_of(member_role_str((enum member_role)i))), NULL);
        assert_int_equal(role, i);
        assert_ok(member_role_parse(&role, span_of(member_role_title((enum member_role)i))), NULL);
        assert_int_equal(role, i);
    }
    enum member_role role = ROLE_READ_ONLY;
    assert_err(member_role_parse(&role, span_of("root")), ERR_INVALID);
    assert_err(member_role_parse(&role, span_of("")), ERR_INVALID);
}

static void addresses(void **state)
{
    (void)state;
    static const char *const good[] = {"a@b", "first.last+tag@mail.example.org", "x'y@a-b.c"};
    static const char *const bad[] = {"",
                                      "a",
                                      "@b",
                                      "a@",
                                      "a b@c",
                                      "a@b@c",
                                      "a@b,c",
                                      "<a@b>",
                                      "a@.b",
                                      "a@b.",
                                      "a@b..c",
                                      "a@-b",
                                      ".a@b",
                                      "a.@b",
                                      "a\r\nX: y@b",
                                      "\"a\"@b",
                                      "a@b\r\nRCPT TO:<c@d>",
                                      "m\xc3\xbc@b"};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_true(member_address_valid(span_of(good[i])));
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        if (member_address_valid(span_of(bad[i]))) {
            fail_msg("\"%s\" is taken", bad[i]);
        }
    }
    char local[70];
    char domain[300];
    memset(local, 'a', sizeof local);
    (void)snprintf(local + 64, sizeof local - 64, "@b");
    assert_true(member_address_valid(span_of(local)));
    (void)snprintf(local + 65, sizeof local - 65, "@b");
    local[64] = 'a';
    assert_false(member_address_valid(span_of(local)));
    memset(domain, 'a', sizeof domain);
    domain[1] = '@';
    assert_true(member_address_valid((struct span){domain, 254}));
    assert_false(member_address_valid((struct span){domain, 255}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_in_both_forms),
        cmocka_unit_test(addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
