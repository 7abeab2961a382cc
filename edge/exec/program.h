// SPDX-License-Identifier: Apache-2.0
// One run of the operator's program: a document to its standard input, its standard output
// collected, the end of its standard error kept as words. No shell, a process group of its own, no
// descriptor of ours, and a limit on its time.
#ifndef SSLAUTO_EDGE_EXEC_PROGRAM_H
#define SSLAUTO_EDGE_EXEC_PROGRAM_H

#include <stdint.h>

#include "core/buf.h"

struct program_call {
    const char *const *argv;        // NULL at the end; argv[0] is the file
    const char *const *environment; // NULL at the end; all that it gets
    int64_t timeout_ms;             // without an end, and without reading more of the document
    // Adds the next piece of the document to the empty `out`; adding nothing ends it.
    enum err (*feed)(void *ctx, struct buf *out);
    void *ctx;
    size_t answer_max; // bytes of standard output
};

struct program_end {
    bool timed_out;    // it was ended for that
    bool flooded;      // so it was for more than answer_max
    bool unread;       // it did not read the whole document
    int exit_code;     // -1 when a signal ended it
    int signal;        // 0 when it exited
    struct buf answer; // owned
    char words[320];   // the end of its standard error, printable, one line
};

void program_end_done(struct program_end *end);

// Whatever the program does is told in *out, which has to be released also when this fails.
// ERR_UNAVAILABLE: it could not be started, why says so. An error of feed() ends it and is
// returned. When it returns, nothing of its process group is running any more.
enum err program_run(struct program_end *out, const struct program_call *call, struct why *why);

#endif
