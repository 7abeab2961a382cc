// SPDX-License-Identifier: Apache-2.0
#include "api/call.h"

#include <stdarg.h>
#include <string.h>

#include "core/num.h"
#include "core/str.h"
#include "core/time.h"

#define TRIES 20 // a hundred clients at one zone let each other through long before

void api_trouble(struct api_call *call, enum err e, const struct why *why)
{
    struct api_reply *reply = call->reply;
    if (e == ERR_BUSY) {
        api_fail(reply, API_BUSY);
        reply->retry_after_s = 1;
        return;
    }
    if (e == ERR_CONFLICT) {
        api_fail(reply, API_CONFLICT);
        return;
    }
    if (e == ERR_NOT_FOUND) {
        api_fail(reply, API_NO_OBJECT);
        return;
    }
    api_fail(reply, API_INTERNAL);
    if (call->worker->log != NULL) {
        log_line(call->worker->log, LOG_LEVEL_ERROR, "%s: %s",
                 call->route == NULL ? "request" : call->route->operation, why_text(why, e));
    }
}

enum err api_event(struct api_call *call, const char *kind, struct why *why, const char *fmt, ...)
{
    char words[512];
    char safe[512];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(words, sizeof words, fmt, args);
    va_end(args);
    const struct db_event event = {.zone_id = call->zone->id,
                                   .actor = call->actor,
                                   .kind = kind,
                                   .detail = str_printable(safe, sizeof safe, span_of(words))};
    return db_event_add(call->worker->db, &event, why);
}

static enum err change_once(struct api_call *call,
                            enum err work(struct api_call *call, void *ctx, struct why *why),
                            void *ctx, struct why *why)
{
    struct db *db = call->worker->db;
    struct zone *fresh = NULL;
    enum err e = db_begin(db, why);
    if (e != ERR_OK) {
        return e;
    }
    e = db_zone_get(db, &fresh, call->zone->id, why);
    if (e == ERR_OK) {
        zone_free(call->zone);
        call->zone = fresh;
        e = work(call, ctx, why);
    }
    if (e == ERR_OK && call->reply->status < 400) {
        return db_commit(db, why);
    }
    db_rollback(db);
    return e;
}

void api_change(struct api_call *call,
                enum err work(struct api_call *call, void *ctx, struct why *why), void *ctx)
{
    struct why why = {""};
    enum err e = ERR_CONFLICT;
    for (int i = 0; i < TRIES && e == ERR_CONFLICT; i++) {
        api_reply_reset(call->reply);
        e = change_once(call, work, ctx, &why);
    }
    if (e != ERR_OK && call->reply->status < 400) {
        api_reply_reset(call->reply);
        api_trouble(call, e, &why);
    }
}

json_t *api_time(int64_t at)
{
    char text[TIME_TEXT_SIZE];
    return at == 0 ? json_null() : json_string(time_print(text, at));
}

static bool number(struct api_call *call, const char *name, int64_t *out)
{
    const char *text = api_parameter(&call->request, name, call->reply);
    if (call->reply->status != 0) {
        return false;
    }
    if (text == NULL) {
        return true;
    }
    enum err e = num_parse(out, span_of(text), 1, INT32_MAX);
    if (e != ERR_OK && (e != ERR_LIMIT || text[0] == '-' || strcmp(text, "0") == 0)) {
        api_failf(call->reply, API_VALIDATION, "%s must be a number above 0", name);
        return false;
    }
    *out = e == ERR_OK ? *out : INT32_MAX;
    return true;
}

bool api_paging(struct api_call *call, int64_t preset, int64_t *page, int64_t *per_page)
{
    *page = 1;
    *per_page = preset;
    if (!number(call, "page", page) || !number(call, "per_page", per_page)) {
        return false;
    }
    if (*per_page >
        (int64_t)LIMIT_API_PAGE) { // clamped, not refused: clients ask for what they like
        *per_page = (int64_t)LIMIT_API_PAGE;
    }
    return true;
}

void api_page_info(struct api_reply *reply, int64_t page, int64_t per_page, int64_t count,
                   int64_t total)
{
    json_decref(reply->info);
    reply->info = json_pack("{s:I, s:I, s:I, s:I, s:I}", "page", (json_int_t)page, "per_page",
                            (json_int_t)per_page, "total_pages",
                            (json_int_t)((total + per_page - 1) / per_page), "count",
                            (json_int_t)count, "total_count", (json_int_t)total);
}

// A zone that the token does not reach is as unknown as one that is not there.
static bool find_zone(struct api_call *call)
{
    const char *id = api_path_value(call, "zone_id");
    struct why why = {""};
    if (id == NULL) {
        return true;
    }
    if (!zone_id_valid(span_of(id))) {
        api_fail(call->reply, API_ID_INVALID);
        return false;
    }
    enum err e = db_zone_get(call->worker->db, &call->zone, id, &why);
    if (e == ERR_OK && !token_reaches(call->token, call->zone)) {
        e = ERR_NOT_FOUND;
    }
    if (e != ERR_OK) {
        api_trouble(call, e, &why);
    }
    return e == ERR_OK;
}

static void run(struct api_call *call, const struct api_ask *ask)
{
    if (!api_request_parse(&call->request, ask, call->reply)) {
        return;
    }
    call->route = api_route_find(&call->request, call->reply);
    if (call->route == NULL || !api_authenticate(call, ask)) {
        return;
    }
    enum permission needed = call->route->permission;
    if (needed != PERMISSION_NONE && !token_may(call->token, needed)) {
        api_fail(call->reply, API_FORBIDDEN);
        return;
    }
    if (find_zone(call) && api_request_body(&call->request, ask, call->reply)) {
        call->route->handler(call);
    }
}

void api_answer(struct api_worker *worker, const struct api_ask *ask, struct api_reply *reply)
{
    struct api_call call = {.worker = worker, .reply = reply};
    run(&call, ask);
    api_request_done(&call.request);
    zone_free(call.zone);
    token_free(call.token);
    if (reply->status == 0) {
        api_fail(reply, API_INTERNAL);
    }
}
