// SPDX-License-Identifier: Apache-2.0
#include "edge/driver.h"

void edge_close(struct edge *edge)
{
    if (edge != NULL) {
        edge->driver->close(edge);
    }
}

unsigned edge_capabilities(const struct edge *edge)
{
    return edge->driver->capabilities;
}

const char *edge_name(const struct edge *edge)
{
    return edge->name;
}
