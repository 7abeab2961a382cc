// SPDX-License-Identifier: Apache-2.0
#include "cli/rollout_view.h"

#include <inttypes.h>
#include <string.h>

#include "core/time.h"

#define BAR_WIDTH 40

const char *share_print(char text[16], int share_bp)
{
    if (share_bp < 0) {
        (void)snprintf(text, 16, "unknown");
    } else if (share_bp % 100 == 0) {
        (void)snprintf(text, 16, "%d %%", share_bp / 100);
    } else {
        (void)snprintf(text, 16, "%.2f %%", share_bp / 100.0);
    }
    return text;
}

struct rollout_policy rollout_view_policy(const struct settings *settings, const struct zone *zone)
{
    const struct rollout_policy *policy = &settings->controller.rollout;
    const struct edge_settings *edge = settings_edge(settings, zone->edge);
    bool dry = edge != NULL && strcmp(edge->driver, "dryrun") == 0;
    return dry ? controller_policy_dry(policy) : *policy;
}

// Where an edge takes probes, preflight sends the first ones; without them it is a dwell.
static bool takes_probes(const struct rollout *rollout)
{
    return rollout->counts.of[COHORT_PROBE_OLD].requests > 0 ||
           (rollout->state == ROLLOUT_PREFLIGHT && rollout->reason != ROLLOUT_REASON_DWELL);
}

struct rollout_verdict rollout_view_verdict(const struct rollout *rollout,
                                            const struct rollout_policy *policy, int64_t now)
{
    const struct rollout_world world = {
        .mode = rollout->from,
        .automatic = true,
        .recommended = rollout->to,
        .confirmed = true,
        .recommended_at = now,
        .telemetry = rollout->lost_ticks == 0 || rollout->reason == ROLLOUT_REASON_EDGE_BUSY,
        .refused = rollout->lost_ticks >= policy->telemetry_ticks,
        .edge_agrees = rollout->applied_bp == rollout->share_bp,
        .probes_possible = takes_probes(rollout),
    };
    return rollout_judge(rollout, &world, policy, now);
}

static bool judged(const struct rollout *rollout)
{
    return rollout_active(rollout) &&
           (rollout_moves_traffic(rollout) || rollout->state == ROLLOUT_PREFLIGHT);
}

// Counters are good, and yet it does not go on.
static bool stands_by_itself(enum rollout_reason reason)
{
    return reason == ROLLOUT_REASON_PAUSED || reason == ROLLOUT_REASON_FROZEN ||
           reason == ROLLOUT_REASON_EDGE_BUSY || reason == ROLLOUT_REASON_COLD_CACHE;
}

static enum err said_too_little(struct buf *out, const struct rollout *rollout,
                                const struct rollout_policy *policy,
                                const struct rollout_verdict *verdict)
{
    if (verdict->reason != ROLLOUT_REASON_FEW_REQUESTS || verdict->missing == 0) {
        return buf_printf(out, "not known yet: %s", rollout_reason_row(verdict->reason)->sentence);
    }
    if (rollout->state == ROLLOUT_PREFLIGHT) {
        return buf_printf(out, "good so far; %" PRIu64 " more good pairs of probes are needed",
                          verdict->missing);
    }
    bool carried = takes_probes(rollout) && rollout->share_bp <= policy->probes_carry_bp;
    return buf_printf(out, "good so far; %" PRIu64 " more requests to the origin are needed%s",
                      verdict->missing, carried ? ", or good probes in their place" : "");
}

enum err rollout_view_said(struct buf *out, const struct zone *zone, const struct rollout *rollout,
                           const struct rollout_policy *policy,
                           const struct rollout_verdict *verdict)
{
    if (rollout->state == ROLLOUT_DONE) {
        return zone->mode < rollout->to
                   ? buf_add_str(out, "a dry run: this is how it would go; nothing was changed")
                   : buf_printf(out, "good: %s is permanent", mode_str(rollout->to));
    }
    if (!judged(rollout)) {
        return buf_add_str(out, rollout_reason_row(rollout->reason)->sentence);
    }
    switch (verdict->answer) {
    case ANSWER_OK:
        return stands_by_itself(rollout->reason)
                   ? buf_printf(out, "good, but: %s", rollout_reason_row(rollout->reason)->sentence)
                   : buf_add_str(out, "good: nothing speaks against the next step");
    case ANSWER_BAD:
        return buf_printf(out, "bad: %s", rollout_reason_row(verdict->reason)->sentence);
    case ANSWER_INSUFFICIENT:
        return said_too_little(out, rollout, policy, verdict);
    case ANSWER_TELEMETRY_LOST:
        return buf_add_str(out, "nothing is known: the edge tells no counters, or takes no change");
    case ANSWER_COUNT:
        break;
    }
    return ERR_OK;
}

static enum err next_of_ramp(struct buf *out, const struct rollout *rollout,
                             const struct rollout_policy *policy)
{
    char share[16];
    char at[TIME_TEXT_SIZE] = "";
    bool last = rollout->step + 1 >= rollout->step_count;
    bool young = rollout->step_at > 0;
    if (young) {
        (void)time_print(at, rollout_dwell_until(rollout, policy));
    }
    if (rollout->paused) {
        return buf_add_str(out, "nothing until it is resumed: sslauto rollout resume");
    }
    if (rollout->state == ROLLOUT_FINALISING) {
        return buf_printf(out, "%s becomes permanent at %s at the earliest", mode_str(rollout->to),
                          young ? at : "-");
    }
    if (last) {
        return buf_printf(out, "the last look at 100 %% begins at %s at the earliest",
                          young ? at : "-");
    }
    return buf_printf(out, "%s%s%s", share_print(share, rollout->steps_bp[rollout->step + 1]),
                      young ? " at the earliest at " : " once the edge has this step", at);
}

enum err rollout_view_next(struct buf *out, const struct rollout *rollout,
                           const struct rollout_policy *policy)
{
    char at[TIME_TEXT_SIZE];
    switch (rollout->state) {
    case ROLLOUT_ELIGIBLE:
        return buf_add_str(out, "begins when nothing stands in its way");
    case ROLLOUT_PREFLIGHT: {
        char share[16];
        return buf_printf(out, "%s when the probes were good",
                          share_print(share, rollout->steps_bp[0]));
    }
    case ROLLOUT_RAMPING:
    case ROLLOUT_WARMING:
    case ROLLOUT_HOLDING:
    case ROLLOUT_FINALISING:
        return next_of_ramp(out, rollout, policy);
    case ROLLOUT_DONE:
        return buf_add_str(out, "nothing");
    case ROLLOUT_ROLLED_BACK:
        return buf_add_str(out, "rests as soon as the edge has confirmed it");
    case ROLLOUT_COOLDOWN:
        return rollout->cooldown_until > 0 ? buf_printf(out, "a new attempt at %s at the earliest",
                                                        time_print(at, rollout->cooldown_until))
                                           : buf_add_str(out, "nothing");
    case ROLLOUT_STATE_COUNT:
        break;
    }
    return ERR_OK;
}

// -- for people ----------------------------------------------------------------------------------
static enum style style_of(enum rollout_state state)
{
    switch (state) {
    case ROLLOUT_DONE:
        return STYLE_GOOD;
    case ROLLOUT_HOLDING:
    case ROLLOUT_WARMING:
        return STYLE_WARN;
    case ROLLOUT_ROLLED_BACK:
    case ROLLOUT_COOLDOWN:
        return STYLE_BAD;
    case ROLLOUT_ELIGIBLE:
    case ROLLOUT_PREFLIGHT:
    case ROLLOUT_RAMPING:
    case ROLLOUT_FINALISING:
    case ROLLOUT_STATE_COUNT:
        break;
    }
    return STYLE_NONE;
}

static void print_bar(const struct output *out, const struct rollout *rollout)
{
    char bar[BAR_WIDTH + 1];
    int full =
        rollout->state == ROLLOUT_DONE ? BAR_WIDTH : rollout->share_bp * BAR_WIDTH / SHARE_ALL_BP;
    bool begun = rollout->share_bp > 0 && full == 0;
    for (int i = 0; i < BAR_WIDTH; i++) {
        bar[i] = i < full || (begun && i == 0) ? '#' : '.';
    }
    bar[BAR_WIDTH] = '\0';
    char share[16];
    output_print("  [");
    output_text(out, style_of(rollout->state), bar);
    output_print("] %s", share_print(share, rollout->share_bp));
    if (rollout->applied_bp != rollout->share_bp && rollout_active(rollout)) {
        output_print(", at the edge %s", share_print(share, rollout->applied_bp));
    }
    output_print("\n");
}

static double percent(uint64_t part, uint64_t of)
{
    return of == 0 ? 0 : 100.0 * (double)part / (double)of;
}

static void print_cohort(const char *name, const struct cohort_counts *counts)
{
    uint64_t requests = cohort_origin_requests(counts);
    uint64_t hard = cohort_hard_failures(counts);
    output_print("  %-9s %10" PRIu64 " requests to the origin  %6.2f %% failed  %6.2f %% 5xx", name,
                 requests, percent(hard, requests), percent(counts->server_errors, requests));
    if (counts->cache_hits > 0) {
        output_print("  %5.1f %% from the cache", percent(counts->cache_hits, counts->requests));
    }
    output_print("\n");
}

static enum err print_words(const struct zone *zone, const struct rollout *rollout,
                            const struct rollout_policy *policy, int64_t now)
{
    struct buf words;
    buf_init(&words, LIMIT_OUTPUT_FIELD);
    struct rollout_verdict verdict = rollout_view_verdict(rollout, policy, now);
    enum err e = rollout_view_said(&words, zone, rollout, policy, &verdict);
    if (e == ERR_OK) {
        output_print("  verdict   %s\n", buf_str(&words));
        buf_clear(&words);
        e = rollout_view_next(&words, rollout, policy);
    }
    if (e == ERR_OK) {
        char at[TIME_TEXT_SIZE];
        output_print("  next      %s", buf_str(&words));
        if (rollout->tick_at > 0 && rollout_active(rollout)) {
            output_print("; looked at %s", time_print(at, rollout->tick_at));
        }
        output_print("\n");
    }
    buf_done(&words);
    return e;
}

enum err rollout_view_print(const struct output *out, const struct zone *zone,
                            const struct rollout *rollout, const struct ramp *ramp,
                            const struct rollout_policy *policy, int64_t now)
{
    char at[TIME_TEXT_SIZE];
    output_text(out, STYLE_BOLD, zone->name);
    output_print("  %s -> %s  attempt %" PRId64 "  ", mode_str(rollout->from),
                 mode_str(rollout->to), rollout->generation);
    output_text(out, style_of(rollout->state), rollout_state_str(rollout->state));
    output_print(" since %s%s\n", time_print(at, rollout->state_at),
                 rollout->paused ? "  PAUSED" : "");
    print_bar(out, rollout);
    if (ramp != NULL && ramp->count > 1) {
        struct buf line;
        buf_init(&line, 8 * RAMP_WIDTH);
        enum err e = ramp_line(&line, ramp);
        output_print("  so far    %s\n", buf_str(&line));
        buf_done(&line);
        if (e != ERR_OK) {
            return e;
        }
    }
    const struct cohort_counts *of = rollout->counts.of;
    if (of[COHORT_OLD].requests + of[COHORT_NEW].requests > 0) {
        print_cohort("old mode", &of[COHORT_OLD]);
        print_cohort("new mode", &of[COHORT_NEW]);
    }
    if (of[COHORT_PROBE_NEW].requests > 0) {
        print_cohort("probes", &of[COHORT_PROBE_NEW]);
    }
    return print_words(zone, rollout, policy, now);
}

// -- for programs --------------------------------------------------------------------------------
static json_t *cohort_json(const struct cohort_counts *counts)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "requests",
                     (json_int_t)counts->requests, "origin_requests",
                     (json_int_t)cohort_origin_requests(counts), "server_errors",
                     (json_int_t)counts->server_errors, "redirects", (json_int_t)counts->redirects,
                     "connect_failures", (json_int_t)counts->connect_failures, "tls_failures",
                     (json_int_t)counts->tls_failures, "fallbacks", (json_int_t)counts->fallbacks,
                     "cache_hits", (json_int_t)counts->cache_hits);
}

static json_t *cohorts_json(const struct rollout_counts *counts)
{
    json_t *all = json_object();
    for (int i = 0; i < COHORT_COUNT; i++) {
        if (json_object_set_new(all, cohort_str((enum cohort)i), cohort_json(&counts->of[i])) !=
            0) {
            json_decref(all);
            return NULL;
        }
    }
    return all;
}

static const char *const answers[ANSWER_COUNT] = {
    [ANSWER_OK] = "ok",
    [ANSWER_BAD] = "bad",
    [ANSWER_INSUFFICIENT] = "insufficient",
    [ANSWER_TELEMETRY_LOST] = "telemetry_lost",
};

static json_t *time_json(int64_t at)
{
    char text[TIME_TEXT_SIZE];
    return at == 0 ? json_null() : json_string(time_print(text, at));
}

static json_t *steps_json(const struct rollout *rollout)
{
    json_t *steps = json_array();
    for (size_t i = 0; i < rollout->step_count; i++) {
        if (json_array_append_new(steps, json_integer(rollout->steps_bp[i])) != 0) {
            json_decref(steps);
            return NULL;
        }
    }
    return steps;
}

json_t *rollout_view_json(const struct zone *zone, const struct rollout *rollout,
                          const struct rollout_policy *policy, int64_t now)
{
    struct buf words;
    buf_init(&words, LIMIT_OUTPUT_FIELD);
    struct rollout_verdict verdict = rollout_view_verdict(rollout, policy, now);
    json_t *answer = NULL;
    if (rollout_view_next(&words, rollout, policy) == ERR_OK) {
        answer = json_pack(
            "{s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:b, s:i, s:i, s:I, s:o, s:s, s:I, "
            "s:s, s:o, s:o, s:o, s:o, s:o}",
            "zone", zone->name, "zone_id", zone->id, "account", zone->account, "generation",
            (json_int_t)rollout->generation, "from", mode_str(rollout->from), "to",
            mode_str(rollout->to), "state", rollout_state_str(rollout->state), "reason",
            rollout_reason_str(rollout->reason), "text",
            rollout_reason_row(rollout->reason)->sentence, "paused", (int)rollout->paused,
            "share_bp", rollout->share_bp, "applied_bp", rollout->applied_bp, "step",
            (json_int_t)rollout->step, "steps_bp", steps_json(rollout), "verdict",
            judged(rollout) ? answers[verdict.answer] : "none", "missing_requests",
            (json_int_t)verdict.missing, "next", buf_str(&words), "started_at",
            time_json(rollout->started_at), "state_at", time_json(rollout->state_at), "tick_at",
            time_json(rollout->tick_at), "cooldown_until", time_json(rollout->cooldown_until),
            "cohorts", cohorts_json(&rollout->counts));
    }
    buf_done(&words);
    return answer;
}

json_t *rollout_event_json(const struct rollout_event *event)
{
    return json_pack("{s:s, s:I, s:I, s:o, s:s, s:s, s:s, s:i, s:s}", "zone_id", event->zone_id,
                     "generation", (json_int_t)event->generation, "version",
                     (json_int_t)event->version, "at", time_json(event->at), "actor", event->actor,
                     "state", rollout_state_str(event->state), "reason",
                     rollout_reason_str(event->reason), "share_bp", event->share_bp, "detail",
                     event->detail);
}
