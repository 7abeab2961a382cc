// SPDX-License-Identifier: Apache-2.0
#include "pipeline/quality.h"

#include <stdio.h>

#include "model/tls.h"

int quality_of(const struct origin_evidence *look)
{
    bool https_answers = outcome_is_answer(look->https.outcome) && look->https.status < 500;
    bool http_answers = outcome_is_answer(look->http.outcome) && look->http.status < 500;
    bool asked_to_wait = look->http.status == 429 || look->https.status == 429;
    if (look->robots == ROBOTS_UNAVAILABLE || look->challenge || asked_to_wait) {
        return 0;
    }
    if (!https_answers) {
        return http_answers ? 1 : 0;
    }
    switch (look->sameness) {
    case SAMENESS_SAME:
        return 4;
    case SAMENESS_UNSURE:
        return 3;
    case SAMENESS_DIFFERENT:
        return 2;
    case SAMENESS_NONE:
    case SAMENESS_COUNT:
        break;
    }
    return http_answers ? 4 : 1;
}

// One that strict refuses now, then one that will end earlier.
static bool certificate_is_worse(const struct certificate *a, const struct certificate *b)
{
    if (a == NULL || b == NULL) {
        return a != NULL;
    }
    if (a->strict_ok != b->strict_ok) {
        return !a->strict_ok;
    }
    return certificate_ends_at(a) < certificate_ends_at(b);
}

static bool version_is_older(const char *a, const char *b)
{
    return a[0] != '\0' && (b[0] == '\0' || tls_version_number(a) < tls_version_number(b));
}

static void keep_worse_protocol(struct origin_evidence *kept, const struct origin_evidence *other)
{
    bool older = version_is_older(other->tls_version, kept->tls_version);
    unsigned theirs = suite_faults(other->tls_cipher);
    unsigned ours = suite_faults(kept->tls_cipher);
    if (older) {
        (void)snprintf(kept->tls_version, sizeof kept->tls_version, "%s", other->tls_version);
    }
    if (theirs > ours || (theirs == ours && older)) {
        (void)snprintf(kept->tls_cipher, sizeof kept->tls_cipher, "%s", other->tls_cipher);
    }
}

void quality_keep_worse_tls(struct origin_evidence *kept, struct origin_evidence *other)
{
    if (certificate_is_worse(other->certificate, kept->certificate)) {
        struct certificate *better = kept->certificate;
        kept->certificate = other->certificate;
        other->certificate = better;
    }
    keep_worse_protocol(kept, other);
    kept->client_certificate_requested =
        kept->client_certificate_requested || other->client_certificate_requested;
}
