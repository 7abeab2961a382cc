// SPDX-License-Identifier: Apache-2.0
#include "similarity/link.h"

#include "tests/support/check.h"

struct row {
    const char *a, *b;
    bool equal;
};

static const struct row rows[] = {
    {"http://www.example.org/x", "https://example.org/x", true},
    {"//example.org/x", "/x", true},
    {"y", "/folder/y", true},
    {"./y", "/folder/y", true},
    {"../y", "/y", true},
    {"/a/./b/../c", "/a/c", true},
    {"https://example.org:8443/x", "/x", true},
    {"https://example.org", "/", true},
    {"/x?page=1", "/x?page=2", true},
    {"/x?page=1", "/x?item=1", false},
    {"/x?PHPSESSID=abc", "/x", true},
    {"/x;jsessionid=0A1B2C", "/x", true},
    {"/x#top", "/x", true},
    {"/app.3f2a9b1c.js", "/app.77aa00bb.js", true},
    {"/app.js", "/lib.js", false},
    {"https://other.example/x", "/x", false},
    {"/article-12", "/article-13", false},
};

static void references_level(void **state)
{
    (void)state;
    struct link_base base = link_base_of("https://www.example.org/folder/page?x=1");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bool equal = link_hash(&base, span_of(rows[i].a)) == link_hash(&base, span_of(rows[i].b));
        if (equal != rows[i].equal) {
            fail_msg("%s and %s", rows[i].a, rows[i].b);
        }
    }
}

static void unknown_hosts_do_not_count(void **state)
{
    (void)state;
    struct link_base base = link_base_of(NULL);
    assert_true(link_hash(&base, span_of("http://example.org/x")) ==
                link_hash(&base, span_of("/x")));
}

static void some_lead_nowhere(void **state)
{
    (void)state;
    struct link_base base = link_base_of("http://example.org/");
    static const char *const nowhere[] = {
        "",      "#top", "javascript:void(0)", "mailto:a@example.org", "data:image/png;base64,AAAA",
        "TEL:+1"};
    for (size_t i = 0; i < COUNT_OF(nowhere); i++) {
        assert_true(link_hash(&base, span_of(nowhere[i])) == 0);
    }
    assert_true(link_is_http(span_of(" HTTP://example.org")));
    assert_false(link_is_http(span_of("https://example.org")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_level),
        cmocka_unit_test(unknown_hosts_do_not_count),
        cmocka_unit_test(some_lead_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
