// SPDX-License-Identifier: Apache-2.0
// Compiler attributes under one roof, and the one macro for locals that own something.
#ifndef SSLAUTO_CORE_ATTR_H
#define SSLAUTO_CORE_ATTR_H

// A local that owns: released by FN(&local) when it goes out of scope. FN must accept a pointer
// to a NULL (or zeroed) owner. Hand the value on with the type's _take function, or by setting
// the local to NULL in the next line.
#define OWN(fn) __attribute__((cleanup(fn)))

#define PRINTF_LIKE(fmt_at, args_at) __attribute__((format(printf, fmt_at, args_at)))

// Defines `static void NAME(TYPE **p)` that frees what *p owns, for use with OWN.
#define DEFINE_OWN(name, type, free_fn)                                                            \
    [[maybe_unused]] static inline void name(type **p)                                             \
    {                                                                                              \
        free_fn(*p);                                                                               \
        *p = NULL;                                                                                 \
    }

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
