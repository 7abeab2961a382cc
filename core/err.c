// SPDX-License-Identifier: Apache-2.0
#include "core/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const words[ERR_COUNT] = {
    [ERR_OK] = "done",
    [ERR_NOMEM] = "out of memory",
    [ERR_LIMIT] = "limit reached",
    [ERR_INVALID] = "invalid input",
    [ERR_NOT_FOUND] = "not found",
    [ERR_EXISTS] = "exists already",
    [ERR_CONFLICT] = "changed by somebody else",
    [ERR_BUSY] = "busy",
    [ERR_DENIED] = "not permitted",
    [ERR_READ_ONLY] = "read-only",
    [ERR_FULL] = "no space left",
    [ERR_IO] = "input/output error",
    [ERR_CORRUPT] = "damaged data",
    [ERR_NEWER] = "written by a newer version",
    [ERR_UNAVAILABLE] = "not available",
    [ERR_INTERRUPTED] = "interrupted",
};

const char *err_str(enum err e)
{
    return e < ERR_COUNT ? words[e] : "unknown error";
}

bool err_is_retryable(enum err e)
{
    return e == ERR_BUSY || e == ERR_CONFLICT || e == ERR_NOMEM || e == ERR_UNAVAILABLE;
}

enum err err_from_errno(int errnum)
{
    switch (errnum) {
    case 0:
        return ERR_OK;
    case ENOMEM:
        return ERR_NOMEM;
    case ENOENT:
    case ENOTDIR:
        return ERR_NOT_FOUND;
    case EEXIST:
        return ERR_EXISTS;
    case EACCES:
    case EPERM:
        return ERR_DENIED;
    case EROFS:
        return ERR_READ_ONLY;
    case ENOSPC:
    case EDQUOT:
        return ERR_FULL;
    case EAGAIN:
    case EBUSY:
        return ERR_BUSY;
    case EINTR:
        return ERR_INTERRUPTED;
    default:
        return ERR_IO;
    }
}

const char *err_file_remedy(int errnum)
{
    switch (err_from_errno(errnum)) {
    case ERR_NOT_FOUND:
        return "check its name";
    case ERR_DENIED:
        return "let this user read it, or run sslauto as one who may";
    case ERR_READ_ONLY:
        return "name a place that can be written";
    case ERR_FULL:
        return "free space on its file system";
    default:
        return "look at the system log for errors of the disk";
    }
}

enum err(why_set)(struct why *why, enum err e, const char *fmt, ...)
{
    if (why != NULL) {
        va_list args;
        va_start(args, fmt);
        (void)vsnprintf(why->text, sizeof why->text, fmt, args);
        va_end(args);
    }
    return e;
}

void why_prefix(struct why *why, const char *fmt, ...)
{
    if (why == NULL) {
        return;
    }
    struct why before = *why;
    va_list args;
    va_start(args, fmt);
    int used = vsnprintf(why->text, sizeof why->text, fmt, args);
    va_end(args);
    if (used < 0 || (size_t)used + 3 > sizeof why->text) {
        return;
    }
    size_t room = sizeof why->text - (size_t)used - 3; // ": " and the end
    size_t len = strnlen(before.text, sizeof before.text);
    len = len < room ? len : room;
    memcpy(why->text + used, ": ", 2);
    memcpy(why->text + used + 2, before.text, len);
    why->text[(size_t)used + 2 + len] = '\0';
}

const char *why_text(const struct why *why, enum err e)
{
    return why != NULL && why->text[0] != '\0' ? why->text : err_str(e);
}
