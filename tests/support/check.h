// SPDX-License-Identifier: Apache-2.0
// The one way tests include cmocka, and our own assertions.
#ifndef SSLAUTO_TESTS_SUPPORT_CHECK_H
#define SSLAUTO_TESTS_SUPPORT_CHECK_H

// cmocka.h wants these before it, in this order.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

#include "core/err.h"

// Fails with the words of `why` (may be NULL).
#define assert_ok(expr, why)                                                                       \
    do {                                                                                           \
        enum err assert_ok_e = (expr);                                                             \
        if (assert_ok_e != ERR_OK) {                                                               \
            fail_msg("%s: %s", #expr, why_text(why, assert_ok_e));                                 \
        }                                                                                          \
    } while (0)

#define assert_err(expr, expected)                                                                 \
    do {                                                                                           \
        enum err assert_err_e = (expr);                                                            \
        if (assert_err_e != (expected)) {                                                          \
            fail_msg("%s: %s, not %s", #expr, err_str(assert_err_e), err_str(expected));           \
        }                                                                                          \
    } while (0)

#endif
