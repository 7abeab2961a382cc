// SPDX-License-Identifier: Apache-2.0
// Commands for the processes of a fleet over HAProxy's Runtime API (its management guide, chapter
// 9.3), and their answers: all processes at the same time, each within its time and size.
#ifndef SSLAUTO_EDGE_HAPROXY_RUNTIME_H
#define SSLAUTO_EDGE_HAPROXY_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "edge/haproxy/place.h"

// What one process is told, and what it said. A line is one connection: HAProxy answers its
// commands in their order and closes.
struct runtime {
    const struct place *place; // lent
    struct buf lines;          // whole lines of commands separated by ';'
    size_t line_start;         // of the line that runtime_add adds to
    size_t line_commands;
    struct buf answer; // to all lines, one after the other
    enum err err;      // of the first thing that failed; nothing is sent after it
    struct why why;
};

// max_bytes: of all answers.
void runtime_init(struct runtime *runtime, const struct place *place, size_t max_bytes);
void runtime_done(struct runtime *runtime);

// Adds a command; lines are broken so that each fits HAProxy's buffer. No argument may hold a
// character that means something there: callers check names by map_row_safe or settings_check.
// Without memory, or past the limit, the runtime fails.
void runtime_add(struct runtime *runtime, const char *fmt, ...) PRINTF_LIKE(2, 3);
// Adds a command with lines of data behind it, "key value\n" each.
void runtime_add_payload(struct runtime *runtime, const char *command, struct span lines);

// Sends what was added to every runtime that has not failed, waits for the answers, and forgets
// what was added. A process that fails is told in its runtime; the others are not disturbed.
// timeout_ms: for each line.
void runtime_exchange(struct runtime *runtimes, size_t count, int64_t timeout_ms);

// Fails the runtime when its answer is more than blank lines, as that of a change that was made.
void runtime_expect_silence(struct runtime *runtime);
// The next line of an answer that is not blank, without its end. False at the end.
bool runtime_next_line(struct span *line, struct span *rest);
// Fails the runtime with what an answer means that is not of the form that was asked for: a
// refusal that HAProxy is known to give, or nonsense.
void runtime_refuse(struct runtime *runtime, struct span answer);
// Fails the runtime, unless it has failed before; the words get its place in front.
void runtime_fail(struct runtime *runtime, enum err e, const char *fmt, ...) PRINTF_LIKE(3, 4);
// The first failure of a fleet.
enum err runtime_result(const struct runtime *runtimes, size_t count, struct why *why);

#endif
