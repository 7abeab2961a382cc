// SPDX-License-Identifier: Apache-2.0
#include "core/log.h"

#include <stdarg.h>

static const char *const names[LOG_LEVEL_COUNT] = {
    [LOG_LEVEL_ERROR] = "error",
    [LOG_LEVEL_WARNING] = "warning",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_DEBUG] = "debug",
};

// syslog(3): 3 = error, 4 = warning, 6 = informational, 7 = debug
static const char *const priorities[LOG_LEVEL_COUNT] = {
    [LOG_LEVEL_ERROR] = "<3>",
    [LOG_LEVEL_WARNING] = "<4>",
    [LOG_LEVEL_INFO] = "<6>",
    [LOG_LEVEL_DEBUG] = "<7>",
};

const char *log_level_str(enum log_level level)
{
    return level < LOG_LEVEL_COUNT ? names[level] : "unknown";
}

void log_line(const struct log *log, enum log_level level, const char *fmt, ...)
{
    if (level > log->level) {
        return;
    }
    char words[1024];
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(words, sizeof words, fmt, args);
    va_end(args);
    if (len < 0) {
        return;
    }
    char safe[4 * sizeof words];
    size_t used = 0;
    for (const char *p = words; *p != '\0'; p++) {
        if (*p >= ' ' && *p <= '~') {
            safe[used++] = *p;
        } else {
            used += (size_t)snprintf(safe + used, 5, "\\x%02x", (unsigned char)*p);
        }
    }
    safe[used] = '\0';
    (void)fprintf(log->to, "%ssslauto: %s: %s\n", log->priority ? priorities[level] : "",
                  log_level_str(level), safe);
}
