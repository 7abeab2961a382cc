// SPDX-License-Identifier: Apache-2.0
// Two bodies compared: the first byte says how they are declared, the first NUL parts them.
#include <assert.h>
#include <stdint.h>

#include "similarity/similarity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const types[] = {NULL,
                                        "text/html; charset=utf-8",
                                        "text/html; charset=gbk",
                                        "application/json",
                                        "text/xml",
                                        "text/plain"};
    if (size < 2) {
        return 0;
    }
    const char *type = types[data[0] % COUNT_OF(types)];
    struct span rest = {(const char *)data + 1, size - 1};
    struct span a = span_cut(&rest, '\0');
    struct sim_page http = {.body = a, .content_type = type, .url = "http://www.example.org/a/"};
    struct sim_page https = {.body = rest, .content_type = type};
    struct sim_page again = {.body = {a.at, a.len / 2}, .content_type = type};
    struct sim_input input = {&http, &https, (data[0] & 0x80) != 0 ? &again : NULL, NULL};
    struct sim_result result;
    if (similarity_compare(&result, &input) != ERR_OK) {
        return 0; // no memory
    }
    assert(result.verdict != SAMENESS_NONE && result.score >= 0 && result.score <= 1);
    assert((result.verdict == SAMENESS_SAME) == (result.score >= .8));
    assert((result.verdict == SAMENESS_DIFFERENT) == (result.score < .5));
    assert(strlen(result.rule) > 0 && strlen(result.detail) > 0);
    return 0;
}
