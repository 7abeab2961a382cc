// SPDX-License-Identifier: Apache-2.0
// The part for those who read mail as text: lines of 72 columns, made by us, so that no client has
// to fold them.
#include <ctype.h>

#include "core/str.h"
#include "core/time.h"
#include "digest/words.h"
#include "model/week.h"

// Bytes of the first `columns` letters of UTF-8, whole ones only.
static size_t bytes_of(struct span text, size_t columns)
{
    size_t at = 0;
    while (at < text.len && columns > 0) {
        do {
            at++;
        } while (at < text.len && ((unsigned char)text.at[at] & 0xc0) == 0x80);
        columns--;
    }
    return at;
}

// Where a line of that many columns ends: at a space where there is one, else in the word.
static size_t line_of(struct span text, size_t columns)
{
    size_t most = bytes_of(text, columns);
    if (most == text.len || text.at[most] == ' ') {
        return most;
    }
    for (size_t at = most; at > 0; at--) {
        if (text.at[at - 1] == ' ') {
            return at - 1 > 0 ? at - 1 : most;
        }
    }
    return most;
}

// Words from stores and origins: nothing in them ends a line or steers a terminal.
static enum err put(struct buf *out, const char *first, const char *indent, const char *text)
{
    struct buf safe;
    buf_init(&safe, out->max);
    enum err e = str_add_terminal(&safe, span_of(text));
    struct span rest = span_trim(buf_span(&safe));
    const char *before = first;
    while (e == ERR_OK && rest.len > 0) {
        size_t len = line_of(rest, DIGEST_TEXT_COLUMNS - strlen(before));
        e = buf_printf(out, "%s%.*s\n", before, (int)len, rest.at);
        rest = span_trim((struct span){rest.at + len, rest.len - len});
        before = indent;
    }
    buf_done(&safe);
    return e;
}

static enum err put_title(struct buf *out, const char *title, size_t total)
{
    enum err e = buf_add_char(out, '\n');
    for (const char *c = title; e == ERR_OK && *c != '\0'; c++) {
        e = buf_add_char(out, (char)toupper((unsigned char)*c));
    }
    if (e == ERR_OK && total > 0) {
        e = buf_printf(out, " (%zu)", total);
    }
    return e == ERR_OK ? buf_add_char(out, '\n') : e;
}

static enum err put_item(struct buf *out, const struct digest *digest, enum digest_section section,
                         const struct digest_item *item, const struct digest_links *links)
{
    struct buf head;
    struct buf link;
    buf_init(&head, LIMIT_OUTPUT_FIELD);
    buf_init(&link, LIMIT_OUTPUT_FIELD);
    enum err e = put(out, "\n* ", "  ", item->zone);
    e = e == ERR_OK ? words_item(&head, section, item, digest->made_at) : e;
    e = e == ERR_OK ? put(out, "  ", "  ", buf_str(&head)) : e;
    e = e == ERR_OK ? put(out, "  ", "  ", item->text) : e;
    e = e == ERR_OK ? put(out, "  -> ", "     ", item->remedy) : e;
    e = e == ERR_OK ? words_zone_link(&link, digest, links, item) : e;
    if (e == ERR_OK && link.len > 0) { // whole, however long: a link in two lines is none
        e = buf_printf(out, "  %s\n", buf_str(&link));
    }
    buf_done(&head);
    buf_done(&link);
    return e;
}

static enum err put_section(struct buf *out, const struct digest *digest,
                            enum digest_section section, const struct digest_links *links)
{
    const struct digest_part *part = &digest->parts[section];
    const struct section_words *words = words_section(section);
    if (part->total == 0) {
        return ERR_OK;
    }
    enum err e = put_title(out, words->title, part->total);
    e = e == ERR_OK ? put(out, "", "", words->lead) : e;
    for (size_t i = 0; e == ERR_OK && i < part->count; i++) {
        e = put_item(out, digest, section, &part->items[i], links);
    }
    if (e == ERR_OK && part->total > part->count) {
        e = buf_printf(out, "\n  ... and %zu more\n", part->total - part->count);
    }
    return e;
}

// The last four weeks: one column each.
static enum err put_modes(struct buf *out, const struct digest *digest)
{
    size_t from = digest->mode_count > 4 ? digest->mode_count - 4 : 0;
    if (digest->mode_count == 0) {
        return ERR_OK;
    }
    enum err e = put_title(out, "Zones by mode", 0);
    e = e == ERR_OK ? buf_printf(out, "\n%-32s", "") : e;
    for (size_t i = from; e == ERR_OK && i < digest->mode_count; i++) {
        char week[WEEK_TEXT_SIZE];
        e = buf_printf(out, "%10s", week_print(week, digest->modes[i].week));
    }
    for (int mode = 0; e == ERR_OK && mode < MODE_COUNT; mode++) {
        e = buf_printf(out, "\n%-32s", mode_title((enum mode)mode));
        for (size_t i = from; e == ERR_OK && i < digest->mode_count; i++) {
            e = buf_printf(out, "%10lld", (long long)digest->modes[i].zones[mode]);
        }
    }
    return e == ERR_OK ? buf_add_char(out, '\n') : e;
}

static enum err put_head(struct buf *out, const struct digest *digest)
{
    struct buf line;
    buf_init(&line, LIMIT_OUTPUT_FIELD);
    enum err e =
        buf_printf(&line, "Encryption between the edge and the origins of %.200s", digest->account);
    e = e == ERR_OK ? put(out, "", "", buf_str(&line)) : e;
    buf_clear(&line);
    if (e == ERR_OK && !digest->notice) {
        char week[WEEK_TEXT_SIZE];
        e = buf_printf(&line, "Week %s: ", week_print(week, digest->week));
        e = e == ERR_OK ? words_days(&line, digest->week) : e;
        e = e == ERR_OK ? put(out, "", "", buf_str(&line)) : e;
        buf_clear(&line);
    }
    e = e == ERR_OK ? buf_add_char(out, '\n') : e;
    e = e == ERR_OK ? words_sums(&line, digest) : e;
    e = e == ERR_OK ? put(out, "", "", buf_str(&line)) : e;
    buf_done(&line);
    return e;
}

enum err digest_text(struct buf *out, const struct digest *digest, const struct digest_links *links)
{
    enum err e = put_head(out, digest);
    for (unsigned i = 0; e == ERR_OK && i < DIGEST_SECTION_COUNT; i++) {
        e = put_section(out, digest, (enum digest_section)i, links);
    }
    e = e == ERR_OK ? put_modes(out, digest) : e;
    if (e == ERR_OK && links->overview != NULL) {
        e = buf_printf(out, "\nMore:\n%s\n", links->overview);
    }
    e = e == ERR_OK ? buf_add_str(out, "\n-- \n") : e; // RFC 3676 section 4.3
    return e == ERR_OK ? put(out, "", "", words_foot(digest)) : e;
}
