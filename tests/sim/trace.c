// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/trace.h"

#include <inttypes.h>
#include <stdarg.h>

void trace_begin(struct trace *trace, FILE *out)
{
    *trace = (struct trace){.out = out, .hash = 14695981039346656037U};
}

// FNV-1a (RFC 9923 section 2).
void trace_add(struct trace *trace, int64_t at, const char *form, ...)
{
    char line[320];
    int begun = snprintf(line, sizeof line, "%7" PRId64 " ", at);
    va_list args;
    va_start(args, form);
    (void)vsnprintf(line + begun, sizeof line - (size_t)begun, form, args);
    va_end(args);
    for (const char *c = line; *c != '\0'; c++) {
        trace->hash = (trace->hash ^ (unsigned char)*c) * 1099511628211U;
    }
    trace->lines++;
    if (trace->out != NULL) {
        (void)fprintf(trace->out, "%s\n", line);
    }
}
