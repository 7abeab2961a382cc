// SPDX-License-Identifier: Apache-2.0
#include "similarity/similarity.h"

#include <stdlib.h>

#include "core/buf.h"
#include "tests/support/check.h"

#define TEXT                                                                                       \
    "Bread is baked here every morning from flour, water, salt and time. Orders for Saturday are " \
    "taken until Thursday noon, by telephone or over the counter, and kept until the evening. "    \
    "Our "                                                                                         \
    "oven was built by hand in the year of the great flood and still holds its warmth for a day."
#define PAGE(title, main)                                                                          \
    "<!DOCTYPE html><html><head><title>" title "</title></head><body><nav><a href=\"/a\">Our "     \
    "bread</a> <a href=\"/b\">Opening hours</a></nav><h1>" title "</h1><main>" main                \
    "</main><footer>Legal notice and contact</footer></body></html>"
#define STUB(markup) "<html><head>" markup "</head><body></body></html>"
#define LOGIN        "<p>Please log in.</p><form><input type=password></form>"

struct row {
    const char *name;
    struct sim_page http, https;
    enum sameness verdict;
    const char *rule; // NULL = any
    const char *http_again;
};

#define BODY(text) .body = {text, sizeof(text) - 1}

static const struct row rows[] = {
    {"equal bytes",
     {BODY(PAGE("Bakery", TEXT))},
     {BODY(PAGE("Bakery", TEXT))},
     SAMENESS_SAME,
     "equal_bytes",
     NULL},
    {"equal words",
     {BODY(PAGE("Bakery", TEXT))},
     {BODY(PAGE("Bakery", "<p>" TEXT "</p>"))},
     SAMENESS_SAME,
     "equal_text",
     NULL},
    {"a notice added",
     {BODY(PAGE("Bakery", TEXT TEXT))},
     {BODY(PAGE("Bakery", TEXT TEXT "<p>We use cookies to improve your visit.</p>"))},
     SAMENESS_SAME,
     NULL,
     NULL},
    {"other page",
     {BODY(PAGE("Bakery", TEXT))},
     {BODY(PAGE("Team", "Four people work in shifts, and one of them always sings."))},
     SAMENESS_DIFFERENT,
     NULL,
     NULL},
    {"main part gone",
     {BODY(PAGE("Bakery", TEXT))},
     {BODY(PAGE("Bakery", ""))},
     SAMENESS_DIFFERENT,
     NULL,
     NULL},
    {"soft 404",
     {BODY(PAGE("Bakery", TEXT))},
     {BODY(PAGE("Bakery", "Sorry, the page could not be found."))},
     SAMENESS_DIFFERENT,
     NULL,
     NULL},
    {"login only over HTTPS",
     {BODY(PAGE("Bakery", TEXT))},
     {BODY(PAGE("Bakery", LOGIN))},
     SAMENESS_DIFFERENT,
     NULL,
     NULL},
    {"password field in a long page",
     {BODY(PAGE("Bakery", TEXT TEXT TEXT))},
     {BODY(PAGE("Bakery", TEXT TEXT TEXT "<form><input type=password></form>"))},
     SAMENESS_DIFFERENT,
     "login_words",
     NULL},
    {"status 503 over HTTPS",
     {BODY(PAGE("Bakery", TEXT))},
     {BODY(PAGE("Bakery", TEXT)), .status = 503},
     SAMENESS_DIFFERENT,
     "status_https",
     NULL},
    {"status 404 over HTTP",
     {BODY(PAGE("Bakery", TEXT)), .status = 404},
     {BODY(PAGE("Bakery", TEXT)), .status = 200},
     SAMENESS_DIFFERENT,
     "status_http",
     NULL},
    {"404 over both",
     {BODY(PAGE("Gone", TEXT)), .status = 404},
     {BODY(PAGE("Gone", TEXT)), .status = 404},
     SAMENESS_SAME,
     "equal_bytes",
     NULL},
    {"503 over both",
     {BODY(PAGE("Gone", TEXT)), .status = 503},
     {BODY(PAGE("Gone", TEXT)), .status = 503},
     SAMENESS_UNSURE,
     "status_both",
     NULL},
    {"HTML and JSON",
     {BODY(PAGE("Bakery", TEXT))},
     {BODY("{\"ok\":true}")},
     SAMENESS_DIFFERENT,
     "content_type",
     NULL},
    {"the same bytes shown as source",
     {BODY(PAGE("Bakery", TEXT)), .content_type = "text/html"},
     {BODY(PAGE("Bakery", TEXT)), .content_type = "text/plain"},
     SAMENESS_DIFFERENT,
     "content_type",
     NULL},
    {"empty over HTTPS",
     {BODY(PAGE("Bakery", TEXT))},
     {BODY("")},
     SAMENESS_DIFFERENT,
     "empty_https",
     NULL},
    {"empty over both", {BODY("")}, {BODY("")}, SAMENESS_UNSURE, "empty_both", NULL},
    {"blank markup over both",
     {BODY("<html></html>")},
     {BODY("<html></html>")},
     SAMENESS_UNSURE,
     "empty_both",
     NULL},
    {"a few words over both",
     {BODY("<h1>Hello there</h1>")},
     {BODY("<h1>Hello there</h1>")},
     SAMENESS_SAME,
     "equal_bytes",
     NULL},
    {"cut over HTTPS",
     {BODY(PAGE("Bakery", TEXT TEXT TEXT))},
     {BODY("<html><head><title>Bakery</title></head><body><nav><a href=\"/a\">Our bread</a> <a "
           "href=\"/b\">Opening hours</a></nav><h1>Bakery</h1><main>" TEXT)},
     SAMENESS_UNSURE,
     "truncated_https",
     NULL},
    {"default page over HTTPS",
     {BODY(PAGE("Bakery", TEXT))},
     {BODY("<html><head><title>Welcome to nginx!</title></head><body>It is "
           "installed.</body></html>")},
     SAMENESS_DIFFERENT,
     "stock_page_https",
     NULL},
    {"parked over HTTP",
     {BODY("<html><body>This domain is for sale. Buy this domain.</body></html>")},
     {BODY(PAGE("Bakery", TEXT))},
     SAMENESS_DIFFERENT,
     "stock_page_http",
     NULL},
    {"refresh to HTTP",
     {BODY(PAGE("Bakery", TEXT))},
     {BODY(STUB("<meta http-equiv=\"refresh\" content=\"0;url=http://example.org/\">"))},
     SAMENESS_DIFFERENT,
     "refresh_to_http",
     NULL},
    {"refresh, scheme is the difference",
     {BODY(STUB("<meta http-equiv=\"refresh\" content=\"0;url=https://example.org/\">"))},
     {BODY(STUB("<meta http-equiv=\"refresh\" content=\"0;url=http://example.org/\">"))},
     SAMENESS_DIFFERENT,
     "refresh_to_http",
     NULL},
    {"script moves the visitor",
     {BODY(PAGE("Bakery", TEXT))},
     {BODY(STUB("<script>window.location.href='/start';</script>"))},
     SAMENESS_DIFFERENT,
     "refresh_https",
     NULL},
    {"JSON, keys in other order",
     {BODY("{\"a\":1,\"b\":[\"x\",\"y\"],\"c\":{\"d\":true}}")},
     {BODY("{\"c\":{\"d\":true},\"b\":[\"x\",\"y\"],\"a\":1}")},
     SAMENESS_SAME,
     NULL,
     NULL},
    {"JSON, other values",
     {BODY("{\"a\":\"bread\",\"b\":\"cake\",\"c\":\"rolls\"}")},
     {BODY("{\"a\":\"nails\",\"b\":\"bolts\",\"c\":\"wire\"}")},
     SAMENESS_DIFFERENT,
     NULL,
     NULL},
    {"JSON, other values that stand twice",
     {BODY("{\"items\":[5,5]}")},
     {BODY("{\"items\":[7,7]}")},
     SAMENESS_DIFFERENT,
     NULL,
     NULL},
    {"JSON, other values that stand twice, and enough of them",
     {BODY("{\"prices\":[5,5,6,6,8,8],\"names\":[\"rye\",\"rye\",\"oat\",\"oat\"]}")},
     {BODY("{\"prices\":[3,3,4,4,9,9],\"names\":[\"tin\",\"tin\",\"nut\",\"nut\"]}")},
     SAMENESS_DIFFERENT,
     NULL,
     NULL},
    {"JSON, one value twice, its keys in other order",
     {BODY("{\"a\":[5,5,5,5],\"b\":[\"rye\",\"rye\",\"rye\"],\"c\":{\"d\":true,\"e\":null}}")},
     {BODY("{\"c\":{\"e\":null,\"d\":true},\"b\":[\"rye\",\"rye\",\"rye\"],\"a\":[5,5,5,5]}")},
     SAMENESS_SAME,
     "equal_text",
     NULL},
    {"images alike in size only",
     {BODY("\x89PNG1234567890")},
     {BODY("\x89PNG1234567891")},
     SAMENESS_UNSURE,
     "bytes",
     NULL},
    {"images of other size",
     {BODY("\x89PNG1234567890")},
     {BODY("\x89PNG12")},
     SAMENESS_DIFFERENT,
     "bytes",
     NULL},
    {"the control explains it",
     {BODY(PAGE("Bakery", TEXT "<p>Today: rye with caraway seeds</p>"))},
     {BODY(PAGE("Bakery", TEXT "<p>Today: plum cake from the tray</p>"))},
     SAMENESS_SAME,
     NULL,
     PAGE("Bakery", TEXT "<p>Today: buns filled with poppy</p>")},
    {"charset by header",
     {BODY(PAGE("B\xe4"
                "ckerei",
                TEXT " Br\xf6tchen")),
      .content_type = "text/html; charset=iso-8859-1"},
     {BODY(PAGE("B\xc3\xa4"
                "ckerei",
                TEXT " Br\xc3\xb6tchen")),
      .content_type = "text/html; charset=utf-8"},
     SAMENESS_SAME,
     NULL,
     NULL},
};

static void check_row(void **state)
{
    const struct row *row = *state;
    struct sim_page again = {.body = span_of(row->http_again)};
    struct sim_input input = {&row->http, &row->https, row->http_again == NULL ? NULL : &again,
                              NULL};
    struct sim_result result;
    assert_ok(similarity_compare(&result, &input), NULL);
    if (row->rule != NULL) {
        assert_string_equal(result.rule, row->rule);
    }
    if (result.verdict != row->verdict) {
        fail_msg("%s: %s (%s)", sameness_str(result.verdict), result.rule, result.detail);
    }
    assert_int_equal(result.verdict == SAMENESS_SAME, result.score >= .8);
    assert_int_equal(result.verdict == SAMENESS_DIFFERENT, result.score < .5);
}

static struct sim_result compare(const char *http, const char *https)
{
    struct sim_page a = {.body = span_of(http)}, b = {.body = span_of(https)};
    struct sim_input input = {.http = &a, .https = &b};
    struct sim_result result;
    assert_ok(similarity_compare(&result, &input), NULL);
    return result;
}

static void flags_say_what_was_met(void **state)
{
    (void)state;
    const char *site = PAGE("Bakery", TEXT);
    struct sim_result result = compare(site, site);
    assert_true(result.informative && !result.challenge && !result.login);
    const char *challenge = "<html><head><title>Just a moment...</title></head></html>";
    result = compare(site, challenge);
    assert_true(result.challenge);
    assert_int_equal(result.verdict, SAMENESS_DIFFERENT);
    result = compare(challenge, challenge);
    assert_true(result.challenge && !result.informative);
    assert_int_equal(result.verdict, SAMENESS_UNSURE);
    const char *nginx = "<html><head><title>Welcome to nginx!</title></head></html>";
    result = compare(nginx, nginx);
    assert_true(!result.informative);
    assert_int_equal(result.verdict, SAMENESS_SAME);
    result = compare(site, PAGE("Log in", LOGIN));
    assert_true(result.login);
    result = compare("", "");
    assert_true(!result.informative);
}

// 2 MiB of what parsers fear: every one of these took libxml2 or us more than a minute once, or
// could. ctest's own time limit is what fails here.
static void hostile_markup_ends(void **state)
{
    (void)state;
    static const char *const units[] = {
        "<div>", "</x>",      "<a x ",           "<a href=\"", "<!--", "<![CDATA[",
        "&#x",   "<p><b><i>", "<table><tr><td>", "<a \"'=",    "<"};
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        struct buf body;
        buf_init(&body, (size_t)3 << 20);
        assert_ok(buf_add_str(&body, "<html><p "), NULL);
        while (body.len < (size_t)2 << 20) {
            assert_ok(buf_add_str(&body, units[i]), NULL);
        }
        struct sim_result result = compare(buf_str(&body), PAGE("Bakery", TEXT));
        assert_int_not_equal(result.verdict, SAMENESS_SAME);
        buf_done(&body);
    }
    struct buf body;
    buf_init(&body, (size_t)3 << 20);
    assert_ok(buf_add_str(&body, "<p "), NULL);
    for (int i = 0; i < 200000; i++) {
        assert_ok(buf_printf(&body, "a%x ", (unsigned)i), NULL);
    }
    assert_int_not_equal(compare(buf_str(&body), PAGE("Bakery", TEXT)).verdict, SAMENESS_SAME);
    buf_done(&body);
}

static void add_noise(struct buf *body, char fetch)
{
    assert_ok(buf_add_str(body, "<html><head><title>Bakery</title></head><body><p>" TEXT "</p>"),
              NULL);
    for (int i = 0; i < 14; i++) {
        char k = (char)('a' + i);
        assert_ok(buf_printf(body, "<p>%c%c some %c%c words %c%c of %c%c this %c%c fetch</p>",
                             fetch, k, k, fetch, fetch, k, k, fetch, fetch, k),
                  NULL);
    }
}

// Half of this page is written anew for each fetch: only a second fetch over HTTPS shows that the
// other half is all there is to compare.
static void very_noisy_pages_need_the_fourth_fetch(void **state)
{
    (void)state;
    struct buf bodies[4];
    struct sim_page pages[4];
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        buf_init(&bodies[i], 1 << 16);
        add_noise(&bodies[i], (char)('p' + (int)i));
        pages[i] = (struct sim_page){.body = buf_span(&bodies[i])};
    }
    struct sim_input input = {&pages[0], &pages[1], &pages[2], NULL};
    struct sim_result result;
    assert_ok(similarity_compare(&result, &input), NULL);
    assert_int_equal(result.verdict, SAMENESS_UNSURE);
    input.https_again = &pages[3];
    assert_ok(similarity_compare(&result, &input), NULL);
    assert_int_equal(result.verdict, SAMENESS_SAME);
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        buf_done(&bodies[i]);
    }
}

int main(void)
{
    struct CMUnitTest tests[COUNT_OF(rows) + 3];
    size_t n = 0;
    for (; n < COUNT_OF(rows); n++) {
        struct row *row = (struct row *)(uintptr_t)&rows[n];
        tests[n] = (struct CMUnitTest){rows[n].name, check_row, NULL, NULL, row};
    }
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(flags_say_what_was_met);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(hostile_markup_ends);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(very_noisy_pages_need_the_fourth_fetch);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
