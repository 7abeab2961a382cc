// SPDX-License-Identifier: Apache-2.0
#include "rollout/rollout.h"
#include "tests/support/check.h"
#include "tests/support/page.h"
#include "tests/unit/rollout/reasons_text.h"

static void says_something_of_every_reason(void **state)
{
    (void)state;
    for (unsigned i = 1; i < ROLLOUT_REASON_COUNT; i++) {
        const struct rollout_reason_row *row = rollout_reason_row((enum rollout_reason)i);
        const char *code = rollout_reason_str(row->reason);
        assert_true(code[0] != '\0' && strspn(code, "abcdefghijklmnopqrstuvwxyz_") == strlen(code));
        assert_true(row->sentence[0] != '\0');
        assert_true(row->sentence[strlen(row->sentence) - 1] == '.');
        assert_null(strpbrk(row->sentence, "\n\t|"));
        assert_null(strpbrk(row->remedy, "\n\t|"));
    }
}

static void keeps_the_page_equal_to_the_table(void **state)
{
    (void)state;
    struct buf want;
    buf_init(&want, (size_t)1 << 20);
    assert_err(rollout_reasons_text(&want), ERR_OK);
    assert_page("docs/rollout-reasons.md", &want, "print_rollout_reasons");
    buf_done(&want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_something_of_every_reason),
        cmocka_unit_test(keeps_the_page_equal_to_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
