// SPDX-License-Identifier: Apache-2.0
#include "core/time.h"
#include "digest/words.h"
#include "model/week.h"

static bool put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

// What is not UTF-8 is told with its odd bytes replaced: a webhook must be JSON.
static json_t *text(const char *words)
{
    json_t *value = json_string(words);
    return value == NULL ? json_string("?") : value;
}

static json_t *time_text(int64_t at)
{
    char words[TIME_TEXT_SIZE];
    return at == 0 ? json_null() : json_string(time_print(words, at));
}

static json_t *mode_text(enum mode mode)
{
    return mode == MODE_NONE ? json_null() : json_string(mode_str(mode));
}

static json_t *link_text(const struct digest *digest, const struct digest_links *links,
                         const struct digest_item *item)
{
    struct buf link;
    buf_init(&link, LIMIT_OUTPUT_FIELD);
    enum err e = words_zone_link(&link, digest, links, item);
    json_t *value = e == ERR_OK && link.len > 0 ? json_string(buf_str(&link)) : json_null();
    buf_done(&link);
    return value;
}

static json_t *item_json(const struct digest *digest, const struct digest_links *links,
                         const struct digest_item *item)
{
    json_t *object = json_object();
    if (put(object, "zone_id", text(item->zone_id)) && put(object, "zone", text(item->zone)) &&
        put(object, "mode_from", mode_text(item->from)) &&
        put(object, "mode_to", mode_text(item->to)) && put(object, "at", time_text(item->at)) &&
        put(object, "text", text(item->text)) && put(object, "remedy", text(item->remedy)) &&
        put(object, "url", link_text(digest, links, item))) {
        return object;
    }
    json_decref(object);
    return NULL;
}

static json_t *part_json(const struct digest *digest, const struct digest_links *links,
                         const struct digest_part *part)
{
    json_t *object = json_object();
    json_t *items = json_array();
    bool ok = put(object, "total", json_integer((json_int_t)part->total));
    for (size_t i = 0; ok && i < part->count; i++) {
        ok = json_array_append_new(items, item_json(digest, links, &part->items[i])) == 0;
    }
    ok = put(object, "items", items) && ok;
    if (ok) {
        return object;
    }
    json_decref(object);
    return NULL;
}

static json_t *sections_json(const struct digest *digest, const struct digest_links *links)
{
    json_t *object = json_object();
    for (unsigned i = 0; i < DIGEST_SECTION_COUNT; i++) {
        if (!put(object, digest_section_str((enum digest_section)i),
                 part_json(digest, links, &digest->parts[i]))) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

static json_t *modes_json(const struct digest *digest)
{
    json_t *array = json_array();
    for (size_t i = 0; i < digest->mode_count; i++) {
        char week[WEEK_TEXT_SIZE];
        json_t *object = json_object();
        bool ok = put(object, "week", json_string(week_print(week, digest->modes[i].week)));
        for (int mode = 0; ok && mode < MODE_COUNT; mode++) {
            ok = put(object, mode_str((enum mode)mode), json_integer(digest->modes[i].zones[mode]));
        }
        if (json_array_append_new(array, object) != 0 || !ok) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

json_t *digest_json(const struct digest *digest, const struct digest_links *links)
{
    char week[WEEK_TEXT_SIZE];
    json_t *object = json_object();
    if (put(object, "kind", json_string(digest->notice ? "rollback" : "digest")) &&
        put(object, "account", text(digest->account)) &&
        put(object, "week", json_string(week_print(week, digest->week))) &&
        put(object, "from", time_text(digest->week)) &&
        put(object, "to", time_text(digest->week + WEEK_S)) &&
        put(object, "made_at", time_text(digest->made_at)) &&
        put(object, "url", links->overview == NULL ? json_null() : text(links->overview)) &&
        put(object, "sections", sections_json(digest, links)) &&
        put(object, "modes", modes_json(digest))) {
        return object;
    }
    json_decref(object);
    return NULL;
}
