// SPDX-License-Identifier: Apache-2.0
#include "man/roff.h"

#include <stdbool.h>
#include <string.h>

static void put(FILE *out, char c)
{
    switch (c) {
    case '\\':
        (void)fputs("\\e", out);
        break;
    case '-': // a plain one, that can be copied to a command line
        (void)fputs("\\-", out);
        break;
    case '^':
        (void)fputs("\\(ha", out);
        break;
    case '~':
        (void)fputs("\\(ti", out);
        break;
    case '\'':
        (void)fputs("\\(aq", out);
        break;
    case '"':
        (void)fputs("\\(dq", out);
        break;
    default:
        (void)fputc(c, out);
    }
}

void roff_inline(FILE *out, const char *words)
{
    for (const char *at = words; *at != '\0'; at++) {
        put(out, *at);
    }
}

// Lines of about this many characters in the source; sentences begin new ones.
#define LINE_MAX 68

void roff_words(FILE *out, const char *words, size_t len)
{
    bool bold = false;
    size_t column = 0;
    for (size_t i = 0; i < len; i++) {
        char c = words[i];
        bool sentence = i > 0 && strchr(".?!", words[i - 1]) != NULL;
        if (c == ' ' && !bold && (sentence || column > LINE_MAX)) {
            (void)fputc('\n', out);
            column = 0;
            continue;
        }
        if (c == '`') {
            bold = !bold;
            (void)fputs(bold ? "\\fB" : "\\fR", out);
        } else {
            if (column == 0 && c == '.') { // a line that begins so would be a request
                (void)fputs("\\&", out);
            }
            put(out, c);
        }
        column++;
    }
    (void)fputs(bold ? "\\fR\n" : "\n", out);
}

void roff_paragraphs(FILE *out, const char *text)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        if (len > 0) {
            (void)fputs(".PP\n", out);
            roff_words(out, text, len);
        }
        text += len + (text[len] == '\n');
    }
}

void roff_heading(FILE *out, const char *name)
{
    (void)fprintf(out, ".SH \"%s\"\n", name);
}
