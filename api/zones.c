// SPDX-License-Identifier: Apache-2.0
// GET /zones and /zones/{id}, and the verification of tokens.
#include <stdlib.h>
#include <string.h>

#include "api/call.h"

DEFINE_OWN(json_own, json_t, json_decref)

#define PER_PAGE 20

static json_t *account_json(const char *name)
{
    char id[33];
    return account_id(id, name) != ERR_OK ? NULL : json_pack("{s:s, s:s}", "id", id, "name", name);
}

// What the token may do, in the words of the product.
static json_t *permissions_json(const struct token *token)
{
    static const char *const words[PERMISSION_COUNT] = {
        [PERMISSION_ZONE_READ] = "#zone:read",
        [PERMISSION_SETTINGS_READ] = "#zone_settings:read",
        [PERMISSION_SETTINGS_WRITE] = "#zone_settings:edit",
    };
    json_t *list = json_array();
    for (unsigned i = 0; list != NULL && i < PERMISSION_COUNT; i++) {
        if (token_may(token, (enum permission)i) &&
            json_array_append_new(list, json_string(words[i])) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

// What an edge of one's own has no notion of keeps the value that clients expect of a plain zone.
static json_t *zone_json(const struct zone *zone, const struct db_zone_state *zone_state,
                         const struct token *token)
{
    json_t *account = account_json(zone->account);
    if (account == NULL) {
        return NULL;
    }
    json_t *json = json_pack(
        "{s:s, s:s, s:s, s:b, s:s, s:i, s:[], s:[], s:n, s:n, s:o, s:o, s:o}", "id", zone->id,
        "name", zone->name, "status", "active", "paused", 0, "type", "full", "development_mode", 0,
        "name_servers", "original_name_servers", "original_registrar", "original_dnshost",
        "created_on", api_time(zone->created_at), "modified_on",
        api_time(zone_state->modified_at != 0 ? zone_state->modified_at : zone->created_at),
        "activated_on", api_time(zone->created_at));
    json_t *more = json_pack("{s:{s:i, s:b, s:b, s:b, s:i, s:b}, s:O, s:o, s:{s:s, s:s, s:s}, s:o}",
                             "meta", "step", 2, "phishing_detected", 0, "cdn_only", 0, "dns_only",
                             0, "page_rule_quota", 0, "foundation_dns", 0, "account", account,
                             "owner", account, "plan", "id", zone->plan, "name", zone->plan,
                             "legacy_id", zone->plan, "permissions", permissions_json(token));
    bool good = json != NULL && more != NULL && json_object_update(json, more) == 0;
    json_decref(more);
    if (!good) {
        json_decref(json);
        json = NULL;
    }
    return json;
}

// -- filters -------------------------------------------------------------------------------------
struct operator_row {
    const char *word;
    enum db_match_how how;
    bool case_sensitive;
};

static const struct operator_row operators[] = {
    {"equal", DB_EQUAL, false},
    {"not_equal", DB_NOT_EQUAL, false},
    {"starts_with", DB_STARTS_WITH, false},
    {"ends_with", DB_ENDS_WITH, false},
    {"contains", DB_CONTAINS, false},
    {"equal_case_sensitive", DB_EQUAL, true},
    {"not_equal_case_sensitive", DB_NOT_EQUAL, true},
    {"starts_with_case_sensitive", DB_STARTS_WITH, true},
    {"ends_with_case_sensitive", DB_ENDS_WITH, true},
    {"contains_case_sensitive", DB_CONTAINS, true},
};

// "op:value"; without a known operator the whole is the name.
static struct db_match text_match(enum db_match_field field, const char *text)
{
    const char *colon = strchr(text, ':');
    for (size_t i = 0; colon != NULL && i < COUNT_OF(operators); i++) {
        if (span_equal((struct span){text, (size_t)(colon - text)}, span_of(operators[i].word))) {
            return (struct db_match){field, operators[i].how, operators[i].case_sensitive,
                                     colon + 1};
        }
    }
    return (struct db_match){.field = field, .how = DB_EQUAL, .value = text};
}

static bool one_of(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

static const char *const statuses[] = {"initializing", "pending", "active", "moved"};
static const char *const types[] = {"full", "partial", "secondary", "internal"};

// All our zones are of one kind: whether such are wanted.
static void add_fixed(struct db_page *page, struct db_match *matches, bool wanted)
{
    matches[page->match_count++].field = wanted ? DB_MATCH_ALL : DB_MATCH_NOTHING;
}

#define MATCHES_MAX 8

// Several types may be asked for: one of them is enough.
static bool take_types(struct api_call *call, struct db_page *page, struct db_match *matches)
{
    const struct api_request *request = &call->request;
    bool given = false;
    bool wanted = false;
    for (size_t i = 0; i < request->parameter_count; i++) {
        const char *value = request->parameters[i].value;
        if (strcmp(request->parameters[i].name, "type") != 0) {
            continue;
        }
        if (!one_of(value, types, COUNT_OF(types))) {
            api_failf(call->reply, API_VALIDATION,
                      "type must be full, partial, secondary or internal");
            return false;
        }
        given = true;
        wanted = wanted || strcmp(value, "full") == 0;
    }
    if (given) {
        add_fixed(page, matches, wanted);
    }
    return true;
}

static bool take_matches(struct api_call *call, struct db_page *page, struct db_match *matches)
{
    const struct api_request *request = &call->request;
    struct api_reply *reply = call->reply;
    const char *id = api_parameter(request, "account.id", reply);
    const char *account = api_parameter(request, "account.name", reply);
    const char *name = api_parameter(request, "name", reply);
    const char *status = api_parameter(request, "status", reply);
    if (reply->status != 0) {
        return false;
    }
    if (id != NULL && !zone_id_valid(span_of(id))) {
        api_failf(reply, API_VALIDATION, "account.id must be 32 hexadecimal digits");
        return false;
    }
    if (status != NULL && !one_of(status, statuses, COUNT_OF(statuses))) {
        api_failf(reply, API_VALIDATION, "status must be initializing, pending, active or moved");
        return false;
    }
    if (id != NULL) {
        matches[page->match_count++] = (struct db_match){.field = DB_MATCH_ACCOUNT_ID, .value = id};
    }
    if (account != NULL) {
        matches[page->match_count++] = text_match(DB_MATCH_ACCOUNT, account);
    }
    if (name != NULL) {
        matches[page->match_count++] = text_match(DB_MATCH_NAME, name);
    }
    if (status != NULL) {
        add_fixed(page, matches, strcmp(status, "active") == 0);
    }
    return take_types(call, page, matches);
}

static bool take_order(struct api_call *call, struct db_page *page)
{
    static const struct {
        const char *word;
        enum db_page_order order;
    } orders[] = {
        {"name", DB_BY_NAME},
        {"status", DB_BY_ID}, // all the same: by the tie-break alone
        {"account.id", DB_BY_ACCOUNT_ID},
        {"account.name", DB_BY_ACCOUNT},
        {"plan.id", DB_BY_PLAN},
    };
    struct api_reply *reply = call->reply;
    const char *order = api_parameter(&call->request, "order", reply);
    const char *direction = api_parameter(&call->request, "direction", reply);
    const char *match = api_parameter(&call->request, "match", reply);
    if (reply->status != 0) {
        return false;
    }
    size_t at = 0;
    while (order != NULL && at < COUNT_OF(orders) && strcmp(order, orders[at].word) != 0) {
        at++;
    }
    if (at == COUNT_OF(orders)) {
        api_failf(reply, API_VALIDATION,
                  "order must be name, status, account.id, account.name or plan.id");
        return false;
    }
    page->order = orders[at].order;
    page->descending = direction != NULL && strcmp(direction, "desc") == 0;
    page->any = match != NULL && strcmp(match, "any") == 0;
    if (direction != NULL && !page->descending && strcmp(direction, "asc") != 0) {
        api_failf(reply, API_VALIDATION, "direction must be asc or desc");
    } else if (match != NULL && !page->any && strcmp(match, "all") != 0) {
        api_failf(reply, API_VALIDATION, "match must be any or all");
    }
    return reply->status == 0;
}

struct listing {
    json_t *list; // lent
    const struct token *token;
};

static enum err add_zone(void *ctx, const struct zone *zone, const struct db_zone_state *zone_state)
{
    const struct listing *to = ctx;
    json_t *json = zone_json(zone, zone_state, to->token);
    return json != NULL && json_array_append_new(to->list, json) == 0 ? ERR_OK : ERR_NOMEM;
}

void api_zones_list(struct api_call *call)
{
    struct why why = {""};
    struct db_match matches[MATCHES_MAX] = {0};
    struct db_page page = {.matches = matches, .within = call->token};
    int64_t number = 0;
    int64_t total = 0;
    if (!api_paging(call, PER_PAGE, &number, &page.limit) || !take_order(call, &page) ||
        !take_matches(call, &page, matches)) {
        return;
    }
    page.offset = (number - 1) * page.limit;
    OWN(json_own) json_t *list = json_array();
    struct listing to = {.list = list, .token = call->token};
    enum err e = list == NULL ? ERR_NOMEM
                              : db_zone_page(call->worker->db, &page, add_zone, &to, &total, &why);
    if (e != ERR_OK) {
        api_trouble(call, e, &why);
        return;
    }
    api_page_info(call->reply, number, page.limit, (int64_t)json_array_size(list), total);
    api_succeed(call->reply, json_incref(list));
}

void api_zone_get(struct api_call *call)
{
    struct why why = {""};
    struct db_zone_state zone_state = {0};
    enum err e = db_zone_state(call->worker->db, call->zone->id, &zone_state, &why);
    if (e != ERR_OK) {
        api_trouble(call, e, &why);
        return;
    }
    api_succeed(call->reply, zone_json(call->zone, &zone_state, call->token));
}

// -- tokens --------------------------------------------------------------------------------------
static void verified(struct api_call *call)
{
    const struct token *token = call->token;
    json_t *result = json_pack("{s:s, s:s}", "id", token->id, "status", "active");
    if (result != NULL && token->expires_at != 0) {
        (void)json_object_set_new(result, "expires_on", api_time(token->expires_at));
    }
    if (result != NULL) {
        (void)json_object_set_new(result, "not_before", api_time(token->created_at));
    }
    api_succeed(call->reply, result);
    api_notef(call->reply, NOTE_TOKEN_ACTIVE, "This API Token is valid and active");
}

// An account's token fails here, and clients know it by that.
void api_token_verify_user(struct api_call *call)
{
    if (call->token->owner != NULL) {
        api_fail(call->reply, API_TOKEN_INVALID);
        return;
    }
    verified(call);
}

void api_token_verify_account(struct api_call *call)
{
    char id[33] = "";
    const char *owner = call->token->owner;
    const char *asked = api_path_value(call, "account_id");
    if (!zone_id_valid(span_of(asked))) {
        api_fail(call->reply, API_ID_INVALID);
        return;
    }
    if (owner == NULL || account_id(id, owner) != ERR_OK || strcmp(id, asked) != 0) {
        api_fail(call->reply, API_TOKEN_INVALID);
        return;
    }
    verified(call);
}
