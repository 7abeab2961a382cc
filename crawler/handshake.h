// SPDX-License-Identifier: Apache-2.0
// One TLS handshake, two verdicts: it is never aborted by the certificate (what `full` accepts),
// and the chain as sent is judged beside it (what `strict` accepts).
#ifndef SSLAUTO_CRAWLER_HANDSHAKE_H
#define SSLAUTO_CRAWLER_HANDSHAKE_H

#include <curl/curl.h>

#include "core/limits.h"
#include "crawler/certificate.h"

// Who is asked and what was seen. Lives as long as any connection made with it.
struct handshake {
    struct verdict_cache *cache; // lent
    uint32_t sets;
    const char *names[2 + LIMIT_EXTRA_NAMES]; // lent; [0] is the name in SNI
    size_t name_count;
    int64_t now_s;

    struct certificate *certificate; // owned; NULL until one was sent
    char version[16], cipher[64];
    bool began, ended;
    bool certificate_requested; // of us
    bool failed;                // no memory to judge it
};

// For CURLOPT_SSL_CTX_FUNCTION; watch is a struct handshake.
CURLcode handshake_prepare(CURL *curl, void *ssl_ctx, void *watch);
// Forgets what was seen, before the next request.
void handshake_clear(struct handshake *handshake);
// What was seen of a handshake that ended since handshake_clear, moved to the caller; NULL when
// there was none, which is so for later requests on one connection, or without memory (`failed`).
struct tls *handshake_take(struct handshake *handshake);

#endif
