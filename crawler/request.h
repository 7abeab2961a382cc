// SPDX-License-Identifier: Apache-2.0
// One HTTP request over libcurl, pinned to the origin's address, into a fetch. Each slot owns one
// and uses its easy handle for request after request.
#ifndef SSLAUTO_CRAWLER_REQUEST_H
#define SSLAUTO_CRAWLER_REQUEST_H

#include <curl/curl.h>

#include "core/addr.h"
#include "crawler/crawler.h"
#include "crawler/guard.h"
#include "crawler/handshake.h"
#include "crawler/headers.h"
#include "crawler/outcome.h"

struct request {
    CURL *easy;
    const struct crawler_policy *policy; // lent
    const struct guard *guard;           // lent
    void *owner;                         // whose request_of a message is
    struct handshake handshake;
    struct headers headers;
    struct fetch *fetch; // lent while in the air
    struct curl_slist *connect_to, *fields;
    enum phase phase;
    enum abort_reason aborted;
    long os_errno; // of our own socket()
    int fd;        // the open connection, in the air or kept alive; -1 = none
    bool fd_https; // how it was made ...
    char *fd_host; // ... and for whom
    size_t body_max;
    struct fetch *twin; // lent: its body may be this one's; NULL = no more
    size_t alike;       // bytes of the twin's body that came again, and are not kept a second time
    uint64_t received;  // bytes, for the speed check
    uint64_t received_before;
    int64_t slow_since_ms; // 0 = fast enough
    char error[CURL_ERROR_SIZE];
};

struct request_ask {
    bool https;
    const char *host;        // in the URL, hence in SNI; an IPv6 literal without brackets
    const char *host_header; // NULL = host
    const char *path;
    struct addr addr;
    uint16_t port;
    bool fresh;           // on a new connection
    bool last;            // close it afterwards
    bool forwarded_proto; // with X-Forwarded-Proto: https
    int64_t total_ms;
    size_t body_max;
    struct fetch *twin; // lent until request_finish: of the same visit, with perhaps the same body
};

enum err request_init(struct request *request, const struct crawler_policy *policy,
                      const struct guard *guard, void *owner);
// Only after the multi handle is gone: connections call back into it until then.
void request_done(struct request *request);
// Prepares the handle; the caller adds it to a multi handle. fetch is lent until request_finish.
enum err request_start(struct request *request, struct fetch *fetch, const struct request_ask *ask);
// After the handle was taken off the multi handle: outcome, words, times and TLS facts go into the
// fetch. The connection stays open when the ask allowed that.
void request_finish(struct request *request, CURLcode code);
// Called about once a second: true when the answer drips too slowly and must be ended with
// request_finish(CURLE_WRITE_ERROR).
bool request_too_slow(struct request *request, int64_t now_ms);
// Closes a kept connection at once, for the origin at least; libcurl notices later.
void request_hang_up(struct request *request);
// The connection kept is good for this scheme and host.
bool request_keeps(const struct request *request, bool https, const char *host);

#endif
