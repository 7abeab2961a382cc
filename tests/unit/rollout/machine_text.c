// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/rollout/machine_text.h"

#include "rollout/rollout.h"

struct text {
    struct buf *out;
    enum err e;
};

static void add_line(void *ctx, const char *line)
{
    struct text *text = ctx;
    if (text->e == ERR_OK) {
        text->e = buf_printf(text->out, "%s\n", line);
    }
}

enum err machine_text(struct buf *out)
{
    struct text text = {.out = out, .e = ERR_OK};
    rollout_machine_print(add_line, &text);
    return text.e;
}
