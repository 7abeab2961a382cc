// SPDX-License-Identifier: Apache-2.0
// Certificate facts and the strict verdict, computed beside a handshake that is never aborted by
// it. No AIA fetching: an incomplete chain fails, as it does at an edge.
// Sources: RFC 5280 section 6 (path validation), RFC 6125 section 6.4 / RFC 9525 (names; the
// product accepts the CN when there is no SAN match), OpenSSL security level 2 (weak keys).
#ifndef SSLAUTO_CRAWLER_CERTIFICATE_H
#define SSLAUTO_CRAWLER_CERTIFICATE_H

#include <openssl/x509.h>

#include "crawler/crawler.h"

// The trust sets, loaded once, shared read-only by all threads.
struct trust;

enum err trust_load(struct trust **out, const struct trust_file *files, size_t count,
                    struct why *why);
void trust_free(struct trust *trust);
// Bits of the named extra sets plus, unless replace, the public one. ERR_NOT_FOUND names the set.
enum err trust_mask(uint32_t *out, const struct trust *trust, char *const *names, size_t count,
                    bool replace, struct why *why);

// What was found before, by the chain as sent (SHA-256 of it) and the sets asked. One per thread.
struct verdict_cache;
struct verdict_cache *verdict_cache_new(const struct trust *trust, size_t entries);
void verdict_cache_free(struct verdict_cache *cache);

// chain: as sent, leaf first. names[0] is the host, the rest extra accepted names; an IP literal is
// matched with IP addresses. now: seconds since the epoch. The verdict on the chain comes
// from the cache when it was seen and no date of its paths lies between then and now; names are
// checked every time. errors are those of the first set asked, when none accepts.
// incomplete_chain: nothing above the leaf was found. Where intermediates were sent and only what
// is above them is unknown, the authority is not trusted:
// X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY at their depth, or
// X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN when the root was sent.
enum err certificate_judge(struct certificate **out, struct verdict_cache *cache,
                           STACK_OF(X509) * chain, uint32_t sets, const char *const *names,
                           size_t name_count, int64_t now);
// One certificate or chain from DER or PEM bytes; hostile input gives NULL. For tests and tools.
STACK_OF(X509) * certificate_read(struct span bytes);

#endif
