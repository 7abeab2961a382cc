// SPDX-License-Identifier: Apache-2.0
// A request as bytes: method, target and content type on the first three lines, the rest is the
// body. Taken apart, routed and answered over a store in memory; the first zone's id may be
// written as "@".
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "db/backend.h"

#define TEXT_MAX 16384

struct world {
    struct db *db;
    struct api_policy policy;
    struct controller_policy controller;
    struct api_hands hands;
    struct api_worker worker;
    char authorization[TOKEN_SECRET_SIZE + 8];
    char zone[33];
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_zone(struct world *world, const char *name)
{
    struct host *host = NULL;
    OWN(zone_own) struct zone *zone = zone_new();
    assert(zone != NULL);
    zone->name = strdup(name);
    bool good = zone_add_host(&host, zone, span_of(name), NULL) == ERR_OK &&
                db_zone_insert(world->db, zone, NULL) == ERR_OK;
    assert(good);
    (void)snprintf(world->zone, sizeof world->zone, "%s", zone->id);
}

static struct world *world_new(void)
{
    struct world *world = calloc(1, sizeof *world);
    char secret[TOKEN_SECRET_SIZE];
    assert(world != NULL);
    world->policy = api_policy_default();
    world->controller = controller_policy_default();
    (void)pthread_mutex_init(&world->hands.lock, NULL);
    world->hands.policy = &world->controller;
    OWN(token_own) struct token *token = token_new();
    assert(token != NULL);
    token->name = strdup("fuzz");
    token->permissions = ~0U;
    bool good = db_open_memory(&world->db, "fuzz", NULL) == ERR_OK &&
                token_secret_new(secret, token->hash) == ERR_OK &&
                db_token_insert(world->db, token, NULL) == ERR_OK;
    assert(good);
    (void)snprintf(world->authorization, sizeof world->authorization, "Bearer %s", secret);
    add_zone(world, "one.example");
    add_zone(world, "two.example");
    world->worker =
        (struct api_worker){.db = world->db, .policy = &world->policy, .hands = &world->hands};
    return world;
}

static char *line_of(char **rest)
{
    char *line = *rest;
    char *end = strchr(line, '\n');
    if (end == NULL) {
        *rest = line + strlen(line);
        return line;
    }
    *end = '\0';
    *rest = end + 1;
    return line;
}

// "@" becomes the id; owned.
static char *target_of(const struct world *world, const char *line)
{
    OWN(buf_done) struct buf text = {.max = 2 * TEXT_MAX};
    enum err e = buf_add_str(&text, "");
    for (; e == ERR_OK && *line != '\0'; line++) {
        e = *line == '@' ? buf_add_str(&text, world->zone) : buf_add_char(&text, *line);
    }
    return e == ERR_OK ? buf_take(&text) : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct world *world;
    if (world == NULL) {
        world = world_new();
    }
    if (size > TEXT_MAX) {
        return 0;
    }
    char *text = strndup((const char *)data, size);
    assert(text != NULL);
    size_t length = strlen(text);
    char *rest = text;
    const char *method = line_of(&rest);
    char *target = target_of(world, line_of(&rest));
    const char *type = line_of(&rest);
    // Behind a NUL the body goes on as it is.
    size_t used = (size_t)(rest - text);
    struct span body = {(const char *)data + used, used <= length ? size - used : 0};
    const struct api_ask ask = {.method = method,
                                .target = target == NULL ? "" : target,
                                .authorization = world->authorization,
                                .content_type = type[0] == '\0' ? NULL : type,
                                .header_count = size % 80,
                                .body = body};
    struct api_reply reply = {0};
    api_answer(&world->worker, &ask, &reply);
    char *answer = api_reply_print(&reply);
    json_t *envelope = answer == NULL ? NULL : json_loads(answer, 0, NULL);
    assert(json_is_object(envelope)); // always an envelope, always JSON
    assert(json_is_true(json_object_get(envelope, "success")) == (reply.status < 400));
    assert(reply.status < 500);
    json_decref(envelope);
    free(answer);
    api_reply_done(&reply);
    free(target);
    free(text);
    return 0;
}
