// SPDX-License-Identifier: Apache-2.0
// Looks at zones and stores what was found.
#include <unistd.h>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "cli/stop.h"
#include "cli/watching.h"
#include "core/time.h"

struct scanning {
    struct log log;
    bool live;  // the line on the terminal
    bool jsonl; // objects on stdout
};

static void show(void *ctx, const struct pipeline_progress *progress)
{
    const struct scanning *scanning = ctx;
    if (scanning->live) {
        progress_show(progress);
    }
}

// One line per zone, as explain --json has it.
static enum err print_json(const struct pipeline_result *result)
{
    char text[TIME_TEXT_SIZE];
    OWN(json_own) json_t *evidence = evidence_to_json(result->evidence);
    OWN(json_own) json_t *recommendation = recommendation_to_json(result->recommendation);
    OWN(json_own) json_t *answer = answer_make(result->zone->name, recommendation, evidence);
    if (evidence == NULL || recommendation == NULL || answer == NULL ||
        json_object_set_new(answer, "zone_id", json_string(result->zone->id)) != 0 ||
        json_object_set_new(answer, "next_scan_at",
                            result->next_scan_at == 0
                                ? json_null()
                                : json_string(time_print(text, result->next_scan_at))) != 0) {
        return ERR_NOMEM;
    }
    enum err e = output_json_line(answer);
    return e == ERR_OK ? output_check() : e;
}

static enum err tell(void *ctx, const struct pipeline_result *result)
{
    const struct scanning *scanning = ctx;
    if (scanning->live && scanning->log.level >= LOG_LEVEL_WARNING) {
        progress_clear();
    }
    watching_scanned(&scanning->log, result);
    return scanning->jsonl ? print_json(result) : ERR_OK;
}

static void tell_trouble(void *ctx, const struct zone *zone, const char *words)
{
    const struct scanning *scanning = ctx;
    if (scanning->live) {
        progress_clear();
    }
    watching_scan_trouble(&scanning->log, zone, words);
}

static enum err apply_settings(struct cli *cli, struct why *why)
{
    static const struct {
        const char *option, *key, *shown;
    } rows[] = {
        {"concurrency", "crawl.slots", "--concurrency"},
        {"rate", "crawl.rate", "--rate"},
        {"threads", "crawl.threads", "--threads"},
    };
    const char *net = NULL;
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < COUNT_OF(rows); i++) {
        const char *value = args_text(&cli->args, rows[i].option);
        e = value == NULL ? e : settings_set(cli->settings, rows[i].key, value, rows[i].shown, why);
    }
    for (size_t at = 0; e == ERR_OK && (net = args_next(&cli->args, "allow-net", &at)) != NULL;) {
        e = settings_add_net(cli->settings, net, why);
    }
    return e;
}

static enum err requested(struct scan_request *out, const struct cli *cli, struct why *why)
{
    bool all = args_flag(&cli->args, "all");
    bool due = args_flag(&cli->args, "due");
    bool named = cli->args.operand_count > 0;
    if ((int)all + (int)due + (int)named > 1) {
        return why_set(why, ERR_INVALID, "give zones, or --due, or --all, only one of them");
    }
    *out = (struct scan_request){.which = all     ? SCAN_ALL
                                          : named ? SCAN_NAMED
                                                  : SCAN_DUE,
                                 .zones = (const char *const *)cli->args.operands,
                                 .zone_count = cli->args.operand_count};
    return ERR_OK;
}

// What another scan of this store has in work is in good hands; what failed by itself was told; the
// rest of what is left is due.
static enum leave tell_left(const struct cli *cli, const struct pipeline_progress *end)
{
    int64_t due = 0;
    int64_t leased = end->elsewhere;
    int64_t left = end->total - end->done - end->failed;
    if (cli->args.operand_count == 0 && db_due_count(cli->db, &due, &leased, NULL) != ERR_OK) {
        leased = 0;
    }
    if (leased > 0) {
        cli_note(cli, "%lld %s in work elsewhere, in another scan of this store.",
                 (long long)leased, leased == 1 ? "zone is" : "zones are");
    }
    if (left > leased) {
        left -= leased;
        return cli_failf(cli, "%lld %s not scanned; go on with: sslauto scan --due",
                         (long long)left, left == 1 ? "zone was" : "zones were");
    }
    if (end->failed > 0) {
        return cli_failf(cli, "nothing is stored of %lld %s; the lines above say why",
                         (long long)end->failed, end->failed == 1 ? "zone" : "zones");
    }
    return LEAVE_DONE;
}

static enum leave conclude(const struct cli *cli, enum err e, const struct pipeline_progress *end,
                           const struct why *why)
{
    struct buf summary;
    buf_init(&summary, 4096);
    if (progress_summary(&summary, end) == ERR_OK && (e == ERR_OK || end->done > 0)) {
        cli_note(cli, "%s", buf_str(&summary));
    }
    buf_done(&summary);
    if (e == ERR_INTERRUPTED) {
        return cli_failf(cli, "stopped; everything finished is stored. Go on with: sslauto scan "
                              "--due");
    }
    if (e != ERR_OK) {
        return output_check() != ERR_OK ? LEAVE_FAILED : cli_fail(cli, e, why);
    }
    return tell_left(cli, end);
}

enum leave cmd_scan(struct cli *cli)
{
    struct why why = {""};
    struct scan_request request;
    struct pipeline_progress end = {0};
    struct scanning scanning = {
        .log = watching_log(cli),
        .live = !cli->quiet && isatty(STDERR_FILENO) == 1,
        .jsonl = args_flag(&cli->args, "jsonl"),
    };
    if (requested(&request, cli, &why) != ERR_OK) {
        return cli_usage_error(cli, "%s", why.text);
    }
    enum err e = apply_settings(cli, &why);
    if (e != ERR_OK) {
        return cli_refuse(cli, e, &why);
    }
    e = settings_assemble(cli->settings, &why);
    e = e == ERR_OK ? settings_verify(cli->settings, NULL, NULL, &why) : e;
    if (e != ERR_OK) {
        return cli_fail(cli, e, &why);
    }
    struct pipeline_watch watch = {.progress = show,
                                   .result = tell,
                                   .trouble = tell_trouble,
                                   .ctx = &scanning,
                                   .stop = stop_on_signals()};
    e = pipeline_scan(cli->db, &cli->settings->policy, &request, &watch, &end, &why);
    if (scanning.live) {
        progress_clear();
    }
    return conclude(cli, e, &end, &why);
}
