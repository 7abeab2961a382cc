-- SPDX-License-Identifier: Apache-2.0
-- Members of accounts, and what is sent to them. docs/store.md describes it.

CREATE TABLE members (
    account TEXT NOT NULL CHECK (account <> ''),
    address TEXT NOT NULL CHECK (address <> ''),  -- of mail; the domain in lower case
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('super_administrator', 'administrator', 'read_only')),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account, address)
) STRICT, WITHOUT ROWID;

-- Zones by mode at the end of a week. week: the second it begins in, a Monday 00:00 UTC.
CREATE TABLE mode_weeks (
    account TEXT NOT NULL CHECK (account <> ''),
    week INTEGER NOT NULL CHECK ((week + 259200) % 604800 = 0),
    off INTEGER NOT NULL CHECK (off >= 0),
    flexible INTEGER NOT NULL CHECK (flexible >= 0),
    full INTEGER NOT NULL CHECK (full >= 0),
    strict INTEGER NOT NULL CHECK (strict >= 0),
    origin_pull INTEGER NOT NULL CHECK (origin_pull >= 0),
    PRIMARY KEY (account, week)
) STRICT, WITHOUT ROWID;

-- What is told, once. A digest that had nothing to tell is a row too, without texts.
CREATE TABLE letters (
    letter_key INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,                 -- digest/2026-W47/ACCOUNT, rollback/ZONE/GENERATION
    account TEXT NOT NULL,
    week INTEGER NOT NULL,                     -- 0 = not about a week
    made_at INTEGER NOT NULL,
    mail TEXT NOT NULL,                        -- the message as it is sent; '' = none, or too old
    json TEXT NOT NULL
) STRICT;

CREATE INDEX letters_with_texts ON letters (made_at) WHERE mail <> '' OR json <> '';

-- A letter's way to one recipient.
CREATE TABLE dispatches (
    dispatch_key INTEGER PRIMARY KEY,
    letter TEXT NOT NULL REFERENCES letters (name) ON DELETE CASCADE,
    channel TEXT NOT NULL CHECK (channel IN ('mail', 'webhook')),
    recipient TEXT NOT NULL CHECK (recipient <> ''),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'failed')),
    attempts INTEGER NOT NULL CHECK (attempts >= 0), -- also the epoch of the one under way
    created_at INTEGER NOT NULL,
    due_at INTEGER,                            -- of one being sent: when its sender is given up
    claimed_by TEXT,
    ended_at INTEGER,
    words TEXT NOT NULL,                       -- what the last attempt met, '' = nothing
    CHECK ((state IN ('waiting', 'sending')) = (due_at IS NOT NULL)),
    CHECK ((state = 'sending') = (claimed_by IS NOT NULL)),
    UNIQUE (letter, channel, recipient)
) STRICT;

CREATE INDEX dispatches_due ON dispatches (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX dispatches_sending ON dispatches (claimed_by) WHERE claimed_by IS NOT NULL;

-- Where rollouts ended, by time.
CREATE INDEX rollout_events_ends ON rollout_events (at)
    WHERE state IN ('done', 'rolled_back') AND entered = 1;
