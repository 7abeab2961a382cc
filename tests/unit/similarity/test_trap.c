// SPDX-License-Identifier: Apache-2.0
// Pages with the same words that would break a site all the same: where they lead, what they hide,
// what their titles say.
#include "similarity/similarity.h"

#include "core/buf.h"
#include "tests/support/check.h"

#define TEXT                                                                                       \
    "Bread is baked here every morning from flour, water, salt and time. Orders for Saturday are " \
    "taken until Thursday noon, by telephone or over the counter, and kept until the evening. "    \
    "Our oven was built by hand in the year of the great flood and holds its warmth for a day. "
#define MORE                                                                                       \
    "The mill stands two valleys further up and grinds for us alone since the old miller gave up " \
    "his trade. Rye comes from the hills, spelt from the river, and the seeds that go on top are " \
    "picked over by children who would rather swim. "
#define PAGE_OF(title, heading, head, main)                                                        \
    "<!DOCTYPE html><html><head><title>" title "</title>" head "</head><body><nav><a "             \
    "href=\"/a\">Our bread</a> <a href=\"/b\">Hours</a></nav><h1>" heading "</h1><main>" main      \
    "</main><footer>Legal notice and contact</footer></body></html>"
#define PAGE(head, main)  PAGE_OF("Bakery", "Bakery", head, "<p>" TEXT MORE "</p>" main)
#define TITLED(title, h1) PAGE_OF(title, h1, "", "<p>" TEXT MORE "</p>")
#define SCRIPT(code)      PAGE("", "<script>" code "</script>")
#define FILL              "var padding='abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz';\n"
#define FILL_8            FILL FILL FILL FILL FILL FILL FILL FILL
#define FILL_64           FILL_8 FILL_8 FILL_8 FILL_8 FILL_8 FILL_8 FILL_8 FILL_8

struct row {
    const char *name, *http, *https, *again;
    enum sameness verdict;
    const char *rule; // NULL = any
};

#define PLAIN PAGE("", "")
#define DIFF  SAMENESS_DIFFERENT
#define DOUBT SAMENESS_UNSURE
#define SAME  SAMENESS_SAME

static const struct row rows[] = {
    // -- scripts --
    {"assigned", PLAIN, SCRIPT("location = 'https://other.example/';"), NULL, DIFF,
     "refresh_https"},
    {"replaced", PLAIN, SCRIPT("window.location.replace(\"https://other.example/\")"), NULL, DIFF,
     "refresh_https"},
    {"href", PLAIN, SCRIPT("window.location.href='//other.example/x'"), NULL, DIFF,
     "refresh_https"},
    {"top", PLAIN, SCRIPT("if (1) { top.location=`https://other.example/` }"), NULL, DIFF,
     "refresh_https"},
    {"host", PLAIN, SCRIPT("location.hostname = \"other.example\""), NULL, DIFF, "refresh_https"},
    {"escaped slashes", PLAIN, SCRIPT("location.href=\"https:\\/\\/other.example\\/\""), NULL, DIFF,
     "refresh_https"},
    {"deep in a long script", PLAIN,
     SCRIPT(FILL_64 FILL_8 "location.assign('https://other.example/');" FILL_64), NULL, DIFF,
     "refresh_https"},
    {"on load", PLAIN,
     "<html><body onload=\"location='https://other.example/'\"><h1>Bakery</h1><p>" TEXT MORE
     "</p></body></html>",
     NULL, DIFF, "refresh_https"},
    {"back to http", PLAIN, SCRIPT("location.href='http://www.bakery.example/'"), NULL, DIFF,
     "refresh_to_http"},
    {"back to http by parts", PLAIN,
     SCRIPT("location.href = 'http://' + location.host + location.pathname"), NULL, DIFF,
     "refresh_to_http"},
    {"back to http by protocol", PLAIN, SCRIPT("location.protocol='http:'"), NULL, DIFF,
     "refresh_to_http"},
    {"each side sends to the other", SCRIPT("location.href='https://bakery.example/'"),
     SCRIPT("location.href='http://bakery.example/'"), NULL, DIFF, "refresh_to_http"},
    {"only over http", SCRIPT("location.href='https://other.example/'"), PLAIN, NULL, DIFF,
     "refresh_http"},
    {"own place", PLAIN, SCRIPT("location.href='/start'"), NULL, DOUBT, "refresh_https"},
    {"upgrade in script", SCRIPT("location.href='https://bakery.example/'"), PLAIN, NULL, SAME,
     NULL},
    {"on both", SCRIPT("location.href='http://other.example/a'"),
     SCRIPT("var x; location.href='https://other.example/a'"), NULL, SAME, NULL},
    {"the page's own noise", PLAIN, SCRIPT("location.href='https://other.example/'"),
     SCRIPT("var other; location.href='https://other.example/'"), SAME, NULL},
    {"compared, not assigned", PLAIN, SCRIPT("if (location.href == 'https://other.example/') {}"),
     NULL, SAME, NULL},
    {"of something else", PLAIN,
     SCRIPT("shop.location = 'https://other.example/'; var allocation = 'https://other.example/'"),
     NULL, SAME, NULL},
    // -- refresh --
    {"refresh to another host", PLAIN,
     PAGE("<meta http-equiv=refresh content='3;url=https://other.example/'>", ""), NULL, DIFF,
     "refresh_https"},
    {"slow refresh to another host", PLAIN,
     PAGE("<meta http-equiv=refresh content='30;url=https://other.example/'>", ""), NULL, DIFF,
     "refresh_https"},
    {"refresh to another place", PLAIN,
     PAGE("<meta http-equiv=refresh content='0;url=/other'>", ""), NULL, DIFF, "refresh_https"},
    {"refresh back to http", PAGE("<meta http-equiv=refresh content='60;url=/'>", ""),
     PAGE("<meta http-equiv=refresh content='60;url=http://bakery.example/'>", ""), NULL, DIFF,
     "refresh_to_http"},
    {"refreshes that differ",
     PAGE("<meta http-equiv=refresh content='0;url=https://one.example/'>", ""),
     PAGE("<meta http-equiv=refresh content='0;url=https://two.example/'>", ""), NULL, DIFF,
     "refresh_https"},
    {"a ticker in a hurry", PAGE("<meta http-equiv=refresh content='600;url=/'>", ""),
     PAGE("<meta http-equiv=refresh content='0;url=/'>", ""), NULL, DIFF, "refresh_https"},
    {"number and error in both titles", TITLED("Model 404 of the bakery", "Bakery"),
     TITLED("Error: model 404 of the bakery", "Bakery"), NULL, DIFF, "error_words"},
    {"a ticker on both",
     PAGE("<meta http-equiv=refresh content='60;url=http://bakery.example/'>", ""),
     PAGE("<meta http-equiv=refresh content='60;url=https://bakery.example/'>", ""), NULL, SAME,
     NULL},
    // -- base, forms, frames --
    {"base", PAGE("<base href='http://bakery.example/'>", ""),
     PAGE("<base href='https://other.example/'>", ""), NULL, DIFF, "base_https"},
    {"base added", PLAIN, PAGE("<base href='//other.example/'>", ""), NULL, DIFF, "base_https"},
    {"own base", PLAIN, PAGE("<base href='https://www.bakery.example/'>", ""), NULL, SAME, NULL},
    {"form", PAGE("", "<form action='/order'></form>"),
     PAGE("", "<form action='https://other.example/order'></form>"), NULL, DIFF, "form_https"},
    {"form of http gone", PAGE("", "<form action='https://pay.example/order'></form>"), PLAIN, NULL,
     DIFF, "form_http"},
    {"own form", PAGE("", "<form action='/order'></form>"),
     PAGE("", "<form action='https://BAKERY.example/order'></form>"), NULL, SAME, NULL},
    {"same foreign form", PAGE("", "<form action='http://pay.example/order'></form>"),
     PAGE("", "<form action='https://pay.example/order'><i></i></form>"), NULL, SAME, NULL},
    {"frame", PAGE("", "<iframe src='/map'></iframe>"),
     PAGE("", "<iframe src='https://other.example/map'></iframe>"), NULL, DOUBT, "frame_https"},
    {"frame as the page", "<html><frameset><frame src='/start'></frameset></html>",
     "<html><frameset><frame src='https://other.example/'></frameset></html>", NULL, DIFF, NULL},
    {"frame retargeted over http", PAGE("", "<iframe src='https://other.example/map'></iframe>"),
     PAGE("", "<iframe src='/map'></iframe>"), NULL, DOUBT, "frame_http"},
    {"frame without extent", PLAIN,
     PAGE("", "<iframe height=0 width=0 src='https://other.example/1'></iframe>"
              "<div style=display:none><iframe src='https://other.example/2'></iframe></div>"),
     NULL, SAME, NULL},
    {"advert not placed", PAGE("", "<iframe src='https://ads.example/map'></iframe>"), PLAIN, NULL,
     SAME, NULL},
    {"other words count first", PAGE("", "<form action='https://pay.example/'></form>"),
     PAGE_OF("Team", "Team", "", "Four people work in shifts, and one of them always sings."), NULL,
     DIFF, "text"},
    {"frames of adverts", PAGE("", "<iframe src='https://ads-a.example/1'></iframe>"),
     PAGE("", "<iframe src='https://ads-b.example/2'></iframe>"),
     PAGE("", "<iframe src='https://ads-c.example/3'></iframe>"), SAME, NULL},
    // -- hidden --
    {"hidden attribute", PLAIN, PAGE_OF("Bakery", "Bakery", "", "<p hidden>" TEXT MORE "</p>"),
     NULL, DIFF, "hidden_https"},
    {"display none", PLAIN,
     PAGE_OF("Bakery", "Bakery", "",
             "<div style='color: red; DISPLAY : none'><p>" TEXT "</p><b>" MORE "</b></div>"),
     NULL, DIFF, "hidden_https"},
    {"visibility hidden", PLAIN,
     PAGE_OF("Bakery", "Bakery", "",
             "<div style='visibility:hidden !important'><p>" TEXT MORE "</p></div>"),
     NULL, DIFF, "hidden_https"},
    {"hidden over http", PAGE_OF("Bakery", "Bakery", "", "<p hidden>" TEXT MORE "</p>"), PLAIN,
     NULL, DIFF, "hidden_http"},
    {"a part hidden", PLAIN,
     PAGE_OF("Bakery", "Bakery", "", "<p>" TEXT "</p><p hidden>" MORE "</p>"), NULL, DIFF,
     "hidden_https"},
    {"the whole body", PLAIN,
     "<html><head><title>Bakery</title></head><body style='display:none'><h1>Bakery</h1>" TEXT MORE
     "</body></html>",
     NULL, DIFF, "hidden_https"},
    {"hidden on both", PAGE("", "<div hidden>" TEXT "</div>"),
     PAGE("", "<div hidden><p>" TEXT "</p></div>"), NULL, SAME, NULL},
    {"other hidden words", PAGE("", "<div hidden>One menu of many words</div>"),
     PAGE("", "<div hidden>Some other menu nobody sees</div>"), NULL, SAME, NULL},
    {"visible inside unseen", PLAIN,
     PAGE_OF("Bakery", "Bakery", "",
             "<div style='visibility:hidden'><p style='visibility:visible'>" TEXT MORE
             "</p></div>"),
     NULL, SAME, NULL},
    {"the last declaration wins", PLAIN,
     PAGE_OF("Bakery", "Bakery", "",
             "<div style='display:none;display:block'><p>" TEXT MORE "</p></div>"),
     NULL, SAME, NULL},
    {"both wait for a script",
     "<html><body style='display:none'><h1>Bakery</h1><p>" TEXT MORE "</p></body></html>",
     "<html><body style='display:none'><h1>Bakery</h1><div>" TEXT MORE "</div></body></html>", NULL,
     SAME, NULL},
    {"both wait, other content",
     "<html><body style='display:none'><h1>Bakery</h1><p>" TEXT "</p></body></html>",
     "<html><body style='display:none'><h1>Bakery</h1><p>" MORE "</p></body></html>", NULL, DIFF,
     NULL},
    // -- titles --
    {"error in title", TITLED("Bakery of the two valleys", "Bakery"),
     TITLED("Error 404 Bakery of the two valleys", "Bakery"), NULL, DIFF, "error_words"},
    {"error without a number", TITLED("Bakery of the two valleys", "Bakery"),
     TITLED("Error Bakery of the two valleys", "Bakery"), NULL, DIFF, "error_words"},
    {"error in heading", TITLED("Bakery", "Bakery of the two valleys"),
     TITLED("Bakery", "Bakery of the two valleys: error"), NULL, DOUBT, "error_words"},
    {"other error number", TITLED("Bakery", "Model 404"), TITLED("Bakery", "Model 405"), NULL,
     DOUBT, NULL},
    {"version in title", TITLED("Bakery manual v1 for all", "Bakery"),
     TITLED("Bakery manual v2 for all", "Bakery"), NULL, DOUBT, "title_number"},
    {"year in title", TITLED("Fair of 2019 at the bakery", "Bakery"),
     TITLED("Fair of 2024 at the bakery", "Bakery"), NULL, DOUBT, "title_number"},
    {"year in heading", TITLED("Bakery", "Bakery 2019"), TITLED("Bakery", "Bakery 2024"), NULL,
     DOUBT, "heading_number"},
    {"token in heading", TITLED("Bakery", "Bakery build 0a1b2c3d4e5f6a7b"),
     TITLED("Bakery", "Bakery build 1b2c3d4e5f6a7b8c"), NULL, DOUBT, "heading_number"},
    {"counter in title", TITLED("(3) Bakery", "Bakery"), TITLED("(5) Bakery", "Bakery"),
     TITLED("(4) Bakery", "Bakery"), SAME, NULL},
    {"counter beside another year", TITLED("(3) Bakery 2019", "Bakery"),
     TITLED("(5) Bakery 2024", "Bakery"), TITLED("(4) Bakery 2019", "Bakery"), DOUBT,
     "title_number"},
    {"clock in heading", TITLED("Bakery", "Bakery at 12:15:01"),
     TITLED("Bakery", "Bakery at 12:15:03"), TITLED("Bakery", "Bakery at 12:15:02"), SAME, NULL},
    {"few words, other number", "<title>Release</title><h1>Release 1</h1>",
     "<title>Release</title><h1>Release 2</h1>", NULL, DOUBT, NULL},
};

static struct sim_result compare(const struct row *row, const char *url)
{
    struct sim_page http = {.body = span_of(row->http), .url = url};
    struct sim_page https = {.body = span_of(row->https), .url = url};
    struct sim_page again = {.body = span_of(row->again), .url = url};
    struct sim_input input = {&http, &https, row->again == NULL ? NULL : &again, NULL};
    struct sim_result result;
    assert_ok(similarity_compare(&result, &input), NULL);
    return result;
}

static void check_row(void **state)
{
    const struct row *row = *state;
    struct sim_result result = compare(row, "https://bakery.example/");
    if (result.verdict != row->verdict) {
        fail_msg("%s: %s (%s)", sameness_str(result.verdict), result.rule, result.detail);
    }
    if (row->rule != NULL) {
        assert_string_equal(result.rule, row->rule);
    }
}

// The tiers that do not read a page meet the same traps on pages that are long enough for them.
static void long_pages_are_no_refuge(void **state)
{
    (void)state;
    static const struct {
        const char *http, *https;
    } pairs[] = {
        {"<script>location.href='https://bakery.example/'</script>",
         "<script>location.href='http://bakery.example/'</script>"},
        {"<h1>Order 20191122334455</h1>", "<h1>Order 20241122334455</h1>"},
        {"<iframe src='https://0a1b2c3d4e5f6a7b8c.cdn.example/'></iframe>",
         "<iframe src='https://1b2c3d4e5f6a7b8c9d.cdn.example/'></iframe>"},
    };
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        struct buf sides[2];
        for (size_t side = 0; side < 2; side++) {
            buf_init(&sides[side], 1 << 20);
            assert_ok(buf_add_str(&sides[side], side == 0 ? pairs[i].http : pairs[i].https), NULL);
            for (int k = 0; k < 60; k++) {
                assert_ok(buf_add_str(&sides[side], "<p>" TEXT MORE "</p>"), NULL);
            }
        }
        struct row row = {NULL, buf_str(&sides[0]), buf_str(&sides[1]), NULL, DIFF, NULL};
        assert_int_not_equal(compare(&row, "https://bakery.example/").verdict, SAMENESS_SAME);
        buf_done(&sides[0]);
        buf_done(&sides[1]);
    }
}

// Bodies from files come without a URL: the host that most links name is taken for the own one.
static void works_without_a_url(void **state)
{
    (void)state;
    const struct row retargeted = {NULL,
                                   PAGE("", "<form action='/order'></form>"),
                                   PAGE("", "<form action='https://other.example/'></form>"),
                                   NULL,
                                   DIFF,
                                   NULL};
    assert_int_equal(compare(&retargeted, NULL).verdict, SAMENESS_DIFFERENT);
    const struct row absolute = {NULL,
                                 PAGE("", "<form action='/order'></form>"),
                                 PAGE("<link rel=canonical href='https://bakery.example/'>",
                                      "<form action='https://bakery.example/order'></form>"),
                                 NULL,
                                 SAME,
                                 NULL};
    assert_int_equal(compare(&absolute, NULL).verdict, SAMENESS_SAME);
    const struct row script = {NULL, PLAIN, SCRIPT("location.href='http://bakery.example/'"),
                               NULL, DIFF,  NULL};
    assert_string_equal(compare(&script, NULL).rule, "refresh_to_http");
}

// Too deep for a tree: scripts are looked through all the same.
static void deep_pages_show_their_scripts(void **state)
{
    (void)state;
    struct buf deep;
    buf_init(&deep, 1 << 20);
    for (int i = 0; i < 300; i++) {
        assert_ok(buf_add_str(&deep, "<div>"), NULL);
    }
    assert_ok(buf_add_str(&deep, "<p>" TEXT MORE "</p>"), NULL);
    struct buf moved;
    buf_init(&moved, 1 << 20);
    assert_ok(buf_add_str(&moved, buf_str(&deep)), NULL);
    assert_ok(buf_add_str(&moved, "<script>location='http://bakery.example/'</script>"), NULL);
    struct row row = {NULL, buf_str(&deep), buf_str(&moved), NULL, DIFF, NULL};
    assert_string_equal(compare(&row, "https://bakery.example/").rule, "refresh_to_http");
    buf_done(&deep);
    buf_done(&moved);
}

int main(void)
{
    struct CMUnitTest tests[COUNT_OF(rows) + 3];
    size_t n = 0;
    for (; n < COUNT_OF(rows); n++) {
        struct row *row = (struct row *)(uintptr_t)&rows[n];
        tests[n] = (struct CMUnitTest){rows[n].name, check_row, NULL, NULL, row};
    }
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(long_pages_are_no_refuge);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(works_without_a_url);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(deep_pages_show_their_scripts);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
