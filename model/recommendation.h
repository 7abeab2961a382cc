// SPDX-License-Identifier: Apache-2.0
// The strongest safe mode of a zone, why, and what stands between it and the next one.
#ifndef SSLAUTO_MODEL_RECOMMENDATION_H
#define SSLAUTO_MODEL_RECOMMENDATION_H

#include <jansson.h>

#include "model/mode.h"

enum verdict {
    VERDICT_UPGRADE, // a stronger mode is safe
    VERDICT_KEEP,    // the current mode is the strongest safe one
    VERDICT_UNKNOWN, // nothing can be said
    VERDICT_AT_RISK, // the origin no longer supports the current mode; it is not lowered
    VERDICT_COUNT
};

// One finding. The code is a row of recommend/reasons.c; text is its sentence filled in.
struct finding {
    const char *code;   // static, stable word: "certificate_expired"
    const char *source; // static: the document the rule comes from
    const char *remedy; // static; what to do about it, "" for reasons that need nothing
    char *host;         // owned or NULL: the host it is about
    char *origin;       // owned or NULL: the origin's address
    char *text;         // owned
};

struct host_recommendation {
    char *name; // owned
    double weight;
    enum mode mode; // strongest safe mode of this host alone; MODE_NONE = unknown
};

struct recommendation {
    enum mode current;
    enum mode recommended; // never below current; MODE_NONE when nothing can be said
    enum verdict verdict;
    bool confirmed; // an upgrade that an earlier scan proposed too: only then may it be acted on
    struct host_recommendation *hosts; // owned, in the order of the evidence
    size_t host_count;
    struct finding *reasons; // owned: why this mode, and warnings
    size_t reason_count;
    struct finding *blockers; // owned: what stands before the next mode (or spoils this one)
    size_t blocker_count;
};

void recommendation_free(struct recommendation *recommendation);
DEFINE_OWN(recommendation_own, struct recommendation, recommendation_free)

const char *verdict_str(enum verdict verdict); // "upgrade" "keep" "unknown" "at_risk"
enum err verdict_parse(enum verdict *out, struct span word);

// {mode_current, mode_recommended|null, verdict, confirmed, hosts[], reasons[], blockers[]}; a new
// reference, NULL without memory.
json_t *recommendation_to_json(const struct recommendation *recommendation);

#endif
