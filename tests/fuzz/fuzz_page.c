// SPDX-License-Identifier: Apache-2.0
// A page as it comes from a server.
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"
#include "crawler/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    OWN(url_done) struct url url = {0};
    if (url_parse(&url, span_of("https://www.example.com/shop/list?p=1")) != ERR_OK) {
        return 0;
    }
    struct page page = {0};
    if (page_scan(&page, (struct span){(const char *)data, size}, &url, 5) != ERR_OK) {
        return 0;
    }
    assert(page.link_count <= 5 && page.link_count <= page.internal_links);
    for (size_t i = 0; i < page.link_count; i++) {
        assert(page.links[i][0] == '/' && strlen(page.links[i]) <= LIMIT_URL);
        assert(strcmp(page.links[i], url.path) != 0);
        for (size_t other = 0; other < i; other++) {
            assert(strcmp(page.links[i], page.links[other]) != 0);
        }
    }
    page_done(&page);
    return 0;
}
