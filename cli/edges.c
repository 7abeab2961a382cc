// SPDX-License-Identifier: Apache-2.0
#include "cli/edges.h"

#include <string.h>

void edges_close(struct edges *edges)
{
    for (size_t i = 0; i < edges->count; i++) {
        edge_close(edges->list[i]);
    }
    *edges = (struct edges){0};
}

static bool is_open(const struct edges *edges, const char *name)
{
    for (size_t i = 0; i < edges->count; i++) {
        if (strcmp(edge_name(edges->list[i]), name) == 0) {
            return true;
        }
    }
    return false;
}

enum err edges_prepare(const struct cli *cli, struct why *why)
{
    enum err e = settings_assemble(cli->settings, why);
    e = e == ERR_OK ? settings_verify(cli->settings, NULL, NULL, why) : e;
    return e == ERR_OK ? settings_read_secret(cli->settings, why) : e;
}

enum err edges_open(struct edges *edges, const struct cli *cli)
{
    const struct settings *settings = cli->settings;
    for (size_t i = 0; i < settings->edge_count; i++) {
        struct why why = {""};
        if (is_open(edges, settings->edges[i].name)) {
            continue;
        }
        enum err e = edge_open(&edges->list[edges->count], &settings->edges[i], &why);
        if (e == ERR_NOMEM) {
            return e;
        }
        if (e != ERR_OK) {
            if (!edges->told[i]) {
                (void)cli_failf(cli, "edge %s: %s; its zones wait", settings->edges[i].name,
                                why_text(&why, e));
            }
            edges->told[i] = true;
            continue;
        }
        edges->told[i] = false;
        edges->count++;
    }
    return ERR_OK;
}

enum err edges_settings(const struct edge_settings **out, const struct cli *cli, const char *name,
                        struct why *why)
{
    struct buf names;
    *out = settings_edge(cli->settings, name);
    if (*out != NULL) {
        return ERR_OK;
    }
    buf_init(&names, LIMIT_OUTPUT_FIELD);
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < cli->settings->edge_count; i++) {
        e = buf_printf(&names, "%s%s", i > 0 ? ", " : "", cli->settings->edges[i].name);
    }
    (void)why_set(why, ERR_NOT_FOUND, "no edge is called %.40s; the configuration has: %s", name,
                  buf_str(&names));
    buf_done(&names);
    return ERR_NOT_FOUND;
}
