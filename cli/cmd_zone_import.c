// SPDX-License-Identifier: Apache-2.0
// zone import and zone list: many zones, streamed.
#include <stdlib.h>

#include "cli/command.h"
#include "cli/lines.h"
#include "cli/zone_change.h"
#include "cli/zone_import.h"
#include "cli/zone_record.h"

// With --skip-bad the good part is kept anyway: shorter transactions let others write between.
#define ZONES_PER_COMMIT 1000

struct importing {
    struct cli *cli;
    bool skip_bad, dry_run, update;
    size_t open; // zones in the open transaction
    size_t updated;
    size_t customs; // of them custom now, as their mode was changed
    size_t bad;
};

static enum err remember(void *ctx, const struct zone *zone)
{
    char *id = ctx;
    memcpy(id, zone->id, sizeof zone->id);
    return ERR_OK;
}

static enum err known_zone(void *ctx, struct zone **out, const char *name, const char *account,
                           struct why *why)
{
    const struct importing *importing = ctx;
    struct db *db = importing->cli->db;
    char id[33] = "";
    struct db_filter filter = {
        .account = account, .name = name, .mode = MODE_NONE, .recommended = MODE_NONE, .limit = 1};
    enum err e = db_zone_each(db, &filter, remember, id, why);
    return e == ERR_OK && id[0] != '\0' ? db_zone_get(db, out, id, why) : e;
}

static enum err store_zone(void *ctx, struct zone *zone, const struct zone_before *before,
                           struct why *why)
{
    struct importing *importing = ctx;
    struct db *db = importing->cli->db;
    enum err e = ERR_OK;
    if (importing->skip_bad && !importing->dry_run && importing->open == ZONES_PER_COMMIT) {
        e = db_commit(db, why);
        e = e == ERR_OK ? db_begin(db, why) : e;
        importing->open = 0;
    }
    if (e == ERR_OK && before != NULL) {
        e = zone_change_store(db, zone, before, why);
        importing->updated += e == ERR_OK;
        importing->customs += e == ERR_OK && zone->mode != before->mode &&
                              before->automatic == AUTOMATIC_AUTO &&
                              zone->automatic == AUTOMATIC_CUSTOM;
    } else if (e == ERR_OK) {
        e = db_zone_insert(db, zone, why);
    }
    if (e == ERR_EXISTS && before == NULL) {
        e = why_set(why, e, "zone %s of account %s exists already; --update changes it", zone->name,
                    zone->account);
    }
    importing->open += e == ERR_OK;
    return e;
}

static void report_bad(void *ctx, const char *name, size_t line, const char *reason)
{
    struct importing *importing = ctx;
    importing->bad++;
    (void)cli_failf(importing->cli, "%s:%zu: %s", name, line, reason);
}

static enum err finish(struct importing *importing, const struct import_counts *counts,
                       const char *name, struct why *why)
{
    struct db *db = importing->cli->db;
    char actor[64];
    char detail[300];
    (void)snprintf(detail, sizeof detail, "%zu zones from %.200s, %zu of them updated",
                   counts->zones, name, importing->updated);
    struct db_event event = {.actor = cli_actor(actor), .kind = "zones_imported", .detail = detail};
    enum err e = db_event_add(db, &event, why);
    return e == ERR_OK ? db_commit(db, why) : e;
}

static enum leave give_up(const struct importing *importing, enum err e, const struct why *why)
{
    db_rollback(importing->cli->db);
    (void)cli_fail(importing->cli, e, why);
    return cli_failf(importing->cli, importing->skip_bad && !importing->dry_run
                                         ? "the import is incomplete; `sslauto zone list` shows "
                                           "what is there"
                                         : "nothing was imported");
}

static enum leave conclude(struct importing *importing, const struct import_counts *counts,
                           const char *name)
{
    struct why why = {""};
    struct cli *cli = importing->cli;
    bool refuse = importing->bad > 0 && !importing->skip_bad;
    if (refuse || importing->dry_run) {
        db_rollback(cli->db);
    } else {
        enum err e = finish(importing, counts, name, &why);
        if (e != ERR_OK) {
            return give_up(importing, e, &why);
        }
    }
    if (refuse) {
        return cli_failf(cli,
                         "nothing was imported: %zu bad lines, %zu good zones. Correct them, or "
                         "import the good zones alone with --skip-bad",
                         importing->bad, counts->zones);
    }
    cli_note(cli, "%s: %zu zones (%zu new, %zu updated), %zu bad lines, %zu zones left out.",
             importing->dry_run ? "Would import" : "Imported", counts->zones,
             counts->zones - importing->updated, importing->updated, importing->bad,
             counts->bad_zones);
    if (importing->customs > 0) {
        cli_note(
            cli,
            "%zu zones were auto and are custom, because the file changes their mode; a column "
            "automatic says otherwise.",
            importing->customs);
    }
    return importing->bad > 0 ? LEAVE_NEEDS_YOU : LEAVE_DONE;
}

static enum import_format format_of(const char *word)
{
    if (word == NULL || strcmp(word, "auto") == 0) {
        return IMPORT_AUTO;
    }
    return strcmp(word, "csv") == 0 ? IMPORT_CSV : IMPORT_JSONL;
}

enum leave cmd_zone_import(struct cli *cli)
{
    struct why why = {""};
    struct lines lines = {0};
    struct import_counts counts = {0};
    struct importing importing = {.cli = cli,
                                  .skip_bad = args_flag(&cli->args, "skip-bad"),
                                  .dry_run = args_flag(&cli->args, "dry-run"),
                                  .update = args_flag(&cli->args, "update")};
    struct import_sink sink = {.zone = store_zone,
                               .bad = report_bad,
                               .ctx = &importing,
                               .settings = cli->settings,
                               .known = importing.update ? known_zone : NULL};
    const char *path = cli->args.operands[0];
    enum err e = lines_open(&lines, path, LIMIT_IMPORT_LINE, &why);
    if (e != ERR_OK) {
        return cli_fail(cli, e, &why);
    }
    e = db_begin(cli->db, &why);
    if (e == ERR_OK) {
        e = zone_import(&counts, &lines, format_of(args_text(&cli->args, "format")), &sink, &why);
    }
    lines_close(&lines);
    if (e != ERR_OK) {
        return give_up(&importing, e, &why);
    }
    return conclude(&importing, &counts, lines.name);
}
