// SPDX-License-Identifier: Apache-2.0
#include "pipeline/quality.h"

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

static bool refused_by_strict(const struct origin_evidence *look)
{
    return look->certificate != NULL && !look->certificate->strict_ok;
}

void quality_keep_worse_certificate(struct origin_evidence *kept, struct origin_evidence *other)
{
    if (refused_by_strict(other) && !refused_by_strict(kept)) {
        struct certificate *better = kept->certificate;
        kept->certificate = other->certificate;
        other->certificate = better;
    }
}
