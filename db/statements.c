// SPDX-License-Identifier: Apache-2.0
#include "db/statements.h"

#include <assert.h>
#include <stddef.h>

static const char *const sql[SQL_STATEMENT_COUNT] = {
    [SQL_NOW] = "SELECT db_now()",

    // $13 = 1: the zone is due at once.
    [SQL_ZONE_INSERT] =
        "INSERT INTO zones (id, account, name, plan, edge, mode, automatic, opt_out_until,"
        " allow_origin_pull, authenticated_pulls, replace_roots, trust_sets, next_scan_at,"
        " created_at, version)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,"
        " CASE WHEN $13 = 1 THEN db_now() END, db_now(), 1)"
        " RETURNING zone_key",
    [SQL_ZONE_UPDATE] =
        "UPDATE zones SET account = $1, name = $2, plan = $3, edge = $4, mode = $5,"
        " automatic = $6, opt_out_until = $7, allow_origin_pull = $8, authenticated_pulls = $9,"
        " replace_roots = $10, trust_sets = $11, version = version + 1, modified_at = db_now(),"
        " mode_modified_at = CASE WHEN mode = $5 THEN mode_modified_at ELSE db_now() END,"
        " automatic_modified_at = CASE WHEN automatic = $6 THEN automatic_modified_at"
        " ELSE db_now() END"
        " WHERE zone_key = $12",
    // What was scanned is no longer what is there: due now ($1 = 1) or never again, and a scan in
    // work loses its lease, so that its findings are not stored as those of the new zone.
    [SQL_ZONE_TOUCHED] =
        "UPDATE zones SET next_scan_at = CASE WHEN $1 = 1 THEN db_now() END, rescan = 0,"
        " lease_owner = NULL, lease_expires_at = NULL"
        " WHERE zone_key = $2",
    [SQL_ZONE_DELETE] = "DELETE FROM zones WHERE id = $1",
    [SQL_ZONE_BY_ID] = "SELECT " SQL_ZONE_COLUMNS " FROM zones z WHERE z.id = $1",
    [SQL_ZONE_BY_KEY] = "SELECT " SQL_ZONE_COLUMNS " FROM zones z WHERE z.zone_key = $1",
    [SQL_ZONE_IDS_BY_NAME] = "SELECT id, account FROM zones WHERE name = $1 ORDER BY id LIMIT 9",
    [SQL_ZONE_STATE] = "SELECT zone_key, next_scan_at, lease_owner, lease_expires_at,"
                       " CASE WHEN lease_expires_at > db_now() THEN 1 ELSE 0 END"
                       " FROM zones WHERE id = $1",

    [SQL_HOST_INSERT] = "INSERT INTO hosts (zone_key, host_position, name, host_header, sni,"
                        " weight, extra_names, probe_paths)"
                        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    [SQL_HOSTS_DELETE] = "DELETE FROM hosts WHERE zone_key = $1",
    [SQL_HOSTS_OF_ZONE] =
        "SELECT h.host_position, h.name, h.host_header, h.sni, h.weight, h.extra_names,"
        " h.probe_paths, o.address, o.http_port, o.https_port"
        " FROM hosts h LEFT JOIN origins o"
        " ON o.zone_key = h.zone_key AND o.host_position = h.host_position"
        " WHERE h.zone_key = $1 ORDER BY h.host_position, o.origin_position",
    [SQL_ORIGIN_INSERT] = "INSERT INTO origins (zone_key, host_position, origin_position, address,"
                          " http_port, https_port) VALUES ($1, $2, $3, $4, $5, $6)",

    // A zone in work becomes due again when that work is done.
    [SQL_REQUEST_ZONE] =
        "UPDATE zones SET next_scan_at = CASE WHEN next_scan_at <= db_now() THEN next_scan_at"
        " ELSE db_now() END,"
        " rescan = CASE WHEN lease_expires_at > db_now() THEN 1 ELSE 0 END"
        " WHERE id = $1 AND (next_scan_at IS NULL OR next_scan_at > db_now()"
        " OR (lease_expires_at > db_now() AND rescan = 0))",
    [SQL_REQUEST_ALL] = "UPDATE zones SET next_scan_at = db_now() WHERE automatic = 'auto'"
                        " AND (next_scan_at IS NULL OR next_scan_at > db_now())",
    [SQL_CLAIMABLE] = "SELECT zone_key FROM zones WHERE due_at <= db_now()"
                      " ORDER BY due_at, zone_key LIMIT $1",
    [SQL_LEASE_TAKE] = "UPDATE zones SET lease_owner = $1, lease_expires_at = db_now() + $2,"
                       " lease_epoch = lease_epoch + 1, rescan = 0"
                       " WHERE zone_key = $3 RETURNING lease_epoch",
    [SQL_LEASE_RENEW] = "UPDATE zones SET lease_expires_at = db_now() + $1 WHERE lease_owner = $2",
    // $1 = 0: due as it was.
    [SQL_LEASE_RELEASE] =
        "UPDATE zones SET lease_owner = NULL, lease_expires_at = NULL, next_scan_at = CASE"
        " WHEN $1 = 0 THEN next_scan_at WHEN rescan = 1 THEN db_now()"
        " WHEN automatic = 'custom' THEN NULL ELSE $1 END,"
        " rescan = CASE WHEN $1 = 0 THEN rescan ELSE 0 END"
        " WHERE id = $2 AND lease_epoch = $3 AND lease_owner IS NOT NULL",
    [SQL_LEASE_OWNERS] = "SELECT DISTINCT lease_owner FROM zones"
                         " WHERE lease_owner IS NOT NULL AND lease_expires_at > db_now()"
                         " ORDER BY lease_owner",
    [SQL_LEASE_DROP_OWNER] = "UPDATE zones SET lease_owner = NULL, lease_expires_at = NULL"
                             " WHERE lease_owner = $1",
    [SQL_DUE_COUNT] = "SELECT count(*) FROM zones WHERE due_at <= db_now()",
    [SQL_LEASED_COUNT] = "SELECT count(*) FROM zones"
                         " WHERE lease_owner IS NOT NULL AND lease_expires_at > db_now()",

    // An expired lease that nobody took is still good: the epoch says so.
    [SQL_LEASE_KEY] = "SELECT zone_key FROM zones"
                      " WHERE id = $1 AND lease_epoch = $2 AND lease_owner IS NOT NULL",
    [SQL_SCAN_INSERT] =
        "INSERT INTO scans (zone_key, scanned_at, mode_current, mode_recommended, verdict,"
        " blocker_count, next_scan_at, policy, recommendation, evidence)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING scan_id",
    [SQL_SCAN_MAKE_CURRENT] =
        "UPDATE zones SET current_scan_id = $1, next_scan_at = CASE"
        " WHEN automatic = 'custom' AND rescan = 0 THEN NULL WHEN rescan = 1 THEN db_now()"
        " ELSE $2 END,"
        " rescan = 0, lease_owner = NULL, lease_expires_at = NULL"
        " WHERE zone_key = $3",
    [SQL_SCAN_CURRENT] = "SELECT " SQL_SCAN_COLUMNS ", " SQL_SCAN_TEXTS " FROM zones z"
                         " JOIN scans s ON s.scan_id = z.current_scan_id"
                         " WHERE z.id = $1",
    [SQL_SCAN_HISTORY] = "SELECT " SQL_SCAN_COLUMNS " FROM zones z"
                         " JOIN scans s ON s.zone_key = z.zone_key"
                         " WHERE z.id = $1 ORDER BY s.scan_id DESC LIMIT $2",

    [SQL_EVENT_INSERT] = "INSERT INTO events (at, zone_id, actor, kind, detail)"
                         " VALUES (db_now(), $1, $2, $3, $4)",
    [SQL_EVENTS] = "SELECT event_id, at, zone_id, actor, kind, detail FROM events"
                   " ORDER BY event_id DESC LIMIT $1",
    [SQL_EVENTS_OF_ZONE] = "SELECT event_id, at, zone_id, actor, kind, detail FROM events"
                           " WHERE zone_id = $1 ORDER BY event_id DESC LIMIT $2",

    // Where a zone stands before a new generation: its account, its newest generation, whether that
    // has work left, and the highest generation of its history.
    [SQL_ROLLOUT_HEAD] =
        "SELECT z.account, r.generation, CASE WHEN " SQL_ROLLOUT_ACTIVE " THEN 1 ELSE 0 END,"
        " (SELECT max(e.generation) FROM rollout_events e WHERE e.zone_id = z.id)"
        " FROM zones z LEFT JOIN rollouts r ON r.zone_id = z.id AND r.newest = 1"
        " WHERE z.id = $1",
    [SQL_ROLLOUT_AGE] = "UPDATE rollouts SET newest = 0, tick_at = NULL, claimed_until = NULL,"
                        " claimed_by = NULL WHERE zone_id = $1 AND newest = 1",
    [SQL_ROLLOUT_INSERT] =
        "INSERT INTO rollouts (zone_id, account, mode_from, mode_to, steps, origin_net, state,"
        " reason, paused, step, share_bp, applied_bp, failed_before, lost_ticks, started_at,"
        " state_at, step_at, seen_at, cooldown_until, tick_at, numbers, generation, newest,"
        " version)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,"
        " $19, $20, $21, $22, 1, 1)",
    [SQL_ROLLOUT_UPDATE] =
        "UPDATE rollouts SET origin_net = $1, state = $2, reason = $3, paused = $4, step = $5,"
        " share_bp = $6, applied_bp = $7, failed_before = $8, lost_ticks = $9, started_at = $10,"
        " state_at = $11, step_at = $12, seen_at = $13, cooldown_until = $14, tick_at = $15,"
        " numbers = $16, claimed_until = NULL, claimed_by = NULL, version = version + 1"
        " WHERE zone_id = $17 AND generation = $18 AND version = $19 AND newest = 1",
    // Without the columns that are in most indexes: this is what every tick writes.
    [SQL_ROLLOUT_TICK] =
        "UPDATE rollouts SET reason = $1, paused = $2, step = $3, share_bp = $4, applied_bp = $5,"
        " failed_before = $6, lost_ticks = $7, started_at = $8, state_at = $9, step_at = $10,"
        " seen_at = $11, cooldown_until = $12, tick_at = $13, numbers = $14, claimed_until = NULL,"
        " claimed_by = NULL, version = version + 1"
        " WHERE zone_id = $15 AND generation = $16 AND version = $17 AND newest = 1"
        " AND state = $18",
    [SQL_ROLLOUT_ACCOUNT] = "UPDATE rollouts SET account = $1 WHERE zone_id = $2",
    [SQL_ROLLOUT_NEWEST] = "SELECT " SQL_ROLLOUT_COLUMNS " FROM rollouts r"
                           " WHERE r.zone_id = $1 AND r.newest = 1",
    [SQL_ROLLOUT_BY_KEY] = "SELECT " SQL_ROLLOUT_COLUMNS " FROM rollouts r"
                           " WHERE r.rollout_key = $1",
    [SQL_ROLLOUTS_DUE] = "SELECT " SQL_ROLLOUT_COLUMNS " FROM rollouts r"
                         " WHERE r.due_at <= db_now() ORDER BY r.due_at, r.rollout_key LIMIT $1",
    [SQL_ROLLOUTS_CLAIM] =
        "UPDATE rollouts SET claimed_until = db_now() + $1, claimed_by = $2"
        " WHERE rollout_key IN (SELECT rollout_key FROM rollouts WHERE due_at <= db_now()"
        " ORDER BY due_at, rollout_key LIMIT $3)",
    [SQL_ROLLOUT_NEXT] = "SELECT due_at FROM rollouts WHERE due_at IS NOT NULL"
                         " ORDER BY due_at LIMIT 1",
    [SQL_ROLLOUT_STATES] = "SELECT state, count(*) FROM rollouts WHERE newest = 1 GROUP BY state",
    [SQL_ROLLOUT_EVENT_INSERT] =
        "INSERT INTO rollout_events (zone_id, generation, version, at, actor, state, entered,"
        " reason, share_bp, detail) VALUES ($1, $2, $3, db_now(), $4, $5,"
        " CASE WHEN (SELECT e.state FROM rollout_events e WHERE e.zone_id = $1"
        " AND e.generation = $2 ORDER BY e.version DESC LIMIT 1) = $5 THEN 0 ELSE 1 END,"
        " $6, $7, $8)",
    [SQL_ROLLOUT_EVENTS] =
        "SELECT zone_id, generation, version, at, actor, state, reason, share_bp, detail"
        " FROM rollout_events WHERE $1 = 0 OR generation = $1 ORDER BY event_id DESC LIMIT $2",
    [SQL_ROLLOUT_EVENTS_OF_ZONE] =
        "SELECT zone_id, generation, version, at, actor, state, reason, share_bp, detail"
        " FROM rollout_events WHERE zone_id = $1 AND ($2 = 0 OR generation = $2)"
        " ORDER BY generation DESC, version DESC LIMIT $3",
    [SQL_ROLLOUT_ABORTS] = "SELECT reason, count(*) FROM rollout_events"
                           " WHERE state = 'rolled_back' AND entered = 1 GROUP BY reason",
    [SQL_STOP_SET] = "UPDATE rollout_stop SET stopped = $1",
    [SQL_STOP_GET] = "SELECT stopped FROM rollout_stop",

    [SQL_TOKEN_INSERT] = "INSERT INTO tokens (id, name, hash, permissions, owner, accounts, zones,"
                         " expires_at, created_at)"
                         " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, db_now())",
    [SQL_TOKEN_BY_HASH] = "SELECT " SQL_TOKEN_COLUMNS " FROM tokens WHERE hash = $1",
    [SQL_TOKENS] = "SELECT " SQL_TOKEN_COLUMNS " FROM tokens ORDER BY name",
    [SQL_TOKEN_DELETE] = "DELETE FROM tokens WHERE id = $1 OR name = $1",
    [SQL_ZONE_API_STATE] = "SELECT " SQL_ZONE_STATE_COLUMNS " FROM zones z WHERE z.id = $1",
    [SQL_ZONE_RECOMMENDER] = "UPDATE zones SET recommender = $1, modified_at = db_now()"
                             " WHERE id = $2",
    [SQL_ORDER_ADD] = "INSERT INTO edge_orders (zone_id, version)"
                      " SELECT id, version FROM zones WHERE id = $1"
                      " ON CONFLICT (zone_id) DO UPDATE SET version = excluded.version",
    [SQL_ORDERS] = "SELECT zone_id, version FROM edge_orders ORDER BY zone_id",
    [SQL_ORDER_DONE] = "DELETE FROM edge_orders WHERE zone_id = $1 AND version = $2",

    [SQL_MEMBER_INSERT] = "INSERT INTO members (account, address, name, role, created_at)"
                          " VALUES ($1, $2, $3, $4, db_now()) ON CONFLICT DO NOTHING",
    [SQL_MEMBER_DELETE] = "DELETE FROM members WHERE account = $1 AND address = $2",
    [SQL_MEMBERS] = "SELECT account, address, name, role, created_at FROM members"
                    " ORDER BY account, address",
    [SQL_MEMBERS_OF_ACCOUNT] =
        "SELECT account, address, name, role, created_at FROM members WHERE account = $1"
        " ORDER BY address",
    // From one account to the next by the index, instead of walking all zones.
    [SQL_ACCOUNTS] =
        "WITH RECURSIVE next (account) AS (SELECT min(account) FROM zones"
        " UNION ALL SELECT (SELECT min(z.account) FROM zones z WHERE z.account > n.account)"
        " FROM next n WHERE n.account IS NOT NULL)"
        " SELECT account FROM next WHERE account IS NOT NULL",
    [SQL_TURNS] =
        "SELECT e.zone_id, z.name, z.account, e.generation, e.at, r.mode_from, r.mode_to, e.state,"
        " e.reason, e.detail FROM rollout_events e JOIN zones z ON z.id = e.zone_id"
        " JOIN rollouts r ON r.zone_id = e.zone_id AND r.generation = e.generation"
        " WHERE e.state IN ('done', 'rolled_back') AND e.entered = 1 AND e.at >= $1 AND e.at < $2"
        " AND ($3 IS NULL OR z.account = $3) ORDER BY e.at, e.event_id",
    [SQL_MODES_KEEP] =
        "INSERT INTO mode_weeks (account, week, off, flexible, full, strict, origin_pull)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
    [SQL_MODES_GET] = "SELECT week, off, flexible, full, strict, origin_pull FROM mode_weeks"
                      " WHERE account = $1 AND week <= $2 ORDER BY week DESC LIMIT $3",
    [SQL_LETTER_INSERT] = "INSERT INTO letters (name, account, week, made_at, mail, json)"
                          " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    [SQL_LETTER_GET] =
        "SELECT name, account, week, made_at, mail, json FROM letters WHERE name = $1",
    [SQL_LETTER_FORGET] =
        "UPDATE letters SET mail = '', json = '' WHERE made_at < $1 AND (mail <> '' OR json <> '')",
    [SQL_DISPATCH_INSERT] =
        "INSERT INTO dispatches (letter, channel, recipient, state, attempts, created_at, due_at,"
        " words) VALUES ($1, $2, $3, 'waiting', 0, db_now(), db_now(), '') ON CONFLICT DO NOTHING",
    [SQL_DISPATCH_CLAIM] =
        "UPDATE dispatches SET state = 'sending', attempts = attempts + 1, claimed_by = $1,"
        " due_at = db_now() + $2 WHERE dispatch_key = (SELECT d.dispatch_key FROM dispatches d"
        " WHERE d.due_at <= db_now() ORDER BY d.due_at, d.dispatch_key LIMIT 1)"
        " RETURNING " SQL_DISPATCH_COLUMNS,
    [SQL_DISPATCH_END] =
        "UPDATE dispatches SET state = $1, due_at = $2, words = $3, claimed_by = NULL,"
        " ended_at = CASE WHEN $1 = 'waiting' THEN NULL ELSE db_now() END"
        " WHERE dispatch_key = $4 AND attempts = $5 AND state = 'sending'",
    [SQL_DISPATCH_HURRY] =
        "UPDATE dispatches SET state = 'waiting', due_at = db_now(), ended_at = NULL"
        " WHERE letter = $1 AND state IN ('waiting', 'failed')",
    [SQL_DISPATCH_OWNERS] =
        "SELECT DISTINCT claimed_by FROM dispatches WHERE claimed_by IS NOT NULL"
        " ORDER BY claimed_by",
    [SQL_DISPATCH_DROP_OWNER] =
        "UPDATE dispatches SET state = 'waiting', due_at = db_now(), claimed_by = NULL"
        " WHERE claimed_by = $1",
    [SQL_DISPATCHES] =
        "SELECT " SQL_DISPATCH_COLUMNS " FROM dispatches"
        " WHERE ($1 IS NULL OR letter IN (SELECT l.name FROM letters l WHERE l.account = $1))"
        " AND ($2 = 0 OR letter IN (SELECT l.name FROM letters l WHERE l.week = $2))"
        " AND ($3 = 0 OR due_at IS NOT NULL) ORDER BY dispatch_key DESC LIMIT $4",
};

const char *db_statement_sql(enum db_statement statement)
{
    assert(statement < SQL_STATEMENT_COUNT && sql[statement] != NULL);
    return sql[statement];
}
