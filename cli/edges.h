// SPDX-License-Identifier: Apache-2.0
// The fleets of [edge], opened. "dryrun" is always among them.
#ifndef SSLAUTO_CLI_EDGES_H
#define SSLAUTO_CLI_EDGES_H

#include "cli/command.h"
#include "edge/edge.h"

struct edges {
    struct edge *list[LIMIT_EDGES + 1]; // owned
    size_t count;
    bool told[LIMIT_EDGES + 1]; // by the configuration's order: that it cannot be opened
};

// OWN(edges_close) struct edges edges = {0};
void edges_close(struct edges *edges);

// What the configuration says of fleets and rollouts, checked. Once, before the calls below.
enum err edges_prepare(const struct cli *cli, struct why *why);
// Opens the fleets that are not open yet, behind those that are. One that cannot be opened is told
// on stderr, once, and left out, so that it does not hold the others: its zones are without
// telemetry. ERR_NOMEM, or ERR_OK.
enum err edges_open(struct edges *edges, const struct cli *cli);
// The settings of one fleet. ERR_NOT_FOUND names those there are.
enum err edges_settings(const struct edge_settings **out, const struct cli *cli, const char *name,
                        struct why *why);

#endif
