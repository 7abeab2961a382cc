// SPDX-License-Identifier: Apache-2.0
// Prints docs/reasons.md: `print_reasons > docs/reasons.md`.
#include <stdio.h>

#include "tests/unit/recommend/reasons_text.h"

int main(void)
{
    struct buf text;
    buf_init(&text, (size_t)1 << 20);
    bool ok =
        reasons_text(&text) == ERR_OK && fputs(buf_str(&text), stdout) >= 0 && fflush(stdout) == 0;
    buf_done(&text);
    return ok ? 0 : 1;
}
