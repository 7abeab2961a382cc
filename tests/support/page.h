// SPDX-License-Identifier: Apache-2.0
// Pages of docs/ that are printed from a table.
#ifndef SSLAUTO_TESTS_SUPPORT_PAGE_H
#define SSLAUTO_TESTS_SUPPORT_PAGE_H

#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "tests/support/check.h"

// Fails unless the page is what the program prints.
static inline void assert_page(const char *page, const struct buf *printed, const char *program)
{
    struct buf have;
    buf_init(&have, (size_t)1 << 20);
    FILE *in = fopen(page, "rbe");
    assert_non_null(in);
    assert_err(buf_read(&have, in), ERR_OK);
    (void)fclose(in);
    if (strcmp(buf_str(printed), buf_str(&have)) != 0) {
        fail_msg("%s is not what %s prints", page, program);
    }
    buf_done(&have);
}

#endif
