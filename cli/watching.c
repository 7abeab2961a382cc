// SPDX-License-Identifier: Apache-2.0
#include "cli/watching.h"

#include <stdlib.h>

#include "cli/rollout_view.h"

struct log watching_log(const struct cli *cli)
{
    return (struct log){.to = stderr,
                        .level = cli->quiet ? LOG_LEVEL_ERROR : cli->settings->log_level,
                        .priority = getenv("JOURNAL_STREAM") != NULL};
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
