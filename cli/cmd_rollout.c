// SPDX-License-Identifier: Apache-2.0
// rollout start, pause, resume, promote, abort, retry, stop-all, history.
#include "cli/answer.h"
#include "cli/command.h"
#include "cli/edges.h"
#include "cli/rollout_view.h"
#include "cli/table.h"
#include "core/num.h"
#include "core/time.h"

static const char *reason_given(const struct cli *cli)
{
    const char *words = args_text(&cli->args, "reason");
    return words == NULL ? "" : words;
}

enum leave cmd_rollout_start(struct cli *cli)
{
    struct why why = {""};
    char actor[64];
    enum mode to = MODE_NONE;
    const char *word = args_text(&cli->args, "to");
    enum err e = word == NULL ? ERR_OK : mode_parse(&to, span_of(word));
    e = e == ERR_OK ? edges_prepare(cli, &why) : e;
    for (size_t i = 0; e == ERR_OK && i < cli->args.operand_count; i++) {
        e = controller_start(cli->db, cli->args.operands[i], to, cli_actor(actor),
                             reason_given(cli), &cli->settings->controller, &why);
        if (e == ERR_OK) {
            cli_note(cli, "%s: will begin at the next pass; see: sslauto rollout status %s",
                     cli->args.operands[i], cli->args.operands[i]);
        }
    }
    return e == ERR_OK ? LEAVE_DONE : cli_fail(cli, e, &why);
}

// The wish is recorded and, where visitors are concerned, carried out at the edge before this
// returns.
static enum leave wish(struct cli *cli, enum rollout_wish wish)
{
    struct why why = {""};
    char actor[64];
    OWN(edges_close) struct edges edges = {0};
    enum err e = edges_prepare(cli, &why);
    e = e == ERR_OK ? edges_open(&edges, cli) : e;
    for (size_t i = 0; e == ERR_OK && i < cli->args.operand_count; i++) {
        e = controller_wish(cli->db, edges.list, edges.count, cli->args.operands[i], wish,
                            cli_actor(actor), reason_given(cli), &cli->settings->controller, &why);
        if (e == ERR_OK) {
            cli_note(cli, "%s: %s", cli->args.operands[i], rollout_wish_str(wish));
        }
    }
    return e == ERR_OK ? LEAVE_DONE : cli_fail(cli, e, &why);
}

enum leave cmd_rollout_pause(struct cli *cli)
{
    return wish(cli, WISH_PAUSE);
}

enum leave cmd_rollout_resume(struct cli *cli)
{
    return wish(cli, WISH_RESUME);
}

enum leave cmd_rollout_promote(struct cli *cli)
{
    return wish(cli, WISH_PROMOTE);
}

enum leave cmd_rollout_abort(struct cli *cli)
{
    return wish(cli, WISH_ABORT);
}

enum leave cmd_rollout_retry(struct cli *cli)
{
    return wish(cli, WISH_RETRY);
}

static enum leave lift(struct cli *cli)
{
    struct why why = {""};
    char actor[64];
    enum err e = db_stop_set(cli->db, false, cli_actor(actor), reason_given(cli), &why);
    if (e != ERR_OK) {
        return cli_fail(cli, e, &why);
    }
    cli_note(cli, "Rollouts may begin again.");
    return LEAVE_DONE;
}

static bool is_program(const struct edge_settings *settings)
{
    return strcmp(settings->driver, "exec") == 0;
}

static void not_stopped(const struct cli *cli, const struct edge_settings *settings, enum err e,
                        const struct why *why)
{
    (void)cli_failf(cli, "edge %s was not stopped, its visitors may keep their share: %s",
                    settings->name, why_text(why, e));
}

// A program may hang as long as it likes: each is opened and told when all else is done. How many
// could not be told.
static size_t stop_programs(const struct cli *cli)
{
    size_t failed = 0;
    for (size_t i = 0; i < cli->settings->edge_count; i++) {
        const struct edge_settings *settings = &cli->settings->edges[i];
        struct why why = {""};
        size_t count = 0;
        OWN(edge_own) struct edge *edge = NULL;
        if (!is_program(settings)) {
            continue;
        }
        enum err e = edge_open(&edge, settings, &why);
        e = e == ERR_OK ? edge_stop_all(edge, &count, &why) : e;
        if (e != ERR_OK) {
            not_stopped(cli, settings, e, &why);
            failed++;
        }
    }
    return failed;
}

// The fleets that no program stands before. How many could not be opened.
static size_t open_others(struct edges *edges, const struct cli *cli)
{
    size_t failed = 0;
    for (size_t i = 0; i < cli->settings->edge_count; i++) {
        const struct edge_settings *settings = &cli->settings->edges[i];
        struct why why = {""};
        if (is_program(settings)) {
            continue;
        }
        enum err e = edge_open(&edges->list[edges->count], settings, &why);
        edges->count += e == ERR_OK;
        if (e != ERR_OK) {
            not_stopped(cli, settings, e, &why);
            failed++;
        }
    }
    return failed;
}

enum leave cmd_rollout_stop_all(struct cli *cli)
{
    struct why why = {""};
    char actor[64];
    int64_t count = 0;
    if (args_flag(&cli->args, "lift")) {
        return lift(cli);
    }
    OWN(edges_close) struct edges edges = {0};
    enum err e = edges_prepare(cli, &why);
    if (e != ERR_OK) {
        return cli_fail(cli, e, &why);
    }
    size_t failed = open_others(&edges, cli);
    e = controller_stop_all(cli->db, edges.list, edges.count, cli_actor(actor), reason_given(cli),
                            &count, &cli->settings->controller, &why);
    if (e != ERR_OK) {
        (void)cli_fail(cli, e, &why);
    }
    failed += stop_programs(cli);
    if (e == ERR_OK && failed == 0) {
        cli_note(cli,
                 "%lld %s stopped and went back; nothing begins until: sslauto rollout stop-all "
                 "--lift",
                 (long long)count, count == 1 ? "rollout was" : "rollouts were");
        return LEAVE_DONE;
    }
    return cli_failf(cli,
                     "%lld %s recorded as stopped, but not everything went back; run it again when "
                     "what is told above is mended",
                     (long long)count, count == 1 ? "rollout was" : "rollouts were");
}

// -- history -------------------------------------------------------------------------------------
struct history {
    struct table *table; // NULL: JSON lines
};

static enum err row(void *ctx, const struct rollout_event *event)
{
    const struct history *history = ctx;
    char at[TIME_TEXT_SIZE];
    char share[16];
    char generation[24];
    if (history->table == NULL) {
        OWN(json_own) json_t *json = rollout_event_json(event);
        enum err e = json == NULL ? ERR_NOMEM : output_json_line(json);
        return e == ERR_OK ? output_check() : e;
    }
    (void)snprintf(generation, sizeof generation, "%lld", (long long)event->generation);
    const struct cell cells[] = {
        {time_print(at, event->at), STYLE_NONE},
        {generation, STYLE_NONE},
        {rollout_state_str(event->state), STYLE_BOLD},
        {share_print(share, event->share_bp), STYLE_NONE},
        {event->actor, STYLE_NONE},
        {event->detail, STYLE_NONE},
    };
    return table_row(history->table, cells);
}

static enum err print_history(struct cli *cli, size_t limit, struct why *why)
{
    static const struct column columns[] = {
        {"AT", 0, false},   {"ATTEMPT", 0, true}, {"STATE", 0, false},
        {"SHARE", 0, true}, {"BY", 24, false},    {"WHY", 0, false},
    };
    struct history history = {0};
    OWN(zone_own) struct zone *zone = NULL;
    enum err e = db_zone_get(cli->db, &zone, cli->args.operands[0], why);
    if (e != ERR_OK) {
        return e;
    }
    if (args_flag(&cli->args, "json")) {
        return db_rollout_events(cli->db, zone->id, 0, limit, row, &history, why);
    }
    OWN(table_own) struct table *table = table_new(&cli->out, columns, COUNT_OF(columns));
    history.table = table;
    size_t rows = 0;
    e = table == NULL ? ERR_NOMEM
                      : db_rollout_events(cli->db, zone->id, 0, limit, row, &history, why);
    e = e == ERR_OK ? table_finish(table, &rows) : e;
    if (e == ERR_OK && rows == 0) {
        cli_note(cli, "%s: no rollout yet", zone->name);
    }
    return e;
}

enum leave cmd_rollout_history(struct cli *cli)
{
    struct why why = {""};
    int64_t limit = 0;
    const char *text = args_text(&cli->args, "limit");
    if (text != NULL && num_parse(&limit, span_of(text), 1, INT32_MAX) != ERR_OK) {
        return cli_usage_error(cli, "--limit \"%.40s\" is no number above 0", text);
    }
    enum err e = print_history(cli, (size_t)limit, &why);
    if (e == ERR_OK) {
        return LEAVE_DONE;
    }
    return output_check() != ERR_OK ? LEAVE_FAILED : cli_fail(cli, e, &why);
}
