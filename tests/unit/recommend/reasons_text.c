// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/recommend/reasons_text.h"

#include "recommend/recommend.h"

static enum err add_row(struct buf *out, const struct reason_row *row)
{
    const char *gap = strstr(row->sentence, "%s");
    enum err e = buf_printf(out, "| `%s` | ", row->code);
    if (e == ERR_OK && gap != NULL) {
        struct span before = {row->sentence, (size_t)(gap - row->sentence)};
        e = buf_add_span(out, before);
        if (e == ERR_OK) {
            e = buf_printf(out, "...%s", gap + 2);
        }
    } else if (e == ERR_OK) {
        e = buf_add_str(out, row->sentence);
    }
    return e == ERR_OK ? buf_printf(out, " | %s | %s |\n", row->source, row->remedy) : e;
}

enum err reasons_text(struct buf *out)
{
    enum err e = buf_add_str(
        out, "# Reasons and blockers\n\n"
             "Everything `sslauto` can say about a zone. This page is printed from the table in\n"
             "`recommend/reasons.c` by the program `print_reasons`, and a test keeps the two "
             "equal.\n"
             "`...` stands for the detail of the case. What has no remedy needs nothing.\n\n"
             "| code | sentence | source | remedy |\n|---|---|---|---|\n");
    size_t count = 0;
    const struct reason_row *rows = recommend_reasons(&count);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        e = add_row(out, &rows[i]);
    }
    return e;
}
