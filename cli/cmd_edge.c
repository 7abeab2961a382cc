// SPDX-License-Identifier: Apache-2.0
// edge list, show, verify: the fleets, a configuration for one, and whether it does as it is told.
#include "cli/command.h"
#include "cli/edges.h"
#include "cli/rollout_view.h"
#include "cli/table.h"

static const struct {
    enum edge_capability bit;
    const char *word;
} capabilities[] = {
    {EDGE_COUNTS, "counts"}, {EDGE_LEASES, "leases"}, {EDGE_FALLBACK, "fallback"},
    {EDGE_PROBES, "probes"}, {EDGE_STICKY, "sticky"}, {EDGE_DRY, "dry"},
};

static enum err capability_words(struct buf *out, unsigned bits)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < COUNT_OF(capabilities); i++) {
        if ((bits & (unsigned)capabilities[i].bit) != 0) {
            e = buf_printf(out, "%s%s", out->len > 0 ? " " : "", capabilities[i].word);
        }
    }
    return e;
}

static enum err list_row(struct table *table, const struct edge_settings *settings)
{
    struct why why = {""};
    struct buf text;
    buf_init(&text, LIMIT_OUTPUT_FIELD);
    OWN(edge_own) struct edge *edge = NULL;
    enum err e = edge_open(&edge, settings, &why);
    bool open = e == ERR_OK;
    e = open ? capability_words(&text, edge_capabilities(edge))
             : buf_add_str(&text, why_text(&why, e));
    const struct cell cells[] = {
        {settings->name, STYLE_BOLD},
        {settings->driver, STYLE_NONE},
        {open ? "yes" : "no", open ? STYLE_GOOD : STYLE_BAD},
        {buf_str(&text), STYLE_NONE},
    };
    e = e == ERR_OK ? table_row(table, cells) : e;
    buf_done(&text);
    return e;
}

enum leave cmd_edge_list(struct cli *cli)
{
    static const struct column columns[] = {
        {"EDGE", 0, false}, {"DRIVER", 0, false}, {"OPEN", 0, false}, {"CAN", 0, false}};
    struct why why = {""};
    enum err e = edges_prepare(cli, &why);
    OWN(table_own) struct table *table = table_new(&cli->out, columns, COUNT_OF(columns));
    e = e == ERR_OK && table == NULL ? ERR_NOMEM : e;
    for (size_t i = 0; e == ERR_OK && i < cli->settings->edge_count; i++) {
        e = list_row(table, &cli->settings->edges[i]);
    }
    e = e == ERR_OK ? table_finish(table, NULL) : e;
    return e == ERR_OK ? LEAVE_DONE : cli_fail(cli, e, &why);
}

// By the name of a fleet, or of a driver: then as it would be for a fleet of that name.
enum leave cmd_edge_show(struct cli *cli)
{
    static const char *const place = "unix:/run/haproxy/sslauto.sock";
    struct why why = {""};
    const char *name = cli->args.operands[0];
    struct edge_settings example = {0};
    const struct edge_settings *settings = NULL;
    enum err e = edges_prepare(cli, &why);
    e = e == ERR_OK ? edges_settings(&settings, cli, name, &why) : e;
    if (e == ERR_NOT_FOUND && strcmp(name, "haproxy") == 0) {
        example = cli->settings->haproxy;
        example.name = name;
        example.driver = name;
        example.places = &place;
        example.place_count = 1;
        settings = &example;
        e = ERR_OK;
    }
    e = e == ERR_OK ? edge_print(settings, stdout, &why) : e;
    return e == ERR_OK ? LEAVE_DONE : cli_fail(cli, e, &why);
}

// -- verify: a probe in each cohort
// ----------------------------------------------------------------
struct verifying {
    struct cli *cli;
    struct edge *edge;
    const char *only; // id of a zone, NULL = all of the fleet
    char where[300];  // " through URL": where its probes go; "" = it does not say
    size_t zones, wrong, probes, processes;
};

static void tell(struct verifying *verifying, const char *zone, const char *words, bool good)
{
    output_text(&verifying->cli->out, STYLE_BOLD, zone);
    output_print("  ");
    output_text(&verifying->cli->out, good ? STYLE_GOOD : STYLE_BAD, words);
    output_print("\n");
    verifying->wrong += good ? 0 : 1;
}

static void probe(struct verifying *verifying, const struct zone *zone, enum cohort cohort,
                  enum mode wanted)
{
    char words[1024];
    struct why why = {""};
    struct edge_probe probe = {0};
    const char *where = verifying->where;
    enum err e = edge_probe(verifying->edge, zone, cohort, &probe, &why);
    bool good = e == ERR_OK && probe.answered && probe.mode == wanted;
    if (e != ERR_OK) {
        (void)snprintf(words, sizeof words, "%s%s: %s", cohort_str(cohort), where,
                       why_text(&why, e));
    } else if (!probe.answered) {
        (void)snprintf(words, sizeof words, "%s%s: no answer: %s", cohort_str(cohort), where,
                       probe.words);
    } else {
        (void)snprintf(words, sizeof words, "%s%s: status %d, mode %s%s%s", cohort_str(cohort),
                       where, probe.status, mode_str(probe.mode), good ? "" : ", should be ",
                       good ? "" : mode_str(wanted));
    }
    verifying->probes++;
    tell(verifying, zone->name, words, good);
}

// The first process that moves the zone; NULL = none does.
static const struct edge_seen *ramp_of(const struct edge_seen *seen, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (seen[i].known && seen[i].generation > 0) {
            return &seen[i];
        }
    }
    return NULL;
}

static void process(struct verifying *verifying, const struct zone *zone,
                    const struct edge_seen *seen, const struct edge_seen *ramp)
{
    char words[256];
    char share[16];
    const char *wrong = "";
    if (!seen->known) {
        wrong = "; should be known";
    } else if (seen->foreign) {
        wrong = "; it has a value that sslauto did not write";
    } else if (seen->old_mode != zone->mode) {
        wrong = "; the store has another mode";
    } else if (ramp != NULL &&
               (seen->generation != ramp->generation || seen->share_bp != ramp->share_bp)) {
        wrong = "; another process has another share";
    }
    (void)snprintf(words, sizeof words, "%.31s: %s, %s to %s%s", seen->process,
                   seen->known ? mode_str(seen->old_mode) : "not known",
                   share_print(share, seen->share_bp),
                   seen->generation > 0 ? mode_str(seen->new_mode) : "nothing else", wrong);
    tell(verifying, zone->name, words, wrong[0] == '\0');
}

static enum err verify_zone(void *ctx, const struct zone *zone)
{
    struct verifying *verifying = ctx;
    struct why why = {""};
    struct edge_seen seen[LIMIT_EDGE_PROCESSES];
    size_t count = 0;
    if (strcmp(zone->edge, edge_name(verifying->edge)) != 0 ||
        (verifying->only != NULL && strcmp(zone->id, verifying->only) != 0)) {
        return ERR_OK;
    }
    verifying->zones++;
    enum err e = edge_read(verifying->edge, zone, seen, &count, &why);
    if (e != ERR_OK) {
        tell(verifying, zone->name, why_text(&why, e), false);
        return ERR_OK;
    }
    const struct edge_seen *ramp = ramp_of(seen, count);
    for (size_t i = 0; i < count; i++) {
        process(verifying, zone, &seen[i], ramp);
    }
    verifying->processes = count > verifying->processes ? count : verifying->processes;
    if ((edge_capabilities(verifying->edge) & EDGE_PROBES) != 0 && count > 0) {
        probe(verifying, zone, COHORT_PROBE_OLD, zone->mode);
        if (ramp != NULL) {
            probe(verifying, zone, COHORT_PROBE_NEW, ramp->new_mode);
        }
    }
    return output_check();
}

// What was proven, and what was not.
static void sum_up(struct cli *cli, const struct verifying *verifying)
{
    cli_note(cli, "%zu %s looked at, %zu wrong", verifying->zones,
             verifying->zones == 1 ? "zone" : "zones", verifying->wrong);
    if ((edge_capabilities(verifying->edge) & EDGE_PROBES) == 0) {
        cli_note(cli, "What the edge says it has was read; no probe was sent, for it takes none.");
    } else {
        cli_note(cli,
                 "What each of %zu %s has was read; %zu %s sent%s, to the new mode only where a "
                 "rollout is under way.",
                 verifying->processes, verifying->processes == 1 ? "process" : "processes",
                 verifying->probes, verifying->probes == 1 ? "probe was" : "probes were",
                 verifying->where);
    }
}

enum leave cmd_edge_verify(struct cli *cli)
{
    struct why why = {""};
    struct verifying verifying = {.cli = cli};
    const struct edge_settings *settings = NULL;
    OWN(edge_own) struct edge *edge = NULL;
    OWN(zone_own) struct zone *zone = NULL;
    enum err e = edges_prepare(cli, &why);
    e = e == ERR_OK ? edges_settings(&settings, cli, cli->args.operands[0], &why) : e;
    e = e == ERR_OK ? edge_open(&edge, settings, &why) : e;
    if (e == ERR_OK && cli->args.operand_count > 1) {
        e = db_zone_get(cli->db, &zone, cli->args.operands[1], &why);
        verifying.only = e == ERR_OK ? zone->id : NULL;
    }
    verifying.edge = edge;
    if (e == ERR_OK && strcmp(settings->driver, "haproxy") == 0 && settings->probe_url != NULL) {
        (void)snprintf(verifying.where, sizeof verifying.where, " through %.280s",
                       settings->probe_url);
    }
    e = e == ERR_OK ? db_zone_each(cli->db, NULL, verify_zone, &verifying, &why) : e;
    if (e != ERR_OK) {
        return output_check() != ERR_OK ? LEAVE_FAILED : cli_fail(cli, e, &why);
    }
    if (verifying.zones == 0) {
        return cli_failf(cli,
                         "no zone is served by %s; set one with: sslauto zone set ZONE --edge "
                         "%s",
                         settings->name, settings->name);
    }
    sum_up(cli, &verifying);
    return verifying.wrong == 0 ? LEAVE_DONE : LEAVE_NEEDS_YOU;
}

enum leave cmd_edge_resync(struct cli *cli)
{
    struct why why = {""};
    const struct edge_settings *settings = NULL;
    OWN(edge_own) struct edge *edge = NULL;
    enum err e = edges_prepare(cli, &why);
    e = e == ERR_OK ? edges_settings(&settings, cli, cli->args.operands[0], &why) : e;
    e = e == ERR_OK ? edge_open(&edge, settings, &why) : e;
    e = e == ERR_OK ? controller_resync(cli->db, &edge, 1, args_flag(&cli->args, "overwrite"), &why)
                    : e;
    if (e != ERR_OK) {
        return cli_fail(cli, e, &why);
    }
    cli_note(cli, "%s has the modes of its zones.", settings->name);
    return LEAVE_DONE;
}
