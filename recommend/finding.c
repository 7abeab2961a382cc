// SPDX-License-Identifier: Apache-2.0
#include "recommend/finding.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/limits.h"
#include "core/str.h"
#include "recommend/recommend.h"

void finding_list_done(struct finding_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->at[i].host);
        free(list->at[i].origin);
        free(list->at[i].text);
    }
    free(list->at);
    *list = (struct finding_list){0};
}

static const struct reason_row *row_of(const char *code)
{
    size_t count = 0;
    const struct reason_row *rows = recommend_reasons(&count);
    size_t i = 0;
    while (i < count && strcmp(rows[i].code, code) != 0) {
        i++;
    }
    assert(i < count); // every code is a row of the table
    return &rows[i];
}

// The sentence with its one %s filled in.
static char *fill(const char *sentence, const char *detail)
{
    const char *gap = strstr(sentence, "%s");
    size_t before = gap == NULL ? strlen(sentence) : (size_t)(gap - sentence);
    const char *after = gap == NULL ? "" : gap + 2;
    char *text = NULL;
    int len = asprintf(&text, "%.*s%s%s", (int)before, sentence, gap == NULL ? "" : detail, after);
    return len < 0 ? NULL : text;
}

static bool copy(char **out, const char *text)
{
    *out = text == NULL ? NULL : strdup(text);
    return text == NULL || *out != NULL;
}

static bool grow(struct finding_list *list, size_t more)
{
    struct finding *grown = realloc(list->at, (list->count + more) * sizeof *grown);
    if (grown == NULL) {
        list->no_memory = true;
        return false;
    }
    list->at = grown;
    return true;
}

void finding_add(struct finding_list *list, const char *code, const struct subject *about,
                 const char *detail, ...)
{
    if (list->count >= LIMIT_FINDINGS) {
        list->left_out++;
        return;
    }
    char raw[768];
    char shown[800];
    va_list args;
    va_start(args, detail);
    (void)vsnprintf(raw, sizeof raw, detail, args);
    va_end(args);
    (void)str_printable(shown, sizeof shown, span_of(raw));
    if (!grow(list, 1)) {
        return;
    }
    const struct reason_row *row = row_of(code);
    struct finding *made = &list->at[list->count++];
    *made = (struct finding){.code = row->code, .source = row->source, .remedy = row->remedy};
    made->text = fill(row->sentence, shown);
    bool ok = copy(&made->host, about->host);
    ok = copy(&made->origin, about->origin) && ok;
    if (!ok || made->text == NULL) {
        list->no_memory = true;
    }
}

void finding_append(struct finding_list *to, struct finding_list *from)
{
    size_t room = LIMIT_FINDINGS - to->count;
    size_t moved = from->count < room ? from->count : room;
    to->no_memory = to->no_memory || from->no_memory;
    to->left_out += from->left_out + (from->count - moved);
    if (moved > 0 && grow(to, moved)) {
        memcpy(to->at + to->count, from->at, moved * sizeof *to->at);
        to->count += moved;
        // What was moved has a new owner.
        memmove(from->at, from->at + moved, (from->count - moved) * sizeof *from->at);
        from->count -= moved;
    }
    finding_list_done(from);
}
