// SPDX-License-Identifier: Apache-2.0
// The configuration as the rooms take it, assembled from core/conf by the tables of conf_schema.c.
#ifndef SSLAUTO_CLI_SETTINGS_H
#define SSLAUTO_CLI_SETTINGS_H

#include "api/api.h"
#include "cli/cli.h"
#include "core/conf.h"
#include "core/limits.h"
#include "core/log.h"
#include "pipeline/pipeline.h"

struct settings {
    struct conf *conf; // owned
    const char *file;  // lent: the file that was read, NULL = none is there
    // Lent from conf and valid until it changes; settings_assemble makes them anew.
    struct pipeline_policy policy;
    struct trust_file trust[LIMIT_TRUST_SETS + 1];
    size_t trust_count;
    const char *store_url; // NULL = not set
    enum log_level log_level;
    struct controller_policy controller;
    struct edge_settings edges[LIMIT_EDGES]; // the first is "dryrun", which is always there
    size_t edge_count;
    struct edge_settings haproxy; // what [haproxy] says, for all its fleets
    struct api_policy api;
    int64_t exec_timeout_ms;
    struct digest_policy digest;
    char *probe_secret; // owned; NULL until settings_read_secret
};

// path: NULL = $SSLAUTO_CONFIG, else /etc/sslauto/sslauto.conf where that exists, else defaults.
// Complaints as in conf_read.
enum err settings_load(struct settings **out, const char *path, conf_report *report, void *ctx,
                       struct why *why);
void settings_free(struct settings *settings);
DEFINE_OWN(settings_own, struct settings, settings_free)

// One key set by an option of the command line.
enum err settings_set(struct settings *settings, const char *key, const char *value,
                      const char *option, struct why *why);
// --allow-net: adds one network to those of the file. ERR_INVALID when it is none.
enum err settings_add_net(struct settings *settings, const char *net, struct why *why);
// After the last settings_set: fills all above again. ERR_LIMIT past LIMIT_TRUST_SETS; ERR_INVALID
// for lists and fleets that make no sense, and rollout policies that contradict themselves.
enum err settings_assemble(struct settings *settings, struct why *why);
// Before edges are opened: puts the secret of haproxy.probe_secret_file into the settings of the
// fleets. Nothing to do where no file is named.
enum err settings_read_secret(struct settings *settings, struct why *why);
// The fleet of that name; NULL = none.
const struct edge_settings *settings_edge(const struct settings *settings, const char *name);
bool settings_has_trust(const struct settings *settings, const char *name);
// What reading alone cannot tell: files are there and can be read, networks parse. Each complaint
// is one call of report; ERR_INVALID when there was one.
enum err settings_verify(const struct settings *settings, conf_report *report, void *ctx,
                         struct why *why);

// How conf_schema.c binds keys to fields.
enum bind_kind {
    BIND_UNSIGNED,
    BIND_INT,
    BIND_INT64,   // as read: ms, bytes, numbers
    BIND_SECONDS, // a duration in ms becomes seconds
    BIND_SIZE,
    BIND_DOUBLE,
    BIND_TEXT, // const char *, NULL = unset
    BIND_TLS,  // the word "1.2" becomes 12
    BIND_BOOL,
    BIND_PORT,  // uint16_t
    BIND_SHARE, // percent become basis points, int
};

struct binding {
    const char *key;
    size_t offset; // in struct settings
    enum bind_kind kind;
};

const struct binding *settings_bindings(size_t *count);

// Parts of settings_assemble, in cli/settings_edge.c: lists of [rollout], rows of [edge].
enum err settings_assemble_rollout(struct settings *settings, struct why *why);
enum err settings_assemble_edges(struct settings *settings, struct why *why);
// And in cli/settings_digest.c: [mail], [digest], [webhook].
enum err settings_assemble_digest(struct settings *settings, struct why *why);

#endif
