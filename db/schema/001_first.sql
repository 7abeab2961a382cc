-- SPDX-License-Identifier: Apache-2.0
-- Zones with their hosts and origins, their scans, and the events. docs/store.md describes it.
-- The words of modes, verdicts and so on are those of model/ and of the API.

CREATE TABLE zones (
    zone_key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE CHECK (length(id) = 32),
    account TEXT NOT NULL CHECK (account <> ''),
    name TEXT NOT NULL CHECK (name <> ''),
    plan TEXT NOT NULL,
    edge TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('off', 'flexible', 'full', 'strict', 'origin_pull')),
    automatic TEXT NOT NULL CHECK (automatic IN ('auto', 'custom')),
    opt_out_until INTEGER NOT NULL,
    allow_origin_pull INTEGER NOT NULL CHECK (allow_origin_pull IN (0, 1)),
    authenticated_pulls INTEGER NOT NULL CHECK (authenticated_pulls IN (0, 1)),
    replace_roots INTEGER NOT NULL CHECK (replace_roots IN (0, 1)),
    trust_sets TEXT NOT NULL,                  -- JSON array of strings
    created_at INTEGER NOT NULL,               -- all times: seconds since the epoch
    version INTEGER NOT NULL CHECK (version > 0),
    current_scan_id INTEGER,                   -- the newest of its scans; NULL = never scanned
    next_scan_at INTEGER,                      -- NULL = no further scan
    rescan INTEGER NOT NULL DEFAULT 0 CHECK (rescan IN (0, 1)), -- asked for while in work
    lease_owner TEXT,
    lease_epoch INTEGER NOT NULL DEFAULT 0 CHECK (lease_epoch >= 0), -- counts leases, never back
    lease_expires_at INTEGER,
    -- When it may be claimed: when it is due, and not before the lease on it has run out.
    due_at INTEGER GENERATED ALWAYS AS (
        CASE WHEN lease_expires_at > next_scan_at THEN lease_expires_at ELSE next_scan_at END
    ) VIRTUAL,
    CHECK ((lease_owner IS NULL) = (lease_expires_at IS NULL)),
    UNIQUE (account, name)
) STRICT;

CREATE INDEX zones_by_name ON zones (name, id);
CREATE INDEX zones_due ON zones (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX zones_leased ON zones (lease_owner) WHERE lease_owner IS NOT NULL;

CREATE TABLE hosts (
    zone_key INTEGER NOT NULL REFERENCES zones (zone_key) ON DELETE CASCADE,
    host_position INTEGER NOT NULL CHECK (host_position >= 0),
    name TEXT NOT NULL CHECK (name <> ''),
    host_header TEXT,
    sni TEXT,
    weight REAL NOT NULL CHECK (weight > 0),
    extra_names TEXT NOT NULL,                 -- JSON array of strings
    probe_paths TEXT NOT NULL,                 -- JSON array of strings
    PRIMARY KEY (zone_key, host_position)
) STRICT, WITHOUT ROWID;

CREATE TABLE origins (
    zone_key INTEGER NOT NULL,
    host_position INTEGER NOT NULL,
    origin_position INTEGER NOT NULL CHECK (origin_position >= 0),
    address TEXT NOT NULL CHECK (address <> ''),
    http_port INTEGER NOT NULL CHECK (http_port BETWEEN 1 AND 65535),
    https_port INTEGER NOT NULL CHECK (https_port BETWEEN 1 AND 65535),
    PRIMARY KEY (zone_key, host_position, origin_position),
    FOREIGN KEY (zone_key, host_position) REFERENCES hosts (zone_key, host_position)
        ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The long texts come last, so that reading the other columns does not walk through them.
CREATE TABLE scans (
    scan_id INTEGER PRIMARY KEY,
    zone_key INTEGER NOT NULL REFERENCES zones (zone_key) ON DELETE CASCADE,
    scanned_at INTEGER NOT NULL,
    mode_current TEXT NOT NULL
        CHECK (mode_current IN ('off', 'flexible', 'full', 'strict', 'origin_pull')),
    mode_recommended TEXT                      -- NULL = nothing could be said
        CHECK (mode_recommended IN ('off', 'flexible', 'full', 'strict', 'origin_pull')),
    verdict TEXT NOT NULL CHECK (verdict IN ('upgrade', 'keep', 'unknown', 'at_risk')),
    blocker_count INTEGER NOT NULL CHECK (blocker_count >= 0),
    next_scan_at INTEGER,
    policy TEXT NOT NULL,                      -- JSON object: what it was decided by
    recommendation TEXT NOT NULL,              -- JSON object
    evidence TEXT NOT NULL                     -- JSON object
) STRICT;

CREATE INDEX scans_by_zone ON scans (zone_key, scan_id);

-- Who did what, and why. Only ever added to; events outlive the zone they are about.
CREATE TABLE events (
    event_id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    zone_id TEXT,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

CREATE INDEX events_by_zone ON events (zone_id, event_id) WHERE zone_id IS NOT NULL;
