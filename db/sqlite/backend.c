// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite/sqlite.h"

static const char *backend_library_version(void)
{
    return "SQLite " SQLITE_VERSION;
}

static enum err backend_now(struct db *base, int64_t *out, struct why *why)
{
    OWN(sqlite_call_close) struct sqlite_call call = sqlite_call_open(sqlite_of(base), SQL_NOW);
    bool row = false;
    enum err e = sqlite_step(&call, &row, why, "reading the clock");
    if (e == ERR_OK) {
        *out = sqlite_int(&call, 0);
    }
    return e;
}

const struct db_backend sqlite_backend = {
    .scheme = "sqlite",
    .library_version = backend_library_version,
    .open = sqlite_open,
    .close = sqlite_close,
    .migrate = sqlite_migrate,
    .check = sqlite_check,
    .backup = sqlite_backup,
    .now = backend_now,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .zone_insert = sqlite_zone_insert,
    .zone_update = sqlite_zone_update,
    .zone_remove = sqlite_zone_remove,
    .zone_get = sqlite_zone_get,
    .zone_each = sqlite_list_zones,
    .zone_count = sqlite_list_count,
    .scan_request = sqlite_lease_request,
    .claim = sqlite_lease_claim,
    .claim_zone = sqlite_lease_claim_zone,
    .lease_renew = sqlite_lease_renew,
    .lease_release = sqlite_lease_release,
    .lease_owners = sqlite_lease_owners,
    .lease_drop_owner = sqlite_lease_drop_owner,
    .due_count = sqlite_lease_due,
    .scan_commit = sqlite_scan_commit,
    .scan_current = sqlite_scan_current,
    .scan_history = sqlite_scan_history,
    .recommendation_each = sqlite_list_recommendations,
    .next_scan = sqlite_scan_next,
    .event_add = sqlite_event_add,
    .event_each = sqlite_event_each,
    .open_memory = sqlite_open_memory,
    .rollout_insert = sqlite_rollout_insert,
    .rollout_update = sqlite_rollout_update,
    .rollout_get = sqlite_rollout_get,
    .rollout_claim = sqlite_rollout_claim,
    .rollout_next = sqlite_rollout_next,
    .rollout_each = sqlite_rollout_each,
    .rollout_count = sqlite_rollout_count,
    .rollout_states = sqlite_rollout_states,
    .rollout_events = sqlite_rollout_events,
    .rollout_aborts = sqlite_rollout_aborts,
    .stop_set = sqlite_stop_set,
    .stop_get = sqlite_stop_get,
    .member_add = sqlite_member_add,
    .member_remove = sqlite_member_remove,
    .member_each = sqlite_member_each,
    .account_each = sqlite_account_each,
    .turn_each = sqlite_turn_each,
    .modes_keep = sqlite_modes_keep,
    .modes_get = sqlite_modes_get,
    .letter_add = sqlite_letter_add,
    .letter_get = sqlite_letter_get,
    .letter_forget = sqlite_letter_forget,
    .dispatch_add = sqlite_dispatch_add,
    .dispatch_claim = sqlite_dispatch_claim,
    .dispatch_end = sqlite_dispatch_end,
    .dispatch_hurry = sqlite_dispatch_hurry,
    .dispatch_owners = sqlite_dispatch_owners,
    .dispatch_drop_owner = sqlite_dispatch_drop_owner,
    .dispatch_each = sqlite_dispatch_each,
    .token_insert = sqlite_token_insert,
    .token_by_hash = sqlite_token_by_hash,
    .token_each = sqlite_token_each,
    .token_remove = sqlite_token_remove,
    .zone_page = sqlite_page_zones,
    .zone_state = sqlite_page_state,
    .zone_set_recommender = sqlite_page_set_recommender,
    .order_add = sqlite_order_add,
    .order_each = sqlite_order_each,
    .order_done = sqlite_order_done,
};
