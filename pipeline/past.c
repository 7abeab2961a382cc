// SPDX-License-Identifier: Apache-2.0
#include "pipeline/past.h"

#include <stdlib.h>

static bool same_text(const json_t *object, const char *key, const char *text)
{
    const char *found = json_string_value(json_object_get(object, key));
    return found != NULL && strcmp(found, text) == 0;
}

static bool same_origin(const json_t *seen, const struct origin *origin)
{
    return same_text(seen, "address", origin->address) &&
           json_integer_value(json_object_get(seen, "http_port")) == origin->http_port &&
           json_integer_value(json_object_get(seen, "https_port")) == origin->https_port;
}

static bool same_host(const json_t *seen, const struct host *host)
{
    const json_t *origins = json_object_get(seen, "origins");
    bool same =
        same_text(seen, "name", host->name) && json_array_size(origins) == host->origin_count;
    for (size_t i = 0; same && i < host->origin_count; i++) {
        same = same_origin(json_array_get(origins, i), &host->origins[i]);
    }
    return same;
}

// Hosts and origins come in the zone's order, in the evidence too.
static bool same_hosts(const char *evidence, const struct zone *zone)
{
    json_t *json = evidence == NULL ? NULL : json_loads(evidence, 0, NULL);
    const json_t *hosts = json_object_get(json, "hosts");
    bool same = json_array_size(hosts) == zone->host_count;
    for (size_t i = 0; same && i < zone->host_count; i++) {
        same = same_host(json_array_get(hosts, i), &zone->hosts[i]);
    }
    json_decref(json);
    return same;
}

static bool was_confirmed(const char *recommendation)
{
    json_t *json = recommendation == NULL ? NULL : json_loads(recommendation, 0, NULL);
    bool confirmed = json_is_true(json_object_get(json, "confirmed"));
    json_decref(json);
    return confirmed;
}

struct recommend_past past_of(const struct db_scan *before, const struct zone *zone, int64_t gap_s,
                              int64_t now)
{
    struct recommend_past none = {.upgrade = MODE_NONE};
    if (before == NULL || before->verdict != VERDICT_UPGRADE ||
        before->mode_current != zone->mode) {
        return none;
    }
    bool apart = now - before->scanned_at >= gap_s || was_confirmed(before->recommendation);
    return apart && same_hosts(before->evidence, zone)
               ? (struct recommend_past){.upgrade = before->mode_recommended}
               : none;
}
