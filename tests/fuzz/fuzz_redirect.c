// SPDX-License-Identifier: Apache-2.0
// The answers of one chain of redirects: the scheme of its first URL, a line end, then header
// lines; an empty line ends an answer.
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"
#include "crawler/headers.h"
#include "crawler/outcome.h"
#include "crawler/redirect.h"

#define HOPS  ((size_t)5)
#define NOW_S 1795000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char site_name[] = "site.test";
static char www_name[] = "www.site.test";
static char shop_name[] = "shop.site.test";
static char left_name[] = "left.test";
static char six_name[] = "2001:db8::1";
static char asked_address[] = "192.0.2.1";
static char other_address[] = "192.0.2.2";
static const char *const left_alone[] = {left_name};

static struct origin asked = {.address = asked_address, .http_port = 80, .https_port = 443};
static struct origin other = {.address = other_address, .http_port = 80, .https_port = 443};
static struct host hosts[] = {
    {.name = site_name, .origins = &asked, .origin_count = 1},
    {.name = www_name, .origins = &asked, .origin_count = 1},
    {.name = shop_name, .origins = &other, .origin_count = 1},
    {.name = left_name, .origins = &asked, .origin_count = 1},
    {.name = six_name},
};
static const struct zone zone = {.hosts = hosts, .host_count = COUNT_OF(hosts)};
static const struct crawler_policy policy = {.deny_hosts = left_alone, .deny_host_count = 1};
static const struct redirect_rules rules = {
    .zone = &zone, .host = &hosts[0], .origin = &asked, .limit = HOPS, .policy = &policy};

static void check_text(const char *text, size_t most)
{
    assert(text == NULL || strlen(text) <= most);
}

static void check_facts(const struct headers *headers, const struct fetch *fetch)
{
    check_text(headers->location, LIMIT_OUTPUT_FIELD);
    check_text(headers->refresh, LIMIT_URL);
    check_text(fetch->content_type, LIMIT_OUTPUT_FIELD);
    check_text(fetch->content_encoding, LIMIT_OUTPUT_FIELD);
    check_text(fetch->server, LIMIT_OUTPUT_FIELD);
    check_text(fetch->policy, LIMIT_OUTPUT_FIELD);
    assert(fetch->status == 0 || (fetch->status >= 100 && fetch->status <= 999));
    assert(fetch->retry_after_s >= -1 && fetch->retry_after_s <= LIMIT_RETRY_AFTER_S);
    assert(headers->content_length >= -1);
}

static bool same_text(const struct url *url, const char *text)
{
    char *printed = NULL;
    bool same = url_print(&printed, url) == ERR_OK && strcmp(printed, text) == 0;
    free(printed);
    return same;
}

// Only hosts of the zone that this origin serves, on their own ports, and none of them twice.
static void check_follow(const struct fetch *fetch, const struct url *to)
{
    const struct host *host = redirect_host(&rules, to);
    assert(host == &hosts[0] || host == &hosts[1] || host == &hosts[4]);
    assert(url_default_port(to));
    assert(fetch->hop_count < HOPS);
    for (size_t i = 0; i < fetch->hop_count; i++) {
        assert(!same_text(to, fetch->hops[i].from));
    }
}

static void check_hops(const struct fetch *fetch)
{
    assert(fetch->hop_count <= HOPS + 1);
    for (size_t i = 0; i < fetch->hop_count; i++) {
        const char *const both[] = {fetch->hops[i].from, fetch->hops[i].to};
        for (size_t t = 0; t < COUNT_OF(both); t++) {
            for (const char *at = both[t]; *at != '\0'; at++) {
                assert(*at >= ' ' && *at < 0x7f);
            }
        }
    }
}

// What a slot does with an answer. False: the chain ends here.
static bool go_on(struct fetch *fetch, struct url *at, const struct headers *headers)
{
    bool status = redirect_status(fetch->status) && headers->location != NULL;
    if (!status && (headers->refresh == NULL || fetch->status != 200)) {
        return false;
    }
    struct span target = span_of(status ? headers->location : headers->refresh);
    enum hop_kind kind = status ? HOP_STATUS : HOP_META_REFRESH;
    struct url to = {0};
    enum next next = redirect_judge(&to, &rules, fetch, at, kind, target);
    assert(next < NEXT_COUNT && (next != NEXT_NONE || kind == HOP_META_REFRESH));
    assert(to.host != NULL || next == NEXT_NONE || next == NEXT_OFF_ZONE);
    if (next == NEXT_FOLLOW) {
        check_follow(fetch, &to);
    }
    assert(next != NEXT_UPGRADE || (to.https && !at->https));
    bool recorded =
        next != NEXT_NONE && redirect_record(fetch, at, to.host != NULL ? &to : NULL, target, kind,
                                             next == NEXT_FOLLOW || next == NEXT_UPGRADE) == ERR_OK;
    if (recorded && next == NEXT_FOLLOW) {
        url_done(at);
        *at = to;
        return true;
    }
    url_done(&to);
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest = {(const char *)data, size};
    bool https = span_equal(span_cut(&rest, '\n'), span_of("https"));
    OWN(url_done) struct url at = {0};
    struct fetch *fetch = calloc(1, sizeof *fetch);
    if (fetch == NULL ||
        url_parse(&at, span_of(https ? "https://site.test/" : "http://site.test/")) != ERR_OK) {
        free(fetch);
        return 0;
    }
    fetch->scheme = https ? SCHEME_HTTPS : SCHEME_HTTP;
    fetch->retry_after_s = -1;
    struct headers headers;
    headers_begin(&headers);
    while (rest.at != NULL) {
        struct span line = span_cut(&rest, '\n');
        bool ends = span_trim(line).len == 0;
        if (headers_feed(&headers, fetch, line, NOW_S) != ERR_OK) {
            break;
        }
        check_facts(&headers, fetch);
        if (ends && !go_on(fetch, &at, &headers)) {
            break;
        }
        if (ends) {
            headers_done(&headers);
            headers_forget(fetch);
        }
    }
    check_hops(fetch);
    headers_done(&headers);
    fetch_free(fetch);
    return 0;
}
