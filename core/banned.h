// SPDX-License-Identifier: Apache-2.0
// Force-included into every file: calls that do not compile here, and what to use instead.
#ifndef SSLAUTO_CORE_BANNED_H
#define SSLAUTO_CORE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// Fortified headers make these macros with clang; a poisoned macro is a warning.
#undef sprintf
#undef vsprintf

// Unbounded or silently truncating copies: core/buf.h, or snprintf with its result checked.
#pragma GCC poison strcpy strcat stpcpy strncpy strncat sprintf vsprintf gets
// Hidden state: core/span.h, core/time.h.
#pragma GCC poison strtok gmtime localtime ctime asctime strerror
// No error can be seen: core/num.h.
#pragma GCC poison atoi atol atoll atof

#endif
