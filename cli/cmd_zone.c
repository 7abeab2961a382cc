// SPDX-License-Identifier: Apache-2.0
// zone add, show, set, remove: one zone at a time.
#include <stdlib.h>

#include "cli/command.h"
#include "cli/origin_text.h"
#include "cli/zone_change.h"
#include "cli/zone_record.h"
#include "core/time.h"

// Options that carry a field of the zone or of a host, by its name in files.
struct field_option {
    const char *option;
    const char *field;
    const char *fixed; // the value of a flag; NULL = the option's own value
};

static const struct field_option zone_options[] = {
    {"account", "account", NULL},
    {"plan", "plan", NULL},
    {"edge", "edge", NULL},
    {"mode", "mode", NULL},
    {"custom", "automatic", "custom"},
    {"auto", "automatic", "auto"},
    {"allow-origin-pull", "allow_origin_pull", "yes"},
    {"no-allow-origin-pull", "allow_origin_pull", "no"},
    {"authenticated-pulls", "authenticated_pulls", "yes"},
    {"no-authenticated-pulls", "authenticated_pulls", "no"},
    {"replace-roots", "replace_roots", "yes"},
    {"no-replace-roots", "replace_roots", "no"},
    {"trust", "trust", NULL},
};

static const struct field_option host_options[] = {
    {"host-header", "host_header", NULL}, {"sni", "sni", NULL},
    {"weight", "weight", NULL},           {"extra-name", "extra_names", NULL},
    {"probe", "probe_paths", NULL},
};

// The field's new value as files have it. *given is false when the option was not.
static enum err option_text(struct buf *out, bool *given, const struct args *args,
                            const struct field_option *option)
{
    *given = args_flag(args, option->option);
    if (!*given || option->fixed == NULL) {
        return args_joined(out, args, option->option);
    }
    buf_clear(out);
    return buf_add_str(out, option->fixed);
}

static enum err apply_zone(struct zone *zone, const struct args *args, struct why *why)
{
    struct buf text;
    buf_init(&text, LIMIT_IMPORT_LINE);
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < COUNT_OF(zone_options); i++) {
        bool given = false;
        e = option_text(&text, &given, args, &zone_options[i]);
        if (e == ERR_OK && given) {
            e = zone_set_field(zone, zone_options[i].field, buf_span(&text), why);
        }
    }
    buf_done(&text);
    return e;
}

static enum err apply_origins(struct host *host, const struct args *args, struct why *why)
{
    const char *http_text = args_text(args, "http-port");
    const char *https_text = args_text(args, "https-port");
    uint16_t http = 80;
    uint16_t https = 443;
    size_t at = 0;
    const char *origin = NULL;
    enum err e = ERR_OK;
    if (http_text != NULL) {
        e = port_text_parse(&http, span_of(http_text), "--http-port", why);
    }
    if (e == ERR_OK && https_text != NULL) {
        e = port_text_parse(&https, span_of(https_text), "--https-port", why);
    }
    if (e == ERR_OK && args_flag(args, "origin")) {
        host_drop_origins(host);
    }
    while (e == ERR_OK && (origin = args_next(args, "origin", &at)) != NULL) {
        e = origin_text_add(host, span_of(origin), http, https, why);
    }
    return e;
}

static enum err apply_host(struct zone *zone, const struct args *args, struct why *why)
{
    const char *name = args_text(args, "host");
    bool any = name != NULL || args_flag(args, "origin");
    for (size_t i = 0; i < COUNT_OF(host_options); i++) {
        any = any || args_flag(args, host_options[i].option);
    }
    if (!any && zone->host_count > 0) {
        return ERR_OK;
    }
    struct host *host = NULL;
    struct buf text;
    buf_init(&text, LIMIT_IMPORT_LINE);
    enum err e = zone_add_host(&host, zone, span_of(name == NULL ? zone->name : name), why);
    for (size_t i = 0; e == ERR_OK && i < COUNT_OF(host_options); i++) {
        bool given = false;
        e = option_text(&text, &given, args, &host_options[i]);
        if (e == ERR_OK && given) {
            e = host_set_field(host, host_options[i].field, buf_span(&text), why);
        }
    }
    buf_done(&text);
    return e == ERR_OK ? apply_origins(host, args, why) : e;
}

static enum err remove_host(struct zone *zone, const char *name, struct why *why)
{
    for (size_t i = 0; i < zone->host_count; i++) {
        if (strcmp(zone->hosts[i].name, name) == 0) {
            zone_drop_host(zone, i);
            return ERR_OK;
        }
    }
    return why_set(why, ERR_NOT_FOUND, "zone %s has no host %s", zone->name, name);
}

static enum err note_event(struct cli *cli, const struct zone *zone, const char *kind,
                           struct why *why)
{
    char actor[64];
    char detail[512];
    (void)snprintf(detail, sizeof detail, "%s: mode %s, %s, %zu hosts", zone->name,
                   mode_str(zone->mode), automatic_str(zone->automatic), zone->host_count);
    struct db_event event = {
        .zone_id = zone->id, .actor = cli_actor(actor), .kind = kind, .detail = detail};
    return db_event_add(cli->db, &event, why);
}

// Gives the zone what the options say; before NULL = a new zone. ERR_INVALID and ERR_LIMIT are
// wrong use.
static enum err apply(struct zone *zone, const struct cli *cli, const struct zone_before *before,
                      struct why *why)
{
    const struct args *args = &cli->args;
    const char *gone = args_text(args, "remove-host");
    bool automatic = args_flag(args, "auto") || args_flag(args, "custom");
    bool mode = before != NULL && args_flag(args, "mode");
    enum err e = apply_zone(zone, args, why);
    zone_choose(zone, mode ? &zone->mode : NULL, automatic ? &zone->automatic : NULL);
    e = e == ERR_OK ? apply_host(zone, args, why) : e;
    e = e == ERR_OK && gone != NULL ? remove_host(zone, gone, why) : e;
    e = e == ERR_OK ? zone_change_allowed(zone, before, why) : e;
    return e == ERR_OK ? zone_complete(zone, cli->settings, why) : e;
}

// The zone and the event that tells of it, both or none. before NULL = a new zone.
static enum err put_zone(struct cli *cli, const struct zone *zone, const struct zone_before *before,
                         struct why *why)
{
    enum err e = db_begin(cli->db, why);
    if (e == ERR_OK) {
        e = before == NULL ? db_zone_insert(cli->db, zone, why)
                           : zone_change_store(cli->db, zone, before, why);
    }
    e = e == ERR_OK ? note_event(cli, zone, before == NULL ? "zone_added" : "zone_changed", why)
                    : e;
    e = e == ERR_OK ? db_commit(cli->db, why) : e;
    if (e != ERR_OK) {
        db_rollback(cli->db);
    }
    return e;
}

enum leave cmd_zone_add(struct cli *cli)
{
    struct why why = {""};
    OWN(zone_own) struct zone *zone = zone_new();
    enum err e =
        zone == NULL ? ERR_NOMEM : zone_set_name(zone, span_of(cli->args.operands[0]), &why);
    e = e == ERR_OK ? apply(zone, cli, NULL, &why) : e;
    if (e != ERR_OK) {
        return cli_refuse(cli, e, &why);
    }
    e = put_zone(cli, zone, NULL, &why);
    if (e != ERR_OK) {
        return cli_fail(cli, e, &why);
    }
    cli_note(cli, "Zone %s is added as %s. It will be looked at by `sslauto scan --due`.",
             zone->name, zone->id);
    return LEAVE_DONE;
}

static bool changes_something(const struct args *args)
{
    for (size_t i = 0; i < args->command->option_count; i++) {
        if (args_flag(args, args->command->options[i].name)) {
            return true;
        }
    }
    return false;
}

static void tell_change(const struct cli *cli, const struct zone *zone,
                        const struct zone_before *before)
{
    cli_note(cli, "Zone %s is changed.", zone->name);
    if (zone->mode != before->mode) {
        cli_note(
            cli,
            "The edge %s is told at once by `sslauto run` or `serve`, else by the next `tick`.",
            zone->edge);
    }
    if (before->automatic == AUTOMATIC_AUTO && zone->automatic == AUTOMATIC_CUSTOM &&
        !args_flag(&cli->args, "custom")) {
        cli_note(cli,
                 "It is custom now, because its mode was set by hand: sslauto will not change it "
                 "any more. Hand it back with: sslauto zone set %s --auto",
                 zone->name);
    }
}

enum leave cmd_zone_set(struct cli *cli)
{
    struct why why = {""};
    OWN(zone_own) struct zone *zone = NULL;
    if (!changes_something(&cli->args)) {
        return cli_usage_error(cli, "nothing to change: no option says what");
    }
    enum err e = db_zone_get(cli->db, &zone, cli->args.operands[0], &why);
    if (e != ERR_OK) {
        return cli_fail(cli, e, &why);
    }
    const struct zone_before before = zone_before(zone);
    e = apply(zone, cli, &before, &why);
    if (e != ERR_OK) {
        return cli_refuse(cli, e, &why);
    }
    e = put_zone(cli, zone, &before, &why);
    if (e != ERR_OK) {
        return cli_fail(cli, e, &why);
    }
    tell_change(cli, zone, &before);
    return LEAVE_DONE;
}

enum leave cmd_zone_remove(struct cli *cli)
{
    struct why why = {""};
    enum err e = db_begin(cli->db, &why);
    for (size_t i = 0; e == ERR_OK && i < cli->args.operand_count; i++) {
        OWN(zone_own) struct zone *zone = NULL;
        e = db_zone_get(cli->db, &zone, cli->args.operands[i], &why);
        e = e == ERR_OK ? db_zone_remove(cli->db, zone->id, &why) : e;
        if (e == ERR_OK) {
            char actor[64];
            struct db_event event = {
                .actor = cli_actor(actor), .kind = "zone_removed", .detail = zone->name};
            e = db_event_add(cli->db, &event, &why);
        }
    }
    e = e == ERR_OK ? db_commit(cli->db, &why) : e;
    if (e != ERR_OK) {
        db_rollback(cli->db);
        return cli_fail(cli, e, &why);
    }
    cli_note(cli, "Removed: %zu, with history.", cli->args.operand_count);
    return LEAVE_DONE;
}

static void print_list(const struct output *out, const char *title, char *const *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        output_print("%s", i == 0 ? title : ", ");
        output_text(out, STYLE_NONE, items[i]);
    }
    output_print("%s", n > 0 ? "\n" : "");
}

static void print_host(const struct output *out, const struct host *host)
{
    output_print("\nHost         ");
    output_text(out, STYLE_BOLD, host->name);
    output_print("  weight %g\n", host->weight);
    for (size_t i = 0; i < host->origin_count; i++) {
        output_print("  Origin     %s  HTTP port %u  HTTPS port %u\n", host->origins[i].address,
                     (unsigned)host->origins[i].http_port, (unsigned)host->origins[i].https_port);
    }
    if (host->host_header != NULL) {
        output_print("  Host:      %s\n", host->host_header);
    }
    if (host->sni != NULL) {
        output_print("  SNI        %s\n", host->sni);
    }
    print_list(out, "  Also named ", host->extra_names, host->extra_name_count);
    print_list(out, "  Pages      ", host->probe_paths, host->probe_path_count);
}

static void print_zone(const struct output *out, const struct zone *zone)
{
    char text[TIME_TEXT_SIZE];
    output_print("Zone         ");
    output_text(out, STYLE_BOLD, zone->name);
    output_print("\nId           %s\nAccount      ", zone->id);
    output_text(out, STYLE_NONE, zone->account);
    output_print("\nPlan         %s\nEdge         ", zone->plan);
    output_text(out, STYLE_NONE, zone->edge);
    output_print("\nMode         %s (%s)\nAutomatic    %s\n", mode_title(zone->mode),
                 mode_str(zone->mode), automatic_str(zone->automatic));
    if (zone->opt_out_until != 0) {
        output_print("Opt-out      until %s nothing is changed: the time to opt out\n",
                     time_print(text, zone->opt_out_until));
    }
    output_print("Origin pull  %s\n", zone->allow_origin_pull ? "may be recommended" : "no");
    output_print("Roots        %s\n", zone->replace_roots ? "only the sets below" : "public");
    print_list(out, "Trust sets   ", zone->trust_sets, zone->trust_set_count);
    output_print("Added        %s\n", time_print(text, zone->created_at));
    for (size_t i = 0; i < zone->host_count; i++) {
        print_host(out, &zone->hosts[i]);
    }
}

enum leave cmd_zone_show(struct cli *cli)
{
    struct why why = {""};
    OWN(zone_own) struct zone *zone = NULL;
    enum err e = db_zone_get(cli->db, &zone, cli->args.operands[0], &why);
    if (e == ERR_OK && args_flag(&cli->args, "json")) {
        json_t *json = zone_to_json(zone);
        e = output_json_pretty(json);
        json_decref(json);
    } else if (e == ERR_OK) {
        print_zone(&cli->out, zone);
    }
    return e == ERR_OK ? LEAVE_DONE : cli_fail(cli, e, &why);
}
