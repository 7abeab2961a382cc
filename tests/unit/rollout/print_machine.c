// SPDX-License-Identifier: Apache-2.0
// Prints docs/state-machine.md: `print_machine > docs/state-machine.md`.
#include <stdio.h>

#include "tests/unit/rollout/machine_text.h"

int main(void)
{
    struct buf text;
    buf_init(&text, (size_t)1 << 20);
    bool ok =
        machine_text(&text) == ERR_OK && fputs(buf_str(&text), stdout) >= 0 && fflush(stdout) == 0;
    buf_done(&text);
    return ok ? 0 : 1;
}
