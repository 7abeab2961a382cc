// SPDX-License-Identifier: Apache-2.0
// Makes and sends digests that become due, on a thread of its own with a handle of its own: a mail
// server that does not answer holds nothing else.
#ifndef SSLAUTO_CLI_DIGEST_LOOP_H
#define SSLAUTO_CLI_DIGEST_LOOP_H

#include "core/log.h"
#include "pipeline/pipeline.h"

struct digest_loop;

// All is lent until digest_loop_stop.
enum err digest_loop_start(struct digest_loop **out, const char *store,
                           const struct digest_policy *policy, const struct log *log,
                           struct why *why);
// Waits for the message that is being sent. NULL is fine.
void digest_loop_stop(struct digest_loop *loop);
// A line for each dispatch; ctx is a struct log.
void digest_loop_tell(void *ctx, const struct db_dispatch *one);

#endif
