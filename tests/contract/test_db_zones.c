// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>

#include "core/time.h"
#include "tests/contract/contract.h"

static void set_text(char **field, const char *text)
{
    free(*field);
    *field = strdup(text);
}

// Every field away from its default.
static struct zone *full_zone(void)
{
    struct zone *zone = zone_of("full.example", "acme");
    set_text(&zone->plan, "enterprise");
    set_text(&zone->edge, "haproxy-east");
    zone->mode = MODE_FULL;
    zone->automatic = AUTOMATIC_CUSTOM;
    zone->opt_out_until = 1799999999;
    zone->allow_origin_pull = true;
    zone->authenticated_pulls = true;
    zone->replace_roots = true;
    assert_ok(strings_add(&zone->trust_sets, &zone->trust_set_count, span_of("cdn \"ca\""), 9),
              NULL);
    assert_ok(strings_add(&zone->trust_sets, &zone->trust_set_count, span_of("private"), 9), NULL);
    struct host *host = NULL;
    assert_ok(zone_add_host(&host, zone, span_of("shop.full.example"), NULL), NULL);
    set_text(&host->host_header, "inner.example");
    set_text(&host->sni, "sni.example");
    host->weight = 0.1;
    assert_ok(host_add_origin(host, span_of("2001:db8::7"), 8080, 8443, NULL), NULL);
    assert_ok(host_add_origin(host, span_of("origin.example"), 80, 443, NULL), NULL);
    assert_ok(host_add_origin(host, span_of("192.0.2.9"), 1, 65535, NULL), NULL);
    assert_ok(strings_add(&host->extra_names, &host->extra_name_count, span_of("alias.example"), 9),
              NULL);
    assert_ok(strings_add(&host->probe_paths, &host->probe_path_count, span_of("/a?b=\"c\""), 9),
              NULL);
    assert_ok(strings_add(&host->probe_paths, &host->probe_path_count, span_of("/\\\xc3\xa9"), 9),
              NULL);
    // A host without origins is no reason to lose it.
    assert_ok(zone_add_host(&host, zone, span_of("bare.full.example"), NULL), NULL);
    return zone;
}

static void assert_text(const char *a, const char *b)
{
    if (a == NULL || b == NULL) {
        assert_ptr_equal(a, b);
    } else {
        assert_string_equal(a, b);
    }
}

static void assert_list(char **a, size_t a_count, char **b, size_t b_count)
{
    assert_int_equal(a_count, b_count);
    for (size_t i = 0; i < a_count; i++) {
        assert_string_equal(a[i], b[i]);
    }
}

static void assert_host(const struct host *a, const struct host *b)
{
    assert_string_equal(a->name, b->name);
    assert_text(a->host_header, b->host_header);
    assert_text(a->sni, b->sni);
    assert_true(a->weight >= b->weight && a->weight <= b->weight);
    assert_list(a->extra_names, a->extra_name_count, b->extra_names, b->extra_name_count);
    assert_list(a->probe_paths, a->probe_path_count, b->probe_paths, b->probe_path_count);
    assert_int_equal(a->origin_count, b->origin_count);
    for (size_t i = 0; i < a->origin_count; i++) {
        assert_string_equal(a->origins[i].address, b->origins[i].address);
        assert_int_equal(a->origins[i].http_port, b->origins[i].http_port);
        assert_int_equal(a->origins[i].https_port, b->origins[i].https_port);
    }
}

static void assert_zone(const struct zone *a, const struct zone *b)
{
    assert_string_equal(a->id, b->id);
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->account, b->account);
    assert_string_equal(a->plan, b->plan);
    assert_string_equal(a->edge, b->edge);
    assert_int_equal(a->mode, b->mode);
    assert_int_equal(a->automatic, b->automatic);
    assert_int_equal(a->opt_out_until, b->opt_out_until);
    assert_int_equal(a->allow_origin_pull, b->allow_origin_pull);
    assert_int_equal(a->authenticated_pulls, b->authenticated_pulls);
    assert_int_equal(a->replace_roots, b->replace_roots);
    assert_list(a->trust_sets, a->trust_set_count, b->trust_sets, b->trust_set_count);
    assert_int_equal(a->host_count, b->host_count);
    for (size_t i = 0; i < a->host_count; i++) {
        assert_host(&a->hosts[i], &b->hosts[i]);
    }
}

static void all_fields_come_back(void **state)
{
    struct store *store = *state;
    OWN(zone_own) struct zone *zone = full_zone();
    int64_t before = time_now_s();
    assert_ok(db_zone_insert(store->db, zone, &store->why), &store->why);
    db_close(store->db);
    store->db = store_open(store, DB_WRITE);
    for (int by_name = 0; by_name < 2; by_name++) {
        OWN(zone_own) struct zone *got = NULL;
        const char *key = by_name ? zone->name : zone->id;
        assert_ok(db_zone_get(store->db, &got, key, &store->why), &store->why);
        assert_zone(got, zone);
        assert_int_equal(got->version, 1);
        assert_in_range(got->created_at, before, time_now_s());
    }
}

static void many_hosts_and_origins(void **state)
{
    struct store *store = *state;
    OWN(zone_own) struct zone *zone = zone_of("many.example", "acme");
    for (int h = 0; h < 100; h++) {
        char name[32];
        (void)snprintf(name, sizeof name, "h%d.many.example", h);
        struct host *host = NULL;
        assert_ok(zone_add_host(&host, zone, span_of(name), NULL), NULL);
        for (int o = 0; o < h % 13; o++) {
            char address[32];
            (void)snprintf(address, sizeof address, "192.0.2.%d", o + 1);
            assert_ok(host_add_origin(host, span_of(address), 80, 443, NULL), NULL);
        }
    }
    assert_ok(db_zone_insert(store->db, zone, &store->why), &store->why);
    OWN(zone_own) struct zone *got = NULL;
    assert_ok(db_zone_get(store->db, &got, zone->id, &store->why), &store->why);
    assert_zone(got, zone);
}

static void a_second_one_is_refused(void **state)
{
    struct store *store = *state;
    OWN(zone_own) struct zone *first = zone_of("a.example", "acme");
    OWN(zone_own) struct zone *again = zone_of("a.example", "acme");
    OWN(zone_own) struct zone *other = zone_of("a.example", "other");
    OWN(zone_own) struct zone *same_id = zone_of("b.example", "acme");
    memcpy(same_id->id, first->id, sizeof first->id);
    assert_ok(db_begin(store->db, &store->why), &store->why);
    assert_ok(db_zone_insert(store->db, first, &store->why), &store->why);
    assert_err(db_zone_insert(store->db, again, &store->why), ERR_EXISTS);
    assert_non_null(strstr(store->why.text, "a.example"));
    assert_non_null(strstr(store->why.text, "acme"));
    assert_err(db_zone_insert(store->db, same_id, &store->why), ERR_EXISTS);
    // The transaction goes on: an import that skips bad lines.
    assert_ok(db_zone_insert(store->db, other, &store->why), &store->why);
    assert_ok(db_commit(store->db, &store->why), &store->why);
    int64_t count = 0;
    assert_ok(db_zone_count(store->db, NULL, &count, &store->why), &store->why);
    assert_int_equal(count, 2);
}

static void a_bad_host_leaves_no_half_zone(void **state)
{
    struct store *store = *state;
    OWN(zone_own) struct zone *zone = zone_of("bad.example", "acme");
    OWN(zone_own) struct zone *good = zone_of("good.example", "acme");
    zone->hosts[0].origins[0].http_port = 0;
    assert_err(db_zone_insert(store->db, zone, &store->why), ERR_INVALID);
    assert_ok(db_begin(store->db, &store->why), &store->why);
    assert_ok(db_zone_insert(store->db, good, &store->why), &store->why);
    assert_err(db_zone_insert(store->db, zone, &store->why), ERR_INVALID);
    assert_ok(db_commit(store->db, &store->why), &store->why);
    OWN(zone_own) struct zone *got = NULL;
    assert_err(db_zone_get(store->db, &got, zone->id, &store->why), ERR_NOT_FOUND);
    assert_ok(db_zone_get(store->db, &got, good->id, &store->why), &store->why);
}

static void what_is_not_there(void **state)
{
    struct store *store = *state;
    struct zone *zone = NULL;
    const char *id = "0123456789abcdef0123456789abcdef";
    int64_t at = 0;
    assert_err(db_zone_get(store->db, &zone, "none.example", &store->why), ERR_NOT_FOUND);
    assert_non_null(strstr(store->why.text, "none.example"));
    assert_err(db_zone_get(store->db, &zone, id, &store->why), ERR_NOT_FOUND);
    assert_err(db_zone_remove(store->db, id, &store->why), ERR_NOT_FOUND);
    assert_err(db_next_scan(store->db, id, &at, &store->why), ERR_NOT_FOUND);
    OWN(zone_own) struct zone *unknown = zone_of("x.example", "acme");
    assert_err(db_zone_update(store->db, unknown, &store->why), ERR_NOT_FOUND);
}

static void one_name_in_two_accounts(void **state)
{
    struct store *store = *state;
    OWN(zone_own) struct zone *a = zone_of("same.example", "a");
    OWN(zone_own) struct zone *b = zone_of("same.example", "b");
    assert_ok(db_zone_insert(store->db, a, &store->why), &store->why);
    assert_ok(db_zone_insert(store->db, b, &store->why), &store->why);
    struct zone *got = NULL;
    assert_err(db_zone_get(store->db, &got, "same.example", &store->why), ERR_CONFLICT);
    assert_non_null(strstr(store->why.text, a->id));
    assert_non_null(strstr(store->why.text, b->id));
    assert_null(got);
}

static int64_t next_scan(struct store *store, const char *id)
{
    int64_t at = -1;
    assert_ok(db_next_scan(store->db, id, &at, &store->why), &store->why);
    return at;
}

static void a_new_zone_is_due_at_once_unless_custom(void **state)
{
    struct store *store = *state;
    OWN(zone_own) struct zone *automatic = zone_of("auto.example", "acme");
    OWN(zone_own) struct zone *custom = zone_of("custom.example", "acme");
    custom->automatic = AUTOMATIC_CUSTOM;
    int64_t now = 0;
    assert_ok(db_now(store->db, &now, &store->why), &store->why);
    assert_ok(db_zone_insert(store->db, automatic, &store->why), &store->why);
    assert_ok(db_zone_insert(store->db, custom, &store->why), &store->why);
    assert_in_range(next_scan(store, automatic->id), now, now + 60);
    assert_int_equal(next_scan(store, custom->id), 0);
}

static void an_update_replaces_and_counts(void **state)
{
    struct store *store = *state;
    OWN(zone_own) struct zone *zone = full_zone();
    assert_ok(db_zone_insert(store->db, zone, &store->why), &store->why);
    OWN(zone_own) struct zone *got = NULL;
    assert_ok(db_zone_get(store->db, &got, zone->id, &store->why), &store->why);
    set_text(&got->name, "renamed.example");
    set_text(&got->hosts[1].origins[1].address, "other.example");
    got->mode = MODE_STRICT;
    got->hosts[0].weight = 7;
    assert_ok(db_zone_update(store->db, got, &store->why), &store->why);
    OWN(zone_own) struct zone *after = NULL;
    assert_ok(db_zone_get(store->db, &after, zone->id, &store->why), &store->why);
    assert_zone(after, got);
    assert_int_equal(after->version, 2);
    assert_int_equal(after->created_at, got->created_at);
    // got is the older version now.
    assert_err(db_zone_update(store->db, got, &store->why), ERR_CONFLICT);
}

static void an_update_may_not_take_a_name(void **state)
{
    struct store *store = *state;
    OWN(zone_own) struct zone *a = zone_of("a.example", "acme");
    OWN(zone_own) struct zone *b = zone_of("b.example", "acme");
    assert_ok(db_zone_insert(store->db, a, &store->why), &store->why);
    assert_ok(db_zone_insert(store->db, b, &store->why), &store->why);
    set_text(&b->name, "a.example");
    b->version = 1;
    assert_err(db_zone_update(store->db, b, &store->why), ERR_EXISTS);
    OWN(zone_own) struct zone *got = NULL;
    assert_ok(db_zone_get(store->db, &got, b->id, &store->why), &store->why);
    assert_string_equal(got->name, "b.example");
    assert_int_equal(got->version, 1);
}

static void change_nothing(struct zone *zone)
{
    zone->opt_out_until = 1900000000;
    set_text(&zone->edge, "other");
}

// At strict the certificate is watched weekly.
static void change_mode(struct zone *zone)
{
    zone->mode = MODE_STRICT;
}

static void change_plan(struct zone *zone)
{
    set_text(&zone->plan, "enterprise");
}

static void change_origin(struct zone *zone)
{
    zone->hosts[0].origins[0].https_port = 8443;
}

static void change_roots(struct zone *zone)
{
    zone->replace_roots = true;
}

static void change_pulls(struct zone *zone)
{
    zone->authenticated_pulls = true;
}

static void change_trust(struct zone *zone)
{
    assert_ok(strings_add(&zone->trust_sets, &zone->trust_set_count, span_of("cdn"), 9), NULL);
}

static void change_host(struct zone *zone)
{
    struct host *host = NULL;
    assert_ok(zone_add_host(&host, zone, span_of("new.example"), NULL), NULL);
}

static void change_to_custom(struct zone *zone)
{
    zone->automatic = AUTOMATIC_CUSTOM;
}

static void what_makes_a_zone_due(void **state)
{
    struct store *store = *state;
    static const struct {
        const char *name;
        void (*change)(struct zone *zone);
        enum {
            KEEPS,
            DUE,
            NEVER
        } then;
    } rows[] = {{"nothing.example", change_nothing, KEEPS}, {"origin.example", change_origin, DUE},
                {"roots.example", change_roots, DUE},       {"pulls.example", change_pulls, DUE},
                {"trust.example", change_trust, DUE},       {"host.example", change_host, DUE},
                {"mode.example", change_mode, DUE},         {"plan.example", change_plan, DUE},
                {"custom.example", change_to_custom, NEVER}};
    int64_t far = 0;
    assert_ok(db_now(store->db, &far, &store->why), &store->why);
    far += 1000000;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char id[33];
        insert_zone(store, rows[i].name, id);
        scan_zone(store, id, MODE_STRICT, 0, far);
        assert_int_equal(next_scan(store, id), far);
        OWN(zone_own) struct zone *zone = NULL;
        assert_ok(db_zone_get(store->db, &zone, id, &store->why), &store->why);
        rows[i].change(zone);
        assert_ok(db_zone_update(store->db, zone, &store->why), &store->why);
        int64_t next = next_scan(store, id);
        bool right = rows[i].then == KEEPS ? next == far
                     : rows[i].then == DUE ? next > 0 && next < far
                                           : next == 0;
        if (!right) {
            fail_msg("%s: next scan %lld", rows[i].name, (long long)next);
        }
    }
}

static void a_changed_zone_loses_the_scan_in_work(void **state)
{
    struct store *store = *state;
    char id[33];
    insert_zone(store, "moving.example", id);
    struct db_lease lease = {0};
    size_t count = 0;
    assert_ok(db_claim(store->db, "a", 60, 1, &lease, &count, &store->why), &store->why);
    assert_int_equal(count, 1);
    change_origin(lease.zone);
    assert_ok(db_zone_update(store->db, lease.zone, &store->why), &store->why);
    struct db_scan scan = scan_of(id);
    assert_err(db_scan_commit(store->db, &scan, lease.epoch, &store->why), ERR_CONFLICT);
    zone_free(lease.zone);
    assert_ok(db_claim(store->db, "b", 60, 1, &lease, &count, &store->why), &store->why);
    assert_int_equal(count, 1);
    assert_int_equal(lease.zone->hosts[0].origins[0].https_port, 8443);
    assert_ok(db_scan_commit(store->db, &scan, lease.epoch, &store->why), &store->why);
    zone_free(lease.zone);
}

static void no_complaint(void *ctx, const char *complaint)
{
    (void)ctx;
    fail_msg("%s", complaint);
}

static void removal_takes_everything_but_events(void **state)
{
    struct store *store = *state;
    char gone[33];
    char stays[33];
    insert_zone(store, "gone.example", gone);
    insert_zone(store, "stays.example", stays);
    scan_zone(store, gone, MODE_STRICT, 0, 0);
    scan_zone(store, stays, MODE_STRICT, 0, 0);
    struct db_event event = {.zone_id = gone, .actor = "test", .kind = "added", .detail = "x"};
    assert_ok(db_event_add(store->db, &event, &store->why), &store->why);
    db_close(store->db);
    store->db = store_open(store, DB_WRITE);
    assert_ok(db_zone_remove(store->db, gone, &store->why), &store->why);
    assert_ok(db_check(store->db, no_complaint, NULL, &store->why), &store->why);
    struct db_scan scan = {0};
    assert_err(db_scan_current(store->db, gone, &scan, &store->why), ERR_NOT_FOUND);
    assert_ok(db_scan_current(store->db, stays, &scan, &store->why), &store->why);
    db_scan_done(&scan);
    // The name is free again, without the old scans.
    insert_zone(store, "gone.example", gone);
    assert_err(db_scan_current(store->db, gone, &scan, &store->why), ERR_NOT_FOUND);
}

struct names {
    char text[4096];
    size_t count;
    size_t stop_at;
};

static enum err add_name(void *ctx, const struct zone *zone)
{
    struct names *names = ctx;
    size_t used = strlen(names->text);
    (void)snprintf(names->text + used, sizeof names->text - used, "%s/%s ", zone->name,
                   zone->account);
    assert_true(zone->host_count > 0);
    names->count++;
    return names->count == names->stop_at ? ERR_INTERRUPTED : ERR_OK;
}

static void assert_listed(struct store *store, const struct db_filter *filter, const char *expected)
{
    struct names names = {0};
    assert_ok(db_zone_each(store->db, filter, add_name, &names, &store->why), &store->why);
    assert_string_equal(names.text, expected);
    int64_t count = -1;
    assert_ok(db_zone_count(store->db, filter, &count, &store->why), &store->why);
    if (filter == NULL || filter->limit == 0) {
        assert_int_equal(count, names.count);
    }
}

#define NO_MODES .mode = MODE_NONE, .recommended = MODE_NONE

static void filters_and_order(void **state)
{
    struct store *store = *state;
    static const struct {
        const char *name, *account;
        enum mode mode, recommended; // MODE_OFF = never scanned
        size_t blockers;
    } rows[] = {{"c.example", "x", MODE_FLEXIBLE, MODE_STRICT, 0},
                {"a.example", "x", MODE_FULL, MODE_FULL, 2},
                {"B.example", "y", MODE_FULL, MODE_NONE, 1},
                {"a.example", "y", MODE_FLEXIBLE, MODE_OFF, 0},
                {"d.example", "y", MODE_STRICT, MODE_STRICT, 0}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        OWN(zone_own) struct zone *zone = zone_of("h.example", rows[i].account);
        set_text(&zone->name, rows[i].name);
        zone->mode = rows[i].mode;
        zone->id[0] = (char)('0' + (int)i); // a.example of x before that of y
        assert_ok(db_zone_insert(store->db, zone, &store->why), &store->why);
        if (rows[i].recommended != MODE_OFF) {
            scan_zone(store, zone->id, rows[i].recommended, rows[i].blockers, 0);
        }
    }
    assert_listed(store, NULL, "B.example/y a.example/x a.example/y c.example/x d.example/y ");
    assert_listed(store, &(struct db_filter){NO_MODES, .account = "x"}, "a.example/x c.example/x ");
    assert_listed(store, &(struct db_filter){NO_MODES, .name = "a.example"},
                  "a.example/x a.example/y ");
    assert_listed(store, &(struct db_filter){NO_MODES, .name = "a.example", .account = "y"},
                  "a.example/y ");
    assert_listed(store, &(struct db_filter){.mode = MODE_FULL, .recommended = MODE_NONE},
                  "B.example/y a.example/x ");
    assert_listed(store, &(struct db_filter){.mode = MODE_NONE, .recommended = MODE_STRICT},
                  "c.example/x d.example/y ");
    assert_listed(store, &(struct db_filter){NO_MODES, .blocked = true},
                  "B.example/y a.example/x ");
    assert_listed(store, &(struct db_filter){NO_MODES, .account = "z"}, "");
    assert_listed(store, &(struct db_filter){NO_MODES, .after_name = "a.example"},
                  "c.example/x d.example/y ");
    assert_listed(store, &(struct db_filter){NO_MODES, .limit = 2}, "B.example/y a.example/x ");
}

struct page {
    struct names names;
    char last_name[64];
    char last_id[33];
};

static enum err add_to_page(void *ctx, const struct zone *zone)
{
    struct page *page = ctx;
    (void)snprintf(page->last_name, sizeof page->last_name, "%s", zone->name);
    memcpy(page->last_id, zone->id, sizeof page->last_id);
    return add_name(&page->names, zone);
}

static void pages_join_without_gap(void **state)
{
    struct store *store = *state;
    static const char *const names[] = {"a.example", "b.example", "c.example"};
    for (size_t i = 0; i < 9; i++) {
        char account[8];
        (void)snprintf(account, sizeof account, "%zu", i / 3);
        OWN(zone_own) struct zone *zone = zone_of(names[i % 3], account);
        assert_ok(db_zone_insert(store->db, zone, &store->why), &store->why);
    }
    struct names whole = {0};
    assert_ok(db_zone_each(store->db, NULL, add_name, &whole, &store->why), &store->why);
    struct page page = {0};
    struct db_filter filter = {NO_MODES, .limit = 2};
    size_t before = 0;
    do {
        before = page.names.count;
        char after_name[64];
        char after_id[33];
        memcpy(after_name, page.last_name, sizeof after_name);
        memcpy(after_id, page.last_id, sizeof after_id);
        filter.after_name = before == 0 ? NULL : after_name;
        filter.after_id = before == 0 ? NULL : after_id;
        assert_ok(db_zone_each(store->db, &filter, add_to_page, &page, &store->why), &store->why);
    } while (page.names.count > before);
    assert_string_equal(page.names.text, whole.text);
    assert_int_equal(whole.count, 9);
}

static void a_list_stops_when_told(void **state)
{
    struct store *store = *state;
    insert_zones(store, 5);
    struct names names = {.stop_at = 2};
    assert_err(db_zone_each(store->db, NULL, add_name, &names, &store->why), ERR_INTERRUPTED);
    assert_int_equal(names.count, 2);
}

struct nested {
    struct store *store;
    size_t outer, inner;
};

static enum err count_inner(void *ctx, const struct zone *zone)
{
    struct nested *nested = ctx;
    nested->inner += zone->host_count;
    return ERR_OK;
}

static enum err count_outer(void *ctx, const struct zone *zone)
{
    struct nested *nested = ctx;
    nested->outer++;
    OWN(zone_own) struct zone *again = NULL;
    assert_ok(db_zone_get(nested->store->db, &again, zone->name, NULL), NULL);
    return db_zone_each(nested->store->db, NULL, count_inner, nested, NULL);
}

static void each_may_read_through_the_same_handle(void **state)
{
    struct store *store = *state;
    insert_zones(store, 7);
    struct nested nested = {.store = store};
    assert_ok(db_zone_each(store->db, NULL, count_outer, &nested, &store->why), &store->why);
    assert_int_equal(nested.outer, 7);
    assert_int_equal(nested.inner, 49);
}

static void a_rollback_undoes(void **state)
{
    struct store *store = *state;
    char id[33];
    insert_zone(store, "stays.example", id);
    assert_ok(db_begin(store->db, &store->why), &store->why);
    insert_zone(store, "goes.example", id);
    db_rollback(store->db);
    db_rollback(store->db); // nothing to do
    int64_t count = 0;
    assert_ok(db_zone_count(store->db, NULL, &count, &store->why), &store->why);
    assert_int_equal(count, 1);
    insert_zone(store, "goes.example", id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_fields_come_back),
        cmocka_unit_test(many_hosts_and_origins),
        cmocka_unit_test(a_second_one_is_refused),
        cmocka_unit_test(a_bad_host_leaves_no_half_zone),
        cmocka_unit_test(what_is_not_there),
        cmocka_unit_test(one_name_in_two_accounts),
        cmocka_unit_test(a_new_zone_is_due_at_once_unless_custom),
        cmocka_unit_test(an_update_replaces_and_counts),
        cmocka_unit_test(an_update_may_not_take_a_name),
        cmocka_unit_test(what_makes_a_zone_due),
        cmocka_unit_test(a_changed_zone_loses_the_scan_in_work),
        cmocka_unit_test(removal_takes_everything_but_events),
        cmocka_unit_test(filters_and_order),
        cmocka_unit_test(pages_join_without_gap),
        cmocka_unit_test(a_list_stops_when_told),
        cmocka_unit_test(each_may_read_through_the_same_handle),
        cmocka_unit_test(a_rollback_undoes),
    };
    return contract_run("zones", tests, COUNT_OF(tests));
}
