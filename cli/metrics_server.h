// SPDX-License-Identifier: Apache-2.0
// GET /metrics for Prometheus (text format 0.0.4), and GET /healthz.
#ifndef SSLAUTO_CLI_METRICS_SERVER_H
#define SSLAUTO_CLI_METRICS_SERVER_H

#include "pipeline/pipeline.h"

struct metrics_server;

// where: "ADDRESS:PORT", "[::1]:9108", or "PORT" on 127.0.0.1. store: opened for each request, for
// reading. ERR_INVALID, ERR_UNAVAILABLE (the port is taken).
enum err metrics_server_start(struct metrics_server **out, const char *where, const char *store,
                              struct why *why);
// What the controller counted; may be called from another thread than the server's.
void metrics_server_tell(struct metrics_server *server, const struct controller_sums *sums);
// One more zone was scanned; in the same way.
void metrics_server_scanned(struct metrics_server *server, const struct pipeline_result *result);
void metrics_server_stop(struct metrics_server *server);

#endif
