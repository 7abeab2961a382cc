// SPDX-License-Identifier: Apache-2.0
// Every route; api/openapi.yaml has the same, which a test looks after.
#include <string.h>

#include "api/call.h"

#define ZONE     "/zones/{zone_id}"
#define SETTINGS ZONE "/settings"

static const struct api_route routes[] = {
    {API_GET, "/zones", PERMISSION_ZONE_READ, api_zones_list, "zones-get"},
    {API_GET, ZONE, PERMISSION_ZONE_READ, api_zone_get, "zones-0-get"},
    {API_GET, SETTINGS, PERMISSION_SETTINGS_READ, api_settings_list,
     "zone-settings-get-all-zone-settings"},
    {API_PATCH, SETTINGS, PERMISSION_SETTINGS_WRITE, api_settings_edit,
     "zone-settings-edit-zone-settings-info"},
    {API_GET, SETTINGS "/ssl_automatic_mode", PERMISSION_SETTINGS_READ, api_setting_get,
     "ssl-detector-automatic-mode-get-enrollment"},
    {API_PATCH, SETTINGS "/ssl_automatic_mode", PERMISSION_SETTINGS_WRITE, api_setting_edit,
     "ssl-detector-automatic-mode-patch-enrollment"},
    {API_GET, SETTINGS "/{setting_id}", PERMISSION_SETTINGS_READ, api_setting_get,
     "zone-settings-get-single-setting"},
    {API_PATCH, SETTINGS "/{setting_id}", PERMISSION_SETTINGS_WRITE, api_setting_edit,
     "zone-settings-edit-single-setting"},
    {API_GET, ZONE "/ssl/recommendation", PERMISSION_SETTINGS_READ, api_ssl_recommendation,
     "ssl/-tls-mode-recommendation-ssl/-tls-recommendation"},
    {API_POST, ZONE "/ssl/rescan", PERMISSION_SETTINGS_WRITE, api_ssl_rescan, "sslauto-rescan"},
    {API_GET, ZONE "/ssl/evidence", PERMISSION_SETTINGS_READ, api_ssl_evidence, "sslauto-evidence"},
    {API_GET, ZONE "/ssl/history", PERMISSION_SETTINGS_READ, api_ssl_history, "sslauto-history"},
    {API_GET, ZONE "/ssl/rollout", PERMISSION_SETTINGS_READ, api_rollout_get,
     "sslauto-rollout-get"},
    {API_POST, ZONE "/ssl/rollout", PERMISSION_SETTINGS_WRITE, api_rollout_steer,
     "sslauto-rollout-steer"},
    {API_GET, "/user/tokens/verify", PERMISSION_NONE, api_token_verify_user,
     "user-api-tokens-verify-token"},
    {API_GET, "/accounts/{account_id}/tokens/verify", PERMISSION_NONE, api_token_verify_account,
     "account-api-tokens-verify-token"},
};

const struct api_route *api_routes(size_t *count)
{
    *count = COUNT_OF(routes);
    return routes;
}

// The next segment of a pattern, without its slash.
static struct span next_segment(struct span *pattern)
{
    struct span rest = {pattern->at + 1, pattern->len - 1};
    struct span segment = span_cut(&rest, '/');
    // span_cut took the slash; the next segment begins with it again.
    *pattern = rest.at == NULL ? (struct span){NULL, 0} : (struct span){rest.at - 1, rest.len + 1};
    return segment;
}

static bool matches(const char *pattern, const struct api_request *request)
{
    struct span rest = span_of(pattern);
    for (size_t i = 0; i < request->segment_count; i++) {
        if (rest.len == 0) {
            return false;
        }
        struct span segment = next_segment(&rest);
        if (segment.at[0] != '{' && !span_equal(segment, span_of(request->segments[i]))) {
            return false;
        }
    }
    return rest.len == 0;
}

const char *api_path_value(const struct api_call *call, const char *name)
{
    struct span rest = span_of(call->route->pattern);
    for (size_t i = 0; i < call->request.segment_count && rest.len > 0; i++) {
        struct span segment = next_segment(&rest);
        if (segment.at[0] == '{' &&
            span_equal((struct span){segment.at + 1, segment.len - 2}, span_of(name))) {
            return call->request.segments[i];
        }
    }
    return NULL;
}

// For the Allow header (RFC 9110 section 10.2.1).
static const char *allowed(unsigned methods)
{
    switch (methods) {
    case 1U << API_GET:
        return "GET, HEAD";
    case 1U << API_POST:
        return "POST";
    case 1U << API_GET | 1U << API_POST:
        return "GET, HEAD, POST";
    case 1U << API_GET | 1U << API_PATCH:
        return "GET, HEAD, PATCH";
    default: // a number, not one of our enums
        return "GET, HEAD, POST, PATCH";
    }
}

const struct api_route *api_route_find(const struct api_request *request, struct api_reply *reply)
{
    unsigned methods = 0;
    for (size_t i = 0; i < COUNT_OF(routes); i++) {
        if (matches(routes[i].pattern, request)) {
            if (routes[i].method == request->method) {
                return &routes[i];
            }
            methods |= 1U << routes[i].method;
        }
    }
    api_fail(reply, methods == 0 ? API_NO_ROUTE : API_NO_METHOD);
    reply->allow = methods == 0 ? NULL : allowed(methods);
    return NULL;
}
