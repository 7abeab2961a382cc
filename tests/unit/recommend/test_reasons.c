// SPDX-License-Identifier: Apache-2.0
#include "recommend/recommend.h"
#include "tests/support/check.h"
#include "tests/support/page.h"
#include "tests/unit/recommend/reasons_text.h"

static bool is_code(const char *code)
{
    return code[0] != '\0' && strspn(code, "abcdefghijklmnopqrstuvwxyz_") == strlen(code);
}

static void checks_every_row(void **state)
{
    (void)state;
    size_t count = 0;
    const struct reason_row *rows = recommend_reasons(&count);
    assert_true(count > 60);
    for (size_t i = 0; i < count; i++) {
        const struct reason_row *row = &rows[i];
        assert_true(is_code(row->code));
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(row->code, rows[j].code);
        }
        // A plain sentence on one line, with one gap at most.
        assert_true(row->sentence[strlen(row->sentence) - 1] == '.');
        assert_null(strpbrk(row->sentence, "\n\t|"));
        const char *gap = strchr(row->sentence, '%');
        assert_true(gap == NULL || (gap[1] == 's' && strchr(gap + 1, '%') == NULL));
        assert_true(row->source[0] != '\0');
        assert_non_null(row->remedy);
        assert_null(strpbrk(row->remedy, "\n\t|"));
    }
}

static void keeps_the_page_equal_to_the_table(void **state)
{
    (void)state;
    struct buf want;
    buf_init(&want, (size_t)1 << 20);
    assert_err(reasons_text(&want), ERR_OK);
    assert_page("docs/reasons.md", &want, "print_reasons");
    buf_done(&want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_every_row),
        cmocka_unit_test(keeps_the_page_equal_to_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
