// SPDX-License-Identifier: Apache-2.0
#include "cli/lines.h"

#include <errno.h>
#include <sys/stat.h>

enum err lines_open(struct lines *out, const char *path, size_t max_bytes, struct why *why)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *stream = is_stdin ? stdin : fopen(path, "re");
    struct stat st = {0};
    if (stream == NULL || fstat(fileno(stream), &st) != 0) {
        char words[128];
        int errnum = errno;
        if (stream != NULL) {
            (void)fclose(stream);
        }
        return why_set(why, err_from_errno(errnum), "%s: cannot be opened: %s; %s", path,
                       strerror_r(errnum, words, sizeof words), err_file_remedy(errnum));
    }
    if (S_ISDIR(st.st_mode)) {
        (void)fclose(stream);
        return why_set(why, ERR_INVALID, "%s: is a folder, not a file; name a file in it", path);
    }
    *out = (struct lines){
        .stream = stream, .name = is_stdin ? "standard input" : path, .max = max_bytes};
    buf_init(&out->line, max_bytes);
    return ERR_OK;
}

void lines_close(struct lines *lines)
{
    if (lines->stream != NULL && lines->stream != stdin) {
        (void)fclose(lines->stream);
    }
    lines->stream = NULL;
    buf_done(&lines->line);
}

static enum err stream_error(const struct lines *lines, const char *doing, struct why *why)
{
    char words[128];
    int errnum = errno;
    return why_set(why, ERR_IO, "%s: %s: %s", lines->name, doing,
                   strerror_r(errnum, words, sizeof words));
}

enum err lines_keep(struct lines *lines, struct why *why)
{
    struct stat st = {0};
    lines->start = ftello(lines->stream);
    if (lines->start >= 0 && fstat(fileno(lines->stream), &st) == 0 && S_ISREG(st.st_mode)) {
        return ERR_OK;
    }
    FILE *copy = tmpfile();
    if (copy == NULL) {
        return stream_error(lines, "no temporary file can be made for a copy", why);
    }
    char bytes[64 * 1024];
    size_t got = 0;
    bool written = true;
    while (written && (got = fread(bytes, 1, sizeof bytes, lines->stream)) > 0) {
        written = fwrite(bytes, 1, got, copy) == got;
    }
    if (ferror(lines->stream) || !written || fflush(copy) != 0) {
        enum err e = stream_error(
            lines, written ? "cannot be read" : "no room for its copy in a temporary file", why);
        (void)fclose(copy);
        return e;
    }
    if (lines->stream != stdin) {
        (void)fclose(lines->stream);
    }
    lines->stream = copy;
    lines->start = 0;
    return lines_rewind(lines, why);
}

enum err lines_rewind(struct lines *lines, struct why *why)
{
    clearerr(lines->stream);
    lines->number = 0;
    return fseeko(lines->stream, lines->start, SEEK_SET) == 0
               ? ERR_OK
               : stream_error(lines, "cannot be read again", why);
}

static void drop_ends(struct lines *lines)
{
    struct buf *line = &lines->line;
    if (line->len > 0 && line->at[line->len - 1] == '\r') {
        line->at[--line->len] = '\0';
    }
    if (lines->number == 1 && line->len >= 3 && memcmp(line->at, "\xef\xbb\xbf", 3) == 0) {
        line->len -= 3;
        memmove(line->at, line->at + 3, line->len + 1);
    }
}

enum err lines_read(struct lines *lines, struct span *out, struct why *why)
{
    int c = 0;
    bool too_long = false;
    bool has_nul = false;
    bool any = false;
    buf_clear(&lines->line);
    while ((c = getc_unlocked(lines->stream)) != EOF && c != '\n') {
        any = true;
        has_nul = has_nul || c == '\0';
        enum err e = too_long ? ERR_OK : buf_add_char(&lines->line, (char)c);
        if (e == ERR_NOMEM) {
            return e;
        }
        too_long = too_long || e == ERR_LIMIT;
    }
    if (ferror(lines->stream)) {
        char words[128];
        int errnum = errno;
        return why_set(why, ERR_IO, "%s:%zu: cannot be read: %s; %s", lines->name,
                       lines->number + 1, strerror_r(errnum, words, sizeof words),
                       err_file_remedy(errnum));
    }
    if (c == EOF && !any) {
        return ERR_NOT_FOUND;
    }
    lines->number++;
    if (too_long) {
        return why_set(why, ERR_LIMIT, "the line is longer than %zu bytes", lines->max);
    }
    if (has_nul) {
        return why_set(why, ERR_INVALID, "the line holds a NUL byte; is this a text file?");
    }
    drop_ends(lines);
    *out = (struct span){buf_str(&lines->line), lines->line.len};
    return ERR_OK;
}

// Reads one quoted field from line[*at], just behind its opening quote; *len is its length.
static enum err unquote(char *line, size_t line_len, size_t *at, size_t *len, struct why *why)
{
    size_t from = *at;
    size_t to = *at;
    while (from < line_len) {
        if (line[from] == '"' && (from + 1 >= line_len || line[from + 1] != '"')) {
            break;
        }
        from += line[from] == '"'; // "" is one quote
        line[to++] = line[from++];
    }
    if (from >= line_len) {
        return why_set(why, ERR_INVALID, "a quoted field is not closed on its line");
    }
    from++;
    if (from < line_len && line[from] != ',') {
        return why_set(why, ERR_INVALID,
                       "text behind a closing quote; write a quote inside a field as \"\"");
    }
    *len = to - *at;
    *at = from;
    return ERR_OK;
}

// Whether a spreadsheet would run the text as a formula, were it not for apostrophes before it.
static bool is_formula(const char *text, size_t len)
{
    size_t i = 0;
    while (i < len && text[i] == '\'') {
        i++;
    }
    return i < len && text[i] != '\0' && strchr("=+-@\t\r", text[i]) != NULL;
}

enum err csv_split(struct span *fields, size_t *count, char *line, size_t len, struct why *why)
{
    size_t at = 0;
    size_t n = 0;
    *count = 0;
    for (;;) {
        if (n == CSV_MAX_FIELDS) {
            return why_set(why, ERR_INVALID, "more than %d fields", CSV_MAX_FIELDS);
        }
        size_t start = at;
        size_t field_len = 0;
        if (at < len && line[at] == '"') {
            start = ++at;
            enum err e = unquote(line, len, &at, &field_len, why);
            if (e != ERR_OK) {
                return e;
            }
        } else {
            while (at < len && line[at] != ',') {
                if (line[at] == '"') {
                    return why_set(why, ERR_INVALID,
                                   "a quote inside a field that does not begin with one");
                }
                at++;
            }
            field_len = at - start;
        }
        if (is_formula(line + start, field_len) && line[start] == '\'') {
            start++; // csv_add put it there
            field_len--;
        }
        fields[n++] = (struct span){line + start, field_len};
        *count = n;
        if (at >= len) {
            return ERR_OK;
        }
        at++; // the comma
    }
}

enum err csv_add(struct buf *line, const char *field)
{
    enum err e = line->len == 0 ? ERR_OK : buf_add_char(line, ',');
    bool formula = is_formula(field, strlen(field));
    bool quoted = strpbrk(field, ",\"\r\n") != NULL || field[0] == ' ' || formula ||
                  (field[0] == '\0' && line->len == 0);
    if (e == ERR_OK && quoted) {
        e = buf_add_str(line, formula ? "\"'" : "\"");
    }
    for (const char *p = field; e == ERR_OK && *p != '\0'; p++) {
        e = quoted && *p == '"' ? buf_add_str(line, "\"\"") : buf_add_char(line, *p);
    }
    return e == ERR_OK && quoted ? buf_add_char(line, '"') : e;
}
