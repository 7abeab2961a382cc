// SPDX-License-Identifier: Apache-2.0
#include "crawler/resources.h"

#include <stdlib.h>

#include "core/limits.h"
#include "crawler/entity.h"
#include "model/zone.h"

static void add(struct span *list, size_t *count, struct span address)
{
    address = span_trim(address);
    if (*count < RESOURCES_SEEN && address.len > 0 && address.len <= LIMIT_URL) {
        list[(*count)++] = address;
    }
}

void resources_add_script(struct resources *resources, struct span src)
{
    add(resources->scripts, &resources->script_count, src);
}

void resources_add_sheet(struct resources *resources, struct span href)
{
    add(resources->sheets, &resources->sheet_count, href);
}

// The path of an address on the page's own host, else NULL. Without memory *e says so.
static char *own_path(enum err *e, const struct url *page, const struct url *base,
                      struct span address)
{
    char room[LIMIT_URL];
    OWN(url_done) struct url url = {0};
    enum err failed = url_resolve(&url, base, entity_decode(room, sizeof room, address));
    if (failed != ERR_OK) {
        *e = failed == ERR_NOMEM ? ERR_NOMEM : *e;
        return NULL;
    }
    if (strcmp(url.host, page->host) != 0 || !url_same_port(&url, page) ||
        strcmp(url.path, page->path) == 0) {
        return NULL;
    }
    char *path = url.path;
    url.path = NULL;
    return path;
}

enum err resources_choose(char ***out, size_t *count, const struct resources *resources,
                          const struct url *page, const struct url *base, size_t want)
{
    *out = NULL;
    *count = 0;
    if (want == 0 || resources->script_count + resources->sheet_count == 0) {
        return ERR_OK;
    }
    char **chosen = calloc(want, sizeof *chosen);
    if (chosen == NULL) {
        return ERR_NOMEM;
    }
    size_t at[2] = {0, 0};
    size_t found = 0;
    enum err e = ERR_OK;
    for (size_t kind = 0; found < want && e == ERR_OK; kind = 1 - kind) {
        const struct span *list = kind == 0 ? resources->scripts : resources->sheets;
        size_t most = kind == 0 ? resources->script_count : resources->sheet_count;
        char *path = NULL;
        while (path == NULL && at[kind] < most && e == ERR_OK) {
            path = own_path(&e, page, base, list[at[kind]++]);
            if (path != NULL && strings_have(chosen, found, path)) {
                free(path);
                path = NULL;
            }
        }
        if (path != NULL) {
            chosen[found++] = path;
        } else if (at[0] == resources->script_count && at[1] == resources->sheet_count) {
            break;
        }
    }
    if (e != ERR_OK) {
        while (found > 0) {
            free(chosen[--found]);
        }
    }
    if (found == 0) {
        free(chosen);
        chosen = NULL;
    }
    *out = chosen;
    *count = found;
    return e;
}
