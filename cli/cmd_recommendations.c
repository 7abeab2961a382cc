// SPDX-License-Identifier: Apache-2.0
// What the scans of the store came to: for a terminal, a spreadsheet, a program, a manager.
#include "cli/answer.h"
#include "cli/command.h"
#include "cli/filter.h"
#include "cli/lines.h"
#include "cli/report_html.h"
#include "cli/rollout_view.h"
#include "cli/table.h"
#include "core/time.h"

struct listing {
    struct cli *cli;
    struct table *table;
    struct buf line;
    struct report_totals totals;
};

static json_t *load(const struct db_scan *scan)
{
    return scan == NULL || scan->recommendation == NULL ? NULL
                                                        : json_loads(scan->recommendation, 0, NULL);
}

static const char *recommended_word(const struct db_scan *scan)
{
    return scan == NULL || scan->mode_recommended == MODE_NONE ? ""
                                                               : mode_str(scan->mode_recommended);
}

// The first blocker and how many more there are; for what has none, its first reason.
static enum err short_words(struct buf *out, const json_t *json)
{
    const json_t *blockers = json_object_get(json, "blockers");
    const json_t *reasons = json_object_get(json, "reasons");
    size_t count = json_array_size(blockers);
    const json_t *first = json_array_get(count > 0 ? blockers : reasons, 0);
    buf_clear(out);
    enum err e = buf_add_str(out, json_text_at(first, "text"));
    return e == ERR_OK && count > 1 ? buf_printf(out, " (and %zu more)", count - 1) : e;
}

static enum err row_table(void *ctx, const struct zone *zone, const struct db_scan *scan)
{
    struct listing *listing = ctx;
    char text[TIME_TEXT_SIZE] = "never";
    OWN(json_own) json_t *json = load(scan);
    enum err e = short_words(&listing->line, json);
    const char *verdict = scan == NULL ? "not scanned" : verdict_str(scan->verdict);
    const char *recommended = recommended_word(scan);
    if (scan != NULL) {
        (void)time_print(text, scan->scanned_at);
        text[10] = '\0'; // the date is enough here
    }
    const struct cell cells[] = {
        {zone->name, STYLE_BOLD},
        {mode_str(zone->mode), STYLE_NONE},
        {recommended[0] == '\0' ? "-" : recommended, STYLE_NONE},
        {verdict, verdict_style(verdict)},
        {text, STYLE_FAINT},
        {buf_str(&listing->line), STYLE_NONE},
    };
    return e == ERR_NOMEM ? e : table_row(listing->table, cells);
}

static enum err row_json(void *ctx, const struct zone *zone, const struct db_scan *scan)
{
    (void)ctx;
    char text[TIME_TEXT_SIZE];
    OWN(json_own) json_t *stored = load(scan);
    OWN(json_own)
    json_t *json = json_pack("{s:s, s:s, s:s, s:s}", "zone", zone->name, "zone_id", zone->id,
                             "account", zone->account, "mode_current", mode_str(zone->mode));
    if (json == NULL) {
        return ERR_NOMEM;
    }
    const char *recommended = recommended_word(scan);
    bool ok =
        json_object_set_new(json, "mode_recommended",
                            recommended[0] == '\0' ? json_null() : json_string(recommended)) == 0 &&
        json_object_set_new(json, "verdict",
                            json_string(scan == NULL ? "unknown" : verdict_str(scan->verdict))) ==
            0 &&
        json_object_set_new(json, "confirmed",
                            json_boolean(json_is_true(json_object_get(stored, "confirmed")))) ==
            0 &&
        json_object_set_new(json, "scanned_at",
                            scan == NULL ? json_null()
                                         : json_string(time_print(text, scan->scanned_at))) == 0;
    const char *const lists[] = {"reasons", "blockers"};
    for (size_t i = 0; ok && i < COUNT_OF(lists); i++) {
        json_t *list = json_object_get(stored, lists[i]);
        ok = json_object_set_new(json, lists[i], list == NULL ? json_array() : json_incref(list)) ==
             0;
    }
    enum err e = ok ? output_json_line(json) : ERR_NOMEM;
    return e == ERR_OK ? output_check() : e;
}

// "code code" and "text; text" of a list of findings.
static enum err join(struct buf *out, const json_t *list, const char *key, const char *between)
{
    size_t i = 0;
    const json_t *finding = NULL;
    enum err e = ERR_OK;
    buf_clear(out);
    json_array_foreach(list, i, finding)
    {
        e = e == ERR_OK ? buf_printf(out, "%s%s", i > 0 ? between : "", json_text_at(finding, key))
                        : e;
    }
    return e;
}

static enum err row_csv(void *ctx, const struct zone *zone, const struct db_scan *scan)
{
    struct listing *listing = ctx;
    char text[TIME_TEXT_SIZE] = "";
    struct buf words;
    buf_init(&words, LIMIT_EVIDENCE);
    OWN(json_own) json_t *json = load(scan);
    const json_t *blockers = json_object_get(json, "blockers");
    const json_t *reasons = json_object_get(json, "reasons");
    const struct {
        const json_t *list;
        const char *key, *between;
    } joined[] = {{reasons, "code", " "},
                  {blockers, "code", " "},
                  {blockers, "text", "; "},
                  {blockers, "remedy", "; "}};
    const char *fields[] = {zone->name,
                            zone->account,
                            mode_str(zone->mode),
                            recommended_word(scan),
                            scan == NULL ? "unknown" : verdict_str(scan->verdict),
                            scan == NULL ? "" : time_print(text, scan->scanned_at)};
    enum err e = ERR_OK;
    buf_clear(&listing->line);
    for (size_t i = 0; e == ERR_OK && i < COUNT_OF(fields); i++) {
        e = csv_add(&listing->line, fields[i]);
    }
    for (size_t i = 0; e == ERR_OK && i < COUNT_OF(joined); i++) {
        e = join(&words, joined[i].list, joined[i].key, joined[i].between);
        e = e == ERR_OK ? csv_add(&listing->line, buf_str(&words)) : e;
    }
    buf_done(&words);
    output_print("%s\n", buf_str(&listing->line));
    return e == ERR_OK ? output_check() : e;
}

static enum err count_row(void *ctx, const struct zone *zone, const struct db_scan *scan)
{
    struct listing *listing = ctx;
    report_count(&listing->totals, zone, scan);
    return ERR_OK;
}

static enum err row_html(void *ctx, const struct zone *zone, const struct db_scan *scan)
{
    (void)ctx;
    OWN(json_own) json_t *json = load(scan);
    return report_row(zone, scan, json_object_get(json, "blockers"));
}

static enum err rollout_html(void *ctx, const struct zone *zone, const struct rollout *rollout)
{
    const struct listing *listing = ctx;
    const struct rollout_policy policy = rollout_view_policy(listing->cli->settings, zone);
    struct ramp ramp;
    struct buf words;
    int64_t now = time_now_s();
    buf_init(&words, LIMIT_OUTPUT_FIELD);
    struct rollout_verdict verdict = rollout_view_verdict(rollout, &policy, now);
    enum err e = ramp_load(&ramp, listing->cli->db, rollout, now, NULL);
    e = e == ERR_OK ? rollout_view_said(&words, zone, rollout, &policy, &verdict) : e;
    e = e == ERR_OK ? report_rollout(zone, rollout, &ramp, buf_str(&words)) : e;
    buf_done(&words);
    return e;
}

static enum err list_html(struct listing *listing, const struct db_filter *filter, struct why *why)
{
    struct db *db = listing->cli->db;
    enum err e = db_recommendation_each(db, filter, count_row, listing, why);
    e = e == ERR_OK ? report_begin(&listing->totals, filter->account, time_now_s()) : e;
    e = e == ERR_OK ? db_recommendation_each(db, filter, row_html, listing, why) : e;
    const struct db_rollout_filter rollouts = {.account = filter->account};
    e = e == ERR_OK ? report_rollouts_begin() : e;
    e = e == ERR_OK ? db_rollout_each(db, &rollouts, rollout_html, listing, why) : e;
    return e == ERR_OK ? report_end() : e;
}

static enum err list_table(struct listing *listing, const struct db_filter *filter, struct why *why)
{
    static const struct column columns[] = {
        {"ZONE", 48, false},   {"MODE", 0, false},    {"RECOMMENDED", 0, false},
        {"VERDICT", 0, false}, {"SCANNED", 0, false}, {"WHY", 90, false},
    };
    size_t rows = 0;
    OWN(table_own) struct table *table = table_new(&listing->cli->out, columns, COUNT_OF(columns));
    listing->table = table;
    enum err e = table == NULL
                     ? ERR_NOMEM
                     : db_recommendation_each(listing->cli->db, filter, row_table, listing, why);
    e = e == ERR_OK ? table_finish(table, &rows) : e;
    if (e == ERR_OK && rows == 0) {
        cli_note(listing->cli, "No zones that fit. `sslauto zone list` shows them all.");
    }
    return e;
}

static enum err list(struct cli *cli, const struct db_filter *filter, struct why *why)
{
    const char *format = format_from_args(&cli->args);
    struct listing listing = {.cli = cli};
    buf_init(&listing.line, 2 * LIMIT_EVIDENCE);
    enum err e = ERR_OK;
    if (strcmp(format, "jsonl") == 0) {
        e = db_recommendation_each(cli->db, filter, row_json, &listing, why);
    } else if (strcmp(format, "csv") == 0) {
        output_print("zone,account,mode_current,mode_recommended,verdict,scanned_at,reasons,"
                     "blockers,blocked_by,remedies\n");
        e = db_recommendation_each(cli->db, filter, row_csv, &listing, why);
    } else if (strcmp(format, "html") == 0) {
        e = list_html(&listing, filter, why);
    } else {
        e = list_table(&listing, filter, why);
    }
    buf_done(&listing.line);
    return e;
}

enum leave cmd_recommendations(struct cli *cli)
{
    struct why why = {""};
    struct db_filter filter;
    if (filter_from_args(&filter, &cli->args, &why) != ERR_OK) {
        return cli_usage_error(cli, "%s", why.text);
    }
    enum err e = list(cli, &filter, &why);
    if (e == ERR_OK) {
        return LEAVE_DONE;
    }
    return output_check() != ERR_OK ? LEAVE_FAILED : cli_fail(cli, e, &why);
}
