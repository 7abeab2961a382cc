// SPDX-License-Identifier: Apache-2.0
// Work of the resident program that is done again and again beside its rollouts, each on a thread
// of its own with a handle of its own: one that hangs holds nothing else.
#ifndef SSLAUTO_CLI_LOOP_H
#define SSLAUTO_CLI_LOOP_H

#include "cli/command.h"
#include "core/log.h"

// All is lent until loop_stop.
struct loop_work {
    const char *name; // for messages: "scan"
    int64_t every_ms; // from one beginning to the next
    const char *store;
    // ERR_OK when *stop ended it. Troubles are told, and the work is tried again.
    enum err (*pass)(struct db *db, void *ctx, const volatile sig_atomic_t *stop, struct why *why);
    void *ctx;
    const struct log *log;
};

struct loop;

enum err loop_start(struct loop **out, const struct loop_work *work, struct why *why);
// Asks the pass to end and waits for it. NULL is fine.
void loop_stop(struct loop *loop);

#endif
