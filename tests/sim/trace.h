// SPDX-License-Identifier: Apache-2.0
// What happened in a world, line by line, and a hash of it: equal worlds have equal traces.
#ifndef SSLAUTO_TESTS_SIM_TRACE_H
#define SSLAUTO_TESTS_SIM_TRACE_H

#include <stdint.h>
#include <stdio.h>

struct trace {
    FILE *out; // lent; NULL = the hash alone
    uint64_t hash;
    int64_t lines;
};

void trace_begin(struct trace *trace, FILE *out);
[[gnu::format(printf, 3, 4)]] void trace_add(struct trace *trace, int64_t at, const char *form,
                                             ...);

#endif
