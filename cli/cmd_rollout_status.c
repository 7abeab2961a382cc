// SPDX-License-Identifier: Apache-2.0
// rollout status: where every rollout stands, what speaks for and against it, what comes next.
#include <unistd.h>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/edges.h"
#include "cli/rollout_view.h"
#include "cli/stop.h"
#include "core/time.h"

#define REDRAW_MS 2000
#define PAUSE_US  100000

struct showing {
    struct cli *cli;
    bool json;
    int64_t now;
    size_t shown;
    struct why why; // of what each row needs besides
};

static enum err show(void *ctx, const struct zone *zone, const struct rollout *rollout)
{
    struct showing *showing = ctx;
    const struct rollout_policy rules = rollout_view_policy(showing->cli->settings, zone);
    const struct rollout_policy *policy = &rules;
    enum err e = ERR_OK;
    if (showing->json) {
        OWN(json_own) json_t *json = rollout_view_json(zone, rollout, policy, showing->now);
        e = json == NULL ? ERR_NOMEM : output_json_line(json);
    } else {
        struct ramp ramp;
        output_print("%s", showing->shown > 0 ? "\n" : "");
        e = ramp_load(&ramp, showing->cli->db, rollout, showing->now, &showing->why);
        e = e == ERR_OK
                ? rollout_view_print(&showing->cli->out, zone, rollout, &ramp, policy, showing->now)
                : e;
    }
    showing->shown++;
    return e == ERR_OK ? output_check() : e;
}

static enum err show_named(struct showing *showing, const char *name, struct why *why)
{
    struct rollout rollout;
    OWN(zone_own) struct zone *zone = NULL;
    enum err e = db_zone_get(showing->cli->db, &zone, name, why);
    if (e != ERR_OK) {
        return e;
    }
    e = db_rollout_get(showing->cli->db, zone->id, &rollout, why);
    if (e == ERR_NOT_FOUND) {
        cli_note(showing->cli, "%s: no rollout yet", zone->name);
        return ERR_OK;
    }
    return e == ERR_OK ? show(showing, zone, &rollout) : e;
}

static enum err show_all(struct showing *showing, struct why *why)
{
    struct cli *cli = showing->cli;
    bool stopped = false;
    const struct db_rollout_filter filter = {.account = args_text(&cli->args, "account"),
                                             .edge = args_text(&cli->args, "edge"),
                                             .active = !args_flag(&cli->args, "all")};
    enum err e = db_now(cli->db, &showing->now, why);
    showing->shown = 0;
    for (size_t i = 0; e == ERR_OK && i < cli->args.operand_count; i++) {
        e = show_named(showing, cli->args.operands[i], why);
    }
    if (e == ERR_OK && cli->args.operand_count == 0) {
        e = db_rollout_each(cli->db, &filter, show, showing, why);
    }
    e = e == ERR_OK ? db_stop_get(cli->db, &stopped, why) : e;
    if (e == ERR_OK && stopped) {
        cli_note(cli, "Every rollout is stopped; `sslauto rollout stop-all --lift` ends that.");
    }
    if (e == ERR_OK && showing->shown == 0 && cli->args.operand_count == 0) {
        cli_note(cli, "No rollouts%s.",
                 filter.active ? " at work; --all shows those that have ended" : "");
    }
    return e;
}

// Over the picture before: cursor home, and what is left of it wiped (ECMA-48, CUP and ED).
static enum err watch(struct showing *showing, struct why *why)
{
    const volatile sig_atomic_t *stop = stop_on_signals();
    bool terminal = isatty(STDOUT_FILENO) == 1;
    enum err e = ERR_OK;
    while (e == ERR_OK && *stop == 0) {
        char at[TIME_TEXT_SIZE];
        int64_t begun = time_monotonic_ms();
        output_print("%s%s\n\n", terminal ? "\033[H\033[2J" : "", time_print(at, time_now_s()));
        e = show_all(showing, why);
        (void)fflush(stdout);
        while (*stop == 0 && time_monotonic_ms() - begun < REDRAW_MS) {
            (void)usleep(PAUSE_US);
        }
    }
    return e;
}

enum leave cmd_rollout_status(struct cli *cli)
{
    struct why why = {""};
    struct showing showing = {.cli = cli, .json = args_flag(&cli->args, "json")};
    enum err e = edges_prepare(cli, &why);
    if (e == ERR_OK) {
        e = args_flag(&cli->args, "watch") ? watch(&showing, &why) : show_all(&showing, &why);
    }
    if (e == ERR_OK) {
        return LEAVE_DONE;
    }
    why = why.text[0] == '\0' ? showing.why : why;
    return output_check() != ERR_OK ? LEAVE_FAILED : cli_fail(cli, e, &why);
}
