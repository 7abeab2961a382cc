// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "core/limits.h"
#include "db/sqlite/sqlite.h"

struct examiner {
    struct sqlite_db *db;
    void (*report)(void *ctx, const char *complaint);
    void *ctx;
    size_t complaints;
    bool damaged; // the file itself: what else is asked would only stumble over the same place
};

// SQLite may tell several faults in lines of one text, under a headline of its own.
static void complain(struct examiner *by, const char *what, const char *words)
{
    struct span rest = span_of(words);
    while (rest.len > 0) {
        struct span line = span_trim(span_cut(&rest, '\n'));
        if (line.len == 0 || span_equal(line, span_of("*** in database main ***"))) {
            continue;
        }
        char text[512];
        (void)snprintf(text, sizeof text, "%s: %.*s", what, (int)(line.len < 400 ? line.len : 400),
                       line.at);
        by->report(by->ctx, text);
        by->complaints++;
    }
}

#define THE_FILE "file"

// Each row of sql is a complaint; its first column says about what.
static const struct {
    const char *what;
    const char *sql;
} questions[] = {
    {THE_FILE, "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'"},
    {"row without its parent",
     "SELECT \"table\" || ' points to a missing row of ' || parent FROM pragma_foreign_key_check"},
    {"zone without exactly one current scan, its newest",
     "SELECT z.id FROM zones z WHERE z.current_scan_id IS DISTINCT FROM"
     " (SELECT max(s.scan_id) FROM scans s WHERE s.zone_key = z.zone_key)"},
    {"zone without a host", "SELECT z.id FROM zones z WHERE NOT EXISTS"
                            " (SELECT 1 FROM hosts h WHERE h.zone_key = z.zone_key)"},
    {"host twice in a zone",
     "SELECT z.id || ' ' || h.name FROM hosts h JOIN zones z ON z.zone_key = h.zone_key"
     " WHERE EXISTS (SELECT 1 FROM hosts o WHERE o.zone_key = h.zone_key"
     " AND o.host_position < h.host_position AND o.name = h.name)"},
    {"id of a zone", "SELECT id FROM zones WHERE id GLOB '*[^0-9a-f]*' OR length(id) <> 32"},
    {"trust sets of a zone are no JSON list",
     "SELECT id FROM zones WHERE CASE WHEN json_valid(trust_sets)"
     " THEN json_type(trust_sets) <> 'array' ELSE 1 END"},
    {"names or paths of a host are no JSON list",
     "SELECT name FROM hosts WHERE CASE WHEN json_valid(extra_names) AND json_valid(probe_paths)"
     " THEN json_type(extra_names) <> 'array' OR json_type(probe_paths) <> 'array' ELSE 1 END"},
    {"policy of a scan is no JSON object",
     "SELECT scan_id FROM scans WHERE CASE WHEN json_valid(policy)"
     " THEN json_type(policy) <> 'object' ELSE 1 END"},
    {"recommendation of a scan is no JSON object",
     "SELECT scan_id FROM scans WHERE CASE WHEN json_valid(recommendation)"
     " THEN json_type(recommendation) <> 'object' ELSE 1 END"},
    {"evidence of a scan is no JSON object",
     "SELECT scan_id FROM scans WHERE CASE WHEN json_valid(evidence)"
     " THEN json_type(evidence) <> 'object' ELSE 1 END"},
    {"lease of a zone is half there",
     "SELECT id FROM zones WHERE (lease_owner IS NULL) <> (lease_expires_at IS NULL)"
     " OR (lease_owner IS NOT NULL AND lease_epoch < 1)"},
    {"zone that is never going to be scanned",
     "SELECT id FROM zones WHERE automatic = 'auto' AND current_scan_id IS NULL"
     " AND next_scan_at IS NULL"},
    {"zone whose newest rollout is not marked so, or not alone",
     "SELECT zone_id FROM rollouts GROUP BY zone_id HAVING sum(newest) <> 1"
     " OR max(generation) <> max(CASE WHEN newest = 1 THEN generation END)"},
    {"zone with work left in more than its newest rollout",
     "SELECT r.zone_id FROM rollouts r WHERE " SQL_ROLLOUT_ACTIVE " AND r.newest = 0"},
    {"rollout with work left that nobody will ever look at",
     "SELECT r.zone_id FROM rollouts r WHERE " SQL_ROLLOUT_ACTIVE " AND r.tick_at IS NULL"},
    {"rollout under another account than its zone",
     "SELECT r.zone_id FROM rollouts r JOIN zones z ON z.id = r.zone_id"
     " WHERE r.account <> z.account"},
    {"claim of a rollout is half there",
     "SELECT zone_id FROM rollouts WHERE (claimed_by IS NULL) <> (claimed_until IS NULL)"},
    {"history of a rollout goes on behind its version",
     "SELECT e.zone_id || ' ' || e.generation || ' ' || e.version FROM rollout_events e"
     " JOIN rollouts r ON r.zone_id = e.zone_id AND r.generation = e.generation"
     " WHERE e.version > r.version"},
    {"history of a rollout that is not there",
     "SELECT e.zone_id || ' ' || e.generation FROM rollout_events e"
     " JOIN rollouts r ON r.zone_id = e.zone_id AND r.newest = 1"
     " WHERE e.generation > r.generation"},
    {"dispatch of a letter that has no text",
     "SELECT d.letter || ' to ' || d.recipient FROM dispatches d JOIN letters l ON l.name = "
     "d.letter"
     " WHERE d.due_at IS NOT NULL AND l.mail = '' AND l.json = ''"},
    {"address or account of a member is none",
     "SELECT address FROM members WHERE address NOT LIKE '%_@_%'"},
    {"whether rollouts are stopped is not known",
     "SELECT count(*) || ' rows' FROM rollout_stop HAVING count(*) <> 1"},
};

// A list of thousands helps nobody.
#define COMPLAINTS_PER_QUESTION 20

// Of what the integrity check says: the file is whole, but holds a value that its schema forbids.
static bool is_about_values(const char *words)
{
    static const char *const starts[] = {"CHECK constraint failed", "NULL value in"};
    for (size_t i = 0; words != NULL && i < COUNT_OF(starts); i++) {
        if (strncmp(words, starts[i], strlen(starts[i])) == 0) {
            return true;
        }
    }
    return false;
}

static enum err ask(struct examiner *by, const char *what, const char *sql, const int64_t *number,
                    struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_text(by->db, sql);
    if (number != NULL) {
        sqlite_bind_int(&call, *number);
    }
    for (size_t n = 0;; n++) {
        bool row = false;
        enum err e = sqlite_step(&call, &row, why, "checking");
        if (e == ERR_CORRUPT) { // SQLite itself stumbles: that is the answer
            if (!by->damaged) { // else what it told before says more
                complain(by, THE_FILE, sqlite3_errmsg(by->db->handle));
            }
            by->damaged = true;
            return ERR_OK;
        }
        if (e != ERR_OK || !row) {
            return e;
        }
        if (n == COMPLAINTS_PER_QUESTION) {
            complain(by, what, "... and more");
            return ERR_OK;
        }
        const char *words = sqlite_str(&call, 0);
        complain(by, what, words == NULL ? "?" : words);
        by->damaged = by->damaged || (strcmp(what, THE_FILE) == 0 && !is_about_values(words));
    }
}

// A worker that died is replaced when its lease runs out: one that never does hides the zone.
static enum err ask_leases(struct examiner *by, struct why *why)
{
    int64_t longest = LIMIT_LEASE_S;
    enum err e = ask(by, "lease of a zone runs out too late",
                     "SELECT id FROM zones WHERE lease_expires_at > db_now() + $1", &longest, why);
    return e != ERR_OK ? e
                       : ask(by, "claim of a rollout runs out too late",
                             "SELECT zone_id FROM rollouts WHERE claimed_until > db_now() + $1",
                             &longest, why);
}

// What must be true of a rollout wherever it came from; NULL = it is. The stages' own invariant is
// the rollout room's.
static const char *rollout_wrong(const struct rollout *rollout)
{
    bool still = rollout->state == ROLLOUT_ELIGIBLE || rollout->state == ROLLOUT_PREFLIGHT ||
                 rollout->state == ROLLOUT_ROLLED_BACK || rollout->state == ROLLOUT_COOLDOWN;
    if (rollout->to <= rollout->from) {
        return "its mode is not stronger than that it comes from";
    }
    if (rollout->step >= rollout->step_count) {
        return "its step is behind the plan's last";
    }
    if (still && rollout->share_bp != 0) {
        return "it has a share of the visitors in a state that has none";
    }
    if (rollout->state == ROLLOUT_FINALISING && rollout->share_bp != SHARE_ALL_BP) {
        return "it is finalising without all visitors";
    }
    for (size_t i = 0; i < rollout->step_count; i++) {
        if (rollout->share_bp == rollout->steps_bp[i]) {
            return NULL;
        }
    }
    return rollout->share_bp == 0 ? NULL : "its share is not one of its plan";
}

static enum err ask_rollouts(struct examiner *by, struct why *why)
{
    OWN(sqlite_call_close)
    struct sqlite_call call =
        sqlite_call_text(by->db, "SELECT " SQL_ROLLOUT_COLUMNS " FROM rollouts r");
    for (size_t n = 0; n < COMPLAINTS_PER_QUESTION;) {
        bool row = false;
        enum err e = sqlite_step(&call, &row, why, "checking");
        if (e != ERR_OK || !row) {
            return e;
        }
        struct rollout rollout;
        bool readable = sqlite_rollout_read(&rollout, &call, NULL) == ERR_OK;
        const char *wrong = readable ? rollout_wrong(&rollout) : "its row cannot be read";
        if (wrong != NULL) {
            char words[160];
            (void)snprintf(words, sizeof words, "%.32s %lld: %s", rollout.zone_id,
                           (long long)rollout.generation, wrong);
            complain(by, "rollout", words);
            n++;
        }
    }
    complain(by, "rollout", "... and more");
    return ERR_OK;
}

static void close_handle(sqlite3 **handle)
{
    (void)sqlite3_close(*handle);
}

static void finalize(sqlite3_stmt **stmt)
{
    (void)sqlite3_finalize(*stmt);
}

#define SCHEMA_COUNT "SELECT count(*) FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'"
#define SCHEMA_OBJECTS                                                                             \
    "SELECT name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'"

static enum err compare_object(struct examiner *by, sqlite3_stmt *wanted, struct why *why)
{
    const char *name = (const char *)sqlite3_column_text(wanted, 0);
    const char *sql = (const char *)sqlite3_column_text(wanted, 1);
    if (name == NULL || sql == NULL) {
        return ERR_NOMEM;
    }
    OWN(sqlite_call_close)
    struct sqlite_call call =
        sqlite_call_text(by->db, "SELECT sql FROM sqlite_schema WHERE name = $1");
    sqlite_bind(&call, name);
    bool row = false;
    enum err e = sqlite_step(&call, &row, why, "checking");
    if (e == ERR_OK && !row) {
        complain(by, "table or index is missing", name);
    } else if (e == ERR_OK) {
        const char *has = sqlite_str(&call, 0);
        if (has == NULL || strcmp(has, sql) != 0) {
            complain(by, "table or index is not that of this version", name);
        }
    }
    return e;
}

// Something planted, a trigger for one, is a complaint too.
static enum err compare_count(struct examiner *by, int64_t wanted, struct why *why)
{
    int64_t has = 0;
    enum err e = sqlite_number(by->db, SCHEMA_COUNT, &has, why);
    if (e == ERR_OK && has > wanted) {
        char words[64];
        (void)snprintf(words, sizeof words, "%lld instead of %lld", (long long)has,
                       (long long)wanted);
        complain(by, "more tables, indexes or triggers than this version has", words);
    }
    return e;
}

// The schema against a new one, made in memory from the same files.
static enum err compare_schema(struct examiner *by, struct why *why)
{
    OWN(close_handle) sqlite3 *fresh = NULL;
    OWN(finalize) sqlite3_stmt *wanted = NULL;
    int rc = sqlite3_open_v2(":memory:", &fresh, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    struct schema schema = schema_sqlite();
    for (size_t i = 0; rc == SQLITE_OK && i < schema.step_count; i++) {
        rc = sqlite3_exec(fresh, schema.steps[i].sql, NULL, NULL, NULL);
    }
    if (rc == SQLITE_OK) {
        rc = sqlite3_prepare_v2(fresh, SCHEMA_OBJECTS, -1, &wanted, NULL);
    }
    int64_t count = 0;
    while (rc == SQLITE_OK && (rc = sqlite3_step(wanted)) == SQLITE_ROW) {
        enum err e = compare_object(by, wanted, why);
        if (e != ERR_OK) {
            return e;
        }
        rc = SQLITE_OK;
        count++;
    }
    return rc == SQLITE_DONE ? compare_count(by, count, why)
                             : sqlite_fail_at(":memory:", fresh, rc, why, "checking");
}

static enum err check_version(struct examiner *by, struct why *why)
{
    int newest = (int)schema_sqlite().step_count;
    int version = 0;
    enum err e = sqlite_version(by->db, newest, &version, why);
    if (e != ERR_OK || version == newest) {
        return e;
    }
    char words[64];
    (void)snprintf(words, sizeof words, "%d, not %d", version, newest);
    complain(by, "schema version", words);
    return ERR_OK;
}

enum err sqlite_check(struct db *base, void (*report)(void *ctx, const char *complaint), void *ctx,
                      struct why *why)
{
    struct examiner by = {.db = sqlite_of(base), .report = report, .ctx = ctx};
    enum err e = check_version(&by, why);
    if (e == ERR_OK) {
        e = compare_schema(&by, why);
    }
    for (size_t i = 0; e == ERR_OK && !by.damaged && i < COUNT_OF(questions); i++) {
        e = ask(&by, questions[i].what, questions[i].sql, NULL, why);
    }
    if (e == ERR_OK && !by.damaged) {
        e = ask_leases(&by, why);
    }
    if (e == ERR_OK && !by.damaged) {
        e = ask_rollouts(&by, why);
    }
    if (e != ERR_OK || by.complaints == 0) {
        return e;
    }
    char count[64] = "the file is damaged"; // one fault may be told in many lines
    if (!by.damaged) {
        (void)snprintf(count, sizeof count, "%zu complaint%s", by.complaints,
                       by.complaints == 1 ? "" : "s");
    }
    return why_set(why, ERR_CORRUPT,
                   "%s: %s; keep a copy of the file, then restore one made with "
                   "`sslauto db backup`",
                   by.db->path, count);
}
