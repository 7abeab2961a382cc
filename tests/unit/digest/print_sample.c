// SPDX-License-Identifier: Apache-2.0
// print_sample text|html|eml|png|notice: a sample for tidy, browsers and eyes.
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/digest/sample.h"

#define MAX ((size_t)4 << 20)

static enum err page(struct buf *out, const struct digest *digest)
{
    struct buf png;
    struct buf uri;
    buf_init(&png, MAX);
    buf_init(&uri, MAX);
    enum err e = digest_chart(&png, digest);
    bool chart = e == ERR_OK;
    e = e == ERR_NOT_FOUND ? ERR_OK : e;
    if (chart) {
        unsigned char *base64 = malloc(png.len * 2 + 8);
        if (base64 == NULL) {
            return ERR_NOMEM;
        }
        (void)EVP_EncodeBlock(base64, (const unsigned char *)png.at, (int)png.len);
        e = buf_printf(&uri, "data:image/png;base64,%s", (const char *)base64);
        free(base64);
    }
    e = e == ERR_OK ? digest_html(out, digest, &sample_links, chart ? buf_str(&uri) : NULL) : e;
    buf_done(&png);
    buf_done(&uri);
    return e;
}

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
        e = page(&out, digest);
    }
    size_t written = e == ERR_OK ? fwrite(out.at, 1, out.len, stdout) : 0;
    bool done = e == ERR_OK && written == out.len;
    buf_done(&out);
    return done && fflush(stdout) == 0 ? 0 : 1;
}
