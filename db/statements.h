// SPDX-License-Identifier: Apache-2.0
// Private to db/: the SQL that every backend runs. Parameters are $1, $2, ... in order of first
// use, which SQLite and PostgreSQL read the same way; db_now() is the store's clock in seconds.
#ifndef SSLAUTO_DB_STATEMENTS_H
#define SSLAUTO_DB_STATEMENTS_H

enum db_statement {
    SQL_NOW,
    SQL_ZONE_INSERT,
    SQL_ZONE_UPDATE,
    SQL_ZONE_TOUCHED,
    SQL_ZONE_DELETE,
    SQL_ZONE_BY_ID,
    SQL_ZONE_BY_KEY,
    SQL_ZONE_IDS_BY_NAME,
    SQL_ZONE_STATE,
    SQL_HOST_INSERT,
    SQL_HOSTS_DELETE,
    SQL_HOSTS_OF_ZONE,
    SQL_ORIGIN_INSERT,
    SQL_REQUEST_ZONE,
    SQL_REQUEST_ALL,
    SQL_CLAIMABLE,
    SQL_LEASE_TAKE,
    SQL_LEASE_RENEW,
    SQL_LEASE_RELEASE,
    SQL_LEASE_OWNERS,
    SQL_LEASE_DROP_OWNER,
    SQL_DUE_COUNT,
    SQL_LEASED_COUNT,
    SQL_LEASE_KEY,
    SQL_SCAN_INSERT,
    SQL_SCAN_MAKE_CURRENT,
    SQL_SCAN_CURRENT,
    SQL_SCAN_HISTORY,
    SQL_EVENT_INSERT,
    SQL_EVENTS,
    SQL_EVENTS_OF_ZONE,
    SQL_ROLLOUT_HEAD,
    SQL_ROLLOUT_AGE,
    SQL_ROLLOUT_INSERT,
    SQL_ROLLOUT_UPDATE,
    SQL_ROLLOUT_TICK,
    SQL_ROLLOUT_ACCOUNT,
    SQL_ROLLOUT_NEWEST,
    SQL_ROLLOUT_BY_KEY,
    SQL_ROLLOUTS_DUE,
    SQL_ROLLOUTS_CLAIM,
    SQL_ROLLOUT_NEXT,
    SQL_ROLLOUT_STATES,
    SQL_ROLLOUT_EVENT_INSERT,
    SQL_ROLLOUT_EVENTS,
    SQL_ROLLOUT_EVENTS_OF_ZONE,
    SQL_ROLLOUT_ABORTS,
    SQL_STOP_SET,
    SQL_STOP_GET,
    SQL_TOKEN_INSERT,
    SQL_TOKEN_BY_HASH,
    SQL_TOKENS,
    SQL_TOKEN_DELETE,
    SQL_ZONE_API_STATE,
    SQL_ZONE_RECOMMENDER,
    SQL_ORDER_ADD,
    SQL_ORDERS,
    SQL_ORDER_DONE,
    SQL_MEMBER_INSERT,
    SQL_MEMBER_DELETE,
    SQL_MEMBERS,
    SQL_MEMBERS_OF_ACCOUNT,
    SQL_ACCOUNTS,
    SQL_TURNS,
    SQL_MODES_KEEP,
    SQL_MODES_GET,
    SQL_LETTER_INSERT,
    SQL_LETTER_GET,
    SQL_LETTER_FORGET,
    SQL_DISPATCH_INSERT,
    SQL_DISPATCH_CLAIM,
    SQL_DISPATCH_END,
    SQL_DISPATCH_HURRY,
    SQL_DISPATCH_OWNERS,
    SQL_DISPATCH_DROP_OWNER,
    SQL_DISPATCHES,
    SQL_STATEMENT_COUNT
};

// The columns of a zone as zone_row reads them, from a table named z; and those of a scan from
// tables s (scans) and z, without and with its long texts.
#define SQL_ZONE_COLUMNS                                                                           \
    "z.zone_key, z.id, z.account, z.name, z.plan, z.edge, z.mode, z.automatic, z.opt_out_until, "  \
    "z.allow_origin_pull, z.authenticated_pulls, z.replace_roots, z.trust_sets, z.created_at, "    \
    "z.version"
#define SQL_ZONE_COLUMN_COUNT 15
#define SQL_SCAN_COLUMNS                                                                           \
    "s.scan_id, z.id, s.scanned_at, s.mode_current, s.mode_recommended, s.verdict, "               \
    "s.blocker_count, s.next_scan_at"
#define SQL_SCAN_TEXTS "s.recommendation, s.policy, s.evidence"
// What the API shows of a zone besides those, from z; and the columns of a token.
#define SQL_ZONE_STATE_COLUMNS                                                                     \
    "z.modified_at, z.mode_modified_at, z.automatic_modified_at, z.next_scan_at, z.recommender"
#define SQL_TOKEN_COLUMNS                                                                          \
    "id, name, hash, permissions, owner, accounts, zones, created_at, expires_at"
// The columns of a rollout as rollout_row reads them, from a table named r; and its two sets, in
// the words that the partial indexes of the schema have.
#define SQL_ROLLOUT_COLUMNS                                                                        \
    "r.zone_id, r.generation, r.version, r.origin_net, r.mode_from, r.mode_to, r.state, "          \
    "r.reason, "                                                                                   \
    "r.paused, r.step, r.share_bp, r.applied_bp, r.failed_before, r.lost_ticks, r.started_at, "    \
    "r.state_at, r.step_at, r.seen_at, r.cooldown_until, r.tick_at, r.steps, r.numbers"
#define SQL_ROLLOUT_COLUMN_COUNT 22
#define SQL_ROLLOUT_ACTIVE       "r.state NOT IN ('done', 'cooldown')"
#define SQL_ROLLOUT_RUNNING      "r.state NOT IN ('eligible', 'done', 'cooldown')"
#define SQL_DISPATCH_COLUMNS                                                                       \
    "dispatch_key, letter, channel, recipient, state, attempts, created_at, due_at, ended_at, "    \
    "words"

const char *db_statement_sql(enum db_statement statement);

#endif
