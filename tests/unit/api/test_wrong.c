// SPDX-License-Identifier: Apache-2.0
// Wrong requests, each with the status and code that clients know.
#include <stdlib.h>
#include <string.h>

#include "tests/support/check.h"
#include "tests/unit/api/desk.h"

struct wrong {
    const char *method;
    const char *path; // "@" is the first zone's id
    const char *body;
    unsigned status;
    long long code;
    const char *type;          // NULL = application/json, "" = none
    const char *authorization; // NULL = the token that may do everything, "" = none
};

#define SSL  "/zones/@/settings/ssl"
#define AUTO "/zones/@/settings/ssl_automatic_mode"
#define LONG "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define FORM "application/x-www-form-urlencoded"

static const struct wrong wrongs[] = {
    // path and method
    {"GET", "/", NULL, 404, 7000, NULL, NULL},
    {"GET", "/nothing", NULL, 404, 7000, NULL, NULL},
    {"GET", "/client/v5/zones", NULL, 404, 7000, NULL, NULL},
    {"GET", "/client/v4zones", NULL, 404, 7000, NULL, NULL},
    {"GET", "/zones//settings", NULL, 404, 7000, NULL, NULL},
    {"GET", "/zones/@/settings/ssl/more", NULL, 404, 7000, NULL, NULL},
    {"GET", "/zones/@/../@", NULL, 404, 7000, NULL, NULL},
    {"GET", "/a/b/c/d/e/f/g/h/i/j", NULL, 404, 7000, NULL, NULL},
    {"GET", "/zones/%zz", NULL, 404, 7000, NULL, NULL},
    {"GET", "/zones/%0a", NULL, 404, 7000, NULL, NULL},
    {"GET", "/zones/%ff%fe", NULL, 404, 7000, NULL, NULL},
    {"GET", "/zones/%4", NULL, 404, 7000, NULL, NULL},
    {"GET", "/Zones", NULL, 404, 7000, NULL, NULL},
    {"POST", "/zones", "{}", 405, 7001, NULL, NULL},
    {"DELETE", "/zones/@", NULL, 405, 7001, NULL, NULL},
    {"PUT", SSL, "{\"value\":\"full\"}", 405, 7001, NULL, NULL},
    {"POST", SSL, "{\"value\":\"full\"}", 405, 7001, NULL, NULL},
    {"OPTIONS", "/zones", NULL, 405, 7001, NULL, NULL},
    {"get", "/zones", NULL, 405, 7001, NULL, NULL},
    {"PATCH", "/zones/@/ssl/rollout", "{}", 405, 7001, NULL, NULL},
    {"GET", "/zones/@/ssl/rescan", NULL, 405, 7001, NULL, NULL},
    // identifiers
    {"GET", "/zones/1", NULL, 400, 7003, NULL, NULL},
    {"GET", "/zones/site00.example", NULL, 400, 7003, NULL, NULL},
    {"GET", "/zones/0123456789ABCDEF0123456789ABCDEF", NULL, 400, 7003, NULL, NULL},
    {"GET", "/zones/0123456789abcdef0123456789abcdef0", NULL, 400, 7003, NULL, NULL},
    {"GET", "/zones/0123456789abcdef0123456789abcde'", NULL, 400, 7003, NULL, NULL},
    {"GET", "/zones/0123456789abcdef0123456789abcdef", NULL, 404, 7003, NULL, NULL},
    {"PATCH", "/zones/0123456789abcdef0123456789abcdef/settings/ssl", "{\"value\":\"full\"}", 404,
     7003, NULL, NULL},
    {"GET", "/accounts/acme/tokens/verify", NULL, 400, 7003, NULL, NULL},
    {"GET", "/zones/@/settings/nothing", NULL, 400, 1006, NULL, NULL},
    {"PATCH", "/zones/@/settings/always_use_https", "{\"value\":\"on\"}", 400, 1006, NULL, NULL},
    // values
    {"PATCH", SSL, "{\"value\":\"Full\"}", 400, 1007, NULL, NULL},
    {"PATCH", SSL, "{\"value\":\"full \"}", 400, 1007, NULL, NULL},
    {"PATCH", SSL, "{\"value\":\"\"}", 400, 1007, NULL, NULL},
    {"PATCH", SSL, "{\"value\":null}", 400, 1007, NULL, NULL},
    {"PATCH", SSL, "{\"value\":3}", 400, 1007, NULL, NULL},
    {"PATCH", SSL, "{\"value\":[\"full\"]}", 400, 1007, NULL, NULL},
    {"PATCH", SSL, "{\"value\":\"" LONG "\"}", 400, 1007, NULL, NULL},
    {"PATCH", SSL, "{\"enabled\":true}", 400, 1004, NULL, NULL},
    {"PATCH", SSL, "{\"value\":\"origin_pull\"}", 403, 1015, NULL, NULL},
    {"PATCH", AUTO, "{\"value\":\"automatic\"}", 400, 1007, NULL, NULL},
    {"PATCH", AUTO, "{\"value\":true}", 400, 1007, NULL, NULL},
    {"PATCH", "/zones/@/settings/ssl_recommender", "{\"value\":true}", 400, 1004, NULL, NULL},
    {"PATCH", "/zones/@/settings/ssl_recommender", "{\"enabled\":\"yes\"}", 400, 1007, NULL, NULL},
    {"PATCH", "/zones/@/settings", "{}", 400, 1004, NULL, NULL},
    {"PATCH", "/zones/@/settings", "{\"items\":{}}", 400, 1004, NULL, NULL},
    {"PATCH", "/zones/@/settings", "{\"items\":[]}", 400, 1004, NULL, NULL},
    {"PATCH", "/zones/@/settings", "{\"items\":[{\"value\":\"full\"}]}", 400, 1004, NULL, NULL},
    {"PATCH", "/zones/@/settings", "{\"items\":[{\"id\":\"ssl\"}]}", 400, 1004, NULL, NULL},
    {"PATCH", "/zones/@/settings", "{\"items\":[{\"id\":\"x\",\"value\":1}]}", 400, 1006, NULL,
     NULL},
    {"PATCH", "/zones/@/settings",
     "{\"items\":[{\"id\":\"ssl\",\"value\":\"full\"},{\"id\":\"ssl\",\"value\":\"off\"}]}", 400,
     1004, NULL, NULL},
    {"POST", "/zones/@/ssl/rollout", "{}", 400, 1004, NULL, NULL},
    {"POST", "/zones/@/ssl/rollout", "{\"action\":\"explode\"}", 400, 1004, NULL, NULL},
    {"POST", "/zones/@/ssl/rollout", "{\"action\":\"start\",\"to\":\"best\"}", 400, 1004, NULL,
     NULL},
    {"POST", "/zones/@/ssl/rollout", "{\"action\":\"abort\",\"reason\":1}", 400, 1004, NULL, NULL},
    {"POST", "/zones/@/ssl/rollout", "{\"action\":\"abort\"}", 404, 12007, NULL, NULL},
    {"POST", "/zones/@/ssl/rollout", "{\"action\":\"start\"}", 400, 12008, NULL, NULL},
    {"GET", "/zones/@/ssl/rollout", NULL, 404, 12007, NULL, NULL},
    {"GET", "/zones/@/ssl/evidence", NULL, 404, 12006, NULL, NULL},
    // JSON
    {"PATCH", SSL, "", 400, 6007, NULL, NULL},
    {"PATCH", SSL, "{", 400, 6007, NULL, NULL},
    {"PATCH", SSL, "{\"value\":\"full\"", 400, 6007, NULL, NULL},
    {"PATCH", SSL, "{\"value\":\"full\"} {}", 400, 6007, NULL, NULL},
    {"PATCH", SSL, "{'value':'full'}", 400, 6007, NULL, NULL},
    {"PATCH", SSL, "value=full", 400, 6007, NULL, NULL},
    {"PATCH", SSL, "{\"value\":\"full\",\"value\":\"strict\"}", 400, 6007, NULL, NULL},
    {"PATCH", SSL, "{\"value\":\"\xff\xfe\"}", 400, 6007, NULL, NULL},
    {"PATCH", SSL, "{\"value\":\"\\u0000\"}", 400, 6007, NULL, NULL},
    {"PATCH", SSL, "{\"value\":\"\\ud800\"}", 400, 6007, NULL, NULL},
    {"PATCH", SSL, "{\"value\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}", 400, 6007, NULL, NULL},
    {"PATCH", SSL, "{\"value\":1e999}", 400, 6007, NULL, NULL},
    {"PATCH", SSL, "[\"full\"]", 400, 1004, NULL, NULL},
    {"PATCH", SSL, "\"full\"", 400, 6007, NULL, NULL},
    {"PATCH", SSL, "null", 400, 6007, NULL, NULL},
    // types
    {"PATCH", SSL, "{\"value\":\"full\"}", 400, 6003, "text/plain", NULL},
    {"PATCH", SSL, "value=full", 400, 6003, FORM, NULL},
    {"PATCH", SSL, "{\"value\":\"full\"}", 400, 6003, "application/jsonp", NULL},
    {"PATCH", SSL, "{\"value\":\"full\"}", 400, 6003, "application/merge-patch+json", NULL},
    // tokens
    {"GET", "/zones", NULL, 400, 9106, NULL, ""},
    {"GET", "/zones", NULL, 401, 10000, NULL, "Bearer wrong"},
    {"GET", "/zones", NULL, 400, 6003, NULL, "Basic dTpw"},
    {"GET", "/zones", NULL, 400, 6003, NULL, "Bearer "},
    {"GET", "/zones", NULL, 400, 6003, NULL, "Bearer"},
    {"GET", "/zones", NULL, 400, 6003, NULL, "Bearer a b"},
    {"GET", "/zones", NULL, 400, 6003, NULL, "Bearer " LONG LONG LONG LONG LONG},
    {"GET", "/user/tokens/verify", NULL, 401, 1000, NULL, "Bearer wrong"},
    {"GET", "/accounts/0123456789abcdef0123456789abcdef/tokens/verify", NULL, 401, 1000, NULL,
     "Bearer wrong"},
    {"GET", "/accounts/0123456789abcdef0123456789abcdef/tokens/verify", NULL, 401, 1000, NULL,
     NULL},
    // queries
    {"GET", "/zones?page=0", NULL, 400, 1004, NULL, NULL},
    {"GET", "/zones?page=-1", NULL, 400, 1004, NULL, NULL},
    {"GET", "/zones?page=one", NULL, 400, 1004, NULL, NULL},
    {"GET", "/zones?per_page=0", NULL, 400, 1004, NULL, NULL},
    {"GET", "/zones?per_page=", NULL, 400, 1004, NULL, NULL},
    {"GET", "/zones?page=1&page=2", NULL, 400, 1004, NULL, NULL},
    {"GET", "/zones?order=size", NULL, 400, 1004, NULL, NULL},
    {"GET", "/zones?direction=up", NULL, 400, 1004, NULL, NULL},
    {"GET", "/zones?match=some", NULL, 400, 1004, NULL, NULL},
    {"GET", "/zones?status=dead", NULL, 400, 1004, NULL, NULL},
    {"GET", "/zones?type=half", NULL, 400, 1004, NULL, NULL},
    {"GET", "/zones?account.id=acme", NULL, 400, 1004, NULL, NULL},
    {"GET", "/zones?name=%zz", NULL, 400, 1004, NULL, NULL},
    {"GET", "/zones?name=%00", NULL, 400, 1004, NULL, NULL},
    {"GET", "/zones?name=a&name=b", NULL, 400, 1004, NULL, NULL},
};

// "@" becomes the first zone's id.
static void fill(char *out, size_t size, const struct desk *desk, const char *path)
{
    bool based = strncmp(path, "/client/", strlen("/client/")) == 0;
    size_t at = (size_t)snprintf(out, size, "%s", based ? "" : API_BASE);
    for (; *path != '\0'; path++) {
        at += (size_t)(*path == '@' ? snprintf(out + at, size - at, "%s", desk->zones[0])
                                    : snprintf(out + at, size - at, "%c", *path));
        assert_true(at < size);
    }
}

static void each_has_its_code(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk);
    size_t missed = 0;
    assert_true(COUNT_OF(wrongs) >= 60);
    for (size_t i = 0; i < COUNT_OF(wrongs); i++) {
        const struct wrong *wrong = &wrongs[i];
        char target[512];
        char token[128];
        fill(target, sizeof target, &desk, wrong->path);
        (void)snprintf(token, sizeof token, "Bearer %s", desk.all);
        const char *given = wrong->authorization == NULL      ? token
                            : wrong->authorization[0] == '\0' ? NULL
                                                              : wrong->authorization;
        const struct api_ask ask = {.method = wrong->method,
                                    .target = target,
                                    .authorization = given,
                                    .content_type =
                                        wrong->type == NULL ? "application/json" : wrong->type,
                                    .header_count = 4,
                                    .body = span_of(wrong->body)};
        unsigned status = desk_ask_raw(&desk, &ask);
        if (status != wrong->status || desk_code(&desk) != wrong->code) {
            print_error("%s %s %s: %u, %lld (%s), not %u, %lld\n", wrong->method, wrong->path,
                        wrong->body == NULL ? "" : wrong->body, status, desk_code(&desk),
                        desk_words(&desk), wrong->status, wrong->code);
            missed++;
        }
    }
    assert_int_equal(missed, 0);
    // None of them changed anything.
    char detail[512];
    assert_int_equal(desk_events(&desk, desk.zones[0], "mode_changed", detail), 0);
    assert_int_equal(desk_events(&desk, desk.zones[0], "automatic_changed", detail), 0);
    desk_close(&desk);
}

static void frames_and_sizes(void **state)
{
    (void)state;
    struct desk desk;
    char token[128];
    char target[LIMIT_API_TARGET + 100];
    desk_open(&desk);
    (void)snprintf(token, sizeof token, "Bearer %s", desk.all);
    const struct api_ask good = {
        .method = "GET", .target = API_BASE "/zones", .authorization = token, .header_count = 4};
    struct api_ask ask = good;
    ask.framed_twice = true;
    assert_int_equal(desk_ask_raw(&desk, &ask), 400);
    assert_int_equal(desk_code(&desk), 6003);
    ask = good;
    ask.authorized_twice = true;
    assert_int_equal(desk_ask_raw(&desk, &ask), 400);
    ask = good;
    ask.header_count = LIMIT_API_HEADERS + 1;
    assert_int_equal(desk_ask_raw(&desk, &ask), 431);
    ask = good;
    ask.body_too_long = true;
    assert_int_equal(desk_ask_raw(&desk, &ask), 413);
    ask = good;
    memset(target, 'a', sizeof target - 1);
    target[sizeof target - 1] = '\0';
    memcpy(target, API_BASE "/", strlen(API_BASE "/"));
    ask.target = target;
    assert_int_equal(desk_ask_raw(&desk, &ask), 414);
    ask = good;
    ask.authorization = NULL;
    ask.legacy_key = true;
    assert_int_equal(desk_ask_raw(&desk, &ask), 400);
    assert_int_equal(desk_code(&desk), 6003);
    ask = good;
    ask.method = "PATCH";
    ask.target = API_BASE "/zones/x/settings/ssl";
    ask.content_encoding = "gzip";
    assert_int_equal(desk_ask_raw(&desk, &ask), 400);
    assert_int_equal(desk_ask_raw(&desk, &good), 200);
    desk_close(&desk);
}

// A zone out of reach and one that is not there: one answer, byte for byte.
static void nothing_is_revealed(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk);
    assert_int_equal(desk_ask(&desk, "GET", desk_path(&desk, 24, ""), desk.acme, NULL), 404);
    char *out_of_reach = json_dumps(desk.answer, JSON_SORT_KEYS);
    assert_int_equal(
        desk_ask(&desk, "GET", "/zones/0123456789abcdef0123456789abcdef", desk.acme, NULL), 404);
    char *not_there = json_dumps(desk.answer, JSON_SORT_KEYS);
    assert_string_equal(out_of_reach, not_there);
    free(out_of_reach);
    free(not_there);
    // Expired, removed and never there as well.
    assert_int_equal(desk_ask(&desk, "GET", "/zones", desk.expired, NULL), 401);
    assert_int_equal(desk_code(&desk), 10000);
    assert_ok(db_token_remove(desk.db, "one", NULL), NULL);
    assert_int_equal(desk_ask(&desk, "GET", "/zones", desk.one, NULL), 401);
    assert_int_equal(desk_code(&desk), 10000);
    // The permission is looked at before the zone.
    assert_int_equal(desk_ask(&desk, "GET", "/zones/0123456789abcdef0123456789abcdef/settings",
                              desk.reader, NULL),
                     403);
    assert_int_equal(desk_code(&desk), 9109);
    desk_close(&desk);
}

static void permissions_hold(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk);
    const char *body = "{\"value\":\"custom\"}";
    const char *path = "/settings/ssl_automatic_mode";
    assert_int_equal(desk_ask(&desk, "GET", "/zones", desk.looker, NULL), 403);
    assert_int_equal(desk_ask(&desk, "GET", "/zones", desk.reader, NULL), 200);
    assert_int_equal(desk_ask(&desk, "GET", desk_path(&desk, 0, path), desk.looker, NULL), 200);
    assert_int_equal(desk_ask(&desk, "PATCH", desk_path(&desk, 0, path), desk.looker, body), 403);
    assert_int_equal(desk_ask(&desk, "PATCH", desk_path(&desk, 0, path), desk.reader, body), 403);
    assert_int_equal(desk_ask(&desk, "PATCH", desk_path(&desk, 0, path), desk.one, body), 404);
    assert_int_equal(desk_ask(&desk, "PATCH", desk_path(&desk, 3, path), desk.one, body), 200);
    assert_int_equal(desk_ask(&desk, "GET", "/zones", desk.one, NULL), 200);
    assert_int_equal(json_array_size(desk_result(&desk)), 1);
    assert_int_equal(desk_ask(&desk, "GET", "/zones?per_page=50", desk.acme, NULL), 200);
    assert_int_equal(json_array_size(desk_result(&desk)), DESK_ZONES - 5);
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_has_its_code),
        cmocka_unit_test(frames_and_sizes),
        cmocka_unit_test(nothing_is_revealed),
        cmocka_unit_test(permissions_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
