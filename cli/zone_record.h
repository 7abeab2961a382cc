// SPDX-License-Identifier: Apache-2.0
// Zones as operators write them: fields of CSV rows and options, JSON objects. One table of
// fields serves them all.
#ifndef SSLAUTO_CLI_ZONE_RECORD_H
#define SSLAUTO_CLI_ZONE_RECORD_H

#include <jansson.h>

#include "cli/settings.h"
#include "core/limits.h"
#include "model/zone.h"

enum field_of {
    FIELD_OF_NONE,
    FIELD_OF_ZONE,
    FIELD_OF_HOST,
    FIELD_OF_ORIGIN
};

// What a field name belongs to: "mode" to the zone, "weight" to a host, "origin" to the origins.
enum field_of zone_field_of(const char *name);
// The names one by one, NULL behind the last.
const char *zone_field_name(size_t index);

// Canonical name; ERR_INVALID says what is wrong with it.
enum err zone_set_name(struct zone *zone, struct span name, struct why *why);
// Lists are separated by ';' or white space. Replaces what was there.
enum err zone_set_field(struct zone *zone, const char *field, struct span value, struct why *why);
enum err host_set_field(struct host *host, const char *field, struct span value, struct why *why);

// {"name":..,"account":..,"hosts":[{"name":..,"origins":[{"address":..}]}]}; instead of hosts,
// "origins" (objects or strings) may stand in the zone. Unknown members are ERR_INVALID.
enum err zone_from_json(struct zone **out, const json_t *json, struct why *why);
json_t *zone_to_json(const struct zone *zone);

// The same onto a zone that is there: what the object does not name stays. "hosts" are all its
// hosts, "origins" those of the host of its name alone.
enum err zone_take_json(struct zone *zone, const json_t *json, struct why *why);

// Which hosts of a zone a record has named, by their place in the zone.
struct named_hosts {
    bool host[LIMIT_ZONE_HOSTS];
    bool origins[LIMIT_ZONE_HOSTS];
};

// The host of that name, added where it is missing. *again: the record named it before.
enum err named_host(struct named_hosts *named, struct host **out, bool *again, struct zone *zone,
                    struct span name, struct why *why);
// The record names origins of the host: those it had before the record go.
void named_origins(struct named_hosts *named, const struct zone *zone, struct host *host);
// The record has named all hosts: the others go.
void named_only(const struct named_hosts *named, struct zone *zone);

// What only the whole zone shows: hosts, origins, trust sets that the configuration knows.
enum err zone_complete(const struct zone *zone, const struct settings *settings, struct why *why);

#endif
