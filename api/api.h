// SPDX-License-Identifier: Apache-2.0
// The program's door: an HTTP server that speaks the zone-settings API of the product, so that
// existing clients need a new base URL and nothing else. docs/api.md tells it for people,
// api/openapi.yaml for programs.
#ifndef SSLAUTO_API_API_H
#define SSLAUTO_API_API_H

#include "core/log.h"
#include "pipeline/pipeline.h"

// What GET /zones/{id}/ssl/recommendation answers: it had two forms in its life.
enum api_recommendation {
    API_RECOMMENDATION_MODE,      // {id, modified_on, value: a mode}, the older form
    API_RECOMMENDATION_AUTOMATIC, // the object of ssl_automatic_mode, since 2025
};

// Keys of [api].
struct api_policy {
    const char *listen;      // "127.0.0.1:8787", "[::1]:8787" or a port of 127.0.0.1
    const char *certificate; // PEM files; NULL = plain HTTP
    const char *key;
    unsigned threads;
    unsigned connections;
    unsigned connections_per_address;
    int64_t
        timeout_s; // of a connection on which nothing happens; a request may take four times that
    int64_t rate_requests; // of one token in rate_window_s; 0 = no limit
    int64_t rate_window_s;
    enum api_recommendation recommendation;
};

struct api_policy api_policy_default(void);

// What the server works with; all is lent and outlives it.
struct api_place {
    const char *store; // each thread opens it for itself
    struct edge *const *edges;
    size_t edge_count;
    const struct controller_policy *controller;
    const struct log *log;
};

struct api_server;

// Listens when it returns. ERR_INVALID for a place or files that make no sense, ERR_UNAVAILABLE
// when nobody can listen there, and the errors of db_open.
enum err api_server_start(struct api_server **out, const struct api_policy *policy,
                          const struct api_place *place, struct why *why);
uint16_t api_server_port(const struct api_server *server);
// More fleets were opened: place.edges has edge_count of them now, the first ones as before.
void api_server_more_edges(struct api_server *server, size_t edge_count);
// Requests in work are answered first.
void api_server_stop(struct api_server *server);

#endif
