// SPDX-License-Identifier: Apache-2.0
#include "model/rollout.h"

#include "core/span.h"

static const char *const states[ROLLOUT_STATE_COUNT] = {
    [ROLLOUT_ELIGIBLE] = "eligible", [ROLLOUT_PREFLIGHT] = "preflight",
    [ROLLOUT_RAMPING] = "ramping",   [ROLLOUT_WARMING] = "warming",
    [ROLLOUT_HOLDING] = "holding",   [ROLLOUT_FINALISING] = "finalising",
    [ROLLOUT_DONE] = "done",         [ROLLOUT_ROLLED_BACK] = "rolled_back",
    [ROLLOUT_COOLDOWN] = "cooldown",
};

static const char *const reasons[ROLLOUT_REASON_COUNT] = {
    [ROLLOUT_REASON_NONE] = "none",
    [ROLLOUT_REASON_UNCONFIRMED] = "unconfirmed",
    [ROLLOUT_REASON_STALE] = "stale",
    [ROLLOUT_REASON_CAPPED] = "capped",
    [ROLLOUT_REASON_FROZEN] = "frozen",
    [ROLLOUT_REASON_PAUSED] = "paused",
    [ROLLOUT_REASON_FEW_REQUESTS] = "few_requests",
    [ROLLOUT_REASON_COLD_CACHE] = "cold_cache",
    [ROLLOUT_REASON_NO_TELEMETRY] = "no_telemetry",
    [ROLLOUT_REASON_BOTH_FAIL] = "both_fail",
    [ROLLOUT_REASON_EDGE_BUSY] = "edge_busy",
    [ROLLOUT_REASON_DWELL] = "dwell",
    [ROLLOUT_REASON_TLS] = "tls",
    [ROLLOUT_REASON_CONNECT] = "connect",
    [ROLLOUT_REASON_FALLBACK] = "fallback",
    [ROLLOUT_REASON_SERVER_ERRORS] = "server_errors",
    [ROLLOUT_REASON_REDIRECTS] = "redirects",
    [ROLLOUT_REASON_PREFLIGHT] = "preflight",
    [ROLLOUT_REASON_TELEMETRY_LOST] = "telemetry_lost",
    [ROLLOUT_REASON_TOO_LONG] = "too_long",
    [ROLLOUT_REASON_MODE_CHANGED] = "mode_changed",
    [ROLLOUT_REASON_CUSTOM] = "custom",
    [ROLLOUT_REASON_WITHDRAWN] = "withdrawn",
    [ROLLOUT_REASON_CERTIFICATE] = "certificate",
    [ROLLOUT_REASON_OPERATOR] = "operator",
    [ROLLOUT_REASON_STOP_ALL] = "stop_all",
    [ROLLOUT_REASON_EDGE_FOREIGN] = "edge_foreign",
};

static const char *const cohorts[COHORT_COUNT] = {
    [COHORT_OLD] = "old",
    [COHORT_NEW] = "new",
    [COHORT_PROBE_OLD] = "probe_old",
    [COHORT_PROBE_NEW] = "probe_new",
};

const char *rollout_state_str(enum rollout_state state)
{
    return states[state];
}

enum err rollout_state_parse(enum rollout_state *out, struct span word)
{
    for (int i = 0; i < ROLLOUT_STATE_COUNT; i++) {
        if (span_equal(word, span_of(states[i]))) {
            *out = (enum rollout_state)i;
            return ERR_OK;
        }
    }
    return ERR_INVALID;
}

const char *rollout_reason_str(enum rollout_reason reason)
{
    return reasons[reason];
}

enum err rollout_reason_parse(enum rollout_reason *out, struct span word)
{
    for (int i = 0; i < ROLLOUT_REASON_COUNT; i++) {
        if (span_equal(word, span_of(reasons[i]))) {
            *out = (enum rollout_reason)i;
            return ERR_OK;
        }
    }
    return ERR_INVALID;
}

const char *cohort_str(enum cohort cohort)
{
    return cohorts[cohort];
}

bool rollout_active(const struct rollout *rollout)
{
    return rollout->state != ROLLOUT_DONE && rollout->state != ROLLOUT_COOLDOWN;
}

bool rollout_moves_traffic(const struct rollout *rollout)
{
    return rollout->share_bp > 0 || rollout->applied_bp > 0;
}

uint64_t cohort_origin_requests(const struct cohort_counts *counts)
{
    return counts->requests > counts->cache_hits ? counts->requests - counts->cache_hits : 0;
}

uint64_t cohort_hard_failures(const struct cohort_counts *counts)
{
    return counts->connect_failures + counts->tls_failures + counts->fallbacks;
}

void rollout_counts_add(struct rollout_counts *sum, const struct rollout_counts *more)
{
    for (int i = 0; i < COHORT_COUNT; i++) {
        struct cohort_counts *to = &sum->of[i];
        const struct cohort_counts *from = &more->of[i];
        to->requests += from->requests;
        to->server_errors += from->server_errors;
        to->redirects += from->redirects;
        to->connect_failures += from->connect_failures;
        to->tls_failures += from->tls_failures;
        to->fallbacks += from->fallbacks;
        to->cache_hits += from->cache_hits;
    }
}
