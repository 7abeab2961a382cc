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
        " replace_roots = $10, trust_sets = $11, version = version + 1"
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
    [SQL_LEASE_RELEASE] = "UPDATE zones SET lease_owner = NULL, lease_expires_at = NULL"
                          " WHERE id = $1 AND lease_epoch = $2 AND lease_owner IS NOT NULL",
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
};

const char *db_statement_sql(enum db_statement statement)
{
    assert(statement < SQL_STATEMENT_COUNT && sql[statement] != NULL);
    return sql[statement];
}
