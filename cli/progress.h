// SPDX-License-Identifier: Apache-2.0
// How far a scan is: one line on a terminal that rewrites itself, and a summary at the end.
#ifndef SSLAUTO_CLI_PROGRESS_H
#define SSLAUTO_CLI_PROGRESS_H

#include "core/buf.h"
#include "pipeline/pipeline.h"

// "1234/5000 zones  24 %  61.2/s  about 1 minute left  failed: 12 connect_timeout, 3 tls_failed"
enum err progress_print(struct buf *out, const struct pipeline_progress *progress);
// Writes it to stderr over the line before, cut to the terminal's width.
void progress_show(const struct pipeline_progress *progress);
// Wipes that line.
void progress_clear(void);
// "Scanned 5000 zones in 81 s: 3000 upgrade, 1990 keep, ..."
enum err progress_summary(struct buf *out, const struct pipeline_progress *progress);

#endif
