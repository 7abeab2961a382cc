// SPDX-License-Identifier: Apache-2.0
// evidence -> recommendation. Pure policy: no I/O, no clock, so that any stored evidence gives
// the same answer again.
#ifndef SSLAUTO_RECOMMEND_RECOMMEND_H
#define SSLAUTO_RECOMMEND_RECOMMEND_H

#include "model/evidence.h"
#include "model/recommendation.h"
#include "model/zone.h"

// Stored with every scan, so that a replay uses the policy of then. Keys of [recommend].
struct recommend_policy {
    int64_t certificate_margin_s; // strict needs a certificate valid for so long; 14 days
    int tls_min;                  // oldest protocol the edge speaks to origins: 10, 11, 12 or 13
};

// One row per thing that can be said. docs and reports are made from this table.
struct reason_row {
    const char *code;     // stable word
    const char *sentence; // one line; may hold one %s for the detail
    const char *source;   // where the rule comes from
    const char *remedy;   // what the operator can do; "" = nothing to do
};

// What was found before. An upgrade is confirmed when an earlier scan proposed the same one.
struct recommend_past {
    enum mode upgrade; // what that scan proposed; MODE_NONE = none, or no scan that counts
};

struct recommend_policy recommend_policy_default(void);
// past: NULL in a check that stands alone, where nothing is said of confirmation. `now` decides
// certificate margins. ERR_NOMEM or ERR_OK.
enum err recommend(struct recommendation **out, const struct zone *zone,
                   const struct evidence *evidence, const struct recommend_policy *policy,
                   const struct recommend_past *past, int64_t now);
const struct reason_row *recommend_reasons(size_t *count);

#endif
