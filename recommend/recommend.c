// SPDX-License-Identifier: Apache-2.0
#include "recommend/recommend.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/limits.h"
#include "recommend/origin.h"

enum {
    DAY_S = 24 * 3600,
    MARGIN_MOST_S = 3650 * DAY_S, // a replayed policy may hold any number
    ORIGIN_TEXT_SIZE = LIMIT_HOST_NAME + 32
};

struct recommend_policy recommend_policy_default(void)
{
    // Edges speak TLS 1.0 and later to origins (product documentation, "Cipher suites").
    return (struct recommend_policy){.certificate_margin_s = (int64_t)14 * DAY_S, .tls_min = 10};
}

// The origins of a host, or the hosts of a zone, taken together.
struct sum {
    enum mode safe, ceiling, floor;
};

static enum mode weaker(enum mode a, enum mode b)
{
    return a < b ? a : b;
}

static void sum_add(struct sum *sum, enum mode safe, enum mode ceiling, enum mode floor)
{
    sum->safe = weaker(sum->safe, safe);
    sum->ceiling = weaker(sum->ceiling, ceiling);
    sum->floor = floor > sum->floor ? floor : sum->floor;
}

// Everything under way for one call.
struct work {
    const struct zone *zone;
    const struct evidence *evidence;
    struct recommend_policy policy;
    const struct recommend_past *past; // NULL = a check that stands alone
    int64_t now;
    struct sum all;
    struct finding_list by_level[MODE_COUNT + 1]; // blockers, by the mode they hold an origin at
    struct finding_list reasons;
};

static void work_done(struct work *work)
{
    for (size_t i = 0; i < COUNT_OF(work->by_level); i++) {
        finding_list_done(&work->by_level[i]);
    }
    finding_list_done(&work->reasons);
}

static const struct sum sum_none = {MODE_ORIGIN_PULL, MODE_ORIGIN_PULL, MODE_OFF};

// As the command line takes it: ADDR, or ADDR:HTTP:HTTPS where the ports are not the usual ones.
static void print_origin(char *out, size_t size, const struct origin_evidence *origin)
{
    if (origin->http_port == 80 && origin->https_port == 443) {
        (void)snprintf(out, size, "%s", origin->address);
        return;
    }
    bool bare = strchr(origin->address, ':') == NULL;
    (void)snprintf(out, size, bare ? "%s:%u:%u" : "[%s]:%u:%u", origin->address, origin->http_port,
                   origin->https_port);
}

static void judge_host(struct work *work, const struct host_evidence *host, struct sum *sum)
{
    for (size_t i = 0; i < host->origin_count; i++) {
        char origin[ORIGIN_TEXT_SIZE];
        print_origin(origin, sizeof origin, &host->origins[i]);
        struct look look = {.zone = work->zone,
                            .policy = &work->policy,
                            .now = work->now,
                            .evidence = work->evidence,
                            .origin = &host->origins[i],
                            .about = {host->name, origin}};
        struct judgement judged = {0};
        origin_judge(&judged, &look);
        sum_add(sum, judged.safe, judged.ceiling, judged.floor);
        finding_append(&work->by_level[judged.safe + 1], &judged.blockers);
        finding_append(&work->reasons, &judged.reasons);
        judgement_done(&judged);
    }
    if (host->origin_count == 0) {
        struct subject about = {host->name, NULL};
        sum->safe = MODE_NONE;
        finding_add(&work->by_level[0], "no_evidence", &about, "any origin of %s", host->name);
    }
}

static bool has_origin(const struct evidence *evidence, const struct host *host,
                       const struct origin *origin)
{
    for (size_t h = 0; h < evidence->host_count; h++) {
        const struct host_evidence *seen = &evidence->hosts[h];
        for (size_t o = 0; strcmp(seen->name, host->name) == 0 && o < seen->origin_count; o++) {
            if (strcmp(seen->origins[o].address, origin->address) == 0 &&
                seen->origins[o].http_port == origin->http_port &&
                seen->origins[o].https_port == origin->https_port) {
                return true;
            }
        }
    }
    return false;
}

// Evidence that leaves out a part of the zone says nothing about the zone. A replay knows the
// zone's settings alone, and no hosts.
static void judge_gaps(struct work *work)
{
    const struct zone *zone = work->zone;
    for (size_t h = 0; h < zone->host_count; h++) {
        const struct host *host = &zone->hosts[h];
        for (size_t o = 0; o < host->origin_count; o++) {
            if (!has_origin(work->evidence, host, &host->origins[o])) {
                struct subject about = {host->name, host->origins[o].address};
                work->all.safe = MODE_NONE;
                finding_add(&work->by_level[0], "no_evidence", &about, "this origin of %s",
                            host->name);
            }
        }
    }
    if (work->evidence->host_count == 0) {
        struct subject about = {NULL, NULL};
        work->all.safe = MODE_NONE;
        finding_add(&work->by_level[0], "no_evidence", &about, "any host of the zone");
    }
}

static enum err judge_hosts(struct work *work, struct recommendation *out)
{
    const struct evidence *evidence = work->evidence;
    if (evidence->host_count > 0) {
        out->hosts = calloc(evidence->host_count, sizeof *out->hosts);
        if (out->hosts == NULL) {
            return ERR_NOMEM;
        }
    }
    for (size_t i = 0; i < evidence->host_count; i++) {
        const struct host_evidence *host = &evidence->hosts[i];
        struct sum sum = sum_none;
        judge_host(work, host, &sum);
        sum_add(&work->all, sum.safe, sum.ceiling, sum.floor);
        out->hosts[i] = (struct host_recommendation){
            .name = strdup(host->name),
            .weight = host->weight,
            .mode = sum.safe >= sum.floor ? sum.safe : MODE_NONE,
        };
        out->host_count = i + 1;
        if (out->hosts[i].name == NULL) {
            return ERR_NOMEM;
        }
    }
    judge_gaps(work);
    return ERR_OK;
}

// What was seen to fail comes first: it is so whatever else is not known. Then doubt, which never
// moves a zone.
static void decide(const struct sum *all, struct recommendation *out)
{
    bool breaks = all->ceiling < out->current;
    bool nothing_works = all->ceiling < all->floor && out->current < all->floor;
    out->recommended = out->current;
    if (breaks || nothing_works) {
        out->verdict = VERDICT_AT_RISK;
    } else if (all->safe < all->floor || all->safe < out->current) {
        out->verdict = VERDICT_UNKNOWN;
        out->recommended = MODE_NONE;
    } else if (all->safe > out->current) {
        out->verdict = VERDICT_UPGRADE;
        out->recommended = all->safe;
    } else {
        out->verdict = VERDICT_KEEP;
    }
}

static void say_decision(struct finding_list *reasons, const struct recommendation *out)
{
    static const char *const codes[VERDICT_COUNT] = {
        [VERDICT_UPGRADE] = "upgrade_safe",
        [VERDICT_KEEP] = "strongest_safe",
        [VERDICT_UNKNOWN] = "no_recommendation",
        [VERDICT_AT_RISK] = "at_risk",
    };
    struct subject zone = {NULL, NULL};
    finding_add(reasons, codes[out->verdict], &zone, "%s", mode_title(out->recommended));
}

// What visitors over HTTPS get to see: under flexible the pages that the origin serves over HTTP,
// under the modes above those that it serves over HTTPS.
static void say_mixed_content(struct work *work, const struct recommendation *out)
{
    enum mode mode = out->recommended == MODE_NONE ? out->current : out->recommended;
    for (size_t h = 0; h < work->evidence->host_count; h++) {
        const struct host_evidence *host = &work->evidence->hosts[h];
        for (size_t o = 0; o < host->origin_count; o++) {
            const struct origin_evidence *origin = &host->origins[o];
            unsigned seen = origin->insecure_resources;
            if (mode == MODE_FLEXIBLE && origin->http_insecure_resources > seen) {
                seen = origin->http_insecure_resources;
            }
            if (seen > 0) {
                char name[ORIGIN_TEXT_SIZE];
                print_origin(name, sizeof name, origin);
                struct subject about = {host->name, name};
                finding_add(&work->reasons, "mixed_content", &about, "%u sub-resource%s", seen,
                            seen == 1 ? "" : "s");
            }
        }
    }
}

static void say_rules(struct work *work, const struct recommendation *out)
{
    const struct zone *zone = work->zone;
    struct subject about = {NULL, NULL};
    if (zone->automatic == AUTOMATIC_CUSTOM) {
        finding_add(&work->reasons, "custom_zone", &about, "%s", "");
    }
    if (zone->authenticated_pulls && zone->mode < MODE_FULL) {
        finding_add(&work->reasons, "aop_needs_full", &about, "%s", "");
    }
    if (out->recommended == MODE_ORIGIN_PULL && out->verdict == VERDICT_UPGRADE) {
        finding_add(&work->reasons, "origin_pull_allowed", &about, "%s", "");
    }
    if (out->recommended != MODE_STRICT || out->verdict == VERDICT_AT_RISK) {
        return;
    }
    if (!zone->allow_origin_pull) {
        finding_add(&work->reasons, "origin_pull_not_allowed", &about, "%s", "");
    } else if (strcmp(zone->plan, "enterprise") != 0) {
        finding_add(&work->reasons, "origin_pull_not_enterprise", &about, "%s", zone->plan);
    }
}

// Moves a list into the recommendation, with a last line for what did not fit.
static enum err take(struct finding **out, size_t *count, struct finding_list *list)
{
    if (list->left_out > 0 && list->count > 0) {
        struct finding *last = &list->at[--list->count];
        size_t left_out = list->left_out + 1;
        free(last->host);
        free(last->origin);
        free(last->text);
        struct subject about = {NULL, NULL};
        finding_add(list, "more_findings", &about, "%zu", left_out);
    }
    if (list->no_memory) {
        return ERR_NOMEM;
    }
    *out = list->at;
    *count = list->count;
    *list = (struct finding_list){0};
    return ERR_OK;
}

static enum err conclude(struct work *work, struct recommendation *out)
{
    decide(&work->all, out);
    out->confirmed = out->verdict == VERDICT_UPGRADE && work->past != NULL &&
                     work->past->upgrade == out->recommended;
    struct finding_list first = {0};
    say_decision(&first, out);
    if (out->verdict == VERDICT_UPGRADE && work->past != NULL && !out->confirmed) {
        struct subject zone = {NULL, NULL};
        finding_add(&first, "seen_once", &zone, "%s", "");
    }
    say_mixed_content(work, out);
    say_rules(work, out);
    finding_append(&first, &work->reasons);
    // The weakest origins first: they are what the next mode waits for.
    struct finding_list blockers = {0};
    for (size_t i = 0; i < COUNT_OF(work->by_level); i++) {
        finding_append(&blockers, &work->by_level[i]);
    }
    enum err e = take(&out->reasons, &out->reason_count, &first);
    if (e == ERR_OK) {
        e = take(&out->blockers, &out->blocker_count, &blockers);
    }
    finding_list_done(&first);
    finding_list_done(&blockers);
    return e;
}

enum err recommend(struct recommendation **out, const struct zone *zone,
                   const struct evidence *evidence, const struct recommend_policy *policy,
                   const struct recommend_past *past, int64_t now)
{
    OWN(recommendation_own) struct recommendation *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERR_NOMEM;
    }
    made->current = zone->mode;
    OWN(work_done)
    struct work work = {.zone = zone,
                        .evidence = evidence,
                        .policy = *policy,
                        .past = past,
                        .now = now,
                        .all = sum_none};
    if (policy->certificate_margin_s > MARGIN_MOST_S) {
        work.policy.certificate_margin_s = MARGIN_MOST_S;
    } else if (policy->certificate_margin_s < 0) {
        work.policy.certificate_margin_s = 0;
    }
    enum err e = judge_hosts(&work, made);
    if (e == ERR_OK) {
        e = conclude(&work, made);
    }
    if (e == ERR_OK) {
        *out = made;
        made = NULL;
    }
    return e;
}
