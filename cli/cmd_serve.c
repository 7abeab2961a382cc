// SPDX-License-Identifier: Apache-2.0
// serve: the API until a signal ends it.
#include <unistd.h>

#include "cli/command.h"
#include "cli/edges.h"
#include "cli/notify.h"
#include "cli/stop.h"
#include "cli/watching.h"
#include "core/time.h"

#define NAP_MS    100   // how soon a signal is seen
#define REOPEN_MS 10000 // between two tries to open fleets that were away

// This thread has time: a fleet that was away is opened here, while the others are in use.
static void reopen(struct cli *cli, struct edges *edges, struct api_server *server)
{
    size_t before = edges->count;
    (void)edges_open(edges, cli); // without memory: next time
    if (edges->count > before) {
        api_server_more_edges(server, edges->count);
    }
}

static void serve_until(const volatile sig_atomic_t *stop, struct cli *cli, struct edges *edges,
                        struct api_server *server)
{
    int64_t told_ms = time_monotonic_ms();
    int64_t opened_ms = told_ms;
    while (*stop == 0) {
        if (edges->count < cli->settings->edge_count &&
            time_monotonic_ms() - opened_ms >= REOPEN_MS) {
            reopen(cli, edges, server);
            opened_ms = time_monotonic_ms();
        }
        int64_t every = notify_alive_ms();
        if (every > 0 && time_monotonic_ms() - told_ms >= every) {
            told_ms = time_monotonic_ms();
            notify_alive();
        }
        (void)usleep(NAP_MS * 1000);
    }
}

// Where it really listens: the port may have been 0.
static void tell(const struct cli *cli, const struct api_server *server)
{
    const struct api_policy *policy = &cli->settings->api;
    const char *colon = strrchr(policy->listen, ':');
    int length = colon == NULL ? 0 : (int)(colon - policy->listen);
    cli_note(cli, "Listening at %s://%.*s:%u/client/v4",
             policy->certificate == NULL ? "http" : "https", colon == NULL ? 9 : length,
             colon == NULL ? "127.0.0.1" : policy->listen, (unsigned)api_server_port(server));
}

enum leave cmd_serve(struct cli *cli)
{
    struct why why = {""};
    const char *where = args_text(&cli->args, "listen");
    const volatile sig_atomic_t *stop = stop_on_signals();
    struct api_server *server = NULL;
    OWN(edges_close) struct edges edges = {0};
    enum err e =
        where == NULL ? ERR_OK : settings_set(cli->settings, "api.listen", where, "--listen", &why);
    e = e == ERR_OK ? edges_prepare(cli, &why) : e;
    e = e == ERR_OK ? edges_open(&edges, cli) : e;
    struct log log = watching_log(cli);
    const struct api_place place = {.store = cli->store,
                                    .edges = edges.list,
                                    .edge_count = edges.count,
                                    .controller = &cli->settings->controller,
                                    .log = &log};
    e = e == ERR_OK ? api_server_start(&server, &cli->settings->api, &place, &why) : e;
    if (e != ERR_OK) {
        return e == ERR_INVALID ? cli_refuse(cli, e, &why) : cli_fail(cli, e, &why);
    }
    tell(cli, server);
    notify_ready("serving");
    serve_until(stop, cli, &edges, server);
    notify_stopping();
    api_server_stop(server);
    return LEAVE_DONE;
}
