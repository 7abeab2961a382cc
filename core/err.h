// SPDX-License-Identifier: Apache-2.0
// Our own failures. What a remote server does is never one of these: that is data in a fetch.
#ifndef SSLAUTO_CORE_ERR_H
#define SSLAUTO_CORE_ERR_H

#include <stdbool.h>

#include "core/attr.h"

enum [[nodiscard]] err {
    ERR_OK = 0,
    ERR_NOMEM,       // no memory
    ERR_LIMIT,       // a named bound of core/limits.h was reached
    ERR_INVALID,     // input that does not have the form it must have
    ERR_NOT_FOUND,   // no such zone, file, key
    ERR_EXISTS,      // there is one already
    ERR_CONFLICT,    // somebody else changed it, or holds the lease
    ERR_BUSY,        // locked now; the same call may work later
    ERR_DENIED,      // the system, or a policy of ours, forbids it
    ERR_READ_ONLY,   // the store or file cannot be written
    ERR_FULL,        // no space left on the device
    ERR_IO,          // a system call failed
    ERR_CORRUPT,     // stored data is damaged
    ERR_NEWER,       // stored data comes from a newer version of sslauto
    ERR_UNAVAILABLE, // something outside does not answer, or not as it must
    ERR_INTERRUPTED, // the operator asked us to stop
    ERR_COUNT
};

// What went wrong in words for the operator: names the place and the remedy. Fixed size, no
// allocation. Every function that takes one accepts NULL.
struct why {
    char text[512];
};

// Short words for the class, e.g. "out of memory".
const char *err_str(enum err e);
// The same call may succeed later without anybody changing anything.
bool err_is_retryable(enum err e);
// The class that fits a value of errno.
enum err err_from_errno(int errnum);
// What to do about a file that could not be opened or read, e.g. "check its name".
const char *err_file_remedy(int errnum);

// Writes the words into why (when given) and returns e, so that a failing function can end with
// `return why_set(why, ERR_INVALID, "line %zu: ...", n);`.
enum err why_set(struct why *why, enum err e, const char *fmt, ...) PRINTF_LIKE(3, 4);
#ifdef __clang_analyzer__ // sees one file at a time: tell it what comes back
#define why_set(why, e, ...) ((void)(why_set)(why, e, __VA_ARGS__), (e))
#endif
// Puts "prefix: " before the words that are there.
void why_prefix(struct why *why, const char *fmt, ...) PRINTF_LIKE(2, 3);
// The words, or those of the class when there are none.
const char *why_text(const struct why *why, enum err e);

#endif
