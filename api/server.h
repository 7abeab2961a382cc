// SPDX-License-Identifier: Apache-2.0
// The server besides HTTP: its threads' handles, files, and who tells edges. Private.
#ifndef SSLAUTO_API_SERVER_H
#define SSLAUTO_API_SERVER_H

#include "api/call.h"
#include "api/deadline.h"
#include "core/buf.h"

struct MHD_Daemon;

struct api_server {
    struct MHD_Daemon *daemon; // owned
    struct api_policy policy;
    struct api_place place;
    struct buf certificate, key;
    struct rate *rate;           // owned; NULL = no limit
    struct deadlines *deadlines; // owned
    struct api_hands hands;
    pthread_key_t worker_key; // of each thread its struct api_worker, owned by the thread
    bool has_key;
    pthread_t settler; // tells edges
    bool has_settler;
    pthread_mutex_t lock; // of the two below
    pthread_cond_t wake;
    bool woken, stop;
};

// Everything but the daemon. *out is for api_server_free also when it fails.
enum err api_server_new(struct api_server **out, const struct api_policy *policy,
                        const struct api_place *place, struct why *why);
// The daemon is stopped already.
void api_server_free(struct api_server *server);
// This thread's handle of the store, opened on first use.
enum err api_server_worker(struct api_worker **out, struct api_server *server, struct why *why);
// There may be something that an edge is to be told.
void api_server_wake(struct api_server *server);

#endif
