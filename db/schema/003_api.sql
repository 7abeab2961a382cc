-- SPDX-License-Identifier: Apache-2.0
-- What the API shows of a zone besides its settings, who may use it, and what edges are still to be
-- told. docs/store.md and docs/api.md describe it.

ALTER TABLE zones ADD COLUMN modified_at INTEGER;           -- NULL = not since it was added
ALTER TABLE zones ADD COLUMN mode_modified_at INTEGER;      -- the same of mode
ALTER TABLE zones ADD COLUMN automatic_modified_at INTEGER; -- the same of automatic
ALTER TABLE zones ADD COLUMN recommender INTEGER NOT NULL DEFAULT 0 CHECK (recommender IN (0, 1));

-- Of a secret only its SHA-256 is kept.
CREATE TABLE tokens (
    token_key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE CHECK (length(id) = 32),
    name TEXT NOT NULL UNIQUE CHECK (name <> ''),
    hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
    permissions TEXT NOT NULL,     -- JSON array of words
    owner TEXT,                    -- an account; NULL = a user
    accounts TEXT NOT NULL,        -- JSON array of names; with zones, all that it reaches
    zones TEXT NOT NULL,           -- JSON array of ids; both empty = everything
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL    -- 0 = never
) STRICT;

-- Zones whose mode was set by hand: their edge is to be told. One row per zone; version is the
-- zone's at that time, so that a newer order outlives the end of an older one.
CREATE TABLE edge_orders (
    zone_id TEXT PRIMARY KEY REFERENCES zones (id) ON DELETE CASCADE,
    version INTEGER NOT NULL CHECK (version > 0)
) STRICT, WITHOUT ROWID;
