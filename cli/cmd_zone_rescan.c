// SPDX-License-Identifier: Apache-2.0
// zone rescan: zones are due now instead of when their time has come.
#include "cli/command.h"

static enum err note_request(struct cli *cli, const struct zone *zone, struct why *why)
{
    char actor[64];
    char detail[512];
    (void)snprintf(detail, sizeof detail, "%s: a scan was asked for",
                   zone == NULL ? "all zones on auto" : zone->name);
    struct db_event event = {.zone_id = zone == NULL ? NULL : zone->id,
                             .actor = cli_actor(actor),
                             .kind = "scan_requested",
                             .detail = detail};
    return db_event_add(cli->db, &event, why);
}

// All of them, or none when one is not there.
static enum err request_named(struct cli *cli, int64_t *changed, struct why *why)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < cli->args.operand_count; i++) {
        OWN(zone_own) struct zone *zone = NULL;
        int64_t one = 0;
        e = db_zone_get(cli->db, &zone, cli->args.operands[i], why);
        e = e == ERR_OK ? db_scan_request(cli->db, zone->id, &one, why) : e;
        e = e == ERR_OK && one > 0 ? note_request(cli, zone, why) : e;
        *changed += one;
    }
    return e;
}

static enum err request_all(struct cli *cli, int64_t *changed, struct why *why)
{
    enum err e = db_scan_request(cli->db, NULL, changed, why);
    return e == ERR_OK && *changed > 0 ? note_request(cli, NULL, why) : e;
}

enum leave cmd_zone_rescan(struct cli *cli)
{
    struct why why = {""};
    int64_t changed = 0;
    bool all = args_flag(&cli->args, "all");
    if (all == (cli->args.operand_count > 0)) {
        return cli_usage_error(cli, all ? "zones and --all exclude each other"
                                        : "ZONE... or --all is missing");
    }
    enum err e = db_begin(cli->db, &why);
    if (e == ERR_OK) {
        e = all ? request_all(cli, &changed, &why) : request_named(cli, &changed, &why);
    }
    e = e == ERR_OK ? db_commit(cli->db, &why) : e;
    if (e != ERR_OK) {
        db_rollback(cli->db);
        return cli_fail(cli, e, &why);
    }
    cli_note(cli,
             "Due now: %lld more; `sslauto run`, `sslauto tick` or `sslauto scan --due` looks "
             "at them.",
             (long long)changed);
    return LEAVE_DONE;
}
