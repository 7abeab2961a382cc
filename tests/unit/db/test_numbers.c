// SPDX-License-Identifier: Apache-2.0
// The text of a rollout's numbers: what goes in comes back, bit for bit, and nothing else is read.
#include "db/numbers.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/check.h"

// Through the text and back.
static void round_trip(const struct rollout *in)
{
    char text[NUMBERS_SIZE];
    assert_ok(numbers_print(text, in), NULL);
    assert_true(strlen(text) < sizeof text);
    struct rollout out;
    memset(&out, 0x5a, sizeof out);
    assert_ok(numbers_parse(&out, span_of(text)), NULL);
    assert_memory_equal(&out.step_counts, &in->step_counts, sizeof in->step_counts);
    assert_memory_equal(&out.counts, &in->counts, sizeof in->counts);
    assert_memory_equal(&out.tests, &in->tests, sizeof in->tests); // bits, as -0 == 0
    assert_int_equal(out.cursor_count, in->cursor_count);
    for (size_t i = 0; i < in->cursor_count; i++) {
        assert_string_equal(out.cursors[i].process, in->cursors[i].process);
        assert_true(out.cursors[i].epoch == in->cursors[i].epoch);
        assert_memory_equal(&out.cursors[i].seen, &in->cursors[i].seen, sizeof in->cursors[i].seen);
    }
}

#define ZEROS "[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]"

static void a_fresh_rollout_is_short(void **state)
{
    (void)state;
    struct rollout rollout = {0};
    char text[NUMBERS_SIZE];
    assert_ok(numbers_print(text, &rollout), NULL);
    assert_string_equal(text, "[[],[]," ZEROS ",[]]");
    round_trip(&rollout);
}

static void a_text_as_it_is_written(void **state)
{
    (void)state;
    struct rollout rollout = {
        .step_counts.of[COHORT_NEW] = {.requests = 150, .cache_hits = 7},
        .tests = {.hard_llr = -2.5,
                  .hard_doubt = -7,
                  .failing_old = 0.25,
                  .failing_new = 0.5,
                  .server_errors[0] = 1,
                  .redirects[ODDS_COUNT - 1] = 3,
                  .hard_failures = 2},
        .cursors[0] = {.process = "edge-1",
                       .epoch = 1800000000,
                       .seen.of[COHORT_OLD] = {1, 2, 3, 4, 5, 6, 7}},
        .cursor_count = 1,
    };
    char text[NUMBERS_SIZE];
    assert_ok(numbers_print(text, &rollout), NULL);
    assert_string_equal(text, "[[[1,150,0,0,0,0,0,7]],[],[-2.5,-7,0.25,0.5,1,0,0,0,0,0,0,0,0,3,2],"
                              "[[\"edge-1\",1800000000,[[0,1,2,3,4,5,6,7]]]]]");
    round_trip(&rollout);
}

// The longest text there can be.
static void the_largest_fits(void **state)
{
    (void)state;
    struct rollout *rollout = calloc(1, sizeof *rollout);
    assert_non_null(rollout);
    rollout->cursor_count = LIMIT_EDGE_PROCESSES;
    for (size_t i = 0; i < LIMIT_EDGE_PROCESSES; i++) {
        memset(rollout->cursors[i].process, i % 2 == 0 ? '"' : '\xff', LIMIT_EDGE_NAME);
        rollout->cursors[i].epoch = INT64_MIN;
        memset(&rollout->cursors[i].seen, 0xff, sizeof rollout->cursors[i].seen);
    }
    memset(&rollout->counts, 0xff, sizeof rollout->counts);
    memset(&rollout->step_counts, 0xff, sizeof rollout->step_counts);
    rollout->tests.hard_llr = -DBL_MIN / 3;
    rollout->tests.hard_doubt = -1.2345678901234567e-300;
    rollout->tests.failing_old = -1.2345678901234567e-301;
    rollout->tests.failing_new = -1.2345678901234567e-302;
    for (size_t i = 0; i < ODDS_COUNT; i++) {
        rollout->tests.server_errors[i] = -DBL_MAX;
        rollout->tests.redirects[i] = -1.2345678901234567e-300;
    }
    rollout->tests.hard_failures = UINT64_MAX;
    round_trip(rollout);
    free(rollout);
}

static void doubles_come_back_equal(void **state)
{
    (void)state;
    static const double values[] = {0.1,  1.0 / 3, -0.0,   2.9957322735539909,  DBL_EPSILON,
                                    -6.9, 1e308,   5e-324, 123456789012345680.0};
    srandom(20261121);
    for (size_t i = 0; i < 20000; i++) {
        struct rollout rollout = {0};
        double value = i < COUNT_OF(values) ? values[i] : (double)random() / (double)random();
        rollout.tests.hard_llr = log(value == 0 ? 1 : fabs(value));
        rollout.tests.redirects[4] = value;
        rollout.tests.server_errors[0] = -value;
        round_trip(&rollout);
    }
}

static void what_no_number_is_cannot_be_stored(void **state)
{
    (void)state;
    char text[NUMBERS_SIZE];
    struct rollout rollout = {.tests.hard_llr = (double)NAN};
    assert_err(numbers_print(text, &rollout), ERR_INVALID);
    rollout = (struct rollout){.tests.redirects[2] = (double)INFINITY};
    assert_err(numbers_print(text, &rollout), ERR_INVALID);
    rollout = (struct rollout){.cursor_count = LIMIT_EDGE_PROCESSES + 1};
    assert_err(numbers_print(text, &rollout), ERR_LIMIT);
}

static const char *const bad[] = {
    "",
    "[]",
    "{}",
    "[[],[]," ZEROS ",[]",
    "[[],[]," ZEROS ",[]]]",
    "[[],[]," ZEROS ",[]] ",
    "[[],[],[0,0,0,0,0,0,0,0,0,0,0,0,0,0],[]]",
    "[[],[],[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],[]]",
    "[[],[],[nan,0,0,0,0,0,0,0,0,0,0,0,0,0,0],[]]",
    "[[],[],[1e999,0,0,0,0,0,0,0,0,0,0,0,0,0,0],[]]",
    "[[],[],[ 1,0,0,0,0,0,0,0,0,0,0,0,0,0,0],[]]",
    "[[],[],[1x,0,0,0,0,0,0,0,0,0,0,0,0,0,0],[]]",
    "[[],[],[0,0,0,0,0,0,0,0,0,0,0,0,0,0,-1],[]]",
    "[[[4,0,0,0,0,0,0,1]],[]," ZEROS ",[]]",
    "[[[1,0,0,0,0,0,0,1],[1,0,0,0,0,0,0,1]],[]," ZEROS ",[]]",
    "[[[1,0,0,0,0,0,0]],[]," ZEROS ",[]]",
    "[[[1,0,0,0,0,0,0,18446744073709551616]],[]," ZEROS ",[]]",
    "[[[1,0,0,0,0,0,0,-1]],[]," ZEROS ",[]]",
    "[[],[]," ZEROS ",[[\"01234567890123456789012345678901\",0,[]]]]",
    "[[],[]," ZEROS ",[[\"a\\u0000b\",0,[]]]]",
    "[[],[]," ZEROS ",[[\"a\\n\",0,[]]]]",
    "[[],[]," ZEROS ",[[\"a\\u00",
    "[[],[]," ZEROS ",[[\"a\\u00fg\",0,[]]]]",
    "[[],[]," ZEROS ",[[\"a",
    "[[],[]," ZEROS ",[[\"a\",9223372036854775808,[]]]]",
    "[[],[]," ZEROS ",[[\"a\",-9223372036854775809,[]]]]",
    "[[],[]," ZEROS ",[[a,0,[]]]]",
};

static void other_texts_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct rollout out = {0};
        if (numbers_parse(&out, span_of(bad[i])) != ERR_CORRUPT) {
            fail_msg("%s", bad[i]);
        }
    }
    // One process too many.
    char text[1024] = "[[],[]," ZEROS ",[[\"p\",1,[]]";
    for (size_t i = 0; i < LIMIT_EDGE_PROCESSES; i++) {
        size_t len = strlen(text);
        (void)snprintf(text + len, sizeof text - len, ",[\"p\",1,[]]");
    }
    size_t len = strlen(text);
    (void)snprintf(text + len, sizeof text - len, "]]");
    struct rollout out = {0};
    assert_err(numbers_parse(&out, span_of(text)), ERR_CORRUPT);
}

// Cut anywhere, the text is refused, never read past its end.
static void a_cut_text_is_refused(void **state)
{
    (void)state;
    const char *whole = "[[[1,150,0,0,0,0,0,7]],[],[-2.5,-7,0.25,0.5,1,0,0,0,0,0,0,0,0,3,2],"
                        "[[\"e\\u0022\",-18,[[0,1,2,3,4,5,6,7]]]]]";
    for (size_t len = 0; len < strlen(whole); len++) {
        char *cut = strndup(whole, len); // its end is the end of the memory
        assert_non_null(cut);
        struct rollout out = {0};
        assert_err(numbers_parse(&out, (struct span){cut, len}), ERR_CORRUPT);
        free(cut);
    }
}

static void plans(void **state)
{
    (void)state;
    struct rollout rollout = {.steps_bp = {100, 1000, SHARE_ALL_BP}, .step_count = 3};
    char text[NUMBERS_STEPS_SIZE];
    assert_ok(numbers_print_steps(text, &rollout), NULL);
    assert_string_equal(text, "[100,1000,10000]");
    struct rollout out = {0};
    assert_ok(numbers_parse_steps(&out, span_of(text)), NULL);
    assert_int_equal(out.step_count, 3);
    assert_memory_equal(out.steps_bp, rollout.steps_bp, sizeof out.steps_bp);

    rollout.steps_bp[1] = 100; // does not rise
    assert_err(numbers_print_steps(text, &rollout), ERR_INVALID);
    rollout = (struct rollout){.steps_bp = {100}, .step_count = 1}; // does not reach all
    assert_err(numbers_print_steps(text, &rollout), ERR_INVALID);
    rollout.step_count = 0;
    assert_err(numbers_print_steps(text, &rollout), ERR_INVALID);
    rollout.step_count = LIMIT_ROLLOUT_STEPS + 1;
    assert_err(numbers_print_steps(text, &rollout), ERR_LIMIT);

    rollout = (struct rollout){.step_count = LIMIT_ROLLOUT_STEPS};
    for (size_t i = 0; i < LIMIT_ROLLOUT_STEPS; i++) {
        rollout.steps_bp[i] = SHARE_ALL_BP - (int)(LIMIT_ROLLOUT_STEPS - 1 - i);
    }
    assert_ok(numbers_print_steps(text, &rollout), NULL);
    assert_ok(numbers_parse_steps(&out, span_of(text)), NULL);
    assert_memory_equal(out.steps_bp, rollout.steps_bp, sizeof out.steps_bp);

    static const char *const broken[] = {"",          "[]",         "[100]",       "[10000,10000]",
                                         "[0,10000]", "[100,10000", "[100,10001]", "[10000],",
                                         "[-1,10000]"};
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        assert_err(numbers_parse_steps(&out, span_of(broken[i])), ERR_CORRUPT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fresh_rollout_is_short),
        cmocka_unit_test(a_text_as_it_is_written),
        cmocka_unit_test(the_largest_fits),
        cmocka_unit_test(doubles_come_back_equal),
        cmocka_unit_test(what_no_number_is_cannot_be_stored),
        cmocka_unit_test(other_texts_are_refused),
        cmocka_unit_test(a_cut_text_is_refused),
        cmocka_unit_test(plans),
    };
    return cmocka_run_group_tests_name("rollout numbers", tests, NULL, NULL);
}
