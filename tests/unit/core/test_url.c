// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"
#include "core/url.h"
#include "tests/support/check.h"

static void check_printed(const struct url *url, const char *expected)
{
    char *text = NULL;
    assert_ok(url_print(&text, url), NULL);
    assert_string_equal(text, expected);
    free(text);
}

struct row {
    const char *text, *means;
};

static void check_parsed(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        OWN(url_done) struct url url = {0};
        enum err e = url_parse(&url, span_of(rows[i].text));
        if (e != ERR_OK) {
            fail_msg("\"%s\": %s", rows[i].text, err_str(e));
        }
        check_printed(&url, rows[i].means);
    }
}

static void absolute_urls(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"http://example.com", "http://example.com/"},
        {"HTTPS://EXAMPLE.com:443/", "https://example.com/"},
        {"http://example.com:80/a?b#c", "http://example.com/a?b"},
        {"http://example.com:443/", "http://example.com:443/"},
        {"https://example.com:/x", "https://example.com/x"},
        {"https://example.com:00443/x", "https://example.com/x"},
        {"  \t http://example.com/a b \n", "http://example.com/a%20b"},
        {"ht\ntp://exa\tmple.com/", "http://example.com/"},
        {"http:\\\\example.com\\a\\b", "http://example.com/a/b"},
        {"http:example.com", "http://example.com/"},
        {"http:////example.com//x", "http://example.com//x"},
        {"http://example.com?q=\\", "http://example.com/?q=\\"},
        {"http://example.com./", "http://example.com/"},
        {"http://ex%41mple.com/", "http://example.com/"},
        {"http://a_b.example.com/", "http://a_b.example.com/"},
        {"http://example.com/%zz%41%2e", "http://example.com/%zz%41%2e"},
        {"http://example.com/\xc3\xa4?\xc3\xa4'", "http://example.com/%C3%A4?%C3%A4%27"},
        {"http://example.com/\"<>`{}", "http://example.com/%22%3C%3E%60%7B%7D"},
    };
    check_parsed(rows, COUNT_OF(rows));
}

static void dot_segments(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"http://h/a/./b/../c", "http://h/a/c"},
        {"http://h/../../a", "http://h/a"},
        {"http://h/a/..", "http://h/"},
        {"http://h/a/.", "http://h/a/"},
        {"http://h/a/%2e%2E/b", "http://h/b"},
        {"http://h/a/.%2e/b", "http://h/b"},
        {"http://h/a//../b", "http://h/a/b"},
        {"http://h/.../x", "http://h/.../x"},
        {"http://h/a/b?../c", "http://h/a/b?../c"},
        {"http://h/a\\..\\b", "http://h/b"},
    };
    check_parsed(rows, COUNT_OF(rows));
}

static void every_spelling_of_an_address_is_one(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"http://127.0.0.1/", "http://127.0.0.1/"},
        {"http://2130706433/", "http://127.0.0.1/"},
        {"http://0x7f.1/", "http://127.0.0.1/"},
        {"http://0177.0.0.1./", "http://127.0.0.1/"},
        {"http://127.1:8080/", "http://127.0.0.1:8080/"},
        {"http://%31%32%37.0.0.1/", "http://127.0.0.1/"},
        {"http://\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1/", "http://127.0.0.1/"},
        {"http://127\xe3\x80\x82"
         "0.0.1/",
         "http://127.0.0.1/"},
        {"http://[::1]/", "http://[::1]/"},
        {"http://[0:0::1]:8080/", "http://[::1]:8080/"},
        {"http://[2001:DB8::1]:80/", "http://[2001:db8::1]/"},
    };
    check_parsed(rows, COUNT_OF(rows));
}

static void other_scripts_become_a_labels(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"http://b\xc3\xbc"
         "cher.example/",
         "http://xn--bcher-kva.example/"},
        {"http://B\xc3\x9c"
         "CHER.example/",
         "http://xn--bcher-kva.example/"},
        {"http://b%C3%BC"
         "cher.example/",
         "http://xn--bcher-kva.example/"},
        {"http://fa\xc3\x9f.example/", "http://xn--fa-hia.example/"},
        {"http://XN--bcher-KVA.example/", "http://xn--bcher-kva.example/"},
    };
    check_parsed(rows, COUNT_OF(rows));
}

static void what_is_no_web_url_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "example.com",
        "/path",
        "ftp://example.com/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http:///",
        "http://?q",
        "http://#f",
        "http://user@example.com/",
        "http://user:pass@example.com/",
        "http://example.com:0/",
        "http://example.com:65536/",
        "http://example.com:8o/",
        "http://example.com:-1/",
        "http://exa mple.com/",
        "http://exam%20ple.com/",
        "http://exam%00ple.com/",
        "http://exam%2fple.com/",
        "http://a..b/",
        "http://.example.com/",
        "http://./",
        "http://256.256.256.256/",
        "http://1.2.3.4.5/",
        "http://example.09/",
        "http://[::1/",
        "http://::1/",
        "http://[::1]x/",
        "http://[fe80::1%25lo]/",
        "http://[127.0.0.1]/",
        "http://\xff\xfe/",
        "http://a<b>/",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        OWN(url_done) struct url url = {0};
        enum err e = url_parse(&url, span_of(bad[i]));
        if (e != ERR_INVALID) {
            fail_msg("\"%s\": %s", bad[i], err_str(e));
        }
        assert_null(url.host);
    }
}

static void references_are_resolved(void **state)
{
    (void)state;
    // RFC 3986 section 5.4, as far as http has it.
    static const struct row rows[] = {
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g/"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q"},
        {"g#s", "http://a/b/c/g"},
        {";x", "http://a/b/c/;x"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {"..g", "http://a/b/c/..g"},
        {"./../g", "http://a/b/g"},
        {"g/../h", "http://a/b/c/h"},
        {"g;x=1/../y", "http://a/b/c/y"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"http:g", "http://a/b/c/g"},
        {"https:g", "https://g/"},
        {"https://x/y", "https://x/y"},
        {"\\\\x\\y", "http://x/y"},
        {"/\\x/y", "http://x/y"},
        {" \n g ", "http://a/b/c/g"},
        {"?", "http://a/b/c/d;p?"},
        {"%2e%2e/g", "http://a/b/g"},
    };
    OWN(url_done) struct url base = {0};
    assert_ok(url_parse(&base, span_of("http://a/b/c/d;p?q")), NULL);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        OWN(url_done) struct url url = {0};
        assert_ok(url_resolve(&url, &base, span_of(rows[i].text)), NULL);
        check_printed(&url, rows[i].means);
    }
    static const char *const bad[] = {"mailto:x@y", "javascript:1", "data:,x", "//",
                                      "//u@h/",     "http://[",     "g:h"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct url url = {0};
        assert_err(url_resolve(&url, &base, span_of(bad[i])), ERR_INVALID);
    }
}

static void references_keep_the_base_port(void **state)
{
    (void)state;
    OWN(url_done) struct url base = {0};
    OWN(url_done) struct url url = {0};
    assert_ok(url_parse(&base, span_of("https://a:8443/x")), NULL);
    assert_ok(url_resolve(&url, &base, span_of("/y")), NULL);
    check_printed(&url, "https://a:8443/y");
}

static void long_urls_hit_the_limit(void **state)
{
    (void)state;
    char text[3 * LIMIT_URL];
    memset(text, 'a', sizeof text);
    memcpy(text, "http://h/", 9);
    struct url url = {0};
    assert_err(url_parse(&url, (struct span){text, sizeof text}), ERR_LIMIT);
    assert_ok(url_parse(&url, (struct span){text, LIMIT_URL}), NULL);
    url_done(&url);
    // Encoding can make it too long as well.
    memset(text + 9, ' ', LIMIT_URL - 10);
    text[LIMIT_URL - 1] = 'x';
    assert_err(url_parse(&url, (struct span){text, LIMIT_URL}), ERR_LIMIT);
    // A host name of 254 bytes, and a label of 64.
    memset(text + 7, 'a', 300);
    for (size_t i = 7 + 60; i < 7 + 254; i += 61) {
        text[i] = '.';
    }
    assert_err(url_parse(&url, (struct span){text, 7 + 254}), ERR_INVALID);
    assert_ok(url_parse(&url, (struct span){text, 7 + 253}), NULL);
    url_done(&url);
    memset(text + 7, 'a', 64);
    assert_err(url_parse(&url, (struct span){text, 7 + 64}), ERR_INVALID);
}

static void places(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } rows[] = {
        {"http://example.com/", "https://www.example.com", true},
        {"http://example.com:80/x?y", "https://example.com:443/x?y", true},
        {"http://example.com:8080/", "https://example.com:8080/", true},
        {"http://example.com/", "https://example.com:8443/", false},
        {"http://example.com/a", "http://example.com/b", false},
        {"http://example.com/a", "http://example.org/a", false},
        {"http://www.com/", "http://www.org/", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        OWN(url_done) struct url a = {0};
        OWN(url_done) struct url b = {0};
        assert_ok(url_parse(&a, span_of(rows[i].a)), NULL);
        assert_ok(url_parse(&b, span_of(rows[i].b)), NULL);
        assert_int_equal(url_same_place(&a, &b), rows[i].same);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(absolute_urls),
        cmocka_unit_test(dot_segments),
        cmocka_unit_test(every_spelling_of_an_address_is_one),
        cmocka_unit_test(other_scripts_become_a_labels),
        cmocka_unit_test(what_is_no_web_url_is_refused),
        cmocka_unit_test(references_are_resolved),
        cmocka_unit_test(references_keep_the_base_port),
        cmocka_unit_test(long_urls_hit_the_limit),
        cmocka_unit_test(places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
