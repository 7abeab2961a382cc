// SPDX-License-Identifier: Apache-2.0
// One request in work: who asks, about which zone, and the table that says who answers. Private.
#ifndef SSLAUTO_API_CALL_H
#define SSLAUTO_API_CALL_H

#include <pthread.h>

#include "api/api.h"
#include "api/rate.h"
#include "api/request.h"

// The edges are used by one thread at a time.
struct api_hands {
    pthread_mutex_t lock;
    struct edge *const *edges; // lent
    size_t edge_count;
    const struct controller_policy *policy; // lent
};

// One per thread.
struct api_worker {
    struct db *db;
    struct rate *rate;               // shared; NULL = no limit
    const struct api_policy *policy; // lent
    struct api_hands *hands;         // shared
    const struct log *log;           // lent; NULL = silent
};

struct api_route;

struct api_call {
    struct api_worker *worker;
    const struct api_route *route;
    struct api_request request;
    struct api_reply *reply;
    struct token *token; // owned
    struct zone *zone;   // owned; where the route names one
    int64_t now;
    char actor[80]; // "token:NAME"
};

typedef void api_handler(struct api_call *call);

#define PERMISSION_NONE PERMISSION_COUNT // any good token

struct api_route {
    enum api_method method;
    const char *pattern; // "/zones/{zone_id}/settings/ssl"; {..} takes any one segment
    enum permission permission;
    api_handler *handler;
    const char *operation; // operationId in openapi.yaml
};

const struct api_route *api_routes(size_t *count);
// The route, or an error in reply. A pattern without {..} goes before one with.
const struct api_route *api_route_find(const struct api_request *request, struct api_reply *reply);
// The segment that stands for {name}; NULL when the route has none of that name.
const char *api_path_value(const struct api_call *call, const char *name);

// From ask to reply, which is empty before; never fails otherwise.
void api_answer(struct api_worker *worker, const struct api_ask *ask, struct api_reply *reply);

// auth.c: fills call->token. False when reply has the error.
bool api_authenticate(struct api_call *call, const struct api_ask *ask);

// An error of ours as an answer: words go to the log alone, unless the client can use them.
void api_trouble(struct api_call *call, enum err e, const struct why *why);

// Runs work in a transaction with the zone as it is then, again when somebody else was faster.
// What work said with api_fail ends it; its errors become answers.
void api_change(struct api_call *call,
                enum err work(struct api_call *call, void *ctx, struct why *why), void *ctx);
enum err api_event(struct api_call *call, const char *kind, struct why *why, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

// RFC 3339, or null for 0.
json_t *api_time(int64_t at);
// page and per_page of the query; false when reply has an error.
bool api_paging(struct api_call *call, int64_t preset, int64_t *page, int64_t *per_page);
void api_page_info(struct api_reply *reply, int64_t page, int64_t per_page, int64_t count,
                   int64_t total);

api_handler api_zones_list;
api_handler api_zone_get;
api_handler api_token_verify_user;
api_handler api_token_verify_account;
api_handler api_settings_list;
api_handler api_settings_edit;
api_handler api_setting_get;
api_handler api_setting_edit;
api_handler api_ssl_recommendation;
api_handler api_ssl_rescan;
api_handler api_ssl_evidence;
api_handler api_ssl_history;
api_handler api_rollout_get;
api_handler api_rollout_steer;

// settings.c: {id, editable, modified_on, value, next_scheduled_scan}
json_t *api_automatic_json(const struct zone *zone, const struct db_zone_state *zone_state);

#endif
