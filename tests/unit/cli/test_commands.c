// SPDX-License-Identifier: Apache-2.0
#include "cli/args.h"

#include <getopt.h>

#include "tests/support/check.h"

static void check_options(const struct option_row *rows, size_t count)
{
    size_t global_count = 0;
    const struct option_row *globals = cli_global_options(&global_count);
    assert_true(count + global_count <= ARGS_MAX_OPTIONS);
    for (size_t i = 0; i < count; i++) {
        assert_true(strlen(rows[i].help) > 5);
        assert_true(rows[i].words == NULL || rows[i].value != NULL);
        assert_true(!rows[i].repeat || rows[i].value != NULL);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(rows[i].name, rows[j].name);
            assert_true(rows[i].letter == 0 || rows[i].letter != rows[j].letter);
        }
        for (size_t j = 0; rows != globals && j < global_count; j++) {
            assert_string_not_equal(rows[i].name, globals[j].name);
            assert_true(rows[i].letter == 0 || rows[i].letter != globals[j].letter);
        }
    }
}

static void test_the_tables_are_sound(void **state)
{
    (void)state;
    size_t count = 0;
    const struct command *all = cli_commands(&count);
    size_t global_count = 0;
    check_options(cli_global_options(&global_count), 0);
    check_options(cli_global_options(&global_count), global_count);
    for (size_t i = 0; i < count; i++) {
        assert_true(strlen(all[i].help) > 5);
        assert_non_null(all[i].run);
        assert_true(all[i].operands_max < 0 || all[i].operands_min <= all[i].operands_max);
        assert_true((all[i].operands[0] == '\0') == (all[i].operands_max == 0));
        check_options(all[i].options, all[i].option_count);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(all[i].words, all[j].words);
        }
    }
}

static enum err parse(struct args *args, struct why *why, size_t count, const char *const *words)
{
    static char store[16][64];
    static char *argv[17];
    assert_true(count < 16);
    (void)snprintf(store[0], sizeof store[0], "sslauto");
    argv[0] = store[0];
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(store[i + 1], sizeof store[0], "%s", words[i]);
        argv[i + 1] = store[i + 1];
    }
    argv[count + 1] = NULL;
    return args_parse(args, (int)count + 1, argv, why);
}

#define PARSE(args, why, ...)                                                                      \
    parse(args, why, COUNT_OF(((const char *[]){__VA_ARGS__})), (const char *[]){__VA_ARGS__})

static void test_options_stand_anywhere(void **state)
{
    (void)state;
    struct args args;
    struct why why = {""};
    assert_ok(PARSE(&args, &why, "--db", "sqlite:///x", "zone", "-q", "add", "a.example",
                    "--origin", "192.0.2.1", "--origin=192.0.2.2", "--config", "/c"),
              &why);
    assert_string_equal(args.command->words, "zone add");
    assert_string_equal(args_text(&args, "db"), "sqlite:///x");
    assert_string_equal(args_text(&args, "config"), "/c");
    assert_true(args_flag(&args, "quiet"));
    assert_int_equal(args.operand_count, 1);
    size_t at = 0;
    assert_string_equal(args_next(&args, "origin", &at), "192.0.2.1");
    assert_string_equal(args_next(&args, "origin", &at), "192.0.2.2");
    assert_null(args_next(&args, "origin", &at));
    args_done(&args);
}

static void test_double_dash_ends_options(void **state)
{
    (void)state;
    struct args args;
    assert_ok(PARSE(&args, NULL, "explain", "--", "--json"), NULL);
    assert_string_equal(args.operands[0], "--json");
    args_done(&args);
}

struct wrong {
    const char *words[4];
    const char *said;
};

static void test_wrong_use(void **state)
{
    (void)state;
    static const struct wrong rows[] = {
        {{"chek"}, "did you mean check?"},
        {{"zone", "ad"}, "did you mean add?"},
        {{"check"}, "HOST... is missing"},
        {{"check", "a", "--orgin"}, "did you mean --origin?"},
        {{"check", "a", "--origin"}, "--origin needs a value"},
        {{"check", "a", "--mode", "FULL"}, "--mode takes one of off|"},
        {{"zone", "show", "a", "b"}, "\"b\" is one word too many"},
        {{"version", "-z"}, "unknown option -z"},
        {{"scan", "--rate=1", "--rate=2"}, "--rate is given twice"},
        {{"xyzzy"}, "unknown command \"xyzzy\""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct args args;
        struct why why = {""};
        size_t count = 0;
        while (count < 4 && rows[i].words[count] != NULL) {
            count++;
        }
        assert_err(parse(&args, &why, count, rows[i].words), ERR_INVALID);
        if (strstr(why.text, rows[i].said) == NULL) {
            fail_msg("\"%s\" does not say \"%s\"", why.text, rows[i].said);
        }
        args_done(&args);
    }
}

static void test_suggest(void **state)
{
    (void)state;
    static const char *const words[] = {"scan", "check", "compare"};
    assert_string_equal(suggest("scna", words, COUNT_OF(words)), "scan");
    assert_null(suggest("sxyn", words, COUNT_OF(words)));
    assert_null(suggest("elephant", words, COUNT_OF(words)));
    assert_null(suggest("", words, COUNT_OF(words)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_tables_are_sound),
        cmocka_unit_test(test_options_stand_anywhere),
        cmocka_unit_test(test_double_dash_ends_options),
        cmocka_unit_test(test_wrong_use),
        cmocka_unit_test(test_suggest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
