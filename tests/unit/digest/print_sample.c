// SPDX-License-Identifier: Apache-2.0
// print_sample text|html|eml|png|notice: a sample for tidy, browsers and eyes.
#include <stdio.h>

#include "tests/unit/digest/sample.h"

#define MAX ((size_t)4 << 20)

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "text";
    static const struct digest_address to[] = {{"Ada", "ada@example.org"}};
    const struct digest_envelope envelope = {.id = "digest.sample@example.org",
                                             .list_id = "sslauto-digest.example.org",
                                             .from = {"sslauto", "sslauto@example.org"},
                                             .to = to,
                                             .to_count = 1};
    OWN(digest_own)
    struct digest *digest = strcmp(what, "notice") == 0                 ? sample_notice()
                            : argc > 2 && strcmp(argv[2], "plain") == 0 ? sample_plain()
                                                                        : sample_new();
    struct buf out;
    buf_init(&out, MAX);
    enum err e = ERR_INVALID;
    if (strcmp(what, "text") == 0) {
        e = digest_text(&out, digest, &sample_links);
    } else if (strcmp(what, "eml") == 0) {
        e = digest_mime(&out, digest, &sample_links, &envelope);
    } else if (strcmp(what, "png") == 0) {
        e = digest_chart(&out, digest);
    } else {
        e = digest_page(&out, digest, &sample_links);
    }
    size_t written = e == ERR_OK ? fwrite(out.at, 1, out.len, stdout) : 0;
    bool done = e == ERR_OK && written == out.len;
    buf_done(&out);
    return done && fflush(stdout) == 0 ? 0 : 1;
}
