// SPDX-License-Identifier: Apache-2.0
// Prints docs/rollout-reasons.md: `print_rollout_reasons > docs/rollout-reasons.md`.
#include <stdio.h>

#include "tests/unit/rollout/reasons_text.h"

int main(void)
{
    struct buf text;
    buf_init(&text, (size_t)1 << 20);
    bool ok = rollout_reasons_text(&text) == ERR_OK && fputs(buf_str(&text), stdout) >= 0 &&
              fflush(stdout) == 0;
    buf_done(&text);
    return ok ? 0 : 1;
}
