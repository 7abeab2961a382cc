// SPDX-License-Identifier: Apache-2.0
// What a command gets: its arguments, the settings, the store, and the ways to speak. Private.
#ifndef SSLAUTO_CLI_COMMAND_H
#define SSLAUTO_CLI_COMMAND_H

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "core/err.h"
#include "db/db.h"

struct cli {
    struct args args;
    bool quiet;
    struct output out;
    bool color_err;            // stderr may be coloured
    struct settings *settings; // owned; with NEEDS_CONF
    char *store;               // owned; URL, with any NEEDS_STORE
    struct db *db;             // owned; open, with any NEEDS_STORE
};

// "sslauto: words" on stderr; the exit code to leave with.
enum leave cli_fail(const struct cli *cli, enum err e, const struct why *why);
enum leave cli_failf(const struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);
// The same, with a pointer to the command's help.
enum leave cli_usage_error(const struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);
// For a value of the command line that is not taken: wrong use, unless the fault is ours.
enum leave cli_refuse(const struct cli *cli, enum err e, const struct why *why);
// A remark on stderr that --quiet silences.
void cli_note(const struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);
// "cli:USER", for events.
const char *cli_actor(char text[64]);

// Closes the store and opens it another way.
enum err cli_open_store(struct cli *cli, enum db_access access, struct why *why);
// Where the store is when neither --db nor the configuration says so. Owned result.
enum err store_default(char **out, struct why *why);

// One per command, in cmd_*.c.
enum leave cmd_check(struct cli *cli);
enum leave cmd_zone_add(struct cli *cli);
enum leave cmd_zone_import(struct cli *cli);
enum leave cmd_zone_list(struct cli *cli);
enum leave cmd_zone_show(struct cli *cli);
enum leave cmd_zone_set(struct cli *cli);
enum leave cmd_zone_rescan(struct cli *cli);
enum leave cmd_zone_remove(struct cli *cli);
enum leave cmd_zone_opt_out(struct cli *cli);
enum leave cmd_zone_opt_in(struct cli *cli);
enum leave cmd_serve(struct cli *cli);
enum leave cmd_token_add(struct cli *cli);
enum leave cmd_token_list(struct cli *cli);
enum leave cmd_token_remove(struct cli *cli);
enum leave cmd_scan(struct cli *cli);
enum leave cmd_recommendations(struct cli *cli);
enum leave cmd_explain(struct cli *cli);
enum leave cmd_rollout_start(struct cli *cli);
enum leave cmd_rollout_status(struct cli *cli);
enum leave cmd_rollout_pause(struct cli *cli);
enum leave cmd_rollout_resume(struct cli *cli);
enum leave cmd_rollout_promote(struct cli *cli);
enum leave cmd_rollout_abort(struct cli *cli);
enum leave cmd_rollout_retry(struct cli *cli);
enum leave cmd_rollout_history(struct cli *cli);
enum leave cmd_rollout_stop_all(struct cli *cli);
enum leave cmd_tick(struct cli *cli);
enum leave cmd_run(struct cli *cli);
enum leave cmd_edge_list(struct cli *cli);
enum leave cmd_edge_show(struct cli *cli);
enum leave cmd_edge_verify(struct cli *cli);
enum leave cmd_edge_resync(struct cli *cli);
enum leave cmd_digest(struct cli *cli);
enum leave cmd_member_add(struct cli *cli);
enum leave cmd_member_list(struct cli *cli);
enum leave cmd_member_remove(struct cli *cli);
enum leave cmd_compare(struct cli *cli);
enum leave cmd_db_init(struct cli *cli);
enum leave cmd_db_migrate(struct cli *cli);
enum leave cmd_db_check(struct cli *cli);
enum leave cmd_db_backup(struct cli *cli);
enum leave cmd_config_check(struct cli *cli);
enum leave cmd_config_show(struct cli *cli);
enum leave cmd_version(struct cli *cli);
enum leave cmd_help(struct cli *cli);

#endif
