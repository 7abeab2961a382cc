// SPDX-License-Identifier: Apache-2.0
// One pass of everything that is due, for those who prefer cron to a resident program.
#include "cli/command.h"
#include "cli/edges.h"
#include "cli/progress.h"
#include "cli/stop.h"
#include "cli/watching.h"

static void scan_trouble(void *ctx, const struct zone *zone, const char *words)
{
    watching_scan_trouble(ctx, zone, words);
}

static enum err scan_due(struct cli *cli, const struct log *log, const volatile sig_atomic_t *stop,
                         struct pipeline_progress *end, struct why *why)
{
    const struct scan_request request = {.which = SCAN_DUE};
    const struct pipeline_watch watch = {
        .trouble = scan_trouble, .ctx = (void *)(uintptr_t)log, .stop = stop};
    return pipeline_scan(cli->db, &cli->settings->policy, &request, &watch, end, why);
}

static enum err send_due(struct cli *cli, const struct log *log, const volatile sig_atomic_t *stop,
                         struct digest_sums *sums, struct why *why)
{
    const struct digest_watch watch = watching_digests(log, stop);
    return digests_pass(cli->db, &cli->settings->digest, &watch, sums, why);
}

static enum err pass(struct cli *cli, const struct log *log, struct why *why)
{
    OWN(edges_close) struct edges edges = {0};
    struct controller_sums sums = {0};
    struct controller_settled settled = {0};
    struct pipeline_progress scanned = {0};
    struct digest_sums digests = {0};
    const volatile sig_atomic_t *stop = stop_on_signals();
    const struct controller_watch watch = watching_rollouts(log, stop);
    // Rollouts before scans: the edge waits for its lease, an origin does not wait for us; and
    // after them, for what the scans found.
    enum err e = edges_open(&edges, cli);
    for (int i = 0; e == ERR_OK && i < 2; i++) {
        e = controller_tick(cli->db, edges.list, edges.count, &cli->settings->controller, &watch,
                            &sums, why);
        e = e == ERR_OK ? controller_settle(cli->db, edges.list, edges.count, &settled, why) : e;
        if (e == ERR_OK && i == 0 && !args_flag(&cli->args, "no-scans")) {
            e = scan_due(cli, log, stop, &scanned, why);
        }
    }
    if (e == ERR_OK && !args_flag(&cli->args, "no-digests")) {
        e = send_due(cli, log, stop, &digests, why);
    }
    if (e == ERR_OK && settled.words[0] != '\0') {
        log_line(log, LOG_LEVEL_WARNING, "edges: %s", settled.words);
    }
    if (e == ERR_OK) {
        cli_note(cli,
                 "Scanned %lld zones; looked at rollouts %lld times: %lld moved, %lld finished, "
                 "%lld went back, %lld in trouble; sent %lld messages",
                 (long long)scanned.done, (long long)sums.looked, (long long)sums.moved,
                 (long long)sums.finished, (long long)sums.gone_back, (long long)sums.troubles,
                 (long long)digests.sent);
    }
    return e;
}

enum leave cmd_tick(struct cli *cli)
{
    struct why why = {""};
    enum err e = edges_prepare(cli, &why);
    const struct log log = watching_log(cli);
    e = e == ERR_OK ? pass(cli, &log, &why) : e;
    if (e == ERR_INTERRUPTED) {
        return cli_failf(cli, "stopped; what is finished is stored, the next pass goes on");
    }
    return e == ERR_OK ? LEAVE_DONE : cli_fail(cli, e, &why);
}
