// SPDX-License-Identifier: Apache-2.0
// Path building and validation of a chain as sent (RFC 5280 section 6), as an edge does it: at
// OpenSSL's security level 2, for TLS servers, only to self-signed anchors, with no fetching.
#ifndef SSLAUTO_CRAWLER_CHAIN_H
#define SSLAUTO_CRAWLER_CHAIN_H

#include "core/limits.h"
#include "crawler/trust.h"

// Everything that depends on chain, sets and time, and not on the name.
struct chain_verdict {
    int set;                                     // that accepted it; -1 = none
    struct cert_error errors[LIMIT_CERT_ERRORS]; // of the first set asked, when none accepted
    size_t error_count;
    int64_t not_after; // earliest of the path that was built
    bool weak_signature;
    bool incomplete;
    // The verdict holds from `from_s` until before `until_s`: at those times a certificate of a
    // path becomes valid or expires.
    int64_t from_s, until_s;
};

// work: scratch, reused from call to call.
enum err chain_verify(struct chain_verdict *out, X509_STORE_CTX *work, const struct trust *trust,
                      STACK_OF(X509) * sent, uint32_t sets, int64_t now);
// Seconds since the epoch; 0 when the certificate's time is broken.
int64_t chain_time(const ASN1_TIME *time);

#endif
