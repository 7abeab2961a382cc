// SPDX-License-Identifier: Apache-2.0
// A path, a line end, a robots.txt.
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"
#include "crawler/robots.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = {(const char *)data, size};
    struct span first = span_cut(&text, '\n');
    char *path = strndup(first.len == 0 ? "/" : first.at, first.len == 0 ? 1 : first.len);
    struct robots_rules *rules = NULL;
    if (path != NULL && robots_parse(&rules, text, "Cloudflare-SSLDetector") == ERR_OK) {
        char line[128];
        bool allowed = robots_allows(rules, path, line);
        assert(strlen(line) <= 120);
        assert(allowed || robots_names_us(rules));
        assert(allowed || memcmp(line, "Disallow: ", 10) == 0);
        for (const char *at = line; *at != '\0'; at++) {
            assert(*at >= ' ' && *at < 0x7f);
        }
    }
    robots_free(rules);
    free(path);
    return 0;
}
