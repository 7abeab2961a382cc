// SPDX-License-Identifier: Apache-2.0
// ssl_automatic_mode of zones at a server that speaks the API.
#ifndef SSLAUTO_CLI_OPT_REMOTE_H
#define SSLAUTO_CLI_OPT_REMOTE_H

#include <signal.h>

#include "core/err.h"
#include "model/zone.h"

struct opt_remote;

struct opt_remote_policy {
    const char *url; // lent; "https://HOST/client/v4", with or without a slash behind it
    const char *token_file;
    const char *ca_file; // NULL = the system's
    const volatile sig_atomic_t *stop;
    void (*wait)(void *ctx, int64_t seconds, const char *because); // told before it waits
    void *ctx;
};

enum err opt_remote_open(struct opt_remote **out, const struct opt_remote_policy *policy,
                         struct why *why);
void opt_remote_close(struct opt_remote *remote);
DEFINE_OWN(opt_remote_own, struct opt_remote, opt_remote_close)

// id_or_name becomes the id. ERR_DENIED: the token is unknown (401), no other zone will do better.
// ERR_INTERRUPTED: *stop. ERR_UNAVAILABLE, ERR_INVALID, ERR_NOT_FOUND, ERR_CONFLICT are about this
// zone.
enum err opt_remote_set(struct opt_remote *remote, const char *id_or_name, char id[33],
                        enum automatic automatic, bool *changed, struct why *why);

#endif
