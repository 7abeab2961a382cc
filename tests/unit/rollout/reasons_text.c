// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/rollout/reasons_text.h"

#include "rollout/rollout.h"

enum err rollout_reasons_text(struct buf *out)
{
    enum err e = buf_add_str(
        out,
        "# Reasons of rollouts\n\n"
        "Why a rollout stands where it stands, waits, or went back, as `sslauto rollout status`,\n"
        "`rollout history` and the metrics name it. This page is printed from the table in\n"
        "`rollout/reasons.c` by the program `print_rollout_reasons`, and a test keeps the two\n"
        "equal. What has no remedy needs nothing.\n\n"
        "| code | sentence | remedy |\n|---|---|---|\n");
    for (unsigned i = 0; e == ERR_OK && i < ROLLOUT_REASON_COUNT; i++) {
        const struct rollout_reason_row *row = rollout_reason_row((enum rollout_reason)i);
        if (row->sentence[0] != '\0') {
            e = buf_printf(out, "| `%s` | %s | %s |\n", rollout_reason_str(row->reason),
                           row->sentence, row->remedy);
        }
    }
    return e;
}
