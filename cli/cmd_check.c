// SPDX-License-Identifier: Apache-2.0
// A one-off look at some hosts, without a store.
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/origin_text.h"
#include "cli/stop.h"
#include "cli/zone_record.h"

// A person waits: the second look comes sooner than in a scan.
#define SECOND_LOOK "5s"

struct checking {
    struct cli *cli;
    size_t told;
    bool needs_you;
};

static enum err tell(void *ctx, const struct pipeline_result *result)
{
    struct checking *checking = ctx;
    OWN(json_own) json_t *evidence = evidence_to_json(result->evidence);
    OWN(json_own) json_t *recommendation = recommendation_to_json(result->recommendation);
    OWN(json_own) json_t *answer = answer_make(result->zone->name, recommendation, evidence);
    if (evidence == NULL || recommendation == NULL || answer == NULL) {
        return ERR_NOMEM;
    }
    const struct args *args = &checking->cli->args;
    enum verdict verdict = result->recommendation->verdict;
    checking->needs_you = checking->needs_you || verdict == VERDICT_UNKNOWN ||
                          verdict == VERDICT_AT_RISK || result->recommendation->blocker_count > 0;
    enum err e = ERR_OK;
    if (!args_flag(args, "json")) {
        output_print("%s", checking->told > 0 ? "\n" : "");
        answer_print(&checking->cli->out, answer);
    } else {
        e = args->operand_count > 1 ? output_json_line(answer) : output_json_pretty(answer);
    }
    checking->told++;
    return e == ERR_OK ? output_check() : e;
}

// A trust set's file is absolute in the configuration; here it may be relative.
static enum err set_file(struct settings *settings, const char *key, const char *file,
                         const char *option, struct why *why)
{
    char *path = realpath(file, NULL);
    if (path == NULL || access(path, R_OK) != 0) {
        char words[128];
        int errnum = errno;
        free(path);
        return why_set(why, err_from_errno(errnum), "%s %.200s: cannot be read: %s; %s", option,
                       file, strerror_r(errnum, words, sizeof words), err_file_remedy(errnum));
    }
    enum err e = settings_set(settings, key, path, option, why);
    free(path);
    return e;
}

static enum err apply_extra_ca(struct zone *zone, struct settings *settings, const char *value,
                               struct why *why)
{
    char key[80];
    struct span rest = span_of(value);
    struct span name = span_cut(&rest, '=');
    if (name.len == 0 || rest.len == 0) {
        return why_set(why, ERR_INVALID, "--extra-ca \"%.80s\": write NAME=FILE", value);
    }
    (void)snprintf(key, sizeof key, "trust.%.*s", (int)(name.len < 64 ? name.len : 64), name.at);
    enum err e = set_file(settings, key, rest.at, "--extra-ca", why);
    return e == ERR_OK
               ? strings_add(&zone->trust_sets, &zone->trust_set_count, name, LIMIT_TRUST_SETS)
               : e;
}

static enum err apply_origins(struct host *host, const struct args *args, struct why *why)
{
    const char *http_text = args_text(args, "http-port");
    const char *https_text = args_text(args, "https-port");
    const char *origin = NULL;
    uint16_t http = 80;
    uint16_t https = 443;
    size_t at = 0;
    enum err e = ERR_OK;
    if (http_text != NULL) {
        e = port_text_parse(&http, span_of(http_text), "--http-port", why);
    }
    if (e == ERR_OK && https_text != NULL) {
        e = port_text_parse(&https, span_of(https_text), "--https-port", why);
    }
    while (e == ERR_OK && (origin = args_next(args, "origin", &at)) != NULL) {
        e = origin_text_add(host, span_of(origin), http, https, why);
    }
    if (e == ERR_OK && host->origin_count == 0) { // the host's own name leads to it
        e = host_add_origin(host, span_of(host->name), http, https, why);
    }
    return e;
}

static enum err apply_lists(struct zone *zone, struct host *host, const struct args *args,
                            struct settings *settings, struct why *why)
{
    static const char *const options[] = {"extra-name", "probe", "host-header", "sni"};
    static const char *const fields[] = {"extra_names", "probe_paths", "host_header", "sni"};
    enum err e = ERR_OK;
    const char *value = NULL;
    struct buf text;
    buf_init(&text, LIMIT_IMPORT_LINE);
    for (size_t at = 0; e == ERR_OK && (value = args_next(args, "extra-ca", &at)) != NULL;) {
        e = apply_extra_ca(zone, settings, value, why);
    }
    for (size_t i = 0; e == ERR_OK && i < COUNT_OF(options); i++) {
        e = args_joined(&text, args, options[i]);
        if (e == ERR_OK && args_flag(args, options[i])) {
            e = host_set_field(host, fields[i], buf_span(&text), why);
        }
    }
    buf_done(&text);
    return e;
}

static enum err make_zone(struct zone **out, struct cli *cli, const char *name, struct why *why)
{
    const struct args *args = &cli->args;
    const char *mode = args_text(args, "mode");
    struct host *host = NULL;
    OWN(zone_own) struct zone *zone = zone_new();
    enum err e = zone == NULL ? ERR_NOMEM : zone_set_name(zone, span_of(name), why);
    e = e == ERR_OK ? zone_set_field(zone, "mode", span_of(mode == NULL ? "flexible" : mode), why)
                    : e;
    e = e == ERR_OK ? zone_add_host(&host, zone, span_of(name), why) : e;
    e = e == ERR_OK ? apply_origins(host, args, why) : e;
    e = e == ERR_OK ? apply_lists(zone, host, args, cli->settings, why) : e;
    if (e == ERR_OK) {
        zone->replace_roots = args_flag(args, "replace-roots");
        zone->allow_origin_pull = args_flag(args, "allow-origin-pull");
        *out = zone;
        zone = NULL;
    }
    return e;
}

static enum err apply_settings(struct cli *cli, struct why *why)
{
    const struct args *args = &cli->args;
    const char *ca_file = args_text(args, "ca-file");
    const char *timeout = args_text(args, "timeout");
    const char *second = args_text(args, "second-look");
    const char *net = NULL;
    enum err e = settings_set(cli->settings, "scan.second_look",
                              second == NULL ? SECOND_LOOK : second, "--second-look", why);
    if (e == ERR_OK && ca_file != NULL) {
        e = set_file(cli->settings, "trust.public", ca_file, "--ca-file", why);
    }
    if (e == ERR_OK && timeout != NULL) {
        e = settings_set(cli->settings, "crawl.request_timeout", timeout, "--timeout", why);
    }
    for (size_t at = 0; e == ERR_OK && (net = args_next(args, "allow-net", &at)) != NULL;) {
        e = settings_add_net(cli->settings, net, why);
    }
    return e;
}

static enum err take_arguments(struct cli *cli, struct zone **zones, struct why *why)
{
    enum err e = apply_settings(cli, why);
    for (size_t i = 0; e == ERR_OK && i < cli->args.operand_count; i++) {
        e = make_zone(&zones[i], cli, cli->args.operands[i], why);
        // The trust sets are those that make_zone named itself.
        e = e == ERR_OK ? zone_complete(zones[i], NULL, why) : e;
    }
    return e;
}

static enum leave check(struct cli *cli, struct zone **zones)
{
    struct why why = {""};
    struct checking checking = {.cli = cli};
    enum err e = take_arguments(cli, zones, &why);
    if (e != ERR_OK) {
        return cli_refuse(cli, e, &why);
    }
    e = settings_assemble(cli->settings, &why);
    e = e == ERR_OK ? settings_verify(cli->settings, NULL, NULL, &why) : e;
    if (e == ERR_OK) {
        struct pipeline_watch watch = {.result = tell, .ctx = &checking, .stop = stop_on_signals()};
        e = pipeline_check(zones, cli->args.operand_count, &cli->settings->policy, &watch, &why);
    }
    if (e == ERR_OK) {
        return checking.needs_you ? LEAVE_NEEDS_YOU : LEAVE_DONE;
    }
    return output_check() != ERR_OK ? LEAVE_FAILED : cli_fail(cli, e, &why);
}

enum leave cmd_check(struct cli *cli)
{
    struct zone **zones = calloc(cli->args.operand_count, sizeof(struct zone *));
    enum leave leave = zones == NULL ? cli_fail(cli, ERR_NOMEM, NULL) : check(cli, zones);
    for (size_t i = 0; zones != NULL && i < cli->args.operand_count; i++) {
        zone_free(zones[i]);
    }
    free(zones);
    return leave;
}
