// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/limits.h"
#include "core/time.h"
#include "crawler/robots.h"
#include "tests/support/check.h"

#define US "User-agent: Cloudflare-SSLDetector\n"

static struct robots_rules *rules_of(struct span text)
{
    struct robots_rules *rules = NULL;
    assert_ok(robots_parse(&rules, text, "Cloudflare-SSLDetector"), NULL);
    return rules;
}

static void check_path(const char *text, const char *path, bool allowed)
{
    struct robots_rules *rules = rules_of(span_of(text));
    char line[128];
    if (robots_allows(rules, path, line) != allowed) {
        fail_msg("%s is %s by \"%s\" in:\n%s", path, allowed ? "refused" : "allowed", line, text);
    }
    robots_free(rules);
}

static void only_groups_that_name_us_count(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool names_us, home;
    } rows[] = {
        {"", false, true},
        {"User-agent: *\nDisallow: /\n", false, true},
        {"User-agent: otherbot\nDisallow: /\n", false, true},
        {US "Disallow: /\n", true, false},
        {US "Disallow:\n", true, true},
        {US, true, true},
        {"user-AGENT : cloudFLARE-ssldetector\nDISALLOW : /\n", true, false},
        {"User-agent: Cloudflare-SSLDetector/1.0\nDisallow: /\n", true, false},
        {"User-agent: Cloudflare-SSLDetector (x)\nDisallow: /\n", true, false},
        {"User-agent: Cloudflare-SSLDetector2\nDisallow: /\n", false, true},
        {"User-agent: Cloudflare-SSLDetector-x\nDisallow: /\n", false, true},
        {"User-agent: Cloudflare\nDisallow: /\n", false, true},
        {"User-agent: xCloudflare-SSLDetector\nDisallow: /\n", false, true},
        // Several user-agent lines make one group.
        {"User-agent: a\n" US "User-agent: b\nDisallow: /\n", true, false},
        {US "User-agent: *\nDisallow: /\n", true, false},
        {"User-agent: *\n" US "Disallow: /\n", true, false},
        // Other records do not end the group, rules do.
        {US "Sitemap: http://h/s.xml\nUser-agent: b\nCrawl-delay: 3\nDisallow: /\n", true, false},
        {US "Disallow: /x\nUser-agent: b\nDisallow: /\n", true, true},
        // Groups for one agent are merged.
        {US "Disallow: /x\nUser-agent: b\nAllow: /\n" US "Disallow: /\n", true, false},
        // Rules before any group do not count.
        {"Disallow: /\n" US, true, true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct robots_rules *rules = rules_of(span_of(rows[i].text));
        char line[128];
        if (robots_names_us(rules) != rows[i].names_us ||
            robots_allows(rules, "/", line) != rows[i].home) {
            fail_msg("row %zu:\n%s", i, rows[i].text);
        }
        robots_free(rules);
    }
}

static void lines_end_in_any_way(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "User-agent: Cloudflare-SSLDetector\rDisallow: /",
        "User-agent: Cloudflare-SSLDetector\r\nDisallow: /\r\n",
        "User-agent: Cloudflare-SSLDetector\n\r\n\rDisallow: /",
        "\xef\xbb\xbfUser-agent: Cloudflare-SSLDetector\nDisallow: /",
        "# c\nUser-agent: Cloudflare-SSLDetector# us\n# User-agent: b\n \tDisallow: / # all\n",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        check_path(texts[i], "/", false);
    }
}

static void longest_match_decides(void **state)
{
    (void)state;
    static const char text[] = US "Disallow: /\nAllow: /p\nDisallow: /page/\nAllow: /page/x\n";
    check_path(text, "/", false);
    check_path(text, "/p", true);
    check_path(text, "/page/", false);
    check_path(text, "/page/xy", true);
    check_path(US "Allow: /a\nDisallow: /a\n", "/a", true);
    check_path(US "Disallow: /a\nAllow: /a\n", "/a", true);
    // RFC 9309 section 5.2.
    static const char rfc[] = US "Allow: /example/page/\nDisallow: /example/page/disallowed.gif\n";
    check_path(rfc, "/example/page/disallowed.gif", false);
    check_path(rfc, "/example/page/other.gif", true);
    check_path(US "Allow: /page\nDisallow: /*.htm\n", "/page.htm", false);
    check_path(US "Disallow: /\n", "/robots.txt", true);
}

static void wildcards_and_anchors(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *path;
        bool matches;
    } rows[] = {
        {"/fish", "/fish.html", true},
        {"/fish", "/Fish", false},
        {"/fish*", "/fishheads", true},
        {"/fish/", "/fish", false},
        {"/*.php", "/a/b.php?x=1", true},
        {"/*.php", "/windows.PHP", false},
        {"/*.php$", "/filename.php", true},
        {"/*.php$", "/filename.php?x", false},
        {"/*.php$", "/a.php.php", true},
        {"/fish*.php", "/fishheads/catfish.php?p", true},
        {"/fish*.php", "/Fish.php", false},
        {"*", "/", true},
        {"/$", "/", true},
        {"/$", "/a", false},
        {"*$", "/any", true},
        {"/a*b*c", "/aXbYc", true},
        {"/a*b*c", "/acb", false},
        {"/a*b$", "/ab", true},
        {"/ab*b$", "/ab", false},
        {"/a$b", "/a$b", true},
        {"/a%24", "/a$", true},
        {"/a%2A", "/a*", true},
        {"/a%2A", "/ab", false},
        {"fish", "/fish", false},
        {"/a**b", "/a-b", true},
        {"$", "/", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[256];
        (void)snprintf(text, sizeof text, US "Disallow: %s\n", rows[i].pattern);
        check_path(text, rows[i].path, !rows[i].matches);
    }
}

// The table of RFC 9309 section 2.2.2, and around it.
static void percent_encoding_is_one_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *path;
        bool matches;
    } rows[] = {
        {"/foo/bar?baz=quz", "/foo/bar?baz=quz", true},
        {"/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar", true},
        {"/foo/bar?baz=https%3a%2f%2ffoo.bar", "/foo/bar?baz=https://foo.bar", true},
        {"/foo/bar/\xe3\x83\x84", "/foo/bar/%E3%83%84", true},
        {"/foo/bar/%E3%83%84", "/foo/bar/%e3%83%84", true},
        {"/foo/bar/%62%61%7A", "/foo/bar/baz", true},
        {"/foo/bar/baz", "/foo/bar/%62%61%7A", true},
        {"/a%2Fb", "/a/b", false},
        {"/a/b", "/a%2Fb", false},
        {"/a%2fb", "/a%2Fb", true},
        {"/a b", "/a%20b", true},
        {"/100%", "/100%25", true},
        {"/x%7Ey", "/x~y", true},
        {"/*a/b", "/?q=a/b", true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[256];
        (void)snprintf(text, sizeof text, US "Disallow: %s\n", rows[i].pattern);
        check_path(text, rows[i].path, !rows[i].matches);
    }
}

static void the_deciding_line_is_told(void **state)
{
    (void)state;
    struct robots_rules *rules =
        rules_of(span_of(US "disallow: /a\x1b[1m\nALLOW:/b\nDisallow: /cccccccccccccccccccccccccccc"
                            "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
                            "ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc\n"));
    char line[128];
    assert_true(robots_allows(rules, "/x", line));
    assert_string_equal(line, "");
    assert_false(robots_allows(rules, "/a\x1b[1m", line));
    assert_string_equal(line, "Disallow: /a\\x1b[1m");
    assert_true(robots_allows(rules, "/b", line));
    assert_string_equal(line, "Allow: /b");
    char path[300] = "/";
    memset(path + 1, 'c', 200);
    assert_false(robots_allows(rules, path, line));
    assert_int_equal(strlen(line), 120);
    assert_string_equal(line + 117, "...");
    robots_free(rules);
}

static void large_files_are_cut_at_a_line(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 2 * LIMIT_ROBOTS);
    assert_ok(buf_add_str(&b, US "Disallow: /a\n"), NULL);
    while (b.len + 4 < LIMIT_ROBOTS) {
        assert_ok(buf_add_str(&b, "# x\n"), NULL);
    }
    while (b.len < LIMIT_ROBOTS - 11) {
        assert_ok(buf_add_char(&b, '\n'), NULL);
    }
    // "Disallow: /" would be the last whole bytes before the cut.
    assert_ok(buf_add_str(&b, "Disallow: /private\nDisallow: /late\n"), NULL);
    struct robots_rules *rules = rules_of(buf_span(&b));
    char line[128];
    assert_false(robots_allows(rules, "/a", line));
    assert_true(robots_allows(rules, "/", line));
    assert_true(robots_allows(rules, "/late", line));
    robots_free(rules);
    buf_done(&b);
}

// Patterns that make backtracking matchers explode, as many as fit.
static void hostile_patterns_cost_linear_time(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, LIMIT_ROBOTS);
    assert_ok(buf_add_str(&b, US), NULL);
    while (buf_add_str(&b, "Disallow: /a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b\n") == ERR_OK) {
    }
    struct robots_rules *rules = rules_of(buf_span(&b));
    char path[LIMIT_URL];
    memset(path, 'a', sizeof path);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    char line[128];
    int64_t before = time_monotonic_ms();
    assert_true(robots_allows(rules, path, line));
    assert_true(time_monotonic_ms() - before < 2000);
    robots_free(rules);
    buf_done(&b);
    robots_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_groups_that_name_us_count),
        cmocka_unit_test(lines_end_in_any_way),
        cmocka_unit_test(longest_match_decides),
        cmocka_unit_test(wildcards_and_anchors),
        cmocka_unit_test(percent_encoding_is_one_spelling),
        cmocka_unit_test(the_deciding_line_is_told),
        cmocka_unit_test(large_files_are_cut_at_a_line),
        cmocka_unit_test(hostile_patterns_cost_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
