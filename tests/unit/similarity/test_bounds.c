// SPDX-License-Identifier: Apache-2.0
#include "similarity/page.h"

#include "core/buf.h"
#include "core/limits.h"
#include "tests/support/check.h"

static struct page read_page(const struct sim_page *source, enum page_kind kind)
{
    struct page page;
    assert_ok(page_read(&page, source, kind, false), NULL);
    return page;
}

static bool flat_with_names(size_t names)
{
    struct buf body;
    buf_init(&body, LIMIT_BODY);
    assert_ok(buf_add_str(&body, "<html><body>"), NULL);
    for (size_t i = 0; i < names; i++) {
        assert_ok(buf_printf(&body, "<p a%zx>bread</p>", i), NULL);
    }
    struct sim_page source = {.body = buf_span(&body)};
    struct page page = read_page(&source, PAGE_HTML);
    bool flat = page.flat;
    assert_int_equal(page.text.words, names);
    page_release(&page);
    buf_done(&body);
    return flat;
}

// A name that is new for each element: the parser's table of them has long chains, and is kept.
static void a_page_of_many_names_is_read_as_text(void **state)
{
    (void)state;
    assert_false(flat_with_names(10000));
    assert_true(flat_with_names(LIMIT_HTML_NAMES + 1000));
}

static enum page_kind kind_of_list(const char *value, size_t count)
{
    struct buf body;
    buf_init(&body, LIMIT_BODY);
    assert_ok(buf_add_str(&body, "["), NULL);
    for (size_t i = 0; i < count; i++) {
        assert_ok(buf_printf(&body, "%s,", value), NULL);
    }
    assert_ok(buf_add_str(&body, "{\"end\":1}]"), NULL);
    assert_true(body.len < LIMIT_JSON_BODY);
    struct sim_page source = {.body = buf_span(&body)};
    struct page page = read_page(&source, PAGE_JSON);
    enum page_kind kind = page.kind;
    page_release(&page);
    buf_done(&body);
    return kind;
}

// "{}," is three bytes, and three hundred once it is parsed.
static void json_of_many_values_is_read_as_text(void **state)
{
    (void)state;
    assert_int_equal(kind_of_list("{}", 60000), PAGE_JSON);
    assert_int_equal(kind_of_list("{}", 300000), PAGE_TEXT);
    assert_int_equal(kind_of_list("[]", 300000), PAGE_TEXT);
    assert_int_equal(kind_of_list("7", 400000), PAGE_TEXT);
}

static void add_prices(struct buf *body, size_t count, unsigned base)
{
    buf_init(body, LIMIT_BODY);
    assert_ok(buf_add_str(body, "{\"prices\":["), NULL);
    for (size_t i = 0; i < count; i++) {
        assert_ok(buf_printf(body, "{\"price\":%u},", base + (unsigned)i % 97), NULL);
    }
    assert_ok(buf_add_str(body, "{}]}"), NULL);
}

static struct sim_result compare_prices(size_t count)
{
    struct buf http, https;
    add_prices(&http, count, 100);
    add_prices(&https, count, 500);
    struct sim_page a = {.body = buf_span(&http)}, b = {.body = buf_span(&https)};
    struct sim_input input = {.http = &a, .https = &b};
    struct sim_result result;
    assert_ok(similarity_compare(&result, &input), NULL);
    buf_done(&http);
    buf_done(&https);
    return result;
}

// Of JSON that is read as text the numbers are levelled: other prices are the same words.
static void large_json_is_not_the_same_by_its_words(void **state)
{
    (void)state;
    assert_int_equal(compare_prices(1000).verdict, SAMENESS_DIFFERENT);
    struct sim_result result = compare_prices(80000);
    assert_int_equal(result.verdict, SAMENESS_UNSURE);
    assert_string_equal(result.rule, "json_size");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_of_many_names_is_read_as_text),
        cmocka_unit_test(large_json_is_not_the_same_by_its_words),
        cmocka_unit_test(json_of_many_values_is_read_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
