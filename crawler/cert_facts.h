// SPDX-License-Identifier: Apache-2.0
// What a certificate says of itself, in words: everything in struct certificate that depends on
// neither trust, time nor name.
#ifndef SSLAUTO_CRAWLER_CERT_FACTS_H
#define SSLAUTO_CRAWLER_CERT_FACTS_H

#include <openssl/x509.h>

#include "core/err.h"
#include "model/fetch.h"

// sent: leaf first, at least one. All text is printable ASCII.
enum err cert_facts_read(struct certificate **out, STACK_OF(X509) * sent);
// NULL without memory.
struct certificate *cert_facts_copy(const struct certificate *facts);

#endif
