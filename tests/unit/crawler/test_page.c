// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/limits.h"
#include "core/time.h"
#include "crawler/page.h"
#include "tests/support/check.h"

static struct page scanned(const char *at, struct span html, size_t want)
{
    OWN(url_done) struct url url = {0};
    struct page page = {0};
    assert_ok(url_parse(&url, span_of(at)), NULL);
    assert_ok(page_scan(&page, html, &url, want), NULL);
    return page;
}

// The chosen links of html at http://example.com/, joined by spaces.
static void check_links(const char *html, size_t want, const char *expected)
{
    struct page page = scanned("http://example.com/", span_of(html), want);
    struct buf b;
    buf_init(&b, 10000);
    for (size_t i = 0; i < page.link_count; i++) {
        assert_ok(buf_printf(&b, "%s%s", i == 0 ? "" : " ", page.links[i]), NULL);
    }
    if (strcmp(buf_str(&b), expected) != 0) {
        fail_msg("\"%s\", not \"%s\" in: %s", buf_str(&b), expected, html);
    }
    buf_done(&b);
    page_done(&page);
}

static void links_of_the_same_host(void **state)
{
    (void)state;
    check_links("<a href='/a'>", 9, "/a");
    check_links("<A HREF=/a>", 9, "/a");
    check_links("<a class=x href = \"a\" id=y>", 9, "/a");
    check_links("<a\nhref=/a/b?c=1#d>", 9, "/a/b?c=1");
    check_links("<a href=http://example.com/a><a href=https://www.example.com/b>", 9, "/a /b");
    check_links("<a href='https://EXAMPLE.com:443/a'><a href='//example.com/b'>", 9, "/a /b");
    check_links("<a href='http://example.com:8080/a'>", 9, "");
    check_links("<a href='http://other.com/a'><a href='//other.com'>", 9, "");
    check_links("<a href='http://example.com.evil.org/'><a href='http://x@example.com/'>", 9, "");
    check_links("<a href='/?a=1&amp;b=2&#38;c=3&copy=4'>", 9, "/?a=1&b=2&c=3&copy=4");
    check_links("<area href=/map><link href=/x rel=next>", 9, "/map");
    check_links("<a href='mailto:a@b'><a href='javascript:x'><a href='tel:1'><a href='data:,'>", 9,
                "");
    check_links("<a href='#top'><a href=''><a href='/'><a href='./'><a href='/#x'>", 9, "");
    check_links("<a href=' /a '><a href='/a'><a href='/./a'><a href='/a#b'>", 9, "/a");
    check_links("<a href='/a' href='/b'>", 9, "/a");
    check_links("<a data-href='/a'><a title='>' href='/b'>", 9, "/b");
    check_links("</a href='/a'><abbr href=/b>", 9, "");
}

static void check_resources(const char *html, const char *expected)
{
    struct page page = scanned("http://example.com/app/", span_of(html), 3);
    struct buf b;
    buf_init(&b, 10000);
    for (size_t i = 0; i < page.resource_count; i++) {
        assert_ok(buf_printf(&b, "%s%s", i == 0 ? "" : " ", page.resources[i]), NULL);
    }
    if (strcmp(buf_str(&b), expected) != 0) {
        fail_msg("\"%s\", not \"%s\" in: %s", buf_str(&b), expected, html);
    }
    buf_done(&b);
    page_done(&page);
}

static void what_makes_a_page_without_text(void **state)
{
    (void)state;
    check_resources("<title>A</title><script src=/a.js></script><div id=root></div>", "/a.js");
    check_resources("<link rel=stylesheet href=a.css><script src='a.js?v=1&amp;b'></script>"
                    "<script src=/b.js></script>",
                    "/app/a.js?v=1&b /app/a.css");
    check_resources("<base href=/s/><script src=a.js></script><script src=b.js></script>"
                    "<script src=c.js></script>",
                    "/s/a.js /s/b.js");
    check_resources("<script src=//cdn.example/a.js></script><script src=http://[/></script>"
                    "<link rel='alternate stylesheet' href=/a.css><link rel=icon href=/i.png>"
                    "<script>no('src')</script><script src='data:,'></script>",
                    "");
    check_resources("<script src=/a.js></script><script src=http://example.com/a.js></script>",
                    "/a.js");
    char html[2000];
    char text[1000];
    memset(text, 'w', sizeof text);
    (void)snprintf(html, sizeof html, "<script src=/a.js></script><p>%.300s</p>", text);
    check_resources(html, "");
    (void)snprintf(html, sizeof html,
                   "<script src=/a.js></script><noscript>%.300s</noscript><!--%.300s-->"
                   "<style>%.300s</style><p>Loading</p>",
                   text, text, text);
    check_resources(html, "/a.js");
    struct page page = scanned("http://example.com/", span_of("<script src=/a.js></script>"), 0);
    assert_int_equal(page.resource_count, 0);
    page_done(&page);
}

static void base_moves_relative_links(void **state)
{
    (void)state;
    check_links("<base href='/dir/'><a href=a><a href=/b>", 9, "/dir/a /b");
    check_links("<base href='http://other.com/'><a href=a><a href=http://example.com/b>", 9, "/b");
    check_links("<base href='/x/'><base href='/y/'><a href=a>", 9, "/x/a");
    check_links("<base target=_blank><a href=a>", 9, "/a");
}

static void text_that_is_no_markup_is_skipped(void **state)
{
    (void)state;
    check_links("<!-- <a href=/a> --><a href=/b>", 9, "/b");
    check_links("<!--> <a href=/a><!---><a href=/b><!-- --!><a href=/c>", 9, "/a /b /c");
    check_links("<script>'<a href=/a>'</script><a href=/b>", 9, "/b");
    check_links("<script>x</scriptx><a href=/a></SCRIPT ><a href=/b>", 9, "/b");
    check_links("<style><a href=/a></style><title><a href=/b></title><a href=/c>", 9, "/c");
    check_links("<textarea><a href=/a></textarea><a href=/b>", 9, "/b");
    check_links("<?php <a href=/a> ?><!DOCTYPE x><a href=/b>", 9, "/b");
    check_links("<![CDATA[x]]><a href=/b>< a href=/c><1><a href=/d>", 9, "/b /d");
    check_links("<div title=it's><a href=/a><div title=\"a<a href=/b>\">", 9, "/a");
    check_links("<noscript><a href=/a></noscript>", 9, "/a");
    check_links("<script>never ends <a href=/a>", 9, "");
    check_links("<!-- never ends <a href=/a>", 9, "");
    check_links("<a href='/a <a href=/b>", 9, "/a%20%3Ca%20href=/b%3E");
    check_links("<a href=/a", 9, "/a");
    check_links("<", 9, "");
    check_links("</", 9, "");
    check_links("<a", 9, "");
}

static void choice_is_spread_over_sections(void **state)
{
    (void)state;
    static const char html[] =
        "<a href=/about><a href=/blog/1><a href=/blog/2><a href=/shop/1><a href=/blog/3>"
        "<a href=/shop/2><a href=/blog/4><a href=/contact>";
    check_links(html, 1, "/blog/1");
    check_links(html, 4, "/blog/1 /shop/1 /about /contact");
    check_links(html, 6, "/blog/1 /shop/1 /about /contact /blog/2 /shop/2");
    check_links(html, 0, "");
    check_links("<a href=/a/1><a href=/a/1><a href=/a/1><a href=/b/1><a href=/b/2>", 3,
                "/b/1 /a/1 /b/2");
}

static void risky_links_are_left_alone(void **state)
{
    (void)state;
    static const char *const risky[] = {
        "/logout",       "/user/log-out",  "/signOut",         "/?action=delete&id=1",
        "/delete/1",     "/add-to-cart/1", "/?add-to-cart=5",  "/addToCart?id=1",
        "/cart",         "/checkout/",     "/unsubscribe?u=1", "/wp-admin/",
        "/wp-login.php", "/log%6Fut",      "/a?do=remove",     "/post/1/edit",
        "/vote/up/3",    "/a.pdf",         "/a.ZIP?x=1",       "/img/x.jpeg",
        "/feed.xml",     "/style.css?v=3", "/?replytocom=12",  "/account/cancel",
    };
    for (size_t i = 0; i < COUNT_OF(risky); i++) {
        char html[200];
        (void)snprintf(html, sizeof html, "<a href='%s'><a href=/ok>", risky[i]);
        check_links(html, 9, "/ok");
    }
    static const char *const fine[] = {"/carton",    "/about.html",          "/v1.2/x",
                                       "/undeleted", "/products?sort=price", "/index.php?page=2",
                                       "/a.pdf/x"};
    for (size_t i = 0; i < COUNT_OF(fine); i++) {
        char html[200];
        (void)snprintf(html, sizeof html, "<a href='%s'>", fine[i]);
        check_links(html, 9, fine[i]);
    }
    check_links("<a rel='nofollow' href=/a><a download href=/b><a data-method=delete href=/c>", 9,
                "");
}

static void internal_links_are_counted(void **state)
{
    (void)state;
    static const char html[] = "<a href=/a><a href=/a><a href=/logout><a href=http://o.com/>"
                               "<a href=#x><a href=b rel=nofollow>";
    struct page page = scanned("https://example.com/", span_of(html), 0);
    assert_int_equal(page.internal_links, 4);
    assert_int_equal(page.link_count, 0);
    page_done(&page);
}

static void insecure_resources_are_counted(void **state)
{
    (void)state;
    static const struct {
        const char *html;
        unsigned count;
    } rows[] = {
        {"<img src='http://a/b.png'>", 1},
        {"<img src='HTTP://a/b.png' srcset='http://a/c.png 2x'>", 1},
        {"<img srcset='/x.png 1x, http://a/c.png 2x'>", 1},
        {"<script src=http://a/x.js></script><iframe src='http://a'></iframe>", 2},
        {"<link rel=stylesheet href=http://a/x.css>", 1},
        {"<link rel='shortcut icon' href=http://a/x.ico><link rel=preload href=http://a/x>", 2},
        {"<link rel=canonical href=http://a/><link rel=alternate href=http://a/f>", 0},
        {"<a href=http://a/><form action=http://a/>", 0},
        {"<video poster=http://a/p.jpg src=x></video><object data=http://a/></object>", 2},
        {"<img src=https://a/><img src=//a/><img src=/a>", 0},
        {"<!-- <img src=http://a/> --><script>'<img src=http://a/>'</script>", 0},
        {"<base href='http://a/'><img src=x.png><img src=https://b/><script src=//c/>", 2},
        {"<base href='/a/'><img src=x.png>", 0},
        {"<input type=image src=http://a/><embed src=http://a/><audio src=http://a/>", 3},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct page page = scanned("http://example.com/", span_of(rows[i].html), 3);
        if (page.insecure_resources != rows[i].count) {
            fail_msg("%u, not %u in %s", page.insecure_resources, rows[i].count, rows[i].html);
        }
        page_done(&page);
    }
}

static void meta_refresh_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *content, *url;
    } rows[] = {
        {"0; url=/x", "/x"},
        {"0;URL='https://h/x'", "https://h/x"},
        {"5, url = &quot;/x&quot;", "/x"},
        {" 1.5;/x", "/x"},
        {"0 url=/x", "/x"},
        {"0;url=/a?b&amp;c", "/a?b&c"},
        {"6; url=/x", NULL},
        {"99999999999999999999; url=/x", NULL},
        {"0", NULL},
        {"", NULL},
        {"url=/x", NULL},
        {"0; url=", NULL},
        {"x; url=/x", NULL},
        {"0;url='/x", "/x"},
        {".5; /x", "/x"},
        {"0url=/x", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char html[200];
        (void)snprintf(html, sizeof html, "<meta http-equiv=Refresh content=\"%s\">",
                       rows[i].content);
        struct page page = scanned("http://example.com/", span_of(html), 3);
        if (rows[i].url == NULL ? page.refresh != NULL
                                : page.refresh == NULL || strcmp(page.refresh, rows[i].url) != 0) {
            fail_msg("%s: %s", rows[i].content, page.refresh == NULL ? "none" : page.refresh);
        }
        page_done(&page);
    }
    struct page page = scanned("http://example.com/",
                               span_of("<noscript><meta http-equiv=refresh content='0;url=/n'>"
                                       "</noscript><meta http-equiv=refresh content='0;url=/y'>"),
                               3);
    assert_string_equal(page.refresh, "/y");
    page_done(&page);
}

static void relative_links_belong_to_the_page(void **state)
{
    (void)state;
    struct page page =
        scanned("http://example.com/shop/list?p=1",
                span_of("<a href=item><a href='?p=2'><a href=../x><a href='?p=1'>"), 9);
    assert_int_equal(page.link_count, 3);
    assert_string_equal(page.links[0], "/shop/item");
    assert_string_equal(page.links[1], "/x");
    assert_string_equal(page.links[2], "/shop/list?p=2");
    page_done(&page);
    page = scanned("http://xn--bcher-kva.example/",
                   span_of("<a href='http://b\xc3\xbc"
                           "cher.example/a'>"),
                   9);
    assert_int_equal(page.link_count, 1);
    page_done(&page);
    page = scanned("http://[::1]:8080/", span_of("<a href='http://[::1]:8080/a'><a href=b>"), 9);
    assert_int_equal(page.link_count, 2);
    page_done(&page);
}

// 8 MiB of one piece over and over: no piece makes the work more than linear.
static void hostile_pages_cost_linear_time(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "<",
        "<a",
        "<a href='",
        "<!--",
        "<!-- >",
        "<script>",
        "</script ",
        "<a href=/x>",
        "<a =",
        "<style></styl",
        "<img srcset=',,,,'>",
        "&",
        "<a href=\"&#x41;&amp;\">",
        "<a/b=c ",
        "<meta http-equiv=refresh content='0;url=&'>",
        "<base href=//[><a href=//\xc3\xbc/>",
    };
    size_t size = LIMIT_BODY;
    char *html = malloc(size);
    assert_non_null(html);
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        size_t len = strlen(pieces[i]);
        for (size_t at = 0; at < size; at++) {
            html[at] = pieces[i][at % len];
        }
        int64_t before = time_monotonic_ms();
        struct page page = scanned("http://xn--bcher-kva.example/", (struct span){html, size}, 16);
        int64_t took = time_monotonic_ms() - before;
        if (took > 5000) {
            fail_msg("\"%s\" took %lld ms", pieces[i], (long long)took);
        }
        page_done(&page);
    }
    // Distinct links of one section, most of them refused.
    size_t at = 0;
    for (unsigned i = 0; at + 64 < size; i++) {
        at += (size_t)snprintf(html + at, 64, "<a href=/s/%u/logout>", i);
    }
    int64_t before = time_monotonic_ms();
    struct page page = scanned("http://example.com/", (struct span){html, at}, 16);
    assert_true(time_monotonic_ms() - before < 5000);
    assert_int_equal(page.link_count, 0);
    page_done(&page);
    free(html);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_of_the_same_host),
        cmocka_unit_test(what_makes_a_page_without_text),
        cmocka_unit_test(base_moves_relative_links),
        cmocka_unit_test(text_that_is_no_markup_is_skipped),
        cmocka_unit_test(choice_is_spread_over_sections),
        cmocka_unit_test(risky_links_are_left_alone),
        cmocka_unit_test(internal_links_are_counted),
        cmocka_unit_test(insecure_resources_are_counted),
        cmocka_unit_test(meta_refresh_is_found),
        cmocka_unit_test(relative_links_belong_to_the_page),
        cmocka_unit_test(hostile_pages_cost_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
