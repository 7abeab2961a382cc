// SPDX-License-Identifier: Apache-2.0
#include "pipeline/second_look.h"

#include <stdio.h>

#include "pipeline/quality.h"

enum {
    WAIT_AT_MOST_MS = 5 * 60 * 1000
}; // longer waits are the next scan's business

static bool refused_by_rule(const struct origin_evidence *look)
{
    return look->robots == ROBOTS_DISALLOWED || look->http.outcome == OUTCOME_ADDRESS_REFUSED ||
           look->https.outcome == OUTCOME_ADDRESS_REFUSED;
}

static bool lasting(const struct origin_evidence *look)
{
    enum outcome https = look->https.outcome;
    bool never_asked = !look->http.asked && !look->https.asked && !look->overload &&
                       look->robots != ROBOTS_UNAVAILABLE;
    return never_asked || refused_by_rule(look) || https == OUTCOME_CLIENT_CERTIFICATE ||
           https == OUTCOME_REDIRECT_LOOP || https == OUTCOME_REDIRECT_LIMIT;
}

int64_t second_look_after(const struct origin_evidence *first, int64_t pause_ms)
{
    if (lasting(first) || (quality_of(first) == 4 && !first->overload)) {
        return -1;
    }
    int64_t asked_s = first->http.retry_after_s > first->https.retry_after_s
                          ? first->http.retry_after_s
                          : first->https.retry_after_s;
    int64_t wait_ms = asked_s > 0 && asked_s * 1000 > pause_ms ? asked_s * 1000 : pause_ms;
    return wait_ms > WAIT_AT_MOST_MS && wait_ms > pause_ms ? -1 : wait_ms;
}

bool second_look_wants_third(const struct origin_evidence *second)
{
    return second->second_look == LOOK_CHANGED;
}

void second_look_settle(struct origin_evidence *third, struct origin_evidence *second)
{
    quality_keep_worse_tls(third, second);
    bool still_good = quality_of(third) >= quality_of(second);
    third->second_look = still_good ? LOOK_CHANGED : LOOK_CONFIRMED;
    if (still_good) {
        memcpy(third->first_look, second->first_look, sizeof third->first_look);
    }
}

void second_look_merge(struct origin_evidence *second, struct origin_evidence *first)
{
    quality_keep_worse_tls(second, first);
    if (quality_of(second) <= quality_of(first)) {
        second->second_look = LOOK_CONFIRMED;
        return;
    }
    second->second_look = LOOK_CHANGED;
    const struct scheme_evidence *bad = &first->https;
    if (!outcome_is_answer(first->http.outcome) || first->http.status >= 500) {
        bad = &first->http;
    }
    const char *scheme = bad == &first->http ? "HTTP" : "HTTPS";
    if (!outcome_is_answer(bad->outcome)) {
        (void)snprintf(second->first_look, sizeof second->first_look, "%s: %s", scheme,
                       outcome_str(bad->outcome));
    } else if (bad->status >= 400) {
        (void)snprintf(second->first_look, sizeof second->first_look, "%s answered %d", scheme,
                       bad->status);
    } else {
        (void)snprintf(second->first_look, sizeof second->first_look, "pages were %s",
                       sameness_str(first->sameness));
    }
}
