// SPDX-License-Identifier: Apache-2.0
// Lists of zones: filters, order, pages; tokens and their limits.
#include <stdlib.h>
#include <string.h>

#include "tests/support/check.h"
#include "tests/unit/api/desk.h"

static size_t listed(struct desk *desk, const char *query)
{
    char path[512];
    (void)snprintf(path, sizeof path, "/zones?per_page=100&%s", query);
    assert_int_equal(desk_ask(desk, "GET", path, desk->all, NULL), 200);
    const json_t *info = json_object_get(desk->answer, "result_info");
    size_t count = json_array_size(desk_result(desk));
    assert_int_equal(json_integer_value(json_object_get(info, "total_count")), count);
    return count;
}

static void filters(void **state)
{
    (void)state;
    struct desk desk;
    char id[33];
    char query[128];
    desk_open(&desk);
    assert_int_equal(listed(&desk, ""), DESK_ZONES);
    assert_int_equal(listed(&desk, "name=site03.example"), 1);
    assert_int_equal(listed(&desk, "name=SITE03.example"), 1);
    assert_int_equal(listed(&desk, "name=equal:site03.example"), 1);
    assert_int_equal(listed(&desk, "name=not_equal:site03.example"), DESK_ZONES - 1);
    assert_int_equal(listed(&desk, "name=starts_with:site0"), 10);
    assert_int_equal(listed(&desk, "name=starts_with:SITE0"), 10);
    assert_int_equal(listed(&desk, "name=starts_with_case_sensitive:SITE0"), 0);
    assert_int_equal(listed(&desk, "name=ends_with:4.example"), 3);
    assert_int_equal(listed(&desk, "name=contains:ite1"), 10);
    assert_int_equal(listed(&desk, "name=contains:%25"), 0);
    assert_int_equal(listed(&desk, "name=nonsense:site03.example"), 0);
    assert_int_equal(listed(&desk, "account.name=other"), 5);
    assert_int_equal(listed(&desk, "account.name=contains:THE"), 5);
    assert_int_equal(listed(&desk, "account.name=contains_case_sensitive:THE"), 0);
    assert_int_equal(listed(&desk, "status=active"), DESK_ZONES);
    assert_int_equal(listed(&desk, "status=pending"), 0);
    assert_int_equal(listed(&desk, "type=full&type=partial"), DESK_ZONES);
    assert_int_equal(listed(&desk, "type=partial"), 0);
    assert_int_equal(listed(&desk, "account.name=other&name=site03.example"), 0);
    assert_int_equal(listed(&desk, "account.name=other&name=site03.example&match=any"), 6);
    assert_int_equal(listed(&desk, "something=else"), DESK_ZONES);
    assert_ok(account_id(id, "other"), NULL);
    (void)snprintf(query, sizeof query, "account.id=%s", id);
    assert_int_equal(listed(&desk, query), 5);
    // SQL is no filter.
    assert_int_equal(listed(&desk, "name=x'%20OR%20'1'='1"), 0);
    desk_close(&desk);
}

static void all_of_them_by_pages(struct desk *desk, const char *order)
{
    bool seen[DESK_ZONES] = {false};
    size_t count = 0;
    for (int page = 1;; page++) {
        char path[128];
        (void)snprintf(path, sizeof path, "/zones?per_page=4&page=%d&%s", page, order);
        assert_int_equal(desk_ask(desk, "GET", path, desk->all, NULL), 200);
        const json_t *list = desk_result(desk);
        if (json_array_size(list) == 0) {
            break; // behind the end: still an answer
        }
        for (size_t i = 0; i < json_array_size(list); i++) {
            const char *id = json_string_value(json_object_get(json_array_get(list, i), "id"));
            for (size_t z = 0; z < DESK_ZONES; z++) {
                if (strcmp(desk->zones[z], id) == 0) {
                    assert_false(seen[z]);
                    seen[z] = true;
                    count++;
                }
            }
        }
    }
    assert_int_equal(count, DESK_ZONES);
}

static void pages(void **state)
{
    (void)state;
    struct desk desk;
    static const char *const orders[] = {"order=name",         "order=name&direction=desc",
                                         "order=account.name", "order=account.id&direction=desc",
                                         "order=plan.id",      "order=status"};
    desk_open(&desk);
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        all_of_them_by_pages(&desk, orders[i]);
    }
    assert_int_equal(desk_ask(&desk, "GET", "/zones", desk.all, NULL), 200);
    const json_t *info = json_object_get(desk.answer, "result_info");
    assert_int_equal(json_integer_value(json_object_get(info, "per_page")), 20);
    assert_int_equal(json_integer_value(json_object_get(info, "total_pages")), 2);
    assert_int_equal(desk_ask(&desk, "GET", "/zones?per_page=99999999999", desk.all, NULL), 200);
    assert_int_equal(desk_ask(&desk, "GET", "/zones/?page=99999999999", desk.all, NULL), 200);
    assert_int_equal(json_array_size(desk_result(&desk)), 0);
    desk_close(&desk);
}

static void one_zone(void **state)
{
    (void)state;
    struct desk desk;
    char id[33];
    desk_open(&desk);
    assert_int_equal(desk_ask(&desk, "GET", desk_path(&desk, 7, ""), desk.all, NULL), 200);
    assert_string_equal(desk_text(&desk, "id"), desk.zones[7]);
    assert_string_equal(desk_text(&desk, "name"), "site07.example");
    assert_string_equal(desk_text(&desk, "status"), "active");
    assert_ok(account_id(id, "acme"), NULL);
    const json_t *account = json_object_get(desk_result(&desk), "account");
    assert_string_equal(json_string_value(json_object_get(account, "id")), id);
    assert_true(zone_id_valid(span_of(id)));
    desk_close(&desk);
}

// Clients show what can be done by this list.
static void permissions_are_those_of_the_token(void **state)
{
    (void)state;
    struct desk desk;
    char *text = NULL;
    desk_open(&desk);
    assert_int_equal(desk_ask(&desk, "GET", desk_path(&desk, 7, ""), desk.all, NULL), 200);
    text = json_dumps(json_object_get(desk_result(&desk), "permissions"), JSON_COMPACT);
    assert_string_equal(text, "[\"#zone:read\",\"#zone_settings:read\",\"#zone_settings:edit\"]");
    free(text);
    assert_int_equal(desk_ask(&desk, "GET", "/zones", desk.reader, NULL), 200);
    text = json_dumps(json_object_get(json_array_get(desk_result(&desk), 0), "permissions"),
                      JSON_COMPACT);
    assert_string_equal(text, "[\"#zone:read\"]");
    free(text);
    desk_close(&desk);
}

static void tokens_verify_where_they_belong(void **state)
{
    (void)state;
    struct desk desk;
    char id[33];
    char path[128];
    desk_open(&desk);
    assert_ok(account_id(id, "acme"), NULL);
    (void)snprintf(path, sizeof path, "/accounts/%s/tokens/verify", id);
    assert_int_equal(desk_ask(&desk, "GET", "/user/tokens/verify", desk.all, NULL), 200);
    assert_string_equal(desk_text(&desk, "status"), "active");
    assert_true(desk_noted(&desk, NOTE_TOKEN_ACTIVE));
    assert_int_equal(desk_ask(&desk, "GET", path, desk.all, NULL), 401);
    assert_int_equal(desk_ask(&desk, "GET", path, desk.owned, NULL), 200);
    assert_int_equal(desk_ask(&desk, "GET", "/user/tokens/verify", desk.owned, NULL), 401);
    assert_int_equal(desk_code(&desk), 1000);
    desk_close(&desk);
}

// Zones 20 to 24 are of another account.
static void an_accounts_token_reaches_its_zones_alone(void **state)
{
    (void)state;
    struct desk desk;
    static const char strict[] = "{\"value\":\"strict\"}";
    desk_open(&desk);
    assert_int_equal(desk_ask(&desk, "GET", "/zones?per_page=50", desk.owned, NULL), 200);
    assert_int_equal(json_array_size(desk_result(&desk)), DESK_ZONES - 5);
    assert_int_equal(desk_ask(&desk, "GET", desk_path(&desk, 20, ""), desk.owned, NULL), 404);
    assert_int_equal(
        desk_ask(&desk, "PATCH", desk_path(&desk, 20, "/settings/ssl"), desk.owned, strict), 404);
    assert_int_equal(desk_code(&desk), 7003);
    assert_int_equal(
        desk_ask(&desk, "PATCH", desk_path(&desk, 19, "/settings/ssl"), desk.owned, strict), 200);
    desk_close(&desk);
}

static void requests_are_counted(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk);
    desk.policy.rate_requests = 3;
    desk.policy.rate_window_s = 300;
    desk.worker.rate = rate_new(3, 300);
    int64_t now = db_clock(desk.db);
    db_clock_set(desk.db, now);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(desk_ask(&desk, "GET", "/zones", desk.all, NULL), 200);
        assert_int_equal(desk.reply.remaining, 2 - i);
    }
    db_clock_set(desk.db, now + 100);
    assert_int_equal(desk_ask(&desk, "GET", "/zones", desk.all, NULL), 429);
    assert_int_equal(desk_code(&desk), 971);
    assert_int_equal(desk.reply.retry_after_s, 200);
    assert_int_equal(desk_ask(&desk, "GET", "/zones", desk.acme, NULL), 200); // by token
    db_clock_set(desk.db, now + 299);
    assert_int_equal(desk_ask(&desk, "GET", "/zones", desk.all, NULL), 429);
    assert_int_equal(desk.reply.retry_after_s, 1);
    db_clock_set(desk.db, now + 300);
    assert_int_equal(desk_ask(&desk, "GET", "/zones", desk.all, NULL), 200);
    db_clock_set(desk.db, now - 5000); // a clock that was set back locks nobody out
    assert_int_equal(desk_ask(&desk, "GET", "/zones", desk.all, NULL), 200);
    desk_close(&desk);
}

static void history_and_rescan(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk);
    assert_int_equal(desk_ask(&desk, "POST", desk_path(&desk, 0, "/ssl/rescan"), desk.all, NULL),
                     200);
    assert_true(desk_noted(&desk, NOTE_NOTHING_CHANGED)); // a new zone is due at once
    assert_int_equal(desk_ask(&desk, "PATCH", desk_path(&desk, 0, "/settings/ssl"), desk.all,
                              "{\"value\":\"full\"}"),
                     200);
    assert_int_equal(desk_ask(&desk, "POST", desk_path(&desk, 0, "/ssl/rescan"), desk.all, "{}"),
                     200);
    assert_true(json_is_true(json_object_get(desk_result(&desk), "requested")));
    assert_true(desk_noted(&desk, NOTE_OUTSIDE_AUTO));
    assert_int_equal(
        desk_ask(&desk, "GET", desk_path(&desk, 0, "/ssl/history?per_page=2"), desk.all, NULL),
        200);
    assert_int_equal(json_array_size(desk_result(&desk)), 2);
    const json_t *first = json_array_get(desk_result(&desk), 0);
    assert_string_equal(json_string_value(json_object_get(first, "kind")), "scan_requested");
    assert_string_equal(json_string_value(json_object_get(first, "actor")), "token:all");
    assert_int_equal(desk_ask(&desk, "GET", desk_path(&desk, 0, "/ssl/history?per_page=2&page=2"),
                              desk.all, NULL),
                     200);
    assert_int_equal(json_array_size(desk_result(&desk)), 1);
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters),
        cmocka_unit_test(pages),
        cmocka_unit_test(one_zone),
        cmocka_unit_test(permissions_are_those_of_the_token),
        cmocka_unit_test(tokens_verify_where_they_belong),
        cmocka_unit_test(an_accounts_token_reaches_its_zones_alone),
        cmocka_unit_test(requests_are_counted),
        cmocka_unit_test(history_and_rescan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
