// SPDX-License-Identifier: Apache-2.0
// Everything that is known about one zone, and whether the stored evidence still says it.
#include <stdlib.h>

#include "cli/answer.h"
#include "cli/command.h"
#include "core/time.h"

#define HISTORY 10

static enum err add_scan(void *ctx, const struct db_scan *scan)
{
    char text[TIME_TEXT_SIZE];
    json_t *list = ctx;
    json_t *row =
        json_pack("{s:s, s:s, s:s*, s:s, s:i}", "scanned_at", time_print(text, scan->scanned_at),
                  "mode_current", mode_str(scan->mode_current), "mode_recommended",
                  scan->mode_recommended == MODE_NONE ? NULL : mode_str(scan->mode_recommended),
                  "verdict", verdict_str(scan->verdict), "blockers", (int)scan->blocker_count);
    return json_array_append_new(list, row) == 0 ? ERR_OK : ERR_NOMEM;
}

static enum err add_event(void *ctx, const struct db_event *event)
{
    char text[TIME_TEXT_SIZE];
    json_t *list = ctx;
    json_t *row = json_pack("{s:s, s:s, s:s, s:s}", "at", time_print(text, event->at), "actor",
                            event->actor, "kind", event->kind, "detail", event->detail);
    return json_array_append_new(list, row) == 0 ? ERR_OK : ERR_NOMEM;
}

static json_t *load(const char *text, const char *what, struct why *why)
{
    json_error_t error;
    json_t *json = text == NULL ? NULL : json_loads(text, 0, &error);
    if (json == NULL) {
        (void)why_set(why, ERR_CORRUPT, "the stored %s is no JSON; `sslauto db check` tells more",
                      what);
    }
    return json;
}

// A zone that was never scanned: nothing is known but its settings.
static json_t *unscanned(const struct zone *zone)
{
    return json_pack("{s:s, s:s, s:n, s:s, s:b, s:[], s:[], s:[], s:[], s:n}", "host", zone->name,
                     "mode_current", mode_str(zone->mode), "mode_recommended", "verdict", "unknown",
                     "confirmed", 0, "reasons", "blockers", "hosts", "origins", "scanned_at");
}

static enum err add_history(json_t *answer, struct db *db, const struct zone *zone, struct why *why)
{
    char text[TIME_TEXT_SIZE];
    int64_t next = 0;
    int64_t until = zone->opt_out_until;
    json_t *scans = json_array();
    json_t *events = json_array();
    bool ok =
        json_object_set_new(answer, "history", scans) == 0 &&
        json_object_set_new(answer, "events", events) == 0 &&
        json_object_set_new(answer, "zone_id", json_string(zone->id)) == 0 &&
        json_object_set_new(answer, "account", json_string(zone->account)) == 0 &&
        json_object_set_new(answer, "automatic", json_string(automatic_str(zone->automatic))) ==
            0 &&
        json_object_set_new(answer, "opt_out_until",
                            until == 0 ? json_null() : json_string(time_print(text, until))) == 0;
    enum err e = ok ? db_scan_history(db, zone->id, HISTORY, add_scan, scans, why) : ERR_NOMEM;
    e = e == ERR_OK ? db_event_each(db, zone->id, HISTORY, add_event, events, why) : e;
    e = e == ERR_OK ? db_next_scan(db, zone->id, &next, why) : e;
    if (e == ERR_OK &&
        json_object_set_new(answer, "next_scan_at",
                            next == 0 ? json_null() : json_string(time_print(text, next))) != 0) {
        e = ERR_NOMEM;
    }
    return e;
}

static void print_history(const struct output *out, const json_t *answer)
{
    size_t i = 0;
    const json_t *row = NULL;
    const char *next = json_text_at(answer, "next_scan_at");
    const char *until = json_text_at(answer, "opt_out_until");
    output_print("\n");
    output_text(out, STYLE_BOLD, "History");
    output_print("\n  next scan             %s\n", next[0] == '\0' ? "none planned" : next);
    if (until[0] != '\0') {
        output_print("  nothing changes until %s: the time to opt out\n", until);
    }
    json_array_foreach(json_object_get(answer, "history"), i, row)
    {
        const char *recommended = json_text_at(row, "mode_recommended");
        output_print("  %s  %s: %s, %s recommended, %lld blockers\n",
                     json_text_at(row, "scanned_at"), json_text_at(row, "verdict"),
                     json_text_at(row, "mode_current"),
                     recommended[0] == '\0' ? "nothing" : recommended,
                     (long long)json_integer_value(json_object_get(row, "blockers")));
    }
    json_array_foreach(json_object_get(answer, "events"), i, row)
    {
        output_print("  %s  ", json_text_at(row, "at"));
        output_text(out, STYLE_NONE, json_text_at(row, "kind"));
        output_print(" by ");
        output_text(out, STYLE_NONE, json_text_at(row, "actor"));
        output_print(": ");
        output_text(out, STYLE_NONE, json_text_at(row, "detail"));
        output_print("\n");
    }
}

static enum err replay(json_t *answer, const struct db_scan *scan, const json_t *stored, bool *same,
                       struct why *why)
{
    OWN(recommendation_own) struct recommendation *again = NULL;
    enum err e = pipeline_replay(&again, scan, why);
    if (e != ERR_OK) {
        return e;
    }
    json_t *fresh = recommendation_to_json(again);
    *same = json_equal(fresh, stored) == 1;
    json_t *told = json_pack("{s:b, s:O}", "same", (int)*same, "recommendation", fresh);
    json_decref(fresh);
    return json_object_set_new(answer, "replay", told) == 0 ? ERR_OK : ERR_NOMEM;
}

static enum err explain(struct cli *cli, json_t **answer, bool *same, struct why *why)
{
    OWN(zone_own) struct zone *zone = NULL;
    struct db_scan scan = {0};
    json_t *evidence = NULL;
    json_t *stored = NULL;
    bool wanted = args_flag(&cli->args, "replay");
    enum err e = db_zone_get(cli->db, &zone, cli->args.operands[0], why);
    if (e != ERR_OK) {
        return e;
    }
    e = db_scan_current(cli->db, zone->id, &scan, why);
    if (e == ERR_NOT_FOUND && !wanted) {
        *answer = unscanned(zone);
    } else if (e == ERR_OK) {
        evidence = load(scan.evidence, "evidence", why);
        stored = load(scan.recommendation, "recommendation", why);
        e = evidence == NULL || stored == NULL ? ERR_CORRUPT : e;
        *answer = e == ERR_OK ? answer_make(zone->name, stored, evidence) : NULL;
        e = e == ERR_OK && *answer == NULL ? ERR_NOMEM : e;
        e = e == ERR_OK && wanted ? replay(*answer, &scan, stored, same, why) : e;
    }
    if (e == ERR_OK || (e == ERR_NOT_FOUND && !wanted)) {
        e = *answer == NULL ? ERR_NOMEM : add_history(*answer, cli->db, zone, why);
    }
    json_decref(evidence);
    json_decref(stored);
    db_scan_done(&scan);
    return e;
}

enum leave cmd_explain(struct cli *cli)
{
    struct why why = {""};
    bool same = true;
    OWN(json_own) json_t *answer = NULL;
    enum err e = explain(cli, &answer, &same, &why);
    if (e != ERR_OK) {
        return cli_fail(cli, e, &why);
    }
    if (args_flag(&cli->args, "json")) {
        e = output_json_pretty(answer);
    } else {
        answer_print(&cli->out, answer);
        print_history(&cli->out, answer);
    }
    bool wanted = args_flag(&cli->args, "replay");
    if (e == ERR_OK && wanted && !args_flag(&cli->args, "json")) {
        output_print("\nDecided again from the stored evidence: %s\n",
                     same ? "the same answer." : "ANOTHER answer.");
    }
    if (e != ERR_OK) {
        return LEAVE_FAILED;
    }
    const char *verdict = json_text_at(answer, "verdict");
    bool needs_you = json_array_size(json_object_get(answer, "blockers")) > 0 ||
                     strcmp(verdict, "unknown") == 0 || strcmp(verdict, "at_risk") == 0;
    if (wanted) {
        return same ? LEAVE_DONE : LEAVE_FAILED;
    }
    return needs_you ? LEAVE_NEEDS_YOU : LEAVE_DONE;
}
