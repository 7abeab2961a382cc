// SPDX-License-Identifier: Apache-2.0
#include "crawler/redirect.h"

#include "crawler/site.h"
#include "tests/support/check.h"

static char site_name[] = "site.test";
static char www_name[] = "www.site.test";
static char six_name[] = "2001:db8::1";

struct row {
    const char *from, *target;
    enum next next;
    const char *to; // NULL = no URL
};

static const struct row rows[] = {
    {"http://site.test/", "/a", NEXT_FOLLOW, "http://site.test/a"},
    {"http://site.test/x/y", "../b?q=1#f", NEXT_FOLLOW, "http://site.test/b?q=1"},
    {"http://site.test/", "//www.site.test/", NEXT_FOLLOW, "http://www.site.test/"},
    {"http://site.test/", "https://www.site.test/", NEXT_FOLLOW, "https://www.site.test/"},
    {"http://site.test/", "https://site.test/de/", NEXT_FOLLOW, "https://site.test/de/"},
    {"http://site.test/", "https://site.test/", NEXT_UPGRADE, "https://site.test/"},
    {"http://site.test/a?b", "https://site.test:443/a?b", NEXT_UPGRADE, "https://site.test/a?b"},
    {"http://site.test/", "HTTPS://SITE.test", NEXT_UPGRADE, "https://site.test/"},
    {"https://site.test/", "http://site.test/", NEXT_FOLLOW, "http://site.test/"},
    {"http://[2001:db8::1]/", "https://[2001:db8::1]/", NEXT_UPGRADE, "https://[2001:db8::1]/"},
    {"http://site.test/", "https://other.test/", NEXT_OFF_ZONE, "https://other.test/"},
    {"http://site.test/", "http://10.0.0.1/", NEXT_OFF_ZONE, "http://10.0.0.1/"},
    {"http://site.test/", "http://2130706433/", NEXT_OFF_ZONE, "http://127.0.0.1/"},
    {"http://site.test/", "http://site.test:8080/", NEXT_OFF_ZONE, "http://site.test:8080/"},
    {"http://site.test/", "https://site.test.evil.test/", NEXT_OFF_ZONE,
     "https://site.test.evil.test/"},
    {"http://site.test/", "http://u:p@site.test/", NEXT_OFF_ZONE, NULL},
    {"http://site.test/", "file:///etc/passwd", NEXT_OFF_ZONE, NULL},
    {"http://site.test/", "javascript:alert(1)", NEXT_OFF_ZONE, NULL},
    {"http://site.test/", "http://site.test/", NEXT_LOOP, "http://site.test/"},
    {"http://site.test/", "/#top", NEXT_LOOP, "http://site.test/"},
};

static struct host hosts[] = {{.name = site_name}, {.name = www_name}, {.name = six_name}};
static const struct zone zone = {.hosts = hosts, .host_count = COUNT_OF(hosts)};

static enum next judge(char **to, struct fetch *fetch, const char *from, const char *target,
                       enum hop_kind kind, bool robots)
{
    struct redirect_rules rules = {
        .zone = &zone, .host = &hosts[0], .limit = 5, .follow_upgrade = robots};
    struct url at = {0};
    struct url out = {0};
    assert_int_equal(url_parse(&at, span_of(from)), ERR_OK);
    enum next next = redirect_judge(&out, &rules, fetch, &at, kind, span_of(target));
    *to = NULL;
    if (out.host != NULL) {
        assert_int_equal(url_print(to, &out), ERR_OK);
    }
    url_done(&at);
    url_done(&out);
    return next;
}

static void leads_where_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bool https = strncmp(rows[i].from, "https", 5) == 0;
        struct fetch fetch = {.scheme = https ? SCHEME_HTTPS : SCHEME_HTTP};
        char *to = NULL;
        enum next next = judge(&to, &fetch, rows[i].from, rows[i].target, HOP_STATUS, false);
        if (next != rows[i].next) {
            fail_msg("%s -> %s: %d", rows[i].from, rows[i].target, (int)next);
        }
        if (rows[i].to == NULL) {
            assert_null(to);
        } else {
            assert_string_equal(to, rows[i].to);
        }
        free(to);
    }
}

static void robots_follow_the_upgrade(void **state)
{
    (void)state;
    struct fetch fetch = {.scheme = SCHEME_HTTP};
    char *to = NULL;
    assert_int_equal(judge(&to, &fetch, "http://site.test/robots.txt",
                           "https://site.test/robots.txt", HOP_STATUS, true),
                     NEXT_FOLLOW);
    free(to);
}

static void a_refresh_of_the_page_itself_is_none(void **state)
{
    (void)state;
    static const char *const targets[] = {"", "/a", "http://site.test/a", "javascript:x()"};
    struct fetch fetch = {.scheme = SCHEME_HTTP};
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        char *to = NULL;
        assert_int_equal(
            judge(&to, &fetch, "http://site.test/a", targets[i], HOP_META_REFRESH, false),
            NEXT_NONE);
        assert_null(to);
    }
}

static void hop(struct fetch *fetch, const char *from, const char *to)
{
    struct url a = {0};
    struct url b = {0};
    assert_int_equal(url_parse(&a, span_of(from)), ERR_OK);
    assert_int_equal(url_parse(&b, span_of(to)), ERR_OK);
    assert_int_equal(redirect_record(fetch, &a, &b, (struct span){NULL, 0}, HOP_STATUS, true),
                     ERR_OK);
    url_done(&a);
    url_done(&b);
}

static void knows_loops_and_the_limit(void **state)
{
    (void)state;
    struct fetch *fetch = calloc(1, sizeof *fetch);
    assert_non_null(fetch);
    char *to = NULL;
    fetch->scheme = SCHEME_HTTPS;
    hop(fetch, "https://site.test/", "http://site.test/");
    // Back to https: not an upgrade but where it came from.
    assert_int_equal(
        judge(&to, fetch, "http://site.test/", "https://site.test/", HOP_STATUS, false), NEXT_LOOP);
    free(to);
    for (int i = 0; i < 3; i++) {
        char path[64];
        (void)snprintf(path, sizeof path, "http://site.test/%d", i);
        hop(fetch, "http://site.test/", path);
    }
    assert_int_equal(judge(&to, fetch, "http://site.test/2", "/3", HOP_STATUS, false), NEXT_FOLLOW);
    free(to);
    hop(fetch, "http://site.test/2", "http://site.test/3");
    assert_int_equal(judge(&to, fetch, "http://site.test/3", "/4", HOP_STATUS, false), NEXT_LIMIT);
    free(to);
    assert_int_equal(fetch->hop_count, 5);
    assert_string_equal(fetch->hops[4].to, "http://site.test/3");
    fetch_free(fetch);
}

static void hostile_targets_are_made_printable(void **state)
{
    (void)state;
    struct fetch *fetch = calloc(1, sizeof *fetch);
    struct url from = {0};
    assert_non_null(fetch);
    assert_int_equal(url_parse(&from, span_of("http://site.test/")), ERR_OK);
    assert_int_equal(
        redirect_record(fetch, &from, NULL, span_of("java\x1b[2Jscript:\xff"), HOP_STATUS, false),
        ERR_OK);
    assert_string_equal(fetch->hops[0].to, "java?[2Jscript:?");
    url_done(&from);
    fetch_free(fetch);
}

// Hosts of a zone may live at origins of their own: those are not asked for each other.
static void leaves_other_origins_alone(void **state)
{
    (void)state;
    char one[] = "192.0.2.1";
    char two[] = "192.0.2.2";
    struct origin origins[] = {{one, 80, 443}, {two, 80, 443}, {two, 80, 8443}};
    struct host both[] = {{.name = site_name, .origins = &origins[0], .origin_count = 1},
                          {.name = www_name, .origins = &origins[1], .origin_count = 2}};
    struct zone mixed = {.hosts = both, .host_count = 2};
    static const struct {
        size_t asked;
        enum next next;
    } cases[] = {{0, NEXT_OTHER_ORIGIN}, {1, NEXT_FOLLOW}, {2, NEXT_FOLLOW}};
    struct fetch fetch = {0};
    struct url at = {0};
    assert_ok(url_parse(&at, span_of("https://site.test/")), NULL);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct redirect_rules rules = {
            .zone = &mixed, .host = &both[0], .origin = &origins[cases[i].asked], .limit = 5};
        struct url out = {0};
        assert_int_equal(redirect_judge(&out, &rules, &fetch, &at, HOP_STATUS,
                                        span_of("https://www.site.test/")),
                         cases[i].next);
        url_done(&out);
    }
    url_done(&at);
}

static void tells_sites_apart(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } pairs[] = {
        {"example.com", "www.example.com", true},
        {"a.example.co.uk", "example.co.uk", true},
        {"a.co.uk", "b.co.uk", false},
        {"example.com", "example.org", false},
        {"a.github.io", "b.github.io", false},
        {"co.uk", "a.co.uk", false},
        {"192.0.2.1", "192.0.2.1", true},
        {"192.0.2.1", "198.51.2.1", false},
        {"xn--mnchen-3ya.de", "a.xn--mnchen-3ya.de", true},
        {"localhost", "other", false},
    };
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        if (site_is_same(pairs[i].a, pairs[i].b) != pairs[i].same) {
            fail_msg("%s and %s", pairs[i].a, pairs[i].b);
        }
    }
}

static void finds_the_host_of_the_zone(void **state)
{
    (void)state;
    struct redirect_rules rules = {.zone = &zone, .host = &hosts[0]};
    struct url url = {0};
    assert_int_equal(url_parse(&url, span_of("http://www.site.test/")), ERR_OK);
    assert_ptr_equal(redirect_host(&rules, &url), &hosts[1]);
    rules.zone = NULL;
    assert_null(redirect_host(&rules, &url));
    url_done(&url);
    for (int status = 100; status < 600; status++) {
        bool moves =
            status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
        assert_int_equal(redirect_status(status), moves);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leads_where_the_table_says),
        cmocka_unit_test(robots_follow_the_upgrade),
        cmocka_unit_test(a_refresh_of_the_page_itself_is_none),
        cmocka_unit_test(knows_loops_and_the_limit),
        cmocka_unit_test(hostile_targets_are_made_printable),
        cmocka_unit_test(leaves_other_origins_alone),
        cmocka_unit_test(tells_sites_apart),
        cmocka_unit_test(finds_the_host_of_the_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
