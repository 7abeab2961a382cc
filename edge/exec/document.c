// SPDX-License-Identifier: Apache-2.0
#include "edge/exec/document.h"

#include <jansson.h>

static void drop_json(json_t **json)
{
    json_decref(*json);
}

static json_t *strings_json(char *const *list, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        if (json_array_append_new(array, json_string(list[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *host_json(const struct host *host)
{
    json_t *origins = json_array();
    for (size_t i = 0; i < host->origin_count; i++) {
        const struct origin *origin = &host->origins[i];
        json_t *one = json_pack("{s:s, s:i, s:i}", "address", origin->address, "http_port",
                                (int)origin->http_port, "https_port", (int)origin->https_port);
        if (json_array_append_new(origins, one) != 0) {
            json_decref(origins);
            return NULL;
        }
    }
    return json_pack("{s:s, s:s?, s:s?, s:o, s:o}", "name", host->name, "host_header",
                     host->host_header, "sni", host->sni, "extra_names",
                     strings_json(host->extra_names, host->extra_name_count), "origins", origins);
}

static json_t *zone_json(const struct zone *zone)
{
    json_t *hosts = json_array();
    for (size_t i = 0; i < zone->host_count; i++) {
        if (json_array_append_new(hosts, host_json(&zone->hosts[i])) != 0) {
            json_decref(hosts);
            return NULL;
        }
    }
    return json_pack("{s:s, s:s, s:b, s:b, s:o, s:o}", "id", zone->id, "name", zone->name,
                     "authenticated_pulls", (int)zone->authenticated_pulls, "replace_roots",
                     (int)zone->replace_roots, "trust_sets",
                     strings_json(zone->trust_sets, zone->trust_set_count), "hosts", hosts);
}

static json_t *want_json(const struct edge_want *want)
{
    bool ramp = want->generation != 0;
    return json_pack("{s:s, s:s?, s:i, s:I, s:I}", "old_mode", mode_str(want->old_mode), "new_mode",
                     ramp ? mode_str(want->new_mode) : NULL, "share_bp", ramp ? want->share_bp : 0,
                     "generation", (json_int_t)want->generation, "lease_s",
                     (json_int_t)want->lease_s);
}

static enum err print_line(struct buf *out, const json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII);
    if (text == NULL) {
        return ERR_NOMEM;
    }
    enum err e = buf_add_str(out, text);
    free(text);
    return e == ERR_OK ? buf_add_char(out, '\n') : e;
}

enum err document_print(struct buf *out, const struct document *document)
{
    OWN(drop_json)
    json_t *json = json_pack("{s:i, s:s, s:s}", "version", DOCUMENT_VERSION, "call", document->call,
                             "edge", document->edge);
    int bad = json == NULL;
    if (document->zone != NULL) {
        bad |= json_object_set_new(json, "zone", zone_json(document->zone));
    }
    if (document->want != NULL) {
        bad |= json_object_set_new(json, "want", want_json(document->want));
    }
    if (document->generation != NULL) {
        bad |= json_object_set_new(json, "generation", json_integer(*document->generation));
    }
    if (document->cohort != NULL) {
        bad |= json_object_set_new(json, "cohort", json_string(document->cohort));
    }
    if (document->overwrite != NULL) {
        bad |= json_object_set_new(json, "overwrite", json_boolean(*document->overwrite));
    }
    return bad != 0 ? ERR_NOMEM : print_line(out, json);
}

enum err document_print_zone(struct buf *out, const struct zone *zone)
{
    OWN(drop_json)
    json_t *json = json_pack("{s:s, s:o}", "mode", mode_str(zone->mode), "zone", zone_json(zone));
    return json == NULL ? ERR_NOMEM : print_line(out, json);
}
