// SPDX-License-Identifier: Apache-2.0
// Lines for the operator on stderr. Only pipeline, cli and api write them, once, where a decision
// is taken. Under systemd (`priority`) each line begins with the journal's level, as in
// sd-daemon(3).
#ifndef SSLAUTO_CORE_LOG_H
#define SSLAUTO_CORE_LOG_H

#include <stdbool.h>
#include <stdio.h>

#include "core/attr.h"

enum log_level {
    LOG_LEVEL_ERROR,
    LOG_LEVEL_WARNING,
    LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG,
    LOG_LEVEL_COUNT
};

struct log {
    FILE *to;             // lent
    enum log_level level; // the most talkative level that is written
    bool priority;        // "<6>" before each line
};

const char *log_level_str(enum log_level level); // "error" "warning" "info" "debug"

// One line: "sslauto: warning: words". Bytes that are not printable ASCII become \xNN, so that
// remote text cannot forge lines or colours.
void log_line(const struct log *log, enum log_level level, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
