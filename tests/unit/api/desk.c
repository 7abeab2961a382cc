// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/api/desk.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/check.h"

#define EVERYTHING                                                                                 \
    (1U << PERMISSION_ZONE_READ | 1U << PERMISSION_SETTINGS_READ | 1U << PERMISSION_SETTINGS_WRITE)

static void add_token(struct desk *desk, char secret[TOKEN_SECRET_SIZE], const char *name,
                      unsigned permissions, const char *account, const char *zone,
                      const char *owner, int64_t expires_at)
{
    struct why why = {""};
    OWN(token_own) struct token *token = token_new();
    assert_non_null(token);
    token->name = strdup(name);
    token->permissions = permissions;
    token->expires_at = expires_at;
    token->owner = owner == NULL ? NULL : strdup(owner);
    if (account != NULL) {
        assert_ok(strings_add(&token->accounts, &token->account_count, span_of(account), 1), NULL);
    }
    if (zone != NULL) {
        assert_ok(strings_add(&token->zones, &token->zone_count, span_of(zone), 1), NULL);
    }
    assert_ok(token_secret_new(secret, token->hash), NULL);
    assert_ok(db_token_insert(desk->db, token, &why), &why);
}

static void add_zone(struct desk *desk, size_t number)
{
    struct why why = {""};
    char name[32];
    struct host *host = NULL;
    OWN(zone_own) struct zone *zone = zone_new();
    (void)snprintf(name, sizeof name, "site%02zu.example", number);
    zone->name = strdup(name);
    free(zone->account);
    zone->account = strdup(number < DESK_ZONES - 5 ? "acme" : "other");
    zone->mode = MODE_FLEXIBLE;
    if (number == 1) {
        free(zone->plan);
        zone->plan = strdup("enterprise");
    }
    zone->authenticated_pulls = number == 2;
    zone->mode = number == 2 ? MODE_FULL : zone->mode;
    assert_ok(zone_add_host(&host, zone, span_of(name), &why), &why);
    assert_ok(host_add_origin(host, span_of("192.0.2.1"), 80, 443, &why), &why);
    assert_ok(db_zone_insert(desk->db, zone, &why), &why);
    (void)snprintf(desk->zones[number], sizeof desk->zones[number], "%s", zone->id);
}

void desk_open(struct desk *desk)
{
    struct why why = {""};
    const struct edge_settings dry = {.name = "dryrun", .driver = "dryrun"};
    *desk =
        (struct desk){.policy = api_policy_default(), .controller = controller_policy_default()};
    assert_ok(db_open_memory(&desk->db, "desk", &why), &why);
    assert_ok(edge_open(&desk->edge, &dry, &why), &why);
    (void)pthread_mutex_init(&desk->hands.lock, NULL);
    desk->hands.edges = &desk->edge;
    desk->hands.edge_count = 1;
    desk->hands.policy = &desk->controller;
    desk->worker =
        (struct api_worker){.db = desk->db, .policy = &desk->policy, .hands = &desk->hands};
    for (size_t i = 0; i < DESK_ZONES; i++) {
        add_zone(desk, i);
    }
    add_token(desk, desk->all, "all", EVERYTHING, NULL, NULL, NULL, 0);
    add_token(desk, desk->acme, "acme", EVERYTHING, "acme", NULL, NULL, 0);
    add_token(desk, desk->reader, "reader", 1U << PERMISSION_ZONE_READ, NULL, NULL, NULL, 0);
    add_token(desk, desk->looker, "looker", 1U << PERMISSION_SETTINGS_READ, NULL, NULL, NULL, 0);
    add_token(desk, desk->expired, "expired", EVERYTHING, NULL, NULL, NULL,
              db_clock(desk->db) - 3600);
    add_token(desk, desk->owned, "owned", EVERYTHING, NULL, NULL, "acme", 0);
    add_token(desk, desk->one, "one", EVERYTHING, NULL, desk->zones[3], NULL, 0);
}

void desk_close(struct desk *desk)
{
    json_decref(desk->answer);
    api_reply_done(&desk->reply);
    rate_free(desk->worker.rate);
    edge_close(desk->edge);
    db_close(desk->db);
    (void)pthread_mutex_destroy(&desk->hands.lock);
}

unsigned desk_ask_raw(struct desk *desk, const struct api_ask *ask)
{
    json_decref(desk->answer);
    api_reply_done(&desk->reply);
    api_answer(&desk->worker, ask, &desk->reply);
    unsigned status = desk->reply.status;
    char *text = api_reply_print(&desk->reply);
    assert_non_null(text);
    desk->answer = json_loads(text, 0, NULL);
    free(text);
    // What clients rely on, whatever the request was.
    assert_true(json_is_object(desk->answer));
    assert_true(json_is_array(json_object_get(desk->answer, "errors")));
    assert_true(json_is_array(json_object_get(desk->answer, "messages")));
    assert_non_null(json_object_get(desk->answer, "result"));
    bool good = json_is_true(json_object_get(desk->answer, "success"));
    assert_int_equal(good, status < 400);
    assert_int_equal(good, json_array_size(json_object_get(desk->answer, "errors")) == 0);
    return status;
}

unsigned desk_ask(struct desk *desk, const char *method, const char *path, const char *token,
                  const char *body)
{
    char target[12000];
    char authorization[128];
    bool based = strncmp(path, API_BASE, strlen(API_BASE)) == 0;
    (void)snprintf(target, sizeof target, "%s%s", based ? "" : API_BASE, path);
    (void)snprintf(authorization, sizeof authorization, "Bearer %s", token == NULL ? "" : token);
    const struct api_ask ask = {.method = method,
                                .target = target,
                                .authorization = token == NULL ? NULL : authorization,
                                .content_type = "application/json",
                                .header_count = 5,
                                .body = span_of(body)};
    return desk_ask_raw(desk, &ask);
}

static const json_t *first_error(const struct desk *desk)
{
    return json_array_get(json_object_get(desk->answer, "errors"), 0);
}

long long desk_code(const struct desk *desk)
{
    return json_integer_value(json_object_get(first_error(desk), "code"));
}

const char *desk_words(const struct desk *desk)
{
    const char *words = json_string_value(json_object_get(first_error(desk), "message"));
    return words == NULL ? "" : words;
}

json_t *desk_result(const struct desk *desk)
{
    return json_object_get(desk->answer, "result");
}

const char *desk_text(const struct desk *desk, const char *key)
{
    const char *text = json_string_value(json_object_get(desk_result(desk), key));
    return text == NULL ? "" : text;
}

bool desk_noted(const struct desk *desk, enum api_note note)
{
    const json_t *messages = json_object_get(desk->answer, "messages");
    for (size_t i = 0; i < json_array_size(messages); i++) {
        const json_t *code = json_object_get(json_array_get(messages, i), "code");
        if (json_integer_value(code) == (json_int_t)note) {
            return true;
        }
    }
    return false;
}

struct counting {
    const char *kind;
    size_t count;
    char *detail;
};

static enum err count_event(void *ctx, const struct db_event *event)
{
    struct counting *counting = ctx;
    if (strcmp(event->kind, counting->kind) == 0 && counting->count++ == 0) {
        (void)snprintf(counting->detail, 512, "%s by %s", event->detail, event->actor);
    }
    return ERR_OK;
}

size_t desk_events(struct desk *desk, const char *zone_id, const char *kind, char detail[512])
{
    struct counting counting = {kind, 0, detail};
    detail[0] = '\0';
    assert_ok(db_event_each(desk->db, zone_id, 0, count_event, &counting, NULL), NULL);
    return counting.count;
}

const char *desk_path(const struct desk *desk, size_t zone, const char *rest)
{
    static char path[256];
    (void)snprintf(path, sizeof path, "/zones/%s%s", desk->zones[zone], rest);
    return path;
}
