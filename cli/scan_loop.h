// SPDX-License-Identifier: Apache-2.0
// Scans what becomes due, on a thread of its own with a handle of its own.
#ifndef SSLAUTO_CLI_SCAN_LOOP_H
#define SSLAUTO_CLI_SCAN_LOOP_H

#include "core/log.h"
#include "pipeline/pipeline.h"

struct scan_loop;

// All is lent until scan_loop_stop. log: troubles and findings.
enum err scan_loop_start(struct scan_loop **out, const char *store,
                         const struct pipeline_policy *policy, const struct log *log,
                         struct why *why);
// Ends it cleanly: what is in work is given back. NULL is fine.
void scan_loop_stop(struct scan_loop *loop);

#endif
