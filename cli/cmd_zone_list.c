// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/filter.h"
#include "cli/lines.h"
#include "cli/origin_text.h"
#include "cli/table.h"
#include "cli/zone_record.h"

struct listing {
    struct table *table; // with format table
    struct buf line;
};

static enum err origins_text(struct buf *out, const struct zone *zone)
{
    buf_clear(out);
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < zone->host_count; i++) {
        for (size_t j = 0; e == ERR_OK && j < zone->hosts[i].origin_count; j++) {
            e = buf_add_str(out, out->len > 0 ? " " : "");
            e = e == ERR_OK ? origin_text_print(out, &zone->hosts[i].origins[j]) : e;
        }
    }
    return e;
}

static enum err list_table(void *ctx, const struct zone *zone)
{
    struct listing *listing = ctx;
    char hosts[24];
    enum err e = origins_text(&listing->line, zone);
    (void)snprintf(hosts, sizeof hosts, "%zu", zone->host_count);
    const struct cell cells[] = {
        {zone->name, STYLE_BOLD},
        {zone->account, STYLE_NONE},
        {zone->plan, STYLE_NONE},
        {mode_str(zone->mode), STYLE_NONE},
        {automatic_str(zone->automatic), STYLE_NONE},
        {hosts, STYLE_NONE},
        {buf_str(&listing->line), STYLE_NONE},
    };
    return e == ERR_OK || e == ERR_LIMIT ? table_row(listing->table, cells) : e;
}

static enum err list_json(void *ctx, const struct zone *zone)
{
    (void)ctx;
    json_t *json = zone_to_json(zone);
    enum err e = output_json_line(json);
    json_decref(json);
    return e;
}

static const char *const csv_columns[] = {
    "name",
    "account",
    "plan",
    "edge",
    "mode",
    "automatic",
    "allow_origin_pull",
    "authenticated_pulls",
    "replace_roots",
    "trust",
    "host",
    "host_header",
    "sni",
    "weight",
    "extra_names",
    "probe_paths",
    "origin",
    "http_port",
    "https_port",
};

static enum err joined(struct buf *line, char *const *items, size_t count)
{
    struct buf text;
    buf_init(&text, LIMIT_IMPORT_LINE);
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        e = buf_printf(&text, "%s%s", i > 0 ? ";" : "", items[i]);
    }
    e = e == ERR_OK ? csv_add(line, buf_str(&text)) : e;
    buf_done(&text);
    return e;
}

static enum err csv_origin(struct buf *line, const struct zone *zone, const struct host *host,
                           const struct origin *origin)
{
    char weight[32];
    char http[8];
    char https[8];
    (void)snprintf(weight, sizeof weight, "%.15g", host->weight);
    (void)snprintf(http, sizeof http, "%u", (unsigned)origin->http_port);
    (void)snprintf(https, sizeof https, "%u", (unsigned)origin->https_port);
    const char *zone_part[] = {zone->name,
                               zone->account,
                               zone->plan,
                               zone->edge,
                               mode_str(zone->mode),
                               automatic_str(zone->automatic),
                               zone->allow_origin_pull ? "yes" : "no",
                               zone->authenticated_pulls ? "yes" : "no",
                               zone->replace_roots ? "yes" : "no"};
    const char *host_part[] = {host->name, host->host_header == NULL ? "" : host->host_header,
                               host->sni == NULL ? "" : host->sni, weight};
    const char *origin_part[] = {origin->address, http, https};
    enum err e = ERR_OK;
    buf_clear(line);
    for (size_t i = 0; e == ERR_OK && i < COUNT_OF(zone_part); i++) {
        e = csv_add(line, zone_part[i]);
    }
    e = e == ERR_OK ? joined(line, zone->trust_sets, zone->trust_set_count) : e;
    for (size_t i = 0; e == ERR_OK && i < COUNT_OF(host_part); i++) {
        e = csv_add(line, host_part[i]);
    }
    e = e == ERR_OK ? joined(line, host->extra_names, host->extra_name_count) : e;
    e = e == ERR_OK ? joined(line, host->probe_paths, host->probe_path_count) : e;
    for (size_t i = 0; e == ERR_OK && i < COUNT_OF(origin_part); i++) {
        e = csv_add(line, origin_part[i]);
    }
    output_print("%s\n", buf_str(line));
    return e == ERR_OK ? output_check() : e;
}

// One row per origin, as `zone import` reads them back.
static enum err list_csv(void *ctx, const struct zone *zone)
{
    struct listing *listing = ctx;
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < zone->host_count; i++) {
        for (size_t j = 0; e == ERR_OK && j < zone->hosts[i].origin_count; j++) {
            e = csv_origin(&listing->line, zone, &zone->hosts[i], &zone->hosts[i].origins[j]);
        }
    }
    return e;
}

static enum err list(struct cli *cli, const struct db_filter *filter, struct why *why)
{
    static const struct column columns[] = {
        {"ZONE", 48, false},     {"ACCOUNT", 24, false}, {"PLAN", 0, false},     {"MODE", 0, false},
        {"AUTOMATIC", 0, false}, {"HOSTS", 0, true},     {"ORIGINS", 60, false},
    };
    const char *format = format_from_args(&cli->args);
    OWN(table_own) struct table *table = NULL;
    struct listing listing = {0};
    buf_init(&listing.line, 4 * LIMIT_IMPORT_LINE);
    enum err e = ERR_OK;
    if (strcmp(format, "jsonl") == 0) {
        e = db_zone_each(cli->db, filter, list_json, &listing, why);
    } else if (strcmp(format, "csv") == 0) {
        for (size_t i = 0; e == ERR_OK && i < COUNT_OF(csv_columns); i++) {
            e = csv_add(&listing.line, csv_columns[i]);
        }
        output_print("%s\n", buf_str(&listing.line));
        e = e == ERR_OK ? db_zone_each(cli->db, filter, list_csv, &listing, why) : e;
    } else {
        size_t rows = 0;
        table = table_new(&cli->out, columns, COUNT_OF(columns));
        listing.table = table;
        e = table == NULL ? ERR_NOMEM : db_zone_each(cli->db, filter, list_table, &listing, why);
        e = e == ERR_OK ? table_finish(table, &rows) : e;
        if (e == ERR_OK && rows == 0) {
            cli_note(cli, "No zones. Add some with `sslauto zone add` or `sslauto zone import`.");
        }
    }
    buf_done(&listing.line);
    return e;
}

enum leave cmd_zone_list(struct cli *cli)
{
    struct why why = {""};
    struct db_filter filter;
    if (filter_from_args(&filter, &cli->args, &why) != ERR_OK) {
        return cli_usage_error(cli, "%s", why.text);
    }
    enum err e = list(cli, &filter, &why);
    // A failed write is told once, by output_finish.
    return e == ERR_OK                ? LEAVE_DONE
           : output_check() != ERR_OK ? LEAVE_FAILED
                                      : cli_fail(cli, e, &why);
}
