// SPDX-License-Identifier: Apache-2.0
#include "cli/watching.h"

#include <stdlib.h>

#include "cli/rollout_view.h"
#include "core/time.h"

struct log watching_log(const struct cli *cli)
{
    return (struct log){.to = stderr,
                        .level = cli->quiet ? LOG_LEVEL_ERROR : cli->settings->log_level,
                        .priority = getenv("JOURNAL_STREAM") != NULL};
}

void watching_scanned(const struct log *log, const struct pipeline_result *result)
{
    const struct recommendation *said = result->recommendation;
    char next[TIME_TEXT_SIZE] = "none";
    if (result->next_scan_at != 0) {
        (void)time_print(next, result->next_scan_at);
    }
    log_line(log, said->verdict == VERDICT_AT_RISK ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO,
             "zone %s: %s, now %s, recommended %s, %zu in the way, next scan %s",
             result->zone->name, verdict_str(said->verdict), mode_str(said->current),
             mode_str(said->recommended), said->blocker_count, next);
}

void watching_scan_trouble(const struct log *log, const struct zone *zone, const char *words)
{
    log_line(log, LOG_LEVEL_WARNING, "zone %s: nothing is stored of this scan: %s", zone->name,
             words);
}

static void step(void *ctx, const struct controller_step *done)
{
    char share[16];
    const struct rollout *rollout = done->rollout;
    bool back = done->action->deed == DEED_BACK;
    log_line(ctx, back ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO,
             "rollout %s %s -> %s attempt %lld: %s, share %s: %s", done->zone->name,
             mode_str(rollout->from), mode_str(rollout->to), (long long)rollout->generation,
             rollout_state_str(rollout->state), share_print(share, rollout->share_bp),
             done->detail);
}

static void trouble(void *ctx, const struct zone *zone, const char *words)
{
    log_line(ctx, LOG_LEVEL_WARNING, "rollout %s: %s", zone == NULL ? "-" : zone->name, words);
}

struct controller_watch watching_rollouts(const struct log *log, const volatile sig_atomic_t *stop)
{
    return (struct controller_watch){
        .step = step, .trouble = trouble, .ctx = (void *)(uintptr_t)log, .stop = stop};
}

static void sent(void *ctx, const struct db_dispatch *one)
{
    log_line(ctx, one->state == DISPATCH_SENT ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
             "%s by %s to %s: %s%s%s", one->letter, db_channel_str(one->channel), one->recipient,
             db_dispatch_state_str(one->state), one->words[0] == '\0' ? "" : ": ", one->words);
}

static void digest_trouble(void *ctx, const char *words)
{
    log_line(ctx, LOG_LEVEL_WARNING, "digest: %s; tried again", words);
}

struct digest_watch watching_digests(const struct log *log, const volatile sig_atomic_t *stop)
{
    return (struct digest_watch){
        .sent = sent, .trouble = digest_trouble, .ctx = (void *)(uintptr_t)log, .stop = stop};
}
