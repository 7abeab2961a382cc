// SPDX-License-Identifier: Apache-2.0
// The resident controller: rollouts on this thread; scans, digests and metrics on one each.
#include <unistd.h>

#include "cli/command.h"
#include "cli/edges.h"
#include "cli/loop.h"
#include "cli/metrics_server.h"
#include "cli/notify.h"
#include "cli/stop.h"
#include "cli/watching.h"
#include "core/time.h"

#define NAP_MS     100   // how soon a signal is seen
#define LOOK_MS    1000  // how soon work that others made due is seen
#define SCAN_MS    5000  // between two looks for zones that are due
#define DIGEST_MS  60000 // between two looks for digests that are due
#define REOPEN_MS  60000 // between two looks at fleets that were away or may have restarted
#define TROUBLE_MS 5000  // pause after the store failed

struct resident {
    struct cli *cli;
    struct log log;
    struct controller_watch watch;
    struct controller_sums sums;
    struct edges edges;
    struct controller_settled settled; // what was told last
    struct controller_synced synced;
    const struct settings *settings; // what the loops go by; stays until they have ended
    struct loop *scans;
    struct loop *digests;
    struct metrics_server *metrics;
    const volatile sig_atomic_t *stop;
    volatile sig_atomic_t *reload;
    int64_t opened_ms; // monotonic: fleets
    int64_t alive_ms;  // monotonic: the watchdog was told
};

static enum err scanned(void *ctx, const struct pipeline_result *result)
{
    struct resident *resident = ctx;
    watching_scanned(&resident->log, result);
    metrics_server_scanned(resident->metrics, result);
    return ERR_OK;
}

static void scan_trouble(void *ctx, const struct zone *zone, const char *words)
{
    const struct resident *resident = ctx;
    watching_scan_trouble(&resident->log, zone, words);
}

static enum err scan_pass(struct db *db, void *ctx, const volatile sig_atomic_t *stop,
                          struct why *why)
{
    struct resident *resident = ctx;
    struct pipeline_progress end = {0};
    int64_t due = 0;
    int64_t leased = 0;
    const struct scan_request request = {.which = SCAN_DUE};
    const struct pipeline_watch watch = {
        .result = scanned, .trouble = scan_trouble, .ctx = resident, .stop = stop};
    enum err e = db_due_count(db, &due, &leased, why);
    if (e != ERR_OK || due == 0) {
        return e;
    }
    e = pipeline_scan(db, &resident->settings->policy, &request, &watch, &end, why);
    return e == ERR_INTERRUPTED ? ERR_OK : e;
}

static enum err digest_pass(struct db *db, void *ctx, const volatile sig_atomic_t *stop,
                            struct why *why)
{
    struct resident *resident = ctx;
    struct digest_sums sums = {0};
    const struct digest_watch watch = watching_digests(&resident->log, stop);
    return digests_pass(db, &resident->settings->digest, &watch, &sums, why);
}

static void edge_trouble(void *ctx, const char *words)
{
    log_line(ctx, LOG_LEVEL_WARNING, "edges: %s", words);
}

// Opens the fleets that are not open, and puts the steady state of every zone where it may lack.
static enum err tend_fleets(struct resident *resident, struct why *why)
{
    struct cli *cli = resident->cli;
    resident->opened_ms = time_monotonic_ms();
    enum err e = edges_open(&resident->edges, cli);
    return e == ERR_OK
               ? controller_keep_synced(cli->db, resident->edges.list, resident->edges.count,
                                        &resident->synced, edge_trouble, &resident->log, why)
               : e;
}

// Opens fleets, puts the steady state of every zone there, and begins to scan.
static enum err begin(struct resident *resident, struct why *why)
{
    struct cli *cli = resident->cli;
    resident->log = watching_log(cli);
    resident->settings = cli->settings;
    resident->synced = (struct controller_synced){0};
    enum err e = tend_fleets(resident, why);
    if (e != ERR_OK && e != ERR_NOMEM) {
        log_line(&resident->log, LOG_LEVEL_WARNING, "store: %s; tried again", why_text(why, e));
        e = ERR_OK;
    }
    if (e == ERR_OK && !args_flag(&cli->args, "no-scans")) {
        const struct loop_work work = {"scan",    SCAN_MS,  cli->store,
                                       scan_pass, resident, &resident->log};
        e = loop_start(&resident->scans, &work, why);
    }
    if (e == ERR_OK && !args_flag(&cli->args, "no-digests")) {
        const char *warning = digest_policy_warning(&cli->settings->digest);
        if (warning != NULL) {
            log_line(&resident->log, LOG_LEVEL_WARNING, "%s", warning);
        }
        const struct loop_work work = {"digests",   DIGEST_MS, cli->store,
                                       digest_pass, resident,  &resident->log};
        e = loop_start(&resident->digests, &work, why);
    }
    return e;
}

static void end(struct resident *resident)
{
    loop_stop(resident->scans);
    resident->scans = NULL;
    loop_stop(resident->digests);
    resident->digests = NULL;
    edges_close(&resident->edges);
}

static void complain(void *ctx, const char *complaint)
{
    log_line(ctx, LOG_LEVEL_ERROR, "%s", complaint);
}

// All of the new configuration, or none of it.
static enum err reload(struct resident *resident, struct why *why)
{
    struct cli *cli = resident->cli;
    struct settings *before = cli->settings;
    struct settings *fresh = NULL;
    *resident->reload = 0;
    notify_reloading();
    enum err e =
        settings_load(&fresh, args_text(&cli->args, "config"), complain, &resident->log, why);
    if (e == ERR_OK) {
        cli->settings = fresh;
        e = edges_prepare(cli, why);
    }
    if (e != ERR_OK) {
        log_line(&resident->log, LOG_LEVEL_ERROR,
                 "the configuration is not taken, the one before stays: %s", why_text(why, e));
        cli->settings = before;
        settings_free(fresh);
        notify_ready("running");
        return ERR_OK;
    }
    end(resident);
    settings_free(before);
    e = begin(resident, why);
    log_line(&resident->log, LOG_LEVEL_INFO, "configuration read again");
    notify_ready("running");
    return e;
}

static void stay_alive(struct resident *resident)
{
    int64_t every = notify_alive_ms();
    int64_t now = time_monotonic_ms();
    if (every > 0 && now - resident->alive_ms >= every) {
        resident->alive_ms = now;
        notify_alive();
    }
}

static void nap(struct resident *resident, int64_t ms)
{
    int64_t until = time_monotonic_ms() + ms;
    while (*resident->stop == 0 && *resident->reload == 0 && time_monotonic_ms() < until) {
        stay_alive(resident);
        (void)usleep(NAP_MS * 1000);
    }
}

// Modes that were set by hand. The same trouble is told once.
static enum err settle(struct resident *resident, struct why *why)
{
    struct controller_settled settled = {0};
    enum err e = controller_settle(resident->cli->db, resident->edges.list, resident->edges.count,
                                   &settled, why);
    if (e == ERR_OK && strcmp(settled.words, resident->settled.words) != 0) {
        resident->settled = settled;
        if (settled.words[0] != '\0') {
            log_line(&resident->log, LOG_LEVEL_WARNING, "edges: %s; tried again", settled.words);
        }
    }
    return e;
}

static enum err pass(struct resident *resident)
{
    struct cli *cli = resident->cli;
    struct why why = {""};
    enum err e = time_monotonic_ms() - resident->opened_ms < REOPEN_MS
                     ? ERR_OK
                     : tend_fleets(resident, &why);
    if (e == ERR_OK) {
        e = controller_tick(cli->db, resident->edges.list, resident->edges.count,
                            &cli->settings->controller, &resident->watch, &resident->sums, &why);
    }
    metrics_server_tell(resident->metrics, &resident->sums);
    e = e == ERR_OK ? settle(resident, &why) : e;
    if (e == ERR_NOMEM) {
        return e;
    }
    if (e != ERR_OK && e != ERR_INTERRUPTED) {
        log_line(&resident->log, LOG_LEVEL_ERROR, "store: %s; tried again", why_text(&why, e));
        nap(resident, TROUBLE_MS);
    }
    return ERR_OK;
}

static enum err run_for_ever(struct resident *resident, struct why *why)
{
    enum err e = ERR_OK;
    while (e == ERR_OK && *resident->stop == 0) {
        if (*resident->reload != 0) {
            e = reload(resident, why);
        }
        e = e == ERR_OK ? pass(resident) : e;
        nap(resident, LOOK_MS);
    }
    return e;
}

enum leave cmd_run(struct cli *cli)
{
    struct why why = {""};
    struct resident resident = {.cli = cli, .stop = stop_on_signals()};
    const char *where = args_text(&cli->args, "metrics");
    resident.reload = reload_on_hangup();
    resident.watch = watching_rollouts(&resident.log, resident.stop);
    enum err e = edges_prepare(cli, &why);
    if (e == ERR_OK && where != NULL) {
        e = metrics_server_start(&resident.metrics, where, cli->store, &why);
    }
    e = e == ERR_OK ? begin(&resident, &why) : e;
    if (e == ERR_OK) {
        notify_ready("running");
        e = run_for_ever(&resident, &why);
        notify_stopping();
    }
    end(&resident);
    metrics_server_stop(resident.metrics);
    return e == ERR_OK ? LEAVE_DONE : cli_fail(cli, e, &why);
}
