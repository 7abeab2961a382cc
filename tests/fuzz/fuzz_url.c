// SPDX-License-Identifier: Apache-2.0
// A base URL, a line end, a reference: what is read prints as something that reads the same.
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/addr.h"
#include "core/limits.h"
#include "core/str.h"
#include "core/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_form(const struct url *url)
{
    assert(url->port != 0 && url->path[0] == '/' && url->host[0] != '\0');
    assert(strlen(url->path) <= LIMIT_URL && strlen(url->host) <= LIMIT_HOST_NAME);
    for (const char *at = url->path; *at != '\0'; at++) {
        assert(*at > ' ' && *at < 0x7f && *at != '#');
    }
    for (const char *at = url->host; *at != '\0'; at++) {
        assert(strchr("abcdefghijklmnopqrstuvwxyz0123456789-_.:[]", *at) != NULL);
    }
    // No spelling of an IPv4 address but the canonical one gets through.
    struct addr loose;
    struct addr strict;
    if (addr_parse_loose(&loose, span_of(url->host))) {
        assert(addr_parse(&strict, span_of(url->host)) == ERR_OK && addr_equal(&loose, &strict));
    }
}

static void check_round_trip(const struct url *url)
{
    check_form(url);
    char *text = NULL;
    if (url_print(&text, url) != ERR_OK) {
        return;
    }
    OWN(url_done) struct url again = {0};
    enum err e = url_parse(&again, span_of(text));
    assert(e == ERR_OK || (e == ERR_LIMIT && strlen(text) > LIMIT_URL));
    if (e == ERR_OK) {
        assert(url_same_place(url, &again) && again.https == url->https &&
               again.port == url->port && strcmp(again.host, url->host) == 0);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest = {(const char *)data, size};
    struct span base_text = span_cut(&rest, '\n');
    OWN(url_done) struct url base = {0};
    OWN(url_done) struct url url = {0};
    if (url_parse(&base, base_text) == ERR_OK) {
        check_round_trip(&base);
        if (url_resolve(&url, &base, rest) == ERR_OK) {
            check_round_trip(&url);
        }
    }
    char shown[64];
    (void)str_printable(shown, sizeof shown, rest);
    assert(strlen(shown) < sizeof shown);
    OWN(buf_done) struct buf out;
    buf_init(&out, 6 * size + 16);
    assert(str_add_html(&out, rest) != ERR_LIMIT);
    assert(str_is_utf8(buf_span(&out)));
    return 0;
}
