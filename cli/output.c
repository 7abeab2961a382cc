// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/limits.h"
#include "core/str.h"

bool output_wants_color(const char *when, int fd)
{
    if (when != NULL && strcmp(when, "auto") != 0) {
        return strcmp(when, "always") == 0;
    }
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    bool forbidden = no_color != NULL && *no_color != '\0';
    return !forbidden && isatty(fd) == 1 && (term == NULL || strcmp(term, "dumb") != 0);
}

void output_text(const struct output *out, enum style style, const char *text)
{
    static const char *const codes[STYLE_COUNT] = {
        [STYLE_NONE] = "",         [STYLE_BOLD] = "\033[1m",  [STYLE_FAINT] = "\033[2m",
        [STYLE_GOOD] = "\033[32m", [STYLE_WARN] = "\033[33m", [STYLE_BAD] = "\033[31m",
    };
    struct buf safe;
    buf_init(&safe, 4 * LIMIT_OUTPUT_FIELD);
    bool styled = out->color && style != STYLE_NONE;
    (void)str_add_terminal(&safe, span_of(text));
    (void)printf("%s%s%s", styled ? codes[style] : "", buf_str(&safe), styled ? "\033[0m" : "");
    buf_done(&safe);
}

void output_print(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    (void)vprintf(fmt, args);
    va_end(args);
}

static size_t width(void)
{
    struct winsize size = {0};
    if (isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
        size.ws_col >= 40) {
        return size.ws_col < 100 ? size.ws_col : 100;
    }
    return 80;
}

void output_wrap(size_t indent, const char *text)
{
    struct buf safe;
    buf_init(&safe, 4 * LIMIT_OUTPUT_FIELD);
    (void)str_add_terminal(&safe, span_of(text));
    size_t columns = width();
    size_t at = 0;
    struct span rest = buf_span(&safe);
    while (rest.len > 0) {
        struct span word = span_cut(&rest, ' ');
        if (at == 0 || at + 1 + word.len > columns) {
            (void)printf("%s%*s", at == 0 ? "" : "\n", (int)indent, "");
            at = indent;
        } else {
            (void)putchar(' ');
            at++;
        }
        (void)fwrite(word.at, 1, word.len, stdout);
        at += word.len;
    }
    (void)putchar('\n');
    buf_done(&safe);
}

static enum err dump(const json_t *json, size_t flags)
{
    if (json == NULL) {
        return ERR_NOMEM;
    }
    if (json_dumpf(json, stdout, flags | JSON_REAL_PRECISION(15)) != 0) {
        return ferror(stdout) ? ERR_IO : ERR_NOMEM;
    }
    return putchar('\n') == EOF ? ERR_IO : ERR_OK;
}

enum err output_json_line(const json_t *json)
{
    return dump(json, JSON_COMPACT);
}

enum err output_json_pretty(const json_t *json)
{
    return dump(json, JSON_INDENT(2));
}

enum err output_check(void)
{
    return ferror(stdout) ? ERR_IO : ERR_OK;
}

enum err output_finish(struct why *why)
{
    errno = 0;
    bool failed = ferror(stdout) != 0;
    if (fflush(stdout) != 0 || (fclose(stdout) != 0 && errno != EBADF)) {
        failed = true;
    }
    if (!failed) {
        return ERR_OK;
    }
    if (errno == EPIPE) {
        return why_set(why, ERR_IO, "%s", "");
    }
    char text[128];
    return why_set(why, ERR_IO, "standard output cannot be written: %s",
                   errno == 0 ? "a write failed" : strerror_r(errno, text, sizeof text));
}
