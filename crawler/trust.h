// SPDX-License-Identifier: Apache-2.0
// The inside of struct trust: one store of authorities per named set.
#ifndef SSLAUTO_CRAWLER_TRUST_H
#define SSLAUTO_CRAWLER_TRUST_H

#include "core/limits.h"
#include "crawler/certificate.h"

struct trust_set {
    char *name;        // owned
    X509_STORE *store; // owned
};

struct trust {
    struct trust_set sets[1 + LIMIT_TRUST_SETS]; // [0] is the public one
    size_t count;
    X509_STORE *empty; // owned; asked when no set is
};

#endif
