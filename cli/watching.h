// SPDX-License-Identifier: Apache-2.0
// What scans, rollouts and digests do, as lines for the operator.
#ifndef SSLAUTO_CLI_WATCHING_H
#define SSLAUTO_CLI_WATCHING_H

#include "cli/command.h"
#include "core/log.h"

// To stderr, with the journal's levels under systemd (systemd.exec(5), $JOURNAL_STREAM).
struct log watching_log(const struct cli *cli);
// A line for a zone that was scanned; "next scan" with the time of it.
void watching_scanned(const struct log *log, const struct pipeline_result *result);
// A line for a zone whose scan failed by itself.
void watching_scan_trouble(const struct log *log, const struct zone *zone, const char *words);
// A watch that writes each transition and each trouble to *log, which must outlive it.
struct controller_watch watching_rollouts(const struct log *log, const volatile sig_atomic_t *stop);
// A watch that writes each dispatch and each trouble to *log, which must outlive it.
struct digest_watch watching_digests(const struct log *log, const volatile sig_atomic_t *stop);

#endif
