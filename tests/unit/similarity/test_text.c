// SPDX-License-Identifier: Apache-2.0
#include "similarity/text.h"

#include "tests/support/check.h"

static struct text read_text(const char *utf8)
{
    struct text text;
    text_init(&text);
    // One byte at a time is not allowed: characters stay whole. Two halves are.
    struct span s = span_of(utf8);
    size_t half = s.len / 2;
    while (half < s.len && ((unsigned char)s.at[half] & 0xC0) == 0x80) {
        half++;
    }
    assert_ok(text_feed(&text, (struct span){s.at, half}), NULL);
    assert_ok(text_feed(&text, (struct span){s.at + half, s.len - half}), NULL);
    assert_ok(text_end(&text), NULL);
    return text;
}

struct row {
    const char *name, *a, *b;
    size_t words; // of a
    bool equal;
};

static const struct row rows[] = {
    {"case and punctuation", "The Baker, his oven.", "the baker his OVEN", 4, true},
    {"other words", "the baker his oven", "the baker his shop", 4, false},
    {"order counts", "the baker his oven", "his baker the oven", 4, false},
    {"numbers level", "room 12 costs 1,234.50", "room 7 costs 9", 4, true},
    {"dates and clocks level", "on 2026-11-21 at 12:59:01", "on 1999-01-02 at 7:05", 4, true},
    {"hexadecimal is dropped", "id 9f86d081884c7d65 end", "id 00aa11bb22cc33dd end", 2, true},
    {"uuid is dropped", "id 550e8400-e29b-41d4-a716-446655440000 end", "id end", 2, true},
    {"mixed token is dropped", "key aB3dE5fG7h9 end", "key end", 2, true},
    {"long plain words stay", "internationalisation matters", "internationalization matters", 2,
     false},
    {"urls are dropped", "see http://example.org/a now", "see https://example.org/a now", 2, true},
    {"han: one character, one word", "面包店早上", "面包店晚上", 5, false},
    {"han punctuation breaks nothing", "面包店，早上。", "面包店早上", 5, true},
    {"cyrillic case", "ПЕКАРНЯ рядом", "пекарня рядом", 2, true},
    {"greek case", "ΑΡΤΟΣ", "αρτοσ", 1, true},
    {"latin case", "BÄCKEREI", "bäckerei", 1, true},
    {"arabic", "خبز طازج كل صباح", "خبز طازج كل مساء", 4, false},
};

static void check_row(void **state)
{
    const struct row *row = *state;
    struct text a = read_text(row->a), b = read_text(row->b);
    assert_int_equal(a.words, row->words);
    assert_int_equal(a.sequence == b.sequence && a.words == b.words, row->equal);
    text_done(&a);
    text_done(&b);
}

static void a_word_across_two_feeds_is_one(void **state)
{
    (void)state;
    struct text text;
    text_init(&text);
    assert_ok(text_feed(&text, span_of("bak")), NULL);
    assert_ok(text_feed(&text, span_of("ery")), NULL);
    assert_ok(text_break(&text), NULL);
    assert_ok(text_feed(&text, span_of("oven")), NULL);
    assert_ok(text_end(&text), NULL);
    assert_int_equal(text.words, 2);
    assert_string_equal(buf_str(&text.visible), "bakery oven ");
    text_done(&text);
}

// Longer than the word buffer, in characters of three bytes: cut between them, nothing lost.
static void runs_without_spaces_are_cut_between_characters(void **state)
{
    (void)state;
    struct text text;
    text_init(&text);
    for (int i = 0; i < 1000; i++) {
        assert_ok(text_feed(&text, span_of("早")), NULL);
    }
    assert_ok(text_end(&text), NULL);
    assert_int_equal(text.words, 1000);
    text_done(&text);
}

static void shingles_know_their_place(void **state)
{
    (void)state;
    struct text text = read_text("one two three four");
    assert_int_equal(text.shingles.step_count, 2);
    assert_int_equal(text.shingles.steps[1].from, 4);
    assert_int_equal(text.shingles.steps[1].to, 19);
    text_done(&text);
}

int main(void)
{
    struct CMUnitTest tests[COUNT_OF(rows) + 3];
    size_t n = 0;
    for (; n < COUNT_OF(rows); n++) {
        struct row *row = (struct row *)(uintptr_t)&rows[n];
        tests[n] = (struct CMUnitTest){rows[n].name, check_row, NULL, NULL, row};
    }
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_word_across_two_feeds_is_one);
    tests[n++] =
        (struct CMUnitTest)cmocka_unit_test(runs_without_spaces_are_cut_between_characters);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(shingles_know_their_place);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
