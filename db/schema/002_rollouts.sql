-- SPDX-License-Identifier: Apache-2.0
-- Rollouts, their history, and the stop for all of them. docs/store.md describes it.

-- The long text comes last, so that reading the other columns does not walk through it.
CREATE TABLE rollouts (
    rollout_key INTEGER PRIMARY KEY,
    zone_id TEXT NOT NULL REFERENCES zones (id) ON DELETE CASCADE,
    generation INTEGER NOT NULL CHECK (generation > 0),
    newest INTEGER NOT NULL CHECK (newest IN (0, 1)), -- of the zone's generations
    version INTEGER NOT NULL CHECK (version > 0),
    account TEXT NOT NULL,                     -- that of the zone, for the cap's index
    origin_net TEXT NOT NULL,
    mode_from TEXT NOT NULL
        CHECK (mode_from IN ('off', 'flexible', 'full', 'strict', 'origin_pull')),
    mode_to TEXT NOT NULL
        CHECK (mode_to IN ('off', 'flexible', 'full', 'strict', 'origin_pull')),
    state TEXT NOT NULL CHECK (state IN ('eligible', 'preflight', 'ramping', 'warming', 'holding',
        'finalising', 'done', 'rolled_back', 'cooldown')),
    reason TEXT NOT NULL,
    paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
    step INTEGER NOT NULL CHECK (step >= 0),
    share_bp INTEGER NOT NULL CHECK (share_bp BETWEEN 0 AND 10000),
    applied_bp INTEGER NOT NULL CHECK (applied_bp BETWEEN -1 AND 10000), -- -1 = not known
    failed_before INTEGER NOT NULL CHECK (failed_before >= 0),
    lost_ticks INTEGER NOT NULL CHECK (lost_ticks >= 0),
    started_at INTEGER NOT NULL,
    state_at INTEGER NOT NULL,
    step_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    cooldown_until INTEGER NOT NULL,
    tick_at INTEGER,                           -- NULL = at rest
    claimed_until INTEGER,
    claimed_by TEXT,
    steps TEXT NOT NULL,                       -- JSON array of basis points
    numbers TEXT NOT NULL,                     -- JSON array: counters, tests, cursors
    -- When it may be claimed: when it is due, and not before the claim on it has run out.
    due_at INTEGER GENERATED ALWAYS AS (
        CASE WHEN claimed_until > tick_at THEN claimed_until ELSE tick_at END
    ) VIRTUAL,
    CHECK ((claimed_by IS NULL) = (claimed_until IS NULL)),
    UNIQUE (zone_id, generation)
) STRICT;

-- Of a zone's generations one is the newest, and one at most has work left.
CREATE UNIQUE INDEX rollouts_newest ON rollouts (zone_id) WHERE newest = 1;
CREATE UNIQUE INDEX rollouts_active ON rollouts (zone_id)
    WHERE state NOT IN ('done', 'cooldown');
CREATE INDEX rollouts_due ON rollouts (due_at) WHERE due_at IS NOT NULL;
-- The caps count these. state and newest are there so that counting reads the index alone.
CREATE INDEX rollouts_running_account ON rollouts (account, state)
    WHERE state NOT IN ('eligible', 'done', 'cooldown');
CREATE INDEX rollouts_running_net ON rollouts (origin_net, state)
    WHERE state NOT IN ('eligible', 'done', 'cooldown');
CREATE INDEX rollouts_by_state ON rollouts (state, newest) WHERE newest = 1;

-- One row per transition. Only ever added to; they outlive the zone they are about.
CREATE TABLE rollout_events (
    event_id INTEGER PRIMARY KEY,
    zone_id TEXT NOT NULL,
    generation INTEGER NOT NULL CHECK (generation > 0),
    version INTEGER NOT NULL CHECK (version > 0), -- of the rollout after it
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('eligible', 'preflight', 'ramping', 'warming', 'holding',
        'finalising', 'done', 'rolled_back', 'cooldown')),
    entered INTEGER NOT NULL CHECK (entered IN (0, 1)), -- it was in another state before
    reason TEXT NOT NULL,
    share_bp INTEGER NOT NULL CHECK (share_bp BETWEEN 0 AND 10000),
    detail TEXT NOT NULL,
    UNIQUE (zone_id, generation, version)
) STRICT;

-- Counted for the metrics, from the index alone.
CREATE INDEX rollout_events_aborts ON rollout_events (reason, state, entered)
    WHERE state = 'rolled_back' AND entered = 1;

-- Exactly one row.
CREATE TABLE rollout_stop (
    only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
    stopped INTEGER NOT NULL CHECK (stopped IN (0, 1))
) STRICT;

INSERT INTO rollout_stop (only_one, stopped) VALUES (1, 0);
