// SPDX-License-Identifier: Apache-2.0
// The same body over both schemes, delivered otherwise.
#include "pipeline/delivery.h"
#include "tests/support/check.h"

#define NO SAMENESS_NONE

struct row {
    const char *http_type, *https_type, *body;
    const char *rule; // "" = nothing to say
    enum sameness sameness;
    bool nosniff; // HTTPS alone
};

static const struct row rows[] = {
    {"text/html", "text/html", "caf\xE9", "", NO, false},
    {"text/html", "TEXT/HTML ; charset=x", "cafe", "", NO, false},
    {"text/html; charset=utf-8", "text/html", "<meta charset=utf-8>caf\xC3\xA9", "", NO, false},
    {"text/html; charset=UTF8", "text/html; charset=\"utf-8\"", "caf\xC3\xA9", "", NO, false},
    {"text/html; charset=latin1", "text/html; charset=windows-1252", "caf\xE9", "", NO, false},
    {"text/html; charset=iso-8859-1", "text/html; charset=utf-8", "cafe", "", NO, false},
    {"text/html; charset=iso-8859-1", "text/html; charset=utf-8", "\xEF\xBB\xBF\xC3\xA9", "", NO,
     false},
    {"application/javascript", "text/javascript", "x", "", NO, false},
    {NULL, "text/html", "<p>", "", NO, false},
    {"text/html", NULL, "<p>", "", NO, false},
    {"text/html", "text/plain", "", "", NO, false},

    {"text/html; charset=iso-8859-1", "text/html; charset=utf-8", "caf\xE9", "charset_https",
     SAMENESS_DIFFERENT, false},
    {"text/html; charset=utf-8", "text/html", "caf\xC3\xA9", "charset_https", SAMENESS_UNSURE,
     false},
    {"text/html", "application/octet-stream", "<p>", "type_https", SAMENESS_DIFFERENT, false},
    {"text/html", "text/plain", "<p>", "type_https", SAMENESS_DIFFERENT, false},
    {"text/html", "application/xhtml+xml", "<p>", "type_https", SAMENESS_UNSURE, false},
    {"text/html", NULL, "<p>", "type_https", SAMENESS_UNSURE, true},
    {"application/json", "text/html", "{}", "type_https", SAMENESS_DIFFERENT, false},
    {"text/html", "a\xff/b", "<p>", "type_https", SAMENESS_DIFFERENT, false},
};

static struct fetch fetch_of(const char *type, const char *body)
{
    struct fetch fetch = {.status = 200, .content_type = type == NULL ? NULL : strdup(type)};
    buf_init(&fetch.body, 1 << 16);
    assert_ok(buf_add_str(&fetch.body, body), NULL);
    return fetch;
}

static void drop(struct fetch *fetch)
{
    free(fetch->content_type);
    buf_done(&fetch->body);
}

static void types_and_charsets(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct row *row = &rows[i];
        struct fetch http = fetch_of(row->http_type, row->body);
        struct fetch https = fetch_of(row->https_type, row->body);
        struct page_evidence page = {0};
        https.nosniff = row->nosniff;
        bool differs = delivery_differs(&page, &http, &https);
        if (differs != (row->rule[0] != '\0') || strcmp(page.rule, row->rule) != 0 ||
            page.sameness != row->sameness) {
            fail_msg("row %zu: rule \"%s\" (%s), %s", i, page.rule, page.detail,
                     sameness_str(page.sameness));
        }
        for (const char *c = page.detail; *c != '\0'; c++) {
            assert_in_range(*c, ' ', '~');
        }
        drop(&http);
        drop(&https);
    }
}

static struct page_evidence delivered(bool http_download, bool https_download, const char *policy,
                                      bool isolated)
{
    struct fetch http = fetch_of("text/html", "<p>");
    struct fetch https = fetch_of("text/html", "<p>");
    struct page_evidence page = {0};
    http.attachment = http_download;
    https.attachment = https_download;
    https.isolated = isolated;
    char *copy = policy == NULL ? NULL : strdup(policy);
    https.policy = copy;
    (void)delivery_differs(&page, &http, &https);
    free(copy);
    drop(&http);
    drop(&https);
    return page;
}

static void downloads_and_policies(void **state)
{
    (void)state;
    assert_string_equal(delivered(false, false, NULL, false).rule, "");
    assert_string_equal(delivered(true, true, NULL, false).rule, "");
    assert_string_equal(delivered(false, true, NULL, false).rule, "download_https");
    assert_string_equal(delivered(true, false, NULL, false).rule, "download_http");
    struct page_evidence none = delivered(false, false, "default-src 'none'", false);
    assert_string_equal(none.rule, "policy_https");
    assert_int_equal(none.sameness, SAMENESS_DIFFERENT);
    assert_int_equal(delivered(false, false, "default-src 'self'", false).sameness,
                     SAMENESS_UNSURE);
    assert_int_equal(delivered(false, false, NULL, true).sameness, SAMENESS_UNSURE);
}

static void sub_resources_need_their_type(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        bool nosniff, usable;
    } cases[] = {{"text/javascript", true, true},
                 {"text/css; charset=utf-8", true, true},
                 {"text/plain", false, true},
                 {"text/plain", true, false},
                 {NULL, false, true},
                 {"text/html", false, false}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fetch fetch = fetch_of(cases[i].type, "x");
        fetch.nosniff = cases[i].nosniff;
        assert_int_equal(delivery_usable(&fetch), cases[i].usable);
        drop(&fetch);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_and_charsets),
        cmocka_unit_test(downloads_and_policies),
        cmocka_unit_test(sub_resources_need_their_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
